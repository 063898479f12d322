"""What the systems know of sales: every order of the shop and of the tills, with its money, in the judge's own words.

In: simulators. Out: bills. Money in cents. Part of the judge: it shares no code with the hub.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final

from demo.verdict import API
from demo.words import key_of

PAID: Final = {"SALE": "paid", "CAPTURE": "paid", "AUTHORIZATION": "authorized", "VOID": "voided"}
SHIPMENT: Final = {"FULFILLED": "shipped", "DELIVERED": "delivered"}
RETURN: Final = {"REQUESTED": "requested", "OPEN": "open", "CLOSED": "closed", "DECLINED": "declined"}
AT_TILL: Final = {"DRAFT": "draft", "OPEN": "open", "COMPLETED": "completed", "CANCELED": "cancelled"}
FETCHED: Final = {"PROPOSED": "pending", "COMPLETED": "picked_up", "CANCELED": "cancelled"}


@dataclass(frozen=True, slots=True)
class Part:
    """What hangs on an order: a payment, a refund, a return, a fulfilment. `home`: where it came about."""

    what: str
    home: str
    state: str
    cents: int | None = None
    number: str = ""


@dataclass(slots=True)
class Bill:
    """One order. `email`: of the customer whom it belongs to, None: nobody we know. `at`: µs."""

    home: str
    number: str
    email: str | None
    cents: int
    state: str
    at: int
    parts: list[Part] = field(default_factory=list)
    booked: list[int] = field(default_factory=list)
    """Refunds that a program booked in the shop."""

    @property
    def counts(self) -> bool:
        """Say whether it is a purchase: neither cancelled nor a draft."""
        return self.state not in ("cancelled", "draft")

    @property
    def given_back(self) -> int:
        """Return what went back."""
        return sum(each.cents or 0 for each in self.parts if each.what == "refund")


def read_bills(shop: Any, till: Any, people: Mapping[str, Any]) -> list[Bill]:
    """Return all orders. `people`: the e-mail addresses of customers; an order of anybody else belongs to nobody."""
    bills = [*_shop_bills(shop, people), *_till_bills(till, people)]
    by_number = {bill.number: bill for bill in bills}
    _till_refunds(till, by_number)
    return bills


def _shop_bills(shop: Any, people: Mapping[str, Any]) -> list[Bill]:
    booked = _booked(shop)
    bills = []
    for row in shop.state.orders.values():
        said = shop.state.customers[row.customer].fields["email"] if row.customer is not None else row.email
        email = key_of(said or "")
        state = "cancelled" if row.cancelled else "completed" if row.closed else "open"
        bill = Bill("shop", row.name, email if email in people else None, row.total, state, row.created)
        moved = {each.number: each.amount for each in row.transactions}
        for each in row.refunds:
            cents = sum(moved[one] for one in each.transactions)
            if each.number in booked:
                bill.booked.append(cents)
            else:
                bill.parts.append(Part("refund", "shop", "done", cents))
        paid = [each for each in row.transactions if each.kind in PAID]
        bill.parts += [Part("payment", "shop", PAID[each.kind], each.amount) for each in paid]
        bill.parts += [
            Part("fulfilment", "shop", SHIPMENT[each.display], None, each.tracking.get("number") or "") for each in row.shipments
        ]
        bill.parts += [Part("return", "shop", RETURN[each.status], None, each.name) for each in row.returns]
        bills.append(bill)
    return bills


def _booked(shop: Any) -> set[int]:
    """Return the refunds that were made through the API."""
    found: set[str] = set()
    for entry in shop.journal:
        if entry.kind == "order" and entry.action == "refund" and entry.actor == API:
            found.add(entry.detail["refunds"][-1])
    return {int(each.rpartition("/")[2]) for each in found}


def _till_bills(till: Any, people: Mapping[str, Any]) -> list[Bill]:
    emails = {each: key_of((till.customer(each) or {}).get("email_address", "")) for each in till.customer_ids()}
    payments: dict[str, list[Any]] = {}
    for one in till.core.state.payments.values():
        payments.setdefault(one["order_id"], []).append(one)
    bills = []
    for doc in till.core.state.orders.values():
        if doc.get("returns"):
            continue
        paid = payments.get(doc["id"], [])
        who = next(filter(None, [doc.get("customer_id"), *(each.get("customer_id") for each in paid)]), None)
        ahead = (doc.get("fulfillments") or [{}])[0].get("pickup_details", {}).get("recipient", {})
        email = emails.get(who, "") if who else key_of(ahead.get("email_address", ""))
        at = round(datetime.fromisoformat(doc["created_at"]).timestamp() * 1e6)
        total = doc["total_money"]["amount"]
        bill = Bill("till", doc["id"], email if email in people else None, total, AT_TILL[doc["state"]], at)
        bill.parts += [Part("payment", "till", "paid", each["amount_money"]["amount"], each["receipt_number"]) for each in paid]
        bill.parts += [Part("fulfilment", "till", FETCHED[each["state"]]) for each in doc.get("fulfillments") or ()]
        bills.append(bill)
    return bills


def _till_refunds(till: Any, bills: Mapping[str, Bill]) -> None:
    """Hang on each order what a till paid back or took back for it."""
    payments, orders = till.core.state.payments, till.core.state.orders
    for one in till.core.state.refunds.values():
        back = orders[one["order_id"]]
        sold = (
            payments[one["payment_id"]]["order_id"]
            if one.get("payment_id")
            else back.get("reference_id") or _typed(one["reason"])
        )
        bills[sold].parts.append(Part("refund", "till", "done", one["amount_money"]["amount"]))
    for doc in orders.values():
        for each in doc.get("returns") or ():
            sold = each.get("source_order_id") or doc.get("reference_id")
            if sold:
                bills[sold].parts.append(Part("return", "till", "closed", None, doc["id"]))


def _typed(reason: str) -> str:
    found = re.search(r"#\d+", reason)
    return found.group() if found else ""


def day_of(at: int) -> str:
    """Return the day of a time in µs, UTC."""
    return datetime.fromtimestamp(at / 1e6, UTC).strftime("%Y-%m-%d")


def euros(cents: int) -> str:
    """Return an amount as the help desk shows it."""
    return f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02d} EUR"
