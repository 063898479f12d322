"""One token bucket per connection, shared by all its work.

In: the cost of a request and how urgent it is; what the API says of its own limit. Out: waiting, through the clock handed in.
Live work goes before first loads: a first load leaves a reserve in the bucket and steps back while live work waits.
"""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import Final

from hub.clock import Clock
from hub.errors import RateLimited

_SHORTEST_WAIT_S: Final = 0.001
"""So that rounding never makes a waiting thread spin."""
_ROUNDING_S: Final = 1e-6
"""A wait that was rounded down is over."""
_RESERVE: Final = 0.2
"""The share of a full bucket that first loads leave to live work."""


class Priority(IntEnum):
    """Who goes first where tokens are short."""

    LIVE = 0
    FIRST_LOAD = 1


_ASKED: Final[ContextVar[Priority]] = ContextVar("priority", default=Priority.LIVE)


def asked_priority() -> Priority:
    """Return how urgent what this thread does is."""
    return _ASKED.get()


@contextmanager
def first_load() -> Iterator[None]:
    """Let every call that this thread makes inside step back behind live work. Whoever reads in bulk says so."""
    before = _ASKED.set(Priority.FIRST_LOAD)
    try:
        yield
    finally:
        _ASKED.reset(before)


class Bucket:
    """Tokens that come back at `per_s` up to `capacity`. Thread-safe."""

    def __init__(self, clock: Clock, *, capacity: float = 10.0, per_s: float = 10.0, patience_s: float = 60.0) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._capacity = capacity
        self._per_s = per_s
        self._patience_s = patience_s
        self._tokens = capacity
        self._filled_at = clock.elapsed()
        self._closed_until = -math.inf
        self._live_waiting = 0

    def take(self, cost: float = 1.0, priority: Priority = Priority.LIVE) -> None:
        """Take `cost` tokens, waiting for them up to `patience_s`. A cost above the capacity takes a full bucket.

        Raises RateLimited with the seconds still to wait where that is longer; nothing was taken then.
        """
        deadline = self._clock.elapsed() + self._patience_s
        wait_s = self._try(cost, priority)
        if wait_s <= 0:
            return
        self._queue(priority, 1)
        try:
            while wait_s > 0:
                if self._clock.elapsed() + wait_s > deadline:
                    raise RateLimited("The connection is over its limit.", wait_s=wait_s)
                self._clock.sleep(wait_s)
                wait_s = self._try(cost, priority)
        finally:
            self._queue(priority, -1)

    def limit(self, *, available: float, capacity: float, per_s: float) -> None:
        """Believe what the API says of its limit. Figures that make no sense are ignored."""
        figures = (available, capacity, per_s)
        if not all(math.isfinite(figure) for figure in figures) or capacity <= 0 or per_s <= 0:
            return
        with self._lock:
            self._capacity = capacity
            self._per_s = per_s
            self._tokens = min(max(available, 0.0), capacity)
            self._filled_at = self._clock.elapsed()

    def close(self, wait_s: float) -> None:
        """Let nobody take anything for `wait_s`: the API asked for it. A shorter wait never ends a longer one."""
        with self._lock:
            self._closed_until = max(self._closed_until, self._clock.elapsed() + wait_s)

    def _queue(self, priority: Priority, step: int) -> None:
        if priority is Priority.LIVE:
            with self._lock:
                self._live_waiting += step

    def _try(self, cost: float, priority: Priority) -> float:
        """Take the tokens and return 0, or return the seconds after which it is worth trying again."""
        with self._lock:
            now = self._clock.elapsed()
            self._tokens = min(self._capacity, self._tokens + max(0.0, now - self._filled_at) * self._per_s)
            self._filled_at = now
            if now < self._closed_until:
                return max(self._closed_until - now, _SHORTEST_WAIT_S)
            cost = min(cost, self._capacity)
            needed = cost
            if priority is Priority.FIRST_LOAD:
                needed = min(cost + _RESERVE * self._capacity, self._capacity)
                if self._live_waiting:
                    return max(1 / self._per_s, _SHORTEST_WAIT_S)
            if self._tokens + _ROUNDING_S * self._per_s >= needed:
                self._tokens = max(0.0, self._tokens - cost)
                return 0.0
            return max((needed - self._tokens) / self._per_s, _SHORTEST_WAIT_S)
