"""Orders of the simulated shop: what shoppers and staff do, and what it does to the stock.

An order promises units (committed up, available down); what is sent takes them away; what is cancelled is for sale again; what
comes back and is restocked is there again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from connectors.shopify.client import gid, number
from connectors.shopify.fake.order_state import Line, Order, Pieces, Refund, Return, Shipment, Transaction
from connectors.shopify.fake.shop import known, text
from connectors.shopify.fake.stock import Stock
from hub.model.money import exponent
from hub.model.values import Doc, Micros

MANUAL: Final = "manual"
"""Paid by hand: cash on delivery, bank transfer. Any other gateway moves money itself."""


class Orders(Stock):
    """The part of the shop where people buy, send, cancel and give back. An order is known by its number, as in its id."""

    def order(self, variant: str, location: str, quantity: int, actor: str = "shopper", **more: Any) -> int:
        """A shopper buys units of one variant, see `place_order`. Returns the order's number."""
        return self.place_order([(variant, location, quantity)], actor, **more)

    def place_order(
        self,
        lines: Sequence[tuple[str, str, int]],
        actor: str = "shopper",
        *,
        customer: str | None = None,
        paid: str = "SALE",
        shipping: str = "",
        code: str = "",
        percent: int = 0,
        place: str | None = None,
        **fields: Any,
    ) -> int:
        """A shopper buys: `lines` are (variant, location, units), units are reserved. Returns the order's number.

        `customer`: an id, None for a guest. `paid`: SALE, AUTHORIZATION or "". `shipping`: decimal text. `code` with `percent`:
        a discount on all lines. `place`: a store. Fields: email, phone, note, tags, source, rate, gateway, address.
        """
        levels = [self._stocked(variant, location) for variant, location, _ in lines]
        row = Order(*self._born(), **fields)
        self.state.last_order += 1
        row.name = f"#{self.state.last_order}"
        row.customer = int(number(customer)) if customer else None
        row.place = int(number(place)) if place else None
        row.code, row.shipping = code or None, ("Standard", self._minor(shipping)) if shipping else None
        if row.customer is not None and row.email is None:
            row.email = self.state.customers[row.customer].fields.get("email")
        row.lines = [
            self._line(level.item, level.location, quantity, percent, row.rate)
            for level, (_, _, quantity) in zip(levels, lines, strict=True)
        ]
        self.state.orders[row.number] = row
        if paid:
            self._transact(row, paid, row.total)
        self._touch(row)
        self.note(actor, "create", "order", gid("Order", row.number), **self._order_facts(row))
        self._send("orders/create", _order_hook(row))
        for line in row.lines:
            self._units(row, line, actor, "sale", {"available": -line.quantity, "committed": line.quantity})
        return row.number

    def _line(self, item: int, location: int, quantity: int, percent: int, rate: int) -> Line:
        variant = self.state.variants[self.state.items[item]]
        title = self.state.products[variant.product].fields["title"]
        name = title if variant.title == "Default Title" else f"{title} - {variant.title}"
        line = Line(self._id(), variant.number, item, location, variant.sku, name, quantity, self._minor(variant.price))
        line.discount = line.price * quantity * percent // 100
        line.tax = (line.price * quantity - line.discount) * rate // (100 + rate)
        return line

    def pay(self, order: int, actor: str = "shopper") -> None:
        """An order is paid, or what was only authorized is taken in."""
        row = self._order_row(order)
        self._transact(row, "CAPTURE" if row.sum("AUTHORIZATION") else "SALE", row.total - row.paid)
        self._order_changed(row, actor, "pay", "orders/paid")

    def ship(self, order: int, actor: str = "staff", units: Mapping[int, int] | None = None, **tracking: str) -> str:
        """Staff send what waits (`units`: line by position -> how many), so that it leaves the stock. Returns the shipment's id.

        Tracking: company, number, url. Raises ValueError where nothing waits.
        """
        row = self._open_order(order)
        wanted = {place: line.waiting for place, line in enumerate(row.lines) if line.waiting} if units is None else units
        sent = Shipment(*self._born(), location=row.lines[min(wanted)].location, tracking=dict(tracking))
        row.shipments.append(sent)
        for place, quantity in wanted.items():
            line = row.lines[place]
            if quantity > line.waiting:
                raise ValueError(order)
            line.sent += quantity
            sent.pieces.append(Pieces(self._id(), line.number, quantity))
        self._touch(sent)
        self._order_changed(row, actor, "fulfil", "orders/updated")
        self._send("fulfillments/create", _shipment_hook(row, sent))
        for place, quantity in wanted.items():
            self._units(row, row.lines[place], actor, "ship", {"on_hand": -quantity, "committed": -quantity})
        return gid("Fulfillment", sent.number)

    def deliver(self, order: int, shipment: str, display: str = "DELIVERED", actor: str = "carrier") -> None:
        """The carrier tells where a shipment is, in the words of FulfillmentDisplayStatus."""
        row = self._order_row(order)
        sent = next(each for each in row.shipments if each.number == int(number(shipment)))
        sent.display = display
        self._touch(sent)
        self._order_changed(row, actor, "deliver", "orders/updated")
        self._send("fulfillments/update", _shipment_hook(row, sent))

    def cancel_order(
        self, order: int, actor: str = "staff", reason: str = "CUSTOMER", *, refund: bool = True, restock: bool = True
    ) -> None:
        """Staff cancel an order before it was sent: the units are for sale again, what was paid goes back."""
        row = self._open_order(order)
        row.cancelled, row.reason, row.closed = self._second(), reason, self._second()
        waiting = [(line, line.waiting) for line in row.lines if line.waiting]
        for line, quantity in waiting:
            line.removed += quantity
        if refund and row.paid > row.refunded:
            kind = "CANCEL" if restock else "NO_RESTOCK"
            pieces = [Pieces(self._id(), line.number, units, kind, line.location) for line, units in waiting]
            self._give_back(row, row.paid - row.refunded, pieces)
        elif row.sum("AUTHORIZATION"):
            self._transact(row, "VOID", row.sum("AUTHORIZATION"))
        self._order_changed(row, actor, "cancel", "orders/cancelled")
        for line, quantity in waiting:
            back = {"available": quantity} if restock else {"on_hand": -quantity}
            self._units(row, line, actor, "cancel", {**back, "committed": -quantity})

    def refund(
        self,
        order: int,
        amount: str = "",
        units: Mapping[int, int] | None = None,
        actor: str = "staff",
        *,
        restock: bool = False,
        note: str | None = None,
    ) -> str:
        """Staff give money back: `amount` (decimal text), or what `units` (line by position -> how many) cost. Returns the id.

        `restock`: these units are on the shelf again. Raises ValueError where more would go back than was paid or sold.
        """
        row = self._order_row(order)
        pieces = []
        for place, quantity in (units or {}).items():
            line = row.lines[place]
            kind = "NO_RESTOCK" if not restock else "CANCEL" if line.waiting >= quantity else "RETURN"
            pieces.append(self._taken_back(row, line, quantity, kind))
        due = self._minor(amount) if amount else sum(self._worth(row, each) for each in pieces)
        if due > row.paid - row.refunded:
            raise ValueError(order)
        made = self._give_back(row, due, pieces, note)
        self._order_changed(row, actor, "refund", "orders/updated")
        self._refund_told(row, made, actor)
        return gid("Refund", made.number)

    def ask_return(self, order: int, units: Mapping[int, int], reason: str = "", actor: str = "shopper") -> str:
        """A shopper wants to give units back (line by position -> how many). Returns the id of the return."""
        row = self._order_row(order)
        asked = Return(*self._born(), name=f"{row.name}-R{len(row.returns) + 1}")
        asked.pieces = [Pieces(self._id(), row.lines[place].number, units[place], reason=reason) for place in units]
        row.returns.append(asked)
        self._order_changed(row, actor, "ask_return", "orders/updated")
        self._send("returns/request", _return_hook(row, asked))
        return gid("Return", asked.number)

    def set_return(self, order: int, returned: str, status: str, actor: str = "staff") -> None:
        """Staff decide on a return, in the words of ReturnStatus: OPEN, CLOSED, DECLINED, CANCELED."""
        row = self._order_row(order)
        asked = next(each for each in row.returns if each.number == int(number(returned)))
        asked.status, asked.closed = status, self._second() if status == "CLOSED" else None
        topics = {"OPEN": "approve", "CLOSED": "close", "DECLINED": "decline", "CANCELED": "cancel"}
        self._order_changed(row, actor, "set_return", "orders/updated")
        self._send(f"returns/{topics[status]}", _return_hook(row, asked))

    def edit_order(self, order: int, actor: str = "staff", **fields: Any) -> None:
        """Staff edit note, tags, email or phone of an order, or file it away (`closed=True`)."""
        row = self._order_row(order)
        if "closed" in fields:
            row.closed = self._second() if fields.pop("closed") else None
        for name, value in fields.items():
            setattr(row, name, value)
        self._order_changed(row, actor, "update", "orders/updated")

    def delete_order(self, order: int, actor: str = "staff") -> None:
        """Staff delete an order; its stock stays as it is."""
        del self.state.orders[order]
        self.note(actor, "delete", "order", gid("Order", order))
        self._send("orders/delete", {"id": order})

    def order_of(self, order: int) -> Doc:
        """Return what an order shows: name, customer, email, total, paid, refunded (minor units), cancelled, refunds (ids)."""
        return self._order_facts(self._order_row(order))

    # What follows from it.

    def _order_row(self, order: int) -> Order:
        row: Order = self.state.orders[order]
        return row

    def _order_named(self, external_id: str) -> Order | None:
        row: Order | None = known("Order", external_id, self.state.orders)
        return row

    def _open_order(self, order: int) -> Order:
        row = self._order_row(order)
        if row.cancelled or not any(line.waiting for line in row.lines):
            raise ValueError(order)
        return row

    def _transact(self, row: Order, kind: str, amount: int, **more: Any) -> Transaction:
        # Recorded: a refund goes back through the gateway of its payment, whatever it asks for.
        gateway = next((each.gateway for each in row.transactions if each.number == more.get("parent")), row.gateway)
        made = Transaction(self._id(), kind, "SUCCESS", gateway, amount, self._second(), **more)
        row.transactions.append(made)
        return made

    def _taken_back(self, row: Order, line: Line, quantity: int, kind: str) -> Pieces:
        """Take units out of a line: CANCEL those that wait, RETURN those that were sent, NO_RESTOCK any. Raises ValueError.

        "Use CANCEL when restocking unfulfilled line items, RETURN for fulfilled ones" (shopify.dev, RefundLineItemRestockType);
        NO_RESTOCK changes neither stock nor what is to be sent (shopify.dev, REST resource Refund, `restock_type`).
        """
        free = {"CANCEL": line.waiting, "RETURN": line.sent - line.back}.get(kind, line.quantity - line.removed - line.back)
        if quantity > free:
            raise ValueError(row.number)
        if kind == "CANCEL":
            line.removed += quantity
        else:
            line.back += quantity
        return Pieces(self._id(), line.number, quantity, kind, None if kind == "NO_RESTOCK" else line.location)

    def _worth(self, row: Order, pieces: Pieces) -> int:
        line = next(each for each in row.lines if each.number == pieces.line)
        return (line.price * line.quantity - line.discount) * pieces.quantity // line.quantity

    def _give_back(
        self, row: Order, amount: int, pieces: list[Pieces], note: str | None = None, processed: Micros | None = None
    ) -> Refund:
        """Book a refund: the money goes back from the oldest payments that still hold some."""
        made = Refund(*self._born(), processed=processed or self._second(), note=note, pieces=pieces)
        self._touch(made)
        row.refunds.append(made)
        for paid in [each for each in row.transactions if each.kind in ("SALE", "CAPTURE") and each.status == "SUCCESS"]:
            left = paid.amount - sum(each.amount for each in row.transactions if each.parent == paid.number)
            part = min(left, amount)
            if part > 0:
                made.transactions.append(self._transact(row, "REFUND", part, parent=paid.number, processed=processed).number)
                amount -= part
        return made

    def _refund_told(self, row: Order, made: Refund, actor: str) -> None:
        """Say that money went back, and move the units."""
        self._send("refunds/create", _refund_hook(row, made))
        for each in made.pieces:
            line = next(one for one in row.lines if one.number == each.line)
            change = _units_back(each)
            if change:
                self._units(row, line, actor, "restock", change)

    def _units(self, row: Order, line: Line, actor: str, action: str, change: Mapping[str, int]) -> None:
        self._move(self.state.levels[line.item, line.location], actor, action, change, order=row.number)

    def _order_changed(self, row: Order, actor: str, action: str, topic: str) -> None:
        self._touch(row)
        self.note(actor, action, "order", gid("Order", row.number), **self._order_facts(row))
        self._send(topic, _order_hook(row))

    def _order_facts(self, row: Order) -> Doc:
        return {
            "name": row.name,
            "customer": gid("Customer", row.customer) if row.customer else None,
            "email": row.email,
            "total": row.total,
            "paid": row.paid,
            "refunded": row.refunded,
            "cancelled": row.cancelled is not None,
            "refunds": [gid("Refund", each.number) for each in row.refunds],
        }

    def _minor(self, amount: str) -> int:
        return int(Decimal(amount).scaleb(exponent(self.currency)).to_integral_value())

    def _major(self, amount: int) -> str:
        """Write an amount as recorded: `12.5`, `0.0`."""
        plain = Decimal(amount).scaleb(-exponent(self.currency)).normalize()
        return f"{plain:f}" if "." in f"{plain:f}" else f"{plain:f}.0"


def _units_back(pieces: Pieces) -> dict[str, int]:
    """Return what units that were taken out of an order do to the stock."""
    match pieces.restock:
        case "CANCEL":
            return {"available": pieces.quantity, "committed": -pieces.quantity}
        case "RETURN":
            return {"available": pieces.quantity, "on_hand": pieces.quantity}
        case _:
            return {}


def _order_hook(row: Order) -> Doc:
    return {
        "id": row.number,
        "admin_graphql_api_id": gid("Order", row.number),
        "name": row.name,
        "created_at": text(row.created),
        "updated_at": text(row.updated),
    }


def _refund_hook(row: Order, refund: Refund) -> Doc:
    return {
        "id": refund.number,
        "admin_graphql_api_id": gid("Refund", refund.number),
        "order_id": row.number,
        "created_at": text(refund.created),
        "processed_at": text(refund.processed),
        "note": refund.note,
    }


def _shipment_hook(row: Order, sent: Shipment) -> Doc:
    return {
        "id": sent.number,
        "admin_graphql_api_id": gid("Fulfillment", sent.number),
        "order_id": row.number,
        "status": "success",
        "created_at": text(sent.created),
        "updated_at": text(sent.updated),
    }


def _return_hook(row: Order, asked: Return) -> Doc:
    body: Doc = {"id": asked.number, "admin_graphql_api_id": gid("Return", asked.number), "status": asked.status.lower()}
    if asked.status in ("CLOSED", "CANCELED"):
        return {**body, "order_id": row.number}
    return {**body, "order": {"id": row.number, "admin_graphql_api_id": gid("Order", row.number)}}
