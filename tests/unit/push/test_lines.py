"""Which lines are due, which places they take, and what is asked before money goes back: figure by figure."""

from __future__ import annotations

from itertools import count

import pytest

from hub.model.delivery import Delivery, DeliveryKind
from hub.model.documents import Document
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.link import Claim
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import Value
from hub.push.attempt import freeze_create, freeze_delete, markers_of
from hub.push.due import fitting, goes_beyond, is_reckoned, missing_required
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
