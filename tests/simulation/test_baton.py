from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from hub.model.values import SECOND
from tests.simulation.baton import START, Baton, Crash, Deadlock, Stalled
from tests.simulation.clock import SimClock


def race(seed: int) -> tuple[str, list[str]]:
    baton, order = Baton(seed), []
    clock = SimClock(baton, seed)

    def step(name: str) -> None:
        for _ in range(5):
            clock.sleep(clock.chance())
            order.append(name)

    def main() -> None:
        for worker in [clock.start(name, lambda name=name: step(name)) for name in "abc"]:
            worker.join()

    baton.run(main)
    return baton.digest(), order


def test_run_repeats_the_log_when_the_seed_is_the_same() -> None:
    assert race(7) == race(7)


def test_run_takes_another_order_when_the_seed_differs() -> None:
    assert len({tuple(race(seed)[1]) for seed in range(10)}) > 5


def test_run_repeats_the_log_when_another_process_runs_it() -> None:
    code = "from tests.simulation.test_baton import race; print(race(11)[0])"
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": "5"}
    )
    assert told.stdout.strip() == race(11)[0]


def test_sleep_moves_virtual_time_when_nobody_can_run() -> None:
    baton = Baton(1)
    baton.run(lambda: SimClock(baton, 1).sleep(3600))
    assert 3600 * SECOND <= baton.time - START < 3601 * SECOND


def test_now_lies_but_elapsed_does_not_when_the_hub_clock_jumps() -> None:
    baton = Baton(1)
    clock = SimClock(baton, 1)
    before = clock.elapsed()
    clock.jump(-90 * SECOND)
    assert (clock.now() - baton.time, clock.elapsed() - before, clock.lowest_us) == (-90 * SECOND, 0.0, -90 * SECOND)


def test_wait_returns_false_when_the_time_is_over_first() -> None:
    baton, told = Baton(1), []
    clock = SimClock(baton, 1)
    signal = clock.signal()

    def main() -> None:
        told.append(signal.wait(5))
        clock.start("setter", lambda: (clock.sleep(2), signal.set())[1])
        told.append(signal.wait(5))
        told.append(signal.wait(5))

    baton.run(main)
    assert told == [False, True, True]


def test_crash_kills_at_the_next_door_and_leaves_the_world_alive() -> None:
    baton, trace = Baton(1), []
    clock = SimClock(baton, 1)

    def work() -> None:
        try:
            while True:
                clock.sleep(1)
        finally:
            trace.append("unwound")
            clock.sleep(1)
            trace.append("never")

    def main() -> None:
        worker = clock.start("hub", work)
        baton.door("sleep", 5 * SECOND)
        baton.crash("hub")
        trace.append(worker.is_alive())

    baton.run(main)
    assert trace == ["unwound", False]


def test_trap_crashes_at_the_named_door_when_it_is_reached_the_nth_time() -> None:
    baton, commits = Baton(1), []
    clock = SimClock(baton, 1)

    def work() -> None:
        while True:
            clock.on_commit("before")
            commits.append(1)
            clock.on_commit("after")

    def main() -> None:
        worker = clock.start("writer", work)
        baton.trap("commit after", 3, lambda: baton.doom("hub") and None)
        worker.join()

    baton.run(main)
    assert len(commits) == 3


def test_run_raises_what_a_worker_died_of() -> None:
    baton = Baton(1)
    clock = SimClock(baton, 1)

    def main() -> None:
        clock.start("bad", lambda: 1 // 0)
        clock.sleep(60)

    with pytest.raises(ZeroDivisionError):
        baton.run(main)


def test_run_raises_deadlock_when_nobody_will_ever_wake() -> None:
    baton = Baton(1)
    with pytest.raises(Deadlock, match="main at signal"):
        baton.run(lambda: SimClock(baton, 1).signal().wait() and None)


def test_run_shows_the_stack_when_a_worker_blocks_outside_the_baton() -> None:
    import threading

    baton, never = Baton(1, stall_s=0.05), threading.Event()
    with pytest.raises(Stalled, match=r"never\.wait"):
        baton.run(lambda: never.wait(1) and None)


def test_crash_is_not_caught_by_a_handler_of_exceptions() -> None:
    assert not issubclass(Crash, Exception)


def drawn(seed: int) -> str:
    baton, order = Baton(seed), []

    def main() -> None:
        for worker in [baton.spawn(name, lambda name=name: order.append(name)) for name in "abcde"]:
            worker.join()

    baton.run(main)
    return "".join(order)


def test_baton_goes_to_anyone_who_can_run() -> None:
    orders = [drawn(seed) for seed in range(40)]
    assert len(set(orders)) > 15
    assert {order[0] for order in orders} == set("abcde")
