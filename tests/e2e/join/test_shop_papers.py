"""Orders of a Shopify shop in the hub's index, and refunds a till makes for them, through the real connector and the real hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from connectors.shopify import CONNECTOR, ShopifyFake
from hub.clock import instant
from hub.config import Belonging, Config, ConnectionConfig, Create, Start
from hub.mapping import load
from hub.model.delivery import Delivery
from hub.model.documents import Document
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.runtime.assemble import load_tables
from hub.sdk import Connector, Http, Stream, WebhookRequest
from tests.e2e.join.test_crm_papers import Rows
from tests.retailer import PUBLIC, ROOT, START, Driven, lose_answer, lose_request
from tests.unit.clocks import StillClock

SETTINGS: Final = {
    "base_url": "https://shop.test",
    "access_token": "shpat_fake",
    "client_secret": "shopify-secret",
    "currency": "EUR",
    "country": "FR",
}
REFUNDS: Final = """
mapping: 1
connector: counter
stream: refunds
entity: refund
identity: id
version: version
fields:
  state: {path: state, values: {done: done}}
  amount: {path: amount, minor: iso, currency: EUR}
  note: note
  refunded_at: {path: at, as: instant}
  pieces:
    each: pieces
    match_by: [sku]
    fields: {sku: sku, quantity: {path: units, as: count}}
refs: {order: {path: receipt, by: number}}
"""


class Till(Connector[None]):
    """A till of which the hub reads refunds."""

    name = "counter"

    def __init__(self) -> None:
        self.refunds: dict[str, Doc] = {}
        self.streams: Mapping[str, Stream[Any]] = {"refunds": Rows("refunds", self.refunds)}  # type: ignore[misc]

    def client(self, settings: Mapping[str, str], http: Http) -> None:
        return None

    def give_back(self, at: int, receipt: str, amount: int, **more: Any) -> None:
        """A cashier gives money back for what it says on a receipt."""
        key = f"r{len(self.refunds)}"
        row = {"id": key, "version": 1, "state": "done", "amount": amount, "receipt": receipt, "at": instant(at), "pieces": []}
        self.refunds[key] = row | more


class Counter(Driven):
    """A shop and a till. What the till gives back for an order of the shop is booked in the shop, too."""

    def __init__(self, folder: Path) -> None:
        self.clock: StillClock = StillClock(START)
        self.shop = ShopifyFake(self.clock.now, webhook_url=f"{PUBLIC}/webhooks/shop", search_lag_s=2.0)
        self.till = Till()
        refunds = {EntityType.REFUND: Belonging(create=Create.ALWAYS)}
        live = {"start": Start.LIVE, "every_s": 30.0}
        config = Config(
            connections={
                "shop": ConnectionConfig(connector="shopify", settings=SETTINGS, seed_rank=1, entities=refunds, **live),
                "till": ConnectionConfig(connector="counter", seed_rank=2, **live),
            }
        )
        tables = {
            "shopify": load_tables([ROOT / "mappings"], "shopify"),
            "counter": {"refunds": load(REFUNDS, "refunds.yaml").streams["refunds"]},
        }
        transports = {
            "shop": httpx.MockTransport(self.shop.respond),
            "till": httpx.MockTransport(lambda _: httpx.Response(404)),
        }
        self.store = self.shop.add_location("Store", city="Lyon", countryCode="FR")
        _, (self.variant,) = self.shop.add_product("Shirt", [{"sku": "S-1", "price": "19.90"}])
        self.shop.set_stock(self.variant, self.store, 100)
        super().__init__(folder, config, {"shop": CONNECTOR, "till": self.till}, tables, transports, self.clock)
        self.ada = self.shop.add_customer(firstName="Ada", email="ada@x.example")
        self.poll(2)

    def hear(self) -> None:
        """Bring the shop's waiting webhooks to the hub."""
        for hook in self.shop.take_webhooks():
            self.hub.receive("shop", WebhookRequest(self.shop.webhook_url, hook.headers, hook.body))
        self.settle(20)

    def papers(self) -> list[Document]:
        """Return Ada's documents, oldest first."""
        return self._documents("customer", LinkKey("shop", "customers", self.ada))

    def parts(self, order: int) -> list[Document]:
        """Return what hangs on an order."""
        return self._documents("order", LinkKey("shop", "orders", f"gid://shopify/Order/{order}"))

    def _documents(self, what: str, key: LinkKey) -> list[Document]:
        def at(unit: Any) -> list[Document]:
            [link] = unit.links([key]).values()
            found: list[Document] = unit.documents_of(what, [link.entity_id])
            return found

        return self.hub.writer.submit(at).result()

    def golden(self, stream: str, external_id: str) -> dict[str, Any]:
        """Return the golden values of a record of the shop."""

        def at(unit: Any) -> dict[str, Any]:
            [link] = unit.links([LinkKey("shop", stream, external_id)]).values()
            return {path: golden.value for path, golden in unit.entities([link.entity_id])[link.entity_id].golden.items()}

        return self.hub.writer.submit(at).result()

    def waiting(self) -> list[Delivery]:
        """Return the deliveries to the shop that wait for a yes."""
        found = self.hub.writer.submit(lambda unit: unit.open_deliveries()).result()
        return [one for one in found if one.state.value == "asking"]

    def buy(self, quantity: int = 2, **more: Any) -> int:
        """Somebody buys shirts, and the hub hears of it."""
        number = self.shop.order(self.variant, self.store, quantity, **more)
        self.hear()
        self.poll(2)
        return number


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    running = Counter(tmp_path)
    yield running
    running.close()


def _told(papers: list[Document]) -> list[tuple[str, str | None, str | None, int | None]]:
    return [(one.type.value, one.number, one.state, one.amount) for one in papers]


def _assert_quiet(counter: Counter) -> None:
    assert (counter.hub.open_items(), counter.dead_letters()) == ([], [])
    counter.writes()
    counter.poll(3)
    assert counter.writes() == {"shop": [], "till": []}


def test_order_stands_under_its_customer_when_it_was_placed(counter: Counter) -> None:
    counter.shop.order(counter.variant, counter.store, 2, customer=counter.ada)
    counter.hear()
    assert _told(counter.papers()) == [("order", "#1001", "open", 3980)]


def test_order_is_found_when_no_webhook_told_of_it(counter: Counter) -> None:
    counter.shop.order(counter.variant, counter.store, 2, customer=counter.ada)
    counter.shop.take_webhooks()
    counter.poll(2)
    assert _told(counter.papers()) == [("order", "#1001", "open", 3980)]


def test_guests_order_stands_under_the_customer_who_has_its_email(counter: Counter) -> None:
    counter.buy(email="ADA@x.example")
    assert _told(counter.papers()) == [("order", "#1001", "open", 3980)]
    assert len(counter.shop.customers()) == 1


def test_order_carries_everything_that_happens_to_it_once(counter: Counter) -> None:
    number = counter.buy(3, customer=counter.ada, shipping="4.90", code="TEN", percent=10)
    shipment = counter.shop.ship(number, units={0: 2}, company="UPS", number="1Z", url="https://ups.test/1Z")
    counter.shop.deliver(number, shipment)
    counter.shop.refund(number, "5", note="late")
    counter.shop.ask_return(number, {0: 1}, "too small")
    counter.hear()
    counter.poll(3)
    assert sorted(_told(counter.parts(number)), key=str) == [
        ("fulfilment", "1Z", "delivered", None),
        ("payment", "#1001.1000009", "paid", 5863),
        ("refund", None, "done", 500),
        ("return", "#1001-R1", "requested", None),
    ]
    golden = counter.golden("orders", f"gid://shopify/Order/{number}")
    assert (golden["payment_state"], golden["fulfilment_state"]) == ("partially_refunded", "partially_fulfilled")
    _assert_quiet(counter)


def test_order_is_cancelled_when_the_shop_cancels_it(counter: Counter) -> None:
    number = counter.buy(customer=counter.ada)
    counter.shop.cancel_order(number)
    counter.hear()
    counter.poll(2)
    assert _told(counter.papers()) == [("order", "#1001", "cancelled", 3980)]
    assert [one[0::2] for one in _told(counter.parts(number))] == [("payment", "paid"), ("refund", "done")]


def test_refund_of_the_till_is_made_once_in_the_shop(counter: Counter) -> None:
    number = counter.buy(customer=counter.ada)
    counter.till.give_back(counter.clock.now(), "#1001", 500, note="late")
    counter.poll(3)
    assert counter.shop.order_of(number)["refunded"] == 500
    assert [(one.state, one.amount) for one in counter.parts(number) if one.type is EntityType.REFUND] == [("done", 500)]
    _assert_quiet(counter)
    assert len(counter.shop.order_of(number)["refunds"]) == 1


def test_refund_of_the_till_names_the_units_and_leaves_the_stock_alone(counter: Counter) -> None:
    number = counter.buy(customer=counter.ada)
    counter.shop.ship(number)
    counter.till.give_back(counter.clock.now(), "#1001", 1990, pieces=[{"sku": "S-1", "units": 1}])
    counter.poll(3)
    (made,) = counter.shop.state.orders[number].refunds
    assert [(each.quantity, each.restock) for each in made.pieces] == [(1, "NO_RESTOCK")]
    assert (counter.shop.level(counter.variant, counter.store) or {})["on_hand"] == 98
    _assert_quiet(counter)


@pytest.mark.parametrize("breaks", [[lose_answer], [lose_request], [lose_request, lose_answer], [lose_answer, lose_answer]])
def test_refund_is_made_once_when_answers_or_requests_are_lost(counter: Counter, breaks: list[Any]) -> None:
    number = counter.buy(customer=counter.ada)
    counter.wires["shop"].breaks = list(breaks)
    counter.till.give_back(counter.clock.now(), "#1001", 500, note="late")
    counter.poll(4)
    assert counter.wires["shop"].breaks == []
    assert counter.shop.order_of(number)["refunded"] == 500
    assert len(counter.shop.order_of(number)["refunds"]) == 1
    _assert_quiet(counter)


def test_refund_goes_nowhere_when_its_order_is_not_the_shops(counter: Counter) -> None:
    counter.buy(customer=counter.ada)
    counter.till.give_back(counter.clock.now(), "T-77", 500)
    counter.poll(3)
    assert counter.writes()["shop"] == []


def test_refund_waits_for_a_yes_when_more_would_go_back_than_was_paid(counter: Counter) -> None:
    number = counter.buy(customer=counter.ada)
    counter.till.give_back(counter.clock.now(), "#1001", 3000)
    counter.poll(3)
    counter.till.give_back(counter.clock.now(), "#1001", 1500)
    counter.poll(3)
    assert counter.shop.order_of(number)["refunded"] == 3000
    assert [one.brake for one in counter.waiting()] == ["more would go back than was paid"]
