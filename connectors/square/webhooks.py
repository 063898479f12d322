"""Events: verified, then turned into hints. Bodies are never taken as data.

Signature: base64 of HMAC-SHA256 over notification URL + body (vendor SDK, webhooks helper).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from typing import Any, Final

from connectors.square.inventory import STATE, level_id
from hub.sdk import BadPayload, Forged, Hint, WebhookRequest

HEADER: Final = "x-square-hmacsha256-signature"
BY_ID: Final = {
    "customer.created": "customers",
    "customer.updated": "customers",
    "customer.deleted": "customers",
    "location.created": "locations",
    "location.updated": "locations",
}


def read_hints(request: WebhookRequest, signature_key: str) -> list[Hint]:
    """Return what may have changed. Raises Forged before anything is parsed, BadPayload when the body is not an event."""
    digest = hmac.new(signature_key.encode(), request.url.encode() + request.body, hashlib.sha256).digest()
    given = request.headers.get(HEADER, "").encode()
    if not hmac.compare_digest(base64.b64encode(digest), given):
        raise Forged("The signature of this Square event does not hold.", fix="Check signature key and notification URL.")
    try:
        event = json.loads(request.body)
        return list(_hints(event["type"], event["data"], event.get("event_id")))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadPayload("This is not a Square event.") from None


def _hints(kind: str, data: Any, event_id: str | None) -> Sequence[Hint]:
    if kind in BY_ID:
        return [Hint(BY_ID[kind], data["id"], event_id)]
    if kind == "catalog.version.updated":
        return [Hint("products", "*", event_id)]  # it says when, not what
    if kind == "inventory.count.updated":
        counts = data["object"]["inventory_counts"]
        return [Hint("inventory", level_id(count), event_id) for count in counts if count["state"] == STATE]
    return []
