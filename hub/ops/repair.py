"""A plan of what an audit found: records are read and judged again, and what follows from that waits for a yes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub.errors import UsageError
from hub.model.delivery import DeliveryKind, DeliveryState
from hub.model.link import LinkKey
from hub.model.record import Gone, RawRecord
from hub.model.values import Doc
from hub.ops.office import Office
from hub.ops.plan import settle_again
from hub.pipeline import absorb
from hub.store import Unit

FOUND: Final = "found by an audit"
_ALL: Final = 1_000_000


def repair(office: Office, records: Sequence[Sequence[str]]) -> Doc:
    """Read records ((connection, stream, external id)) again and judge them; every change that follows anywhere waits for a yes.

    What a system had refused is tried again. Stock is counted as ever: its movements need no yes. Returns how many records were
    read and how many changes wait.
    """
    ground = office.ground
    groups: dict[tuple[str, str], list[str]] = {}
    for connection, stream, external_id in records:
        if (connection, stream) not in ground.tables:
            raise UsageError(f"Nothing reads `{connection}/{stream}`.", fix="See `hub connection list`.")
        if ground.carrier(connection, stream) == stream and external_id:
            groups.setdefault((connection, stream), []).append(external_id)
    read = waiting = 0
    for (connection, stream), ids in groups.items():
        for items in office.fetch(connection, stream, ids):
            waiting += office.write(lambda unit, items=items: _judge(unit, office, items))  # type: ignore[misc]
            read += len(items)
    office.wake()
    return {"read": read, "waiting": waiting}


def _judge(unit: Unit, office: Office, items: list[RawRecord | Gone]) -> int:
    """Judge records whatever was known of them, and let all that follows wait."""
    ground, now = office.ground, office.clock.now()
    tables = ground.tables
    keys = [
        LinkKey(item.connection, item.stream, item.external_id)
        if isinstance(item, Gone)
        else LinkKey(item.connection, item.stream, str(tables[item.connection, item.stream].identify(item.payload)))
        for item in items
    ]
    links = list(unit.links(keys).values())
    for link in links:
        link.digest = b""
        for claim in link.claims.values():
            claim.aside = claim.misses = 0
    unit.save_links(links)
    mark = unit.next_id("journal")
    absorb(unit, ground, items, now)
    touched = {link.entity_id for link in unit.links(keys).values()}
    settle_again(unit, ground, touched, now)
    touched |= {entry.entity_id for entry in unit.journal_after(mark, limit=_ALL)}
    return hold_back(unit, touched, FOUND)


def hold_back(unit: Unit, entity_ids: Iterable[int], why: str) -> int:
    """Let every open change of these records wait for a yes, with a reason; return how many there are."""
    held = [d for d in unit.deliveries_of(entity_ids) if not d.brake and d.kind is DeliveryKind.STATE]
    for delivery in held:
        delivery.brake, delivery.state, delivery.wait, delivery.aside = why, DeliveryState.ASKING, why, 0
    unit.save_deliveries(held)
    return len(held)
