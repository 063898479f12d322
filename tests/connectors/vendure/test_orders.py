"""What a pass over orders reads, and what an order of the live server says in the hub's words."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.vendure import CONNECTOR
from connectors.vendure.papers import fulfilment_state, payment_state
from hub.clock import micros
from hub.model.record import EntityType, Record, Ref
from hub.model.values import Doc
from hub.sdk import Cursor, VersionKind
from tests.connectors.vendure.shop import Shop, bodies, recorded, shop
from tests.connectors.vendure.test_mappings import mapping
from tests.laws import check_laws

ORDERS = CONNECTOR.streams["orders"]
SINCE = micros("2026-11-21T10:00:00Z")
PLACED, PARTED, DONE, GONE = range(4)
SALES = [{"orderPlacedAt": {"isNull": False}}, {"type": {"notEq": "Seller"}}]


def items() -> list[Doc]:
    """Return the four recorded orders as the live server answers: placed, partly shipped, with a return, cancelled."""
    found: list[Doc] = bodies("orders_fetch")[0]["data"]["list"]["items"]
    return sorted(found, key=lambda item: int(item["id"]))


def answer(*found: Doc) -> dict[str, Any]:
    return {"data": {"list": {"totalItems": len(found), "items": list(found)}}}


def documents() -> list[Doc]:
    return list(ORDERS.fetch(Shop(*bodies("account"), answer(*items())).client(), ["1", "2", "3", "4"]))


def read(number: int) -> list[Record]:
    return mapping("orders").read(documents()[number]).records


def cents(amount: int) -> Doc:
    return {"amount": amount, "currency": "EUR"}


def wanted(live: Shop, number: int) -> list[Doc]:
    """Return what the number-th list query asked for beside sales."""
    asked: list[Doc] = live.asked[number]["variables"]["options"]["filter"]["_and"]
    assert asked[:2] == SALES
    return asked[2:]


def a_pass(live: Shop, client: Any) -> list[list[str]]:
    """Go through one pass; return the ids of each page."""
    pages, token = [], None
    for _ in range(3):
        page = ORDERS.page(client, Cursor(SINCE, token))
        pages.append([doc["id"] for doc in page.docs])
        token = page.token
    assert token is None
    return pages


def test_orders_are_told_apart_by_reads_because_their_times_do_not_move() -> None:
    assert ORDERS.version is VersionKind.NONE


def test_page_lists_all_sales_by_id_when_the_read_is_whole() -> None:
    live = shop("orders_page")
    page = ORDERS.page(live.client(page_size="3"), Cursor())
    assert ([doc["id"] for doc in page.docs], page.total, page.token) == (["1", "2", "3"], 4, "a2")
    assert live.asked[1]["variables"]["options"] == {"take": 3, "skip": 0, "sort": {"id": "ASC"}, "filter": {"_and": SALES}}


@pytest.mark.parametrize(("name", "token"), [("news", None), ("unfinished", "u0"), ("rest", "r0")])
def test_page_asks_again_what_was_recorded_when_the_pass_goes_on(name: str, token: str | None) -> None:
    live = shop(f"orders_{name}")
    ORDERS.page(live.client(page_size="3"), Cursor(1, token))
    pair = recorded(f"orders_{name}")[0]
    assert live.asked[1] == {"query": pair["query"], "variables": pair["variables"]}


def test_live_server_tells_news_unfinished_and_finished_apart() -> None:
    found = {name: bodies(f"orders_{name}")[0]["data"]["list"] for name in ("news", "unfinished", "rest")}
    assert found["news"]["totalItems"] == 4
    assert [item["id"] for item in found["unfinished"]["items"]] == ["1", "2"]
    assert [item["id"] for item in found["rest"]["items"]] == ["4", "3"]  # the newest first


def test_pass_asks_for_edited_placed_unfinished_and_finished_ones_of_late() -> None:
    live = shop("orders_unfinished", "orders_unfinished", "orders_rest")
    a_pass(live, live.client(page_size="100"))
    after, lately = {"after": "2026-11-21T09:59:59.999Z"}, {"orderPlacedAt": {"after": "2026-08-23T10:00:00Z"}}
    assert wanted(live, 1) == [{"_or": [{"updatedAt": after}, {"orderPlacedAt": after}]}]
    assert wanted(live, 2) == [lately, {"state": {"notIn": ["Delivered", "Cancelled"]}}]
    assert wanted(live, 3) == [lately, {"state": {"in": ["Delivered", "Cancelled"]}}]


def test_pass_looks_back_as_far_as_is_configured() -> None:
    live = shop("orders_unfinished")
    ORDERS.page(live.client(page_size="100", orders_days="7"), Cursor(SINCE, "u0"))
    assert wanted(live, 1)[0] == {"orderPlacedAt": {"after": "2026-11-14T10:00:00Z"}}


def test_pass_fetches_an_order_when_it_is_unfinished_no_more() -> None:
    one, two, *_ = items()
    script = (answer(), answer(one, two), answer(), answer(), answer(one), answer(two), answer())
    live = Shop(*bodies("account"), *script)
    client = live.client()
    assert a_pass(live, client) == [[], ["1", "2"], []]
    assert a_pass(live, client) == [[], ["1"], ["2"]]
    assert wanted(live, 6) == [{"id": {"in": ["2"]}}]


def test_pass_goes_on_with_the_unfinished_ones_when_a_page_is_full() -> None:
    one, two, *_ = items()
    live = Shop(*bodies("account"), answer(one, two), answer(two))
    client = live.client(page_size="2")
    first = ORDERS.page(client, Cursor(SINCE, "u0"))
    assert (first.token, ORDERS.page(client, Cursor(SINCE, first.token)).token) == ("u1", "r0")
    assert live.asked[2]["variables"]["options"]["skip"] == 1  # pages overlap: what leaves the list moves the others up
    assert client.orders.seen == {"1", "2"}


def test_round_goes_on_in_the_next_pass_and_begins_anew_at_its_end() -> None:
    *_, three, four = items()
    live = Shop(*bodies("account"), answer(four, three), answer(three), answer(four, three))
    client = live.client(page_size="2")
    for _ in range(3):
        ORDERS.page(client, Cursor(SINCE, "r0"))
    assert [asked["variables"]["options"]["skip"] for asked in live.asked[1:]] == [0, 1, 0]


def test_fetch_leaves_out_what_is_no_sale() -> None:
    live = shop("orders_fetch")
    assert {doc["id"] for doc in ORDERS.fetch(live.client(), ["1", "2", "3", "4", "9999"])} == {"1", "2", "3", "4"}
    assert wanted(live, 1) == [{"id": {"in": ["1", "2", "3", "4", "9999"]}}]


def test_mapping_keeps_the_laws_on_every_recorded_order() -> None:
    check_laws(mapping("orders"), documents())


def test_mapping_knows_every_path_of_every_recorded_order() -> None:
    assert [drift for doc in documents() for drift in mapping("orders").read(doc).drift] == []


def test_read_gives_what_the_server_says_to_the_cent() -> None:
    for number, item in enumerate(items()):
        order = read(number)[0]
        assert order.fields["total"] == cents(item["totalWithTax"])
        assert order.fields["tax_total"] == cents(item["totalWithTax"] - item["total"])
        lines = sum(line.values["total"]["amount"] for line in order.lists["lines"])
        assert lines + item["shippingWithTax"] == item["totalWithTax"]
        taxes = sum(tax.values["amount"]["amount"] for tax in order.lists["taxes"])
        assert taxes == item["totalWithTax"] - item["total"]


def test_read_gives_the_rates_of_taxes_as_shares() -> None:
    rates = {tax.values["title"]: tax.values["rate"] for tax in read(DONE)[0].lists["taxes"]}
    assert rates == {"Reduced Europe": "0.07", "shipping tax": "0.19"}


@pytest.mark.parametrize(
    ("number", "states", "money"),
    [
        (PLACED, ("open", "paid", "unfulfilled"), (4475, 4475, 0)),
        (PARTED, ("open", "paid", "partially_fulfilled"), (12492, 12492, 0)),
        (DONE, ("completed", "partially_refunded", "fulfilled"), (2285, 3180, 895)),
        (GONE, ("cancelled", "refunded", "unfulfilled"), (0, 5485, 5485)),
    ],
)
def test_read_gives_states_and_sums_of_an_order(number: int, states: tuple[str, ...], money: tuple[int, ...]) -> None:
    fields = read(number)[0].fields
    assert tuple(fields[name] for name in ("state", "payment_state", "fulfilment_state")) == states
    assert [fields[name] for name in ("total", "paid_total", "refunded_total")] == [cents(amount) for amount in money]


def test_read_gives_payments_refunds_and_fulfilments_as_parts_of_their_order() -> None:
    parts = {record.entity: record for record in read(DONE)[1:]}
    assert {record.refs["order"].external_id for record in parts.values() if record.refs["order"]} == {"3"}
    refund, payment, fulfilment = parts[EntityType.REFUND], parts[EntityType.PAYMENT], parts[EntityType.FULFILMENT]
    assert (refund.fields["state"], refund.fields["amount"], refund.fields["reason"]) == ("done", cents(895), "too small")
    assert (payment.fields["state"], payment.fields["method"], payment.fields["amount"]) == ("paid", "card", cents(3180))
    assert (fulfilment.fields["state"], fulfilment.fields["tracking_number"]) == ("delivered", "T1")
    assert [(piece.values["line"], piece.values["quantity"]) for piece in fulfilment.lists["pieces"]] == [("3", 3)]


def test_read_names_the_customer_when_a_guest_bought() -> None:
    guest = read(PLACED)[0]
    assert guest.refs["customer"] == Ref("customers", items()[PLACED]["customer"]["id"])
    assert guest.fields["email"] == "guest@checkout.example"


def test_surcharge_is_a_line_so_that_lines_add_up() -> None:
    item = items()[PLACED]
    charge = {"id": "7", "description": "Gift wrap", "sku": "", "price": 252, "priceWithTax": 300}
    changed = {**item, "surcharges": [charge], "totalWithTax": item["totalWithTax"] + 300, "total": item["total"] + 252}
    (doc,) = ORDERS.fetch(Shop(*bodies("account"), answer(changed)).client(), ["1"])
    order = mapping("orders").read(doc).records[0]
    assert order.lists["lines"][-1].values["title"] == "Gift wrap"
    assert sum(line.values["total"]["amount"] for line in order.lists["lines"]) + 495 == order.fields["total"]["amount"]
    assert sum(line.values["tax"]["amount"] for line in order.lists["lines"]) + 79 == order.fields["tax_total"]["amount"]


def test_discount_of_shipping_is_none_of_the_goods() -> None:
    item = items()[PLACED]
    off = [
        {"adjustmentSource": "Promotion:1", "description": "Autumn", "amountWithTax": -100},
        {"adjustmentSource": "Promotion:2", "description": "Free shipping", "amountWithTax": -495},
    ]
    free = {**item["shippingLines"][0], "discountedPriceWithTax": 0, "discounts": [{"adjustmentSource": "Promotion:2"}]}
    line = {**item["lines"][0], "proratedLinePriceWithTax": 3880}
    changed = {**item, "discounts": off, "shippingLines": [free], "lines": [line]}
    (doc,) = ORDERS.fetch(Shop(*bodies("account"), answer(changed)).client(), ["1"])
    order = mapping("orders").read(doc).records[0]
    assert [(one.values["title"], one.values["amount"]) for one in order.lists["discounts"]] == [("Autumn", cents(100))]
    assert (order.lists["lines"][0].values["discount"], order.fields["discount_total"]) == (cents(100), cents(100))


def test_changed_at_is_the_latest_time_in_the_document() -> None:
    item = items()[PARTED]
    item["fulfillments"][0]["updatedAt"] = "2030-01-01T00:00:00.000Z"
    (doc,) = ORDERS.fetch(Shop(*bodies("account"), answer(item)).client(), ["2"])
    assert doc["changedAt"] == "2030-01-01T00:00:00.000Z"


def paid(state: str, amount: int) -> Doc:
    return {"state": state, "amount": amount, "total": amount}


@pytest.mark.parametrize(
    ("payments", "refunds", "state"),
    [
        ([], [], "unpaid"),
        ([paid("Declined", 500)], [], "unpaid"),
        ([paid("Authorized", 500)], [], "authorized"),
        ([paid("Cancelled", 500)], [], "voided"),
        ([paid("Settled", 200), paid("Authorized", 300)], [], "partially_paid"),
        ([paid("Settled", 200), paid("Settled", 300)], [], "paid"),
        ([paid("Settled", 500)], [paid("Pending", 100)], "paid"),
        ([paid("Settled", 500)], [paid("Settled", 100)], "partially_refunded"),
        ([paid("Settled", 500)], [paid("Settled", 100), paid("Settled", 400)], "refunded"),
    ],
)
def test_payment_state_follows_from_payments_and_refunds(payments: list[Doc], refunds: list[Doc], state: str) -> None:
    assert payment_state(500, payments, refunds) == state


def handed(state: str, **units: int) -> Doc:
    return {"state": state, "lines": [{"orderLineId": line, "quantity": count} for line, count in units.items()]}


@pytest.mark.parametrize(
    ("fulfillments", "state"),
    [
        ([], "unfulfilled"),
        ([handed("Pending", a=2, b=1)], "unfulfilled"),
        ([handed("Cancelled", a=2, b=1)], "unfulfilled"),
        ([handed("Shipped", a=2)], "partially_fulfilled"),
        ([handed("Shipped", a=1), handed("Delivered", a=1, b=1)], "fulfilled"),
        ([handed("Shipped", a=3, b=1)], "fulfilled"),  # one of them was taken back
    ],
)
def test_fulfilment_state_follows_from_what_was_handed_over(fulfillments: list[Doc], state: str) -> None:
    lines = [{"id": "a", "quantity": 2}, {"id": "b", "quantity": 1}, {"id": "c", "quantity": 0}]
    assert fulfilment_state(lines, fulfillments) == state
