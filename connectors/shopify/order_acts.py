"""What is done to an order in the shop: cancel it, or send what waits of it.

Both look first, and what is done already is done: so neither happens twice, whatever became of an answer. `orderCancel` hands the
work to a job of Shopify's, so the order may be shown as it was for a moment. `fulfillmentCreate` takes the fulfilment orders of
one location at a time. Money goes back with a cancelled order only where `refund` says so, to where it came from; units are for
sale again unless `keep_stock` says otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.shopify import order_queries as queries
from connectors.shopify.client import ShopifyClient
from connectors.shopify.orders import Orders
from hub.model.values import Doc
from hub.sdk import Act
from hub.sdk.base import Answer, AnswerKind, Call, Change, Operation, Safe, Sink

REASONS: Final = ("customer", "declined", "fraud", "inventory", "staff", "other")
"""Why an order is cancelled, in the words of OrderCancelReason."""
_OPEN: Final = ("OPEN", "IN_PROGRESS")


class OrderSink(Sink[ShopifyClient]):
    """Works on orders. It writes no field of them."""

    name: ClassVar[str] = "orders"
    act: ClassVar[Safe | None] = Safe.EXPECTED_STATE
    acts: ClassVar[Mapping[str, Act]] = {
        "cancel": Act(
            when={"state": ("open",), "fulfilment_state": ("unfulfilled",)},
            reaches={"state": ("cancelled",)},
            args=("reason", "note", "refund", "keep_stock", "notify"),
        ),
        "fulfil": Act(
            when={"state": ("open",), "fulfilment_state": ("unfulfilled", "partially_fulfilled")},
            reaches={"fulfilment_state": ("fulfilled",)},
            args=("tracking", "company", "url", "notify"),
        ),
    }

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call of an act."""
        if change.operation is not Operation.ACT:
            return []
        return [Call(change.after["verb"], {"args": change.after["args"]})]

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - nothing here takes a key
        """Look, act where it is not done yet, and look again; the answer carries the order as it is then."""
        found = client.read(queries.ORDER_WORK, id=external_id)["order"]
        if found is None:
            return Answer(AnswerKind.GONE, reason="The order is not in the shop.")
        if not _is_done(call.name, found):
            wrong = (_cancel if call.name == "cancel" else _fulfil)(client, found, call.body["args"])
            found = client.read(queries.ORDER_WORK, id=external_id)["order"] or found
            if wrong and not _is_done(call.name, found):
                return Answer(AnswerKind.REFUSED, reason=wrong)
        docs = Orders().fetch(client, [found["id"]]) if _is_done(call.name, found) else []
        return Answer(AnswerKind.DONE, doc=docs[0] if docs else None, external_id=found["id"])


def _is_done(verb: str, order: Doc) -> bool:
    if verb == "cancel":
        return order["cancelledAt"] is not None
    return order["cancelledAt"] is None and order["displayFulfillmentStatus"] == "FULFILLED"


def _cancel(client: ShopifyClient, order: Doc, args: Doc) -> str:
    """Cancel an order; return why it was refused, in a sentence of ours."""
    payload = client.write(
        queries.ORDER_CANCEL,
        id=order["id"],
        reason=str(args.get("reason") or "other").upper(),
        refund={"originalPaymentMethodsRefund": bool(args.get("refund"))},
        restock=not args.get("keep_stock"),
        notify=bool(args.get("notify")),
        note=args.get("note"),
    )
    wrong = payload["orderCancelUserErrors"]
    return f"Shopify does not cancel this order ({wrong[0]['code'] or 'no code'})." if wrong else ""


def _fulfil(client: ShopifyClient, order: Doc, args: Doc) -> str:
    """Send what waits, one location after the other; return why it was refused, in a sentence of ours."""
    places = _waiting(order)
    if not places:
        return "Nothing of this order waits to be sent: it is on hold, scheduled, or with a service."
    said = {"number": args.get("tracking"), "company": args.get("company"), "url": args.get("url")}
    tracking: Doc = {name: value for name, value in said.items() if value}
    for parts in places:
        asked: Doc = {"lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": one} for one in parts]}
        asked["notifyCustomer"] = bool(args.get("notify"))
        if tracking:
            asked["trackingInfo"] = tracking
        payload = client.write(queries.FULFILLMENT_CREATE, fulfillment=asked)
        if payload["userErrors"]:
            return "Shopify does not let this order be sent."
    return ""


def _waiting(order: Doc) -> list[list[Any]]:
    """Return the open fulfilment orders with units that wait, those of one location together."""
    places: dict[str, list[Any]] = {}
    for node in order["fulfillmentOrders"]["nodes"]:
        units = sum(each["remainingQuantity"] for each in node["lineItems"]["nodes"])
        if node["status"] in _OPEN and units:
            place = (node["assignedLocation"]["location"] or {}).get("id") or node["assignedLocation"]["name"]
            places.setdefault(place, []).append(node["id"])
    return list(places.values())
