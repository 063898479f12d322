"""What a whole read did not show is looked for by id, and only then held to be deleted (Invariant 12).

In: a window that was read to its end. Out: hints, or a question where a large share of the stream is gone at once. It is gone
through once for the figures and once for the hints, a bounded part at a time: a stream of millions fits into no memory, and the
writer has others to serve. The window is closed after this, so that nothing is thought to be read whole before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final, Protocol, TypeVar

from hub.clock import Clock
from hub.ingest.window import is_plausible
from hub.model.review import Review, ReviewKind
from hub.model.run import ConnectionState, CursorRow, HintRow
from hub.model.signs import count_gone, hides, is_landslide
from hub.model.values import Micros
from hub.store.reads import Sighting
from hub.store.unit import Unit

T = TypeVar("T")
PART: Final = 2_000
"""So many records are looked at in one transaction: some 20 ms of the writer."""
ANY: Final = 1 << 62
"""An epoch that never comes: what belongs to an earlier one is everything."""


class Submit(Protocol):
    """Runs a work in the writer; returns after its commit."""

    def __call__(self, work: Callable[[Unit], T], /) -> T:
        """Run it."""


class Absences:
    """What is missing in the streams of one connection. `share`: of a stream, above which what is gone is a question."""

    def __init__(self, connection: str, submit: Submit, clock: Clock, share: float) -> None:
        self._connection, self._submit, self._clock, self._share = connection, submit, clock, share

    def conclude(self, stream: str, cursor: CursorRow) -> None:
        """Have what is missing looked for, or ask about it; then forget what the window has met."""
        if is_plausible(cursor):
            missing = self._count(stream, cursor)
            before = self._submit(partial(self._judge, stream, missing))
            if any(epoch < before for epoch in missing):
                self._walk(partial(self._look_for, stream, cursor, before))
        while self._submit(lambda unit: unit.shrink_window(self._connection, stream, limit=PART)) == PART:
            pass

    def _count(self, stream: str, cursor: CursorRow) -> Counter[int]:
        """Return epoch -> how many of its records are missing."""
        missing = Counter[int]()

        def count(unit: Unit, after: str) -> str | None:
            page = self._page(unit, stream, cursor, after)
            missing.update(one.epoch for one in page if _is_missing(one, cursor))
            return _next(page)

        self._walk(count)
        return missing

    def _look_for(self, stream: str, cursor: CursorRow, before: int, unit: Unit, after: str) -> str | None:
        page, now = self._page(unit, stream, cursor, after), self._clock.now()
        missing = [one.external_id for one in page if _is_missing(one, cursor) and one.epoch < before]
        unit.add_hints([HintRow(self._connection, stream, external_id, now, now, reason="missing") for external_id in missing])
        return _next(page)

    def _page(self, unit: Unit, stream: str, cursor: CursorRow, after: str) -> list[Sighting]:
        return unit.sightings(self._connection, stream, cursor.window_started_seq, after=after, limit=PART)

    def _walk(self, step: Callable[[Unit, str], str | None]) -> None:
        place: str | None = ""
        while place is not None:
            place = self._submit(lambda unit, after=place: step(unit, after))  # type: ignore[misc]

    def _judge(self, stream: str, missing: Counter[int], unit: Unit) -> int:
        """Ask a person where a large share of a stream is gone at once; return below which epoch they may be looked for.

        What a restore lost is nothing to ask about: a person said already that there was one.
        """
        now, state = self._clock.now(), unit.connections().get(self._connection) or ConnectionState(self._connection)
        if hides(state, now):
            return ANY
        rest = sum(count for epoch, count in missing.items() if epoch >= state.accepted)
        counts = state.signs.setdefault("gone", {})
        count = counts.get(stream) or count_gone(now, unit.live_count(self._connection, stream))
        if now < count["allowed"] or not (count["asked"] or is_landslide(rest, count["of"], self._share)):
            return ANY
        self._ask(unit, state, stream, count, rest, now)
        return state.accepted

    def _ask(self, unit: Unit, state: ConnectionState, stream: str, count: dict[str, object], rest: int, now: Micros) -> None:
        state.signs["gone"][stream] = {**count, "asked": True}
        unit.save_connection(state)
        about, detail = f"{state.name}/{stream}", {"connection": state.name, "stream": stream, "missing": rest}
        unit.open_reviews([Review(unit.next_id("review"), ReviewKind.VANISHED, about, None, None, now, detail)])


def _next(page: list[Sighting]) -> str | None:
    """Return where to go on, None at the end."""
    return page[-1].external_id if len(page) == PART else None


def _is_missing(one: Sighting, cursor: CursorRow) -> bool:
    """Say whether a record was known before the window was opened, is not being written just now, and was not shown."""
    return one.is_live and not one.is_seen and one.linked_at < cursor.window_started_at and not one.is_fenced
