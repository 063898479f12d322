from contextlib import suppress

import pytest

from hub.errors import InvariantBroken, StoreBusy
from hub.store import Store, Unit, open_store
from hub.store.sequence import BLOCK
from tests.contract.store.samples import link


class Crash(BaseException):
    """What the simulation throws at a commit."""


def crash_at(when: str, armed: list[str]) -> None:
    if when in armed:
        raise Crash


def save_and_fail(unit: Unit, kind: str = "link") -> None:
    unit.save_links([link(unit.next_id(kind))])
    raise ZeroDivisionError


def save_and_lose_the_lease(unit: Unit) -> None:
    unit.save_links([link(1)])
    unit._db.run("UPDATE lease SET fencing = fencing + 1")


def test_unit_draws_ids_that_grow(store: Store) -> None:
    with store.unit() as unit:
        assert (unit.next_id("link", 3), unit.next_id("link"), unit.next_id("entity")) == (1, 4, 1)
    with store.unit() as unit:
        assert (unit.next_id("link"), unit.next_id("entity")) == (5, 2)


def test_ids_go_on_when_the_store_is_opened_again(url: str, store: Store) -> None:
    with store.unit() as unit:
        unit.next_id("link", 3)
    store.close()
    again = open_store(url)
    with again.unit() as unit:
        assert unit.next_id("link") == 4
    again.close()


def test_nothing_stays_when_a_unit_raises(store: Store) -> None:
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        save_and_fail(unit)
    with store.unit() as unit:
        assert unit.links_by_id([1]) == {}
        assert unit.next_id("link") == 1


def test_savepoint_undoes_its_part_only(store: Store) -> None:
    with store.unit() as unit:
        unit.save_links([link(unit.next_id("link"))])
        with suppress(ZeroDivisionError), unit.savepoint():
            save_and_fail(unit)
        with unit.savepoint():
            unit.save_links([link(unit.next_id("link"), "third")])
    with store.unit() as unit:
        assert unit.links_by_id([1, 2, 3]) == {1: link(1), 2: link(2, "third")}


def test_savepoint_undoes_its_part_when_the_database_refused_a_row(store: Store) -> None:
    with store.unit() as unit:
        unit.save_links([link(1)])
        with suppress(InvariantBroken), unit.savepoint():
            unit.save_links([link(2, "1")])
        unit.save_links([link(3)])
    with store.unit() as unit:
        assert list(unit.links_by_id([1, 2, 3])) == [1, 3]


def test_second_unit_is_refused_while_one_is_open(store: Store) -> None:
    with store.unit() as unit, pytest.raises(InvariantBroken, match="open already"), store.unit():
        unit.next_id("link")


def test_crash_before_the_commit_leaves_nothing(url: str, store: Store) -> None:
    store.close()
    armed = ["before"]
    crashing = open_store(url, on_commit=lambda when: crash_at(when, armed))
    with pytest.raises(Crash), crashing.unit() as unit:
        unit.save_links([link(unit.next_id("link"))])
    armed.clear()
    with crashing.unit() as unit:
        assert unit.links_by_id([1]) == {}
        assert unit.next_id("link") == 1
    crashing.close()


def test_crash_after_the_commit_leaves_everything(url: str, store: Store) -> None:
    store.close()
    armed = ["after"]
    crashing = open_store(url, on_commit=lambda when: crash_at(when, armed))
    with pytest.raises(Crash), crashing.unit() as unit:
        unit.save_links([link(unit.next_id("link"))])
    armed.clear()
    with crashing.unit() as unit:
        assert unit.links_by_id([1]) == {1: link(1)}
        assert unit.next_id("link") == 2
    crashing.close()


def test_sequence_numbers_are_never_handed_out_again(url: str, store: Store) -> None:
    first = store.reserve_seqs(5)
    with pytest.raises(ZeroDivisionError), store.unit() as unit:
        save_and_fail(unit, kind="seq")
    assert store.reserve_seqs() == first + 6
    store.close()
    again = open_store(url)
    assert again.reserve_seqs() > first + 6
    again.close()


def test_sequence_is_topped_up_by_commits(url: str, store: Store) -> None:
    for _ in range(3):
        last = store.reserve_seqs(BLOCK - 1)
        with store.unit():
            pass
    store.close()
    again = open_store(url)
    assert again.reserve_seqs() >= last + BLOCK - 1
    again.close()


def test_sequence_refuses_when_more_is_asked_than_reserved(store: Store) -> None:
    store.reserve_seqs(BLOCK)
    with pytest.raises(InvariantBroken, match="sequence"):
        store.reserve_seqs()


def test_closed_store_is_refused(store: Store) -> None:
    store.close()
    with pytest.raises(InvariantBroken, match="closed"):
        store.reserve_seqs()


def test_second_writer_is_refused_until_the_first_has_closed(url: str, store: Store) -> None:
    with pytest.raises(StoreBusy):
        open_store(url)
    store.close()
    again = open_store(url)
    with again.unit() as unit:
        assert unit.links_by_id([1]) == {}
    again.close()


def test_commit_is_refused_when_another_writer_has_taken_the_lease(store: Store) -> None:
    with pytest.raises(StoreBusy, match="another writer"), store.unit() as unit:
        save_and_lose_the_lease(unit)
    with store.unit() as unit:
        assert unit.links_by_id([1]) == {}
