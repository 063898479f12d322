"""What really happened to documents, from the remotes' own journals, and what should be shown of them. No code of the hub."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from hub.model.values import Doc, Micros
from hub.sdk.fake import Entry
from tests.simulation.folders import DIGITS
from tests.simulation.lives import NEVER
from tests.simulation.remote import HabitRemote

STATES: Final = {
    "order": {"DRAFT": "draft", "OPEN": "open", "DONE": "completed", "VOID": "cancelled"},
    "refund": {"PENDING": "pending", "OK": "done", "NO": "failed"},
    "ticket": {state: state for state in ("new", "open", "pending", "solved", "closed")},
    "message": {"them": "inbound", "us": "outbound", "note": "internal"},
}
STAGES: Final = {"draft": "idea", "open": "new", "completed": "won", "cancelled": "lost"}
ELEMENTS: Final = {
    "lines": ("sku", "title", "quantity", "unit_price", "discount", "tax", "total"),
    "discounts": ("code", "title", "amount"),
    "taxes": ("title", "rate", "amount"),
    "shipping": ("title", "amount"),
}
LATEST: Final = 3
"""How many of the newest orders the context of a ticket names."""


@dataclass(slots=True, eq=False)
class Story:
    """One document at one remote, from its birth to its end. `deeds`: all that people and the API did to it."""

    remote: HabitRemote
    id: str
    kind: str
    born: Entry
    parent: Story | None = None
    deeds: list[Entry] = field(default_factory=list)
    gone_at: Micros = NEVER
    children: list[Story] = field(default_factory=list)

    @property
    def by_hub(self) -> bool:
        return self.born.actor == "api"

    @property
    def fields(self) -> Doc:
        """Return what it shows now."""
        fields: Doc = self.deeds[-1].detail["fields"]
        return fields

    @property
    def is_there(self) -> bool:
        return self.gone_at == NEVER

    @property
    def went_unmet(self) -> bool:
        """Whether it was gone before any reply told of it, that of its own making included: nobody can know that it was there."""
        told = str(self.born.detail.get("key")) in self.remote.answered or self.id in self.remote.seen
        return not self.is_there and not told

    @property
    def state(self) -> str:
        """Return its state in the common words."""
        return STATES[self.kind][self.fields["by" if self.kind == "message" else "status"]]

    @property
    def place(self) -> tuple[str, str]:
        return self.remote.name, self.id

    @property
    def left_at(self) -> Micros:
        """Return when the request that made it first left the hub."""
        return self.remote.first_left.get(str(self.born.detail.get("key")), self.born.detail.get("left_at", self.born.at))

    def known_by(self, at: Micros) -> Micros:
        """Return when a reply surely showed what was true of it at a time."""
        lag = round(self.remote.habits.lag_s * 1_000_000)
        return next((got for sent, got in self.remote.seen.get(self.id, ()) if sent >= at + lag), NEVER)

    def amount(self, name: str) -> int | None:
        """Return an amount in minor units."""
        found = self.fields.get(name)
        return found[1] if isinstance(found, tuple) else None


def stories_of(remotes: Sequence[HabitRemote]) -> list[Story]:
    """Return all documents there ever were, in order of their birth."""
    found: list[Story] = []
    for remote in remotes:
        here: dict[str, Story] = {}
        for entry in remote.journal:
            if entry.kind not in ("order", "refund", "ticket", "message", "deal"):
                continue
            if entry.action == "create":
                parent = here.get(entry.detail["parent"] or "")
                here[entry.external_id] = Story(remote, entry.external_id, entry.kind, entry, parent)
                if parent is not None:
                    parent.children.append(here[entry.external_id])
            story = here[entry.external_id]
            story.deeds.append(entry)
            story.gone_at = entry.at if entry.action == "delete" else story.gone_at
        found += here.values()
    return sorted(found, key=lambda story: (story.born.at, story.remote.name, story.id))


# --- what the hub should say of one


def facts(story: Story) -> Doc:
    """Return the values of a document in the common words, lists as sets of their elements."""
    fields, currency = story.fields, story.fields.get("currency")

    def money(name: str) -> Doc | None:
        amount = story.amount(name)
        return None if amount is None else {"amount": amount, "currency": currency}

    match story.kind:
        case "order":
            plain = {
                "number": fields["number"],
                "state": story.state,
                "placed_at": fields["placed"],
                "tax_included": fields["gross"],
            }
            sums = {"subtotal": "subtotal", "tax_total": "tax_total", "total": "total", "paid_total": "paid"}
            email = (fields["email"] or "").lower() or None
            lists = {name: _elements(fields[name], parts, currency) for name, parts in ELEMENTS.items()}
            return {**plain, "email": email, **{ours: money(theirs) for ours, theirs in sums.items()}, **lists}
        case "refund":
            return {"state": story.state, "amount": money("amount"), "note": fields["note"], "refunded_at": fields["at"]}
        case "ticket":
            email = (fields["email"] or "").lower() or None
            return {
                "number": story.id,
                "subject": fields["subject"],
                "state": story.state,
                "email": email,
                "order_number": fields["about"],
            }
        case _:
            return {"body": fields["body"], "direction": story.state, "sent_at": fields["at"]}


def _elements(elements: Iterable[Doc], parts: Iterable[str], currency: Any) -> list[str]:
    """Return elements as texts, in an order that says nothing."""

    def plain(value: Any) -> Any:
        return f"{value[1]} {currency}" if isinstance(value, tuple) else value

    return sorted(repr({part: plain(element[part]) for part in parts}) for element in elements)


def bare(number: Any) -> str:
    """Return a number without the sign that people may leave out."""
    return str(number).removeprefix("#")


# --- what a ticket shows of its customer


def counts(order: Story) -> bool:
    """Say whether an order counts as bought: neither cancelled nor a draft."""
    return order.state not in ("cancelled", "draft")


def context(papers: Iterable[Story], refunds: Iterable[Story]) -> str | None:
    """Return the lines that an agent reads beside a ticket: the newest orders, how many, what was spent, open tickets.

    `papers`: the documents of the customer; `refunds`: those of their orders that count.
    """
    mine = list(papers)
    orders = sorted((one for one in mine if one.kind == "order"), key=_age, reverse=True)
    if not orders:
        return None
    lines = [_order_line(order) for order in orders[:LATEST]]
    counted = [order for order in orders if counts(order)]
    spent: dict[str, int] = {}
    for order in counted:
        spent[order.fields["currency"]] = spent.get(order.fields["currency"], 0) + (order.amount("total") or 0)
    for refund in refunds:
        currency = refund.fields["currency"]
        if refund.state != "failed" and currency in spent:
            spent[currency] -= refund.amount("amount") or 0
    told = ", ".join(money_text(amount, currency) for currency, amount in sorted(spent.items()))
    lines.append(f"{len(counted)} order{'' if len(counted) == 1 else 's'} in all" + (f", {told} spent" if told else ""))
    asking = sum(one.kind == "ticket" and one.state not in ("solved", "closed") for one in mine)
    return "\n".join(lines + ([f"{asking} open ticket{'' if asking == 1 else 's'}"] if asking else []))


def _age(order: Story) -> datetime:
    return when(order.fields["placed"])


def when(text: str) -> datetime:
    """Return a time as it is told in a document."""
    return datetime.fromisoformat(text)


def _order_line(order: Story) -> str:
    amount = money_text(order.amount("total") or 0, order.fields["currency"])
    return f"Order {order.fields['number']}, {order.fields['placed'][:10]}, {amount}, {order.state}"


def money_text(amount: int, currency: str) -> str:
    """Return an amount as people read it."""
    return f"{Decimal(amount).scaleb(-DIGITS[currency]):.{DIGITS[currency]}f} {currency}"
