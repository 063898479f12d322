"""A yes taken back: what was not sent waits again, what was sent is put back as a plan, and what cannot be is told with why."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from hub.errors import UsageError
from hub.model.delivery import Attempt, AttemptState, Cover, DeliveryKind
from hub.model.entity import Entity, EntityState, Golden
from hub.model.record import EntityType
from hub.model.run import Approval, Mode
from hub.ops.explain import tell_history
from hub.ops.modes import set_mode
from hub.ops.pins import pin
from hub.ops.plan import approve
from hub.ops.repair import hold_back
from hub.ops.undo_plan import preview_plan, undo_plan
from tests.retailer import Retailer, answer_with, lose_answer, passes
from tests.unit.ops.desk import Desk, all_lines, soon

NAMES = ("Ada", "Bo", "Cy")


def spoil(shops: Retailer) -> None:
    """Let an import in the shop spoil every note."""
    shops.clock.sleep(60)
    for doc in shops.at_shop().values():
        shops.shop.edit_customer(doc["id"], note="#REF!")
    soon(shops)


@pytest.fixture
def desk(shops: Retailer) -> Desk:
    """Return a desk: the till is on trial, and waits for a yes to three notes that an import has spoilt."""
    for one in NAMES:
        shops.shop.add_customer(firstName=one, lastName="Berg", email=f"{one}@example.org", note="tea")
    shops.settle()
    made = Desk(shops)
    set_mode(made.office, "till", Mode.PROPOSE)
    spoil(shops)
    shops.writes()
    return made


def say_yes(desk: Desk) -> int:
    """Say yes to all that waits."""
    return int(approve(desk.office, all_lines(desk.plan()), "kim")["plan"])


def preview(desk: Desk, plan: int) -> dict[str, Any]:
    return desk.look(lambda reader: preview_plan(reader, desk.office.ground, plan, desk.shops.clock.now()))


def notes(shops: Retailer) -> list[str]:
    return sorted(doc["note"] for doc in [*shops.at_till().values(), *shops.at_shop().values()])


def at_till(shops: Retailer) -> list[str]:
    return sorted(doc["note"] for doc in shops.at_till().values())


def test_undo_of_a_plan_puts_all_back_once_it_has_its_yes_when_it_was_sent(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    assert notes(shops) == ["#REF!"] * 6
    done = undo_plan(desk.office, plan, "eve", "a bad import")
    assert [(row["field"], row["shown"]) for row in done["undone"]] == [("note", "#REF! -> tea")] * 3
    assert (done["plan"], done["by"], done["waiting"], done["withdrawn"], done["left"]) == (plan, "kim", 6, [], {})
    soon(shops)
    assert notes(shops) == ["#REF!"] * 6
    assert {one.state for one in desk.plan()} == {f"waiting for your yes: plan {plan} is undone"}
    say_yes(desk)
    soon(shops)
    assert notes(shops) == ["tea"] * 6
    told = desk.look(lambda reader: tell_history(reader, desk.customer("ada@example.org"), "note"))["history"]
    assert [(one["what"], one["by"], one["why"]) for one in told if one["by"] == "eve"] == [
        ("pinned", "eve", f"undone: plan {plan}: a bad import")
    ]


def test_preview_names_what_would_be_written_when_a_plan_is_only_looked_at(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    told = preview(desk, plan)
    assert [row["shown"] for row in told["undone"]] == ["#REF! -> tea"] * 3
    written = [(one["connection"], line["shown"]) for one in told["sent"] for line in one["lines"]]
    assert sorted(written) == [*[("shop", "#REF! -> tea")] * 3, *[("till", "#REF! -> tea")] * 3]
    assert (desk.plan(), desk.customer("ada@example.org").overrides) == ([], {})


def test_undo_of_a_plan_withdraws_what_was_not_sent_yet(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    told = preview(desk, plan)
    done = undo_plan(desk.office, plan, "eve", "too soon")
    assert [row["shown"] for row in told["withdrawn"]] == [row["shown"] for row in done["withdrawn"]] == ["tea -> #REF!"] * 3
    assert (done["undone"], done["left"], done["waiting"]) == ([], {}, 0)
    soon(shops)
    assert (at_till(shops), shops.writes()["till"]) == (["tea"] * 3, [])
    assert {(one.state, one.taken_back) for one in desk.plan()} == {(f"waiting for your yes: plan {plan} was taken back", True)}
    assert desk.customer("ada@example.org").overrides == {}
    told = desk.look(lambda reader: tell_history(reader, desk.customer("ada@example.org"), "note"))["history"][-1]
    assert (told["what"], told["connection"], told["by"]) == ("change not approved any more", "till", "eve")
    assert told["why"] == f"plan {plan} was taken back: too soon"


def test_withdrawn_change_goes_when_it_has_another_yes(shops: Retailer, desk: Desk) -> None:
    undo_plan(desk.office, say_yes(desk), "eve")
    say_yes(desk)
    soon(shops)
    assert (at_till(shops), desk.plan()) == (["#REF!"] * 3, [])


def test_withdrawn_change_stays_when_the_connection_becomes_live(shops: Retailer, desk: Desk) -> None:
    undo_plan(desk.office, say_yes(desk), "eve")
    set_mode(desk.office, "till", Mode.LIVE)
    soon(shops)
    assert at_till(shops) == ["tea"] * 3


def test_braked_change_is_withdrawn_when_its_connection_is_live(shops: Retailer, desk: Desk) -> None:
    ids = [desk.customer(f"{one}@example.org").id for one in NAMES]
    desk.office.write(lambda unit: hold_back(unit, ids, "found by an audit"))
    set_mode(desk.office, "till", Mode.LIVE)
    assert len(undo_plan(desk.office, say_yes(desk), "eve")["withdrawn"]) == 3
    soon(shops)
    assert at_till(shops) == ["tea"] * 3


def test_undo_withdraws_the_rest_and_puts_back_what_went_when_a_plan_is_half_sent(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    shops.wires["till"].breaks = [passes, *[answer_with(429)] * 9]
    shops.round()
    assert at_till(shops) == ["#REF!", "tea", "tea"]
    shops.wires["till"].breaks = []
    done = undo_plan(desk.office, plan, "eve")
    assert (len(done["undone"]), len(done["withdrawn"]), done["stays"]) == (1, 2, [])
    soon(shops)
    assert at_till(shops) == ["#REF!", "tea", "tea"]
    back = [item for item in desk.plan() if not item.taken_back]
    assert len(back) == 2
    approve(desk.office, all_lines(back), "kim")
    soon(shops)
    assert at_till(shops) == ["tea"] * 3


def test_undo_asks_to_wait_when_a_change_is_on_its_way_and_does_not_send_it_again(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    shops.wires["till"].breaks = [lose_answer]
    shops.round()
    done = undo_plan(desk.office, plan, "eve")
    assert done["left"] == {"on its way just now: undo it once more when it was sent": 1}
    assert len(done["undone"]) + len(done["withdrawn"]) == 2
    soon(shops)
    again = undo_plan(desk.office, plan, "eve")
    assert [row["shown"] for row in again["undone"]] == ["#REF! -> tea"]


def test_undo_leaves_what_was_changed_since_when_a_plan_is_undone(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    shops.clock.sleep(60)
    shops.till.edit_customer(shops.at_till()["ada@example.org"]["id"], note="milk")
    soon(shops)
    done = undo_plan(desk.office, plan, "eve")
    assert ([row["name"] for row in done["undone"]], done["left"]) == (["Bo Berg", "Cy Berg"], {"changed again since": 1})
    assert [(row["name"], row["field"], row["why"]) for row in done["stays"]] == [("Ada Berg", "note", "changed again since")]


def test_undo_leaves_what_was_pinned_since_when_a_plan_is_undone(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    pin(desk.office, desk.customer("ada@example.org").id, "note", "#REF!", "kim")
    done = undo_plan(desk.office, plan, "eve")
    assert (len(done["undone"]), done["left"]) == (2, {"changed again since": 1})


def test_undo_of_a_plan_twice_finds_nothing_when_it_is_undone(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    undo_plan(desk.office, plan, "eve")
    done = undo_plan(desk.office, plan, "eve")
    assert (done["undone"], done["withdrawn"], done["left"]) == ([], [], {"changed again since": 3})


def test_undo_of_an_undo_brings_back_what_the_plan_wrote(shops: Retailer, desk: Desk) -> None:
    plan = say_yes(desk)
    soon(shops)
    undo_plan(desk.office, plan, "eve")
    shops.clock.sleep(1)
    back = say_yes(desk)
    soon(shops)
    assert len(undo_plan(desk.office, back, "eve")["undone"]) == 3
    say_yes(desk)
    soon(shops)
    assert notes(shops) == ["#REF!"] * 6


def test_undo_leaves_what_its_systems_showed_differently_when_no_value_fits_all(shops: Retailer, desk: Desk) -> None:
    set_mode(desk.office, "shop", Mode.PROPOSE)
    ada = desk.customer("ada@example.org").id
    pin(desk.office, ada, "note", "milk", "kim")
    plan = approve(desk.office, all_lines([item for item in desk.plan() if item.entity_id == ada]), "kim")["plan"]
    soon(shops)
    done = undo_plan(desk.office, plan, "eve")
    assert (done["undone"], done["left"]) == ([], {"shown differently by its systems before: pin what is right": 2})


def test_undo_puts_back_what_was_entered_when_a_system_showed_its_own_rendering_of_it(shops: Retailer, desk: Desk) -> None:
    shops.shop.edit_customer(shops.at_shop()["ada@example.org"]["id"], lastName="Holm")
    soon(shops)
    plan = say_yes(desk)
    soon(shops)
    desk.office.write(lambda unit: unit.save_approvals(map(in_capitals, unit.approvals([desk.customer("ada@example.org").id]))))
    assert [row["shown"] for row in preview(desk, plan)["undone"] if row["field"] == "family_name"] == ["Holm -> Berg"]


def in_capitals(line: Approval) -> Approval:
    """Let a system have shown a value in capitals."""
    return replace(line, seen=str(line.seen).upper())


def test_undo_puts_back_what_went_when_more_of_its_record_still_waits(shops: Retailer, desk: Desk) -> None:
    shops.shop.edit_customer(shops.at_shop()["ada@example.org"]["id"], lastName="Holm")
    soon(shops)
    plan = approve(desk.office, all_lines(desk.plan(), "note"), "kim")["plan"]
    soon(shops)
    assert desk.lines() == {"family_name": "Berg -> Holm"}
    done = undo_plan(desk.office, plan, "eve")
    assert (len(done["undone"]), done["withdrawn"]) == (3, [])


def test_undo_puts_back_nothing_when_all_was_sent_before_the_yes(shops: Retailer) -> None:
    desk = Desk(shops)
    desk.office.write(lambda unit: sent_line(unit, Entity(900, EntityType.CUSTOMER), "note", sent_at=4))
    assert undo_plan(desk.office, 7, "eve")["left"] == {"never sent": 1}


def test_undo_leaves_a_record_that_was_made_and_withdraws_one_that_was_not(shops: Retailer, desk: Desk) -> None:
    shops.shop.add_customer(firstName="Di", lastName="Lind", email="di@example.org")
    soon(shops)
    plan = approve(desk.office, all_lines([item for item in desk.plan() if item.action == "create"]), "kim")["plan"]
    told = preview(desk, plan)
    assert [(row["name"], row["field"]) for row in told["withdrawn"]] == [("Di Lind", "")]
    soon(shops)
    assert "di@example.org" in shops.at_till()
    told = undo_plan(desk.office, plan, "eve")
    assert (told["undone"], told["left"]) == ([], {"a new record, which is only deleted in that system itself": 1})


def test_new_record_is_not_made_when_its_yes_was_taken_back(shops: Retailer, desk: Desk) -> None:
    shops.shop.add_customer(firstName="Di", lastName="Lind", email="di@example.org")
    soon(shops)
    undo_plan(desk.office, say_yes(desk), "eve")
    set_mode(desk.office, "till", Mode.LIVE)
    soon(shops)
    assert "di@example.org" not in shops.at_till()


def test_undo_is_refused_when_there_is_no_such_plan(shops: Retailer, desk: Desk) -> None:
    with pytest.raises(UsageError, match="no plan 99") as refused:
        undo_plan(desk.office, 99, "eve")
    assert "hub plans" in refused.value.fix


def sent_line(unit: Any, entity: Entity, path: str, action: str = "change", sent_at: int = 6) -> None:
    """Put an approved line into the store that was sent since."""
    unit.save_entities([entity])
    link_id = 0 if action == "create" else 1000 + entity.id
    unit.save_approvals([Approval("till", "any", entity.id, path, "d", "kim", 5, 7, link_id, action, "", "a", "b")])
    covers = {path: Cover(1, 1, "b")} if path else {}
    attempt = Attempt(
        entity.id,
        1,
        DeliveryKind.STATE,
        action,
        "till",
        "any",
        entity.type,
        entity.id,
        link_id or None,
        None,
        "k",
        [],
        {},
        covers,
    )
    attempt.state, attempt.started_at = AttemptState.CLOSED, sent_at
    unit.save_attempts([attempt])


@pytest.mark.parametrize(("kind", "path", "state", "why"), [
    (EntityType.REFUND, "state", EntityState.LIVE, "a document, which is never taken back once it was sent"),
    (EntityType.ORDER, "state", EntityState.LIVE, "a document, which is never taken back once it was sent"),
    (EntityType.INVENTORY_LEVEL, "available", EntityState.LIVE, "stock, which is counted where it lies"),
    (EntityType.CUSTOMER, "", EntityState.ENDED, "a deleted record, which stays deleted"),
    (EntityType.CUSTOMER, "note", EntityState.ENDED, "of a record that is no longer in use"),
    (EntityType.CUSTOMER, "addresses/1", EntityState.LIVE, "an element of a list"),
    (EntityType.CUSTOMER, "summary.orders", EntityState.LIVE, "worked out by the hub"),
    (EntityType.CUSTOMER, "company_of", EntityState.LIVE, "nothing that can be set by hand"),
])  # fmt: skip
def test_undo_says_why_a_line_stays_when_it_can_never_be_put_back(
    shops: Retailer, kind: EntityType, path: str, state: EntityState, why: str
) -> None:
    desk = Desk(shops)
    entity = Entity(900, kind, {path: Golden("b", 1, 0, 1)}, refs={"variant": 901, "location": 902}, state=state)
    desk.office.write(lambda unit: sent_line(unit, entity, path))
    assert undo_plan(desk.office, 7, "eve")["left"] == {why: 1}


def test_undo_never_takes_back_a_document_when_it_was_made(shops: Retailer) -> None:
    desk = Desk(shops)
    desk.office.write(lambda unit: sent_line(unit, Entity(900, EntityType.REFUND), "amount", "create"))
    assert undo_plan(desk.office, 7, "eve")["left"] == {"a document, which is never taken back once it was sent": 1}


def test_every_line_is_looked_at_when_a_plan_is_longer_than_one_part(shops: Retailer) -> None:
    desk = Desk(shops)
    found = [Entity(900 + n, EntityType.CUSTOMER) for n in range(501)]

    def put(unit: Any) -> None:
        unit.save_entities(found)
        unit.save_approvals(Approval("till", "customers", one.id, "note", "d", "kim", 5, 7, one.id, "change") for one in found)

    desk.office.write(put)
    assert preview(desk, 7)["left"] == undo_plan(desk.office, 7, "eve")["left"] == {"never sent": 501}
