"""What lies where of a variant, and for which orders some of it is kept back."""

from __future__ import annotations

from collections.abc import Sequence

from hub.clock import instant
from hub.model.entity import Entity
from hub.model.ledger import Share
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.ops.names import name_of
from hub.store import Reader


def stock_of(reader: Reader, variant: int, location: int | None = None) -> list[Doc]:
    """Return a variant's figures location by location (or at one), in units; None: not known before the opening count.

    `kept`: what of `reserved` the hub keeps back for orders; `until` None: for as long as its system does.
    """
    pairs = [(one.variant_id, one.location_id) for one in reader.balances_of([variant])]
    shares = reader.shares_in([variant])
    pairs = sorted({*pairs, *((variant, one.location_id) for one in shares)})
    wanted = [pair for pair in pairs if location in (None, pair[1])]
    places = reader.entities([pair[1] for pair in wanted])
    return [
        {
            "location": pair[1],
            "name": name_of(places[pair[1]]) if pair[1] in places else str(pair[1]),
            **_figures(reader, pair),
            "kept": _kept(reader, [one for one in shares if one.location_id == pair[1]]),
        }
        for pair in wanted
    ]


def _figures(reader: Reader, pair: tuple[int, int]) -> Doc:
    found = reader.matches(EntityType.INVENTORY_LEVEL, [("at", f"{pair[0]}:{pair[1]}")])
    ids = [entity_id for carriers in found.values() for _, entity_id in carriers][:1]
    level = next(iter(reader.entities(ids).values()), None)
    return {name: _value(level, name) for name in ("on_hand", "reserved", "available")}


def _value(level: Entity | None, path: str) -> int | None:
    golden = level.golden.get(path) if level is not None else None
    return int(golden.value) if golden is not None and golden.value is not None else None


def _kept(reader: Reader, shares: Sequence[Share]) -> list[Doc]:
    papers = reader.documents([one.document_id for one in shares])
    orders = reader.documents([one.order_id for one in papers.values() if one.order_id is not None])
    found = []
    for one in shares:
        paper = papers.get(one.document_id)
        order = orders.get(paper.order_id) if paper is not None and paper.order_id is not None else paper
        number = order.number if order is not None else None
        until = instant(one.until) if one.until else None
        found.append({"connection": one.connection, "order": number, "units": one.kept, "until": until})
    return found
