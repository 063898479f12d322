"""Zendesk in the suite that every connector inherits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import connectors.zendesk
from connectors.zendesk import CONNECTOR, ZendeskFake
from connectors.zendesk.fake import SECRET, TOKEN
from connectors.zendesk.tickets import comment_id
from hub.model.values import Doc, Micros
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract


def _fake(now: Callable[[], Micros], webhook_url: str) -> ZendeskFake:
    fake = ZendeskFake(
        now,
        webhook_url=webhook_url,
        per_minute=None,
        exports_per_minute=None,
        export_page=50,
        user_fields=("size",),
        ticket_fields=(4711, 4712),
    )
    fake.add_ticket(fake.add_user("Cy Ek"), "First", "Hello")
    return fake


def _id(doc: Doc) -> str:
    return str(doc["id"])


def _users(fake: ZendeskFake, count: int) -> list[str]:
    start = len(fake.core.state.users)
    return [fake.add_user(f"Ann{start + i} Ek", email=f"ann{start + i}@example.com", notes="vip") for i in range(count)]


def _tickets(fake: ZendeskFake, count: int) -> list[str]:
    return [fake.add_ticket(fake.user_ids()[0], f"Where is {i}?", "I am waiting.") for i in range(count)]


def _comments(fake: ZendeskFake, count: int) -> list[str]:
    return [f"{one}:{fake.comments(one)[0]['id']}" for one in _tickets(fake, count)]


def _edit_ticket(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    fields = [{"id": 4711, "value": "3 orders"}, {"id": 4712, "value": None}]
    return doc | {"priority": "high", "custom_fields": fields}, ("priority", "custom_fields")


def _edit_user(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"name": "Anne Ek", "tags": ["a", "b"], "user_fields": {"size": "42"}}, ("name", "tags", "user_fields.size")


CASE = Case(
    connector=CONNECTOR,
    fake=_fake,
    settings={"access_token": TOKEN, "webhook_secret": SECRET},
    streams={
        "users": StreamCase(
            make=_users,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_user(external_id, notes="called"),
            new={"name": "Bo Ek", "email": "bo@example.com", "notes": "vip", "tags": ["vip"], "user_fields": {"size": "39"}},
            edit=_edit_user,
            volatile=frozenset({"updated_at"}),
            count=60,
        ),
        "tickets": StreamCase(
            make=_tickets,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_ticket(external_id, priority="low"),
            new={"subject": "Call back", "priority": "low", "tags": ["vip"]},
            edit=_edit_ticket,
            volatile=frozenset({"updated_at", "generated_timestamp"}),
            count=30,
            lag_s=60.0,
        ),
        "comments": StreamCase(
            make=_comments,
            identity=comment_id,
            new={"ticket_id": 1, "body": "On its way.", "direction": "internal"},
            count=30,
            hints=False,
            unknown_id="999999999:1",
        ),
    },
    folder=Path(connectors.zendesk.__file__).parent,
    signature_header="x-zendesk-webhook-signature",
    secrets=(TOKEN, SECRET),
)


class TestZendesk(ConnectorContract):
    """What every connector must do."""

    case = CASE
