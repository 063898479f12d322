"""Customers of a shop and a till, both ways, through the real connectors: what both hold in the end, and in how many writes."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model.values import Doc
from tests.retailer import Retailer

NOTHING: dict[str, list[str]] = {"shop": [], "till": []}
HOME = {"address1": "Rue 1", "city": "Lyon", "zip": "69001", "countryCode": "FR"}


def till_doc(retailer: Retailer, email: str = "ada@x.example") -> Doc:
    return retailer.at_till()[email]


def shop_doc(retailer: Retailer, email: str = "ada@x.example") -> Doc:
    return retailer.at_shop()[email]


def assert_quiet(retailer: Retailer) -> None:
    """Nothing is open, and reading everything again causes no write."""
    assert retailer.hub.open_items() == []
    retailer.writes()
    retailer.poll(2)
    assert retailer.writes() == NOTHING
    assert retailer.hub.open_items() == []


def linked(retailer: Retailer, **more: Any) -> tuple[str, str]:
    """Make Ada at the shop and let her reach the till. Returns both ids."""
    shop_id = retailer.shop.add_customer(firstName="Ada", lastName="Ley", email="ada@x.example", **more)
    retailer.settle()
    retailer.writes()
    return shop_id, till_doc(retailer)["id"]


def test_settle_brings_both_together_when_thirty_stand_on_each_side(retailer: Retailer) -> None:
    for n in range(30):
        both = n < 10
        name = f"Both{n}" if both else f"Shop{n}"
        mail = f"both{n}@x.example" if both else f"shop{n}@x.example"
        retailer.shop.add_customer(firstName=name, lastName="Roux", email=mail, phone=f"+3312345{n:04d}", addresses=[HOME])
        name = f"Both{n}" if both else f"Till{n}"
        retailer.till.add_customer(given_name=name, family_name="Roux", email_address=mail if both else f"till{n}@x.example")
    retailer.settle()
    writes = retailer.writes()
    assert (len(writes["shop"]), len(writes["till"])) == (20, 30)
    shop, till = retailer.at_shop(), retailer.at_till()
    assert len(shop) == len(retailer.shop.customers()) == len(till) == len(retailer.till.customer_ids()) == 50
    for mail, doc in shop.items():
        there = till[mail]
        assert (there["given_name"], there["family_name"], there.get("phone_number")) == (
            doc["firstName"],
            doc["lastName"],
            doc["phone"],
        )
        assert there.get("address", {}).get("locality") == (doc["addresses"][0]["city"] if doc["addresses"] else None)
    assert_quiet(retailer)


def test_edit_reaches_the_other_side_when_made_at_the_shop(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.shop.edit_customer(shop_id, lastName="Lovelace", note="likes tea")
    retailer.poll()
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 1}
    doc = retailer.till.customer(till_id) or {}
    assert (doc["family_name"], doc["note"]) == ("Lovelace", "likes tea")
    assert_quiet(retailer)


def test_edit_reaches_the_other_side_when_made_at_the_till(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.edit_customer(till_id, family_name="Lovelace", phone_number="+33123456789", note=None)
    retailer.poll()
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 0}
    doc = retailer.shop.customer(shop_id) or {}
    assert (doc["lastName"], doc["phone"]) == ("Lovelace", "+33123456789")
    assert_quiet(retailer)


def test_edits_both_survive_when_they_are_of_different_fields(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.shop.edit_customer(shop_id, firstName="Augusta")
    retailer.till.edit_customer(till_id, family_name="Lovelace")
    retailer.poll()
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 1}
    shop, till = shop_doc(retailer), till_doc(retailer)
    assert (shop["firstName"], shop["lastName"]) == (till["given_name"], till["family_name"]) == ("Augusta", "Lovelace")
    assert_quiet(retailer)


@pytest.mark.parametrize("first", ["shop", "till"])
def test_later_edit_wins_when_both_edit_one_field(retailer: Retailer, first: str) -> None:
    shop_id, till_id = linked(retailer)
    edits = {
        "shop": lambda: retailer.shop.edit_customer(shop_id, lastName="Atshop"),
        "till": lambda: retailer.till.edit_customer(till_id, family_name="Attill"),
    }
    last = ({"shop", "till"} - {first}).pop()
    edits[first]()
    retailer.clock.sleep(5)
    edits[last]()
    retailer.poll()
    wanted = {"shop": "Atshop", "till": "Attill"}[last]
    assert (shop_doc(retailer)["lastName"], till_doc(retailer)["family_name"]) == (wanted, wanted)
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {first: 1, last: 0}
    assert_quiet(retailer)


def test_edit_made_on_top_wins_when_the_other_came_first(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.shop.edit_customer(shop_id, lastName="First")
    retailer.poll()
    retailer.till.edit_customer(till_id, family_name="Second")
    retailer.poll()
    assert (shop_doc(retailer)["lastName"], till_doc(retailer)["family_name"]) == ("Second", "Second")
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 1}
    assert_quiet(retailer)


def test_first_address_reaches_the_till_when_the_shop_has_several(retailer: Retailer) -> None:
    work = {"address1": "Quai 2", "city": "Paris", "zip": "75001", "countryCode": "FR", "company": "Ley SA"}
    shop_id, _ = linked(retailer, addresses=[HOME, work])
    assert till_doc(retailer)["address"]["address_line_1"] == "Rue 1"
    assert_quiet(retailer)
    home = shop_doc(retailer)["addresses"][0]["id"]
    retailer.shop.edit_address(shop_id, home, city="Villeurbanne", zip="69100")
    retailer.poll()
    assert len(retailer.writes()["till"]) == 1
    assert till_doc(retailer)["address"]["locality"] == "Villeurbanne"
    assert_quiet(retailer)


def test_address_edit_reaches_the_right_one_when_made_at_the_till(retailer: Retailer) -> None:
    work = {"address1": "Quai 2", "city": "Paris", "zip": "75001", "countryCode": "FR", "company": "Ley SA"}
    _, till_id = linked(retailer, addresses=[{**HOME, "company": "Chez Ley", "phone": "+33111111111"}, work])
    retailer.till.edit_customer(till_id, address={"locality": "Villeurbanne"})
    retailer.poll()
    first, second = shop_doc(retailer)["addresses"]
    assert (first["city"], first["company"], first["phone"]) == ("Villeurbanne", "Chez Ley", "+33111111111")
    assert second["city"] == "Paris"
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 0}
    assert_quiet(retailer)


def test_address_of_the_till_is_added_when_the_shop_has_none(retailer: Retailer) -> None:
    _, till_id = linked(retailer)
    retailer.till.edit_customer(till_id, address={"address_line_1": "Rue 1", "locality": "Lyon", "country": "FR"})
    retailer.poll()
    assert [each["city"] for each in shop_doc(retailer)["addresses"]] == ["Lyon"]
    assert_quiet(retailer)
    retailer.till.edit_customer(till_id, address={"address_line_1": "Quai 9"})
    retailer.poll()
    assert [each["address1"] for each in shop_doc(retailer)["addresses"]] == ["Quai 9"]
    assert_quiet(retailer)


def test_address_goes_everywhere_when_removed_at_the_shop(retailer: Retailer) -> None:
    shop_id, _ = linked(retailer, addresses=[HOME])
    retailer.shop.remove_address(shop_id, shop_doc(retailer)["addresses"][0]["id"])
    retailer.poll()
    assert "address" not in till_doc(retailer)
    assert len(retailer.writes()["till"]) == 1
    assert_quiet(retailer)


def test_other_address_takes_the_place_when_the_first_is_removed(retailer: Retailer) -> None:
    work = {"address1": "Quai 2", "city": "Paris", "zip": "75001", "countryCode": "FR"}
    shop_id, _ = linked(retailer, addresses=[HOME, work])
    retailer.shop.remove_address(shop_id, shop_doc(retailer)["addresses"][0]["id"])
    retailer.poll()
    assert till_doc(retailer)["address"]["locality"] == "Paris"
    assert_quiet(retailer)


def test_opt_out_stays_at_the_shop_when_the_till_cannot_take_it(retailer: Retailer) -> None:
    shop_id, _ = linked(retailer, email_consent="SUBSCRIBED")
    retailer.shop.set_consent(shop_id, "email", "UNSUBSCRIBED")
    retailer.poll()
    assert retailer.writes() == NOTHING
    assert shop_doc(retailer)["email_consent"] == "UNSUBSCRIBED"
    assert_quiet(retailer)


def test_opt_out_reaches_the_shop_when_made_at_the_till(retailer: Retailer) -> None:
    _, till_id = linked(retailer, email_consent="SUBSCRIBED")
    retailer.till.unsubscribe(till_id)
    retailer.poll()
    assert shop_doc(retailer)["email_consent"] == "UNSUBSCRIBED"
    assert len(retailer.writes()["shop"]) == 1
    assert_quiet(retailer)


def test_tags_stay_at_the_shop_when_the_till_has_no_place(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer, tags=["vip"])
    retailer.shop.edit_customer(shop_id, tags=["vip", "new"])
    retailer.poll()
    assert retailer.writes() == NOTHING
    retailer.till.edit_customer(till_id, note="hello")
    retailer.poll()
    assert (shop_doc(retailer)["tags"], shop_doc(retailer)["note"]) == (["new", "vip"], "hello")
    assert_quiet(retailer)


def test_phone_is_international_at_the_shop_when_typed_as_at_home(retailer: Retailer) -> None:
    retailer.till.add_customer(given_name="Ada", email_address="ada@x.example", phone_number="01 23 45 67 89")
    retailer.settle()
    assert shop_doc(retailer)["phone"] == "+33123456789"
    assert till_doc(retailer)["phone_number"] == "01 23 45 67 89"
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 0}
    assert_quiet(retailer)


NAMES = [("Зоя", "Ёлкина"), ("明", "王"), ("Σοφία", "Παπαδοπούλου"), ("محمد", "عليّ"), ("Zoë", "O’Brien-Åström"), ("🌱", "Ey")]


def test_names_arrive_letter_by_letter_when_of_any_script(retailer: Retailer) -> None:
    for place, (first, last) in enumerate(NAMES):
        retailer.shop.add_customer(firstName=first, lastName=last, email=f"s{place}@x.example")
        retailer.till.add_customer(given_name=first, family_name=last, email_address=f"t{place}@x.example")
    retailer.settle()
    for place, names in enumerate(NAMES):
        there, here = till_doc(retailer, f"s{place}@x.example"), shop_doc(retailer, f"t{place}@x.example")
        assert (there["given_name"], there["family_name"]) == (here["firstName"], here["lastName"]) == names
    assert_quiet(retailer)


def test_customer_is_not_made_again_when_deleted_at_the_till(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.delete_customer(till_id)
    retailer.deliver_webhooks()
    retailer.settle()
    retailer.shop.edit_customer(shop_id, lastName="Still")
    retailer.poll()
    assert retailer.writes() == NOTHING
    assert retailer.till.customer_ids() == []
    assert shop_doc(retailer)["lastName"] == "Still"
    assert_quiet(retailer)


def test_deletion_is_seen_when_no_webhook_tells(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.delete_customer(till_id)
    retailer.shop.edit_customer(shop_id, lastName="Still")
    retailer.poll()
    assert retailer.till.customer_ids() == []
    assert_quiet(retailer)


def test_customers_arrive_when_they_have_no_email(retailer: Retailer) -> None:
    shop_id = retailer.shop.add_customer(firstName="Ole", lastName="Ohne", phone="+33123456700")
    till_id = retailer.till.add_customer(given_name="Tim", family_name="Anonym")
    retailer.settle()
    assert {doc["given_name"] for doc in retailer.at_till().values()} == {"Ole", "Tim"}
    assert {doc["firstName"] for doc in retailer.at_shop().values()} == {"Ole", "Tim"}
    assert (len(retailer.shop.customers()), len(retailer.till.customer_ids())) == (2, 2)
    assert retailer.shop.customer(shop_id)
    assert retailer.till.customer(till_id)
    assert_quiet(retailer)


def test_login_stays_when_the_till_changes_the_email(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.edit_customer(till_id, email_address="new@x.example")
    retailer.poll()
    assert (retailer.shop.customer(shop_id) or {})["email"] == "ada@x.example"
    assert len(retailer.till.customer_ids()) == len(retailer.shop.customers()) == 1
    assert_quiet(retailer)


def test_email_reaches_the_till_when_changed_at_the_shop(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.shop.edit_customer(shop_id, email="new@x.example")
    retailer.poll()
    assert (retailer.till.customer(till_id) or {})["email_address"] == "new@x.example"
    assert len(retailer.till.customer_ids()) == len(retailer.shop.customers()) == 1
    assert len(retailer.writes()["till"]) == 1
    assert_quiet(retailer)


def test_value_is_cleared_when_emptied_on_the_other_side(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer, note="likes tea", phone="+33123456789")
    retailer.till.edit_customer(till_id, note=None)
    retailer.poll()
    assert shop_doc(retailer)["note"] is None
    retailer.shop.edit_customer(shop_id, phone=None)
    retailer.poll()
    assert "phone_number" not in till_doc(retailer)
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 1}
    assert_quiet(retailer)


@pytest.mark.parametrize("newer", ["shop", "till"])
def test_both_show_one_address_when_different_lines_of_it_are_edited_at_once(retailer: Retailer, newer: str) -> None:
    shop_id, till_id = linked(retailer, addresses=[HOME])
    home = shop_doc(retailer)["addresses"][0]["id"]
    acts = {
        "shop": lambda: retailer.shop.edit_address(shop_id, home, address1="Quai 2"),
        "till": lambda: retailer.till.edit_customer(till_id, address={"address_line_2": "Apt 3"}),
    }
    acts.pop("till" if newer == "shop" else "shop")()
    retailer.clock.sleep(5)
    acts.popitem()[1]()
    retailer.poll(3)
    at_shop, at_till = shop_doc(retailer)["addresses"][0], till_doc(retailer)["address"]
    assert (at_shop["address1"], at_shop["address2"]) == (at_till["address_line_1"], at_till.get("address_line_2"))
    assert_quiet(retailer)


def test_line_goes_everywhere_when_taken_out_of_an_address(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer, addresses=[{**HOME, "address2": "Apt 3"}])
    retailer.till.edit_customer(till_id, address={"address_line_2": None})
    retailer.poll(3)
    assert shop_doc(retailer)["addresses"][0]["address2"] is None
    retailer.shop.edit_address(shop_id, shop_doc(retailer)["addresses"][0]["id"], address2="Apt 4")
    retailer.poll(3)
    assert till_doc(retailer)["address"]["address_line_2"] == "Apt 4"
    retailer.shop.edit_address(shop_id, shop_doc(retailer)["addresses"][0]["id"], address2=None)
    retailer.poll(3)
    assert "address_line_2" not in till_doc(retailer)["address"]
    assert_quiet(retailer)


def test_hint_wakes_the_other_lane_when_what_it_brought_is_due_there(retailer: Retailer) -> None:
    _, till_id = linked(retailer)
    retailer.deliver_webhooks()
    retailer.settle()
    shop, till = (retailer.hub.lanes[name] for name in ("shop", "till"))
    retailer.till.edit_customer(till_id, family_name="Roux")
    retailer.deliver_webhooks()
    shop._wake_push.clear()
    till.push_round()
    assert shop._wake_push.is_set()
    retailer.settle()
    assert shop_doc(retailer)["lastName"] == "Roux"
