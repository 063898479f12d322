"""What the end of our own change of a level means. It goes through absorb like any read."""

from __future__ import annotations

from typing import Final

from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, Delivery, DeliveryState
from hub.model.known import Dead, Known, Note, Reread
from hub.model.link import Level, Link
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.values import Micros
from hub.retail.figures import figure, level_of, rule_of
from hub.retail.ledger import refresh
from hub.retail.stock import KEYED, accept_answer, close, confirm_change, owe, visible_at, went_back

BACKOFF: Final[tuple[Micros, ...]] = (1_000_000, 2_000_000, 5_000_000, 15_000_000, 60_000_000, 300_000_000)


def apply_shift(known: Known, ground: Ground, outcome: Outcome) -> None:
    """Judge the end of an attempt of kind quantity."""
    attempt = known.attempts[outcome.attempt_id]
    link = known.by_id.get(attempt.link_id) if attempt.link_id is not None else None
    if attempt.state is AttemptState.CLOSED or link is None:
        return
    was_unknown = attempt.state is AttemptState.UNKNOWN
    attempt.ended_at, attempt.done, attempt.reason = outcome.at, outcome.done, outcome.reason
    known.changed_attempts[attempt.id] = attempt
    known.change(link)
    entity = known.resolve(attempt.entity_id)
    known.touch(entity)
    level = _level(known, ground, link)
    match outcome.kind:
        case OutcomeKind.DONE:
            _apply_done(known, ground, attempt, link, level, outcome)
        case OutcomeKind.UNKNOWN:
            _await(known, ground, attempt, link, outcome)
        case OutcomeKind.NOT_SENT if was_unknown:  # Rule 7.9: this time it was not sent; the first time is still unknown
            _await(known, ground, attempt, link, outcome)
        case OutcomeKind.NOT_SENT:
            _back_off(known.delivery_of(attempt), outcome)
            close(known, link, attempt, link.fence_seq)
        case OutcomeKind.REFUSED | OutcomeKind.CLASH:
            _set_aside(known, attempt, link, outcome)
        case OutcomeKind.STALE | OutcomeKind.GONE | OutcomeKind.NOT_FOUND:
            level.stale += outcome.kind is OutcomeKind.STALE
            close(known, link, attempt, outcome.seq)
            owe(known, link, outcome.at, outcome.kind.value)
    refresh(known, ground, entity, outcome.at)


def _level(known: Known, ground: Ground, link: Link) -> Level:
    rule = rule_of(known, ground, link.connection, known.resolve(link.entity_id))
    return level_of(link, rule) if rule is not None else Level()


def _apply_done(known: Known, ground: Ground, attempt: Attempt, link: Link, level: Level, outcome: Outcome) -> None:
    """Confirm our change. The answer's own level is held at once; without one a read sent late enough shows it (Rule 7.7)."""
    attempt.result = "done"
    traits = ground.trait(link.connection, link.stream)
    delta = _done_change(attempt, outcome)
    before = figure(level)
    confirm_change(link, level, delta, outcome.at)
    row = [attempt.change["after"]["quantity"], before, figure(level), delta]
    known.notes.append(Note(outcome.at, attempt.entity_id, link.id, "shift", [row]))
    if outcome.seen is None:
        attempt.state, attempt.seq = AttemptState.READ_BACK, outcome.seq
        not_before = visible_at(attempt, traits)
        known.rereads.append(Reread(link.connection, link.stream, link.external_id, not_before, "read back"))
        return
    owed = link.owed_read
    close(known, link, attempt, outcome.seq)
    if went_back(level, outcome.seen.record, traits):  # Rule 7.8: it was restored while we wrote; reads tell
        owe(known, link, outcome.at, "lower version")
        return
    accept_answer(known, ground, link, outcome.seen)
    link.quiet_until = max(link.quiet_until, outcome.at + traits.visible_after) if traits.visible_after else link.quiet_until
    if owed:  # a read went by meanwhile, and may have shown something newer than our answer
        owe(known, link, max(link.quiet_until, outcome.at), "owed")


def _done_change(attempt: Attempt, outcome: Outcome) -> int:
    """Return by how much our write changed the level: what the system logged where its answer says so, else what we asked.

    A figure set over what others moved in that moment took theirs back: the log says by how much (`written.logged`).
    """
    written = outcome.raw.payload.get("written") if outcome.raw is not None else None
    logged = written.get("logged") if isinstance(written, dict) else None
    return int(logged) if logged is not None else int(attempt.change["after"]["delta"])  # Rule 7.18


def _await(known: Known, ground: Ground, attempt: Attempt, link: Link, outcome: Outcome) -> None:
    """Nobody knows whether it happened: the key is used again, or a read tells (Rule 7.9). Until then the level is fenced."""
    attempt.state, attempt.seq = AttemptState.UNKNOWN, outcome.seq
    traits = ground.trait(link.connection, link.stream)
    if traits.adjust != KEYED:
        not_before = visible_at(attempt, traits)
        known.rereads.append(Reread(link.connection, link.stream, link.external_id, not_before, "read back"))


def _back_off(delivery: Delivery | None, outcome: Outcome) -> None:
    if delivery is None:
        return
    delay = BACKOFF[min(delivery.tries, len(BACKOFF) - 1)]
    delivery.tries += 0 if outcome.wait else 1  # waiting for a limit is no attempt
    delivery.not_before = outcome.at + (outcome.wait or delay)
    delivery.state, delivery.wait = DeliveryState.WAITING, outcome.reason or "its next try"


def _set_aside(known: Known, attempt: Attempt, link: Link, outcome: Outcome) -> None:
    """A change that is refused is tried again when the stock moves on."""
    attempt.result = "refused"
    close(known, link, attempt, outcome.seq)
    delivery = known.delivery_of(attempt)
    if delivery is not None:
        delivery.aside = max(1, known.resolve(attempt.entity_id).version)
        delivery.state, delivery.wait = DeliveryState.WAITING, "refused there"
    known.dead.append(
        Dead(
            attempt.connection,
            attempt.stream,
            link.external_id,
            "push_refused",
            outcome.reason,
            outcome.blames or "on_hand",
            attempt.entity_id,
            attempt.id,
        )
    )
