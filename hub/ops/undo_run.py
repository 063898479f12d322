"""All that was entered in a system and came with one pass over a stream, undone: as one plan that waits for a yes.

As with `hub.ops.undo` no edit is erased: what counted before is pinned, with the reason. A value that somebody changed
since is left as it is, and so are elements of lists: they are counted, by reason. New records and records that are gone stay so.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, cast

from hub.clock import instant
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.entity import Entity, Override
from hub.model.known import Known, Note
from hub.model.run import JournalEntry, Run
from hub.model.values import Doc, Micros, Value
from hub.ops.consequences import as_plain, only_in, planned
from hub.ops.names import name_of, shown
from hub.ops.office import Office
from hub.ops.pins import PINNED
from hub.ops.plan import load, looking
from hub.ops.repair import hold_back
from hub.pipeline import replan
from hub.reconcile import settle
from hub.store import Reader, Unit
from hub.store.known import begin_known

RUNS: Final = 50
LATER, LISTED, SAME = "changed again since", "an element of a list", "back to what it was"


@dataclass(slots=True)
class Edits:
    """The edits of a run: (entity, field) -> (value before it, value after it). `left`: why others stay, with their number."""

    run: Run
    changes: dict[tuple[int, str], tuple[Value, Value]] = field(default_factory=dict)
    left: Counter[str] = field(default_factory=Counter)


def list_runs(reader: Reader, connection: str | None = None) -> list[Doc]:
    """Return the newest passes, newest first: their number, what was read when, and how its records ended."""
    return [
        {
            "run": run.id,
            "connection": run.connection,
            "stream": run.stream,
            "what": run.kind,
            "began": instant(run.started_at),
            "ended": instant(run.ended_at) if run.ended_at is not None else None,
            "records": run.counts,
            "error": run.error,
        }
        for run in reader.runs(connection, limit=RUNS)
    ]


def preview_run(reader: Reader, ground: Ground, run_id: int, now: Micros) -> Doc:
    """Return what would change where if all edits of a run were undone. Raises UsageError where there is no such run."""
    edits = _edits(reader, ground, run_id)
    known = looking(reader)
    rows = _set_back(known, cast("Unit", reader), ground, edits, "", now, "")
    ids = [row["id"] for row in rows]
    after, before = planned(reader, known, ground, ids), planned(reader, looking(reader), ground, ids)
    return {**_told(edits, rows), "sent": as_plain(only_in(after, before))}


def undo_run(office: Office, run_id: int, by: str, why: str = "") -> Doc:
    """Let what counted before a run count again, pinned; what follows from it waits for a yes. Returns how many changes wait."""

    def work(unit: Unit) -> Doc:
        now, known = office.clock.now(), begin_known(unit)
        edits = _edits(cast("Reader", unit), office.ground, run_id)
        rows = _set_back(known, unit, office.ground, edits, by, now, why)
        replan(unit, office.ground, known, now)
        waiting = hold_back(unit, [row["id"] for row in rows], f"run {run_id} is undone")
        return {**_told(edits, rows), "waiting": waiting}

    done = office.write(work)
    office.wake()
    return done


def _edits(reader: Reader, ground: Ground, run_id: int) -> Edits:
    run = reader.run(run_id)
    if run is None or run.ended_at is None:
        raise UsageError(f"There is no run {run_id}, or it is not kept any more.", fix="See `hub runs`.")
    edits = Edits(run)
    entries = reader.edits_between(run.started_at, run.ended_at)
    links = reader.links_by_id(entry.link_id for entry in entries if entry.link_id)
    ends = reader.resolve(entry.entity_id for entry in entries)
    for entry in entries:
        link = links.get(entry.link_id or 0)
        if link is not None and (link.connection, ground.carrier(link.connection, link.stream)) == (run.connection, run.stream):
            _take(edits, ends[entry.entity_id], entry)
    return edits


def _take(edits: Edits, entity_id: int, entry: JournalEntry) -> None:
    for row in entry.body.get("changes", ()):
        if len(row) > 4 and row[4] == "lost":
            continue
        path, was, becomes = row[0], row[1], row[2]
        if "/" in path:
            edits.left[LISTED] += 1
            continue
        first, _ = edits.changes.get((entity_id, path), (was, None))
        edits.changes[entity_id, path] = (first, becomes)


def _set_back(known: Known, unit: Unit, ground: Ground, edits: Edits, by: str, now: Micros, why: str) -> list[Doc]:
    load(unit, known, list(dict.fromkeys(entity_id for entity_id, _ in edits.changes)))
    reason = f"undone: run {edits.run.id}" + (f": {why}" if why else "")
    rows = []
    for (entity_id, path), (was, becomes) in edits.changes.items():
        entity = known.resolve(entity_id)
        if value_of(entity, path) != becomes or path in entity.overrides:
            edits.left[LATER] += 1
        elif was == becomes:
            edits.left[SAME] += 1
        else:
            rows.append(set_back(known, ground, entity, path, Override(was, by, now, reason)))
    return rows


def set_back(known: Known, ground: Ground, entity: Entity, path: str, said: Override) -> Doc:
    """Pin a field to what counted before, with the reason; return what that changes, as people are told."""
    becomes = value_of(entity, path)
    entity.overrides[path] = said
    settle(known, ground, entity, [path])
    known.touch(entity)
    known.notes.append(Note(said.at, entity.id, 0, PINNED, [[path, becomes, said.value, said.at, said.by, said.why]]))
    return row_of(entity, path, becomes, said.value)


def value_of(entity: Entity, path: str) -> Value:
    """Return the value that counts, None where there is none."""
    golden = entity.golden.get(path)
    return golden.value if golden is not None else None


def row_of(entity: Entity, path: str, seen: Value, wanted: Value) -> Doc:
    """Return one change of one record, from -> to, as people are told."""
    said = {"field": path, "from": seen, "to": wanted, "shown": f"{shown(seen)} -> {shown(wanted)}"}
    return {"entity": entity.type.value, "id": entity.id, "name": name_of(entity), **said}


def _told(edits: Edits, rows: list[Doc]) -> Doc:
    run = edits.run
    about = {"run": run.id, "connection": run.connection, "stream": run.stream, "began": instant(run.started_at)}
    return {**about, "undone": rows, "left": dict(sorted(edits.left.items()))}
