"""The one writer: works submitted by any thread, committed in groups.

Urgent works go first (webhooks: their answer waits for the commit). Works of one group share a transaction, each under a
savepoint of its own, so that one that fails leaves its neighbours alone; tickets are answered after the commit.
All waiting goes through the clock's signals, so that a simulation can hold every thread; the lock here only guards a deque.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from typing import Any, Final, Generic, TypeVar

from hub.clock import Clock, Signal, Worker
from hub.errors import InvariantBroken, Stop, StoreLost
from hub.meters import METERS, Metric
from hub.store.store import Store
from hub.store.unit import Unit
from hub.traces import TRACES

T = TypeVar("T")
GROUP_S: Final = 0.015
"""How long a group may gather works before it commits."""
GROUP_WORKS: Final = 64
"""How many works a group may hold, whatever the clock says."""
URGENT_S: Final = 0.005
"""How long a group may gather that holds an urgent work."""
PRESSED_S: Final = 10.0
"""So long after an urgent work more of them are to be expected."""


class Ticket(Generic[T]):
    """The promise of a submitted work."""

    def __init__(self, work: Callable[[Unit], T], signal: Signal) -> None:
        self.work = work
        self._signal = signal
        self._lock = threading.Lock()
        self._value: T | None = None
        self._error: BaseException | None = None
        self._settled = False
        self._callbacks: list[Callable[[], None]] = []

    def done(self) -> bool:
        """Say whether `result` would return at once."""
        return self._signal.is_set()

    @property
    def failed(self) -> bool:
        """Say whether it was answered with an error."""
        return self._error is not None

    def result(self, timeout_s: float | None = None) -> T:
        """Wait for the commit; return what the work returned, or raise what it or the commit raised. Raises TimeoutError."""
        if not self._signal.wait(timeout_s):
            message = "the writer has not answered in time"
            raise TimeoutError(message)
        if self._error is not None:
            raise self._error
        return self._value  # type: ignore[return-value] # set together with the signal

    def when_done(self, callback: Callable[[], None]) -> None:
        """Call back from the writer's thread once answered (at once if it is). It must not block."""
        with self._lock:
            if not self._settled:
                self._callbacks.append(callback)
                return
        callback()

    def settle(self, value: T | None, error: BaseException | None) -> None:
        """Answer. Called once, by the writer."""
        self._value, self._error = value, error
        with self._lock:
            self._settled = True
            callbacks, self._callbacks = self._callbacks, []
        self._signal.set()
        for callback in callbacks:
            callback()


class Writer:
    """Runs works against the store on a worker of its own."""

    def __init__(self, store: Store, clock: Clock, *, group_s: float = GROUP_S) -> None:
        self._store = store
        self._clock = clock
        self._group_s = group_s
        self._lock = threading.Lock()
        self._urgent: deque[Ticket[Any]] = deque()
        self._normal: deque[Ticket[Any]] = deque()
        self._wake = clock.signal()
        self._worker: Worker | None = None
        self._stopping = False
        self._urgent_at = float("-inf")
        self.failure: BaseException | None = None
        """Why the writer stopped by itself; None while all is well."""

    def start(self) -> None:
        """Start the worker."""
        self._worker = self._clock.start("writer", self._run)

    def submit(self, work: Callable[[Unit], T], *, urgent: bool = False) -> Ticket[T]:
        """Queue a work. It runs in the writer's thread, may run beside others in one transaction, and must not block.

        Raises InvariantBroken once the writer has stopped, StoreLost where it stopped because of that.
        """
        ticket = Ticket(work if TRACES.recorder is None else TRACES.recorder.carry(work), self._clock.signal())
        with self._lock:
            if self._stopping:
                raise self._why_stopped() from self.failure
            (self._urgent if urgent else self._normal).append(ticket)
            if urgent:
                self._urgent_at = self._clock.elapsed()
        self._wake.set()
        return ticket

    def _why_stopped(self) -> Stop:
        if isinstance(self.failure, StoreLost):
            return StoreLost(self.failure.message, fix=self.failure.fix)
        return InvariantBroken("the writer has stopped.")

    def is_pressed(self) -> bool:
        """Say whether urgent works come in just now, so that whoever has a long work should cut it in parts."""
        return self._clock.elapsed() - self._urgent_at < PRESSED_S

    def waiting(self) -> int:
        """Return how many works are queued: what back-pressure looks at."""
        return len(self._urgent) + len(self._normal)

    def stop(self, timeout_s: float | None = None) -> None:
        """Take no more works, finish those queued, end the worker."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        if self._worker is not None:
            self._worker.join(timeout_s)

    def _run(self) -> None:
        try:
            while not (self._stopping and not self.waiting()):
                self._wake.wait()
                self._wake.clear()
                while self.waiting():
                    self._commit_group()
        except BaseException as error:
            self._give_up(error)
            if not isinstance(error, Exception):
                raise

    def _take(self) -> tuple[Ticket[Any] | None, bool]:
        """Return the next work, and whether it is urgent."""
        with self._lock:
            if self._urgent:
                return self._urgent.popleft(), True
            return (self._normal.popleft() if self._normal else None), False

    def _commit_group(self) -> None:
        """Run one group; raise where the writer has to stop."""
        done: list[tuple[Ticket[Any], Any, BaseException | None]] = []
        taken: list[Ticket[Any]] = []
        begun = self._clock.elapsed()
        try:
            with self._store.unit() as unit:
                self._gather(unit, taken, done)
        except BaseException as error:
            for ticket in taken:
                ticket.settle(None, error)
            if not taken or isinstance(error, Stop) or self._store.broken or not isinstance(error, Exception):
                raise
            return
        METERS.time(Metric.COMMIT_TIME, self._clock.elapsed() - begun)
        for ticket, value, failed in done:
            ticket.settle(value, failed)

    def _gather(self, unit: Unit, taken: list[Ticket[Any]], done: list[tuple[Ticket[Any], Any, BaseException | None]]) -> None:
        """Run works until the group is full, old enough, or nothing waits."""
        begun = self._clock.elapsed()
        until = begun + self._group_s
        while len(taken) < GROUP_WORKS:
            ticket, urgent = self._take()
            if ticket is None:
                return
            if urgent:
                until = min(until, begun + URGENT_S)
            taken.append(ticket)
            try:
                with unit.savepoint():
                    value = ticket.work(unit)
            except Stop:
                raise
            except Exception as error:  # noqa: BLE001 - it is the submitter's; the ticket raises it there
                done.append((ticket, None, error))
            else:
                done.append((ticket, value, None))
            if self._clock.elapsed() >= until:
                return

    def _give_up(self, error: BaseException) -> None:
        """Fail what is queued and refuse what comes."""
        with self._lock:
            self._stopping = True
            self.failure = error
            left = [*self._urgent, *self._normal]
            self._urgent.clear()
            self._normal.clear()
        for ticket in left:
            ticket.settle(None, error)
