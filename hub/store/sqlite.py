"""SQLite: the embedded store."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final

import orjson

from hub.errors import StoreLost
from hub.store.db import BEGINS_ANEW, Db, Row, head, refused, tail
from hub.store.kinds import Table

MMAP_BYTES: Final = 1 << 27
"""Mapped pages count as memory of the process: this keeps the daemon's size flat however large the store grows."""
WAL_PAGES: Final = 16_384
"""With SQLite's own 1000 nearly every batch pays a checkpoint."""


LOST: Final = {
    sqlite3.SQLITE_FULL: "The disk of the store is full.",
    sqlite3.SQLITE_IOERR: "The disk of the store fails.",
    sqlite3.SQLITE_CANTOPEN: "The file of the store cannot be opened.",
    sqlite3.SQLITE_BUSY: "Another program keeps the store locked.",
}
"""What SQLite calls that the statement is not to blame for. After FULL and IOERR the whole transaction may be gone."""


class _Told:
    """Raises StoreLost for what the file, its disk or another program's lock is to blame for, not the statement."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, sqlite3.OperationalError):
            text = LOST.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
            if text is not None:
                raise StoreLost(text, fix=BEGINS_ANEW) from None


_told: Final = _Told()


class SqliteDb(Db):
    """SQLite in WAL mode: readers never wait for the writer."""

    marks = {  # noqa: RUF012 - a constant of the dialect
        "{p}": "?",
        "{texts}": "IN (SELECT value FROM json_each(?))",
        "{ints}": "IN (SELECT value FROM json_each(?))",
        "{false}": "0",
        "{lock}": "",
    }

    def __init__(self, path: Path, *, synchronous: str, read_only: bool) -> None:
        super().__init__()
        if not read_only:
            _keep_private(path)
        mode = "rw" if read_only else "rwc"
        uri = f"{path.absolute().as_uri()}?mode={mode}"
        with _told:
            self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        self.script(f"PRAGMA mmap_size={MMAP_BYTES}")
        if read_only:
            self.script("PRAGMA query_only=1")
            return
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", f"wal_autocheckpoint={WAL_PAGES}", "cache_size=-65536"):
            self.script(f"PRAGMA {pragma}")

    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Run a query."""
        with _told:
            return self._connection.execute(self.text(sql), _flat(params)).fetchall()

    def run(self, sql: str, *params: Any) -> int:
        """Run a statement."""
        with _told:
            return self._connection.execute(self.text(sql), _flat(params)).rowcount

    def bulk(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        """Run one statement for many rows."""
        sql = self._bulk.get((verb, table.name))
        if sql is None:
            sql = self._bulk[verb, table.name] = self._bulk_text(verb, table)
        try:
            with _told:
                self._connection.executemany(sql, rows)
        except sqlite3.IntegrityError:
            raise refused(table) from None

    @staticmethod
    def _bulk_text(verb: str, table: Table) -> str:
        if verb == "delete":
            where = " AND ".join(f'"{c.name}" = ?' for c in table.keys)
            return f'DELETE FROM "{table.name}" WHERE {where}'  # noqa: S608 - names of our own tables
        marks = ", ".join("?" for _ in table.columns)
        return f"{head(table)} VALUES ({marks}){tail(verb, table)}"

    def script(self, sql: str) -> None:
        """Run one statement without parameters."""
        with _told:
            self._connection.execute(sql).close()

    def begin(self) -> None:
        """Take the write lock at once, so that no unit fails half-way."""
        self.script("BEGIN IMMEDIATE")

    def begin_read(self) -> None:
        """Begin; the first question fixes the state."""
        self.script("BEGIN")

    def settle(self) -> None:
        """Nothing to do: the plans need no statistics."""

    def rollback(self) -> None:
        """Forget the open transaction, if any."""
        if self._connection.in_transaction:
            self.script("ROLLBACK")

    def has_table(self, name: str) -> bool:
        """Say whether a table is there."""
        return bool(self.rows("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = {p}", name))

    def close(self) -> None:
        """Close."""
        self._connection.close()


def _flat(params: Sequence[Any]) -> list[Any]:
    return [orjson.dumps(p).decode() if type(p) is list else p for p in params]


def _keep_private(path: Path) -> None:
    """Let nobody else read the store: it holds people. SQLite gives the files beside it the rights of the file itself."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    for file in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        with suppress(OSError):  # not there, or somebody else's: then its owner has decided
            if file.stat().st_mode & 0o077:
                file.chmod(0o600)
