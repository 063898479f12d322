"""The demo from beginning to end: build, first sync, stocktake, people act, quiet, judgement.

In: seconds, seed, rates. Out: a report, agreed or not. The daemon is the real one, a process on the shipped config.yaml.
"""

from __future__ import annotations

import select
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Final

from demo.follow import Follower
from demo.names import GOODS
from demo.oracle import Difference, Verdict, judge
from demo.people import People, Rates
from demo.screen import Figures, Screen
from demo.stage import Ports, Stage, free_ports, given_ports
from demo.world import Size, World, build, stocktake, variations
from hub.clock import Clock, SystemClock
from hub.errors import Unavailable
from hub.events import configure_logging
from hub.model.values import Doc

LOOK_S: Final = 0.1
AT_WORK: Final = "people at work"
CALM_S: Final = 1.0
"""How long nothing may happen anywhere before it counts as quiet."""
FIRST_SYNC_S: Final = 180.0
SETTLE_S: Final = 120.0
STALL_S: Final = 25.0
"""After so long without anything happening, what is left waits for a person: no use waiting with it."""
KILL_S: Final = 10.0
SHOWN: Final = 20
FULL: Final = 1000
"""From so many customers on, the whole catalogue is there."""
QUICK: Final = Rates(edits=28.0, sales=3.0, errands=3.0)
"""So that twenty seconds hold what is asked of a demo: 500 edits on each side, 50 sales in each channel."""
CALM: Final = Rates(edits=1.0, sales=0.7, errands=0.5)
"""So that a person can follow."""


@dataclass(frozen=True, slots=True)
class Minimums:
    """What a run must reach to count: values compared, edits per side, sales per channel."""

    compared: int = 20_000
    edits: int = 500
    sales: int = 50


@dataclass(frozen=True, slots=True)
class Plan:
    """One demo. `seconds` None: until Ctrl-C."""

    seconds: float | None = None
    seed: int = 7
    size: Size = field(default_factory=Size)
    rates: Rates = CALM
    minimums: Minimums = field(default_factory=Minimums)


@dataclass(slots=True)
class Report:
    """What came of it."""

    verdict: Verdict
    minimums: Minimums
    took_s: dict[str, float]
    lag_s: dict[str, float]
    written: dict[str, int]
    left: int
    """What was still under way when patience ended."""

    @property
    def short_of(self) -> list[str]:
        """Name what the run did not reach."""
        verdict, least = self.verdict, self.minimums
        found = [] if verdict.compared.total() >= least.compared else [f"{verdict.compared.total()} values compared"]
        found += [f"{verdict.edits[side]} edits ({side})" for side in ("shop", "till") if verdict.edits[side] < least.edits]
        return found + [f"{verdict.sales[side]} sales ({side})" for side in ("shop", "till") if verdict.sales[side] < least.sales]

    @property
    def agreed(self) -> bool:
        """Say whether every value agrees and every unit is accounted for, in a run that was long enough."""
        return not self.verdict.differences and not self.short_of and not self.left

    def as_doc(self, seed: int) -> Doc:
        """Return the report as plain data."""
        verdict = self.verdict
        return {
            "agreed": self.agreed,
            "seed": seed,
            "compared": {"total": verdict.compared.total(), **verdict.compared},
            "differences": [_difference(each) for each in verdict.differences[:SHOWN]],
            "difference_count": len(verdict.differences),
            "edits": dict(verdict.edits),
            "edited_on_both_sides": verdict.both_edited,
            "sales": dict(verdict.sales),
            "units": dict(verdict.units),
            "hub_wrote": self.written,
            "lag_s": self.lag_s,
            "took_s": self.took_s,
            "still_under_way": self.left,
            "short_of": self.short_of,
        }


def _difference(one: Difference) -> Doc:
    return {"what": one.what, "key": one.key, "field": one.field, "shop": one.shop, "till": one.till, "why": one.why}


class Show:
    """One run on a stage."""

    def __init__(self, plan: Plan, stage: Stage, screen: Screen, clock: Clock) -> None:
        self._plan = plan
        self._stage = stage
        self._world: World = stage.world
        self._screen = screen
        self._clock = clock
        self._begun = clock.elapsed()
        self._phase = ""
        self._stopping = False
        self._hub_back_at: float | None = None
        self._follower = Follower({"shop": stage.world.shop, "till": stage.world.till}, clock.now, screen.say)
        self._took: dict[str, float] = {}

    def stop(self) -> bool:
        """Let people go home; the hub finishes what is under way. Returns whether there was anybody to send home."""
        at_work, self._stopping = not self._stopping and self._phase == AT_WORK, True
        return at_work

    def play(self) -> Report:
        """Run every act of the play and judge."""
        world = self._world
        with self._timed("first sync"):
            self._wait(self._catalogue_arrived, FIRST_SYNC_S)
        with self._timed("stocktake"):
            with self._stage.shop.lock, self._stage.till.lock:
                shelves = stocktake(world)
            self._screen.announce(f"staff counted {shelves} shelves at the tills")
            self._wait(lambda: True, FIRST_SYNC_S)
        since = self._clock.now()
        with self._timed(AT_WORK):
            self._act()
            self._bring_back()
        with self._timed("settling"):
            left = self._wait(lambda: True, SETTLE_S)
        with self._timed("judging"), self._stage.shop.lock, self._stage.till.lock:
            verdict = judge(world.shop, world.till, since)
        lags = {"half": round(self._follower.lag(0.5), 2), "95 of 100": round(self._follower.lag(0.95), 2)}
        written = {side: self._follower.counts[side, "written"] for side in ("shop", "till")}
        return Report(verdict, self._plan.minimums, self._took, lags, written, left)

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        self._phase = phase
        self._screen.announce(f"{phase} ...")
        began = self._clock.elapsed()
        yield
        self._took[phase] = round(self._clock.elapsed() - began, 1)

    def _wait(self, also: Callable[[], bool], longest_s: float) -> int:
        """Wait until nothing is under way and nothing happened for a moment; return what is left when patience ends."""
        until = self._clock.elapsed() + longest_s
        calm_since = stirred = self._clock.elapsed()
        seen = 0
        while True:
            self._look()
            now, left = self._clock.elapsed(), self._stage.under_way()
            happened = len(self._world.shop.journal) + len(self._world.till.journal)
            if happened != seen:
                calm_since, stirred, seen = now, now, happened
            if left:
                calm_since = now
            if not left and also() and now - calm_since >= CALM_S:
                return 0
            if now >= until or now - stirred >= STALL_S:
                return left
            self._clock.sleep(LOOK_S)

    def _act(self) -> None:
        """Let people act at their rates until time is over or somebody says stop, but always finish what was promised."""
        plan, locks = self._plan, {"shop": self._stage.shop.lock, "till": self._stage.till.lock}
        people = People(self._world, locks, self._clock.now)
        began, done, looked = self._clock.elapsed(), dict.fromkeys(plan.rates.due(0), 0), 0.0
        while not self._stopping:
            elapsed = self._clock.elapsed() - began
            over = plan.seconds is not None and elapsed >= plan.seconds
            due = plan.rates.due(min(elapsed, plan.seconds) if plan.seconds is not None else elapsed)
            for side, kind in [who for who, number in due.items() if number > done[who]]:
                act = people.act(side, kind)
                done[side, kind] += 1
                if act is not None:
                    self._follower.note(act)
            if over and all(done[who] >= number for who, number in due.items()):
                return
            if self._clock.elapsed() - looked >= LOOK_S:
                looked = self._clock.elapsed()
                self._look()
                self._keys()
            self._clock.sleep(0.01)

    def _catalogue_arrived(self) -> bool:
        with self._stage.till.lock:
            return len(variations(self._world)) >= len(self._world.variants)

    def _look(self) -> None:
        if self._hub_back_at is None and not self._stage.hub_lives():
            raise Unavailable("The hub stopped by itself.", fix=f"It said: {self._stage.last_words()}")
        self._follower.look()
        self._screen.show(self._figures())

    def _keys(self) -> None:
        """`k` pulls the plug of the hub for a while: nothing may be lost."""
        if self._hub_back_at is not None and self._clock.elapsed() >= self._hub_back_at:
            self._bring_back()
        if self._plan.seconds is None and self._hub_back_at is None and _pressed() == "k":
            self._stage.stop_hub(signal.SIGKILL)
            self._hub_back_at = self._clock.elapsed() + KILL_S
            self._screen.announce(f"the hub was killed; it comes back in {KILL_S:.0f} s")

    def _bring_back(self) -> None:
        if self._hub_back_at is not None:
            self._hub_back_at = None
            self._stage.start_hub()
            self._screen.announce("the hub is back and catches up")

    def _figures(self) -> Figures:
        world, follower = self._world, self._follower
        count = follower.counts

        def pair(kind: str) -> tuple[int, int]:
            return count["shop", kind], count["till", kind]

        with self._stage.till.lock:  # it is written to meanwhile, and these walk through it
            customers, products = len(world.till.customer_ids()), len(world.till.item_ids())
        return Figures(
            phase=self._phase,
            elapsed_s=self._clock.elapsed() - self._begun,
            customers=(len(world.shop.state.customers), customers),
            products=(len(world.shop.state.products), products),
            edits=pair("edit"),
            sales=pair("sale"),
            written=pair("written"),
            per_s=(follower.per_s("shop"), follower.per_s("till")),
            lag_s=(follower.lag(0.5), follower.lag(0.95)),
            under_way=self._stage.under_way() if self._stage.hub_lives() else 0,
            hints="k: kill the hub, Ctrl-C: stop and judge" if self._plan.seconds is None else "",
        )


def _pressed() -> str:
    """Return the key that was pressed, where somebody sits there."""
    if not sys.stdin.isatty():
        return ""
    ready, _, _ = select.select([sys.stdin], [], [], 0)
    return sys.stdin.read(1) if ready else ""


@contextmanager
def _single_keys() -> Iterator[None]:
    """Read keys without Enter, where there is a terminal that can."""
    if not sys.stdin.isatty():
        yield
        return
    import termios
    import tty

    before = termios.tcgetattr(sys.stdin)
    try:
        tty.setcbreak(sys.stdin)
        yield
    finally:
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, before)


def sized(customers: int) -> Size:
    """Return a retailer with about so many customers; one with few has fewer products too."""
    alone = customers // 15
    products = len(GOODS) if customers >= FULL else max(3, customers // 20)
    return Size(products=products, both=customers - 2 * alone, shop_only=alone, till_only=alone)


def play(plan: Plan, *, quiet: bool = False) -> Report:
    """Run a demo. Headless ones take free ports; one to watch takes those of the environment or config.yaml."""
    configure_logging(json=False, level=50)
    clock = SystemClock()
    ports: Ports = free_ports() if plan.seconds is not None else given_ports()
    keys = _single_keys() if plan.seconds is None else nullcontext()
    with Screen(clock, quiet=quiet) as screen, keys:
        screen.announce(f"building a retailer (seed {plan.seed})")
        world = build(plan.seed, clock.now, plan.size)
        stage = Stage(world, ports, clock)
        show = Show(plan, stage, screen, clock)
        with _interrupts(show.stop), stage:
            return show.play()


@contextmanager
def _interrupts(stop: Callable[[], bool]) -> Iterator[None]:
    """Let Ctrl-C send people home, so that it comes to a judgement; at any other time, and a second one, it ends the program.

    So do SIGTERM and a terminal that closes: whatever was started is stopped.
    """

    def on_signal(number: int, _frame: object) -> None:
        if number != signal.SIGINT or not stop():
            raise KeyboardInterrupt

    before = {each: signal.signal(each, on_signal) for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
