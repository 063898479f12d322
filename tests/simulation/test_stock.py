"""Stock in the simulated world: whatever breaks, every system ends with opening + what people moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.simulation.connected import Connected, make_hub
from tests.simulation.draw import draw
from tests.simulation.habits import Habits
from tests.simulation.remote import HabitRemote
from tests.simulation.stockroom import Stockroom, judge_stock
from tests.simulation.world import World, run_world


@pytest.mark.parametrize("seed", [2, 12])
def test_stock_is_opening_and_journals_when_requests_get_lost_and_the_hub_dies(seed: int) -> None:
    spec = replace(draw(seed), stock=True, minutes=8.0, people=2, crashes=(("commit after", 40), ("reply", 90)))
    hubs: list[Connected] = []

    def make(world: World) -> Connected:
        hubs.append(make_hub(world))
        return hubs[-1]

    result = run_world(spec, make)
    hubs[0].clean()
    assert [v for v in result.violations if "stock" in v.rule] == []
    assert result.counts["stock movements"] > 0
    assert result.counts["crashes"] > 0


def _rooms() -> list[Stockroom]:
    remotes = [HabitRemote(lambda: 5, name, Habits(), 1) for name in ("shop", "till")]
    return [Stockroom(remote, {"S-1": 10, "S-2": 10}) for remote in remotes]


def test_judge_sees_a_sale_that_was_lost() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", "S-1", -2)
    assert [rule for rule, _, _ in judge_stock(rooms, Counter(), 100)] == ["wrong stock"]


def test_judge_sees_a_sale_that_was_counted_twice() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", "S-1", -2)
    rooms[0].move("api", "S-1", -4)
    rooms[1].move("api", "S-1", -2)
    assert [rule for rule, _, _ in judge_stock(rooms, Counter(), 100)] == ["wrong stock"]


def test_judge_is_content_when_both_show_what_is_left() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", "S-1", -2)
    rooms[0].move("api", "S-1", -2)
    assert judge_stock(rooms, Counter(), 100) == []
