"""What is planned: which deliveries there are, what they are about, and what they wait for."""

from __future__ import annotations

from typing import Any

import pytest

from hub.config import Belonging
from hub.config.shape import Delete, Update
from hub.model.delivery import Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity, EntityState, Golden
from hub.model.link import LinkState, Stands
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.push.due import Line, line_digest
from tests.unit.push.workshop import MAIL, ORDER, PERSON, PRODUCT, VARIANT, Workshop

DUE, WAITING, ASKING = DeliveryState.DUE, DeliveryState.WAITING, DeliveryState.ASKING
NOTE = Line("note", "old", "new")


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def shown(delivery: Delivery) -> tuple[str, str, str, str]:
    return delivery.state.value, delivery.wait, delivery.brake, delivery.about


def noted(workshop: Workshop) -> Entity:
    """Return a customer whose note differs in the till."""
    ada = workshop.entity(1, PERSON, note="new")
    workshop.link(ada, note="old")
    return ada


def test_plan_makes_a_delivery_for_each_record_that_differs() -> None:
    workshop = Workshop()
    ada = noted(workshop)
    keep, drop = workshop.plan(100)
    assert keep == [Delivery(1, DeliveryKind.STATE, "till", "customers", PERSON, 1, 2, since=100)]
    assert (drop, workshop.known.deliveries) == ([], {2: keep[0]})
    ada.golden["note"] = Golden("newer", 0, 0, 6)
    again, _ = workshop.plan(200)
    assert (again, again[0].since) == (keep, 100)


def test_plan_drops_what_is_no_longer_due_unless_it_is_on_its_way() -> None:
    workshop = Workshop()
    ada = noted(workshop)
    [delivery], _ = workshop.plan()
    link = workshop.known.by_id[2]
    link.claims["note"].stands, link.attempt_id = Stands(5, 0), 1
    assert workshop.plan() == ([], [])
    assert workshop.known.deliveries == {2: delivery}
    link.attempt_id = None
    assert workshop.plan() == ([], [delivery])
    assert workshop.known.deliveries == {}
    assert workshop.plan() == ([], [])
    assert ada.id in workshop.known.touched


def test_plan_looks_at_every_link_when_one_of_them_needs_nothing() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new")
    for held in ("new", "old", "new", "older"):
        workshop.link(ada, note=held)
    assert [delivery.link_id for delivery in workshop.plan()[0]] == [3, 5]


@pytest.mark.parametrize(("state", "not_before", "after"), [
    (WAITING, 99, (DUE, "")), (WAITING, 100, (DUE, "")), (WAITING, 101, (WAITING, "a limit")), (DUE, 100, (DUE, "a limit")),
])  # fmt: skip
def test_plan_wakes_what_waited_long_enough(state: DeliveryState, not_before: int, after: tuple[DeliveryState, str]) -> None:
    workshop = Workshop()
    ada = noted(workshop)
    link = workshop.known.by_id[2]
    workshop.known.deliveries[2] = workshop.delivery(ada, link, state=state, wait="a limit", not_before=not_before)
    [delivery], _ = workshop.plan(100)
    assert (delivery.state, delivery.wait) == after


@pytest.mark.parametrize(("mode", "held", "approved", "state"), [
    (Mode.LIVE, "", {}, DUE), (Mode.PROPOSE, "", {}, ASKING), (Mode.PROPOSE, "", {"note": line_digest(NOTE)}, DUE),
    (Mode.PROPOSE, "", {"note": "another"}, ASKING), (Mode.LIVE, "prices", {}, ASKING),
    (Mode.LIVE, "prices", {"note": line_digest(NOTE)}, DUE),
])  # fmt: skip
def test_plan_asks_when_it_has_no_yes(mode: Mode, held: str, approved: dict[str, str], state: DeliveryState) -> None:
    workshop = Workshop()
    ada = noted(workshop)
    workshop.known.modes["till"] = mode
    workshop.known.deliveries[2] = workshop.delivery(ada, workshop.known.by_id[2], brake=held, approved=approved)
    [delivery], _ = workshop.plan()
    assert delivery.state is state


def test_update_waits_for_nothing_any_more_when_it_has_a_yes() -> None:
    workshop = Workshop()
    ada = noted(workshop)
    known = workshop.known.deliveries[2] = workshop.delivery(ada, workshop.known.by_id[2], state=ASKING, wait="prices changed")
    workshop.plan()
    assert (known.state, known.wait) == (DUE, "")


@pytest.mark.parametrize(("at_first", "after"), [
    (("", "prices"), ("asking", "mapping changed", "mapping", "")), (("", ""), ("asking", "mapping changed", "mapping", "")),
    (("prices", ""), ("asking", "prices", "prices", "")),
])  # fmt: skip
def test_brake_stops_what_has_none_yet(at_first: tuple[str, str], after: tuple[str, str, str, str]) -> None:
    workshop = Workshop()
    ada = noted(workshop)
    known = workshop.known.deliveries[2] = workshop.delivery(ada, workshop.known.by_id[2], brake=at_first[0], about=at_first[1])
    workshop.plan(brake="mapping")
    assert shown(known) == after
    workshop.plan()
    assert known.state is ASKING


def test_brake_stops_all_but_acts() -> None:
    workshop = Workshop()
    ada = noted(workshop)
    order = workshop.entity(2, ORDER, number="1")
    link = workshop.link(order, number="1")
    act = workshop.delivery(
        order, link, act={"verb": "cancel", "args": {}, "by": "kim", "expected": {}, "reaches": {"state": ["x"]}}
    )
    act.kind = DeliveryKind.ACT
    workshop.known.deliveries[link.id] = act
    workshop.entity(3, PERSON, email=MAIL)
    keep, _ = workshop.plan(brake="mapping")
    assert [(one.entity_id, shown(one)[:3]) for one in keep] == [
        (ada.id, ("asking", "mapping changed", "mapping")), (2, ("due", "", "")), (3, ("asking", "mapping changed", "mapping")),
    ]  # fmt: skip


def test_act_goes_when_it_is_over_and_stays_before() -> None:
    workshop = Workshop()
    order = workshop.entity(2, ORDER, number="2")
    link = workshop.link(order, number="1")
    act = workshop.delivery(
        order, link, act={"verb": "cancel", "args": {}, "by": "kim", "expected": {}, "reaches": {"number": ["2"]}}
    )
    act.kind = DeliveryKind.ACT
    workshop.known.deliveries[link.id] = act
    assert workshop.plan() == ([act], [])
    link.claims["number"].held = "2"
    assert workshop.plan() == ([], [act])
    assert workshop.known.deliveries == {}


def test_level_is_planned_elsewhere() -> None:
    workshop = Workshop()
    level = Entity(7, EntityType.INVENTORY_LEVEL, {"on_hand": Golden(5, 0, 0, 5)}, refs={"variant": 1, "location": 2})
    workshop.known.add_entity(level)
    workshop.link(level)
    workshop.known.touched = {7: None}
    noted(workshop)
    assert [delivery.entity_id for delivery in workshop.plan()[0]] == [1]


@pytest.mark.parametrize(("kind", "golden", "held", "about"), [
    (VARIANT, {"price": euros(5), "sku": "A"}, {"price": None, "sku": "B"}, "prices"),
    (VARIANT, {"price": euros(5), "sku": "A"}, {"price": euros(5), "sku": "B"}, ""),
    (ORDER, {"total": euros(5)}, {"total": euros(6)}, ""), (PERSON, {"summary__spent": euros(5)}, {"summary__spent": None}, ""),
])  # fmt: skip
def test_delivery_says_that_it_is_about_prices(
    kind: EntityType, golden: dict[str, Any], held: dict[str, Any], about: str
) -> None:
    workshop = Workshop()
    entity = workshop.entity(1, kind, **golden)
    entity.refs = {"order": 1}
    workshop.link(entity, **held)
    [delivery], _ = workshop.plan()
    assert delivery.about == about


@pytest.mark.parametrize(("delete", "can", "mode", "about"), [
    ("delete", "version", Mode.LIVE, ["deletes"]), ("unlink", "version", Mode.LIVE, []), ("archive", "version", Mode.LIVE, []),
    ("delete", None, Mode.LIVE, []), ("delete", "version", Mode.OBSERVE, []), ("delete", "version", Mode.PROPOSE, ["deletes"]),
])  # fmt: skip
def test_record_is_deleted_when_its_entity_ended_and_the_config_says_so(
    delete: str, can: str | None, mode: Mode, about: list[str]
) -> None:
    workshop = Workshop(
        belongs={PERSON: Belonging(delete=Delete(delete))}, traits=Traits(Ordering.COUNTER, update="version", delete=can)
    )
    noted(workshop).state = EntityState.ENDED
    workshop.known.modes["till"] = mode
    assert [delivery.about for delivery in workshop.plan()[0]] == about


@pytest.mark.parametrize(("delete", "mode", "held", "archive", "lines"), [
    ("archive", Mode.LIVE, "active", {"status": "archived"}, ["status"]),
    ("archive", Mode.LIVE, "archived", {"status": "archived"}, []),
    ("archive", Mode.LIVE, "active", {}, []), ("unlink", Mode.LIVE, "active", {"status": "archived"}, []),
    ("archive", Mode.OBSERVE, "active", {"status": "archived"}, []),
    ("archive", Mode.PROPOSE, "active", {"status": "archived"}, ["status"]),
    ("archive", Mode.LIVE, "active", {"handle": "x", "status": "archived"}, ["status"]),
])  # fmt: skip
def test_record_is_put_away_when_its_entity_ended_and_the_config_says_so(
    delete: str, mode: Mode, held: str, archive: dict[str, str], lines: list[str]
) -> None:
    traits = Traits(Ordering.COUNTER, update="version", delete="version", archive=archive)
    workshop = Workshop(belongs={PRODUCT: Belonging(delete=Delete(delete))}, traits=traits)
    shirt = workshop.entity(1, PRODUCT, title="Tee", status="active")
    shirt.state = EntityState.ENDED
    workshop.link(shirt, title="Other", status=held)
    workshop.known.modes["till"] = mode
    keep, _ = workshop.plan()
    assert [(one.about, one.state) for one in keep] == [("deletes", DUE if mode is Mode.LIVE else ASKING) for _ in lines]


@pytest.mark.parametrize(("update", "by_hub", "can", "state", "planned"), [
    ("linked", False, "version", LinkState.LIVE, 1), ("linked", True, "version", LinkState.LIVE, 1),
    ("none", True, "version", LinkState.LIVE, 0),
    ("created_by_hub", False, "version", LinkState.LIVE, 0), ("created_by_hub", True, "version", LinkState.LIVE, 1),
    ("linked", False, None, LinkState.LIVE, 0), ("linked", False, "version", LinkState.ENDED, 0),
    ("linked", False, "version", LinkState.LOST, 0),
])  # fmt: skip
def test_record_is_changed_when_the_config_allows_it(
    update: str, can: str | None, state: LinkState, planned: int, *, by_hub: bool
) -> None:
    workshop = Workshop(belongs={PERSON: Belonging(update=Update(update))}, traits=Traits(Ordering.COUNTER, update=can))
    ada = workshop.entity(1, PERSON, note="new")
    workshop.link(ada, by_hub=by_hub, note="old").state = state
    assert len(workshop.plan()[0]) == planned
    workshop.known.modes["till"] = Mode.OBSERVE
    assert workshop.plan()[0] == []


def test_record_of_a_connection_that_is_gone_is_left_alone() -> None:
    workshop = Workshop()
    ada = noted(workshop)
    workshop.link(ada, "former", note="old")
    workshop.known.modes["former"] = Mode.LIVE
    assert [one.connection for one in workshop.plan()[0]] == ["till"]
    ada.state = EntityState.ENDED
    assert workshop.plan()[0] == []


def test_update_needs_no_yes_where_only_a_create_cannot_be_made_safe() -> None:
    workshop = Workshop(traits=Traits(Ordering.COUNTER, create="plain", update="version"))
    noted(workshop)
    assert [one.state for one in workshop.plan()[0]] == [DUE]
