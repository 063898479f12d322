from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.square import CONNECTOR
from connectors.square.fake import SIGNATURE_KEY
from hub.errors import BadPayload, Forged
from hub.sdk import Hint, WebhookRequest
from hub.sdk.webhooks import sign
from tests.connectors.square.account import URL, Account
from tests.connectors.square.contract import ABSENT, EVENTS, VECTORS, contract

HEADER = "x-square-hmacsha256-signature"
ORDER = "eA3vssLHKJrv9H0IdJCM3gNqfdcZY"
REFUND = "KkAkhdMsgzn59SM8A89WgKwekxLZY_ptNBVqHYxt5gAdfcobBe4u1AZsXhoz06KTtuq9Ls24P"
here = pytest.mark.skipif(contract() is None, reason=ABSENT)


def _receive(body: bytes, signature: str | None = None, url: str = URL, key: str = SIGNATURE_KEY) -> list[Hint]:
    headers = {HEADER: sign(key, url.encode() + body) if signature is None else signature}
    return list(CONNECTOR.receive(WebhookRequest(url, headers, body), {"webhook_signature_key": key}))


def _vectors() -> list[Any]:
    known = json.loads(VECTORS.read_text("utf-8")) if VECTORS.exists() else []
    rows = known if isinstance(known, list) else known["vectors"]
    return [row for row in rows if row["vendor"] == "square"]


@here
def test_receive_accepts_published_vectors() -> None:
    vectors = _vectors()
    assert len(vectors) == 2
    for row in vectors:
        outcome = _outcome(row, row["expected"])
        assert outcome is not Forged
        assert _outcome(row, row["expected"][:-2] + "x=") is Forged
        assert _outcome(row | {"url": row["url"] + "/"}, row["expected"]) is Forged


def _outcome(row: Any, signature: str) -> object:
    try:
        return _receive(row["body"].encode(), signature, row["url"], row["secret"])
    except (Forged, BadPayload) as error:
        return type(error)


@here
def test_receive_reads_every_published_event() -> None:
    events = json.loads(EVENTS.read_text("utf-8"))["events"]
    hints = {row["event"]: _receive(json.dumps(row["example"]).encode()) for row in events}
    told = {event: [(hint.stream, hint.external_id) for hint in found] for event, found in hints.items() if found}
    assert told == {
        "catalog.version.updated": [("products", "*")],
        "customer.created": [("customers", "QPTXM8PQNX3Q726ZYHPMNP46XC")],
        "customer.deleted": [("customers", "QPTXM8PQNX3Q726ZYHPMNP46XC")],
        "customer.updated": [("customers", "A0AP25A6SCVTH8JES9BX01GXM4")],
        "inventory.count.updated": [("inventory", "FGQ5JJWT2PYTHF35CKZ2DSKP:YYQR03DGCTXA4")],
        "location.created": [("locations", "S8GWD5DBJ3HF3")],
        "location.updated": [("locations", "S8GWD5DBJ3HF3")],
        "order.created": [("orders", ORDER), ("returns", ORDER)],
        "order.updated": [("orders", ORDER), ("returns", ORDER)],
        "order.fulfillment.updated": [("orders", ORDER), ("returns", ORDER)],
        "payment.created": [("payments", "hYy9pRFVxpDsO1FB05SunFWUe9JZY")],
        "payment.updated": [("payments", "hYy9pRFVxpDsO1FB05SunFWUe9JZY")],
        "refund.created": [("refunds", REFUND)],
        "refund.updated": [("refunds", REFUND)],
    }
    assert hints["customer.created"][0].event_id == "e12b5591-e0b6-4967-810a-307c7efcb1a7"


RECORDS = {"customer": "Customer", "inventory_counts": "InventoryCount", "payment": "Payment", "refund": "PaymentRefund"}


@here
def test_fake_sends_events_as_published() -> None:
    account = Account()
    _busy(account)
    judge = contract()
    assert judge is not None
    samples = {row["event"]: row["example"] for row in json.loads(EVENTS.read_text("utf-8"))["events"]}
    sent = [json.loads(webhook.body) for webhook in account.fake.take_webhooks()]
    assert len({event["type"] for event in sent}) == 13
    for event in sent:
        assert _frame(event) == _frame(samples[event["type"]])
        inside = event["data"].get("object", {})
        for name, schema in RECORDS.items():
            for value in _listed(inside.get(name, [])):
                judge.schema(schema, value)


def _frame(event: Any) -> Any:
    """Return the keys around the record, and what kind of record it says it is."""
    return sorted(event), sorted(event["data"]), event["data"]["type"], sorted(event["data"].get("object", {}))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _busy(account: Account) -> None:
    location = account.fake.add_location("Main")
    account.fake.edit_location(location, status="INACTIVE")
    customer = account.fake.add_customer(given_name="Zoë", email_address="zoe@example.com")
    account.fake.edit_customer(customer, note="vip")
    account.fake.delete_customer(customer)
    _, (variation,) = account.fake.add_item("Mug", [{"price_minor": 100}])
    account.fake.receive_stock(variation, location, 3)
    sold = account.fake.ring_up([(variation, 1)], location)
    account.fake.settle_refund(account.fake.take_back(sold, {"line-1": 1}, status="PENDING"), "COMPLETED")


def test_receive_hints_at_what_people_did() -> None:
    account = Account()
    location = account.fake.add_location("Main")
    customer = account.fake.add_customer(given_name="Zoë")
    _, (variation,) = account.fake.add_item("Mug", [{}])
    account.fake.receive_stock(variation, location, 3)
    assert account.hints() == [
        ("locations", location),
        ("customers", customer),
        ("products", "*"),
        ("inventory", f"{variation}:{location}"),
    ]


def test_fake_sends_nothing_when_nobody_subscribed() -> None:
    account = Account()
    account.fake.webhook_url = ""
    account.fake.add_customer(given_name="Zoë")
    assert account.fake.take_webhooks() == []


@pytest.mark.parametrize("body", [b"[]", b"{}", b'{"type": "customer.created", "data": {}}', b'{"type": 1}', b"nothing"])
def test_receive_raises_bad_payload_when_signed_body_is_no_event(body: bytes) -> None:
    with pytest.raises(BadPayload):
        _receive(body)


def test_receive_hints_at_nothing_when_state_is_not_stock() -> None:
    count = {"catalog_object_id": "v", "location_id": "l", "state": "WASTE", "quantity": "1"}
    body = {"type": "inventory.count.updated", "event_id": "e", "data": {"object": {"inventory_counts": [count]}}}
    assert _receive(json.dumps(body).encode()) == []
