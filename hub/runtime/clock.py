"""The hub's own time: it follows the wall clock at the start and never jumps or goes back afterwards."""

from __future__ import annotations

from collections.abc import Callable

from hub.clock import Clock, Signal, Worker
from hub.model.values import SECOND, Micros
from hub.store.store import Store


def last_known_time(store: Store) -> Micros:
    """Return the last moment the store knows of: the `floor` of the clock of a hub that starts again on it."""
    with store.unit() as unit:
        attempts = [max(attempt.started_at, attempt.ended_at) for attempt in unit.open_attempts()]
        return max([unit.last_journal_at(), *attempts])


class SteadyClock:
    """A clock for durations and receipts. `floor` is the last time the store knows of: a clock set back cannot undo it."""

    def __init__(self, clock: Clock, floor: Micros = 0) -> None:
        self._clock = clock
        self._base = max(clock.now(), floor) - int(clock.elapsed() * SECOND)

    def now(self) -> Micros:
        """Return microseconds since the epoch; only ever forward."""
        return self._base + int(self._clock.elapsed() * SECOND)

    def elapsed(self) -> float:
        """Return monotonic seconds."""
        return self._clock.elapsed()

    def sleep(self, seconds: float) -> None:
        """Let others run for this long."""
        self._clock.sleep(seconds)

    def signal(self) -> Signal:
        """Make a signal."""
        return self._clock.signal()

    def start(self, name: str, run: Callable[[], None]) -> Worker:
        """Run a worker beside the others."""
        return self._clock.start(name, run)

    def chance(self) -> float:
        """Return a number in [0, 1)."""
        return self._clock.chance()
