"""A merge taken apart again: each half has its own records and values, copies are taken back, nobody asks again."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.model.entity import EntityState
from hub.model.review import Review, ReviewKind
from hub.ops.reviews import list_reviews, resolve_review
from hub.ops.split import split
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk

PHONE = "+33140000001"


def merged(shops: Retailer) -> tuple[Desk, int, int]:
    """Return a desk, and two customers that were merged: the shop's Ada (with an address) and the till's Bea (with a note)."""
    desk, old, young, _, _ = alike(shops)
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "merge")
    shops.poll(2)
    return desk, old, young


def alike(shops: Retailer) -> tuple[Desk, int, int, str, str]:
    """Return a desk, two customers who share a phone, and their ids at shop and till."""
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", phone=PHONE)
    shops.shop.add_address(ada, address1="Rue Une 1", city="Paris", zip="75001", countryCodeV2="FR")
    shops.settle()
    bea = shops.till.add_customer(
        given_name="Bea", family_name="Holm", email_address="bea@example.org", phone_number=PHONE, note="likes tea"
    )
    shops.poll()
    desk = Desk(shops)
    return desk, desk.customer("ada@example.org").id, desk.customer("bea@example.org").id, ada, bea


def test_merged_records_show_one_value_when_both_had_changed_it_equally_often(shops: Retailer) -> None:
    desk, _, _, ada, bea = alike(shops)
    shops.till.edit_customer(bea, family_name="Holmes")
    shops.poll()
    shops.shop.edit_customer(ada, lastName="Bergson")
    shops.poll()
    resolve_review(desk.office, desk.look(list_reviews)[0]["id"], "merge")
    shops.poll(2)
    assert {doc["family_name"] for doc in shops.at_till().values()} == {"Bergson"}


def test_split_gives_each_half_its_records_back_when_two_were_merged(shops: Retailer) -> None:
    desk, old, young = merged(shops)
    done = split(desk.office, old)
    assert (done["kept"], done["split"]) == (old, young)
    shops.poll(2)
    both = desk.look(lambda reader: reader.entities([old, young]))
    assert (both[young].state, both[young].alias_of) == (EntityState.LIVE, None)
    links = desk.look(lambda reader: reader.links_of([young]))
    assert done["records"] == [f"{each.connection}/{each.stream}/{each.external_id}" for each in links if not each.by_hub]
    assert {path: both[old].golden[path].value for path in ("given_name", "family_name")} == {
        "given_name": "Ada",
        "family_name": "Berg",
    }
    assert {path: both[young].golden[path].value for path in ("given_name", "family_name", "note")} == {
        "given_name": "Bea",
        "family_name": "Holm",
        "note": "likes tea",
    }


def test_copies_are_taken_back_when_their_origin_went_with_the_other_half(shops: Retailer) -> None:
    desk, old, _ = merged(shops)
    assert {doc["note"] for doc in shops.at_shop().values()} == {"likes tea"}
    split(desk.office, old)
    shops.poll(3)
    shop, till = shops.at_shop(), shops.at_till()
    assert {mail: doc["note"] for mail, doc in shop.items()} == {"ada@example.org": None, "bea@example.org": "likes tea"}
    assert {doc["lastName"] for doc in shop.values()} == {"Berg", "Holm"}
    assert "address" not in till["bea@example.org"]
    assert [doc.get("given_name") for doc in till.values() if doc.get("family_name") == "Holm"] == ["Bea"]


def test_nobody_is_asked_again_when_two_were_taken_apart(shops: Retailer) -> None:
    desk, old, young = merged(shops)
    split(desk.office, old)
    shops.poll(3)
    assert [one["id"] for one in desk.look(list_reviews) if one["kind"] == "match"] == []
    asked = Review(99, ReviewKind.MATCH, f"{old}/{young}", young, None, 0, {"alike": [old]})
    assert desk.office.write(lambda unit: unit.open_reviews([asked])) == []
    assert desk.customer(str(young)).id == young


def test_split_takes_records_out_when_they_are_named(shops: Retailer) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    there = shops.till.add_customer(given_name="Ada", family_name="Holm", email_address="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    one = desk.customer("ada@example.org").id
    done = split(desk.office, one, [f"till/customers/{there}"])
    assert done["kept"] == one
    assert done["split"] != one
    shops.poll(2)
    assert (shops.till.customer(there) or {})["family_name"] == "Holm"
    assert [doc["lastName"] for doc in shops.shop.customers()] == ["Berg"]
    assert [one["kind"] for one in desk.look(list_reviews)] == ["clash"]  # one login there, and nobody is made without it


@pytest.mark.parametrize(
    ("records", "says"),
    [
        ([], "Nothing was merged"),
        (["till/customers/none"], "no record of customer"),
        (["shop"], "no record of customer"),
    ],
)
def test_split_is_refused_when_there_is_nothing_to_take_apart(shops: Retailer, records: list[str], says: str) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    with pytest.raises(UsageError, match=says):
        split(desk.office, desk.customer("ada@example.org").id, records)


def test_split_is_refused_when_what_leaves_is_our_own_copy(shops: Retailer) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    desk = Desk(shops)
    (copy,) = shops.till.customer_ids()
    with pytest.raises(UsageError, match="copies that we made"):
        split(desk.office, desk.customer("ada@example.org").id, [f"till/customers/{copy}"])
