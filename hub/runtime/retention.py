"""What no rule needs any more is forgotten, a bounded part at a time, so that a store does not grow by every call for ever.

In: a running hub. Out: attempts whose result was seen and yeses that were used, gone once they are older than `KEPT`. Rules
look at attempts that are not closed, at those a link names, at those a question asks about, and (brakes) at those of the last ten
minutes. Whatever else tells of the past reads the journal, which stays whole.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

from hub.clock import Clock, Signal
from hub.model.delivery import AttemptState
from hub.model.values import SECOND, Micros
from hub.runtime.hub import DISK, Hub
from hub.store.deliveries import AttemptAge
from hub.store.unit import Unit

KEPT: Final[Micros] = 30 * 86_400 * SECOND
"""How long an attempt or a yes is kept after its end: a month's bill or complaint can be looked into with every call at hand."""
PAGE: Final = 500
"""So many are looked at in one transaction: a few milliseconds of the writer."""
EVERY_S: Final = 3_600.0
REST_S: Final = 0.05
"""Between two parts, so that a store which was never swept gives way to what is at work."""
T = TypeVar("T")


def forget_attempts(unit: Unit, now: Micros, after: int) -> int | None:
    """Forget what can go of the next attempts by id; return where to go on, None where what follows is too young."""
    page, before = unit.attempts_after(after, limit=PAGE), now - KEPT
    unit.delete_attempts(_needless(unit, [one for one in page if _ended(one) and max(one.started_at, one.ended_at) < before]))
    if len(page) < PAGE or page[-1].started_at >= before:  # ids are drawn as time goes by
        return None
    return page[-1].id


def _ended(one: AttemptAge) -> bool:
    return one.state is AttemptState.CLOSED


def _needless(unit: Unit, old: list[AttemptAge]) -> list[int]:
    """Return the ids of those that no link names and no open question is about."""
    links = unit.links_by_id(one.link_id for one in old if one.link_id is not None)
    held = {link.attempt_id or link.laid_by for link in links.values()}
    held |= {int(review.about.rpartition(" ")[2]) for review in unit.reviews_about(f"attempt {one.id}" for one in old)}
    return [one.id for one in old if one.id not in held]


class Sweeper:
    """Forgets, hour by hour, beside the lanes of a hub."""

    def __init__(self, hub: Hub, clock: Clock) -> None:
        self.hub, self._clock = hub, clock
        self._stopping = False
        self._wake: Signal = clock.signal()

    def run(self) -> None:
        """Sweep until stopped."""
        while not self._stopping:
            self.sweep()
            self._wake.wait(EVERY_S)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping = True
        self._wake.set()

    def sweep(self) -> None:
        """Forget all that can go now."""
        now = self._clock.now()
        place: int | None = 0
        while place is not None and self._may_go_on():
            place = self._write(partial(forget_attempts, now=now, after=place))
        more = True
        while more and self._may_go_on():
            more = self._write(lambda unit: unit.forget_approvals(now - KEPT, limit=PAGE)) == PAGE

    def _may_go_on(self) -> bool:
        return not self._stopping and DISK not in self.hub.holds

    def _write(self, work: Callable[[Unit], T]) -> T:
        done = self.hub.writer.submit(work).result()
        self._clock.rest(REST_S, self._wake)
        return done
