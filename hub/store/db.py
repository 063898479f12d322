"""One DBAPI connection and the two dialects: set-based look-ups, bulk writes, transactions.

Statements are written once, with marks that each dialect fills in: `{p}` a parameter, `{texts}` / `{ints}` membership in a list
given as one parameter. Rows go in and come out as plain tuples in the order of the table's columns: no ORM on the hot path.
"""

from __future__ import annotations

import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import orjson
import psycopg
from sqlalchemy import Boolean, Column, Integer, LargeBinary, Table
from sqlmodel import SQLModel

from hub.store.tables import table_of

Row = tuple[Any, ...]
MMAP_BYTES: Final = 1 << 30
WAL_PAGES: Final = 16_384
"""With SQLite's own 1000 nearly every batch pays a checkpoint."""


def names(row: type[SQLModel]) -> tuple[str, ...]:
    """Return the column names of a table in their order."""
    return tuple(c.name for c in table_of(row).columns)


def columns(row: type[SQLModel], alias: str = "") -> str:
    """Return the column list of a SELECT."""
    return ", ".join(f'{alias}."{n}"' if alias else f'"{n}"' for n in names(row))


class Db(ABC):
    """What the repositories speak to."""

    marks: ClassVar[dict[str, str]]

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._bulk: dict[tuple[str, str], str] = {}

    def text(self, sql: str) -> str:
        """Fill in the marks of this dialect."""
        filled = self._texts.get(sql)
        if filled is None:
            filled = sql
            for mark, meaning in self.marks.items():
                filled = filled.replace(mark, meaning)
            self._texts[sql] = filled
        return filled

    @abstractmethod
    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Run a query; a list parameter belongs to `{texts}` or `{ints}`."""

    @abstractmethod
    def run(self, sql: str, *params: Any) -> int:
        """Run a statement; return how many rows it touched."""

    @abstractmethod
    def bulk(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        """Run `insert`, `upsert`, `ignore` (insert what is new) with whole rows, or `delete` with primary keys."""

    @abstractmethod
    def script(self, sql: str) -> None:
        """Run statements without parameters, one after the other."""

    @abstractmethod
    def has_table(self, name: str) -> bool:
        """Say whether a table is there."""

    @abstractmethod
    def close(self) -> None:
        """Give the connection back."""

    def begin(self) -> None:
        """Open a write transaction."""
        self.script("BEGIN")

    @abstractmethod
    def begin_read(self) -> None:
        """Open a transaction in which every question sees the same state."""

    @abstractmethod
    def settle(self) -> None:
        """Do what is due after a commit, outside of any transaction."""

    def commit(self) -> None:
        """Make it durable."""
        self.script("COMMIT")

    def rollback(self) -> None:
        """Forget it; does nothing where no transaction is open."""
        self.script("ROLLBACK")

    def upsert(self, row: type[SQLModel], rows: Iterable[Row]) -> None:
        """Insert or replace by primary key. Of two rows with one key the later one stays."""
        table = table_of(row)
        where = [i for i, c in enumerate(table.columns) if c.primary_key]
        if len(where) == 1:
            at = where[0]
            unique = {r[at]: r for r in rows}
        else:
            unique = {tuple(r[i] for i in where): r for r in rows}
        if unique:
            self.bulk("upsert", table, list(unique.values()))

    def insert(self, row: type[SQLModel], rows: Iterable[Row]) -> None:
        """Insert; a key that is there already is a bug."""
        if given := list(rows):
            self.bulk("insert", table_of(row), given)

    def insert_new(self, row: type[SQLModel], rows: Iterable[Row]) -> None:
        """Insert what clashes with nothing; leave the rest as it stands."""
        if given := list(rows):
            self.bulk("ignore", table_of(row), given)

    def delete(self, row: type[SQLModel], keys: Iterable[Row]) -> None:
        """Delete by primary key (in the order of the columns)."""
        if given := list(keys):
            self.bulk("delete", table_of(row), given)


def _tail(verb: str, table: Table) -> str:
    if verb == "ignore":
        return " ON CONFLICT DO NOTHING"
    if verb == "insert":
        return ""
    keys = ", ".join(f'"{c.name}"' for c in table.primary_key.columns)
    values = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in table.columns if not c.primary_key)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {values}" if values else f" ON CONFLICT ({keys}) DO NOTHING"


def _head(table: Table) -> str:
    quoted = ", ".join(f'"{c.name}"' for c in table.columns)
    return f'INSERT INTO "{table.name}" ({quoted})'


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
        mode = "rw" if read_only else "rwc"
        uri = f"{path.absolute().as_uri()}?mode={mode}"
        self._connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=30)
        self.script(f"PRAGMA mmap_size={MMAP_BYTES}")
        if read_only:
            self.script("PRAGMA query_only=1")
            return
        for pragma in ("journal_mode=WAL", f"synchronous={synchronous}", f"wal_autocheckpoint={WAL_PAGES}", "cache_size=-65536"):
            self.script(f"PRAGMA {pragma}")

    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Run a query."""
        return self._connection.execute(self.text(sql), _flat(params)).fetchall()

    def run(self, sql: str, *params: Any) -> int:
        """Run a statement."""
        return self._connection.execute(self.text(sql), _flat(params)).rowcount

    def bulk(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        """Run one statement for many rows."""
        sql = self._bulk.get((verb, table.name))
        if sql is None:
            sql = self._bulk[verb, table.name] = self._bulk_text(verb, table)
        self._connection.executemany(sql, rows)

    @staticmethod
    def _bulk_text(verb: str, table: Table) -> str:
        if verb == "delete":
            where = " AND ".join(f'"{c.name}" = ?' for c in table.primary_key.columns)
            return f'DELETE FROM "{table.name}" WHERE {where}'  # noqa: S608 - names of our own tables
        marks = ", ".join("?" for _ in table.columns)
        return f"{_head(table)} VALUES ({marks}){_tail(verb, table)}"

    def script(self, sql: str) -> None:
        """Run one statement without parameters."""
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


class PostgresDb(Db):
    """PostgreSQL through psycopg 3: bulk writes are one INSERT from unnested arrays."""

    marks = {  # noqa: RUF012 - a constant of the dialect
        "{p}": "%s",
        "{texts}": "= ANY(%s::text[])",
        "{ints}": "= ANY(%s::bigint[])",
        "{false}": "false",
        "{lock}": "FOR SHARE",
    }

    def __init__(self, url: str, *, synchronous: str, read_only: bool) -> None:
        super().__init__()
        self._connection = psycopg.connect(url, autocommit=True)
        self._cursor = self._connection.cursor(binary=True)
        self._written = 0
        self._analyse_at = 2_000
        if read_only:
            self.script("SET default_transaction_read_only = on")
        if synchronous == "OFF":
            self.script("SET synchronous_commit = off")

    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Run a query."""
        return self._cursor.execute(self.text(sql), params).fetchall()

    def run(self, sql: str, *params: Any) -> int:
        """Run a statement."""
        count: int = self._cursor.execute(self.text(sql), params).rowcount
        return count

    def bulk(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        """Run one statement with an array per column."""
        sql = self._bulk.get((verb, table.name))
        if sql is None:
            sql = self._bulk[verb, table.name] = self._bulk_text(verb, table)
        self._written += len(rows)
        self._cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])

    @staticmethod
    def _bulk_text(verb: str, table: Table) -> str:
        used: Iterable[Column[Any]] = table.primary_key.columns if verb == "delete" else table.columns
        arrays = ", ".join(f"%s::{_array(c)}" for c in used)
        if verb == "delete":
            given = ", ".join(f'"{c.name}"' for c in used)
            where = " AND ".join(f't."{c.name}" = k."{c.name}"' for c in used)
            return f'DELETE FROM "{table.name}" t USING unnest({arrays}) AS k({given}) WHERE {where}'  # noqa: S608 - our own tables
        return f"{_head(table)} SELECT * FROM unnest({arrays}){_tail(verb, table)}"  # noqa: S608 - our own tables

    def script(self, sql: str) -> None:
        """Run statements without parameters."""
        self._connection.execute(sql)

    def begin_read(self) -> None:
        """Begin; the first question fixes the state."""
        self.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")

    def settle(self) -> None:
        """Have fresh tables analysed early: without statistics the planner scans them whole until autovacuum comes by."""
        if self._written >= self._analyse_at:
            self.script("ANALYZE link, entity, match_key, journal, delivery, raw")
            self._analyse_at *= 8

    def rollback(self) -> None:
        """Forget the open transaction, if any; a connection that is gone has forgotten it already."""
        idle = psycopg.pq.TransactionStatus.IDLE
        if not self._connection.closed and self._connection.info.transaction_status != idle:
            self.script("ROLLBACK")

    def has_table(self, name: str) -> bool:
        """Say whether a table is there."""
        return bool(self.rows("SELECT to_regclass({p}) IS NOT NULL", name)[0][0])

    def close(self) -> None:
        """Close."""
        self._connection.close()


def _array(column: Column[Any]) -> str:
    kinds = ((LargeBinary, "bytea[]"), (Boolean, "boolean[]"), (Integer, "bigint[]"))
    return next((name for kind, name in kinds if isinstance(column.type, kind)), "text[]")
