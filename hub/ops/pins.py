"""Pins: an operator's value for a field, which stays whatever anybody enters, until it is lifted.

In: a record, a field, a value as it was typed. Out: what would change where, and the change itself. Edits that lose to a pin are
recorded like any other that loses.
"""

from __future__ import annotations

from typing import cast

from hub.clock import instant
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import Delivery
from hub.model.entity import Entity, EntityState, Override
from hub.model.known import Known, Note
from hub.model.link import Link
from hub.model.review import ReviewKind
from hub.model.run import Mode
from hub.model.values import MISSING, Doc, Micros, Value
from hub.ops.names import name_of, shown
from hub.ops.office import Office
from hub.ops.plan import load, looking, pages, plan_item
from hub.ops.typed import field_kind, read_typed
from hub.pipeline import replan
from hub.push.due import plan_deliveries
from hub.reconcile import settle
from hub.store import Reader, Unit
from hub.store.known import begin_known, load_deliveries
from hub.yamlfile import nearest

PINNED, LIFTED = "pinned", "pin lifted"


def pin(office: Office, entity_id: int, field: str, text: str | None, by: str, why: str = "") -> Doc:
    """Pin a field to what was typed (None: to no value) and plan what follows. Raises UsageError for a value that does not fit.

    An open question which value of this field is right is answered by it.
    """

    def work(unit: Unit) -> Doc:
        known, entity = _load(unit, entity_id)
        override = Override(typed(office.ground, entity, field, text), by, office.clock.now(), why)
        return _put(unit, office.ground, known, entity, field, override)

    done = office.write(work)
    office.wake()
    return done


def pin_value(unit: Unit, ground: Ground, entity_id: int, field: str, override: Override) -> Doc:
    """Pin a field to a value that is known to fit, inside a unit."""
    known, entity = _load(unit, entity_id)
    return _put(unit, ground, known, entity, field, override)


def unpin(office: Office, entity_id: int, field: str, by: str) -> Doc:
    """Lift a pin: the value is chosen again among what the systems said. Raises UsageError where there is none."""

    def work(unit: Unit) -> Doc:
        known, entity = _load(unit, entity_id)
        lift = Override(None, by, office.clock.now())
        _pinned(entity, field)
        return _put(unit, office.ground, known, entity, field, lift, lifted=True)

    done = office.write(work)
    office.wake()
    return done


def typed(ground: Ground, entity: Entity, field: str, text: str | None) -> Value:
    """Return the value that a person means for a field of this record. Raises UsageError."""
    if entity.state is not EntityState.LIVE:
        raise UsageError("This record is no longer in use.", fix="Only a record in use can be pinned.")
    if text is None:
        field_kind(entity.type, field)
        return None
    return read_typed(ground, entity, field, text)


def _load(unit: Unit, entity_id: int) -> tuple[Known, Entity]:
    known = begin_known(unit)
    load(unit, known, [entity_id])
    if entity_id not in known.entities:
        raise UsageError(f"There is no record {entity_id}.", fix="See `hub show`.")
    entity = known.resolve(entity_id)
    load_deliveries(unit, known, [entity.id])
    return known, entity


def _pinned(entity: Entity, field: str) -> Override:
    if field not in entity.overrides:
        fix = nearest(field, entity.overrides) or "Nothing of this record is pinned."
        raise UsageError(f"`{field}` is not pinned.", fix=fix)
    return entity.overrides[field]


def _put(unit: Unit, ground: Ground, known: Known, entity: Entity, field: str, said: Override, *, lifted: bool = False) -> Doc:
    before = _value(entity, field)
    _set(known, ground, entity, field, None if lifted else said)
    after = _value(entity, field)
    kind = LIFTED if lifted else PINNED
    known.notes.append(Note(said.at, entity.id, 0, kind, [[field, _plain(before), _plain(after), said.at, said.by, said.why]]))
    replan(unit, ground, known, said.at)
    answered = 0 if lifted else _answer(unit, entity, field, said)
    return {
        "entity": entity.type.value,
        "id": entity.id,
        "name": name_of(entity),
        "field": field,
        "from": _plain(before),
        "to": _plain(after),
        "shown": f"{shown(before)} -> {shown(after)}",
        "answered": answered,
    }


def _set(known: Known, ground: Ground, entity: Entity, field: str, override: Override | None) -> None:
    if override is None:
        entity.overrides.pop(field, None)
    else:
        entity.overrides[field] = override
    settle(known, ground, entity, [field])
    known.touch(entity)


def _value(entity: Entity, field: str) -> Value:
    golden = entity.golden.get(field)
    return golden.value if golden is not None else MISSING


def _plain(value: Value) -> Value:
    return None if value is MISSING else value


def _answer(unit: Unit, entity: Entity, field: str, said: Override) -> int:
    """Answer the open questions which value of this field is right; return how many there were."""
    asked = [
        review
        for review in unit.reviews_of([entity.id])
        if review.kind is ReviewKind.ASK and review.resolved_at is None and review.detail.get("field") == field
    ]
    for review in asked:
        review.answer, review.resolved_at = "pinned", said.at
    unit.save_reviews(asked)
    return len(asked)


def preview_pin(reader: Reader, ground: Ground, entity_id: int, field: str, text: str | None, now: Micros) -> Doc:
    """Return what would change where if a field were pinned. Nothing is written. Raises UsageError as `pin` does."""
    known, entity = _look(reader, entity_id)
    return _preview(known, ground, entity, field, Override(typed(ground, entity, field, text), "", now))


def preview_override(reader: Reader, ground: Ground, entity_id: int, field: str, override: Override) -> Doc:
    """Return what would change where if a field had a value that is known to fit. Nothing is written."""
    known, entity = _look(reader, entity_id)
    return _preview(known, ground, entity, field, override)


def preview_unpin(reader: Reader, ground: Ground, entity_id: int, field: str) -> Doc:
    """Return what would change where if a pin were lifted. Nothing is written. Raises UsageError as `unpin` does."""
    known, entity = _look(reader, entity_id)
    _pinned(entity, field)
    return _preview(known, ground, entity, field, None)


def _look(reader: Reader, entity_id: int) -> tuple[Known, Entity]:
    known = looking(reader)
    load(cast("Unit", reader), known, [entity_id])
    entity = known.resolve(entity_id)
    load_deliveries(cast("Unit", reader), known, [entity.id])
    return known, entity


def _preview(known: Known, ground: Ground, entity: Entity, field: str, override: Override | None) -> Doc:
    before = _value(entity, field)
    _set(known, ground, entity, field, override)
    after = _value(entity, field)
    changes = [_change(known, ground, delivery, field) for delivery in plan_deliveries(known, ground, 0)[0]]
    sent = [one for one in changes if one is not None]
    moved = {(one["connection"], one["record"]) for one in sent}
    left = [
        {"connection": link.connection, "record": link.external_id, "why": why_not(known, ground, link, entity, field)}
        for link in known.live_links(entity.id)
        if (link.connection, link.external_id) not in moved
    ]
    return {
        "entity": entity.type.value,
        "id": entity.id,
        "name": name_of(entity),
        "field": field,
        "from": _plain(before),
        "to": _plain(after),
        "shown": f"{shown(before)} -> {shown(after)}",
        "nobody_said": after is MISSING,
        "changes": sent,
        "unchanged": left,
    }


def _change(known: Known, ground: Ground, delivery: Delivery, field: str) -> Doc | None:
    item = plan_item(known, ground, delivery)
    line = next((line for line in item.lines if line["field"] == field), None)
    if line is None:
        return None
    return {
        "connection": item.connection,
        "record": item.external_id,
        "action": item.action,
        "shown": line["shown"],
        "state": item.state,
    }


def why_not(known: Known, ground: Ground, link: Link, entity: Entity, field: str) -> str:
    """Say why nothing is sent to a record for this field."""
    table = ground.table(link)
    line = table.fields.get(field) if table is not None else None
    claim, golden = link.claims.get(field), entity.golden.get(field)
    if golden is None or (claim is not None and claim.stands.golden_version == golden.version):
        return "stays as it is"
    if known.modes.get(link.connection) is Mode.OBSERVE:
        return "only watched: we change nothing there"
    if line is None:
        return "has no place for this field"
    if not line.writable:
        return "only read there, never changed" + (f": {line.why}" if line.why else "")
    if line.create_only:
        return "only set when a record is made there" + (f": {line.why}" if line.why else "")
    return "shows it already" if claim is not None and claim.held == golden.value else "nothing is changed there"


def list_pins(reader: Reader) -> list[Doc]:
    """Return every pinned field: whose, to what, since when, by whom, why."""
    return [
        {
            "entity": entity.type.value,
            "id": entity.id,
            "name": name_of(entity),
            "field": path,
            "value": one.value,
            "shown": shown(one.value),
            "since": instant(one.at),
            "by": one.by,
            "why": one.why,
        }
        for page in pages(reader)
        for entity in page
        if entity.state is EntityState.LIVE
        for path, one in sorted(entity.overrides.items())
    ]
