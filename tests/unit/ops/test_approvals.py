"""Who said yes to what is told: in the history of a record, where a value or a record is explained, and plan by plan."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model.run import Mode
from hub.ops.approvals import list_plans
from hub.ops.explain import explain_entity, tell_history
from hub.ops.modes import set_mode
from hub.ops.plan import approve
from hub.ops.repair import hold_back
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk, all_lines, soon

ADA = {"firstName": "Ada", "lastName": "Berg", "email": "ada@example.org", "note": "tea"}


@pytest.fixture
def desk(shops: Retailer) -> Desk:
    """Return a desk: Ada is known in both, the till is on trial, and two of her fields were changed in the shop."""
    ada = shops.shop.add_customer(**ADA)
    shops.settle()
    made = Desk(shops)
    set_mode(made.office, "till", Mode.PROPOSE)
    shops.clock.sleep(60)
    shops.shop.edit_customer(ada, lastName="Holm", note="coffee")
    soon(shops)
    return made


def explained(desk: Desk, said: str = "ada@example.org") -> dict[str, Any]:
    entity = desk.customer(said)
    return desk.look(lambda reader: explain_entity(reader, desk.office.ground, entity))


def at_till(desk: Desk, field: str) -> dict[str, Any]:
    """Return what the till shows of a field."""
    (found,) = [one for one in explained(desk)["fields"] if one["field"] == field]
    return next(seen for seen in found["seen"] if seen["connection"] == "till")


def yeses(desk: Desk, field: str | None = None, said: str = "ada@example.org") -> list[tuple[Any, ...]]:
    entity = desk.customer(said)
    told = desk.look(lambda reader: tell_history(reader, entity, field))["history"]
    found = [one for one in told if one["plan"]]
    return [(one["what"], one["connection"], one["by"], one["why"], [c["field"] for c in one["changes"]]) for one in found]


def test_history_names_who_said_yes_when_a_change_had_waited_for_it(shops: Retailer, desk: Desk) -> None:
    approve(desk.office, all_lines(desk.plan(), "family_name"), "eve")
    approve(desk.office, all_lines(desk.plan(), "note"), "kim")
    soon(shops)
    assert yeses(desk) == [
        ("change approved", "till", "eve", "plan 1", ["family_name"]),
        ("change approved", "till", "kim", "plan 2", ["note"]),
    ]
    assert yeses(desk, "note") == [("change approved", "till", "kim", "plan 2", ["note"])]


def test_history_stands_in_the_order_of_time_when_a_yes_is_part_of_it(shops: Retailer, desk: Desk) -> None:
    approve(desk.office, all_lines(desk.plan()), "eve")
    shops.clock.sleep(60)
    (there,) = shops.till.customer_ids()
    shops.till.edit_customer(there, note="milk")
    soon(shops)
    entity = desk.customer("ada@example.org")
    told = desk.look(lambda reader: tell_history(reader, entity, "note"))["history"]
    assert [one["what"] for one in told][-3:] == ["changed there", "change approved", "changed there"]
    assert told[-2]["changes"] == [{"field": "note", "from": "tea", "to": "coffee", "counted": True}]


def test_value_says_on_whose_yes_it_was_written_when_it_is_explained(shops: Retailer, desk: Desk) -> None:
    assert at_till(desk, "note")["approved"] is None
    approve(desk.office, all_lines(desk.plan(), "note"), "eve")
    (waiting,) = [one for one in explained(desk)["waiting"] if one["connection"] == "till"]
    assert (waiting["approved"]["by"], waiting["approved"]["plan"]) == ("eve", 1)
    soon(shops)
    assert (at_till(desk, "note")["approved"] or {}).items() >= {"plan": 1, "by": "eve", "why": ""}.items()
    (waiting,) = [one for one in explained(desk)["waiting"] if one["connection"] == "till"]
    assert (waiting["fields"], waiting["approved"]) == (["family_name"], None)


def test_value_says_nothing_of_a_yes_when_it_was_written_without_one(shops: Retailer, desk: Desk) -> None:
    approve(desk.office, all_lines(desk.plan()), "eve")
    soon(shops)
    set_mode(desk.office, "till", Mode.LIVE)
    shops.shop.edit_customer(shops.at_shop()["ada@example.org"]["id"], note="cocoa")
    soon(shops)
    assert at_till(desk, "note")["approved"] is None
    assert at_till(desk, "family_name")["approved"]["by"] == "eve"


def test_record_says_on_whose_yes_it_was_made_when_it_is_explained(shops: Retailer, desk: Desk) -> None:
    shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    soon(shops)
    approve(desk.office, all_lines([item for item in desk.plan() if item.action == "create"]), "kim")
    soon(shops)
    records = {one["connection"]: one["approved"] for one in explained(desk, "bo@example.org")["records"]}
    assert (records["shop"], records["till"]["by"], records["till"]["plan"]) == (None, "kim", 1)
    assert {one["connection"]: one["approved"] for one in explained(desk)["records"]} == {"shop": None, "till": None}
    ((what, *_, fields),) = yeses(desk, said="bo@example.org")
    assert (what, {"given_name", "family_name", "email"} <= set(fields)) == ("new record approved", True)


def test_plans_are_listed_with_what_they_held_when_somebody_said_yes(shops: Retailer, desk: Desk) -> None:
    assert desk.look(list_plans) == []
    shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    soon(shops)
    approve(desk.office, all_lines(desk.plan()), "kim")
    (one,) = desk.look(list_plans)
    assert (one["plan"], one["by"]) == (1, "kim")
    told = [(part["connection"], part["action"], part["why"], part["records"], part["lines"]) for part in one["parts"]]
    assert told == [("till", "change", "", 1, 2), ("till", "create", "", 1, 3)]


def test_what_held_a_change_back_is_told_when_it_has_its_yes(shops: Retailer, desk: Desk) -> None:
    ada = desk.customer("ada@example.org").id
    desk.office.write(lambda unit: hold_back(unit, [ada], "found by an audit"))
    approve(desk.office, all_lines(desk.plan()), "kim")
    assert [part["why"] for one in desk.look(list_plans) for part in one["parts"]] == ["found by an audit"]
    assert [why for _, _, _, why, _ in yeses(desk)] == ["plan 1: found by an audit"]
    soon(shops)
    assert at_till(desk, "note")["approved"]["why"] == "found by an audit"


def test_new_record_waits_without_a_yes_when_it_changed_since(shops: Retailer, desk: Desk) -> None:
    made = shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    soon(shops)
    approve(desk.office, all_lines([item for item in desk.plan() if item.action == "create"]), "kim")
    assert [one["approved"]["by"] for one in explained(desk, "bo@example.org")["waiting"]] == ["kim"]
    shops.shop.edit_customer(made, lastName="Lund")
    shops.hub.lanes["shop"].poll_now({"customers"})
    shops.hub.lanes["shop"].pull_due()
    assert [one["approved"] for one in explained(desk, "bo@example.org")["waiting"]] == [None]
