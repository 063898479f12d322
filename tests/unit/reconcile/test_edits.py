"""Rules 2.3 to 2.8 and 2.12, 2.13: what a read means for a record that is known."""

from __future__ import annotations

from hub.model.link import NOTHING, Standing
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from tests.unit.reconcile.stage import Stage

LAGGING = Traits(Ordering.NONE, visible_after=10 * SECOND, update="plain")


def test_rule_2_3_an_edit_is_taken_when_the_version_is_higher() -> None:
    stage = Stage("shop")
    stage.shows("shop", family_name="Byron", version=1)
    stage.shows("shop", family_name="Lovelace", version=2)
    assert stage.golden("family_name") == "Lovelace"
    assert stage.claim("shop", "family_name").standing is Standing.EDIT


def test_rule_2_3_an_older_version_changes_nothing_when_it_arrives_late() -> None:
    stage = Stage("shop")
    stage.shows("shop", family_name="Byron", version=2)
    ruling = stage.shows("shop", family_name="Older", version=1)
    assert (ruling.fate, stage.golden("family_name")) == (Fate.SUPERSEDED, "Byron")


def test_rule_2_3_a_silent_field_is_an_edit_when_the_version_did_not_move() -> None:
    stage = Stage("shop")
    stage.shows("shop", phone="+4930111", family_name="Byron", version=1)
    stage.shows("shop", phone="+4930222", family_name="Byron", version=1)
    assert stage.golden("phone") == "+4930222"


def test_rule_2_3_an_earlier_read_changes_nothing_when_the_system_has_no_version() -> None:
    stage = Stage("shop", traits={"shop": Traits(Ordering.NONE)})
    early = stage.ask()
    stage.shows("shop", note="new", version=None)
    stage.shows("shop", note="old", version=None, asked=early)
    assert stage.golden("note") == "new"


def test_rule_2_19_a_late_read_is_not_taken_for_compared_when_it_shows_something_else() -> None:
    stage = Stage("shop", traits={"shop": Traits(Ordering.NONE)})
    early = stage.ask()
    stage.shows("shop", note="one", version=None)
    stage.shows("shop", note="one", version=None)
    stage.shows("shop", note="two", version=None, asked=early)
    assert (stage.link("shop").digest, stage.rereads()) == (b"", ["came late"])


def test_rule_2_4_a_read_waits_when_a_lagging_replica_may_still_show_the_state_before() -> None:
    stage = Stage("shop", traits={"shop": LAGGING})
    stage.shows("shop", note="one", version=None)
    assert stage.shows("shop", note="two", version=None).fate is Fate.WAITING
    assert (stage.golden("note"), stage.rereads()) == ("one", ["too early"])
    stage.tick(10)
    stage.shows("shop", note="two", version=None)
    assert stage.golden("note") == "two"


def test_rule_2_5_an_edit_on_top_of_our_value_wins_when_its_clock_is_an_hour_slow() -> None:
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.CHANGED_AT, create="marker", update="plain")})
    stage.shows("shop", email="a@example.org", note="ours", version=1)
    stage.shows("till", email="a@example.org", note="ours", version=None, changed_at=-3_000.0)
    stage.shows("shop", email="a@example.org", note="newer", version=2, changed_at=stage.now)
    stage.ends(stage.writes("till"), answer=stage.record(version=None, note="newer", changed_at=-2_500.0))
    stage.shows("till", email="a@example.org", note="on top", version=None, changed_at=-2_400.0)
    assert stage.golden("note") == "on top"


def test_rule_2_5_a_stamp_is_never_later_than_the_receipt_when_a_clock_is_fast() -> None:
    stage = Stage("shop")
    stage.shows("shop", note="one", version=1)
    stage.shows("shop", note="two", version=2, changed_at=stage.now + 5_000)
    assert stage.claim("shop", "note").stamp <= stage.now * SECOND


def test_rule_2_6_concurrent_edits_are_compared_by_stamp_when_neither_saw_the_other() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", note="same", version=1)
    stage.shows("till", email="a@example.org", note="same", version=1)
    later, earlier = stage.now + 2, stage.now + 1
    stage.tick(5)
    stage.shows("till", email="a@example.org", note="later", version=2, changed_at=later)
    stage.shows("shop", email="a@example.org", note="earlier", version=2, changed_at=earlier)
    assert stage.golden("note") == "later"


def test_rule_2_6_the_higher_ranked_wins_when_stamps_are_equal() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", note="same", version=1)
    stage.shows("till", email="a@example.org", note="same", version=1)
    at = stage.now + 1
    stage.tick(5)
    stage.shows("shop", email="a@example.org", note="of the shop", version=2, changed_at=at)
    stage.shows("till", email="a@example.org", note="of the till", version=2, changed_at=at)
    assert stage.golden("note") == "of the shop"


def test_rule_2_7_a_rollback_stamps_nothing_and_is_delivered_again_when_the_counter_is_equal() -> None:
    stage = Stage("shop")
    stage.shows("shop", note="kept", version=3)
    stage.shows("shop", note="lost", version=3)
    assert (stage.golden("note"), stage.claim("shop", "note").held) == ("kept", "lost")
    assert (stage.claim("shop", "note").stands, stage.due("shop")) == (NOTHING, {"note": "kept"})


def test_rule_2_24_a_person_is_asked_when_a_value_was_not_kept_three_times() -> None:
    stage = Stage("shop")
    stage.shows("shop", note="kept", version=3)
    for value in ("lost", "gone", "away"):
        stage.shows("shop", note=value, version=3)
    assert (stage.asked(), stage.due("shop")) == (["not_kept"], {})


def test_rule_2_8_seeds_are_ranked_by_their_connection_when_both_were_there_before() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email="a@example.org", note="of the till", version=1)
    stage.shows("shop", email="a@example.org", note="of the shop", version=1)
    assert stage.golden("note") == "of the shop"


def test_rule_2_40_a_record_brings_edits_when_it_was_born_after_the_first_read() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", note="seed", version=1)
    stage.was_read("till", high=stage.now)
    stage.tick(5)
    stage.shows("till", email="a@example.org", note="born", version=1, created_at=stage.now)
    assert stage.golden("note") == "born"


def test_rule_2_12_a_person_is_asked_when_over_half_of_a_record_goes_empty() -> None:
    stage = Stage("shop")
    stage.shows("shop", given_name="Ada", family_name="Byron", note="x", version=1)
    ruling = stage.shows("shop", given_name=None, family_name=None, note="x", version=2)
    assert (ruling.fate, stage.asked(), stage.golden("given_name")) == (Fate.REVIEW, ["emptied"], "Ada")


def test_rule_2_13_an_empty_field_does_not_vote_when_nothing_was_ever_seen_there() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", note="kept", version=1)
    stage.was_read("till", high=stage.now)
    stage.tick(5)
    stage.shows("till", email="a@example.org", note=None, version=1, created_at=stage.now)
    assert (stage.golden("note"), stage.due("till")) == ("kept", {"note": "kept"})


def test_rule_2_13_nothing_is_cleared_when_a_system_never_showed_a_value() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", given_name="Ada", note="x", version=1)
    stage.shows("till", email="a@example.org", given_name="Ada", version=1)
    stage.shows("shop", email="a@example.org", given_name="Ada", note=None, version=2)
    assert ("note" in stage.entity().golden, stage.golden("note"), stage.due("till")) == (True, None, {})


def test_rule_2_13_clearing_is_an_edit_when_a_value_was_seen_there() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email="a@example.org", given_name="Ada", note="x", version=1)
    stage.shows("till", email="a@example.org", given_name="Ada", note="x", version=1)
    stage.shows("shop", email="a@example.org", given_name="Ada", note=None, version=2)
    assert stage.due("till") == {"note": None}


def test_rule_2_17_a_new_field_comes_in_as_a_seed_when_the_mapping_changed() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email="a@example.org", note="kept", version=1)
    stage.shows("till", email="a@example.org", note="edited", version=2)
    stage.shows("shop", email="a@example.org", version=1)
    stage.link("shop").mapping = "of last week"
    stage.shows("shop", email="a@example.org", note="old news", version=2)
    assert (stage.golden("note"), stage.claim("shop", "note").standing) == ("edited", Standing.SEED)
