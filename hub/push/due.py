"""What is due: where a link does not stand for the golden value, and where an entity is missing. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from hub.config import Belonging
from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.acts import is_over
from hub.model.delivery import AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.documents import DERIVED
from hub.model.entities import REFERENCES, Kind, kind_of
from hub.model.entity import Entity, EntityState
from hub.model.known import Known
from hub.model.link import NOTHING, Claim, Link, LinkState
from hub.model.record import DOCUMENTS, PARENTS, EntityType
from hub.model.run import Mode
from hub.model.values import MISSING, Micros, Value
from hub.push.refers import due_references, shown_reference

PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a plan: what a field shows there now, and what it should show."""

    path: str
    seen: Value
    wanted: Value


PUT_AWAY = -1
"""The golden version that a put-away value stands for: no version of the golden record, so that a revived one is sent again."""
BEYOND = "more would go back than was paid"
WHOLE = ""
"""The path under which a yes to a whole new record is kept."""


def line_digest(line: Line) -> str:
    """Return what a person's yes to a line covers: field, from and to. A line that changed needs another yes."""
    body = orjson.dumps([line.path, line.seen, line.wanted], option=orjson.OPT_SORT_KEYS)
    return blake2b(body, digest_size=12).hexdigest()


def create_digest(lines: Sequence[Line]) -> str:
    """Return what a yes to a new record covers: all of it, for half a record is none."""
    return blake2b("".join(line_digest(line) for line in lines).encode(), digest_size=12).hexdigest()


def create_lines(ground: Ground, connection: str, stream: str, entity: Entity) -> list[Line]:
    """Return the fields that a new record would carry."""
    table = ground.tables[connection, stream]
    return [
        Line(path, None, golden.value)
        for path, golden in sorted(entity.golden.items())
        if golden.value is not None and creates(table, path)
    ]


def creates(table: Mapping, path: str) -> bool:
    """Say whether a field is written when a record is made."""
    name, _, element = path.partition("/")
    if element:
        return name in table.lists and table.lists[name].writable
    line = table.fields.get(path)
    return line is not None and (line.writable or line.create_only)


def approved_lines(delivery: Delivery, lines: Sequence[Line]) -> list[Line]:
    """Return the lines that a person said yes to as they are now."""
    return [line for line in lines if delivery.approved.get(line.path) == line_digest(line)]


def asks(known: Known, ground: Ground, delivery: Delivery) -> bool:
    """Say whether a delivery needs a yes: the connection is on trial, or a create there cannot be made safe (Rule 6.4)."""
    if known.modes.get(delivery.connection) is not Mode.LIVE or delivery.brake:
        return True
    return delivery.link_id is None and ground.trait(delivery.connection, delivery.stream).create == PLAIN


def is_approved(ground: Ground, delivery: Delivery, entity: Entity) -> bool:
    """Say whether a new record as it would be made now has a person's yes."""
    lines = create_lines(ground, delivery.connection, delivery.stream, entity)
    return delivery.approved.get(WHOLE) == create_digest(lines)


def due_lines(ground: Ground, link: Link, entity: Entity) -> list[Line]:
    """Return the fields of a link that do not stand for the golden value (Rule 6.1)."""
    table = ground.table(link)
    if table is None or link.entity_type is EntityType.INVENTORY_LEVEL:  # its figures are quantities, never fields
        return []
    lines = []
    for path, golden in entity.golden.items():
        claim = link.claims.get(path)
        if claim is not None and (claim.stands.golden_version == golden.version or claim.aside == golden.version):
            continue
        held = claim.held if claim is not None else MISSING
        if golden.value is None and held in (MISSING, None):
            continue  # Rule 2.13: only a value once seen can be cleared
        if not writes(table, link, entity, path, held):
            continue
        if held is not MISSING and held == ground.render(link, path, golden.value):
            continue
        if yields(table, path, claim):
            continue
        lines.append(Line(path, None if held is MISSING else held, golden.value))
    return lines


def yields(table: Mapping, path: str, claim: Claim | None) -> bool:
    """Say whether what stands there is somebody's own, and the mapping leaves it to them."""
    line = table.fields.get(path)
    is_theirs = claim is not None and claim.held not in (MISSING, None) and claim.stands == NOTHING
    return is_theirs and line is not None and line.yields


def writes(table: Mapping, link: Link, entity: Entity, path: str, held: Value) -> bool:
    """Say whether a field of a known record is ever written there; of a list with few places, what has one."""
    name, _, element = path.partition("/")
    if not element:
        line = table.fields.get(path)
        return line is not None and line.writable and not line.create_only
    entry = table.lists.get(name)
    if entry is None or not entry.writable:
        return False
    if entry.fits is None or held not in (MISSING, None):
        return True
    return path in fitting(entity, link, name, entry.fits)  # Rule 2.38: what does not fit is not absent


def fitting(entity: Entity, link: Link | None, name: str, fits: int) -> set[str]:
    """Return the element paths that fit into a list of `fits` places: those held there first, then the oldest."""
    prefix = name + "/"
    alive = [path for path, golden in entity.golden.items() if path.startswith(prefix) and golden.value is not None]
    held = [path for path in alive if link is not None and path in link.claims and link.claims[path].held not in (MISSING, None)]
    rest = sorted((path for path in alive if path not in held), key=lambda path: (len(path), path))
    return set((held + rest)[:fits])


def plan_deliveries(known: Known, ground: Ground, now: Micros, brake: str = "") -> tuple[list[Delivery], list[Delivery]]:
    """Look at every touched entity again. Returns the deliveries to write and those that are no longer due.

    `brake`: all of them wait for a yes, with this reason, those that were due already too: they may have lines more now.
    """
    keep: list[Delivery] = []
    drop: list[Delivery] = []
    for entity_id in known.touched:
        entity = known.entities[entity_id]
        if entity.type is EntityType.INVENTORY_LEVEL:
            continue
        for link in known.by_entity.get(entity_id, ()):
            _plan_link(known, ground, entity, link, now, keep, drop)
        _plan_creates(known, ground, entity, now, keep, drop)
    for delivery in keep:
        if brake and not delivery.brake and delivery.kind is not DeliveryKind.ACT:
            delivery.brake, delivery.state, delivery.wait = brake, DeliveryState.ASKING, f"{brake} changed"
    return keep, drop


def _plan_link(
    known: Known, ground: Ground, entity: Entity, link: Link, now: Micros, keep: list[Delivery], drop: list[Delivery]
) -> None:
    delivery = known.deliveries.get(link.id)
    if delivery is not None and delivery.kind is DeliveryKind.ACT:
        if is_over(known, entity, link, delivery, now):
            drop.append(known.deliveries.pop(link.id))
        else:
            keep.append(delivery)
        return
    lines = link_lines(known, ground, entity, link)
    if not lines:
        if delivery is not None and link.attempt_id is None:
            drop.append(known.deliveries.pop(link.id))
        return
    if delivery is None:
        delivery = Delivery(
            known.next_id("delivery"),
            DeliveryKind.STATE,
            link.connection,
            link.stream,
            entity.type,
            entity.id,
            link.id,
            since=now,
        )
        known.deliveries[link.id] = delivery
    elif delivery.state is DeliveryState.WAITING and delivery.not_before <= now:
        delivery.state, delivery.wait = DeliveryState.DUE, ""
    delivery.about = _about(entity, lines)
    why = delivery.wait if delivery.state is DeliveryState.ASKING and delivery.brake else delivery.brake
    _ask(delivery, yes=not asks(known, ground, delivery) or bool(approved_lines(delivery, lines)), why=why)
    keep.append(delivery)


def link_lines(known: Known, ground: Ground, entity: Entity, link: Link) -> list[Line]:
    """Return what should change at a link: fields, or the whole record where its entity ended and is deleted there."""
    if link.state is not LinkState.LIVE:
        return []
    if entity.state is EntityState.ENDED:
        whole = [Line(WHOLE, link.external_id, None)] if may_delete(known, ground, link) else []
        return whole or archive_lines(known, ground, entity, link)
    if not _may_update(known, ground, link):
        return []
    refs = due_references(known, ground, entity, link)
    return due_lines(ground, link, entity) + [
        Line(name, shown_reference(link, name), to.external_id) for name, to in refs.items()
    ]


def _about(entity: Entity, lines: Sequence[Line]) -> str:
    if entity.state is EntityState.ENDED:
        return "deletes"
    if entity.type in DOCUMENTS:  # what was paid is shown elsewhere: nobody is asked another price for anything
        return ""
    asked = [line.path for line in lines if not line.path.startswith(DERIVED)]
    return "prices" if any(kind_of(entity.type, path) is Kind.MONEY for path in asked) else ""


def may_delete(known: Known, ground: Ground, link: Link) -> bool:
    """Say whether the record of an ended entity is deleted there, as config.yaml says (Rule 6.29)."""
    belonging = belonging_of(ground, link.connection, link.entity_type)
    if belonging is None or known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:
        return False
    return belonging.delete == "delete" and ground.trait(link.connection, link.stream).delete is not None


def archive_lines(known: Known, ground: Ground, entity: Entity, link: Link) -> list[Line]:
    """Return what puts the record of an ended entity away there, where config.yaml says `archive`."""
    belonging, table = belonging_of(ground, link.connection, link.entity_type), ground.table(link)
    if belonging is None or table is None or known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:
        return []
    if belonging.delete != "archive":  # Rule 6.32
        return []
    lines = []
    for path, value in ground.trait(link.connection, link.stream).archive.items():
        claim = link.claims.get(path)
        held = claim.held if claim is not None and claim.held is not MISSING else None
        shown = claim is not None and PUT_AWAY in (claim.stands.golden_version, claim.aside)
        if not shown and held != value and writes(table, link, entity, path, held):
            lines.append(Line(path, held, value))
    return lines


def _ask(delivery: Delivery, *, yes: bool, why: str = "") -> None:
    """Let a delivery wait for a yes, or go once it has one."""
    if not yes:
        delivery.state, delivery.wait = DeliveryState.ASKING, why
    elif delivery.state is DeliveryState.ASKING:
        delivery.state, delivery.wait = DeliveryState.DUE, ""


def _may_update(known: Known, ground: Ground, link: Link) -> bool:
    if known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:  # Rule 6.15
        return False
    belonging = belonging_of(ground, link.connection, link.entity_type)
    if belonging is None or ground.trait(link.connection, link.stream).update is None:
        return False
    # Rule 6.28
    return belonging.update == "linked" or (belonging.update == "created_by_hub" and link.by_hub)


def belonging_of(ground: Ground, connection: str, entity: EntityType) -> Belonging | None:
    """Return what config.yaml says about an entity in a connection; None where the connection is not configured."""
    config = ground.config.connections.get(connection)
    return config.belonging(entity) if config is not None else None


def homes(ground: Ground, entity: EntityType) -> list[tuple[str, str]]:
    """Return the (connection, stream) pairs in which an entity of this type is created, in a stable order."""
    found = ground.homes.get(entity)
    if found is None:
        found = sorted(
            key
            for key, table in ground.tables.items()
            if table.entity == entity
            and ground.trait(*key).create is not None
            and (belonging := belonging_of(ground, key[0], entity)) is not None
            and belonging.create != "never"  # Rule 6.10
        )
        ground.homes[entity] = found
    return found


def _plan_creates(known: Known, ground: Ground, entity: Entity, now: Micros, keep: list[Delivery], drop: list[Delivery]) -> None:
    for connection, stream in homes(ground, entity.type):
        key = (entity.id, connection, stream)
        delivery = known.created.get(key)
        if not create_wanted(known, ground, entity, connection, stream):
            creates = [a for a in known.creates.get((connection, stream), ()) if a.operation == "create"]
            busy = any(a.entity_id == entity.id and a.state is not AttemptState.CLOSED for a in creates)
            if delivery is not None and not busy:
                drop.append(known.created.pop(key))
            continue
        if delivery is None:
            delivery = Delivery(
                known.next_id("delivery"), DeliveryKind.STATE, connection, stream, entity.type, entity.id, None, since=now
            )
            known.created[key] = delivery
        elif delivery.aside and entity.version > delivery.aside:
            delivery.aside, delivery.state, delivery.wait = 0, DeliveryState.DUE, ""
        if goes_beyond(known, entity) and not delivery.is_taken_back:
            delivery.brake = BEYOND
        elif delivery.brake == BEYOND and is_reckoned(known, entity):
            delivery.brake = ""  # Rule 6.52: what was paid for its order is known by now
        safe = ground.trait(connection, stream).create != PLAIN
        yes = not asks(known, ground, delivery) or is_approved(ground, delivery, entity)
        _ask(delivery, yes=yes, why=delivery.brake if safe else "a create there cannot be made safe")
        keep.append(delivery)


def goes_beyond(known: Known, refund: Entity) -> bool:
    """Say whether more would go back than was paid for an order (Rule 6.52: a person is asked)."""
    order = known.entities.get(refund.refs.get("order", 0)) if refund.type is EntityType.REFUND else None
    paid = next((order.golden[path].value for path in ("paid_total", "total") if path in order.golden), None) if order else None
    if order is None or paid is None:
        return False
    made = [one for one in known.refunds.get(order.id, ()) if one.state != "failed" and one.currency == paid["currency"]]
    return sum(one.amount or 0 for one in made) > int(paid["amount"])  # Rule 6.52


def is_reckoned(known: Known, refund: Entity) -> bool:
    """Say whether all that went back of a refund's order was looked at."""
    order = refund.refs.get("order", 0)
    return order in known.entities and order in known.refunds


def create_wanted(known: Known, ground: Ground, entity: Entity, connection: str, stream: str) -> bool:
    """Say whether an entity belongs in a connection and has no record there: asked when planned and again when frozen."""
    if entity.state is not EntityState.LIVE or known.modes.get(connection, Mode.OBSERVE) is Mode.OBSERVE:
        return False
    if entity.id in known.in_review or not entity.golden:  # Rule 6.21: it may be somebody who is there
        return False
    links = known.by_entity.get(entity.id, ())
    if links and all(link.state is LinkState.ENDED for link in links):
        return False  # Rule 6.3: whom nobody has any more
    here = [link for link in links if (link.connection, link.stream) == (connection, stream)]
    if any(link.state is not LinkState.LOST for link in here):  # Rule 6.61: what a restore lost is made again
        return False  # linked, or a tombstone forbids it (Rule 6.3)
    if entity.type in DOCUMENTS and not (_has_happened(entity) and _has_place(known, ground, entity, connection, stream)):
        return False
    belonging = belonging_of(ground, connection, entity.type)
    if belonging is not None and belonging.create == "when_referenced":  # Rule 6.10
        asked_for = (entity.id, connection) in known.referenced or (entity.id, connection, stream) in known.created
        return asked_for and not missing_required(ground.tables[connection, stream], entity)
    return not missing_required(ground.tables[connection, stream], entity)


def _has_happened(entity: Entity) -> bool:
    """Say whether a document is no mere intention: a refund that is pending may fail, one that failed gave nothing back."""
    state = entity.golden.get("state")
    return entity.type is not EntityType.REFUND or state is None or state.value not in ("pending", "failed")  # Rule 6.54


def _has_place(known: Known, ground: Ground, entity: Entity, connection: str, stream: str) -> bool:
    """Say whether what a document belongs to is in a connection, or is made there: a refund without its order goes nowhere."""
    name = PARENTS.get(entity.type)
    ref = ground.tables[connection, stream].refs.get(name) if name is not None else None
    if name is None or ref is None:
        return True
    target = entity.refs.get(name)
    if target is None:
        return False
    there = any((link.connection, link.stream) == (connection, ref.stream) for link in known.live_links(target))
    return there or (connection, ref.stream) in homes(ground, REFERENCES[entity.type][name])  # Rule 6.51


def is_coming(known: Known, ground: Ground, entity: Entity, name: str, connection: str) -> bool:
    """Say whether what a document refers to will have a record in a connection: its parent, or what is made there."""
    if PARENTS.get(entity.type) == name:
        return True
    kind, target = REFERENCES[entity.type][name], known.resolve(entity.refs[name])
    return any(
        where == connection and create_wanted(known, ground, target, where, stream) for where, stream in homes(ground, kind)
    )


def ask_for_references(known: Known, delivery: Delivery, entity: Entity) -> None:
    """Let what a new record refers to be made there first, where it is made only when it is referred to (Rule 6.7)."""
    for target in entity.refs.values():
        other = known.entities.get(target)
        if other is not None and not any(link.connection == delivery.connection for link in known.live_links(target)):
            known.referenced.add((target, delivery.connection))
            known.touch(other)


def missing_required(table: Mapping, entity: Entity) -> list[str]:
    """Return the fields that a create there needs and the golden record lacks (Rule 6.6). Of fields in one text one is enough."""
    lacks = {path for path in table.required if entity.golden.get(path) is None or entity.golden[path].value in (None, "")}
    return [path for path in table.required if lacks.issuperset(table.fields[path].names)]
