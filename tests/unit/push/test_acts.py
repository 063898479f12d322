"""What an attempt carries that does an act, or changes a level."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model.delivery import Attempt, Delivery, DeliveryKind
from hub.model.entity import Entity
from hub.model.ledger import Shift
from hub.model.link import Link, LinkState
from hub.model.record import EntityType
from hub.model.values import SECOND
from hub.push.act import freeze_act
from hub.push.adjust import freeze_adjust, has_yes, level_line
from hub.push.due import line_digest
from hub.sdk import Operation
from tests.unit.push.workshop import ORDER, Workshop

NOW, SEQ = 100, 7


def act(workshop: Workshop, **more: Any) -> tuple[Delivery, Link]:
    order = workshop.entity(2, ORDER, number="7")
    link = workshop.link(order, number="7")
    delivery = workshop.delivery(order, link, act={"verb": "cancel", "args": {"reason": "x"}, "asked": 2}, **more)
    delivery.kind = DeliveryKind.ACT
    return delivery, link


def test_act_carries_its_verb_and_fences_the_link() -> None:
    workshop = Workshop()
    delivery, link = act(workshop)
    link.digest = b"x"
    attempt = freeze_act(workshop.known, workshop.ground, workshop.sinks, delivery, link, NOW, SEQ)
    assert attempt is not None
    assert attempt.change["after"] == {"verb": "cancel", "args": {"reason": "x"}}
    assert (attempt.operation, attempt.kind, attempt.link_id, attempt.external_id) == ("act", DeliveryKind.ACT, 2, "t2")
    assert (attempt.base_version, attempt.change["version"], attempt.covers, attempt.change["paths"]) == (3, 3, {}, ())
    assert (link.attempt_id, link.digest, workshop.known.changed_links) == (1, b"", {2: link})


@pytest.mark.parametrize(("asked", "aside", "state", "goes"), [
    (0, 0, LinkState.LIVE, True), (None, 0, LinkState.LIVE, True), (2, 0, LinkState.LIVE, True), (3, 0, LinkState.LIVE, False),
    (0, 1, LinkState.LIVE, False), (0, 0, LinkState.ENDED, False),
])  # fmt: skip
def test_act_goes_only_so_often_and_where_its_document_is(asked: int | None, aside: int, state: LinkState, *, goes: bool) -> None:
    workshop = Workshop()
    delivery, link = act(workshop, aside=aside)
    delivery.act = {"verb": "cancel", "args": {}} | ({} if asked is None else {"asked": asked})
    link.state = state
    attempt = freeze_act(workshop.known, workshop.ground, workshop.sinks, delivery, link, NOW, SEQ)
    assert (attempt is not None) is goes
    assert (link.attempt_id is not None) is goes


@pytest.mark.parametrize(("changed_at", "occurred_at"), [
    (None, "1970-01-01T00:00:10Z"), (5 * SECOND, "1970-01-01T00:00:10Z"), (20 * SECOND, "1970-01-01T00:00:20Z"),
])  # fmt: skip
def test_level_is_changed_by_a_dated_delta_under_a_key_of_its_own(changed_at: int | None, occurred_at: str) -> None:
    workshop = Workshop()
    level = Entity(7, EntityType.INVENTORY_LEVEL, refs={"variant": 1, "location": 2})
    workshop.known.add_entity(level)
    link, workshop.sinks["till", "levels"] = workshop.link(level), workshop.sinks["till", "variants"]
    link.changed_at, link.digest = changed_at, b"x"
    delivery = workshop.delivery(level, link)
    delivery.kind = DeliveryKind.QUANTITY
    known, ground, shift = workshop.known, workshop.ground, Shift("on_hand", -2, 5, 7)
    attempt = freeze_adjust(known, ground, workshop.sinks, delivery, link, shift, 10 * SECOND, SEQ)
    wanted = {
        "level": "t1", "quantity": "on_hand", "delta": -2, "absolute": 5, "expected": 7, "occurred_at": occurred_at,
        "reference": "hub-1",
    }  # fmt: skip
    change = {
        "operation": Operation.ADJUST, "external_id": "t1", "before": None, "after": wanted, "paths": (), "version": 3,
        "marker": None,
    }  # fmt: skip
    assert attempt == Attempt(
        1, 1, DeliveryKind.QUANTITY, "adjust", "till", "levels", EntityType.INVENTORY_LEVEL, 7, 1, "t1", "hub-1",
        [{"name": "adjust", "body": wanted}], change, seq=SEQ, started_at=10 * SECOND, base_version=3,
    )  # fmt: skip
    assert (known.attempts, known.changed_attempts) == ({1: attempt}, {1: attempt})
    assert (link.attempt_id, link.digest, known.changed_links) == (1, b"", {1: link})


def test_yes_to_a_level_is_a_yes_to_these_figures() -> None:
    workshop = Workshop()
    order = workshop.entity(1, ORDER, number="1")
    delivery = workshop.delivery(order, approved={"available": line_digest(level_line(5, 3))})
    assert [has_yes(delivery, *figures) for figures in ((5, 3), (5, 4), (4, 3), (None, 3))] == [True, False, False, False]
