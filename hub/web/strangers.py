"""Who knocks too often with what is not believed is told to wait.

In: the source of a request, whom it was for, and that it was refused. Out: how long such a one is to wait. Only refusals count,
and they count against refusals only: whoever forges may share an address with the system he forges (a proxy of ours), so what is
signed well is taken whatever came from there before. A look at a signature calls nobody, and comes before all reading.
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


Key = tuple[str, str]
"""(source, connection), so that forgeries of one connection's webhooks hide nothing about another's."""


class Strangers:
    """Refusals by source and connection: a bucket that runs dry. `elapsed`: monotonic seconds. Thread-safe."""

    def __init__(self, elapsed: Callable[[], float], *, per_s: float = PER_S, burst: float = BURST) -> None:
        self._elapsed, self._per_s, self._burst = elapsed, per_s, burst
        self._lock = threading.Lock()
        self._levels: OrderedDict[Key, tuple[float, float]] = OrderedDict()

    def refuse(self, key: Key) -> float:
        """Note that something from there was not believed; return how long it is to wait, as `wait_s`: then it is not counted."""
        with self._lock:
            wait_s = self._wait_s(key)
            if not wait_s:
                self._levels[key] = (self._level(key) + 1.0, self._elapsed())
                self._levels.move_to_end(key)
            if len(self._levels) > MOST_SOURCES:
                self._levels.popitem(last=False)
            return wait_s

    def wait_s(self, key: Key) -> float:
        """Return how long nothing forged is expected from there; 0: it is not known for that."""
        with self._lock:
            return self._wait_s(key)

    def _wait_s(self, key: Key) -> float:
        return max(0.0, (self._level(key) + 1.0 - self._burst) / self._per_s)

    def _level(self, key: Key) -> float:
        level, at = self._levels.get(key, (0.0, 0.0))
        return max(0.0, level - (self._elapsed() - at) * self._per_s)


def source_of(peer: str, headers: Mapping[str, str], proxies: int) -> str:
    """Return who sent a request: the peer, or what our own proxies (so many) say of it. The rest of the header may be a lie."""
    if not proxies:
        return peer
    named = [one.strip() for one in headers.get("x-forwarded-for", "").split(",") if one.strip()]
    return named[-proxies][:64] if len(named) >= proxies else peer
