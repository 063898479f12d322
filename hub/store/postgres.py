"""PostgreSQL, through psycopg 3. Imported only where it is used."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from hub.errors import ConfigError, StoreLost, Unavailable
from hub.store.db import BEGINS_ANEW, Db, Row, head, refused, tail
from hub.store.kinds import ColumnKind, Table

_ARRAYS: Final = {
    ColumnKind.BIG: "bigint[]",
    ColumnKind.TEXT: "text[]",
    ColumnKind.BYTES: "bytea[]",
    ColumnKind.FLAG: "boolean[]",
}
NOTICES: Final = {
    "connect_timeout": 10,
    "keepalives": 1,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
}
"""When a server that is only half there (its machine gone, the way to it cut) is given up; seconds, the last one milliseconds.

psycopg waits 130 s for a connection, and Linux two hours before it asks whether a silent peer is alive. A server on a network of
one's own answers within a second, so 10 s to connect and 30 s without any sign of life are far beyond what a healthy one needs,
and before a person asks why nothing moves. A long statement is no silence: the server's kernel answers meanwhile. What the URL
names itself, stands (`?connect_timeout=60`).
"""


def connect(url: str, *, autocommit: bool = True) -> psycopg.Connection[Any]:
    """Open a plain connection. Raises Unavailable or ConfigError, without a word of the address: it holds the password."""
    try:
        named = conninfo_to_dict(url.replace("postgresql+psycopg://", "postgresql://", 1))
    except psycopg.ProgrammingError:
        raise ConfigError("The address of PostgreSQL cannot be read.", fix="Check `store:`; `%` is written `%25`.") from None
    try:
        return psycopg.connect(make_conninfo("", **{**NOTICES, **named}), autocommit=autocommit)
    except psycopg.OperationalError:
        raise Unavailable("PostgreSQL cannot be reached.", fix="Check address, database and password of `store:`.") from None


class _Told:
    """Raises StoreLost where the server, its disk or the way there is to blame. The server's own words may hold values."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
            raise StoreLost("PostgreSQL went away, or has no room.", fix=BEGINS_ANEW) from None


_told: Final = _Told()


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
        self._connection = connect(url)
        self._cursor = self._connection.cursor(binary=True)
        self._written = 0
        self._analyse_at = 2_000
        if read_only:
            self.script("SET default_transaction_read_only = on")
        if synchronous == "OFF":
            self.script("SET synchronous_commit = off")

    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Run a query."""
        with _told:
            return self._cursor.execute(self.text(sql), params).fetchall()

    def run(self, sql: str, *params: Any) -> int:
        """Run a statement."""
        with _told:
            count: int = self._cursor.execute(self.text(sql), params).rowcount
            return count

    def bulk(self, verb: str, table: Table, rows: Sequence[Row]) -> None:
        """Run one statement with an array per column."""
        sql = self._bulk.get((verb, table.name))
        if sql is None:
            sql = self._bulk[verb, table.name] = self._bulk_text(verb, table)
        self._written += len(rows)
        try:
            with _told:
                self._cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        except psycopg.IntegrityError:
            raise refused(table) from None

    @staticmethod
    def _bulk_text(verb: str, table: Table) -> str:
        used = table.keys if verb == "delete" else table.columns
        arrays = ", ".join(f"%s::{_ARRAYS[c.kind]}" for c in used)
        if verb == "delete":
            given = ", ".join(f'"{c.name}"' for c in used)
            where = " AND ".join(f't."{c.name}" = k."{c.name}"' for c in used)
            return f'DELETE FROM "{table.name}" t USING unnest({arrays}) AS k({given}) WHERE {where}'  # noqa: S608 - our own tables
        return f"{head(table)} SELECT * FROM unnest({arrays}){tail(verb, table)}"  # noqa: S608 - our own tables

    def script(self, sql: str) -> None:
        """Run statements without parameters."""
        with _told:
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
        """Close. The writer's lease goes back at once: the server takes its time to notice that a session ended."""
        if not self._connection.closed:
            with suppress(psycopg.Error):  # a session that is lost has let go already
                self._connection.rollback()
                self._connection.execute("SELECT pg_advisory_unlock_all()")
        self._connection.close()
