from collections.abc import Callable, Iterator
from functools import partial

import pytest

from hub.clock import SystemClock
from hub.errors import InvariantBroken
from hub.store import Store, Ticket, Unit, Writer, open_store
from tests.contract.store.samples import link
from tests.unit.clocks import StillClock

WAIT_S = 20.0


@pytest.fixture
def commits() -> list[str]:
    return []


@pytest.fixture
def counted(url: str, store: Store, commits: list[str]) -> Iterator[Store]:
    store.close()
    counted = open_store(url, synchronous="OFF", on_commit=commits.append)
    yield counted
    counted.close()


def save(number: int, unit: Unit) -> int:
    unit.save_links([link(number)])
    return number


def fail(unit: Unit) -> None:
    unit.save_links([link(77)])
    raise ZeroDivisionError


def break_law(unit: Unit) -> None:
    raise InvariantBroken("no")


def note(order: list[str], name: str, unit: Unit) -> None:
    order.append(name)


def saved(store: Store) -> list[int]:
    with store.unit() as unit:
        return list(unit.links_by_id(range(100)))


def test_ticket_returns_what_the_work_returned_once_it_is_committed(store: Store) -> None:
    writer = Writer(store, SystemClock())
    writer.start()
    assert writer.submit(partial(save, 3)).result(WAIT_S) == 3
    writer.stop(WAIT_S)
    assert saved(store) == [3]


def test_failing_work_leaves_its_neighbours_alone(counted: Store, commits: list[str]) -> None:
    writer = Writer(counted, SystemClock(), group_s=WAIT_S)
    works: list[Callable[[Unit], object]] = [partial(save, 1), fail, partial(save, 2)]
    tickets = [writer.submit(work) for work in works]
    writer.start()
    writer.stop(WAIT_S)
    assert (tickets[0].result(0), tickets[2].result(0)) == (1, 2)
    with pytest.raises(ZeroDivisionError):
        tickets[1].result(0)
    assert commits == ["before", "after"]
    assert saved(counted) == [1, 2]


def test_urgent_works_go_first(store: Store) -> None:
    order: list[str] = []
    writer = Writer(store, SystemClock())
    for name in ("a", "b"):
        writer.submit(partial(note, order, name))
    writer.submit(partial(note, order, "urgent"), urgent=True)
    assert writer.waiting() == 3
    writer.start()
    writer.stop(WAIT_S)
    assert order == ["urgent", "a", "b"]


def test_group_ends_when_its_time_is_over(counted: Store, commits: list[str]) -> None:
    writer = Writer(counted, SystemClock(), group_s=0.0)
    tickets = [writer.submit(partial(save, n)) for n in range(3)]
    writer.start()
    writer.stop(WAIT_S)
    assert [t.result(0) for t in tickets] == [0, 1, 2]
    assert commits == ["before", "after"] * 3


@pytest.mark.parametrize(("urgent", "groups"), [(True, 2), (False, 1)])
def test_group_ends_sooner_when_somebody_waits_for_it(counted: Store, commits: list[str], urgent: bool, groups: int) -> None:  # noqa: FBT001
    clock = StillClock()
    writer = Writer(counted, clock)
    writer.submit(lambda _: clock.sleep(0.002), urgent=urgent)
    for _ in range(3):
        writer.submit(lambda _: clock.sleep(0.004))
    writer.start()
    writer.stop(WAIT_S)
    assert commits == ["before", "after"] * groups


def test_callback_comes_once_answered(store: Store) -> None:
    calls: list[str] = []
    writer = Writer(store, SystemClock())
    ticket = writer.submit(partial(save, 1))
    ticket.when_done(lambda: calls.append(f"early {ticket.done()}"))
    writer.start()
    writer.stop(WAIT_S)
    ticket.when_done(lambda: calls.append("late"))
    assert calls == ["early True", "late"]


def test_commit_that_fails_fails_every_work_of_its_group(counted: Store) -> None:
    writer = Writer(counted, SystemClock(), group_s=WAIT_S)
    tickets = [writer.submit(partial(save, n)) for n in range(2)]
    counted._on_commit = refuse_once([counted._on_commit])
    writer.start()
    writer.stop(WAIT_S)
    for ticket in tickets:
        with pytest.raises(OSError, match="disk"):
            ticket.result(0)
    assert writer.failure is None
    assert saved(counted) == []


def refuse_once(left: list[Callable[[str], None]]) -> Callable[[str], None]:
    def refuse(when: str) -> None:
        while left:
            left.pop()
            raise OSError("disk")

    return refuse


def test_broken_invariant_rolls_back_and_stops_the_writer(store: Store) -> None:
    writer = Writer(store, SystemClock(), group_s=WAIT_S)
    tickets: list[Ticket[object]] = [writer.submit(work) for work in (partial(save, 1), break_law, partial(save, 2))]
    writer.start()
    writer.stop(WAIT_S)
    for ticket in tickets:
        with pytest.raises(InvariantBroken, match="no"):
            ticket.result(0)
    assert isinstance(writer.failure, InvariantBroken)
    with pytest.raises(InvariantBroken, match="stopped"):
        writer.submit(partial(save, 3))
    assert saved(store) == []


def test_result_says_so_when_there_is_no_answer_in_time(store: Store) -> None:
    writer = Writer(store, SystemClock())
    with pytest.raises(TimeoutError):
        writer.submit(partial(save, 1)).result(0)
