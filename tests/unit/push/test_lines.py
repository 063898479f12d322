"""Which lines are due, which places they take, and what is asked before money goes back: figure by figure."""

from __future__ import annotations

from itertools import count

import pytest

from hub.model.delivery import Delivery, DeliveryKind
from hub.model.documents import Document
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.link import Claim, LinkState, Stands
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import MISSING, Value
from hub.push.attempt import freeze_create, freeze_delete, markers_of
from hub.push.due import (
    Line,
    ask_for_references,
    create_digest,
    create_lines,
    due_lines,
    fitting,
    goes_beyond,
    is_reckoned,
    line_digest,
    missing_required,
)
from tests.unit.push.workshop import CUSTOMERS, ORDER, Workshop
from tests.unit.reconcile.stage import MAPPING, PERSON, Stage

MAIL = "ada@example.org"
Refund = tuple[int | None, str, str]


def euros(amount: int) -> Value:
    return {"amount": amount, "currency": "EUR"}


def refund(number: int, amount: int | None, currency: str, state: str) -> Document:
    return Document(number, EntityType.REFUND, "shop", None, state, 0, amount, currency, None, 1, None, None, None, None, None)


@pytest.mark.parametrize(("figures", "made", "beyond"), [
    ({"paid_total": 10, "total": 99}, [(4, "EUR", "done"), (6, "EUR", "done")], False),
    ({"paid_total": 10, "total": 99}, [(4, "EUR", "done"), (7, "EUR", "done")], True),
    ({"paid_total": 10, "total": 99}, [(4, "EUR", "done"), (7, "EUR", "failed")], False),
    ({"paid_total": 10, "total": 99}, [(4, "EUR", "done"), (7, "USD", "done")], False),
    ({"paid_total": 10}, [(11, "EUR", "pending"), (None, "EUR", "done")], True),
    ({"total": 10}, [(11, "EUR", "done")], True),
    ({"total": 10}, [], False),
    ({}, [(11, "EUR", "done")], False),
])  # fmt: skip
def test_goes_beyond_asks_when_more_goes_back_than_was_paid(figures: dict[str, int], made: list[Refund], beyond: bool) -> None:  # noqa: FBT001 # what a case expects
    known, numbers = Known(lambda _: 0), count(10)
    order = Entity(1, EntityType.ORDER, {path: Golden(euros(amount), 0, 0, 1) for path, amount in figures.items()})
    asked = Entity(2, EntityType.REFUND, refs={"order": 1})
    assert not goes_beyond(known, asked)
    known.entities = {1: order, 2: asked}
    assert not is_reckoned(known, asked)
    known.refunds = {1: [refund(next(numbers), *one) for one in made]}
    assert goes_beyond(known, asked) is beyond
    assert is_reckoned(known, asked)
    assert not goes_beyond(known, Entity(3, EntityType.PAYMENT, refs={"order": 1}))


def test_fitting_keeps_what_stands_there_when_there_are_few_places() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    entity, link = stage.entity(), stage.link("shop")
    for element in ("2", "10", "3", "9"):
        entity.golden[f"addresses/{element}"] = Golden({"line1": element}, 0, 0, 1)
    entity.golden["addresses/1"] = Golden(None, 0, 0, 1)
    entity.golden["addressed/1"] = Golden("x", 0, 0, 1)
    link.claims |= {"addresses/10": Claim(held={"line1": "10"}), "addresses/9": Claim(held=None), "addresses/3": Claim()}
    places = [fitting(entity, link, "addresses", fits) for fits in (0, 1, 2, 3)]
    assert places == [set(), {"addresses/10"}, {"addresses/10", "addresses/2"}, {"addresses/10", "addresses/2", "addresses/3"}]
    assert fitting(entity, None, "addresses", 2) == {"addresses/2", "addresses/3"}


def test_due_lines_are_all_that_differ_when_some_fields_need_nothing() -> None:
    mapping = MAPPING.replace("tags: {set: tags}", "tags: {set: tags, only: read}").replace(
        "note: note", "note: {path: note, only: read}"
    )
    stage = Stage("shop", "till", mapping=mapping)
    stage.was_read("shop")
    stage.shows("till", email=MAIL, given_name="Ada", version=1)
    stage.shows("shop", email=MAIL, given_name="Ada", family_name="Byron", note="one", phone="+3311", tags=["vip"], version=1)
    for version, gone in ((2, {"family_name": None}), (3, {"given_name": "Ada L.", "phone": "+3322"})):
        stage.shows("shop", email=MAIL, version=version, partial=True, **gone)
    assert stage.golden("family_name") is None
    assert stage.due("till") == {"given_name": "Ada L.", "phone": "+3322"}
    stage.claim("till", "given_name").aside = stage.entity().golden["given_name"].version
    assert stage.due("till") == {"phone": "+3322"}


@pytest.mark.parametrize(("golden", "missing"), [
    ({}, ["email"]), ({"email": None}, ["email"]), ({"email": ""}, ["email"]), ({"email": MAIL}, []), ({"phone": "1"}, ["email"]),
])  # fmt: skip
def test_missing_required_names_what_a_new_record_lacks(golden: dict[str, Value], missing: list[str]) -> None:
    entity = Entity(1, PERSON, {path: Golden(value, 0, 0, 1) for path, value in golden.items()})
    assert missing_required(Stage("till").ground.tables["till", "customers"], entity) == missing


def test_freeze_delete_fences_the_link_and_forgets_its_hash() -> None:
    stage = Stage("shop")
    stage.shows("shop", "7", email=MAIL, version=4)
    link = stage.link("shop", "7")
    stage.known.changed_links.clear()
    delivery = Delivery(1, DeliveryKind.STATE, "shop", "customers", PERSON, 1, link.id)
    attempt = freeze_delete(stage.known, stage.ground, stage.sinks, delivery, link, {"id": "7"}, 5, 6)
    said = (attempt.operation, attempt.link_id, attempt.external_id, attempt.base_version, attempt.seq, attempt.started_at)
    assert said == ("delete", link.id, "7", 4, 6, 5)
    assert (attempt.change["before"], attempt.change["after"], attempt.covers) == ({"id": "7"}, {"id": "7"}, {})
    assert (link.attempt_id, link.digest, list(stage.known.changed_links)) == (attempt.id, b"", [link.id])


def test_freeze_create_leaves_out_what_was_refused_until_it_changes() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", phone="+3311", version=1)
    stage.planned()
    delivery = stage.known.created[1, "till", "customers"]
    delivery.left_out = {"note": stage.entity().golden["note"].version, "phone": 0}
    stage.entity().golden["given_name"] = Golden(None, 0, 0, 1)
    attempt = freeze_create(stage.known, stage.ground, stage.sinks, delivery, stage.entity(), 5, 6)
    assert attempt is not None
    assert set(attempt.covers) == {"email", "phone"}


def test_markers_of_name_the_records_in_which_it_came_when_we_made_others() -> None:
    stage = Stage("shop", "till", "crm")
    for system in ("till", "shop", "crm"):
        stage.shows(system, email=MAIL, version=1)
    shop, till, crm = (stage.link(system) for system in ("shop", "till", "crm"))
    crm.by_hub = True
    one, other = (markers_of("i", stage.entity(), [link]) for link in (shop, till))
    assert markers_of("i", stage.entity(), [till, crm, shop]) == [*one, *other]
    assert one != other
    assert markers_of("i", stage.entity(), [crm]) == markers_of("i", stage.entity(), [])


def test_delivery_waits_for_nothing_any_more_when_it_has_a_yes() -> None:
    stage = Stage("shop", "till")
    stage.known.modes["till"] = Mode.PROPOSE
    stage.shows("shop", email=MAIL, version=1)
    assert stage.planned() == ["till asking"]
    delivery = stage.known.created[1, "till", "customers"]
    delivery.wait = "brake"
    stage.known.modes["till"] = Mode.LIVE
    assert (stage.planned(), delivery.wait) == (["till due"], "")


# --- what a yes covers, and what is due


def test_digest_of_a_line_stays_what_it_is() -> None:
    """People's yeses are kept by it: after an update of the hub they must still be found."""
    line = Line("price", None, {"currency": "EUR", "amount": 5})
    assert line_digest(line) == line_digest(Line("price", None, {"amount": 5, "currency": "EUR"})) == "eaa96b3b49f163561a2a8874"
    assert create_digest([line, Line("note", "a", "b")]) == "3810e6f37363efb3de7530b6"
    assert line_digest(Line("price", 0, {"amount": 5, "currency": "EUR"})) != line_digest(line)


def test_create_lines_are_what_a_new_record_would_carry() -> None:
    workshop = Workshop()
    ada = workshop.entity(
        1, PERSON, note=None, given_name="Ada", phone="+49301", custom__size="M", email=MAIL, tags_in_vip={"value": "vip"},
        contact_points_in_1={"value": "x"}, pets_in_1={"name": "Rex"}, addresses_in_1={"line1": "Weg 1"},
    )  # fmt: skip
    lines = create_lines(workshop.ground, "till", "customers", ada)
    assert [(line.path, line.seen) for line in lines] == [
        ("addresses/1", None), ("email", None), ("given_name", None), ("tags/vip", None),
    ]  # fmt: skip
    assert lines[1].wanted == MAIL


@pytest.mark.parametrize(("path", "golden", "claim", "due"), [
    ("note", "new", Claim(held="old"), True), ("note", "new", Claim(held="new"), False), ("note", "new", Claim(), True),
    ("note", "new", None, True),
    ("note", "new", Claim(held="old", stands=Stands(5, 0)), False), ("note", "new", Claim(held="old", stands=Stands(4, 0)), True),
    ("note", "new", Claim(held="old", aside=5), False), ("note", "new", Claim(held="old", aside=4), True),
    ("note", None, Claim(held="old"), True), ("note", None, Claim(held=None), False), ("note", None, Claim(), False),
    ("note", None, None, False),
    ("note", "new", Claim(held=None), True), ("family_name", "Lovelace", Claim(held="Lovel"), False),
    ("family_name", "Lovelace", Claim(held="Lov"), True),
    ("email", MAIL, Claim(held="b@example.org"), False), ("phone", "1", Claim(held="2"), False),
    ("custom.size", "M", Claim(held="L"), False),
    ("summary.context", "a", Claim(held="b"), False), ("summary.context", "a", Claim(held=None), True),
    ("summary.context", "a", None, True),
    ("summary.context", "a", Claim(held="b", stands=Stands(4, 0)), True), ("summary.context", "a", Claim(), True),
    ("tags/vip", {"value": "vip"}, None, True), ("tags/vip", None, Claim(held={"value": "vip"}), True),
    ("contact_points/1", {"value": "x"}, None, False),
    ("pets/1", {"name": "Rex"}, None, False), ("addresses/9", {"line1": "Weg 9"}, None, False),
    ("addresses/9", {"line1": "Weg 9"}, Claim(held={}), True),
    ("addresses/3", {"line1": "Weg 3"}, None, True), ("addresses/9", {"line1": "Weg 9"}, Claim(held=None), False),
])  # fmt: skip
def test_line_is_due_when_its_field_does_not_show_the_value(path: str, golden: Value, claim: Claim | None, *, due: bool) -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, addresses_in_4={"line1": "Weg 4"}, addresses_in_5={"line1": "Weg 5"}, given_name="Ada")
    link = workshop.link(ada, given_name="Eva", addresses_in_5={"line1": "Weg 5"})
    ada.golden = {path: Golden(golden, 0, 0, 5)} | ada.golden
    link.claims |= {} if claim is None else {path: claim}
    paths = [line.path for line in due_lines(workshop.ground, link, ada)]
    held = claim.held if claim is not None and claim.held is not MISSING else None
    assert [line for line in due_lines(workshop.ground, link, ada) if line.path == path] == [Line(path, held, golden)] * due
    assert paths[-1] == "given_name"  # whatever the first one is, the others are looked at
    link.entity_type = EntityType.INVENTORY_LEVEL
    assert due_lines(workshop.ground, link, ada) == []


def test_what_a_new_record_refers_to_is_asked_for_where_it_has_no_record() -> None:
    workshop = Workshop()
    order = workshop.entity(9, ORDER)
    for ident in (1, 2, 3):
        workshop.entity(ident, PERSON, email=MAIL)
    workshop.link(workshop.known.entities[2])
    workshop.link(workshop.known.entities[3]).state = LinkState.ENDED
    workshop.known.touched.clear()
    workshop.known.changed_entities.clear()
    order.refs = {"a": 99, "b": 1, "c": 2, "d": 3}
    ask_for_references(workshop.known, workshop.delivery(order), order)
    assert workshop.known.referenced == {(1, "till"), (3, "till")}
    assert (list(workshop.known.touched), list(workshop.known.changed_entities)) == ([1, 3], [1, 3])


def test_missing_required_is_content_with_one_of_the_fields_in_one_text() -> None:
    text = CUSTOMERS.replace(
        "  given_name: first\n", "  [given_name, company]: {path: name, as: full_name, lossy: true, required: true}\n"
    )
    workshop = Workshop(texts={"customers": text})
    table = workshop.ground.tables["till", "customers"]
    ada = workshop.entity(1, PERSON, email=MAIL)
    assert missing_required(table, ada) == ["given_name", "company"]
    ada.golden["company"] = Golden("Engines", 0, 0, 5)
    assert missing_required(table, ada) == []
