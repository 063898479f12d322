"""What the hub writes down about its own work: where reads stand, what waits, what was set aside, how runs went."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hub.model.record import RawRecord
from hub.model.values import Doc, Micros, Value


class Mode(StrEnum):
    """How far a connection is trusted (DESIGN section 6)."""

    OBSERVE = "observe"  # read and matched; its values do not vote, nothing is written there
    PROPOSE = "propose"  # deliveries wait for a yes
    LIVE = "live"


@dataclass(slots=True)
class CursorRow:
    """Where the read of one stream stands (Invariant 1).

    `since` is the start of the window being read or to be read next, `token` the place inside it (None: between windows).
    `high` is the highest `changed_at` seen in this window; `full`: this window lists every live record, so that absence can
    be concluded. `first_*` are set once, by the first complete read;
    `first_high` is the highest source time it had seen. `seen` and `total` count records of this window, `first_total` is what
    its first page said. `again`: the total changed meanwhile, so this is the same window read once more.
    """

    connection: str
    stream: str
    since: Micros | None = None
    token: str | None = None
    high: Micros | None = None
    window_started_seq: int = 0
    window_started_at: Micros = 0
    first_complete_at: Micros | None = None
    first_complete_seq: int = 0
    first_high: Micros | None = None
    full_at: Micros = 0
    full: bool = False
    seen: int = 0
    total: int | None = None
    first_total: int | None = None
    again: bool = False


@dataclass(slots=True)
class HintRow:
    """A record that may have changed. `news` counts the events that collapsed into it: a hint that grew while its record was
    being fetched is not dropped.
    """

    connection: str
    stream: str
    external_id: str
    first_at: Micros
    not_before: Micros = 0
    tries: int = 0
    reason: str = ""
    news: int = 1


@dataclass(slots=True)
class Waiting:
    """A raw record that cannot be absorbed yet. `waits_for` names what it waits for: `link:7`, `ref:customers/12`, ..."""

    id: int
    external_id: str
    raw: RawRecord
    reason: str
    waits_for: str
    deadline: Micros
    parked_at: Micros = 0


class DeadState(StrEnum):
    """Where a dead letter stands."""

    OPEN = "open"
    REPLAYED = "replayed"
    DISCARDED = "discarded"
    SETTLED = "settled"  # by itself: what it tells of was applied or delivered since, or is no longer due


@dataclass(slots=True)
class DeadLetter:
    """A record, field or push that was set aside with its input and reason. `raw` is the payload as JSON bytes."""

    id: int
    code: str
    message: str
    connection: str
    stream: str
    external_id: str | None
    raw: bytes
    at: Micros
    field: str = ""
    suggestion: str = ""
    tries: int = 0
    state: DeadState = DeadState.OPEN


@dataclass(slots=True)
class JournalEntry:
    """One thing that happened to an entity or to one of its links. `body` is JSON; what it holds depends on `kind`."""

    id: int
    at: Micros
    entity_id: int
    link_id: int | None
    kind: str
    field: str | None
    body: Doc


@dataclass(slots=True)
class Run:
    """One pass of one stream. `counts`: fate -> number of records."""

    id: int
    connection: str
    stream: str
    kind: str
    started_at: Micros
    ended_at: Micros | None = None
    counts: dict[str, int] = field(default_factory=dict)
    error: str = ""


@dataclass(slots=True)
class ConnectionState:
    """What the store keeps of a connection. `paused` is the reason, empty while it works.

    `rewound_at`: since when (µs) it may have been restored from a backup and a person is asked; 0: it is not. `epoch` grows with
    every such question; `accepted` is the last one answered with yes: what was recorded of a link before it is forgotten.
    `signs`: what speaks for it, see `hub.model.signs`. `stopped_by`: who paused it by hand, empty: nobody. Then
    it is neither read nor written until somebody resumes it.
    """

    name: str
    mode: Mode = Mode.OBSERVE
    paused: str = ""
    epoch: int = 0
    started_at: Micros = 0
    accepted: int = 0
    rewound_at: Micros = 0
    signs: Doc = field(default_factory=dict)
    stopped_by: str = ""


@dataclass(slots=True)
class DriftCount:
    """How often one kind of surprise was met at one place. Never the value itself (Invariant 14)."""

    connection: str
    stream: str
    path: str
    kind: str
    count: int
    first_at: Micros
    last_at: Micros


@dataclass(slots=True)
class Approval:
    """A person's yes to one plan line; it outlives its delivery.

    `digest` is what it covers: the line (record, field, from -> to), or for a new record all of it. `plan` numbers what was said
    yes to at once. `link_id`: of the record there, 0 for a new one. `action`: what was to be done (change, create, or what was
    asked of a document). `brake`: what it had waited for; empty where every change there waits for a yes. `seen` -> `wanted`: the
    line itself.
    """

    connection: str
    stream: str
    entity_id: int
    path: str
    digest: str
    by: str
    at: Micros
    plan: int = 0
    link_id: int = 0
    action: str = "change"
    brake: str = ""
    seen: Value = None
    wanted: Value = None
