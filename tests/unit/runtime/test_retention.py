"""Attempts whose result was seen go once nobody can need them; the others stay, however old they are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from hub.clock import SystemClock
from hub.model.delivery import AttemptState
from hub.model.review import Review, ReviewKind
from hub.model.run import Approval
from hub.runtime.hub import DISK, Hub
from hub.runtime.retention import KEPT, PAGE, Sweeper, forget_attempts
from hub.store import Store
from tests.contract.store.samples import attempt, link
from tests.unit.clocks import StillClock
from tests.unit.yard import Yard

CLOSED = AttemptState.CLOSED
NOW = 10 * KEPT
OLD = NOW - KEPT - 1


def test_attempt_goes_when_its_result_was_seen_before_the_time_kept(store: Store) -> None:
    old = attempt(1, state=CLOSED, started_at=OLD - 9, ended_at=OLD)
    with store.unit() as unit:
        unit.save_attempts([old, replace(old, id=2, ended_at=OLD + 2), replace(old, id=3, started_at=NOW, ended_at=0)])
        forget_attempts(unit, NOW, 0)
        assert list(unit.attempts([1, 2, 3])) == [2, 3]


@pytest.mark.parametrize("state", [AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.READ_BACK])
def test_attempt_stays_when_it_is_not_closed(store: Store, state: AttemptState) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(1, state=state, started_at=1, ended_at=2), attempt(2, state=CLOSED)])
        forget_attempts(unit, NOW, 0)
        assert list(unit.attempts([1, 2])) == [1]


def test_attempt_stays_when_its_link_still_names_it(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(n, state=CLOSED, link_id=n) for n in (1, 2)])
        unit.save_links([link(1, attempt_id=1), link(2, attempt_id=9)])
        forget_attempts(unit, NOW, 0)
        assert list(unit.attempts([1, 2])) == [1]


def test_attempt_stays_when_a_question_about_it_is_open(store: Store) -> None:
    asked = [Review(n, ReviewKind.UNKNOWN_CREATE, f"attempt {n}", 1, None, 1, {}) for n in (1, 2)]
    asked[1].resolved_at = 5
    with store.unit() as unit:
        unit.save_attempts([attempt(n, state=CLOSED, operation="create", link_id=None) for n in (1, 2)])
        unit.save_reviews(asked)
        forget_attempts(unit, NOW, 0)
        assert list(unit.attempts([1, 2])) == [1]


def test_walk_goes_on_where_it_was_and_ends_at_what_is_young(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts(attempt(n, state=CLOSED, started_at=n) for n in range(1, PAGE + 3))
        unit.save_attempts([attempt(PAGE + 3, state=CLOSED, started_at=NOW)])
        assert forget_attempts(unit, NOW, 0) == PAGE
        assert [one.id for one in unit.attempts_after(0, limit=9)] == [PAGE + 1, PAGE + 2, PAGE + 3]
        assert forget_attempts(unit, NOW, PAGE) is None
        assert [one.id for one in unit.attempts_after(0, limit=9)] == [PAGE + 3]


@pytest.fixture
def sweeper(store: Store) -> Iterator[Sweeper]:
    """A sweeper of a hub with more old attempts and approvals than one transaction takes, and one new of each."""
    with store.unit() as unit:
        unit.save_attempts(attempt(n, state=CLOSED) for n in range(1, 2 * PAGE + 9))
        unit.save_attempts([attempt(3 * PAGE, state=CLOSED, started_at=NOW)])
        unit.save_approvals(Approval("shop", "customers", n, "email", "d", "ada", n) for n in range(1, PAGE + 9))
        unit.save_approvals([Approval("shop", "customers", 3 * PAGE, "email", "d", "ada", NOW)])
    hub = Hub(Yard(store).ground, store, [], {}, SystemClock())
    hub.start()
    yield Sweeper(hub, StillClock(NOW))
    hub.stop(5)


def left(store: Store) -> tuple[list[int], list[int]]:
    with store.reader() as reader:
        attempts = [one.id for one in reader.attempts_after(0, limit=9_999)]
        return attempts, [one.entity_id for one in reader.approvals(range(4 * PAGE))]


def test_sweep_leaves_only_what_is_young_when_there_is_more_than_one_part(store: Store, sweeper: Sweeper) -> None:
    sweeper.sweep()
    assert left(store) == ([3 * PAGE], [3 * PAGE])


def test_sweep_touches_nothing_when_the_disk_is_full(store: Store, sweeper: Sweeper) -> None:
    sweeper.hub.hold(DISK)
    sweeper.sweep()
    attempts, approvals = left(store)
    assert (len(attempts), len(approvals)) == (2 * PAGE + 9, PAGE + 9)


def test_sweeper_touches_nothing_when_it_was_told_to_stop(store: Store, sweeper: Sweeper) -> None:
    sweeper.stop()
    sweeper.sweep()
    assert len(left(store)[0]) == 2 * PAGE + 9
