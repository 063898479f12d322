"""What a connection should show, and the change that is sent to bring it there (DESIGN sections 6 and 7)."""

from __future__ import annotations

import pytest

from hub.config import Receives, Reports, Start, StockRule
from hub.model.delivery import AttemptState, DeliveryKind, DeliveryState
from hub.model.entity import Golden
from hub.model.outcome import OutcomeKind
from hub.model.run import Mode
from hub.model.values import SECOND
from hub.retail import release, views
from tests.unit.retail.shelf import LOCATION, PLAIN, VARIANT, Shelf

OPENS = StockRule(opening=True)
SHOP = StockRule(reports=Reports.BOTH)


@pytest.fixture
def shelf() -> Shelf:
    """A till that opened with 10 and a shop that shows 10, two of them promised to its own customers."""
    made = Shelf({"till": OPENS, "shop": SHOP, "erp": StockRule()}, {"erp": PLAIN})
    made.see("till", on_hand=10)
    made.see("shop", on_hand=10, available=8, reserved=2)
    made.wait(60)
    return made


@pytest.mark.parametrize(
    ("on_hand", "promised", "buffer", "shows"), [(10, 0, 0, 10), (10, 2, 0, 8), (10, 2, 3, 5), (2, 5, 0, 0), (0, 0, 4, 0)]
)
def test_show_what_is_free_less_the_buffer_when_others_promised_some(
    on_hand: int, promised: int, buffer: int, shows: int
) -> None:
    shelf = Shelf({"till": StockRule(opening=True, buffer=buffer), "shop": SHOP})
    shelf.see("till", on_hand=on_hand)
    shelf.see("shop", on_hand=on_hand, available=on_hand - promised, reserved=promised)
    assert shelf.due("till") == shows - on_hand


def test_show_its_own_promises_on_top_when_the_shop_subtracts_them_itself(shelf: Shelf) -> None:
    assert (shelf.due("till"), shelf.due("shop")) == (-2, 0)
    shelf.see("till", on_hand=6)
    assert shelf.due("shop") == -4


def test_send_a_signed_change_when_the_system_takes_one(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    after = shelf.send("shop").change["after"]
    assert (after["quantity"], after["delta"], after["absolute"], after["expected"]) == ("on_hand", -4, None, None)
    assert (after["level"], after["occurred_at"], after["reference"]) == ("shop-level", "1970-01-01T00:17:40Z", "syncline-1")


def test_send_a_figure_with_the_one_expected_when_the_system_takes_only_those(shelf: Shelf) -> None:
    shelf.see("erp", on_hand=4)
    after = shelf.send("erp").change["after"]
    assert (after["delta"], after["absolute"], after["expected"]) == (4, 8, 4)


def test_send_the_free_figure_when_the_system_receives_that() -> None:
    rule = StockRule(reports=Reports.BOTH, receives=Receives.AVAILABLE)
    shelf = Shelf({"till": OPENS, "erp": rule}, {"erp": PLAIN})
    shelf.see("till", on_hand=10)
    shelf.see("erp", on_hand=7, available=5, reserved=2)
    after = shelf.send("erp").change["after"]
    assert (after["quantity"], after["delta"], after["absolute"], after["expected"]) == ("available", 3, 8, 5)


def test_expect_nothing_any_more_when_three_answers_were_stale(shelf: Shelf) -> None:
    shelf.see("erp", on_hand=4)
    expected = []
    for turn in range(4):
        attempt = shelf.send("erp")
        expected.append(attempt.change["after"]["expected"])
        shelf.end(attempt, OutcomeKind.STALE)
        shelf.wait(5)
        shelf.see("erp", on_hand=4, changed=-turn)
    assert expected == [4, 4, 4, None]


def test_end_believes_the_log_when_a_figure_was_set_over_a_sale(shelf: Shelf) -> None:
    shelf.see("erp", on_hand=4)
    attempt = shelf.send("erp")
    shelf.end(attempt, answer={"on_hand": 8}, written={"onHand": 8, "seen": 4, "logged": 5, "between": -1})
    assert shelf.deltas() == [10, -1]
    assert shelf.due("erp") == -1


def test_plan_nothing_when_the_change_is_on_its_way(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    attempt = shelf.send("shop")
    shelf.see("till", on_hand=5, changed=1)
    assert [d.link_id for d in shelf.plan()] == [1, 2]
    shelf.end(attempt, answer={"on_hand": 6, "available": 4, "reserved": 2})
    assert shelf.due("shop") == -1


def test_plan_one_delivery_per_level_when_several_movements_wait(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    first = [d.id for d in shelf.plan()]
    shelf.see("till", on_hand=5, changed=1)
    assert [d.id for d in shelf.plan()] == first
    assert {d.kind for d in shelf.plan()} == {DeliveryKind.QUANTITY}


def test_drop_the_delivery_when_nothing_is_due_any_more(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    shelf.plan()
    shelf.see("till", on_hand=10, changed=1)
    shelf.see("shop", on_hand=10, available=10, reserved=0)
    assert shelf.plan() == []


@pytest.mark.parametrize(
    ("start", "mode", "asks"),
    [(Start.LIVE, Mode.LIVE, False), (Start.OBSERVE, Mode.LIVE, True), (Start.LIVE, Mode.PROPOSE, True)],
)
def test_ask_when_the_opening_difference_was_not_agreed_to(start: Start, mode: Mode, asks: bool) -> None:  # noqa: FBT001 - a table
    shelf = Shelf({"till": OPENS, "shop": SHOP}, start=start)
    shelf.known.modes["shop"] = mode
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=3, available=3, reserved=0)
    assert shelf.asks("shop") is asks


def test_ask_no_more_when_the_level_once_showed_what_it_should() -> None:
    shelf = Shelf({"till": OPENS, "shop": SHOP}, start=Start.OBSERVE)
    shelf.see("till", on_hand=10)
    shelf.see("shop", on_hand=10, available=10, reserved=0)
    shelf.see("till", on_hand=9, changed=1)
    assert shelf.asks("shop") is False


def test_send_nothing_when_nobody_keeps_count_of_the_variant(shelf: Shelf) -> None:
    shelf.known.entities[VARIANT].golden["tracked"] = Golden(value=False, stamp=0, link_id=1, version=1)
    shelf.see("till", on_hand=6)
    assert (shelf.due("shop"), shelf.why("shop")) == (0, "nobody keeps count of this variant")


def test_send_nothing_when_the_connection_takes_no_part_there(shelf: Shelf) -> None:
    shelf.known.entities[LOCATION].golden["code"] = Golden("paris", 0, 1, 1)
    assert (shelf.due("shop"), "no part" in shelf.why("shop")) == (0, True)


def test_show_why_nothing_is_sent_when_there_is_no_level_yet(shelf: Shelf) -> None:
    found = {each.connection: each for each in views(shelf.known, shelf.ground, shelf.entity)}
    assert (found["erp"].wanted, found["erp"].why) == (8, "there is no level there yet")
    assert (found["till"].shown, found["till"].wanted, found["till"].why) == (10, 8, "")


def test_set_aside_until_the_stock_moves_when_a_change_is_refused(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    attempt = shelf.send("shop")
    shelf.end(attempt, OutcomeKind.REFUSED, reason="no")
    (delivery,) = [d for d in shelf.plan() if d.connection == "shop"]
    assert (delivery.aside > 0, delivery.wait, len(shelf.known.dead)) == (True, "refused there", 1)
    shelf.see("till", on_hand=5, changed=1)
    (delivery,) = [d for d in shelf.plan() if d.connection == "shop"]
    assert (delivery.aside, delivery.state) == (0, DeliveryState.DUE)


def test_wait_longer_each_time_when_a_change_cannot_be_sent(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    waits = []
    for _ in range(3):
        attempt = shelf.send("shop")
        shelf.end(attempt, OutcomeKind.NOT_SENT)
        (delivery,) = [d for d in shelf.plan() if d.connection == "shop"]
        waits.append(delivery.not_before - shelf.now)
        shelf.wait(60)
    assert waits == [1 * SECOND, 2 * SECOND, 5 * SECOND]
    assert attempt.state is AttemptState.CLOSED


def test_read_again_when_the_level_is_gone_there(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    shelf.end(shelf.send("shop"), OutcomeKind.GONE)
    assert shelf.known.rereads[-1].reason == "gone"


def test_date_a_change_after_the_newest_one_there_when_that_clock_is_ahead(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    shelf.see("shop", on_hand=9, available=7, reserved=2, changed=30)
    assert shelf.send("shop").change["after"]["occurred_at"] == "1970-01-01T00:18:10Z"


def test_release_sends_again_when_a_person_looked_at_it(shelf: Shelf) -> None:
    shelf.see("till", on_hand=6)
    shelf.level("shop").stopped = True
    assert shelf.due("shop") == 0
    release(shelf.known, shelf.ground, shelf.entity, shelf.now)
    assert shelf.due("shop") == -4
