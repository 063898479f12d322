"""Shopify's webhook door: verify the raw body, then say which records to read again.

Signature: base64 of HMAC-SHA256 over the body with the app's client secret, header `X-Shopify-Hmac-SHA256`, in newer versions
also without `X-` (shopify-api-ruby tests). Bodies are REST-shaped (numeric ids) and may arrive late, twice or out of order.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from connectors.shopify.client import gid
from connectors.shopify.inventory import level_id
from hub.errors import BadPayload
from hub.model.values import Doc
from hub.sdk.base import Hint, WebhookRequest
from hub.sdk.webhooks import parse_object, verify


def _of(kind: str, field: str = "id") -> Callable[[Doc], str]:
    # `admin_graphql_api_id` is exact; the number beside it loses digits in readers that make it a float.
    return lambda body: str(body.get("admin_graphql_api_id") or gid(kind, body[field]))


def _level(body: Doc) -> str:
    return level_id(body["inventory_item_id"], body["location_id"])


def _order_of(body: Doc) -> str:
    return gid("Order", body["order_id"])


def _returned(body: Doc) -> str:
    # Until a return is closed its order stands in an object, then as a number (the vendor's samples).
    return _order_of(body) if "order_id" in body else str(body["order"]["admin_graphql_api_id"])


_TOPICS: Final[Mapping[str, tuple[str, Callable[[Doc], str]]]] = {
    **{f"customers/{verb}": ("customers", _of("Customer")) for verb in ("create", "update", "delete", "enable", "disable")},
    "customers_email_marketing_consent/update": ("customers", lambda body: gid("Customer", body["customer_id"])),
    "customers_marketing_consent/update": ("customers", _of("Customer")),
    **{f"products/{verb}": ("products", _of("Product")) for verb in ("create", "update", "delete")},
    **{f"inventory_levels/{verb}": ("inventory", _level) for verb in ("connect", "update", "disconnect")},
    **{f"locations/{verb}": ("locations", _of("Location")) for verb in ("create", "update", "delete", "activate", "deactivate")},
    **{
        f"orders/{verb}": ("orders", _of("Order"))
        for verb in ("create", "updated", "paid", "partially_fulfilled", "fulfilled", "cancelled", "delete")
    },
    "orders/edited": ("orders", lambda body: gid("Order", body["order_edit"]["order_id"])),
    # What hangs on an order is read with it: one fetch brings its new sums and states, too.
    "order_transactions/create": ("orders", _order_of),
    "refunds/create": ("orders", _order_of),
    "fulfillments/create": ("orders", _order_of),
    "fulfillments/update": ("orders", _order_of),
    **{f"returns/{verb}": ("orders", _returned) for verb in ("request", "approve", "decline", "cancel", "close", "reopen")},
    "returns/update": ("returns", _of("Return", "return_id")),  # its body does not name the order
}

TOPICS: Final = tuple(_TOPICS)
"""The topics to subscribe to."""
_SIGNATURES: Final = ("x-shopify-hmac-sha256", "shopify-hmac-sha256")


def receive(request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
    """Verify the exact bytes, then return what may have changed; a topic that is none of our streams gives nothing."""
    header = next((name for name in _SIGNATURES if name in request.headers), _SIGNATURES[0])
    verify(request, header=header, secret=settings.get("client_secret", ""))
    topic = _TOPICS.get(_header(request, "topic"))
    if topic is None:
        return []
    stream, identify = topic
    body = parse_object(request)
    try:
        external_id = identify(body)
    except (KeyError, TypeError) as error:
        raise BadPayload("A Shopify webhook names no record.") from error
    # One action may cause several webhooks with one event id; the webhook id is that of this one and stays with its repetitions.
    event = _header(request, "webhook-id") or _header(request, "event-id")
    return [Hint(stream, external_id, event or None)]


def _header(request: WebhookRequest, name: str) -> str:
    return request.headers.get(f"x-shopify-{name}") or request.headers.get(f"shopify-{name}") or ""
