"""What one read means: a new record to place, an attempt's result to see, or a known record to compare."""

from __future__ import annotations

from dataclasses import dataclass

from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState
from hub.model.entity import Entity, EntityState
from hub.model.known import MAY_BE_OURS, Known, Note, Question, Reread
from hub.model.link import Link, LinkKey, LinkState
from hub.model.record import EntityType, Gone, Observation, Record
from hub.model.review import Fate, ReviewKind
from hub.model.signs import acquit, hides, is_forgotten, mark_read, note_sign, too_many_gone
from hub.model.values import SECOND, Micros, Value
from hub.reconcile.adopt import adopt, is_forgotten_make
from hub.reconcile.attach import attach, is_document, is_soft, note_references, note_shown, only_shows
from hub.reconcile.birth import give_birth
from hub.reconcile.compare import is_behind
from hub.reconcile.fields import Compared, compare_fields, emptied
from hub.reconcile.golden import settle
from hub.reconcile.identify import Match, could_be, held_keys, identify
from hub.reconcile.readback import can_resolve, close, lay_by, read_back, take_up, visible_at
from hub.reconcile.statements import statements
from hub.reconcile.stray import take_back
from hub.reconcile.successor import may_be_another

HELD: Micros = 120 * SECOND
"""When to look again at what cannot be concluded while a system may have been restored."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """How a record ended, and what it waits for if it does."""

    fate: Fate
    reason: str = ""
    waits_for: LinkKey | None = None


APPLIED = Ruling(Fate.APPLIED)
UNCHANGED = Ruling(Fate.UNCHANGED)


def observe(known: Known, ground: Ground, seen: Observation) -> Ruling:
    """Judge one record."""
    record = seen.record
    key = LinkKey(seen.connection, record.stream, record.external_id)
    link = known.links.get(key)
    if link is not None and may_be_another(known, link, record):
        return _meet_another(known, ground, link, seen)
    if link is None:
        return _meet(known, ground, seen)
    if link.state is not LinkState.LIVE:
        if seen.sent_at < link.ended_at + ground.trait(link.connection, link.stream).visible_after:
            return Ruling(Fate.SUPERSEDED, "a list may still show what is gone")
        link.state, link.ended_at = LinkState.LIVE, 0  # Rule 6.16: the same id with the same birth mark
        _revive(known, ground, link, seen)
        known.notes.append(Note(seen.received_at, link.entity_id, link.id, "revived", []))
        settle(known, ground, known.resolve(link.entity_id), list(link.claims))
        known.touch(known.resolve(link.entity_id))
    return _follow(known, ground, link, seen)


def _meet_another(known: Known, ground: Ground, link: Link, seen: Observation) -> Ruling:
    """The id of a link names another record now."""
    if seen.sent_at < link.linked_at + ground.trait(link.connection, link.stream).visible_after:
        return Ruling(Fate.SUPERSEDED, "a list may still show what was there before")
    if known.state(link.connection).rewound_at and link.state is LinkState.LIVE:  # Rule 6.62
        return _hold(known, link, seen.received_at)
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    if attempt is not None and (attempt.state is AttemptState.OPEN or attempt.operation == "update"):
        known.change(link)
        fenced = _fenced(known, ground, link, attempt, seen)  # Rule 2.43: what our write left there shows only afterwards
        if fenced is not None:
            return fenced
    _give_way(known, ground, link, seen.received_at)
    ruling = _meet(known, ground, seen)
    other = known.links.get(LinkKey(seen.connection, seen.record.stream, seen.record.external_id))
    if attempt is not None and other is not None:
        take_back(known, ground, attempt, link, other, seen.received_at)
    return ruling


def _revive(known: Known, ground: Ground, link: Link, seen: Observation) -> None:
    """Take a link up again, with its keys. What was refused there went with it, and is tried anew.

    A restored system shows again what we deleted there: then its entity stays ended, and it is deleted again.
    """
    take_up(known, link)
    for claim in link.claims.values():
        claim.aside = claim.misses = 0  # Rule 6.16: the dead letter that told of it ended with the link
    gone = [key for key in held_keys(link, seen.keys) if all(pair[0] != link.id for pair in known.keys.get(key, ()))]
    known.set_keys(link, gone, [])  # Rule 6.16: others find it by them again
    entity, state = known.resolve(link.entity_id), known.state(link.connection)
    restored = bool(state.rewound_at) or is_forgotten(known, link)
    if not restored or ground.config.ends(entity.type) in (None, link.connection):
        entity.state = EntityState.LIVE


def _hold(known: Known, link: Link, at: Micros) -> Ruling:
    """Conclude nothing while a system may have been restored; look again later."""
    known.rereads.append(Reread(link.connection, link.stream, link.external_id, at + HELD, "restored?"))
    return Ruling(Fate.REVIEW, "its system may have been restored")


def _ask_first(known: Known, link: Link, at: Micros) -> Ruling:
    """Count a record as there until a person said that it is gone; where a write waits for its result, look for it again."""
    if link.attempt_id is not None:
        known.rereads.append(Reread(link.connection, link.stream, link.external_id, at + HELD, "gone?"))
    return Ruling(Fate.REVIEW, "many are gone at once")


def _give_way(known: Known, ground: Ground, link: Link, at: Micros) -> None:
    """The id of a link names another record now: its own is gone; or, where its system was restored, lost (Rule 6.61)."""
    if link.state is LinkState.LIVE and not is_forgotten(known, link):
        note_sign(known, link, at)  # Rule 6.60: ids are given again by a system that forgot whom it gave them to
    retire(known, ground, link, at)


def retire(known: Known, ground: Ground, link: Link, at: Micros) -> None:
    """End a link whose id was given to another record, and free its key. What a restore lost stays lost: it is made again."""
    lost = link.state is LinkState.LOST or (link.state is LinkState.LIVE and is_forgotten(known, link))  # Rule 6.61
    held = held_keys(link)
    del known.links[LinkKey(link.connection, link.stream, link.external_id)]
    link.external_id = f"{link.external_id}#{link.id}"
    known.links[LinkKey(link.connection, link.stream, link.external_id)] = link
    if not lost:
        known.set_keys(link, [], held)
    end_link(known, ground, link, at, "reissued", LinkState.LOST if lost else LinkState.ENDED)
    link.laid_by = 0  # it never comes again under that id


def end_link(known: Known, ground: Ground, link: Link, at: Micros, kind: str, state: LinkState = LinkState.ENDED) -> None:
    """End a link: its own values are departed from now on (Rule 2.10), but for those of a lost one, which nobody took back."""
    link.state, link.ended_at, link.digest, link.owed_read = state, at, b"", False
    if state is LinkState.LOST:
        link.ended_at = 0
    acquit(known, link)
    known.change(link)
    known.use(ReviewKind.EMPTIED, link)
    lay_by(known, link)
    entity = known.resolve(link.entity_id)
    paths = dict.fromkeys([*link.claims, *(_bury_lost(known, link, at) if state is LinkState.ENDED else ())])
    settle(known, ground, entity, paths)
    known.touch(entity)
    known.notes.append(Note(at, entity.id, link.id, kind, []))


def _bury_lost(known: Known, link: Link, at: Micros) -> list[str]:
    """What was made again after a restore is gone too: so are the values of the record it stood for. Returns their paths."""
    found = []
    for other in known.by_entity.get(link.entity_id, ()):
        if other.state is LinkState.LOST and (other.connection, other.stream) == (link.connection, link.stream):
            other.state, other.ended_at = LinkState.ENDED, at
            known.change(other)
            found += list(other.claims)
    return found


def _follow(known: Known, ground: Ground, link: Link, seen: Observation) -> Ruling:
    known.change(link)
    entity = known.resolve(link.entity_id)
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    fenced = _fenced(known, ground, link, attempt, seen)
    if fenced is not None:
        return fenced
    stated = statements(seen.record, link, entity, ground)
    forgotten = is_forgotten(known, link)
    if attempt is not None and not forgotten:
        stated = read_back(known, ground, link, entity, attempt, stated, seen)
    elif attempt is not None:
        close(known, link, attempt, seen.seq)  # what it did was undone with everything else
    elif not forgotten and not is_behind(link, seen, ground) and _asks_if_emptied(known, link, stated):  # Rule 2.12
        known.questions.append(
            Question(ReviewKind.EMPTIED, f"link {link.id}", entity.id, link.id, {"connection": link.connection})
        )
        return Ruling(Fate.REVIEW, "over half of its fields went empty at once")
    old_keys = held_keys(link, seen.keys)
    found = compare_fields(known, ground, link, entity, stated, seen, forgotten=forgotten)
    known.set_keys(link, held_keys(link, seen.keys), old_keys)
    known.changed_entities[entity.id] = entity
    return _conclude(known, link, found, seen)


def _fenced(known: Known, ground: Ground, link: Link, attempt: Attempt | None, seen: Observation) -> Ruling | None:
    """Rule 2.18: a read is not compared while an attempt is open, or if it left before the attempt closed."""
    traits = ground.trait(link.connection, link.stream)
    if attempt is not None and not can_resolve(attempt, seen, traits):
        link.owed_read = True  # Rule 2.18: not compared while an attempt is open; the read that follows decides
        if attempt.state is not AttemptState.OPEN:
            not_before = max(visible_at(attempt, traits), seen.received_at)
            known.rereads.append(Reread(link.connection, link.stream, link.external_id, not_before, "read back"))
        return Ruling(Fate.WAITING, "an attempt is open")
    if attempt is None and seen.seq <= link.fence_seq:  # Rule 2.18: it left before the attempt closed
        link.owed_read = True
        known.rereads.append(Reread(link.connection, link.stream, link.external_id, seen.received_at, "fenced"))
        return Ruling(Fate.WAITING, "it was read while an attempt was open")
    return None


def _conclude(known: Known, link: Link, found: Compared, seen: Observation) -> Ruling:
    if not found.concluded():
        link.owed_read = True
        link.digest = b""
        return Ruling(Fate.WAITING if found.early else Fate.SUPERSEDED, "read again later")
    _mark_compared(known, link, seen)
    if found.late:  # Rule 2.19: its hash is not that of what was compared; it may have been answered after the later one
        link.digest = b""
        known.rereads.append(Reread(link.connection, link.stream, link.external_id, seen.received_at, "came late"))
        return Ruling(Fate.SUPERSEDED, "a later read came first")
    mark_read(known, link, seen.sent_at)
    if not seen.record.partial:
        known.use(ReviewKind.EMPTIED, link)  # Rule 2.12: the yes was for this once; the next time it is asked again
    _refer(known, link, seen)
    return APPLIED


def _refer(known: Known, link: Link, seen: Observation) -> None:
    """Hang a document on what its own record says it belongs to; of one that only shows it, keep what it names."""
    note_shown(known, link, seen.record)
    if is_document(link.entity_type) and not link.by_hub:
        note_references(link, seen.record)
        attach(known, link)


def _asks_if_emptied(known: Known, link: Link, stated: dict[str, Value]) -> bool:
    return not only_shows(link) and emptied(link, stated) and (ReviewKind.EMPTIED, link.id) not in known.accepted


def _mark_compared(known: Known, link: Link, seen: Observation) -> None:
    acquit(known, link)
    link.owed_read, link.mapping = False, seen.mapping
    note_version(link, seen.record)
    link.digest = b"" if seen.record.partial else seen.digest  # Rule 2.19: that of the last compared record


def note_version(link: Link, record: Record) -> None:
    """Note how far a link's record has come, and its birth mark where it was not known from its making."""
    link.birth = link.birth if link.birth is not None else record.birth
    if record.version is not None:
        link.version = record.version
    if record.changed_at is not None:
        link.changed_at = record.changed_at


def _meet(known: Known, ground: Ground, seen: Observation) -> Ruling:
    """Place a record without link: it waits for an open create or its references, or finds or makes its entity."""
    record = seen.record
    adopted = _adopt(known, ground, seen)
    if isinstance(adopted, Ruling):
        return adopted
    if adopted is None and ground.tables[seen.connection, record.stream].projection:  # Rule 6.50
        return Ruling(Fate.SKIPPED, "it only shows what lives elsewhere, and was not made by us")
    refs = _references(known, seen)
    if isinstance(refs, Ruling):
        return refs
    if adopted is not None:  # our marker says that the create happened, whatever its call came to
        adopt(known, ground, adopted, known.resolve(adopted.entity_id), seen)
        return APPLIED
    match = _match(known, seen, refs)
    entity, alike = match.entity, match.alike
    ours = is_forgotten_make(known, ground, seen)
    if entity is None and ours:
        again = seen.received_at + HELD
        known.rereads.append(Reread(seen.connection, record.stream, record.external_id, again, "made by us"))
        return Ruling(Fate.WAITING, "we made it in the time that the restored store does not remember")
    if entity is None:
        entity = Entity(known.next_id("entity"), record.entity, born_at=record.created_at or seen.received_at, refs=refs)
        known.add_entity(entity)
    link = place(known, ground, seen, entity)
    link.by_hub = ours
    _refer(known, link, seen)
    if alike:
        known.in_review.add(entity.id)
        about = "/".join(str(i) for i in sorted([entity.id, *alike]))
        known.questions.append(Question(ReviewKind.MATCH, about, entity.id, link.id, {"alike": alike}))
    return APPLIED


def _references(known: Known, seen: Observation) -> dict[str, int] | Ruling:
    """Return the entities that a new record refers to, or say for which it waits."""
    record = seen.record
    found: dict[str, int] = {}
    for name, ref in record.refs.items():
        if ref is None:
            continue
        target = known.links.get(LinkKey(seen.connection, ref.stream, ref.external_id))
        if target is not None:
            found[name] = known.resolve(target.entity_id).id
        elif ref.stream and not is_soft(record.entity, name):
            return Ruling(Fate.WAITING, f"its {name} is not known yet", LinkKey(seen.connection, ref.stream, ref.external_id))
    if record.entity is EntityType.INVENTORY_LEVEL and not {"variant", "location"} <= found.keys():
        return Ruling(Fate.SKIPPED, "it does not say of what it is the level, or where")
    return found


def _adopt(known: Known, ground: Ground, seen: Observation) -> Attempt | Ruling | None:
    """Find the open create that made this record, by our marker; or say that it must wait for one that it could be (Rule 6.5)."""
    for attempt in known.creates.get((seen.connection, seen.record.stream), ()):
        if attempt.state is AttemptState.CLOSED:
            continue
        if seen.marker is not None and seen.marker == attempt.marker:
            return attempt
        if seen.marker is not None or ground.tables[seen.connection, seen.record.stream].projection:
            continue  # it is of another make; and where things are only shown, what we make carries our marker
        sent = {path: cover.sent for path, cover in attempt.covers.items()}
        open_then = seen.received_at >= attempt.started_at  # a read sent before it may show what it made
        if open_then and could_be(sent, seen.record):
            known.rereads.append(
                Reread(seen.connection, seen.record.stream, seen.record.external_id, seen.received_at + 1_000_000, MAY_BE_OURS)
            )
            return Ruling(Fate.WAITING, "it may be the one we are making")
    return None


def _match(known: Known, seen: Observation, refs: dict[str, int]) -> Match:
    """Levels are found by what they refer to, everything else by its keys."""
    if seen.record.entity is EntityType.INVENTORY_LEVEL:
        return Match(known.level_of(refs["variant"], refs["location"]))
    return identify(known, seen.connection, seen.record, seen.keys)


def place(known: Known, ground: Ground, seen: Observation, entity: Entity) -> Link:
    """Make the link of a record, its first claims, and settle."""
    record = seen.record
    traits = ground.trait(seen.connection, record.stream)
    link = Link(
        known.next_id("link"),
        seen.connection,
        record.stream,
        record.external_id,
        record.entity,
        entity.id,
        birth=record.birth,
        linked_at=seen.received_at,
        version=record.version,
        changed_at=record.changed_at,
        digest=b"" if record.partial else seen.digest,
        mapping=seen.mapping,
        quiet_until=seen.received_at + traits.visible_after if traits.visible_after else 0,
        epoch=known.state(seen.connection).epoch,
    )
    known.add_link(link)
    known.change(link)
    born_at = _born_at(known, ground, seen)
    elements = entity.next_element
    stated = statements(record, link, entity, ground)
    rows = give_birth(known, ground, link, entity, stated, seen, traits, born_at)
    known.look_at(entity)
    if entity.next_element != elements:
        known.changed_entities[entity.id] = entity
    known.set_keys(link, held_keys(link, seen.keys), [])
    known.notes.append(Note(seen.received_at, entity.id, link.id, "born" if born_at is not None else "seed", rows))
    return link


def _born_at(known: Known, ground: Ground, seen: Observation) -> Micros | None:
    """Return the birth of a record made after the first complete read and not by us; None: its values are seeds (Rule 2.40)."""
    first = known.first_reads.get((seen.connection, ground.carrier(seen.connection, seen.record.stream)))
    if first is None or not first.complete:
        return None
    created = seen.record.created_at
    if created is None:
        return seen.received_at
    lag = ground.trait(seen.connection, seen.record.stream).visible_after
    after = first.high if first.high is not None else first.at
    return min(created, seen.received_at) if created > after + lag else None


def observe_gone(known: Known, ground: Ground, gone: Gone) -> Ruling:
    """Judge that a record is not there (Invariant 12: only from a tombstone or a fetch by id)."""
    link = known.links.get(LinkKey(gone.connection, gone.stream, gone.external_id))
    if link is None or link.state is not LinkState.LIVE:
        return UNCHANGED
    known.change(link)
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    if attempt is not None and attempt.state is AttemptState.OPEN:
        link.owed_read = True
        return Ruling(Fate.WAITING, "an attempt is open")
    if gone.seq <= link.fence_seq or gone.sent_at < link.quiet_until:  # a lagging replica may not show it yet
        known.rereads.append(
            Reread(link.connection, link.stream, link.external_id, max(link.quiet_until, gone.received_at), "gone?")
        )
        return Ruling(Fate.WAITING, "too early to tell")
    if hides(known.state(link.connection), gone.received_at):  # Rule 6.62
        return _hold(known, link, gone.received_at)
    if is_forgotten(known, link):  # Rule 6.61: nobody deleted it; it was lost with the restore, and may be made there again
        end_link(known, ground, link, gone.received_at, "lost with a restore", LinkState.LOST)
        return APPLIED
    if too_many_gone(known, link, gone.received_at, ground.config.brakes.missing):  # Rule 6.63
        return _ask_first(known, link, gone.received_at)
    known.set_keys(link, [], held_keys(link))
    end_link(known, ground, link, gone.received_at, "deleted there")
    entity = known.resolve(link.entity_id)
    if ground.config.ends(entity.type) == link.connection:  # Rule 6.9: only the tombstone of this connection ends the entity
        entity.state = EntityState.ENDED
        known.notes.append(Note(gone.received_at, entity.id, link.id, "ended", []))
    return APPLIED
