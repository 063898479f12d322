"""The workers of one connection: pull reads its streams, push works off hints and deliveries."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import structlog

from hub.clock import Clock
from hub.errors import AuthFailed, HubError, Pause, Stop
from hub.events import Event
from hub.ingest.fetch import Fetcher
from hub.ingest.poll import Poller
from hub.mapping.ground import Ground
from hub.meters import METERS, Metric
from hub.model.delivery import Attempt
from hub.model.outcome import OutcomeKind
from hub.model.run import ConnectionState
from hub.model.values import SECOND, Doc, Micros
from hub.pipeline import Absorbed, Item, absorb
from hub.push.deliver import Deliverer
from hub.runtime.dispatch import Dispatch
from hub.runtime.ear import Ear
from hub.runtime.following import follow_batch
from hub.runtime.opening import open_missing
from hub.runtime.outbox import Agenda, give_up, hasten, note_look, progress, put_off_look, read_agenda
from hub.runtime.wiring import Wiring
from hub.store.unit import Unit
from hub.store.writer import Writer
from hub.traces import TRACES, Step, due

log = structlog.get_logger("hub.runtime")
IDLE_S = 30.0
PAUSE_S = 30.0
HELD_S = 1.0
BACKOFF_S = (1.0, 2.0, 5.0, 15.0, 60.0)
ROUND = 20


class Lane:
    """Runs one connection. `seqs` draws the number of a read; `woken` tells the other lanes that there may be something due."""

    def __init__(
        self, wiring: Wiring, ground: Ground, writer: Writer, clock: Clock, seqs: Callable[[], int], woken: Callable[[], None]
    ) -> None:
        self.name = wiring.name
        self.wiring = wiring
        self.ground = ground
        self._writer, self._clock, self._seqs, self._woken = writer, clock, seqs, woken
        self._wake_pull, self._wake_push = clock.signal(), clock.signal()
        self._next_poll: dict[str, Micros] = dict.fromkeys(wiring.polled, 0)
        self.polled_at: dict[str, Micros] = {}
        self._full: set[str] = set()
        self._stopping = False
        self._next_push: Micros = 0
        self._failures = {"pull": 0, "push": 0}
        self._was_away = True  # nobody knows what was before the start
        self._halted = clock.signal()
        self._lock = threading.Lock()
        self._blocked: dict[str, str] = {}
        self.paused = ""
        self.stopped_by = ""
        """Who paused it by hand: it is neither read nor written, its webhooks are kept."""
        self.failing: dict[str, tuple[Micros, str]] = {}
        """Worker -> since when (µs) all it tries fails, and the code of the last error."""
        self.held = False
        """Nothing is taken in and nothing sent: the disk is full. What is under way ends."""
        self.ear = Ear(wiring.name)
        self.changed_at: Micros = 0
        """When something was last taken in here that was not known already."""
        self._poller = Poller(
            self.name,
            wiring.client,
            writer,
            self._absorb,
            seqs,
            clock,
            int(wiring.full_every_s * SECOND),
            ground.config.brakes.missing,
            lambda unit, stream: open_missing(unit, ground, self.name, stream, clock.now()),
        )
        self._fetcher = Fetcher(self.name, wiring.client, wiring.streams, writer, self._absorb, seqs, clock, self._identify)
        self._deliverer = Deliverer(self.name, wiring.client, wiring.sinks, self._progress, seqs, clock, self._identify)
        self._dispatch = Dispatch(
            wiring, ground, writer, clock, seqs, self._deliverer, self._take, lambda: self._stopping or self.held
        )

    # What others ask of a lane

    def wake(self) -> None:
        """Look for something to push."""
        self._wake_push.set()

    def tick(self) -> None:
        """Look whether a stream is due."""
        self._wake_pull.set()

    def poll_now(self, streams: set[str], *, full: bool = False) -> None:
        """Poll these streams at once; `full` reads them from the beginning."""
        for stream in streams & self._next_poll.keys():
            if full:
                self._full.add(stream)
            self._next_poll[stream] = 0  # last: whoever finds it due finds it marked as full, too
        self.tick()

    def read_whole(self) -> None:
        """Read every stream from the beginning, at once."""
        self.poll_now(set(self.wiring.polled), full=True)

    def stop(self) -> None:
        """End both workers after what they are doing."""
        self._stopping = True
        self._halted.set()
        self._wake_pull.set()
        self._wake_push.set()

    def hold(self, *, on: bool) -> None:
        """Take nothing in and send nothing, or go on."""
        self.held = on
        if not on:
            self._wake_pull.set()
            self._wake_push.set()

    def take_over(self, former: Lane) -> None:
        """Go on where a lane of the same connection ended: what was asked of it is still to be done."""
        self._full |= former._full & self._next_poll.keys()
        self.paused = former.paused
        self._blocked = dict(former._blocked)
        self.failing = dict(former.failing)

    # The two workers

    def pull(self) -> None:
        """Poll streams as they come due, until stopped."""
        while True:
            self._wake_pull.clear()
            if self._stopping:  # asked after clearing, so that no stop is slept through
                return
            if not self.held:
                self._guard("pull", self.pull_due)
            self._wake_pull.wait(HELD_S if self.held else self._pull_wait())

    def push(self) -> None:
        """Work off hints, deliveries and look-ups, until stopped."""
        while True:
            self._wake_push.clear()
            if self._stopping:
                return
            if self.held:
                self._wake_push.wait(HELD_S)
            elif not self._guard("push", self.push_round):
                self._wake_push.wait(max(0.01, min(IDLE_S, (self._next_push - self._clock.now()) / SECOND)))

    def pull_due(self) -> int:
        """Poll every stream that is due once."""
        if self.stopped_by:
            rests_until = self._clock.now() + int(self.wiring.every_s * SECOND)
            self._next_poll = {stream: max(at, rests_until) for stream, at in self._next_poll.items()}
            return 0
        done, polled, failed = 0, False, None
        for stream in self.wiring.polled:
            if self._stopping or self.held or self._clock.now() < self._next_poll[stream]:
                continue
            try:
                done += self._poll(stream)
                polled = True
            except HubError as error:
                if failed is not None or isinstance(error, Pause | Stop):
                    raise
                failed = error  # one stream alone may be at fault; of two the system is
        if polled:
            self._is_well("pull", wholly=failed is None)
        if failed is not None:
            raise failed
        return done

    def _poll(self, stream: str) -> int:
        started = self._clock.now()
        self._next_poll[stream] = started + int(self.wiring.every_s * SECOND)
        full, edited = self._take_full(stream), self._poller.edited
        try:
            done = self._poller.poll(self.wiring.streams[stream], full=full, stop=lambda: self._stopping or self.held)
        except HubError as error:
            self._poller.give_up(stream, error.code)
            self._next_poll[stream] = 0
            if full:
                self._full.add(stream)
            raise
        self.ear.miss(stream, self._poller.edited - edited, self.polled_at.get(stream), self._clock.now())
        self.polled_at[stream] = started
        self._woken()
        return done

    def _take_full(self, stream: str) -> bool:
        """Say once whether a whole read was asked for; one that is asked for meanwhile is the next poll's."""
        try:
            self._full.remove(stream)
        except KeyError:
            return False
        return True

    def push_round(self) -> int:
        """Work off one round; return how much there was."""
        if self.stopped_by:
            self._next_push = self._clock.now() + int(IDLE_S * SECOND)
            return 0
        agenda: Agenda = self._submit(lambda unit: read_agenda(unit, self.ground, self.name, self._clock.now(), ROUND))
        self._next_push = agenda.next_at if agenda.next_at is not None else self._clock.now() + int(IDLE_S * SECOND)
        polls = self._fetcher.fetch_due(agenda.hints)
        if polls:
            self.poll_now(polls)
        if agenda.hints:
            self._woken()  # what was just read may be due elsewhere
        self._dispatch.deliver(agenda.pick, look_first=agenda.look_first)
        if agenda.pick.ids:
            self._woken()
        self._look_up_round(agenda.lookups)
        if agenda.size():
            self._is_well("push")
        return agenda.size() + agenda.pick.put_off

    def _look_up_round(self, attempts: list[Attempt]) -> None:
        for attempt in attempts:
            facts = {"connection": self.name, "stream": attempt.stream, "operation": attempt.operation}
            ids = {"delivery_id": attempt.delivery_id, "attempt_id": attempt.id}
            with TRACES.span(Step.LOOK_UP, [due(attempt.delivery_id)], **facts, **ids) as span:
                span.tell(outcome=self._look_up(attempt))
        if attempts:
            self._woken()

    def _look_up(self, attempt: Attempt) -> str:
        """Find out what became of an attempt; return it in a word."""
        try:
            outcome = self._deliverer.send(attempt) if attempt.state == "open" else self._deliverer.look_up(attempt)
        except HubError:
            self._submit(partial(put_off_look, attempt_id=attempt.id, now=self._clock.now()))
            raise
        if outcome is None:
            self._submit(partial(note_look, attempt_id=attempt.id, now=self._clock.now()))
            return "asked_once"
        if outcome.kind is OutcomeKind.UNKNOWN:
            self._submit(partial(give_up, ground=self.ground, attempt=attempt, now=self._clock.now()))
        else:
            self._submit(partial(self._take, [outcome]))
        return outcome.kind.value

    # Errors, by what to do next

    def _guard(self, worker: str, run: Callable[[], int]) -> int:
        """Run once; return how much was done, 0 after an error that was handled."""
        try:
            done = run()
        except Pause as error:
            self._pause(error, worker)
            self._clock.rest(PAUSE_S, self._halted)
            return 0
        except Stop:
            raise
        except HubError as error:
            self._failures[worker] += 1
            delay = BACKOFF_S[min(self._failures[worker], len(BACKOFF_S)) - 1] * (0.5 + self._clock.chance())
            METERS.count(Metric.DELAYS, self.name, worker, error.code)
            self._was_away = self._was_away or worker == "pull"
            self.failing[worker] = (self.failing.get(worker, (self._clock.now(), ""))[0], error.code)
            log.warning(
                Event.RUNTIME_WORKER_DELAYED, connection=self.name, worker=worker, code=error.code, wait_s=round(delay, 1)
            )
            (self._wake_pull if worker == "pull" else self._wake_push).clear()
            self._clock.rest(delay, self._halted)
            return 0
        self._failures[worker] = 0
        return done

    def _pause(self, error: Pause, worker: str) -> None:
        """Say it once, whichever worker meets it first."""
        METERS.count(Metric.DELAYS, self.name, worker, error.code)
        with self._lock:
            fresh = not self.paused
            self._blocked[worker] = error.code
            if fresh:
                self.paused = error.code
        if fresh:
            log.error(Event.RUNTIME_CONNECTION_PAUSED, connection=self.name, code=error.code)
            self._note_paused(error.code)

    def _is_well(self, worker: str, *, wholly: bool = True) -> None:
        """A worker did something there. Credentials serve both, so what one proves about them counts for the other."""
        if wholly:
            self.failing.pop(worker, None)
        if wholly and worker == "pull" and self._was_away:
            self._was_away = False
            self._submit(partial(hasten, connection=self.name, now=self._clock.now()))  # tries over hours are minutes apart
            self.wake()
        if not self.paused:
            return
        with self._lock:
            self._blocked = {one: code for one, code in self._blocked.items() if one != worker and code != AuthFailed.code}
            over = bool(self.paused) and not self._blocked
            if over:
                self.paused = ""
        if over:
            log.info(Event.RUNTIME_CONNECTION_RESUMED, connection=self.name)
            self._note_paused("")

    def _note_paused(self, reason: str) -> None:
        def note(unit: Unit) -> None:
            state = unit.connections().get(self.name, ConnectionState(self.name))
            state.paused = reason
            unit.save_connection(state)

        self._submit(note)

    def _pull_wait(self) -> float:
        left = min(self._next_poll.values(), default=self._clock.now() + 60 * SECOND) - self._clock.now()
        return max(0.01, left / SECOND)

    def _absorb(self, unit: Unit, items: Sequence[Item]) -> Absorbed:
        with TRACES.span(Step.RECONCILE, connection=self.name, count=len(items)) as span:
            absorbed = absorb(unit, self.ground, items, self._clock.now())
            if span.on:
                follow_batch(span, items, absorbed)
        for fate, count in absorbed.fates.items():
            METERS.count(Metric.RECORDS, self.name, fate.value, n=count)
        if absorbed.news:
            self.changed_at = self._clock.now()
        for entity_id, jump in absorbed.jumps:
            log.warning(
                Event.RECONCILE_STATE_JUMPED, connection=self.name, stream=jump.stream, entity_id=entity_id, state=jump.path
            )
        if self.name in absorbed.rewound:
            log.warning(Event.RUNTIME_RESTORE_SUSPECTED, connection=self.name)
            self.read_whole()
        return absorbed

    def _take(self, items: Sequence[Item], unit: Unit) -> Absorbed:
        return self._absorb(unit, items)

    def _identify(self, stream: str, doc: Doc) -> str | None:
        table = self.ground.tables.get((self.name, stream))
        return table.identify(doc) if table is not None else None

    def _progress(self, attempt_id: int, done: int, external_id: str | None) -> None:
        self._submit(lambda unit: progress(unit, attempt_id, done, external_id))

    def _submit(self, work: Callable[[Unit], Any]) -> Any:
        return self._writer.submit(work).result()
