"""The inherited suite over Shopify's streams and sinks."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import connectors.shopify
from connectors.shopify import CONNECTOR, FAKE, ShopifyFake
from hub.model.values import Doc, Micros
from hub.sdk import Change
from tests.connectors.shopify.account import SETTINGS, movement
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract


def _customers(fake: ShopifyFake, count: int) -> list[str]:
    start = len(fake.state.customers)
    return [fake.add_customer(firstName="Ada", email=f"ada{start + index}@example.com") for index in range(count)]


def _products(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.add_product(f"Shirt {index}", [{"sku": f"S-{index}"}, {"sku": f"L-{index}"}])[0] for index in range(count)]


def _variants(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.add_product(f"Shirt {index}", [{"sku": f"S-{index}", "price": "5"}])[1][0] for index in range(count)]


def _locations(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.add_location(f"Store {index}") for index in range(count)]


def _levels(fake: ShopifyFake, count: int) -> list[str]:
    location = fake.add_location("Store")
    variants = _variants(fake, count)
    for variant in variants:
        fake.set_stock(variant, location, 5)
    return [fake.level_key(variant, location) for variant in variants]


def _sell(fake: ShopifyFake, level: str) -> None:
    item, _, location = level.partition("|")
    fake.order(f"gid://shopify/InventoryItem/{item}", f"gid://shopify/Location/{location}", 1)


def _order(fake: ShopifyFake, count: int = 1) -> list[int]:
    location = fake.add_location("Store")
    variants = _variants(fake, 2)
    for variant in variants:
        fake.set_stock(variant, location, 1000)
    more = {"shipping": "4.90", "code": "SUMMER", "percent": 10, "email": "ada@example.com", "rate": 20}
    return [fake.place_order([(variant, location, 2) for variant in variants], **more) for _ in range(count)]


def _orders(fake: ShopifyFake, count: int) -> list[str]:
    return [f"gid://shopify/Order/{number}" for number in _order(fake, count)]


def _payments(fake: ShopifyFake, count: int) -> list[str]:
    return [f"gid://shopify/OrderTransaction/{fake.state.orders[one].transactions[0].number}" for one in _order(fake, count)]


def _refunds(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.refund(number, "2.50", {0: 1}, note="late") for number in _order(fake, count)]


def _shipments(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.ship(number, company="UPS", number="1Z", url="https://ups.test/1Z") for number in _order(fake, count)]


def _returns(fake: ShopifyFake, count: int) -> list[str]:
    return [fake.ask_return(number, {0: 1, 1: 2}, "too small") for number in _order(fake, count)]


def _edit_order(fake: ShopifyFake, external_id: str) -> None:
    fake.edit_order(int(external_id.rpartition("/")[2]), note="ring twice")


def _shop(now: Callable[[], Micros], url: str) -> ShopifyFake:
    """Return a shop with one paid order, for refunds to be made of."""
    fake = FAKE(now, webhook_url=url, capacity=100_000)
    _order(fake)
    fake.take_webhooks()
    return fake


ORDER = next(iter(_shop(lambda: 0, "").state.orders))


def _move(fake: ShopifyFake) -> Change:
    return movement(_levels(fake, 1)[0], delta=-2)


def _on_hand(fake: ShopifyFake) -> int:
    return list(fake.state.levels.values())[-1].quantities["on_hand"]


def _customer(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"lastName": "Lovelace", "tags": ["a", "b"]}, ("lastName", "tags")


UPDATED = frozenset({"updatedAt"})
CASE = Case(
    connector=CONNECTOR,
    fake=_shop,
    settings=SETTINGS,
    streams={
        "locations": StreamCase(
            make=_locations,
            identity=lambda doc: doc["id"],
            touch=lambda fake, external_id: fake.edit_location(external_id, name="Moved"),
            unknown_id="gid://shopify/Location/999",
            pages=False,
        ),
        "customers": StreamCase(
            make=_customers,
            identity=lambda doc: doc["id"],
            touch=lambda fake, external_id: fake.edit_customer(external_id, note="called"),
            new={
                "firstName": "Grace",
                "tags": ["navy"],
                "defaultEmailAddress": {
                    "emailAddress": "grace@example.com",
                    "marketingState": "NOT_SUBSCRIBED",
                    "marketingUpdatedAt": None,
                },
            },
            edit=_customer,
            volatile=UPDATED,
            count=30,
            unknown_id="gid://shopify/Customer/999",
        ),
        "products": StreamCase(
            make=_products,
            identity=lambda doc: doc["id"],
            touch=lambda fake, external_id: fake.edit_product(external_id, title="Renamed"),
            edit=lambda doc: (doc | {"title": "Jacket"}, ("title",)),
            volatile=UPDATED,
            unknown_id="gid://shopify/Product/999",
        ),
        "variants": StreamCase(
            make=_variants,
            identity=lambda doc: doc["id"],
            edit=lambda doc: (doc | {"price": "7.50", "sku": "new"}, ("price", "sku")),
            volatile=UPDATED,
            count=60,
            unknown_id="gid://shopify/ProductVariant/999",
        ),
        "inventory": StreamCase(
            make=_levels,
            identity=lambda doc: doc["id"],
            touch=_sell,
            adjust=_move,
            level=_on_hand,
            ordered=False,
            count=80,
            unknown_id="999|999",
        ),
        "orders": StreamCase(
            make=_orders,
            identity=lambda doc: doc["id"],
            touch=_edit_order,
            unknown_id="gid://shopify/Order/999",
        ),
        "transactions": StreamCase(
            make=_payments, identity=lambda doc: doc["id"], unknown_id="gid://shopify/OrderTransaction/999"
        ),
        "refunds": StreamCase(
            make=_refunds,
            identity=lambda doc: doc["id"],
            new={
                "order": {"id": f"gid://shopify/Order/{ORDER}"},
                "totalRefundedSet": {"shopMoney": {"amount": "5.0", "currencyCode": "EUR"}},
                "note": "at the till",
            },
            unknown_id="gid://shopify/Refund/999",
        ),
        "fulfillments": StreamCase(make=_shipments, identity=lambda doc: doc["id"], unknown_id="gid://shopify/Fulfillment/999"),
        "returns": StreamCase(make=_returns, identity=lambda doc: doc["id"], unknown_id="gid://shopify/Return/999"),
    },
    folder=Path(connectors.shopify.__file__).parent,
    signature_header="x-shopify-hmac-sha256",
    secrets=("shpat_fake", "shopify-secret"),
)


class TestShopify(ConnectorContract):
    """Everything that every connector keeps."""

    case = CASE
