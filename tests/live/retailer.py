"""A retailer whose shop is a real Vendure and whose till is a simulated Square, the hub between them as a process of its own.

Every call of the hub goes through a `Detour`; Vendure's webhooks go straight to the hub's door.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import httpx

from connectors.square import SquareFake
from hub.model.values import SECOND, Doc
from hub.ops.installation import read_installation
from hub.sdk.serve import Persistence, ServedFake
from tests.connectors.square.contract import contract
from tests.e2e.process import CLOCK, HubProcess, until
from tests.live.detour import Detour
from tests.live.vendure.server import Server, start, stop

CONFIG = Path(__file__).parent / "config.yaml"
PLACES = {"warehouse": ("Warehouse", "WH"), "lyon": ("Lyon", "LYO")}
"""Our code of a place -> its name at the till and in the seed of Vendure."""
WAITING = ("deliveries", "open_attempts", "hints", "waiting")
Everything = dict[str, dict[str, Any]]


class Till(SquareFake):
    """Square, and whatever breaks its published contract, where that is at hand."""

    def __init__(self, webhook_url: str) -> None:
        super().__init__(
            CLOCK.now, webhook_url=webhook_url, token="live-token", signature_key="live-key", country="FR", currency="EUR"
        )
        self.breaches: list[str] = []

    def respond(self, request: httpx.Request) -> httpx.Response:
        response = super().respond(request)
        judge = contract()
        try:
            if judge:
                judge.check(request, response)
        except AssertionError as breach:
            self.breaches.append(str(breach))
        return response


class LiveRetailer(HubProcess):
    """A shop, a till, and a hub that is not running yet."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, CONFIG, {})
        self._vendure_port = port
        self._webhooks = f"http://127.0.0.1:{self.port}/webhooks"
        self.server: Server = start(port, f"{self._webhooks}/shop")
        self.till = Till(f"{self._webhooks}/till")
        self.at = {
            code: (self.till.add_location(name), self.server.seed["locations"][there]) for code, (name, there) in PLACES.items()
        }
        self.served = ServedFake(self.till, CLOCK, name="till", persistence=Persistence(longest_wait_s=1.0)).start()
        self.ways = {"shop": Detour(self.server.base_url), "till": Detour(self.served.url)}
        self.environ |= {
            "SHOP_URL": self.ways["shop"].url,
            "SHOP_USER": self.server.username,
            "SHOP_PASSWORD": self.server.password,
            "SHOP_SECRET": self.server.webhook_secret,
            "TILL_URL": self.ways["till"].url,
            "TILL_TOKEN": self.till.token,
            "TILL_KEY": "live-key",
        }
        self.installation = read_installation(CONFIG, self.environ)

    def close(self) -> None:
        """End everything."""
        with ExitStack() as ends:
            ends.callback(stop)
            ends.callback(self.served.stop)
            for way in self.ways.values():
                ends.callback(way.close)
            ends.callback(super().close)

    @contextmanager
    def no_webhooks(self) -> Iterator[None]:
        """Let Vendure be silent meanwhile."""
        start(self._vendure_port, "", reset=False)
        yield
        start(self._vendure_port, f"{self._webhooks}/shop", reset=False)

    # ---- how far it is

    def under_way(self) -> dict[str, int]:
        """Return what the hub still has to do."""
        with self.installation.reader() as reader:
            counts = reader.counts()
        found = {name: counts[name] for name in WAITING} | {"webhooks": self.served.waiting()}
        return {name: number for name, number in found.items() if number > 0}

    def rounds(self) -> int:
        """Return how often both systems were polled, the levels of all variants included."""
        return min(self.ways["shop"].reads["ProductVariant all"], self.ways["till"].reads["locations"])

    def writes(self) -> int:
        """Return how many writes reached both systems."""
        return sum(way.writes.total() for way in self.ways.values())

    def settle(self, rounds: int = 1) -> None:
        """Wait until nothing is under way, and then so many polls of both systems bring nothing to do and no write."""
        calm = (self.writes(), self.rounds())
        while calm[1] + rounds > self.rounds():
            until(lambda: not self.under_way())
            before = self.rounds()
            until(lambda: self.rounds() > before)  # noqa: B023 - waited for right here
            calm = calm if self.writes() == calm[0] and not self.under_way() else (self.writes(), self.rounds())

    def next_second(self) -> None:
        """Wait for another second to begin: Vendure's times have whole ones."""
        now = CLOCK.now() // SECOND
        until(lambda: CLOCK.now() // SECOND > now)

    # ---- what the systems hold

    def at_till(self) -> Everything:
        """Return the till's customers by e-mail (by id where there is none)."""
        with self.served.lock:
            docs = [self.till.customer(each) for each in self.till.customer_ids()]
        return {doc.get("email_address", doc["id"]): doc for doc in docs if doc}

    def at_shop(self) -> Everything:
        """Return the shop's customers by e-mail, as its admins see them."""
        query = (
            "{ customers(options:{take:1000}){ items { id firstName lastName emailAddress phoneNumber"
            " customFields{ loyaltyTier externalRef } addresses{ id streetLine1 city postalCode country{ code } } } } }"
        )
        found = self.server.admin(query)["items"]
        assert len({one["emailAddress"] for one in found}) == len(found)
        return {one["emailAddress"]: one for one in found}

    def variants(self) -> Everything:
        """Return the shop's variants by SKU."""
        query = "{ productVariants(options:{take:1000}){ items { id sku priceWithTax trackInventory } } }"
        return {one["sku"]: one for one in self.server.admin(query)["items"]}

    def variations(self) -> Everything:
        """Return the till's variations by SKU, with their ids."""
        with self.served.lock:
            items = [self.till.object(each) for each in self.till.item_ids()]
        docs = [one for item in items if item for one in item["item_data"]["variations"]]
        return {one["item_variation_data"].get("sku", one["id"]): one["item_variation_data"] | {"id": one["id"]} for one in docs}

    def tracked(self) -> list[str]:
        """Return the SKUs whose stock the shop tracks."""
        return sorted(sku for sku, doc in self.variants().items() if doc["trackInventory"] != "FALSE")

    def units(self, sku: str, place: str = "warehouse") -> tuple[int, int, int | None]:
        """Return on hand and allocated in the shop, and what the till shows."""
        level = self.server.levels()[f"{self.server.seed['variants'][sku]}:{self.at[place][1]}"]
        with self.served.lock:
            shown = self.till.level(self.variations()[sku]["id"], self.at[place][0])
        return level.on_hand, level.allocated, shown

    def level_differences(self, place: str) -> dict[str, tuple[int, int | None]]:
        """Return SKU -> (free in the shop, shown at the till) where they are not the same."""
        levels, variations = self.server.levels(), self.variations()
        found = {}
        for sku in self.tracked():
            level = levels[f"{self.server.seed['variants'][sku]}:{self.at[place][1]}"]
            pair = (level.on_hand - level.allocated, self.till.level(variations[sku]["id"], self.at[place][0]))
            found[sku] = pair
        return {sku: pair for sku, pair in found.items() if pair[0] != pair[1]}

    # ---- what people do

    def pick(self, place: int) -> tuple[str, str, str]:
        """Return e-mail, shop id and till id of one customer."""
        email = sorted(self.server.seed["customers"])[place]
        return email, self.server.seed["customers"][email], self.at_till()[email]["id"]

    def edit_at_till(self, till_id: str, **fields: Any) -> None:
        """A cashier edits a customer."""
        with self.served.lock:
            self.till.edit_customer(till_id, **fields)

    def enrol(self, given: str, email: str, **fields: Any) -> None:
        """A cashier takes down a new customer."""
        with self.served.lock:
            self.till.add_customer(given_name=given, email_address=email, **fields)

    def sell(self, sku: str, quantity: int, place: str = "warehouse") -> None:
        """A cashier sells."""
        variation = self.variations()[sku]["id"]
        with self.served.lock:
            self.till.sell(variation, self.at[place][0], quantity)

    def count(self, sku: str, quantity: int, place: str) -> None:
        """Staff at the till count a shelf."""
        variation = self.variations()[sku]["id"]
        with self.served.lock:
            self.till.count_stock(variation, self.at[place][0], quantity)


def names(doc: Doc) -> tuple[str, str]:
    """Return given and family name of a customer of either system."""
    return (doc.get("firstName") or doc.get("given_name") or "", doc.get("lastName") or doc.get("family_name") or "")
