"""Windows that are read to their end: what moves the cursor, and what is concluded from what they did not show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from hub.errors import BadPayload
from hub.ingest.poll import Poller
from hub.model.link import Link
from hub.model.record import EntityType, RawRecord
from hub.model.review import ReviewKind
from hub.model.run import ConnectionState, CursorRow, HintRow, Mode
from hub.model.values import SECOND, Doc
from hub.pipeline import Absorbed
from hub.sdk import Cursor, Page, Stream
from hub.store import Store, Unit, open_store
from hub.store.writer import Writer
from tests.unit.clocks import StillClock

NOW = 1_000 * SECOND


class Shelves(Stream[None]):
    """Pages that a test hands out, one after the other."""

    name = "customers"

    def __init__(self, pages: Sequence[Page]) -> None:
        self.pages = list(pages)
        self.asked: list[Cursor] = []

    def page(self, client: None, cursor: Cursor) -> Page:
        self.asked.append(cursor)
        return self.pages.pop(0)


class Desk:
    """A poller over a store. Nothing is mapped: what is absorbed is only counted."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.writer = Writer(store, StillClock(NOW))
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
