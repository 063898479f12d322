"""Inventory levels: how much of an item is at a location, in units.

Document: `{id, levelId, isActive, item: {id, sku, tracked}, variant: {id} | null, location: {id}, quantities: {available,
on_hand, committed, incoming, reserved, damaged, safety_stock, quality_control}, notForSale, createdAt, updatedAt}`. `id` is ours:
item number and location number joined by `|`, because webhooks name a level by these two and never, when it ends, by Shopify's
own `levelId`. `notForSale` is on_hand - available: committed to orders, reserved, damaged, kept back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.shopify import queries
from connectors.shopify.client import ShopifyClient, gid, number, refusal
from connectors.shopify.paging import following, since
from hub.model.values import Doc
from hub.sdk.base import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream

_MUTATIONS: Final = {"inventoryAdjustQuantities": queries.ADJUST, "inventorySetQuantities": queries.SET}
_BLAMES: Final = {"quantity": "quantities", "delta": "quantities", "quantities": "quantities", "changes": "quantities"}
_REASON: Final = "correction"


def level_id(item: object, location: object) -> str:
    """Return our id of a level, from numbers or global ids."""
    return f"{number(str(item))}|{number(str(location))}"


def document(node: Doc) -> Doc:
    """Return a level node in the stream's shape."""
    item = dict(node["item"])
    variants = (item.pop("variants") or {}).get("nodes") or [None]
    quantities = {each["name"]: each["quantity"] for each in node["quantities"]}
    return {
        "id": level_id(item["id"], node["location"]["id"]),
        "levelId": node["id"],
        "isActive": node["isActive"],
        "item": item,
        "variant": variants[0],
        "location": node["location"],
        "quantities": quantities,
        "notForSale": quantities["on_hand"] - quantities["available"],
        "createdAt": node["createdAt"],
        "updatedAt": node["updatedAt"],
    }


class Inventory(Stream[ShopifyClient]):
    """Levels, location by location. Inside a location they come by id, not by time: see `overlap_s`."""

    name: ClassVar[str] = "inventory"
    overlap_s: ClassVar[float] = 600.0
    """A level read early and changed before the window ended may be older than the newest change seen: reach back this far."""
    fetch_limit: ClassVar[int] = 10

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of at most 150 levels of one location (about 600 points)."""
        location, after, waiting = _place(client, cursor.token)
        if location is None:
            return Page([])
        found = client.read(queries.LEVELS, locationId=location, first=150, after=after, query=since(cursor.since))["location"]
        levels: Doc = found["inventoryLevels"] if found else {"nodes": [], "pageInfo": {"hasNextPage": False}}
        return Page([document(node) for node in levels["nodes"]], token=_token(location, following(levels), waiting))

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read one by one: a level is addressed by its item and its location."""
        docs = []
        for each in ids:
            number_of_item, _, place = each.partition("|")
            found = client.read(
                queries.LEVEL_BY_PAIR, itemId=gid("InventoryItem", number_of_item), locationId=gid("Location", place)
            )
            node: Doc | None = (found["inventoryItem"] or {}).get("inventoryLevel")
            if node is not None:
                docs.append(document(node))
        return docs


def _place(client: ShopifyClient, token: str | None) -> tuple[str | None, str | None, list[str]]:
    """Return the location to read, where in it, and the locations after it."""
    if token is not None:
        location, after, waiting = json.loads(token)
        return location, after, waiting
    ids = _location_ids(client)
    return (ids[0], None, ids[1:]) if ids else (None, None, [])


def _location_ids(client: ShopifyClient) -> list[str]:
    ids: list[str] = []
    after: str | None = None
    while True:
        found = client.read(queries.LOCATION_IDS, first=250, after=after)["locations"]
        ids += [node["id"] for node in found["nodes"]]
        after = following(found)
        if after is None:
            return ids


def _token(location: str, after: str | None, waiting: list[str]) -> str | None:
    if after is not None:
        return json.dumps([location, after, waiting])
    return json.dumps([waiting[0], None, waiting[1:]]) if waiting else None


class InventorySink(Sink[ShopifyClient]):
    """Moves stock by a signed delta, or sets it where the expected value still stands.

    A delta always goes to `available`: Shopify moves `on_hand` with it, and takes no delta for `on_hand` itself.
    """

    name: ClassVar[str] = "inventory"
    adjust: ClassVar[Safe | None] = Safe.IDEMPOTENCY_KEY
    delivers_deltas: ClassVar[bool] = True
    writes_at_once: ClassVar[int] = 4

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call of an adjustment."""
        after = change.after
        if change.operation is not Operation.ADJUST:
            return []
        item, _, location = str(after["level"]).partition("|")
        where = {"inventoryItemId": gid("InventoryItem", item), "locationId": gid("Location", location)}
        common = {"reason": _REASON, "referenceDocumentUri": f"syncline://movement/{after['reference']}"}
        quantity, expected = after["quantity"], after.get("expected")
        if after.get("absolute") is not None:
            body = {"quantity": after["absolute"], "changeFromQuantity": expected, **where}
            return [Call("inventorySetQuantities", {"input": {"name": quantity, "quantities": [body], **common}})]
        # `changeFromQuantity` must be there, null where nothing is expected; it speaks of `available`, which is what is moved.
        expected = expected if quantity == "available" else None
        body = {"delta": after["delta"], "changeFromQuantity": expected, **where}
        return [Call("inventoryAdjustQuantities", {"input": {"name": "available", "changes": [body], **common}})]

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Make the call under its key; the answer carries the whole level as it is after it."""
        body = call.body["input"]
        location = (body.get("quantities") or body["changes"])[0]["locationId"]
        payload = client.write(_MUTATIONS[call.name], input=body, key=key, locationId=location)
        refused = refusal(payload, _BLAMES)
        return refused or Answer(AnswerKind.DONE, doc=_level(payload), external_id=external_id)

    def find(self, client: ShopifyClient, change: Change) -> Sequence[Doc]:  # noqa: ARG002 - the contract of every sink
        """Nothing is created here, so there is nothing to look up."""
        return []


def _level(payload: Doc) -> Doc | None:
    """Return the level in the answer; None where nothing changed, so that Shopify made no group."""
    changes = (payload.get("inventoryAdjustmentGroup") or {}).get("changes") or ()
    nodes = [(change.get("item") or {}).get("inventoryLevel") for change in changes]
    return next((document(node) for node in nodes if node is not None), None)
