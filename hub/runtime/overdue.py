"""Every wait has a deadline: what a record waits for is fetched by id once, then the record is set aside (DESIGN section 6)."""

from __future__ import annotations

import orjson

from hub.model.run import DeadLetter, HintRow, Waiting
from hub.model.values import SECOND, Micros
from hub.store.unit import Unit

ASKED = " (asked for)"
AGAIN: Micros = 600 * SECOND


def overdue(unit: Unit, connection: str, now: Micros, limit: int) -> None:
    """Work off the records of a connection whose wait is over."""
    late = unit.waiting_past(connection, now, limit)
    if not late:
        return
    unit.unpark([waiting.id for waiting in late])
    hints, letters = [], []
    for waiting in late:
        if waiting.reason.endswith(ASKED):  # Rule 6.27
            letters.append(_letter(unit.next_id("dead"), waiting, now))
            continue
        owner, stream, external_id = waiting.waits_for.split("/", 2)
        hints.append(HintRow(owner, stream, external_id, now, now, reason="waited for"))
        waiting.reason, waiting.deadline = waiting.reason + ASKED, now + AGAIN
        unit.park([waiting])
    unit.add_hints(hints)
    unit.save_dead_letters(letters)


def _letter(ident: int, waiting: Waiting, now: Micros) -> DeadLetter:
    raw, reason = waiting.raw, waiting.reason.removesuffix(ASKED)
    fix = "Read the stream it refers to again."
    body = orjson.dumps(raw.payload)
    return DeadLetter(ident, "never_came", reason, raw.connection, raw.stream, waiting.external_id, body, now, suggestion=fix)
