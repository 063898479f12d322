"""What happened to a record, in the words of people."""

from __future__ import annotations

from typing import Final

from hub.clock import instant
from hub.model.acts import ASKED_FOR, DONE, GIVEN_UP
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.machines import JUMPED
from hub.model.run import JournalEntry
from hub.model.values import Doc, Value
from hub.ops.approvals import tell_yeses
from hub.ops.pins import LIFTED, PINNED
from hub.store import Reader

KEPT: Final = 200
UNSAID: Final = "yes taken back"
_KINDS: Final = {
    "movement": "stock moved",
    "shift": "changed there by us",
    "check": "its level does not fit its documents",
    "old count": "a count that is older than the newest one",
    "seed": "found there at the first read",
    "born": "made there",
    "edit": "changed there",
    "deleted there": "deleted there",
    "ended": "is gone there",
    "reissued": "its id was given to another record",
    "revived": "came back",
    "merged": "merged",
    "split": "taken apart",
    "created by us": "made there by us",
    "mapping changed": "read anew, its mapping changed",
    JUMPED: "took a step that is not expected",
    "rollback": "an older value came back there",
    "copy": "taken for a copy of ours after this store was restored",
    "set aside": "our value was refused there",
    PINNED: "pinned",
    LIFTED: "no longer pinned",
    ASKED_FOR: "was to be done there",
    DONE: "was done there",
    GIVEN_UP: "is not to be done there any more",
    UNSAID: "change not approved any more",
}
_REASONS: Final = {
    "level": "",
    "opening": "the opening count",
    "count": "counted",
    "level gone": "its level is gone there",
    "before the count": "it was before the count",
}
"""Why stock moved; a sale or return by documents names its order itself."""
_BY_PEOPLE: Final = (PINNED, LIFTED, ASKED_FOR, DONE, GIVEN_UP, UNSAID)


def read_history(reader: Reader, known: Known, entity: Entity, path: str | None) -> list[Doc]:
    """Return the newest entries of a record and of what was merged into it (or of one field), oldest first.

    A yes to what was sent there is one of them; who gave it is told as long as that is kept.
    """
    ids = [entity.id, *reader.aliases_of([entity.id])]
    entries = reader.journal_of(ids, limit=KEPT)
    told = [(entry.at, doc) for entry in entries if (doc := _entry(known, entry, path)) is not None]
    yeses = tell_yeses(one for one in reader.approvals(ids) if path is None or _is_of(one.path, path))
    return [doc for _, doc in sorted(yeses + told, key=lambda one: one[0])][-KEPT:] if yeses else [doc for _, doc in told]


def _entry(known: Known, entry: JournalEntry, path: str | None) -> Doc | None:
    rows = [row for row in entry.body.get("changes", []) if path is None or _is_of(str(row[0]), path)]
    if path is not None and not rows:
        return None
    link = known.by_id.get(entry.link_id) if entry.link_id else None
    by_people = entry.kind in _BY_PEOPLE
    moved = str(rows[0][4]) if entry.kind == "movement" and rows and len(rows[0]) > 4 else ""
    return {
        "at": instant(entry.at),
        "what": _KINDS.get(entry.kind, entry.kind),
        "connection": link.connection if link is not None else "",
        "by": str(rows[0][4]) if by_people and rows else "",
        "why": str(rows[0][5]) if by_people and rows else _REASONS.get(moved, moved),
        "plan": None,
        "changes": [_change(entry.kind, row) for row in rows if len(row) >= 3],
    }


def _is_of(found: str, path: str) -> bool:
    return found == path or found.partition("/")[0] == path


def _change(kind: str, row: list[Value]) -> Doc:
    lost = kind == "edit" and len(row) > 4 and row[4] == "lost"
    return {"field": row[0], "from": row[1], "to": row[2], "counted": not lost}
