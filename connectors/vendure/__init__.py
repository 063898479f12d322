"""Vendure (headless shop, Admin GraphQL API): customers, products, variants, stock levels, stock locations, orders.

In: `base_url`, a login, settings of manifest.yaml. Out: documents as the Admin API shows them, answers to writes, webhook hints.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.vendure.client import Client
from connectors.vendure.customers import Customers, CustomerSink
from connectors.vendure.inventory import Inventory, InventorySink
from connectors.vendure.locations import Locations
from connectors.vendure.orders import Orders
from connectors.vendure.products import Products
from connectors.vendure.variants import Variants, VariantSink
from connectors.vendure.webhooks import receive
from hub.sdk import Connector, Hint, Http, Sink, Stream, WebhookRequest


class Vendure(Connector[Client]):
    """The connector."""

    name: ClassVar[str] = "vendure"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {
        stream.name: stream for stream in (Locations(), Products(), Variants(), Inventory(), Customers(), Orders())
    }
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {sink.name: sink for sink in (CustomerSink(), VariantSink(), InventorySink())}
    webhook_settings = frozenset({"webhook_secret"})

    def client(self, settings: Mapping[str, str], http: Http) -> Client:
        """Return the client; logs in at its first call."""
        return Client(settings, http)

    def probe(self, client: Client) -> str:
        """Return the channel's code and currency; proves address, credentials and that the role may read settings."""
        account = client.account()
        return f"channel {account.channel} ({account.currency})"

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify and read one webhook."""
        return receive(request, settings)


CONNECTOR: Final = Vendure()
