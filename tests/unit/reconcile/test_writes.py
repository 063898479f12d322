"""Rules 2.18 to 2.21, 6.5, 6.11 and 6.12: what the end of our own write means, and what is read while it is on its way."""

from __future__ import annotations

from hub.model.delivery import AttemptState
from hub.model.outcome import OutcomeKind
from hub.model.record import Source
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Value
from hub.reconcile import observe
from hub.reconcile.readback import pair_elements
from tests.unit.reconcile.stage import Stage, open_state

MAIL = "a@example.org"
HOME = {"line1": "Weg 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE"}
KEYED = Traits(Ordering.COUNTER, create="natural_key", update="plain")


def pair(**traits: Traits) -> Stage:
    """Two systems that know Ada, and a newer note in the shop that is due at the till."""
    stage = Stage("shop", "till", traits=traits)
    stage.shows("shop", email=MAIL, note="old", version=1)
    stage.shows("till", email=MAIL, note="old", version=1)
    stage.shows("shop", email=MAIL, note="new", version=2)
    return stage


def test_rule_2_18_a_read_is_not_compared_when_our_write_is_on_its_way() -> None:
    stage = pair()
    attempt = stage.writes("till")
    ruling = stage.shows("till", email=MAIL, note="new", version=2)
    assert (ruling.fate, stage.link("till").owed_read, stage.golden("note")) == (Fate.WAITING, True, "new")
    stage.ends(attempt, answer=stage.record(email=MAIL, note="new", version=2))
    assert (stage.claim("till", "note").own, stage.rereads()) == ("old", ["owed"])


def test_rule_2_18_a_read_is_not_compared_when_it_was_sent_before_our_write_ended() -> None:
    stage = pair()
    attempt = stage.writes("till")
    under_way = stage.ask()
    stage.ends(attempt, answer=stage.record(email=MAIL, note="new", version=2))
    assert stage.shows("till", email=MAIL, note="stale", version=9, asked=under_way).fate is Fate.WAITING
    assert stage.golden("note") == "new"


def test_rule_2_18_an_attempt_stays_open_when_its_effect_need_not_be_visible_yet() -> None:
    stage = pair(till=Traits(Ordering.COUNTER, visible_after=30 * SECOND, update="plain"))
    attempt = stage.writes("till")
    stage.ends(attempt)
    stage.shows("till", email=MAIL, note="old", version=1)
    assert attempt.state is AttemptState.READ_BACK
    stage.tick(30)
    stage.shows("till", email=MAIL, note="new", version=2)
    assert (attempt.state, stage.due("till")) == (AttemptState.CLOSED, {})


def test_rule_2_19_the_hash_is_cleared_when_an_attempt_ends() -> None:
    stage = pair()
    attempt = stage.writes("till")
    stage.link("till").digest = b"as compared"
    stage.ends(attempt, OutcomeKind.REFUSED)
    assert stage.link("till").digest == b""


def test_rule_2_20_another_value_is_a_rendering_when_the_counter_moved_by_one() -> None:
    stage = pair()
    stage.ends(stage.writes("till"))
    stage.shows("till", email=MAIL, note="<p>quite another</p>", version=2)
    assert (stage.golden("note"), stage.due("till"), stage.claim("till", "note").own) == ("new", {}, "old")


def test_rule_2_20_another_value_is_an_edit_when_the_counter_moved_by_two() -> None:
    stage = pair()
    stage.ends(stage.writes("till"))
    stage.shows("till", email=MAIL, note="somebody's", version=3)
    assert stage.golden("note") == "somebody's"


def test_rule_2_20_an_upper_case_copy_is_a_rendering_when_there_is_no_counter() -> None:
    stage = pair(till=Traits(Ordering.NONE, update="plain"))
    stage.ends(stage.writes("till"))
    stage.shows("till", email=MAIL, note="NEW", version=None)
    assert (stage.golden("note"), stage.due("till"), stage.claim("till", "note").held) == ("new", {}, "NEW")


def test_rule_2_20_nothing_was_written_when_an_unknown_attempt_shows_the_value_before() -> None:
    stage = pair()
    attempt = stage.writes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.tick(60)
    stage.shows("till", email=MAIL, note="old", version=1)
    assert (open_state(attempt), stage.due("till")) == (False, {"note": "new"})


def test_rule_2_21_the_answer_of_a_write_is_its_rendering_whatever_it_looks_like() -> None:
    stage = pair()
    stage.ends(stage.writes("till"), answer=stage.record(email=MAIL, note="quite another", version=2))
    assert (stage.golden("note"), stage.due("till"), stage.claim("till", "note").held) == ("new", {}, "quite another")


def test_rule_2_21_the_answer_of_a_create_is_its_rendering_whatever_it_looks_like() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="new", version=1)
    stage.ends(stage.makes("till"), answer=stage.record("9", email=MAIL, note="quite another", version=1))
    assert (stage.golden("note"), stage.due("till", "9")) == ("new", {})


def test_rule_6_5_an_unknown_record_waits_when_an_open_create_may_have_made_it() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="new", version=1)
    attempt = stage.makes("till")
    assert stage.shows("till", "9", email=MAIL, version=1).fate is Fate.WAITING
    assert stage.shows("till", "8", email="b@example.org", version=1).fate is Fate.APPLIED
    assert open_state(attempt)


def test_rule_6_5_an_unknown_record_waits_when_its_read_was_sent_before_the_create_and_came_back_after() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="new", version=1)
    under_way = stage.ask()
    stage.makes("till")
    assert stage.shows("till", "9", email=MAIL, version=1, asked=under_way).fate is Fate.WAITING


def test_rule_6_5_a_record_is_ours_when_it_bears_our_marker() -> None:
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.COUNTER, create="marker", marker="ref")})
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.ends(attempt, answer=stage.record("9", email=MAIL, version=1), source=Source.FETCH, marker=attempt.marker)
    assert (stage.link("till", "9").by_hub, stage.link("till", "9").entity_id, open_state(attempt)) == (True, 1, False)


def found(stage: Stage, **said: object) -> None:
    """Look for a create whose fate is unknown and find a record with the same e-mail."""
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.ends(attempt, answer=stage.record("9", email=MAIL, **said), source=Source.FETCH)  # type: ignore[arg-type]


def test_rule_6_11_a_found_record_is_ours_when_it_shows_what_we_sent() -> None:
    stage = Stage("shop", "till", traits={"till": KEYED})
    stage.shows("shop", email=MAIL, family_name="Byron", version=1)
    found(stage, family_name="BYRON", version=1)
    assert (stage.link("till", "9").by_hub, stage.due("till", "9")) == (True, {})


def test_rule_6_11_a_found_record_is_somebody_elses_when_it_shows_other_values() -> None:
    stage = Stage("shop", "till", traits={"till": KEYED})
    stage.shows("shop", email=MAIL, family_name="Byron", version=1)
    stage.was_read("till", high=stage.now)
    stage.tick(5)
    found(stage, family_name="Lovelace", version=1, created_at=stage.now)
    assert (stage.link("till", "9").by_hub, stage.link("till", "9").entity_id) == (False, 1)
    assert (stage.golden("family_name"), stage.due("shop")) == ("Lovelace", {"family_name": "Lovelace"})


def test_rule_6_14_a_create_that_did_not_happen_waits_for_what_was_read_meanwhile() -> None:
    stage = Stage("shop", "till", traits={"till": KEYED})
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.ends(attempt, OutcomeKind.NOT_FOUND)
    delivery = stage.known.created[1, "till", "customers"]
    assert (open_state(attempt), delivery.wait) == (False, "what was read meanwhile")
    assert delivery.not_before > stage.now * SECOND


def test_rule_6_12_a_clash_asks_nobody_when_the_record_was_met_meanwhile() -> None:
    stage = Stage("shop", "till", traits={"till": KEYED})
    stage.shows("shop", email=MAIL, version=1)
    early = stage.seen("till", stage.record("9", email=MAIL))
    attempt = stage.makes("till")
    observe(stage.known, stage.ground, early)
    stage.known.created.clear()
    stage.ends(attempt, OutcomeKind.CLASH)
    assert (stage.link("till", "9").entity_id, stage.asked(), stage.known.dead, open_state(attempt)) == (1, [], [], False)


def test_an_edit_does_not_count_its_own_earlier_one_as_seen_when_it_is_weighed_against_a_third() -> None:
    stage = pair()
    stage.shows("till", email=MAIL, note="lost", version=2, changed_at=1.0)
    stage.shows("till", email=MAIL, note="lost again", version=3, changed_at=2.0)
    assert stage.claim("till", "note").base == 0


def test_a_word_that_a_system_does_not_keep_is_sent_three_times_and_then_asked_about() -> None:
    """A help desk that makes `gold_club` of `Gold Club` is not sent it for ever."""
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.CHANGED_AT, update="plain")})
    stage.shows("shop", email=MAIL, version=1, tags=[])
    stage.shows("till", email=MAIL, tags=[], changed_at=1)
    stage.shows("shop", email=MAIL, version=2, tags=["Gold Club"])
    for count in range(3):
        attempt = stage.writes("till")
        stage.ends(attempt)
        stage.shows("till", email=MAIL, tags=["gold_club"], changed_at=2 + count)
        assert open_state(attempt) is False
    assert ("tags/Gold Club" in stage.due("till"), stage.asked()) == (False, ["not_kept"])


def test_a_word_that_the_answer_does_not_show_is_not_sent_again() -> None:
    stage = pair()
    stage.shows("till", email=MAIL, note="old", version=1, tags=[])
    stage.shows("shop", email=MAIL, note="new", version=3, tags=["Gold Club"])
    stage.ends(stage.writes("till"), answer=stage.record(email=MAIL, note="new", version=2, tags=["gold_club"]))
    assert stage.due("till") == {}


def test_an_element_that_we_made_again_goes_by_its_new_id() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email=MAIL, version=1, addresses={"a": HOME})
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.writes("shop")
    link, table = stage.link("shop"), stage.ground.tables["shop", "customers"]
    link.elements = {"addresses": {"former": "1", "new": "2"}}
    left: dict[str, Value] = {"addresses/2": HOME}
    pair_elements(table, link, stage.entity(), attempt, left)
    assert (left, link.elements) == ({"addresses/1": HOME}, {"addresses": {"new": "1"}})
