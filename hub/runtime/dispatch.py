"""Carry out a round of deliveries of one connection: freeze, send, take what came of it in.

Records of which neither refers to another are written side by side, as far as the sink says that its system takes that and
config.yaml does not say less; everything else goes one after the other, since it may rest on what went before it.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from hub.clock import Clock
from hub.errors import HubError, Pause
from hub.events import Event
from hub.mapping.ground import Ground
from hub.meters import METERS, Metric
from hub.model.delivery import Attempt
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import RawRecord, Source
from hub.pipeline import Absorbed, Item
from hub.push.deliver import Deliverer
from hub.runtime.following import follow_attempt, follow_outcome
from hub.runtime.outbox import Pick, freeze, put_off
from hub.runtime.restored import markers, note_marker
from hub.runtime.wiring import Wiring
from hub.sdk.boundary import understood
from hub.store.unit import Unit
from hub.store.writer import Ticket, Writer
from hub.traces import TRACES, Span, Step, due

log = structlog.get_logger("hub.runtime")
Looks = Mapping[int, tuple[str, str]]
Take = Callable[[Sequence[Item], Unit], Absorbed]


class Dispatch:
    """Sends what is due of one connection. `take` takes outcomes in; `halted` says that nothing more is to be begun."""

    def __init__(
        self,
        wiring: Wiring,
        ground: Ground,
        writer: Writer,
        clock: Clock,
        seqs: Callable[[], int],
        deliverer: Deliverer,
        take: Take,
        halted: Callable[[], bool],
    ) -> None:
        self.wiring = wiring
        self._ground, self._writer, self._clock, self._seqs = ground, writer, clock, seqs
        self._deliverer, self._take, self._halted = deliverer, take, halted
        self._sinks = {(wiring.name, name): sink for name, sink in wiring.sinks.items()}

    def deliver(self, picked: Pick, *, look_first: bool = False) -> None:
        """Deliver a round. Raises what ended it early, once everything that was begun has ended."""
        ended: list[Ticket[Absorbed]] = []
        left, looks = picked.ids, dict(picked.looks)
        try:
            for stream, ids in picked.alone:
                width = min(self.wiring.writes_at_once, self.wiring.sinks[stream].writes_at_once, len(ids))
                if width > 1 and not look_first:
                    self._side_by_side(ids, looks, width, ended)
                    left = tuple(one for one in left if one not in ids)
            self._in_turn(left, looks, ended, look_first=look_first)
        finally:
            for ticket in ended:
                ticket.result()

    def _side_by_side(self, ids: Sequence[int], looks: Looks, width: int, ended: list[Ticket[Absorbed]]) -> None:
        """Let `width` workers take one delivery after the other, this thread among them."""
        left, errors = deque(ids), list[Exception]()

        def next_ones() -> Iterator[int]:
            while not errors:
                try:
                    one = left.popleft()
                except IndexError:
                    return
                yield one

        def work() -> None:
            try:
                self._in_turn(next_ones(), looks, ended)
            except Exception as error:  # noqa: BLE001 - it is raised below, once nobody sends any more
                errors.append(error)

        others = [self._clock.start(f"{self.wiring.name}.push.{number}", work) for number in range(2, width + 1)]
        work()
        for worker in others:
            worker.join()
        if errors:
            raise errors[0]

    def _in_turn(
        self,
        ids: Iterable[int],
        looks: Looks,
        ended: list[Ticket[Absorbed]],
        *,
        look_first: bool = False,
    ) -> None:
        """Freeze and send one delivery after the other: each is planned from state at the moment it is sent."""
        for delivery_id in ids:
            if self._halted():
                break
            with TRACES.span(Step.DELIVER, [due(delivery_id)], connection=self.wiring.name, delivery_id=delivery_id) as span:
                self._deliver(delivery_id, looks, ended, span, look_first=look_first)

    def _deliver(self, delivery_id: int, looks: Looks, ended: list[Ticket[Absorbed]], span: Span, *, look_first: bool) -> None:
        looked = self._look(delivery_id, *looks[delivery_id]) if delivery_id in looks else []
        with TRACES.span(Step.PREPARE):
            attempts: list[Attempt] = self._submit(partial(self._freeze, delivery_id, looked))
        if not attempts:
            span.tell(outcome="not_due")
        for attempt in attempts:
            follow_attempt(span, attempt)
            there = self._look_for(attempt) if look_first else None
            outcome = there if there is not None else self._send(attempt)
            follow_outcome(span, attempt, outcome)
            took = partial(self._take, [outcome, *self._in_the_way(attempt, outcome)])
            ended.append(self._writer.submit(took))  # not waited for: it is judged before the next freeze, in one commit

    def _look_for(self, attempt: Attempt) -> Outcome | None:
        """Look for a record before it is made: this store does not remember all that we made (Invariant 10)."""
        if attempt.operation != "create":
            return None
        for marker in self._submit(lambda unit: markers(unit, self._ground, attempt)):
            outcome = self._deliverer.look_first(attempt, marker)
            if outcome is not None and outcome.kind is OutcomeKind.DONE:
                self._submit(partial(note_marker, attempt_id=attempt.id, marker=marker))
            if outcome is not None:
                return outcome
        return None

    def _in_the_way(self, attempt: Attempt, outcome: Outcome) -> list[RawRecord]:
        """Return the records that a create clashed with. What became of the create is known, whether they can be read or not."""
        if attempt.operation != "create" or outcome.kind is not OutcomeKind.CLASH:
            return []
        try:
            return self._deliverer.find(attempt)
        except HubError:
            return []

    def _freeze(self, delivery_id: int, looked: list[RawRecord], unit: Unit) -> list[Attempt]:
        return freeze(unit, self._ground, self._sinks, [delivery_id], looked, self._clock.now())

    def _send(self, attempt: Attempt) -> Outcome:
        try:
            outcome = self._deliverer.send(attempt)
        except Pause as error:
            ended = Outcome(attempt.id, OutcomeKind.NOT_SENT, self._seqs(), self._clock.now(), attempt.done, reason=error.code)
            self._submit(partial(self._take, [ended]))
            raise
        METERS.count(Metric.ATTEMPTS, self.wiring.name, attempt.stream, outcome.kind.value)
        log.info(
            Event.PUSH_ATTEMPT_ENDED,
            connection=self.wiring.name,
            stream=attempt.stream,
            attempt_id=attempt.id,
            outcome=outcome.kind.value,
        )
        return outcome

    def _look(self, delivery_id: int, stream: str, external_id: str) -> list[RawRecord]:
        """Read a record right before it is written, where nothing else protects an edit made since (a documented window)."""
        seq, sent_at = self._seqs(), self._clock.now()
        try:
            with understood(self.wiring.name, stream):
                docs = self.wiring.streams[stream].fetch(self.wiring.client, [external_id])
        except HubError:
            self._submit(partial(put_off, delivery_id=delivery_id, now=self._clock.now()))  # the others go first now
            raise
        now = self._clock.now()
        return [RawRecord(self.wiring.name, stream, doc, seq, sent_at, now, Source.FETCH) for doc in docs]

    def _submit(self, work: Callable[[Unit], Any]) -> Any:
        return self._writer.submit(work).result()
