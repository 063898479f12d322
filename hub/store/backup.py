"""Copies of a store, made while it is written to. A copy is one SQLite file whatever the store is, so that one check serves all.

In: the store's URL and a file. Out: a file that holds one committed state, readable by nobody but its owner; or a store that
holds what a file holds. Also the way from SQLite to PostgreSQL and back.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from hub.errors import ConfigError
from hub.store import schema
from hub.store.db import Db, Row, columns
from hub.store.kinds import ColumnKind, Stored
from hub.store.lease import AdvisoryLease
from hub.store.sqlite import SqliteDb
from hub.store.store import make_schema, open_database, sqlite_path

ROWS: Final = 5_000
"""Rows of one statement on the way from or to PostgreSQL."""
PAGES: Final = 4_096
"""Pages (of 4 KiB) between two words about how far it is."""
Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is (pages or rows)."""
COMPANIONS: Final = ("", "-wal", "-shm")
"""What SQLite keeps beside its file."""


def copy_store(url: str, target: Path, progress: Progress = lambda _done, _of: None) -> None:
    """Write one committed state of a store to a new file, beside its writer, which never waits. Raises ConfigError if it exists.

    The file appears under its name only once it is whole and on disk.
    """
    if target.exists():
        message = f"{target.name} is there already."
        raise ConfigError(message, fix="Name another file, or move that one away.")
    target.parent.mkdir(parents=True, exist_ok=True)
    draft = target.with_name(f"{target.name}.part")
    drop_files(draft)
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        source = sqlite_path(url)
        if source is not None:
            _copy_sqlite(source, draft, progress)
        else:
            _pour(url, f"sqlite:///{draft.absolute()}", progress)
        _keep(draft)
        draft.replace(target)
    finally:
        drop_files(draft)


def _copy_sqlite(source: Path, target: Path, progress: Progress) -> None:
    """Copy under one read transaction: SQLite would begin anew with every commit of another process otherwise."""
    if not source.exists():
        message = f"there is no store at {source}."
        raise ConfigError(message, fix="Start the hub once, or check `store:` in config.yaml.")
    with (
        closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30)) as there,
        closing(sqlite3.connect(target, isolation_level=None)) as here,
    ):
        there.execute("BEGIN")
        there.execute("SELECT count(*) FROM sqlite_master").fetchone()  # the state that is copied is this moment's
        there.backup(here, pages=PAGES, progress=lambda _status, left, of: progress(of - left, of))
        there.execute("ROLLBACK")


def pour_into(copy: Path, url: str, progress: Progress = lambda _done, _of: None) -> None:
    """Let a store hold what a file holds and nothing else, in one transaction of it. Its writer must have been stopped."""
    _pour(f"sqlite:///{copy.absolute()}", url, progress)


def _pour(source: str, target: str, progress: Progress) -> None:
    """Bring every row of one store into another, in one transaction on both sides."""
    there, here = open_database(source, read_only=True), open_database(target)
    try:
        schema.check(there)
        if sqlite_path(target) is None:
            AdvisoryLease(here)
        if schema.revision_of(here) is None:
            make_schema(target)
        there.begin_read()
        kinds = sorted(Stored.__subclasses__(), key=lambda row: row.table_.name)
        of = sum(int(there.rows(f'SELECT count(*) FROM "{row.table_.name}"')[0][0]) for row in kinds)  # noqa: S608 - our own names
        here.begin()
        done = 0
        for row in kinds:
            here.run(f'DELETE FROM "{row.table_.name}"')  # noqa: S608 - our own names
            for part in _parts(there, row):
                here.insert(row, part)
                done += len(part)
                progress(done, of)
        here.commit()
    finally:
        here.rollback()
        here.close()
        there.rollback()
        there.close()


def _parts(db: Db, row: type[Stored]) -> Iterator[list[Row]]:
    """Return a table's rows in parts, walking along its primary key."""
    table = row.table_
    keys = ", ".join(f'"{column.name}"' for column in table.keys)
    at = [position for position, column in enumerate(table.columns) if column.primary_key]
    flags = [position for position, column in enumerate(table.columns) if column.kind is ColumnKind.FLAG]
    head, last = f'SELECT {columns(row)} FROM "{table.name}"', None  # noqa: S608 - our own names
    while True:
        after = "" if last is None else f" WHERE ({keys}) > ({', '.join('{p}' for _ in at)})"
        part = db.rows(f"{head}{after} ORDER BY {keys} LIMIT {{p}}", *(last or ()), ROWS)
        if part:
            yield [_typed(each, flags) for each in part] if flags else part
        if len(part) < ROWS:
            return
        last = [part[-1][position] for position in at]


def _typed(row: Row, flags: list[int]) -> Row:
    """SQLite keeps booleans as numbers, which PostgreSQL does not take."""
    out: list[Any] = list(row)
    for position in flags:
        out[position] = bool(out[position])
    return tuple(out)


def _keep(path: Path) -> None:
    """Make a file stand for itself, and durable: what was in its write-ahead log is in it afterwards."""
    with closing(sqlite3.connect(path, isolation_level=None)) as copy:
        copy.execute("PRAGMA journal_mode=DELETE").fetchone()
    file = os.open(path, os.O_RDONLY)
    os.fsync(file)
    os.close(file)


def swap_in(copy: Path, store: Path, aside: Path) -> None:
    """Put a file in the place of a SQLite store, whose own files go to `aside`. Both are names of one folder."""
    for companion in COMPANIONS:
        old = store.with_name(store.name + companion)
        if old.exists():
            old.replace(aside.with_name(aside.name + companion))
    copy.replace(store)
    folder = os.open(store.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def drop_files(path: Path) -> None:
    """Remove a SQLite file and what SQLite keeps beside it."""
    for companion in (*COMPANIONS, "-journal"):
        path.with_name(path.name + companion).unlink(missing_ok=True)


def damage(path: Path) -> list[str]:
    """Return what SQLite itself finds wrong with a file; empty: nothing."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as file:
            found = [str(row[0]) for row in file.execute("PRAGMA integrity_check(20)")]
    except sqlite3.DatabaseError:
        return ["this is no store, or a damaged one"]
    return [] if found == ["ok"] else found


def open_file(path: Path) -> Db:
    """Open a copy for reading."""
    return SqliteDb(path, synchronous="FULL", read_only=True)
