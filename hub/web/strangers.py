"""Who knocks too often with what is not believed has to wait.

In: the source of a request, and that it was refused. Out: how long that source is not listened to. Only refusals count, so a
system that signs well is never slowed down; whoever forges is turned away before a byte of the body is read.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Final

PER_S: Final = 1.0
"""So many refusals a second are forgotten."""
BURST: Final = 60.0
"""So many may come at once: a secret that was just changed makes every webhook look forged."""
MOST_SOURCES: Final = 4_096


class Strangers:
    """Refusals by source: a bucket that runs dry. `elapsed`: monotonic seconds. Thread-safe."""

    def __init__(self, elapsed: Callable[[], float], *, per_s: float = PER_S, burst: float = BURST) -> None:
        self._elapsed, self._per_s, self._burst = elapsed, per_s, burst
        self._lock = threading.Lock()
        self._levels: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def refuse(self, source: str) -> None:
        """Note that something from there was not believed."""
        with self._lock:
            self._levels[source] = (self._level(source) + 1.0, self._elapsed())
            self._levels.move_to_end(source)
            if len(self._levels) > MOST_SOURCES:
                self._levels.popitem(last=False)

    def wait_s(self, source: str) -> float:
        """Return how long nobody listens to a source; 0: it is welcome."""
        with self._lock:
            return max(0.0, (self._level(source) + 1.0 - self._burst) / self._per_s)

    def _level(self, source: str) -> float:
        level, at = self._levels.get(source, (0.0, 0.0))
        return max(0.0, level - (self._elapsed() - at) * self._per_s)


def source_of(peer: str, headers: Mapping[str, str], proxies: int) -> str:
    """Return who sent a request: the peer, or what our own proxies (so many) say of it. The rest of the header may be a lie."""
    if not proxies:
        return peer
    named = [one.strip() for one in headers.get("x-forwarded-for", "").split(",") if one.strip()]
    return named[-proxies][:64] if len(named) >= proxies else peer
