from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from hub.sdk.base import WebhookRequest
from tests.simulation.draw import draw
from tests.simulation.habits import Habits
from tests.simulation.result import Result
from tests.simulation.run import main
from tests.simulation.toy import ToyHub, make_hub, refuse_forged
from tests.simulation.transport import Weather
from tests.simulation.world import World, WorldSpec, run_world

STORM = Weather(reset=0.04, timeout_after=0.03, timeout_late=0.02, drop=0.02, broken=0.02)


def tame(seed: int, **changes: object) -> WorldSpec:
    """Return a drawn world whose remotes are of the kind the toy hub understands."""
    spec = draw(seed, papers=False)
    remotes = tuple(replace(r, habits=Habits(hook_slowest_s=3.0, page_size=r.habits.page_size)) for r in spec.remotes)
    return replace(spec, policies={}, deletes=False, stock=False, operated=False, remotes=remotes, minutes=6.0, **changes)  # type: ignore[arg-type]


def play(spec: WorldSpec, *flaws: str) -> Result:
    return run_world(spec, lambda world: ToyHub(world, flaws), stall_s=20.0)


def rules(results: Sequence[Result]) -> set[str]:
    return {violation.rule for result in results for violation in result.violations}


@pytest.mark.parametrize("seed", range(4))
def test_run_world_is_content_when_the_hub_does_right(seed: int) -> None:
    assert play(tame(seed)).violations == []


def test_run_world_is_busy_enough_to_prove_something() -> None:
    results = [play(tame(seed, crashes=(("reply", 5),))) for seed in range(4)]
    totals = {name: sum(r.counts[name] for r in results) for name in results[0].counts}
    assert totals["edits while a request was in flight"] > 3
    assert totals["edits"] > 100
    assert totals["crashes"] == 4
    assert sum(sum(r.faults.values()) for r in results) > 20


@pytest.mark.parametrize(
    ("flaw", "rule"),
    [
        ("deaf", "wrong value"),
        ("lossy", "wrong value"),
        ("twice", "created twice"),
        ("forgetful", "left open"),
        ("restless", "never quiet"),
    ],
)
def test_run_world_objects_when_the_hub_has_a_flaw(flaw: str, rule: str) -> None:
    spec = tame(4, patience_minutes=4.0, people=3, actors=3, pace_s=3.0)
    spec = replace(spec, remotes=tuple(replace(r, creates=True, weather=STORM) for r in spec.remotes))
    assert rule in rules([play(replace(spec, seed=seed), flaw) for seed in (4,)])


def test_run_world_repeats_itself_when_the_seed_is_the_same() -> None:
    spec = tame(8, crashes=(("reply", 9), ("sleep", 40)))
    first, second = play(spec), play(spec)
    assert (first.digest, first.counts, first.passes) == (second.digest, second.counts, second.passes)


def test_run_world_repeats_itself_in_another_process_with_another_hash_seed() -> None:
    code = "from tests.simulation.test_world import *; print(play(tame(9)).digest)"
    environment = {**os.environ, "PYTHONHASHSEED": "77"}
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=Path(__file__).parents[2], check=True, capture_output=True, text=True, env=environment
    )
    assert told.stdout.strip() == play(tame(9)).digest


def test_hub_comes_back_when_its_process_died() -> None:
    result = play(tame(3, crashes=(("reply", 3), ("reply", 60), ("sleep", 20))))
    assert (result.counts["crashes"], result.violations) == (3, [])


def test_main_prints_how_to_replay_when_a_world_ends_wrong(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--seeds", "1", "--from", "2", "--hub", "tests.simulation.test_world:Sleeper"])
    told = capsys.readouterr().out
    assert (code, "again: PYTHONHASHSEED=0 python -m tests.simulation.run --from 2 --seeds 1" in told) == (1, True)


class Sleeper:
    """A hub that does nothing and says so."""

    def __init__(self, world: World) -> None:
        self._world = world

    def start(self) -> None: ...

    def crash(self) -> None: ...

    def stop(self) -> None: ...

    def receive(self, connection: str, request: WebhookRequest) -> None: ...

    def quiet(self) -> bool:
        return True

    def resync(self, connection: str) -> None: ...

    def settle(self) -> None: ...

    def restart(self) -> None: ...

    def order(self, verb: str, **args: object) -> dict[str, object]:
        return {}

    def look(self, what: str, about: object = None) -> list[dict[str, object]]:
        return []

    def open_items(self) -> list[str]:
        return ["everything"]

    def not_kept(self) -> frozenset[tuple[str, str]]:
        return frozenset()


def test_receive_refuses_a_forged_webhook() -> None:
    world = World(tame(1))
    assert refuse_forged(make_hub(world), world.spec.remotes[0].name)
