"""What an attempt carries when it is frozen: its calls, what it covers, and what is left out."""

from __future__ import annotations

from typing import Any

import pytest

from hub.config import Belonging, Create
from hub.config.shape import Delete
from hub.model.delivery import Attempt, Cover, DeliveryKind
from hub.model.entity import Entity, EntityState, Golden
from hub.model.known import Dead
from hub.model.link import Link, LinkKey, LinkState, Stands
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import Doc
from hub.push.attempt import freeze_create, freeze_update, thaw_change
from hub.push.due import Line, line_digest
from hub.sdk import Operation
from tests.unit.push.workshop import (
    ALWAYS,
    CUSTOMERS,
    MAIL,
    ORDER,
    PERSON,
    PRODUCT,
    REFUND,
    VARIANT,
    Workshop,
)

NOW, SEQ = 100, 7
RAW: Doc = {"id": "t2", "first": "Ada", "note": "old"}


def update(workshop: Workshop, link: Link, raw: Doc | None = None, **more: Any) -> Attempt | None:
    entity = workshop.known.resolve(link.entity_id)
    delivery = workshop.delivery(entity, link, **more)
    return freeze_update(workshop.known, workshop.ground, workshop.sinks, delivery, link, raw, NOW, SEQ)


def create(workshop: Workshop, entity: Entity, **more: Any) -> Attempt | None:
    delivery = workshop.delivery(entity, **more)
    return freeze_create(workshop.known, workshop.ground, workshop.sinks, delivery, entity, NOW, SEQ)


def after(attempt: Attempt | None) -> Doc | None:
    return attempt.change["after"] if attempt is not None else None


# --- a record that is there


def test_update_carries_what_differs_and_fences_the_link() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new", given_name="Ada")
    link = workshop.link(ada, note="old", given_name="Ada")
    link.digest = b"x"
    attempt = update(workshop, link, RAW, about="prices")
    change = {
        "operation": Operation.UPDATE, "external_id": "t2", "before": RAW, "after": {**RAW, "note": "new"}, "paths": ("note",),
        "version": 3, "marker": None,
    }  # fmt: skip
    assert attempt == Attempt(
        1, 1, DeliveryKind.STATE, "update", "till", "customers", PERSON, 1, 2, "t2", "hub-1",
        [{"name": "update", "body": change["after"]}],
        change, {"note": Cover(5, 0, "new")}, seq=SEQ, started_at=NOW, base_version=3, about="prices",
    )  # fmt: skip
    assert (workshop.known.attempts, workshop.known.changed_attempts) == ({1: attempt}, {1: attempt})
    assert (link.attempt_id, link.digest, workshop.known.changed_links) == (1, b"", {2: link})


def test_update_that_would_write_what_stands_there_is_none_and_stands_for_it() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new")
    ada.golden["note"].stamp = 9
    link = workshop.link(ada, note="old")
    assert update(workshop, link, {"id": "t2", "note": "new"}) is None
    assert (link.claims["note"].stands, workshop.known.changed_links) == (Stands(5, 9), {2: link})
    assert (workshop.known.attempts, link.attempt_id) == ({}, None)


def test_update_leaves_out_what_cannot_be_written_and_sends_the_rest() -> None:
    workshop = Workshop()
    place = {"line1": "Weg 1"}
    ada = workshop.entity(1, PERSON, note="new", given_name=5, addresses_in_1=place, addresses_in_2={"line1": "", "city": "Rom"})
    link = workshop.link(ada, note="old", given_name="Ada", addresses_in_1=place, addresses_in_2={"line1": "x"})
    link.elements = {"addresses": {"r2": "2"}}
    attempt = update(workshop, link, {**RAW, "places": [{"id": "r1", "street": "Weg 1"}]})
    assert attempt is not None
    assert (attempt.change["paths"], set(attempt.covers)) == (("note",), {"note"})
    assert workshop.known.dead == [
        Dead("till", "customers", "t2", "not_writable", "`text` does not accept this value", "given_name", 1),
        Dead("till", "customers", "t2", "not_writable", "this element is not there", "addresses/2", 1),
    ]
    assert (link.claims["given_name"].aside, link.claims["addresses/2"].aside, link.claims["note"].aside) == (5, 5, 0)
    link.attempt_id = None
    workshop.known.dead.clear()
    again = update(workshop, link, RAW)
    assert (again is not None, workshop.known.dead) == (True, [])


def test_update_leaves_a_word_out_when_its_set_cannot_hold_it() -> None:
    workshop = Workshop(texts={"customers": CUSTOMERS.replace("{set: tags}", "{set: tags, separator: ','}")})
    link = workshop.link(workshop.entity(1, PERSON, **{"tags/a/b,c": {"value": "a/b,c"}}))
    assert update(workshop, link, RAW) is None
    assert [one.field for one in workshop.known.dead] == ["tags/a/b,c"]
    assert link.claims["tags/a/b,c"].aside == 5


def test_update_is_none_when_nothing_of_it_can_be_written() -> None:
    workshop = Workshop()
    link = workshop.link(workshop.entity(1, PERSON, given_name=5), given_name="Ada")
    assert update(workshop, link, RAW) is None
    assert (len(workshop.known.dead), workshop.known.changed_links, link.attempt_id) == (1, {2: link}, None)
    assert link.claims["given_name"].stands == Stands(0, 0)


def test_update_carries_only_lines_with_a_yes_when_it_asks() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new", given_name="Eva")
    link = workshop.link(ada, note="old", given_name="Ada")
    workshop.known.modes["till"] = Mode.PROPOSE
    assert update(workshop, link, RAW) is None
    lines = {"note": ["note", "old", "new"], "given_name": ["given_name", "Ada", "Eve"]}
    approved = {path: line_digest(Line(*line)) for path, line in lines.items()}
    attempt = update(workshop, link, RAW, approved=approved)
    assert attempt is not None
    assert attempt.change["paths"] == ("note",)


def test_update_is_none_when_the_connection_is_gone() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new")
    assert update(workshop, workshop.link(ada, "former", note="old")) is None


def test_update_takes_the_record_of_an_entity_that_was_merged() -> None:
    workshop = Workshop()
    ada, other = workshop.entity(1, PERSON, note="new"), workshop.entity(2, PERSON, note="other")
    link = workshop.link(other, note="old")
    other.alias_of = ada.id
    assert after(update(workshop, link, RAW)) == {**RAW, "note": "new"}


def test_update_puts_away_what_ended() -> None:
    away = Traits(Ordering.COUNTER, update="version", archive={"status": "archived"})
    workshop = Workshop(belongs={PRODUCT: Belonging(delete=Delete.ARCHIVE)}, traits=away)
    shirt = workshop.entity(1, PRODUCT, title="Tee", status="active")
    shirt.state = EntityState.ENDED
    link = workshop.link(shirt, title="Other", status="active")
    attempt = update(workshop, link, {"id": "t2", "state": "active"})
    assert after(attempt) == {"id": "t2", "state": "archived"}
    assert attempt is not None
    assert attempt.covers == {"status": Cover(-1, NOW, "archived")}
    link.claims["status"].stands = Stands(-1, 0)
    assert update(workshop, link, {"id": "t2", "state": "active"}) is None


# --- what it refers to


def deal(workshop: Workshop, *, by_hub: bool = True, **refs: str) -> Link:
    """Return the deal of an order with a customer who has two records in the till."""
    ada = workshop.entity(1, PERSON, email=MAIL)
    for _ in range(2):
        workshop.link(ada, email=MAIL)
    order = workshop.entity(2, ORDER, number="7")
    order.refs = {"customer": 1, "location": 99}
    link = workshop.link(order, by_hub=by_hub, number="7")
    link.refs = dict(refs)
    return link


@pytest.mark.parametrize(("refs", "written"), [
    ({}, "t2"), ({"customer": "customers/t9"}, "t2"), ({"customer": "customers/t2"}, None), ({"customer": "customers/t3"}, None),
    ({"customer": "people/t2"}, "t2"),
])  # fmt: skip
def test_update_points_to_the_customer_when_the_deal_points_elsewhere(refs: dict[str, str], written: str | None) -> None:
    workshop = Workshop()
    link = deal(workshop, **refs)
    attempt = update(workshop, link, {"id": "t5", "no": "7"})
    assert after(attempt) == ({"id": "t5", "no": "7", "contact": written} if written else None)
    covers = attempt.covers if attempt is not None else {}
    assert covers == ({"customer": Cover(2, NOW, "t2")} if written else {})


def test_update_points_to_the_place_when_the_customer_needs_nothing() -> None:
    workshop = Workshop()
    link = deal(workshop)
    place = workshop.entity(3, PRODUCT, title="Store")
    there = workshop.link(place)
    there.stream, there.external_id = "locations", "t9"
    workshop.known.links[LinkKey("till", "locations", "t9")] = there
    for refs, shown in (({"location": 3}, {}), ({"customer": 1, "location": 3}, {"customer": "customers/t2"})):
        workshop.known.entities[2].refs, link.refs = refs, shown
        assert after(update(workshop, link, {"id": "t5", "no": "7"})) == {"id": "t5", "no": "7", "place": "t9"}


def test_deal_that_people_made_is_left_where_it_points() -> None:
    workshop = Workshop()
    assert update(workshop, deal(workshop, by_hub=False)) is None


def test_reference_is_given_up_when_it_is_written_and_not_kept() -> None:
    workshop = Workshop()
    link = deal(workshop, customer="customers/t9")
    for _ in range(3):
        assert update(workshop, link, {"id": "t5"}) is not None
        link.attempt_id = None
    workshop.known.entities[2].golden["number"] = Golden("8", 0, 0, 6)
    attempt = update(workshop, link, {"id": "t5", "no": "7"})
    assert after(attempt) == {"id": "t5", "no": "8"}
    assert attempt is not None
    assert set(attempt.covers) == {"number"}
    assert workshop.known.dead == [Dead("till", "orders", "t5", "not_writable", "it is written and not kept", "customer", 2)]
    workshop.known.entities[2].golden["number"] = Golden("7", 0, 0, 7)
    assert update(workshop, link, {"id": "t5", "no": "7"}) is None


def test_plan_shows_where_a_reference_points_and_should() -> None:
    workshop = Workshop()
    deal(workshop, customer="customers/t9/1")
    workshop.known.modes["till"] = Mode.PROPOSE
    [delivery], _ = workshop.plan()
    line = Line("customer", "t9/1", "t2")
    delivery.approved = {"customer": line_digest(line)}
    workshop.plan()
    assert delivery.state.value == "due"


def test_parent_of_a_document_is_not_moved() -> None:
    workshop = Workshop()
    order = workshop.entity(1, ORDER, number="1")
    workshop.link(order, number="1")
    refund = workshop.entity(2, REFUND, reason="new")
    refund.refs = {"order": 1}
    attempt = update(workshop, workshop.link(refund, by_hub=True, reason="old"), {"id": "t4", "deal": "t9"})
    assert after(attempt) == {"id": "t4", "deal": "t9", "why": "new"}


@pytest.mark.parametrize(("links", "wanted"), [
    ([("till", "products", LinkState.LIVE)], "t3"), ([("till", "products", LinkState.ENDED)], None),
    ([("shop", "products", LinkState.LIVE)], None),
    ([("till", "articles", LinkState.LIVE)], None),
    ([("shop", "products", LinkState.LIVE), ("till", "products", LinkState.LIVE)], "t4"),
])  # fmt: skip
def test_create_waits_for_what_it_refers_to(links: list[tuple[str, str, LinkState]], wanted: str | None) -> None:
    workshop = Workshop()
    shirt = workshop.entity(1, PRODUCT, title="Tee")
    red = workshop.entity(2, VARIANT, sku="S-1")
    red.refs = {"product": 1}
    for name, stream, state in links:
        link = workshop.link(shirt, name)
        link.stream, link.state = stream, state
    assert after(create(workshop, red)) == ({"sku": "S-1", "product": wanted} if wanted else None)


def test_create_goes_without_a_reference_that_it_does_not_have() -> None:
    workshop = Workshop()
    red = workshop.entity(2, VARIANT, sku="S-1")
    assert after(create(workshop, red)) == {"sku": "S-1"}


@pytest.mark.parametrize(("belongs", "known", "doc"), [
    ({PERSON: Belonging(create=Create.NEVER)}, True, {"no": "7", "place": "t9"}), ({PERSON: ALWAYS}, True, None),
    ({PERSON: Belonging(create=Create.WHEN_REFERENCED)}, False, {"no": "7", "place": "t9"}),
    ({PERSON: Belonging(create=Create.WHEN_REFERENCED)}, True, None),
])  # fmt: skip
def test_deal_waits_for_its_customer_only_when_they_are_coming(
    belongs: dict[EntityType, Belonging], doc: Doc | None, *, known: bool
) -> None:
    workshop = Workshop(belongs=belongs)
    workshop.entity(1, PERSON, email=MAIL)
    workshop.known.referenced = {(1, "till")} if known else {(1, "shop")}
    place = workshop.entity(3, PRODUCT, title="Store")
    link = workshop.link(place)
    link.stream, link.external_id = "locations", "t9"
    order = workshop.entity(2, ORDER, number="7")
    order.refs = {"customer": 1, "location": 3}
    assert after(create(workshop, order)) == doc


def test_refund_waits_for_its_order_always() -> None:
    workshop = Workshop(belongs={})
    workshop.entity(1, ORDER, number="1")
    refund = workshop.entity(2, REFUND, reason="broken")
    refund.refs = {"order": 1}
    assert create(workshop, refund) is None


# --- a record that is made


def test_create_carries_what_fits_under_its_marker() -> None:
    workshop = Workshop(traits=Traits(Ordering.COUNTER, create="marker", marker="extra.ours.id"))
    places = {f"addresses_in_{number}": {"line1": f"Weg {number}"} for number in (10, 2, 3)}
    ada = workshop.entity(
        1, PERSON, email=MAIL, phone="+49301", note=None, given_name="Ada", tags_in_vip={"value": "vip"}, **places
    )
    attempt = create(workshop, ada, left_out={"given_name": 5, "email": 4})
    assert attempt is not None
    marker = attempt.marker
    assert marker is not None
    assert marker.startswith("hub-")
    streets = [{"street": "Weg 2"}, {"street": "Weg 3"}]
    assert after(attempt) == {"email": MAIL, "tags": ["vip"], "places": streets, "extra": {"ours": {"id": marker}}}
    assert set(attempt.covers) == {"email", "tags/vip", "addresses/2", "addresses/3"}
    told = (attempt.operation, attempt.link_id, attempt.external_id, attempt.base_version, attempt.change["external_id"])
    assert told == ("create", None, None, None, None)
    assert (attempt.change["marker"], attempt.change["before"], attempt.key) == (marker, None, "hub-1")


def test_create_covers_only_what_it_writes() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL, given_name=5)
    attempt = create(workshop, ada)
    assert attempt is not None
    assert (after(attempt), set(attempt.covers)) == ({"email": MAIL}, {"email"})


def test_thaw_change_returns_what_was_frozen() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new")
    attempt = update(workshop, workshop.link(ada, note="old"), RAW)
    assert attempt is not None
    attempt.change = {**attempt.change, "operation": "update", "paths": ["note"]}  # as it comes back from the store
    change = thaw_change(attempt)
    assert (change.operation, change.paths, change.after, change.version) == (
        Operation.UPDATE,
        ("note",),
        {**RAW, "note": "new"},
        3,
    )
    assert attempt.change["operation"] == "update"
