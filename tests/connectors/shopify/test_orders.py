"""Orders and what hangs on them: documents, states, money, paging; what they do in the simulated shop."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.shopify.client import ShopifyClient
from connectors.shopify.orders import refund
from hub.errors import PermissionMissing
from hub.mapping import load
from hub.model.record import EntityType, Record, Ref
from hub.model.values import Doc
from tests.connectors.shopify.account import Account, stocked
from tests.laws import check_laws

FILE = Path(__file__).resolve().parents[3] / "mappings" / "shopify" / "orders.yaml"
MAPPING = load(FILE.read_text("utf-8"), FILE.name)
SETTINGS = {"currency": "EUR", "country": "FR"}
ADDRESS = {"firstName": "Ada", "lastName": "Ley", "address1": "Rue A 1", "city": "Lyon", "zip": "69001", "countryCode": "FR"}


def _read(doc: Doc) -> list[Record]:
    reading = MAPPING.read(doc, SETTINGS)
    assert reading.drift == []
    return reading.records


def _parts(account: Account, number: int) -> dict[EntityType, list[Record]]:
    found: dict[EntityType, list[Record]] = {}
    for record in _read(_order(account, number)):
        found.setdefault(record.entity, []).append(record)
    return found


def _order(account: Account, number: int) -> Doc:
    return account.one("orders", f"gid://shopify/Order/{number}")


def _bought(quantity: int = 3, **more: Any) -> tuple[Account, int]:
    account = Account(capacity=100_000)
    variant, location, _ = stocked(account, 100)
    return account, account.fake.order(variant, location, quantity, **more)


def _euros(amount: int) -> Doc:
    return {"amount": amount, "currency": "EUR"}


def _rich() -> tuple[Account, int]:
    more: Doc = {"shipping": "4.90", "code": "TEN", "percent": 10, "rate": 20, "note": "ring", "tags": ["gift"]}
    account, number = _bought(email="Ada@x.example", phone="0612345678", address=ADDRESS, source="pos", **more)
    account.fake.ship(number, units={0: 2}, company="UPS", number="1Z", url="https://ups.test/1Z")
    account.fake.refund(number, "5", note="late")
    account.fake.refund(number, units={0: 1}, restock=True)
    account.fake.ask_return(number, {0: 1}, "too small")
    return account, number


def test_order_is_read_whole() -> None:
    account, number = _rich()
    order = _parts(account, number)[EntityType.ORDER][0]
    assert order.fields == {
        "number": "#1001",
        "channel": "pos",
        "state": "open",
        "payment_state": "partially_refunded",
        "fulfilment_state": "fulfilled",
        "placed_at": "2026-07-01T09:00:00Z",
        "cancelled_at": None,
        "cancel_reason": None,
        "email": "ada@x.example",
        "phone": "+33612345678",
        "tax_included": True,
        "subtotal": _euros(5373),
        "discount_total": _euros(597),
        "shipping_total": _euros(490),
        "tax_total": _euros(895),
        "total": _euros(5863),
        "paid_total": _euros(5863),
        "refunded_total": _euros(500 + 1791),
        "note": "ring",
    }
    assert order.refs == {"customer": None, "location": None}
    (line,) = order.lists["lines"]
    assert {**line.values, "variant": None} == {
        "sku": "S-1",
        "title": "Shirt",
        "variant": None,
        "quantity": 3,
        "unit_price": _euros(1990),
        "discount": _euros(597),
        "tax": _euros(895),
        "total": _euros(5373),
    }
    assert [each.values for each in order.lists["taxes"]] == [{"title": "VAT", "rate": "0.2", "amount": _euros(895)}]
    assert [each.values for each in order.lists["shipping"]] == [{"title": "Standard", "amount": _euros(490)}]
    assert [each.values for each in order.lists["discounts"]] == [{"code": "TEN"}]
    assert [each.values["value"] for each in order.lists["tags"]] == ["gift"]
    assert [(each.values["name"], each.values["postal_code"]) for each in order.lists["ship_to"]] == [("Ada Ley", "69001")]


def test_parts_of_an_order_are_read() -> None:
    account, number = _rich()
    parts = _parts(account, number)
    assert {kind.value: len(rows) for kind, rows in parts.items()} == {
        "order": 1,
        "payment": 1,
        "refund": 2,
        "fulfilment": 1,
        "return": 1,
    }
    hanging = [record for kind, rows in parts.items() if kind is not EntityType.ORDER for record in rows]
    assert all(record.refs["order"] == Ref("orders", f"gid://shopify/Order/{number}") for record in hanging)
    (payment,), (sent,), (asked,) = (parts[kind] for kind in (EntityType.PAYMENT, EntityType.FULFILMENT, EntityType.RETURN))
    assert (payment.fields["state"], payment.fields["amount"], payment.fields["method"]) == ("paid", _euros(5863), "manual")
    assert (sent.fields["kind"], sent.fields["state"], sent.fields["tracking_number"]) == ("ship", "shipped", "1Z")
    assert [(each.values["sku"], each.values["quantity"]) for each in sent.lists["pieces"]] == [("S-1", 2)]
    assert (asked.fields["number"], asked.fields["state"], asked.fields["reason"]) == ("#1001-R1", "requested", "other")
    money, goods = parts[EntityType.REFUND]
    assert (money.fields["amount"], money.fields["note"], money.lists["pieces"]) == (_euros(500), "late", [])
    (piece,) = goods.lists["pieces"]
    assert (piece.values["quantity"], piece.values["amount"], piece.values["restocked"]) == (1, _euros(1791), True)


def test_order_of_a_customer_in_a_store_refers_to_both() -> None:
    account = Account()
    variant, location, _ = stocked(account)
    ada = account.fake.add_customer(firstName="Ada", email="ada@example.com")
    number = account.fake.order(variant, location, 1, customer=ada, place=location, source="pos")
    order = _parts(account, number)[EntityType.ORDER][0]
    assert order.refs == {"customer": Ref("customers", ada), "location": Ref("locations", location)}
    assert order.fields["email"] == "ada@example.com"


def test_laws_hold_for_orders_and_what_hangs_on_them() -> None:
    account, number = _rich()
    bare = account.fake.place_order([(account.docs("variants")[0]["id"], account.docs("locations")[0]["id"], 1)], paid="")
    check_laws(MAPPING, [_order(account, number), _order(account, bare)], SETTINGS)


def _states(account: Account, number: int) -> tuple[Any, ...]:
    fields = _parts(account, number)[EntityType.ORDER][0].fields
    return fields["state"], fields["payment_state"], fields["fulfilment_state"]


def test_states_follow_an_order_that_is_paid_sent_and_filed() -> None:
    account, number = _bought(paid="AUTHORIZATION")
    seen = [_states(account, number)]
    for act in (
        lambda: account.fake.pay(number),
        lambda: account.fake.ship(number, units={0: 1}),
        lambda: account.fake.ship(number),
        lambda: account.fake.edit_order(number, closed=True),
        lambda: account.fake.refund(number, "59.70"),
    ):
        act()
        seen.append(_states(account, number))
    assert seen == [
        ("open", "authorized", "unfulfilled"),
        ("open", "paid", "unfulfilled"),
        ("open", "paid", "partially_fulfilled"),
        ("open", "paid", "fulfilled"),
        ("completed", "paid", "fulfilled"),
        ("completed", "refunded", "fulfilled"),
    ]
    payments = _parts(account, number)[EntityType.PAYMENT]
    assert [(each.fields["state"], each.fields["amount"]) for each in payments] == [
        ("authorized", _euros(5970)),
        ("paid", _euros(5970)),
    ]


def test_cancelled_order_gives_everything_back() -> None:
    account, number = _bought()
    account.fake.cancel_order(number)
    assert _states(account, number) == ("cancelled", "refunded", "unfulfilled")
    (made,) = _parts(account, number)[EntityType.REFUND]
    assert (made.fields["amount"], [each.values["quantity"] for each in made.lists["pieces"]]) == (_euros(5970), [3])
    account, number = _bought(paid="AUTHORIZATION")
    account.fake.cancel_order(number)
    assert _states(account, number) == ("cancelled", "voided", "unfulfilled")


def test_state_nobody_knows_is_left_and_reported() -> None:
    account, number = _bought()
    doc = _order(account, number)
    reading = MAPPING.read({**doc, "displayFinancialStatus": "ON_THE_MOON"}, SETTINGS)
    assert "payment_state" not in reading.records[0].fields
    assert [(drift.path, drift.kind.value) for drift in reading.drift] == [("displayFinancialStatus", "unknown_value")]


@pytest.mark.parametrize(
    ("display", "kind", "state"),
    [("DELIVERED", "ship", "delivered"), ("PICKED_UP", "pickup", "picked_up"), ("CANCELED", None, "cancelled")],
)
def test_fulfilment_says_how_and_where_it_is(display: str, kind: str | None, state: str) -> None:
    account, number = _bought()
    account.fake.deliver(number, account.fake.ship(number), display)
    (sent,) = _parts(account, number)[EntityType.FULFILMENT]
    assert (sent.fields.get("kind"), sent.fields["state"]) == (kind, state)


@pytest.mark.parametrize(
    ("states", "expected"), [(["SUCCESS"], "SUCCESS"), (["SUCCESS", "PENDING"], "PENDING"), (["PENDING", "FAILURE"], "FAILURE")]
)
def test_refund_is_as_far_as_its_slowest_transaction(states: list[str], expected: str) -> None:
    nodes = [{"id": str(place), "status": state} for place, state in enumerate(states)]
    pieces = {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}
    client: ShopifyClient = Account().client
    assert refund(client, {"id": "1", "transactions": {"nodes": nodes}, "refundLineItems": pieces})["status"] == expected


def test_long_order_is_read_to_its_end() -> None:
    account = Account(capacity=100_000)
    location = account.fake.add_location("Store")
    _, variants = account.fake.add_product("Shirt", [{"sku": f"S-{n}", "price": "1"} for n in range(70)])
    for variant in variants:
        account.fake.set_stock(variant, location, 5)
    number = account.fake.place_order([(variant, location, 1) for variant in variants])
    account.fake.ship(number)
    account.fake.refund(number, units=dict.fromkeys(range(60), 1))
    for _ in range(4):
        account.fake.ask_return(number, dict.fromkeys(range(7), 1))
    account.wait(5)
    (doc,) = account.docs("orders")
    assert doc == _order(account, number)
    skus = [f"S-{n}" for n in range(70)]
    assert [line["sku"] for line in doc["lineItems"]] == skus
    assert [piece["lineItem"]["sku"] for piece in doc["fulfillments"][0]["fulfillmentLineItems"]] == skus
    assert [piece["lineItem"]["sku"] for piece in doc["refunds"][0]["refundLineItems"]] == skus[:60]
    assert [len(each["returnLineItems"]) for each in doc["returns"]] == [7] * 4


def test_orders_come_by_time_of_change_and_a_changed_one_again() -> None:
    account, first = _bought()
    variant, location = account.docs("variants")[0]["id"], account.docs("locations")[0]["id"]
    account.wait(60)
    second = account.fake.order(variant, location, 1)
    since = account.wait(60)
    assert [doc["name"] for doc in account.docs("orders")] == ["#1001", "#1002"]
    account.fake.ship(first)
    assert [doc["name"] for doc in account.docs("orders", since)] == ["#1001"]
    assert [doc["name"] for doc in account.docs("orders")] == ["#1002", "#1001"]
    assert second > first


def test_search_lags_and_a_fetch_does_not() -> None:
    account = Account(search_lag_s=3)
    variant, location, _ = stocked(account)
    number = account.fake.order(variant, location, 1)
    assert (account.docs("orders"), _order(account, number)["name"]) == ([], "#1001")
    account.wait(3)
    assert [doc["name"] for doc in account.docs("orders")] == ["#1001"]


def test_orders_need_their_scope() -> None:
    account = Account(scopes=frozenset({"read_customers", "read_products"}))
    with pytest.raises(PermissionMissing, match="orders"):
        account.docs("orders")


def test_lines_shipping_and_discounts_add_up_for_every_percentage() -> None:
    for percent in range(0, 100, 7):
        account, number = _bought(percent=percent, shipping="3.33", rate=19)
        doc = _order(account, number)
        lines = sum(Decimal(line["total"]["amount"]) for line in doc["lineItems"])
        total = Decimal(doc["totalPriceSet"]["shopMoney"]["amount"])
        assert lines + Decimal(doc["shippingTotal"]["amount"]) == total


def test_stock_follows_what_happens_to_an_order() -> None:
    account = Account()
    variant, location, _ = stocked(account, 10)

    def shelf() -> tuple[int, int, int]:
        level = account.fake.level(variant, location) or {}
        return level["on_hand"], level["available"], level["committed"]

    number = account.fake.order(variant, location, 5)
    seen = [shelf()]
    account.fake.ship(number, units={0: 3})
    seen.append(shelf())
    account.fake.refund(number, units={0: 1}, restock=True)  # of those that wait
    seen.append(shelf())
    account.fake.refund(number, units={0: 2}, restock=True)  # of those that were sent
    seen.append(shelf())
    account.fake.refund(number, units={0: 1})  # money alone
    seen.append(shelf())
    account.fake.ship(number)
    seen.append(shelf())
    assert seen == [(10, 5, 5), (7, 5, 2), (7, 6, 1), (9, 8, 1), (9, 8, 1), (8, 8, 0)]
    with pytest.raises(ValueError, match=str(number)):
        account.fake.ship(number)
    with pytest.raises(ValueError, match=str(number)):
        account.fake.refund(number, units={0: 2})
    with pytest.raises(ValueError, match=str(number)):
        account.fake.refund(number, "100")
