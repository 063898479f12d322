"""The demo from beginning to end: build, first sync, stocktake, people act, quiet, judgement.

In: seconds, seed, what must be reached. Out: a report, agreed or not. The daemon is the real one, a process on the shipped
config.yaml.
"""

from __future__ import annotations

import logging
import select
import signal
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Final

from demo.ask import asking, said
from demo.chaos import KILLS, Chaos
from demo.follow import Follower
from demo.histories import check_histories
from demo.oracle import judge
from demo.people import Job, People
from demo.report import NOTHING, Minimums, Plan, Report, sized
from demo.screen import Figures, Screen
from demo.stage import Ports, Stage, free_ports, given_ports
from demo.verdict import Systems, Verdict
from demo.words import shop_customers
from demo.world import World, build, stocktake, variations
from hub.clock import Clock, SystemClock
from hub.errors import HubError, Unavailable
from hub.events import configure_logging
from hub.model.values import Doc, Micros

__all__ = ["NOTHING", "Minimums", "Plan", "Report", "play", "sized"]
LOOK_S: Final = 0.1
SHOW_S: Final = 0.25
AT_WORK: Final = "people at work"
CALM_S: Final = 1.0
"""How long nothing may happen anywhere before it counts as quiet."""
FIRST_SYNC_S: Final = 600.0
SETTLE_S: Final = 600.0
STALL_S: Final = 30.0
"""After so long without anything happening, what is left waits for a person: no use waiting with it."""
CHAOS_STALL_S: Final = 100.0
"""The same after chaos: the help desk's export tells of a change that no event told of after more than a minute."""
LOOK_AGAIN_S: Final = 2.0
AGAIN_S: Final = 0.3
LATE_S: Final = 60.0
"""How long after closing time people may finish what was promised."""
KILL_S: Final = 10.0
CHAOS_KILL_S: Final = 1.0
SPOT_CHECKS: Final = 2
"""So many customers, and orders, are asked for with the command itself."""


class Show:
    """One run on a stage."""

    def __init__(self, plan: Plan, stage: Stage, screen: Screen, clock: Clock, chaos: Chaos | None = None) -> None:
        self._plan = plan
        self._stage = stage
        self._world: World = stage.world
        self._screen = screen
        self._clock = clock
        self._chaos = chaos
        self._begun = clock.elapsed()
        self._phase = ""
        self._stopping = False
        self._kills = 0
        self._hub_back_at: float | None = None
        self._follower = Follower(stage.world.systems, clock.now, screen.say)
        self._took: dict[str, float] = {}

    def stop(self) -> bool:
        """Let people go home; the hub finishes what is under way. Returns whether there was anybody to send home."""
        at_work, self._stopping = not self._stopping and self._phase == AT_WORK, True
        return at_work

    def play(self) -> Report:
        """Run every act of the play and judge."""
        with self._timed("first sync"):
            self._wait(self._catalogue_arrived, FIRST_SYNC_S)
        with self._timed("stocktake"):
            with self._stage.still():
                shelves = stocktake(self._world)
            self._screen.announce(f"staff counted {shelves} shelves at the tills")
            self._wait(lambda: True, FIRST_SYNC_S)
        since = self._clock.now()
        with self._timed(AT_WORK), self._weather():
            self._act()
            self._bring_back()
        with self._timed("settling"):
            verdict, left = self._settle(since)
        lags = {"half": round(self._follower.lag(0.5), 2), "95 of 100": round(self._follower.lag(0.95), 2)}
        written = {side: self._follower.counts[side, "written"] for side in self._world.systems}
        faults = dict(self._chaos.played) | {"hub killed": self._kills} if self._chaos is not None else {}
        believed = sum(served.faults.believed for served in self._stage.served.values())
        return Report(verdict, self._plan.minimums, self._took, lags, written, left, faults, believed)

    @contextmanager
    def _weather(self) -> Iterator[None]:
        """Let things go wrong while people act, where that is asked for."""
        for served in self._stage.served.values():
            served.faults.on = self._chaos is not None
        yield
        for served in self._stage.served.values():
            served.faults.on = False

    def _settle(self, since: Micros) -> tuple[Verdict, int]:
        """Wait until the judge finds nothing, or nothing happens any more, or patience ends."""
        until = self._clock.elapsed() + SETTLE_S
        best, better_at, happened = -1, self._clock.elapsed(), 0
        while True:
            left = self._wait(lambda: True, until - self._clock.elapsed())
            verdict, now = self._judge(since), self._clock.elapsed()
            moved = self._happened()
            if len(verdict.differences) != best or moved != happened:
                best, better_at, happened = len(verdict.differences), now, moved
            if not verdict.differences or now >= until or now - better_at >= self._stall_s:
                return verdict, left
            self._clock.sleep(LOOK_AGAIN_S)

    def _judge(self, since: Micros) -> Verdict:
        """Judge by the systems; where they agree, by what the hub tells of every customer and order, too."""
        world = self._world
        systems = Systems(world.shop, world.till, world.crm, world.desk)
        with self._stage.still():
            verdict = judge(systems, since)
            if verdict.differences:
                return verdict
            installation = self._stage.installation()
            try:
                with asking(installation, self._clock) as ask:
                    check_histories(verdict, systems, ask)
                    for kind, ident in self._spots(systems):
                        told = said(installation, self._stage.environ(), kind, ident)
                        both = {"hub show": _ageless(told), "store": _ageless(ask(kind, ident))}
                        verdict.check("hub show", f"{kind} {ident}", "timeline", both)
            except HubError as error:
                verdict.blame("history", "", "", {"hub": str(error)}, "the hub does not know it")
        return verdict

    def _spots(self, systems: Systems) -> list[tuple[str, str]]:
        orders = [("order", row.name) for row in systems.shop.state.orders.values()][:SPOT_CHECKS]
        return orders + [("customer", email) for email in sorted(shop_customers(systems.shop))[:SPOT_CHECKS]]

    @property
    def _stall_s(self) -> float:
        return STALL_S if self._chaos is None else CHAOS_STALL_S

    def _happened(self) -> int:
        return sum(len(fake.journal) for fake in self._world.systems.values())

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
            happened = self._happened()
            if happened != seen:
                calm_since, stirred, seen = now, now, happened
            if left:
                calm_since = now
            if not left and also() and now - calm_since >= CALM_S:
                return 0
            if now >= until or now - stirred >= self._stall_s:
                return left
            self._clock.sleep(LOOK_S)

    def _act(self) -> None:
        """Let people act at their rates until time is over or somebody says stop, but always finish what was promised."""
        plan = self._plan
        people = People(self._world, self._stage.still, self._clock.now)
        began, done, looked = self._clock.elapsed(), dict.fromkeys(plan.rates.due(0), 0), 0.0
        again: dict[Job, float] = {}
        while not self._stopping:
            elapsed = self._clock.elapsed() - began
            due = plan.rates.due(min(elapsed, plan.seconds) if plan.seconds is not None else elapsed)
            for job in [job for job, number in due.items() if number > done[job] and elapsed >= again.get(job, 0.0)]:
                act = people.act(*job)
                if act is None:  # nobody can, for now: nothing was shipped yet that could come back
                    again[job] = elapsed + AGAIN_S
                else:
                    done[job] += 1
                    self._follower.note(act)
            if plan.seconds is not None and self._is_over(elapsed - plan.seconds, due, done):
                return
            if self._clock.elapsed() - looked >= LOOK_S:
                looked = self._clock.elapsed()
                self._look()
                self._keys()
                self._pull_plug(elapsed)
            self._clock.sleep(0.01)

    def _is_over(self, late_s: float, due: Mapping[Job, int], done: Mapping[Job, int]) -> bool:
        """Say whether people are done: time is over, and what was promised is done or cannot be; every plug was pulled."""
        if self._chaos is not None and self._kills < KILLS:
            return False
        return late_s >= 0 and (late_s >= LATE_S or all(done[job] >= number for job, number in due.items()))

    def _catalogue_arrived(self) -> bool:
        with self._stage.still():
            return len(variations(self._world)) >= len(self._world.variants)

    def _look(self) -> None:
        if self._hub_back_at is None and not self._stage.hub_lives():
            raise Unavailable("The hub stopped by itself.", fix=f"It said: {self._stage.last_words()}")
        self._follower.look()
        if self._screen.wants(SHOW_S):
            self._screen.show(self._figures())

    def _keys(self) -> None:
        """`k` pulls the plug of the hub for a while: nothing may be lost."""
        if self._hub_back_at is not None and self._clock.elapsed() >= self._hub_back_at:
            self._bring_back()
        if self._plan.seconds is None and self._hub_back_at is None and _pressed() == "k":
            self._kill(KILL_S)

    def _pull_plug(self, elapsed_s: float) -> None:
        """Kill the hub at even distances while people act, where chaos is asked for."""
        seconds = self._plan.seconds
        if self._chaos is None or seconds is None or self._hub_back_at is not None or self._kills >= KILLS:
            return
        if elapsed_s >= seconds * (self._kills + 1) / (KILLS + 1):
            self._kill(CHAOS_KILL_S)

    def _kill(self, away_s: float) -> None:
        self._kills += 1
        self._stage.stop_hub(signal.SIGKILL)
        self._hub_back_at = self._clock.elapsed() + away_s
        self._screen.announce(f"the hub was killed; it comes back in {away_s:.0f} s")

    def _bring_back(self) -> None:
        if self._hub_back_at is not None:
            self._hub_back_at = None
            self._stage.start_hub()
            self._screen.announce("the hub is back and catches up")

    def _figures(self) -> Figures:
        world, follower = self._world, self._follower
        with self._stage.still():  # they are written to meanwhile, and these walk through them
            holds = {
                "shop": (len(world.shop.state.customers), len(world.shop.state.products)),
                "till": (len(world.till.customer_ids()), len(world.till.item_ids())),
                "crm": (len(world.crm.contact_ids()), None),
                "desk": (len(world.desk.user_ids()), None),
            }
        kinds = ("edit", "sale", "refund", "ticket", "written")
        systems = {}
        for side, held in holds.items():
            numbers = [*held, *(follower.counts[side, kind] for kind in kinds)]
            systems[side] = (*(f"{each:,}" if each else "" for each in numbers), f"{follower.per_s(side):.1f}")
        return Figures(
            phase=self._phase,
            elapsed_s=self._clock.elapsed() - self._begun,
            systems=systems,
            lag_s=(follower.lag(0.5), follower.lag(0.95)),
            under_way=self._stage.under_way() if self._stage.hub_lives() else 0,
            hints="k: kill the hub, Ctrl-C: stop and judge" if self._plan.seconds is None else "",
        )


def _ageless(shown: Doc) -> list[Doc]:
    """Return a timeline without what changes while one looks at it."""
    return [{name: value for name, value in line.items() if name != "age_s"} for line in shown["timeline"]]


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


def play(plan: Plan, *, quiet: bool = False) -> Report:
    """Run a demo. Headless ones take free ports; one to watch takes those of the environment or config.yaml."""
    configure_logging(json=False, level=50)
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # it complains of answers that are lost on purpose
    clock = SystemClock()
    ports: Ports = free_ports() if plan.seconds is not None else given_ports()
    keys = _single_keys() if plan.seconds is None else nullcontext()
    with Screen(clock, quiet=quiet) as screen, keys:
        screen.announce(f"building a retailer (seed {plan.seed})")
        world = build(plan.seed, clock.now, plan.size)
        chaos = Chaos(plan.seed) if plan.chaos else None
        stage = Stage(world, ports, clock, chaos)
        show = Show(plan, stage, screen, clock, chaos)
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
