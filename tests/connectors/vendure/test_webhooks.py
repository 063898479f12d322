from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.vendure import CONNECTOR
from hub.errors import BadPayload, Forged
from hub.sdk import Hint, WebhookRequest
from hub.sdk.webhooks import Encoding, sign
from tests.connectors.vendure.shop import recorded

SETTINGS = {"webhook_secret": "live-secret"}


def heard(name: str) -> list[WebhookRequest]:
    return [WebhookRequest("http://hub.test/hook", one["headers"], one["body"].encode()) for one in recorded(name)]


HEARD = heard("webhooks")


def signed(body: Any) -> WebhookRequest:
    raw = json.dumps(body).encode()
    return WebhookRequest("u", {"x-vendure-signature": "sha256=" + sign("live-secret", raw, encoding=Encoding.HEX)}, raw)


def event_of(request: WebhookRequest) -> str:
    return str(json.loads(request.body)["event"])


def test_receive_names_what_changed_when_the_shop_signed_it() -> None:
    hints = {(hint.stream, hint.external_id) for request in HEARD for hint in CONNECTOR.receive(request, SETTINGS)}
    assert hints == {
        ("customers", "3"),  # edited, and an address of it
        ("customers", "5"),  # deleted
        ("customers", "62"),  # a guest
        ("variants", "4"),  # price
        ("inventory", "4:2"),  # counted
        ("inventory", "2:1"),  # sold
        ("products", "3"),
        ("locations", "3"),
        ("orders", "1"),  # placed
    }


def test_receive_names_the_order_when_it_is_placed_paid_shipped_or_refunded() -> None:
    hints = [(event_of(one), hint) for one in heard("order_webhooks") for hint in CONNECTOR.receive(one, SETTINGS)]
    assert {(event, hint.external_id) for event, hint in hints if hint.stream == "orders"} == {
        ("OrderPlacedEvent", "4"),
        ("OrderStateTransitionEvent", "4"),
        ("PaymentStateTransitionEvent", "4"),
        ("RefundEvent", "4"),
        ("RefundStateTransitionEvent", "4"),
        ("FulfillmentStateTransitionEvent", "*"),  # names no order
    }


def test_receive_gives_no_hint_when_a_basket_changes() -> None:
    (basket,) = [one for one in heard("order_webhooks") if event_of(one) == "OrderEvent"]
    assert json.loads(basket.body)["entity"].get("orderPlacedAt") is None
    assert CONNECTOR.receive(basket, SETTINGS) == []


def test_receive_gives_the_event_id_when_there_is_one() -> None:
    body = {"id": "e-1", "event": "CustomerEvent", "entity": {"id": 7}}
    assert CONNECTOR.receive(signed(body), SETTINGS) == [Hint("customers", "7", "e-1")]


def test_receive_collapses_when_one_event_names_a_level_twice() -> None:
    movement = {"productVariantId": 1, "stockLocationId": 2}
    body = {"id": "e-1", "event": "StockMovementEvent", "entities": [movement, movement]}
    assert CONNECTOR.receive(signed(body), SETTINGS) == [Hint("inventory", "1:2", "e-1")]


@pytest.mark.parametrize("event", ["AccountRegistrationEvent", "ProductVariantPriceEvent", "SomethingNew"])
def test_receive_gives_no_hint_when_the_event_names_no_record_of_ours(event: str) -> None:
    assert CONNECTOR.receive(signed({"event": event, "entities": [{"id": 1}]}), SETTINGS) == []


@pytest.mark.parametrize("signature", ["sha256=00", "", "00" * 32])
def test_receive_refuses_when_the_signature_does_not_hold(signature: str) -> None:
    request = HEARD[0]
    with pytest.raises(Forged):
        CONNECTOR.receive(WebhookRequest(request.url, {"x-vendure-signature": signature}, b"not even json"), SETTINGS)


def test_receive_refuses_when_no_secret_is_set() -> None:
    with pytest.raises(Forged):
        CONNECTOR.receive(HEARD[0], {})


@pytest.mark.parametrize("body", [[], {"event": "CustomerEvent"}, {"event": "StockMovementEvent", "entities": [{"id": 1}]}])
def test_receive_refuses_when_the_body_names_no_record(body: Any) -> None:
    with pytest.raises(BadPayload):
        CONNECTOR.receive(signed(body), SETTINGS)
