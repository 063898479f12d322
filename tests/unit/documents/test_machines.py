"""States follow one another as declared; what a home says is taken as it is, and a step nobody declared is told."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from hub.model.documents import STATES
from hub.model.machines import MACHINES, can_become, draw, is_jump
from hub.model.record import EntityType
from hub.ops.surprises import oddities
from tests.unit.documents.office import Office
from tests.unit.documents.test_filing import ORDER, REFUND

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "documents.md"
KEYS = sorted(MACHINES, key=str)


@pytest.mark.parametrize("key", KEYS, ids=lambda key: "-".join(key))
def test_machine_has_the_words_of_its_state(key: tuple[EntityType, str]) -> None:
    following = {word for words in MACHINES[key].values() for word in words}
    assert set(MACHINES[key]) == set(STATES[key])
    assert following <= set(STATES[key])


@pytest.mark.parametrize("key", KEYS, ids=lambda key: "-".join(key))
def test_page_draws_the_machine_as_it_is(key: tuple[EntityType, str]) -> None:
    assert f"```mermaid\n{draw(*key)}\n```" in PAGE.read_text("utf-8"), draw(*key)


def test_every_state_has_a_machine_when_it_is_a_state() -> None:
    assert set(MACHINES) == {key for key in STATES if key[1].endswith("state")}


@pytest.mark.parametrize(
    ("entity", "field", "before", "after", "result"),
    [
        (EntityType.ORDER, "state", "draft", "completed", "usual"),  # a read missed that it was open
        (EntityType.ORDER, "state", "completed", "open", "usual"),
        (EntityType.ORDER, "state", "cancelled", "open", "jump"),
        (EntityType.ORDER, "state", "open", "draft", "jump"),
        (EntityType.ORDER, "state", "open", "half way", "usual"),  # no word of ours
        (EntityType.ORDER, "state", None, "cancelled", "usual"),
        (EntityType.ORDER, "payment_state", "refunded", "paid", "jump"),
        (EntityType.FULFILMENT, "state", "pending", "delivered", "usual"),
        (EntityType.FULFILMENT, "state", "delivered", "shipped", "jump"),
        (EntityType.TICKET, "state", "solved", "pending", "usual"),
        (EntityType.TICKET, "state", "closed", "open", "jump"),
        (EntityType.TICKET, "subject", "closed", "open", "usual"),
    ],
)
def test_is_jump_tells_steps_that_no_way_leads_to(
    entity: EntityType, field: str, before: str | None, after: str, result: str
) -> None:
    assert is_jump(entity, field, before, after) is (result == "jump")


def test_can_become_says_no_when_no_way_leads_there() -> None:
    assert can_become(EntityType.ORDER, "state", "open", "cancelled")
    assert not can_become(EntityType.ORDER, "state", "cancelled", "completed")
    assert can_become(EntityType.ORDER, "state", None, "cancelled")


def _step(office: Office, *statuses: str) -> None:
    for version, status in enumerate(statuses, start=1):
        office.see("shop", "orders", {**ORDER, "version": version, "status": status})
        office.wait(60)


def _odd(office: Office) -> list[str]:
    order = office.entity("shop", "orders", "100")
    return office.work(lambda unit: oddities(unit, office.ground, order))


def test_state_of_the_home_is_taken_when_the_step_is_unusual(office: Office) -> None:
    _step(office, "OPEN", "VOID", "OPEN")
    assert office.value("shop", "orders", "100", "state") == "open"
    [drift] = office.work(lambda unit: unit.drifts("shop"))
    assert (drift.stream, drift.path, drift.kind, drift.count) == ("orders", "state: cancelled -> open", "jump", 1)
    [words] = _odd(office)
    assert re.fullmatch(r"the state of this order went from cancelled to open at \S+, which is not a usual step", words)


def test_nothing_is_told_when_every_step_is_usual(office: Office) -> None:
    _step(office, "OPEN", "DONE", "OPEN", "VOID")
    assert office.value("shop", "orders", "100", "state") == "cancelled"
    assert office.work(lambda unit: unit.drifts("shop")) == []
    assert _odd(office) == []


def test_state_does_not_go_back_when_an_older_read_comes_late(office: Office) -> None:
    _step(office, "OPEN", "VOID")
    office.see("shop", "orders", {**ORDER, "version": 1, "status": "OPEN"})
    assert office.value("shop", "orders", "100", "state") == "cancelled"
    assert office.work(lambda unit: unit.drifts("shop")) == []


def test_state_of_a_part_without_versions_does_not_go_back_when_an_older_read_comes_late(office: Office) -> None:
    office.see("shop", "orders", {**ORDER, "refunds": [{**REFUND, "status": "NO"}]})
    early = office.seq
    office.see("shop", "orders", {**ORDER, "version": 2, "refunds": [{**REFUND, "status": "OK"}]})
    office.seq = early - 1
    office.see("shop", "orders", {**ORDER, "version": 1, "refunds": [{**REFUND, "status": "NO"}]})
    assert office.value("shop", "refunds", REFUND["id"], "state") == "done"


def test_state_stays_and_the_line_to_change_is_named_when_its_word_is_unknown(office: Office) -> None:
    _step(office, "DONE", "ON_FIRE")
    assert office.value("shop", "orders", "100", "state") == "completed"
    [words] = _odd(office)
    line = office.ground.tables["shop", "orders"].fields["state"].place.line
    assert words == (
        f"shop says ON_FIRE for the state of this order, which has no word of ours: add it to `values` in shop.yaml:{line}"
    )
