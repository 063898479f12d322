"""Making a refund: what was given back elsewhere for an order of the shop is booked there, too, once.

Shopify takes a refund only against a payment (recorded: "Transactions require a parent_id associated with the order"), so
the payments are looked up first, and the oldest that still holds money is used first. Where that payment was not made by hand,
Shopify pays the money out. It was given back elsewhere already, so this is refused unless the connection says
`refund_payments: "yes"`. Stock is left alone (`NO_RESTOCK`): the system that took the units back counts them, and the hub brings
that figure here. Only units that were sent are named: what a refund does to those that still wait is not documented for this API,
so there it is money alone.

`refundCreate` under one key and with one input is done once (`@idempotent`). The input is worked out again at a resend, so it has
to come out the same after it had its effect: refunds that could be our own (same amount, note and time) are not counted.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, ClassVar, Final

from connectors.shopify import order_queries as queries
from connectors.shopify.client import ShopifyClient, refusal
from connectors.shopify.orders import refund
from hub.clock import micros
from hub.model.values import SECOND, Doc
from hub.sdk.base import Answer, AnswerKind, Call, Change, Operation, Safe, Sink

_HOLDS: Final = ("SUCCESS", "PENDING", "AWAITING_RESPONSE", "UNKNOWN")
"""Transactions that took the money, or may have."""
_TWICE: Final = 'Shopify would pay this money out again; `refund_payments: "yes"` allows that, else book it there by hand.'


class RefundSink(Sink[ShopifyClient]):
    """Appends a refund to its order. Shopify has no way to change or take back one."""

    name: ClassVar[str] = "refunds"
    create: ClassVar[Safe | None] = Safe.IDEMPOTENCY_KEY

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call of a create. It needs an order and an amount."""
        if change.operation is not Operation.CREATE:
            return []
        return [Call("refundCreate", _wanted(change.after))]

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - a create
        """Look up what can go back, then make the refund under its key; the answer carries it whole."""
        wanted = call.body
        order = client.read(queries.REFUNDABLE, id=wanted["orderId"])["order"] if wanted["orderId"] else None
        if order is None:
            return Answer(AnswerKind.GONE, reason="The order is not in the shop.")
        if wanted["currency"] not in (None, order["currencyCode"]):
            return Answer(AnswerKind.REFUSED, blames="totalRefundedSet", reason="The refund is not in the order's currency.")
        others = [each for each in order["refunds"] if not _could_be(wanted, each)]
        transactions = _transactions(wanted, order, others)
        if transactions is None:
            return Answer(AnswerKind.REFUSED, blames="totalRefundedSet", reason="More would go back than was paid there.")
        if not client.pays_refunds and _pays(transactions, order):
            return Answer(AnswerKind.REFUSED, blames="totalRefundedSet", reason=_TWICE)
        asked: Doc = {"orderId": wanted["orderId"], "transactions": transactions, **_said(wanted)}
        asked["refundLineItems"] = _units(wanted, order, others)
        payload = client.write(queries.REFUND_CREATE, input=asked, key=key)
        refused = refusal(payload, {"transactions": "totalRefundedSet", "note": "note", "refundLineItems": "refundLineItems"})
        if refused is not None:
            return refused
        doc = refund(client, payload["refund"])
        return Answer(AnswerKind.DONE, doc=doc, external_id=doc["id"])

    def find(self, client: ShopifyClient, change: Change) -> Sequence[Doc]:
        """Return the refunds of the order that could be this one."""
        wanted = _wanted(change.after)
        order = client.read(queries.REFUNDABLE, id=wanted["orderId"])["order"] if wanted["orderId"] else None
        return [refund(client, each) for each in order["refunds"] if _could_be(wanted, each)] if order else []


def _wanted(after: Doc) -> Doc:
    money = (after.get("totalRefundedSet") or {}).get("shopMoney") or {}
    pieces = [
        {
            "id": (each.get("lineItem") or {}).get("id"),
            "sku": (each.get("lineItem") or {}).get("sku"),
            "quantity": each["quantity"],
        }
        for each in after.get("refundLineItems") or ()
        if each.get("quantity")
    ]
    return {
        "orderId": (after.get("order") or {}).get("id"),
        "amount": money.get("amount") or "0",
        "currency": money.get("currencyCode"),
        "note": after.get("note") or None,
        "processedAt": after.get("processedAt"),
        "pieces": pieces,
    }


def _said(wanted: Doc) -> Doc:
    return {name: wanted[name] for name in ("note", "processedAt") if wanted[name]}


def _could_be(wanted: Doc, node: Doc) -> bool:
    """Say whether a refund of the order looks exactly like the wanted one."""
    amount, at = node["totalRefundedSet"]["shopMoney"]["amount"], wanted["processedAt"]
    same_time = at is None or micros(at) // SECOND == micros(node["processedAt"]) // SECOND
    return Decimal(amount) == Decimal(wanted["amount"]) and (node["note"] or None) == wanted["note"] and same_time


def _transactions(wanted: Doc, order: Doc, others: Sequence[Doc]) -> list[Doc] | None:
    """Return the transactions that give the money back, oldest payment first; None where the payments do not hold so much."""
    due = Decimal(wanted["amount"])
    counted = {each["id"] for node in others for each in node["transactions"]["nodes"]}
    found = []
    for paid in order["transactions"]:
        if paid["kind"] not in ("SALE", "CAPTURE") or paid["status"] != "SUCCESS":
            continue
        part = min(due, _amount(paid) - _gone_back(order, paid["id"], counted))
        if part <= 0:
            continue
        given = {"amount": str(part), "gateway": paid["gateway"], "kind": "REFUND"}
        found.append({"orderId": order["id"], "parentId": paid["id"], **given})
        due -= part
    return found if due == 0 else None


def _pays(transactions: Sequence[Doc], order: Doc) -> bool:
    """Say whether Shopify would move money: a payment by hand is given back by hand, any other by its gateway."""
    by_hand = {each["id"] for each in order["transactions"] if each["manualPaymentGateway"]}
    return any(each["parentId"] not in by_hand for each in transactions)


def _gone_back(order: Doc, payment: str, counted: set[str]) -> Decimal:
    back = [
        _amount(each)
        for each in order["transactions"]
        if each["id"] in counted and (each["parentTransaction"] or {}).get("id") == payment and each["status"] in _HOLDS
    ]
    return sum(back, Decimal(0))


def _amount(transaction: Doc) -> Decimal:
    return Decimal(transaction["amountSet"]["shopMoney"]["amount"])


def _units(wanted: Doc, order: Doc, others: Sequence[Doc]) -> list[Doc]:
    """Return the sent units to name, each line once, found by its id or by the first line with that SKU."""
    pieces = [each for node in others for each in node["refundLineItems"]["nodes"]]
    free = {
        line["id"]: line["quantity"]
        - line["unfulfilledQuantity"]
        - sum(each["quantity"] for each in pieces if each["lineItem"]["id"] == line["id"])
        for line in order["lineItems"]["nodes"]
    }
    taken: dict[str, int] = {}
    for piece in wanted["pieces"]:
        line = _line_of(piece, order["lineItems"]["nodes"])
        units = min(piece["quantity"], free[line] - taken.get(line, 0)) if line else 0
        if line and units > 0:
            taken[line] = taken.get(line, 0) + units
    return [{"lineItemId": line, "quantity": units, "restockType": "NO_RESTOCK"} for line, units in taken.items()]


def _line_of(piece: Doc, lines: Sequence[Doc]) -> Any:
    by_id = next((line["id"] for line in lines if line["id"] == piece["id"]), None)
    return by_id or next((line["id"] for line in lines if piece["sku"] and line["sku"] == piece["sku"]), None)
