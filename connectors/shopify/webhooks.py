"""Shopify's webhook door: verify the raw body, then say which records to read again.

Signature: base64 of HMAC-SHA256 over the body with the app's client secret, header `X-Shopify-Hmac-SHA256`, in newer versions
also without `X-` (shopify-api-ruby tests). Bodies are REST-shaped (numeric ids) and may arrive late, twice or out of order.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hub.errors import BadPayload, Forged
from hub.model.values import Doc
from hub.sdk.base import Hint, WebhookRequest

from connectors.shopify.client import gid
from connectors.shopify.inventory import level_id


def _of(kind: str, field: str = "id") -> Callable[[Doc], str]:
    # `admin_graphql_api_id` is exact; the number beside it loses digits in readers that make it a float.
    return lambda body: str(body.get("admin_graphql_api_id") or gid(kind, body[field]))


def _level(body: Doc) -> str:
    return level_id(body["inventory_item_id"], body["location_id"])


_TOPICS: Final[Mapping[str, tuple[str, Callable[[Doc], str]]]] = {
    **{f"customers/{verb}": ("customers", _of("Customer")) for verb in ("create", "update", "delete", "enable", "disable")},
    "customers_email_marketing_consent/update": ("customers", lambda body: gid("Customer", body["customer_id"])),
    "customers_marketing_consent/update": ("customers", _of("Customer")),
    **{f"products/{verb}": ("products", _of("Product")) for verb in ("create", "update", "delete")},
    **{f"inventory_levels/{verb}": ("inventory", _level) for verb in ("connect", "update", "disconnect")},
    **{f"locations/{verb}": ("locations", _of("Location")) for verb in ("create", "update", "delete", "activate", "deactivate")},
}

TOPICS: Final = tuple(_TOPICS)
"""The topics to subscribe to."""


def sign(secret: str, body: bytes) -> str:
    """Return the signature of a body."""
    return base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()


def verify(request: WebhookRequest, secret: str) -> None:
    """Compare in constant time. Raises Forged; an empty secret never verifies."""
    claimed = _header(request, "hmac-sha256")
    if not secret or not hmac.compare_digest(sign(secret, request.body).encode(), claimed.encode()):
        raise Forged("The signature of a Shopify webhook does not hold.", fix="Check the setting `client_secret`.")


def receive(request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
    """Return what may have changed; a topic that is none of our streams gives nothing."""
    verify(request, settings.get("client_secret", ""))
    topic = _TOPICS.get(_header(request, "topic"))
    if topic is None:
        return []
    stream, identify = topic
    try:
        external_id = identify(_parse(request.body))
    except (KeyError, TypeError) as error:
        raise BadPayload("A Shopify webhook names no record.") from error
    event = _header(request, "event-id") or _header(request, "webhook-id")
    return [Hint(stream, external_id, event or None)]


def _parse(body: bytes) -> Any:
    try:
        parsed = json.loads(body)
    except ValueError as error:
        raise BadPayload("The body of a Shopify webhook is not JSON.") from error
    if not isinstance(parsed, dict):
        raise BadPayload("The body of a Shopify webhook is not an object.")
    return parsed


def _header(request: WebhookRequest, name: str) -> str:
    return request.headers.get(f"x-shopify-{name}") or request.headers.get(f"shopify-{name}") or ""
