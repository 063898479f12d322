"""Webhooks that wait together are stored together, and none of them twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.clock import SystemClock
from hub.errors import InvariantBroken
from hub.model.run import HintRow
from hub.model.values import Micros
from hub.runtime.inbox import GROUP, Arrival, Inbox
from hub.sdk import Hint
from hub.store import open_store
from hub.store.writer import Writer

NOW: Micros = 1_000_000


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """Return a writer that is not started yet, so that what comes has to wait."""
    store = open_store(f"sqlite:///{tmp_path / 'hub.db'}", synchronous="OFF")
    store.migrate()
    made = Writer(store, SystemClock())
    yield made
    made.stop(10)
    store.close()


def told(event: str | None, ident: str = "1", connection: str = "shop") -> Arrival:
    return Arrival(connection, [Hint("customers", ident, event)], NOW)


def hints(writer: Writer, connection: str = "shop") -> list[HintRow]:
    found: list[HintRow] = writer.submit(lambda unit: unit.due_hints(connection, NOW, 1000)).result(30)
    return found


def test_put_stores_with_one_work_when_many_wait(writer: Writer) -> None:
    inbox = Inbox(writer)
    tickets = [inbox.put(told(f"e{n}", str(n % 7), ("shop", "till")[n % 2])) for n in range(GROUP)]
    assert (writer.waiting(), inbox.waiting()) == (1, GROUP)
    assert not tickets[0].done()
    writer.start()
    assert [ticket.result(30) for ticket in tickets] == [None] * GROUP
    assert inbox.waiting() == 0
    assert {hint.external_id for hint in hints(writer)} == {str(n) for n in range(7)}
    assert sum(hint.news for hint in hints(writer) + hints(writer, "till")) == GROUP


def test_put_begins_another_work_when_a_group_is_full(writer: Writer) -> None:
    inbox = Inbox(writer)
    tickets = [inbox.put(told(f"e{n}", str(n))) for n in range(GROUP + 1)]
    assert writer.waiting() == 2
    writer.start()
    assert tickets[-1].result(30) is None
    assert len(hints(writer)) == GROUP + 1


def test_put_counts_a_webhook_once_when_it_comes_twice_in_a_group_and_again(writer: Writer) -> None:
    inbox = Inbox(writer)
    both = [inbox.put(told("e1")), inbox.put(told("e1"))]
    writer.start()
    assert [ticket.result(30) for ticket in both] == [None, None]
    assert inbox.put(told("e1")).result(30) is None
    assert [hint.news for hint in hints(writer)] == [1]


def test_put_writes_down_what_is_noted_in_the_same_commit(writer: Writer) -> None:
    inbox = Inbox(writer)
    arrival = Arrival("shop", [], NOW, lambda unit: unit.set_flag("heard", "yes"))
    ticket = inbox.put(arrival)
    writer.start()
    ticket.result(30)
    assert writer.submit(lambda unit: unit.flags().get("heard")).result(30) == "yes"


def test_put_refuses_when_the_writer_has_stopped(writer: Writer) -> None:
    inbox = Inbox(writer)
    writer.start()
    writer.stop(10)
    with pytest.raises(InvariantBroken):
        inbox.put(told("e1"))
    assert inbox.waiting() == 0
