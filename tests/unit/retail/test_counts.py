"""Physical counts are checkpoints."""

from __future__ import annotations

import pytest

from hub.config import Reports, StockRule
from hub.model.values import SECOND
from hub.retail import count_level
from tests.unit.retail.shelf import PAIR, Shelf


@pytest.fixture
def shelf() -> Shelf:
    """Opened with 10 at 1000 s; two sold at 1060 s, one at 1120 s; it is 1180 s."""
    made = Shelf({"till": StockRule(opening=True), "shop": StockRule(reports=Reports.BOTH)})
    made.see("till", on_hand=10)
    made.see("shop", on_hand=10, available=10, reserved=0)
    for units in (8, 7):
        made.wait(60)
        made.see("till", on_hand=units)
    made.wait(60)
    return made


def _count(shelf: Shelf, counted: int, at_s: int) -> int:
    return count_level(shelf.known, shelf.ground, shelf.entity, counted, at_s * SECOND, shelf.now, [])


def test_count_replays_what_moved_later_when_it_comes_in_late(shelf: Shelf) -> None:
    assert _count(shelf, 9, 1100) == 1
    assert shelf.figures()["on_hand"] == 8
    assert shelf.deltas() == [10, -2, -1, 1]
    assert (shelf.due("till"), shelf.due("shop")) == (1, -2)


def test_count_says_nothing_of_today_when_a_newer_one_is_known(shelf: Shelf) -> None:
    _count(shelf, 7, 1170)
    assert _count(shelf, 99, 1100) == 0
    assert shelf.figures()["on_hand"] == 7


def test_count_leaves_reservations_alone(shelf: Shelf) -> None:
    shelf.see("shop", on_hand=10, available=8, reserved=2)
    _count(shelf, 12, 1180)
    assert shelf.figures() == {"on_hand": 12, "reserved": 2, "available": 10}


def test_follow_moves_nothing_when_it_occurred_before_the_count(shelf: Shelf) -> None:
    _count(shelf, 7, 1175)
    shelf.see("till", on_hand=6, changed=-10)
    assert shelf.figures()["on_hand"] == 7
    assert sum(shelf.deltas()) == shelf.known.balances[PAIR].on_hand
    assert shelf.due("till") == 1


def test_count_opens_the_level_when_nobody_has() -> None:
    shelf = Shelf({"till": StockRule(opening=True), "shop": StockRule(reports=Reports.BOTH)})
    shelf.see("shop", on_hand=3, available=3, reserved=0)
    _count(shelf, 5, 1000)
    assert (shelf.figures()["on_hand"], shelf.due("shop"), shelf.known.opened) == (5, 2, [PAIR])
