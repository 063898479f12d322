"""The oracle of the demo reads what the hub tells of customers and orders, and sees what is missing or told twice."""

from __future__ import annotations

from typing import Any

import pytest

from demo.histories import check_histories
from demo.verdict import Systems, Verdict
from tests.unit.demo.test_oracle import Pair

PLACED = {"what": "order", "system_of_record": "shop", "number": "#1001", "of": None, "state": "open", "amount": {"amount": 2580}}
PAID = {"what": "payment", "system_of_record": "shop", "number": None, "of": "#1001", "state": "paid", "amount": {"amount": 2580}}
ASKED = {"what": "ticket", "system_of_record": "desk", "number": "1", "of": None, "state": "new", "amount": None}
SAID = {"what": "message", "system_of_record": "desk", "number": None, "of": "1", "state": "inbound", "amount": None}


def told(*timeline: dict[str, Any], wrong: tuple[str, ...] = ()) -> list[str]:
    """Return what the judge finds where the hub tells this of the customer, and rightly of the order."""
    pair = Pair()
    pair.ordered()
    pair.desk.add_ticket(pair.desk_id, "Where is it?", "I wait.")
    verdict = Verdict()

    def ask(kind: str, ident: str) -> dict[str, Any]:
        lines = [PAID] if kind == "order" else list(timeline)
        return {"entity": kind, "timeline": lines, "wrong": list(wrong)}

    check_histories(verdict, Systems(pair.shop, pair.till, pair.crm, pair.desk), ask)
    return [f"{each.what}: {each.field}" for each in verdict.differences]


def test_history_is_right_when_it_tells_each_thing_once() -> None:
    assert told(PLACED, PAID, ASKED, SAID) == []


@pytest.mark.parametrize("lines", [(PLACED, PAID, ASKED), (PLACED, PAID, ASKED, SAID, SAID), (PLACED, ASKED, SAID), ()])
def test_history_is_wrong_when_something_is_missing_or_told_twice(lines: tuple[dict[str, Any], ...]) -> None:
    assert told(*lines) == ["history of customer: timeline"]


def test_history_is_wrong_when_a_payment_is_a_cent_off() -> None:
    assert told(PLACED, {**PAID, "amount": {"amount": 2579}}, ASKED, SAID) == ["history of customer: timeline"]


def test_history_is_wrong_when_the_hub_says_that_money_does_not_add_up() -> None:
    assert told(PLACED, PAID, ASKED, SAID, wrong=("a cent",)) == ["history of order: money", "history of customer: money"]
