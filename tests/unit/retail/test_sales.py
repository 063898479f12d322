"""Orders move stock where their connection says `moves_by: documents`, and only explain it where levels do (DESIGN section 7)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.config import MovesBy, Reports, StockRule
from hub.model.run import Mode
from hub.model.values import SECOND, Doc
from tests.unit.retail.counter import SHOP, TILL, Counter

BOTH = StockRule(reports=Reports.BOTH, moves_by=MovesBy.DOCUMENTS)
AVAILABLE = StockRule(reports=Reports.AVAILABLE, moves_by=MovesBy.DOCUMENTS)
DAY = 86_400


@pytest.fixture
def counter() -> Iterator[Counter]:
    """Return a till that opened with ten, and a shop whose orders move stock."""
    made = Counter({"till": TILL, "shop": SHOP})
    made.wait(3600)
    yield made
    made.close()


def piece(units: int, **more: bool) -> list[Doc]:
    """Name the one line of the order."""
    return [{"line": "1", "quantity": units, **more}]


def sent(state: str, units: int = 2, kind: str = "ship") -> Doc:
    """Make a fulfilment of the order."""
    body = {"id": "f1", "order": "100", "state": state, "kind": kind, "location": "p1", "at": "1970-01-01T00:20:00Z"}
    return {**body, "pieces": piece(units)}


def test_order_moves_stock_once_when_it_is_read_again_and_again(counter: Counter) -> None:
    for _ in range(3):
        counter.see("shop", orders=counter.order("completed"))
    [movement] = counter.movements()
    assert (movement.delta, movement.reason, movement.connection) == (-2, "sale", "shop")
    assert movement.document is not None
    assert counter.figures() == (8, 0, 8)
    assert (counter.due("till"), counter.due("shop")) == (-2, 0)


def test_level_only_checks_when_the_order_came_before_it(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("completed"))
    counter.level("shop", on_hand=8, available=8, reserved=0)
    assert [movement.delta for movement in counter.movements()] == [-2]
    assert (counter.figures()[0], counter.due("shop")) == (8, 0)


def test_late_order_does_not_double_when_the_level_changed_before(counter: Counter) -> None:
    counter.level("shop", on_hand=8, available=8, reserved=0)
    assert counter.figures() == (10, 0, 10)
    counter.see("shop", orders=counter.order("completed"))
    assert [movement.delta for movement in counter.movements()] == [-2]
    assert (counter.due("till"), counter.due("shop")) == (-2, 0)


def test_order_explains_and_moves_nothing_when_levels_tell() -> None:
    counter = Counter({"till": TILL, "shop": StockRule()})
    counter.wait(3600)
    counter.level("shop", on_hand=8, available=8, reserved=0)
    counter.see("shop", orders=counter.order("completed"))
    assert [(movement.delta, movement.reason) for movement in counter.movements()] == [(-2, "level")]
    counter.close()


def test_order_moves_nothing_when_the_opening_count_holds_it_already(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("completed", at=-60))
    assert counter.movements() == []
    counter.see("shop", orders=counter.order("completed", units=3, at=-60))
    assert [movement.delta for movement in counter.movements()] == [-1]


def test_order_moves_nothing_when_its_connection_is_only_observed() -> None:
    counter = Counter({"till": TILL, "shop": SHOP}, Mode.OBSERVE)
    counter.wait(3600)
    counter.see("shop", orders=counter.order("completed"))
    assert (counter.movements(), counter.figures()) == ([], (10, 0, 10))
    counter.close()


def test_order_moves_what_is_shipped_when_it_goes_in_parts(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("open", units=3))
    counter.see("shop", fulfilments=sent("shipped", 2))
    assert counter.figures() == (8, 1, 7)
    counter.see("shop", orders=counter.order("completed", units=3))
    assert counter.figures() == (7, 0, 7)
    assert sorted(movement.delta for movement in counter.movements()) == [-2, -1]


def test_refund_moves_goods_back_when_they_are_on_the_shelf_again(counter: Counter) -> None:
    refund = {"id": "r1", "order": "100", "state": "done", "at": "1970-01-01T00:30:00Z"}
    counter.see("shop", orders=counter.order("completed"))
    counter.see("shop", refunds={**refund, "pieces": piece(1, restocked=False)})
    assert counter.figures()[0] == 8
    counter.see("shop", refunds={**refund, "pieces": piece(1, restocked=True)})
    assert counter.figures() == (9, 0, 9)
    assert counter.movements()[-1].reason == "return"


def test_order_finds_its_variant_when_that_comes_in_after_it(counter: Counter) -> None:
    line = {"id": "1", "sku": "S-2", "variant": "v2", "quantity": 2}
    counter.see("shop", orders=counter.order("completed", lines=[line]))
    assert counter.movements() == []
    counter.see("till", variants={"id": "v2", "sku": "S-2"})
    counter.see("shop", variants={"id": "v2", "sku": "S-2"})
    assert [(share.moved, share.variant_id > 0) for share in counter.shares()] == [(-2, True)]


# --- reservations (Rules 7.23, 7.25)


def test_open_order_keeps_units_back_from_others_until_it_is_completed(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("open"))
    assert (counter.figures(), counter.due("till")) == ((10, 2, 8), -2)
    counter.see("shop", orders=counter.order("completed"))
    assert (counter.figures(), counter.due("till")) == ((8, 0, 8), -2)


def test_cancelled_order_lets_its_units_go(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("open"))
    counter.see("shop", orders=counter.order("cancelled"))
    assert (counter.figures(), counter.due("till"), counter.movements()) == ((10, 0, 10), 0, [])


def test_order_lets_its_units_go_when_nobody_fetches_them_in_time(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("open"))
    counter.wait(13 * DAY)
    assert counter.lapse() == 0
    counter.wait(2 * DAY)
    assert counter.lapse() == 1
    assert (counter.figures(), counter.due("till")) == ((10, 0, 10), 0)
    counter.see("shop", orders=counter.order("open", note="still waiting"))
    assert counter.figures() == (10, 0, 10)
    counter.see("shop", orders=counter.order("completed"))
    assert counter.figures() == (8, 0, 8)


def test_pickup_keeps_units_back_when_its_shop_does_not_keep_that_store() -> None:
    counter = Counter({"till": TILL, "shop": None})
    counter.wait(3600)
    counter.see("shop", orders=counter.order("open", location=None))
    assert counter.figures() == (10, 0, 10)
    counter.see("shop", fulfilments=sent("ready", kind="pickup"))
    assert (counter.figures(), counter.due("till")) == ((10, 2, 8), -2)
    counter.see("shop", fulfilments=sent("picked_up", kind="pickup"))
    assert (counter.figures(), counter.movements()) == ((10, 0, 10), [])
    counter.close()


def test_nothing_is_kept_back_twice_when_the_system_reports_its_own_reservations() -> None:
    counter = Counter({"till": TILL, "shop": BOTH})
    counter.wait(3600)
    counter.level("shop", on_hand=10, available=8, reserved=2)
    counter.see("shop", orders=counter.order("open"))
    assert counter.figures() == (10, 2, 8)
    counter.close()


def test_nothing_is_sent_back_to_a_system_that_took_the_units_off_itself() -> None:
    counter = Counter({"till": TILL, "shop": AVAILABLE})
    counter.wait(3600)
    counter.level("shop", on_hand=10, available=8, reserved=2)
    counter.see("shop", orders=counter.order("open"))
    assert (counter.figures(), counter.due("till"), counter.due("shop")) == ((10, 2, 8), -2, 0)
    counter.see("shop", orders=counter.order("completed"))
    assert (counter.figures(), counter.due("till"), counter.due("shop")) == ((8, 0, 8), -2, 0)
    counter.close()


# --- whatever the order in which it is told

events = st.lists(
    st.one_of(
        st.tuples(st.just("orders"), st.sampled_from(["open", "completed", "cancelled"]), st.integers(1, 4)),
        st.tuples(st.just("fulfilments"), st.sampled_from(["pending", "shipped", "cancelled"]), st.integers(1, 3)),
        st.tuples(st.just("inventory"), st.just(""), st.integers(0, 12)),
    ),
    min_size=1,
    max_size=8,
)


def _told(counter: Counter, told: Sequence[tuple[str, str, int]]) -> None:
    for stream, state, units in told:
        if stream == "orders":
            counter.see("shop", orders=counter.order(state, units))
        elif stream == "fulfilments":
            counter.see("shop", fulfilments=sent(state, units))
        else:
            counter.level("shop", on_hand=units, available=units, reserved=0)


def _comes_to(told: Sequence[tuple[str, str, int]]) -> tuple[int, int]:
    """Return (units that left, units kept back) by the last state of the order and of its fulfilment: nothing else matters."""
    last = {stream: (state, units) for stream, state, units in told}
    state, ordered = last["orders"]
    shipment, pieces = last.get("fulfilments", ("", 0))
    in_it = {"pending": pieces, "shipped": pieces}.get(shipment, 0)
    rest = max(0, ordered - in_it)
    out = (in_it if shipment == "shipped" else 0) + (rest if state == "completed" else 0)
    return out, (in_it if shipment == "pending" else 0) + (rest if state == "open" else 0)


@given(events)
@settings(max_examples=15, deadline=None)
def test_stock_follows_the_documents_as_they_stand_whatever_was_told_before(told: list[tuple[str, str, int]]) -> None:
    counter = Counter({"till": TILL, "shop": SHOP})
    counter.wait(3600)
    first = [("orders", "open", 2), *told]
    _told(counter, first)
    _told(counter, [each for each in first if each[0] != "inventory"][-1:])
    out, kept = _comes_to(first)
    assert counter.figures() == (10 - out, kept, 10 - out - kept)
    assert sum(movement.delta for movement in counter.movements()) == -out
    assert counter.due("till") == max(0, 10 - out - kept) - 10
    counter.close()


def test_balance_is_the_same_when_a_batch_is_split() -> None:
    found = []
    for cut in range(4):
        counter = Counter({"till": TILL, "shop": SHOP})
        counter.wait(3600)
        docs = [("orders", counter.order("open", 3)), ("fulfilments", sent("shipped")), ("orders", counter.order("completed", 3))]
        raws = [counter.raw("shop", stream, doc) for stream, doc in docs]
        counter.take(raws[:cut])
        counter.take(raws[cut:])
        found.append((counter.figures(), counter.due("till"), counter.due("shop")))
        counter.close()
    assert found == [((7, 0, 7), -3, 0)] * 4


def test_time_of_a_sale_is_that_of_its_order(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("completed", at=30))
    assert counter.movements()[0].occurred_at == 1_040 * SECOND
