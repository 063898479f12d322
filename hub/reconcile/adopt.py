"""A record that we made gets its link: at the end of its create, or where it is met or found while nobody knows of that end."""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState
from hub.model.entity import Entity
from hub.model.known import Known, Note
from hub.model.link import Link
from hub.model.record import Observation, Record
from hub.model.values import SECOND, Micros
from hub.reconcile.attach import note_shown
from hub.reconcile.fields import compare_fields
from hub.reconcile.identify import held_keys
from hub.reconcile.readback import read_back
from hub.reconcile.statements import statements

CLAIMED: Micros = 86_400 * SECOND
"""How long after the hub's own store was restored a record with our marker waits for what it was made from."""


def adopt(known: Known, ground: Ground, attempt: Attempt, entity: Entity, seen: Observation) -> Link:
    """Link a record that a create of unknown fate made. What it shows of our values is judged as in any read-back (Rule 2.20)."""
    record = seen.record
    link = new_link(known, ground, attempt, entity, record.external_id, seen.received_at, seen)
    attempt.link_id, attempt.external_id, attempt.state, attempt.result = (
        link.id,
        record.external_id,
        AttemptState.READ_BACK,
        "found",
    )
    if not _is_as_made(record):
        link.version = link.changed_at = None  # what it shows beside our values was said since, on top of them
    stated = read_back(known, ground, link, entity, attempt, statements(record, link, entity, ground), seen)
    found = compare_fields(known, ground, link, entity, stated, seen)
    link.version, link.changed_at = record.version, record.changed_at
    link.owed_read = not found.concluded()
    note_shown(known, link, record)
    known.set_keys(link, held_keys(link, seen.keys), [])
    known.touch(entity)
    return link


def _is_as_made(record: Record) -> bool:
    """Say whether a record shows no sign of a change since it was made."""
    if record.changed_at is not None and record.created_at is not None:
        return record.changed_at <= record.created_at
    return record.version is None or record.version <= 1


def new_link(
    known: Known, ground: Ground, attempt: Attempt, entity: Entity, external_id: str, at: Micros, seen: Observation | None
) -> Link:
    """Make the link of a record that we made; its fields are still to be seen."""
    visible_after = ground.trait(attempt.connection, attempt.stream).visible_after
    link = Link(
        known.next_id("link"),
        attempt.connection,
        attempt.stream,
        external_id,
        attempt.entity_type,
        entity.id,
        by_hub=True,
        linked_at=at,
        quiet_until=at + visible_after if visible_after else 0,
        epoch=known.state(attempt.connection).epoch,
    )
    if seen is not None:
        link.birth, link.mapping = seen.record.birth, seen.mapping
        link.version, link.changed_at = seen.record.version, seen.record.changed_at
    known.add_link(link)
    known.change(link)
    known.notes.append(Note(at, entity.id, link.id, "created by us", []))
    return link


def is_forgotten_make(known: Known, ground: Ground, seen: Observation) -> bool:
    """Say whether a record without link is one that we made after the backup from which this store was restored (Invariant 10).

    It waits for what it was made from: that comes in again, finds it by its marker, and takes it. A day later nobody will.
    """
    lately = known.restored_at and seen.received_at < known.restored_at + CLAIMED
    return bool(lately) and seen.marker is not None and seen.marker.startswith(f"{ground.instance}-")
