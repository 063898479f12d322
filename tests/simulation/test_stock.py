"""Stock in the simulated world: whatever breaks, every system ends with opening + what people moved."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from tests.simulation.connected import Connected, make_hub
from tests.simulation.draw import draw
from tests.simulation.habits import Habits
from tests.simulation.remote import HabitRemote
from tests.simulation.shelving import PLACE, SKUS, Place, one_place
from tests.simulation.stock_oracle import judge_stock
from tests.simulation.stockroom import Stockroom
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


@pytest.mark.parametrize("seed", [33, 57])
def test_no_unit_is_lost_or_counted_twice_when_several_locations_are_kept_in_different_ways(seed: int) -> None:
    spec = replace(draw(seed), minutes=8.0, people=2, crashes=(("commit after", 40), ("reply", 90)))
    hubs: list[Connected] = []

    def make(world: World) -> Connected:
        hubs.append(make_hub(world))
        return hubs[-1]

    result = run_world(spec, make)
    hubs[0].clean()
    assert [v for v in result.violations if "stock" in v.rule] == []
    assert "stock at several locations" in result.marks
    assert min(result.counts["stock movements"], result.counts["stock promises"], result.counts["stock transfers"]) > 0


def _rooms(*places: Place) -> list[Stockroom]:
    """Return rooms that opened with ten of everything."""
    kept = places or one_place(("shop", "till"))
    remotes = [HabitRemote(lambda: 5, place.remote, Habits(), 1) for place in kept]
    return [
        Stockroom(remote, {(sku, place.code): 10 for sku in SKUS}, [place]) for remote, place in zip(remotes, kept, strict=True)
    ]


def test_judge_sees_a_sale_that_was_lost() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", ("S-1", PLACE), -2)
    assert [rule for rule, _, _ in judge_stock(rooms, Counter(), 100)] == ["wrong stock"]


def test_judge_sees_a_sale_that_was_counted_twice() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", ("S-1", PLACE), -2)
    rooms[0].move("api", ("S-1", PLACE), -4)
    rooms[1].move("api", ("S-1", PLACE), -2)
    assert [rule for rule, _, _ in judge_stock(rooms, Counter(), 100)] == ["wrong stock"]


def test_judge_is_content_when_both_show_what_is_left() -> None:
    rooms = _rooms()
    rooms[1].move("clerk", ("S-1", PLACE), -2)
    rooms[0].move("api", ("S-1", PLACE), -2)
    assert judge_stock(rooms, Counter(), 100) == []


SHOP = Place("shop", reports="both")
TILL = Place("till", opening=True, buffer=2)


def test_judge_sees_a_promise_that_others_may_still_sell() -> None:
    rooms = _rooms(SHOP, TILL)
    rooms[1].move("api", ("S-1", PLACE), -2)
    rooms[1].move("api", ("S-2", PLACE), -2)
    assert judge_stock(rooms, Counter(), 100) == []
    rooms[0].move("clerk", ("S-1", PLACE), 0, kept=3)
    assert [about.partition(":")[0] for _, about, _ in judge_stock(rooms, Counter(), 100)] == ["S-1 at p1"]
    rooms[1].move("api", ("S-1", PLACE), -3)
    assert judge_stock(rooms, Counter(), 100) == []


def test_judge_sees_a_buffer_that_was_sold_out() -> None:
    assert [rule for rule, _, _ in judge_stock(_rooms(SHOP, TILL), Counter(), 100)] == ["wrong stock", "wrong stock"]


def test_judge_sees_what_was_carried_and_arrived_nowhere() -> None:
    rooms = _rooms(Place("shop", opening=True), Place("shop", "p2", opening=True), Place("till"), Place("till", "p2"))
    rooms[0].move("clerk", ("S-1", PLACE), -4)
    rooms[1].move("clerk", ("S-1", "p2"), 4)
    rooms[2].move("api", ("S-1", PLACE), -4)
    assert [about.partition(":")[0] for _, about, _ in judge_stock(rooms, Counter(), 100)] == ["S-1 at p2"]
