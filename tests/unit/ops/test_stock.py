"""Stock at the operator's desk: figures explained, a first change approved, a count taken."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.model.entity import Entity
from hub.model.record import EntityType
from hub.model.review import Review, ReviewKind
from hub.model.run import Mode
from hub.ops.explain import explain_entity, show_entity
from hub.ops.modes import set_mode
from hub.ops.office import Running
from hub.ops.plan import approve, read_plan
from hub.ops.reviews import resolve_review
from tests.e2e.floor import NAMES, Floor, ten_shirts
from tests.unit.ops.desk import all_lines

PLACE = NAMES[0]


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from ten_shirts(tmp_path, PLACE)


def level_of(floor: Floor) -> Entity:
    """Return the level of the shirt."""
    with floor.hub.store.reader() as reader:
        (level,) = [
            e
            for e in reader.entities_of_type(EntityType.INVENTORY_LEVEL)
            if "available" in e.golden and e.golden["available"].value
        ]
    return level


def test_explain_shows_what_each_system_shows_when_it_is_asked_of_a_level(floor: Floor) -> None:
    level = level_of(floor)
    with floor.hub.store.reader() as reader:
        told = explain_entity(reader, floor.hub.ground, level, "available")
        shown = show_entity(reader, floor.hub.ground, level)
    (field,) = told["fields"]
    assert (field["value"], field["policy"]) == (10, "sum of movements")
    says = {(one["connection"], one["why"]) for one in told["waiting"] if one["what"] == "stock"}
    assert says == {("till", "it shows what it should"), ("shop", "it shows what it should")}
    assert shown["fields"]["on_hand"] == 10


def test_level_is_changed_only_after_a_yes_when_its_connection_is_on_trial(floor: Floor) -> None:
    office = Running(floor.hub)
    set_mode(office, "shop", Mode.PROPOSE)
    floor.till.sell(floor.variation, floor.at_till[PLACE], 3)
    floor.step()
    assert floor.shown(PLACE) == (7, 10)
    with floor.hub.store.reader() as reader:
        items = read_plan(reader, floor.hub.ground)
    assert [line["shown"] for item in items for line in item.lines] == ["10 -> 7"]
    assert approve(office, all_lines(items), "eve") == {"plan": 1, "approved": 1, "changed": 0}
    floor.step()
    assert floor.shown(PLACE) == (7, 7)


def test_level_is_changed_at_once_when_the_trial_ends(floor: Floor) -> None:
    office = Running(floor.hub)
    set_mode(office, "shop", Mode.PROPOSE)
    floor.till.sell(floor.variation, floor.at_till[PLACE], 3)
    floor.step()
    set_mode(office, "shop", Mode.LIVE)
    floor.step()
    assert floor.shown(PLACE) == (7, 7)


def test_count_sets_a_level_when_a_person_answers_with_a_number(floor: Floor) -> None:
    office, level = Running(floor.hub), level_of(floor)
    review = Review(900, ReviewKind.COUNT, "attempt 1", level.id, None, floor.now())
    office.write(lambda unit: unit.open_reviews([review]))
    assert resolve_review(office, 900, "8")["corrected_by"] == -2
    floor.step()
    assert floor.golden(PLACE)["on_hand"] == 8
    assert floor.shown(PLACE) == (8, 8)
