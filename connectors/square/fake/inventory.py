"""Stock of the simulated account: counts worked out from physical counts and adjustments."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors.square.fake.core import API, Core, Failure, Movement, bad, ids_of, iso, limit_of, page, read_time
from hub.model.values import Doc, Micros

TRACKED: Final = ("IN_STOCK", "WASTE")
ALLOWED: Final = {("NONE", "IN_STOCK"), ("IN_STOCK", "SOLD"), ("IN_STOCK", "WASTE"), ("UNLINKED_RETURN", "IN_STOCK")}
DAY: Final[Micros] = 86_400_000_000


class Inventory:
    """A count is the last physical count plus the adjustments that occurred after it, whenever they arrived.

    `calculated_at` is when the newest movement that counts was received.
    """

    def __init__(self, core: Core) -> None:
        self.core = core

    def count(self, variation_id: str, location_id: str, state: str = "IN_STOCK") -> Doc | None:
        """Return the count, None where nothing was ever counted or adjusted."""
        moves = self.core.state.movements.get((variation_id, location_id), [])
        mine = sorted((m for m in moves if state in (m.from_state, m.to_state)), key=lambda m: (m.occurred_at, m.order))
        if not mine:
            return None
        start = max((i for i, m in enumerate(mine) if m.type == "PHYSICAL_COUNT"), default=0)
        total, received = Decimal(0), 0
        for move in mine[start:]:
            amount = Decimal(move.quantity)
            counted = move.type == "PHYSICAL_COUNT"
            total = amount if counted else total + (amount if move.to_state == state else -amount)
            received = max(received, move.created_at)
        return {
            "catalog_object_id": variation_id,
            "catalog_object_type": "ITEM_VARIATION",
            "state": state,
            "location_id": location_id,
            "quantity": format(total.normalize(), "f"),
            "calculated_at": iso(received),
        }

    def change(self, changes: list[Doc], actor: str, *, skip_unchanged: bool, kind: str = "") -> Doc:
        """Apply changes, all or nothing; return the body of the answer. Raises Failure naming the change to blame."""
        moves = [self._read(each, place, timely=actor == API) for place, each in enumerate(changes)]
        made = [move for move in moves if not (skip_unchanged and self._is_unchanged(move))]
        for move in made:
            self.core.state.movements.setdefault((move.variation_id, move.location_id), []).append(move)
            detail = {name: getattr(move, name) for name in ("location_id", "quantity", "from_state", "to_state", "reference_id")}
            moved = kind or move.type.lower()
            self.core.account.note(
                actor, moved, "inventory", f"{move.variation_id}:{move.location_id}", **detail, occurred_at=move.occurred_at
            )
        counts = self._counts((m.variation_id, m.location_id) for m in moves)
        if made:
            data: Doc = {"type": "inventory_counts", "id": self.core.new_id("event", 32)}
            touched = self._counts((m.variation_id, m.location_id) for m in made)
            self.core.emit("inventory.count.updated", data | {"object": {"inventory_counts": touched}})
        return {"counts": counts, "changes": [_shown(move) for move in made]}

    def search(self, body: Doc) -> Doc:
        """Answer BatchRetrieveInventoryCounts: newest first; `updated_after` is exclusive."""
        limit = limit_of(body, 100, 1000)
        after = read_time(body["updated_after"], "updated_after") if body.get("updated_after") else -1
        states = body.get("states") or TRACKED
        rows: list[tuple[str, Doc]] = []
        for variation_id, location_id in self.core.state.movements:
            if not _wanted(body, variation_id, location_id):
                continue
            for state in states:
                count = self.count(variation_id, location_id, state) if state in TRACKED else None
                if count and read_time(count["calculated_at"], "calculated_at") > after:
                    newest_first = f"{10**17 - read_time(count['calculated_at'], 'calculated_at'):017d}"
                    rows.append((f"{newest_first} {variation_id} {location_id} {state}", count))
        found, cursor = page(sorted(rows, key=lambda row: row[0]), body, limit, query_of="inventory")
        return ({"counts": copy.deepcopy(found)} if found else {}) | ({"cursor": cursor} if cursor else {})

    def route(self, method: str, parts: list[str], body: Doc, _params: Doc) -> Doc:
        """Answer a request under /v2/inventory."""
        match method, parts:
            case "POST", ["counts", "batch-retrieve"]:
                return self.search(body)
            case "POST", ["changes", "batch-create"]:
                if not body.get("idempotency_key"):
                    raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "idempotency_key")
                ids_of(body, "changes", 100)
                skip = body.get("ignore_unchanged_counts") is not False
                act = lambda: self.change(body["changes"], API, skip_unchanged=skip)  # noqa: E731 - done once per key
                return self.core.once("inventory", body, act, longest=128)
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _read(self, change: Doc, place: int, *, timely: bool) -> Movement:
        """Read one change. What comes over the API must be `timely`; a till that was offline may report days later."""
        kind = change.get("type")
        detail: Doc = change.get({"PHYSICAL_COUNT": "physical_count", "ADJUSTMENT": "adjustment"}.get(str(kind), "")) or {}
        at = f"changes[{place}].{str(kind).lower()}"
        if not detail:
            raise bad("INVALID_VALUE", "Expected a physical count or an adjustment.", f"changes[{place}].type")
        self._check_place(detail, at)
        from_state, to_state = self._read_states(str(kind), detail, at)
        now = self.core.now()
        occurred_at = read_time(detail.get("occurred_at"), f"{at}.occurred_at")
        if timely and not now - DAY <= occurred_at <= now:
            raise bad("INVALID_TIME", "Neither older than 24 hours nor in the future.", f"{at}.occurred_at")
        return Movement(
            id=self.core.new_id("movement"),
            type=str(kind),
            variation_id=detail["catalog_object_id"],
            location_id=detail["location_id"],
            quantity=_read_quantity(detail.get("quantity"), f"{at}.quantity"),
            from_state=from_state,
            to_state=to_state,
            occurred_at=occurred_at,
            created_at=now,
            order=self.core.next_order(),
            reference_id=detail.get("reference_id"),
        )

    def _check_place(self, detail: Doc, at: str) -> None:
        variation = self.core.state.variations.get(str(detail.get("catalog_object_id")))
        if variation is None or variation["is_deleted"]:
            raise Failure(404, "NOT_FOUND", "No such variation.", f"{at}.catalog_object_id")
        if str(detail.get("location_id")) not in self.core.state.locations:
            raise bad("INVALID_LOCATION", "No such location.", f"{at}.location_id")

    def _read_states(self, kind: str, detail: Doc, at: str) -> tuple[str, str]:
        if kind == "PHYSICAL_COUNT":
            if detail.get("state") not in TRACKED:
                raise bad("INVALID_VALUE", "This state cannot be counted.", f"{at}.state")
            return "", str(detail["state"])
        states = (str(detail.get("from_state")), str(detail.get("to_state")))
        if states not in ALLOWED:
            raise bad("INVALID_VALUE", "Quantities cannot be moved between these states.", f"{at}.to_state")
        return states

    def _is_unchanged(self, move: Movement) -> bool:
        """Say whether the newest count was the same: "unchanged since the last physical count", taken at its word."""
        before = self.core.state.movements.get((move.variation_id, move.location_id), [])
        counted = [m for m in before if m.type == move.type == "PHYSICAL_COUNT" and m.to_state == move.to_state]
        return bool(counted) and Decimal(counted[-1].quantity) == Decimal(move.quantity)

    def _counts(self, places: Iterable[tuple[str, str]]) -> list[Doc]:
        counts = (self.count(variation, location, state) for variation, location in dict.fromkeys(places) for state in TRACKED)
        return [count for count in counts if count is not None]


def _wanted(body: Doc, variation_id: str, location_id: str) -> bool:
    variations, locations = body.get("catalog_object_ids"), body.get("location_ids")
    return (not variations or variation_id in variations) and (not locations or location_id in locations)


def _read_quantity(value: Any, at: str) -> str:
    if not isinstance(value, str):
        raise bad("EXPECTED_STRING", "Expected a string value.", at)
    try:
        quantity = Decimal(value)
    except InvalidOperation:
        raise bad("INVALID_VALUE", "Expected a decimal number.", at) from None
    if quantity < 0:
        raise bad("VALUE_TOO_LOW", "Must not be negative.", at)
    return value


def _shown(move: Movement) -> Doc:
    detail: Doc = {
        "id": move.id,
        "catalog_object_id": move.variation_id,
        "catalog_object_type": "ITEM_VARIATION",
        "location_id": move.location_id,
        "quantity": move.quantity,
        "occurred_at": iso(move.occurred_at),
        "created_at": iso(move.created_at),
    }
    detail |= {"reference_id": move.reference_id} if move.reference_id else {}
    if move.type == "PHYSICAL_COUNT":
        return {"type": move.type, "physical_count": detail | {"state": move.to_state}}
    return {"type": move.type, "adjustment": detail | {"from_state": move.from_state, "to_state": move.to_state}}
