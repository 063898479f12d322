"""The real hub in a simulated world: production code on a real SQLite file, with the world's clock, wires and crashes."""

from __future__ import annotations

import tempfile
import traceback
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

import structlog

from hub.config import (
    Belonging,
    Config,
    ConnectionConfig,
    Missing,
    Policy,
    PolicyKind,
    Receives,
    Reports,
    Start,
    StockRule,
    Update,
)
from hub.config import Create as CreateWhen
from hub.errors import InvariantBroken, UsageError
from hub.mapping import Mapping, load
from hub.model.record import EntityType
from hub.model.review import ReviewKind
from hub.model.values import Doc
from hub.ops.deadletters import list_dead_letters
from hub.ops.explain import show_entity
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from hub.ops.operate import approve_all, resolve_all, resync
from hub.ops.plan import as_docs, read_plan
from hub.ops.reviews import list_reviews
from hub.ops.verbs import carry_out
from hub.runtime.assemble import make_ground, wire
from hub.runtime.clock import SteadyClock, last_known_time
from hub.runtime.hub import STANDING, Hub
from hub.sdk import Http, WebhookRequest
from hub.sdk.http import HttpxHttp, Patience
from hub.sdk.limits import Bucket
from hub.sdk.webhooks import Receipt
from hub.store import open_store
from tests.simulation.baton import Crash
from tests.simulation.connector import OURS, HabitConnector, mapping_text
from tests.simulation.filing import Archive, read_archive
from tests.simulation.folders import PaperHabits
from tests.simulation.habits import Habits
from tests.simulation.machines import met, watch
from tests.simulation.office import Act
from tests.simulation.office import Policy as WorldPolicy
from tests.simulation.paper_connector import paper_texts
from tests.simulation.shelving import Place
from tests.simulation.stock_connector import stock_texts
from tests.simulation.world import World

PATIENCE = Patience(connect_s=5, read_s=30, answer_s=60, tries=3, first_wait_s=0.2, longest_wait_s=5, limited_s=20)

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


class Connected:
    """The hub as the world drives it. The folder with the store outlives crashes."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._folder = tempfile.TemporaryDirectory(prefix="syncline-sim-", ignore_cleanup_errors=True)
        self._file = Path(self._folder.name) / "hub.db"
        self._url = f"sqlite:///{self._file}"
        sets = {place.remote for place in world.spec.places if place.sets}
        self._connectors = {
            r.name: HabitConnector(
                r.name, r.habits, stock=world.spec.stock, sets=r.name in sets, papers=world.folders.get(r.name)
            )
            for r in world.spec.remotes
        }
        self.hub: Hub | None = None
        self._left: Sequence[str] | None = None
        self._not_kept: frozenset[tuple[str, str]] = frozenset()
        self._archive = Archive()
        self.steps: Counter[str] = Counter()
        """How often every step of the hub's machines was made."""

    def start(self) -> None:
        store = open_store(self._url, synchronous="OFF", on_commit=lambda when: self._world.baton.door(f"commit {when}", 0))
        store.migrate()
        watch(self._file)
        config = config_of(self._world)
        tables = {r.name: tables_of(self._world, r.name, r.habits) for r in self._world.spec.remotes}
        clock = SteadyClock(self._world.clock, last_known_time(store))
        ground = make_ground(config, self._connectors, tables, "sim")
        bucket = {name: Bucket(clock, capacity=1000, per_s=1000) for name in self._connectors}

        def http_for(name: str, _config: ConnectionConfig) -> Http:
            transport = self._world.transports[name]
            return HttpxHttp("https://remote.example", transport=transport, clock=clock, bucket=bucket[name], patience=PATIENCE)

        self.hub = Hub(ground, store, wire(config, self._connectors, ground, http_for), self._connectors, clock)
        self.hub.start()
        office = Running(self.hub)
        self._world.clock.start("settling", lambda: self._settled(office))

    def _settled(self, office: Running) -> None:
        with suppress(InvariantBroken):  # it was stopped again at once
            finish_settling(office)

    def restart(self) -> None:
        assert self.hub is not None
        self.hub.stop(None)
        self.hub.store.close()
        self.start()

    def crash(self) -> None:
        if self.hub is not None:
            self.hub.store.close()
            self.hub = None

    def stop(self) -> None:
        if self.hub is None:
            self._left = ["no hub"]
            return
        left = self.open_items()
        self.hub.stop(None)
        with self.hub.store.unit() as unit:
            refused = [r for r in unit.reviews(resolved=True) if r.answer == "no"]
            reviews = [r for r in [*unit.reviews(), *refused] if r.kind in STANDING]
            links = unit.links_by_id([r.link_id for r in reviews if r.link_id is not None])
        if self._world.spec.papers:
            with self.hub.store.reader() as reader:
                self._archive = read_archive(reader)
        self._not_kept = frozenset((link.connection, link.external_id) for link in links.values())
        self._left = left
        self.hub.store.close()
        self.steps = met(self._file)
        self._folder.cleanup()

    def clean(self) -> None:
        """Remove what was kept."""
        self._folder.cleanup()

    def receive(self, connection: str, request: WebhookRequest) -> None:
        assert self.hub is not None
        if self.hub.receive(connection, request) is not Receipt.ACCEPTED:
            raise RuntimeError("not stored")

    def quiet(self) -> bool:
        try:
            return self.hub is not None and self.hub.failure is None and self.hub.is_quiet() and not self.look("dead letters")
        except (TimeoutError, InvariantBroken, Crash):
            return False  # it died while we asked

    def resync(self, connection: str) -> None:
        assert self.hub is not None
        resync(self.hub, connection)

    def settle(self) -> None:
        assert self.hub is not None
        with suppress(InvariantBroken):  # it died while we asked
            for one in self.look("questions"):
                if one["kind"] == "rewound":
                    self.order("resolve", review_id=one["id"], answer=self._world.office.restored)
            resolve_all(self.hub, keep=STANDING | {ReviewKind.REWOUND})
            for letter in self.look("dead letters"):
                self.order("replay", letter_id=letter["id"])
            self._agree()

    def _agree(self) -> None:
        """Say yes to all that waits for one; where documents are kept, to what was looked at and noted."""
        assert self.hub is not None
        if not self._world.spec.papers:
            approve_all(self.hub)
            return
        items = [item for item in self.look("plan") if item["state"].startswith("waiting for your yes")]
        now = self._world.baton.time
        for item in items:
            self._world.office.note(Act("yes", f"{item['connection']}/{item['external_id']}", now, now, item["lines"]))
        if items:
            told = [{"id": item["id"], "lines": [one["line"] for one in item["lines"]]} for item in items]
            self.order("approve", items=told, by="everybody")

    def order(self, verb: str, **args: Any) -> Doc | None:
        assert self.hub is not None
        try:
            return carry_out(Running(self.hub), verb, args)
        except UsageError:
            return None

    def look(self, what: str, about: Any = None) -> list[Doc]:
        assert self.hub is not None
        with self.hub.store.reader() as reader:
            match what:
                case "plan":
                    return as_docs(read_plan(reader, self.hub.ground, connection=about))
                case "questions":
                    return list_reviews(reader)
                case "dead letters":
                    return list_dead_letters(reader)
                case _:
                    return [show_entity(reader, self.hub.ground, entity) for entity in reader.entities([about]).values()]

    def open_items(self) -> Sequence[str]:
        if self.hub is None or self._left is not None:
            return self._left if self._left is not None else ["no hub"]
        failure = self.hub.failure
        return self.hub.open_items() if failure is None else [f"failed: {''.join(traceback.format_exception(failure))}"]

    def archive(self) -> Archive:
        return self._archive

    def not_kept(self) -> frozenset[tuple[str, str]]:
        return self._not_kept


def tables_of(world: World, name: str, habits: Habits) -> dict[str, Mapping]:
    """Compile the mapping files of a remote."""
    office = world.office
    lines = ({path for remote, path in changed if remote == name} for changed in (office.dropped, office.reworded))
    places = [place for place in world.spec.places if place.remote == name]
    texts = {"customers": mapping_text(name, habits, *lines), **(stock_texts(name, habits, places) if world.spec.stock else {})}
    if name in world.folders:
        texts |= paper_texts(name, habits, world.folders[name])
    return {stream: table for file, text in texts.items() for stream, table in table_of(f"{name}.{file}", text).streams.items()}


_TABLES: dict[str, Mapping] = {}


def table_of(name: str, text: str) -> Mapping:
    """Compile a mapping once per process: seeds share most of them."""
    if text not in _TABLES:
        _TABLES[text] = load(text, f"{name}.yaml")
    return _TABLES[text]


def config_of(world: World) -> Config:
    """Say in the hub's words what the world's spec says."""
    connections: dict[str, Any] = {}
    for rank, spec in enumerate(world.spec.remotes, start=1):
        create = CreateWhen.ALWAYS if spec.creates else CreateWhen.NEVER
        connections[spec.name] = ConnectionConfig(
            connector=spec.name,
            settings={"secret": world.remotes[spec.name].secret, "country": "DE"},
            start=Start.LIVE,
            every_s=60.0,
            writes_at_once=Random(f"pace {world.spec.seed} {spec.name}").choice((1, 2, 4)),
            seed_rank=rank,
            entities={EntityType.CUSTOMER: Belonging(create=create), **belongings(world.folders.get(spec.name))},
            stock=stock_rules(world, spec.name, opens=rank == 1) if world.spec.stock else {},
        )
    policies = {OURS.get(path, path): policy_of(policy) for path, policy in world.office.policies.items()}
    return Config(connections=connections, policies={EntityType.CUSTOMER: policies})


def belongings(papers: PaperHabits | None) -> dict[EntityType, Belonging]:
    """Say what documents of others a remote is shown: its shop takes refunds, its desk shows every order as a deal."""
    shows: dict[EntityType, Belonging] = {}
    if papers is not None and "shop" in papers.roles:
        shows[EntityType.REFUND] = Belonging(create=CreateWhen.ALWAYS)
    if papers is not None and "desk" in papers.roles:
        shows[EntityType.ORDER] = Belonging(create=CreateWhen.ALWAYS, update=Update.CREATED_BY_HUB)
    return shows


def stock_rules(world: World, name: str, *, opens: bool) -> dict[str, StockRule]:
    """Say how a remote takes part in the stock of every location that it keeps."""
    if not world.spec.places:
        return {"default": StockRule(opening=opens)}
    return {place.code: rule_of(place) for place in world.spec.places if place.remote == name}


def rule_of(place: Place) -> StockRule:
    """Translate how stock is kept."""
    missing = Missing.ZERO if place.zero else Missing.UNKNOWN
    reports, receives = Reports(place.reports), Receives(place.receives)
    return StockRule(opening=place.opening, reports=reports, receives=receives, missing=missing, buffer=place.buffer)


def policy_of(policy: WorldPolicy) -> Policy:
    """Translate a survivorship rule."""
    return Policy(PolicyKind(policy.kind), tuple(policy.ranks))


def make_hub(world: World) -> Connected:
    """Return the hub under test for a world."""
    return Connected(world)
