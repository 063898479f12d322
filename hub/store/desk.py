"""What waits or was set aside: parked records, dead letters, reviews; drift; modes and switches."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any, Final

import orjson

from hub.model.record import Drift, RawRecord, Source
from hub.model.review import Review, ReviewKind
from hub.model.run import ConnectionState, DeadLetter, DeadState, DriftCount, Mode, Waiting
from hub.model.values import Micros
from hub.model.webhooks import Hearing
from hub.store.db import Db, Row, columns
from hub.store.shape import Shape
from hub.store.tables import ConnectionRow, DeadLetterRow, DriftRow, FlagRow, ReviewRow, WaitingRow

_REVIEW: Final = Shape(ReviewRow, Review, enums={"kind": ReviewKind}, json=["detail"])
_DEAD: Final = Shape(DeadLetterRow, DeadLetter, enums={"state": DeadState})
_CONNECTION: Final = Shape(ConnectionRow, ConnectionState, enums={"mode": Mode}, json=["signs"])
_DRIFT: Final = Shape(DriftRow, DriftCount)
APART: Final = "keep apart"
"""The answer of a person who says that two are not the same."""
_HEARING: Final = "webhooks/"
_WAITING: Final = f"SELECT {columns(WaitingRow)} FROM waiting WHERE "  # noqa: S608 - our own column names
_REVIEWS: Final = f"SELECT {_REVIEW.columns} FROM review WHERE "  # noqa: S608 - our own column names
_DEADS: Final = f"SELECT {_DEAD.columns} FROM dead_letter WHERE "  # noqa: S608 - our own column names


def _waiting_row(w: Waiting) -> Row:
    raw = w.raw
    return (
        w.id, raw.connection, raw.stream, w.external_id, orjson.dumps(raw.payload), raw.seq, raw.sent_at, raw.received_at,
        raw.source.value, w.reason, w.waits_for, w.deadline, w.parked_at,
    )  # fmt: skip


def _waiting_of(row: Row) -> Waiting:
    ident, connection, stream, external_id, payload, seq, sent_at, received_at, source, reason, waits_for, deadline, parked_at = (
        row
    )
    raw = RawRecord(connection, stream, orjson.loads(payload), seq, sent_at, received_at, Source(source))
    return Waiting(ident, external_id, raw, reason, waits_for, deadline, parked_at)


class DeskReads:
    """Look-ups of what waits for something or somebody."""

    _db: Db

    def waiting(self, waits_for: Iterable[str]) -> list[Waiting]:
        """Return the records that wait for one of these, by id."""
        wanted = list(set(waits_for))
        return [_waiting_of(row) for row in self._db.rows(_WAITING + "waits_for {texts} ORDER BY id", wanted)] if wanted else []

    def waiting_past(self, connection: str, now: Micros, limit: int) -> list[Waiting]:
        """Return the records of a connection whose deadline is over, the oldest deadline first."""
        where = "connection = {p} AND deadline <= {p} ORDER BY deadline, id LIMIT {p}"
        return [_waiting_of(row) for row in self._db.rows(_WAITING + where, connection, now, limit)]

    def waiting_of(self, connection: str, stream: str, external_ids: Iterable[str]) -> dict[str, Waiting]:
        """Return external id -> what waits of that record."""
        where = "connection = {p} AND stream = {p} AND external_id {texts} ORDER BY id"
        rows = self._db.rows(_WAITING + where, connection, stream, list(external_ids))
        return {row[3]: _waiting_of(row) for row in rows}

    def reviews(self, *, resolved: bool = False, after: int = 0, limit: int = 1000) -> list[Review]:
        """Return open (or resolved) reviews, by id."""
        state = "IS NOT NULL" if resolved else "IS NULL"
        return self._reviews(f"resolved_at {state} AND id > {{p}} ORDER BY id LIMIT {{p}}", after, limit)

    def reviews_by_id(self, ids: Iterable[int]) -> dict[int, Review]:
        """Return reviews by id."""
        return {r.id: r for r in self._reviews("id {ints} ORDER BY id", list(set(ids)))}

    def reviews_about(self, abouts: Iterable[str]) -> list[Review]:
        """Return the open reviews about these."""
        wanted = list(set(abouts))
        return self._reviews("about {texts} AND resolved_at IS NULL ORDER BY id", wanted) if wanted else []

    def kept_apart(self, abouts: Iterable[str]) -> set[str]:
        """Return which of these match questions a person answered with "keep apart"."""
        wanted = list(set(abouts))
        where = "about {texts} AND kind = 'match' AND answer = {p} ORDER BY id"
        return {review.about for review in self._reviews(where, wanted, APART)} if wanted else set()

    def reviews_of(self, entity_ids: Iterable[int]) -> list[Review]:
        """Return all reviews of these entities, resolved ones too."""
        return self._reviews("entity_id {ints} ORDER BY id", list(set(entity_ids)))

    def _reviews(self, where: str, *params: Any) -> list[Review]:
        return [_REVIEW.read(row) for row in self._db.rows(_REVIEWS + where, *params)]

    def dead_letters(self, state: DeadState = DeadState.OPEN, *, after: int = 0, limit: int = 1000) -> list[DeadLetter]:
        """Return dead letters in one state, by id."""
        where = "state = {p} AND id > {p} ORDER BY id LIMIT {p}"
        return [_DEAD.read(row) for row in self._db.rows(_DEADS + where, state.value, after, limit)]

    def dead_letter_counts(self) -> dict[str, int]:
        """Return connection -> number of open dead letters."""
        sql = "SELECT connection, count(*) FROM dead_letter WHERE state = 'open' GROUP BY 1 ORDER BY 1"
        return dict(self._db.rows(sql))

    def questions_since(self, at: Micros) -> int:
        """Return how many open questions were asked before a time."""
        return int(self._db.rows("SELECT count(*) FROM review WHERE resolved_at IS NULL AND opened_at <= {p}", at)[0][0])

    def has_dead_letters(self) -> bool:
        """Say whether any dead letter is open."""
        return bool(self._db.rows("SELECT id FROM dead_letter WHERE state = 'open' LIMIT 1"))

    def dead_letters_by_id(self, ids: Iterable[int]) -> dict[int, DeadLetter]:
        """Return dead letters by id."""
        found = [_DEAD.read(row) for row in self._db.rows(_DEADS + "id {ints} ORDER BY id", list(set(ids)))]
        return {d.id: d for d in found}

    def dead_letters_of(self, connection: str, stream: str, external_ids: Iterable[str]) -> list[DeadLetter]:
        """Return the open dead letters of these records, by id."""
        where = "connection = {p} AND stream = {p} AND external_id {texts} AND state = 'open' ORDER BY id"
        return [_DEAD.read(row) for row in self._db.rows(_DEADS + where, connection, stream, list(external_ids))]

    def connections(self) -> dict[str, ConnectionState]:
        """Return what is kept of each connection ever seen."""
        rows = self._db.rows(f"SELECT {_CONNECTION.columns} FROM connection_state ORDER BY name")  # noqa: S608 - our own column names
        return {row[0]: _CONNECTION.read(row) for row in rows}

    def flags(self) -> dict[str, str]:
        """Return the switches that are set."""
        return dict(self._db.rows("SELECT name, value FROM flag ORDER BY name"))

    def hearings(self) -> dict[str, Hearing]:
        """Return what is known of the webhooks of each connection that has any."""
        rows = self._db.rows("SELECT name, value FROM flag WHERE name LIKE {p} ORDER BY name", f"{_HEARING}%")
        return {name.removeprefix(_HEARING): Hearing(**orjson.loads(value)) for name, value in rows}

    def drifts(self, connection: str | None = None) -> list[DriftCount]:
        """Return the counted surprises of one connection or of all."""
        where = "" if connection is None else "WHERE connection = {p}"
        sql = f"SELECT {_DRIFT.columns} FROM drift {where} ORDER BY connection, stream, path, kind"  # noqa: S608 - our own column names
        return [_DRIFT.read(row) for row in self._db.rows(sql, *(() if connection is None else (connection,)))]


class Desk(DeskReads):
    """What waits, written."""

    def park(self, waiting: Iterable[Waiting]) -> None:
        """Let records wait. What already waits of the same record is replaced unless its read was sent later."""
        latest: dict[tuple[str, str, str], Waiting] = {}
        for w in waiting:
            key = (w.raw.connection, w.raw.stream, w.external_id)
            if key not in latest or latest[key].raw.seq <= w.raw.seq:
                latest[key] = w
        streams: dict[tuple[str, str], list[str]] = {}
        for connection, stream, external_id in latest:
            streams.setdefault((connection, stream), []).append(external_id)
        known = {(c, s, i): w for (c, s), ids in streams.items() for i, w in self.waiting_of(c, s, ids).items()}
        kept = [w for key, w in latest.items() if key not in known or known[key].raw.seq <= w.raw.seq]
        self.unpark([known[key].id for w in kept if (key := (w.raw.connection, w.raw.stream, w.external_id)) in known])
        self._db.insert(WaitingRow, map(_waiting_row, kept))

    def unpark(self, ids: Iterable[int]) -> None:
        """Forget records that no longer wait."""
        self._db.delete(WaitingRow, [(ident,) for ident in ids])

    def open_reviews(self, reviews: Iterable[Review]) -> list[Review]:
        """Ask what is not open already, and never again whether those are one who are kept apart. Returns what was opened."""
        given = {(r.kind, r.about): r for r in reviews}
        known = {(r.kind, r.about) for r in self.reviews_about(about for _, about in given)}
        known |= {(ReviewKind.MATCH, about) for about in self.kept_apart([about for kind, about in given if kind == "match"])}
        fresh = [r for key, r in given.items() if key not in known]
        self._db.insert(ReviewRow, map(_REVIEW.write, fresh))
        return fresh

    def save_reviews(self, reviews: Iterable[Review]) -> None:
        """Insert or replace by id, for example with an answer."""
        self._db.upsert(ReviewRow, map(_REVIEW.write, reviews))

    def save_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        """Insert or replace by id."""
        self._db.upsert(DeadLetterRow, map(_DEAD.write, letters))

    def save_connection(self, state: ConnectionState) -> None:
        """Insert or replace by name."""
        self._db.upsert(ConnectionRow, [_CONNECTION.write(state)])

    def set_flag(self, name: str, value: str | None) -> None:
        """Set a switch, or lift it with None."""
        if value is None:
            self._db.delete(FlagRow, [(name,)])
        else:
            self._db.upsert(FlagRow, [(name, value)])

    def save_hearing(self, connection: str, hearing: Hearing) -> None:
        """Insert or replace what is known of a connection's webhooks."""
        self.set_flag(f"{_HEARING}{connection}", orjson.dumps(asdict(hearing)).decode())

    def count_drift(self, connection: str, drifts: Iterable[Drift], at: Micros) -> None:
        """Add to the counts of surprises."""
        counts: dict[tuple[str, str, str], int] = {}
        for d in drifts:
            key = (d.stream, d.path, d.kind.value)
            counts[key] = counts.get(key, 0) + 1
        if not counts:
            return
        known = {(d.stream, d.path, d.kind): d for d in self.drifts(connection)}
        rows = []
        for (stream, path, kind), count in counts.items():
            old = known.get((stream, path, kind))
            first, before = (old.first_at, old.count) if old else (at, 0)
            rows.append((connection, stream, path, kind, before + count, first, at))
        self._db.upsert(DriftRow, rows)
