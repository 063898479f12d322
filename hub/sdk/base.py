"""What a connector declares: streams to read, sinks to write, a webhook door.

A connector is a few attributes and one verb each. It never sees the store, a mapping or a policy; retry, back-off, limits,
auth refresh, logging and redaction happen around it. One stream has one document shape: the one we read. What a sink does
to write that shape (several calls, other names) is the sink's business.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar

from hub.model.traits import Act
from hub.model.values import Doc, Micros

ClientT = TypeVar("ClientT")


class VersionKind(StrEnum):
    """What tells two states of a record apart in time."""

    COUNTER = "counter"  # grows by one with every change
    CHANGED_AT = "changed_at"  # the system's clock, at its own resolution
    NONE = "none"


class Safe(StrEnum):
    """Why a write cannot happen twice or hit the wrong state. Declared per sink and operation."""

    IDEMPOTENCY_KEY = "idempotency_key"  # same key and bytes: done once, the same answer again
    COMPARE_AND_SET = "compare_and_set"  # names the value it expects
    VERSION = "version"  # names the version it expects
    NATURAL_KEY = "natural_key"  # unique there, and can be looked up
    MARKER = "marker"  # our id in a writable field that can be looked up
    EXPECTED_STATE = "expected_state"  # done only from the state that it presumes, which is read first; already there is success
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a read stands. `since` (µs, None: the beginning) moves only once a window was stored whole; `token` is inside it."""

    since: Micros | None = None
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `token` None: the last one. `total` where the system tells how many records the window has."""

    docs: Sequence[Doc]
    token: str | None = None
    total: int | None = None


class Operation(StrEnum):
    """What a change does to the remote record."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"
    ADJUST = "adjust"
    ACT = "act"


@dataclass(frozen=True, slots=True)
class Change:
    """What should be different in one remote record. Plain data: it is frozen into an attempt before the first call.

    `after` is the whole document as it should be; `paths` are the dotted paths (`address.city`, `addresses` for a whole list)
    in which it differs from `before`, the last one read. `version` is what the record carried when `before` was read.
    For `ADJUST`, `after` is `{"level": external id of the level, "quantity": "on_hand" | "available", "delta": int,
    "absolute": int | None, "expected": int | None, "occurred_at": RFC 3339, "reference": str}`.
    For `ACT`, `after` is `{"verb": a name of `Sink.acts`, "args": {name: text | bool}}`.
    """

    operation: Operation
    external_id: str | None
    before: Doc | None
    after: Doc
    paths: tuple[str, ...]
    version: int | None = None
    marker: str | None = None

    def patch(self) -> Doc:
        """Return only what `paths` name, in the nested shape of the document; a path whose value is gone is None."""
        out: Doc = {}
        for path in self.paths:
            source: Any = self.after
            target = out
            *parents, leaf = path.split(".")
            for part in parents:
                source = source.get(part) or {}
                target = target.setdefault(part, {})
            target[leaf] = source.get(leaf)
        return out


@dataclass(frozen=True, slots=True)
class Call:
    """One request of an attempt: a name people may read, and the body, complete but for an id that an earlier call returns."""

    name: str
    body: Doc


class AnswerKind(StrEnum):
    """How a call ended, where it ended at all. Anything else is an error of `hub.errors`."""

    DONE = "done"
    STALE = "stale"  # the version or value it expected is not there: nothing was changed
    GONE = "gone"  # no such record
    REFUSED = "refused"  # not valid there; `blames` names the path if the answer does
    CLASH = "clash"  # something that must be unique is taken


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call returned. `doc`: the whole record in the stream's shape, where the answer carries it whole."""

    kind: AnswerKind
    doc: Doc | None = None
    external_id: str | None = None
    blames: str | None = None
    reason: str = ""
    """A sentence for people, without values."""


class Stream(Generic[ClientT]):
    """A readable collection of a connection."""

    name: ClassVar[str]
    version: ClassVar[VersionKind] = VersionKind.CHANGED_AT
    incremental: ClassVar[bool] = True
    """`page` honours `Cursor.since` (changed at or after)."""
    lists_all: ClassVar[bool] = True
    """A read without `since` lists every live record, so that absence can mean deletion."""
    overlap_s: ClassVar[float] = 2.0
    """How far a window reaches back before the newest change seen: late commits and coarse clocks."""
    visible_after_s: ClassVar[float] = 0.0
    """How long after a change a read may still show the state before it."""
    fetch_limit: ClassVar[int] = 50
    """How many ids one `fetch` takes."""

    def page(self, client: ClientT, cursor: Cursor) -> Page:
        """Return the page of `cursor`, ordered so that a record changed meanwhile moves to the end."""
        raise NotImplementedError

    def fetch(self, client: ClientT, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these records as they are now; an id that is not answered does not exist."""
        raise NotImplementedError


class Sink(Generic[ClientT]):
    """A writable collection of a connection. It has the name of the stream whose documents it writes."""

    name: ClassVar[str]
    create: ClassVar[Safe | None] = None
    update: ClassVar[Safe | None] = None
    delete: ClassVar[Safe | None] = None
    adjust: ClassVar[Safe | None] = None
    """How each operation is made safe; None: this sink cannot do it."""
    act: ClassVar[Safe | None] = None
    acts: ClassVar[Mapping[str, Act]] = {}
    """What can be done to a document there, by name. Each is sent only where the document was just seen as it presumes; `send`
    looks again, and answers `DONE` with the document where it is done already."""
    archive: ClassVar[Mapping[str, Any]] = {}
    """Our fields -> the values that put a record away there without deleting it; empty: that cannot be done."""
    marker: ClassVar[str | None] = None
    """The path that takes our id on create, for `Safe.MARKER`."""
    late_effect_s: ClassVar[float] = 5.0
    """How long after we gave up on a call its effect may still happen there: a request that waits in a queue on their side."""
    delivers_deltas: ClassVar[bool] = False
    """For `adjust`: a signed change can be sent. Otherwise absolute values only."""
    writes_at_once: ClassVar[int] = 1
    """How many different records may be written at the same time. `send` must bear several threads where it is more than one."""

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the calls that make `change`, in order. Pure: what it returns is frozen before anything is sent."""
        raise NotImplementedError

    def send(self, client: ClientT, call: Call, key: str, external_id: str | None) -> Answer:
        """Make one call. `key` is the same at every resend; `external_id` is the record's, once known."""
        raise NotImplementedError

    def find(self, client: ClientT, change: Change) -> Sequence[Doc]:
        """Return records that a create of `change` may have made, through a door that shows a record as soon as it exists."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Hint:
    """Something may have changed at this record. `event_id` recognises a webhook sent twice."""

    stream: str
    external_id: str
    event_id: str | None = None


@dataclass(frozen=True, slots=True)
class WebhookRequest:
    """What arrived at the webhook door. Header names are lower case, `body` the exact bytes, `url` as given to the sender."""

    url: str
    headers: Mapping[str, str]
    body: bytes
    received_at: Micros = 0
    """The hub's time when it arrived, for signatures that cover a time; 0: nobody said."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook subscription as it stands there. `sound`: it is on, and sends the shape and version that we read."""

    id: str
    url: str
    topics: frozenset[str]
    sound: bool = True


class Subscriber(Generic[ClientT]):
    """Makes the webhook subscriptions of a connection. Topics are those of the manifest (`webhook.topics`)."""

    announces: ClassVar[frozenset[str]] = frozenset()
    """The streams whose changes its webhooks tell: where a poll finds them first, the webhooks are missed."""
    whole: ClassVar[bool] = False
    """One subscription carries all topics."""

    needs: ClassVar[frozenset[str]] = frozenset()
    """The settings without which an account's subscriptions are made by hand."""
    draws_key: ClassVar[bool] = False
    """What signs a subscription's webhooks is drawn when it is made: `learn` returns it."""

    def find(self, client: ClientT) -> Sequence[Subscription]:
        """Return every subscription these credentials can see, those that are off too."""
        raise NotImplementedError

    def subscribe(self, client: ClientT, url: str, topics: Sequence[str]) -> Sequence[str]:
        """Have these topics sent to `url`; return those that were refused."""
        raise NotImplementedError

    def unsubscribe(self, client: ClientT, subscription: Subscription) -> None:
        """Take a subscription away; one that is gone already is no error."""
        raise NotImplementedError

    def learn(self, client: ClientT, subscription: Subscription) -> Mapping[str, str]:
        """Return the settings that `receive` needs to believe this subscription, such as the key drawn for it."""
        raise NotImplementedError


class Connector(Generic[ClientT]):
    """One kind of system. Stateless: everything that differs between two accounts is in the client."""

    name: ClassVar[str]
    streams: ClassVar[Mapping[str, Stream[Any]]] = {}
    sinks: ClassVar[Mapping[str, Sink[Any]]] = {}
    subscriber: ClassVar[Subscriber[Any] | None] = None
    """None: webhooks are subscribed to by hand, or there are none."""
    webhook_settings: ClassVar[frozenset[str] | None] = None
    """The settings that `receive` looks at: the process that answers webhooks is told no others. None: it is told all."""

    def client(self, settings: Mapping[str, str], http: Http) -> ClientT:
        """Return the client of one configured account. Makes no call."""
        raise NotImplementedError

    def probe(self, client: ClientT) -> str:
        """Make the cheapest call that proves address and credentials; return what the account calls itself."""
        raise NotImplementedError

    def receive(self, request: WebhookRequest, settings: Mapping[str, str]) -> Sequence[Hint]:
        """Verify the signature (constant time, before anything is parsed), then return what may have changed.

        Raises `hub.errors.Forged` when the signature does not hold and `hub.errors.BadPayload` when the body cannot be read.
        """
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer that was understood as one: any status below 500 but 401, 403 and 429, which are errors."""

    status: int
    headers: Mapping[str, str]
    body: Any = field(repr=False)
    """Parsed JSON, or None where there was none."""


class Http:
    """The only way a connector reaches the network. `hub.sdk.http` implements it over httpx.

    Reads (`safe=True`) are retried with back-off; writes never are: the attempt that carries them decides.
    Raises Unavailable, TimedOut (the effect is unknown), RateLimited, AuthFailed, PermissionMissing, BadPayload.
    """

    def send(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool,
        cost: float = 1.0,
        quota: str = "",
        limit_wait: Callable[[Reply], float | None] | None = None,
    ) -> Reply:
        """Send one request to the connection's base URL. `cost` is taken from its token bucket.

        `quota` names a narrower limit that this request counts towards too (`limits.quotas` of the manifest; one that is not
        declared there is no limit). A 429 then closes that quota alone.
        `limit_wait` reads from a 429 how many seconds to wait, where the API says so elsewhere than in Retry-After.
        """
        raise NotImplementedError

    def limit(self, *, available: float, capacity: float, per_s: float, quota: str = "") -> None:
        """Tell the token bucket (or that of a quota) what the API itself says of its limit."""
        raise NotImplementedError
