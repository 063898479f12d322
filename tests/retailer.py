"""A whole retailer in one process: simulated systems, their real connectors, the real hub on a SQLite file, time that only
moves when somebody waits.

`Retailer.settle()` runs the lanes one after the other until nothing is left to do; no worker of the hub runs by itself but the
writer. `wires` count what reached each system and break the next requests on demand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import httpx
import structlog

from connectors.shopify import ShopifyFake
from connectors.square import SquareFake
from hub.clock import Clock, micros
from hub.config import Config, ConnectionConfig, parse_config
from hub.mapping import Mapping as Table
from hub.model.delivery import DeliveryState
from hub.model.review import Review
from hub.model.run import DeadLetter
from hub.model.values import SECOND, Doc, Micros, Value
from hub.runtime.assemble import load_tables, make_ground, wire
from hub.runtime.clock import SteadyClock
from hub.runtime.hub import Hub
from hub.runtime.policies import SETTLING
from hub.sdk import Connector, Http, WebhookRequest
from hub.sdk.fake import Fake
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from hub.sdk.registry import load_connectors
from hub.sdk.webhooks import Receipt
from hub.store import Unit, open_store
from tests.connectors.square.contract import contract
from tests.unit.clocks import StillClock

ROOT: Final = Path(__file__).parents[1]
START: Final = micros("2026-07-01T09:00:00Z")
PUBLIC: Final = "https://hub.test"
LATENCY_S: Final = 0.02
LONGEST_S: Final = 3600
PEOPLE_S: Final = 125
"""So long everything is read again, four times, while people are asked."""
ENVIRON: Final = {
    "SHOP_TOKEN": "shpat_fake",
    "SHOP_SECRET": "shopify-secret",
    "TILL_TOKEN": "EAAA-fake",
    "TILL_KEY": "fake-signature-key",
}
CONFIG: Final = """
retailer: Join
connections:
  shop:
    connector: shopify
    settings:
      {base_url: "https://shop.test", access_token: "${SHOP_TOKEN}", client_secret: "${SHOP_SECRET}", currency: EUR, country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
  till:
    connector: square
    settings: {base_url: "https://till.test", access_token: "${TILL_TOKEN}", webhook_signature_key: "${TILL_KEY}", country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
      product: {create: always}
      variant: {create: always}
policies:
  variant:
    price: {owner: shop}
"""

structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))

Carry = Callable[[httpx.Request], httpx.Response]


class Wire(httpx.BaseTransport):
    """The way to one system. `breaks`: what happens to the next writes, oldest first; see `Break`."""

    def __init__(self, carry: Carry, clock: Clock) -> None:
        self._carry = carry
        self._clock = clock
        self.writes: list[str] = []
        self.reads = 0
        self.breaks: list[Break] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; it takes a moment there and back."""
        self._clock.sleep(LATENCY_S / 2)
        name = write_of(request)
        self.reads += not name
        if name and self.breaks:
            return self.breaks.pop(0)(self, name, request)
        return self.pass_on(name, request)

    def pass_on(self, name: str, request: httpx.Request) -> httpx.Response:
        """Let a request through."""
        if name:
            self.writes.append(name)
        response = self._carry(request)
        self._clock.sleep(LATENCY_S / 2)
        return response


Break = Callable[[Wire, str, httpx.Request], httpx.Response]


def answer_with(status: int, **headers: str) -> Break:
    """Answer with a status instead of the system; nothing happens there."""
    return lambda wire, name, request: httpx.Response(status, headers=headers, json={})


def lose_answer(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    """The write happens, its answer is lost."""
    wire.pass_on(name, request)
    raise httpx.ReadTimeout("lost", request=request)


def lose_request(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    """The request is lost on its way; the sender cannot tell."""
    raise httpx.ReadTimeout("lost", request=request)


def meanwhile(happens: Callable[[], object]) -> Break:
    """Let something happen at the system right before the write arrives."""

    def broken(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
        happens()
        return wire.pass_on(name, request)

    return broken


def passes(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    """Let this one through; the break after it is meant for the next write."""
    return wire.pass_on(name, request)


def write_of(request: httpx.Request) -> str:
    """Return what a request writes, "" for a read."""
    if request.url.path.endswith(("/graphql.json", "/admin-api")):
        query = json.loads(request.content)["query"]
        return _mutation(query)
    tail = request.url.path.rpartition("/")[2]
    reads = request.method == "GET" or tail in ("search", "bulk-retrieve", "batch-retrieve", "read")
    return "" if reads else f"{request.method} {request.url.path}"


def _mutation(query: str) -> str:
    head, _, body = query.partition("{")
    name = body.strip().split("(")[0].strip() if head.strip().startswith("mutation") else ""
    return "" if name == "login" else name


INSTALLED: Final = load_connectors()


def installed(config: Config, *more: Path) -> tuple[dict[str, Connector[Any]], dict[str, dict[str, Table]]]:
    """Return the connectors of a configuration by connection, and their mappings by connector; `more`: further folders."""
    names = {name: one.connector for name, one in config.connections.items()}
    tables = {connector: load_tables([ROOT / "mappings", *more], connector) for connector in names.values()}
    return {name: INSTALLED[connector].connector for name, connector in names.items()}, tables


def judged(till: SquareFake) -> Carry:
    """Return the way to a till on which every exchange is held against the vendor's contract, where that is at hand."""

    def carry(request: httpx.Request) -> httpx.Response:
        response = till.respond(request)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    return carry


class Driven:
    """A hub whose lanes run one after the other, when told."""

    def __init__(
        self,
        folder: Path,
        config: Config,
        connectors: Mapping[str, Connector[Any]],
        tables: Mapping[str, Mapping[str, Table]],
        transports: Mapping[str, httpx.BaseTransport],
        clock: Clock,
    ) -> None:
        self.clock = clock
        self.wires = {name: Wire(one.handle_request, clock) for name, one in transports.items()}
        self._url = f"sqlite:///{folder}/hub.db"
        self._config = config
        self._connectors = connectors
        self._ground = make_ground(config, connectors, tables, "join")
        self.hub = self._open()

    def _open(self) -> Hub:
        store = open_store(self._url, synchronous="OFF")
        store.migrate()
        clock = SteadyClock(self.clock)

        def http_for(name: str, config: ConnectionConfig) -> Http:
            bucket = Bucket(clock, capacity=1000, per_s=1000)
            base_url = config.settings.get("base_url", "https://remote.test")
            return HttpxHttp(base_url, transport=self.wires[name], clock=clock, bucket=bucket, connection=name)

        wirings = wire(self._config, self._connectors, self._ground, http_for)
        hub = Hub(self._ground, store, [replace(one, writes_at_once=1) for one in wirings], self._connectors, clock)
        hub.writer.start()
        hub.prepare()  # what `start` does before it starts the lanes
        return hub

    def close(self) -> None:
        """End the hub."""
        self.hub.writer.stop()
        self.hub.store.close()

    def restart(self, *mappings: Path) -> None:
        """Die and come back, with further mapping folders; what was not committed is lost."""
        self.close()
        if mappings:
            self._ground = make_ground(self._config, *installed(self._config, *mappings), "join")
        self.hub = self._open()

    def reconfigure(self, config: Config) -> None:
        """Die and come back with another config.yaml."""
        self.close()
        self._config = config
        self._ground = make_ground(config, *installed(config), "join")
        self.hub = self._open()

    # ---- running

    def settle(self, longest_s: float = LONGEST_S, *, patient: bool = False) -> None:
        """Run everything that comes due until the hub says that all is quiet, or nothing more happens by itself.

        Where all that is open waits for a person, everything is read some times more, and that is that; not if `patient`.
        """
        stirred_at = self.clock.now()
        until = stirred_at + int(longest_s * SECOND)
        while self.clock.now() < until and not self.hub.is_quiet():
            if not self.round():
                self.clock.sleep(max(0.001, (min(self._next_at(), until) - self.clock.now()) / SECOND))
            if patient or not self._waits_for_people():
                stirred_at = self.clock.now()
            elif self.clock.now() - stirred_at >= PEOPLE_S * SECOND:
                return

    def _waits_for_people(self) -> bool:
        """Say whether nothing is under way but what a person is asked about."""

        def look(unit: Unit) -> bool:
            asked = all(one.aside or one.state is DeliveryState.ASKING for one in unit.open_deliveries())
            return asked and not unit.hint_counts() and not unit.open_attempts() and SETTLING not in unit.flags()

        return self.hub.writer.submit(look).result(30.0)

    def round(self) -> int:
        """Run what is due now in every lane once; return how much that was."""
        return sum(lane._guard("pull", lane.pull_due) + lane._guard("push", lane.push_round) for lane in self.hub.lanes.values())

    def poll(self, times: int = 1) -> None:
        """Let every stream be read again, so often, and what follows from it happen."""
        for _ in range(times):
            self.clock.sleep(max(each.every_s for each in self._config.connections.values()) + 1)
            self.round()
            self.settle()

    def _next_at(self) -> Micros:
        return min(min(lane._next_push, *lane._next_poll.values()) for lane in self.hub.lanes.values())

    # ---- looking

    def writes(self) -> dict[str, list[str]]:
        """Return the writes that reached each system since the last call."""
        found = {name: each.writes for name, each in self.wires.items()}
        for each in self.wires.values():
            each.writes = []
        return found

    def reviews(self) -> list[Review]:
        """Return the open questions."""
        return self.hub.writer.submit(lambda unit: unit.reviews()).result()

    def dead_letters(self) -> list[DeadLetter]:
        """Return what was set aside."""
        return self.hub.writer.submit(lambda unit: unit.dead_letters()).result()

    def edits(self) -> list[list[Value]]:
        """Return the journal's rows of edits: path, from, to, stamp, "won" or "lost", rule, winner, conflict."""
        entries = self.hub.writer.submit(lambda unit: unit.journal_after(0)).result()
        return [row for entry in entries if entry.kind == "edit" for row in entry.body["changes"]]

    def happened(self) -> list[str]:
        """Return the kinds of the journal's entries, in order."""
        return [entry.kind for entry in self.hub.writer.submit(lambda unit: unit.journal_after(0)).result()]


class Retailer(Driven):
    """One shop (Shopify), one till (Square), one hub."""

    def __init__(self, folder: Path, config: str = CONFIG) -> None:
        self.clock: StillClock = StillClock(START)
        self.shop = ShopifyFake(self.clock.now, webhook_url=f"{PUBLIC}/webhooks/shop")
        self.till = SquareFake(
            self.clock.now, webhook_url=f"{PUBLIC}/webhooks/till", token=ENVIRON["TILL_TOKEN"], country="FR", currency="EUR"
        )
        self.fakes: dict[str, Fake] = {"shop": self.shop, "till": self.till}
        transports = {"shop": httpx.MockTransport(self.shop.respond), "till": httpx.MockTransport(judged(self.till))}
        loaded = parse_config(config, environ=ENVIRON, connectors={n: one.manifest.facts() for n, one in INSTALLED.items()})
        connectors, tables = installed(loaded)
        super().__init__(folder, loaded, connectors, tables, transports, self.clock)

    def deliver_webhooks(self) -> list[Receipt]:
        """Bring every waiting webhook to the hub."""
        return [
            self.hub.receive(name, WebhookRequest(fake.webhook_url, hook.headers, hook.body))
            for name, fake in self.fakes.items()
            for hook in fake.take_webhooks()
        ]

    def at_till(self) -> dict[str, Doc]:
        """Return the till's customers by e-mail (by id where there is none)."""
        docs = [self.till.customer(each) for each in self.till.customer_ids()]
        return {doc.get("email_address", doc["id"]): doc for doc in docs if doc}

    def at_shop(self) -> dict[str, Doc]:
        """Return the shop's customers by e-mail (by id where there is none)."""
        return {doc["email"] or doc["id"]: doc for doc in self.shop.customers()}
