"""Verbs on reads: read again; and the two verbs that answer everything at once."""

from __future__ import annotations

from collections.abc import Collection

from hub.errors import UsageError
from hub.model.link import LinkKey
from hub.model.review import ReviewKind
from hub.model.run import HintRow
from hub.model.values import Doc, Micros
from hub.ops import plan
from hub.ops.office import Office, Running
from hub.ops.restores import finish_looking, read_whole
from hub.ops.reviews import USUAL
from hub.ops.reviews import resolve as answer_review
from hub.runtime.hub import Hub
from hub.store import Unit
from hub.yamlfile import nearest


def resync_at(
    office: Office, connection: str, stream: str | None = None, external_id: str | None = None, since: Micros | None = None
) -> Doc:
    """Read a connection, one of its streams, or one record again; `since` (µs): only what changed from there on."""
    config = office.ground.config.connections
    if connection not in config:
        raise UsageError(f"There is no connection called `{connection}`.", fix=nearest(connection, config))
    streams = {name for owner, name in office.ground.tables if owner == connection}
    if stream is not None and stream not in streams:
        raise UsageError(f"`{connection}` has no stream `{stream}`.", fix=nearest(stream, streams))
    if stream is not None and external_id is not None:
        now = office.clock.now()
        hint = HintRow(connection, stream, external_id, now, now, reason="resync")
        office.write(lambda unit: _ask_for(unit, hint))
        office.wake()
        return {"connection": connection, "stream": stream, "external_id": external_id}
    wanted = {stream} if stream is not None else _whole(office, connection, streams)
    office.reread(connection, wanted, since)
    return {"connection": connection, "streams": sorted(wanted)}


def _ask_for(unit: Unit, hint: HintRow) -> None:
    """Fetch a record and compare it even if it is byte for byte what was compared before."""
    for link in unit.links([LinkKey(hint.connection, hint.stream, hint.external_id)]).values():
        link.digest = b""
        unit.save_links([link])
    unit.add_hints([hint])


def _whole(office: Office, connection: str, streams: set[str]) -> set[str]:
    """Leave out the parts of other streams: they come with the records they stand in."""
    parts = {part for (owner, _), table in office.ground.tables.items() if owner == connection for part in table.parts}
    return streams - parts


def resync(hub: Hub, connection: str, stream: str | None = None, external_id: str | None = None) -> None:
    """Read a connection, one of its streams, or one record again, in a running hub."""
    resync_at(Running(hub), connection, stream, external_id)


def approve_all(hub: Hub) -> int:
    """Say yes to every delivery that waits for one; return how many there were."""
    return plan.approve_all(Running(hub), "everything")


def resolve_all(hub: Hub, keep: Collection[ReviewKind] = ()) -> int:
    """Answer every open question but those of kinds in `keep` as most people would; return how many."""
    office = Running(hub)

    def answer(unit: Unit) -> list[Doc]:
        reviews = [review for review in unit.reviews() if review.kind not in keep]
        return [answer_review(unit, office, review, USUAL.get(review.kind, "yes")) for review in reviews]

    answered = office.write(answer)
    for done in answered:
        read_whole(office, done)
    finish_looking(office)
    hub.wake()
    return len(answered)
