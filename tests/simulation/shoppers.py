"""The shoppers, cashiers and agents of a world with documents: they order, cancel, return, are refunded, and write tickets.

Every number, note and text is unique, so that every document can be traced.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final

from hub.clock import instant
from hub.model.values import SECOND, Doc
from tests.simulation.actors import Somebody, Town
from tests.simulation.cabinet import Cabinet, Paper
from tests.simulation.folders import DIGITS, PaperHabits
from tests.simulation.lives import NEVER
from tests.simulation.remote import HabitRemote

RATES: Final = ((19, "0.19"), (7, "0.07"), (0, "0"))
"""Taxes in hundredths, and as they are told."""
STAGES: Final = ("idea", "new", "won", "lost")


def furnish_papers(remotes: Sequence[HabitRemote], habits: dict[str, PaperHabits]) -> None:
    """Give every remote a cabinet."""
    for remote in remotes:
        remote.cabinet = Cabinet(remote, habits[remote.name])


class Shopper(Somebody):
    """One of them."""

    def __init__(self, town: Town, name: str, pace_s: float) -> None:
        super().__init__(town, name, pace_s)
        self._cabinets = [remote.cabinet for remote in town.remotes if remote.cabinet is not None]
        self._guests: list[str] = []
        self._deeds = [
            (self.orders, 7), (self.moves_on, 5), (self.is_refunded, 3), (self.is_refunded_at_the_till, 5),
            (self.is_refunded_twice, 2), (self.settles, 3), (self.writes, 4), (self.answers, 6), (self.closes, 3),
            (self.meddles, 3), (self.sells, 1), (self.deletes, 1), (self.signs_up, 2), (self.imports, 1),
            (self.mistypes, 1),
        ]  # fmt: skip

    def stock_up(self) -> None:
        """Leave some documents from before the hub came."""
        for _ in range(self._rng.randrange(4)):
            self._rng.choice((self.orders, self.orders, self.moves_on, self.is_refunded, self.writes))()

    # --- orders

    def orders(self) -> Paper:
        """Order in the shop, or buy at the till."""
        role, stream = self._rng.choice((("shop", "orders"), ("shop", "orders"), ("till", "sales")))
        cabinet = self._with(role)
        return cabinet.add(self._name, stream, self._order(cabinet, role))

    def _order(self, cabinet: Cabinet, role: str) -> Doc:
        n, gross = self._town.number(), cabinet.habits.gross
        currency = self._rng.choice(("EUR", "EUR", "USD", "JPY", "KWD"))
        goods = Goods(self._rng, currency, gross=gross)
        total = goods.total
        paid = self._rng.choice((total, total, total, None, total // 2))
        return {
            "number": f"#{n}" if role == "shop" else f"T-{n}",
            "status": self._rng.choice(("OPEN", "OPEN", "OPEN", "DRAFT", "DONE")),
            "placed": self._now(),
            "currency": currency,
            "gross": gross,
            **self._buyer(cabinet.remote),
            **goods.told(),
            "paid": None if paid is None else ("minor", paid),
        }

    def _buyer(self, remote: HabitRemote) -> Doc:
        """A customer of that system; or a guest: somebody new, or one who is a customer somewhere."""
        rows = sorted(remote.rows.values(), key=lambda row: row.id)
        if rows and self._rng.random() < 0.55:
            return {"customer": str(self._rng.choice(rows).id), "email": None}
        return {"customer": None, "email": self._some_email()}

    def _some_email(self) -> str | None:
        everybody = [row.fields["email"] for r in self._town.remotes for row in sorted(r.rows.values(), key=lambda row: row.id)]
        known = [email for email in everybody if email]
        choice = self._rng.random()
        if choice < 0.1:
            return None
        if choice < 0.4 and known:
            return str(self._rng.choice(known)).upper()
        if choice < 0.6 and self._guests:
            return self._rng.choice(self._guests)
        self._guests.append(f"g{self._town.number()}@example.org")
        return self._guests[-1]

    def signs_up(self) -> None:
        """A guest becomes a customer, somewhere."""
        if self._guests:
            email = self._guests.pop(self._rng.randrange(len(self._guests)))
            remote = self._rng.choice(self._town.remotes)
            if all(other.by_email(email) is None for other in self._town.remotes):
                remote.create(self._name, self._town.fields(email, f"Ada{self._town.number()}"))

    def moves_on(self) -> None:
        """An order is completed, cancelled or opened: its state moves, and perhaps nothing else."""
        cabinet, order = self._some_order()
        if order is not None:
            cabinet.change(self._name, order, {"status": self._rng.choice(("OPEN", "DONE", "DONE", "VOID"))})

    def mistypes(self) -> None:
        """A sale is in a state that nobody knows, until somebody sees it."""
        cabinet, sale = self._some_order("sales")
        if sale is not None:
            cabinet.change(self._name, sale, {"status": "ODD"})
            self.pause(self._rng.uniform(60, 200))
            cabinet.change(self._name, sale, {"status": "OPEN"})

    def imports(self) -> None:
        """Several documents at one moment: equal times, at page edges too."""
        for _ in range(self._rng.randrange(2, 6)):
            self._rng.choice((self.orders, self.orders, self.moves_on, self.writes))()

    # --- money back

    def is_refunded(self) -> None:
        """Some of the money goes back in the shop."""
        order = self._pick(self._with("shop").live("orders"))
        if order is not None:
            self._refund_in_shop(order)

    def is_refunded_at_the_till(self) -> None:
        """Money for an order, mostly one of the shop, goes back at the till, by the number on the receipt."""
        _, order = self._some_order("orders" if self._rng.random() < 0.75 else "sales")
        if order is not None:
            self._refund_at_till(order)

    def is_refunded_twice(self) -> None:
        """The same order at both places, moments apart."""
        order = self._pick(self._with("shop").live("orders"))
        if order is None:
            return
        deeds = [self._refund_in_shop, self._refund_at_till, self._refund_at_till]
        self._rng.shuffle(deeds)
        for deed in deeds[: self._rng.choice((2, 2, 3))]:
            deed(order)
            self.pause(self._rng.choice((0.0, 0.5, 8.0, 90.0)) * self._rng.random())

    def _refund_in_shop(self, order: Paper) -> None:
        self._with("shop").add(self._name, "refunds", self._refund(order), parent=order)

    def _refund_at_till(self, order: Paper) -> None:
        number = str(order.fields["number"])
        typed = number.removeprefix("#") if self._rng.random() < 0.5 else number
        self._with("till").add(self._name, "refunds", {**self._refund(order), "receipt": typed})

    def _refund(self, order: Paper) -> Doc:
        whole = order.fields["total"][1]
        amount = self._rng.choice((whole, whole // 2, whole // 3, whole // 3, whole // 7, 1))
        return {
            "status": self._rng.choice(("OK", "OK", "OK", "PENDING")),
            "amount": ("minor", max(1, amount)),
            "currency": order.fields["currency"],
            "note": f"back {self._town.number()}",
            "at": self._now(),
        }

    def settles(self) -> None:
        """A refund that was pending is done, or fails."""
        found = [(c, p) for c in self._cabinets for p in c.papers.values() if p.kind == "refund" and not p.gone]
        pending = [(c, p) for c, p in found if p.fields["status"] == "PENDING" and not p.by_hub]
        if pending:
            cabinet, refund = self._rng.choice(pending)
            cabinet.change(self._name, refund, {"status": self._rng.choice(("OK", "OK", "NO"))})

    # --- tickets

    def writes(self) -> None:
        """Open a ticket, with its first message."""
        cabinet, n = self._with("desk"), self._town.number()
        _, order = self._some_order()
        about = str(order.fields["number"]) if order is not None and self._rng.random() < 0.5 else None
        buyer = self._buyer(cabinet.remote)
        fields = {
            "subject": f"question {n}",
            "status": "new",
            "opened": self._now(),
            "requester": buyer["customer"],
            "email": buyer["email"],
            "about": about,
            "context": None,
        }
        held = cabinet.habits.apart and self._rng.random() < 0.2
        ticket = cabinet.add(self._name, "tickets", fields, held=held)
        self._say(cabinet, ticket, "them")
        if held:
            now, until = self._town.baton.time, self._town.until or NEVER
            at = min(now + round(self._rng.uniform(11, 24) * 60 * SECOND), until)
            self._town.baton.at(at, lambda: cabinet.reveal(ticket))

    def answers(self) -> None:
        """Add one or two messages to a ticket."""
        cabinet = self._with("desk")
        ticket = self._pick(cabinet.live("tickets"))
        for by in self._rng.choice((("us",), ("them",), ("us", "note"))):
            if ticket is not None:
                self._say(cabinet, ticket, by)

    def _say(self, cabinet: Cabinet, ticket: Paper, by: str) -> None:
        said = {"body": f"word {self._town.number()}", "by": by, "at": self._now()}
        cabinet.add(self._name, "comments", said, parent=ticket)

    def closes(self) -> None:
        """A ticket is solved, or opened again."""
        cabinet = self._with("desk")
        ticket = self._pick(cabinet.live("tickets"))
        if ticket is not None:
            cabinet.change(self._name, ticket, {"status": self._rng.choice(("open", "solved", "solved", "pending"))})

    # --- what only shows something

    def meddles(self) -> None:
        """Type over what the hub shows: a deal, a refund that was made elsewhere, the context of a ticket."""
        cabinet, shop = self._with("desk"), self._with("shop")
        choice = self._rng.random()
        if choice < 0.5:
            deal = self._pick(cabinet.live("deals"))
            changes: Doc = {"stage": self._rng.choice(STAGES), "name": f"deal {self._town.number()}"}
            if deal is not None:
                one = self._rng.choice(sorted(changes))
                cabinet.change(self._name, deal, {one: changes[one]})
        elif choice < 0.75:
            copies = [paper for paper in shop.live("refunds") if paper.by_hub]
            copy = self._pick(copies)
            if copy is not None:
                shop.change(self._name, copy, {"status": self._rng.choice(("OK", "NO", "PENDING"))})
        else:
            ticket = self._pick(cabinet.live("tickets"))
            if ticket is not None:
                cabinet.change(self._name, ticket, {"context": f"typed {self._town.number()}"})

    def sells(self) -> None:
        """A salesperson's own deal, which shows no order."""
        fields = {
            "name": f"own {self._town.number()}",
            "stage": "idea",
            "amount": ("minor", 5),
            "currency": "EUR",
            "contact": None,
        }
        self._with("desk").add(self._name, "deals", fields)

    def deletes(self) -> None:
        """Somebody deletes a deal, of the hub or not."""
        cabinet = self._with("desk")
        deal = self._pick(cabinet.live("deals"))
        if deal is not None and self._rng.random() < 0.5:
            cabinet.remove(self._name, deal)

    # --- small things

    def _now(self) -> str:
        """Return the time, never the same twice."""
        return instant(self._town.baton.time + self._town.number())

    def _with(self, role: str) -> Cabinet:
        return next(cabinet for cabinet in self._cabinets if role in cabinet.habits.roles)

    def _pick(self, papers: Sequence[Paper]) -> Paper | None:
        return self._rng.choice(papers) if papers else None

    def _some_order(self, stream: str = "") -> tuple[Cabinet, Paper | None]:
        wanted = stream or self._rng.choice(("orders", "orders", "sales"))
        cabinet = self._with("shop" if wanted == "orders" else "till")
        return cabinet, self._pick(cabinet.live(wanted))


class Goods:
    """What somebody buys, reckoned up by hand: total = lines + shipping (+ tax where prices are net) - order discounts."""

    def __init__(self, rng: random.Random, currency: str, *, gross: bool) -> None:
        self._currency = currency
        self._lines = [self._line(rng, i, gross=gross) for i in range(1, rng.randrange(2, 5))]
        goods = sum(line["total"][1] for line in self._lines)
        self._off = rng.choice((0, 0, goods // 10))
        self._shipping = rng.choice((0, 5 * 10 ** DIGITS[currency]))
        self._tax = sum(line["tax"][1] for line in self._lines)
        self._sub = goods
        self.total = goods + self._shipping + (0 if gross else self._tax) - self._off

    def _line(self, rng: random.Random, place: int, *, gross: bool) -> Doc:
        quantity, price = rng.randrange(1, 4), rng.randrange(1, 9_999)
        percent, _ = rng.choice(RATES)
        off = rng.choice((0, 0, price // 3))
        total = quantity * price - off
        tax = total - total * 100 // (100 + percent) if gross else total * percent // 100
        sums = {"unit_price": price, "discount": off, "tax": tax, "total": total}
        told: Doc = {"id": f"l{place}", "sku": f"S-{rng.randrange(1, 9)}", "title": f"thing {place}", "quantity": quantity}
        return told | {"currency": self._currency} | {name: ("minor", amount) for name, amount in sums.items()}

    def told(self) -> Doc:
        """Return the fields of an order that these goods make."""
        off = [{"code": "TEN", "title": "ten percent", "currency": self._currency, "amount": ("minor", self._off)}]
        tax = [{"title": "VAT", "rate": "0.19", "currency": self._currency, "amount": ("minor", self._tax)}]
        sent = [{"title": "parcel", "currency": self._currency, "amount": ("minor", self._shipping)}]
        return {
            "lines": self._lines,
            "discounts": off if self._off else [],
            "taxes": tax if self._tax else [],
            "shipping": sent if self._shipping else [],
            "subtotal": ("minor", self._sub),
            "tax_total": ("minor", self._tax),
            "total": ("minor", self.total),
        }
