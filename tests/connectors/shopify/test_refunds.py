"""Making a refund in the shop: from which payment, of which units, and once."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.shopify import CONNECTOR
from hub.errors import ConfigError
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.shopify.account import SETTINGS as ACCESS
from tests.connectors.shopify.account import Account, stocked
from tests.connectors.shopify.contracts import needs_contracts, recorded
from tests.connectors.shopify.test_orders import MAPPING, SETTINGS

AT = "2026-07-01T08:30:00Z"


def _shop(quantity: int = 3, **more: Any) -> tuple[Account, int]:
    account = Account(capacity=100_000)
    variant, location, _ = stocked(account, 100)
    return account, account.fake.order(variant, location, quantity, **more)


def _change(number: int, amount: str, currency: str = "EUR", pieces: list[Doc] | None = None, **more: Any) -> Change:
    money = {"shopMoney": {"amount": amount, "currencyCode": currency}}
    after: Doc = {"order": {"id": f"gid://shopify/Order/{number}"}, "totalRefundedSet": money, "processedAt": AT, **more}
    after |= {"refundLineItems": pieces} if pieces is not None else {}
    return Change(Operation.CREATE, None, None, after, tuple(after))


def _given(account: Account, number: int) -> list[tuple[int | None, int]]:
    """Return (position of the payment, amount in cents) of all that went back."""
    rows = account.fake.state.orders[number].transactions
    places = {row.number: place for place, row in enumerate(rows)}
    return [(places.get(row.parent), row.amount) for row in rows if row.kind == "REFUND"]


def _asked(account: Account) -> list[Doc]:
    return [one["variables"]["input"] for one in account.requests if "refundCreate" in one["query"]]


def test_refund_answers_with_the_whole_document() -> None:
    account, number = _shop()
    (answer,) = account.send("refunds", _change(number, "5.00", note="late"))
    assert answer.kind is AnswerKind.DONE
    assert answer.doc == account.one("refunds", str(answer.external_id))
    (record,) = MAPPING.parts["refunds"].read(answer.doc or {}, SETTINGS).records
    assert record.fields == {"state": "done", "amount": {"amount": 500, "currency": "EUR"}, "note": "late", "refunded_at": AT}
    assert _given(account, number) == [(0, 500)]


def test_refund_is_made_once_when_it_is_sent_again_after_its_answer_was_lost() -> None:
    account, number = _shop(shipping="1.10")
    account.fake.ship(number)
    change = _change(number, "20.00", pieces=[{"lineItem": {"sku": "S-1"}, "quantity": 3}])
    first, second = account.send("refunds", change), account.send("refunds", change)
    assert first == second
    assert _given(account, number) == [(0, 2000)]
    asked = _asked(account)
    assert asked[0] == asked[1]


def test_resend_asks_the_same_when_the_first_took_all_that_one_payment_held() -> None:
    account, number = _shop(paid="")
    row = account.fake.state.orders[number]
    account.fake._transact(row, "SALE", 1000)
    account.fake.pay(number)
    change = _change(number, "15.00")
    account.send("refunds", change)
    account.send("refunds", change)
    assert _given(account, number) == [(0, 1000), (1, 500)]
    asked = _asked(account)
    assert asked[0] == asked[1]


def test_another_refund_goes_back_from_what_the_payments_still_hold() -> None:
    account, number = _shop(paid="")
    account.fake._transact(account.fake.state.orders[number], "SALE", 1000)
    account.fake.pay(number)
    account.send("refunds", _change(number, "8.00"), "one")
    (answer,) = account.send("refunds", _change(number, "7.00"), "two")
    assert answer.kind is AnswerKind.DONE
    assert _given(account, number) == [(0, 800), (0, 200), (1, 500)]


def test_authorizations_and_failed_payments_hold_no_money() -> None:
    account, number = _shop(paid="AUTHORIZATION")
    failed = account.fake._transact(account.fake.state.orders[number], "SALE", 5970)
    failed.status = "FAILURE"
    (answer,) = account.send("refunds", _change(number, "5.00"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "totalRefundedSet")
    assert _asked(account) == []


def test_refund_is_refused_when_more_would_go_back_than_was_paid() -> None:
    account, number = _shop()
    account.fake.refund(number, "50")
    (answer,) = account.send("refunds", _change(number, "9.71"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "totalRefundedSet")
    (answer,) = account.send("refunds", _change(number, "9.70"))
    assert answer.kind is AnswerKind.DONE


def test_refund_is_refused_when_shopify_would_pay_out_what_was_given_back_elsewhere() -> None:
    account, number = _shop(gateway="shopify_payments")
    (answer,) = account.send("refunds", _change(number, "5.00"))
    assert (answer.kind, answer.blames, _asked(account)) == (AnswerKind.REFUSED, "totalRefundedSet", [])
    account.client.pays_refunds = True
    (answer,) = account.send("refunds", _change(number, "5.00"))
    assert (answer.kind, _given(account, number)) == (AnswerKind.DONE, [(0, 500)])


@pytest.mark.parametrize(("said", "pays"), [({}, False), ({"refund_payments": "no"}, False), ({"refund_payments": "yes"}, True)])
def test_client_pays_refunds_only_when_it_is_told_to(said: dict[str, str], pays: bool) -> None:  # noqa: FBT001 - a row of a table
    account = Account()
    http = account.http(httpx.MockTransport(account.fake.respond))
    assert CONNECTOR.client({**ACCESS, **said}, http).pays_refunds is pays
    with pytest.raises(ConfigError, match="refund_payments"):
        CONNECTOR.client({**ACCESS, "refund_payments": "maybe"}, http)


def test_refund_is_refused_when_it_is_in_another_currency() -> None:
    account, number = _shop()
    (answer,) = account.send("refunds", _change(number, "5.00", "USD"))
    assert (answer.kind, answer.blames, _given(account, number)) == (AnswerKind.REFUSED, "totalRefundedSet", [])


def test_refund_is_gone_when_its_order_is() -> None:
    account, number = _shop()
    account.fake.delete_order(number)
    (answer,) = account.send("refunds", _change(number, "5.00"))
    assert answer.kind is AnswerKind.GONE


@pytest.mark.parametrize(
    ("sent", "back", "asked", "named"),
    [(3, 0, 2, 2), (3, 2, 2, 1), (1, 0, 2, 1), (0, 0, 2, 0), (3, 3, 1, 0)],
)
def test_units_are_named_when_they_were_sent_and_not_given_back_yet(sent: int, back: int, asked: int, named: int) -> None:
    account, number = _shop()
    [account.fake.ship(number, units={0: units}) for units in [sent] if units]
    [account.fake.refund(number, "1", units={0: units}, restock=True) for units in [back] if units]
    before = account.fake.level(*_where(account, number))
    change = _change(number, "5.00", pieces=[{"lineItem": {"sku": "S-1", "id": "till-line-7"}, "quantity": asked}])
    (answer,) = account.send("refunds", change)
    lines = [piece["quantity"] for piece in (answer.doc or {})["refundLineItems"]]
    assert lines == [units for units in [named] if units]
    assert account.fake.level(*_where(account, number)) == before


def _where(account: Account, number: int) -> tuple[str, str]:
    line = account.fake.state.orders[number].lines[0]
    return f"gid://shopify/ProductVariant/{line.variant}", f"gid://shopify/Location/{line.location}"


def test_units_of_one_sku_are_not_named_more_often_than_they_are_there() -> None:
    account, number = _shop()
    account.fake.ship(number)
    pieces = [
        {"lineItem": {"sku": "S-1"}, "quantity": 2},
        {"lineItem": {"sku": "S-1"}, "quantity": 2},
        {"lineItem": {"sku": "X"}},
    ]
    (answer,) = account.send("refunds", _change(number, "5.00", pieces=[*pieces, {"lineItem": {"sku": "X"}, "quantity": 1}]))
    assert [piece["quantity"] for piece in (answer.doc or {})["refundLineItems"]] == [3]


def test_find_returns_the_refunds_that_could_be_this_one() -> None:
    account, number = _shop()
    find = CONNECTOR.sinks["refunds"].find
    assert find(account.client, _change(number, "5.00", note="late")) == []
    (answer,) = account.send("refunds", _change(number, "5.00", note="late"))
    account.fake.refund(number, "5.00", note="late")
    account.send("refunds", _change(number, "6.00", note="late"), "another")
    assert [doc["id"] for doc in find(account.client, _change(number, "5.00", note="late"))] == [answer.external_id]


def test_another_refund_under_a_used_key_is_refused() -> None:
    account, number = _shop()
    account.send("refunds", _change(number, "5.00"))
    (answer,) = account.send("refunds", _change(number, "6.00"))
    assert (answer.kind, _given(account, number)) == (AnswerKind.REFUSED, [(0, 500)])


RECORDED = "refund-create-transactions-validation.json"


@needs_contracts
@pytest.mark.parametrize(
    ("name", "parent", "gateway"),
    [
        ("invalidKind", None, "bogus-parent-gateway"),
        ("missingParent", "gid://shopify/OrderTransaction/1", "bogus-parent-gateway"),
        ("mismatchedGateway", None, "bogus-parent-gateway"),
        ("happyPath", None, "manual"),
    ],
)
def test_refund_create_answers_as_recorded(name: str, parent: str | None, gateway: str) -> None:
    pair = recorded(RECORDED)[name]
    account, number = _shop()
    account.fake.currency = "CAD"
    sale = account.fake.state.orders[number].transactions[0]
    sale.gateway = gateway
    asked, parent = pair["variables"]["input"], parent or f"gid://shopify/OrderTransaction/{sale.number}"
    order = f"gid://shopify/Order/{number}"
    mine = {"orderId": order, "transactions": [{**asked["transactions"][0], "orderId": order, "parentId": parent}]}
    answer = account.fake.execute(pair["query"], {"input": mine, "idempotencyKey": "k"})["data"]["refundCreate"]
    expected = pair["response"]["data"]["refundCreate"]
    assert answer["userErrors"] == expected["userErrors"]
    assert _plain(answer) == _plain(expected)


def _plain(payload: Doc) -> Any:
    """Return an answer without ids."""
    refund = payload["refund"]
    nodes = [{**node, "id": ""} for node in refund["transactions"]["nodes"]] if refund else []
    return payload["order"] | {"id": ""}, refund and refund["totalRefundedSet"], nodes


@needs_contracts
def test_refund_create_needs_its_key() -> None:
    account, number = _shop()
    query = "mutation ($input: RefundInput!) { refundCreate(input: $input) { refund { id } } }"
    answer = account.fake.execute(query, {"input": {"orderId": f"gid://shopify/Order/{number}"}})
    assert answer["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert account.fake.state.orders[number].refunds == []
