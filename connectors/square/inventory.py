"""Stock: counts in state IN_STOCK, and changes by adjustment (a delta) or physical count (absolute).

A document is Square's `InventoryCount`; its external id is `variation:location`. Counts of a (variation, location) exist once
something was counted or moved there. Every answer to a change carries the counts as they are after it.
Square orders changes by when they *occurred*: a delta that occurred before the newest physical count changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.square.client import SquareClient, before, chunks, fit_key, refusal
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream, VersionKind

PAGE: Final = 1000
STATE: Final = "IN_STOCK"
COUNTS: Final = "/v2/inventory/counts/batch-retrieve"
CHANGES: Final = "/v2/inventory/changes/batch-create"


class InventoryStream(Stream[SquareClient]):
    """Counts, the newest first: one that changes meanwhile goes to the front and belongs to the next window."""

    name = "inventory"
    version = VersionKind.CHANGED_AT
    fetch_limit: ClassVar[int] = 100

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of BatchRetrieveInventoryCounts."""
        body: Doc = {"limit": PAGE, "states": [STATE]}
        if cursor.since is not None:
            body["updated_after"] = before(cursor.since)
        if cursor.token:
            body["cursor"] = cursor.token
        answer = client.read("POST", COUNTS, body)
        return Page(answer.get("counts", []), answer.get("cursor"))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these levels."""
        wanted = {each: None for each in ids if ":" in each}
        found: dict[str, Doc] = {}
        for some in chunks(list(wanted), self.fetch_limit):
            pairs = [each.split(":", 1) for each in some]
            body: Doc = {
                "catalog_object_ids": sorted({variation for variation, _ in pairs}),
                "location_ids": sorted({location for _, location in pairs}),
                "states": [STATE],
                "limit": PAGE,
            }
            for count in _all(client, body):
                found[level_id(count)] = count
        return [found[each] for each in wanted if each in found]


class InventorySink(Sink[SquareClient]):
    """Moves stock with an idempotency key. What left elsewhere is SOLD, what came is from NONE."""

    name = "inventory"
    adjust = Safe.IDEMPOTENCY_KEY
    delivers_deltas: ClassVar[bool] = True
    writes_at_once: ClassVar[int] = 4

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call, or none for a delta of 0.

        `occurred_at` must be the time of this attempt: Square refuses times in the future or over 24 hours ago, and a delta
        dated before its newest physical count moves nothing.
        """
        if change.operation is not Operation.ADJUST:
            message = f"inventory cannot {change.operation}"
            raise ValueError(message)
        want = change.after
        variation, location = want["level"].split(":", 1)
        place: Doc = {"catalog_object_id": variation, "location_id": location, "occurred_at": want["occurred_at"]}
        place |= {"reference_id": want["reference"]} if want.get("reference") else {}
        if want.get("absolute") is not None:
            counted = {"type": "PHYSICAL_COUNT", "physical_count": place | {"state": STATE, "quantity": str(want["absolute"])}}
            # Not ignored when equal: "unchanged" means since the last count, whatever was sold since.
            return [Call("count", {"changes": [counted], "ignore_unchanged_counts": False})]
        delta = int(want["delta"])
        if delta == 0:
            return []
        states = {"from_state": "NONE", "to_state": STATE} if delta > 0 else {"from_state": STATE, "to_state": "SOLD"}
        moved = {"type": "ADJUSTMENT", "adjustment": place | states | {"quantity": str(abs(delta))}}
        return [Call("adjust", {"changes": [moved]})]

    def send(self, client: SquareClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it; the answer's count of this level is its document."""
        reply = client.write("POST", CHANGES, call.body | {"idempotency_key": fit_key(key)})
        refused = refusal(reply)
        if refused:
            return refused
        change = call.body["changes"][0]
        detail = change.get("adjustment") or change["physical_count"]
        level = f"{detail['catalog_object_id']}:{detail['location_id']}"
        counts = [c for c in (reply.body or {}).get("counts") or [] if c.get("state") == STATE and level_id(c) == level]
        return Answer(AnswerKind.DONE, doc=counts[0] if counts else None, external_id=external_id or level)

    def find(self, client: SquareClient, change: Change) -> Sequence[Doc]:  # noqa: ARG002 - nothing is created here
        """Return nothing: a change is resent with its key."""
        return []


def level_id(count: Doc) -> str:
    """Return the external id of a count."""
    return f"{count['catalog_object_id']}:{count['location_id']}"


def _all(client: SquareClient, body: Doc) -> list[Doc]:
    found: list[Doc] = []
    token: str | None = None
    while True:
        answer = client.read("POST", COUNTS, body | ({"cursor": token} if token else {}))
        found += answer.get("counts", [])
        token = answer.get("cursor")
        if not token:
            return found
