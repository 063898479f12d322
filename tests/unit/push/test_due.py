"""Rules 2.22, 6.1 to 6.4, 6.6 and 6.8: what is due, and what is not."""

from __future__ import annotations

import pytest

from hub.model.run import Mode
from hub.model.signs import is_landslide
from hub.model.traits import Ordering, Traits
from hub.push.due import create_wanted, missing_required
from hub.reconcile import observe
from tests.unit.reconcile.stage import Stage

MAIL = "a@example.org"


def test_rule_2_22_a_person_is_asked_when_a_large_share_of_a_stream_is_gone() -> None:
    gone_of = [(6, 20), (4, 20), (5, 5), (20, 100), (21, 100)]
    assert [pair for pair in gone_of if is_landslide(*pair, 0.2)] == [(6, 20), (21, 100)]


def test_rule_6_1_only_what_does_not_stand_for_the_golden_value_is_due() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", family_name="Byron", version=1)
    stage.shows("till", email=MAIL, note="other", family_name="Byron", version=1)
    assert stage.due("till") == {"note": "one"}


def test_rule_6_1_a_login_is_never_due() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.shows("till", email=MAIL, version=1)
    stage.shows("shop", email="b@example.org", version=2)
    assert (stage.golden("email"), stage.due("till")) == ("b@example.org", {})


def test_rule_6_2_a_create_is_not_wanted_any_more_when_a_record_was_met_there() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    assert create_wanted(stage.known, stage.ground, stage.entity(), "till", "customers")
    stage.shows("till", email=MAIL, version=1)
    assert not create_wanted(stage.known, stage.ground, stage.entity(), "till", "customers")


def test_rule_6_2_a_create_stays_planned_when_its_attempt_is_under_way() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    early = stage.seen("till", stage.record(email=MAIL))
    stage.makes("till")
    observe(stage.known, stage.ground, early)
    stage.planned()
    assert [key[1] for key in stage.known.created] == ["till"]


def test_rule_6_3_a_tombstone_forbids_to_make_it_again() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.shows("till", email=MAIL, version=1)
    stage.lacks("till")
    assert stage.planned() == []


def test_rule_6_3_what_nobody_has_any_more_is_made_nowhere() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    assert stage.planned() == ["till due"]
    stage.lacks("shop")
    assert stage.planned() == []


@pytest.mark.parametrize(("safe", "mode", "planned"), [
    ("marker", Mode.LIVE, ["till due"]), ("plain", Mode.LIVE, ["till asking"]), ("marker", Mode.PROPOSE, ["till asking"]),
    ("marker", Mode.OBSERVE, []),
])  # fmt: skip
def test_rule_6_4_a_create_waits_for_a_yes_when_it_cannot_be_made_safe(safe: str, mode: Mode, planned: list[str]) -> None:
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.COUNTER, create=safe)})
    stage.known.modes["till"] = mode
    stage.shows("shop", email=MAIL, version=1)
    assert stage.planned() == planned


def test_rule_6_6_the_missing_field_is_named_when_a_create_needs_it() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", phone="+4930111", version=1)
    assert missing_required(stage.ground.tables["till", "customers"], stage.entity()) == ["email"]
    assert stage.planned() == []
