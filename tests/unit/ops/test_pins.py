"""Pins: a value that stays whatever anybody enters, checked by its kind, shown first, and lifted again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.errors import UsageError
from hub.model.entity import Entity
from hub.model.record import EntityType
from hub.ops.explain import explain_entity, show_entity
from hub.ops.pins import list_pins, pin, preview_pin, preview_unpin, typed, unpin
from hub.ops.reviews import list_reviews, resolve_review
from hub.ops.split import split
from tests.retailer import CONFIG, Retailer
from tests.unit.ops.desk import Desk


def ada_everywhere(shops: Retailer) -> tuple[Desk, Entity]:
    """Return a desk and a customer whom both systems hold."""
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", note="tea")
    shops.settle()
    desk = Desk(shops)
    return desk, desk.customer("ada@example.org")


def till_note(shops: Retailer) -> str | None:
    note: str | None = shops.at_till()["ada@example.org"].get("note")
    return note


def test_pin_shows_everywhere_and_beats_an_edit_when_somebody_enters_another_value(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    done = pin(desk.office, ada.id, "note", " do not call ", "kim", "she asked")
    assert (done["from"], done["to"], done["answered"]) == ("tea", "do not call", 0)
    shops.poll()
    assert till_note(shops) == "do not call"
    shops.till.edit_customer(shops.till.customer_ids()[0], note="call her")
    shops.poll()
    assert till_note(shops) == "do not call"
    assert [(row[2], row[4]) for row in shops.edits()] == [("call her", "lost")]


def test_unpin_lets_the_newest_edit_win_when_somebody_entered_one_meanwhile(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    pin(desk.office, ada.id, "note", "do not call", "kim")
    shops.poll()
    shops.till.edit_customer(shops.till.customer_ids()[0], note="call her")
    shops.poll()
    assert unpin(desk.office, ada.id, "note", "kim")["to"] == "call her"
    shops.poll()
    assert [till_note(shops), *(doc["note"] for doc in shops.at_shop().values())] == ["call her"] * 2
    assert desk.look(list_pins) == []


def test_pin_empties_a_field_when_it_is_pinned_to_no_value(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    assert pin(desk.office, ada.id, "note", None, "kim")["to"] is None
    shops.poll()
    assert till_note(shops) is None


def test_preview_names_what_changes_and_what_does_not_when_a_login_is_pinned(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    shops.writes()
    told = desk.look(lambda r: preview_pin(r, desk.office.ground, ada.id, "email", "New@Example.org", shops.clock.now()))
    assert [(one["connection"], one["shown"]) for one in told["changes"]] == [("till", "ada@example.org -> new@example.org")]
    assert [(one["connection"], one["why"].partition(":")[0]) for one in told["unchanged"]] == [
        ("shop", "only set when a record is made there")
    ]
    shops.poll()
    assert desk.customer("ada@example.org").overrides == {}
    assert shops.writes() == {"shop": [], "till": []}


def test_preview_shows_what_comes_back_when_a_pin_would_be_lifted(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    pin(desk.office, ada.id, "note", "do not call", "kim")
    shops.poll()
    told = desk.look(lambda r: preview_unpin(r, desk.office.ground, ada.id, "note"))
    assert told["shown"] == "do not call -> tea"
    assert sorted(one["connection"] for one in told["changes"]) == ["shop", "till"]
    assert desk.customer("ada@example.org").golden["note"].value == "do not call"


def test_preview_says_so_when_nobody_ever_entered_a_value(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    pin(desk.office, ada.id, "phone", "+33 1 40 00 00 01", "kim")
    shops.poll()
    assert shops.at_till()["ada@example.org"]["phone_number"] == "+33140000001"
    told = desk.look(lambda r: preview_unpin(r, desk.office.ground, ada.id, "phone"))
    assert (told["nobody_said"], told["changes"]) == (True, [])


def test_explain_names_who_pinned_it_and_why_when_a_field_is_pinned(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    pin(desk.office, ada.id, "note", "do not call", "kim", "she asked")
    shops.poll()
    entity = desk.customer("ada@example.org")
    told = desk.look(lambda r: explain_entity(r, desk.office.ground, entity, "note"))
    (field,) = told["fields"]
    assert (field["pinned"]["by"], field["pinned"]["why"]) == ("kim", "she asked")
    assert [(one["connection"], one["value"], one["why"]) for one in field["beat"]] == [("shop", "tea", "it is pinned")]
    shown = desk.look(lambda r: show_entity(r, desk.office.ground, entity))
    assert shown["pinned"] == ["note"]
    (listed,) = desk.look(list_pins)
    assert (listed["id"], listed["field"], listed["value"], listed["why"]) == (ada.id, "note", "do not call", "she asked")


def asked(folder: Path) -> tuple[Retailer, Desk]:
    """Return a retailer who wants to be asked about notes, and whose systems hold two of one customer."""
    shops = Retailer(folder, CONFIG.replace("policies:\n", "policies:\n  customer:\n    note: ask\n"))
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", note="tea")
    shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="ada@example.org", note="coffee")
    shops.settle()
    return shops, Desk(shops)


def test_pin_answers_the_question_when_the_policy_asks_a_person(tmp_path: Path) -> None:
    shops, desk = asked(tmp_path)
    ada = desk.customer("ada@example.org")
    (question,) = desk.look(list_reviews)
    assert question["kind"] == "ask"
    assert {(one["connection"], one["shown"]) for one in question["values"]} == {("shop", "tea"), ("till", "coffee")}
    assert f"hub pin customer {ada.id} note VALUE" in question["hint"]
    assert pin(desk.office, ada.id, "note", "coffee", "kim")["answered"] == 1
    shops.poll()
    assert desk.look(list_reviews) == []
    assert {doc["note"] for doc in shops.at_shop().values()} == {"coffee"}
    shops.close()


def test_answer_pins_the_value_of_a_system_when_it_is_named(tmp_path: Path) -> None:
    shops, desk = asked(tmp_path)
    (question,) = desk.look(list_reviews)
    assert question["answers"] == ["shop", "till", "yes", "no"]
    resolve_review(desk.office, question["id"], "till")
    shops.poll()
    assert {doc["note"] for doc in shops.at_shop().values()} == {"coffee"}
    assert [one["field"] for one in desk.look(list_pins)] == ["note"]
    shops.close()


def test_pin_holds_in_both_halves_when_two_are_merged_and_taken_apart_again(shops: Retailer) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", phone="+33140000001")
    shops.settle()
    shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="work@example.org", phone_number="+33140000001")
    shops.poll()
    desk = Desk(shops)
    old, young = desk.customer("ada@example.org"), desk.customer("work@example.org")
    pin(desk.office, young.id, "note", "vip", "kim")
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "merge")
    shops.poll()
    assert {doc["note"] for doc in shops.at_shop().values()} == {"vip"}
    split(desk.office, young.id)
    shops.poll()
    assert sorted((one["id"], one["shown"]) for one in desk.look(list_pins)) == [(old.id, "vip"), (young.id, "vip")]


VARIANT, CUSTOMER, PRODUCT = EntityType.VARIANT, EntityType.CUSTOMER, EntityType.PRODUCT
GOOD = [
    (CUSTOMER, "given_name", " Ada ", "Ada"),
    (CUSTOMER, "email", "Ada@Example.ORG", "ada@example.org"),
    (CUSTOMER, "phone", "01 40 00 00 01", "+33140000001"),
    (CUSTOMER, "email_verified", "Yes", True),
    (CUSTOMER, "birth_date", "2000-02-29", "2000-02-29"),
    (CUSTOMER, "member_since", "2026-03-01T12:00:00+01:00", "2026-03-01T11:00:00Z"),
    (CUSTOMER, "consent.email_marketing", "Withdrawn", "withdrawn"),
    (CUSTOMER, "custom.size", "M", "M"),
    (VARIANT, "price", "12.5", {"amount": 1250, "currency": "EUR"}),
    (VARIANT, "price", "1250 jpy", {"amount": 1250, "currency": "JPY"}),
    (VARIANT, "tracked", "no", False),
    (PRODUCT, "status", "draft", "draft"),
]


@pytest.mark.parametrize(("kind", "path", "text", "value"), GOOD, ids=[f"{path} {text}" for _, path, text, _ in GOOD])
def test_value_is_written_our_way_when_a_person_types_it(
    shops: Retailer, kind: EntityType, path: str, text: str, value: Any
) -> None:
    assert typed(shops.hub.ground, Entity(1, kind), path, text) == value


BAD = [
    (CUSTOMER, "email", "ada at example", "ada@example.org"),
    (CUSTOMER, "email", "a@b@c.org", "ada@example.org"),
    (CUSTOMER, "phone", "12", "+49 30"),
    (CUSTOMER, "phone", "call me", "+49 30"),
    (CUSTOMER, "birth_date", "29.02.2000", "2026-03-01"),
    (CUSTOMER, "birth_date", "2001-02-29", "2026-03-01"),
    (CUSTOMER, "email_verified", "perhaps", "yes or no"),
    (CUSTOMER, "given_name", "  ", "--empty"),
    (CUSTOMER, "consent.email_marketing", "grant", "granted"),
    (CUSTOMER, "givn_name", "Ada", "given_name"),
    (CUSTOMER, "addresses", "x", "list"),
    (CUSTOMER, "addresses/1", "x", "list"),
    (CUSTOMER, "addresses.city", "x", "list"),
    (CUSTOMER, "tags", "x", "list"),
    (CUSTOMER, "custom.", "x", "no field"),
    (VARIANT, "price", "a lot", "12.50 EUR"),
    (VARIANT, "price", "1.999", "12.50 EUR"),
    (VARIANT, "price", "12 XX", "12.50 EUR"),
    (PRODUCT, "status", "drat", "draft"),
    (EntityType.INVENTORY_LEVEL, "on_hand", "7", "counted"),
]


@pytest.mark.parametrize(("kind", "path", "text", "says"), BAD, ids=[f"{path} {text}" for _, path, text, _ in BAD])
def test_value_is_refused_with_what_to_write_when_it_does_not_fit(
    shops: Retailer, kind: EntityType, path: str, text: str, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        typed(shops.hub.ground, Entity(1, kind), path, text)
    assert says in str(refused.value)
    assert not text.strip() or text not in refused.value.message


def test_unpin_is_refused_with_the_nearest_name_when_the_field_is_not_pinned(shops: Retailer) -> None:
    desk, ada = ada_everywhere(shops)
    pin(desk.office, ada.id, "note", "x", "kim")
    with pytest.raises(UsageError, match="Did you mean `note`"):
        unpin(desk.office, ada.id, "nots", "kim")


def test_question_closes_by_itself_when_the_systems_agree(tmp_path: Path) -> None:
    shops, desk = asked(tmp_path)
    assert [one["kind"] for one in desk.look(list_reviews)] == ["ask"]
    shops.till.edit_customer(shops.till.customer_ids()[0], note="tea")
    shops.poll()
    assert desk.look(list_reviews) == []
    assert [review.answer for review in desk.look(lambda reader: reader.reviews(resolved=True))] == ["the systems agree"]
    shops.close()
