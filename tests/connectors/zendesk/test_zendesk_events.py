"""Signed events: believed, refused, read."""

from __future__ import annotations

import json
from typing import Any

import pytest

from connectors.zendesk import CONNECTOR
from connectors.zendesk.fake import SECRET
from connectors.zendesk.fake.core import signed
from hub.errors import BadPayload, Forged
from hub.sdk import Hint, WebhookRequest
from hub.sdk.manifest import load_manifest
from tests.connectors.zendesk.account import URL, Account
from tests.connectors.zendesk.contract import ABSENT, VECTORS
from tests.connectors.zendesk.test_zendesk_suite import CASE

AT = "2026-03-01T09:00:00Z"
SHOWN = {
    "type": "zen:event-type:user.active_changed",
    "account_id": 12514403,
    "id": "2b24ef10-19d4-4740-93cf-8f98ec4776c0",
    "time": "2099-07-04T05:33:18Z",
    "zendesk_event_version": "2022-06-20",
    "subject": "zen:user:6596848315901",
    "detail": {
        "created_at": "2099-07-04T05:27:58Z",
        "email": "someone@example.com",
        "external_id": "",
        "default_group_id": "0",
        "id": "6596848315901",
        "organization_id": "0",
        "role": "end-user",
        "updated_at": "2099-07-04T05:33:18Z",
    },
    "event": {"current": False, "previous": True},
}
"""The sample of the vendor's page on webhook event types, with another address."""


def _receive(body: bytes, headers: dict[str, str] | None = None, secret: str = SECRET) -> list[Hint]:
    given = signed(secret, AT, body) if headers is None else headers
    return list(CONNECTOR.receive(WebhookRequest(URL, given, body), {"webhook_secret": secret}))


def _event(**change: Any) -> list[Hint]:
    return _receive(json.dumps({**SHOWN, **change}).encode())


def _vectors() -> list[Any]:
    rows = json.loads(VECTORS.read_text("utf-8"))["vectors"] if VECTORS.exists() else []
    return [row for row in rows if row["vendor"] == "zendesk"]


def _outcome(row: Any, **change: str) -> object:
    headers = {name.lower(): value for name, value in row["expected_header"].items()} | change
    try:
        return _receive(row["body"].encode(), headers, row["secret"])
    except (Forged, BadPayload) as error:
        return type(error)


@pytest.mark.skipif(not VECTORS.exists(), reason=ABSENT)
def test_receive_accepts_the_vectors_and_nothing_near_them() -> None:
    vectors = _vectors()
    assert [_outcome(row) for row in vectors] == [[Hint("tickets", "42", "01GHXYZ")], BadPayload]  # the second has an empty body
    for row in vectors:
        signature = row["expected"]
        assert _outcome(row, **{"x-zendesk-webhook-signature": signature[:-2] + "x="}) is Forged
        assert _outcome(row, **{"x-zendesk-webhook-signature-timestamp": "2026-01-05T10:00:02Z"}) is Forged
        assert _outcome(row, **{"x-zendesk-webhook-signature-timestamp": ""}) is Forged


def test_receive_reads_the_vendors_sample() -> None:
    assert _event() == [Hint("users", "6596848315901", "2b24ef10-19d4-4740-93cf-8f98ec4776c0")]


def test_receive_reads_a_name_with_a_slash_and_an_id_in_the_detail() -> None:
    hints = _event(type="zen:event-type/user.identity_created", subject="user:1", id=None)
    assert hints == [Hint("users", "6596848315901", None)]


@pytest.mark.parametrize(
    "kind", ["zen:event-type:article.published", "zen:event-type:organization.created", "conversation:message"]
)
def test_receive_hints_at_nothing_when_event_is_about_something_else(kind: str) -> None:
    assert _event(type=kind) == []


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b'{"type": 1}', b"nothing", b"", b'{"type": "zen:event-type:user.created", "detail": {"id": "../1"}}'],
)
def test_receive_raises_bad_payload_when_signed_body_is_no_event(body: bytes) -> None:
    with pytest.raises(BadPayload):
        _receive(body)


def test_receive_raises_forged_when_no_secret_is_set() -> None:
    body = json.dumps(SHOWN).encode()
    with pytest.raises(Forged):
        CONNECTOR.receive(WebhookRequest(URL, signed("", AT, body), body), {})


def test_receive_hints_at_what_people_did() -> None:
    account = Account(user_fields=("size",))
    made = account.fake.add_user("Anna Ek", email="anna@example.com")
    account.fake.edit_user(made, notes="called", tags=["vip"], phone="+46701234567")
    account.fake.verify_identity(made, "anna@example.com")
    account.fake.edit_user(made, user_fields={"size": "42"})
    account.fake.delete_user(made)
    assert account.hints() == [("users", made)] * 7


def test_fake_sends_only_events_that_the_manifest_names() -> None:
    account = Account(user_fields=("size",), ticket_fields=(1,))
    made = account.fake.add_user("Anna Ek", email="anna@example.com")
    account.fake.edit_user(made, name="Anne", notes="x", details="x", alias="a", tags=["x"], external_id="x", phone="1")
    account.fake.edit_user(made, user_fields={"size": "1"})
    account.fake.verify_identity(made, "anna@example.com")
    account.fake.delete_user(made)
    ticket = account.fake.add_ticket(account.fake.add_user("Bo Ek"), "Where?", "Hello")
    account.fake.edit_ticket(
        ticket, subject="x", priority="low", tags=["x"], status="open", custom_fields=[{"id": 1, "value": "x"}]
    )
    account.fake.delete_ticket(ticket)
    kinds = {json.loads(webhook.body)["type"] for webhook in account.fake.take_webhooks()}
    webhook = load_manifest(CASE.folder / "manifest.yaml").webhook
    assert webhook is not None
    assert kinds <= set(webhook.topics)
    assert len(kinds) == 19


def test_fake_sends_nothing_when_nobody_subscribed() -> None:
    account = Account()
    account.fake.webhook_url = ""
    account.fake.add_user("Anna Ek")
    assert account.fake.take_webhooks() == []


def test_fake_sends_the_vendors_shape() -> None:
    account = Account()
    made = account.fake.add_user("Anna Ek")
    account.fake.take_webhooks()
    account.fake.delete_user(made)
    (webhook,) = account.fake.take_webhooks()
    sent = json.loads(webhook.body)
    assert (set(sent), set(sent["detail"]), sent["event"]) == (set(SHOWN), set(SHOWN["detail"]), SHOWN["event"])  # type: ignore[call-overload]
