"""The canonical shapes of documents: what an order, a payment, a refund, a ticket or a message is here.

A document lives in the system in which it came about; what that system says of it is golden. Elsewhere it is shown (a deal, a
note, a ticket field), and what is shown never votes. Money is in minor units with its currency (see `hub.model.values`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from pydantic import BaseModel

from hub.model.fieldkinds import Kind
from hub.model.record import EntityType

Text = Annotated[str | None, Kind.TEXT]
Flag = Annotated[bool | None, Kind.FLAG]
Count = Annotated[int | None, Kind.COUNT]
Instant = Annotated[str | None, Kind.INSTANT]
Money = Annotated[dict[str, Any] | None, Kind.MONEY]


class OrderLine(BaseModel):
    """One line of an order. `total`: what the customer pays for it, after discounts; tax included iff `tax_included`.

    `variant`: the external id of the variant in the system of the order. Natural key: sku, title.
    """

    sku: Text = None
    title: Text = None
    variant: Text = None
    quantity: Count = None
    unit_price: Money = None
    discount: Money = None
    tax: Money = None
    total: Money = None


class Discount(BaseModel):
    """What lowered the price of a whole order. Natural key: code, title."""

    code: Text = None
    title: Text = None
    amount: Money = None


class Tax(BaseModel):
    """One tax of an order. `rate`: a share, digit for digit (`0.19`). Natural key: title, rate."""

    title: Text = None
    rate: Annotated[str | None, Kind.DECIMAL] = None
    amount: Money = None


class Shipping(BaseModel):
    """One way of shipping that was charged. Natural key: title."""

    title: Text = None
    amount: Money = None


class PostalAddress(BaseModel):
    """Where an order goes. Natural key: line1, postal_code."""

    name: Text = None
    line1: Text = None
    line2: Text = None
    city: Text = None
    region: Text = None
    postal_code: Text = None
    country_code: Annotated[str | None, Kind.COUNTRY] = None


class Piece(BaseModel):
    """Some units of an order that were fulfilled, returned or refunded. Natural key: line, sku.

    `line`: the external id of the order line. `restocked`: the units went back on the shelf.
    """

    line: Text = None
    sku: Text = None
    quantity: Count = None
    amount: Money = None
    restocked: Flag = None


class Order(BaseModel):
    """A sale. References: customer (none: a guest), location. `number` is what people call it.

    `state`: draft, open, completed, cancelled. `payment_state`: unpaid, authorized, partially_paid, paid, partially_refunded,
    refunded, voided. `fulfilment_state`: unfulfilled, partially_fulfilled, fulfilled.
    total = sum of line totals + shipping + tip (+ tax where prices are net) - discounts that no line carries.
    """

    number: Text = None
    channel: Text = None
    state: Text = None
    payment_state: Text = None
    fulfilment_state: Text = None
    placed_at: Instant = None
    cancelled_at: Instant = None
    cancel_reason: Text = None
    email: Annotated[str | None, Kind.EMAIL] = None
    phone: Annotated[str | None, Kind.PHONE] = None
    tax_included: Flag = None
    subtotal: Money = None
    discount_total: Money = None
    shipping_total: Money = None
    tax_total: Money = None
    tip_total: Money = None
    total: Money = None
    paid_total: Money = None
    refunded_total: Money = None
    note: Text = None
    lines: Annotated[list[OrderLine], Kind.LIST] = []
    discounts: Annotated[list[Discount], Kind.LIST] = []
    taxes: Annotated[list[Tax], Kind.LIST] = []
    shipping: Annotated[list[Shipping], Kind.LIST] = []
    ship_to: Annotated[list[PostalAddress], Kind.LIST] = []
    tags: Annotated[list[str], Kind.SET] = []


class Payment(BaseModel):
    """Money that came in for an order. `state`: pending, authorized, paid, failed, voided. References: order."""

    state: Text = None
    method: Text = None
    amount: Money = None
    tip: Money = None
    paid_at: Instant = None
    reference: Text = None


class Fulfilment(BaseModel):
    """Goods on their way to the customer. `kind`: ship or pickup. `state`: pending, in_progress, ready, shipped, delivered,
    picked_up, failed, cancelled. References: order, location."""

    kind: Text = None
    state: Text = None
    tracking_number: Text = None
    tracking_company: Text = None
    tracking_url: Text = None
    fulfilled_at: Instant = None
    pieces: Annotated[list[Piece], Kind.LIST] = []


class Refund(BaseModel):
    """Money that went back. `state`: pending, done, failed. References: order, location."""

    state: Text = None
    amount: Money = None
    reason: Text = None
    note: Text = None
    refunded_at: Instant = None
    pieces: Annotated[list[Piece], Kind.LIST] = []


class Return(BaseModel):
    """Goods that come back. `state`: requested, open, closed, declined, cancelled. References: order."""

    number: Text = None
    state: Text = None
    reason: Text = None
    requested_at: Instant = None
    pieces: Annotated[list[Piece], Kind.LIST] = []


class Ticket(BaseModel):
    """A question of a customer. References: customer, order.

    `state`: new, open, pending, on_hold, solved, closed. `priority`: low, normal, high, urgent.
    """

    number: Text = None
    subject: Text = None
    state: Text = None
    priority: Text = None
    channel: Text = None
    category: Text = None
    assignee: Text = None
    email: Annotated[str | None, Kind.EMAIL] = None
    opened_at: Instant = None
    solved_at: Instant = None
    order_number: Text = None
    tags: Annotated[list[str], Kind.SET] = []


class Message(BaseModel):
    """One message of a ticket. `direction`: inbound, outbound, internal. References: ticket, customer (its author)."""

    direction: Text = None
    channel: Text = None
    author: Text = None
    body: Text = None
    sent_at: Instant = None


class Interaction(BaseModel):
    """A call, a chat, a social message, a meeting or a note about a customer. `duration_s`: seconds.

    `kind`: call, chat, social, meeting, note. References: customer, order, ticket.
    """

    kind: Text = None
    direction: Text = None
    subject: Text = None
    body: Text = None
    outcome: Text = None
    duration_s: Count = None
    occurred_at: Instant = None


SHAPES: Final[dict[EntityType, type[BaseModel]]] = {
    EntityType.ORDER: Order,
    EntityType.PAYMENT: Payment,
    EntityType.FULFILMENT: Fulfilment,
    EntityType.REFUND: Refund,
    EntityType.RETURN: Return,
    EntityType.TICKET: Ticket,
    EntityType.MESSAGE: Message,
    EntityType.INTERACTION: Interaction,
}
ELEMENTS: Final[dict[str, type[BaseModel]]] = {
    "lines": OrderLine,
    "discounts": Discount,
    "taxes": Tax,
    "shipping": Shipping,
    "ship_to": PostalAddress,
    "pieces": Piece,
}
REFERENCES: Final[dict[EntityType, dict[str, EntityType]]] = {
    EntityType.ORDER: {"customer": EntityType.CUSTOMER, "location": EntityType.LOCATION},
    EntityType.PAYMENT: {"order": EntityType.ORDER},
    EntityType.FULFILMENT: {"order": EntityType.ORDER, "location": EntityType.LOCATION},
    EntityType.REFUND: {"order": EntityType.ORDER, "location": EntityType.LOCATION},
    EntityType.RETURN: {"order": EntityType.ORDER},
    EntityType.TICKET: {"customer": EntityType.CUSTOMER, "order": EntityType.ORDER},
    EntityType.MESSAGE: {"ticket": EntityType.TICKET, "customer": EntityType.CUSTOMER},
    EntityType.INTERACTION: {"customer": EntityType.CUSTOMER, "order": EntityType.ORDER, "ticket": EntityType.TICKET},
}
STATES: Final[dict[tuple[EntityType, str], tuple[str, ...]]] = {
    (EntityType.ORDER, "state"): ("draft", "open", "completed", "cancelled"),
    (EntityType.ORDER, "payment_state"): (
        "unpaid", "authorized", "partially_paid", "paid", "partially_refunded", "refunded", "voided",
    ),
    (EntityType.ORDER, "fulfilment_state"): ("unfulfilled", "partially_fulfilled", "fulfilled"),
    (EntityType.PAYMENT, "state"): ("pending", "authorized", "paid", "failed", "voided"),
    (EntityType.FULFILMENT, "kind"): ("ship", "pickup"),
    (EntityType.FULFILMENT, "state"): (
        "pending", "in_progress", "ready", "shipped", "delivered", "picked_up", "failed", "cancelled",
    ),
    (EntityType.REFUND, "state"): ("pending", "done", "failed"),
    (EntityType.RETURN, "state"): ("requested", "open", "closed", "declined", "cancelled"),
    (EntityType.TICKET, "state"): ("new", "open", "pending", "on_hold", "solved", "closed"),
    (EntityType.TICKET, "priority"): ("low", "normal", "high", "urgent"),
    (EntityType.MESSAGE, "direction"): ("inbound", "outbound", "internal"),
    (EntityType.INTERACTION, "kind"): ("call", "chat", "social", "meeting", "note"),
    (EntityType.INTERACTION, "direction"): ("inbound", "outbound", "internal"),
}  # fmt: skip
"""The words a canonical state can be. A mapping translates to them; a state that it does not name is left and reported."""


@dataclass(frozen=True, slots=True)
class Face:
    """Which fields say number, state, time and amount of a kind of document: what an index and a timeline show."""

    number: str
    state: str
    at: str
    amount: str


@dataclass(slots=True)
class Document:
    """One line of the index of documents: what a timeline shows and what it is found by.

    `at`: µs; `amount`: minor units of `currency`. `customer_ref`, `order_ref`, `ticket_ref`: what it refers to and is not known
    yet, as `connection/stream/external id` or `#number`. `email`: of a guest, by whom it is not known yet either.
    """

    entity_id: int
    type: EntityType
    connection: str
    number: str | None
    state: str | None
    at: int
    amount: int | None
    currency: str | None
    customer_id: int | None
    order_id: int | None
    ticket_id: int | None
    customer_ref: str | None = None
    order_ref: str | None = None
    ticket_ref: str | None = None
    email: str | None = None


@dataclass(slots=True)
class Purchases:
    """What a customer's documents come to. Money: currency -> minor units.

    `channels`: in how many systems they ordered; `latest`: the newest orders, newest first.
    """

    orders: int = 0
    bought: dict[str, int] = field(default_factory=dict)
    refunded: dict[str, int] = field(default_factory=dict)
    channels: int = 0
    open_tickets: int = 0
    latest: list[Document] = field(default_factory=list)


FACES: Final[dict[EntityType, Face]] = {
    EntityType.ORDER: Face("number", "state", "placed_at", "total"),
    EntityType.PAYMENT: Face("reference", "state", "paid_at", "amount"),
    EntityType.FULFILMENT: Face("tracking_number", "state", "fulfilled_at", ""),
    EntityType.REFUND: Face("", "state", "refunded_at", "amount"),
    EntityType.RETURN: Face("number", "state", "requested_at", ""),
    EntityType.TICKET: Face("number", "state", "opened_at", ""),
    EntityType.MESSAGE: Face("", "direction", "sent_at", ""),
    EntityType.INTERACTION: Face("", "kind", "occurred_at", ""),
}
SUMMARIES: Final[dict[EntityType, dict[str, Kind]]] = {
    EntityType.CUSTOMER: {
        "orders": Kind.COUNT,
        "spent": Kind.MONEY,
        "last_order": Kind.TEXT,
        "last_order_at": Kind.INSTANT,
        "last_order_state": Kind.TEXT,
        "open_tickets": Kind.COUNT,
        "context": Kind.TEXT,
    },
    EntityType.TICKET: {"context": Kind.TEXT},
    EntityType.ORDER: {"open_tickets": Kind.COUNT},
}
"""What the hub works out from documents, as fields `summary.<name>` that a mapping can show in a system. They never vote.

`orders`, `spent`: orders that were not cancelled, and what was paid for them less refunds, in the currency of the last order.
`context`: a few lines that an agent can read at a glance.
"""
DERIVED: Final = "summary."
"""How the path of a field starts that is worked out by the hub and not said by any system."""
OUR_TAGS: Final = "tags/hub:"
"""How the path of a tag starts that the hub keeps (config.yaml, `tags`): `hub:` tells staff who puts it there."""
