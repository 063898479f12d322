"""Orders, returns, payments and refunds: how they are read, page by page, and what the mapping files make of them."""

from __future__ import annotations

import json
from typing import Any, Final

import pytest

from connectors.square.orders import OrderStream, ReturnStream
from connectors.square.sales import number_in, refund, sale
from hub.clock import micros
from hub.mapping import check
from hub.model.record import DriftKind, Ref
from hub.model.values import Doc
from tests.connectors.square.contract import ABSENT, contract
from tests.connectors.square.sold import FOLDER, Shop, busy_shop, mapping_of, usd
from tests.laws import check_laws

FILES: Final = ("orders", "returns", "payments", "refunds")


@pytest.mark.parametrize("name", FILES)
def test_file_loads_without_errors(name: str) -> None:
    assert check((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml") == []


@pytest.mark.parametrize("name", FILES)
def test_mapping_keeps_the_laws_on_what_the_account_shows(name: str) -> None:
    docs = busy_shop().account.read_all(name)
    assert docs
    check_laws(mapping_of(name), docs)


# ---- what an order says


def test_read_order_gives_lines_and_totals_that_add_up() -> None:
    order = busy_shop().record("orders")
    fields = {name: value for name, value in order.fields.items() if value is not None}
    assert fields == {
        "number": order.external_id,
        "channel": "Square Point of Sale",
        "state": "completed",
        "payment_state": "paid",
        "placed_at": "2026-03-01T09:01:00Z",
        "tax_included": True,
        "discount_total": usd(100),
        "shipping_total": usd(0),
        "tax_total": usd(500),
        "tip_total": usd(50),
        "total": usd(3050),
    }
    lines = [one.values for one in order.lists["lines"]]
    assert [(one["title"], one["quantity"], one["unit_price"], one["discount"], one["total"]) for one in lines] == [
        ("Mug", 2, usd(950), usd(61), usd(1839)),
        ("Mug", 1, usd(1200), usd(39), usd(1161)),
    ]
    assert [one.values for one in order.lists["discounts"]] == [{"title": "Courtesy", "amount": usd(100)}]
    assert [one.values for one in order.lists["taxes"]] == [{"title": "VAT", "rate": "0.2", "amount": usd(500)}]


def test_read_order_names_its_customer_location_and_variants() -> None:
    shop = busy_shop()
    order = shop.record("orders")
    (anna,) = shop.fake.customer_ids()
    assert order.refs == {"customer": Ref("customers", anna), "location": Ref("locations", shop.location)}
    assert [one.values["variant"] for one in order.lists["lines"]] == [shop.mug, shop.cup]


def test_read_order_names_its_customer_when_only_the_payment_does() -> None:
    shop = Shop()
    anna = shop.fake.add_customer(given_name="Anna")
    shop.fake.ring_up([(shop.mug, 1)], shop.location, customer_id=anna, on_payment=True)
    assert shop.record("orders").refs["customer"] == Ref("customers", anna)


def test_read_order_has_no_customer_when_nobody_said_who() -> None:
    shop = Shop()
    shop.fake.ring_up([(shop.mug, 1)], shop.location)
    assert shop.record("orders").refs["customer"] is None


def test_read_order_gives_its_shipment_and_where_it_goes() -> None:
    shop = busy_shop()
    _, order, fulfilment, *_ = shop.records("orders")
    assert (order.fields["email"], order.fields["fulfilment_state"], order.fields["channel"]) == (
        "anna@example.com",
        "fulfilled",
        "Square Online",
    )
    assert [one.values for one in order.lists["shipping"]] == [{"title": "Shipping", "amount": usd(400)}]
    assert [(one.values["name"], one.values["line1"], one.values["country_code"]) for one in order.lists["ship_to"]] == [
        ("Anna Ek", "1 Main St", "US")
    ]
    assert fulfilment.fields == {
        "kind": "ship",
        "state": "shipped",
        "tracking_number": "1Z",
        "tracking_company": "UPS",
        "tracking_url": "https://ups.test/1Z",
        "fulfilled_at": "2026-03-01T09:01:00Z",
    }
    assert fulfilment.refs["order"] == Ref("orders", order.external_id)


@pytest.mark.parametrize(
    ("states", "seen"),
    [
        ([], ("open", "unpaid", "unfulfilled", "pending")),
        (["RESERVED"], ("open", "unpaid", "unfulfilled", "in_progress")),
        (["RESERVED", "PREPARED"], ("open", "unpaid", "unfulfilled", "ready")),
        (["COMPLETED"], ("completed", "paid", "fulfilled", "picked_up")),
    ],
)
def test_read_order_follows_a_pickup(states: list[str], seen: tuple[str, ...]) -> None:
    shop = Shop()
    ordered = shop.fake.order_ahead([(shop.mug, 1)], shop.location)
    for state in states:
        shop.fake.move_order(ordered, state)
    order, pickup = shop.records("orders")
    told = [order.fields[name] for name in ("state", "payment_state", "fulfilment_state")]
    assert (*told, pickup.fields["state"]) == seen
    assert shop.fake.level(shop.mug, shop.location) == 10 - ("picked_up" in seen)


def test_read_order_is_cancelled_when_it_was_cancelled() -> None:
    shop = Shop()
    shop.fake.cancel_order(shop.fake.order_ahead([(shop.mug, 1)], shop.location))
    order, pickup = shop.records("orders")
    assert (order.fields["state"], order.fields["cancelled_at"], pickup.fields["state"]) == (
        "cancelled",
        "2026-03-01T09:01:00Z",
        "cancelled",
    )
    assert order.fields.get("payment_state") is None


def test_read_order_says_how_much_is_paid_when_something_is_still_due() -> None:
    order = {"id": "A", "total_money": usd(500), "net_amount_due_money": usd(200), "state": "OPEN"}
    assert sale(order)["payment_state"] == "partially_paid"


def test_read_state_is_left_and_reported_when_it_is_new() -> None:
    (doc,) = [doc for doc in busy_shop().account.read_all("orders") if doc["state"] == "CANCELED"]
    reading = mapping_of("orders").read(doc | {"state": "ON_HOLD"})
    assert "state" not in reading.records[0].fields
    assert [(one.path, one.kind) for one in reading.drift] == [("state", DriftKind.UNKNOWN_VALUE)]


# ---- what is paid, and what comes back


def test_take_back_gives_a_return_and_a_refund_of_the_sale() -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 3)], shop.location, discount_minor=100)
    first = shop.fake.take_back(sold, {"line-1": 1})
    shop.fake.take_back(sold, {"line-1": 2}, restock=False)
    back, *_ = shop.records("returns")
    refunds = {one.external_id: one for one in shop.records("refunds")}
    assert (back.refs["order"], refunds[first].refs["order"]) == (Ref("", sold), Ref("", sold))
    assert (back.fields["state"], refunds[first].fields["state"]) == ("closed", "done")
    assert sum(one.fields["amount"]["amount"] for one in refunds.values()) == 2750  # type: ignore[index,call-overload]
    assert [one.values for one in refunds[first].lists["pieces"]] == [
        {"line": "line-1", "quantity": 1, "amount": refunds[first].fields["amount"]}
    ]
    assert shop.fake.level(shop.mug, shop.location) == 8
    assert [one.external_id for one in shop.records("orders")] == [sold]


def test_take_back_is_refused_when_more_comes_back_than_was_sold() -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 2)], shop.location)
    shop.fake.take_back(sold, {"line-1": 1})
    with pytest.raises(ValueError, match="than were sold"):
        shop.fake.take_back(sold, {"line-1": 2})


def test_read_payment_names_its_order() -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 1)], shop.location, method="CARD", tip_minor=100)
    payment = shop.record("payments")
    assert payment.refs == {"order": Ref("orders", sold)}
    assert payment.fields == {
        "state": "paid",
        "method": "CARD",
        "amount": usd(950),
        "tip": usd(100),
        "paid_at": "2026-03-01T09:01:00Z",
        "reference": payment.external_id[:4],
    }


@pytest.mark.parametrize("in_reason", [True, False])
def test_read_refund_names_an_order_of_another_system_by_its_number(in_reason: bool) -> None:  # noqa: FBT001 - a row of a table
    shop = Shop()
    shop.fake.refund_cash("#1001", 500, shop.location, in_reason=in_reason, goods=[(shop.mug, 1)])
    (refunded,) = shop.records("refunds")
    assert refunded.refs == {"order": Ref("", "#1001"), "location": Ref("locations", shop.location)}
    assert (refunded.fields["amount"], refunded.lists["pieces"]) == (usd(500), [])
    assert shop.records("orders") == []
    assert shop.fake.level(shop.mug, shop.location) == 11


@pytest.mark.parametrize(("status", "state"), [("PENDING", "pending"), ("COMPLETED", "done"), ("REJECTED", "failed")])
def test_read_refund_follows_the_bank(status: str, state: str) -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 1)], shop.location, method="CARD")
    given = shop.fake.take_back(sold, {"line-1": 1}, status="PENDING")
    shop.fake.settle_refund(given, status)
    assert shop.record("refunds").fields["state"] == state


def test_refund_finds_its_sale_in_the_payment_when_the_return_does_not_say_it() -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 1)], shop.location)
    shop.fake.take_back(sold, {"line-1": 1})
    back = shop.fake.core.state.orders[str(next(iter(shop.fake.core.state.refunds.values()))["order_id"])]
    del back["returns"][0]["source_order_id"]
    assert [doc["sold"] for doc in shop.account.read_all("refunds")] == [sold]


def test_exchange_is_a_sale_and_a_return() -> None:
    order = {"id": "E", "line_items": [{"uid": "1"}], "returns": [{"source_order_id": "S", "return_line_items": []}]}
    assert [doc["id"] for doc in OrderStream.shown(order)] == ["E"]
    assert [(doc["id"], doc["sold"]) for doc in ReturnStream.shown(order)] == [("E", "S")]


def test_refund_belongs_to_the_order_it_names_when_that_is_the_sale() -> None:
    assert refund({"id": "r", "reason": "#9"}, {"id": "S", "line_items": [{}]}, None)["sold"] == "S"


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Web order #1001: does not fit", "#1001"),
        ("Web order 1001", "1001"),
        ("T7JKQ2A", "T7JKQ2A"),
        ("size 42 #1001", "#1001"),
        ("2 socks", None),
        ("Returned Goods", None),
        ("", None),
        (None, None),
    ],
)
def test_number_in_finds_what_a_cashier_typed(text: str | None, number: str | None) -> None:
    assert number_in(text) == number


# ---- the contract

SHAPES: Final[dict[str, tuple[str, dict[str, str]]]] = {
    "orders": ("Order", {"line_items": "OrderLineItem", "fulfillments": "Fulfillment"}),
    "payments": ("Payment", {}),
    "refunds": ("PaymentRefund", {}),
}


@pytest.mark.skipif(contract() is None, reason=ABSENT)
@pytest.mark.parametrize("name", SHAPES)
def test_every_property_of_the_contract_is_mapped_or_ignored(name: str) -> None:
    judge = contract()
    assert judge is not None
    schema, lists = SHAPES[name]
    doc: Doc = dict.fromkeys(judge.components["schemas"][schema]["properties"], "x")
    doc |= {
        key: [{"order_id": "x"} | dict.fromkeys(judge.components["schemas"][inner]["properties"], "x")]
        for key, inner in lists.items()
    }
    unknown = [one.path for one in mapping_of(name).read(doc).drift if one.kind is DriftKind.UNKNOWN_FIELD]
    assert [path for path in unknown if path != "line_items.order_id"] == []


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_documents_hold_the_orders_of_the_contract() -> None:
    shop = busy_shop()
    judge = contract()
    assert judge is not None
    for order in shop.fake.core.state.orders.values():
        judge.schema("Order", json.loads(json.dumps(order)))
    stamps: list[Any] = [micros(doc["updated_at"]) for doc in shop.account.read_all("orders")]
    assert stamps == sorted(stamps)
