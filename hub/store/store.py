"""The store: opening, the lease, write transactions."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from hub.errors import ConfigError, InvariantBroken, StoreLost
from hub.store import schema
from hub.store.db import Db
from hub.store.lease import AdvisoryLease, FileLease, check_fence, raise_fence
from hub.store.reader import Reader
from hub.store.sequence import BLOCK, Sequence
from hub.store.sqlite import SqliteDb
from hub.store.tables import CounterRow, LeaseRow
from hub.store.unit import SEQ, Unit

SYNCHRONOUS: Final = ("OFF", "NORMAL", "FULL", "EXTRA")
OnCommit = Callable[[str], None]


class Store:
    """The one writer of a store. Opened by `open_store`; not for two threads at once (see `hub.store.writer`)."""

    def __init__(self, url: str, db: Db, lease: FileLease | AdvisoryLease, on_commit: OnCommit | None) -> None:
        self.url = url
        self._db = db
        self._lease = lease
        self._on_commit = on_commit or (lambda _: None)
        self._counters: dict[str, int] = {}
        self._sequence: Sequence | None = None
        self._fencing = 0
        self._busy = False
        self._broken = False
        self._closed = False

    def migrate(self) -> None:
        """Bring the schema to this release's, in one transaction. Raises ConfigError where it is newer."""
        schema.check_not_newer(schema.revision_of(self._db))
        if schema.revision_of(self._db) != schema.REVISIONS[-1]:
            make_schema(self.url)
        self.check()

    def is_empty(self) -> bool:
        """Say whether nothing was ever put into this store: it has no schema yet."""
        return schema.revision_of(self._db) is None

    def check(self) -> None:
        """Make ready to write. Raises ConfigError unless the schema is exactly this release's."""
        if self._sequence is None:
            schema.check(self._db)
            self._load()

    def _load(self) -> None:
        """Take the next fencing number, read the counters, reserve the first sequence numbers."""
        self._db.begin()
        try:
            self._db.insert_new(LeaseRow, [(1, 0)])
            self._fencing = raise_fence(self._db)
            counters: dict[str, int] = dict(self._db.rows('SELECT kind, "next" FROM counter ORDER BY kind'))
            first = counters.pop(SEQ, 1)
            self._db.upsert(CounterRow, [(SEQ, first + BLOCK)])
            self._db.commit()
        except BaseException:
            self._db.rollback()
            raise
        self._counters = counters
        self._sequence = Sequence(first, first + BLOCK)

    def reserve_seqs(self, n: int = 1) -> int:
        """Return the first of `n` sequence numbers for reads about to be sent. From any thread; never waits for a commit."""
        return self._ready().take(n)

    def _ready(self) -> Sequence:
        if self._closed:
            raise InvariantBroken("this store is closed.")
        if self._broken:
            raise InvariantBroken("a commit of this store failed with unknown outcome.", fix="Open the store again.")
        if self._sequence is None:
            self.check()
        assert self._sequence is not None
        return self._sequence

    @contextmanager
    def unit(self) -> Iterator[Unit]:
        """One write transaction: leaving it commits, an exception rolls it back, ids and all.

        Raises ConfigError for a store of another schema, StoreBusy once another writer has taken the lease, InvariantBroken
        when a unit is open already.
        """
        sequence = self._ready()
        if self._busy:
            raise InvariantBroken("a unit is open already: one writer, one unit at a time.")
        self._busy = True
        try:
            self._db.begin()
            try:
                unit = Unit(self._db, self._counters, sequence.take)
                yield unit
                counters, end = self._finish(unit, sequence)
            except BaseException:
                self._db.rollback()
                raise
            self._commit()
            self._counters = counters
            if end is not None:
                sequence.reserved(end)
            self._on_commit("after")
            with suppress(StoreLost):  # it is committed; a store that is gone says so at its next use
                self._db.settle()
        finally:
            self._busy = False

    def _finish(self, unit: Unit, sequence: Sequence) -> tuple[dict[str, int], int | None]:
        """Write what the store itself keeps, and check that this is still the writer."""
        counters = unit.flush_counters()
        end = sequence.wanted_end()
        if end is not None:
            self._db.upsert(CounterRow, [(SEQ, end)])
        check_fence(self._db, self._fencing)
        self._on_commit("before")
        return counters, end

    def _commit(self) -> None:
        """Commit. Whether a commit that failed took place is unknown, so the store must be opened again after one."""
        try:
            self._db.commit()
        except BaseException:
            self._broken = True
            self._db.rollback()
            raise

    @property
    def broken(self) -> bool:
        """Say whether a commit failed with unknown outcome: the store must be opened again."""
        return self._broken

    def reader(self) -> Reader:
        """Open a reader of the same store on a connection of its own, for use by one other thread."""
        return open_reader(self.url)

    def close(self) -> None:
        """Give connection and lease back. An open unit is rolled back. Closing again does nothing."""
        if self._closed:
            return
        self._closed = True
        self._db.rollback()
        self._db.close()
        self._lease.release()


def open_store(url: str, *, synchronous: str = "FULL", on_commit: OnCommit | None = None) -> Store:
    """Open a store for writing: `sqlite:///relative.db`, `sqlite:////absolute.db` or `postgresql://...`.

    `synchronous`: FULL makes every commit durable; NORMAL may lose the last commits to a power cut (never to a crash of the
    process) on SQLite; OFF is for tests. `on_commit` is called with "before" and "after" around each commit of a unit.
    Raises StoreBusy where another writer holds it, ConfigError for a URL of another kind, Unavailable where no database answers.
    """
    if synchronous not in SYNCHRONOUS:
        message = f"synchronous is one of {', '.join(SYNCHRONOUS)}."
        raise ConfigError(message)
    path = sqlite_path(url)
    if path is not None:
        path = path.resolve()  # one file has one lease, whatever links lead to it
        path.parent.mkdir(parents=True, exist_ok=True)
        file_lease = FileLease(path)
        return Store(url, SqliteDb(path, synchronous=synchronous, read_only=False), file_lease, on_commit)
    db = _postgres(url, synchronous=synchronous, read_only=False)
    try:
        lease = AdvisoryLease(db)
    except BaseException:
        db.close()
        raise
    return Store(url, db, lease, on_commit)


def open_reader(url: str) -> Reader:
    """Open a store for reading beside its writer: no lease, nothing can be changed. Raises ConfigError on another schema."""
    path = sqlite_path(url)
    if path is not None and not path.exists():
        message = f"there is no store at {path}."
        raise ConfigError(message, fix="Start the hub once, or check `store:` in config.yaml.")
    db: Db = SqliteDb(path, synchronous="FULL", read_only=True) if path else _postgres(url, synchronous="FULL", read_only=True)
    try:
        schema.check(db)
    except BaseException:
        db.close()
        raise
    return Reader(db)


def sqlite_path(url: str) -> Path | None:
    """Return the file of a SQLite URL, None for PostgreSQL."""
    kind, _, rest = url.partition("://")
    if kind == "sqlite" and rest.startswith("/") and rest not in ("/", "/:memory:"):
        return Path(rest[1:])
    if kind in ("postgresql", "postgres", "postgresql+psycopg"):
        return None
    raise ConfigError("the store is given as sqlite:///path/to/file.db or postgresql://user@host/database.")


def make_schema(url: str) -> None:
    """Bring a store of any earlier schema, or an empty one, to this release's, in one transaction."""
    dialect, connect = _connector(url)
    schema.upgrade(connect, dialect)


def open_database(url: str, *, read_only: bool = False) -> Db:
    """Open a plain connection to a store, of any schema and without the lease: for copies of it."""
    path = sqlite_path(url)
    return (
        SqliteDb(path, synchronous="FULL", read_only=read_only)
        if path
        else _postgres(url, synchronous="FULL", read_only=read_only)
    )


def _postgres(url: str, *, synchronous: str, read_only: bool) -> Db:
    from hub.store.postgres import PostgresDb

    return PostgresDb(url, synchronous=synchronous, read_only=read_only)


def _connector(url: str) -> tuple[str, Callable[[], object]]:
    """Return SQLAlchemy's dialect name and a function that opens a plain connection."""
    path = sqlite_path(url)
    if path is not None:
        return "sqlite", lambda: sqlite3.connect(path, isolation_level=None, timeout=30)
    from hub.store.postgres import connect

    return "postgresql+psycopg", lambda: connect(url, autocommit=False)
