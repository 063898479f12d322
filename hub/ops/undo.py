"""The last edit of a field undone: what counted before it counts again, as a new word of a person, with its reason.

An edit is never erased: it stays in the history, and what was entered since in a system stays there as what that system said.
A merge is undone by `hub.ops.split`.
"""

from __future__ import annotations

from typing import cast

from hub.clock import instant
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.entity import Entity, Override
from hub.model.values import Doc, Micros, Value
from hub.ops.office import Office
from hub.ops.pins import pin_value, preview_override
from hub.ops.typed import field_kind
from hub.store import Reader, Unit

ENTRIES = 1_000
_EDITS = ("edit", "pinned", "pin lifted")


def preview_undo(reader: Reader, ground: Ground, entity_id: int, field: str, now: Micros) -> Doc:
    """Return what would change where if the last edit of a field were undone. Raises UsageError where there is none."""
    value, reason = _before(reader, entity_id, field)
    return {**preview_override(reader, ground, entity_id, field, Override(value, "", now, reason)), "why": reason}


def undo(office: Office, entity_id: int, field: str, by: str, why: str = "") -> Doc:
    """Let a field have the value that counted before its last edit; it is pinned, so that the edit does not count again."""

    def work(unit: Unit) -> Doc:
        value, reason = _before(cast("Reader", unit), entity_id, field)
        override = Override(value, by, office.clock.now(), f"{reason}: {why}" if why else reason)
        return {**pin_value(unit, office.ground, entity_id, field, override), "why": override.why}

    done = office.write(work)
    office.wake()
    return done


def _before(reader: Reader, entity_id: int, field: str) -> tuple[Value, str]:
    """Return the value before the last change of a field that counted, and what it is undone for."""
    entity = _live(reader, entity_id)
    field_kind(entity.type, field)
    golden = entity.golden.get(field)
    entries = reader.journal_of([entity.id, *reader.aliases_of([entity.id])], limit=ENTRIES)
    rows = [(entry, row) for entry in entries for row in entry.body.get("changes", ()) if row and row[0] == field]
    counted = [(entry, row) for entry, row in rows if entry.kind in _EDITS and _won(row)]
    now = golden.value if golden is not None else None
    last = next(((entry, row) for entry, row in reversed(counted) if row[2] == now and row[1] != now), None)
    if last is None:
        fix = f"See `hub history {entity.type.value} {entity.id} {field}`; `hub pin` gives it any value."
        raise UsageError(f"Nobody changed `{field}` since it was first read.", fix=fix)
    return last[1][1], f"undone: the edit of {instant(last[0].at)[:19].replace('T', ' ')} UTC"


def _won(row: list[Value]) -> bool:
    return not (len(row) > 4 and row[4] == "lost")


def _live(reader: Reader, entity_id: int) -> Entity:
    end = reader.resolve([entity_id]).get(entity_id, entity_id)
    entity = reader.entities([end]).get(end)
    if entity is None:
        raise UsageError(f"There is no record {entity_id}.", fix="See `hub show`.")
    return entity
