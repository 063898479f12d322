"""The SQLModel classes of the tables, made from its row classes: for migrations, and for the test that holds both equal."""

from __future__ import annotations

from typing import Any, Final, cast

import sqlalchemy as sa
from sqlmodel import Field, SQLModel
from sqlmodel.main import SQLModelMetaclass

from hub.store import unit  # noqa: F401 - every repository is loaded with it, so that every row class is known
from hub.store.kinds import Column, ColumnKind, Index, Stored, UniqueConstraint

_KINDS: Final[dict[ColumnKind, Any]] = {
    ColumnKind.BIG: sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
    ColumnKind.TEXT: sa.Text().with_variant(sa.Text(collation="C"), "postgresql"),
    ColumnKind.BYTES: sa.LargeBinary(),
    ColumnKind.FLAG: sa.Boolean(),
}


def _model(row: type[Stored]) -> type[SQLModel]:
    table = row.table_
    body: dict[str, Any] = {
        "__module__": __name__,
        "__doc__": row.__doc__,
        "__tablename__": table.name,
        "__table_args__": (*map(_rule, table.rules), {} if table.has_rowid else {"sqlite_with_rowid": False}),
        "__annotations__": {c.name: c.kind.value | None if c.nullable else c.kind.value for c in table.columns},
    }
    body |= {column.name: _field(column) for column in table.columns}
    return cast("type[SQLModel]", SQLModelMetaclass(row.__name__, (SQLModel,), body, table=True))


def _field(column: Column) -> Any:
    inside = sa.Column(_KINDS[column.kind], primary_key=column.primary_key, autoincrement=False, nullable=column.nullable)
    return Field(default=None, sa_column=inside) if column.nullable else Field(sa_column=inside)


def _rule(rule: UniqueConstraint | Index) -> sa.UniqueConstraint | sa.Index:
    if isinstance(rule, UniqueConstraint):
        return sa.UniqueConstraint(*rule.columns)
    where = sa.text(rule.where) if rule.where else None
    return sa.Index(rule.name, *rule.columns, unique=rule.unique, sqlite_where=where, postgresql_where=where)


MODELS: Final = {row.__name__: _model(row) for row in Stored.__subclasses__()}
METADATA: Final = SQLModel.metadata
