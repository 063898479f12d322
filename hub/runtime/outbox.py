"""Works on the outbox, run inside a unit: pick what is due, freeze attempts, note progress, recover after a crash."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import orjson

from hub.errors import Unavailable
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity, EntityState
from hub.model.known import MAY_BE_OURS, Known, Question
from hub.model.link import Link
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import DOCUMENTS, PARENTS, EntityType, RawRecord
from hub.model.review import ReviewKind
from hub.model.run import CursorRow, HintRow, Mode
from hub.model.traits import Traits
from hub.model.values import SECOND, Micros
from hub.papers import load_refunds
from hub.pipeline import absorb, replan
from hub.push.act import freeze_act
from hub.push.adjust import freeze_adjust, has_yes
from hub.push.attempt import Sinks, freeze_create, freeze_delete, freeze_update
from hub.push.due import (
    BEYOND,
    approved_lines,
    ask_for_references,
    asks,
    create_wanted,
    goes_beyond,
    is_approved,
    link_lines,
    may_delete,
)
from hub.retail import asks_for, due_shift, view
from hub.runtime import restored
from hub.runtime.brakes import brake
from hub.runtime.overdue import overdue
from hub.runtime.promises import let_go
from hub.store.known import begin_known, load_entities, load_stock
from hub.store.unit import Unit

LOOK_FIRST = frozenset({"plain"})
"""Safe-write kinds that do not protect an edit made since the last read: look, then write (a documented window)."""
KEYED = "idempotency_key"
READ_WAIT: Micros = SECOND
REFERENCE_WAIT: Micros = 2 * SECOND
LOOK_WAIT: Micros = 5 * SECOND
GIVE_UP: Micros = 300 * SECOND
AWAY = Unavailable.code
"""What a delivery waits for whose system could not be reached."""
WRITES_STOPPED = "writes_stopped"


@dataclass(frozen=True, slots=True)
class Pick:
    """Deliveries to freeze next, and what to read first: delivery id -> (stream, external id)."""

    ids: tuple[int, ...]
    looks: tuple[tuple[int, tuple[str, str]], ...]
    alone: tuple[tuple[str, tuple[int, ...]], ...] = ()
    """By stream, those of `ids` that rest on no other record: they may be written in any order, also at the same time."""
    put_off: int = 0
    """How many were looked at and have to wait, where there may be more behind them: they must not hold up what can go."""


@dataclass(frozen=True, slots=True)
class Agenda:
    """What a push worker has to do now, and when there will be something next."""

    hints: list[HintRow]
    pick: Pick
    lookups: list[Attempt]
    next_at: Micros | None
    look_first: bool = False
    """This store was restored from a backup not long ago: a record is looked for before it is made (Invariant 10)."""

    def size(self) -> int:
        """Return how much there is to do there."""
        return len(self.hints) + len(self.pick.ids) + len(self.lookups)


def read_agenda(unit: Unit, ground: Ground, connection: str, now: Micros, limit: int) -> Agenda:
    """Look at hints, deliveries and open attempts of a connection at once."""
    brake(unit, ground, connection, now)
    overdue(unit, connection, now, limit)
    let_go(unit, ground, now)
    open_attempts = unit.open_attempts(connection)
    hints = unit.due_hints(connection, now, limit)
    if not restored.go_on(unit, ground, now):  # this store is a backup: everything is read before anything is sent
        return Agenda(hints, Pick((), ()), [], now + READ_WAIT if restored.unread(unit, ground) else now)
    if unit.connections()[connection].rewound_at:  # Rule 6.60: nothing is sent there before a person has spoken
        return Agenda(hints, Pick((), ()), [], unit.next_due(connection, now))
    lookups, later = to_look_up(open_attempts, ground, now)
    picked = pick(unit, ground, connection, open_attempts, now, limit)
    times = [at for at in (unit.next_due(connection, now), *later) if at is not None]
    return Agenda(hints, picked, lookups, min(times, default=None), look_first=restored.looks_first(unit, now))


def pick(unit: Unit, ground: Ground, connection: str, open_attempts: Sequence[Attempt], now: Micros, limit: int) -> Pick:
    """Choose due deliveries whose link is free."""
    due = unit.due(connection, now, limit)
    if not due or unit.flags().get(WRITES_STOPPED):  # Rule 6.22
        return Pick((), ())
    links = unit.links_by_id([d.link_id for d in due if d.link_id is not None])
    epoch = unit.connections()[connection].epoch
    read = {stream for (_, stream), cursor in unit.cursors(connection).items() if _is_read_whole(cursor, epoch)}
    chosen, looks, waiting = [], [], []
    busy = {a.entity_id for a in open_attempts if a.operation == "create"}
    for delivery in due:
        link = links.get(delivery.link_id) if delivery.link_id is not None else None
        reason = _blocked(delivery, link, busy, epoch)
        if link is None and ground.carrier(connection, delivery.stream) not in read:
            reason = "the first read there"  # Rule 6.8: what was never read whole may already hold it
        if reason:
            delivery.state, delivery.wait, delivery.not_before = DeliveryState.WAITING, reason, now + READ_WAIT
            waiting.append(delivery)
            continue
        chosen.append(delivery.id)
        if link is None:
            continue
        if ground.trait(connection, link.stream).update in LOOK_FIRST or delivery.kind is DeliveryKind.ACT:  # Rule 6.25
            looks.append((delivery.id, (link.stream, link.external_id)))
    unit.save_deliveries(waiting)
    alone = _alone(delivery for delivery in due if delivery.id in chosen)
    return Pick(tuple(chosen), tuple(looks), alone, len(waiting) if len(due) == limit else 0)


def _alone(chosen: Iterable[Delivery]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    found: dict[str, list[int]] = {}
    for delivery in chosen:
        if _rests_on_nothing(delivery):
            found.setdefault(delivery.stream, []).append(delivery.id)
    return tuple((stream, tuple(ids)) for stream, ids in found.items())


def _rests_on_nothing(delivery: Delivery) -> bool:
    """Say whether a write needs nothing of what another one makes: a person, or a record that is there and no document."""
    return delivery.entity_type is EntityType.CUSTOMER or (delivery.link_id is not None and delivery.entity_type not in DOCUMENTS)


def _is_read_whole(cursor: CursorRow, epoch: int) -> bool:
    """Say whether all that a stream holds was read: for the first time, and again since a person said whether it was restored."""
    return cursor.first_complete_at is not None and (not epoch or cursor.full_at > 0)  # Rule 6.66


def _blocked(delivery: Delivery, link: Link | None, busy: set[int], epoch: int) -> str:
    if link is None:
        return "its create" if delivery.link_id is None and delivery.entity_id in busy else ""
    if link.attempt_id is not None:
        return "its attempt"  # Rule 7.21, and Rule 2.39: only one at a time, so that its result has one meaning
    if link.epoch < epoch:
        return "a read"  # Rule 6.61: what it shows since it was restored, or seemed to be, is not known yet
    return "a read" if link.owed_read else ""  # Rule 2.18: a read went by uncompared; the one that follows comes first


def freeze(
    unit: Unit, ground: Ground, sinks: Sinks, ids: Sequence[int], looked: Sequence[RawRecord], now: Micros
) -> list[Attempt]:
    """Absorb the looks, then freeze an attempt for each of these deliveries that is still due. Committed before any call."""
    if looked:
        absorb(unit, ground, looked, now)
    if unit.flags().get(WRITES_STOPPED) or restored.is_restoring(unit):  # Rule 6.22: also in the middle of a round
        return []
    deliveries = unit.deliveries_by_id(ids)
    known = begin_known(unit)
    load_entities(unit, known, [d.entity_id for d in deliveries.values()])
    targets = [target for entity in list(known.entities.values()) for target in entity.refs.values()]
    load_entities(unit, known, targets)
    load_stock(unit, known, list(known.entities))
    raws = unit.raws([d.link_id for d in deliveries.values() if d.link_id is not None])
    attempts = []
    for delivery_id in ids:
        delivery = deliveries.get(delivery_id)
        if delivery is None or known.modes.get(delivery.connection) is Mode.OBSERVE:
            continue
        if known.state(delivery.connection).rewound_at:
            continue
        attempt = _freeze_one(unit, known, ground, sinks, delivery, raws, now)
        if attempt is not None:
            attempts.append(attempt)
    replan(unit, ground, known, now)
    return attempts


def _freeze_one(
    unit: Unit, known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, raws: dict[int, bytes], now: Micros
) -> Attempt | None:
    entity, seq = known.resolve(delivery.entity_id), unit.next_id("seq")
    known.touch(entity)
    if delivery.link_id is None:
        return _freeze_new(unit, known, ground, sinks, delivery, entity, now, seq)
    link = known.by_id.get(delivery.link_id)
    if link is None or link.attempt_id is not None or link.owed_read:
        return None
    if delivery.kind is DeliveryKind.ACT:
        known.deliveries.setdefault(link.id, delivery)
        return freeze_act(known, ground, sinks, delivery, link, now, seq)
    if delivery.kind is DeliveryKind.QUANTITY:
        shift, part = due_shift(known, ground, link), view(known, ground, entity, link)
        if shift is None or (asks_for(known, ground, entity, link) and not has_yes(delivery, part.shown, part.wanted)):
            return None
        return freeze_adjust(known, ground, sinks, delivery, link, shift, now, seq)
    raw = orjson.loads(raws[link.id]) if link.id in raws else None
    if entity.state is not EntityState.ENDED or not may_delete(known, ground, link):
        return freeze_update(known, ground, sinks, delivery, link, raw, now, seq)
    lines = link_lines(known, ground, entity, link)
    wanted = approved_lines(delivery, lines) if asks(known, ground, delivery) else lines
    return freeze_delete(known, ground, sinks, delivery, link, raw, now, seq) if wanted else None


def _freeze_new(
    unit: Unit, known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, entity: Entity, now: Micros, seq: int
) -> Attempt | None:
    """A record was met there since this was planned, or it changed since its yes: nothing is sent, and it is shown again."""
    if not create_wanted(known, ground, entity, delivery.connection, delivery.stream):
        return None  # Rule 6.2
    if asks(known, ground, delivery) and not is_approved(ground, delivery, entity):
        return None
    load_refunds(unit, known, [entity.refs["order"]] if entity.type is EntityType.REFUND and "order" in entity.refs else [])
    if not delivery.brake and goes_beyond(known, entity):  # Rule 6.52: another one came in since this was planned
        return None  # it is planned again with what is known now, and asks
    if entity.type is EntityType.REFUND and _is_making(unit, known, delivery):  # Rule 6.52: not all is reckoned yet
        _hold(unit, known, delivery, "what is being made there", now)
        return None
    if _has_elder(unit, delivery, entity):
        _hold(unit, known, delivery, "the one before it", now)
        return None
    attempt = freeze_create(known, ground, sinks, delivery, entity, now, seq)
    if attempt is None:
        ask_for_references(known, delivery, entity)
        _hold(unit, known, delivery, "a reference", now)
    else:
        known.creates.setdefault((attempt.connection, attempt.stream), []).append(attempt)
    return attempt


def _hold(unit: Unit, known: Known, delivery: Delivery, why: str, now: Micros) -> None:
    delivery.state, delivery.wait, delivery.not_before = DeliveryState.WAITING, why, now + REFERENCE_WAIT
    known.created[delivery.entity_id, delivery.connection, delivery.stream] = delivery
    unit.save_deliveries([delivery])


def _is_making(unit: Unit, known: Known, delivery: Delivery) -> bool:
    """Say whether another record is being made there, or one that waited since it might have been that is not taken in yet."""
    others = known.creates.get((delivery.connection, delivery.stream), ())
    is_open = any(one.state is not AttemptState.CLOSED and one.entity_id != delivery.entity_id for one in others)
    return is_open or unit.is_looked_for(delivery.connection, delivery.stream, MAY_BE_OURS)


def _has_elder(unit: Unit, delivery: Delivery, entity: Entity) -> bool:
    """Say whether a document has to wait for an earlier one of its parent that is still to be made there (Rule 6.53)."""
    name = PARENTS.get(entity.type)
    parent = entity.refs.get(name) if name is not None else None
    if name is None or parent is None:
        return False
    kin = [one for one in unit.documents_of(name, [parent]) if one.type is entity.type]
    place = next((at for at, one in enumerate(kin) if one.entity_id == entity.id), 0)
    due = unit.deliveries_of([one.entity_id for one in kin[:place]])
    # Rule 6.53: what was refused or waits for a person holds nobody up
    waits = (DeliveryState.DUE, DeliveryState.WAITING)
    same = (delivery.connection, delivery.stream)
    found = [one for one in due if (one.connection, one.stream) == same and not one.aside]
    # Rule 6.52: where this one may go an elder may, too, as soon as it is looked at anew
    return any(one.state in waits or (one.brake == BEYOND and not delivery.brake) for one in found)


def progress(unit: Unit, attempt_id: int, done: int, external_id: str | None) -> None:
    """Note a confirmed call, so that an attempt resumes after it."""
    for attempt in unit.attempts([attempt_id]).values():
        attempt.done, attempt.external_id = done, external_id or attempt.external_id
        unit.save_attempts([attempt])


def recover(unit: Unit, ground: Ground, now: Micros) -> int:
    """Call every attempt that was on its way when the hub died unknown (Invariant 10, Rule 6.24). Returns how many there were."""
    lost = [attempt for attempt in unit.open_attempts() if attempt.state is AttemptState.OPEN]
    outcomes = [
        Outcome(a.id, OutcomeKind.UNKNOWN, unit.next_id("seq"), now, a.done, a.external_id, reason="the hub stopped meanwhile")
        for a in lost
    ]
    absorb(unit, ground, outcomes, now)
    begin_anew(unit, now)
    return len(lost)


def begin_anew(unit: Unit, now: Micros) -> None:
    """Count from now how long a read may still show the state before a write of ours, and a lost write may still arrive.

    Called where the clock may have stepped forward since they ended: over a restart nobody knows how much time went by.
    """
    pending = (AttemptState.READ_BACK, AttemptState.UNKNOWN)
    ended = [attempt for attempt in unit.open_attempts() if attempt.state in pending]
    for attempt in ended:
        attempt.ended_at = now  # Rule 2.18: a late list would pass for the result of our write
    unit.save_attempts(ended)


def to_look_up(attempts: Sequence[Attempt], ground: Ground, now: Micros) -> tuple[list[Attempt], list[Micros]]:
    """Return attempts whose fate is to be found out now (creates that may have happened, steps to resume), and later times."""
    found, later = [], []
    for attempt in attempts:
        traits = ground.trait(attempt.connection, attempt.stream)
        if attempt.state is AttemptState.UNKNOWN and _is_looked_up(attempt, traits):
            at = attempt.ended_at + traits.visible_after + traits.late_effect
        elif attempt.state is AttemptState.OPEN and attempt.done and attempt.ended_at:
            at = attempt.ended_at + SECOND
        else:
            continue
        if at <= now:
            found.append(attempt)
        else:
            later.append(at)
    return found, later


def _is_looked_up(attempt: Attempt, traits: Traits) -> bool:
    """Updates and acts are read back; so is a change of a level, unless its key can be used again."""
    return traits.adjust == KEYED if attempt.kind is DeliveryKind.QUANTITY else attempt.operation not in ("update", "act")


def hasten(unit: Unit, connection: str, now: Micros) -> None:
    """Let all go on at once that waited because a system was away: it is back."""
    unit.hasten(connection, AWAY, now)
    unit.hasten_hints(connection, now)


def put_off(unit: Unit, delivery_id: int, now: Micros) -> None:
    """Let a delivery wait whose record could not be looked at, so that it does not hold up the others."""
    for delivery in unit.deliveries_by_id([delivery_id]).values():
        delivery.not_before = now + LOOK_WAIT
        unit.save_deliveries([delivery])


def put_off_look(unit: Unit, attempt_id: int, now: Micros) -> None:
    """Let an attempt wait that could not be looked up, so that it does not hold up the others: nothing was found out."""
    for attempt in unit.attempts([attempt_id]).values():
        attempt.ended_at = max(attempt.ended_at, now)
        unit.save_attempts([attempt])


def note_look(unit: Unit, attempt_id: int, now: Micros) -> None:
    """Note that a look-up found nothing: it is asked once more later."""
    for attempt in unit.attempts([attempt_id]).values():
        attempt.looks, attempt.ended_at = attempt.looks + 1, now
        unit.save_attempts([attempt])


def give_up(unit: Unit, ground: Ground, attempt: Attempt, now: Micros) -> None:
    """Ask a person about a create that nobody can look up (Rule 6.26)."""
    if now - attempt.started_at < GIVE_UP:
        note_look(unit, attempt.id, now)
        return
    known = begin_known(unit)
    about = f"attempt {attempt.id}"
    known.questions.append(
        Question(ReviewKind.UNKNOWN_CREATE, about, attempt.entity_id, None, {"connection": attempt.connection})
    )
    replan(unit, ground, known, now)
    note_look(unit, attempt.id, now)
