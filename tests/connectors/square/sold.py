"""An account in which things were sold, and what the shipped mappings make of that."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from hub.mapping import Mapping, load
from hub.model.record import Record
from hub.model.values import Doc
from tests.connectors.square.account import Account

FOLDER: Final = Path(__file__).parents[3] / "mappings" / "square"
RECIPIENT: Final = {
    "display_name": "Anna Ek",
    "email_address": "Anna@Example.com",
    "phone_number": "+15105550199",
    "address": {"address_line_1": "1 Main St", "locality": "Oakland", "postal_code": "94608", "country": "US"},
}


class Shop:
    """An account with a shelf: two variations at one location."""

    def __init__(self) -> None:
        self.account = Account()
        self.fake = self.account.fake
        self.location = self.fake.add_location("Main")
        _, (self.mug, self.cup) = self.fake.add_item("Mug", [{"price_minor": 950}, {"name": "Large", "price_minor": 1200}])
        for each in (self.mug, self.cup):
            self.fake.receive_stock(each, self.location, 10)
        self.account.wait(60)

    def record(self, stream: str, place: int = 0) -> Record:
        """Return what the mapping makes of one document of a stream, oldest first."""
        return self.records(stream)[place]

    def records(self, stream: str) -> list[Record]:
        """Return what the mapping makes of a whole stream, parts too."""
        readings = [mapping_of(stream).read(doc) for doc in self.account.read_all(stream)]
        assert [reading.drift for reading in readings if reading.drift] == []
        return [record for reading in readings for record in reading.records]


def mapping_of(name: str) -> Mapping:
    """Return a shipped mapping of Square."""
    return load((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


def usd(amount: int) -> Doc:
    """Return cents as Square writes them."""
    return {"amount": amount, "currency": "USD"}


def busy_shop() -> Shop:
    """Return a shop in which a bit of everything happened."""
    shop = Shop()
    anna = shop.fake.add_customer(given_name="Anna")
    sold = shop.fake.ring_up(
        [(shop.mug, 2), (shop.cup, 1)], shop.location, customer_id=anna, discount_minor=100, tax_percent="20", tip_minor=50
    )
    shop.fake.take_back(sold, {"line-1": 1})
    shop.fake.refund_cash("#1001", 500, shop.location)
    ahead = shop.fake.order_ahead(
        [(shop.cup, 2)], shop.location, kind="SHIPMENT", recipient=RECIPIENT, shipping_minor=400, paid=True
    )
    shop.fake.move_order(ahead, "COMPLETED", carrier="UPS", tracking_number="1Z", tracking_url="https://ups.test/1Z")
    shop.fake.cancel_order(shop.fake.order_ahead([(shop.mug, 1)], shop.location, recipient=RECIPIENT))
    return shop
