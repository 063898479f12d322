"""What an order did to the stock: the movements of its variants that its own system reported around its time.

Orders explain movements, they make none (DESIGN section 7): a movement is shown beside the one order line that it fits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from hub.clock import instant, micros
from hub.model.entity import Entity
from hub.model.ledger import Movement, Share
from hub.model.link import Link
from hub.model.record import EntityType
from hub.model.values import SECOND, Doc, Micros
from hub.store import Reader

BEFORE: Final[Micros] = 3_600 * SECOND
"""A movement may be reported with an earlier time than its order: clocks differ."""
AFTER: Final[Micros] = 90 * 86_400 * SECOND
"""What is sold may leave the shelf much later: pre-orders, collection."""


def stock_effect(reader: Reader, order: Entity) -> list[Doc]:
    """Return, line by line, which movement of units belongs to an order; `delta` None where none was reported (yet)."""
    home = next((link for link in reader.links_of([order.id]) if not link.by_hub), None)
    placed = order.golden.get("placed_at")
    if home is None:
        return []
    at = micros(placed.value) if placed is not None and placed.value else order.born_at
    used: set[int] = set()
    family = {order.id, *(one.entity_id for one in reader.documents_of("order", [order.id]))}
    shares = [share for share in reader.shares_of(family) if share.variant_id > 0]
    lines = [golden.value for path, golden in sorted(order.golden.items()) if path.startswith("lines/") and golden.value]
    return [_effect(reader, home, line, at, used, shares) for line in lines]


def _effect(reader: Reader, home: Link, line: Doc, at: Micros, used: set[int], shares: Sequence[Share]) -> Doc:
    variant = _variant(reader, home, line)
    mine = [share for share in shares if share.variant_id == variant]
    found = None
    if variant is not None:
        units = int(line.get("quantity") or 0)
        found = _booked(reader, mine, used) or _movement(reader, home, variant, units, at, used)
    if found is not None:
        used.add(found.id)
    return {
        "sku": line.get("sku"),
        "title": line.get("title"),
        "quantity": line.get("quantity"),
        "variant": variant,
        "delta": found.delta if found is not None else None,
        "location": found.location_id if found is not None else None,
        "at": instant(found.occurred_at) if found is not None else None,
        "kept": sum(share.kept for share in mine),
    }


def _variant(reader: Reader, home: Link, line: Doc) -> int | None:
    named = reader.links_named(str(line["variant"])) if line.get("variant") else []
    there = [one for one in named if one.connection == home.connection and one.entity_type is EntityType.VARIANT]
    if there:
        return there[0].entity_id
    held = reader.matches(EntityType.VARIANT, [("sku", str(line["sku"]).strip().casefold())]) if line.get("sku") else {}
    return next((entity_id for carriers in held.values() for _, entity_id in carriers), None)


def _booked(reader: Reader, shares: Sequence[Share], used: set[int]) -> Movement | None:
    """Return what was booked for the order itself where its documents move stock: the newest movement, with the sum of all."""
    mine = [
        one
        for share in shares
        for one in (reader.movements(share.variant_id, share.location_id) if share.steps else ())
        if one.id not in used and (one.document or "").startswith(f"{share.connection}:{share.document_id}:")
    ]
    return replace(mine[-1], delta=sum(one.delta for one in mine)) if mine else None


def _movement(reader: Reader, home: Link, variant: int, quantity: int, at: Micros, used: set[int]) -> Movement | None:
    """Return the nearest movement of exactly this many units that this system reported and no other line has."""
    moved = [
        one
        for balance in reader.balances_of([variant])
        for one in reader.movements(variant, balance.location_id)
        if one.connection == home.connection and one.delta == -quantity and one.id not in used
    ]
    near = [one for one in moved if at - BEFORE <= one.occurred_at <= at + AFTER]
    return min(near, key=lambda one: (abs(one.occurred_at - at), one.id), default=None)
