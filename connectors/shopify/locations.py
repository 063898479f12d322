"""Locations: the places that hold stock. Read only.

Document: `{id, name, isActive, fulfillsOnlineOrders, createdAt, updatedAt, address: {address1, address2, city, zip, provinceCode,
countryCode, phone}}`, inactive ones included.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from connectors.shopify import queries
from connectors.shopify.client import ShopifyClient
from connectors.shopify.paging import page
from hub.model.values import Doc
from hub.sdk.base import Cursor, Page, Stream


class Locations(Stream[ShopifyClient]):
    """All locations, by id: the query has no filter by time of change."""

    name: ClassVar[str] = "locations"
    incremental: ClassVar[bool] = False

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of at most 100 locations."""
        found = client.read(queries.LOCATIONS, first=100, after=cursor.token)["locations"]
        return page(found, list(found["nodes"]))

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id."""
        found = client.read(queries.LOCATIONS_BY_ID, ids=list(ids))["nodes"] if ids else []
        return [node for node in found if node]
