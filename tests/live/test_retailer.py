"""A retailer with a real Vendure as its shop and a simulated Square till, under the real hub: what both hold in the end.

Runs where SYNCLINE_LIVE is set (`make live`); the port is VENDURE_PORT (4100). The till opens its locations' stock.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from connectors.square import SquareFake
from hub.clock import SystemClock
from hub.config import parse_config
from hub.model.values import Doc
from hub.ops.operate import approve_all
from tests.live.vendure.server import Server, start, stop
from tests.retailer import INSTALLED, Driven, Wire, installed, judged, lose_answer

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("SYNCLINE_LIVE" not in os.environ, reason="starts a real server: set SYNCLINE_LIVE=1 or call `make live`"),
]
CONFIG = """
retailer: Live
connections:
  shop:
    connector: vendure
    settings: {base_url: "${SHOP_URL}", username: "${SHOP_USER}", password: "${SHOP_PASSWORD}", country: FR}
    start: live
    every: 1s
    entities: {customer: {create: always}}
    locations: {WH: "${SHOP_WH}"}
    stock: {WH: {opening: true, reports: both}}
  till:
    connector: square
    settings: {base_url: "https://till.test", access_token: "${TILL_TOKEN}", country: FR}
    start: live
    every: 1s
    visible_after: 500ms
    locations: {WH: "${TILL_WH}"}
    stock: {WH: {reports: available, receives: available}}
    entities:
      customer: {create: always}
      product: {create: always}
      variant: {create: always}
policies:
  variant:
    price: {owner: shop}
"""
QUIET: dict[str, list[str]] = {"shop": [], "till": []}


class LiveRetailer(Driven):
    """One Vendure, one simulated till, real time."""

    def __init__(self, folder: Path, server: Server) -> None:
        clock = SystemClock()
        self.server = server
        self.till = SquareFake(clock.now, token="EAAA-fake", country="FR", currency="EUR")
        self.warehouse = self.till.add_location("Warehouse")
        places = {"SHOP_WH": server.seed["locations"]["WH"], "TILL_WH": self.warehouse}
        environ = {"SHOP_URL": server.base_url, "SHOP_USER": server.username, "SHOP_PASSWORD": server.password}
        facts = {name: one.manifest.facts() for name, one in INSTALLED.items()}
        config = parse_config(CONFIG, environ={**environ, **places, "TILL_TOKEN": "EAAA-fake"}, connectors=facts)
        self._line = httpx.HTTPTransport()
        transports = {"shop": self._line, "till": httpx.MockTransport(judged(self.till))}
        super().__init__(folder, config, *installed(config), transports, clock)

    def hang_up(self) -> None:
        """End the hub and its connections."""
        self.close()
        self._line.close()

    def at_till(self) -> dict[str, Doc]:
        """Return the till's customers by e-mail (by id where there is none)."""
        docs = [self.till.customer(each) for each in self.till.customer_ids()]
        return {doc.get("email_address", doc["id"]): doc for doc in docs if doc}

    def at_shop(self) -> dict[str, dict[str, Any]]:
        """Return the shop's customers by e-mail, as its admins see them."""
        query = (
            "{ customers(options:{take:1000}){ items { id firstName lastName emailAddress phoneNumber"
            " customFields{ loyaltyTier } addresses{ id streetLine1 city postalCode country{ code } } } } }"
        )
        return {one["emailAddress"]: one for one in self.server.admin(query)["items"]}

    def variations(self) -> dict[str, Doc]:
        """Return the till's variations by SKU."""
        items = [self.till.object(each) for each in self.till.item_ids()]
        return {
            one["item_variation_data"].get("sku", one["id"]): one["item_variation_data"] | {"id": one["id"]}
            for item in items
            if item
            for one in item["item_data"]["variations"]
        }


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    yield start(int(os.environ.get("VENDURE_PORT", "4100")))
    stop()


@pytest.fixture(scope="module")
def retailer(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveRetailer]:
    running = LiveRetailer(tmp_path_factory.mktemp("live"), server)
    first = list(running.at_shop().items())
    for email, doc in first[:10]:  # the till knows ten of them already
        running.till.add_customer(given_name=doc["firstName"], family_name=doc["lastName"], email_address=email)
    for place in range(10):
        running.till.add_customer(given_name=f"Till{place}", family_name="Roux", email_address=f"till{place}@till.example")
    running.settle(120)
    yield running
    running.hang_up()


def assert_quiet(retailer: LiveRetailer) -> None:
    """Nothing is open, and reading everything again causes no write."""
    open_items = retailer.hub.open_items()
    assert len(open_items) == 1  # a disabled product is a draft, for which the till has no word
    assert "status" in open_items[0]
    retailer.writes()
    retailer.poll(2)
    assert retailer.writes() == QUIET


def pick(retailer: LiveRetailer, place: int) -> tuple[str, str, str]:
    """Return e-mail, shop id and till id of one customer."""
    email = sorted(retailer.server.seed["customers"])[place]
    return email, retailer.server.seed["customers"][email], retailer.at_till()[email]["id"]


def test_first_sync_brings_everybody_to_both(retailer: LiveRetailer) -> None:
    shop, till = retailer.at_shop(), retailer.at_till()
    assert set(till) == set(shop)
    assert len(till) == len(retailer.till.customer_ids()) == len(retailer.server.seed["customers"]) + 10
    names = {email: (doc["firstName"], doc["lastName"]) for email, doc in shop.items()}
    assert {email: (doc.get("given_name", ""), doc.get("family_name", "")) for email, doc in till.items()} == names
    cities = {email: doc["addresses"][0]["city"] for email, doc in shop.items() if doc["addresses"]}
    assert {email: doc["address"]["locality"] for email, doc in till.items() if "address" in doc} == cities
    assert_quiet(retailer)


def test_catalogue_reaches_the_till(retailer: LiveRetailer) -> None:
    query = "{ productVariants(options:{take:1000}){ items { sku priceWithTax currencyCode } } }"
    there = {one["sku"]: one["priceWithTax"] for one in retailer.server.admin(query)["items"]}
    shown = retailer.variations()
    assert {sku: one["price_money"]["amount"] for sku, one in shown.items()} == there


def test_edit_at_vendure_reaches_the_till(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = pick(retailer, 0)
    retailer.server.edit_customer(shop_id, lastName="Lovelace", phoneNumber="+33123450001")
    retailer.poll()
    doc = retailer.till.customer(till_id) or {}
    assert (doc["family_name"], doc["phone_number"]) == ("Lovelace", "+33123450001")
    assert_quiet(retailer)


def test_edit_at_the_till_reaches_vendure(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = pick(retailer, 1)
    retailer.till.edit_customer(till_id, given_name="Zoë", phone_number="01 23 45 00 02")
    retailer.poll()
    doc = retailer.server.customer(shop_id) or {}
    assert (doc["firstName"], doc["phoneNumber"]) == ("Zoë", "+33123450002")
    assert_quiet(retailer)


def test_edits_of_different_fields_both_stand(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = pick(retailer, 2)
    retailer.server.edit_customer(shop_id, firstName="Augusta")
    retailer.till.edit_customer(till_id, family_name="Lovelace")
    retailer.poll()
    shop, till = retailer.server.customer(shop_id) or {}, retailer.till.customer(till_id) or {}
    assert (shop["firstName"], shop["lastName"]) == (till["given_name"], till["family_name"]) == ("Augusta", "Lovelace")
    assert_quiet(retailer)


def test_later_edit_of_one_field_stands_on_both(retailer: LiveRetailer) -> None:
    _, shop_id, till_id = pick(retailer, 3)
    retailer.server.edit_customer(shop_id, lastName="Atshop")
    retailer.clock.sleep(1.1)
    retailer.till.edit_customer(till_id, family_name="Attill")
    retailer.poll()
    shop, till = retailer.server.customer(shop_id) or {}, retailer.till.customer(till_id) or {}
    assert (shop["lastName"], till["family_name"]) == ("Attill", "Attill")
    assert_quiet(retailer)


def test_address_edit_at_the_till_reaches_vendure(retailer: LiveRetailer) -> None:
    email = next(mail for mail, doc in sorted(retailer.at_shop().items()) if doc["addresses"])
    retailer.till.edit_customer(retailer.at_till()[email]["id"], address={"locality": "Villeurbanne"})
    retailer.poll()
    assert retailer.at_shop()[email]["addresses"][0]["city"] == "Villeurbanne"
    assert_quiet(retailer)


def test_customer_made_at_the_till_appears_in_vendure(retailer: LiveRetailer) -> None:
    home = {"address_line_1": "Rue 9", "locality": "Lyon", "postal_code": "69001", "country": "FR"}
    retailer.till.add_customer(given_name="Neu", family_name="Kunde", email_address="neu@till.example", address=home)
    retailer.poll()
    doc = retailer.at_shop()["neu@till.example"]
    assert (doc["firstName"], [one["city"] for one in doc["addresses"]]) == ("Neu", ["Lyon"])
    assert_quiet(retailer)


def test_customer_is_made_once_when_the_answer_is_lost(retailer: LiveRetailer) -> None:
    retailer.wires["shop"].breaks = [lose_answer]
    retailer.till.add_customer(given_name="Einmal", email_address="einmal@till.example")
    retailer.poll()
    assert retailer.at_shop()["einmal@till.example"]["firstName"] == "Einmal"
    assert_quiet(retailer)


class _Death(BaseException):
    """The process is gone."""


def die_after(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    wire.pass_on(name, request)
    raise _Death


def test_hub_goes_on_when_it_died_in_a_create(retailer: LiveRetailer) -> None:
    retailer.wires["shop"].breaks = [die_after]
    retailer.till.add_customer(given_name="Phoenix", email_address="phoenix@till.example")
    with pytest.raises(_Death):
        retailer.poll()
    retailer.restart()
    retailer.poll()
    found = retailer.server.admin("{ customers(options:{take:1000}){ items { emailAddress } } }")["items"]
    assert [one["emailAddress"] for one in found].count("phoenix@till.example") == 1
    assert retailer.at_shop()["phoenix@till.example"]["firstName"] == "Phoenix"
    assert_quiet(retailer)


def test_price_edit_at_vendure_reaches_the_till(retailer: LiveRetailer) -> None:
    retailer.server.edit_variant(retailer.server.seed["variants"]["TEE-M"], price=4321)
    retailer.poll()
    query = "{ productVariants(options:{take:1000}){ items { sku priceWithTax } } }"
    there = {one["sku"]: one["priceWithTax"] for one in retailer.server.admin(query)["items"]}
    assert retailer.variations()["TEE-M"]["price_money"]["amount"] == there["TEE-M"]
    assert_quiet(retailer)


def test_order_at_vendure_reaches_the_till_and_a_sale_there_comes_back(retailer: LiveRetailer) -> None:
    server, till, place = retailer.server, retailer.till, retailer.warehouse
    variation = retailer.variations()["TEE-L"]["id"]
    key = f"{server.seed['variants']['TEE-L']}:{server.seed['locations']['WH']}"
    before = server.levels()[key]
    till.count_stock(variation, place, 0)
    retailer.poll()
    approve_all(retailer.hub)  # the till's difference at opening is one approved figure
    retailer.poll()
    free = before.on_hand - before.allocated
    assert till.level(variation, place) == free
    order = server.buy_as_guest("TEE-L", 2)
    retailer.poll()
    assert till.level(variation, place) == free - 2
    server.fulfil(order)
    retailer.poll()
    assert till.level(variation, place) == free - 2
    till.sell(variation, place, 1)
    retailer.poll()
    after = server.levels()[key]
    assert (after.on_hand, after.allocated) == (before.on_hand - 3, before.allocated)
    assert till.level(variation, place) == free - 3
    assert_quiet(retailer)
