from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.hubspot import CONNECTOR
from connectors.hubspot.fake import CLIENT_SECRET
from connectors.hubspot.fake.core import TYPE_IDS
from connectors.hubspot.kinds import ALL, CONTACTS, DEALS, Kind
from connectors.hubspot.webhooks import receive
from hub.errors import BadPayload, Forged
from hub.model.values import SECOND, Micros
from hub.sdk import Hint, WebhookRequest
from hub.sdk.registry import load_connectors
from hub.sdk.webhooks import sign
from tests.connectors.hubspot.account import START, URL, Account
from tests.connectors.hubspot.contract import ABSENT, FOLDER, VECTORS, contract

here = pytest.mark.skipif(contract() is None, reason=ABSENT)
EVENT = {"eventId": 1, "subscriptionId": 12345, "portalId": 62515, "occurredAt": 1564113600000, "objectId": 123}


def _request(body: bytes, at: Micros = START, url: str = URL, received_at: Micros | None = None) -> WebhookRequest:
    stamp = str(at // 1000)
    signature = sign(CLIENT_SECRET, b"POST" + url.encode() + body + stamp.encode())
    headers = {"x-hubspot-signature-v3": signature, "x-hubspot-request-timestamp": stamp}
    return WebhookRequest(url, headers, body, at if received_at is None else received_at)


def _receive(*events: Any) -> list[tuple[str, str]]:
    settings = {"client_secret": CLIENT_SECRET}
    return [(hint.stream, hint.external_id) for hint in CONNECTOR.receive(_request(json.dumps(events).encode()), settings)]


def _vectors(variant: str) -> list[Any]:
    rows = json.loads(VECTORS.read_text("utf-8"))["vectors"]
    return [row for row in rows if (row["vendor"], row.get("variant")) == ("hubspot", variant)]


def _of_vector(row: Any, **other: Any) -> WebhookRequest:
    headers = {"x-hubspot-signature-v3": row["expected"], "x-hubspot-request-timestamp": row["timestamp"]}
    given = {"url": row["url"], "headers": headers, "body": row["body"].encode(), "received_at": int(row["timestamp"]) * 1000}
    return WebhookRequest(**(given | other))


@here
def test_receive_accepts_v3_vectors() -> None:
    events, other = sorted(_vectors("v3"), key=lambda row: "objectId" not in row["body"])
    (hint,) = CONNECTOR.receive(_of_vector(events), {"client_secret": events["secret"]})
    assert (hint.stream, hint.external_id) == ("contacts", "123")
    with pytest.raises(BadPayload):  # its signature holds; it is an object, not a list of events
        CONNECTOR.receive(_of_vector(other), {"client_secret": other["secret"]})


@here
@pytest.mark.parametrize("change", ["url", "body", "secret", "signature"])
def test_receive_refuses_v3_vectors_when_anything_signed_differs(change: str) -> None:
    row = _vectors("v3")[0]
    headers = {"x-hubspot-signature-v3": "A" + row["expected"][1:], "x-hubspot-request-timestamp": row["timestamp"]}
    other = {"url": {"url": row["url"] + "/"}, "body": {"body": b"[]"}, "signature": {"headers": headers}}
    with pytest.raises(Forged):
        CONNECTOR.receive(_of_vector(row, **other.get(change, {})), {"client_secret": row["secret"] + "x" * (change == "secret")})


@here
def test_receive_accepts_v1_vector_only_when_the_connection_says_so() -> None:
    (row,) = _vectors("v1")
    request = WebhookRequest(URL, {"x-hubspot-signature": row["expected"]}, row["body"].encode())
    settings = {"client_secret": row["secret"]}
    assert [hint.external_id for hint in CONNECTOR.receive(request, settings | {"webhook_signature": "v1"})] == ["123"]
    with pytest.raises(Forged):
        CONNECTOR.receive(request, settings)
    for broken in ({"client_secret": ""}, {"client_secret": "other"}):
        with pytest.raises(Forged):
            CONNECTOR.receive(request, {"webhook_signature": "v1"} | broken)


@pytest.mark.parametrize("late_s", [301, -301, 86_400])
def test_receive_refuses_a_signature_that_is_older_than_five_minutes(late_s: int) -> None:
    body = json.dumps([EVENT | {"subscriptionType": "contact.creation"}]).encode()
    settings = {"client_secret": CLIENT_SECRET}
    assert CONNECTOR.receive(_request(body, received_at=START + 299 * SECOND), settings)
    with pytest.raises(Forged):
        CONNECTOR.receive(_request(body, received_at=START + late_s * SECOND), settings)


def test_receive_signs_the_address_with_some_characters_unescaped() -> None:
    plain, escaped = f"{URL}?to=a@b:1/2", f"{URL}?to=a%40b%3a1%2F2"
    request = _request(b"[]", url=plain)
    assert CONNECTOR.receive(WebhookRequest(escaped, request.headers, b"[]", START), {"client_secret": CLIENT_SECRET}) == []


def test_receive_hints_at_what_people_did() -> None:
    account = Account()
    made, other = (account.fake.add_contact(firstname=name) for name in ("Ada", "Bo"))
    assert [(hint.stream, hint.external_id) for hint in account.hints()] == [
        ("contacts", made),
        ("contacts", made),
        ("contacts", other),
        ("contacts", other),
    ]
    account.fake.edit_contact(made, lastname="Ek", phone="1")
    account.fake.archive_contact(other)
    account.fake.restore_contact(other)
    account.fake.join_company(made, account.fake.add_company("Mugs & Co"))
    told = {hint.external_id for hint in account.hints()}
    assert told == {made, other}
    merged = account.fake.merge_contacts(made, other)
    assert [hint.external_id for hint in account.hints()] == [made, other, merged]


def test_hints_of_one_record_differ_and_repetitions_do_not() -> None:
    account = Account()
    account.fake.edit_contact(account.fake.add_contact(firstname="Ada"), lastname="Ek", phone="1")
    hooks = account.fake.take_webhooks()
    events = json.loads(hooks[0].body)
    again = [event | {"attemptNumber": 3} for event in events]
    settings = {"client_secret": CLIENT_SECRET}
    first, second = (CONNECTOR.receive(_request(json.dumps(some).encode()), settings) for some in (events, again))
    assert first == second
    assert len({hint.event_id for hint in first}) == len(events) == 4


def test_webhook_holds_up_to_a_hundred_events() -> None:
    account = Account()
    for i in range(60):
        account.fake.add_contact(firstname=f"C{i}")
    assert [len(json.loads(hook.body)) for hook in account.fake.take_webhooks()] == [100, 20]


def test_event_says_where_the_change_came_from() -> None:
    account = Account()
    made = account.fake.add_contact(firstname="Ada")
    account.fake.take_webhooks()
    account.ask("PATCH", f"/crm/v3/objects/contacts/{made}", {"properties": {"firstname": "Eda"}})
    account.fake.edit_contact(made, firstname="Ida")
    (hook,) = account.fake.take_webhooks()
    assert [(event["changeSource"], event["propertyValue"]) for event in json.loads(hook.body)] == [
        ("INTEGRATION", "Eda"),
        ("CRM_UI", "Ida"),
    ]


@here
def test_fake_sends_the_fields_of_the_published_events() -> None:
    published = set(json.loads(_vectors("v1")[0]["body"])[0])
    account = Account()
    account.fake.edit_contact(account.fake.add_contact(firstname="Ada"), firstname="Eda")
    events = [event for hook in account.fake.take_webhooks() for event in json.loads(hook.body)]
    assert published <= set(events[0])
    assert {"propertyName", "propertyValue"} <= set(events[1])


@here
def test_every_topic_is_one_that_can_be_subscribed() -> None:
    known = json.loads((FOLDER / "webhooks.json").read_text("utf-8"))["components"]["schemas"]
    topics = known["SubscriptionCreateRequest"]["properties"]["eventType"]["enum"]
    webhook = load_connectors()["hubspot"].manifest.webhook
    assert webhook is not None
    assert set(webhook.topics) <= set(topics)
    more = {"fromObjectId": 123, "objectTypeId": "0-46"}
    told = _receive(*(EVENT | {"subscriptionType": topic} | more for topic in webhook.topics))
    assert set(told) == {("contacts", "123"), ("deals", "123"), ("tickets", "123"), ("notes", "123")}


def test_fake_sends_nothing_when_nobody_subscribed() -> None:
    account = Account()
    account.fake.webhook_url = ""
    account.fake.add_contact(firstname="Ada")
    assert account.fake.take_webhooks() == []


@pytest.mark.parametrize(
    "body",
    [
        b"{}",
        b"[1]",
        b"[{}]",
        b'[{"subscriptionType": "contact.creation"}]',
        b'[{"subscriptionType": "contact.creation", "objectId": true}]',
        b'[{"subscriptionType": "contact.merge"}]',
        b"nothing",
    ],
)
def test_receive_raises_bad_payload_when_signed_body_is_no_event(body: bytes) -> None:
    with pytest.raises(BadPayload):
        CONNECTOR.receive(_request(body), {"client_secret": CLIENT_SECRET})


@pytest.mark.parametrize("topic", ["company.creation", "conversation.newMessage", "contact.somethingNew", "object.creation"])
def test_receive_hints_at_nothing_when_topic_is_none_of_ours(topic: str) -> None:
    assert _receive(EVENT | {"subscriptionType": topic}) == []


def test_receive_knows_a_kind_by_its_type_id() -> None:
    custom = Kind(stream="cards", path="2-77", event="card", type_id="2-77", properties=())
    event = EVENT | {"subscriptionType": "object.propertyChange", "objectTypeId": "2-77"}
    settings = {"client_secret": CLIENT_SECRET}
    request = _request(json.dumps([event]).encode())
    assert receive(request, settings, (CONTACTS, custom)) == [Hint("cards", "123", "1:12345:1564113600000:123")]
    assert {kind.type_id: kind.path for kind in ALL if kind is not DEALS}.items() <= TYPE_IDS.items()
