"""How an edit is told from an echo (section 2): one case per rule."""

from __future__ import annotations

import pytest

from hub.model.entity import Override
from hub.model.link import Standing
from hub.model.review import Fate, ReviewKind
from hub.model.values import SECOND
from tests.unit.rules.stage import CUSTOMERS, Stage

MAIL = "ada@example.org"
HOME = {"line1": "Weg 1", "postal_code": "10115", "city": "Berlin"}


@pytest.fixture
def stage() -> Stage:
    """Two systems with counters; Ada stands in both, everything read once."""
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL)
    stage.read_whole("shop", "till")
    stage.wait(60)
    return stage


def dated(**traits: float) -> Stage:
    """The same Ada where systems tell the time of a change instead of a counter."""
    stage = Stage()
    for name, external_id in (("shop", "1"), ("till", "7")):
        stage.connection(name, "changed_at", **traits)
        stage.meet(name, external_id, changed=900, given_name="Ada", email=MAIL)
    stage.read_whole("shop", "till")
    stage.wait(60)
    return stage


def test_see_is_no_edit_when_the_value_is_the_one_held(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ada")
    assert stage.claim("shop", "1", "given_name").standing is Standing.SEED
    assert "edit" not in stage.notes()


def test_end_holds_nothing_of_what_was_sent_when_no_answer_shows_it(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ana")
    stage.end(stage.send("till", "7"))
    assert stage.claim("till", "7", "given_name").held == "Ada"
    assert stage.link("till", "7").attempt_id is not None


def test_see_is_an_edit_when_the_counter_is_higher(stage: Stage) -> None:
    ada = stage.meet("shop", "1", version=2, given_name="Ana")
    assert stage.golden(ada, "given_name") == "Ana"


def test_see_changes_nothing_when_the_counter_is_lower(stage: Stage) -> None:
    stage.see("shop", "1", version=5, given_name="Ana")
    assert stage.see("shop", "1", version=4, given_name="Ada").fate is Fate.SUPERSEDED
    assert stage.claim("shop", "1", "given_name").own == "Ana"


def test_see_changes_nothing_when_a_read_of_equal_time_was_sent_earlier() -> None:
    stage = dated()
    stage.see("shop", "1", changed=950, given_name="Ana", seq=50)
    stage.see("shop", "1", changed=950, given_name="Ada", seq=49)
    assert stage.claim("shop", "1", "given_name").held == "Ana"


def test_see_waits_when_a_slow_replica_may_still_show_the_state_before() -> None:
    stage = dated(visible_after=10)
    stage.see("shop", "1", changed=1_060, given_name="Ana")
    stage.wait(1)
    assert stage.see("shop", "1", changed=1_060, given_name="Ada").fate is Fate.WAITING
    assert stage.claim("shop", "1", "given_name").held == "Ana"


def test_edit_beats_our_value_when_the_clock_there_is_slow() -> None:
    stage = dated()
    stage.see("shop", "1", changed=1_050, given_name="Ana")
    stage.end(stage.send("till", "7"), answer={"changed": 901, "given_name": "Ana"})
    ada = stage.meet("till", "7", changed=902, given_name="Anna")
    assert stage.golden(ada, "given_name") == "Anna"


def test_late_edit_loses_when_its_system_never_showed_our_value(stage: Stage) -> None:
    """Seed 3000743: a till ignores names that are written to it, and a cashier who was offline since before types one there."""
    stage.wait(60)
    stage.see("shop", "1", version=2, given_name="Ana", times={"given_name": 1_050})
    stage.end(stage.send("till", "7"), answer={"version": 2, "given_name": "Ada"})
    ada = stage.meet("till", "7", version=3, given_name="Adi", times={"given_name": 1_040})
    assert (stage.golden(ada, "given_name"), stage.asked()) == ("Ana", [ReviewKind.NOT_KEPT])


def test_edit_is_dated_at_its_receipt_when_the_clock_there_is_fast() -> None:
    stage = dated()
    stage.see("shop", "1", changed=99_000, given_name="Ana")
    assert stage.claim("shop", "1", "given_name").stamp == stage.now


def test_edit_is_dated_at_its_receipt_when_the_version_did_not_move() -> None:
    stage = dated()
    stage.see("shop", "1", changed=900, given_name="Ana")
    assert stage.claim("shop", "1", "given_name").stamp == stage.now


def test_later_edit_wins_when_both_were_made_at_once() -> None:
    stage = dated()
    stage.see("till", "7", changed=1_020, given_name="Anna")
    ada = stage.meet("shop", "1", changed=1_010, given_name="Ana")
    assert stage.golden(ada, "given_name") == "Anna"


def test_first_connection_wins_when_two_edits_carry_one_stamp() -> None:
    stage = dated()
    stage.see("till", "7", changed=1_010, given_name="Anna")
    ada = stage.meet("shop", "1", changed=1_010, given_name="Ana")
    assert stage.golden(ada, "given_name") == "Ana"


def test_see_is_a_rollback_when_an_equal_counter_shows_another_value(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ana")
    ada = stage.meet("shop", "1", version=2, given_name="Ada")
    assert (stage.golden(ada, "given_name"), stage.due("shop", "1")) == ("Ana", {"given_name": "Ana"})
    assert stage.claim("shop", "1", "given_name").held == "Ada"


def test_seed_of_the_first_connection_wins_when_others_differ() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, phone="+49301", times={"phone": 900})
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, phone="+49302")
    assert stage.golden(ada, "phone") == "+49302"


def test_copy_does_not_vote_when_the_values_of_others_are_compared(stage: Stage) -> None:
    stage.meet("till", "8", version=1, created=900, given_name="Bea", email="bea@example.org", phone="+49301")
    stage.meet("shop", "2", version=1, created=900, given_name="Bea", email="bea@example.org")
    stage.end(stage.send("shop", "2"), answer={"version": 2, "phone": "+49301"})
    stage.connection("crm")
    bea = stage.meet("crm", "9", version=1, given_name="Bea", email="bea@example.org", phone="+49302")
    assert stage.golden(bea, "phone") == "+49301"


def test_departed_value_loses_when_something_is_stated_after_it_left() -> None:
    stage = Stage()
    for name in ("shop", "till", "crm"):
        stage.connection(name)
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, phone="+49301")
    stage.meet("crm", "9", version=1, given_name="Ada", email=MAIL)
    stage.see("shop", "1", version=2, given_name="Ada", email=MAIL, phone="+49302")
    stage.lose("shop", "1")
    stage.wait(60)
    ada = stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, phone="+49303")
    assert stage.golden(ada, "phone") == "+49303"


def test_see_asks_when_over_half_of_the_fields_go_empty_at_once() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, phone="+49301")
    assert stage.see("shop", "1", version=2, given_name=None, email=MAIL, phone=None).fate is Fate.REVIEW
    assert (stage.golden(ada, "given_name"), stage.asked()) == ("Ada", [ReviewKind.EMPTIED])


def test_see_asks_nothing_when_an_older_state_has_fewer_fields() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=5, given_name="Ada", email=MAIL, phone="+49301")
    assert stage.see("shop", "1", version=2, given_name=None, email=MAIL, phone=None).fate is Fate.SUPERSEDED
    assert (stage.golden(ada, "given_name"), stage.asked()) == ("Ada", [])


def test_see_asks_again_when_a_record_that_was_emptied_with_a_yes_is_emptied_another_time() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, phone="+49301")
    stage.known.accepted.add((ReviewKind.EMPTIED, stage.link("shop", "1").id))
    assert stage.see("shop", "1", version=2, given_name=None, email=MAIL, phone=None).fate is Fate.APPLIED
    stage.see("shop", "1", version=3, given_name="Ada", email=MAIL, phone="+49301")
    assert stage.see("shop", "1", version=4, given_name=None, email=MAIL, phone=None).fate is Fate.REVIEW
    assert (stage.golden(ada, "given_name"), stage.known.used) == ("Ada", [(ReviewKind.EMPTIED, stage.link("shop", "1").id)])


def test_empty_is_no_statement_when_the_system_was_never_seen_to_hold_a_value(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ada", phone=None)
    ada = stage.meet("till", "8", version=1, given_name="Ada", email=MAIL, phone=None)
    assert "phone" not in ada.golden


def test_empty_is_no_statement_when_a_new_record_has_no_value() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, phone=None)
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, phone="+49301")
    assert stage.golden(ada, "phone") == "+49301"


def test_empty_is_no_statement_when_a_record_is_born_without_a_value() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, phone="+49301")
    stage.read_whole("shop", "till")
    stage.wait(60)
    stage.meet("shop", "1", version=1, created=1_050, given_name="Ada", email=MAIL, phone=None)
    assert stage.golden(ada, "phone") == "+49301"


def test_clearing_is_not_sent_when_the_system_was_never_seen_to_hold_a_value(stage: Stage) -> None:
    ada = stage.meet("shop", "1", version=2, given_name="Ada", email=MAIL, phone="+49301")
    stage.see("shop", "1", version=3, given_name="Ada", email=MAIL, phone=None)
    assert (stage.golden(ada, "phone"), ada.golden["phone"].standing) == (None, Standing.EDIT)
    assert stage.due("till", "7") == {}


def test_nothing_is_due_when_what_is_held_equals_the_golden_value(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ana")
    stage.see("till", "7", version=2, given_name="Ana")
    ada = stage.meet("till", "7", version=2, given_name="Ana")
    assert stage.claim("shop", "1", "given_name").stands.golden_version == ada.golden["given_name"].version
    assert stage.due("shop", "1") == {}


def test_first_record_stands_for_the_golden_value_it_made() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=1, given_name="Ada")
    assert stage.claim("shop", "1", "given_name").stands.golden_version == ada.golden["given_name"].version


def test_element_is_the_known_one_when_its_natural_key_is_equal() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, addresses={"a": HOME})
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, addresses={"x": HOME})
    assert stage.link("till", "7").elements == {"addresses": {"x": "1"}}


def test_element_is_not_removed_when_it_was_never_seen_held_there() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, addresses={"a": HOME})
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, addresses={})
    stage.see("till", "7", version=2, given_name="Ada", email=MAIL, addresses={})
    assert stage.golden(ada, "addresses/1") == HOME


def test_element_is_removed_when_it_was_held_there_and_is_gone() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", addresses={"a": HOME})
    stage.see("shop", "1", version=2, given_name="Ada", addresses={})
    assert ada.golden["addresses/1"].value is None


def test_element_keeps_its_city_when_edited_where_cities_have_no_place() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till", mapping=CUSTOMERS.replace(", city: city", ""))
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, addresses={"a": HOME})
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, addresses={"x": {"line1": "Weg 1", "postal_code": "10115"}})
    stage.see("till", "7", version=2, given_name="Ada", email=MAIL, addresses={"x": {"line1": "Weg 2", "postal_code": "10115"}})
    assert stage.golden(ada, "addresses/1") == {"line1": "Weg 2", "postal_code": "10115", "city": "Berlin"}


def test_born_record_brings_edits_when_it_came_after_the_first_whole_read(stage: Stage) -> None:
    stage.see("shop", "2", version=1, created=1_030, given_name="Bea")
    claim = stage.claim("shop", "2", "given_name")
    assert (claim.standing, claim.stamp) == (Standing.EDIT, 1_030 * SECOND)


def test_old_record_brings_seeds_when_it_is_met_after_the_first_whole_read(stage: Stage) -> None:
    stage.see("shop", "2", version=1, created=900, given_name="Bea")
    assert stage.claim("shop", "2", "given_name").standing is Standing.SEED


def test_edit_beats_seed_when_the_seed_ranks_first(stage: Stage) -> None:
    ada = stage.meet("till", "7", version=2, given_name="Anna")
    assert stage.golden(ada, "given_name") == "Anna"


def test_lower_counter_is_a_rollback_when_still_there_later(stage: Stage) -> None:
    stage.see("shop", "1", version=5, given_name="Ana")
    stage.see("shop", "1", version=4, given_name="Ada")
    stage.wait(1)
    stage.see("shop", "1", version=4, given_name="Ada")
    assert "rollback" in stage.notes()
    assert stage.due("shop", "1") == {"given_name": "Ana"}


def test_lower_counter_is_asked_again_when_seen_before_it_had_to_be_visible() -> None:
    stage = Stage()
    stage.connection("shop", visible_after=10)
    stage.meet("shop", "1", version=4, given_name="Ada")
    stage.see("shop", "1", version=5, given_name="Ana")
    stage.see("shop", "1", version=4, given_name="Ada")
    stage.wait(1)
    stage.see("shop", "1", version=4, given_name="Ada")
    assert "rollback" not in stage.notes()
    assert stage.reads() == ["lower version", "lower version"]


def test_system_is_left_alone_and_asked_about_when_it_lost_our_value_three_times(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ana")
    for name in ("Ada", "Adi", "Ade"):
        stage.see("shop", "1", version=2, given_name=name)
    assert (stage.asked(), stage.due("shop", "1")) == ([ReviewKind.NOT_KEPT], {})


def test_edits_are_a_conflict_when_the_loser_did_not_see_the_winner() -> None:
    stage = dated()
    stage.see("till", "7", changed=1_020, given_name="Anna")
    stage.see("shop", "1", changed=1_010, given_name="Ana")
    assert [row[-1] for note in stage.known.notes for row in note.changes if note.kind == "edit"] == [False, True]


def test_versions_are_kept_per_field_when_payloads_are_partial() -> None:
    stage = Stage()
    stage.connection("shop")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)
    stage.see("shop", "1", version=5, given_name="Ana", partial=True)
    stage.see("shop", "1", version=3, email="ana@example.org", partial=True)
    assert stage.golden(ada, "email") == "ana@example.org"


def test_silent_field_is_edited_when_the_counter_stands_still(stage: Stage) -> None:
    stage.see("shop", "1", version=2, given_name="Ada", note="tall")
    ada = stage.meet("shop", "1", version=2, given_name="Ada", note="short")
    assert stage.golden(ada, "note") == "short"


def test_override_pins_a_field_when_somebody_edits_it(stage: Stage) -> None:
    ada = stage.meet("shop", "1", version=2, given_name="Ana")
    ada.overrides["given_name"] = Override("Augusta", "kim", stage.now)
    stage.see("shop", "1", version=3, given_name="Anna")
    assert stage.golden(ada, "given_name") == "Augusta"
    assert [row[-4] for note in stage.known.notes for row in note.changes if note.kind == "edit"] == ["won", "lost"]
