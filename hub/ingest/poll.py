"""Read one stream to the end of its window, page by page; each page is stored with its cursor move."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, Final, TypeVar

from hub.clock import Clock
from hub.ingest.absence import Absences
from hub.ingest.runs import note_run
from hub.ingest.window import ask, close_window, is_torn, move, open_window, read_again
from hub.model.record import RawRecord, Source
from hub.model.review import Fate
from hub.model.run import CursorRow
from hub.model.values import Micros
from hub.sdk import Cursor, Page, Stream
from hub.sdk.boundary import documents, understood
from hub.sdk.limits import first_load
from hub.store.unit import Unit
from hub.store.writer import Writer
from hub.traces import TRACES, Step

T = TypeVar("T")
PART: Final = 40
"""So many records of a page are taken in at once while webhooks wait for the same writer: some 10 ms."""
Absorb = Callable[[Unit, list[Any]], Any]
"""Hands a batch to the pipeline inside a unit; returns its `Absorbed`."""
Met = Callable[[Unit, str], None]
"""Takes note, in the same commit, that a stream was read whole for the first time."""


class Poller:
    """Polls the streams of one connection. `missing`: the share of a stream above which what is gone is a question."""

    def __init__(
        self,
        connection: str,
        client: Any,
        writer: Writer,
        absorb: Absorb,
        seqs: Callable[[], int],
        clock: Clock,
        full_every: Micros = 0,
        missing: float = 0.2,
        met: Met = lambda _unit, _stream: None,
    ) -> None:
        self._full_every = full_every
        self._counts: dict[str, Counter[Fate]] = {}
        self._absences = Absences(connection, self._submit, clock, missing)
        self._met = met
        self._connection = connection
        self._client = client
        self._writer = writer
        self._absorb = absorb
        self._seqs = seqs
        self._clock = clock
        self.edited = 0
        """How many records the polls that go by time of change have found changed."""

    def poll(self, stream: Stream[Any], *, full: bool = False, stop: Callable[[], bool] = lambda: False) -> int:
        """Read one window to its end (or to where `stop` says so); return how many records it brought.

        A window whose cursor was set back meanwhile (a resync) is begun anew from there; one whose total changed is read again.
        """
        stored, cursor = self._open(stream, full=full)
        count = 0
        while not stop():
            moved, brought = self._take_page(stream, stored, cursor)
            count += brought
            if moved is None:
                stored, cursor = self._open(stream, full=full or cursor.full)
                continue
            stored = cursor = moved
            if cursor.token is None and not cursor.again:
                break
        return count

    def _take_page(self, stream: Stream[Any], stored: CursorRow, cursor: CursorRow) -> tuple[CursorRow | None, int]:
        """Ask for the next page and store it; return what `_store_page` does, and how many records there were."""
        whole, began = cursor.full, cursor.window_started_seq
        with TRACES.span(Step.POLL, connection=self._connection, stream=stream.name, whole=whole, window=began) as span:
            seq, sent_at = self._seqs(), self._clock.now()
            window = ask(cursor)
            urgency = first_load() if cursor.full else nullcontext()  # Rule 6.31: pushes and hints go before reads in bulk
            with urgency, understood(self._connection, stream.name):
                page = stream.page(self._client, Cursor(window.since, window.token))
                documents(page.docs)
            span.tell(count=len(page.docs))
            return self._store_page(stream, stored, cursor, page, seq, sent_at), len(page.docs)

    def _open(self, stream: Stream[Any], *, full: bool) -> tuple[CursorRow, CursorRow]:
        """Return the cursor as it is stored, and the window that starts or goes on there."""
        seq = self._seqs()
        stored: CursorRow = self._submit(lambda unit: unit.cursor(self._connection, stream.name))
        now = self._clock.now()
        window = open_window(stored, incremental=stream.incremental, full=full, seq=seq, now=now, full_every=self._full_every)
        return stored, window

    def _store_page(
        self, stream: Stream[Any], stored: CursorRow, cursor: CursorRow, page: Page, seq: int, sent_at: int
    ) -> CursorRow | None:
        """Store a page with its cursor move; None where the cursor is no longer where this window left it (`stored`)."""
        now = self._clock.now()
        raws = [RawRecord(self._connection, stream.name, doc, seq, sent_at, now, Source.POLL) for doc in page.docs]

        counts = self._counts.setdefault(stream.name, Counter())
        ahead, last = self._take_ahead(raws)

        def store(unit: Unit) -> tuple[CursorRow, CursorRow | None] | None:
            parts, whole = [*ahead, self._absorb(unit, last)], None
            counts.update(fate for part in parts for fate in part.fates.elements())
            if unit.cursor(self._connection, stream.name) != stored:
                return None
            self.edited += 0 if cursor.full else sum(part.edited for part in parts)
            if cursor.full and stream.lists_all:
                seen = [external_id for part in parts for external_id in part.seen_ids]
                unit.see_window(self._connection, stream.name, cursor.window_started_seq, seen)
            high = max((part.high for part in parts if part.high is not None), default=None)
            moved = move(cursor, count=len(raws), token=page.token, total=page.total, high=high)
            if page.token is None and is_torn(moved):
                moved = read_again(moved, seq=seq, now=now)
            elif page.token is None and not (moved.full and stream.lists_all):
                return self._close(unit, stream, moved, now), None
            elif page.token is None:
                moved, whole = replace(moved, again=False), moved
            unit.save_cursor(moved)  # Invariant 1
            return moved, whole

        done = self._submit(store)
        if done is None:
            return None
        moved, whole = done
        return moved if whole is None else self._end_whole(stream, moved, whole, now)

    def _take_ahead(self, raws: list[RawRecord]) -> tuple[list[Any], list[RawRecord]]:
        """While webhooks come in, take a page in by parts, so that none of them waits for a whole one.

        Return what came of all parts but the last, and the last, which is stored with the cursor: a crash has all read again.
        """
        ahead = []
        while len(raws) > PART and self._writer.is_pressed():
            part, raws = raws[:PART], raws[PART:]
            ahead.append(self._submit(partial(self._absorb_part, part)))
        return ahead, raws

    def _absorb_part(self, part: list[RawRecord], unit: Unit) -> Any:
        return self._absorb(unit, part)

    def _close(self, unit: Unit, stream: Stream[Any], read: CursorRow, now: Micros) -> CursorRow:
        """Write down that a window was read to its end, and where the next one starts."""
        note_run(unit, read, self._counts.pop(stream.name, Counter()), now)
        closed = close_window(read, overlap_s=stream.overlap_s, now=now)
        unit.save_cursor(closed)
        if closed.first_complete_at is not None and read.first_complete_at is None:
            self._met(unit, stream.name)  # Rule 7.10: now it is known what is not there
        return closed

    def _end_whole(self, stream: Stream[Any], stored: CursorRow, read: CursorRow, now: Micros) -> CursorRow | None:
        """Conclude what a whole read did not show, then close its window; None where the cursor was set back meanwhile.

        A hub that dies before the end reads it whole once more.
        """
        self._absences.conclude(stream.name, read)

        def end(unit: Unit) -> CursorRow | None:
            if unit.cursor(self._connection, stream.name) != stored:
                return None
            return self._close(unit, stream, read, now)

        return self._submit(end)

    def give_up(self, stream: str, code: str) -> None:
        """Write down that a pass ended with an error; what it had read stays, and the next pass goes on there."""
        now, counts = self._clock.now(), self._counts.pop(stream, Counter())
        self._submit(lambda unit: note_run(unit, unit.cursor(self._connection, stream), counts, now, code))

    def _submit(self, work: Callable[[Unit], T]) -> T:
        return self._writer.submit(work).result()
