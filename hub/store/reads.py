"""Where reads stand: cursors, full windows, hints, webhook events, runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from hub.model.run import CursorRow, HintRow, Run
from hub.model.values import SECOND, Micros
from hub.store.db import Db
from hub.store.shape import Shape
from hub.store.tables import CursorTable, EventSeenRow, HintTable, RunRow, WindowSeenRow

_CURSOR: Final = Shape(CursorTable, CursorRow, flags=["full", "again"])
_HINT: Final = Shape(HintTable, HintRow)
_RUN: Final = Shape(RunRow, Run, json=["counts"])
_SIGHTINGS: Final = (  # walks the names of a stream: both tables lie in their order
    "SELECT l.external_id, l.state = 'live', l.linked_at, l.attempt_id IS NOT NULL, l.epoch,"
    " EXISTS (SELECT 1 FROM window_seen w WHERE w.connection = l.connection AND w.stream = l.stream"
    ' AND w."window" = {p} AND w.external_id = l.external_id) FROM link l'
    " WHERE l.connection = {p} AND l.stream = {p} AND l.external_id > {p} ORDER BY l.external_id LIMIT {p}"
)
_MET: Final = (
    'SELECT connection, stream, "window", external_id FROM window_seen WHERE connection = {p} AND stream = {p}'
    ' ORDER BY "window", external_id LIMIT {p}'
)
EVENTS_KEPT: Final[Micros] = 7 * 86_400 * SECOND


class Sighting(NamedTuple):
    """A link as a whole read leaves it. `is_seen`: the read showed its record; `is_fenced`: an attempt of ours is open there."""

    external_id: str
    is_live: bool
    linked_at: Micros
    is_fenced: bool
    epoch: int
    is_seen: bool


class ReadReads:
    """Look-ups of cursors, hints and runs."""

    _db: Db

    def cursors(self, connection: str | None = None) -> dict[tuple[str, str], CursorRow]:
        """Return (connection, stream) -> cursor, of one connection or of all."""
        where = "" if connection is None else "WHERE connection = {p}"
        sql = f"SELECT {_CURSOR.columns} FROM read_cursor {where} ORDER BY connection, stream"  # noqa: S608 - our own column names
        found = [_CURSOR.read(row) for row in self._db.rows(sql, *(() if connection is None else (connection,)))]
        return {(c.connection, c.stream): c for c in found}

    def cursor(self, connection: str, stream: str) -> CursorRow:
        """Return where a stream stands; a fresh one where it was never read."""
        return self.cursors(connection).get((connection, stream)) or CursorRow(connection, stream)

    def sightings(self, connection: str, stream: str, window: int, *, after: str, limit: int) -> list[Sighting]:
        """Return the next links of a stream by external id; whether a window has met them says much only once it is complete."""
        rows = self._db.rows(_SIGHTINGS, window, connection, stream, after, limit)
        return [Sighting(name, bool(live), at, bool(fenced), epoch, bool(seen)) for name, live, at, fenced, epoch, seen in rows]

    def live_count(self, connection: str, stream: str) -> int:
        """Return how many live links a stream has."""
        sql = "SELECT count(*) FROM link WHERE connection = {p} AND stream = {p} AND state = 'live'"
        return int(self._db.rows(sql, connection, stream)[0][0])

    def due_hints(self, connection: str, now: Micros, limit: int) -> list[HintRow]:
        """Return hints that may be fetched now, the longest waiting first."""
        where = "connection = {p} AND not_before <= {p} ORDER BY not_before, first_at, stream, external_id LIMIT {p}"
        sql = f"SELECT {_HINT.columns} FROM hint WHERE {where}"  # noqa: S608 - our own column names
        return [_HINT.read(row) for row in self._db.rows(sql, connection, now, limit)]

    def is_looked_for(self, connection: str, stream: str, reason: str) -> bool:
        """Say whether some record of a stream is to be fetched for this reason."""
        where = "connection = {p} AND stream = {p} AND reason = {p} LIMIT 1"
        return bool(self._db.rows(f"SELECT 1 FROM hint WHERE {where}", connection, stream, reason))  # noqa: S608 - our own words

    def hint_counts(self) -> dict[tuple[str, str], int]:
        """Return (connection, stream) -> number of hints."""
        rows = self._db.rows(
            "SELECT connection, stream, count(*) FROM hint GROUP BY connection, stream ORDER BY connection, stream"
        )
        return {(connection, stream): count for connection, stream, count in rows}

    def last_run(self, connection: str, stream: str) -> Run | None:
        """Return the newest run of a stream."""
        where = "connection = {p} AND stream = {p} ORDER BY id DESC LIMIT 1"
        rows = self._db.rows(f"SELECT {_RUN.columns} FROM run WHERE {where}", connection, stream)  # noqa: S608 - our own column names
        return _RUN.read(rows[0]) if rows else None

    def run(self, ident: int) -> Run | None:
        """Return a run by id; only the newest of each stream are kept."""
        rows = self._db.rows(f"SELECT {_RUN.columns} FROM run WHERE id = {{p}}", ident)  # noqa: S608 - our own column names
        return _RUN.read(rows[0]) if rows else None

    def last_reads(self) -> dict[tuple[str, str], Micros]:
        """Return when each stream was last read to its end without an error."""
        sql = "SELECT connection, stream, max(ended_at) FROM run WHERE error = '' GROUP BY 1, 2 ORDER BY 1, 2"
        return {(connection, stream): at for connection, stream, at in self._db.rows(sql)}

    def reads_begun(self) -> dict[tuple[str, str], Micros]:
        """Return when the last read of each stream that came to its end was begun: what changed before is known here."""
        sql = "SELECT connection, stream, max(started_at) FROM run WHERE error = '' GROUP BY 1, 2 ORDER BY 1, 2"
        return {(connection, stream): at for connection, stream, at in self._db.rows(sql)}

    def runs(self, connection: str | None = None, *, limit: int = 50) -> list[Run]:
        """Return the newest runs, newest first."""
        where = "" if connection is None else "WHERE connection = {p}"
        sql = f"SELECT {_RUN.columns} FROM run {where} ORDER BY id DESC LIMIT {{p}}"  # noqa: S608 - our own column names
        return [_RUN.read(row) for row in self._db.rows(sql, *(() if connection is None else (connection,)), limit)]


class Reads(ReadReads):
    """Cursors, hints and runs, written."""

    def save_cursor(self, cursor: CursorRow) -> None:
        """Move a cursor: in the transaction that stores the page it covers (Invariant 1)."""
        self._db.upsert(CursorTable, [_CURSOR.write(cursor)])

    def see_window(self, connection: str, stream: str, window: int, external_ids: Iterable[str]) -> None:
        """Note ids met by a full read."""
        self._db.insert_new(WindowSeenRow, [(connection, stream, window, external_id) for external_id in external_ids])

    def clear_window(self, connection: str, stream: str) -> None:
        """Forget what full reads of a stream have met."""
        self._db.run("DELETE FROM window_seen WHERE connection = {p} AND stream = {p}", connection, stream)

    def shrink_window(self, connection: str, stream: str, *, limit: int) -> int:
        """Forget some of what full reads of a stream have met; return how much."""
        met = self._db.rows(_MET, connection, stream, limit)
        self._db.delete(WindowSeenRow, met)
        return len(met)

    def add_hints(self, hints: Iterable[HintRow]) -> None:
        """Add hints; several about one record become one that keeps the earliest times and counts the news."""
        fresh: dict[tuple[str, str, str], HintRow] = {}
        for hint in hints:
            key = (hint.connection, hint.stream, hint.external_id)
            fresh[key] = _collapse(fresh[key], hint) if key in fresh else hint
        known = {(h.connection, h.stream, h.external_id): h for h in self._known(fresh)}
        joined = [_collapse(known[key], hint) if key in known else hint for key, hint in fresh.items()]
        self._db.upsert(HintTable, map(_HINT.write, joined))

    def _known(self, keys: Iterable[tuple[str, str, str]]) -> list[HintRow]:
        streams: dict[tuple[str, str], list[str]] = {}
        for connection, stream, external_id in keys:
            streams.setdefault((connection, stream), []).append(external_id)
        where = "connection = {p} AND stream = {p} AND external_id {texts} ORDER BY external_id"
        sql = f"SELECT {_HINT.columns} FROM hint WHERE {where}"  # noqa: S608 - our own column names
        return [_HINT.read(row) for (c, s), ids in streams.items() for row in self._db.rows(sql, c, s, ids)]

    def save_hints(self, hints: Iterable[HintRow]) -> None:
        """Put hints off (`not_before`, `tries`, `reason`). A hint with fresh news, or dropped meanwhile, stays as it is."""
        self._db.upsert(HintTable, map(_HINT.write, self._unmoved(hints)))

    def hasten_hints(self, connection: str, now: Micros) -> None:
        """Let hints that could not be fetched be due now."""
        where = "connection = {p} AND tries > 0 AND not_before > {p}"
        self._db.run(f"UPDATE hint SET not_before = {{p}} WHERE {where}", now, connection, now)  # noqa: S608 - our own words

    def drop_hints(self, hints: Iterable[HintRow]) -> None:
        """Forget hints as `due_hints` returned them. One with fresh news stays: its record may have changed after the fetch."""
        self._db.delete(HintTable, [(h.connection, h.stream, h.external_id) for h in self._unmoved(hints)])

    def _unmoved(self, hints: Iterable[HintRow]) -> list[HintRow]:
        given = {(h.connection, h.stream, h.external_id): h for h in hints}
        known = self._known(given)
        return [given[k] for h in known if given[k := (h.connection, h.stream, h.external_id)].news == h.news]

    def new_events(self, connection: str, event_ids: Sequence[str], now: Micros) -> set[str]:
        """Return which webhook events were never met, and remember them for seven days."""
        self._db.run("DELETE FROM event_seen WHERE at < {p}", now - EVENTS_KEPT)
        wanted = sorted(set(event_ids))
        sql = "SELECT event_id FROM event_seen WHERE connection = {p} AND event_id {texts} ORDER BY event_id"
        known = {row[0] for row in self._db.rows(sql, connection, wanted)} if wanted else set()
        fresh = [event_id for event_id in wanted if event_id not in known]
        self._db.insert_new(EventSeenRow, [(connection, event_id, now) for event_id in fresh])
        return set(fresh)

    def forget_runs(self, connection: str, stream: str, *, keep: int) -> None:
        """Drop all but the newest runs of a stream."""
        where = "connection = {p} AND stream = {p}"
        newest = f"SELECT id FROM run WHERE {where} ORDER BY id DESC LIMIT {{p}}"  # noqa: S608 - our own words
        sql = f"DELETE FROM run WHERE {where} AND id NOT IN ({newest})"  # noqa: S608 - our own words
        self._db.run(sql, connection, stream, connection, stream, keep)

    def save_run(self, run: Run) -> None:
        """Insert or replace a run by id."""
        self._db.upsert(RunRow, [_RUN.write(run)])


def _collapse(known: HintRow, hint: HintRow) -> HintRow:
    return HintRow(
        known.connection,
        known.stream,
        known.external_id,
        min(known.first_at, hint.first_at),
        min(known.not_before, hint.not_before),
        known.tries,
        known.reason,
        known.news + hint.news,
    )
