"""Freeze the attempt that changes a level: one signed delta, or one figure where that is all a system takes. Pure."""

from __future__ import annotations

from dataclasses import asdict

from hub.clock import instant
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, Delivery
from hub.model.known import Known
from hub.model.ledger import Shift
from hub.model.link import Link
from hub.model.values import Micros
from hub.push.attempt import Sinks
from hub.push.due import Line, approved_lines
from hub.sdk import Change, Operation


def level_line(shown: int | None, wanted: int | None) -> Line:
    """Return the plan line of a level: what customers could buy there, in units, from -> to."""
    return Line("available", shown, wanted)


def has_yes(delivery: Delivery, shown: int | None, wanted: int | None) -> bool:
    """Say whether a person said yes to this very change of a level."""
    return bool(approved_lines(delivery, [level_line(shown, wanted)]))


def freeze_adjust(
    known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, link: Link, shift: Shift, now: Micros, seq: int
) -> Attempt:
    """Return the attempt that changes a level by `shift`, and fence the level. Committed before its first call.

    It is dated by the hub, but not before the newest change seen there: a system that orders changes by when they occurred would
    ignore one that is older than its last count. The reference is unique, so that people find the change there again.
    """
    attempt_id = known.next_id("attempt")
    key = f"{ground.instance}-{attempt_id}"
    after = {"level": link.external_id, **asdict(shift), "occurred_at": instant(max(now, link.changed_at or 0)), "reference": key}
    change = Change(Operation.ADJUST, link.external_id, None, after, (), link.version)
    calls = sinks[delivery.connection, delivery.stream].calls(change)
    attempt = Attempt(
        attempt_id,
        delivery.id,
        delivery.kind,
        change.operation.value,
        delivery.connection,
        delivery.stream,
        delivery.entity_type,
        delivery.entity_id,
        link.id,
        link.external_id,
        key,
        [{"name": call.name, "body": call.body} for call in calls],
        asdict(change),
        seq=seq,
        started_at=now,
        base_version=link.version,
    )
    known.attempts[attempt.id] = attempt
    known.changed_attempts[attempt.id] = attempt
    link.attempt_id, link.digest = attempt.id, b""
    known.change(link)
    return attempt
