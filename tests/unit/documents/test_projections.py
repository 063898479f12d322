"""What lives in one system is shown in others as the mapping files say, once, and never the other way round."""

from __future__ import annotations

import pytest

from hub.model.delivery import DeliveryState
from hub.model.review import Fate
from hub.model.values import Doc
from hub.push.due import BEYOND
from tests.unit.documents.office import Office
from tests.unit.documents.test_filing import ADA, ORDER, REFUND


def test_order_is_shown_as_one_deal_when_its_number_is_known(office: Office) -> None:
    office.see("shop", "orders", ORDER)
    sent = office.send("crm", "d1")
    assert {**sent, "ours": None} == {"name": "1001", "stage": "new", "amount": 4990, "ours": None}
    assert office.due() == []


def test_deal_is_known_by_our_marker_when_it_is_read_before_its_answer_came(office: Office) -> None:
    """A webhook may be faster than the answer to the create it tells of."""
    office.see("shop", "orders", ORDER)
    [delivery] = office.deliveries("crm", "deals")
    [attempt] = office.freeze(delivery.id)
    shown = {"id": "d1", "version": 1, "name": "1001", "stage": "new", "amount": 4990, "ours": attempt.marker}
    assert office.see("crm", "deals", shown) == {Fate.APPLIED: 1}
    office.end(attempt, shown)
    assert office.entity("crm", "deals", "d1").id == office.entity("shop", "orders", "100").id
    assert office.due() == []


def test_deal_follows_when_the_order_moves_on(office: Office) -> None:
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1")
    office.see("shop", "orders", {**ORDER, "version": 2, "status": "DONE"})
    assert office.send("crm", "d1", shown={"version": 2})["stage"] == "won"
    assert office.due() == []


def test_deal_is_put_right_when_somebody_edits_it(office: Office) -> None:
    """Rule 6.50: what only shows an order is no statement about it."""
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1")
    shown = {"id": "d1", "version": 2, "name": "1001", "stage": "lost", "amount": 4990, "ours": "syncline-1"}
    office.see("crm", "deals", shown)
    assert office.value("shop", "orders", "100", "state") == "open"
    assert office.due() == [("crm", "deals")]


@pytest.mark.parametrize(("times", "due", "asked"), [(19, [("crm", "deals")], []), (20, [], ["not_kept"])])
def test_deal_is_put_right_however_often_people_type_over_it_unless_it_is_never_kept(
    office: Office, times: int, due: list[tuple[str, str]], asked: list[str]
) -> None:
    """Rule 2.24: another value each time is not a system that does not keep ours; there is an end to it all the same."""
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1")
    for n in range(times):
        office.see(
            "crm", "deals", {"id": "d1", "version": 2 + n, "name": "1001", "stage": "new", "amount": n, "ours": "syncline-1"}
        )
    assert (office.due(), office.work(lambda unit: [one.kind.value for one in unit.reviews()])) == (due, asked)


def test_summary_is_emptied_again_when_somebody_types_one_for_a_customer_who_bought_nothing(office: Office) -> None:
    """Demo, seed 3."""
    office.see("shop", "customers", {**ADA, "orders": None})
    office.see("shop", "customers", {**ADA, "version": 2, "orders": 7})
    assert [(line.path, line.wanted) for line in office.lines("shop")] == [("summary.orders", None)]


def test_deal_is_left_alone_when_the_hub_did_not_make_it(office: Office) -> None:
    """Rule 6.50: a salesperson's own deal is no order."""
    assert office.see("crm", "deals", {"id": "x", "version": 1, "name": "big fish", "stage": "new", "amount": 1}) == {
        Fate.SKIPPED: 1
    }


def test_deal_is_known_by_its_marker_when_a_read_shows_it_before_its_create_has_ended(office: Office) -> None:
    """Rule 6.5: nothing but the marker ties such a record to its order, in the very batch that shows it."""
    office.see("shop", "orders", ORDER)
    [delivery] = office.deliveries("crm", "deals")
    [attempt] = office.freeze(delivery.id)
    shown = {"id": "d1", "version": 1, "name": "1001", "stage": "new", "amount": 4990, "ours": attempt.marker}
    assert office.see("crm", "deals", shown) == {Fate.APPLIED: 1}
    assert office.entity("crm", "deals", "d1") == office.entity("shop", "orders", "100")


def test_deal_waits_for_its_contact_when_the_customer_is_in_the_crm(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("crm", "customers", {**ADA, "id": "c1"})
    office.see("shop", "orders", ORDER)
    assert office.send("crm", "d1", "deals")["contact"] == "c1"


def test_refund_goes_to_the_orders_home_when_the_till_made_it(office: Office) -> None:
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1")
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001"})
    sent = office.send("shop", "9")
    assert (sent["amount"], sent["order"], sent["status"]) == (990, "100", "OK")
    assert office.due() == []


@pytest.mark.parametrize("status", ["SOON", "NO"])
def test_refund_stays_where_it_is_until_the_money_went_back(office: Office, status: str) -> None:
    """Rule 6.54: what is pending may fail, and what failed gave nothing back."""
    refund = {"id": "77", "version": 1, "status": status, "amount": 990, "receipt": "1001"}
    office.see("shop", "orders", ORDER)
    office.see("till", "refunds", refund)
    before = office.deliveries("shop", "refunds")
    office.see("till", "refunds", {**refund, "version": 2, "status": "OK"})
    assert (before, office.send("shop", "9", "refunds")["status"]) == ([], "OK")


def test_refund_stays_where_it_is_when_its_order_is_not_of_that_system(office: Office) -> None:
    """Rule 6.51: a document goes only where what it belongs to is."""
    office.see("till", "sales", {"id": "s1", "version": 1, "receipt": "T-1", "total": 990})
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "T-1"})
    assert office.due() == [("crm", "deals")]


def test_refund_waits_for_a_yes_when_more_would_go_back_than_was_paid(office: Office) -> None:
    """Rule 6.52: never more back than was paid, unless a person says so."""
    office.see("shop", "orders", {**ORDER, "refunds": [{**REFUND, "amount": 4500}]})
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001"})
    assert ("shop", "refunds") not in office.due()


def test_refund_waits_for_a_yes_when_another_came_in_between_its_plan_and_its_sending(office: Office) -> None:
    """Rule 6.52: it is looked at again at the moment at which it is sent."""
    office.see("shop", "orders", ORDER)
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001"})
    [planned] = office.deliveries("shop", "refunds")
    office.see("till", "refunds", {"id": "78", "version": 1, "status": "OK", "amount": 4500, "receipt": "1001"})
    assert (office.freeze(planned.id), ("shop", "refunds") in office.due()) == ([], False)


@pytest.mark.parametrize(("spent", "goes"), [(4990, True), (4500, False)])
def test_refund_needs_no_yes_any_more_when_the_order_is_seen_to_be_paid(office: Office, spent: int, *, goes: bool) -> None:
    """Rule 6.52: an order read before it was paid says nothing against a refund once its payment is known."""
    office.see("shop", "orders", {**ORDER, "total": 500})
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 4990, "receipt": "1001"})
    before = ("shop", "refunds") in office.due()
    office.see("shop", "orders", {**ORDER, "version": 2, "total": spent})
    assert (before, ("shop", "refunds") in office.due()) == (False, goes)


@pytest.mark.parametrize(("path", "left_out"), [("amount", []), ("note", ["note"])])
def test_refund_is_never_made_without_its_amount_when_a_field_is_refused(office: Office, path: str, left_out: list[str]) -> None:
    """Rule 6.19: what a record cannot be without is not left out; the whole waits."""
    office.see("shop", "orders", ORDER)
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001", "note": "torn"})
    [planned] = office.deliveries("shop", "refunds")
    [attempt] = office.freeze(planned.id)
    office.refuse(attempt, path)
    kept = office.work(lambda unit: unit.deliveries_by_id([planned.id]))[planned.id]
    goes = [one.id for one in office.deliveries("shop", "refunds")]
    assert (list(kept.left_out), bool(kept.aside), goes) == (left_out, not left_out, [planned.id] if left_out else [])


def test_refund_waits_while_nobody_knows_what_became_of_another(office: Office) -> None:
    """Rule 6.52, seed 6000015: one that was read there waited since it might have been ours, and was not reckoned."""
    other = {**ORDER, "id": "101", "number": "1002"}
    sent: Doc = {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001", "note": "torn"}
    office.see("shop", "orders", ORDER, other)
    office.see("till", "refunds", sent)
    [first] = [attempt for one in office.deliveries("shop", "refunds") for attempt in office.freeze(one.id)]
    office.lose(first)
    office.see("till", "refunds", {**sent, "id": "78", "receipt": "1002"})
    [second] = [one for one in office.deliveries("shop", "refunds") if one.entity_id != first.entity_id]
    assert office.freeze(second.id) == []
    theirs = {"id": "6", "status": "OK", "amount": 990, "note": "torn", "order": "101"}
    assert office.see("shop", "orders", {**other, "version": 2, "refunds": [theirs]}) == {Fate.APPLIED: 1}
    office.end(first, {"id": "5", "status": "OK", "amount": 990, "note": "torn", "order": "100"})
    office.wait(3_600)
    assert office.freeze(second.id) == []
    office.work(lambda unit: unit.drop_hints(unit.due_hints("shop", office.now, 100)))
    office.wait(3_600)
    assert len(office.freeze(second.id)) == 1


def test_refunds_go_one_after_the_other_when_an_order_has_two(office: Office) -> None:
    """Rule 6.53: documents of one parent are appended in their order."""
    office.see("shop", "orders", ORDER)
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 100, "receipt": "1001"})
    office.wait(1)
    office.see("till", "refunds", {"id": "78", "version": 1, "status": "OK", "amount": 200, "receipt": "1001"})
    first, second = (one.id for one in office.deliveries("shop", "refunds"))
    held = office.freeze(second)
    [attempt] = office.freeze(first)
    office.end(attempt, {**attempt.calls[0]["body"], "id": "9", "version": 1})
    assert (held, [one.calls[0]["body"]["amount"] for one in office.freeze(second)]) == ([], [200])


def test_refund_waits_for_an_elder_when_that_was_asked_about_without_need(office: Office) -> None:
    office.see("shop", "orders", ORDER)
    for number, amount in (("77", 100), ("78", 200)):
        office.see("till", "refunds", {"id": number, "version": 1, "status": "OK", "amount": amount, "receipt": "1001"})
        office.wait(1)
    first, second = office.deliveries("shop", "refunds")
    first.state, first.brake = DeliveryState.ASKING, BEYOND  # what was paid for the order became known just now
    with office.store.unit() as unit:
        unit.save_deliveries([first])
    assert office.freeze(second.id) == []


def test_customer_shows_what_was_bought_when_a_system_asks_for_it(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", {**ORDER, "refunds": [REFUND]})
    golden = office.entity("shop", "customers", "1").golden
    assert (golden["summary.orders"].value, golden["summary.spent"].value) == (1, {"amount": 4000, "currency": "EUR"})
    assert ("shop", "customers") in office.due()


def test_ticket_shows_what_was_bought_when_it_comes_in(office: Office) -> None:
    office.see("desk", "customers", ADA)
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", ORDER)
    office.see("desk", "tickets", {"id": "t1", "version": 1, "subject": "where?", "status": "new", "requester_id": "1"})
    assert office.value("desk", "tickets", "t1", "summary.context") == (
        "Order 1001, 2026-11-01, 49.90 EUR, open\n1 order in all, 49.90 EUR spent\n1 open ticket"
    )


def test_messages_hang_on_their_ticket_when_they_are_parts_of_it(office: Office) -> None:
    comments = [{"id": "m1", "body": "hello", "by": "them"}, {"id": "m2", "body": "hi", "by": "us"}]
    office.see("desk", "tickets", {"id": "t1", "version": 1, "subject": "s", "status": "new", "comments": comments})
    ticket = office.entity("desk", "tickets", "t1")
    assert [one.state for one in office.work(lambda unit: unit.documents_of("ticket", [ticket.id]))] == ["inbound", "outbound"]


def test_amount_of_a_deal_is_no_price_when_it_is_put_right(office: Office) -> None:
    """The brake is for what customers are asked to pay: an amount that is shown would stop all deals on a busy day."""
    office.see("shop", "orders", ORDER)
    office.send("crm", "d1")
    office.see("crm", "deals", {"id": "d1", "version": 2, "name": "1001", "stage": "new", "amount": 1, "ours": "syncline-1"})
    assert [one.about for one in office.deliveries("crm", "deals")] == [""]


def test_sum_of_purchases_is_no_price_when_it_is_shown(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("desk", "customers", {**ADA, "id": "7"})
    office.see("shop", "orders", ORDER)
    assert [one.about for one in office.deliveries("desk", "customers")] == [""]


def _memo(office: Office) -> str:
    """Let the till's customer be told what Ada bought, and return it."""
    office.see("till", "customers", {**ADA, "id": "t7", "memo": None})
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", ORDER)
    return str(office.send("till", "t7")["memo"])


def test_note_is_written_when_nothing_stands_there(office: Office) -> None:
    assert _memo(office).startswith("Order 1001")


def test_note_follows_when_the_hub_wrote_it_last(office: Office) -> None:
    _memo(office)
    office.see("shop", "orders", {**ORDER, "version": 2, "status": "VOID"})
    assert "cancelled" in office.send("till", "t7", shown={"version": 3})["memo"]


def test_note_stays_when_somebody_wrote_there(office: Office) -> None:
    _memo(office)
    theirs = {**ADA, "id": "t7", "version": 9, "memo": "allergic to nuts", "orders": 1, "spent": 0}
    office.see("till", "customers", theirs)
    office.see("shop", "orders", {**ORDER, "version": 2, "status": "VOID"})
    lines = [one for one in office.lines("till") if one.path == "summary.context"]
    assert lines == []
    office.see("till", "customers", {**theirs, "version": 10, "memo": None})
    assert [one.path for one in office.lines("till") if one.path == "summary.context"] == ["summary.context"]


def test_nobody_is_asked_when_people_keep_writing_there(office: Office) -> None:
    _memo(office)
    for version in range(9, 14):
        office.see(
            "till", "customers", {**ADA, "id": "t7", "version": version, "memo": f"visit {version}", "orders": 1, "spent": 0}
        )
    assert office.work(lambda unit: unit.reviews()) == []


def test_note_stays_when_it_stood_there_before_the_hub_came(office: Office) -> None:
    office.see("till", "customers", {**ADA, "id": "t7", "memo": "allergic to nuts"})
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", ORDER)
    assert [one.path for one in office.lines("till") if one.path == "summary.context"] == []
