"""Read sequence numbers: handed out to every thread at once, reserved ahead in blocks so that a crash never reuses one."""

from __future__ import annotations

import threading
from typing import Final

from hub.errors import InvariantBroken

BLOCK: Final = 1 << 16
"""How many numbers are reserved ahead; every commit tops them up once half are used."""


class Sequence:
    """Hands out numbers that were made durable before."""

    def __init__(self, first: int, end: int) -> None:
        self._lock = threading.Lock()
        self._next = first
        self._end = end

    def take(self, n: int) -> int:
        """Return the first of `n` numbers. Never waits for a commit."""
        with self._lock:
            first = self._next
            if first + n > self._end:
                message = f"{n} sequence numbers asked for, {self._end - first} reserved: commits do not keep up."
                raise InvariantBroken(message)
            self._next = first + n
            return first

    def wanted_end(self) -> int | None:
        """Return how far the reservation should reach after the next commit, None if it reaches far enough."""
        with self._lock:
            return self._next + BLOCK if self._end - self._next < BLOCK // 2 else None

    def reserved(self, end: int) -> None:
        """Take note that numbers up to `end` are durable now."""
        with self._lock:
            self._end = max(self._end, end)
