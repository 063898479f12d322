"""Zendesk in the suite that every connector inherits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import connectors.zendesk
from connectors.zendesk import CONNECTOR, ZendeskFake
from connectors.zendesk.fake import SECRET, TOKEN
from hub.model.values import Doc, Micros
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract


def _fake(now: Callable[[], Micros], webhook_url: str) -> ZendeskFake:
    return ZendeskFake(
        now, webhook_url=webhook_url, per_minute=None, exports_per_minute=None, export_page=50, user_fields=("size",)
    )


def _id(doc: Doc) -> str:
    return str(doc["id"])


def _users(fake: ZendeskFake, count: int) -> list[str]:
    start = len(fake.core.state.users)
    return [fake.add_user(f"Ann{start + i} Ek", email=f"ann{start + i}@example.com", notes="vip") for i in range(count)]


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
    },
    folder=Path(connectors.zendesk.__file__).parent,
    signature_header="x-zendesk-webhook-signature",
    secrets=(TOKEN, SECRET),
)


class TestZendesk(ConnectorContract):
    """What every connector must do."""

    case = CASE
