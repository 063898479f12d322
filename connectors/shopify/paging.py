"""Walking Relay connections: `first`/`after`, `pageInfo`, and the search term for what changed since."""

from __future__ import annotations

from typing import Any

from connectors.shopify.client import ShopifyClient
from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.sdk.base import Page


def since(at: Micros | None) -> str | None:
    """Return the search term for records changed at or after `at`; Shopify's times have whole seconds."""
    return None if at is None else f"updated_at:>='{instant(at // SECOND * SECOND)}'"


def following(connection: Doc) -> str | None:
    """Return the cursor of the next page, None on the last."""
    info = connection["pageInfo"]
    return str(info["endCursor"]) if info["hasNextPage"] else None


def page(connection: Doc, docs: list[Doc]) -> Page:
    """Return the page that a root connection holds."""
    return Page(docs, token=following(connection))


def rest(client: ShopifyClient, connection: Doc, document: str, root: str, field: str, owner: str) -> list[Any]:
    """Return all nodes of a nested connection: those already read and the pages after them."""
    nodes = list(connection["nodes"])
    after = following(connection)
    while after is not None:
        found = client.read(document, id=owner, after=after)[root]
        if found is None:  # deleted between the two reads: the next read says so
            return nodes
        nodes += found[field]["nodes"]
        after = following(found[field])
    return nodes
