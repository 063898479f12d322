"""A clock that only moves when somebody sleeps."""

from __future__ import annotations

from hub.clock import Signal, SystemClock
from hub.model.values import SECOND, Micros


class StillClock(SystemClock):
    """Virtual time: `sleep` moves it and is written down; chance is always one half."""

    def __init__(self, at: Micros = 1_700_000_000 * SECOND) -> None:
        self.at = at
        self.slept: list[float] = []

    def now(self) -> Micros:
        return self.at

    def elapsed(self) -> float:
        return self.at / SECOND

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.at += round(seconds * SECOND)

    def rest(self, seconds: float, unless: Signal) -> None:
        self.sleep(seconds)

    def chance(self) -> float:
        return 0.5
