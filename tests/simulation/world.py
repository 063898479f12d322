"""One seeded world: remotes with habits, people, weather, crashes and lying clocks; then quiet, then the oracle."""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from hub.errors import InvariantBroken
from hub.model.values import SECOND, Micros
from hub.sdk.base import WebhookRequest
from hub.sdk.fake import Webhook
from tests.simulation.actors import Person, Town, populate
from tests.simulation.adapter import Filing, HubUnderTest
from tests.simulation.admin import Admin, Purge
from tests.simulation.baton import Baton, SimWorker
from tests.simulation.clerks import Clerk, Porter
from tests.simulation.clock import SimClock
from tests.simulation.folders import PaperHabits, file_habits
from tests.simulation.habits import Habits
from tests.simulation.machines import unheard_of
from tests.simulation.office import NOT_RESTORED, RESTORED, Office, Policy
from tests.simulation.operators import Operable, Operator
from tests.simulation.oracle import Case, Verdict, Violation, judge
from tests.simulation.paper_oracle import judge_papers
from tests.simulation.remote import HabitRemote
from tests.simulation.result import Result, told, unusual
from tests.simulation.shelving import Place
from tests.simulation.shoppers import Shopper, furnish_papers
from tests.simulation.stock_oracle import judge_stock
from tests.simulation.stockroom import Stockroom, furnish
from tests.simulation.transport import SimTransport, Weather

CALM = Weather(fastest_us=2_000, slowest_us=400_000)


SETTLED: Micros = 30 * SECOND
"""How long the first records are there before the hub comes: what a lagging replica hides from its first read is no seed."""


@dataclass(frozen=True, slots=True)
class RemoteSpec:
    """One connection. `creates`: the hub adds every customer there."""

    name: str
    habits: Habits
    weather: Weather
    creates: bool = True


@dataclass(frozen=True, slots=True)
class WorldSpec:
    """A whole world, drawn from a seed or written by a test. `remotes` in the order of the configuration."""

    seed: int
    remotes: tuple[RemoteSpec, ...]
    policies: Mapping[str, Policy] = field(default_factory=dict)
    people: int = 4
    actors: int = 2
    minutes: float = 20.0
    pace_s: float = 20.0
    deletes: bool = True
    crashes: tuple[tuple[str, int], ...] = ()
    """(door, nth time from the start of the busy part) at which the hub's process dies."""
    jumps: tuple[tuple[float, float], ...] = ()
    """(minute, seconds the hub's wall clock is off from then on)."""
    patience_minutes: float = 240.0
    restores: str = ""
    """The remote that is restored from a backup, if it can come to that."""
    restored_says: str = RESTORED
    """What operators answer when they are asked about it; where nothing is restored they never say that it was."""
    purges: str = ""
    """The remote of which much is deleted at once."""
    by_mistake: bool = False
    """What was deleted at once comes back."""
    stock: bool = False
    """The remotes keep stock too, and clerks move it."""
    places: tuple[Place, ...] = ()
    """Where they keep it, and how; empty: all at one location."""
    watch_minutes: float = 20.0
    """How long the world is watched after it went quiet."""
    operated: bool = False
    """Operators change modes, policies and mappings while people work."""
    papers: bool = False
    """The remotes keep documents too, and shoppers order, return and write tickets."""


class World:
    """One run of a spec. The factory of the hub reads `spec`, `clock`, `remotes` and `transports`."""

    def __init__(self, spec: WorldSpec, *, stall_s: float = 60.0) -> None:
        self.spec = spec
        self.baton = Baton(spec.seed, stall_s=stall_s)
        self.clock = SimClock(self.baton, spec.seed)
        self.rng = random.Random(f"town {spec.seed}")
        self.remotes = {r.name: self._remote(r) for r in spec.remotes}
        self.transports = {
            r.name: SimTransport(
                self.baton,
                r.name,
                self.remotes[r.name],
                CALM,
                spec.seed,
                delivered=self.remotes[r.name].delivered,
                left=self.remotes[r.name].left,
            )
            for r in spec.remotes
        }
        for name, remote in self.remotes.items():
            remote.in_flight = lambda name=name: self.transports[name].in_flight
            remote.on_webhook = lambda name=name: self._post(name)
        self.office = Office(dict(spec.policies), restored=spec.restored_says if spec.restores else NOT_RESTORED)
        self.folders: dict[str, PaperHabits] = file_habits(spec.seed, list(self.remotes)) if spec.papers else {}
        self.hub: HubUnderTest | None = None
        self.up = False
        self.crashed_at: list[Micros] = []
        self.hooks: Counter[str] = Counter()
        self.violations: list[Violation] = []

    def _remote(self, spec: RemoteSpec) -> HabitRemote:
        return HabitRemote(
            lambda: self.baton.time, spec.name, spec.habits, self.spec.seed, webhook_url=f"https://hub.example/hooks/{spec.name}"
        )

    # --- webhooks

    def _post(self, name: str) -> None:
        habits = self.remotes[name].habits
        for webhook in self.remotes[name].take_webhooks():
            copies = 0 if self.rng.random() < habits.hook_drop else 2 if self.rng.random() < habits.hook_double else 1
            self.hooks["dropped"] += copies == 0
            self.hooks["doubled"] += copies == 2
            for _ in range(copies):
                self._later(name, webhook, self.rng.uniform(0.01, habits.hook_slowest_s), 5)

    def _later(self, name: str, webhook: Webhook, wait_s: float, tries: int) -> None:
        self.baton.at(self.baton.time + round(wait_s * SECOND), lambda: self._knock(name, webhook, tries))

    def _knock(self, name: str, webhook: Webhook, tries: int) -> None:
        taken: list[bool] = []
        request = WebhookRequest(self.remotes[name].webhook_url, webhook.headers, webhook.body)

        def deliver() -> None:
            assert self.hub is not None
            try:
                self.hub.receive(name, request)
                taken.append(True)
            except Exception as error:  # noqa: BLE001 - the sender sees a failure, whatever it was, and tries again
                self.baton.record("webhook refused", type(error).__name__)

        def look() -> None:
            if not taken and tries > 1:
                self.hooks["sent again"] += 1
                self._knock(name, webhook, tries - 1)

        self.hooks["sent"] += 1
        if self.up:
            self.baton.spawn(f"webhook {name}", deliver, "hub")
        self.baton.at(self.baton.time + 40 * SECOND, look)

    # --- the hub's life

    def as_hub(self, name: str, deed: Callable[[], None]) -> None:
        """Do something in a worker of the hub's process and wait for it."""
        self.baton.spawn(name, deed, "hub").join()

    def _guard(self) -> None:
        """Raise the hub whenever its process died: a worker of the world."""
        while True:
            self.baton.door("watch", SECOND)
            if self.up and self._again and not self._fallen:
                self.up = self._again = False
                cast("Operable", self.hub).restart()
                self.up = True
            if self.up and self._fallen:
                self.up = False
                self.baton.crash("hub")
                assert self.hub is not None
                self.hub.crash()
                self.crashed_at.append(self.baton.time)
                self.baton.door("watch", round(self.rng.uniform(0.1, 60) * SECOND))
                self._fallen = False
                self.hub.start()
                self.up = True

    _fallen = False
    _again = False

    def bring_up_again(self) -> None:
        """Restart the hub in good order; returns once it runs."""
        self._again = True
        while self._again or not self.up:
            self.baton.door("people", SECOND)

    def with_hub(self, deed: Callable[[Operable], Any]) -> Any:
        """Have a deed done in the hub's process, again after a crash; return what it returned."""
        answers: list[Any] = []

        def once() -> None:
            try:
                answers.append(deed(cast("Operable", self.hub)))
            except (InvariantBroken, TimeoutError):
                self.baton.record("operator", "not answered")  # the hub died while we asked

        while not answers:
            self.baton.door("people", SECOND)
            if self.up and not self._fallen:
                self.as_hub("operator", once)
        return answers[0]

    def fall(self, door: str) -> None:
        """Kill the hub's process now, at this door; it is started again after a while. Where it lies down already: next time."""
        if self.up and not self._fallen:
            self._fallen = True
            self.baton.doom("hub")
        else:
            self.baton.trap(door, 1, lambda: self.fall(door))

    # --- the day

    def live(self, make_hub: Callable[[World], HubUnderTest]) -> None:
        """Live through the whole timeline; call inside the baton."""
        spec, baton = self.spec, self.baton
        town = Town(baton, list(self.remotes.values()), spec.seed, 0, spec.pace_s, spec.deletes)
        populate(town, spec.people, self.rng)
        if spec.stock:
            furnish(list(self.remotes.values()), spec.seed, spec.places)
        if spec.papers:
            furnish_papers(list(self.remotes.values()), self.folders)
            Shopper(town, "early shopper", spec.pace_s).stock_up()
        baton.door("watch", SETTLED)
        self.hub = make_hub(self)
        self.hub.start()
        self.up = True
        baton.spawn("guard", self._guard)
        self._wait_for_quiet("before anybody came")
        self._be_busy(town)
        self._calm_down()
        self._wait_for_quiet("after everybody went")
        self.quiet_at = baton.time
        baton.door("watch", round(spec.watch_minutes * 60 * SECOND))
        self.hub.stop()

    quiet_at: Micros = 0

    def _be_busy(self, town: Town) -> None:
        spec, baton = self.spec, self.baton
        start, town.until = baton.time, baton.time + round(spec.minutes * 60 * SECOND)
        for remote in spec.remotes:
            self.transports[remote.name].weather = remote.weather
        for door, nth in spec.crashes:
            baton.trap(door, nth, lambda door=door: self.fall(door))
        for minute, off_s in spec.jumps:
            baton.at(start + round(minute * 60 * SECOND), lambda off_s=off_s: self.clock.jump(round(off_s * SECOND)))
        workers: list[SimWorker] = [baton.spawn(f"person {i}", Person(town, f"person {i}").live) for i in range(spec.actors)]
        if spec.stock:
            names = [f"clerk {i}" for i in range(spec.actors)]
            kind = Porter if spec.places else Clerk
            clerks = [kind(baton, self.rooms, name, spec.seed, town.until, spec.pace_s * 2) for name in names]
            workers += [baton.spawn(name, clerk.live) for name, clerk in zip(names, clerks, strict=True)]
        if spec.papers:
            workers.append(baton.spawn("shopper", Shopper(town, "shopper", max(spec.pace_s, 15.0) * 1.5).live))
        spells = frozenset(r.name for r in spec.remotes if "phone" in r.habits.normalise)
        deaf = frozenset((r.name, path) for r in spec.remotes for path in r.habits.ignores)
        calm = spec.stock or spec.papers
        operator = Operator(
            self, "operator", spec.seed, list(self.remotes), town.until, 60.0, stock=calm, spells=spells, deaf=deaf
        )
        workers += [baton.spawn("operator", operator.live) for _ in range(spec.operated)]
        workers += [baton.spawn("admin", self._admin(name, town.until).live) for name in [spec.restores] if name]
        purge = Purge(baton, self.remotes.get(spec.purges), spec.seed, undone=spec.by_mistake)
        workers += [baton.spawn("admin", purge.live) for name in [spec.purges] if name]
        for worker in workers:
            worker.join()
        if spec.operated:
            operator.go_home()

    def _admin(self, name: str, until: Micros) -> Admin:
        def resync() -> None:
            if self.up and not self._fallen:
                self.as_hub("admin", lambda: self.hub.resync(name) if self.hub else None)

        return Admin(self.baton, self.remotes[name], resync, until)

    @property
    def rooms(self) -> list[Stockroom]:
        """Return the stockrooms there are, in the order of the configuration."""
        return [remote.stockroom for remote in self.remotes.values() if remote.stockroom is not None]

    def _calm_down(self) -> None:
        for transport in self.transports.values():
            transport.weather = CALM
        self.baton.disarm()
        self.baton.door("watch", 120 * SECOND)
        while not self.up or self._fallen:
            self.baton.door("watch", SECOND)
        assert self.hub is not None
        for name in self.remotes:
            self.as_hub(f"resync {name}", lambda name=name: self.hub.resync(name) if self.hub else None)

    def _wait_for_quiet(self, when: str) -> None:
        assert self.hub is not None
        deadline = self.baton.time + round(self.spec.patience_minutes * 60 * SECOND)
        calm = 0
        while calm < 3:
            self.baton.door("watch", 60 * SECOND)
            calm = calm + 1 if self.up and self.hub.quiet() else 0
            if self.baton.time > deadline:
                self.violations.append(Violation("never quiet", when, tuple(self.hub.open_items())))
                return
            if calm == 0 and self.up:
                self.as_hub("operator", self.hub.settle)

    # --- the verdict

    def judge(self) -> Verdict:
        """Let the oracle judge."""
        assert self.hub is not None
        return judge(
            Case(
                list(self.remotes.values()),
                self.quiet_at,
                self.office,
                frozenset(r.name for r in self.spec.remotes if r.creates),
                self.clock.lowest_us,
                self.clock.highest_us,
                self.hub.open_items(),
                self.hub.not_kept(),
                self.crashed_at,
            )
        )

    def judge_papers(self, counts: Counter[str]) -> list[tuple[str, str, tuple[str, ...]]]:
        """Let the oracle of documents judge."""
        hub = cast("Filing", self.hub)
        return judge_papers(list(self.remotes.values()), hub.archive(), self.office, self.quiet_at, hub.not_kept(), counts)


def run_world(spec: WorldSpec, make_hub: Callable[[World], HubUnderTest], *, stall_s: float = 60.0) -> Result:
    """Run a world to its end and judge it."""
    began = time.perf_counter()
    world = World(spec, stall_s=stall_s)
    start = world.baton.time
    world.baton.run(lambda: world.live(make_hub))
    verdict = world.judge()
    counts = verdict.counts
    if spec.stock:
        verdict.violations += [Violation(*found) for found in judge_stock(world.rooms, counts, world.quiet_at)]
    if spec.papers:
        verdict.violations += [Violation(*found) for found in world.judge_papers(counts)]
    counts["crashes"] = len(world.crashed_at)
    counts["restores"] = sum(e.action == "restore" for r in world.remotes.values() for e in r.journal)
    counts["clock jumps"] = len(spec.jumps)
    counts["requests"] = sum(t.requests for t in world.transports.values())
    counts.update({f"webhooks {kind}": n for kind, n in world.hooks.items()})
    people = [e for r in world.remotes.values() for e in r.journal if e.actor != "api" and e.action == "edit"]
    counts["edits by people"] = len(people)
    counts["remote events"] = sum(len(r.journal) for r in world.remotes.values()) + counts["requests"] + world.hooks["sent"]
    counts["edits while a request was in flight"] = sum(bool(e.detail["in_flight"]) for e in people)
    counts.update(world.office.counts())
    steps: Counter[str] = getattr(world.hub, "steps", Counter())
    verdict.violations += [Violation("a step that no machine has", step, ()) for step in unheard_of(steps)]
    faults: Counter[str] = Counter()
    for transport in world.transports.values():
        faults.update(transport.faults)
    return Result(
        spec.seed,
        world.baton.digest(),
        world.violations + verdict.violations,
        counts,
        faults,
        {r.name: told(r.habits) for r in spec.remotes},
        unusual(list(world.remotes.values()), spec.places, world.folders.values()),
        world.baton.passes,
        time.perf_counter() - began,
        (world.baton.time - start) / 60 / SECOND,
        spec.stock,
        spec.operated,
        spec.papers,
        steps,
    )
