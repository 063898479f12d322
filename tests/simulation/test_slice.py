"""A slice of worlds for every build: fixed seeds, so that a build says the same twice. `make sim` runs fresh ones for longer."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.simulation.connected import make_hub
from tests.simulation.draw import draw
from tests.simulation.gate import Sum, tell
from tests.simulation.run import show
from tests.simulation.world import run_world

SEEDS = 40
"""About a minute on two cores; every third world has stock, every fourth or so has documents, most have operators."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_all_systems_agree_when_a_world_goes_quiet(seed: int) -> None:
    result = run_world(draw(seed, papers=seed % 2 == 0), make_hub)
    assert not result.violations, show(result, as_json=False)


def test_show_tells_counts_by_name_when_machines_ask() -> None:
    spec = replace(draw(1), minutes=0.5, people=1, actors=1, watch_minutes=1.0, crashes=(), jumps=(), operated=False)
    result = run_world(spec, make_hub)
    told = json.loads(show(result, as_json=True))
    assert (told["counts"]["requests"], told["marks"]) == (result.counts["requests"], sorted(result.marks))
    total = Sum()
    total.add(result)
    assert json.loads(tell(total, [], as_json=True))["sum"]["counts"]["requests"] == result.counts["requests"]
