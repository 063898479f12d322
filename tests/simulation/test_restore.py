"""Worlds in which a system is restored from a backup: afterwards all agree again, and nothing that was seen is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.sdk.base import VersionKind
from tests.simulation.connected import make_hub
from tests.simulation.run import show
from tests.simulation.world import WorldSpec, calm, draw, run_world


def restored(seed: int) -> WorldSpec:
    """Return a drawn world without faults whose first system, one with a counter, is restored."""
    spec = calm(draw(seed))
    first = replace(spec.remotes[0].habits, version=VersionKind.COUNTER, reissues_ids=False, ignores=())
    remotes = (replace(spec.remotes[0], habits=first), *spec.remotes[1:])
    return replace(spec, remotes=remotes, deletes=False, pace_s=8.0, restores=remotes[0].name)


@pytest.mark.parametrize("seed", range(4))
def test_all_systems_agree_when_one_was_restored(seed: int) -> None:
    result = run_world(restored(seed), make_hub)
    assert not result.violations, show(result, as_json=False)
    assert result.counts["restores"] == 1
