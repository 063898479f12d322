"""The webhook door."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.shopify import CONNECTOR, webhooks
from hub.errors import BadPayload, Forged
from hub.sdk import Hint, WebhookRequest
from hub.sdk.webhooks import sign
from tests.connectors.shopify.account import SETTINGS, URL, Account, stocked
from tests.connectors.shopify.contracts import needs_contracts, signature_vector, webhook_topics


def _request(topic: str, body: Any, *, front: str = "x-shopify-", **headers: str) -> WebhookRequest:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"topic": topic, "hmac-sha256": sign("shopify-secret", raw), "event-id": "e-1", "webhook-id": "w-1", **headers}
    return WebhookRequest(URL, {front + name: value for name, value in named.items()}, raw)


def _receive(request: WebhookRequest) -> list[Hint]:
    return list(CONNECTOR.receive(request, SETTINGS))


@needs_contracts
def test_receive_accepts_the_worked_signature() -> None:
    vector = signature_vector()
    headers = {name.lower(): value for name, value in vector["expected_header"].items()}
    request = WebhookRequest(URL, headers, vector["body"].encode())
    hints = CONNECTOR.receive(request, {"client_secret": vector["secret"]})
    assert hints == [Hint("inventory", "271878346596884015|24826418", "b54557e4-bdd9-4b37-8a5f-bf7d70bcd043")]


def test_receive_accepts_headers_without_x() -> None:
    (hint,) = _receive(_request("customers/update", {"id": 42}, front="shopify-"))
    assert hint == Hint("customers", "gid://shopify/Customer/42", "w-1")


@pytest.mark.parametrize(
    ("topic", "body", "stream", "external_id"),
    [
        ("customers/create", {"id": 42}, "customers", "gid://shopify/Customer/42"),
        ("customers/delete", {"id": 42}, "customers", "gid://shopify/Customer/42"),
        ("customers_email_marketing_consent/update", {"customer_id": 42}, "customers", "gid://shopify/Customer/42"),
        ("customers_marketing_consent/update", {"id": 42}, "customers", "gid://shopify/Customer/42"),
        ("products/delete", {"id": 7}, "products", "gid://shopify/Product/7"),
        ("inventory_levels/disconnect", {"inventory_item_id": 1, "location_id": 2}, "inventory", "1|2"),
        ("locations/activate", {"id": 3}, "locations", "gid://shopify/Location/3"),
    ],
)
def test_receive_turns_numbers_into_global_ids(topic: str, body: Any, stream: str, external_id: str) -> None:
    assert _receive(_request(topic, body)) == [Hint(stream, external_id, "w-1")]


def test_receive_prefers_the_exact_id_when_the_number_lost_digits() -> None:
    body = {"id": 706405506930370000, "admin_graphql_api_id": "gid://shopify/Customer/706405506930370084"}
    assert _receive(_request("customers/update", body))[0].external_id == "gid://shopify/Customer/706405506930370084"


def test_receive_takes_the_event_id_when_there_is_no_webhook_id() -> None:
    assert _receive(_request("customers/update", {"id": 1}, **{"webhook-id": ""}))[0].event_id == "e-1"


def test_receive_gives_nothing_for_a_topic_that_is_no_stream() -> None:
    assert _receive(_request("shop/redact", {"shop_id": 1})) == []


def test_receive_raises_forged_before_it_looks_at_the_topic() -> None:
    with pytest.raises(Forged):
        _receive(_request("shop/redact", b"no json", **{"hmac-sha256": "AAAA"}))


@pytest.mark.parametrize("body", [b"no json", b"[1]", b"{}", b'{"inventory_item_id": 1}'])
def test_receive_raises_bad_payload_when_body_names_no_record(body: bytes) -> None:
    with pytest.raises(BadPayload):
        _receive(_request("inventory_levels/update", body))


@needs_contracts
@pytest.mark.parametrize("topic", webhooks.TOPICS)
def test_receive_reads_the_vendors_sample(topic: str) -> None:
    found = webhook_topics()[topic]["sample"]
    sample = webhook_topics()[found["sameAs"]]["sample"] if "sameAs" in found else found
    (hint,) = _receive(_request(topic, sample))
    assert hint.stream in CONNECTOR.streams


@needs_contracts
def test_fake_bodies_have_the_types_of_the_vendors_samples() -> None:
    account = Account()
    variant, location, _ = stocked(account)
    gid = account.fake.add_customer(firstName="Ada", email="ada@example.com", addresses=[{"address1": "Rue A 1"}])
    account.fake.set_consent(gid, "email", "SUBSCRIBED")
    number = account.fake.order(variant, location, 2, customer=gid)
    account.fake.deliver(number, account.fake.ship(number))
    account.fake.refund(number, "5")
    account.fake.set_return(number, account.fake.ask_return(number, {0: 1}), "OPEN")
    account.fake.set_return(number, account.fake.ask_return(number, {0: 1}), "CLOSED")
    account.fake.delete_order(number)
    account.fake.delete_customer(gid)
    account.fake.disconnect(variant, location)
    account.fake.delete_product(account.one("variants", variant)["product"]["id"])
    sent = {request.headers["x-shopify-topic"]: json.loads(request.body) for request in account.webhooks()}
    assert len(sent) == 20
    for topic, body in sent.items():
        found = webhook_topics()[topic]["sample"]
        sample = webhook_topics()[found["sameAs"]]["sample"] if "sameAs" in found else found
        assert set(body) <= set(sample), topic
        assert [name for name in body if name.endswith("id") and type(body[name]) is not type(sample[name])] == [], topic


def test_every_webhook_of_the_fake_hints_at_its_record() -> None:
    account = Account()
    variant, location, level = stocked(account)
    account.webhooks()
    order = f"gid://shopify/Order/{account.fake.order(variant, location, 1)}"
    requests = account.webhooks()
    assert len({request.headers["x-shopify-event-id"] for request in requests}) == 2  # an order, and what it does to the stock
    hints = [hint for request in requests for hint in _receive(request)]
    product = account.one("variants", variant)["product"]["id"]
    assert [(hint.stream, hint.external_id) for hint in hints] == [("orders", order), ("inventory", level), ("products", product)]
    assert len({hint.event_id for hint in hints}) == 3


def test_whatever_happens_to_an_order_hints_at_it() -> None:
    account = Account()
    variant, location, _ = stocked(account)
    number = account.fake.order(variant, location, 2, paid="")
    account.fake.pay(number)
    account.fake.deliver(number, account.fake.ship(number, units={0: 1}))
    account.fake.refund(number, "5", {0: 1}, restock=True)
    account.fake.set_return(number, account.fake.ask_return(number, {0: 1}), "OPEN")
    account.fake.set_return(number, account.fake.ask_return(number, {0: 1}), "CLOSED")
    account.fake.edit_order(number, note="ring twice")
    account.fake.delete_order(number)
    about = ("orders/", "refunds/", "fulfillments/", "returns/")
    requests = [one for one in account.webhooks() if one.headers["x-shopify-topic"].startswith(about)]
    assert len({one.headers["x-shopify-topic"] for one in requests}) == 10
    hints = {(hint.stream, hint.external_id) for one in requests for hint in _receive(one)}
    assert hints == {("orders", f"gid://shopify/Order/{number}")}
