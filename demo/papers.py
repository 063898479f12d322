"""Documents: each order once as a deal, each refund of a till once in the shop, what the help desk shows to the cent.

In: simulators. Out: what is counted and what does not fit, in a verdict. Part of the judge: it shares no code with the hub.
"""

from __future__ import annotations

from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from demo.bills import Bill, day_of, euros, read_bills
from demo.verdict import Systems, Verdict
from demo.words import key_of, shop_customers

DEALS: Final = "0-3"
STAGE: Final = {"draft": "appointmentscheduled", "open": "contractsent", "completed": "closedwon", "cancelled": "closedlost"}
SHOWN: Final = 3
"""How many orders the help desk shows."""


def check_papers(verdict: Verdict, systems: Systems) -> None:
    """Judge orders, refunds, tickets and messages by what the systems hold."""
    bills = read_bills(systems.shop, systems.till, shop_customers(systems.shop))
    _count(verdict, systems, bills)
    _check_deals(verdict, systems.crm, bills)
    for bill in bills:
        _check_booked(verdict, bill)
    bought: dict[str, list[Bill]] = {}
    for bill in bills:
        if bill.email is not None:
            bought.setdefault(bill.email, []).append(bill)
    _check_desk(verdict, systems.desk, bought)


def _count(verdict: Verdict, systems: Systems, bills: list[Bill]) -> None:
    for bill in bills:
        verdict.sales[bill.home] += 1
        verdict.documents["order"] += 1
        verdict.documents["guest order"] += bill.email is None
        verdict.documents.update(part.what for part in bill.parts)
        verdict.money["ordered"] += bill.cents
        verdict.money["paid"] += sum(part.cents or 0 for part in bill.parts if part.what == "payment" and part.state == "paid")
        verdict.money["given back"] += bill.given_back
        verdict.money["given back at a till for the shop"] += sum(bill.booked)
    for ticket in systems.desk.ticket_ids():
        verdict.documents["ticket"] += 1
        verdict.documents["message"] += len(systems.desk.comments(ticket))


# ---- the CRM


def _check_deals(verdict: Verdict, crm: Any, bills: list[Bill]) -> None:
    deals: dict[str, list[str]] = {}
    for one in crm.ids(DEALS):
        deals.setdefault((crm.record(DEALS, one) or {})["dealname"], []).append(one)
    for bill in bills:
        found = deals.pop(bill.number, [])
        verdict.check("deal", bill.number, "how many", {"crm": len(found), bill.home: 1}, "not exactly one deal")
        for one in found[:1]:
            _check_deal(verdict, crm, one, bill)
    for number, found in deals.items():
        verdict.blame("deal", number, "", {"crm": found}, "a deal without an order")


def _check_deal(verdict: Verdict, crm: Any, one: str, bill: Bill) -> None:
    held = crm.record(DEALS, one) or {}
    verdict.check("deal", bill.number, "amount", {"crm": cents_of(held.get("amount")), bill.home: bill.cents})
    verdict.check("deal", bill.number, "stage", {"crm": held.get("dealstage"), bill.home: STAGE[bill.state]})
    contacts = [key_of((crm.contact(each) or {}).get("email", "")) for each in crm.linked(DEALS, one, "contacts")]
    verdict.check("deal", bill.number, "whose", {"crm": contacts, bill.home: [bill.email] if bill.email else []})


def cents_of(value: Any) -> int | None:
    """Return a decimal amount in cents; None for what is no amount or none to the cent."""
    try:
        cents = Decimal(str(value)) * 100
    except InvalidOperation:
        return None
    return int(cents) if cents == int(cents) else None


# ---- the shop


def _check_booked(verdict: Verdict, bill: Bill) -> None:
    """What a till gave back for an order of the shop is booked there, each once, to the cent."""
    if bill.home != "shop":
        return
    at_till = Counter(part.cents or 0 for part in bill.parts if part.what == "refund" and part.home == "till")
    if at_till or bill.booked:
        there = {"till": sorted(at_till.elements()), "shop": sorted(bill.booked)}
        verdict.check("refund", bill.number, "booked in the shop", there, "not booked once, to the cent")


# ---- the help desk


def _check_desk(verdict: Verdict, desk: Any, bought: dict[str, list[Bill]]) -> None:
    asking: Counter[str] = Counter()
    tickets = [desk.ticket(each) for each in desk.ticket_ids()]
    emails = {each: key_of((desk.user(each) or {}).get("email") or "") for each in desk.user_ids()}
    for ticket in tickets:
        asking[emails[str(ticket["requester_id"])]] += ticket["status"] not in ("solved", "closed")
    for one, email in emails.items():
        user = desk.user(one)
        if user["role"] == "end-user":
            _check_user(verdict, email, user["user_fields"], bought.get(email, []), asking[email])
    for ticket in tickets:
        email = emails[str(ticket["requester_id"])]
        if ticket["status"] not in ("solved", "closed"):
            shown = ticket["custom_fields"][0]["value"]
            _check_context(verdict, "ticket", str(ticket["id"]), shown, bought.get(email, []), asking[email])


def _check_user(verdict: Verdict, email: str, shown: Any, bills: list[Bill], asking: int) -> None:
    counted = [bill for bill in bills if bill.counts]
    spent = sum(bill.cents - bill.given_back for bill in counted)
    verdict.check("shown to agents", email, "orders", {"desk": int(shown["orders"] or 0), "systems": len(counted)})
    verdict.check("shown to agents", email, "spent", {"desk": cents_of(shown["spent"] or 0), "systems": spent})
    latest = max((bill.at for bill in bills), default=0)
    last = sorted(bill.number for bill in bills if bill.at == latest)
    is_last = shown["last_order"] in last if last else shown["last_order"] is None
    verdict.check("shown to agents", email, "last order", {"desk": shown["last_order"] if not is_last else last, "systems": last})
    _check_context(verdict, "shown to agents", email, shown["shop_context"], bills, asking)


def _check_context(verdict: Verdict, what: str, key: str, shown: str | None, bills: list[Bill], asking: int) -> None:
    """The newest orders, each a line (of orders of one second, any), how many there were in all, and open tickets."""
    if not bills:
        verdict.check(what, key, "context", {"desk": shown or "", "systems": ""})
        return
    counted = [bill for bill in bills if bill.counts]
    spent = sum(bill.cents - bill.given_back for bill in counted)
    after = [f"{len(counted)} order{'' if len(counted) == 1 else 's'} in all" + (f", {euros(spent)} spent" if counted else "")]
    after += [f"{asking} open ticket{'' if asking == 1 else 's'}"] if asking else []
    ordered = sorted(bills, key=lambda bill: -bill.at)
    oldest = ordered[:SHOWN][-1].at
    could = Counter(_line(bill) for bill in ordered if bill.at >= oldest)
    lines = (shown or "").split("\n")
    orders = Counter(lines[: min(SHOWN, len(bills))])
    wanted = orders if orders <= could else Counter(map(_line, ordered[:SHOWN]))
    there = {"desk": [sorted(orders.elements()), lines[min(SHOWN, len(bills)) :]], "systems": [sorted(wanted.elements()), after]}
    verdict.check(what, key, "context", there)


def _line(bill: Bill) -> str:
    return f"Order {bill.number}, {day_of(bill.at)}, {euros(bill.cents)}, {bill.state}"
