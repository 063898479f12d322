"""One timeline of everything that happened between a customer and the retailer, and everything that hangs on an order."""

from __future__ import annotations

from collections.abc import Iterable

from hub.clock import instant
from hub.mapping.ground import Ground
from hub.model.documents import Document
from hub.model.entity import Entity
from hub.model.link import LinkState
from hub.model.money import shown
from hub.model.record import EntityType
from hub.model.values import Doc, Micros
from hub.ops.acts import asked_for
from hub.ops.effects import stock_effect
from hub.ops.surprises import oddities
from hub.retail import misfits
from hub.store import Reader

LIMIT = 1000
"""The newest documents of a customer that a timeline shows."""


def add_timeline(data: Doc, reader: Reader, ground: Ground, entity: Entity, now: Micros) -> None:
    """Add to an entity as shown what hangs on it; for an order also where its money does not add up. `odd`: what to look at."""
    data["timeline"] = timeline(reader, entity, now)
    data["open_fulfilments"] = len(open_fulfilments(data["timeline"]))
    is_order = entity.type is EntityType.ORDER
    data["wrong"] = misfits(entity) if is_order else []
    inside = [one["id"] for one in data["timeline"]]
    data["odd"] = oddities(reader, ground, entity, inside) if entity.type is not EntityType.CUSTOMER else []
    data["asked"] = asked_for(reader, entity)
    if is_order:
        data["stock_effect"] = stock_effect(reader, entity)


def timeline(reader: Reader, entity: Entity, now: Micros) -> list[Doc]:
    """Return what hangs on a customer, an order or a ticket, oldest first, each with its age and the system it lives in."""
    papers = _papers(reader, entity)
    goldens = reader.entities([one.entity_id for one in papers])
    homes = _homes(reader, goldens)
    numbers = {one.entity_id: one.number for one in papers}
    return [_line(one, goldens.get(one.entity_id), homes.get(one.entity_id, []), numbers, now) for one in papers]


def _papers(reader: Reader, entity: Entity) -> list[Document]:
    ids = [entity.id, *reader.aliases_of([entity.id])]
    found: dict[int, Document] = {}
    if entity.type is EntityType.CUSTOMER:
        found = {one.entity_id: one for one in reader.documents_of("customer", ids, limit=LIMIT)}
    orders = [one.entity_id for one in found.values() if one.type is EntityType.ORDER]
    orders += [entity.id] if entity.type is EntityType.ORDER else []
    tickets = [one.entity_id for one in found.values() if one.type is EntityType.TICKET]
    tickets += [entity.id] if entity.type is EntityType.TICKET else []
    for place, parents in (("order", orders), ("ticket", tickets)):
        found |= {one.entity_id: one for one in reader.documents_of(place, parents, limit=LIMIT)}
    return sorted(found.values(), key=lambda one: (one.at, one.entity_id))


def _homes(reader: Reader, goldens: Iterable[int]) -> dict[int, list[Doc]]:
    """Return where each document is: its home first, then where it is shown."""
    found: dict[int, list[Doc]] = {}
    for link in sorted(reader.links_of(list(goldens)), key=lambda link: (link.by_hub, link.id)):
        if link.state is LinkState.LIVE:
            place = {"connection": link.connection, "stream": link.stream, "external_id": link.external_id}
            found.setdefault(link.entity_id, []).append({**place, "shown_by_us": link.by_hub})
    return found


def _line(one: Document, entity: Entity | None, places: list[Doc], numbers: dict[int, str | None], now: Micros) -> Doc:
    parent = one.order_id or one.ticket_id
    return {
        "at": instant(one.at),
        "age_s": max(0, (now - one.at) // 1_000_000),
        "what": one.type.value,
        "id": one.entity_id,
        "number": one.number,
        "of": numbers.get(parent) if parent is not None else None,
        "state": one.state,
        "amount": {"amount": one.amount, "currency": one.currency} if one.amount is not None else None,
        "text": _text(one, entity),
        "system_of_record": one.connection,
        "shown_in": [place for place in places if place["shown_by_us"]],
    }


def _text(one: Document, entity: Entity | None) -> str:
    """Return a line's words: amount, states beyond the first, or the beginning of what was written."""
    parts = [shown(one.amount, one.currency)] if one.amount is not None and one.currency is not None else []
    for path in ("payment_state", "fulfilment_state", "subject", "body", "reason", "method", "tracking_number"):
        golden = entity.golden.get(path) if entity is not None else None
        if golden is not None and golden.value:
            parts.append(str(golden.value).replace("_", " "))
    return ", ".join(parts)


def open_fulfilments(lines: Iterable[Doc]) -> list[Doc]:
    """Return the goods that are still on their way to the customer."""
    done = ("delivered", "picked_up", "cancelled", "failed")
    return [line for line in lines if line["what"] == EntityType.FULFILMENT.value and line["state"] not in done]
