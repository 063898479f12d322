"""What a system told us: the raw record as fetched, and the same in canonical shape."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from hub.model.values import Doc, Micros, Value


class EntityType(StrEnum):
    """The canonical nouns. From `order` on they are documents: appended where they happen, shown elsewhere, never merged."""

    CUSTOMER = "customer"
    LOCATION = "location"
    PRODUCT = "product"
    VARIANT = "variant"
    INVENTORY_LEVEL = "inventory_level"
    ORDER = "order"
    PAYMENT = "payment"
    FULFILMENT = "fulfilment"
    REFUND = "refund"
    RETURN = "return"
    TICKET = "ticket"
    MESSAGE = "message"
    INTERACTION = "interaction"


DOCUMENTS: Final = frozenset(
    {
        EntityType.ORDER,
        EntityType.PAYMENT,
        EntityType.FULFILMENT,
        EntityType.REFUND,
        EntityType.RETURN,
        EntityType.TICKET,
        EntityType.MESSAGE,
        EntityType.INTERACTION,
    }
)
"""What is appended once and lives in its system of origin (DESIGN section 6)."""
PARENTS: Final = {
    EntityType.PAYMENT: "order",
    EntityType.FULFILMENT: "order",
    EntityType.REFUND: "order",
    EntityType.RETURN: "order",
    EntityType.MESSAGE: "ticket",
}
"""The reference without which a document means nothing: it waits for it."""


class Source(StrEnum):
    """How a raw record reached us. It decides what may be concluded from it, never which value wins."""

    POLL = "poll"  # one row of a page
    FETCH = "fetch"  # asked for by id
    ANSWER = "answer"  # the full answer of our own write
    FILE = "file"  # `hub ingest`


@dataclass(slots=True)
class RawRecord:
    """One payload as fetched. `seq` and `sent_at` belong to the *request* that brought it, not to its arrival.

    `body`: the payload as JSON bytes, where they came as such (a line of a file): hashed and kept as they are.
    """

    connection: str
    stream: str
    payload: Doc
    seq: int
    sent_at: Micros
    received_at: Micros
    source: Source = Source.POLL
    body: bytes | None = None


@dataclass(slots=True)
class Gone:
    """The system says that this record is not there (404 by id, delete event confirmed by a fetch, full read without it)."""

    connection: str
    stream: str
    external_id: str
    seq: int
    sent_at: Micros
    received_at: Micros


@dataclass(slots=True)
class Ref:
    """A reference to another record of the same connection; without a stream, to a document of any connection by its number."""

    stream: str
    external_id: str


@dataclass(slots=True)
class Element:
    """One element of a list field. `remote_id` is None where the system gives its elements no id."""

    remote_id: str | None
    values: Doc


@dataclass(slots=True)
class Record:
    """One canonical record as one system shows it. A key missing from `fields` or `lists` is no statement; None is "empty there".

    `version` is a counter that grows with every change; `changed_at` and `created_at` are the source's clock.
    `partial`: the payload does not cover the whole record, so nothing is concluded from what it leaves out.
    """

    entity: EntityType
    stream: str
    external_id: str
    fields: dict[str, Value]
    lists: dict[str, list[Element]] = field(default_factory=dict)
    refs: dict[str, Ref | None] = field(default_factory=dict)
    version: int | None = None
    changed_at: Micros | None = None
    created_at: Micros | None = None
    field_times: dict[str, Micros] = field(default_factory=dict)
    partial: bool = False
    deleted: bool = False
    birth: str | None = None
    """The remote's birth mark, verbatim: another one under the same id is another record."""


@dataclass(slots=True)
class Observation:
    """One canonical record with the circumstances of the request that brought it."""

    connection: str
    record: Record
    seq: int
    sent_at: Micros
    received_at: Micros
    source: Source
    digest: bytes
    mapping: str
    marker: str | None = None
    keys: tuple[tuple[str, str], ...] = ()


class DriftKind(StrEnum):
    """Why a part of a payload was not understood. It stays in the raw record (Invariant 8)."""

    UNKNOWN_FIELD = "unknown_field"
    UNKNOWN_VALUE = "unknown_value"
    BAD_VALUE = "bad_value"
    JUMP = "jump"  # a state that cannot follow the one before it; the path names both, in our words


@dataclass(slots=True, frozen=True)
class Drift:
    """Something new in a payload: where it stands and what kind of surprise it is. Never the value itself (Invariant 14)."""

    stream: str
    path: str
    kind: DriftKind
