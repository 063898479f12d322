"""People who work with all systems at once: shoppers and staff in the shop, cashiers and stockroom at the tills, clerks, agents.

In: a world whose catalogue has arrived at the till, rates. Out: what they did. Chance is seeded; when exactly who gets to act is
up to the machine. They act only through what each system offers people, never through its API.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final

from demo.actor import Known, till
from demo.follow import Act
from demo.names import NOTES, STREETS
from demo.talk import Talk
from demo.trade import Trade
from demo.world import Shelf, World, new_person, shop_words, till_words
from hub.model.values import Doc, Micros

Still = Callable[[], AbstractContextManager[Any]]
TRIES: Final = 50
SAID: Final = {"family": "surname", "note": "note", "phone": "phone number", "street": "street", "floor": "apartment"}
Job = tuple[str, str]
"""Where, and what kind of thing is done there."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Acts per second. Edits in shop and till each, at CRM and desk each; sales in each channel; the rest in all.

    Errands: deliveries, counts, shipping.
    """

    edits: float
    office: float
    sales: float
    refunds: float
    tickets: float
    errands: float

    def due(self, elapsed_s: float) -> dict[Job, int]:
        """Return how many of each there should have been after so many seconds."""
        per_s = {
            ("shop", "edit"): self.edits,
            ("till", "edit"): self.edits,
            ("crm", "edit"): self.office,
            ("desk", "edit"): self.office,
        }
        per_s |= {("shop", "sale"): self.sales, ("till", "sale"): self.sales, ("all", "errand"): self.errands}
        per_s |= {("desk", "ticket"): self.tickets, ("desk", "reply"): self.tickets * 1.5, ("all", "refund"): self.refunds}
        return {job: int(rate * elapsed_s) for job, rate in per_s.items()}


class People(Trade, Talk):
    """Everybody who acts. `still`: holds the systems still while somebody does something there."""

    def __init__(self, world: World, still: Still, now: Callable[[], Micros]) -> None:
        super().__init__(world, now, _acquaint(world))
        self._still = still
        self._item_of = _items(world)
        self._product_of = {variant: doc["id"] for doc in world.shop.products() for variant in doc["variants"]}

    def act(self, side: str, kind: str) -> Act | None:
        """Let somebody do something of this kind; None where nobody could."""
        choices = _CHOICES[side, kind]
        for _ in range(TRIES):
            (chosen,) = self._chance.choices([verb for verb, _ in choices], [weight for _, weight in choices])
            with self._still():
                act: Act | None = getattr(self, chosen)()
            if act is not None:
                act.kind = kind
                return act
        return None

    # ---- customers

    def sign_up(self) -> Act:
        """Somebody signs up in the shop."""
        person = new_person(self._world)
        self._world.shop.add_customer(**shop_words(person))
        return self._act("shop", f"{person['given']} {person['family']} signed up in the shop")

    def enrol(self) -> Act:
        """A cashier takes down a new customer."""
        person = new_person(self._world)
        self._world.till.add_customer(**till_words(person))
        return self._act("till", f"till took down {person['given']} {person['family']}")

    def edit_at_shop(self) -> Act:
        """A shopper or the staff edit a customer."""
        who = self._chance.choice(self._known)
        what, change = self._change()
        names = {"family": "lastName", "note": "note", "phone": "phone"}
        if what in names:
            self._world.shop.edit_customer(who.shop, **{names[what]: change})
        elif not self._move_at_shop(who, what, change):
            return self._act("shop", f"shop: {who.name} looked at their account")
        return self._act("shop", f"shop: {who.name} has another {SAID[what]}", ("till", "customer", who.till))

    def _move_at_shop(self, who: Known, what: str, change: str) -> bool:
        shop = self._world.shop
        addresses = (shop.customer(who.shop) or {}).get("addresses") or ()
        name = {"street": "address1", "floor": "address2"}[what]
        if addresses:
            shop.edit_address(who.shop, addresses[0]["id"], **{name: change})
        return bool(addresses)

    def edit_at_till(self) -> Act:
        """A cashier edits a customer."""
        who = self._chance.choice(self._known)
        what, change = self._change()
        names = {"family": "family_name", "note": "note", "phone": "phone_number"}
        place = {"street": "address_line_1", "floor": "address_line_2"}
        fields: Doc = {names[what]: change} if what in names else {"address": {place[what]: change}}
        self._world.till.edit_customer(who.till, **fields)
        return self._act("till", f"till: {who.name} has another {SAID[what]}", ("shop", "customer", who.shop))

    def _change(self) -> tuple[str, str]:
        self._count += 1
        chance, number = self._chance, self._count
        what = chance.choice(("family", "note", "note", "phone", "street", "floor"))
        change = {
            "family": f"{chance.choice(('Weber', 'Sánchez', 'Кузнецова', 'Ørsted', '田中'))}-{number}",
            "note": f"{chance.choice(NOTES)} ({number})",
            "phone": f"+49160{number:08d}",
            "street": f"{chance.choice(STREETS)} {150 + number}",
            "floor": f"Apt {number}",
        }
        return what, change[what]

    def opt_out(self) -> Act | None:
        """A customer clicks "unsubscribe" in a mail the till sent."""
        who = self._chance.choice(self._known)
        if (self._world.till.customer(who.till) or {})["preferences"]["email_unsubscribed"]:
            return None
        self._world.till.unsubscribe(who.till)
        return self._act("till", f"{who.name} unsubscribed at the till", ("shop", "customer", who.shop))

    # ---- catalogue

    def describe_at_shop(self) -> Act:
        """Staff rewrite a product text."""
        shelf, number = self._shelf(), self._next()
        product = self._product(shelf)
        self._world.shop.edit_product(product, descriptionHtml=f"<p>Made to last. Edition {number}.</p>")
        return self._act("shop", f"shop rewrote the text of {shelf.sku[:3]}", self._item(shelf))

    def rename_at_till(self) -> Act:
        """The manager renames an item at the till."""
        shelf, number = self._shelf(), self._next()
        item = self._item_of[shelf.variation]
        title = str((self._world.till.object(item) or {})["item_data"]["name"]).partition(" no. ")[0]
        self._world.till.edit_item(item, name=f"{title} no. {number}")
        return self._act("till", f"till renamed {title}", ("shop", "product", self._product(shelf)))

    def price_at_shop(self) -> Act:
        """Staff set a price."""
        shelf = self._shelf()
        price = f"{self._chance.randint(5, 200)}.{self._chance.choice(('00', '50', '90', '99'))}"
        self._world.shop.edit_price(shelf.variant, price)
        return self._act(
            "shop", f"shop asks {price} for {shelf.sku}", self._item(shelf), lambda: f"till asks {self._price(shelf)}"
        )

    def price_at_till(self) -> Act:
        """A cashier types another price; the shop owns prices, so it is put right."""
        shelf = self._shelf()
        self._world.till.edit_price(shelf.variation, self._chance.randint(100, 499))
        typed = self._price(shelf)
        put_right = lambda: f"put right to {self._price(shelf)}"  # noqa: E731 - said later
        return self._act("till", f"till typed {typed} for {shelf.sku}", self._item(shelf), put_right)

    # ---- stock

    def receive(self) -> Act:
        """Boxes arrive at a store and are booked at the till."""
        shelf, quantity = self._shelf(), self._chance.randint(4, 12)
        self._world.till.receive_stock(shelf.variation, shelf.till_place, quantity)
        return self._moved(shelf, f"received {quantity} x {shelf.sku}")

    def count_at_till(self) -> Act | None:
        """Staff count a shelf and find one more or less."""
        shelf = self._shelf()
        units = self._world.till.level(shelf.variation, shelf.till_place) or 0
        found = units + self._chance.choice((-1, 1))
        if found < 0:
            return None
        self._world.till.count_stock(shelf.variation, shelf.till_place, found)
        return self._moved(shelf, f"counted {found} x {shelf.sku}")

    def break_one(self) -> Act | None:
        """Staff write one off."""
        shelf = self._shelf()
        if (self._world.till.level(shelf.variation, shelf.till_place) or 0) < 1:
            return None
        self._world.till.waste_stock(shelf.variation, shelf.till_place, 1)
        return self._moved(shelf, f"broke 1 x {shelf.sku}")

    def book_at_shop(self) -> Act:
        """Staff book a delivery to a store in the shop's back office."""
        shelf, quantity = self._shelf(), self._chance.randint(2, 8)
        self._world.shop.adjust_stock(shelf.variant, shelf.shop_place, quantity)
        text = f"shop booked {quantity} x {shelf.sku} to {till(shelf)}"
        return self._act("shop", text, self._count_of(shelf, "till"), self._till_shows(shelf))

    # ---- small doors

    def _product(self, shelf: Shelf) -> str:
        return str(self._product_of[shelf.variant])

    def _item(self, shelf: Shelf) -> tuple[str, str, str]:
        return ("till", "catalog", self._item_of[shelf.variation])

    def _price(self, shelf: Shelf) -> str:
        data = (self._world.till.object(shelf.variation) or {}).get("item_variation_data", {})
        cents = int(data.get("price_money", {}).get("amount", 0))
        return f"{cents // 100}.{cents % 100:02d}"


_CHOICES: Final[dict[tuple[str, str], list[tuple[str, int]]]] = {
    ("shop", "edit"): [("edit_at_shop", 85), ("sign_up", 3), ("describe_at_shop", 5), ("price_at_shop", 4)],
    ("till", "edit"): [("edit_at_till", 85), ("enrol", 3), ("opt_out", 4), ("rename_at_till", 5), ("price_at_till", 2)],
    ("crm", "edit"): [("edit_at_crm", 1)],
    ("desk", "edit"): [("edit_at_desk", 1)],
    ("desk", "ticket"): [("write", 1)],
    ("desk", "reply"): [("reply", 1)],
    ("shop", "sale"): [("order", 1)],
    ("till", "sale"): [("sell", 9), ("order_ahead", 1)],
    ("all", "refund"): [("take_back", 4), ("refund", 3), ("bring_to_store", 3), ("cancel", 2), ("ask_return", 2)],
    ("all", "errand"): [
        *(
            ("ship", 9),
            ("deliver", 4),
            ("hand_over", 2),
            ("receive", 1),
            ("count_at_till", 1),
            ("break_one", 1),
            ("book_at_shop", 1),
        ),
    ],
}
"""What people do, and how often beside each other."""


def _acquaint(world: World) -> list[Known]:
    """Return whom all systems know. E-mail addresses are those of the shop."""
    docs = [world.till.customer(each) or {} for each in world.till.customer_ids()]
    at_till = {str(doc.get("email_address", "")).lower(): doc["id"] for doc in docs}
    at_crm = {(world.crm.contact(each) or {}).get("email", ""): each for each in world.crm.contact_ids()}
    at_desk = {str((world.desk.user(each) or {}).get("email")).lower(): each for each in world.desk.user_ids()}
    out = []
    for doc in world.shop.customers():
        key = str(doc["email"]).lower()
        if key in at_till and key in at_crm and key in at_desk:
            name = f"{doc['firstName']} {doc['lastName']}"
            out.append(Known(doc["id"], at_till[key], at_crm[key], at_desk[key], name, doc["email"]))
    return out


def _items(world: World) -> dict[str, str]:
    items = [world.till.object(each) or {} for each in world.till.item_ids()]
    return {each["id"]: item["id"] for item in items for each in item["item_data"]["variations"]}
