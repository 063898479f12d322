"""A changed mapping is no edit: what was read before is read again through the new lines, with the old stamps."""

from __future__ import annotations

from collections.abc import Collection

from hub.mapping import Comparison
from hub.mapping.ground import Ground
from hub.model.known import Known, Note
from hub.model.link import NOTHING, Claim, Link
from hub.model.record import Observation
from hub.model.values import MISSING, Micros, Value
from hub.reconcile.edit import take_birth
from hub.reconcile.golden import settle
from hub.reconcile.statements import statements


def remap(known: Known, ground: Ground, link: Link, seen: Observation, lines: Comparison, at: Micros) -> None:
    """Bring the claims of a link to a new mapping (Rule 2.17).

    `seen` is the kept raw record read through the new mapping. Changed lines keep stamp and standing, new fields come in
    as seeds, fields of removed lines retire. Nothing here is an edit, whatever the values look like now.
    """
    entity = known.resolve(link.entity_id)
    stated = statements(seen.record, link, entity, ground)
    moved = []
    for path in [path for path in link.claims if _is_of(path, lines.removed)]:
        del link.claims[path]
        moved.append(path)
    for path, value in stated.items():
        claim = link.claims.get(path)
        if claim is None and _is_of(path, lines.added):
            link.claims[path] = take_birth(path, value, seen, ground.trait(link.connection, link.stream), None)
            moved.append(path)
        elif claim is not None and _is_of(path, lines.changed) and claim.held != value:
            _reread(claim, value)
            moved.append(path)
    link.mapping, link.digest = seen.mapping, b""
    known.change(link)
    if lines.added:
        known.look_at(entity)  # Rule 2.44: a line that is new may have something to write, whatever the record shows
    if moved:
        settle(known, ground, entity, moved)
        known.touch(entity)
        known.notes.append(Note(at, entity.id, link.id, "mapping changed", [[path] for path in moved]))


def _reread(claim: Claim, value: Value) -> None:
    if claim.own is not MISSING and claim.own == claim.held and value is not None:
        claim.own = value
    claim.held, claim.stands = value, NOTHING


def _is_of(path: str, names: Collection[str]) -> bool:
    return path.partition("/")[0] in names
