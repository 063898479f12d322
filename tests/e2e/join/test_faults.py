"""What breaks on the way: limits, failures, answers that are lost, stale versions, refusals, forged and real webhooks."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from hub.runtime.hub import Receipt
from hub.sdk import WebhookRequest
from tests.e2e.join.test_customers import assert_quiet, linked, shop_doc, till_doc
from tests.retailer import Retailer, Wire, answer_with, lose_answer, lose_request, meanwhile, passes

FAULTS = {
    "429": answer_with(429, **{"retry-after": "3"}),
    "500": answer_with(500),
    "503": answer_with(503, **{"retry-after": "2"}),
    "answer lost": lose_answer,
    "request lost": lose_request,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_create_makes_one_record_when_the_way_to_the_till_breaks(retailer: Retailer, fault: str) -> None:
    retailer.wires["till"].breaks = [FAULTS[fault]]
    retailer.shop.add_customer(firstName="Ada", lastName="Ley", email="ada@x.example")
    retailer.settle()
    assert len(retailer.till.customer_ids()) == len(retailer.shop.customers()) == 1
    assert till_doc(retailer)["family_name"] == "Ley"
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_create_makes_one_record_when_the_way_to_the_shop_breaks(retailer: Retailer, fault: str) -> None:
    retailer.wires["shop"].breaks = [FAULTS[fault]]
    retailer.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example", address={"locality": "Lyon"})
    retailer.settle()
    assert len(retailer.till.customer_ids()) == len(retailer.shop.customers()) == 1
    assert (shop_doc(retailer)["lastName"], [a["city"] for a in shop_doc(retailer)["addresses"]]) == ("Ley", ["Lyon"])
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_create_is_whole_when_its_second_call_breaks(retailer: Retailer, fault: str) -> None:
    retailer.wires["shop"].breaks = [passes, FAULTS[fault]]
    retailer.till.add_customer(given_name="Ada", email_address="ada@x.example", address={"locality": "Lyon"})
    retailer.settle()
    assert len(retailer.shop.customers()) == 1
    assert [a["city"] for a in shop_doc(retailer)["addresses"]] == ["Lyon"]
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_create_without_email_makes_one_record_when_the_answer_of_the_shop_is_lost(retailer: Retailer, fault: str) -> None:
    retailer.wires["shop"].breaks = [FAULTS[fault]]
    retailer.till.add_customer(given_name="Ada", phone_number="+33123456789")
    retailer.settle()
    assert [doc["firstName"] for doc in retailer.shop.customers()] == ["Ada"]
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_update_arrives_once_when_the_way_to_the_till_breaks(retailer: Retailer, fault: str) -> None:
    shop_id, till_id = linked(retailer)
    retailer.wires["till"].breaks = [FAULTS[fault]]
    retailer.shop.edit_customer(shop_id, lastName="Lovelace")
    retailer.poll()
    doc = retailer.till.customer(till_id) or {}
    assert (doc["family_name"], doc["version"]) == ("Lovelace", 1)
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_update_arrives_once_when_the_way_to_the_shop_breaks(retailer: Retailer, fault: str) -> None:
    shop_id, till_id = linked(retailer)
    retailer.wires["shop"].breaks = [FAULTS[fault]]
    retailer.till.edit_customer(till_id, family_name="Lovelace")
    retailer.poll()
    assert (retailer.shop.customer(shop_id) or {})["lastName"] == "Lovelace"
    edits = [entry for entry in retailer.shop.journal if entry.actor == "api" and "lastName" in entry.detail]
    assert len(edits) == 1
    assert_quiet(retailer)


@pytest.mark.parametrize("fault", FAULTS)
def test_new_address_is_added_once_when_the_way_to_the_shop_breaks(retailer: Retailer, fault: str) -> None:
    _, till_id = linked(retailer)
    retailer.wires["shop"].breaks = [FAULTS[fault]]
    retailer.till.edit_customer(till_id, address={"address_line_1": "Rue 1", "locality": "Lyon", "country": "FR"})
    retailer.poll()
    assert [a["address1"] for a in shop_doc(retailer)["addresses"]] == ["Rue 1"]
    assert_quiet(retailer)


def test_edit_of_both_survives_when_the_till_is_ahead_of_our_write(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.wires["till"].breaks = [meanwhile(lambda: retailer.till.edit_customer(till_id, note="vegan"))]
    retailer.shop.edit_customer(shop_id, lastName="Lovelace")
    retailer.poll()
    shop, till = shop_doc(retailer), till_doc(retailer)
    assert (shop["lastName"], shop["note"]) == (till["family_name"], till["note"]) == ("Lovelace", "vegan")
    assert_quiet(retailer)


def test_hub_goes_on_when_it_dies_before_an_answer_is_taken_in(retailer: Retailer) -> None:
    retailer.shop.add_customer(firstName="Ada", lastName="Ley", email="ada@x.example")
    retailer.wires["till"].breaks = [die_after]
    with pytest.raises(_Death):
        retailer.settle()
    retailer.restart()
    retailer.settle()
    assert len(retailer.till.customer_ids()) == 1
    assert till_doc(retailer)["family_name"] == "Ley"
    assert_quiet(retailer)


class _Death(BaseException):
    """The process is gone."""


def die_after(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    wire.pass_on(name, request)
    raise _Death


def test_rest_is_sent_when_the_shop_refuses_a_phone_number(retailer: Retailer) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.edit_customer(till_id, family_name="Lovelace", phone_number="12 34 56 78 90 12 34")
    retailer.poll()
    doc = retailer.shop.customer(shop_id) or {}
    assert (doc["lastName"], doc["phone"]) == ("Lovelace", None)
    (letter,) = retailer.dead_letters()
    assert (letter.connection, letter.field) == ("shop", "phone")
    retailer.writes()
    retailer.poll(2)
    assert retailer.writes() == {"shop": [], "till": []}
    retailer.till.edit_customer(till_id, phone_number="+33123456789")
    retailer.poll()
    assert (retailer.shop.customer(shop_id) or {})["phone"] == "+33123456789"


def test_customer_is_made_without_it_when_the_shop_refuses_a_phone_number(retailer: Retailer) -> None:
    retailer.till.add_customer(given_name="Ada", email_address="ada@x.example", phone_number="12 34 56 78 90 12 34")
    retailer.settle()
    assert (shop_doc(retailer)["firstName"], shop_doc(retailer)["phone"]) == ("Ada", None)
    (letter,) = retailer.dead_letters()
    assert (letter.connection, letter.field) == ("shop", "phone")
    assert len(retailer.shop.customers()) == 1


@pytest.mark.parametrize("side", ["shop", "till"])
def test_webhook_brings_an_edit_in_when_no_poll_is_due(retailer: Retailer, side: str) -> None:
    shop_id, till_id = linked(retailer)
    retailer.deliver_webhooks()
    retailer.settle()
    retailer.writes()
    edits: dict[str, Callable[[], None]] = {
        "shop": lambda: retailer.shop.edit_customer(shop_id, lastName="Lovelace"),
        "till": lambda: retailer.till.edit_customer(till_id, family_name="Lovelace"),
    }
    edits[side]()
    at = retailer.clock.at
    assert set(retailer.deliver_webhooks()) == {Receipt.ACCEPTED}
    while retailer.round():
        pass
    assert retailer.clock.at - at < 3_000_000
    assert shop_doc(retailer)["lastName"] == till_doc(retailer)["family_name"] == "Lovelace"
    assert_quiet(retailer)


def test_webhooks_change_nothing_when_sent_twice_and_late(retailer: Retailer) -> None:
    shop_id, _ = linked(retailer)
    retailer.shop.edit_customer(shop_id, lastName="Lovelace")
    hooks = list(retailer.shop.webhooks)
    retailer.deliver_webhooks()
    retailer.settle()
    retailer.writes()
    retailer.shop.webhooks = hooks * 2
    assert set(retailer.deliver_webhooks()) == {Receipt.ACCEPTED}
    retailer.settle()
    assert retailer.writes() == {"shop": [], "till": []}
    assert_quiet(retailer)


@pytest.mark.parametrize("side", ["shop", "till"])
def test_webhook_is_refused_when_forged(retailer: Retailer, side: str) -> None:
    linked(retailer)
    hook = retailer.fakes[side].take_webhooks()[0]
    forged = WebhookRequest(retailer.fakes[side].webhook_url, hook.headers, hook.body.replace(b"1", b"2"))
    reads = retailer.wires[side].reads
    assert retailer.hub.receive(side, forged) is Receipt.FORGED
    unsigned = WebhookRequest(retailer.fakes[side].webhook_url, {"content-type": "application/json"}, hook.body)
    assert retailer.hub.receive(side, unsigned) is Receipt.FORGED
    assert retailer.hub.open_items() == []
    retailer.round()
    assert retailer.wires[side].reads == reads


@pytest.mark.parametrize("lag_s", [5, 25])
def test_deletion_stands_when_the_search_still_shows_the_customer(retailer: Retailer, lag_s: int) -> None:
    _, till_id = linked(retailer)
    retailer.till.customers.search_lag_s = retailer.shop.search_lag_s = lag_s
    retailer.clock.sleep(100)
    retailer.till.delete_customer(till_id)
    retailer.deliver_webhooks()
    retailer.round()
    assert "deleted there" in retailer.happened()
    retailer.hub.lanes["till"].poll_now({"customers"}, full=True)
    retailer.round()
    retailer.poll()
    assert retailer.till.customer_ids() == []
    assert [row for row in retailer.happened() if row == "revived"] == []
    assert_quiet(retailer)


@pytest.mark.parametrize("lag_s", [5, 25])
def test_edits_arrive_once_when_searches_lag(retailer: Retailer, lag_s: int) -> None:
    shop_id, till_id = linked(retailer)
    retailer.till.customers.search_lag_s = retailer.shop.search_lag_s = lag_s
    for place in range(3):
        retailer.shop.edit_customer(shop_id, lastName=f"Shop{place}")
        retailer.poll()
        retailer.till.edit_customer(till_id, family_name=f"Till{place}", note=f"n{place}")
        retailer.deliver_webhooks()
        retailer.poll()
        assert (shop_doc(retailer)["lastName"], shop_doc(retailer)["note"]) == (f"Till{place}", f"n{place}")
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 3, "till": 3}
    assert_quiet(retailer)


@pytest.mark.parametrize("limited", [1, 3, 8])
def test_everything_arrives_when_the_till_throttles(retailer: Retailer, limited: int) -> None:
    for n in range(5):
        retailer.shop.add_customer(firstName=f"C{n}", email=f"c{n}@x.example")
    retailer.till.throttled = limited
    retailer.settle()
    assert len(retailer.till.customer_ids()) == 5
    assert_quiet(retailer)
