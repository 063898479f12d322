"""What goes and what comes again: records that are not there, that are there again, and ids that were given to others."""

from __future__ import annotations

import pytest

from hub.model.delivery import AttemptState
from hub.model.entity import EntityState
from hub.model.link import Claim, LinkKey, LinkState
from hub.model.outcome import OutcomeKind
from hub.model.record import EntityType
from hub.model.review import Fate, ReviewKind
from hub.model.values import SECOND
from hub.reconcile.observe import HELD, _give_way, _meet_another, _revive, end_link, retire
from hub.reconcile.readback import lay_by, take_up
from tests.unit.reconcile.plots import LAGGING, MAIL, two, written
from tests.unit.reconcile.stage import PERSON

KEY = (EntityType.CUSTOMER, "email", MAIL)
LIVE, ENDED, LOST = LinkState.LIVE, LinkState.ENDED, LinkState.LOST


@pytest.mark.parametrize(("ends", "rewound_at", "accepted", "state"), [
    ("none", 0, 0, EntityState.LIVE), ("shop", 0, 0, EntityState.LIVE), ("shop", 9, 0, EntityState.ENDED),
    ("shop", 0, 1, EntityState.ENDED), ("till", 9, 0, EntityState.LIVE), ("none", 9, 1, EntityState.LIVE),
])  # fmt: skip
def test_an_entity_lives_again_when_its_record_does_and_no_restore_brought_it(
    ends: str, rewound_at: int, accepted: int, state: EntityState
) -> None:
    stage = two()
    stage.ground.config.deletes_from[PERSON] = ends
    stage.entity().state = EntityState.ENDED
    found = stage.known.state("till")
    found.rewound_at, found.accepted = rewound_at, accepted
    _revive(stage.known, stage.ground, stage.link("till"), stage.seen("till", stage.record(email=MAIL)))
    assert stage.entity().state is state


def test_a_record_that_comes_again_is_found_by_its_mail_and_tried_anew() -> None:
    stage = two()
    link = stage.link("till")
    stage.lacks("till")
    claim = link.claims["note"]
    claim.aside, claim.misses = 4, 2
    assert [pair[0] for pair in stage.known.keys[KEY]] == [1]
    stage.known.notes.clear()
    stage.known.touched.clear()
    assert stage.shows("till", email=MAIL.upper(), note="one", version=1).fate is Fate.APPLIED
    assert (link.state, link.ended_at, claim.aside, claim.misses) == (LIVE, 0, 0, 0)
    assert sorted(stage.known.keys[KEY]) == [(1, 1), (2, 1)]
    assert ([note.kind for note in stage.known.notes], list(stage.known.touched)) == (["revived"], [1])


def test_a_lost_record_is_found_once_when_it_comes_again() -> None:
    stage = two()
    _revive(stage.known, stage.ground, stage.link("till"), stage.seen("till", stage.record(email=MAIL)))
    assert sorted(stage.known.keys[KEY]) == [(1, 1), (2, 1)]


def test_its_values_vote_as_before_when_a_record_comes_again() -> None:
    stage = two()
    stage.shows("till", email=MAIL, note="theirs", version=2)
    stage.lacks("till")
    stage.shows("shop", email=MAIL, note="later", version=2)
    assert stage.golden("note") == "later"
    stage.link("shop").claims["note"].stamp = 1
    stage.shows("till", email=MAIL, version=2, partial=True)
    assert stage.golden("note") == "theirs"


@pytest.mark.parametrize(("after_s", "fate"), [(9, Fate.SUPERSEDED), (10, Fate.APPLIED)])
def test_a_record_is_there_again_when_no_lagging_list_can_show_it_any_more(after_s: float, fate: Fate) -> None:
    stage = two(till=LAGGING)
    stage.tick(30)
    stage.lacks("till")
    link = stage.link("till")
    sent_at = link.ended_at + round(after_s * SECOND)
    ruling = stage.shows("till", email=MAIL, changed_at=2000.0, asked=(99, sent_at))
    assert (ruling.fate, link.state) == (fate, LIVE if fate is Fate.APPLIED else ENDED)
    assert bool(ruling.reason) is (fate is Fate.SUPERSEDED)


@pytest.mark.parametrize(("laid_by", "attempt_id", "taken"), [(99, None, None), (1, 5, 5), (0, None, None)])
def test_nothing_is_taken_up_when_nothing_is_known_or_another_write_is_on_its_way(
    laid_by: int, attempt_id: int | None, taken: int | None
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.state, link.laid_by, link.attempt_id = AttemptState.CLOSED, laid_by, attempt_id
    stage.known.changed_attempts.clear()
    take_up(stage.known, link)
    assert (link.laid_by, link.attempt_id, attempt.state) == (0, taken, AttemptState.CLOSED)
    assert stage.known.changed_attempts == {}


@pytest.mark.parametrize(("state", "operation", "before", "laid_by", "result"), [
    (ENDED, "update", "", 1, "gone"), (ENDED, "act", "done", 1, "done"), (ENDED, "delete", "", 0, "gone"),
    (LOST, "update", "", 0, "gone"),
])  # fmt: skip
def test_a_write_is_laid_by_when_its_record_goes(
    state: LinkState, operation: str, before: str, laid_by: int, result: str
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.state, attempt.operation, attempt.result = AttemptState.READ_BACK, operation, before
    link.state, link.attempt_id, link.laid_by = state, attempt.id, 7
    stage.known.changed_attempts.clear()
    lay_by(stage.known, link)
    assert (link.attempt_id, link.laid_by, attempt.state, attempt.result) == (None, laid_by, AttemptState.CLOSED, result)
    assert list(stage.known.changed_attempts) == [attempt.id]


@pytest.mark.parametrize("attempt_id", [None, 1])
def test_nothing_is_laid_by_when_nothing_was_sent_or_its_end_is_not_known(attempt_id: int | None) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.attempt_id, link.laid_by = attempt_id, 7
    lay_by(stage.known, link)
    assert (link.attempt_id, link.laid_by, attempt.state) == (attempt_id, 7, AttemptState.OPEN)


@pytest.mark.parametrize(("state", "accepted", "after", "ended_at", "keys", "signs"), [
    (LIVE, 0, ENDED, 7, [1], ["2"]), (LIVE, 1, LOST, 0, [1, 2], []), (ENDED, 0, ENDED, 7, [1], []),
    (LOST, 0, LOST, 0, [1, 2], []),
])  # fmt: skip
def test_a_record_gives_way_when_its_id_names_another(
    state: LinkState, accepted: int, after: LinkState, ended_at: int, keys: list[int], signs: list[str]
) -> None:
    stage = two()
    link = stage.link("till")
    link.state, link.digest, link.owed_read, link.laid_by, link.suspect_version = state, b"1", True, 3, 1
    stage.known.state("till").accepted = accepted
    _give_way(stage.known, stage.ground, link, 7)
    assert (link.state, link.ended_at, link.external_id, link.laid_by) == (after, ended_at, "1#2", 0)
    assert (link.digest, link.owed_read, link.suspect_version) == (b"", False, None)
    assert (stage.known.links.get(LinkKey("till", "customers", "1")), stage.link("till", "1#2")) == (None, link)
    assert [pair[0] for pair in stage.known.keys[KEY]] == keys
    assert list(stage.known.state("till").signs.get("back", {})) == signs
    assert [(note.kind, note.at, note.link_id) for note in stage.known.notes][-1] == ("reissued", 7, 2)


def test_what_a_record_said_departs_when_it_gives_way() -> None:
    stage = two()
    stage.shows("till", email=MAIL, note="theirs", version=2)
    stage.shows("shop", email=MAIL, note="one", phone="1", version=2, partial=True)
    link = stage.link("till")
    stage.known.touched.clear()
    stage.known.changed_links.clear()
    stage.known.accepted = {(ReviewKind.EMPTIED, link.id), (ReviewKind.EMPTIED, 9)}
    retire(stage.known, stage.ground, link, 7)
    assert (list(stage.known.touched), list(stage.known.changed_links)) == ([1], [link.id])
    assert stage.known.used == [(ReviewKind.EMPTIED, link.id)]


def test_a_value_departs_when_its_link_ends() -> None:
    stage = two()
    stage.shows("till", email=MAIL, note="theirs", version=2)
    stage.shows("shop", email=MAIL, note="later", version=2)
    stage.link("shop").claims["note"].stamp = stage.claim("till", "note").stamp - 1
    end_link(stage.known, stage.ground, stage.link("till"), stage.link("shop").claims["note"].stamp - 1, "ended")
    assert stage.golden("note") == "later"


@pytest.mark.parametrize(("after_s", "fate"), [(9.999, Fate.SUPERSEDED), (10, Fate.APPLIED)])
def test_another_record_is_taken_in_when_no_list_can_show_the_former(after_s: float, fate: Fate) -> None:
    stage = two(till=LAGGING)
    link = stage.link("till")
    link.birth = "monday"
    told = stage.record(email="b@example.org", birth="tuesday", changed_at=1.0)
    seen = stage.seen("till", told, asked=(99, link.linked_at + round(after_s * SECOND)))
    assert _meet_another(stage.known, stage.ground, link, seen).fate is fate


@pytest.mark.parametrize(("state", "fate", "rereads"), [(LIVE, Fate.REVIEW, ["restored?"]), (ENDED, Fate.APPLIED, [])])
def test_another_record_is_no_news_when_its_system_may_have_been_restored(
    state: LinkState, fate: Fate, rereads: list[str]
) -> None:
    stage = two()
    link = stage.link("till")
    link.birth, link.state = "monday", state
    stage.known.state("till").rewound_at = 5
    seen = stage.seen("till", stage.record(email="b@example.org", birth="tuesday"))
    assert (_meet_another(stage.known, stage.ground, link, seen).fate, stage.rereads()) == (fate, rereads)
    assert [one.not_before - seen.received_at for one in stage.known.rereads] == [HELD] * len(rereads)


@pytest.mark.parametrize(("operation", "state", "fate"), [
    ("update", AttemptState.OPEN, Fate.WAITING), ("delete", AttemptState.OPEN, Fate.WAITING),
    ("update", AttemptState.UNKNOWN, Fate.WAITING), ("delete", AttemptState.UNKNOWN, Fate.APPLIED),
])  # fmt: skip
def test_another_record_waits_when_our_write_may_be_seen_in_it(operation: str, state: AttemptState, fate: Fate) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.operation, attempt.state, attempt.ended_at = operation, state, stage.tick(0)
    link.attempt_id, link.birth = attempt.id, "monday"
    stage.known.changed_links.clear()
    seen = stage.seen("till", stage.record(email="b@example.org", birth="tuesday"), asked=(99, stage.tick(1)))
    assert _meet_another(stage.known, stage.ground, link, seen).fate is fate
    assert (link.owed_read, link.id in stage.known.changed_links) == (fate is Fate.WAITING, True)


def test_a_record_that_is_not_there_changes_nothing_when_it_was_gone_before() -> None:
    stage = two()
    stage.lacks("till")
    stage.known.notes.clear()
    assert (stage.lacks("till").fate, stage.lacks("till", "77").fate, stage.known.notes) == (Fate.UNCHANGED, Fate.UNCHANGED, [])


@pytest.mark.parametrize(("fence", "quiet_s", "fate"), [
    (0, 0, Fate.APPLIED), (98, 0, Fate.APPLIED), (99, 0, Fate.WAITING), (0, 5000, Fate.APPLIED), (0, 5001, Fate.WAITING),
    (0, 6000, Fate.WAITING),
])  # fmt: skip
def test_a_record_is_gone_when_the_read_was_not_too_early(fence: int, quiet_s: int, fate: Fate) -> None:
    stage = two()
    link = stage.link("till")
    link.fence_seq, link.quiet_until = fence, quiet_s * SECOND
    stage.now, stage.seq = 4_999.0, 98
    ruling = stage.lacks("till")
    assert (ruling.fate, link.state) == (fate, ENDED if fate is Fate.APPLIED else LIVE)
    waits = [(one.reason, one.not_before) for one in stage.known.rereads]
    assert waits == ([("gone?", max(quiet_s, 5001) * SECOND)] if fate is Fate.WAITING else [])
    assert list(stage.known.changed_links) == [1, 2]


@pytest.mark.parametrize(("ends", "state", "kinds"), [
    ("till", EntityState.ENDED, ["deleted there", "ended"]), ("shop", EntityState.LIVE, ["deleted there"]),
    ("none", EntityState.LIVE, ["deleted there"]),
])  # fmt: skip
def test_an_entity_ends_when_its_record_is_gone_where_that_ends_it(ends: str, state: EntityState, kinds: list[str]) -> None:
    stage = two()
    stage.ground.config.deletes_from[PERSON] = ends
    stage.known.notes.clear()
    assert stage.lacks("till").fate is Fate.APPLIED
    assert (stage.entity().state, [note.kind for note in stage.known.notes]) == (state, kinds)
    assert ([pair[0] for pair in stage.known.keys[KEY]], stage.link("till").laid_by) == ([1], 0)


def test_a_record_is_lost_when_a_restore_took_it() -> None:
    stage = two()
    stage.known.state("till").accepted = 1
    stage.ground.config.deletes_from[PERSON] = "till"
    assert stage.lacks("till").fate is Fate.APPLIED
    link = stage.link("till")
    assert (link.state, link.ended_at, stage.entity().state) == (LOST, 0, EntityState.LIVE)
    assert ([pair[0] for pair in stage.known.keys[KEY]], stage.known.notes[-1].kind) == ([1, 2], "lost with a restore")


def test_a_read_is_not_compared_when_it_left_with_the_end_of_our_write() -> None:
    stage = two()
    attempt = written(stage, note="new")
    stage.ends(attempt, OutcomeKind.REFUSED)
    link = stage.link("till")
    early, late = (link.fence_seq, stage.tick()), (link.fence_seq + 1, stage.tick())
    rulings = [stage.shows("till", email=MAIL, note="x", version=9, asked=asked) for asked in (early, late)]
    assert [ruling.fate for ruling in rulings] == [Fate.WAITING, Fate.APPLIED]
    assert [(one.reason, one.not_before > late[1]) for one in stage.known.rereads] == [("fenced", True)]


def test_a_claim_is_tried_anew_when_its_record_was_lost_and_is_there_again() -> None:
    stage = two()
    stage.known.state("till").accepted = 1
    stage.lacks("till")
    stage.link("till").claims["note"] = Claim("one", aside=3, misses=3)
    stage.shows("till", email=MAIL, note="one", version=1)
    claim = stage.claim("till", "note")
    assert (stage.link("till").state, claim.aside, claim.misses, stage.link("till").epoch) == (LIVE, 0, 0, 0)
