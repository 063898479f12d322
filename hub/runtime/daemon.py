"""`hub run`: a hub that works until it is told to stop.

In: a hub, its doors, what carries out operator verbs, what watches. Out: workers that tick, open doors; a stop within ten seconds
at SIGTERM or SIGINT. Everything that matters is in the store, so a kill at any moment loses nothing: the next start
looks up what was under way.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, Final, Protocol

import structlog
from apscheduler.schedulers.background import BackgroundScheduler

from hub.clock import Clock, Signal, Worker
from hub.errors import Stop
from hub.events import Event
from hub.runtime.control import ControlServer
from hub.runtime.doors import Door
from hub.runtime.hub import Hub

TICK_S: Final = 1.0
STARTING, STOPPING = "starting", "stopping"
"""Why webhooks are asked to come again, and what `/readyz` says meanwhile."""
STOP_S: Final = 7.0
"""How long workers may take to end what they are doing; what is left is done after the next start."""
log = structlog.get_logger("hub.runtime")


class Part(Protocol):
    """What works beside the lanes, in a thread of its own."""

    def run(self) -> None:
        """Work until stopped."""

    def stop(self) -> None:
        """End after what is under way; returns at once."""


class Daemon:
    """Runs one hub. `ticks` are called every second and must not block; `failed` hears the code of why the hub gave up."""

    def __init__(
        self,
        hub: Hub,
        doors: Sequence[Door],
        control: ControlServer,
        clock: Clock,
        parts: Mapping[str, Part],
        ticks: Sequence[Callable[[], object]] = (),
        failed: Callable[[str], object] = lambda _: None,
    ) -> None:
        self._hub, self._doors, self._control, self._clock = hub, doors, control, clock
        self._parts, self._ticks, self._failed = parts, ticks, failed
        self._stopped: Signal = clock.signal()
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_S, max_instances=1, coalesce=True, misfire_grace_time=None)

    def run(self, started: Callable[[], object] = lambda: None) -> None:
        """Work until stopped; `started` is called once the workers run. Raises Stop where a worker had to give up."""
        hub, workers = self._hub, []
        with stop_signals(self.stop):
            hub.hold(STARTING)
            for door in self._doors:
                door.start()
            try:
                hub.start()
                self._control.start()
                self._scheduler.start()
                workers = [self._clock.start(name, partial(hub.watch, part.run)) for name, part in self._parts.items()]
                hub.go_on(STARTING)
                log.info(Event.RUNTIME_RECEIVER_STARTED, port=self._doors[0].port)
                started()
                self._stopped.wait()
            finally:
                self._end(workers)
        if hub.failure is not None:
            raise hub.failure if isinstance(hub.failure, Stop) else Stop("A worker stopped.", fix="See the log.")

    def _end(self, workers: Sequence[Worker]) -> None:
        """Stop within ten seconds, whatever hangs: what is left is done after the next start."""
        until = self._clock.elapsed() + STOP_S
        self._hub.hold(STOPPING)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)
        self._control.stop()
        for part in self._parts.values():
            part.stop()
        for door in self._doors:
            door.close()
        if self._hub.failure is not None:
            self._failed(getattr(self._hub.failure, "code", "internal"))
        for door in self._doors:
            door.join(min(3.0, max(0.0, until - self._clock.elapsed())))
        for worker in workers:
            worker.join(min(1.0, max(0.0, until - self._clock.elapsed())))  # one that waits for a system ends with the process
        self._hub.stop(max(1.0, until - self._clock.elapsed()))

    def stop(self) -> None:
        """End what is under way, then return from `run`."""
        self._stopped.set()

    def _tick(self) -> None:
        self._hub.tick()
        for tick in self._ticks:
            self._hub.watch(tick)
        failure = self._hub.writer.failure or self._hub.failure  # what stopped the writer stops the others after it
        if failure is not None:
            self._hub.failure = failure
            self.stop()


@contextmanager
def stop_signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT ask for a graceful stop. A second one ends the process as usual."""
    before: dict[signal.Signals, Any] = {}

    def on_signal(number: int, _frame: object) -> None:
        which = signal.Signals(number)
        signal.signal(which, before[which] or signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.getsignal(number)
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
