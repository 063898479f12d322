"""Stock between a till and a web shop, end to end: the real hub and store, two stateful simulators."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hub.config import Start
from hub.model.run import Mode
from hub.ops.operate import approve_all
from tests.e2e.floor import NAMES, SHOP_RULE, TILL_RULE, Floor

Make = Callable[..., Floor]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    made: list[Floor] = []

    def build(**given: object) -> Floor:
        rules = {"till": {"default": TILL_RULE}, "shop": {"default": SHOP_RULE}, **given}
        made.append(Floor(tmp_path, **rules))  # type: ignore[arg-type]
        return made[-1]

    yield build
    for floor in made:
        floor.close()


@pytest.fixture
def floor(make: Make) -> Floor:
    """Ten pieces in each place as the till counted them; the shop believes something else."""
    built = make()
    for place in NAMES:
        built.till.count_stock(built.variation, built.at_till[place], 10)
        built.shop.set_stock(built.variant, built.at_shop[place], 3)
    built.step()
    built.step()
    return built


def test_open_shows_the_opening_count_everywhere_when_both_were_read(floor: Floor) -> None:
    assert [floor.shown(place) for place in NAMES] == [(10, 10)] * 3
    assert floor.golden("berlin") == {"on_hand": 10, "reserved": 0, "available": 10}
    assert floor.left() == []


def test_sell_lowers_both_when_either_side_sells(floor: Floor) -> None:
    floor.till.sell(floor.variation, floor.at_till["berlin"], 2)
    order = floor.shop.order(floor.variant, floor.at_shop["berlin"], 3)
    floor.step()
    floor.step()
    assert floor.shown("berlin") == (5, 5)
    assert floor.golden("berlin") == {"on_hand": 8, "reserved": 3, "available": 5}
    floor.shop.ship(order)
    floor.step()
    assert floor.shown("berlin") == (5, 5)
    assert floor.golden("berlin") == {"on_hand": 5, "reserved": 0, "available": 5}
    assert [m.delta for m in floor.movements("berlin")] == [10, -2, -3]
    assert floor.shown("hamburg") == (10, 10)
    assert floor.left() == []


def test_cancel_frees_the_units_everywhere_when_an_order_is_not_shipped(floor: Floor) -> None:
    order = floor.shop.order(floor.variant, floor.at_shop["central"], 4)
    floor.step()
    assert floor.shown("central") == (6, 6)
    floor.shop.cancel_order(order)
    floor.step()
    assert floor.shown("central") == (10, 10)
    assert [m.delta for m in floor.movements("central")] == [10]


def test_units_are_there_again_once_when_an_order_comes_back(floor: Floor) -> None:
    order = floor.shop.order(floor.variant, floor.at_shop["berlin"], 3)
    floor.shop.ship(order, units={0: 2})
    floor.step()
    assert floor.golden("berlin") == {"on_hand": 8, "reserved": 1, "available": 7}
    floor.shop.refund(order, units={0: 2}, restock=True)
    floor.step()
    floor.shop.cancel_order(order)
    floor.step()
    assert floor.shown("berlin") == (10, 10)
    assert [m.delta for m in floor.movements("berlin")] == [10, -2, 2]
    assert floor.left() == []


def test_receive_raises_both_when_goods_arrive_at_the_till(floor: Floor) -> None:
    floor.till.receive_stock(floor.variation, floor.at_till["central"], 20)
    floor.step()
    assert floor.shown("central") == (30, 30)


def test_count_sets_both_when_the_shelf_is_counted(floor: Floor) -> None:
    floor.till.sell(floor.variation, floor.at_till["berlin"], 1)
    floor.step()
    floor.till.count_stock(floor.variation, floor.at_till["berlin"], 7)
    floor.step()
    assert floor.shown("berlin") == (7, 7)
    assert sum(m.delta for m in floor.movements("berlin")) == 7


@pytest.mark.parametrize("wire", ["till", "shop"])
def test_send_again_counts_once_when_the_answer_was_lost(floor: Floor, wire: str) -> None:
    floor.wires[wire].lose = 1
    floor.till.receive_stock(floor.variation, floor.at_till["berlin"], 5)
    floor.shop.order(floor.variant, floor.at_shop["berlin"], 1)
    for _ in range(4):
        floor.step()
    assert floor.shown("berlin") == (14, 14)
    assert floor.golden("berlin") == {"on_hand": 15, "reserved": 1, "available": 14}
    assert floor.wires[wire].lose == 0
    assert floor.left() == []


def test_sell_counts_once_when_it_happens_while_our_change_is_unknown(floor: Floor) -> None:
    floor.wires["shop"].lose = 1
    floor.till.receive_stock(floor.variation, floor.at_till["berlin"], 5)
    floor.step(rounds=1)
    floor.shop.order(floor.variant, floor.at_shop["berlin"], 2)
    floor.till.sell(floor.variation, floor.at_till["berlin"], 1)
    for _ in range(4):
        floor.step()
    assert floor.golden("berlin") == {"on_hand": 14, "reserved": 2, "available": 12}
    assert floor.shown("berlin") == (12, 12)


def test_take_a_webhook_once_when_it_comes_three_times(floor: Floor) -> None:
    floor.till.sell(floor.variation, floor.at_till["berlin"], 1)
    floor.shop.adjust_stock(floor.variant, floor.at_shop["berlin"], -1)
    floor.knock(copies=3)
    floor.step()
    floor.step()
    assert floor.shown("berlin") == (8, 8)
    assert [m.delta for m in floor.movements("berlin")] == [10, -1, -1]


def test_show_nothing_below_zero_when_more_was_sold_than_there_is(floor: Floor) -> None:
    floor.till.sell(floor.variation, floor.at_till["berlin"], 8)
    floor.shop.order(floor.variant, floor.at_shop["berlin"], 5)
    floor.step()
    floor.step()
    assert floor.golden("berlin") == {"on_hand": 2, "reserved": 5, "available": -3}
    assert floor.shown("berlin") == (0, 0)
    assert floor.left() == []


def test_keep_units_back_when_the_rule_has_a_buffer(make: Make) -> None:
    floor = make(shop={"default": SHOP_RULE.model_copy(update={"buffer": 2})})
    floor.till.count_stock(floor.variation, floor.at_till["berlin"], 10)
    floor.shop.set_stock(floor.variant, floor.at_shop["berlin"], 0)
    floor.step()
    floor.step()
    assert floor.shown("berlin") == (10, 8)


def test_ask_first_when_a_promoted_connection_shows_another_figure_than_the_opening(make: Make) -> None:
    floor = make(start=Start.OBSERVE)
    floor.till.count_stock(floor.variation, floor.at_till["berlin"], 10)
    floor.shop.set_stock(floor.variant, floor.at_shop["berlin"], 3)
    floor.step()
    assert floor.golden("berlin") == {"on_hand": None, "reserved": 0, "available": None}
    floor.set_mode("till", Mode.LIVE)
    assert floor.golden("berlin") == {"on_hand": 10, "reserved": 0, "available": 10}
    floor.set_mode("shop", Mode.LIVE)
    floor.till.sell(floor.variation, floor.at_till["berlin"], 1)
    floor.step()
    assert floor.golden("berlin")["on_hand"] == 9
    assert floor.plan() == [("shop", "3 -> 9")]
    assert floor.shown("berlin") == (9, 3)
    approve_all(floor.hub)
    floor.step()
    assert floor.shown("berlin") == (9, 9)
    floor.till.sell(floor.variation, floor.at_till["berlin"], 1)
    floor.step()
    assert floor.shown("berlin") == (8, 8)


def test_leave_a_place_alone_when_the_other_has_no_level_there(make: Make) -> None:
    floor = make()
    floor.till.count_stock(floor.variation, floor.at_till["berlin"], 10)
    floor.step()
    assert floor.shown("berlin") == (10, None)
    assert floor.left() == []
