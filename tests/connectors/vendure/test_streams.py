from __future__ import annotations

from typing import Any

import pytest

from connectors.vendure import CONNECTOR
from hub.clock import micros
from hub.sdk import Cursor
from tests.connectors.vendure.shop import Shop, bodies, recorded, shop

SINCE = micros("2026-11-21T10:00:00Z")


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        (
            "customers",
            {
                "id",
                "createdAt",
                "updatedAt",
                "title",
                "firstName",
                "lastName",
                "emailAddress",
                "phoneNumber",
                "customFields",
                "user",
            }
            | {"addresses"},
        ),
        ("products", {"id", "createdAt", "updatedAt", "languageCode", "enabled", "name", "slug", "description"}),
        (
            "variants",
            {"id", "createdAt", "updatedAt", "productId", "languageCode", "sku", "name", "enabled", "trackInventory", "price"}
            | {"priceWithTax", "currencyCode", "prices", "customFields", "tracked"},
        ),
        (
            "inventory",
            {"id", "variantId", "stockLocationId", "stockOnHand", "stockAllocated", "createdAt", "updatedAt", "tracked"},
        ),
        ("locations", {"id", "createdAt", "updatedAt", "name", "description"}),
        (
            "orders",
            {"id", "createdAt", "updatedAt", "changedAt", "orderPlacedAt", "code", "state", "type", "currencyCode", "customer"}
            | {"subTotalWithTax", "shippingWithTax", "total", "totalWithTax", "shippingAddress", "customFields", "taxIncluded"}
            | {"paymentState", "fulfilmentState", "taxTotal", "discountTotal", "paidTotal", "refundedTotal", "taxes"}
            | {"lines", "discounts", "shippingLines", "payments", "refunds", "fulfillments"},
        ),
    ],
)
def test_page_returns_the_documents_as_the_live_server_shows_them(name: str, keys: set[str]) -> None:
    page = CONNECTOR.streams[name].page(shop(f"{name}_page").client(page_size="3"), Cursor())
    assert page.docs
    assert all(doc.keys() == keys for doc in page.docs)


@pytest.mark.parametrize("name", CONNECTOR.streams)
def test_page_asks_again_what_was_recorded_when_nothing_changed_in_the_connector(name: str) -> None:
    live = shop(f"{name}_page")
    CONNECTOR.streams[name].page(live.client(page_size="3"), Cursor())
    pair = recorded(f"{name}_page")[0]
    assert live.asked[1] == {"query": pair["query"], "variables": pair["variables"]}


def test_page_tells_the_total_when_the_read_is_whole() -> None:
    page = CONNECTOR.streams["customers"].page(shop("customers_page").client(page_size="3"), Cursor())
    assert (page.total, len(page.docs), page.token is not None) == (59, 3, True)


def test_page_tells_no_total_when_the_read_starts_somewhere() -> None:
    live = shop("customers_since")
    page = CONNECTOR.streams["customers"].page(live.client(page_size="3"), Cursor(since=SINCE))
    assert page.total is None
    assert live.asked[1]["variables"]["options"]["filter"] == {"updatedAt": {"after": "2026-11-21T09:59:59.999Z"}}


def test_page_tells_no_total_when_documents_are_levels() -> None:
    page = CONNECTOR.streams["inventory"].page(shop("inventory_page").client(page_size="3"), Cursor())
    assert (page.total, len(page.docs)) == (None, 9)


def test_fetch_leaves_out_what_is_deleted() -> None:
    docs = CONNECTOR.streams["customers"].fetch(shop("customers_fetch").client(), ["1", "60"])
    assert [doc["id"] for doc in docs] == ["1"]


def test_fetch_returns_only_the_levels_asked_for() -> None:
    live = shop("inventory_fetch")
    docs = CONNECTOR.streams["inventory"].fetch(live.client(), ["1:1", "2:3"])
    assert {doc["id"] for doc in docs} == {"1:1", "2:3"}
    assert live.asked[1]["variables"]["options"]["filter"] == {"id": {"in": ["1", "2"]}}


@pytest.mark.parametrize(
    ("flag", "everywhere", "tracked"),
    [("TRUE", False, True), ("FALSE", True, False), ("INHERIT", True, True), ("INHERIT", False, False)],
)
def test_page_resolves_whether_stock_is_tracked(flag: str, everywhere: bool, tracked: bool) -> None:  # noqa: FBT001 - a table of cases
    account: dict[str, Any] = bodies("account")[0]
    account["data"]["globalSettings"]["trackInventory"] = everywhere
    answer: dict[str, Any] = bodies("variants_page")[0]
    answer["data"]["list"]["items"][0]["trackInventory"] = flag
    page = CONNECTOR.streams["variants"].page(Shop(account, answer).client(), Cursor())
    assert page.docs[0]["tracked"] is tracked


def test_inventory_reads_whole_because_orders_do_not_move_variants() -> None:
    assert CONNECTOR.streams["inventory"].incremental is False
    assert all(stream.lists_all for stream in CONNECTOR.streams.values())
