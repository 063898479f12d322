"""Documents hang on customers and orders, whichever comes first, and nobody is invented for them."""

from __future__ import annotations

import pytest

from hub.model.record import EntityType
from hub.model.review import Fate
from hub.ops.find import find_entity
from hub.ops.merge import merge
from hub.ops.split import split_entity
from hub.ops.timeline import timeline
from tests.unit.documents.office import Office

ADA = {"id": "1", "version": 1, "given_name": "Ada", "email": "ada@example.org"}
ORDER = {
    "id": "100",
    "version": 1,
    "number": "1001",
    "status": "OPEN",
    "placed": "2026-11-01T10:00:00Z",
    "total": 4990,
    "customer": "1",
}
GUEST = {**ORDER, "customer": None, "email": "ADA@example.org"}
REFUND = {"id": "5", "status": "OK", "amount": 990, "order": "100"}


def test_order_hangs_on_its_customer_when_the_customer_is_known(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", ORDER)
    assert [(one.type, one.number, one.amount, one.currency) for one in office.papers_of("shop", "1")] == [
        (EntityType.ORDER, "1001", 4990, "EUR")
    ]


def test_order_hangs_on_its_customer_when_the_order_came_first(office: Office) -> None:
    assert office.see("shop", "orders", ORDER) == {Fate.APPLIED: 1}
    office.see("shop", "customers", ADA)
    assert [one.number for one in office.papers_of("shop", "1")] == ["1001"]


def test_guest_order_hangs_on_a_customer_when_they_share_an_email(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", GUEST)
    assert [one.number for one in office.papers_of("shop", "1")] == ["1001"]


def test_guest_order_hangs_on_a_customer_when_the_customer_comes_later(office: Office) -> None:
    office.see("shop", "orders", GUEST)
    office.see("till", "customers", {**ADA, "id": "9"})
    assert [one.number for one in office.papers_of("till", "9")] == ["1001"]


def test_guest_order_stays_with_its_customer_when_the_hub_shows_it_somewhere(office: Office) -> None:
    """A batch that touches an order without reading it knows whose e-mail it carries, too."""
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", GUEST)
    office.send("crm", "d1", "deals")
    assert [one.number for one in office.papers_of("shop", "1")] == ["1001"]


def test_guest_order_hangs_on_nobody_when_nobody_has_its_email(office: Office) -> None:
    office.see("shop", "orders", GUEST)
    assert office.entity("shop", "orders", "100").refs == {}


def test_order_moves_when_its_system_gives_it_to_another_customer(office: Office) -> None:
    office.see("shop", "customers", ADA, {**ADA, "id": "2", "email": "bob@example.org", "given_name": "Bob"})
    office.see("shop", "orders", ORDER)
    office.see("shop", "orders", {**ORDER, "version": 2, "customer": "2"})
    assert ([one.number for one in office.papers_of("shop", "1")], [one.number for one in office.papers_of("shop", "2")]) == (
        [],
        ["1001"],
    )


def test_refund_is_one_document_of_its_order_when_it_is_a_part_of_it(office: Office) -> None:
    office.see("shop", "orders", {**ORDER, "refunds": [REFUND]})
    office.see("shop", "orders", {**ORDER, "version": 2, "refunds": [REFUND]})
    order = office.entity("shop", "orders", "100")
    assert [(one.type, one.amount) for one in office.work(lambda unit: unit.documents_of("order", [order.id]))] == [
        (EntityType.REFUND, 990)
    ]


def test_refund_finds_an_order_of_another_system_when_it_names_its_number(office: Office) -> None:
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001"})
    office.see("shop", "orders", ORDER)
    assert office.entity("till", "refunds", "77").refs == {"order": office.entity("shop", "orders", "100").id}


@pytest.mark.parametrize(("number", "typed"), [("#1001", "1001"), ("1001", "#1001"), ("#1001", "#1001")])
@pytest.mark.parametrize("first", ["refund", "order"])
def test_refund_finds_its_order_when_the_number_is_typed_with_or_without_its_sign(
    office: Office, number: str, typed: str, first: str
) -> None:
    see = {
        "refund": lambda: office.see(
            "till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": typed}
        ),
        "order": lambda: office.see("shop", "orders", {**ORDER, "number": number}),
    }
    see.pop(first)()
    see.popitem()[1]()
    assert office.entity("till", "refunds", "77").refs == {"order": office.entity("shop", "orders", "100").id}


def test_refund_finds_no_order_when_two_share_its_number_but_for_the_sign(office: Office) -> None:
    office.see("shop", "orders", ORDER, {**ORDER, "id": "101", "number": "#1001"})
    office.see("till", "refunds", {"id": "77", "version": 1, "status": "OK", "amount": 990, "receipt": "1001"})
    assert office.entity("till", "refunds", "77").refs == {}


def test_state_is_left_and_reported_when_the_table_does_not_know_it(office: Office) -> None:
    office.see("shop", "orders", {**ORDER, "status": "ON_MARS"})
    assert office.value("shop", "orders", "100", "state") is None


def test_order_follows_its_customer_when_two_customers_are_merged_and_taken_apart(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("till", "customers", {**ADA, "id": "9", "email": "a@example.org"})
    office.see("shop", "orders", ORDER)
    older, younger = office.entity("shop", "customers", "1").id, office.entity("till", "customers", "9").id
    office.work(lambda unit: merge(unit, office.ground, keep=older, drop=younger, now=office.now))
    together = [one.number for one in office.papers_of("till", "9")]
    office.work(lambda unit: split_entity(unit, office.ground, younger, [], office.now))
    assert (together, office.papers_of("till", "9")) == (["1001"], [])


def test_timeline_tells_everything_in_order_with_its_home_when_a_customer_is_shown(office: Office) -> None:
    office.see("shop", "customers", ADA)
    office.see("shop", "orders", {**ORDER, "refunds": [REFUND]})
    office.send("crm", "d1", "deals")
    with office.store.reader() as reader:
        ident = office.entity("shop", "customers", "1").id
        lines = timeline(reader, reader.entities([ident])[ident], office.now)
    assert [
        (line["what"], line["text"], line["system_of_record"], [p["connection"] for p in line["shown_in"]]) for line in lines
    ] == [
        ("refund", "9.90 EUR", "shop", []),
        ("order", "49.90 EUR", "shop", ["crm"]),
    ]


@pytest.mark.parametrize("said", ["1001", "#1001", " #1001 "])
@pytest.mark.parametrize("number", ["1001", "#1001"])
def test_order_is_found_by_its_number_whether_the_sign_is_said_or_not(office: Office, number: str, said: str) -> None:
    office.see("shop", "orders", {**ORDER, "number": number})
    with office.store.reader() as reader:
        found = find_entity(reader, EntityType.ORDER, said)
    assert found.id == office.entity("shop", "orders", "100").id
