"""Hears the webhooks of one connection, and notices when they stay away.

In: webhooks that were believed, and what polls found changed. Out: whether webhooks that should have told of it never came.
Both times are of our own clock: a change that a poll finds was made since the poll before it, so a webhook that came since then
may have told of it, whatever the clock there says.
"""

from __future__ import annotations

import threading
from copy import deepcopy
from dataclasses import dataclass
from typing import Final

import structlog

from hub.events import Event
from hub.model.values import SECOND, Micros
from hub.model.webhooks import Hearing

GRACE: Final[Micros] = 60 * SECOND
"""How much later than our read of the change its webhook may still come."""
ENOUGH: Final = 3
"""So many changes without a webhook are silence; fewer may be one that was lost on its way."""
SAVE_EVERY: Final[Micros] = 5 * SECOND
"""How old what the store says of the last webhook may be: not every webhook writes it down."""
log = structlog.get_logger("hub.runtime")


@dataclass(frozen=True, slots=True)
class _Found:
    """So many changes that a poll was the first to show. Made after `since`, known `at`."""

    count: int
    since: Micros
    at: Micros


class Ear:
    """The webhooks of one connection. May be used by several threads."""

    def __init__(self, connection: str, announces: frozenset[str] = frozenset()) -> None:
        self.announces = announces
        """The streams whose changes webhooks tell; empty: nobody promised any."""
        self._connection = connection
        self._lock = threading.Lock()
        self._state = Hearing()
        self._found: list[_Found] = []
        self._missed: list[_Found] = []
        self._saved_at: Micros = 0

    def recall(self, state: Hearing) -> None:
        """Go on from what the store knows."""
        with self._lock:
            self._state = deepcopy(state)

    @property
    def state(self) -> Hearing:
        """Return a copy of what is known now."""
        with self._lock:
            return deepcopy(self._state)

    def note(self, *, url: str, checked_at: Micros, problem: str) -> None:
        """Note how the subscriptions stand."""
        with self._lock:
            self._state.url, self._state.checked_at, self._state.problem = url, checked_at, problem

    def hear(self, streams: set[str], now: Micros, *, forwarded: bool = False) -> bool:
        """Take note of a webhook; say whether `state` is to be written down now."""
        with self._lock:
            turned, self._state.forwarded = self._state.forwarded is not forwarded, forwarded
            self._state.heard |= dict.fromkeys(streams or {""}, now)
            self._missed.clear()
            well = bool(self._state.silent_since)
            self._state.silent_since = 0
            if not (well or turned) and now - self._saved_at < SAVE_EVERY:
                return False
            self._saved_at = now
        if well:
            log.info(Event.RUNTIME_WEBHOOKS_RETURNED, connection=self._connection)
        return True

    def miss(self, stream: str, count: int, since: Micros | None, now: Micros) -> None:
        """Take note of `count` changes that a poll found. `since`: when the poll before it was sent; None: it is the first.

        The first poll after a start tells nothing: what was sent while no hub ran was lost.
        """
        if count > 0 and since is not None and stream in self.announces:
            with self._lock:
                self._found.append(_Found(count, since, now))

    def listen(self, now: Micros) -> int:
        """Judge what waited for its webhook long enough; return how many changes were missed, 0 where webhooks are well.

        Nothing is missed where webhooks neither ever came nor were subscribed to.
        """
        with self._lock:
            last, promised = self._state.last, bool(self._state.last or self._state.url)
            ripe = [one for one in self._found if now - one.at >= GRACE]
            self._found = [one for one in self._found if now - one.at < GRACE]
            self._missed += [one for one in ripe if promised and one.since > last]
            missed = sum(one.count for one in self._missed)
            if missed < ENOUGH:
                return 0
            fresh = not self._state.silent_since
            self._state.silent_since = self._state.silent_since or self._missed[0].at
        if fresh:
            log.warning(Event.RUNTIME_WEBHOOKS_MISSED, connection=self._connection, count=missed)
        return missed

    def forget(self) -> None:
        """Count anew: the subscription was made again."""
        with self._lock:
            self._found.clear()
            self._missed.clear()
