"""Which records are made: where an entity belongs, what it waits for, and why a person is asked."""

from __future__ import annotations

from typing import Any

import pytest

from hub.config import Belonging, Create
from hub.model.delivery import AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.documents import Document
from hub.model.entity import EntityState, Golden
from hub.model.link import LinkState
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.push.due import Line, create_digest
from tests.unit.push.workshop import CUSTOMERS, MAIL, ORDER, PERSON, REFUND, REFUNDS, Workshop

BEYOND = "more would go back than was paid"
DUE, WAITING, ASKING = DeliveryState.DUE, DeliveryState.WAITING, DeliveryState.ASKING


def euros(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "EUR"}


def test_record_is_made_where_its_entity_belongs() -> None:
    workshop = Workshop()
    workshop.entity(1, PERSON, email=MAIL)
    keep, drop = workshop.plan(100)
    assert keep == [Delivery(1, DeliveryKind.STATE, "till", "customers", PERSON, 1, None, since=100)]
    assert (drop, workshop.known.created) == ([], {(1, "till", "customers"): keep[0]})
    assert workshop.plan(200)[0] == keep


@pytest.mark.parametrize(("state", "operation", "dropped"), [
    (None, "create", 1), (AttemptState.OPEN, "create", 0), (AttemptState.UNKNOWN, "create", 0),
    (AttemptState.CLOSED, "create", 1),
    (AttemptState.OPEN, "adjust", 1),
])  # fmt: skip
def test_create_is_dropped_unless_it_is_under_way(state: AttemptState | None, operation: str, dropped: int) -> None:
    workshop = Workshop()
    ada, other = workshop.entity(1, PERSON, email=MAIL), workshop.entity(2, PERSON, email="b@example.org")
    [delivery, _], _ = workshop.plan()
    workshop.open(other)
    tried = workshop.open(ada, state=state or AttemptState.CLOSED)
    tried.operation = operation
    workshop.known.in_review.add(1)
    _, drop = workshop.plan()
    assert drop == [delivery] * dropped
    assert ((1, "till", "customers") in workshop.known.created) is not bool(dropped)


@pytest.mark.parametrize(("aside", "after"), [
    (0, (0, WAITING, "refused")), (4, (0, DUE, "")), (5, (5, WAITING, "refused")), (6, (6, WAITING, "refused")),
])  # fmt: skip
def test_create_that_was_refused_is_tried_again_when_the_record_moved_on(
    aside: int, after: tuple[int, DeliveryState, str]
) -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL)
    known = workshop.delivery(ada, state=WAITING, wait="refused", aside=aside)
    workshop.known.created[1, "till", "customers"] = known
    workshop.plan()
    assert (known.aside, known.state, known.wait) == after


@pytest.mark.parametrize(("safe", "mode", "brake", "after"), [
    ("marker", Mode.LIVE, "", (DUE, "")), ("marker", Mode.PROPOSE, "", (ASKING, "")),
    ("marker", Mode.LIVE, "mapping", (ASKING, "mapping")),
    ("plain", Mode.LIVE, "", (ASKING, "a create there cannot be made safe")),
    ("plain", Mode.PROPOSE, "mapping", (ASKING, "a create there cannot be made safe")),
])  # fmt: skip
def test_create_says_why_it_asks(safe: str, mode: Mode, brake: str, after: tuple[DeliveryState, str]) -> None:
    workshop = Workshop(traits=Traits(Ordering.COUNTER, create=safe, update="version"))
    ada = workshop.entity(1, PERSON, email=MAIL)
    workshop.known.modes["till"] = mode
    known = workshop.known.created[1, "till", "customers"] = workshop.delivery(ada, brake=brake)
    workshop.plan()
    assert (known.state, known.wait) == after
    known.approved = {"": create_digest([Line("email", None, MAIL)])}
    workshop.plan()
    assert (known.state, known.wait) == (DUE, "")
    known.approved = {"": create_digest([Line("email", None, "other@example.org")])}
    workshop.plan()
    assert known.state is after[0]


@pytest.mark.parametrize(("create", "can", "mode", "made"), [
    (Create.ALWAYS, "marker", Mode.LIVE, 1), (Create.NEVER, "marker", Mode.LIVE, 0), (Create.ALWAYS, None, Mode.LIVE, 0),
    (Create.ALWAYS, "marker", Mode.OBSERVE, 0), (Create.WHEN_REFERENCED, "marker", Mode.LIVE, 0),
])  # fmt: skip
def test_record_is_made_when_the_config_says_so(create: Create, can: str | None, mode: Mode, made: int) -> None:
    workshop = Workshop(belongs={PERSON: Belonging(create=create)}, traits=Traits(Ordering.COUNTER, create=can))
    workshop.entity(1, PERSON, email=MAIL)
    workshop.known.modes["till"] = mode
    assert len(workshop.plan()[0]) == made


def test_record_is_made_when_something_there_refers_to_it() -> None:
    workshop = Workshop(belongs={PERSON: Belonging(create=Create.WHEN_REFERENCED)})
    workshop.entity(1, PERSON, email=MAIL)
    workshop.known.referenced = {(1, "shop"), (2, "till")}
    assert workshop.plan()[0] == []
    workshop.known.referenced.add((1, "till"))
    [delivery], _ = workshop.plan()
    workshop.known.referenced.clear()  # it is planned by now
    assert workshop.plan()[0] == [delivery]
    workshop.known.entities[1].golden["email"] = Golden(None, 0, 0, 6)
    assert workshop.plan() == ([], [delivery])


@pytest.mark.parametrize(("states", "made"), [
    ({"shop": LinkState.ENDED}, 0), ({"shop": LinkState.LIVE, "till": LinkState.ENDED}, 0),
    ({"shop": LinkState.LIVE, "till": LinkState.LIVE}, 0),
    ({"shop": LinkState.LIVE, "till": LinkState.LOST}, 1), ({"shop": LinkState.ENDED, "till": LinkState.LOST}, 1),
    ({"shop": LinkState.LIVE}, 1),
])  # fmt: skip
def test_record_is_made_unless_it_is_there_or_was_deleted(states: dict[str, LinkState], made: int) -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL)
    workshop.known.by_entity[1].clear()
    for name, state in states.items():
        workshop.link(ada, name, email=MAIL).state = state
    assert len([one for one in workshop.plan()[0] if one.link_id is None]) == made


@pytest.mark.parametrize("why", ["merged", "in review", "nothing known", "no mail"])
def test_record_is_not_made_when_its_entity_is_not_ready(why: str) -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL)
    changes: dict[str, Any] = {
        "merged": lambda: setattr(ada, "state", EntityState.MERGED),
        "in review": lambda: workshop.known.in_review.add(1),
        "nothing known": ada.golden.clear,
        "no mail": lambda: ada.golden.update(email=Golden("", 0, 0, 5)),
    }
    changes[why]()
    workshop.entity(2, PERSON, email="b@example.org")
    assert [one.entity_id for one in workshop.plan()[0]] == [2]


def test_records_are_made_in_all_their_homes_in_a_stable_order() -> None:
    workshop = Workshop(texts={"customers": CUSTOMERS, "accounts": CUSTOMERS.replace("stream: customers", "stream: accounts")})
    workshop.entity(1, PERSON, email=MAIL)
    assert [one.stream for one in workshop.plan()[0]] == ["accounts", "customers"]
    workshop.known.in_review.add(1)
    assert [one.stream for one in workshop.plan()[1]] == ["accounts", "customers"]
    assert workshop.ground.homes == {PERSON: [("till", "accounts"), ("till", "customers")]}


@pytest.mark.parametrize(("state", "made"), [(None, 1), ("done", 1), ("pending", 0), ("failed", 0)])
def test_refund_is_shown_when_it_has_happened(state: str | None, made: int) -> None:
    workshop = Workshop()
    order = workshop.entity(1, ORDER, number="1")
    workshop.link(order, number="1")
    refund = workshop.entity(2, REFUND, reason="broken")
    refund.golden |= {} if state is None else {"state": Golden(state, 0, 0, 5)}
    refund.refs = {"order": 1}
    assert len([one for one in workshop.plan()[0] if one.link_id is None]) == made


def test_refund_is_shown_without_its_order_where_it_refers_to_none() -> None:
    workshop = Workshop(belongs={REFUND: Belonging(create=Create.ALWAYS)}, texts={"refunds": REFUNDS.partition("refs:")[0]})
    workshop.entity(1, ORDER)
    workshop.entity(2, REFUND, reason="broken").refs = {"order": 1}
    assert [one.entity_id for one in workshop.plan()[0]] == [2]


@pytest.mark.parametrize(("brake", "paid", "reckoned", "after"), [
    ("", 5, True, (ASKING, BEYOND, BEYOND)), ("", 20, True, (DUE, "", "")), (BEYOND, 20, True, (DUE, "", "")),
    (BEYOND, 20, False, (ASKING, BEYOND, BEYOND)), ("mapping", 20, True, (ASKING, "mapping", "mapping")),
    ("mapping", 5, True, (ASKING, BEYOND, BEYOND)),
])  # fmt: skip
def test_refund_waits_for_a_yes_while_more_goes_back_than_was_paid(
    brake: str, paid: int, after: tuple[DeliveryState, str, str], *, reckoned: bool
) -> None:
    workshop = Workshop()
    order = workshop.entity(1, ORDER, paid_total=euros(paid))
    workshop.link(order, paid_total=euros(paid))
    refund = workshop.entity(2, REFUND, reason="broken")
    refund.refs = {"order": 1}
    row = Document(2, REFUND, "shop", None, "done", 0, 10, "EUR", None, 1, None)
    workshop.known.refunds = {1: [row]} if reckoned else {}
    known = workshop.known.created[2, "till", "refunds"] = workshop.delivery(refund, brake=brake)
    workshop.plan()
    assert (known.state, known.wait, known.brake) == after


@pytest.mark.parametrize(("there", "create", "refs", "made"), [
    (True, Create.NEVER, {"order": 1}, 1), (False, Create.NEVER, {"order": 1}, 0), (False, Create.ALWAYS, {"order": 1}, 1),
    (True, Create.ALWAYS, {}, 0),
])  # fmt: skip
def test_refund_is_shown_where_its_order_is_or_will_be(create: Create, refs: dict[str, int], made: int, *, there: bool) -> None:
    workshop = Workshop(belongs={ORDER: Belonging(create=create), REFUND: Belonging(create=Create.ALWAYS)})
    order = workshop.entity(1, ORDER, number="1")
    workshop.link(order, "till" if there else "shop", number="1")
    workshop.entity(2, REFUND, reason="broken").refs = refs
    assert len([one for one in workshop.plan()[0] if one.entity_type is REFUND]) == made
