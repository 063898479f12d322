"""Webhooks of a Vendure shop. Core sends none: a small plugin of the shop turns its events into signed POSTs (see README.md).

Signature: `x-vendure-signature: sha256=` + HMAC-SHA256 of the exact body in hex. Bodies carry numbers as ids and stale
`updatedAt`s, come in no certain order and several per change, so they are hints and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from hub.model.values import Doc
from hub.sdk import BadPayload, Hint, WebhookRequest
from hub.sdk.webhooks import Encoding, parse_object, verify


def receive(request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
    """Verify, then return what may have changed. An event this connector does not read gives no hint."""
    verify(
        request,
        header="x-vendure-signature",
        secret=settings.get("webhook_secret", ""),
        encoding=Encoding.HEX,
        prefix="sha256=",
    )
    body = parse_object(request)
    event_id = str(body["id"]) if body.get("id") else None
    try:
        found = dict.fromkeys(_named(body))
    except (KeyError, TypeError):
        raise BadPayload("A Vendure event does not say which record it is about.") from None
    return [Hint(stream, external_id, event_id) for stream, external_id in found]


def _named(body: Doc) -> list[tuple[str, str]]:
    event = str(body.get("event"))
    if event in _OF_ORDERS:
        return _order(body)
    reader = _READERS.get(event)
    return [hint for entity in _entities(body) for hint in reader(entity)] if reader is not None else []


def _entities(body: Doc) -> list[Any]:
    if "entities" in body:
        return list(body["entities"])
    return [body["entity"]]


def _by_id(stream: str) -> Callable[[Doc], list[tuple[str, str]]]:
    return lambda entity: [(stream, str(entity["id"]))]


def _customer_of_address(entity: Doc) -> list[tuple[str, str]]:
    return [("customers", str(entity["customerId"]))] if entity.get("customerId") else []


def _level(entity: Doc) -> list[tuple[str, str]]:
    return [("inventory", f"{entity['productVariantId']}:{entity['stockLocationId']}")]


def _order(body: Doc) -> list[tuple[str, str]]:
    """Payments and refunds name their order; a fulfilment does not: then all unfinished ones are read. A basket is no order."""
    order = body.get("order")
    if order is None:
        return [("orders", "*")]  # it says that, not which
    is_basket = body.get("entityType") == "Order" and body["entity"].get("orderPlacedAt") is None
    return [] if is_basket else [("orders", str(order["id"]))]


_OF_ORDERS: Final = frozenset(
    {
        "OrderEvent",
        "OrderPlacedEvent",
        "OrderStateTransitionEvent",
        "PaymentStateTransitionEvent",
        "FulfillmentStateTransitionEvent",
        "RefundEvent",
        "RefundStateTransitionEvent",
    }
)
# ProductVariantPriceEvent names the price's own id and no variant; a ProductVariantEvent always comes with it.
_READERS: Final[Mapping[str, Callable[[Doc], list[tuple[str, str]]]]] = {
    "CustomerEvent": _by_id("customers"),
    "CustomerGroupChangeEvent": _by_id("customers"),
    "CustomerAddressEvent": _customer_of_address,
    "ProductEvent": _by_id("products"),
    "ProductVariantEvent": _by_id("variants"),
    "StockLocationEvent": _by_id("locations"),
    "StockMovementEvent": _level,
}
