"""All edits of a run undone: what counted before counts again, and what follows waits for a yes as one plan."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.ops.plan import approve
from hub.ops.undo_run import list_runs, preview_run, undo_run
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk, all_lines

NAMES = ("Ada", "Bo", "Cy")


def last_edit(shops: Retailer, desk: Desk) -> int:
    """Return the newest run of the shop's customers that brought something."""
    runs = desk.look(lambda reader: list_runs(reader, "shop"))
    return next(int(run["run"]) for run in runs if run["stream"] == "customers" and run["records"].get("applied"))


@pytest.fixture
def desk(shops: Retailer) -> Desk:
    """Return a desk: an import in the shop has just spoilt the notes of three, the till shows it too."""
    ids = [shops.shop.add_customer(firstName=one, lastName="Berg", email=f"{one}@example.org", note="tea") for one in NAMES]
    shops.settle()
    shops.clock.sleep(60)
    for one in ids:
        shops.shop.edit_customer(one, note="#REF!")
    shops.poll()
    return Desk(shops)


def notes(shops: Retailer) -> list[str]:
    return sorted(doc["note"] for doc in [*shops.at_till().values(), *shops.at_shop().values()])


def test_undo_of_a_run_waits_for_a_yes_and_sets_all_back_when_it_came(shops: Retailer, desk: Desk) -> None:
    done = undo_run(desk.office, last_edit(shops, desk), "kim", "a bad import")
    assert [(row["field"], row["shown"]) for row in done["undone"]] == [("note", "#REF! -> tea")] * 3
    assert (done["waiting"], done["left"]) == (6, {})
    shops.poll()
    assert notes(shops) == ["#REF!"] * 6
    plan = desk.plan()
    assert {one.state for one in plan} == {f"waiting for your yes: run {done['run']} is undone"}
    approve(desk.office, all_lines(plan), "kim")
    shops.poll()
    assert notes(shops) == ["tea"] * 6


def test_preview_names_what_would_be_written_when_a_run_is_only_looked_at(shops: Retailer, desk: Desk) -> None:
    run = last_edit(shops, desk)
    told = desk.look(lambda reader: preview_run(reader, desk.office.ground, run, shops.clock.now()))
    assert sorted((one["connection"], line["shown"]) for one in told["sent"] for line in one["lines"]) == [
        *[("shop", "#REF! -> tea")] * 3,
        *[("till", "#REF! -> tea")] * 3,
    ]
    assert desk.plan() == []
    assert desk.customer("ada@example.org").overrides == {}


def test_undo_leaves_what_was_changed_since_when_a_run_is_undone(shops: Retailer, desk: Desk) -> None:
    run = last_edit(shops, desk)
    shops.clock.sleep(60)
    shops.till.edit_customer(shops.at_till()["ada@example.org"]["id"], note="milk")
    shops.poll()
    done = undo_run(desk.office, run, "kim")
    assert ([row["name"] for row in done["undone"]], done["left"]) == (["Bo Berg", "Cy Berg"], {"changed again since": 1})
    assert desk.customer("ada@example.org").golden["note"].value == "milk"


def test_undo_of_a_run_twice_finds_nothing_when_it_is_undone(shops: Retailer, desk: Desk) -> None:
    run = last_edit(shops, desk)
    undo_run(desk.office, run, "kim")
    done = undo_run(desk.office, run, "kim")
    assert (done["undone"], done["left"]) == ([], {"changed again since": 3})


def test_undo_takes_nothing_of_another_stream_when_a_run_is_undone(shops: Retailer, desk: Desk) -> None:
    runs = desk.look(lambda reader: list_runs(reader, "till"))
    (run, *_) = [int(one["run"]) for one in runs if one["stream"] == "customers"]
    assert undo_run(desk.office, run, "kim")["undone"] == []


def test_undo_is_refused_when_there_is_no_such_run(shops: Retailer, desk: Desk) -> None:
    with pytest.raises(UsageError, match="no run 999") as refused:
        undo_run(desk.office, 999, "kim")
    assert "hub runs" in refused.value.fix
