"""Events: verified, then turned into hints. Bodies are never taken as data.

Signature: base64 of HMAC-SHA256 over notification URL + body (vendor SDK, webhooks helper).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from connectors.square.inventory import STATE, level_id
from hub.sdk import BadPayload, Hint, WebhookRequest
from hub.sdk.webhooks import parse_object, verify

HEADER: Final = "x-square-hmacsha256-signature"
BY_ID: Final = {
    "customer.created": "customers",
    "customer.updated": "customers",
    "customer.deleted": "customers",
    "location.created": "locations",
    "location.updated": "locations",
}
ORDERS: Final = ("order.created", "order.updated", "order.fulfillment.updated")
PAID: Final = {
    "payment.created": ("payment", "payments"),
    "payment.updated": ("payment", "payments"),
    "refund.created": ("refund", "refunds"),
    "refund.updated": ("refund", "refunds"),
}
"""Event -> where the record stands in it, and its stream."""


def read_hints(request: WebhookRequest, signature_key: str) -> list[Hint]:
    """Return what may have changed. Raises Forged before anything is parsed, BadPayload when the body is not an event."""
    verify(request, header=HEADER, secret=signature_key, message=request.url.encode() + request.body)
    event = parse_object(request)
    try:
        return list(_hints(event["type"], event["data"], event.get("event_id")))
    except (KeyError, TypeError, AttributeError):
        raise BadPayload("This is not a Square event.") from None


def _hints(kind: str, data: Any, event_id: str | None) -> Sequence[Hint]:
    if kind in BY_ID:
        return [Hint(BY_ID[kind], data["id"], event_id)]
    if kind in ORDERS:  # it does not say whether goods were sold or taken back
        return [Hint(stream, data["id"], event_id) for stream in ("orders", "returns")]
    if kind in PAID:
        name, stream = PAID[kind]
        return [Hint(stream, data["object"][name]["id"], event_id)]
    if kind == "catalog.version.updated":
        return [Hint("products", "*", event_id)]  # it says when, not what
    if kind == "inventory.count.updated":
        counts = data["object"]["inventory_counts"]
        return [Hint("inventory", level_id(count), event_id) for count in counts if count["state"] == STATE]
    return []
