"""What one read of a level means: a first sight, a movement, a reservation, a check, or nothing that it can tell.

Movement = observed - (held + our confirmed changes since held).
"""

from __future__ import annotations

from enum import Enum, auto

from hub.config import Missing, MovesBy, Reports, StockRule
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState
from hub.model.entity import Entity
from hub.model.known import Known, Note, Question, Reread
from hub.model.link import Level, Link, LinkState
from hub.model.record import EntityType, Gone, Observation, Record
from hub.model.review import Fate, ReviewKind
from hub.model.run import Mode
from hub.model.signs import acquit, is_forgotten, mark_read, note_sign, suspect
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Micros
from hub.retail.figures import (
    BEFORE_COUNT,
    CHECK,
    COUNTED,
    MOVING,
    RESERVED,
    counts,
    figure,
    figures_of,
    level_of,
    moves,
    pair_of,
    rule_of,
)
from hub.retail.ledger import balance_of, book, open_level, refresh

KEYED = "idempotency_key"
LEVEL_KEY = "at"
BACK_WAIT: Micros = 30 * SECOND
"""How long a lower version has to stay before it is believed."""
ECHO_WINDOW: Micros = 60 * SECOND
ECHOES = 8
"""So many movements in a row that each repeat our own last change there, within a minute: another sync runs beside us."""


class Order(Enum):
    """Where a read stands against the one that set what is held."""

    LATER = auto()
    SAME = auto()  # the same counter: another figure is a rollback
    OLDER = auto()  # a lower version: superseded, until it is still there when asked again
    LATE = auto()  # sent before the read that is known: nothing to conclude
    EARLY = auto()  # it may still show the state before the last change


def version_of(record: Record, traits: Traits) -> int | None:
    """Return what orders the states of a level: its counter, its source time (µs), or nothing."""
    if traits.ordering is Ordering.COUNTER:
        return record.version
    return record.changed_at if traits.ordering is Ordering.CHANGED_AT else None


def order(level: Level, link: Link, seen: Observation, traits: Traits) -> Order:
    """Say whether a read is later than the one that set `level.held` (Rule 7.8)."""
    version = version_of(seen.record, traits)
    if version is not None and level.version is not None:
        if version != level.version:
            return Order.LATER if version > level.version else Order.OLDER  # Rule 7.8
        if traits.ordering is Ordering.COUNTER:
            return Order.SAME
    if seen.seq <= level.seq:
        return Order.LATE
    return Order.EARLY if seen.sent_at < link.quiet_until else Order.LATER


def went_back(level: Level, record: Record, traits: Traits) -> bool:
    """Say whether a counter that our change must have moved is no higher than before: what it shows is an older state."""
    version = version_of(record, traits) if traits.ordering is Ordering.COUNTER else None
    return version is not None and level.version is not None and version <= level.version


def meet_level(known: Known, ground: Ground, link: Link, seen: Observation) -> None:
    """Take in a level that was just linked. Its figure is where we found it: it moves nothing (Rule 7.2).

    Only where a missing level means zero is it known what was there before: then all of it moved (Rule 7.10).
    """
    entity = known.resolve(link.entity_id)
    variant_id, location_id = pair_of(entity)
    known.set_keys(link, [(EntityType.INVENTORY_LEVEL, LEVEL_KEY, f"{variant_id}:{location_id}")], [])
    link.levels = {}
    rule = rule_of(known, ground, link.connection, entity)
    first = known.first_reads.get((link.connection, link.stream))
    was_read = first is not None and first.complete
    figures = figures_of(seen.record)
    here = [each for each in known.by_entity.get(entity.id, ()) if each.connection == link.connection]
    restored = is_forgotten(known, link) or any(each.state is LinkState.LOST for each in here)
    is_zero = rule is not None and was_read and rule.missing is Missing.ZERO and not restored
    if is_zero:
        open_level(known, ground, entity, seen.received_at)  # Rule 7.10: an opener that lacks it too had nothing either
    if is_zero and known.restoring:
        link.levels = {name: Level(before=0) for name in figures}  # what came of it is said once all systems were read
    elif is_zero and balance_of(known, entity).opened:
        link.levels = {name: Level(held=0) for name in figures}  # Rule 7.10
    before = figure(level_of(link, rule)) if rule is not None and link.levels else None
    _accept(known, ground, link, entity, seen, before)
    if rule is not None and was_read and figure(level_of(link, rule)) == 0:
        level_of(link, rule).met = True  # a new, empty level: there is nothing that filling it could overwrite


def follow_level(known: Known, ground: Ground, link: Link, seen: Observation) -> Fate:
    """Judge one more read of a known level."""
    known.change(link)
    entity = known.resolve(link.entity_id)
    traits = ground.trait(link.connection, link.stream)
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    if is_forgotten(known, link) and (attempt is None or attempt.state is not AttemptState.OPEN):
        return _restore(known, ground, link, entity, attempt, seen)  # Rule 6.61
    if _fenced(known, link, attempt, seen, traits):
        return Fate.WAITING
    rule = rule_of(known, ground, link.connection, entity)
    level = level_of(link, rule) if rule is not None else next(iter(link.levels.values()), Level())
    match order(level, link, seen, traits):
        case Order.LATE:
            return Fate.SUPERSEDED
        case Order.OLDER:
            return _judge_older(known, ground, link, entity, attempt, seen, traits)
        case Order.EARLY if _differs(link, seen.record):
            owe(known, link, max(link.quiet_until, seen.received_at), "too early")
            return Fate.WAITING
        case Order.SAME if _differs(link, seen.record) and (attempt is None or attempt.state is AttemptState.READ_BACK):
            # Rule 7.8: a change of ours would have moved the counter, and it stands where it stood before
            return _restore(known, ground, link, entity, attempt, seen)
    if attempt is not None:
        _see_result(known, link, attempt, level, seen)
    _accept(known, ground, link, entity, seen, figure(level) if rule is not None else None)
    return Fate.APPLIED


def _fenced(known: Known, link: Link, attempt: Attempt | None, seen: Observation, traits: Traits) -> bool:
    """Say whether a read may not be judged because of a change of ours, after asking for one that may."""
    if attempt is not None and not can_resolve(attempt, seen, traits):  # Rule 7.7: one change at a time, seen before the next
        _owe_after(known, link, attempt, seen, traits)
        return True
    if attempt is None and seen.seq <= link.fence_seq:  # Rule 7.7: it was on its way while a change of ours was
        owe(known, link, seen.received_at, "fenced")
        return True
    return False


def _restore(known: Known, ground: Ground, link: Link, entity: Entity, attempt: Attempt | None, seen: Observation) -> Fate:
    """Take what a restored system shows as what it holds: nothing moved, so what it should show is delivered (Rule 6.61)."""
    if attempt is not None:
        close(known, link, attempt, seen.seq)
    _roll_back(known, ground, link, entity, seen)
    return Fate.APPLIED


def can_resolve(attempt: Attempt, seen: Observation, traits: Traits) -> bool:
    """Say whether a read may show what came of our change: sent when its effect had to be visible (Rule 7.7).

    An unknown one that has a key is sent again under that key instead: only its answer can tell (Rule 7.9).
    """
    if attempt.state is AttemptState.OPEN or (attempt.state is AttemptState.UNKNOWN and traits.adjust == KEYED):
        return False  # Rule 7.9
    return seen.seq > attempt.seq and seen.sent_at >= visible_at(attempt, traits)


def visible_at(attempt: Attempt, traits: Traits) -> Micros:
    """Return from when on a read has to show the effect of a change that ended; later if it may still be on its way."""
    late = traits.late_effect if attempt.state is AttemptState.UNKNOWN else 0
    return attempt.ended_at + traits.visible_after + late


def owe(known: Known, link: Link, not_before: Micros, reason: str) -> None:
    """Ask for one more read; the next change there waits for it."""
    link.owed_read, link.digest = True, b""
    known.change(link)
    known.rereads.append(Reread(link.connection, link.stream, link.external_id, not_before, reason))


def _owe_after(known: Known, link: Link, attempt: Attempt, seen: Observation, traits: Traits) -> None:
    if attempt.state is AttemptState.OPEN or (attempt.state is AttemptState.UNKNOWN and traits.adjust == KEYED):
        link.owed_read = True  # the end of the attempt asks for the read that follows
        return
    owe(known, link, max(visible_at(attempt, traits), seen.received_at), "read back")


def _differs(link: Link, record: Record) -> bool:
    return any(figure(link.levels.get(name)) != units for name, units in figures_of(record).items())


def _judge_older(
    known: Known, ground: Ground, link: Link, entity: Entity, attempt: Attempt | None, seen: Observation, traits: Traits
) -> Fate:
    """A lower version is superseded; still there when asked again much later, the system went back (Rule 7.8).

    Believing a slow replica would deliver the same change twice, so this waits longer than a field would.
    """
    version, wait = version_of(seen.record, traits), max(traits.visible_after, BACK_WAIT)
    if link.suspect_version == version and seen.sent_at >= link.suspect_at + wait:
        if attempt is not None:
            close(known, link, attempt, seen.seq)
        note_sign(known, link, seen.received_at)  # Rule 6.60
        _roll_back(known, ground, link, entity, seen)
        return Fate.APPLIED
    if link.suspect_version != version:
        suspect(known, link, version, seen.received_at)
    owe(known, link, max(seen.received_at, link.suspect_at + wait), "lower version")
    return Fate.SUPERSEDED


def _roll_back(known: Known, ground: Ground, link: Link, entity: Entity, seen: Observation) -> None:
    """Let `held` follow a system that went back: nobody moved anything, so what it should show is delivered again."""
    _hold(link, seen, ground.trait(link.connection, link.stream))
    _mark(known, link, seen)
    known.notes.append(Note(seen.received_at, entity.id, link.id, "rollback", [[name] for name in figures_of(seen.record)]))
    refresh(known, ground, entity, seen.received_at, link)


def _see_result(known: Known, link: Link, attempt: Attempt, level: Level, seen: Observation) -> None:
    """Close an attempt with a read. Where nobody knows whether it happened, the figure tells; between two, the nearer."""
    if attempt.state is AttemptState.UNKNOWN:
        _guess(known, link, attempt, level, seen)
    close(known, link, attempt, seen.seq)


def _guess(known: Known, link: Link, attempt: Attempt, level: Level, seen: Observation) -> None:
    delta = int(attempt.change["after"]["delta"])
    before, now = figure(level), _figure_like(link, level, seen.record)
    if before is None or now is None:
        return
    if abs(now - (before + delta)) < abs(now - before):
        confirm_change(link, level, delta, seen.received_at)
    if now not in (before, before + delta):
        detail = {"connection": link.connection, "before": before, "sent": delta, "shown": now}
        known.questions.append(Question(ReviewKind.COUNT, f"attempt {attempt.id}", link.entity_id, link.id, detail))


def _figure_like(link: Link, level: Level, record: Record) -> int | None:
    name = next((name for name, each in link.levels.items() if each is level), "")
    return figures_of(record).get(name)


def confirm_change(link: Link, level: Level, delta: int, at: Micros) -> None:
    """Note that a change of ours happened: both figures moved by it, and it is no movement when seen (Invariant 5)."""
    for name in MOVING:
        if name in link.levels:
            link.levels[name].changes += delta
    level.wrote, level.wrote_at, level.stale, level.met = delta, at, 0, True


def close(known: Known, link: Link | None, attempt: Attempt, fence_seq: int) -> None:
    """Close an attempt and free its level. Reads sent up to `fence_seq` are not compared."""
    attempt.state = AttemptState.CLOSED
    known.changed_attempts[attempt.id] = attempt
    if link is not None:
        link.attempt_id, link.digest = None, b""
        link.fence_seq = max(link.fence_seq, fence_seq)
        known.change(link)


def accept_answer(known: Known, ground: Ground, link: Link, seen: Observation) -> None:
    """Take the write's own answer as what the level shows now: what it shows beside our change moved meanwhile."""
    entity = known.resolve(link.entity_id)
    rule = rule_of(known, ground, link.connection, entity)
    _accept(known, ground, link, entity, seen, figure(level_of(link, rule)) if rule is not None else None)


def _accept(known: Known, ground: Ground, link: Link, entity: Entity, seen: Observation, expected: int | None) -> None:
    """Hold what a read shows, and book what moved: observed - expected (Rule 7.1)."""
    traits = ground.trait(link.connection, link.stream)
    rule = rule_of(known, ground, link.connection, entity)
    only_checked = rule is not None and counts(known, link) and not moves(known, link, rule)  # Rule 7.5
    if rule is not None and expected is not None and only_checked:
        _check(known, link, entity, rule, seen, expected, traits)
    else:
        _hold(link, seen, traits)
        delta = 0 if rule is None or expected is None else (figure(level_of(link, rule)) or 0) - expected
        if rule is not None and delta:
            _move(known, link, entity, rule, delta, seen, traits)
    _mark(known, link, seen)
    refresh(known, ground, entity, seen.received_at, link)


def _move(known: Known, link: Link, entity: Entity, rule: StockRule, delta: int, seen: Observation, traits: Traits) -> None:
    if traits.visible_after:
        link.quiet_until = max(link.quiet_until, seen.received_at + traits.visible_after)
    if not moves(known, link, rule) or not balance_of(known, entity).opened:
        return  # Rule 7.2: until it is opened, others only say what they hold
    occurred_at = min(seen.record.changed_at or seen.received_at, seen.received_at)
    book(known, entity, link, delta, "level", occurred_at, seen.received_at, seq=seen.seq)
    counted = link.levels.get(COUNTED)
    if counted is not None and counted.version is not None and occurred_at <= counted.version:
        book(known, entity, link, -delta, BEFORE_COUNT, occurred_at, seen.received_at, seq=seen.seq)  # Rule 7.15
        return
    _watch(known, link, entity, level_of(link, rule), delta, seen.received_at)


def _hold(link: Link, seen: Observation, traits: Traits) -> None:
    """Set what every figure is seen to hold; our changes up to here are in it."""
    version = version_of(seen.record, traits)
    for name, units in figures_of(seen.record).items():
        level = link.levels.setdefault(name, Level())
        level.held, level.version, level.seq, level.changes = units, version, seen.seq, 0


def _check(known: Known, link: Link, entity: Entity, rule: StockRule, seen: Observation, expected: int, traits: Traits) -> None:
    """Compare a level whose stock moves by documents. What they do not explain is noted, and neither counted nor corrected."""
    level = level_of(link, rule)
    now = _figure_like(link, level, seen.record)
    reserved = figures_of(seen.record).get(RESERVED)
    if reserved is not None and rule.reports is Reports.BOTH:
        link.levels[RESERVED] = Level(reserved, version_of(seen.record, traits), seen.seq)
    level.version, level.seq = version_of(seen.record, traits), seen.seq
    check = link.levels.setdefault(CHECK, Level(held=0))
    gap = (now if now is not None else expected) - expected
    if gap != check.held:
        check.held, check.seq = gap, seen.seq
        known.notes.append(Note(seen.received_at, entity.id, link.id, "check", [["on_hand", expected, now]]))


def _mark(known: Known, link: Link, seen: Observation) -> None:
    acquit(known, link)
    mark_read(known, link, seen.sent_at)
    link.owed_read, link.mapping = False, seen.mapping
    if seen.record.version is not None:
        link.version = seen.record.version
    if seen.record.changed_at is not None:
        link.changed_at = seen.record.changed_at
    link.digest = b"" if seen.record.partial else seen.digest


def _watch(known: Known, link: Link, entity: Entity, level: Level, delta: int, at: Micros) -> None:
    """Count movements that repeat our own last change there, in turns with another connection (Rule 7.13)."""
    echo = level.wrote == delta and at - level.wrote_at <= ECHO_WINDOW
    others = [
        each.echoes
        for other in known.live_links(entity.id)
        if other.connection != link.connection
        for each in other.levels.values()
    ]
    level.echoes = max(others, default=0) + 1 if echo else 0
    if level.echoes < ECHOES:
        return
    for other in known.live_links(entity.id):
        for each in other.levels.values():
            each.stopped = True  # Rule 7.13
        known.change(other)
    detail = {"connection": link.connection, "delta": delta, "times": level.echoes}
    known.questions.append(Question(ReviewKind.ECHO, f"level {entity.id}", entity.id, link.id, detail))


def lose_level(known: Known, ground: Ground, link: Link, gone: Gone) -> None:
    """Take in that a level is not there any more: unknown, or nothing left where that is what missing means (Rule 7.10)."""
    entity = known.resolve(link.entity_id)
    rule = rule_of(known, ground, link.connection, entity)
    units = figure(level_of(link, rule)) if rule is not None else None
    is_zero = rule is not None and rule.missing is Missing.ZERO and rule.moves_by is MovesBy.LEVELS
    is_zero = is_zero and not is_forgotten(known, link)  # lost with a restore: nothing moved
    votes = known.modes.get(link.connection, Mode.OBSERVE) is not Mode.OBSERVE
    if units and is_zero and votes and balance_of(known, entity).opened:
        book(known, entity, link, -units, "level gone", gone.received_at, gone.received_at, seq=gone.seq)
    link.levels = {}
    refresh(known, ground, entity, gone.received_at, link)
