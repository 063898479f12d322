"""Orders of a real Vendure: placed, paid, partly fulfilled, refunded, cancelled; the hub files each exactly once, to the cent.

Runs where SYNCLINE_LIVE is set (`make live`); the port is VENDURE_PORT (4100). What is compared is asked from the server anew.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from hub.model.record import EntityType
from hub.ops.installation import read_installation
from tests.e2e.process import HubProcess, until
from tests.live.conftest import Say
from tests.live.vendure.server import Server, start, stop

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif("SYNCLINE_LIVE" not in os.environ, reason="starts a real server: set SYNCLINE_LIVE=1 or call `make live`"),
]
CONFIG = Path(__file__).parent / "orders.yaml"
SOON_S = 60.0
FILED = {
    **dict.fromkeys(("PaymentAuthorized", "PaymentSettled", "PartiallyShipped", "Shipped", "PartiallyDelivered"), "open"),
    "Delivered": "completed",
    "Cancelled": "cancelled",
}
PARTS = {
    "payment": ("payments", "amount", {"Settled": "paid", "Authorized": "authorized"}),
    "refund": ("refunds", "total", {"Settled": "done", "Pending": "pending"}),
    "fulfilment": ("fulfillments", "", {"Pending": "pending", "Shipped": "shipped", "Delivered": "delivered"}),
}
ALL = """{ orders(options: {take: 1000, filter: {orderPlacedAt: {isNull: false}}}) { items {
  id code state totalWithTax customer { id emailAddress }
  payments { id state amount refunds { id state total } }  fulfillments { id state }
} } }"""
Papers = dict[str, tuple[str, int, Counter[tuple[str, str, int | None]]]]


class Shop(HubProcess):
    """A shop whose orders the hub reads."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder, CONFIG, {})
        self._vendure_port = port
        self._webhooks = f"http://127.0.0.1:{self.port}/webhooks/shop"
        self.server: Server = start(port, self._webhooks)
        self.environ |= {
            "SHOP_URL": self.server.base_url,
            "SHOP_USER": self.server.username,
            "SHOP_PASSWORD": self.server.password,
            "SHOP_SECRET": self.server.webhook_secret,
        }
        self.installation = read_installation(CONFIG, self.environ)

    @contextmanager
    def no_webhooks(self) -> Iterator[None]:
        """Let Vendure be silent meanwhile."""
        start(self._vendure_port, "", reset=False)
        yield
        start(self._vendure_port, self._webhooks, reset=False)

    def told(self) -> Papers:
        """Return order number -> state, cents and parts, as the server's admins see them, in the hub's words."""
        return {order["code"]: _told(order) for order in self.server.admin(ALL)["items"]}

    def filed(self) -> Papers:
        """Return the same from the hub's index; a document that is there twice counts twice."""
        found: Papers = {}
        with self.installation.reader() as reader:
            for number in self.told():
                for order in reader.documents_numbered([number], EntityType.ORDER):
                    parts = Counter((one.type.value, one.state or "", one.amount) for one in self._parts(reader, order.entity_id))
                    found[number] = (order.state or "", order.amount or 0, parts)
        return found

    def counts(self) -> dict[str, int]:
        """Return how many documents of each kind the hub holds, filed or not."""
        with self.installation.reader() as reader:
            held = reader.entity_counts()
        return {kind: held.get(EntityType(kind), 0) for kind in ("order", *PARTS)}

    def agree(self) -> bool:
        """Say whether the hub has what the server has: each once, with its state and amount."""
        told = self.told()
        parts: Counter[str] = Counter(dict.fromkeys(PARTS, 0))
        for _, _, each in told.values():
            parts.update({kind: sum(n for (name, _, _), n in each.items() if name == kind) for kind in PARTS})
        return self.filed() == told and self.counts() == {"order": len(told), **parts}

    @staticmethod
    def _parts(reader: Any, order_id: int) -> list[Any]:
        return [one for one in reader.documents_of("order", [order_id]) if one.entity_id != order_id]


def _told(order: dict[str, Any]) -> tuple[str, int, Counter[tuple[str, str, int | None]]]:
    refunds = [refund for payment in order["payments"] for refund in payment["refunds"]]
    rows = {**order, "refunds": refunds}
    parts = Counter(
        (kind, states[row["state"]], row.get(amount)) for kind, (name, amount, states) in PARTS.items() for row in rows[name]
    )
    return FILED[order["state"]], order["totalWithTax"], parts


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    shop = Shop(tmp_path_factory.mktemp("orders"), int(os.environ.get("VENDURE_PORT", "4100")))
    try:
        shop.server.buy_as_guest("TEE-S", 1, email="before@checkout.example")
        shop.start()
        until(shop.agree)
        yield shop
    finally:
        shop.close()
        stop()


def buyer(shop: Shop) -> str:
    return next(iter(shop.server.seed["customers"]))


def test_order_is_filed_at_every_step_when_webhooks_tell(shop: Shop, say: Say) -> None:
    server = shop.server
    lags = []

    def follow() -> None:
        lags.append(until(shop.agree, SOON_S))

    order = server.buy_as_customer(buyer(shop), "BSK-REE", 3)
    follow()
    first = server.fulfil(order, 1)
    follow()
    server.move(first, "Shipped")
    follow()
    rest = server.fulfil(order, 2)
    server.move(rest, "Shipped")
    follow()
    server.move(first, "Delivered")
    server.move(rest, "Delivered")
    follow()
    server.take_back(order, 1)
    server.refund(order, 3999, "too small")
    follow()
    shown = shop.ask("show", "order", server.order(order)["code"])
    fields = {name: shown["fields"][name] for name in ("state", "payment_state", "fulfilment_state")}
    assert fields == {"state": "completed", "payment_state": "partially_refunded", "fulfilment_state": "fulfilled"}
    amounts = {name: shown["fields"][name]["amount"] for name in ("total", "paid_total", "refunded_total")}
    assert amounts == {"total": 12492 - 3999, "paid_total": 12492, "refunded_total": 3999}
    assert shown["wrong"] == []
    say(f"an order in Vendure from placed to returned: filed within {max(lags):.1f} s at each of {len(lags)} steps (webhooks)")


def test_order_is_found_by_the_pass_when_no_webhook_tells(shop: Shop, say: Say) -> None:
    server = shop.server
    with shop.no_webhooks():
        slow = [server.buy_as_guest("HON-PIN", number + 1, email=f"slow{number}@checkout.example") for number in range(6)]
        lags = [until(shop.agree, SOON_S)]
        before = {order: server.order(order)["updatedAt"] for order in slow}
        server.move(server.fulfil(slow[0]), "Delivered")  # unfinished no more when the next pass looks
        server.move(server.fulfil(slow[1]), "Shipped")
        lags.append(until(shop.agree, SOON_S))
        server.refund(slow[0], 100, "late")  # of a finished order
        lags.append(until(shop.agree, SOON_S))
        assert {order: server.order(order)["updatedAt"] for order in slow} == before  # none of this moved a time
        server.cancel(slow[2])
        server.refund(slow[2], server.order(slow[2])["payments"][0]["amount"], "changed their mind")
        lags.append(until(shop.agree, SOON_S))
    assert shop.ask("show", "order", server.order(slow[2])["code"])["fields"]["payment_state"] == "refunded"
    say(f"without webhooks: placed, delivered, refunded, cancelled found within {max(lags):.1f} s (passes every 2 s)")


def test_orders_are_filed_once_when_the_hub_was_dead_meanwhile(shop: Shop, say: Say) -> None:
    server = shop.server
    open_before = server.buy_as_guest("TEE-M", 2, email="dead@checkout.example")
    until(shop.agree, SOON_S)
    shop.kill()
    server.move(server.fulfil(open_before), "Delivered")
    server.refund(open_before, 500, "scratched")
    both = server.buy_as_customer(buyer(shop), "TEE-L", 1)
    server.move(server.fulfil(both), "Delivered")  # placed and finished between two passes
    gone = server.buy_as_guest("TEE-L", 1, email="gone@checkout.example")
    server.cancel(gone)
    shop.start()
    lag_s = until(shop.agree, SOON_S)
    say(f"three orders changed while the hub was killed: each filed once {lag_s:.1f} s after its start; held: {shop.counts()}")


def test_guest_and_customer_have_their_orders_without_anybody_made_up(shop: Shop) -> None:
    orders = shop.server.admin(ALL)["items"]
    for email in (buyer(shop), "guest-twice@checkout.example"):
        shop.server.buy_as_guest("CRM-YAR", 1, email="guest-twice@checkout.example")
        until(shop.agree, SOON_S)
        mine = {order["code"] for order in shop.server.admin(ALL)["items"] if order["customer"]["emailAddress"] == email}
        shown = shop.ask("show", "customer", email)["timeline"]
        assert {line["number"] for line in shown if line["what"] == "order"} == mine
    people = shop.server.admin("{ customers(options:{take:1}){ totalItems } }")["totalItems"]
    with shop.installation.reader() as reader:
        assert reader.entity_counts()[EntityType.CUSTOMER] == people
    assert len(shop.told()) == len(orders) + 2


def test_orders_move_no_stock_of_their_own(shop: Shop) -> None:
    variant = shop.server.seed["variants"]["BPK-JUN-OLIVE"]
    key = f"{variant}:{shop.server.seed['locations']['WH']}"

    def seen() -> tuple[int, int]:
        fields = shop.ask("show", "inventory_level", f"shop/inventory/{key}")["fields"]
        return fields["on_hand"], fields["reserved"]

    on_hand, allocated = shop.server.levels()[key].on_hand, shop.server.levels()[key].allocated
    until(lambda: seen() == (on_hand, allocated), SOON_S)
    order = shop.server.buy_as_guest("BPK-JUN-OLIVE", 4, email="bag@checkout.example")
    until(lambda: seen() == (on_hand, allocated + 4), SOON_S)
    shop.server.fulfil(order, 3)
    until(lambda: seen() == (on_hand - 3, allocated + 1) and shop.agree(), SOON_S)
    assert (shop.server.levels()[key].on_hand, shop.server.levels()[key].allocated) == (on_hand - 3, allocated + 1)
