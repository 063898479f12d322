"""The spool: webhooks that were answered and are not in the store yet, in a small file of their own.

In: webhooks that were believed, from any thread; rows that the store has. Out: a promise, kept once the row is on the disk; the
rows themselves, those that an earlier process left first. Whatever waits is committed together by one thread. A row is deleted
after the store has it, so a kill at any moment loses none; one that is handed on twice is a hint twice, which costs a look.
No value of a record is in it: which record of which connection may have changed, and what its webhook is called.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import closing, suppress
from pathlib import Path
from typing import Final

import orjson

from hub.clock import Clock, Worker
from hub.events import Event, log
from hub.sdk.base import Hint
from hub.web.messages import Kept

IDLE_S: Final = 1.0
"""Rows that the store has are deleted with the next ones that come, or after so long."""
SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS spool (
  row INTEGER PRIMARY KEY, connection TEXT NOT NULL, hints TEXT NOT NULL, forwarded INTEGER NOT NULL
)
"""
_Fresh = tuple[Kept, str]
"""A webhook, and its hints as they are written."""


class Promise:
    """That some webhooks are on the disk."""

    def __init__(self) -> None:
        self._future: Future[None] = Future()

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call back once it is kept or broken; from the spool's thread, or at once."""
        self._future.add_done_callback(lambda _: callback())

    def result(self) -> None:
        """Wait for it; raise what broke it."""
        self._future.result()

    def settle(self, error: BaseException | None) -> None:
        """Keep it, or break it."""
        if error is None:
            self._future.set_result(None)
        else:
            self._future.set_exception(error)


class Spool:
    """One file. `hand_on` hears of rows once they are on the disk, in their order, and must not block."""

    def __init__(self, path: Path, synchronous: str, clock: Clock, hand_on: Callable[[Sequence[Kept]], None]) -> None:
        self._path, self._hand_on = path, hand_on
        self._db = _open(path, synchronous)
        self._lock = threading.Lock()
        self._wake = clock.signal()
        self._clock = clock
        self._fresh: list[_Fresh] = []
        self._promise = Promise()
        self._stored: list[int] = []
        self._stopping = False
        self._worker: Worker | None = None
        self._left = _rows(self._db)
        self._last = self._left[-1].row if self._left else 0
        self.waiting = len(self._left)
        """How many rows the store does not have yet."""

    def start(self) -> None:
        """Hand on what an earlier process left, then whatever comes."""
        if self._left:
            log().info(Event.RECEIVE_WEBHOOKS_FOUND, count=len(self._left))
            self._hand_on(self._left)
            self._left = []
        self._worker = self._clock.start("spool", self._run)

    def put(self, connection: str, hints: Sequence[Hint], *, forwarded: bool) -> Promise:
        """Take a webhook in."""
        written = orjson.dumps([(hint.stream, hint.external_id, hint.event_id) for hint in hints]).decode()
        with self._lock:
            self._last += 1
            self._fresh.append((Kept(self._last, connection, hints, forwarded), written))
            self.waiting += 1
            promise = self._promise
        self._wake.set()
        return promise

    def forget(self, rows: Sequence[int]) -> None:
        """Take note that the store has these rows."""
        with self._lock:
            self._stored += rows
            self.waiting -= len(rows)

    def stop(self, timeout_s: float) -> None:
        """Commit what waits, then end."""
        self._stopping = True
        self._wake.set()
        if self._worker is not None:
            self._worker.join(timeout_s)

    def _run(self) -> None:
        with closing(self._db):
            while not self._stopping:
                self._wake.wait(IDLE_S)
                self._wake.clear()
                self._commit()
            self._commit()

    def _commit(self) -> None:
        with self._lock:
            fresh, self._fresh = self._fresh, []
            stored, self._stored = self._stored, []
            promise, self._promise = self._promise, Promise()
        if not fresh and not stored:
            return
        try:
            self._write(fresh, stored)
        except Exception as error:  # noqa: BLE001 - a full disk, for one: whoever sent them comes again
            with self._lock:
                self._stored += stored
                self.waiting -= len(fresh)
            promise.settle(error)
        else:
            promise.settle(None)
            if fresh:
                self._hand_on([kept for kept, _ in fresh])

    def _write(self, fresh: Sequence[_Fresh], stored: Sequence[int]) -> None:
        db = self._db
        db.execute("BEGIN IMMEDIATE")
        try:
            rows = [(kept.row, kept.connection, written, int(kept.forwarded)) for kept, written in fresh]
            db.executemany("INSERT INTO spool (row, connection, hints, forwarded) VALUES (?, ?, ?, ?)", rows)
            db.executemany("DELETE FROM spool WHERE row = ?", [(row,) for row in stored])
            db.execute("COMMIT")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise


def _open(path: Path, synchronous: str) -> sqlite3.Connection:
    """Open the file, which only its owner may read. One that is no spool is put aside: polls find what it would have told."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    try:
        return _connect(path, synchronous)
    except sqlite3.DatabaseError as error:
        if isinstance(error, sqlite3.OperationalError):
            raise  # its disk, or another process: not the file
        log().error(Event.RECEIVE_SPOOL_BROKEN, exc_info=error)
        for tail in ("", "-wal"):  # a log that lies beside a new file would be played into it
            with suppress(FileNotFoundError):
                Path(f"{path}{tail}").replace(f"{path}.broken{tail}")
        return _open(path, synchronous)


def _connect(path: Path, synchronous: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=10)
    try:
        # with the lock for itself no other process can have it open, and no shared memory is needed
        for pragma in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", f"synchronous={synchronous}"):
            db.execute(f"PRAGMA {pragma}")
        db.execute(SCHEMA)
        _rows(db)
    except BaseException:
        db.close()
        raise
    return db


def _rows(db: sqlite3.Connection) -> list[Kept]:
    found = db.execute("SELECT row, connection, hints, forwarded FROM spool ORDER BY row")
    return [Kept(row, name, [Hint(*one) for one in orjson.loads(hints)], bool(proxy)) for row, name, hints, proxy in found]
