"""Who said yes to what, as people are told: the plans somebody approved, and the yes on which something went out.

A plan is what was said yes to at once. Which yes was given is kept for a while only, see `hub.runtime.retention`.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Final

from hub.clock import instant
from hub.model.delivery import Delivery, DeliveryState
from hub.model.link import Link
from hub.model.run import Approval
from hub.model.values import Doc, Micros, Value
from hub.push.due import WHOLE, Line, line_digest
from hub.store import Reader

PLANS: Final = 50
CREATE: Final = "create"
_WORDS: Final = {CREATE: "new record approved", "change": "change approved"}


def list_plans(reader: Reader) -> list[Doc]:
    """Return the newest plans somebody said yes to, newest first: their number, by whom, when, what they held and waited for."""
    return [
        {
            "plan": number,
            "by": parts[0].by,
            "at": instant(min(part.at for part in parts)),
            "parts": [
                {
                    "connection": part.connection,
                    "stream": part.stream,
                    "action": part.action,
                    "why": part.brake,
                    "records": part.records,
                    "lines": part.lines,
                }
                for part in parts
            ],
        }
        for number, found in groupby(reader.approved_plans(limit=PLANS), attrgetter("plan"))
        if (parts := list(found))
    ]


def yes_doc(approval: Approval) -> Doc:
    """Return a yes: whose, when, with which plan, and what had waited for it."""
    return {"plan": approval.plan, "by": approval.by, "at": instant(approval.at), "why": approval.brake}


def yes_to(approvals: Iterable[Approval], link: Link, path: str, value: Value, wrote_at: Micros) -> Doc | None:
    """Return the last yes on which this value was written to a field there; None where it went without one."""
    mine = [one for one in approvals if (one.link_id, one.path) == (link.id, path) and one.wanted == value]
    return _last(one for one in mine if one.at <= wrote_at)


def yes_to_create(approvals: Iterable[Approval], link: Link) -> Doc | None:
    """Return the last yes on which a record was made there; None where it was made without one, or is not ours."""
    if not link.by_hub:
        return None
    mine = [one for one in approvals if (one.connection, one.stream) == (link.connection, link.stream)]
    return _last(one for one in mine if one.action == CREATE and one.at <= link.linked_at)


def yes_waiting(approvals: Iterable[Approval], delivery: Delivery, lines: Iterable[Line]) -> Doc | None:
    """Return the last yes that what is still to be sent there has; `lines`: what that is, none for a new record."""
    if delivery.state is DeliveryState.ASKING:
        return None
    digests = {line_digest(line) for line in lines}
    mine = [one for one in approvals if is_of(delivery, one) and stands_on(delivery, one)]
    return _last(one for one in mine if delivery.link_id is None or one.digest in digests)


def is_of(delivery: Delivery, approval: Approval) -> bool:
    """Say whether a yes was given for that very record, or for a new one of that entity there."""
    where = (delivery.connection, delivery.stream, delivery.entity_id)
    if delivery.link_id is None:
        return not approval.link_id and where == (approval.connection, approval.stream, approval.entity_id)
    return delivery.link_id == approval.link_id


def stands_on(delivery: Delivery, approval: Approval) -> bool:
    """Say whether a delivery still has this yes: not taken back, and to nothing else."""
    path = WHOLE if approval.action == CREATE else approval.path
    return bool(delivery.approved.get(path) == approval.digest)


def _last(found: Iterable[Approval]) -> Doc | None:
    newest = max(found, key=attrgetter("plan"), default=None)
    return yes_doc(newest) if newest is not None else None


def tell_yeses(approvals: Iterable[Approval]) -> list[tuple[Micros, Doc]]:
    """Return what was said yes to, as entries of a history with their times (µs): plan by plan, record by record."""
    place = attrgetter("plan", "connection", "stream", "action")
    return [(found[0].at, _entry(found)) for _, group in groupby(sorted(approvals, key=place), place) if (found := list(group))]


def _entry(found: list[Approval]) -> Doc:
    one = found[0]
    is_delete = one.action == "change" and one.path == WHOLE
    return {
        "at": instant(one.at),
        "what": "delete approved" if is_delete else _WORDS.get(one.action, f"{one.action} approved"),
        "connection": one.connection,
        "by": one.by,
        "why": f"plan {one.plan}" + (f": {one.brake}" if one.brake else ""),
        "plan": one.plan,
        "changes": [{"field": each.path, "from": each.seen, "to": each.wanted, "counted": True} for each in found if each.path],
    }
