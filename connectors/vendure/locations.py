"""Stock locations. Vendure knows their name and a free description, no code and no address; it does not say which is a shop."""

from __future__ import annotations

from typing import ClassVar

from connectors.vendure.lists import ListStream


class Locations(ListStream):
    """`stockLocations`."""

    name: ClassVar[str] = "locations"
    root: ClassVar[str] = "stockLocations"
    kind: ClassVar[str] = "StockLocation"
    fields: ClassVar[str] = "id createdAt updatedAt name description @custom"
