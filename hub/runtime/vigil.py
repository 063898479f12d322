"""The store is lost (full disk, database server gone): wait until it can be written, then begin anew as after a kill.

In: how to open the store, the door. Out: whether to begin anew. Whoever was at work when the store went does not know what became
of it; the one way to find out that is always right is the one after a kill: a new process, which looks up what was under way.
So no thread of before may live on, and no call of before be tried again. Meanwhile webhooks are asked to come again.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Final

import structlog

from hub.clock import Clock
from hub.errors import HubError, Retry, StoreBusy, StoreLost
from hub.events import Event
from hub.runtime.daemon import stop_signals
from hub.runtime.doors import Door

AGAIN: Final = "SYNCLINE_AGAIN"
"""In the environment of a hub that began anew: how often so in a row."""
WAITS_S: Final = (0.5, 1.0, 2.0, 5.0, 15.0, 30.0)
"""How long to wait before the store is tried, longer from time to time."""
WELL_S: Final = 60.0
"""A hub that worked so long begins to count anew."""
BUSY_S: Final = 120.0
"""How long a writer that is still there may keep the lease: the server takes its time to see that our session ended."""
LOST: Final = "store"
"""Why webhooks are asked to come again, and what `/readyz` says meanwhile."""
log = structlog.get_logger("hub.runtime")


class Vigil:
    """Waits for one store. `try_store` opens it for writing and closes it again; `open_doors` serves who knocks meanwhile."""

    def __init__(
        self,
        try_store: Callable[[], object],
        open_doors: Callable[[], list[Door]],
        clock: Clock,
        waits_s: Sequence[float] = WAITS_S,
    ) -> None:
        self._try, self._open_doors, self._clock, self._waits_s = try_store, open_doors, clock, waits_s
        said = os.environ.pop(AGAIN, "0")
        self.tries = int(said) if said.isascii() and said.isdigit() else 0
        """How often the store was tried, or lost, without a minute of work between."""
        self._began = clock.elapsed()

    def is_for(self, error: HubError) -> bool:
        """Say whether waiting helps. A hub that never worked says what is wrong and ends: its settings may be."""
        return isinstance(error, StoreLost) or (self.tries > 0 and isinstance(error, Retry))

    def keep(self, error: HubError) -> bool:
        """Wait until the store can be written; False: told to stop. Raises StoreBusy where another hub took it meanwhile."""
        if self._clock.elapsed() - self._began >= WELL_S:
            self.tries = 0
        log.error(Event.RUNTIME_STORE_FAILED, code=error.code)
        lost_at, stopped = self._clock.elapsed(), self._clock.signal()
        with stop_signals(stopped.set), self._closed():
            while not stopped.wait(self._waits_s[min(self.tries, len(self._waits_s) - 1)]):
                self.tries += 1
                if self._is_back(lost_at):
                    return True
        return False

    @contextmanager
    def _closed(self) -> Iterator[None]:
        """Answer whoever knocks that they are to come again."""
        doors = self._open_doors()
        for door in doors:
            door.start()
        try:
            yield
        finally:
            for door in doors:
                door.close()
                door.join(3.0)

    def _is_back(self, lost_at: float) -> bool:
        try:
            self._try()
        except (StoreLost, Retry):
            return False
        except StoreBusy:
            if self._clock.elapsed() - lost_at >= BUSY_S:
                raise
            return False
        log.warning(Event.RUNTIME_STORE_RETURNED, wait_s=round(self._clock.elapsed() - lost_at, 1))
        return True

    def begin_anew(self) -> None:
        """Become the same program again, from its first line. Does not return."""
        os.environ[AGAIN] = str(self.tries)
        with suppress(OSError):  # its disk may be the one that was full
            sys.stderr.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves, with our own arguments
