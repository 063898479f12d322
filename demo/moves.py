"""What moved units, read from the journals of the simulators. Part of the judge: it shares no code with the hub."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

API: Final = "api"


def shop_moves(journal: Iterable[Any]) -> dict[str, list[tuple[int, str, int]]]:
    """Return level -> (when, who, by how much) of what changed its stock on hand."""
    moves: dict[str, list[tuple[int, str, int]]] = {}
    for entry in journal:
        if entry.kind == "inventory_level" and "on_hand" in entry.detail:
            moves.setdefault(entry.external_id, []).append((entry.at, entry.actor, entry.detail["on_hand"]))
    return moves


def till_moves(till: Any) -> dict[tuple[str, str], tuple[int | None, int]]:
    """Return (variation, place) -> the first count and what people moved since, in the order in which it occurred there."""
    rows: dict[tuple[str, str], list[Any]] = {}
    for entry in till.journal:
        if entry.kind == "inventory":
            variation, _, place = entry.external_id.partition(":")
            rows.setdefault((variation, place), []).append(entry)
    return {key: _fold(sorted(entries, key=lambda entry: entry.detail["occurred_at"])) for key, entries in rows.items()}


def _fold(entries: Iterable[Any]) -> tuple[int | None, int]:
    opening: int | None = None
    shown = moved = 0
    for entry in entries:
        units, to, source = int(entry.detail["quantity"]), entry.detail["to_state"], entry.detail["from_state"]
        counted = not source
        delta = units - shown if counted else units if to == "IN_STOCK" else -units
        shown += delta
        if counted and opening is None:
            opening = units
        elif entry.actor != API:
            moved += delta
    return opening, moved
