"""Where the hub's work can be followed: spans, recorded while somebody asked for them, and nothing at all otherwise.

In: what is begun and what is known of it, in counts, ids of ours, names of config.yaml and words of ours, never a value of a
record or its id in a system (Invariant 14). Out: to the recorder, where there is one (`hub.runtime.tracing` puts it here). While
there is none, a span costs a look at one attribute. Nothing here loads OpenTelemetry.

Parents and links: what is begun inside a span is its child, also in the writer's thread. Work that one thing alone has caused is
the child of that; what several things have caused together begins a trace of its own, linked to each of them. Causes are known to
this process only: a trace that goes on after a restart is found by its ids (docs/decisions/20261122-traces.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from enum import StrEnum
from types import TracebackType
from typing import Any, Final, Protocol, TypeVar

WorkT = TypeVar("WorkT", bound=Callable[..., Any])
Fact = str | int | float | bool | tuple[int, ...]
Cause = tuple[str, ...]
"""What may lead to work later on, by a name that both sides know. It stays in memory and is never told."""


class Step(StrEnum):
    """What a span is of."""

    WEBHOOK = "webhook"  # from believing it until its hints are committed
    POLL = "poll"  # one page: asked for, taken in, stored with its cursor
    FETCH = "fetch"  # records that were hinted at, by id
    RECONCILE = "reconcile"  # a batch, inside the transaction
    DELIVER = "deliver"  # one change of one record, from planning it to having its outcome
    PREPARE = "prepare"  # planned from what is known now, frozen and committed
    LOOK_UP = "look up"  # what became of a call that was cut off
    REQUEST = "request"  # one HTTP request to a system


FACTS: Final[Mapping[str, str]] = {
    "connection": "syncline.connection",
    "stream": "syncline.stream",
    "entity": "syncline.entity",
    "operation": "syncline.operation",
    "kind": "syncline.kind",
    "outcome": "syncline.outcome",
    "count": "syncline.records",
    "gone": "syncline.records.gone",
    "whole": "syncline.read.whole",
    "window": "syncline.read.window",
    "delivery_id": "syncline.delivery.id",
    "delivery_ids": "syncline.delivery.ids",
    "attempt_id": "syncline.attempt.id",
    "applied": "syncline.records.applied",
    "unchanged": "syncline.records.unchanged",
    "superseded": "syncline.records.superseded",
    "skipped": "syncline.records.skipped",
    "waiting": "syncline.records.waiting",
    "in_review": "syncline.records.in_review",
    "dead_letter": "syncline.records.dead_letter",
    "code": "error.type",
    "host": "server.address",
    "method": "http.request.method",
    "resend": "http.request.resend_count",
    "route": "url.template",
    "status": "http.response.status_code",
}
"""Every attribute a span may have, by the name it is told under."""
MOST_IDS: Final = 50
"""So many ids of deliveries stand at a batch."""


class Span(Protocol):
    """Something under way. `on`: somebody listens, so that it is worth the while to work out what to tell."""

    on: bool

    def tell(self, **facts: Fact) -> None:
        """Add what is known by now; the names are those of `FACTS`."""

    def blame(self, code: str) -> None:
        """Say that it failed, by a stable code."""

    def remember(self, causes: Iterable[Cause], *, alone: bool) -> None:
        """Let later work find what led to it. `alone`: it is so small that what follows belongs into the same trace."""

    def end(self) -> None:
        """End what was begun with `begin`."""


class Recorder(Protocol):
    """What records spans."""

    def span(self, step: Step, causes: Iterable[Cause], facts: Mapping[str, Fact]) -> AbstractContextManager[Span]:
        """Record a span around a piece of work of this thread."""

    def begin(self, step: Step, facts: Mapping[str, Fact]) -> Span:
        """Begin a span with a trace of its own, which another thread may end."""

    def carry(self, work: WorkT) -> WorkT:
        """Return a work that goes on with this thread's span wherever it is run."""

    def trace_id(self) -> str:
        """Return the trace of this thread's span, 32 hexadecimal digits; empty: none that is kept."""


class Nothing:
    """A span that nobody records."""

    on = False

    def __enter__(self) -> Nothing:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        return None

    def tell(self, **facts: Fact) -> None:
        """Tell nobody."""

    def blame(self, code: str) -> None:
        """Blame nobody."""

    def remember(self, causes: Iterable[Cause], *, alone: bool) -> None:
        """Forget."""

    def end(self) -> None:
        """End nothing."""


NOTHING: Final = Nothing()


class Traces:
    """The switch. `recorder` is None while nobody asked for traces."""

    def __init__(self) -> None:
        self.recorder: Recorder | None = None

    def span(self, step: Step, causes: Iterable[Cause] = (), **facts: Fact) -> AbstractContextManager[Span]:
        """Follow a piece of work of this thread, and what it begins meanwhile. An error that leaves it is told by its code."""
        recorder = self.recorder
        return NOTHING if recorder is None else recorder.span(step, causes, facts)


TRACES: Final = Traces()
"""That of this process."""


def hinted(connection: str, stream: str, external_id: str) -> Cause:
    """Return the cause of a fetch."""
    return "hint", connection, stream, external_id


def due(delivery_id: int) -> Cause:
    """Return the cause of a delivery."""
    return "delivery", str(delivery_id)
