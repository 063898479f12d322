"""The plan: what would change where, field by field; and a person's yes to its lines."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import cast

from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.record import EntityType
from hub.model.run import Approval, Mode
from hub.model.values import Doc, Micros
from hub.ops.names import name_of, shown
from hub.ops.office import Office
from hub.papers import summarise_people
from hub.pipeline import replan
from hub.push.adjust import has_yes, level_line
from hub.push.due import WHOLE, Line, create_digest, create_lines, line_digest, link_lines, plan_deliveries
from hub.reconcile import settle
from hub.retail import plan_quantities, refresh, view
from hub.store import Reader, Unit
from hub.store.known import begin_known, load_deliveries, load_entities, load_stock

BATCH = 500
STATE_WORDS = {
    DeliveryState.ASKING: "waiting for your yes",
    DeliveryState.DUE: "about to be sent",
    DeliveryState.WAITING: "waiting",
}

HELD_BACK = "once you said whether it was restored"
"""Where a system may have been restored from a backup, nothing is sent before a person has answered."""


@dataclass(slots=True)
class PlanItem:
    """What would change in one record of one system. `id` names it for `apply`; `lines` are shown as from -> to.

    `taken_back`: somebody had said yes to it and took that back.
    """

    id: int
    connection: str
    stream: str
    action: str
    entity: str
    entity_id: int
    name: str
    external_id: str | None
    state: str
    lines: list[Doc] = field(default_factory=list)
    taken_back: bool = False


def read_plan(reader: Reader, ground: Ground, *, connection: str | None = None, limit: int = 1000) -> list[PlanItem]:
    """Return what waits to be sent, as it would be sent now. Calls nothing and writes nothing."""
    found = [d for d in reader.open_deliveries(limit=100_000) if connection in (None, d.connection)][:limit]
    known = looking(reader)
    items = []
    for start in range(0, len(found), BATCH):
        part = found[start : start + BATCH]
        load(cast("Unit", reader), known, [d.entity_id for d in part])
        items += [item for d in part if (item := plan_item(known, ground, d)).lines]
    return items


def preview(reader: Reader, ground: Ground, connection: str, mode: Mode, *, limit: int = 1000) -> list[PlanItem]:
    """Return what would be sent in every system if a connection had this mode. Nothing is written."""
    known_now = {d.id for d in reader.open_deliveries(limit=100_000)} if mode is not Mode.LIVE else set()
    items: list[PlanItem] = []
    for entities in pages(reader):
        known = looking(reader)
        known.modes[connection] = mode
        load(cast("Unit", reader), known, [entity.id for entity in entities])
        load_deliveries(cast("Unit", reader), known, [entity.id for entity in entities])
        _settle_all(known, ground, [entity.id for entity in entities], 0)
        keep = [*plan_deliveries(known, ground, 0)[0], *plan_quantities(known, ground, 0, has_yes)[0]]
        items += [plan_item(known, ground, d) for d in keep if d.id not in known_now]
        if len(items) >= limit:
            break
    return items[:limit]


def looking(reader: Reader) -> Known:
    """Return a working set over a reader: everything is only looked up, and its ids are never stored."""
    known = begin_known(cast("Unit", _Looking(reader)))
    known.next_id = lambda _kind: next(_IDS)
    return known


_IDS = count(-1, -1)


class _Looking:
    """A reader where a unit is expected."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __getattr__(self, name: str) -> object:
        return getattr(self._reader, name)

    def next_id(self, _kind: str, n: int = 1) -> int:
        """Return an id that means nothing."""
        return -n


def pages(unit: Reader | Unit, after: tuple[str, int] = ("", 0)) -> Iterable[list[Entity]]:
    """Walk through all entities in pages, beginning after (type, id)."""
    for kind in sorted(EntityType):
        if kind.value < after[0]:
            continue
        last = after[1] if kind.value == after[0] else 0
        while page := unit.entities_of_type(kind, after=last, limit=BATCH):
            yield page
            last = page[-1].id


def load(unit: Unit, known: Known, entity_ids: Collection[int]) -> None:
    """Load entities with what they refer to and what their levels stand on."""
    load_entities(unit, known, entity_ids)
    targets = [target for entity in list(known.entities.values()) for target in entity.refs.values()]
    load_entities(unit, known, targets)
    load_stock(unit, known, list(known.entities))


def _settle_all(known: Known, ground: Ground, entity_ids: Collection[int], now: Micros) -> None:
    for entity_id in dict.fromkeys(known.resolve(i).id for i in entity_ids):
        entity = known.entities[entity_id]
        if entity.type is EntityType.INVENTORY_LEVEL:  # a sum of movements, not a choice among values
            refresh(known, ground, entity, now)
            continue
        stated = (path for link in known.by_entity[entity_id] for path in link.claims)
        paths = dict.fromkeys([*entity.golden, *entity.overrides, *stated])
        settle(known, ground, entity, paths)
        known.touch(entity)


def settle_again(unit: Unit, ground: Ground, entity_ids: Collection[int], now: Micros) -> None:
    """Let these entities' values be chosen again and plan what follows."""
    known = begin_known(unit)
    load(unit, known, entity_ids)
    _settle_all(known, ground, entity_ids, now)
    people = {one for one in entity_ids if known.resolve(one).type is EntityType.CUSTOMER}
    summarise_people(unit, ground, known, people, now)
    replan(unit, ground, known, now)


def plan_item(known: Known, ground: Ground, delivery: Delivery) -> PlanItem:
    """Return a delivery as it would be sent now."""
    entity = known.resolve(delivery.entity_id)
    link = known.by_id.get(delivery.link_id) if delivery.link_id is not None else None
    words = HELD_BACK if known.state(delivery.connection).rewound_at else STATE_WORDS[delivery.state]
    item = PlanItem(
        delivery.id,
        delivery.connection,
        delivery.stream,
        action_of(delivery),
        entity.type.value,
        entity.id,
        name_of(entity),
        link.external_id if link is not None else None,
        f"{words}: {delivery.wait}" if delivery.wait else words,
    )
    item.lines, item.taken_back = [_line_doc(line) for line in _lines(known, ground, delivery)], delivery.is_taken_back
    return item


def action_of(delivery: Delivery) -> str:
    """Say what is done there: a change, a create, or what was asked of a document."""
    return delivery.act.get("verb") or ("change" if delivery.link_id is not None else "create")


def _line_doc(line: Line) -> Doc:
    return {
        "field": line.path,
        "from": line.seen,
        "to": line.wanted,
        "shown": f"{shown(line.seen)} -> {shown(line.wanted)}",
        "line": line_digest(line),
    }


def _lines(known: Known, ground: Ground, delivery: Delivery) -> list[Line]:
    entity = known.resolve(delivery.entity_id)
    if delivery.kind is DeliveryKind.ACT:
        return [Line(path, delivery.act["expected"].get(path), words[0]) for path, words in delivery.act["reaches"].items()]
    if delivery.kind is DeliveryKind.QUANTITY:
        link = known.by_id.get(delivery.link_id) if delivery.link_id is not None else None
        part = view(known, ground, entity, link) if link is not None else None
        return [level_line(part.shown, part.wanted)] if part is not None and part.delta() else []
    if delivery.link_id is None:
        is_mapped = (delivery.connection, delivery.stream) in ground.tables
        return create_lines(ground, delivery.connection, delivery.stream, entity) if is_mapped else []
    link = known.by_id.get(delivery.link_id)
    return link_lines(known, ground, entity, link) if link is not None else []


def approve(office: Office, items: list[Doc], by: str) -> Doc:
    """Say yes to plan lines as `read_plan` showed them: [{"id": ..., "lines": [digest, ...]}]. Returns how many were taken.

    A line that changed since it was shown is left out and counted as changed. A new record is taken whole or not at all.
    `plan` numbers what was said yes to here, for `hub.ops.undo_plan`; None where that is nothing.
    """
    if not items:
        raise UsageError("There is nothing to say yes to.", fix="Look at `hub plan`.")
    done = {"approved": 0, "changed": 0}
    number = office.write(lambda unit: unit.next_id("plan"))
    for start in range(0, len(items), BATCH):
        part = items[start : start + BATCH]
        for name, found in office.write(lambda unit, part=part: _approve_part(unit, office, part, by, number)).items():  # type: ignore[misc]
            done[name] += found
    office.wake()
    return {"plan": number if done["approved"] else None, **done}


def _approve_part(unit: Unit, office: Office, items: list[Doc], by: str, number: int) -> dict[str, int]:
    deliveries = unit.deliveries_by_id([item["id"] for item in items])
    known = begin_known(unit)
    load(unit, known, [d.entity_id for d in deliveries.values()])
    now = office.clock.now()
    done = {"approved": 0, "changed": 0}
    kept: list[Approval] = []
    for item in items:
        delivery = deliveries.get(item["id"])
        if delivery is None:
            done["changed"] += len(item["lines"])
            continue
        waited = delivery.wait or delivery.brake
        taken = _say_yes(known, office.ground, delivery, set(item["lines"]))
        done["approved"] += len(taken)
        done["changed"] += len(item["lines"]) - len(taken)
        kept += [_kept(delivery, line, by, now, number, waited) for line in taken]
        known.touch(known.resolve(delivery.entity_id))
    unit.save_deliveries(deliveries.values())
    unit.save_approvals(kept)
    replan(unit, office.ground, known, now)
    return done


def _kept(delivery: Delivery, line: Line, by: str, now: Micros, number: int, waited: str) -> Approval:
    where = (delivery.connection, delivery.stream, delivery.entity_id, line.path)
    digest = delivery.approved[line.path if delivery.link_id is not None else WHOLE]
    what = (number, delivery.link_id or 0, action_of(delivery))
    return Approval(*where, digest, by, now, *what, waited, line.seen, line.wanted)


def _say_yes(known: Known, ground: Ground, delivery: Delivery, digests: set[str]) -> list[Line]:
    """Let a delivery have a yes to these of its lines; return those that are as they were shown."""
    lines = _lines(known, ground, delivery)
    agreed = [line for line in lines if line_digest(line) in digests]
    if delivery.link_id is None:
        if len(agreed) != len(lines):
            return []
        delivery.approved = {WHOLE: create_digest(lines)}
        return lines
    delivery.approved = {**delivery.approved, **{line.path: line_digest(line) for line in agreed}}
    return agreed


def approve_all(office: Office, by: str) -> int:
    """Say yes to every line that waits for one, as it is now; return how many deliveries there were."""

    def approve_page(unit: Unit) -> int:
        asking = unit.asking()
        known = begin_known(unit)
        load(unit, known, [d.entity_id for d in asking])
        items = [{"id": d.id, "lines": [line_digest(line) for line in _lines(known, office.ground, d)]} for d in asking]
        _approve_part(unit, office, items, by, unit.next_id("plan"))
        return len(asking)

    done = office.write(approve_page)
    office.wake()
    return done


def as_docs(items: Iterable[PlanItem]) -> list[Doc]:
    """Return plan items as plain data."""
    return [asdict(item) for item in items]
