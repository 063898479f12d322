"""Windows that are read to their end: what moves the cursor, and what is concluded from what they did not show."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hub.errors import BadPayload
from hub.ingest.absence import PART
from hub.ingest.poll import Poller
from hub.model.link import Link
from hub.model.record import EntityType, RawRecord
from hub.model.review import ReviewKind
from hub.model.run import ConnectionState, CursorRow, HintRow, Mode
from hub.model.values import SECOND, Doc
from hub.pipeline import Absorbed
from hub.sdk import Cursor, Page, Stream
from hub.store import Store, Unit, open_store
from hub.store.writer import Ticket, Writer
from tests.unit.clocks import StillClock

NOW = 1_000 * SECOND
T = TypeVar("T")


class Shelves(Stream[None]):
    """Pages that a test hands out, one after the other."""

    name = "customers"

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = list(pages)
        self.asked: list[Cursor] = []

    def page(self, client: None, cursor: Cursor) -> Page:
        self.asked.append(cursor)
        return self.pages.pop(0)


CONCLUSION = 3
"""The work that begins a conclusion: the cursor is read, then the only page is stored."""


def lose(_: Unit) -> None:
    """Go wrong."""
    raise BadPayload("no answer")


class Watched(Writer):
    """A writer that counts the hints of each work, and does what else a test has for the n-th one, once."""

    def __init__(self, store: Store) -> None:
        super().__init__(store, StillClock(NOW))
        self.hinted: list[int] = []
        self.works: dict[int, Callable[[Unit], object]] = {}

    def submit(self, work: Callable[[Unit], T], *, urgent: bool = False) -> Ticket[T]:
        def watched(unit: Unit) -> T:
            before = sum(unit.hint_counts().values())
            self.works.pop(len(self.hinted) + 1, lambda _: None)(unit)
            done = work(unit)
            self.hinted.append(sum(unit.hint_counts().values()) - before)
            return done

        return super().submit(watched, urgent=urgent)


class Desk:
    """A poller over a store. Nothing is mapped: what is absorbed is only counted."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.writer = Watched(store)
        self.writer.start()
        self.seq = 0

    def _absorb(self, _unit: Unit, raws: list[Any]) -> Absorbed:
        return Absorbed(seen_ids=[raw.payload["id"] for raw in raws if isinstance(raw, RawRecord)])

    def _next_seq(self) -> int:
        self.seq += 1
        return self.seq

    def poll(self, *pages: Page, full: bool = True) -> Shelves:
        """Read a window of these pages."""
        stream = Shelves(pages)
        poller = Poller("shop", None, self.writer, self._absorb, self._next_seq, StillClock(NOW))
        poller.poll(stream, full=full)
        return stream

    def know(self, n: int) -> None:
        """Let the hub know `n` records of old, `1` to n."""
        with self.store.unit() as unit:
            unit.save_links(Link(i, "shop", "customers", str(i), EntityType.CUSTOMER, i) for i in range(1, n + 1))

    def cursor(self) -> CursorRow:
        """Return where the stream stands."""
        with self.store.unit() as unit:
            return unit.cursor("shop", "customers")

    def hints(self) -> list[HintRow]:
        """Return what is to be looked at again."""
        with self.store.unit() as unit:
            return unit.due_hints("shop", NOW, 100)

    def asked(self) -> list[ReviewKind]:
        """Return the open questions."""
        with self.store.unit() as unit:
            return [review.kind for review in unit.reviews()]

    def state(self, **changes: Any) -> None:
        """Set what is kept of the connection."""
        with self.store.unit() as unit:
            unit.save_connection(ConnectionState("shop", Mode.LIVE, **changes))


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    desk = Desk(store)
    desk.state()
    yield desk
    desk.writer.stop()
    store.close()


def docs(*ids: int) -> list[Doc]:
    return [{"id": str(i)} for i in ids]


def test_poll_reads_a_window_again_when_its_total_changed_meanwhile(desk: Desk) -> None:
    desk.know(3)
    torn = [Page(docs(1), "a", 3), Page(docs(3), None, 2)]
    stream = desk.poll(*torn, Page(docs(1, 2, 3), None, 3))
    assert [cursor.token for cursor in stream.asked] == [None, "a", None]
    assert (desk.hints(), desk.cursor().again, desk.cursor().first_complete_at) == ([], False, NOW)


def test_poll_reads_the_first_window_again_when_it_fell_short_of_the_total(desk: Desk) -> None:
    """Seed 7000098: after a restore the hub made somebody whom the last page would have shown."""
    stream = desk.poll(Page(docs(1), "a", 3), Page(docs(3), None, 3), Page(docs(1, 2, 3), None, 3))
    assert [cursor.token for cursor in stream.asked] == [None, "a", None]


def test_poll_takes_the_first_window_as_whole_when_it_falls_short_twice(desk: Desk) -> None:
    """A system may count what it does not list."""
    stream = desk.poll(Page(docs(1, 2), None, 3), Page(docs(1, 2), None, 3))
    assert (len(stream.asked), desk.cursor().first_complete_at) == (2, NOW)


def test_poll_concludes_from_the_second_reading_when_the_total_changed_then_too(desk: Desk) -> None:
    desk.know(3)
    torn = [Page(docs(1), "a", 3), Page(docs(3), None, 2)]
    desk.poll(*torn, Page(docs(1), "b", 3), Page(docs(3), None, 2))
    assert [(hint.external_id, hint.reason) for hint in desk.hints()] == [("2", "missing")]


def test_poll_goes_on_with_the_second_reading_when_it_was_interrupted(desk: Desk) -> None:
    desk.know(3)
    with pytest.raises(BadPayload):  # the pages are over: the answer is none
        desk.poll(Page(docs(1), "a", 3), Page(docs(3), None, 2))
    assert (desk.cursor().again, desk.cursor().first_complete_at) == (True, None)
    assert [cursor.since for cursor in desk.poll(Page(docs(1, 2, 3), None, 3), full=False).asked] == [None]
    assert desk.cursor().first_complete_at == NOW


def test_poll_asks_when_a_large_share_is_missing(desk: Desk) -> None:
    desk.know(10)
    desk.poll(Page(docs(1, 2, 3, 4), None, 4))
    assert (desk.asked(), desk.hints()) == ([ReviewKind.VANISHED], [])
    desk.poll(Page(docs(1, 2, 3, 4, 5, 6, 7, 8, 9), None, 9))
    assert desk.hints() == []  # as long as nobody answered


def test_poll_looks_at_what_is_missing_when_a_person_knows_of_the_restore(desk: Desk) -> None:
    desk.know(10)
    desk.state(epoch=1, accepted=1)
    desk.poll(Page(docs(1, 2, 3, 4), None, 4))
    assert (desk.asked(), len(desk.hints())) == ([], 6)


def test_poll_looks_for_every_missing_record_when_they_are_more_than_one_part(desk: Desk) -> None:
    desk.know(2 * PART + 3)
    desk.state(epoch=1, accepted=1)
    desk.poll(Page(docs(1, 2 * PART), None, 2))
    with desk.store.unit() as unit:
        found = unit.due_hints("shop", NOW, 3 * PART)
        assert unit.shrink_window("shop", "customers", limit=9) == 0
    assert {int(hint.external_id) for hint in found} == set(range(1, 2 * PART + 4)) - {1, 2 * PART}


def test_writer_serves_others_between_the_parts_when_much_is_missing(desk: Desk) -> None:
    desk.know(2 * PART + 3)
    desk.state(epoch=1, accepted=1)
    desk.poll(Page(docs(1), None, 1))
    assert [count for count in desk.writer.hinted if count] == [PART - 1, PART, 3]


def test_stream_is_read_whole_once_more_when_the_hub_dies_before_the_conclusion(desk: Desk) -> None:
    desk.know(9)
    desk.writer.works[CONCLUSION] = lose
    with pytest.raises(BadPayload):
        desk.poll(Page(docs(1, 2, 3, 4, 5, 6, 7, 8), None, 8))
    assert (desk.hints(), desk.cursor().full_at, desk.cursor().first_complete_at) == ([], 0, None)
    stream = desk.poll(Page(docs(1, 2, 3, 4, 5), "a", 8), Page(docs(6, 7, 8), None, 8), full=False)
    assert ([cursor.since for cursor in stream.asked], desk.cursor().first_complete_at) == ([None, None], NOW)
    assert [hint.external_id for hint in desk.hints()] == ["9"]


def test_window_is_read_anew_when_a_resync_was_asked_for_before_the_conclusion(desk: Desk) -> None:
    desk.know(3)
    desk.writer.works[CONCLUSION] = lambda unit: unit.save_cursor(CursorRow("shop", "customers", since=5))
    stream = desk.poll(Page(docs(1, 2, 3), None, 3), Page(docs(1, 2, 3), None, 3))
    assert (len(stream.asked), desk.cursor().first_complete_at) == (2, NOW)
