"""How far a connection is trusted, and the switch for all writes."""

from __future__ import annotations

from hub.clock import instant
from hub.errors import UsageError
from hub.model.run import Mode
from hub.model.values import Doc
from hub.ops.office import Office
from hub.ops.plan import pages, settle_again
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.policies import FROM_THE_START, SETTLING
from hub.store import Unit

SENT_SHOWN = 50


def set_mode(office: Office, connection: str, mode: Mode) -> Doc:
    """Trust a connection more or less, then let every value be chosen again and plan what follows, in batches.

    Values of a connection that is only observed do not count anywhere, so going to or from `observe` may change any record.
    """

    def change(unit: Unit) -> Mode:
        states = unit.connections()
        if connection not in states:
            raise UsageError(f"There is no connection called `{connection}`.", fix="See `hub connection list`.")
        before, states[connection].mode = states[connection].mode, mode
        unit.save_connection(states[connection])
        unit.set_flag(SETTLING, FROM_THE_START)
        return before

    before = office.write(change)
    settled = finish_settling(office)
    sent = office.write(lambda unit: _sent(unit, connection))
    return {"connection": connection, "before": before.value, "mode": mode.value, "settled": settled, "sent": sent}


def _sent(unit: Unit, connection: str) -> list[Doc]:
    """List what was sent there last, so that a step back can be judged."""
    return [
        {
            "at": instant(attempt.started_at),
            "operation": attempt.operation,
            "entity": attempt.entity_type.value,
            "entity_id": attempt.entity_id,
            "fields": sorted(attempt.covers),
        }
        for attempt in unit.closed_attempts(connection, limit=SENT_SHOWN)
    ]


def finish_settling(office: Office) -> int:
    """Go on with what a change of mode or of policies asked for, also after a crash; return how many records were looked at."""
    done = 0
    while part := office.write(lambda unit: _settle_page(unit, office)):
        done += part
    office.wake()
    return done


def _settle_page(unit: Unit, office: Office) -> int:
    place = unit.flags().get(SETTLING)
    if place is None:
        return 0
    kind, _, last = place.partition("/")
    page = next(iter(pages(unit, (kind, int(last)))), [])
    if page:
        settle_again(unit, office.ground, [entity.id for entity in page], office.clock.now())
    unit.set_flag(SETTLING, f"{page[-1].type.value}/{page[-1].id}" if page else None)
    return len(page)


def switch_writes(office: Office, *, on: bool) -> Doc:
    """Stop all writes while reads go on, or let them go again. What is under way ends."""
    office.write(lambda unit: unit.set_flag(WRITES_STOPPED, None if on else "stopped"))
    office.wake()
    return {"writes": "on" if on else "stopped"}
