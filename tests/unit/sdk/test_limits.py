"""One bucket for all work of a connection."""

from __future__ import annotations

import math
import threading

import pytest

from hub.errors import RateLimited
from hub.sdk.limits import Bucket, Priority
from tests.unit.clocks import StillClock


def test_take_waits_for_refill_when_bucket_is_empty() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=2, per_s=4)
    for _ in range(4):
        bucket.take()
    assert clock.slept == [0.25, 0.25]


def test_take_never_exceeds_the_rate_when_called_for_long() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=5, per_s=10)
    started = clock.elapsed()
    for _ in range(105):
        bucket.take()
    assert clock.elapsed() - started == pytest.approx(10.0, abs=0.2)


def test_take_empties_the_bucket_when_cost_is_above_capacity() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=10, per_s=10)
    bucket.take(500)
    bucket.take(1)
    assert clock.slept == [0.1]


def test_take_leaves_a_reserve_when_work_is_a_first_load() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=10, per_s=1)
    for _ in range(8):
        bucket.take(1, Priority.FIRST_LOAD)
    assert clock.slept == []
    bucket.take(1, Priority.LIVE)
    bucket.take(1, Priority.LIVE)
    assert clock.slept == []
    bucket.take(1, Priority.FIRST_LOAD)
    assert sum(clock.slept) == pytest.approx(3.0)


def test_take_serves_live_first_when_both_wait() -> None:
    order: list[str] = []

    class Meeting(StillClock):
        """While the live taker sleeps, a first load tries to come in between."""

        met = False

        def sleep(self, seconds: float) -> None:
            first, self.met = not self.met, True
            super().sleep(seconds)
            [intrude() for _ in range(first)]

    clock = Meeting()
    bucket = Bucket(clock, capacity=1, per_s=1, patience_s=0.5)

    def intrude() -> None:
        with pytest.raises(RateLimited):
            bucket.take(1, Priority.FIRST_LOAD)
        order.append("first load stepped back")

    bucket.limit(available=0.6, capacity=1, per_s=1)
    bucket.take(1, Priority.LIVE)
    order.append("live")
    assert order == ["first load stepped back", "live"]


def test_take_raises_when_the_wait_is_longer_than_patience() -> None:
    clock = StillClock()
    bucket = Bucket(clock, patience_s=60)
    bucket.close(61)
    with pytest.raises(RateLimited) as caught:
        bucket.take()
    assert (caught.value.wait_s, clock.slept) == (61.0, [])


def test_close_keeps_the_longer_wait_when_told_a_shorter_one() -> None:
    clock = StillClock()
    bucket = Bucket(clock)
    bucket.close(10)
    bucket.close(1)
    bucket.take()
    assert clock.slept == [10.0]


def test_limit_sets_what_the_api_says() -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=10, per_s=10)
    bucket.limit(available=0, capacity=1000, per_s=50)
    bucket.take(100)
    assert clock.slept == [2.0]


@pytest.mark.parametrize(("capacity", "per_s"), [(0, 5), (5, 0), (math.nan, 5), (5, math.inf)])
def test_limit_is_ignored_when_figures_make_no_sense(capacity: float, per_s: float) -> None:
    clock = StillClock()
    bucket = Bucket(clock, capacity=10, per_s=10)
    bucket.limit(available=0, capacity=capacity, per_s=per_s)
    bucket.take(10)
    assert clock.slept == []


def test_take_hands_out_each_token_once_when_threads_race() -> None:
    class Locked(StillClock):
        lock = threading.Lock()

        def sleep(self, seconds: float) -> None:
            with self.lock:
                super().sleep(seconds)

    clock = Locked()
    bucket = Bucket(clock, capacity=1, per_s=1000)
    started = clock.elapsed()
    threads = [threading.Thread(target=lambda: [bucket.take() for _ in range(50)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert clock.elapsed() - started >= 0.198
