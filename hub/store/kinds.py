"""Column kinds and the few shapes of columns and indexes that the tables use."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, text
from sqlmodel import Field, SQLModel

BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
BYTES: Final = LargeBinary()
FLAG: Final = Boolean()

NO_ROWID: Final[dict[str, Any]] = {"sqlite_with_rowid": False}
"""The primary key is the table: one tree less to write."""


def key(kind: Any) -> Any:
    """Part of the primary key; its value is given, never drawn by the database."""
    return Field(sa_column=Column(kind, primary_key=True, autoincrement=False, nullable=False))


def col(kind: Any) -> Any:
    """A column that always has a value."""
    return Field(sa_column=Column(kind, nullable=False))


def opt(kind: Any) -> Any:
    """A column that may be null."""
    return Field(default=None, sa_column=Column(kind, nullable=True))


def partial(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    """An index over some rows only."""
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


def table_of(row: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table behind a row class."""
    table: Table = row.__table__  # type: ignore[attr-defined] # SQLModel sets it at run time
    return table
