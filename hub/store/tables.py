"""The tables of the store. The migrations make them; a test holds both equal.

Times are microseconds, ids are drawn by the hub (`counter`), JSON stands in bytes columns. Text is compared byte by byte on
both databases, so that every ORDER BY means the same.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, Table, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

BIG: Final = BigInteger().with_variant(Integer(), "sqlite")
TEXT: Final = Text().with_variant(Text(collation="C"), "postgresql")
BYTES: Final = LargeBinary()
FLAG: Final = Boolean()

NO_ROWID: Final[dict[str, Any]] = {"sqlite_with_rowid": False}
"""The primary key is the table: one tree less to write."""


def _key(kind: Any) -> Any:
    return Field(sa_column=Column(kind, primary_key=True, autoincrement=False, nullable=False))


def _col(kind: Any) -> Any:
    return Field(sa_column=Column(kind, nullable=False))


def _opt(kind: Any) -> Any:
    return Field(default=None, sa_column=Column(kind, nullable=True))


def _where(name: str, *columns: str, where: str, unique: bool = False) -> Index:
    return Index(name, *columns, unique=unique, sqlite_where=text(where), postgresql_where=text(where))


class LinkRow(SQLModel, table=True):
    """A link; `claims` and `more` are written by `hub.store.codec`."""

    __tablename__ = "link"
    __table_args__ = (UniqueConstraint("connection", "stream", "external_id"), Index("link_entity", "entity_id"))
    id: int = _key(BIG)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    external_id: str = _col(TEXT)
    entity_type: str = _col(TEXT)
    entity_id: int = _col(BIG)
    state: str = _col(TEXT)
    birth: str | None = _opt(TEXT)
    by_hub: bool = _col(FLAG)
    linked_at: int = _col(BIG)
    ended_at: int = _col(BIG)
    version: int | None = _opt(BIG)
    changed_at: int | None = _opt(BIG)
    digest: bytes = _col(BYTES)
    mapping: str = _col(TEXT)
    fence_seq: int = _col(BIG)
    owed_read: bool = _col(FLAG)
    attempt_id: int | None = _opt(BIG)
    claims: bytes = _col(BYTES)
    more: bytes | None = _opt(BYTES)


class RawRow(SQLModel, table=True):
    """The latest raw record of a link, zlib."""

    __tablename__ = "raw"
    link_id: int = _key(BIG)
    body: bytes = _col(BYTES)


class EntityRow(SQLModel, table=True):
    """An entity; `golden` is written by `hub.store.codec`, `more` holds overrides and references."""

    __tablename__ = "entity"
    __table_args__ = (_where("entity_alias", "alias_of", where="alias_of IS NOT NULL"),)
    id: int = _key(BIG)
    type: str = _col(TEXT)
    state: str = _col(TEXT)
    alias_of: int | None = _opt(BIG)
    version: int = _col(BIG)
    next_element: int = _col(BIG)
    born_at: int = _col(BIG)
    golden: bytes = _col(BYTES)
    more: bytes | None = _opt(BYTES)


class MatchKeyRow(SQLModel, table=True):
    """What records are found by: normalised e-mail, phone, SKU, barcode, code."""

    __tablename__ = "match_key"
    __table_args__ = NO_ROWID
    entity_type: str = _key(TEXT)
    kind: str = _key(TEXT)
    value: str = _key(TEXT)
    link_id: int = _key(BIG)
    entity_id: int = _col(BIG)


class JournalRow(SQLModel, table=True):
    """What happened, in the order of its ids."""

    __tablename__ = "journal"
    __table_args__ = (Index("journal_entity", "entity_id", "id"),)
    id: int = _key(BIG)
    at: int = _col(BIG)
    entity_id: int = _col(BIG)
    link_id: int | None = _opt(BIG)
    kind: str = _col(TEXT)
    field: str | None = _opt(TEXT)
    body: bytes = _col(BYTES)


class DeliveryRow(SQLModel, table=True):
    """What has to change: at most one per link; while there is no link, one per (entity, connection, stream)."""

    __tablename__ = "delivery"
    __table_args__ = (
        _where("delivery_link", "link_id", where="link_id IS NOT NULL", unique=True),
        _where("delivery_create", "entity_id", "connection", "stream", where="link_id IS NULL", unique=True),
        Index("delivery_due", "connection", "state", "since", "id"),
        Index("delivery_entity", "entity_id"),
    )
    id: int = _key(BIG)
    kind: str = _col(TEXT)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    entity_type: str = _col(TEXT)
    entity_id: int = _col(BIG)
    link_id: int | None = _opt(BIG)
    state: str = _col(TEXT)
    wait: str = _col(TEXT)
    not_before: int = _col(BIG)
    tries: int = _col(BIG)
    since: int = _col(BIG)
    aside: int = _col(BIG)
    approved: bytes = _col(BYTES)


class AttemptRow(SQLModel, table=True):
    """One try, frozen before its first call."""

    __tablename__ = "attempt"
    __table_args__ = (
        _where("attempt_open", "connection", "id", where="state <> 'closed'"),
        Index("attempt_link", "link_id", "id"),
        Index("attempt_entity", "entity_id", "id"),
    )
    id: int = _key(BIG)
    delivery_id: int = _col(BIG)
    kind: str = _col(TEXT)
    operation: str = _col(TEXT)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    entity_type: str = _col(TEXT)
    entity_id: int = _col(BIG)
    link_id: int | None = _opt(BIG)
    external_id: str | None = _opt(TEXT)
    key: str = _col(TEXT)
    calls: bytes = _col(BYTES)
    change: bytes = _col(BYTES)
    covers: bytes = _col(BYTES)
    done: int = _col(BIG)
    state: str = _col(TEXT)
    seq: int = _col(BIG)
    started_at: int = _col(BIG)
    ended_at: int = _col(BIG)
    base_version: int | None = _opt(BIG)
    marker: str | None = _opt(TEXT)
    looks: int = _col(BIG)
    result: str = _col(TEXT)
    reason: str = _col(TEXT)


class CursorTable(SQLModel, table=True):
    """Where the read of each stream stands."""

    __tablename__ = "read_cursor"
    connection: str = _key(TEXT)
    stream: str = _key(TEXT)
    since: int | None = _opt(BIG)
    token: str | None = _opt(TEXT)
    high: int | None = _opt(BIG)
    window_started_seq: int = _col(BIG)
    window_started_at: int = _col(BIG)
    first_complete_at: int | None = _opt(BIG)
    first_complete_seq: int = _col(BIG)
    first_high: int | None = _opt(BIG)
    full: bool = _col(FLAG)
    seen: int = _col(BIG)
    total: int | None = _opt(BIG)


class WindowSeenRow(SQLModel, table=True):
    """The ids a full read has met so far."""

    __tablename__ = "window_seen"
    __table_args__ = NO_ROWID
    connection: str = _key(TEXT)
    stream: str = _key(TEXT)
    window: int = _key(BIG)
    external_id: str = _key(TEXT)


class HintTable(SQLModel, table=True):
    """Records that may have changed."""

    __tablename__ = "hint"
    __table_args__ = (Index("hint_due", "connection", "not_before"),)
    connection: str = _key(TEXT)
    stream: str = _key(TEXT)
    external_id: str = _key(TEXT)
    first_at: int = _col(BIG)
    not_before: int = _col(BIG)
    tries: int = _col(BIG)
    reason: str = _col(TEXT)
    news: int = _col(BIG)


class EventSeenRow(SQLModel, table=True):
    """Webhook events already taken, kept for seven days."""

    __tablename__ = "event_seen"
    __table_args__ = (Index("event_seen_at", "at"),)
    connection: str = _key(TEXT)
    event_id: str = _key(TEXT)
    at: int = _col(BIG)


class WaitingRow(SQLModel, table=True):
    """Raw records that wait; the newest read of a record takes the place of an older one."""

    __tablename__ = "waiting"
    __table_args__ = (
        UniqueConstraint("connection", "stream", "external_id"),
        Index("waiting_for", "waits_for"),
        Index("waiting_deadline", "deadline"),
    )
    id: int = _key(BIG)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    external_id: str = _col(TEXT)
    payload: bytes = _col(BYTES)
    seq: int = _col(BIG)
    sent_at: int = _col(BIG)
    received_at: int = _col(BIG)
    source: str = _col(TEXT)
    reason: str = _col(TEXT)
    waits_for: str = _col(TEXT)
    deadline: int = _col(BIG)
    parked_at: int = _col(BIG)


class DeadLetterRow(SQLModel, table=True):
    """What was set aside."""

    __tablename__ = "dead_letter"
    __table_args__ = (
        Index("dead_letter_state", "state", "id"),
        Index("dead_letter_record", "connection", "stream", "external_id"),
    )
    id: int = _key(BIG)
    code: str = _col(TEXT)
    message: str = _col(TEXT)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    external_id: str | None = _opt(TEXT)
    raw: bytes = _col(BYTES)
    at: int = _col(BIG)
    field: str = _col(TEXT)
    suggestion: str = _col(TEXT)
    tries: int = _col(BIG)
    state: str = _col(TEXT)


class ReviewRow(SQLModel, table=True):
    """Questions to a person; one open question per (kind, about)."""

    __tablename__ = "review"
    __table_args__ = (
        _where("review_open", "about", "kind", where="resolved_at IS NULL", unique=True),
        Index("review_entity", "entity_id"),
    )
    id: int = _key(BIG)
    kind: str = _col(TEXT)
    about: str = _col(TEXT)
    entity_id: int | None = _opt(BIG)
    link_id: int | None = _opt(BIG)
    opened_at: int = _col(BIG)
    detail: bytes = _col(BYTES)
    resolved_at: int | None = _opt(BIG)
    answer: str = _col(TEXT)


class MovementRow(SQLModel, table=True):
    """The stock ledger. Only ever appended to."""

    __tablename__ = "movement"
    __table_args__ = (
        Index("movement_level", "variant_id", "location_id", "id"),
        _where("movement_document", "document", "quantity", where="document IS NOT NULL", unique=True),
    )
    id: int = _key(BIG)
    variant_id: int = _col(BIG)
    location_id: int = _col(BIG)
    link_id: int | None = _opt(BIG)
    connection: str = _col(TEXT)
    quantity: str = _col(TEXT)
    delta: int = _col(BIG)
    occurred_at: int = _col(BIG)
    recorded_at: int = _col(BIG)
    seq: int = _col(BIG)
    reason: str = _col(TEXT)
    document: str | None = _opt(TEXT)


class BalanceRow(SQLModel, table=True):
    """Sum of the movements of on_hand per variant and location."""

    __tablename__ = "balance"
    variant_id: int = _key(BIG)
    location_id: int = _key(BIG)
    on_hand: int = _col(BIG)
    opened: bool = _col(FLAG)


class RunRow(SQLModel, table=True):
    """Passes of streams."""

    __tablename__ = "run"
    __table_args__ = (Index("run_stream", "connection", "stream", "id"),)
    id: int = _key(BIG)
    connection: str = _col(TEXT)
    stream: str = _col(TEXT)
    kind: str = _col(TEXT)
    started_at: int = _col(BIG)
    ended_at: int | None = _opt(BIG)
    counts: bytes = _col(BYTES)
    error: str = _col(TEXT)


class ConnectionRow(SQLModel, table=True):
    """Mode, pause and epoch of each connection."""

    __tablename__ = "connection_state"
    name: str = _key(TEXT)
    mode: str = _col(TEXT)
    paused: str = _col(TEXT)
    epoch: int = _col(BIG)
    started_at: int = _col(BIG)


class FlagRow(SQLModel, table=True):
    """Switches of the whole installation, such as `writes` = stopped."""

    __tablename__ = "flag"
    name: str = _key(TEXT)
    value: str = _col(TEXT)


class DriftRow(SQLModel, table=True):
    """Counted surprises in payloads."""

    __tablename__ = "drift"
    connection: str = _key(TEXT)
    stream: str = _key(TEXT)
    path: str = _key(TEXT)
    kind: str = _key(TEXT)
    count: int = _col(BIG)
    first_at: int = _col(BIG)
    last_at: int = _col(BIG)


class ApprovalRow(SQLModel, table=True):
    """Approved plan lines that outlive their delivery."""

    __tablename__ = "approval"
    entity_id: int = _key(BIG)
    connection: str = _key(TEXT)
    stream: str = _key(TEXT)
    path: str = _key(TEXT)
    digest: str = _col(TEXT)
    by: str = _col(TEXT)
    at: int = _col(BIG)


class CounterRow(SQLModel, table=True):
    """The next free id per kind. `seq` is reserved ahead in blocks."""

    __tablename__ = "counter"
    kind: str = _key(TEXT)
    next: int = _col(BIG)


class LeaseRow(SQLModel, table=True):
    """Who may write: one row, whose fencing number grows with every writer (checked in every commit on PostgreSQL)."""

    __tablename__ = "lease"
    id: int = _key(BIG)
    fencing: int = _col(BIG)


def table_of(row: type[SQLModel]) -> Table:
    """Return the SQLAlchemy table behind a row class."""
    table: Table = row.__table__  # type: ignore[attr-defined] # SQLModel sets it at run time
    return table


METADATA: Final = SQLModel.metadata
