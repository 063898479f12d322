"""Orders: SearchOrders and BatchRetrieveOrders, told apart into sales, their fulfilments, and returns.

Read by `updated_at`, which is also what is sorted by: the contract asks for the two to match. Orders taken at a till carry no
version. An order taken offline arrives up to 72 hours late with the old `created_at` (vendor's SearchOrders text); it is found
by its `updated_at`, and by its webhook.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.square.client import SquareClient, chunks
from connectors.square.places import PLACES, walk
from connectors.square.sales import fulfilment, is_sale, sale, taken_back
from hub.model.values import Doc
from hub.sdk import Cursor, Page, Stream, VersionKind

PAGE: Final = 500
FETCH: Final = 100


class OrderStream(Stream[SquareClient]):
    """Sales (exchanges too) of all locations by time of change; one that changes meanwhile moves to the end."""

    name = "orders"
    version = VersionKind.CHANGED_AT
    lists_all: ClassVar[bool] = False
    overlap_s: ClassVar[float] = 60.0  # locations are read one group after the other
    fetch_limit: ClassVar[int] = FETCH

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of SearchOrders."""

        def ask(places: list[str], since: str | None, token: str | None) -> tuple[Sequence[Doc], str | None]:
            query: Doc = {"sort": {"sort_field": "UPDATED_AT", "sort_order": "ASC"}}
            if since is not None:
                query["filter"] = {"date_time_filter": {"updated_at": {"start_at": since}}}
            body: Doc = {"location_ids": places, "limit": PAGE, "query": query} | ({"cursor": token} if token else {})
            answer = client.read("POST", "/v2/orders/search", body)
            return answer.get("orders", []), answer.get("cursor")

        found = walk(client, cursor, PLACES, ask)
        return Page([doc for order in found.docs for doc in self.shown(order)], found.token)

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these orders, where they are of this stream."""
        return [doc for order in retrieve(client, ids) for doc in self.shown(order)]

    @staticmethod
    def shown(order: Doc) -> list[Doc]:
        """Return what an order is in this stream: itself, unless it only takes goods back."""
        return [sale(order)] if is_sale(order) else []


class ReturnStream(OrderStream):
    """Orders that take goods back, exchanges too."""

    name = "returns"

    @staticmethod
    def shown(order: Doc) -> list[Doc]:
        """Return the return, if the order takes goods back."""
        return [taken_back(order)] if order.get("returns") else []


class FulfillmentStream(OrderStream):
    """Fulfilments alone, for reading one back; `orders` brings them all. An id is `order:uid`."""

    name = "fulfillments"

    @staticmethod
    def shown(order: Doc) -> list[Doc]:
        """Return its fulfilments."""
        return [fulfilment(order, each) for each in order.get("fulfillments") or ()]

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these fulfilments."""
        wanted = {each for each in ids if ":" in each}
        orders = retrieve(client, sorted({each.partition(":")[0] for each in wanted}))
        return [doc for order in orders for doc in self.shown(order) if f"{doc['order_id']}:{doc['uid']}" in wanted]


def retrieve(client: SquareClient, ids: Sequence[str]) -> list[Doc]:
    """Return orders by id; those that do not exist are left out."""
    found: list[Doc] = []
    for some in chunks(ids, FETCH):
        found += client.read("POST", "/v2/orders/batch-retrieve", {"order_ids": some}).get("orders", [])
    return found
