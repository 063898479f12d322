"""How a table is written down: column kinds, and the few shapes of columns and indexes that the tables use.

Plain values: reading and writing rows needs names, keys and kinds only. `hub.store.models` makes SQLModel classes of them where
the schema itself is at stake, so that a command like `hub status` does not load an ORM (a third of a second) to read a row.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, ClassVar, Final, NamedTuple


class ColumnKind(Enum):
    """What a column holds."""

    BIG = int
    TEXT = str
    BYTES = bytes
    FLAG = bool


BIG, TEXT, BYTES, FLAG = ColumnKind.BIG, ColumnKind.TEXT, ColumnKind.BYTES, ColumnKind.FLAG


class Column(NamedTuple):
    """One column. Values of a primary key are given, never drawn by the database."""

    name: str
    kind: ColumnKind
    primary_key: bool = False
    nullable: bool = False


class UniqueConstraint(NamedTuple):
    """Columns that name a row, beside its primary key."""

    columns: tuple[str, ...]


class Index(NamedTuple):
    """An index; `where` leaves rows out."""

    name: str
    columns: tuple[str, ...]
    unique: bool = False
    where: str = ""


class Table(NamedTuple):
    """One table. `has_rowid` False: the primary key is the table, one tree less to write (SQLite)."""

    name: str
    columns: tuple[Column, ...]
    rules: tuple[UniqueConstraint | Index, ...]
    has_rowid: bool

    @property
    def keys(self) -> tuple[Column, ...]:
        """Return the columns of the primary key."""
        return tuple(column for column in self.columns if column.primary_key)


class Stored:
    """Base of the row classes: its attributes, in their order, are the columns."""

    name_: ClassVar[str]
    rules_: ClassVar[tuple[UniqueConstraint | Index, ...]] = ()
    has_rowid_: ClassVar[bool] = True
    table_: ClassVar[Table]

    def __init_subclass__(cls) -> None:
        """Gather the columns."""
        given = {name: value for name, value in vars(cls).items() if isinstance(value, Column)}
        columns = tuple(column._replace(name=name) for name, column in given.items())
        cls.table_ = Table(cls.name_, columns, cls.rules_, cls.has_rowid_)


_LATER: Final = ""
"""A column gets its name from the attribute it is assigned to."""


def key(kind: ColumnKind) -> Any:
    """Part of the primary key."""
    return Column(_LATER, kind, primary_key=True)


def col(kind: ColumnKind) -> Any:
    """A column that always has a value."""
    return Column(_LATER, kind)


def opt(kind: ColumnKind) -> Any:
    """A column that may be null."""
    return Column(_LATER, kind, nullable=True)


def unique(*columns: str) -> UniqueConstraint:
    """Columns that name a row, beside its primary key."""
    return UniqueConstraint(columns)


def index(name: str, *columns: str) -> Index:
    """An index over all rows."""
    return Index(name, columns)


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows only."""
    return Index(name, columns, unique, where)
