"""Answers to questions: merge, keep apart, try again; and what an operator is told about a record."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.model.entity import EntityState
from hub.model.record import EntityType
from hub.model.review import Review, ReviewKind
from hub.ops.explain import explain_entity, show_entity
from hub.ops.find import entity_type, find_entity
from hub.ops.reviews import list_reviews, resolve_review
from hub.store import Unit
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk

PHONE = "+33140000001"


def two_alike(shops: Retailer) -> Desk:
    """Return a desk with one question: a shopper and a till customer share a phone, their e-mails differ."""
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", phone=PHONE)
    shops.shop.add_address(ada, address1="Rue Une 1", city="Paris", zip="75001", countryCodeV2="FR")
    shops.settle()
    shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="work@example.org", phone_number=PHONE)
    shops.poll()
    return Desk(shops)


def test_merge_makes_the_younger_an_alias_when_two_are_one(shops: Retailer) -> None:
    desk = two_alike(shops)
    (question,) = desk.look(list_reviews)
    assert (question["kind"], question["answers"]) == ("match", ["merge", "keep apart"])
    old, young = desk.customer("ada@example.org"), desk.customer("work@example.org")
    done = resolve_review(desk.office, question["id"], "merge")
    assert (done["merged"], done["was"]) == (old.id, young.id)
    shops.poll()
    both = desk.look(lambda reader: reader.entities([old.id, young.id]))
    assert (both[young.id].state, both[young.id].alias_of) == (EntityState.MERGED, old.id)
    assert desk.customer(str(young.id)).id == old.id
    links = desk.look(lambda reader: reader.links_of([old.id]))
    assert {link.connection for link in links} == {"shop", "till"}
    numbers = {path for link in links for path in link.claims if path.startswith("addresses/")}
    assert numbers <= set(both[old.id].golden)


def test_merged_customers_agree_when_one_of_them_is_edited(shops: Retailer) -> None:
    desk = two_alike(shops)
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "merge")
    shops.poll()
    (there,) = [doc for doc in shops.at_till().values() if doc.get("phone_number") == PHONE and "reference_id" not in doc][:1]
    shops.till.edit_customer(there["id"], note="likes tea")
    shops.poll()
    assert "likes tea" in {doc["note"] for doc in shops.at_shop().values()}


def test_keep_apart_lets_both_live_when_they_are_two(shops: Retailer) -> None:
    desk = two_alike(shops)
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "keep apart")
    shops.poll(2)
    assert [one for one in desk.look(list_reviews) if one["kind"] == ReviewKind.MATCH] == []
    assert desk.customer("ada@example.org").id != desk.customer("work@example.org").id


def test_yes_sends_again_when_a_system_showed_something_else_for_our_value(shops: Retailer) -> None:
    """What it showed in answer to our write was taken for its way to show it; a person says that it is not."""
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)

    def not_kept(unit: Unit) -> None:
        link = next(link for link in unit.links_of([desk.customer("ada@example.org").id]) if link.connection == "till")
        link.claims["family_name"].held = "Mountain"
        unit.save_links([link])
        detail = {"field": "family_name", "connection": "till"}
        unit.save_reviews([Review(unit.next_id("review"), ReviewKind.NOT_KEPT, "x", link.entity_id, link.id, 0, detail)])

    desk.office.write(not_kept)
    shops.shop.edit_customer(ada, note="likes tea")
    shops.writes()
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "yes")
    assert desk.lines()["family_name"] == "Mountain -> Berg"


@pytest.mark.parametrize(("answer", "says"), [("perhaps", "`merge` or `keep apart`"), ("yes", "no answer")])
def test_resolve_is_refused_when_the_answer_does_not_fit(shops: Retailer, answer: str, says: str) -> None:
    desk = two_alike(shops)
    (question,) = desk.look(list_reviews)
    with pytest.raises(UsageError, match=says):
        resolve_review(desk.office, question["id"], answer)
    assert [one["id"] for one in desk.look(list_reviews)] == [question["id"]]


def test_resolve_is_refused_when_the_question_is_answered_already(shops: Retailer) -> None:
    desk = two_alike(shops)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "keep apart")
    with pytest.raises(UsageError, match="answered already"):
        resolve_review(desk.office, question["id"], "merge")


def test_explain_names_who_entered_what_and_what_it_beat_when_both_have_spoken(shops: Retailer) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="ada@example.org")
    shops.settle()
    (at_till,) = shops.till.customer_ids()
    shops.till.edit_customer(at_till, family_name="Holm")
    shops.poll()
    desk = Desk(shops)
    entity = desk.customer("ada@example.org")
    told = desk.look(lambda reader: explain_entity(reader, desk.office.ground, entity, "family_name"))
    (field,) = told["fields"]
    assert (field["value"], field["policy"]) == ("Holm", "newest")
    assert (field["entered_there"]["connection"], field["entered_there"]["by"]) == ("till", "entered there")
    assert [(one["connection"], one["value"], one["why"]) for one in field["beat"]] == [
        ("shop", "Berg", "somebody entered another value since")
    ]
    seen = {one["connection"]: (one["last_seen_there"], one["is"].partition(" of ")[0]) for one in field["seen"]}
    assert seen == {"shop": ("Holm", "shows our value"), "till": ("Holm", "entered there")}
    assert [entry["what"] for entry in told["history"]] == ["found there at the first read"] * 2 + ["changed there"]


def test_explain_refuses_with_the_nearest_name_when_a_field_is_misspelt(shops: Retailer) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    entity = desk.customer("ada@example.org")
    with pytest.raises(UsageError, match="given_name"):
        desk.look(lambda reader: explain_entity(reader, desk.office.ground, entity, "given_nam"))


def test_find_takes_every_name_of_a_record_when_a_person_types_it(shops: Retailer) -> None:
    at_shop = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    entity = desk.customer("Ada@Example.org")
    assert desk.customer(str(entity.id)).id == entity.id
    assert desk.customer(f"shop/customers/{at_shop}").id == entity.id
    shown = desk.look(lambda reader: show_entity(reader, desk.office.ground, entity))
    assert (shown["name"], {one["connection"] for one in shown["records"]}) == ("Ada Berg", {"shop", "till"})
    with pytest.raises(UsageError, match="no customer"):
        desk.customer("nobody@example.org")
    with pytest.raises(UsageError, match="no product"):
        desk.look(lambda reader: find_entity(reader, EntityType.PRODUCT, str(entity.id)))
    with pytest.raises(UsageError, match="Did you mean `customer`"):
        entity_type("costumer")


def test_yes_to_an_emptied_record_counts_once_when_it_was_taken_in(shops: Retailer) -> None:
    there = shops.till.add_customer(given_name="Ada", family_name="Berg", email_address="ada@example.org", note="likes tea")
    shops.settle()
    shops.till.edit_customer(there, given_name=None, family_name=None, note=None)
    shops.poll()
    desk = Desk(shops)
    (question,) = desk.look(list_reviews)
    assert question["kind"] == ReviewKind.EMPTIED
    resolve_review(desk.office, question["id"], "yes")
    assert [flag for flag in desk.look(lambda reader: reader.flags()) if flag.startswith("accepted/")] != []
    shops.poll()
    assert [flag for flag in desk.look(lambda reader: reader.flags()) if flag.startswith("accepted/")] == []
    assert desk.customer("ada@example.org").golden["note"].value is None
