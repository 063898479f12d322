"""The tables of the store. The migrations make them; a test holds both equal.

Times are microseconds, ids are drawn by the hub (`counter`), JSON stands in bytes columns. Text is compared byte by byte on
both databases, so that every ORDER BY means the same.
"""

from __future__ import annotations

from hub.store.kinds import BIG, BYTES, FLAG, TEXT, Stored, col, index, key, opt, partial, unique


class LinkRow(Stored):
    """A link; `claims` and `more` are written by `hub.store.codec`."""

    name_ = "link"
    rules_ = (
        unique("connection", "stream", "external_id"),
        index("link_entity", "entity_id"),
        partial("link_ended", "connection", "stream", where="state <> 'live'"),
    )
    id: int = key(BIG)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    external_id: str = col(TEXT)
    entity_type: str = col(TEXT)
    entity_id: int = col(BIG)
    state: str = col(TEXT)
    birth: str | None = opt(TEXT)
    by_hub: bool = col(FLAG)
    linked_at: int = col(BIG)
    ended_at: int = col(BIG)
    version: int | None = opt(BIG)
    changed_at: int | None = opt(BIG)
    digest: bytes = col(BYTES)
    mapping: str = col(TEXT)
    fence_seq: int = col(BIG)
    owed_read: bool = col(FLAG)
    attempt_id: int | None = opt(BIG)
    epoch: int = col(BIG)
    claims: bytes = col(BYTES)
    more: bytes | None = opt(BYTES)


class RawRow(Stored):
    """The latest raw record of a link: JSON as it came, or zlib where it is long."""

    name_ = "raw"
    link_id: int = key(BIG)
    body: bytes = col(BYTES)


class EntityRow(Stored):
    """An entity; `golden` is written by `hub.store.codec`, `more` holds overrides and references."""

    name_ = "entity"
    rules_ = (
        partial("entity_alias", "alias_of", where="alias_of IS NOT NULL"),
        index("entity_kind", "state", "type"),
    )
    id: int = key(BIG)
    type: str = col(TEXT)
    state: str = col(TEXT)
    alias_of: int | None = opt(BIG)
    version: int = col(BIG)
    next_element: int = col(BIG)
    born_at: int = col(BIG)
    golden: bytes = col(BYTES)
    more: bytes | None = opt(BYTES)


class MatchKeyRow(Stored):
    """What records are found by: normalised e-mail, phone, SKU, barcode, code."""

    name_ = "match_key"
    has_rowid_ = False
    entity_type: str = key(TEXT)
    kind: str = key(TEXT)
    value: str = key(TEXT)
    link_id: int = key(BIG)
    entity_id: int = col(BIG)


class JournalRow(Stored):
    """What happened, in the order of its ids."""

    name_ = "journal"
    rules_ = (index("journal_entity", "entity_id", "id"), partial("journal_edit", "at", where="kind = 'edit'"))
    id: int = key(BIG)
    at: int = col(BIG)
    entity_id: int = col(BIG)
    link_id: int | None = opt(BIG)
    kind: str = col(TEXT)
    field: str | None = opt(TEXT)
    body: bytes = col(BYTES)


class DeliveryRow(Stored):
    """What has to change: at most one per link; while there is no link, one per (entity, connection, stream)."""

    name_ = "delivery"
    rules_ = (
        partial("delivery_link", "link_id", where="link_id IS NOT NULL", unique=True),
        partial("delivery_create", "entity_id", "connection", "stream", where="link_id IS NULL", unique=True),
        index("delivery_due", "connection", "state", "since", "id"),
        index("delivery_entity", "entity_id"),
    )
    id: int = key(BIG)
    kind: str = col(TEXT)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    entity_type: str = col(TEXT)
    entity_id: int = col(BIG)
    link_id: int | None = opt(BIG)
    state: str = col(TEXT)
    wait: str = col(TEXT)
    not_before: int = col(BIG)
    tries: int = col(BIG)
    since: int = col(BIG)
    aside: int = col(BIG)
    about: str = col(TEXT)
    brake: str = col(TEXT)
    left_out: bytes = col(BYTES)
    approved: bytes = col(BYTES)
    act: bytes = col(BYTES)


class AttemptRow(Stored):
    """One try, frozen before its first call."""

    name_ = "attempt"
    rules_ = (
        partial("attempt_open", "connection", "id", where="state <> 'closed'"),
        index("attempt_link", "link_id", "id"),
        index("attempt_entity", "entity_id", "id"),
    )
    id: int = key(BIG)
    delivery_id: int = col(BIG)
    kind: str = col(TEXT)
    operation: str = col(TEXT)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    entity_type: str = col(TEXT)
    entity_id: int = col(BIG)
    link_id: int | None = opt(BIG)
    external_id: str | None = opt(TEXT)
    key: str = col(TEXT)
    calls: bytes = col(BYTES)
    change: bytes = col(BYTES)
    covers: bytes = col(BYTES)
    done: int = col(BIG)
    state: str = col(TEXT)
    seq: int = col(BIG)
    started_at: int = col(BIG)
    ended_at: int = col(BIG)
    base_version: int | None = opt(BIG)
    marker: str | None = opt(TEXT)
    looks: int = col(BIG)
    about: str = col(TEXT)
    result: str = col(TEXT)
    reason: str = col(TEXT)


class CursorTable(Stored):
    """Where the read of each stream stands."""

    name_ = "read_cursor"
    connection: str = key(TEXT)
    stream: str = key(TEXT)
    since: int | None = opt(BIG)
    token: str | None = opt(TEXT)
    high: int | None = opt(BIG)
    window_started_seq: int = col(BIG)
    window_started_at: int = col(BIG)
    first_complete_at: int | None = opt(BIG)
    first_complete_seq: int = col(BIG)
    first_high: int | None = opt(BIG)
    full_at: int = col(BIG)
    full: bool = col(FLAG)
    seen: int = col(BIG)
    total: int | None = opt(BIG)
    first_total: int | None = opt(BIG)
    again: bool = col(FLAG)


class WindowSeenRow(Stored):
    """The ids a full read has met so far."""

    name_ = "window_seen"
    has_rowid_ = False
    connection: str = key(TEXT)
    stream: str = key(TEXT)
    window: int = key(BIG)
    external_id: str = key(TEXT)


class HintTable(Stored):
    """Records that may have changed."""

    name_ = "hint"
    rules_ = (index("hint_due", "connection", "not_before"),)
    connection: str = key(TEXT)
    stream: str = key(TEXT)
    external_id: str = key(TEXT)
    first_at: int = col(BIG)
    not_before: int = col(BIG)
    tries: int = col(BIG)
    reason: str = col(TEXT)
    news: int = col(BIG)


class EventSeenRow(Stored):
    """Webhook events already taken, kept for seven days."""

    name_ = "event_seen"
    rules_ = (index("event_seen_at", "at"),)
    connection: str = key(TEXT)
    event_id: str = key(TEXT)
    at: int = col(BIG)


class WaitingRow(Stored):
    """Raw records that wait; the newest read of a record takes the place of an older one."""

    name_ = "waiting"
    rules_ = (
        unique("connection", "stream", "external_id"),
        index("waiting_for", "waits_for"),
        index("waiting_deadline", "deadline"),
    )
    id: int = key(BIG)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    external_id: str = col(TEXT)
    payload: bytes = col(BYTES)
    seq: int = col(BIG)
    sent_at: int = col(BIG)
    received_at: int = col(BIG)
    source: str = col(TEXT)
    reason: str = col(TEXT)
    waits_for: str = col(TEXT)
    deadline: int = col(BIG)
    parked_at: int = col(BIG)


class DeadLetterRow(Stored):
    """What was set aside."""

    name_ = "dead_letter"
    rules_ = (
        index("dead_letter_state", "state", "id"),
        index("dead_letter_record", "connection", "stream", "external_id"),
    )
    id: int = key(BIG)
    code: str = col(TEXT)
    message: str = col(TEXT)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    external_id: str | None = opt(TEXT)
    raw: bytes = col(BYTES)
    at: int = col(BIG)
    field: str = col(TEXT)
    suggestion: str = col(TEXT)
    tries: int = col(BIG)
    state: str = col(TEXT)


class ReviewRow(Stored):
    """Questions to a person; one open question per (kind, about)."""

    name_ = "review"
    rules_ = (
        partial("review_open", "about", "kind", where="resolved_at IS NULL", unique=True),
        index("review_entity", "entity_id"),
    )
    id: int = key(BIG)
    kind: str = col(TEXT)
    about: str = col(TEXT)
    entity_id: int | None = opt(BIG)
    link_id: int | None = opt(BIG)
    opened_at: int = col(BIG)
    detail: bytes = col(BYTES)
    resolved_at: int | None = opt(BIG)
    answer: str = col(TEXT)


class MovementRow(Stored):
    """The stock ledger. Only ever appended to."""

    name_ = "movement"
    rules_ = (
        index("movement_level", "variant_id", "location_id", "id"),
        partial("movement_document", "document", "quantity", where="document IS NOT NULL", unique=True),
    )
    id: int = key(BIG)
    variant_id: int = col(BIG)
    location_id: int = col(BIG)
    link_id: int | None = opt(BIG)
    connection: str = col(TEXT)
    quantity: str = col(TEXT)
    delta: int = col(BIG)
    occurred_at: int = col(BIG)
    recorded_at: int = col(BIG)
    seq: int = col(BIG)
    reason: str = col(TEXT)
    document: str | None = opt(TEXT)


class BalanceRow(Stored):
    """Sum of the movements of on_hand per variant and location."""

    name_ = "balance"
    variant_id: int = key(BIG)
    location_id: int = key(BIG)
    on_hand: int = col(BIG)
    opened: bool = col(FLAG)


class RunRow(Stored):
    """Passes of streams."""

    name_ = "run"
    rules_ = (index("run_stream", "connection", "stream", "id"),)
    id: int = key(BIG)
    connection: str = col(TEXT)
    stream: str = col(TEXT)
    kind: str = col(TEXT)
    started_at: int = col(BIG)
    ended_at: int | None = opt(BIG)
    counts: bytes = col(BYTES)
    error: str = col(TEXT)


class ConnectionRow(Stored):
    """Mode, pause and epoch of each connection."""

    name_ = "connection_state"
    name: str = key(TEXT)
    mode: str = col(TEXT)
    paused: str = col(TEXT)
    epoch: int = col(BIG)
    started_at: int = col(BIG)
    accepted: int = col(BIG)
    rewound_at: int = col(BIG)
    signs: bytes = col(BYTES)
    stopped_by: str = col(TEXT)


class FlagRow(Stored):
    """Switches of the whole installation, such as `writes` = stopped."""

    name_ = "flag"
    name: str = key(TEXT)
    value: str = col(TEXT)


class DriftRow(Stored):
    """Counted surprises in payloads."""

    name_ = "drift"
    connection: str = key(TEXT)
    stream: str = key(TEXT)
    path: str = key(TEXT)
    kind: str = key(TEXT)
    count: int = col(BIG)
    first_at: int = col(BIG)
    last_at: int = col(BIG)


class CounterRow(Stored):
    """The next free id per kind. `seq` is reserved ahead in blocks."""

    name_ = "counter"
    kind: str = key(TEXT)
    next: int = col(BIG)


class LeaseRow(Stored):
    """Who may write: one row, whose fencing number grows with every writer (checked in every commit on PostgreSQL)."""

    name_ = "lease"
    id: int = key(BIG)
    fencing: int = col(BIG)
