"""The hub's own time: it starts with the wall clock and never goes back; a wall clock that stays elsewhere is followed slowly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import structlog

from hub.clock import Clock, Signal, Worker
from hub.events import Event
from hub.model.values import SECOND, Micros
from hub.store.store import Store


def last_known_time(store: Store) -> Micros:
    """Return the last moment the store knows of: the `floor` of the clock of a hub that starts again on it."""
    with store.unit() as unit:
        attempts = [max(attempt.started_at, attempt.ended_at) for attempt in unit.open_attempts()]
        return max([unit.last_journal_at(), *attempts])


AFTER_S: Final = 30.0
"""A wall clock has to stay elsewhere for so long before it is followed: what jumps there and back is not."""
APART: Final[Micros] = 2 * SECOND
"""So far it may be away without being followed at all."""
SLOW: Final = 0.5
"""The pace at which this clock goes while the wall clock catches up: it never goes back."""
log = structlog.get_logger("hub.runtime")


class SteadyClock:
    """A clock for durations and receipts. `floor` is the last time the store knows of: a clock set back cannot undo it.

    It does not follow the wall clock by itself; `Corrector` has it follow one that stays elsewhere (a machine that got its time
    late, or slept).
    """

    def __init__(self, clock: Clock, floor: Micros = 0) -> None:
        self._clock = clock
        self._base = max(clock.now(), floor) - int(clock.elapsed() * SECOND)
        self._ahead: Micros = 0
        self._slow_since = 0.0

    def now(self) -> Micros:
        """Return microseconds since the epoch; only ever forward."""
        elapsed = self._clock.elapsed()
        late = min(self._ahead, int((elapsed - self._slow_since) * SLOW * SECOND)) if self._ahead else 0
        return self._base - late + int(elapsed * SECOND)

    def correct(self, to: Micros) -> None:
        """Show the time `to` from now on: at once where it is later, by going slowly where it is earlier."""
        now, elapsed = self.now(), self._clock.elapsed()
        self._base = max(now, to) - int(elapsed * SECOND)
        self._ahead, self._slow_since = max(0, now - to), elapsed

    def elapsed(self) -> float:
        """Return monotonic seconds."""
        return self._clock.elapsed()

    def sleep(self, seconds: float) -> None:
        """Let others run for this long."""
        self._clock.sleep(seconds)

    def rest(self, seconds: float, unless: Signal) -> None:
        """Let others run for this long, or until the signal is set."""
        self._clock.rest(seconds, unless)

    def signal(self) -> Signal:
        """Make a signal."""
        return self._clock.signal()

    def start(self, name: str, run: Callable[[], None]) -> Worker:
        """Run a worker beside the others."""
        return self._clock.start(name, run)

    def chance(self) -> float:
        """Return a number in [0, 1)."""
        return self._clock.chance()


class Corrector:
    """Has a steady clock follow the wall clock where that stays elsewhere. `stepped` is called after every correction."""

    def __init__(self, steady: SteadyClock, wall: Clock, stepped: Callable[[], None] = lambda: None) -> None:
        self._steady, self._wall, self._stepped = steady, wall, stepped
        self._apart: Micros = 0
        self._since = wall.elapsed()

    def look(self) -> None:
        """Compare; call it every second or so."""
        apart, elapsed = self._wall.now() - self._steady.now(), self._wall.elapsed()
        same = abs(apart - self._apart) <= APART
        if abs(apart) <= APART or not same:
            self._apart, self._since = apart, elapsed
        elif elapsed - self._since >= AFTER_S:
            log.warning(Event.RUNTIME_CLOCK_CORRECTED, wait_s=round(apart / SECOND, 1))
            self._steady.correct(self._wall.now())
            self._stepped()
            self._apart, self._since = 0, elapsed
