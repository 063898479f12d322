"""HubSpot: contacts, deals, tickets and notes of one CRM account, with the time at which each field was changed.

In: an access token and an `Http`. Out: HubSpot's own objects in one shape; answers of writes; hints of webhooks.
CRM API v3, associations v4. The fake beside it is a simulated account with the same API.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.hubspot import webhooks
from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.contacts import ContactSink, ContactStream
from connectors.hubspot.fake import HubSpotFake
from connectors.hubspot.kinds import CONTACTS, DEALS, NOTES, TICKETS
from connectors.hubspot.subscriptions import Subscriptions
from connectors.hubspot.timeline import DealSink, DealStream, NoteStream, TicketSink, TicketStream
from hub.errors import ConfigError
from hub.sdk import Connector, Hint, Http, Sink, Stream, WebhookRequest


class HubSpot(Connector[HubSpotClient]):
    """A HubSpot account."""

    name = "hubspot"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {
        stream.name: stream for stream in (ContactStream(), DealStream(), TicketStream(), NoteStream())
    }
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {sink.name: sink for sink in (ContactSink(), DealSink(), TicketSink())}
    subscriber = Subscriptions()
    webhook_settings = frozenset({"client_secret", "webhook_signature"})

    def client(self, settings: Mapping[str, str], http: Http) -> HubSpotClient:
        """Return the client of one account. Raises ConfigError where `archived_pages` is no number."""
        pages = settings.get("archived_pages") or "5"
        if not pages.isdecimal():
            raise ConfigError("`archived_pages` must be a whole number.", fix="Leave it out, or write `archived_pages: 5`.")
        app = settings.get("app_id") or "", settings.get("app_token") or ""
        return HubSpotClient(http, settings["access_token"], int(pages), app)

    def probe(self, client: HubSpotClient) -> str:
        """Return the account's number and address. Source of this call: account-info v3 of the vendor's public API specs."""
        account = client.read("GET", "/account-info/v3/details")
        return f"HubSpot account {account.get('portalId')} ({account.get('uiDomain')})"

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify and read one webhook."""
        return webhooks.receive(request, settings, (CONTACTS, DEALS, TICKETS, NOTES))


CONNECTOR = HubSpot()
FAKE = HubSpotFake

__all__ = ["CONNECTOR", "FAKE", "HubSpot", "HubSpotFake"]
