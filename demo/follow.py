"""What people did and when it showed on the other side, as lines a person can follow, rates and lag.

In: the acts of people, and the systems' own journals. Out: finished lines ("till 2 sold 1 x MUG-GRN -> shop shows 11"), writes
per second, seconds from an act to its arrival.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Final

from hub.model.values import SECOND, Micros
from hub.sdk.fake import Entry, Fake

API: Final = "api"
DEALS: Final = "0-3"
WINDOW: Final[Micros] = 5 * SECOND
KEPT: Final = 2000
Spot = tuple[str, str, str]
"""System, kind and id in its journal."""


@dataclass(slots=True)
class Act:
    """Something a person did. `spot`: where it will show on the other side; `shows`: what to say of it then."""

    at: Micros
    side: str
    kind: str
    text: str
    spot: Spot | None = None
    shows: Callable[[], str] | None = None


class Follower:
    """Watches all journals. `tell` gets every line that is finished."""

    def __init__(self, fakes: Mapping[str, Fake], now: Callable[[], Micros], tell: Callable[[str], None]) -> None:
        self._fakes = fakes
        self._now = now
        self._tell = tell
        self._read = {side: len(fake.journal) for side, fake in fakes.items()}
        self._waiting: dict[Spot, Act] = {}
        self.counts: Counter[tuple[str, str]] = Counter()
        """(system, kind of act) -> how many; what the hub wrote is of kind `written`."""
        self.lags: deque[float] = deque(maxlen=KEPT)
        """Seconds, the newest last."""
        self._written: dict[str, deque[Micros]] = {side: deque() for side in fakes}
        self._deals: dict[str, str] = {}
        """Deal -> number of its order."""

    def note(self, act: Act) -> None:
        """Remember what a person did until it shows."""
        self.counts[act.side, act.kind] += 1
        if act.spot is None:
            self._tell(act.text)
        else:
            self._waiting.setdefault(act.spot, act)

    def look(self) -> None:
        """Read what is new in the journals."""
        for side, fake in self._fakes.items():
            entries = list(islice(fake.journal, self._read[side], None))
            self._read[side] += len(entries)
            for entry in entries:
                if entry.actor == API:
                    self._arrived(side, entry)

    def per_s(self, side: str) -> float:
        """Return how many writes of the hub reached a system per second lately."""
        times, now = self._written[side], self._now()
        while times and times[0] < now - WINDOW:
            times.popleft()
        return len(times) * SECOND / WINDOW

    def lag(self, share: float) -> float:
        """Return the lag in seconds below which this share of all arrivals lies; 0.0 before the first."""
        ordered = sorted(self.lags)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0

    def _arrived(self, side: str, entry: Entry) -> None:
        self.counts[side, "written"] += 1
        self._written[side].append(entry.at)
        act = next((act for spot in self._spots(side, entry) if (act := self._waiting.pop(spot, None)) is not None), None)
        if act is None:
            return
        lag_s = max(0, entry.at - act.at) / SECOND
        self.lags.append(lag_s)
        self._tell(f"{act.text} -> {act.shows() if act.shows else f'{side} knows'} ({lag_s:.1f} s)")

    def _spots(self, side: str, entry: Entry) -> Iterator[Spot]:
        """Return what an entry may be waited for as: its record; a deal by its order's number; a refund by its order."""
        yield side, entry.kind, entry.external_id
        if entry.kind == DEALS:
            name = self._deals.setdefault(entry.external_id, str(entry.detail.get("dealname", "")))
            yield side, "deal", name
        if entry.kind == "order" and entry.action == "refund":
            yield side, "refund", entry.external_id
