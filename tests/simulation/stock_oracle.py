"""What the systems should show of stock, from their own journals alone: no unit lost or counted twice over all locations."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from hub.model.values import Micros
from tests.simulation.shelving import SKUS
from tests.simulation.stockroom import Move, Shelf, Stockroom

Found = tuple[str, str, tuple[str, ...]]


def judge_stock(rooms: Sequence[Stockroom], counts: Counter[str], quiet_at: Micros) -> list[Found]:
    """Return (rule, about, proof) of what is wrong: stock = what the opener of a location opened with + what people moved there.

    Every system has to show that, less what anybody promised and less its own buffer, never below 0. Our own lines of a ledger
    are no movement: they only carry the others'.
    """
    for room in rooms:
        counts["stock promises"] += len(room.promises)
        counts["stock oversells"] += room.oversold
        counts["stock transfers"] += room.transfers
        counts["stock levels restored"] += room.restored
    codes = sorted({code for room in rooms for code in room.places})
    return [wrong for code in codes for sku in SKUS for wrong in _judge_level(rooms, code, sku, counts, quiet_at)]


def _judge_level(rooms: Sequence[Stockroom], code: str, sku: str, counts: Counter[str], quiet_at: Micros) -> list[Found]:
    here = [room for room in rooms if code in room.places]
    opener = next(room for room in here if room.places[code].opening)
    moved = [(room.remote.name, move) for room in here for move in room.ledger if (move.sku, move.place) == (sku, code)]
    sent = sum(move.actor == "api" for _, move in moved)
    counts["stock movements"] += len(moved) - sent
    counts["stock changes sent"] += sent
    right = opener.opening.get((sku, code), 0) + sum(move.delta for _, move in moved if move.actor != "api")
    shelves = {room: shelf for room in here if (shelf := room.shelves.get((sku, code))) is not None}
    promised = sum(shelf.reserved for shelf in shelves.values())
    proof = tuple(f"{m.at} {name} {m.actor} {m.delta:+d}" for name, m in sorted(moved, key=lambda pair: pair[1].at))
    about, found = f"{sku} at {code}", []
    shown = {room.remote.name: shelf.units - shelf.reserved for room, shelf in shelves.items()}
    wanted = {room.remote.name: max(0, right - promised - room.places[code].buffer) for room in shelves}
    if shown != wanted:
        text = f"{about}: shown {shown}, right is {wanted}: {right} = opening + journals, {promised} promised"
        found.append(("wrong stock", text, proof))
    late = tuple(line for line, (_, m) in zip(proof, _by_time(moved), strict=True) if m.actor == "api" and m.at > quiet_at)
    if late:
        found.append(("stock changes after quiet", about, late))
    promises = sum((move.sku, move.place) == (sku, code) for room in here for move in room.promises)
    again = 2 * sum(room.restored for room in here)
    bound = (len(moved) - sent + promises + 1) * len(here) * 2 + again  # what a restore undid is sent again
    if sent > bound:
        found.append(("too many stock changes", f"{about}: {sent} sent for {len(moved) - sent} movements", proof))
    return found


def _by_time(moved: Sequence[tuple[str, Move]]) -> list[tuple[str, Move]]:
    return sorted(moved, key=lambda pair: pair[1].at)


def free_units(rooms: Sequence[Stockroom], code: str, sku: str) -> int:
    """Return what is left on a shelf for somebody new, as an all-knowing person would count it now."""
    here = [room for room in rooms if code in room.places]
    opener = next(room for room in here if room.places[code].opening)
    moves = [move for room in here for move in room.ledger if (move.sku, move.place) == (sku, code) and move.actor != "api"]
    promised = sum(room.shelves.get((sku, code), Shelf(0)).reserved for room in here)
    return opener.opening.get((sku, code), 0) + sum(move.delta for move in moves) - promised
