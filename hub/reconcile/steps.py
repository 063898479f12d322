"""Steps of a document's state that are not declared: taken as they are, since its home is right, and told to people."""

from __future__ import annotations

from collections.abc import Iterator

from hub.model.entity import Entity
from hub.model.known import Known, Note
from hub.model.link import Link
from hub.model.machines import JUMPED, is_jump
from hub.model.record import Drift, DriftKind
from hub.model.values import Micros, Value


def note_jumps(known: Known, entity: Entity, link: Link, rows: list[list[Value]], at: Micros) -> None:
    """Write into the journal which of these edits ([field, from, to, ...]) is a step that is not declared."""
    steps = [row[:3] for row in rows if is_jump(entity.type, str(row[0]), row[1], row[2])]
    if steps:
        known.notes.append(Note(at, entity.id, link.id, JUMPED, steps))


def jumps(known: Known) -> Iterator[tuple[str, int, Drift]]:
    """Yield (connection, entity, surprise) for every such step of this batch. A surprise names both states, in our words."""
    for note in [note for note in known.notes if note.kind == JUMPED]:
        link = known.by_id[note.link_id]
        for path, before, after in note.changes:
            yield link.connection, note.entity_id, Drift(link.stream, f"{path}: {before} -> {after}", DriftKind.JUMP)
