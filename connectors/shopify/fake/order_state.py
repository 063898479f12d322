"""What the simulated shop holds of an order. Plain data; money in minor units of the shop's currency."""

from __future__ import annotations

from dataclasses import dataclass, field

from connectors.shopify.fake.state import Row
from hub.model.values import Micros


@dataclass(slots=True)
class Line:
    """Units of one variant, promised from one location. `discount`: its part of what lowered the order; `tax` is in the price."""

    number: int
    variant: int
    item: int
    location: int
    sku: str | None
    name: str
    quantity: int
    price: int
    discount: int = 0
    tax: int = 0
    sent: int = 0
    removed: int = 0
    """Units that were cancelled, or refunded and put back, before they were sent."""
    back: int = 0
    """Units that were refunded and are not in `removed`."""

    @property
    def waiting(self) -> int:
        """Units that are still to be sent."""
        return self.quantity - self.sent - self.removed


@dataclass(slots=True)
class Transaction:
    """Money that moved. `parent`: the payment that a refund goes back from."""

    number: int
    kind: str
    status: str
    gateway: str
    amount: int
    at: Micros
    parent: int | None = None
    processed: Micros | None = None


@dataclass(slots=True)
class Pieces:
    """Some units of a line."""

    number: int
    line: int
    quantity: int
    restock: str = "NO_RESTOCK"
    location: int | None = None
    reason: str = ""


@dataclass(slots=True)
class Refund(Row):
    """Money and units that went back. `processed`: when, as whoever made it says."""

    processed: Micros = 0
    note: str | None = None
    pieces: list[Pieces] = field(default_factory=list)
    transactions: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Shipment(Row):
    """Goods that left. `display` in the words of FulfillmentDisplayStatus."""

    location: int = 0
    display: str = "FULFILLED"
    tracking: dict[str, str | None] = field(default_factory=dict)
    pieces: list[Pieces] = field(default_factory=list)


@dataclass(slots=True)
class Return(Row):
    """Goods that are to come back. `status` in the words of ReturnStatus."""

    name: str = ""
    status: str = "REQUESTED"
    closed: Micros | None = None
    pieces: list[Pieces] = field(default_factory=list)


@dataclass(slots=True)
class Order(Row):
    """An order. `source`: web, pos or a channel's name; `place`: the store it was rung up in; `rate`: tax in per cent.

    `address` in the words of MailingAddressInput.
    """

    name: str = ""
    source: str = "web"
    gateway: str = "manual"
    customer: int | None = None
    email: str | None = None
    phone: str | None = None
    note: str | None = None
    tags: list[str] = field(default_factory=list)
    place: int | None = None
    address: dict[str, str | None] | None = None
    code: str | None = None
    shipping: tuple[str, int] | None = None
    rate: int = 0
    cancelled: Micros | None = None
    reason: str | None = None
    closed: Micros | None = None
    lines: list[Line] = field(default_factory=list)
    transactions: list[Transaction] = field(default_factory=list)
    refunds: list[Refund] = field(default_factory=list)
    shipments: list[Shipment] = field(default_factory=list)
    returns: list[Return] = field(default_factory=list)

    @property
    def subtotal(self) -> int:
        """What the lines cost after discounts."""
        return sum(line.price * line.quantity - line.discount for line in self.lines)

    @property
    def total(self) -> int:
        """What the customer has to pay."""
        return self.subtotal + (self.shipping[1] if self.shipping else 0)

    def sum(self, *kinds: str) -> int:
        """Return the money that moved by these kinds of transactions."""
        return sum(each.amount for each in self.transactions if each.kind in kinds and each.status == "SUCCESS")

    @property
    def paid(self) -> int:
        """What came in."""
        return self.sum("SALE", "CAPTURE")

    @property
    def refunded(self) -> int:
        """What went back."""
        return self.sum("REFUND")
