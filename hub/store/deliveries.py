"""Deliveries and their attempts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from hub.model.delivery import Attempt, AttemptState, Cover, Delivery, DeliveryKind, DeliveryState
from hub.model.record import EntityType
from hub.model.values import Micros
from hub.store.db import Db
from hub.store.shape import Shape
from hub.store.tables import AttemptRow, DeliveryRow


def _covers(data: dict[str, Any]) -> dict[str, Cover]:
    return {path: Cover(**cover) for path, cover in data.items()}


_DELIVERY: Final = Shape(
    DeliveryRow,
    Delivery,
    enums={"kind": DeliveryKind, "entity_type": EntityType, "state": DeliveryState},
    json=["left_out", "approved", "act"],
)
_ATTEMPT: Final = Shape(
    AttemptRow,
    Attempt,
    enums={"kind": DeliveryKind, "entity_type": EntityType, "state": AttemptState},
    json=["calls", "change", "covers"],
    rebuild={"covers": _covers},
)
_DELIVERIES: Final = f"SELECT {_DELIVERY.columns} FROM delivery WHERE "  # noqa: S608 - our own column names
_ATTEMPTS: Final = f"SELECT {_ATTEMPT.columns} FROM attempt WHERE "  # noqa: S608 - our own column names


class AttemptAge(NamedTuple):
    """How old an attempt is, and what may still need it (times in µs)."""

    id: int
    state: AttemptState
    link_id: int | None
    started_at: Micros
    ended_at: Micros


class DeliveryReads:
    """Look-ups of deliveries and attempts."""

    _db: Db

    def _deliveries(self, where: str, *params: Any) -> list[Delivery]:
        return [_DELIVERY.read(row) for row in self._db.rows(_DELIVERIES + where, *params)]

    def _attempts(self, where: str, *params: Any) -> list[Attempt]:
        return [_ATTEMPT.read(row) for row in self._db.rows(_ATTEMPTS + where, *params)]

    def deliveries(self, *, link_ids: Iterable[int]) -> dict[int, Delivery]:
        """Return link id -> its open delivery."""
        wanted = list(set(link_ids))
        found = self._deliveries("link_id {ints} ORDER BY link_id", wanted) if wanted else []
        return {d.link_id: d for d in found if d.link_id is not None}

    def deliveries_by_id(self, ids: Iterable[int]) -> dict[int, Delivery]:
        """Return deliveries by id."""
        wanted = list(set(ids))
        return {d.id: d for d in self._deliveries("id {ints} ORDER BY id", wanted)} if wanted else {}

    def create_deliveries(self, entity_ids: Iterable[int]) -> list[Delivery]:
        """Return the deliveries of these entities that have no link yet."""
        wanted = list(set(entity_ids))
        return self._deliveries("entity_id {ints} AND link_id IS NULL ORDER BY id", wanted) if wanted else []

    def deliveries_of(self, entity_ids: Iterable[int]) -> list[Delivery]:
        """Return all open deliveries of these entities."""
        wanted = list(set(entity_ids))
        return self._deliveries("entity_id {ints} ORDER BY id", wanted) if wanted else []

    def due(self, connection: str, now: Micros, limit: int) -> list[Delivery]:
        """Return deliveries that may be tried now, the one with the oldest change first; none of those that are set aside."""
        found: list[Delivery] = []
        for state in (DeliveryState.DUE, DeliveryState.WAITING):
            where = "connection = {p} AND state = {p} AND aside = 0 AND not_before <= {p} ORDER BY since, id LIMIT {p}"
            found += self._deliveries(where, connection, state.value, now, limit)
        found.sort(key=lambda d: (d.since, d.id))
        return found[:limit]

    def braked(self, connection: str, since: Micros) -> dict[tuple[str, str], int]:
        """Return (stream, about) -> how many prices or deletes are open and not braked yet, or were tried since a time.

        Only those of which any is open; one whose brake a person released counts no more.
        """
        sql = (
            "SELECT stream, about, count(*), (SELECT count(*) FROM attempt a WHERE a.connection = {p} AND a.stream = d.stream "
            "AND a.about = d.about AND a.started_at > {p}) FROM delivery d WHERE connection = {p} AND about <> '' AND brake = '' "
            "GROUP BY stream, about ORDER BY stream, about"
        )
        rows = self._db.rows(sql, connection, since, connection)
        return {(stream, about): waiting + tried for stream, about, waiting, tried in rows}

    def deliveries_about(self, connection: str, stream: str, about: str) -> list[Delivery]:
        """Return the open, not yet braked deliveries of a stream about prices or deletes."""
        where = "connection = {p} AND stream = {p} AND about = {p} AND brake = '' ORDER BY id"
        return self._deliveries(where, connection, stream, about)

    def next_due(self, connection: str, now: Micros) -> Micros | None:
        """Return when a hint or a delivery of a connection comes due next, after `now`."""
        sql = (
            "SELECT min(at) FROM (SELECT min(not_before) AS at FROM hint WHERE connection = {p} AND not_before > {p} UNION ALL "
            "SELECT min(not_before) FROM delivery WHERE connection = {p} AND state IN ('due', 'waiting') AND not_before > {p}) t"
        )
        found: Micros | None = next(iter(self._db.rows(sql, connection, now, connection, now)))[0]
        return found

    def asking(self, connection: str | None = None, *, after: int = 0, limit: int = 1000) -> list[Delivery]:
        """Return deliveries that wait for a yes, by id."""
        if connection is None:
            return self._deliveries("state = 'asking' AND id > {p} ORDER BY id LIMIT {p}", after, limit)
        where = "connection = {p} AND state = 'asking' AND id > {p} ORDER BY id LIMIT {p}"
        return self._deliveries(where, connection, after, limit)

    def open_deliveries(self, *, limit: int = 1000) -> list[Delivery]:
        """Return deliveries that are not done yet, oldest first."""
        return self._deliveries("TRUE ORDER BY since, id LIMIT {p}", limit)

    def delivery_counts(self) -> dict[tuple[str, DeliveryState], int]:
        """Return (connection, state) -> number of deliveries."""
        rows = self._db.rows("SELECT connection, state, count(*) FROM delivery GROUP BY 1, 2 ORDER BY 1, 2")
        return {(connection, DeliveryState(state)): count for connection, state, count in rows}

    def brakes_asking(self) -> dict[tuple[str, str], int]:
        """Return (connection, brake) -> how many changes it holds back until a person says yes."""
        where = "state = 'asking' AND brake <> '' GROUP BY 1, 2 ORDER BY 1, 2"
        sql = f"SELECT connection, brake, count(*) FROM delivery WHERE {where}"  # noqa: S608 - our own text
        return {(connection, brake): count for connection, brake, count in self._db.rows(sql)}

    def oldest_due(self) -> dict[str, Micros]:
        """Return connection -> time of the oldest change that is due or waits, not set aside. Lag is measured from there."""
        where = "state <> 'asking' AND aside = 0 GROUP BY 1 ORDER BY 1"
        rows = self._db.rows(f"SELECT connection, min(since) FROM delivery WHERE {where}")  # noqa: S608 - our own text
        return dict(rows)

    def oldest_unsent(self) -> dict[tuple[str, str], Micros]:
        """Return (connection, stream) -> time of the oldest change that is due or waits, not set aside."""
        where = "state <> 'asking' AND aside = 0 GROUP BY 1, 2 ORDER BY 1, 2"
        rows = self._db.rows(f"SELECT connection, stream, min(since) FROM delivery WHERE {where}")  # noqa: S608 - our own text
        return {(connection, stream): since for connection, stream, since in rows}

    def attempts(self, ids: Iterable[int]) -> dict[int, Attempt]:
        """Return attempts by id."""
        wanted = list(set(ids))
        return {a.id: a for a in self._attempts("id {ints} ORDER BY id", wanted)} if wanted else {}

    def open_attempts(self, connection: str | None = None) -> list[Attempt]:
        """Return every attempt that is not closed, by id."""
        if connection is None:
            return self._attempts("state <> 'closed' ORDER BY id")
        return self._attempts("state <> 'closed' AND connection = {p} ORDER BY id", connection)

    def open_creates(self) -> list[Attempt]:
        """Return every create that is not closed, by id."""
        return self._attempts("state <> 'closed' AND operation = 'create' ORDER BY id")

    def closed_attempts(self, connection: str, *, limit: int) -> list[Attempt]:
        """Return the newest attempts of a connection whose result was seen, newest first."""
        return self._attempts("state = 'closed' AND connection = {p} ORDER BY id DESC LIMIT {p}", connection, limit)

    def attempts_of(self, *, link_id: int | None = None, entity_id: int | None = None, limit: int = 100) -> list[Attempt]:
        """Return the newest attempts of a link or of an entity, oldest first."""
        name, ident = ("link_id", link_id) if link_id is not None else ("entity_id", entity_id)
        return self._attempts(f"{name} = {{p}} ORDER BY id DESC LIMIT {{p}}", ident, limit)[::-1]

    def attempts_after(self, after: int, *, limit: int) -> list[AttemptAge]:
        """Return the next attempts by id, open ones too, without what they carried."""
        sql = "SELECT id, state, link_id, started_at, ended_at FROM attempt WHERE id > {p} ORDER BY id LIMIT {p}"
        return [AttemptAge(ident, AttemptState(state), *rest) for ident, state, *rest in self._db.rows(sql, after, limit)]

    def attempts_since(self, entity_ids: Iterable[int], since: Micros) -> list[Attempt]:
        """Return what was tried for these entities since a time, by id."""
        wanted = list(set(entity_ids))
        return self._attempts("entity_id {ints} AND started_at >= {p} ORDER BY id", wanted, since) if wanted else []


class Deliveries(DeliveryReads):
    """Deliveries and attempts, written."""

    def save_deliveries(self, deliveries: Iterable[Delivery]) -> None:
        """Insert or replace by id. Two deliveries of one link are a bug and are refused by the table."""
        self._db.upsert(DeliveryRow, map(_DELIVERY.write, deliveries))

    def delete_deliveries(self, ids: Iterable[int]) -> None:
        """Forget deliveries that are done."""
        self._db.delete(DeliveryRow, [(ident,) for ident in ids])

    def save_attempts(self, attempts: Iterable[Attempt]) -> None:
        """Insert or replace by id."""
        self._db.upsert(AttemptRow, map(_ATTEMPT.write, attempts))

    def hasten(self, connection: str, wait: str, now: Micros) -> None:
        """Let what waits there for this reason be due now."""
        where = "connection = {p} AND state = 'waiting' AND wait = {p} AND not_before > {p}"
        self._db.run(f"UPDATE delivery SET not_before = {{p}} WHERE {where}", now, connection, wait, now)  # noqa: S608 - our own words

    def delete_attempts(self, ids: Iterable[int]) -> None:
        """Forget attempts. Whether anything needs them is for the caller to know: see `hub.runtime.retention`."""
        self._db.delete(AttemptRow, [(ident,) for ident in ids])
