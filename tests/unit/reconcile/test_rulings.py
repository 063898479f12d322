"""Rulings in their own words, and what else is written down with them: people read why a record waits, and what became of it."""

from __future__ import annotations

import pytest

from hub.model.delivery import AttemptState, Cover
from hub.model.link import Claim, LinkState, Standing
from hub.model.outcome import OutcomeKind
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Value
from hub.reconcile import observe
from hub.reconcile.identify import could_be
from hub.reconcile.observe import Ruling, _adopt, _meet_another
from hub.reconcile.readback import GONE, pair_elements, take_up
from hub.reconcile.statements import complete
from hub.reconcile.survive import survive
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, WORK, two, written
from tests.unit.reconcile.stage import Stage
from tests.unit.reconcile.test_votes import KINDS, cast

EARLY = Ruling(Fate.WAITING, "too early to tell")


def test_a_ruling_says_that_it_is_too_early_when_a_record_is_not_there_yet() -> None:
    stage = two()
    stage.link("till").fence_seq = 99
    assert stage.lacks("till") == EARLY


def test_a_ruling_says_that_a_write_is_under_way_when_its_record_is_not_there() -> None:
    stage = two()
    written(stage, note="new")
    assert stage.lacks("till") == stage.shows("till", email=MAIL, version=9) == Ruling(Fate.WAITING, "an attempt is open")


def test_a_ruling_says_that_too_much_went_empty() -> None:
    ruling = two().shows("shop", email=MAIL, given_name=None, family_name=None, note=None, version=2)
    assert ruling == Ruling(Fate.REVIEW, "over half of its fields went empty at once")


def test_a_ruling_says_that_a_list_may_lag() -> None:
    stage = two(till=LAGGING)
    stage.tick(30)
    stage.lacks("till")
    assert stage.shows("till", email=MAIL, changed_at=5.0) == Ruling(Fate.SUPERSEDED, "a list may still show what is gone")
    stage.link("shop").birth = "x"
    seen = stage.seen("till", stage.record(email=MAIL, birth="y"), asked=(99, 0))
    stage.link("till").state = LinkState.LIVE
    ruling = _meet_another(stage.known, stage.ground, stage.link("till"), seen)
    assert ruling == Ruling(Fate.SUPERSEDED, "a list may still show what was there before")


def test_a_ruling_says_that_a_system_may_have_been_restored() -> None:
    stage = two()
    stage.known.state("till").rewound_at = 5
    assert stage.lacks("till") == Ruling(Fate.REVIEW, "its system may have been restored")


@pytest.mark.parametrize(("version", "ruling"), [
    (1, Ruling(Fate.SUPERSEDED, "read again later")), (None, Ruling(Fate.SUPERSEDED, "a later read came first")),
])  # fmt: skip
def test_a_ruling_says_that_a_later_state_is_known(version: int | None, ruling: Ruling) -> None:
    stage = Stage("shop", traits={} if version else {"shop": Traits(Ordering.NONE)})
    under_way = stage.ask()
    stage.shows("shop", email=MAIL, note="new", version=version and 5)
    assert stage.shows("shop", email=MAIL, note="old", version=version, asked=under_way) == ruling


def test_a_ruling_says_that_a_read_was_too_early_for_what_lags() -> None:
    stage = Stage("shop", traits={"shop": LAGGING})
    stage.shows("shop", email=MAIL, note="new", changed_at=5.0)
    assert stage.shows("shop", email=MAIL, note="old", changed_at=5.0) == Ruling(Fate.WAITING, "read again later")
    assert (stage.link("shop").owed_read, stage.link("shop").digest, stage.rereads()) == (True, b"", ["too early"])


def test_a_ruling_says_what_a_new_record_waits_for() -> None:
    stage = Stage("shop", "till")
    stage.known.restored_at = stage.tick(0)
    seen = stage.seen("till", stage.record(email=MAIL), marker="test-1")
    reason = "we made it in the time that the restored store does not remember"
    assert observe(stage.known, stage.ground, seen) == Ruling(Fate.WAITING, reason)
    stage.shows("shop", email=MAIL, version=1)
    stage.makes("till")
    assert stage.shows("till", "9", email=MAIL, version=1) == Ruling(Fate.WAITING, "it may be the one we are making")


@pytest.mark.parametrize("marker", [None, "test-2"])
def test_a_record_is_nothing_we_are_making_when_what_we_make_there_carries_our_marker(marker: str | None) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.makes("till")
    stage.ground.tables["till", "customers"].projection = True  # type: ignore[misc]
    assert _adopt(stage.known, stage.ground, stage.seen("till", stage.record("9", email=MAIL), marker=marker)) is None


def test_an_attempt_is_written_down_when_it_is_taken_up() -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.attempt_id, link.laid_by, attempt.state, attempt.result = None, attempt.id, AttemptState.CLOSED, GONE
    stage.known.changed_attempts.clear()
    take_up(stage.known, link)
    assert list(stage.known.changed_attempts) == [attempt.id]


def test_what_was_left_out_before_stays_so_when_another_field_is_refused() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", phone="+33", version=1)
    attempt = stage.makes("till")
    delivery = stage.known.created[1, "till", "customers"]
    delivery.left_out = {"phone": 1}
    stage.ends(attempt, OutcomeKind.REFUSED, blames="note")
    assert delivery.left_out == {"phone": 1, "note": 1}


def test_an_answer_to_a_refused_call_is_no_rendering_when_an_earlier_one_made_the_record() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.REFUSED, answer=stage.record("9", email=MAIL, note="half", version=1), done=1)
    link = stage.link("till", "9")
    assert (attempt.state, attempt.operation, link.attempt_id, link.claims) == (AttemptState.READ_BACK, "update", attempt.id, {})


def test_a_golden_record_has_no_new_version_when_a_second_record_shows_the_same() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", version=1)
    before = (stage.entity().version, dict(stage.entity().golden))
    stage.known.changed_entities.clear()
    stage.shows("till", email=MAIL, note="one", version=1)
    assert ((stage.entity().version, stage.entity().golden), stage.known.changed_entities) == (before, {})


def test_a_golden_record_has_no_version_when_its_first_record_holds_nothing() -> None:
    stage = Stage("shop")
    stage.shows("shop", note=None, version=1)
    assert (stage.entity().version, stage.entity().golden) == (0, {})


def test_what_cannot_be_compared_tells_nothing_of_what_follows() -> None:
    stage = Stage("shop")
    assert not could_be({"phone": "1"}, stage.record(email=MAIL, phone="2"))
    assert could_be({"phone": "1", "email": None}, stage.record(email=MAIL, phone="1"))


@pytest.mark.parametrize(("part", "kept"), [("line2", {"line1": "Quai 2"}), ("floor", {"line1": "Quai 2", "floor": "4"})])
def test_an_element_loses_what_has_a_place_there_and_is_not_shown(part: str, kept: Value) -> None:
    stage = Stage("shop")
    table = stage.ground.tables["shop", "customers"]
    golden = {"line1": "Rue 1", "city": "Lyon"} | ({part: "4"} if part == "floor" else {})
    assert complete(table, "addresses/1", {"line1": "Quai 2"}, golden) == kept


@pytest.mark.parametrize(("in_claims", "in_golden", "left"), [
    (False, False, ["addresses/1"]), (True, False, ["addresses/2"]),
    (False, True, ["addresses/2"]), (True, True, ["addresses/2"]),
])  # fmt: skip
def test_an_element_is_the_one_we_added_when_nobody_knew_it_before(left: list[str], *, in_claims: bool, in_golden: bool) -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email=MAIL, version=1, addresses={"a": HOME})
    stage.shows("shop", email=MAIL, version=1)
    attempt, link, entity = stage.writes("shop"), stage.link("shop"), stage.entity()
    link.elements = {"addresses": {"new": "2", "other": "3"}}
    link.claims.update({"addresses/2": Claim(HOME)} if in_claims else {})
    entity.golden.update({"addresses/2": entity.golden["addresses/1"]} if in_golden else {})
    found: dict[str, Value] = {"addresses/2": HOME}
    pair_elements(stage.ground.tables["shop", "customers"], link, entity, attempt, found)
    assert list(found) == left
    paired = "1" if left == ["addresses/1"] else "2"
    assert link.elements == {"addresses": {"new": paired, "other": "3"}}


@pytest.mark.parametrize(("path", "sent", "shown"), [
    ("addresses/1", None, HOME), ("note", HOME, HOME), ("others/1", HOME, HOME), ("addresses/1", HOME, WORK),
    ("addresses/1", HOME, None),
])  # fmt: skip
def test_no_element_is_ours_when_nothing_like_it_was_sent(path: str, sent: Value, shown: Value) -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email=MAIL, version=1, addresses={"a": HOME})
    stage.shows("shop", email=MAIL, version=1)
    attempt, link = stage.writes("shop"), stage.link("shop")
    attempt.covers = {path: Cover(1, 1, sent)}
    link.elements = {"addresses": {"new": "2"}}
    found: dict[str, Value] = {"addresses/2": shown}
    pair_elements(stage.ground.tables["shop", "customers"], link, stage.entity(), attempt, found)
    assert (found, link.elements) == ({"addresses/2": shown}, {"addresses": {"new": "2"}})


def test_an_edit_beats_a_seed_of_a_higher_rank_whatever_its_stamp() -> None:
    given = cast(("till", "b", -5, Standing.EDIT, 0, 0), ("shop", "a", 9, Standing.SEED, 0, 0))
    chosen = survive(given, KINDS["newest"])
    assert (chosen.value if chosen else None) == "b"


def test_a_seed_of_one_system_ranks_by_the_first_record_when_their_times_are_equal() -> None:
    rows = [("shop", name, 5, Standing.SEED, 0, 0) for name in ("z", "a")]
    chosen = survive(cast(*rows)[::-1], KINDS["newest"])
    assert (chosen.value if chosen else None) == "z"


def test_a_link_is_quiet_for_as_long_as_its_system_lags() -> None:
    stage = Stage("shop", traits={"shop": LAGGING})
    stage.shows("shop", email=MAIL, changed_at=5.0)
    link = stage.link("shop")
    assert link.quiet_until == link.linked_at + 10 * SECOND
    stage.tick(60)
    stage.shows("shop", email=MAIL, note="tea", changed_at=6.0)
    assert link.quiet_until == stage.tick(0) + 10 * SECOND
