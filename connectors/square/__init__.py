"""Square: customers, catalogue, stock, locations, sales and returns of one seller account.

In: an access token and an HTTP client. Out: customers, items (variations nested), stock counts, locations, orders, returns,
payments and refunds as Square's own documents; answers to writes. API version 2025-08-20.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from connectors.square.catalog import ProductSink, ProductStream, VariantSink, VariantStream
from connectors.square.client import SquareClient
from connectors.square.customers import CustomerSink, CustomerStream
from connectors.square.fake import SquareFake
from connectors.square.inventory import InventorySink, InventoryStream
from connectors.square.locations import LocationStream
from connectors.square.orders import FulfillmentStream, OrderStream, ReturnStream
from connectors.square.payments import PaymentStream, RefundStream
from connectors.square.subscriptions import Subscriptions
from connectors.square.webhooks import read_hints
from hub.sdk import Connector, Hint, Http, Sink, Stream, WebhookRequest


class Square(Connector[SquareClient]):
    """A Square seller account."""

    name = "square"
    streams: ClassVar[Mapping[str, Stream[Any]]] = {
        stream.name: stream
        for stream in (
            *(LocationStream(), CustomerStream(), ProductStream(), VariantStream(), InventoryStream()),
            *(OrderStream(), FulfillmentStream(), PaymentStream(), ReturnStream(), RefundStream()),
        )
    }
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {
        sink.name: sink for sink in (CustomerSink(), ProductSink(), VariantSink(), InventorySink())
    }
    subscriber = Subscriptions()
    webhook_settings = frozenset({"webhook_signature_key"})

    def client(self, settings: Mapping[str, str], http: Http) -> SquareClient:
        """Return the client of one account."""
        return SquareClient(http, settings["access_token"])

    def probe(self, client: SquareClient) -> str:
        """Return the business name."""
        merchant = client.read("GET", "/v2/merchants/me")["merchant"]
        return str(merchant.get("business_name") or merchant["id"])

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify and read one event."""
        return read_hints(request, settings["webhook_signature_key"])


CONNECTOR = Square()
FAKE = SquareFake

__all__ = ["CONNECTOR", "FAKE", "Square", "SquareFake"]
