"""Stock levels. Vendure has no list of them: they hang on variants, so one document is one (variant, location).

Document: `id` = "variantId:locationId", `variantId`, `stockLocationId`, `stockOnHand`, `stockAllocated`, `createdAt`, `updatedAt`
(the level's own) and `tracked`. An order moves the level's `updatedAt` and not the variant's, so nothing short of a full read
finds what orders did; webhooks tell between two of them. Available = on hand - allocated; both may be negative or overtaken.

A write is an absolute figure for one location: no relative form, no version, no compare-and-set, and it races with sales.
But Vendure logs what it did as a movement (new figure - figure it found), so the sink looks, writes, and reads that movement
in the same answer. `written` in the answer's document says what happened between look and write:

    seen     on hand when we looked            logged   quantity of the movement our write made
    onHand   what we wrote                     between  what others moved in that moment: onHand - logged - seen; None: unsure
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.vendure.answers import answer
from connectors.vendure.client import Account, Client, Fault
from connectors.vendure.lists import ListStream
from connectors.vendure.variants import is_tracked
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Safe, Sink

FIELDS: Final = "id updatedAt trackInventory stockLevels { createdAt updatedAt stockLocationId stockOnHand stockAllocated }"
LOOK: Final = f"""
query Look($id: ID!) {{
  productVariant(id: $id) {{ {FIELDS} stockMovements(options: {{type: ADJUSTMENT, take: 1}}) {{ totalItems }} }}
}}"""
SET: Final = f"""
mutation Set($input: [UpdateProductVariantInput!]!, $known: Int!) {{
  updateProductVariants(input: $input) {{
    {FIELDS}
    stockMovements(options: {{type: ADJUSTMENT, skip: $known, take: 100}}) {{
      items {{ ... on StockAdjustment {{ id quantity }} }}
    }}
  }}
}}"""


def read_levels(variant: Doc, account: Account) -> list[Doc]:
    """Return the documents of a variant's levels, by location."""
    tracked = is_tracked(variant, account)
    levels = sorted(variant["stockLevels"], key=lambda level: str(level["stockLocationId"]))
    return [
        {"id": f"{variant['id']}:{level['stockLocationId']}", "variantId": variant["id"], **level, "tracked": tracked}
        for level in levels
    ]


class Inventory(ListStream):
    """The levels of all variants, each page those of one page of variants."""

    name: ClassVar[str] = "inventory"
    incremental: ClassVar[bool] = False
    root: ClassVar[str] = "productVariants"
    kind: ClassVar[str] = "ProductVariant"
    fields: ClassVar[str] = FIELDS

    def documents(self, item: Doc, account: Account) -> Sequence[Doc]:
        """Return the levels of one variant."""
        return read_levels(item, account)

    def total(self, items: int) -> int | None:
        """Return None: Vendure counts variants, not levels."""
        _ = items
        return None

    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these levels, ids as "variantId:locationId"."""
        asked = set(ids)
        variants = sorted({level_id.partition(":")[0] for level_id in ids})
        return [doc for doc in super().fetch(client, variants) if doc["id"] in asked]


class InventorySink(Sink[Client]):
    """Sets one level to an absolute figure and says what the system logged."""

    name: ClassVar[str] = "inventory"
    adjust: ClassVar[Safe | None] = Safe.PLAIN
    delivers_deltas: ClassVar[bool] = False

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call."""
        wanted = ("level", "quantity", "absolute", "expected")
        return [Call("setStockOnHand", {name: change.after.get(name) for name in wanted})]

    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        """Look, write, read the log. STALE (nothing written) where `expected` is not what is there. Resending sets it again."""
        _ = key, external_id
        if call.body["absolute"] is None:
            return Answer(AnswerKind.REFUSED, reason="Vendure takes absolute stock figures only.")
        variant_id, _, location_id = str(call.body["level"]).partition(":")
        account = client.account()
        variant = client.ask(LOOK, {"id": variant_id})["productVariant"]
        if variant is None:
            return Answer(AnswerKind.GONE, reason="Vendure has no such variant.")
        before = _level(variant, location_id, account)
        seen, allocated = (before["stockOnHand"], before["stockAllocated"]) if before else (0, 0)
        kept = allocated if call.body["quantity"] == "available" else 0
        if call.body["expected"] not in (None, seen - kept):
            return Answer(AnswerKind.STALE, doc=before, external_id=call.body["level"], reason="Another figure is there now.")
        on_hand = int(call.body["absolute"]) + kept
        given = {"id": variant_id, "stockLevels": [{"stockLocationId": location_id, "stockOnHand": on_hand}]}
        told = client.tell(SET, {"input": [given], "known": variant["stockMovements"]["totalItems"]})
        if isinstance(told, Fault):
            return answer(told)
        logged = [movement["quantity"] for movement in told["stockMovements"]["items"]]
        return answer(
            {**(_level(told, location_id, account) or {}), "id": call.body["level"], "written": _written(on_hand, seen, logged)}
        )

    def find(self, client: Client, change: Change) -> Sequence[Doc]:
        """Return nothing: a level is never created on its own."""
        _ = client, change
        return ()


def _level(variant: Doc, location_id: str, account: Account) -> Doc | None:
    return next((doc for doc in read_levels(variant, account) if str(doc["stockLocationId"]) == location_id), None)


def _written(on_hand: int, seen: int, logged: list[int]) -> Doc:
    """Compare what was asked with what was logged.

    No movement: the figure was there already. Several: a clerk wrote too, and which is ours cannot be told.
    """
    ours = None if len(logged) > 1 else sum(logged)
    return {"onHand": on_hand, "seen": seen, "logged": ours, "between": None if ours is None else on_hand - ours - seen}
