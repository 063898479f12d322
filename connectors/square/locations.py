"""Locations: ListLocations and RetrieveLocation.

A document is Square's `Location`, complete in both. There is neither a version nor a time of change, and no paging.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from connectors.square.client import SquareClient
from hub.model.values import Doc
from hub.sdk import Cursor, Page, Stream, VersionKind


class LocationStream(Stream[SquareClient]):
    """All locations, inactive ones too."""

    name = "locations"
    version = VersionKind.NONE
    incremental: ClassVar[bool] = False
    fetch_limit: ClassVar[int] = 20

    def page(self, client: SquareClient, cursor: Cursor) -> Page:  # noqa: ARG002 - the one page is everything
        """Return them all."""
        docs = client.read("GET", "/v2/locations").get("locations", [])
        return Page(docs, None, len(docs))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these locations."""
        answers = (client.read("GET", f"/v2/locations/{each}", absent={}) for each in ids)
        return [answer["location"] for answer in answers if "location" in answer]
