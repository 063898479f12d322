"""Shopify as the hub sees it: streams, sinks, client, probe, webhook door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.shopify import queries, webhooks
from connectors.shopify.client import ShopifyClient
from connectors.shopify.customers import Customers, CustomerSink
from connectors.shopify.inventory import Inventory, InventorySink
from connectors.shopify.locations import Locations
from connectors.shopify.order_acts import OrderSink
from connectors.shopify.orders import Fulfillments, Orders, Refunds, Returns, Transactions
from connectors.shopify.products import Products, ProductSink, Variants, VariantSink
from connectors.shopify.refunds import RefundSink
from connectors.shopify.subscriptions import Subscriptions
from hub.errors import ConfigError
from hub.sdk.base import Connector, Hint, Http, Sink, Stream, Subscriber, WebhookRequest


class Shopify(Connector[ShopifyClient]):
    """Shopify's Admin GraphQL API, version 2026-07."""

    name: ClassVar[str] = "shopify"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {
        stream.name: stream
        for stream in (
            *(Locations(), Customers(), Products(), Variants(), Inventory()),
            *(Orders(), Transactions(), Refunds(), Fulfillments(), Returns()),
        )
    }
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {
        sink.name: sink for sink in (CustomerSink(), ProductSink(), VariantSink(), InventorySink(), OrderSink(), RefundSink())
    }
    subscriber: ClassVar[Subscriber[Any] | None] = Subscriptions()
    webhook_settings = frozenset({"client_secret"})

    def client(self, settings: Mapping[str, str], http: Http) -> ShopifyClient:
        """Return the client of one shop. Raises ConfigError without an access token, or where `refund_payments` is unclear."""
        if not settings.get("access_token"):
            raise ConfigError("A Shopify connection needs `access_token`.", fix="See the connector's README for how to get one.")
        pays = settings.get("refund_payments") or "no"
        if pays not in ("yes", "no"):
            raise ConfigError(
                "`refund_payments` of a Shopify connection is `yes` or `no`.", fix="Write one of the two, in quotes."
            )
        return ShopifyClient(http, settings["access_token"], pays_refunds=pays == "yes")

    def probe(self, client: ShopifyClient) -> str:
        """Return the shop's name and address."""
        shop = client.read(queries.SHOP)["shop"]
        return f"{shop['name']} ({shop['myshopifyDomain']})"

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify and read one webhook."""
        return webhooks.receive(request, settings)
