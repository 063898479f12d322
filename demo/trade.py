"""Buying and giving back: orders in the shop and at the tills, shipping, cancelling, returns, refunds of every kind.

In: a world whose catalogue has arrived at the till. Out: what was done, as acts. Money in cents.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.shopify.client import gid
from demo.actor import Actor, Known, euros, till
from demo.follow import Act
from demo.names import CITIES, STREETS
from demo.world import Shelf, World
from hub.model.values import Doc, Micros

BY_HAND: Final = "manual"
CARD: Final = "shopify_payments"
MOST_LINES: Final = 3


@dataclass(slots=True)
class WebOrder:
    """An order of the shop. `settled`: nothing more is given back for it; `asked`: the return that waits for staff."""

    number: int
    name: str
    shelves: list[Shelf]
    settled: bool = False
    asked: str = ""
    shipment: str = ""


@dataclass(slots=True)
class Sale:
    """A sale at a till. `units`: line -> how many are still with the customer."""

    order: str
    shelf: Shelf
    units: dict[str, int] = field(default_factory=dict)


class Trade(Actor):
    """Shoppers, cashiers, staff, as far as goods and money change hands."""

    def __init__(self, world: World, now: Callable[[], Micros], known: list[Known]) -> None:
        super().__init__(world, now, known)
        self._web: list[WebOrder] = []
        self._sales: list[Sale] = []
        self._ahead: list[str] = []

    # ---- buying

    def order(self) -> Act | None:
        """A shopper orders from a store or the warehouse: with an account, or as a guest whom the till may know."""
        shelves = self._basket()
        in_store = not self._likely(0.25)
        lines = [(each.variant, self._place(each, in_store=in_store), 1 + self._likely(0.2)) for each in shelves]
        if any(self._for_sale(variant, place) < units for variant, place, units in lines):
            return None
        who, customer, email = self._shopper()
        # paid by card, by bank transfer that came in or is waited for, or by card when it is shipped
        gateway, paid = self._chance.choice(
            ((CARD, "SALE"), (BY_HAND, "SALE"), (BY_HAND, "SALE"), (BY_HAND, ""), (CARD, "AUTHORIZATION"))
        )
        more: Doc = {"code": "LINDEN10", "percent": 10} if self._likely(0.2) else {}
        more |= {"shipping": "4.90"} if self._likely(0.6) else {}
        number = self._world.shop.place_order(
            lines, customer=customer, paid=paid, email=email, gateway=gateway, rate=19, address=self._address(who), **more
        )
        facts = self._world.shop.order_of(number)
        self._web.append(WebOrder(number, facts["name"], shelves))
        text = f"shop: {who} orders {facts['name']}, {euros(facts['total'])}"
        return self._act("shop", text, ("crm", "deal", facts["name"]), lambda: "a deal")

    def sell(self) -> Act | None:
        """A cashier sells: to somebody they know, or to anybody."""
        shelf, quantity = self._shelf(), self._chance.choice((1, 1, 1, 2, 3))
        if self._at_till(shelf) < quantity:
            return None
        customer = self._chance.choice(self._known).till if self._likely(0.6) else None
        order = self._world.till.ring_up(
            [(shelf.variation, quantity)],
            shelf.till_place,
            customer_id=customer,
            on_payment=self._likely(0.3),
            method=self._chance.choice(("CASH", "CARD")),
            discount_minor=self._chance.choice((0, 0, 0, 50)),
            tax_percent="19",
            tip_minor=self._chance.choice((0, 0, 0, 100)),
        )
        self._sales.append(Sale(order, shelf, {"line-1": quantity}))
        return self._moved(shelf, f"sold {quantity} x {shelf.sku}")

    def order_ahead(self) -> Act | None:
        """Somebody orders at the store's own page, to fetch it."""
        shelf = self._shelf()
        if self._at_till(shelf) < 1:
            return None
        who, _, email = self._shopper()
        recipient = {"display_name": who, "email_address": email or self._chance.choice(self._known).email}
        order = self._world.till.order_ahead(
            [(shelf.variation, 1)], shelf.till_place, recipient=recipient, paid=self._likely(0.5)
        )
        self._ahead.append(order)
        return self._act(
            "till", f"{till(shelf)}: {who} ordered 1 x {shelf.sku} to fetch", ("crm", "deal", order), lambda: "a deal"
        )

    def hand_over(self) -> Act | None:
        """The oldest order to fetch is fetched, or nobody came and it was not paid yet."""
        if not self._ahead:
            return None
        order = self._ahead.pop(0)
        doc = self._world.till.order(order)
        unpaid = bool(doc["net_amount_due_money"]["amount"])
        if unpaid and self._likely(0.3):
            self._world.till.cancel_order(order)
            return self._act("till", "till cancelled an order that nobody fetched")
        line = doc["line_items"][0]
        if (self._world.till.level(line["catalog_object_id"], doc["location_id"]) or 0) < int(line["quantity"]):
            self._ahead.append(order)
            return None
        self._world.till.move_order(order, "COMPLETED")
        return self._act("till", "till handed over an order")

    # ---- sending

    def ship(self) -> Act | None:
        """Staff ship an order, whole or in part, or cancel it."""
        waiting = [
            each for each in self._web[-60:] if self._row(each).cancelled is None and self._waits(each) and not each.settled
        ]
        if not waiting:
            return None
        each = self._chance.choice(waiting[:5])
        row = self._row(each)
        places = {line.location for line in row.lines if line.waiting}
        one = next(place for place, line in enumerate(row.lines) if line.waiting)
        in_part = len(row.lines) > 1 and self._likely(0.3)
        each.shipment = self._world.shop.ship(
            each.number,
            units={one: row.lines[one].waiting} if in_part or len(places) > 1 else None,
            company="DHL",
            number=f"LX{row.number}",
        )
        if row.paid < row.total:
            self._world.shop.pay(each.number)
        part = "part of " if self._waits(each) else ""
        return self._act("shop", f"shop shipped {part}{each.name}")

    def cancel(self) -> Act | None:
        """Staff cancel an order that was not shipped; what was paid goes back."""
        found = [each for each in self._web[-60:] if self._is_untouched(each)]
        if not found:
            return None
        each = self._chance.choice(found)
        each.settled = True
        self._world.shop.cancel_order(each.number)
        return self._act("shop", f"shop cancelled {each.name}", ("crm", "deal", each.name), lambda: "its deal is lost")

    def deliver(self) -> Act | None:
        """The carrier delivers; staff file the order away."""
        found = [each for each in self._web if each.shipment and not self._waits(each)]
        if not found:
            return None
        each = self._chance.choice(found[-20:])
        self._world.shop.deliver(each.number, each.shipment)
        each.shipment = ""
        self._world.shop.edit_order(each.number, closed=True)
        return self._act("shop", f"shop: {each.name} was delivered", ("crm", "deal", each.name), lambda: "its deal is won")

    # ---- giving back

    def refund(self) -> Act | None:
        """Staff give money back for an order that was shipped: for a line that is back, or as a courtesy."""
        each = self._refundable(lambda row: row.refunded == 0)
        if each is None:
            return None
        row, place = self._row(each), 0
        line = row.lines[place]
        if line.sent - line.back < 1 or self._likely(0.3):
            cents = min(self._chance.choice((250, 500, 990)), row.paid - row.refunded)
            self._world.shop.refund(each.number, euros(cents), note="Courtesy")
        else:
            self._world.shop.refund(each.number, units={place: 1}, restock=True, note="Came back")
            cents = row.refunded
        each.settled = True
        return self._act("shop", f"shop gave {euros(cents)} back for {each.name}")

    def ask_return(self) -> Act | None:
        """A shopper asks to give something back; or staff decide on what was asked."""
        asked = [each for each in self._web if each.asked]
        if asked and self._likely(0.6):
            return self._decide(asked[0])
        each = self._refundable(lambda row: row.refunded == 0 and row.lines[0].sent > 0)
        if each is None or each.asked:
            return None
        each.settled = True
        each.asked = self._world.shop.ask_return(each.number, {0: 1}, "UNWANTED")
        return self._act("shop", f"shop: somebody wants to return 1 x {each.shelves[0].sku} of {each.name}")

    def _decide(self, each: WebOrder) -> Act:
        shop, asked = self._world.shop, each.asked
        each.asked = ""
        if self._likely(0.2):
            shop.set_return(each.number, asked, "DECLINED")
            return self._act("shop", f"shop declined a return of {each.name}")
        shop.set_return(each.number, asked, "OPEN")
        shop.refund(each.number, units={0: 1}, restock=True)
        shop.set_return(each.number, asked, "CLOSED")
        return self._act("shop", f"shop took 1 x {each.shelves[0].sku} of {each.name} back")

    def take_back(self) -> Act | None:
        """A cashier takes something back that a till sold, and pays it back."""
        sold = [each for each in self._sales if any(each.units.values())]
        if not sold:
            return None
        each = self._chance.choice(sold)
        uid = next(uid for uid, left in each.units.items() if left)
        each.units[uid] -= 1
        self._world.till.take_back(each.order, {uid: 1})
        return self._moved(each.shelf, f"took back 1 x {each.shelf.sku}")

    def bring_to_store(self) -> Act | None:
        """Somebody brings to a store what the shop sold; the cashier pays cash and types the order's number."""
        each = self._refundable(lambda row: row.gateway == BY_HAND and row.refunded == 0 and row.lines[0].sent > 0)
        if each is None:
            return None
        each.settled = True
        row, shelf = self._row(each), each.shelves[0]
        line = row.lines[0]
        cents = min(row.paid - row.refunded, (line.price * line.quantity - line.discount) // line.quantity)
        self._world.till.refund_cash(
            each.name,
            cents,
            shelf.till_place,
            in_reason=self._likely(0.5),
            goods=[(shelf.variation, 1)] if self._likely(0.7) else [],
        )
        text = f"{till(shelf)} paid {euros(cents)} back for {each.name}"
        return self._act("till", text, ("shop", "refund", gid("Order", each.number)), lambda: "booked in the shop")

    # ---- small doors

    def _row(self, each: WebOrder) -> Any:
        return self._world.shop.state.orders[each.number]

    def _waits(self, each: WebOrder) -> bool:
        return any(line.waiting for line in self._row(each).lines)

    def _is_untouched(self, each: WebOrder) -> bool:
        row = self._row(each)
        return row.cancelled is None and not each.settled and all(line.waiting == line.quantity for line in row.lines)

    def _refundable(self, fits: Callable[[Any], bool]) -> WebOrder | None:
        """Return an order that was shipped and paid and of which nothing went back yet."""
        found = []
        for each in self._web[-80:]:
            row = self._row(each)
            is_free = not each.settled and row.cancelled is None and row.paid >= row.total and not self._waits(each)
            if is_free and fits(row):
                found.append(each)
        return self._chance.choice(found) if found else None

    def _basket(self) -> list[Shelf]:
        first = self._shelf()
        same = [
            each for each in self._chance.sample(self._world.shelves, 40) if each.store == first.store and each.sku != first.sku
        ]
        skus = {each.sku: each for each in same}
        return [first, *list(skus.values())[: self._chance.choice((0, 0, 1, MOST_LINES - 1))]]

    def _place(self, shelf: Shelf, *, in_store: bool) -> str:
        return shelf.shop_place if in_store else self._world.shop_places["warehouse"]

    def _for_sale(self, variant: str, place: str) -> int:
        return int((self._world.shop.level(variant, place) or {"available": 0})["available"])

    def _shopper(self) -> tuple[str, str | None, str | None]:
        """Return name, account in the shop and e-mail: one with an account, a guest the till knows, or a stranger."""
        drawn, who = self._chance.random(), self._chance.choice(self._known)
        if drawn < 0.7:
            return who.name, who.shop, None
        if drawn < 0.85:
            return f"{who.name} (guest)", None, self._chance.choice((who.email, who.email.title()))
        number = self._next()
        return f"guest {number}", None, f"guest.{number}.{self._chance.randint(100, 999)}@example.net"

    def _address(self, who: str) -> dict[str, str | None]:
        postal_code, city = self._chance.choice(CITIES)
        street = f"{self._chance.choice(STREETS)} {self._chance.randint(1, 99)}"
        return {"lastName": who, "address1": street, "zip": postal_code, "city": city, "countryCode": "DE"}
