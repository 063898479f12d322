"""The only door to time, ids, chance and waiting. Everything above takes a `Clock`; the simulation hands in its own.

Out: microseconds since the epoch (`now`), waiting (`sleep`, `Signal`). Nothing else in the hub calls the operating system's
clock, random numbers or thread primitives that block.
"""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol

from hub.model.values import SECOND, Micros


class Signal(Protocol):
    """Something to wait for, set by another thread. Stays set until cleared."""

    def set(self) -> None:
        """Wake whoever waits."""

    def clear(self) -> None:
        """Make the next `wait` block again."""

    def is_set(self) -> bool:
        """Say whether it is set."""

    def wait(self, timeout_s: float | None = None) -> bool:
        """Block until set or the time is over; return whether it is set."""


class Clock(Protocol):
    """Time and chance as the hub sees them."""

    def now(self) -> Micros:
        """Return the wall clock in microseconds. It may jump."""

    def elapsed(self) -> float:
        """Return seconds of a clock that never jumps; only differences mean something."""

    def sleep(self, seconds: float) -> None:
        """Let others run for this long."""

    def rest(self, seconds: float, unless: Signal) -> None:
        """Let others run for this long, or until the signal is set."""

    def signal(self) -> Signal:
        """Make a signal whose waiting this clock knows about."""

    def start(self, name: str, run: Callable[[], None]) -> Worker:
        """Run a worker beside the others."""

    def chance(self) -> float:
        """Return a number in [0, 1), for jitter only."""


class Worker(Protocol):
    """A running worker."""

    def join(self, timeout_s: float | None = None) -> None:
        """Wait until it is done."""

    def is_alive(self) -> bool:
        """Say whether it still runs."""


class SystemClock:
    """The operating system's time and threads."""

    def now(self) -> Micros:
        """Return the wall clock in microseconds."""
        return time.time_ns() // 1000

    def elapsed(self) -> float:
        """Return monotonic seconds."""
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        """Sleep."""
        time.sleep(seconds)  # noqa: TID251 - this is the door itself

    def rest(self, seconds: float, unless: Signal) -> None:
        """Wait."""
        unless.wait(seconds)

    def signal(self) -> Signal:
        """Make a signal."""
        return threading.Event()

    def start(self, name: str, run: Callable[[], None]) -> Worker:
        """Start a daemon thread."""
        thread = threading.Thread(target=run, name=name, daemon=True)
        thread.start()
        return thread

    def chance(self) -> float:
        """Return a random number."""
        return random.random()  # noqa: TID251, S311 - jitter, and this is the door


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def instant(at: Micros) -> str:
    """Write microseconds as RFC 3339 in UTC, with fraction digits only where there is a fraction."""
    whole, fraction = divmod(at, SECOND)
    text = datetime.fromtimestamp(whole, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{fraction:06d}".rstrip("0") + "Z" if fraction else text + "Z"


def micros(text: str) -> Micros:
    """Read RFC 3339 (any offset) as microseconds. Raises ValueError; a time without offset is refused."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        message = "a time needs an offset"
        raise ValueError(message)
    delta = at - _EPOCH
    return (delta.days * 86_400 + delta.seconds) * SECOND + delta.microseconds
