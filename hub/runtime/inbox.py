"""Webhooks that were believed, on their way into the store: those that wait for the writer together are stored by one work.

In: hints of a webhook, from any thread. Out: a ticket, answered once they are committed. Many webhooks at once cost one
transaction and a handful of statements, however many they are.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from hub.model.run import HintRow
from hub.model.values import Micros
from hub.sdk import Hint
from hub.store.unit import Unit
from hub.store.writer import Ticket, Writer
from hub.traces import TRACES, Recorder, Span, Step, hinted

GROUP: Final = 250
"""So many webhooks are stored by one work: others wait behind it."""
Note = Callable[[Unit], None]


@dataclass(frozen=True, slots=True)
class Arrival:
    """One webhook that was believed. `note`: what else is written down in the same commit."""

    connection: str
    hints: Sequence[Hint]
    at: Micros
    note: Note | None = None


@dataclass(slots=True)
class _Group:
    arrivals: list[Arrival] = field(default_factory=list)


class Inbox:
    """Takes webhooks in. May be used by several threads."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._lock = threading.Lock()
        self._group = _Group()
        self._ticket: Ticket[None] | None = None

    def put(self, arrival: Arrival) -> Ticket[None]:
        """Store a webhook with those that wait already. Raises InvariantBroken once the writer has stopped."""
        recorder = TRACES.recorder
        return self._put(arrival) if recorder is None else self._put_traced(arrival, recorder)

    def _put_traced(self, arrival: Arrival, recorder: Recorder) -> Ticket[None]:
        span = recorder.begin(Step.WEBHOOK, {"connection": arrival.connection, "count": len(arrival.hints)})
        # before it is stored: whoever fetches it may be faster than we are
        span.remember((hinted(arrival.connection, one.stream, one.external_id) for one in arrival.hints), alone=True)
        ticket = self._put(arrival)
        ticket.when_done(lambda: _end(span, ticket))
        return ticket

    def _put(self, arrival: Arrival) -> Ticket[None]:
        with self._lock:
            if self._ticket is None or len(self._group.arrivals) >= GROUP:
                group = _Group()
                self._ticket = self._writer.submit(partial(self._store, group), urgent=True)
                self._group = group  # the writer asks for the lock before it looks
            self._group.arrivals.append(arrival)
            return self._ticket

    def waiting(self) -> int:
        """Return how many webhooks wait to be stored, beside the works of the writer."""
        return len(self._group.arrivals) if self._ticket is not None else 0

    def _store(self, group: _Group, unit: Unit) -> None:
        with self._lock:
            if group is self._group:
                self._ticket = None  # who comes now is stored by the next work
        by_connection: dict[str, list[Arrival]] = {}
        for arrival in group.arrivals:
            by_connection.setdefault(arrival.connection, []).append(arrival)
        for connection, arrivals in by_connection.items():
            store(unit, connection, arrivals)


def _end(span: Span, ticket: Ticket[None]) -> None:
    if ticket.failed:
        span.blame("not_stored")
    span.end()


def store(unit: Unit, connection: str, arrivals: Sequence[Arrival]) -> None:
    """Store the hints of webhooks that were not met before; of one that came twice the first counts."""
    events = [hint.event_id for arrival in arrivals for hint in arrival.hints if hint.event_id is not None]
    new = unit.new_events(connection, events, arrivals[-1].at) if events else set()
    rows: list[HintRow] = []
    for arrival in arrivals:
        fresh = [hint for hint in arrival.hints if hint.event_id is None or hint.event_id in new]
        new -= {hint.event_id for hint in fresh if hint.event_id is not None}
        at = arrival.at
        rows += [HintRow(connection, hint.stream, hint.external_id, at, at, reason="webhook") for hint in fresh]
        if arrival.note is not None:
            arrival.note(unit)
    unit.add_hints(rows)
