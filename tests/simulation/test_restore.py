"""Worlds in which a system is restored from a backup: afterwards all agree again, and nothing that was seen is lost."""

from __future__ import annotations

import pytest

from tests.simulation.connected import make_hub
from tests.simulation.draw import calm, draw, purged, restored
from tests.simulation.run import show
from tests.simulation.world import run_world


@pytest.mark.parametrize("seed", range(4))
def test_all_systems_agree_when_one_was_restored(seed: int) -> None:
    result = run_world(restored(calm(draw(seed))), make_hub)
    assert not result.violations, show(result, as_json=False)
    assert result.counts["restores"] == 1


@pytest.mark.parametrize("by_mistake", [True, False])
def test_all_systems_agree_when_much_was_deleted_at_once(*, by_mistake: bool) -> None:
    result = run_world(purged(calm(draw(5)), by_mistake=by_mistake), make_hub)
    assert not result.violations, show(result, as_json=False)
    assert "mass deletion" in result.marks
