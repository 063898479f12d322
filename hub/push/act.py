"""Freeze the attempt of an act. Pure; committed before the call."""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.acts import ASKED_MOST
from hub.model.delivery import Attempt, Delivery
from hub.model.known import Known
from hub.model.link import Link, LinkState
from hub.model.values import Micros
from hub.push.attempt import Sinks, new_attempt
from hub.sdk import Change, Operation


def freeze_act(
    known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, link: Link, now: Micros, seq: int
) -> Attempt | None:
    """Return the attempt; None where it was set aside, or asked for so often that a person is asked.

    What was just read was planned in this very unit: an act that is done already has gone, one that is elsewhere is set aside.
    """
    if delivery.aside or link.state is not LinkState.LIVE or delivery.act.get("asked", 0) >= ASKED_MOST:
        return None
    after = {"verb": delivery.act["verb"], "args": dict(delivery.act["args"])}
    change = Change(Operation.ACT, link.external_id, None, after, (), link.version)
    attempt = new_attempt(known, ground, sinks, delivery, change, {}, now, seq)
    attempt.link_id, attempt.external_id, attempt.base_version = link.id, link.external_id, link.version
    link.attempt_id, link.digest = attempt.id, b""
    known.change(link)
    return attempt
