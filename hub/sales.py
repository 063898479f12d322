"""How a batch lets documents act on stock: what they stand on is loaded, and each brings its share in a level up to date."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.ledger import Share
from hub.model.link import Link, LinkKey, LinkState
from hub.model.record import EntityType
from hub.model.values import Micros
from hub.reconcile.attach import home_link
from hub.retail.shares import SELLING, Flow, Line, Place, flows, settle
from hub.store.known import load_entities, load_levels, load_links, load_matches, load_stock
from hub.store.unit import Unit

CHECKPOINTS = ("opening", "count")


def file_sales(unit: Unit, ground: Ground, known: Known, arrived: Sequence[str], now: Micros) -> None:
    """Bring stock in line with the orders of this batch, and with those that waited for a variant that came just now.

    `arrived`: the links that are new in this batch, as `connection/stream/external id`.
    """
    if not ground.files or not any(connection.stock for connection in ground.config.connections.values()):
        return
    late = unit.shares_waiting(arrived) if arrived else []
    load_entities(unit, known, late)
    papers = [known.entities[one] for one in late] + [e for e in known.changed_entities.values() if e.type in SELLING]
    ids = dict.fromkeys(e.id if e.type is EntityType.ORDER else e.refs.get("order", 0) for e in papers)
    load_entities(unit, known, [one for one in ids if one])
    orders = {one: link for one in ids if one and (link := _home(known, ground, one)) is not None}
    if not orders:
        return
    inside = unit.documents_of("order", orders)
    load_entities(unit, known, [one.entity_id for one in inside])
    times = {one.entity_id: one.at for one in (*unit.documents(orders).values(), *inside)}
    hanging: dict[int, list[Entity]] = {one: [] for one in orders}
    for document in inside:
        if document.order_id is not None and document.type in SELLING:
            hanging[document.order_id].append(known.entities[document.entity_id])
    unit.drop_shares_waiting(times)
    stored = {(one.document_id, one.variant_id, one.location_id): one for one in unit.shares_of(times)}
    lines, waits = _lines(unit, ground, known, orders)
    due: dict[Place, tuple[str, Flow]] = {place: (share.connection, Flow()) for place, share in stored.items()}
    for one, link in orders.items():
        live = link.state is LinkState.LIVE
        found = flows(known.entities[one], hanging[one], lines[one]) if live else {}
        due |= {place: (link.connection, flow) for place, flow in found.items()}
        if not live:  # nobody tells any more what becomes of it: what it moved stays, what it kept back is free
            mine = {one, *(each.id for each in hanging[one])}
            due |= {p: (s.connection, Flow(s.moved)) for p, s in stored.items() if p[0] in mine}
    _settle_all(unit, ground, known, due, stored, times, waits, now)


def _home(known: Known, ground: Ground, order: int) -> Link | None:
    """Return the record that an order is, where its system has a say in stock."""
    link = home_link(known, known.resolve(order))
    config = ground.config.connections.get(link.connection) if link is not None else None
    return link if config is not None else None


def _lines(
    unit: Unit, ground: Ground, known: Known, orders: dict[int, Link]
) -> tuple[dict[int, list[Line]], dict[tuple[int, int], str]]:
    """Return the lines of orders with the variants they sold, and by (order, number below 0) what a variant is called there."""
    rows = {one: _rows(known.entities[one], link) for one, link in orders.items()}
    streams = {
        link.connection: [
            stream for (name, stream), table in ground.tables.items() if name == link.connection and table.entity == "variant"
        ]
        for link in orders.values()
    }
    named = [
        (link.connection, stream, row["variant"])
        for one, link in orders.items()
        for _, row in rows[one]
        if row.get("variant")
        for stream in streams[link.connection]
    ]
    load_links(unit, known, [LinkKey(*name) for name in named])
    skus = {_sku(row) for found in rows.values() for _, row in found if row.get("sku")}
    load_matches(unit, known, EntityType.VARIANT, [(EntityType.VARIANT, "sku", sku) for sku in sorted(skus)])
    lines: dict[int, list[Line]] = {}
    waits: dict[tuple[int, int], str] = {}
    for one, link in orders.items():
        lines[one] = []
        for name, row in rows[one]:
            variant = _variant(known, link, streams[link.connection], row)
            if variant is None:
                variant = -1 - len(lines[one])
                stream = streams[link.connection][0] if streams[link.connection] else ""
                waits[one, variant] = f"{link.connection}/{stream}/{row.get('variant') or ''}"
            lines[one].append(Line(name, str(row.get("sku") or ""), variant, int(row.get("quantity") or 0)))
    return lines, waits


def _rows(order: Entity, link: Link) -> list[tuple[str, dict[str, str]]]:
    """Return the lines of an order as (external id, fields)."""
    names = {f"lines/{ours}": remote for remote, ours in link.elements.get("lines", {}).items()}
    found = [(path, golden.value) for path, golden in sorted(order.golden.items()) if path.startswith("lines/")]
    return [(names.get(path, path), value) for path, value in found if isinstance(value, dict)]


def _sku(row: dict[str, str]) -> str:
    return str(row.get("sku") or "").strip().casefold()


def _variant(known: Known, link: Link, streams: Iterable[str], row: dict[str, str]) -> int | None:
    """Return which variant a line sold: the one it names, else the only one with its SKU."""
    if row.get("variant"):
        named = [known.links.get(LinkKey(link.connection, stream, str(row["variant"]))) for stream in streams]
        return next((known.resolve(found.entity_id).id for found in named if found is not None), None)
    carriers = known.keys.get((EntityType.VARIANT, "sku", _sku(row)), []) if row.get("sku") else []
    found_ids = {known.resolve(entity_id).id for _, entity_id in carriers}
    return next(iter(found_ids)) if len(found_ids) == 1 else None


def _settle_all(
    unit: Unit,
    ground: Ground,
    known: Known,
    due: dict[Place, tuple[str, Flow]],
    stored: dict[Place, Share],
    times: dict[int, Micros],
    waits: dict[tuple[int, int], str],
    now: Micros,
) -> None:
    pairs = sorted({(variant, location) for _, variant, location in due if variant > 0})
    load_levels(unit, known, pairs)
    load_entities(unit, known, [each for pair in pairs for each in pair])
    load_stock(unit, known, [level.id for pair in pairs if (level := known.level_of(*pair)) is not None])
    settled = unit.settled_at(pairs)
    for movement in known.movements:
        pair = (movement.variant_id, movement.location_id)
        if movement.reason in CHECKPOINTS:
            settled[pair] = max(movement.occurred_at, settled.get(pair, 0))
    changed = []
    for place, (connection, flow) in sorted(due.items()):
        share = stored.get(place) or Share(*place, connection)
        if place[1] < 0:
            share.waits = waits.get((place[0], place[1]), "")
            changed.append(share)
        elif settle(known, ground, share, flow, times.get(place[0], now), settled.get(place[1:]), now):
            changed.append(share)
    unit.save_shares(changed)
