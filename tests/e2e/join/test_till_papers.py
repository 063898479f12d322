"""What is sold, paid and taken back at a till, as documents of the hub: under their customer, on their order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hub.model.documents import Document
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.values import SECOND
from tests.retailer import CONFIG, START, Retailer

ADA: Final = {"given_name": "Ada", "email_address": "ada@example.com"}


class Counter(Retailer):
    """A retailer with a customer, a place and a mug on the shelf."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            folder, CONFIG.replace("customer: {create: always}", "customer: {create: always}\n      refund: {create: always}", 1)
        )
        self.place = self.till.add_location("Mitte")
        _, (self.mug,) = self.till.add_item("Mug", [{"sku": "MUG", "price_minor": 990}])
        self.till.count_stock(self.mug, self.place, 20)
        self.ada = self.till.add_customer(**ADA)
        self.settle()
        self.deliver_webhooks()

    def told(self) -> None:
        """Let the hub hear of what happened and do what follows."""
        self.deliver_webhooks()
        self.settle()

    def bill(self, stream: str, external_id: str) -> int:
        """Return the entity of a record of the till."""
        key = LinkKey("till", stream, external_id)
        return self.hub.writer.submit(lambda unit: unit.links([key])).result()[key].entity_id

    def papers(self, place: str, ident: int) -> list[Document]:
        """Return the documents that hang on a customer or an order, oldest first."""
        return self.hub.writer.submit(lambda unit: unit.documents_of(place, [ident])).result()


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """Return a retailer at work."""
    made = Counter(tmp_path)
    yield made
    made.close()


def test_sale_hangs_on_its_customer_with_its_payment_when_a_till_sold(counter: Counter) -> None:
    sold = counter.till.ring_up([(counter.mug, 2)], counter.place, customer_id=counter.ada, tax_percent="20")
    counter.told()
    (order,) = counter.papers("customer", counter.bill("customers", counter.ada))
    assert (order.type, order.number, order.state, order.amount, order.currency) == (
        EntityType.ORDER,
        sold,
        "completed",
        1980,
        "EUR",
    )
    assert [(one.type, one.state, one.amount) for one in counter.papers("order", order.entity_id)] == [
        (EntityType.PAYMENT, "paid", 1980)
    ]
    assert counter.dead_letters() == []


def test_sale_is_found_without_webhooks_when_the_till_is_polled(counter: Counter) -> None:
    counter.till.webhook_url = ""
    counter.till.ring_up([(counter.mug, 1)], counter.place, customer_id=counter.ada, on_payment=True)
    counter.poll()
    assert [one.type for one in counter.papers("customer", counter.bill("customers", counter.ada))] == [EntityType.ORDER]


def test_return_and_refund_hang_on_the_sale_when_goods_come_back(counter: Counter) -> None:
    sold = counter.till.ring_up([(counter.mug, 3)], counter.place, customer_id=counter.ada)
    counter.told()
    counter.till.take_back(sold, {"line-1": 1})
    counter.told()
    papers = counter.papers("order", counter.bill("orders", sold))
    assert sorted((one.type, one.state, one.amount) for one in papers) == [
        (EntityType.PAYMENT, "paid", 2970),
        (EntityType.REFUND, "done", 990),
        (EntityType.RETURN, "closed", None),
    ]
    assert [one.type for one in counter.papers("customer", counter.bill("customers", counter.ada))] == [EntityType.ORDER]
    assert counter.till.level(counter.mug, counter.place) == 18


def test_refund_hangs_on_the_sale_when_it_is_heard_of_first(counter: Counter) -> None:
    sold = counter.till.ring_up([(counter.mug, 1)], counter.place)
    counter.till.take_back(sold, {"line-1": 1})
    waiting = counter.till.take_webhooks()
    counter.till.webhooks = [hook for hook in waiting if b'"refund.created"' in hook.body]
    counter.told()
    counter.till.webhooks = [hook for hook in waiting if b'"order.created"' in hook.body]
    counter.told()
    assert EntityType.REFUND in [one.type for one in counter.papers("order", counter.bill("orders", sold))]


def test_payment_hangs_on_its_order_when_it_is_heard_of_first(counter: Counter) -> None:
    sold = counter.till.ring_up([(counter.mug, 1)], counter.place)
    counter.till.webhooks = [hook for hook in counter.till.take_webhooks() if b'"payment.created"' in hook.body]
    counter.told()
    assert counter.papers("customer", counter.bill("customers", counter.ada)) == []
    counter.poll()
    assert [one.type for one in counter.papers("order", counter.bill("orders", sold))] == [EntityType.PAYMENT]


def test_pickup_is_one_document_of_its_order_when_it_moves_on(counter: Counter) -> None:
    ordered = counter.till.order_ahead([(counter.mug, 1)], counter.place, recipient={"email_address": "ADA@example.com"})
    counter.told()
    counter.till.move_order(ordered, "PREPARED")
    counter.told()
    counter.till.move_order(ordered, "COMPLETED")
    counter.told()
    papers = counter.papers("order", counter.bill("orders", ordered))
    assert [(one.type, one.state) for one in papers if one.type is EntityType.FULFILMENT] == [
        (EntityType.FULFILMENT, "picked_up")
    ]
    (order,) = counter.papers("customer", counter.bill("customers", counter.ada))
    assert (order.number, order.state) == (ordered, "completed")


def test_sale_is_one_document_when_the_till_was_offline(counter: Counter) -> None:
    counter.clock.sleep(48 * 3600)
    sold = counter.till.ring_up([(counter.mug, 1)], counter.place, customer_id=counter.ada, occurred_at=START + 3600 * SECOND)
    counter.poll(2)
    (order,) = counter.papers("customer", counter.bill("customers", counter.ada))
    assert (order.number, order.at) == (sold, START + 3600 * SECOND)


def order_online(counter: Counter) -> tuple[int, str]:
    """Let a shopper order two plates in the web shop and the shop ship them; return the order and its number."""
    house = counter.shop.add_location("Warehouse")
    _, (plate,) = counter.shop.add_product("Plate", [{"sku": "PLATE", "price": "12.50"}])
    counter.shop.set_stock(plate, house, 5)
    ordered = counter.shop.place_order([(plate, house, 2)], email="ada@example.com")
    counter.shop.ship(ordered)
    counter.told()
    return ordered, str(counter.shop.order_of(ordered)["name"])


@pytest.mark.parametrize("in_reason", [True, False])
@pytest.mark.parametrize("sign", ["#", ""])
def test_refund_at_the_till_hangs_on_the_web_order_when_it_names_its_number(counter: Counter, sign: str, in_reason: bool) -> None:  # noqa: FBT001 - a row of a table
    _, number = order_online(counter)
    counter.till.refund_cash(sign + number.removeprefix("#"), 1250, counter.place, in_reason=in_reason)
    counter.told()
    (web,) = [one for one in counter.papers("customer", counter.bill("customers", counter.ada)) if one.connection == "shop"]
    assert web.number == number
    assert [(one.connection, one.amount) for one in counter.papers("order", web.entity_id) if one.type is EntityType.REFUND] == [
        ("till", 1250)
    ]


def test_refund_at_the_till_is_made_once_in_the_shop_when_it_names_a_web_order(counter: Counter) -> None:
    ordered, number = order_online(counter)
    counter.till.refund_cash(number, 1250, counter.place)
    counter.told()
    counter.poll(2)
    assert counter.shop.order_of(ordered)["refunded"] == 1250
    assert len(counter.shop.order_of(ordered)["refunds"]) == 1
    assert counter.writes()["shop"].count("refundCreate") == 1


def test_refund_stays_at_the_till_when_it_is_for_a_sale_of_the_till(counter: Counter) -> None:
    sold = counter.till.ring_up([(counter.mug, 1)], counter.place)
    counter.told()
    counter.till.take_back(sold, {"line-1": 1})
    counter.writes()
    counter.told()
    assert counter.writes()["shop"] == []
