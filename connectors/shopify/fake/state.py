"""What the simulated shop holds. Plain data, so that a snapshot is a copy.

Times are microseconds cut to whole seconds, as Shopify shows them; `touched` is the exact moment, `listed` the time of change
that the search index knows (None: not in it yet).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from hub.model.values import Micros

QUANTITIES: Final = ("available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control")
FIRST_ID: Final = 1_000_001
FIRST_ORDER: Final = 1000
"""The first order is #1001."""


@dataclass(slots=True)
class Row:
    """What every record has."""

    number: int
    created: Micros
    updated: Micros = 0
    touched: Micros = 0
    listed: Micros | None = None


@dataclass(slots=True)
class Address:
    """A mailing address; `fields` in the words of MailingAddressInput."""

    number: int
    fields: dict[str, str | None]


@dataclass(slots=True)
class Customer(Row):
    """`fields`: firstName, lastName, email, phone, note, locale; consents: a state and when it was set."""

    fields: dict[str, str | None] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    consents: dict[str, tuple[str, Micros | None]] = field(default_factory=dict)
    addresses: list[Address] = field(default_factory=list)
    verified: bool = False


@dataclass(slots=True)
class Product(Row):
    """`fields`: title, descriptionHtml, handle, vendor, productType, status."""

    fields: dict[str, str] = field(default_factory=dict)
    tags: list[str] = field(default_factory=list)
    variants: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Variant(Row):
    """Prices are decimal text with two digits in the shop's currency. The inventory item has a number of its own."""

    product: int = 0
    item: int = 0
    position: int = 1
    title: str = "Default Title"
    sku: str | None = None
    barcode: str | None = None
    price: str = "0.00"
    compare_at: str | None = None
    tracked: bool = True


@dataclass(slots=True)
class Location(Row):
    """`address` in the words of LocationAddress."""

    name: str = ""
    active: bool = True
    address: dict[str, str | None] = field(default_factory=dict)


@dataclass(slots=True)
class Level(Row):
    """Stock of an item at a location. on_hand = available + committed + reserved + damaged + safety_stock + quality_control."""

    item: int = 0
    location: int = 0
    quantities: dict[str, int] = field(default_factory=lambda: dict.fromkeys(QUANTITIES, 0))


@dataclass(slots=True)
class State:
    """Everything that a snapshot keeps. Rows are in the order of their numbers."""

    next_id: int = FIRST_ID
    customers: dict[int, Customer] = field(default_factory=dict)
    products: dict[int, Product] = field(default_factory=dict)
    variants: dict[int, Variant] = field(default_factory=dict)
    locations: dict[int, Location] = field(default_factory=dict)
    levels: dict[tuple[int, int], Level] = field(default_factory=dict)
    items: dict[int, int] = field(default_factory=dict)
    """Inventory item -> variant."""
    orders: dict[int, Any] = field(default_factory=dict)
    """Number -> `connectors.shopify.fake.order_state.Order`, which is built on the rows here."""
    last_order: int = FIRST_ORDER
    keys: dict[str, tuple[str, Any]] = field(default_factory=dict)
    """Idempotency key -> (what was asked, the payload it got)."""
    points: float = 0.0
    points_at: Micros = 0
