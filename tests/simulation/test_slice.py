"""A slice of worlds for every build: fixed seeds, so that a build says the same twice. `make sim` runs fresh ones for longer."""

from __future__ import annotations

import pytest

from tests.simulation.connected import make_hub
from tests.simulation.draw import draw
from tests.simulation.run import show
from tests.simulation.world import run_world

SEEDS = 40
"""About a minute on two cores; every third world has stock, most have operators."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_systems_agree_when_a_world_goes_quiet(seed: int) -> None:
    result = run_world(draw(seed), make_hub)
    assert not result.violations, show(result, as_json=False)
