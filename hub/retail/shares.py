"""What an order and what hangs on it do to stock: units that left the shelf, units kept back until they do. Pure.

Everything is worked out anew from the documents as they stand and compared with what was booked for them before: a document
that is read twice, late or in pieces moves a unit once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hub.config import MovesBy, Reports, StockRule
from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.ledger import Share
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import SECOND, Micros, Value
from hub.retail.figures import AVAILABLE, MOVING, code_at
from hub.retail.ledger import balance_of, book, refresh

OUT: Final = frozenset({"shipped", "delivered", "picked_up"})
OPEN: Final = frozenset({"pending", "in_progress", "ready"})
SELLING: Final = frozenset({EntityType.ORDER, EntityType.FULFILMENT, EntityType.REFUND, EntityType.RETURN})
"""Documents that do something to stock."""

Place = tuple[int, int, int]
"""(document id, variant id, location id)."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order. `name`: its external id. A `variant` below 0 is not known yet."""

    name: str
    sku: str
    variant: int
    quantity: int


@dataclass(slots=True)
class Flow:
    """What a document comes to at one level: units moved, signed, and units kept back. `pickup`: they wait at the counter."""

    moves: int = 0
    keeps: int = 0
    pickup: bool = False


def flows(order: Entity, inside: Iterable[Entity], lines: Sequence[Line]) -> dict[Place, Flow]:
    """Return what an order and its fulfilments, refunds and returns come to.

    What a fulfilment names leaves with it; the rest of the order leaves when the order is completed, and is kept back while it is
    open. What comes back moves only where it was put on the shelf again. A document without a location does nothing.
    """
    found: dict[Place, Flow] = {}
    left = {line.name: line.quantity for line in lines}
    papers = list(inside)
    for paper in papers:
        if paper.type is EntityType.FULFILMENT:
            _send(found, left, order, paper, lines)
    done = is_done(order)
    for paper in papers:
        if paper.type in (EntityType.REFUND, EntityType.RETURN) and _value(paper, "state") not in ("failed", "cancelled"):
            _take_back(found, left, order, paper, lines, done=done)
    for line in lines if _value(order, "state") not in ("draft", "cancelled") else ():
        rest, flow = max(0, left[line.name]), _flow(found, order, order, line)
        flow.moves, flow.keeps = (flow.moves - rest, flow.keeps) if done else (flow.moves, flow.keeps + rest)
    return {place: flow for place, flow in found.items() if place[2] and (flow.moves or flow.keeps)}


def _send(found: dict[Place, Flow], left: dict[str, int], order: Entity, paper: Entity, lines: Sequence[Line]) -> None:
    """Take what a fulfilment names from the rest of its order: it left, or is kept back until it does."""
    state = _value(paper, "state")
    for line, units, _ in _pieces(paper, lines) if state in OUT | OPEN else []:
        left[line.name] -= units
        flow = _flow(found, paper, order, line)
        flow.pickup = _value(paper, "kind") == "pickup"
        flow.moves, flow.keeps = (flow.moves - units, flow.keeps) if state in OUT else (flow.moves, flow.keeps + units)


def _take_back(
    found: dict[Place, Flow], left: dict[str, int], order: Entity, paper: Entity, lines: Sequence[Line], *, done: bool
) -> None:
    """Let what was refunded before it left go free; what had left moves only where it is on the shelf again."""
    for line, units, restocked in _pieces(paper, lines):
        unsent = 0 if done else max(0, min(left[line.name], units))
        left[line.name] -= unsent
        _flow(found, paper, order, line).moves += units - unsent if restocked else 0


def is_done(order: Entity) -> bool:
    """Say whether everything that an order still holds has left: it is completed, or says nothing else, as a receipt does."""
    state, fulfilled = _value(order, "state"), _value(order, "fulfilment_state")
    return state == "completed" or fulfilled == "fulfilled" or (state is None and fulfilled is None)


def settle(known: Known, ground: Ground, share: Share, flow: Flow, at: Micros, settled_at: Micros | None, now: Micros) -> bool:
    """Bring a document's share in a level to what it comes to now; say whether anything changed.

    `at`: the document's own time; `settled_at`: when the level was last opened or counted. A share of which nothing is booked yet
    and whose document is older than that is in that figure (Rule 7.24).
    """
    rule = ground.config.connections[share.connection].stock_rule(code_at(known, share.location_id))
    before = (share.moved, share.kept, share.until)
    fresh = before == (0, 0, 0)
    until = at + round(ground.config.reservations.hold_s * SECOND)
    share.until = 0 if rule is not None and rule.reports is Reports.AVAILABLE else until  # that system lets go itself
    votes = known.modes.get(share.connection, Mode.OBSERVE) is not Mode.OBSERVE
    keeps = flow.keeps if votes and holds(rule, flow) and not 0 < share.until <= now else 0  # Rule 7.25
    moved, share.moved = flow.moves - share.moved, flow.moves
    level = known.level_of(share.variant_id, share.location_id)
    counted = fresh and settled_at is not None and at <= settled_at
    by_documents = rule is not None and rule.moves_by is MovesBy.DOCUMENTS
    if moved and level is not None and votes and by_documents and balance_of(known, level).opened and not counted:  # Rule 7.24
        _move(known, share, level, moved, min(at, now) if fresh else now, now)
    else:
        moved = 0
    keep_back(known, ground, share, level, keeps, now, rule=rule)
    if moved and level is not None:
        refresh(known, ground, level, now)
    return before != (share.moved, share.kept, share.until)


def holds(rule: StockRule | None, flow: Flow) -> bool:
    """Say whether the hub keeps units back for a document: where its own system does not tell that it does (Rule 7.23).

    Where stock moves by levels the levels tell; a system without a rule there has goods fetched from a store it does not keep.
    """
    if rule is None:
        return flow.pickup
    return rule.moves_by is MovesBy.DOCUMENTS and rule.reports is not Reports.BOTH


def keep_back(
    known: Known, ground: Ground, share: Share, level: Entity | None, units: int, now: Micros, *, rule: StockRule | None = None
) -> None:
    """Keep so many units of a level back for a document from now on."""
    change, share.kept = units - share.kept, units
    if not change or level is None:
        return
    pair = (share.variant_id, share.location_id)
    known.promised[pair] = known.promised.get(pair, 0) + change
    if rule is not None and rule.reports is Reports.AVAILABLE:  # it took them off what it shows itself
        _shift(known, share, level, -change, (AVAILABLE,))
    refresh(known, ground, level, now)


def _move(known: Known, share: Share, level: Entity, delta: int, occurred_at: Micros, now: Micros) -> None:
    """Book what a document moved, under a key of its own, and expect its system to show it (Rule 7.24)."""
    share.steps += 1
    name = f"{share.connection}:{share.document_id}:{share.variant_id}:{share.location_id}:{share.steps}"
    link = next((each for each in known.live_links(level.id) if each.connection == share.connection), None)
    reason = "sale" if delta < 0 else "return"
    told = f"{reason}, {_number(known, share.document_id)}"
    book(known, level, link, delta, reason, occurred_at, now, document=name, told=told)
    _shift(known, share, level, delta, MOVING)  # Rule 7.24: it left the shelf there, too


def _number(known: Known, document_id: int) -> str:
    """Return what people call the order that a document is, or hangs on."""
    paper = known.entities.get(document_id)
    order = known.entities.get(paper.refs["order"]) if paper is not None and "order" in paper.refs else paper
    number = _value(order, "number") if order is not None else None
    return f"order {number}" if number is not None else "an order"


def _shift(known: Known, share: Share, level: Entity, delta: int, names: Sequence[str]) -> None:
    for link in known.live_links(level.id):
        if link.connection == share.connection:
            for name in names:
                if name in link.levels:
                    link.levels[name].changes += delta
            known.change(link)


def _flow(found: dict[Place, Flow], paper: Entity, order: Entity, line: Line) -> Flow:
    location = paper.refs.get("location") or order.refs.get("location") or 0
    return found.setdefault((paper.id, line.variant, location), Flow())


def _pieces(paper: Entity, lines: Sequence[Line]) -> list[tuple[Line, int, bool]]:
    """Return which lines of its order a document is about, how many units of each, and whether they are on the shelf again."""
    by_name = {line.name: line for line in lines}
    by_sku = {line.sku: line for line in reversed(lines) if line.sku}
    found = []
    for path, golden in paper.golden.items():
        piece: Mapping[str, Value] = golden.value if path.startswith("pieces/") and isinstance(golden.value, dict) else {}
        line = by_name.get(str(piece.get("line"))) or by_sku.get(str(piece.get("sku")))
        if line is not None and piece.get("quantity"):
            found.append((line, int(piece["quantity"]), piece.get("restocked") is True))
    return found


def _value(entity: Entity, path: str) -> Value:
    golden = entity.golden.get(path)
    return golden.value if golden is not None else None
