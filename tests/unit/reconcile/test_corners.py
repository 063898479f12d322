"""Corners: words of a ruling, bounds that are met exactly, and what is left of a record when only a part of it is told."""

from __future__ import annotations

import pytest

from hub.config import Policy, PolicyKind
from hub.model.delivery import AttemptState
from hub.model.entity import Override
from hub.model.link import Claim, LinkState, Standing
from hub.model.outcome import OutcomeKind
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from hub.reconcile import settle
from hub.reconcile.adopt import _is_as_made
from hub.reconcile.compare import is_behind
from hub.reconcile.observe import HELD, _ask_first, _bury_lost
from hub.reconcile.outcome import CLASHES, _may_lack, _writes
from hub.reconcile.readback import GONE, take_up
from hub.reconcile.remap import _is_of
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, two, written
from tests.unit.reconcile.stage import MAPPING, Stage, open_state


def test_a_record_is_not_gone_when_our_write_to_it_is_on_its_way() -> None:
    stage = two()
    written(stage, note="new")
    ruling = stage.lacks("till")
    assert (ruling.fate, ruling.reason, stage.link("till").owed_read) == (Fate.WAITING, "an attempt is open", True)
    assert stage.link("till").state is LinkState.LIVE


def test_a_read_that_left_before_our_write_ended_is_made_again() -> None:
    stage = two()
    attempt = written(stage, note="new")
    under_way = stage.ask()
    stage.ends(attempt, answer=stage.record(email=MAIL, note="new", version=2))
    ruling = stage.shows("till", email=MAIL, note="x", version=9, asked=under_way)
    assert (ruling.reason, stage.link("till").owed_read) == ("it was read while an attempt was open", True)
    assert stage.rereads() == ["fenced"]


def test_another_birth_is_not_believed_when_a_list_may_still_show_what_was_there_before() -> None:
    stage = Stage("till", traits={"till": LAGGING})
    stage.shows("till", email=MAIL, birth="monday", changed_at=1.0)
    ruling = stage.shows("till", email=MAIL, birth="tuesday", changed_at=1.0)
    assert (ruling.fate, ruling.reason) == (Fate.SUPERSEDED, "a list may still show what was there before")


@pytest.mark.parametrize("kind", [OutcomeKind.DONE, OutcomeKind.UNKNOWN])
def test_another_birth_waits_when_what_our_write_left_there_cannot_show_yet(kind: OutcomeKind) -> None:
    stage = two(till=LAGGING)
    stage.link("till").birth = "monday"
    stage.tick(30)
    attempt = written(stage, note="new")
    stage.ends(attempt, kind)
    ruling = stage.shows("till", email=MAIL, note="new", birth="tuesday", changed_at=5.0)
    assert (ruling.fate, ruling.reason, stage.link("till").state) == (Fate.WAITING, "an attempt is open", LinkState.LIVE)


def test_many_that_are_gone_are_asked_about_and_looked_for_again_when_we_wrote_to_them() -> None:
    stage = two()
    written(stage, note="new")
    asked = [_ask_first(stage.known, stage.link(name), 5 * SECOND) for name in ("shop", "till")]
    assert [(one.fate, one.reason) for one in asked] == [(Fate.REVIEW, "many are gone at once")] * 2
    assert [(one.connection, one.reason, one.not_before) for one in stage.known.rereads] == [("till", "gone?", 5 * SECOND + HELD)]


def test_only_what_was_lost_in_the_same_place_ends_with_a_record_that_was_made_again() -> None:
    stage = two()
    for name in ("2", "3"):
        stage.shows("shop", name, email=MAIL, given_name="Ada", version=1)
    stage.link("shop", "3").state = stage.link("till").state = LinkState.LOST
    assert sorted(_bury_lost(stage.known, stage.link("shop"), 7)) == ["email", "given_name"]
    states = [stage.link(*key).state for key in (("shop", "1"), ("shop", "2"), ("shop", "3"), ("till", "1"))]
    assert states == [LinkState.LIVE, LinkState.LIVE, LinkState.ENDED, LinkState.LOST]
    assert stage.link("shop", "3").ended_at == 7


@pytest.mark.parametrize(("partial", "digest"), [(True, b""), (False, b"1")])
def test_a_new_record_is_known_unchanged_only_when_all_of_it_was_told(*, partial: bool, digest: bytes) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1, partial=partial)
    assert stage.link("shop").digest == digest


def test_what_a_new_record_does_not_hold_is_known_when_it_was_told() -> None:
    stage = Stage("shop")
    stage.shows("shop", note=None, family_name="Berg", email=MAIL, version=1)
    assert stage.claim("shop", "note") == Claim(None, 1, 1)
    assert (stage.claim("shop", "family_name").own, stage.golden("family_name"), stage.golden("note")) == ("Berg", "Berg", None)


def test_a_second_record_leaves_out_what_it_does_not_hold_when_others_follow() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="tea", version=1)
    stage.shows("till", email=MAIL, note=None, family_name="Berg", version=1)
    assert (stage.claim("till", "note"), stage.claim("till", "family_name").own) == (Claim(None, 1, 2), "Berg")
    assert (stage.golden("note"), stage.golden("family_name")) == ("tea", "Berg")


def test_what_was_refused_stays_aside_when_the_field_is_seen_for_the_first_time() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    stage.link("shop").claims["note"] = Claim(aside=5)
    stage.shows("shop", email=MAIL, note="tea", version=2)
    assert (stage.claim("shop", "note").held, stage.claim("shop", "note").aside) == ("tea", 5)


def test_a_lower_version_is_no_suspect_any_more_when_the_newest_shows_again() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, note="new", version=5)
    stage.shows("shop", email=MAIL, note="old", version=3)
    assert stage.link("shop").suspect_version == 3
    stage.shows("shop", email=MAIL, note="new", version=5)
    assert stage.link("shop").suspect_version is None


@pytest.mark.parametrize(("traits", "said", "behind"), [
    (Traits(Ordering.COUNTER), {"version": 4}, True), (Traits(Ordering.COUNTER), {"version": 5}, False),
    (Traits(Ordering.COUNTER), {"version": None}, False), (Traits(Ordering.COUNTER), {"version": 6, "changed_at": 1.0}, False),
    (Traits(Ordering.CHANGED_AT), {"changed_at": 8.0}, True), (Traits(Ordering.CHANGED_AT), {"changed_at": 9.0}, False),
    (Traits(Ordering.CHANGED_AT), {"changed_at": 10.0, "version": 1}, False), (Traits(Ordering.NONE), {"version": 1}, False),
])  # fmt: skip
def test_is_behind_says_whether_a_read_is_older_than_the_last(traits: Traits, said: dict[str, float], *, behind: bool) -> None:
    stage = Stage("shop", traits={"shop": traits})
    stage.shows("shop", email=MAIL, version=5, changed_at=9.0)
    seen = stage.seen("shop", stage.record(email=MAIL, **said))  # type: ignore[arg-type]
    assert is_behind(stage.link("shop"), seen, stage.ground) is behind


@pytest.mark.parametrize(("said", "as_made"), [
    ({"version": 9, "changed_at": 5.0, "created_at": 5.0}, True), ({"version": 1, "changed_at": 6.0, "created_at": 5.0}, False),
    ({"version": 1, "changed_at": 6.0}, True), ({"version": 2, "changed_at": 6.0}, False), ({"version": 0}, True),
    ({"version": None}, True), ({"version": 2, "created_at": 6.0}, False),
])  # fmt: skip
def test_a_record_is_as_it_was_made_when_nothing_tells_of_a_change(said: dict[str, float], *, as_made: bool) -> None:
    assert _is_as_made(Stage("shop").record(email=MAIL, **said)) is as_made  # type: ignore[arg-type]


@pytest.mark.parametrize(("born_s", "standing"), [(500, Standing.SEED), (510, Standing.SEED), (511, Standing.EDIT)])
def test_a_record_is_born_when_it_was_made_after_all_that_the_first_read_could_show(born_s: int, standing: Standing) -> None:
    stage = Stage("shop", traits={"shop": LAGGING})
    stage.was_read("shop", high=500)
    stage.shows("shop", email=MAIL, note="tea", created_at=float(born_s))
    assert stage.claim("shop", "note").standing is standing


def test_a_value_is_sent_again_when_an_unknown_write_shows_what_was_there_before() -> None:
    stage = two(till=Traits(Ordering.NONE, update="plain"))
    stage.shows("till", email=MAIL, note="Rue de la Paix 10, appartement", version=None)
    attempt = written(stage, note="Rue de la Paix 10, appartement!")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.tick(60)
    stage.shows("till", email=MAIL, note="Rue de la Paix 10, appartement", version=None)
    assert stage.due("till").get("note") == "Rue de la Paix 10, appartement!"


def test_an_address_of_a_record_we_made_is_ours_when_the_answer_shows_it_in_other_words() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, addresses={"a": HOME}, version=1)
    answer = stage.record("9", email=MAIL, addresses={"x9": {**HOME, "postal_code": "6900"}}, version=1)
    stage.ends(stage.makes("till"), answer=answer)
    assert stage.link("till", "9").elements == {"addresses": {"x9": "1"}}
    assert [path for path in stage.entity().golden if path.startswith("addresses/")] == ["addresses/1"]


def test_a_record_is_gone_when_our_delete_of_it_is_done() -> None:
    stage = two()
    attempt = written(stage, note="new")
    attempt.operation, stage.link("till").suspect_version = "delete", 1
    stage.ends(attempt)
    assert stage.link("till").suspect_version is None
    assert (stage.link("till").state, attempt.state, attempt.result) == (LinkState.ENDED, AttemptState.CLOSED, "done")
    assert [note.kind for note in stage.known.notes][-1] == "deleted by us"


@pytest.mark.parametrize(("path", "lacks"), [("note", True), ("addresses/1", True), ("email", False), ("phone", True)])
def test_a_record_is_made_without_a_field_when_it_can_be_written_later(path: str, *, lacks: bool) -> None:
    free = MAPPING.replace("required: true, ", "")
    tables = [Stage("shop", mapping=text).ground.tables["shop", "customers"] for text in (MAPPING, free)]
    assert [_may_lack(table, path) for table in (*tables, None)] == [lacks, lacks, False]


@pytest.mark.parametrize(("path", "blamed", "writes"), [
    ("tags/a/b", "tags", True), ("addresses/1", "addresses", True), ("note", "note", True), ("note", "phone", False),
    ("given_name", "first_name", True), ("nothing", "nothing", False), ("note", "note[0].text", True),
    ("note", "note.text", True), ("note", "notes", False), ("note", "my.note", False),
])  # fmt: skip
def test_a_field_is_to_blame_when_a_system_names_where_it_is_written(path: str, blamed: str, *, writes: bool) -> None:
    assert bool(_writes(Stage("shop").ground.tables["shop", "customers"], path, blamed)) is writes


@pytest.mark.parametrize(("tries", "asked", "wait"), [
    (CLASHES - 1, [], "the one that is there"), (CLASHES, ["clash"], "refused there"),
])  # fmt: skip
def test_a_clash_is_asked_about_when_it_comes_too_often(tries: int, asked: list[str], wait: str) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    delivery = stage.known.created[1, "till", "customers"]
    delivery.tries = tries
    stage.ends(attempt, OutcomeKind.CLASH)
    assert (stage.asked(), delivery.wait, delivery.tries, open_state(attempt)) == (asked, wait, CLASHES, False)


def test_settle_returns_what_changed_when_it_did() -> None:
    stage = two()
    entity = stage.entity()
    assert settle(stage.known, stage.ground, entity, ["note", "email"]) == []
    entity.overrides["note"] = Override("milk", "kim", 7)
    assert settle(stage.known, stage.ground, entity, ["note", "email"]) == ["note"]


def test_a_grant_counts_when_it_was_given_on_top_of_the_withdrawal() -> None:
    stage = Stage("shop", "till", consent__email_marketing=Policy(PolicyKind.MOST_RESTRICTIVE))
    for name in ("shop", "till"):
        stage.shows(name, email=MAIL, consent__email_marketing="granted", version=1)
    stage.shows("till", email=MAIL, consent__email_marketing="withdrawn", version=2)
    attempt = stage.writes("shop")
    stage.ends(attempt, answer=stage.record(email=MAIL, consent__email_marketing="withdrawn", version=2))
    stage.shows("shop", email=MAIL, consent__email_marketing="granted", version=3)
    assert stage.golden("consent.email_marketing") == "granted"


@pytest.mark.parametrize(("path", "is_of"), [("addresses/1", True), ("addresses", True), ("note", False), ("address/1", False)])
def test_a_line_of_a_mapping_covers_the_elements_of_its_list(path: str, *, is_of: bool) -> None:
    assert _is_of(path, ["addresses"]) is is_of


@pytest.mark.parametrize(("result", "state", "after"), [
    (GONE, AttemptState.UNKNOWN, ""), ("done", AttemptState.READ_BACK, "done"),
])  # fmt: skip
def test_a_write_is_read_back_when_its_record_came_again(result: str, state: AttemptState, after: str) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.attempt_id, link.laid_by, attempt.state, attempt.result = None, attempt.id, AttemptState.CLOSED, result
    take_up(stage.known, link)
    assert (link.attempt_id, link.laid_by, attempt.state, attempt.result) == (attempt.id, 0, state, after)


@pytest.mark.parametrize(("looks", "answered"), [(0, []), (1, ["attempt 1"])])
def test_a_question_about_an_attempt_is_answered_when_it_ends_after_it_was_looked_for(looks: int, answered: list[str]) -> None:
    stage = two()
    attempt = written(stage, note="new")
    attempt.looks = looks
    stage.ends(attempt, OutcomeKind.REFUSED)
    assert list(stage.known.answered) == answered


def test_an_address_holds_only_what_was_said_of_it() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, addresses={"a": {**HOME, "line2": None}}, version=1)
    assert stage.golden("addresses/1") == HOME


def test_a_lower_version_is_read_again_before_it_is_believed() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, note="new", version=5)
    ruling = stage.shows("shop", email=MAIL, note="old", version=3)
    assert (ruling.fate, ruling.reason, stage.link("shop").suspect_version) == (Fate.SUPERSEDED, "read again later", 3)


def test_a_record_is_to_be_written_when_its_value_changed() -> None:
    stage = two()
    entity = stage.entity()
    entity.overrides["note"] = Override("milk", "kim", 7)
    stage.known.changed_entities.clear()
    settle(stage.known, stage.ground, entity, ["note"])
    assert list(stage.known.changed_entities) == [entity.id]


def test_a_write_is_over_when_its_record_is_not_known_any_more() -> None:
    stage = two()
    attempt = written(stage, note="new")
    attempt.link_id = None
    stage.ends(attempt)
    assert attempt.state is AttemptState.CLOSED


def test_a_write_is_over_when_what_it_did_was_undone_with_a_restore() -> None:
    stage = two()
    attempt = written(stage, note="new")
    stage.ends(attempt)
    stage.known.state("till").accepted = 1
    stage.shows("till", email=MAIL, given_name="ADA", family_name="Byron", note="one", version=1)
    assert (attempt.state, stage.link("till").attempt_id) == (AttemptState.CLOSED, None)
