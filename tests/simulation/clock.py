"""The hub's clock in the simulation: virtual time, which for the hub alone may lie."""

from __future__ import annotations

import random
from collections.abc import Callable

from hub.clock import Signal
from hub.model.values import SECOND, Micros
from tests.simulation.baton import Baton, SimWorker


class SimSignal:
    """`hub.clock.Signal` under the baton. Waiting is a door even where it is set already."""

    def __init__(self, baton: Baton, note: str = "signal") -> None:
        self._baton = baton
        self._note = note
        self._is_set = False
        self._waiting: list[tuple[SimWorker, int]] = []

    def set(self) -> None:
        self._is_set = True
        waiting, self._waiting = self._waiting, []
        for worker, turn in waiting:
            self._baton.wake(worker, turn)

    def clear(self) -> None:
        self._is_set = False

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout_s: float | None = None) -> bool:
        if self._is_set:
            self._baton.door(self._note)
            return True
        me = self._baton.me()
        entry = (me, me.turn + 1)
        self._waiting.append(entry)
        woken = self._baton.block(self._note, timeout_s)
        if not woken and entry in self._waiting:
            self._waiting.remove(entry)
        return woken


class SimClock:
    """`hub.clock.Clock` of one group of workers. `offset_us` is how far its wall clock is off; the world's is `baton.time`.

    `lowest_us` and `highest_us` remember the range of the offset, for the oracle.
    """

    def __init__(self, baton: Baton, seed: int | str, *, group: str = "hub", offset_us: Micros = 0) -> None:
        self._baton = baton
        self._group = group
        self._rng = random.Random(f"clock {seed}")
        self.offset_us = self.lowest_us = self.highest_us = offset_us

    def jump(self, to_us: Micros) -> None:
        """Let the wall clock be off by this much from now on."""
        self.offset_us = to_us
        self.lowest_us = min(self.lowest_us, to_us)
        self.highest_us = max(self.highest_us, to_us)

    def now(self) -> Micros:
        return self._baton.time + self.offset_us

    def elapsed(self) -> float:
        return self._baton.time / SECOND

    def sleep(self, seconds: float) -> None:
        self._baton.door("sleep", max(0, round(seconds * SECOND)))

    def rest(self, seconds: float, unless: Signal) -> None:
        unless.wait(seconds)

    def signal(self) -> SimSignal:
        return SimSignal(self._baton)

    def start(self, name: str, run: Callable[[], None]) -> SimWorker:
        return self._baton.spawn(name, run, self._group)

    def chance(self) -> float:
        return self._rng.random()

    def on_commit(self, stage: str) -> None:
        """The doors of the store: "before" and "after" a commit, which takes up to some milliseconds."""
        self._baton.door(f"commit {stage}", self._rng.randrange(0, 4_000))
