"""A wall clock that jumps: our own never goes back, and follows one that stays elsewhere."""

from __future__ import annotations

from itertools import pairwise

import pytest

from hub.clock import SystemClock
from hub.model.values import SECOND, Micros
from hub.runtime.clock import AFTER_S, Corrector, SteadyClock

START = 1_700_000_000 * SECOND


class Wall(SystemClock):
    """A wall clock that can be set, beside monotonic seconds."""

    def __init__(self) -> None:
        self.up = 100.0
        self.offset: Micros = 0

    def now(self) -> Micros:
        return START + int(self.up * SECOND) + self.offset

    def elapsed(self) -> float:
        return self.up


def watch(wall: Wall, steady: SteadyClock, seconds: int) -> list[Micros]:
    """Let time go by, looking every second; return what the steady clock showed."""
    corrector, shown = Corrector(steady, wall), []
    for _ in range(seconds):
        wall.up += 1
        corrector.look()
        shown.append(steady.now())
    return shown


def test_clock_follows_when_the_wall_clock_was_put_right_late() -> None:
    wall = Wall()
    steady = SteadyClock(wall)
    wall.offset = 3600 * SECOND
    shown = watch(wall, steady, int(AFTER_S) + 5)
    assert shown == sorted(shown)
    assert shown[10] == wall.now() - wall.offset - 24 * SECOND
    assert steady.now() == wall.now()


def test_those_who_wait_are_told_when_the_clock_stepped() -> None:
    wall, told = Wall(), []
    steady = SteadyClock(wall)
    corrector = Corrector(steady, wall, lambda: told.append(steady.now()))
    wall.offset = 5 * SECOND
    for _ in range(int(AFTER_S) + 5):
        wall.up += 1
        corrector.look()
    assert [at == START + int((100 + AFTER_S + 1) * SECOND) + 5 * SECOND for at in told] == [True]


def test_clock_goes_slowly_and_never_back_when_the_wall_clock_was_set_back() -> None:
    wall = Wall()
    steady = SteadyClock(wall)
    wall.offset = -60 * SECOND
    shown = watch(wall, steady, 200)
    steps = {later - earlier for earlier, later in pairwise(shown)}
    assert steps == {SECOND, SECOND // 2}
    assert abs(steady.now() - wall.now()) <= 2 * SECOND


@pytest.mark.parametrize("offset_s", [3600, -3600, 1, -1])
def test_clock_does_not_follow_when_the_wall_clock_jumps_there_and_back_or_hardly(offset_s: int) -> None:
    wall = Wall()
    steady = SteadyClock(wall)
    wall.offset = offset_s * SECOND
    watch(wall, steady, int(AFTER_S) - 5)
    wall.offset = 0
    watch(wall, steady, 60)
    assert steady.now() == wall.now()


def test_clock_is_never_before_what_the_store_knows_when_the_wall_clock_was_set_back_before_the_start() -> None:
    wall = Wall()
    steady = SteadyClock(wall, START + 500 * SECOND)
    assert steady.now() == START + 500 * SECOND
    shown = watch(wall, steady, 1200)
    assert shown == sorted(shown)
    assert abs(steady.now() - wall.now()) <= 2 * SECOND
