"""A retailer in one process: a till and a web shop (their simulators), the real hub on SQLite, and a clock that moves when told.

No worker threads but the writer's: `step` receives webhooks, polls what is due and pushes until there is nothing left to do.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx

import connectors.shopify
import connectors.square
from connectors.shopify import ShopifyFake
from connectors.square import SquareFake
from connectors.square.fake import SIGNATURE_KEY, TOKEN
from hub.clock import micros
from hub.config import Config, ConnectionConfig, Receives, Reports, Start, StockRule
from hub.model.ledger import Movement
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import SECOND, Micros, Value
from hub.ops.modes import set_mode
from hub.ops.office import Running
from hub.ops.plan import read_plan
from hub.runtime.assemble import load_tables, make_ground, wire
from hub.runtime.clock import SteadyClock
from hub.runtime.hub import Hub
from hub.sdk import Http, WebhookRequest
from hub.sdk.fake import Fake
from hub.sdk.http import HttpxHttp, Patience
from hub.sdk.limits import Bucket
from hub.sdk.webhooks import Receipt
from hub.store import open_reader, open_store
from tests.unit.clocks import StillClock

ROOT = Path(__file__).parents[2]
NAMES = ("berlin", "hamburg", "central")
SHOP_SETTINGS = {"access_token": "shpat_fake", "client_secret": "shopify-secret", "currency": "EUR", "shop": "demo-shop"}
CONNECTORS: Mapping[str, Any] = {"till": connectors.square.CONNECTOR, "shop": connectors.shopify.CONNECTOR}
TILL_RULE = StockRule(opening=True, reports=Reports.AVAILABLE, receives=Receives.AVAILABLE)
SHOP_RULE = StockRule(reports=Reports.BOTH)
TABLES = {name: load_tables([ROOT / "mappings"], name) for name in ("square", "shopify")}


class Wire(httpx.BaseTransport):
    """Carries requests to a simulator. `lose` replies that never arrive although the request took effect."""

    def __init__(self, fake: Fake) -> None:
        self.fake = fake
        self.lose = 0
        self.requests: list[httpx.Request] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self.fake.respond(request)
        is_write = b"inventoryAdjustQuantities" in request.content or request.url.path.endswith("changes/batch-create")
        if self.lose and is_write:
            self.lose -= 1
            raise httpx.ReadTimeout("lost", request=request)
        return response


class Floor:
    """Two stores with a till, a warehouse, and a web shop that sells from all three. `sku` names what is sold."""

    def __init__(self, folder: Path, *, till: Mapping[str, StockRule], shop: Mapping[str, StockRule], **more: Any) -> None:
        self.clock = StillClock(micros("2026-03-01T09:00:00Z"))
        self.till = SquareFake(self.clock.now, webhook_url="https://hub.test/webhooks/till", currency="EUR", country="DE")
        self.shop = ShopifyFake(self.clock.now, webhook_url="https://hub.test/webhooks/shop")
        self.wires = {"till": Wire(self.till), "shop": Wire(self.shop)}
        self.at_till = {name: self.till.add_location(name) for name in NAMES}
        self.at_shop = {name: self.shop.add_location(name) for name in NAMES}
        _, (self.variation,) = self.till.add_item("Shirt", [{"sku": "S-1", "price_minor": 1900}])
        _, (self.variant,) = self.shop.add_product("Shirt", [{"sku": "S-1", "price": "19.00"}])
        places = {"till": self.at_till, "shop": self.at_shop}
        rules = {"till": dict(till), "shop": dict(shop)}
        start = more.get("start", Start.LIVE)
        self.config = Config(
            connections={
                name: ConnectionConfig(
                    connector={"till": "square", "shop": "shopify"}[name],
                    settings=self._settings(name),
                    start=start,
                    every_s=30.0,
                    seed_rank=rank,
                    stock=rules[name],
                    locations={code: there.rpartition("/")[2] for code, there in places[name].items()},
                )
                for rank, name in enumerate(("till", "shop"), start=1)
            }
        )
        self.url = f"sqlite:///{folder / 'hub.db'}"
        self.hub = self._open()

    def _settings(self, name: str) -> dict[str, str]:
        return {"access_token": TOKEN, "webhook_signature_key": SIGNATURE_KEY} if name == "till" else SHOP_SETTINGS

    def _open(self) -> Hub:
        store = open_store(self.url, synchronous="OFF")
        store.migrate()
        clock = SteadyClock(self.clock)
        tables = {"square": TABLES["square"], "shopify": TABLES["shopify"]}
        ground = make_ground(self.config, CONNECTORS, tables, "floor")
        patience = Patience(connect_s=5, read_s=30, answer_s=60, tries=2, first_wait_s=0.1, longest_wait_s=1, limited_s=5)

        def http_for(name: str, _config: ConnectionConfig) -> Http:
            bucket = Bucket(clock, capacity=100_000, per_s=100_000)
            return HttpxHttp(
                f"https://{name}.test", transport=self.wires[name], clock=clock, bucket=bucket, patience=patience, connection=name
            )

        hub = Hub(ground, store, wire(self.config, CONNECTORS, ground, http_for), CONNECTORS, clock)
        hub.writer.start()
        hub.writer.submit(hub._prepare).result(30)
        return hub

    def close(self) -> None:
        """Stop the writer."""
        self.hub.writer.stop(10)
        self.hub.store.close()

    # --- time

    def step(self, seconds: float = 31.0, rounds: int = 6) -> None:
        """Let time pass, take webhooks in, poll, and push until nothing is left."""
        self.clock.at += round(seconds * SECOND)
        self.knock()
        for _ in range(rounds):
            for lane in self.hub.lanes.values():
                lane.pull_due()
                while lane.push_round():
                    self.clock.at += 50_000
            self.clock.at += SECOND

    def knock(self, copies: int = 1) -> None:
        """Deliver the waiting webhooks, perhaps several times."""
        for name, fake in (("till", self.till), ("shop", self.shop)):
            for each in fake.take_webhooks():
                for _ in range(copies):
                    request = WebhookRequest(fake.webhook_url, each.headers, each.body)
                    assert self.hub.receive(name, request) is Receipt.ACCEPTED

    # --- what is there

    def till_level(self, place: str) -> int | None:
        """Return what the till shows, in units."""
        return self.till.level(self.variation, self.at_till[place])

    def shop_level(self, place: str) -> dict[str, int]:
        """Return the shop's quantities by name."""
        return self.shop.level(self.variant, self.at_shop[place]) or {}

    def shown(self, place: str) -> tuple[int | None, int | None]:
        """Return what (till, shop) show as available at a place."""
        return self.till_level(place), self.shop_level(place).get("available")

    def golden(self, place: str) -> dict[str, Value]:
        """Return the golden figures of the level at a place."""

        def look(unit: Any) -> dict[str, Value]:
            location = self._location(unit, place)
            levels = unit.entities_of_type(EntityType.INVENTORY_LEVEL)
            (level,) = [e for e in levels if e.refs["location"] == location]
            return {path: golden.value for path, golden in level.golden.items()}

        return dict(self.hub.writer.submit(look).result(30))

    def movements(self, place: str) -> list[Movement]:
        """Return the ledger of the level at a place."""

        def look(unit: Any) -> list[Movement]:
            (variant,) = unit.entities_of_type(EntityType.VARIANT)
            return list(unit.movements(variant.id, self._location(unit, place)))

        return list(self.hub.writer.submit(look).result(30))

    def _location(self, unit: Any, place: str) -> int:
        till = self.at_till[place]
        (link,) = unit.links([LinkKey("till", "locations", till)]).values()
        return int(link.entity_id)

    def left(self) -> list[str]:
        """Name what the hub has not finished."""
        return self.hub.open_items()

    def set_mode(self, name: str, mode: Mode) -> None:
        """Trust a connection more or less."""
        set_mode(Running(self.hub), name, mode)

    def plan(self) -> list[tuple[str, str]]:
        """Return what waits to be sent as people see it: (connection, from -> to)."""
        with closing(open_reader(self.url)) as reader:
            items = read_plan(reader, self.hub.ground)
        return [(item.connection, line["shown"]) for item in items for line in item.lines]

    def now(self) -> Micros:
        """Return the time (µs)."""
        return self.clock.at


def ten_shirts(folder: Path, place: str) -> Iterator[Floor]:
    """Give a store with ten shirts at one place, as the till counts them, shown in the shop too."""
    made = Floor(folder, till={place: TILL_RULE}, shop={place: SHOP_RULE})
    made.till.count_stock(made.variation, made.at_till[place], 10)
    made.shop.set_stock(made.variant, made.at_shop[place], 0)
    made.step()
    made.step()
    yield made
    made.close()
