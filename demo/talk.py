"""What is said and written down: tickets, replies and notes at the help desk, and what clerks and agents change about customers.

In: customers that all systems know. Out: what was done, as acts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from demo.actor import Actor, Known
from demo.follow import Act
from demo.names import ANSWERS, MEMOS, NOTES, QUESTIONS, STREETS, THANKS
from demo.world import CONTEXT_FIELD, ORDER_FIELD, World
from hub.model.values import Micros

DEALS: Final = "0-3"


class Talk(Actor):
    """Customers who write, agents who answer, clerks of the CRM."""

    def __init__(self, world: World, now: Callable[[], Micros], known: list[Known]) -> None:
        super().__init__(world, now, known)
        self._tickets: list[tuple[str, Known]] = []

    # ---- the help desk

    def write(self) -> Act:
        """A customer writes a ticket; most name an order, where they have one."""
        who, (subject, body) = self._writer(), self._chance.choice(QUESTIONS)
        orders = [row.name for row in self._world.shop.state.orders.values() if row.email == who.email][-3:]
        about = self._chance.choice(orders) if orders and self._likely(0.7) else None
        fields = [{"id": ORDER_FIELD, "value": about}] if about else []
        number = self._next()
        ticket = self._world.desk.add_ticket(who.desk, f"{subject} ({number})", f"{body} ({number})", custom_fields=fields)
        self._tickets.append((ticket, who))
        has_bought = bool(self._shown(ticket)) or bool(orders)
        text = f"desk: {who.name} asks: {subject}"
        spot = ("desk", "ticket", ticket) if has_bought else None
        return self._act("desk", text, spot, lambda: "agents see what they bought")

    def reply(self) -> Act | None:
        """An agent answers, writes a memo, or the customer writes again; now and then that is the end of it."""
        if not self._tickets:
            return None
        ticket, who = self._chance.choice(self._tickets[-40:])
        agent, number = self._chance.choice(self._world.agents), self._next()
        match self._chance.choice(("answer", "answer", "memo", "thanks", "solve", "priority")):
            case "answer":
                text = f"{self._chance.choice(ANSWERS)} ({number})"
                self._world.desk.reply(ticket, text, author=agent, actor="agent", status="pending")
                return self._act("desk", f"desk: an agent answers {who.name}")
            case "memo":
                self._world.desk.reply(
                    ticket, f"{self._chance.choice(MEMOS)} ({number})", author=agent, public=False, actor="agent"
                )
                return self._act("desk", f"desk: an agent makes a note about {who.name}")
            case "thanks":
                text = f"{self._chance.choice(THANKS)} ({number})"
                self._world.desk.reply(ticket, text, author=who.desk, actor="customer")
                return self._act("desk", f"desk: {who.name} writes again")
            case "solve":
                self._world.desk.edit_ticket(ticket, status="solved")
                return self._act("desk", f"desk: the ticket of {who.name} is solved")
            case _:
                self._world.desk.edit_ticket(ticket, priority=self._chance.choice(("low", "normal", "high", "urgent")))
                return self._act("desk", f"desk: the ticket of {who.name} has another priority")

    def edit_at_desk(self) -> Act:
        """An agent corrects somebody's number or notes, or types over what the hub shows."""
        who, number = self._chance.choice(self._known), self._next()
        what = self._chance.choice(("phone", "phone", "notes", "notes", "shown"))
        if what == "shown":
            return self._type_over(who, number)
        change = f"+49170{number:08d}" if what == "phone" else f"{self._chance.choice(NOTES)} (desk {number})"
        self._world.desk.edit_user(who.desk, **{what: change})
        said = "phone number" if what == "phone" else "note"
        return self._act("desk", f"desk: {who.name} has another {said}", ("shop", "customer", who.shop))

    def _type_over(self, who: Known, number: int) -> Act:
        fields = (self._world.desk.user(who.desk) or {})["user_fields"]
        if fields["orders"] is None:
            self._world.desk.edit_user(who.desk, notes=f"Likes to talk ({number})")
            return self._act("desk", f"desk: {who.name} has another note", ("shop", "customer", who.shop))
        self._world.desk.edit_user(who.desk, user_fields={"last_order": f"typed {number}"})
        return self._act(
            "desk", f"desk: somebody typed over {who.name}'s last order", ("desk", "user", who.desk), lambda: "put right"
        )

    def _shown(self, ticket: str) -> object:
        fields = (self._world.desk.ticket(ticket) or {})["custom_fields"]
        return next((each["value"] for each in fields if each["id"] == CONTEXT_FIELD), None)

    def _writer(self) -> Known:
        """Return somebody who writes; people who bought something do more often."""
        emails = [row.email for row in list(self._world.shop.state.orders.values())[-60:] if row.customer is not None]
        if emails and self._likely(0.7):
            wanted = self._chance.choice(emails)
            return next((each for each in self._known if each.email == wanted), self._known[0])
        return self._chance.choice(self._known)

    # ---- the CRM

    def edit_at_crm(self) -> Act:
        """A clerk corrects a contact, or types over a deal; or somebody opts out of mail."""
        who, number = self._chance.choice(self._known), self._next()
        what = self._chance.choice(("lastname", "phone", "address", "address", "deal", "opt out"))
        if what == "opt out":
            self._world.crm.opt_out(who.crm)
            return self._act("crm", f"{who.name} opted out in a mail of the CRM", ("shop", "customer", who.shop))
        if what == "deal" and (act := self._type_over_deal(number)) is not None:
            return act
        change = {
            "lastname": f"{self._chance.choice(('Berger', 'Nowak', 'Íñiguez'))}-{number}",
            "phone": f"+49180{number:08d}",
            "address": f"{self._chance.choice(STREETS)} {500 + number}",
        }
        name = what if what in change else "phone"
        self._world.crm.edit_contact(who.crm, **{name: change[name]})
        said = {"lastname": "surname", "phone": "phone number", "address": "street"}[name]
        return self._act("crm", f"crm: {who.name} has another {said}", ("shop", "customer", who.shop))

    def _type_over_deal(self, number: int) -> Act | None:
        deals = self._world.crm.ids(DEALS)
        if not deals:
            return None
        deal = self._chance.choice(deals)
        name = (self._world.crm.record(DEALS, deal) or {})["dealname"]
        self._world.crm.edit(DEALS, deal, amount=f"{number}.01", description=f"Called on day {number}")
        return self._act("crm", f"crm: somebody typed over the amount of {name}", ("crm", "deal", name), lambda: "put right")
