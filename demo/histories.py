"""Customer histories: does the hub tell of each customer and order all that happened, each thing once, and nothing else?

In: what `hub show customer ... --json` and `hub show order ... --json` answer, and the simulators. Out: what is counted and what
does not fit, in a verdict. Part of the judge: it shares no code with the hub.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, Final

from demo.bills import Bill, read_bills
from demo.verdict import Doc, Systems, Verdict
from demo.words import key_of, shop_customers

Line = tuple[str, str, str, str, int | None]
"""What, where it lives, its number or that of what it belongs to, its state, cents."""
Ask = Callable[[str, str], Doc]
"""(customer | order, e-mail or number) -> what `hub show` answers."""
STATES: Final = {"hold": "on_hold"}
NUMBERED: Final = ("order", "ticket", "return")


def check_histories(verdict: Verdict, systems: Systems, ask: Ask) -> None:
    """Hold what the hub tells of every order and of everybody who bought or asked against the systems."""
    bills = read_bills(systems.shop, systems.till, shop_customers(systems.shop))
    told: dict[str, Counter[Line]] = {}
    about = _named(systems.desk, bills)
    for bill in bills:
        lines = _lines_of(bill)
        hanging = lines - Counter([_order_line(bill)]) + about[bill.number]
        _check(verdict, "history of order", bill.number, ask("order", bill.number), hanging)
        if bill.email is not None:
            told.setdefault(bill.email, Counter()).update(lines)
    for email, lines in _tickets(systems.desk).items():
        told.setdefault(email, Counter()).update(lines)
    for email, lines in sorted(told.items()):
        _check(verdict, "history of customer", email, ask("customer", email), lines)


def _check(verdict: Verdict, what: str, key: str, shown: Doc, wanted: Counter[Line]) -> None:
    own = key if shown["entity"] == "order" else ""
    found = Counter(_line(each, own) for each in shown["timeline"])
    verdict.compared[what] += max(wanted.total(), 1)
    if found != wanted:
        there = {"hub": sorted(map(str, (found - wanted).elements())), "systems": sorted(map(str, (wanted - found).elements()))}
        verdict.blame(what, key, "timeline", there, "not all that happened, each once")
    if shown["wrong"]:
        verdict.blame(what, key, "money", {"hub": shown["wrong"]}, "its money does not add up")


def _line(shown: Mapping[str, Any], own: str) -> Line:
    """`own`: the number of the order that is asked about, which its own lines need not name."""
    what, amount = shown["what"], shown["amount"]
    number = shown["number"] if what in NUMBERED else shown["of"] or own
    return (what, shown["system_of_record"], str(number or ""), str(shown["state"] or ""), amount["amount"] if amount else None)


def _lines_of(bill: Bill) -> Counter[Line]:
    lines = Counter([_order_line(bill)])
    for part in bill.parts:
        number = part.number if part.what in NUMBERED else bill.number
        lines[part.what, part.home, number, part.state, part.cents] += 1
    return lines


def _order_line(bill: Bill) -> Line:
    return ("order", bill.home, bill.number, bill.state, bill.cents)


def _named(desk: Any, bills: list[Bill]) -> dict[str, Counter[Line]]:
    """Return order -> the tickets that name it."""
    found: dict[str, Counter[Line]] = {bill.number: Counter() for bill in bills}
    for one in desk.ticket_ids():
        ticket = desk.ticket(one)
        about = ticket["custom_fields"][1]["value"]
        if about in found:
            found[about]["ticket", "desk", one, STATES.get(ticket["status"], ticket["status"]), None] += 1
    return found


def _tickets(desk: Any) -> dict[str, Counter[Line]]:
    """Return e-mail -> the lines of the tickets of whoever has it."""
    found: dict[str, Counter[Line]] = {}
    for one in desk.ticket_ids():
        ticket = desk.ticket(one)
        email = key_of((desk.user(str(ticket["requester_id"])) or {})["email"])
        lines = found.setdefault(email, Counter())
        state = STATES.get(ticket["status"], ticket["status"])
        lines["ticket", "desk", one, state, None] += 1
        for comment in desk.comments(one):
            lines["message", "desk", one, _direction(desk, comment), None] += 1
    return found


def _direction(desk: Any, comment: Doc) -> str:
    if not comment["public"]:
        return "internal"
    writer = desk.user(str(comment["author_id"])) or {"role": "admin"}
    return "inbound" if writer["role"] == "end-user" else "outbound"
