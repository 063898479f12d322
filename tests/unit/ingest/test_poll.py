"""A window is read to its end, and a resync that comes in between is not lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from hub.ingest.poll import Poller
from hub.model.review import Fate
from hub.model.run import CursorRow
from hub.model.values import SECOND
from hub.ops.office import set_back
from hub.pipeline import Absorbed
from hub.sdk import Cursor, Page, Stream
from hub.sdk.limits import Priority, asked_priority
from hub.store import Unit, open_store
from hub.store.writer import Writer
from tests.unit.clocks import StillClock

PAGES = {None: "2", "2": "3", "3": None}


class Pages(Stream[None]):
    """Three pages of one record; `meanwhile` happens while the second is asked for, once."""

    name = "customers"

    def __init__(self, meanwhile: Callable[[], object] = lambda: None) -> None:
        self.asked: list[Cursor] = []
        self.urgency: list[Priority] = []
        self._meanwhile = iter([meanwhile])

    def page(self, client: None, cursor: Cursor) -> Page:
        self.asked.append(cursor)
        self.urgency.append(asked_priority())
        for happens in self._meanwhile if cursor.token == "2" else ():
            happens()
        return Page([{"id": cursor.token}], PAGES[cursor.token])


@pytest.fixture
def clock() -> StillClock:
    """Return the clock of the writer."""
    return StillClock()


@pytest.fixture
def writer(tmp_path: Path, clock: StillClock) -> Iterator[Writer]:
    """Return a running writer over a store whose first read of the shop's customers is done."""
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    made = Writer(store, clock)
    made.start()
    made.submit(lambda unit: unit.save_cursor(CursorRow("shop", "customers", since=900 * SECOND, first_complete_at=1))).result()
    yield made
    made.stop()
    store.close()


def poller(writer: Writer) -> Poller:
    return Poller("shop", None, writer, lambda unit, items: Absorbed(), count(1).__next__, StillClock())


def cursor(writer: Writer) -> CursorRow:
    return writer.submit(lambda unit: unit.cursor("shop", "customers")).result()


def back_to(writer: Writer, since: int | None) -> Callable[[], Any]:
    return lambda: writer.submit(lambda unit: set_back(unit, "shop", {"customers"}, since)).result()


def test_poll_reads_from_where_a_resync_wants_it_when_it_comes_in_between(writer: Writer) -> None:
    stream = Pages(back_to(writer, 100 * SECOND))
    assert poller(writer).poll(stream) == 5
    assert [one.since for one in stream.asked] == [900 * SECOND] * 2 + [100 * SECOND] * 3
    assert cursor(writer).token is None


def test_poll_stays_whole_when_a_resync_comes_in_between(writer: Writer) -> None:
    stream = Pages(back_to(writer, 100 * SECOND))
    poller(writer).poll(stream, full=True)
    assert [one.since for one in stream.asked] == [None] * 5


def test_poll_starts_whole_when_an_interrupted_window_was_not(writer: Writer) -> None:
    stream = Pages()
    poller(writer).poll(stream, stop=lambda: len(stream.asked) == 1)
    assert cursor(writer).token == "2"
    poller(writer).poll(stream, full=True)
    assert [(one.since, one.token) for one in stream.asked[1:]] == [(None, None), (None, "2"), (None, "3")]


def test_first_read_stays_whole_when_a_resync_since_a_time_is_asked_for(writer: Writer) -> None:
    writer.submit(lambda unit: unit.save_cursor(CursorRow("shop", "customers", token="2", full=True))).result()
    back_to(writer, 100 * SECOND)()
    assert (cursor(writer).since, cursor(writer).token) == (None, None)


def test_poll_steps_back_behind_live_work_when_it_reads_everything(writer: Writer) -> None:
    changes, everything = Pages(), Pages()
    poller(writer).poll(changes)
    poller(writer).poll(everything, full=True)
    assert changes.urgency == [Priority.LIVE] * 3
    assert everything.urgency == [Priority.FIRST_LOAD] * 3
    assert asked_priority() is Priority.LIVE


def reading(fates: dict[Fate, int]) -> Callable[[Unit, list[Any]], Absorbed]:
    return lambda unit, items: Absorbed(Counter(fates))


class Crowd(Stream[None]):
    """One page of a hundred records."""

    name = "customers"

    def page(self, client: None, cursor: Cursor) -> Page:
        return Page([{"id": str(number)} for number in range(100)], None)


@pytest.mark.parametrize(("waits_s", "parts"), [(0, [40, 40, 20]), (11, [100])])
def test_poll_takes_a_page_in_by_parts_while_webhooks_come(
    writer: Writer, clock: StillClock, waits_s: float, parts: list[int]
) -> None:
    taken: list[int] = []

    def absorb(_: Unit, items: list[Any]) -> Absorbed:
        taken.append(len(items))
        ids = [item.payload["id"] for item in items]
        return Absorbed(Counter({Fate.APPLIED: len(items)}), high=len(taken) * SECOND, edited=1, seen_ids=ids)

    writer.submit(lambda unit: None, urgent=True).result()
    clock.sleep(waits_s)
    reads = Poller("shop", None, writer, absorb, count(1).__next__, clock)
    assert (reads.poll(Crowd()), taken, reads.edited) == (100, parts, len(parts))
    [run] = writer.submit(lambda unit: unit.runs()).result()
    assert run.counts == {"applied": 100}


def test_poll_writes_one_run_when_a_window_was_read_to_its_end(writer: Writer) -> None:
    Poller("shop", None, writer, reading({Fate.APPLIED: 1}), count(1).__next__, StillClock()).poll(Pages())
    [run] = writer.submit(lambda unit: unit.runs()).result()
    assert (run.connection, run.stream, run.kind, run.counts, run.error) == ("shop", "customers", "changes", {"applied": 3}, "")


def test_poll_writes_no_further_run_when_nothing_came_twice_in_a_row(writer: Writer) -> None:
    quiet = Poller("shop", None, writer, reading({Fate.UNCHANGED: 1}), count(1).__next__, StillClock())
    for _ in range(3):
        quiet.poll(Pages())
    assert len(writer.submit(lambda unit: unit.runs()).result()) == 1


def test_poll_keeps_twenty_runs_when_every_pass_brought_something(writer: Writer) -> None:
    busy = Poller("shop", None, writer, reading({Fate.APPLIED: 1}), count(1).__next__, StillClock())
    for _ in range(25):
        busy.poll(Pages())
    assert [run.id for run in writer.submit(lambda unit: unit.runs()).result()] == list(range(25, 5, -1))


def test_give_up_writes_why_when_a_pass_ended_early(writer: Writer) -> None:
    poller(writer).give_up("customers", "unavailable")
    assert [run.error for run in writer.submit(lambda unit: unit.runs()).result()] == ["unavailable"]
