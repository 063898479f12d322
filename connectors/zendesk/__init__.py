"""Zendesk Support: the people who write to the help desk, and their tickets.

In: OAuth credentials and an HTTP client. Out: users with identities and organisation, tickets with their comments, as Zendesk's
own documents; answers to writes; hints from signed webhooks. Support API 2.0.0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.zendesk.client import ZendeskClient
from connectors.zendesk.fake import ZendeskFake
from connectors.zendesk.papers import CommentSink, TicketSink
from connectors.zendesk.tickets import CommentStream, TicketStream
from connectors.zendesk.users import UserSink, UserStream
from connectors.zendesk.webhooks import read_hints
from hub.errors import AuthFailed, PermissionMissing
from hub.sdk import Connector, Hint, Http, Sink, Stream, WebhookRequest


class Zendesk(Connector[ZendeskClient]):
    """A Zendesk account."""

    name = "zendesk"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {
        stream.name: stream for stream in (UserStream(), TicketStream(), CommentStream())
    }
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {sink.name: sink for sink in (UserSink(), TicketSink(), CommentSink())}
    webhook_settings = frozenset({"webhook_secret"})

    def client(self, settings: Mapping[str, str], http: Http) -> ZendeskClient:
        """Return the client of one account. Raises ConfigError without credentials."""
        return ZendeskClient(http, settings)

    def probe(self, client: ZendeskClient) -> str:
        """Return whose credentials these are.

        Asked without credentials this endpoint answers 200 with an anonymous user, so the id is looked at. Exports are for
        admins.
        """
        me = client.read("/api/v2/users/me").get("user")
        if not isinstance(me, dict) or not me.get("id"):
            raise AuthFailed("Zendesk takes these credentials for nobody's.", fix="Renew them in the connection's settings.")
        if me.get("role") != "admin":
            raise PermissionMissing("These credentials are not an admin's.", fix="Exports of users and tickets need an admin.")
        return f"{me.get('name')} ({me['role']})"

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify and read one event."""
        return read_hints(request, settings.get("webhook_secret", ""))


CONNECTOR = Zendesk()
FAKE = ZendeskFake

__all__ = ["CONNECTOR", "FAKE", "Zendesk", "ZendeskFake"]
