"""Compare every statement of a read with the claims of its link, and settle what follows."""

from __future__ import annotations

from dataclasses import dataclass, field

from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.entity import Entity, Golden
from hub.model.known import Known, Note, Question, Reread
from hub.model.link import NOTHING, Claim, Link
from hub.model.record import Observation
from hub.model.review import ReviewKind
from hub.model.signs import acquit, note_sign, suspect
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, Value
from hub.reconcile.attach import is_derived, only_shows
from hub.reconcile.compare import Order, is_silent, order, version_of
from hub.reconcile.edit import confirm, take_birth, take_edit
from hub.reconcile.golden import settle
from hub.reconcile.statements import complete
from hub.reconcile.steps import note_jumps

KEPT_TRIES = 3
"""How often a golden value is delivered again to a system that did not keep it, before a person is asked."""
PUT_RIGHT_TRIES = 20
"""The same of a copy that shows another value each time: people type over it."""
EMPTIED_LEAST = 2


@dataclass(slots=True)
class Compared:
    """What a comparison found. `early` and `older`: paths that could not be concluded from this read."""

    edits: list[str] = field(default_factory=list)
    seeds: list[str] = field(default_factory=list)
    rollbacks: list[str] = field(default_factory=list)
    early: list[str] = field(default_factory=list)
    older: list[str] = field(default_factory=list)
    disputed: list[str] = field(default_factory=list)
    late: bool = False
    """An earlier read that came after a later one: or was it answered later? The next read tells."""
    rows: list[list[Value]] = field(default_factory=list)

    def concluded(self) -> bool:
        """Say whether everything stated could be judged."""
        return not self.early and not self.older


def compare_fields(
    known: Known,
    ground: Ground,
    link: Link,
    entity: Entity,
    stated: dict[str, Value],
    seen: Observation,
    *,
    forgotten: bool = False,
) -> Compared:
    """Judge each statement, then settle the golden record and write the journal.

    `forgotten`: what is recorded is from before a restore. Then nothing shown is an edit: it is an old state of the system.
    """
    traits, table = ground.trait(link.connection, link.stream), ground.table(link)
    found = Compared()
    if forgotten:
        for path, value in stated.items():
            _restore(link, path, value, seen, traits, found)
        _conclude(known, ground, link, entity, seen, traits, found)
        return found
    for path, value in stated.items():
        claim = link.claims.get(path)
        if claim is None or claim.held is MISSING:
            aside = claim.aside if claim is not None else 0
            claim = _first(link, path, value, seen, traits, found)
            link.claims[path].aside = aside
        if claim is not None:
            ordering = order(claim, link, seen, traits, silent=is_silent(table, path))
            if value != claim.held:  # Rule 2.1: an edit differs from what was held
                _judge(known, table, link, entity, path, claim, value, ordering, seen, traits, found)
            elif ordering is not Order.OLDER:
                confirm(claim, seen, traits)
    _judge_older(known, link, stated, seen, traits, found)
    _conclude(known, ground, link, entity, seen, traits, found)
    return found


def _judge(
    known: Known,
    table: Mapping | None,
    link: Link,
    entity: Entity,
    path: str,
    claim: Claim,
    value: Value,
    ordering: Order,
    seen: Observation,
    traits: Traits,
    found: Compared,
) -> None:
    """Another value than the one last seen: an edit, a rollback, or nothing that this read can tell."""
    match ordering:
        case Order.LATER if only_shows(link) or is_derived(path):  # Rule 6.50: what lives elsewhere is not edited here
            _see_copy(known, table, link, entity, path, claim, value, seen, traits, found)
        case Order.LATER:
            row = [path, claim.held or None, value]
            golden = entity.golden.get(path)
            own = complete(table, path, value, golden.value if golden is not None else None)
            if take_edit(claim, path, value, seen, traits, entity, own):
                found.disputed.append(path)
            found.edits.append(path)
            found.rows.append([*row, claim.stamp])
        case Order.SAME:
            _roll_back(known, link, path, claim, value, seen, traits)  # Rule 2.7
            found.rollbacks.append(path)
        case Order.OLDER:
            found.older.append(path)
        case Order.EARLY:
            found.early.append(path)


def _see_copy(
    known: Known,
    table: Mapping | None,
    link: Link,
    entity: Entity,
    path: str,
    claim: Claim,
    value: Value,
    seen: Observation,
    traits: Traits,
    found: Compared,
) -> None:
    """Another value where only our copy has a place: it is put right, or left to people where the mapping says so."""
    if _yields(table, path):  # where they emptied it, it is written again
        _fall_back(link, path, claim, value, seen, traits)
        found.seeds.append(path)
    elif path in entity.golden or is_derived(path):
        if path not in entity.golden:  # nobody bought anything: nothing was worked out, so nothing is to stand there
            entity.golden[path] = Golden(None, seen.received_at, 0, max(entity.version, 1))
        _fall_back(link, path, claim, value, seen, traits)
        count_miss(known, link, path, entity.golden[path].version, most=PUT_RIGHT_TRIES)  # people type over it anew each time
        found.rollbacks.append(path)
    else:
        claim.held, claim.version, claim.seq = value, version_of(seen.record, traits), seen.seq


def _yields(table: Mapping | None, path: str) -> bool:
    line = table.fields.get(path) if table is not None else None
    return line is not None and line.yields


def _first(link: Link, path: str, value: Value, seen: Observation, traits: Traits, found: Compared) -> Claim | None:
    """Handle the first statement of a path on a known link. Returns a claim to compare with, or None if nothing is left to do."""
    if only_shows(link) or is_derived(path):
        link.claims[path] = Claim(value, version_of(seen.record, traits), seen.seq)
        found.seeds.append(path)
        return None
    new_line = link.mapping != seen.mapping and "/" not in path
    if value is None or new_line:
        link.claims[path] = take_birth(path, value, seen, traits, None)  # Rule 2.17: new fields come in as seeds
        if value is not None:
            found.seeds.append(path)
        return None
    claim = Claim(held=None, version=link.version if traits.ordering is Ordering.COUNTER else link.changed_at)
    if order(claim, link, seen, traits, silent="/" in path) in (Order.SAME, Order.OLDER):
        link.claims[path] = take_birth(path, value, seen, traits, None)
        found.seeds.append(path)
        return None
    if claim.version == version_of(seen.record, traits):
        claim.version = None  # an element may come without moving the version: the order of reads tells
    link.claims[path] = claim
    return claim


def _roll_back(known: Known, link: Link, path: str, claim: Claim, value: Value, seen: Observation, traits: Traits) -> None:
    """Let `held` follow; nothing is stamped, so the golden value is delivered again, three times at most."""
    _fall_back(link, path, claim, value, seen, traits)
    golden = known.resolve(link.entity_id).golden.get(path)
    count_miss(known, link, path, golden.version if golden is not None else 0)


def _fall_back(link: Link, path: str, claim: Claim, value: Value, seen: Observation, traits: Traits) -> None:
    claim.held, claim.version, claim.seq = value, version_of(seen.record, traits), seen.seq
    claim.stands = NOTHING
    name, _, element = path.partition("/")
    if element and value is None:  # a restored system may give the id of a lost element to another one
        link.elements[name] = {remote: ours for remote, ours in link.elements.get(name, {}).items() if ours != element}


def _restore(link: Link, path: str, value: Value, seen: Observation, traits: Traits, found: Compared) -> None:
    """Take what a restored system shows as what it holds, and as nobody's word (Rule 6.61)."""
    claim = link.claims.setdefault(path, Claim())
    if value == claim.held:
        claim.version, claim.seq = version_of(seen.record, traits), seen.seq
        return
    _fall_back(link, path, claim, value, seen, traits)  # Rule 6.61: the golden value is delivered to it again
    claim.misses = 0
    found.rollbacks.append(path)


def count_miss(known: Known, link: Link, path: str, golden_version: int, *, most: int = KEPT_TRIES) -> None:
    """Count that a system did not keep a golden value: the third time it is set aside until it changes (Rule 2.24)."""
    claim = link.claims[path]
    claim.misses += 1
    if claim.misses >= most:
        claim.aside = golden_version
        ask_not_kept(known, link, path)


def ask_not_kept(known: Known, link: Link, path: str) -> None:
    """Ask a person about a system that does not keep our value."""
    known.questions.append(
        Question(
            ReviewKind.NOT_KEPT, f"link {link.id} {path}", link.entity_id, link.id, {"field": path, "connection": link.connection}
        )
    )


def _judge_older(known: Known, link: Link, stated: dict[str, Value], seen: Observation, traits: Traits, found: Compared) -> None:
    """A lower version that is still there when asked again after `visible_after` is a rollback (Rule 2.25)."""
    version = version_of(seen.record, traits)
    lower = [
        path for path in stated if version is not None and path in link.claims and (link.claims[path].version or 0) > version
    ]
    if not lower:
        found.late = bool(found.older)
        found.older.clear()  # an earlier read that arrived late: nothing to conclude, nothing to ask
        if not found.early:
            acquit(known, link)
        return
    if link.suspect_version == version and seen.sent_at >= link.suspect_at + traits.visible_after:
        note_sign(known, link, seen.received_at)  # Rule 6.60
        for path in lower:
            if stated[path] != link.claims[path].held:
                _roll_back(known, link, path, link.claims[path], stated[path], seen, traits)
                found.rollbacks.append(path)
            else:
                link.claims[path].version, link.claims[path].seq = version, seen.seq
        found.older.clear()
        link.version = link.changed_at = version
        return
    if link.suspect_version != version:
        suspect(known, link, version, seen.received_at)
    found.older += [path for path in lower if path not in found.older]
    not_before = max(seen.received_at, link.suspect_at + traits.visible_after)
    known.rereads.append(Reread(link.connection, link.stream, link.external_id, not_before, "lower version"))


def _conclude(
    known: Known,
    ground: Ground,
    link: Link,
    entity: Entity,
    seen: Observation,
    traits: Traits,
    found: Compared,
) -> None:
    moved = found.edits + found.rollbacks + found.seeds
    if moved:
        link.quiet_until = max(link.quiet_until, seen.received_at + traits.visible_after) if traits.visible_after else 0
        settle(known, ground, entity, moved)
        known.touch(entity)
    if found.rows:
        for row in found.rows:
            golden = entity.golden.get(row[0])
            won = golden is not None and golden.link_id == link.id and golden.stamp == row[3]
            policy = ground.policy(entity.type, row[0]).kind.value
            row += ["won" if won else "lost", policy, golden.link_id if golden else 0, row[0] in found.disputed]
        known.notes.append(Note(seen.received_at, entity.id, link.id, "edit", found.rows))
        note_jumps(known, entity, link, found.rows, seen.received_at)
    if found.rollbacks:
        known.notes.append(Note(seen.received_at, entity.id, link.id, "rollback", [[path] for path in found.rollbacks]))
    if found.early:
        known.rereads.append(
            Reread(link.connection, link.stream, link.external_id, max(link.quiet_until, seen.received_at), "too early")
        )


def emptied(link: Link, stated: dict[str, Value]) -> bool:
    """Say whether over half of the held fields go empty at once (Rule 2.12: a question, not a clearing)."""
    held = [
        path for path, claim in link.claims.items() if "/" not in path and claim.held not in (MISSING, None) and path in stated
    ]
    gone = sum(stated[path] is None for path in held)
    return gone >= EMPTIED_LEAST and gone * 2 > len(held)
