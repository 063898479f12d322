"""What has to change in a system, and the calls that try to."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hub.model.record import EntityType
from hub.model.values import Doc, Micros, Value

TAKEN_BACK = "was taken back"
"""How the brake of a delivery ends whose yes was taken back: nothing but another yes lets it go."""


class DeliveryKind(StrEnum):
    """State is planned from the golden record at the moment it is sent; a quantity is one signed delta; an act is done once."""

    STATE = "state"
    QUANTITY = "quantity"
    ACT = "act"  # something a person asked to be done to a document, from the state in which they saw it


class DeliveryState(StrEnum):
    """Where a delivery stands. A delivery that is done is deleted; its attempts stay."""

    DUE = "due"
    WAITING = "waiting"  # for a reference, an open create, a read, or its next try
    ASKING = "asking"  # for a person's yes


@dataclass(slots=True)
class Delivery:
    """At most one per link; while there is no link, one per (entity, connection, stream).

    `wait` says in one word what it waits for; `since` dates the oldest change it carries (lag is measured from there).
    """

    id: int
    kind: DeliveryKind
    connection: str
    stream: str
    entity_type: EntityType
    entity_id: int
    link_id: int | None
    state: DeliveryState = DeliveryState.DUE
    wait: str = ""
    not_before: Micros = 0
    tries: int = 0
    since: Micros = 0
    aside: int = 0
    """The entity's golden version at which this system refused it as a whole; tried again when the golden record moves on."""
    left_out: Doc = field(default_factory=dict)
    """Field path -> golden version which this system refused for a record to be made: it is made without that field."""
    about: str = ""
    """What a brake may look at: "prices" or "deletes"; empty: neither."""
    brake: str = ""
    """Why it waits for a yes although the connection is live: "mapping", "prices" or "deletes"; empty: no brake."""
    approved: Doc = field(default_factory=dict)
    """Field path -> digest of the plan line a person said yes to."""
    act: Doc = field(default_factory=dict)
    """Of an act: `verb`, `args`, `by`; `expected`: field -> value there when it was asked for; `reaches`: field -> the values of
    which one shows that it is done; `asked`: how often it was sent."""

    @property
    def is_taken_back(self) -> bool:
        """Say whether a person took back the yes to it."""
        return self.brake.endswith(TAKEN_BACK)


class AttemptState(StrEnum):
    """Where an attempt stands. Anything but CLOSED keeps the link fenced."""

    OPEN = "open"  # committed, perhaps on its way
    UNKNOWN = "unknown"  # crashed or timed out: to be looked up before anything else happens there
    READ_BACK = "read_back"  # done, but its result was not seen yet
    CLOSED = "closed"


@dataclass(slots=True)
class Cover:
    """What one field of an attempt carries: the golden value it renders, and the value as sent, in canonical shape."""

    golden_version: int
    stamp: Micros
    sent: Value


@dataclass(slots=True)
class Attempt:
    """One try, frozen and committed before its first call: key, bytes and what it covers."""

    id: int
    delivery_id: int
    kind: DeliveryKind
    operation: str
    connection: str
    stream: str
    entity_type: EntityType
    entity_id: int
    link_id: int | None
    external_id: str | None
    key: str
    calls: list[Doc]
    change: Doc
    covers: dict[str, Cover] = field(default_factory=dict)
    done: int = 0
    state: AttemptState = AttemptState.OPEN
    seq: int = 0
    started_at: Micros = 0
    ended_at: Micros = 0
    base_version: int | None = None
    marker: str | None = None
    looks: int = 0
    about: str = ""
    result: str = ""
    reason: str = ""
