"""Rules 2.9 to 2.11, 2.14 to 2.16: which own value becomes golden, and what lists state."""

from __future__ import annotations

import pytest

from hub.config import Policy, PolicyKind
from hub.model.link import Stands
from hub.model.values import MISSING
from tests.unit.reconcile.stage import PERSON, Stage

HOME = {"line1": "Lane 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE"}


def couple(**policies: Policy) -> Stage:
    stage = Stage("shop", "till", **policies)
    stage.shows("shop", email="a@example.org", note="same", version=1)
    stage.shows("till", email="a@example.org", note="same", version=1)
    return stage


def test_rule_2_9_a_value_we_wrote_does_not_vote_when_its_origin_ends() -> None:
    stage = couple()
    stage.shows("shop", email="a@example.org", note="newest", version=2)
    stage.ends(stage.writes("till"), answer=stage.record(email="a@example.org", note="newest", version=2))
    assert stage.claim("till", "note").own == "same"
    stage.shows("shop", email="a@example.org", note="newer", version=3)
    assert stage.golden("note") == "newer"


def test_rule_2_10_a_departed_value_stands_when_nothing_was_said_since() -> None:
    stage = couple()
    stage.shows("shop", email="a@example.org", note="last words", version=2)
    stage.lacks("shop")
    assert stage.golden("note") == "last words"


def test_rule_2_10_a_departed_value_loses_when_a_living_system_speaks_later() -> None:
    stage = couple()
    stage.shows("shop", email="a@example.org", note="last words", version=2)
    stage.lacks("shop")
    stage.shows("till", email="a@example.org", note="after that", version=2, changed_at=stage.now + 1)
    assert stage.golden("note") == "after that"


def test_rule_2_10_a_departed_edit_loses_when_even_a_seed_comes_after_it() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", note="seed", version=1)
    stage.shows("shop", email="a@example.org", note="last words", version=2)
    stage.lacks("shop")
    stage.known.keys = {(PERSON, "email", "a@example.org"): [(stage.link("shop").id, 1)]}
    stage.shows("till", email="a@example.org", note="what a living system says", version=1)
    assert (stage.link("till").entity_id, stage.golden("note")) == (1, "what a living system says")


@pytest.mark.parametrize("kind", [PolicyKind.OWNER, PolicyKind.PREFER])
def test_rule_2_10_a_departed_value_is_skipped_when_the_policy_names_its_system(kind: PolicyKind) -> None:
    stage = couple(note=Policy(kind, ("shop",)))
    stage.shows("till", email="a@example.org", note="of the till", version=2)
    stage.shows("shop", email="a@example.org", note="of the shop", version=2)
    assert stage.golden("note") == "of the shop"
    stage.lacks("shop")
    assert stage.golden("note") == "of the till"


def test_rule_2_11_a_withdrawal_wins_when_the_grant_did_not_see_it() -> None:
    stage = Stage("shop", "till", consent__email_marketing=Policy(PolicyKind.MOST_RESTRICTIVE))
    stage.shows("shop", email="a@example.org", consent__email_marketing="granted", version=1)
    stage.shows("till", email="a@example.org", consent__email_marketing="granted", version=1)
    stage.shows("shop", email="a@example.org", consent__email_marketing="withdrawn", version=2, changed_at=stage.now - 3)
    stage.shows("till", email="a@example.org", consent__email_marketing="unknown", version=2, changed_at=stage.now - 2)
    stage.shows("till", email="a@example.org", consent__email_marketing="granted", version=3, changed_at=stage.now - 1)
    assert stage.golden("consent.email_marketing") == "withdrawn"


def test_rule_2_14_a_value_stands_for_the_golden_one_when_it_is_equal_as_written() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", family_name="Featherstonehaugh", version=1)
    stage.shows("till", email="a@example.org", family_name="Featherstone", version=1)
    golden = stage.entity().golden["family_name"]
    assert stage.claim("till", "family_name").stands == Stands(golden.version, golden.stamp)
    assert stage.due("till") == {}


def test_rule_2_14_a_first_record_stands_for_its_own_golden_values_when_it_is_alone() -> None:
    stage = Stage("shop")
    stage.shows("shop", note="x", version=1)
    golden = stage.entity().golden["note"]
    assert stage.claim("shop", "note").stands == Stands(golden.version, golden.stamp)


def test_rule_2_15_an_address_is_recognised_by_its_natural_key_when_a_second_system_shows_it() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", addresses={"s1": HOME}, version=1)
    stage.shows("till", email="a@example.org", addresses={"t9": {**HOME, "line1": "lane 1"}}, version=1)
    assert [path for path in stage.entity().golden if path.startswith("addresses/")] == ["addresses/1"]


def test_rule_2_16_an_address_is_removed_when_it_was_seen_there_and_is_missing() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", addresses={"s1": HOME}, version=1)
    stage.shows("till", email="a@example.org", addresses={}, version=1)
    assert stage.golden("addresses/1") == HOME
    stage.shows("shop", email="a@example.org", addresses={}, version=2)
    assert (stage.golden("addresses/1"), stage.claim("shop", "addresses/1").held) == (None, None)


def test_rule_2_16_nothing_is_removed_when_the_payload_is_partial() -> None:
    stage = Stage("shop")
    stage.shows("shop", addresses={"s1": HOME}, version=1)
    stage.shows("shop", addresses={}, version=2, partial=True)
    assert stage.golden("addresses/1") == HOME


def test_a_copy_has_no_own_value_when_we_made_the_record() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", given_name="Ada", version=1)
    stage.ends(stage.makes("till"), answer=stage.record("9", given_name="Ada", version=1))
    assert stage.claim("till", "given_name", "9").own is MISSING
