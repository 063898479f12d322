"""One DBAPI connection and the two dialects: set-based look-ups, bulk writes, transactions.

Statements are written once, with marks that each dialect fills in: `{p}` a parameter, `{texts}` / `{ints}` membership in a list
given as one parameter. Rows go in and come out as plain tuples in the order of the table's columns: no ORM on the hot path.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, Final

from hub.errors import InvariantBroken
from hub.store.kinds import Stored, Table

Row = tuple[Any, ...]
BEGINS_ANEW: Final = "A hub that runs begins anew once the store can be written."
"""What comes after StoreLost."""


def names(row: type[Stored]) -> tuple[str, ...]:
    """Return the column names of a table in their order."""
    return tuple(c.name for c in row.table_.columns)


def columns(row: type[Stored], alias: str = "") -> str:
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

    def upsert(self, row: type[Stored], rows: Iterable[Row]) -> None:
        """Insert or replace by primary key. Of two rows with one key the later one stays."""
        table = row.table_
        where = [i for i, c in enumerate(table.columns) if c.primary_key]
        if len(where) == 1:
            at = where[0]
            unique = {r[at]: r for r in rows}
        else:
            unique = {tuple(r[i] for i in where): r for r in rows}
        if unique:
            self.bulk("upsert", table, list(unique.values()))

    def insert(self, row: type[Stored], rows: Iterable[Row]) -> None:
        """Insert; a key that is there already is a bug."""
        if given := list(rows):
            self.bulk("insert", row.table_, given)

    def insert_new(self, row: type[Stored], rows: Iterable[Row]) -> None:
        """Insert what clashes with nothing; leave the rest as it stands."""
        if given := list(rows):
            self.bulk("ignore", row.table_, given)

    def delete(self, row: type[Stored], keys: Iterable[Row]) -> None:
        """Delete by primary key (in the order of the columns)."""
        if given := list(keys):
            self.bulk("delete", row.table_, given)


def tail(verb: str, table: Table) -> str:
    """Return how an INSERT ends: what becomes of a row that is there already."""
    if verb == "ignore":
        return " ON CONFLICT DO NOTHING"
    if verb == "insert":
        return ""
    keys = ", ".join(f'"{c.name}"' for c in table.keys)
    values = ", ".join(f'"{c.name}" = excluded."{c.name}"' for c in table.columns if not c.primary_key)
    return f" ON CONFLICT ({keys}) DO UPDATE SET {values}" if values else f" ON CONFLICT ({keys}) DO NOTHING"


def head(table: Table) -> str:
    """Return how an INSERT begins."""
    quoted = ", ".join(f'"{c.name}"' for c in table.columns)
    return f'INSERT INTO "{table.name}" ({quoted})'


def refused(table: Table) -> InvariantBroken:
    """Say which table, and not which values: the database's own words hold them (Invariant 14)."""
    message = f"table {table.name} refused a row: two rows that must be one, or a value that must be there."
    return InvariantBroken(message)
