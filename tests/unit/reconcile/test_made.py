"""Records that we made: met before the end of their create was known, or under an id that another record had."""

from __future__ import annotations

from hub.model.link import LinkState, Standing
from hub.model.outcome import OutcomeKind
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, SECOND
from hub.reconcile import observe
from tests.unit.reconcile.stage import Stage, open_state

MAIL = "a@example.org"
MARKED = Traits(Ordering.COUNTER, create="marker", update="plain", marker="ref")


def test_rule_2_20_a_record_with_our_marker_shows_renderings_when_it_is_met_before_its_create_ended() -> None:
    stage = Stage("shop", "till", traits={"till": MARKED})
    stage.shows("shop", email=MAIL, family_name="Byron", version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    observe(
        stage.known, stage.ground, stage.seen("till", stage.record("9", email=MAIL, family_name="BYRON"), marker=attempt.marker)
    )
    assert (stage.claim("till", "family_name", "9").own, stage.due("till", "9"), open_state(attempt)) == (MISSING, {}, False)


def test_rule_2_20_an_edit_on_a_record_with_our_marker_wins_when_it_is_met_with_it() -> None:
    stage = Stage("shop", "till", traits={"till": MARKED})
    stage.shows("shop", email=MAIL, family_name="Byron", version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    told = stage.record("9", email=MAIL, family_name="Lovelace", version=2)
    observe(stage.known, stage.ground, stage.seen("till", told, marker=attempt.marker))
    assert stage.golden("family_name") == "Lovelace"


def test_rule_6_13_a_former_link_ends_when_its_id_is_given_to_the_record_we_made() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", "9", email="former@example.org", version=1)
    stage.shows("shop", email=MAIL, version=1)
    former = stage.link("till", "9")
    attempt = stage.makes("till", stage.link("shop").entity_id)
    stage.ends(attempt, external_id="9")
    assert (former.state, stage.link("till", "9").entity_id) == (LinkState.ENDED, stage.link("shop").entity_id)


def test_a_person_is_asked_when_an_answer_names_a_record_that_came_while_it_was_being_made() -> None:
    """Seed 1200038: a try was repeated after a restore, and its key answered with an id that was somebody else's by then."""
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till", stage.link("shop").entity_id)
    stage.shows("till", "9", email="other@example.org", version=1)
    stage.ends(attempt, external_id="9")
    assert (stage.link("till", "9").entity_id != stage.link("shop").entity_id, stage.asked()) == (True, ["match"])


def test_a_record_is_another_one_when_its_birth_mark_differs_from_the_one_first_read() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.ends(stage.makes("till"), external_id="9")
    stage.shows("till", "9", email=MAIL, version=1, birth="monday")
    stage.shows("till", "9", email="other@example.org", version=1, birth="tuesday")
    assert stage.link("till", "9").entity_id != 1


def test_an_attempt_is_closed_when_the_id_of_its_record_is_given_to_another() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="old", version=1)
    stage.shows("till", email=MAIL, note="old", version=1, birth="monday")
    stage.shows("shop", email=MAIL, note="new", version=2)
    attempt = stage.writes("till")
    stage.ends(attempt)
    stage.shows("till", email="other@example.org", version=1, birth="tuesday")
    assert (open_state(attempt), stage.due("till")) == (False, {})


def test_an_attempt_is_closed_when_its_id_was_given_away_before_its_end_was_known() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="old", version=1)
    stage.shows("till", email=MAIL, note="old", version=1, birth="monday")
    stage.shows("shop", email=MAIL, note="new", version=2)
    attempt = stage.writes("till")
    stage.shows("till", email="other@example.org", version=1, birth="tuesday")
    stage.ends(attempt)
    stage.shows("till", email="other@example.org", version=1, birth="tuesday")
    assert not open_state(attempt)


def test_a_former_record_changes_nothing_when_a_lagging_list_still_shows_it() -> None:
    stage = Stage("shop", traits={"shop": Traits(Ordering.COUNTER, visible_after=30 * SECOND)})
    stage.shows("shop", email=MAIL, version=1, birth="monday")
    stage.tick(60)
    stage.shows("shop", email="other@example.org", version=1, birth="tuesday")
    assert stage.shows("shop", email=MAIL, version=1, birth="monday").fate is Fate.SUPERSEDED


def test_a_value_is_sent_again_when_it_changes_after_the_one_before_was_not_kept() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email=MAIL, note="ours", version=1)
    stage.shows("shop", email=MAIL, note="ours", version=3)
    for lost in ("one", "two", "three"):
        stage.shows("shop", email=MAIL, note=lost, version=3)
    assert (stage.due("shop"), stage.asked()) == ({}, ["not_kept"])
    stage.shows("till", email=MAIL, note="newer", version=2)
    assert stage.due("shop") == {"note": "newer"}


def test_what_a_record_we_made_shows_beside_our_values_is_an_edit_when_its_version_moved_and_else_a_seed() -> None:
    standings = []
    for version in (1, 2):
        stage = Stage("shop", "till", traits={"till": MARKED})
        stage.shows("shop", email=MAIL, version=1)
        attempt = stage.makes("till")
        stage.ends(attempt, OutcomeKind.UNKNOWN)
        told = stage.record("9", email=MAIL, note="added there", version=version)
        observe(stage.known, stage.ground, stage.seen("till", told, marker=attempt.marker))
        standings.append(stage.claim("till", "note", "9").standing)
    assert standings == [Standing.SEED, Standing.EDIT]
