"""What a read makes of a claim: what was sent and shows otherwise, first statements, copies, and states that are older."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.model.delivery import Attempt, AttemptState, Cover
from hub.model.entity import Golden
from hub.model.link import NOTHING, Claim, Link, Standing, Stands
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, SECOND, Value
from hub.reconcile.fields import (
    KEPT_TRIES,
    PUT_RIGHT_TRIES,
    Compared,
    _fall_back,
    _first,
    _judge_older,
    _restore,
    _see_copy,
    count_miss,
    emptied,
)
from hub.reconcile.readback import (
    _count_rewrite,
    _is_rendering,
    _not_applied,
    can_resolve,
    is_ignored,
    lost_words,
    read_back,
    visible_at,
)
from tests.unit.reconcile.plots import LAGGING, MAIL, two, written
from tests.unit.reconcile.stage import Stage

COUNTER = Traits(Ordering.COUNTER, create="marker", update="version")
HOUR = 3600 * SECOND
OPEN, UNKNOWN, BACK, CLOSED = AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.READ_BACK, AttemptState.CLOSED


@pytest.mark.parametrize(("edits", "wrote_ago", "after", "asked"), [
    (0, 1, 1, []), (0, HOUR, 1, []), (1, HOUR - 1, 2, ["rewrites"]), (1, HOUR, 1, []), (1, HOUR + HOUR // 2, 1, []),
    (5, HOUR, 1, []), (5, 0, 6, ["rewrites"]),
])  # fmt: skip
def test_a_system_rewrites_our_value_when_it_does_so_twice_within_an_hour(
    edits: int, wrote_ago: int, after: int, asked: list[str]
) -> None:
    stage = two()
    seen = stage.seen("till", stage.record(note="x"))
    seen.received_at = 9 * HOUR
    claim = Claim(edits=edits, wrote_at=9 * HOUR - wrote_ago)
    _count_rewrite(stage.known, stage.link("till"), "note", claim, seen)
    assert (claim.edits, claim.wrote_at, stage.asked()) == (after, 9 * HOUR, asked)
    told = [(one.about, one.entity_id, one.link_id, one.detail) for one in stage.known.questions]
    assert told == [("link 2 note", 1, 2, {"field": "note", "connection": "till"})] * len(asked)


@pytest.mark.parametrize(("operation", "state", "seq", "sent_s", "can"), [
    ("update", BACK, 8, 60, True), ("act", UNKNOWN, 8, 65, True), ("update", UNKNOWN, 8, 64, False),
    ("update", BACK, 7, 60, False),
    ("update", BACK, 8, 59, False), ("update", OPEN, 8, 90, False), ("update", CLOSED, 8, 90, False),
    ("create", BACK, 8, 90, False), ("delete", UNKNOWN, 8, 90, False),
])  # fmt: skip
def test_a_read_may_close_an_attempt_when_it_has_to_show_its_effect(
    operation: str, state: AttemptState, seq: int, sent_s: int, *, can: bool
) -> None:
    stage = two(till=LAGGING)
    stage.tick(30)
    attempt = written(stage, note="new")
    attempt.operation, attempt.state, attempt.seq, attempt.ended_at = operation, state, 7, 50 * SECOND
    assert can_resolve(attempt, stage.seen("till", stage.record(), asked=(seq, sent_s * SECOND)), LAGGING) is can
    assert visible_at(attempt, LAGGING) == (65 if state is UNKNOWN else 60) * SECOND


def sent(**more: object) -> tuple[Stage, Attempt, Link]:
    """Set up a till to which a note is written, done, to be read back."""
    stage = two()
    attempt, link = written(stage, note="Rue de la Paix 10"), stage.link("till")
    attempt.state, attempt.base_version = BACK, 4
    for name, value in more.items():
        setattr(attempt, name, value)
    return stage, attempt, link


@pytest.mark.parametrize(("shown", "version", "more", "is_ours"), [
    ("Rue de la Paix 10", 9, {}, True), ("RUE DE LA PAIX 10", 9, {}, True), ("other", 5, {}, True), ("other", 6, {}, False),
    ("other", 4, {}, False), ("RUE DE LA PAIX 10", 4, {}, False), ("other", None, {}, False),
    ("other", 5, {"base_version": None}, False),
    ("RUE DE LA PAIX 10", 5, {"base_version": None}, True), ("other", 5, {"state": UNKNOWN}, False),
    ("other", 5, {"calls": [{}, {}]}, False), ("RUE DE LA PAIX 10", 5, {"state": UNKNOWN}, True), (None, 6, {}, False),
    ("Rue de la Paix 10", 3, {"state": UNKNOWN}, True),
])  # fmt: skip
def test_what_a_read_shows_is_our_value_in_other_words(
    shown: Value, version: int | None, more: dict[str, object], *, is_ours: bool
) -> None:
    stage, attempt, link = sent(**more)
    seen = stage.seen("till", stage.record(note=shown, version=version))
    table, cover = stage.ground.table(link), attempt.covers["note"]
    assert _is_rendering(stage.ground, table, link, "note", cover, shown, attempt, seen, link.claims["note"]) is is_ours
    unmapped = _is_rendering(stage.ground, None, link, "note", cover, shown, attempt, seen, link.claims["note"])
    assert unmapped is (shown == "Rue de la Paix 10")


@pytest.mark.parametrize(("state", "is_ours"), [(UNKNOWN, False), (BACK, True)])
def test_what_was_held_before_is_no_sign_of_a_write_of_unknown_end(state: AttemptState, *, is_ours: bool) -> None:
    stage, attempt, link = sent(state=state, base_version=None)
    claim = replace(link.claims["note"], held="RUE DE LA PAIX 10")
    seen = stage.seen("till", stage.record(note="RUE DE LA PAIX 10", version=9))
    told = _is_rendering(
        stage.ground, stage.ground.table(link), link, "note", attempt.covers["note"], claim.held, attempt, seen, claim
    )
    assert told is is_ours


@pytest.mark.parametrize(("path", "value", "is_ours"), [("phone", "+4412345678", False), ("note", "other", True)])
def test_a_counter_tells_nothing_of_a_silent_field(path: str, value: str, *, is_ours: bool) -> None:
    stage, attempt, link = sent()
    seen = stage.seen("till", stage.record(version=5))
    cover = Cover(2, 5, "+33123456789")
    assert _is_rendering(stage.ground, stage.ground.table(link), link, path, cover, value, attempt, seen, Claim()) is is_ours


@pytest.mark.parametrize(("was_sent", "shown", "held", "ignored"), [
    ("new", "old", "old", True), ("new", "other", "old", False), ("old", "old", "old", False), ("OLD", "old", "old", False),
    (None, "old", "old", True), ("new", None, None, True), ("new", None, "old", False),
])  # fmt: skip
def test_a_system_ignores_our_value_when_it_shows_the_one_before(
    was_sent: Value, shown: Value, held: Value, *, ignored: bool
) -> None:
    table = Stage("shop").ground.tables["shop", "customers"]
    assert is_ignored(table, "note", was_sent, shown, Claim(held)) is ignored
    assert is_ignored(None, "note", was_sent, shown, Claim(held)) is (shown == held and shown != was_sent)


@pytest.mark.parametrize(("result", "state", "held", "aside", "misses", "dead"), [
    ("refused", BACK, "one", 2, 0, 1), ("refused", UNKNOWN, "one", 2, 0, 1), ("done", BACK, "one", 0, 1, 0),
    ("", UNKNOWN, "one", 0, 0, 0),
    ("done", BACK, MISSING, 0, 1, 0),
])  # fmt: skip
def test_what_was_not_applied_is_set_aside_or_counted(
    result: str, state: AttemptState, held: Value, aside: int, misses: int, dead: int
) -> None:
    stage, attempt, link = sent(result=result, state=state, reason="no")
    attempt.covers["note"].golden_version = 2
    link.claims["note"] = Claim(held, 1, 2, stands=Stands(1, 1))
    seen = stage.seen("till", stage.record(version=6))
    _not_applied(stage.known, link, "note", attempt, seen, COUNTER)
    claim = link.claims["note"]
    assert (claim.aside, claim.misses, len(stage.known.dead), claim.stands) == (aside, misses, dead, NOTHING)
    assert (claim.version, claim.seq) == ((1, 2) if held is MISSING else (6, seen.seq))


@pytest.mark.parametrize(("held", "state", "by_hub", "after", "edits"), [
    ("one", BACK, False, "one", 1), (MISSING, BACK, True, "new", 1), (MISSING, UNKNOWN, True, MISSING, 1),
])  # fmt: skip
def test_somebody_wrote_on_top_of_ours_when_a_read_shows_neither(
    held: Value, state: AttemptState, after: Value, edits: int, *, by_hub: bool
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.state, link.by_hub = state, by_hub
    link.claims["note"].held = held
    cover = attempt.covers["note"]
    seen = stage.seen("till", stage.record(note="quite another", version=9))
    stage.known.touched.clear()
    left = read_back(stage.known, stage.ground, link, stage.entity(), attempt, {"note": "quite another", "phone": "1"}, seen)
    claim = link.claims["note"]
    assert (left, claim.held, claim.edits) == ({"note": "quite another", "phone": "1"}, after, edits)
    assert (claim.stands, attempt.state, list(stage.known.touched)) == (Stands(cover.golden_version, cover.stamp), CLOSED, [1])
    assert link.fence_seq == seen.seq


@pytest.mark.parametrize(("path", "value", "mapping", "version", "before", "seeds", "held", "standing", "left"), [
    ("summary.orders", 3, "m", 2, 1, ["summary.orders"], 3, Standing.SEED, False),
    ("note", "tea", "old", 2, 1, ["note"], "tea", Standing.SEED, False),
    ("note", None, "old", 2, 1, [], None, Standing.SEED, False),
    ("note", None, "m", 2, 1, [], None, Standing.SEED, False),
    ("note", "tea", "m", 1, 1, ["note"], "tea", Standing.SEED, False),
    ("note", "tea", "m", 1, 3, ["note"], "tea", Standing.SEED, False),
    ("note", "tea", "m", 2, 1, [], None, Standing.SEED, True),
    ("addresses/1", {"city": "Lyon"}, "old", 2, 1, [], None, Standing.SEED, True),
    ("addresses/1", {"city": "Lyon"}, "m", 1, 1, [], None, Standing.SEED, True),
])  # fmt: skip
def test_a_first_statement_is_a_seed_unless_it_came_since(
    path: str,
    value: Value,
    mapping: str,
    version: int,
    before: int,
    seeds: list[str],
    held: Value,
    standing: Standing,
    *,
    left: bool,
) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    link, found = stage.link("shop"), Compared()
    link.mapping, link.version = mapping, before
    seen = stage.seen("shop", stage.record(version=version))
    claim = _first(link, path, value, seen, COUNTER, found)
    kept = link.claims[path]
    assert (found.seeds, kept.held, kept.standing, claim is kept) == (seeds, held, standing, left)
    is_own = bool(seeds) and path == "note"
    assert (kept.own, kept.seq) == (value if is_own else MISSING, 0 if left else seen.seq)
    expected = (None if version == before else before) if left else version
    assert kept.version == expected


def test_a_derived_value_is_read_and_nobodys_when_it_shows_for_the_first_time() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.shows("till", email=MAIL, version=1)
    stage.entity().golden["summary.orders"] = Golden(3, 5, 0, 9)
    stage.shows("till", email=MAIL, summary__orders=3, version=2)
    assert stage.claim("till", "summary.orders").stands == Stands(9, 5)
    assert (stage.golden("summary.orders"), stage.claim("till", "summary.orders").own) == (3, MISSING)


def test_a_new_line_of_a_mapping_is_a_seed_that_wins_when_nobody_else_says_anything() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    stage.link("shop").mapping = "before"
    stage.shows("shop", email=MAIL, note="tea", version=2)
    assert (stage.golden("note"), stage.claim("shop", "note").standing, stage.link("shop").mapping) == ("tea", Standing.SEED, "m")


@pytest.mark.parametrize(("path", "golden", "seeds", "rollbacks", "misses", "held"), [
    ("note", "ours", [], ["note"], 1, "theirs"), ("note", None, [], [], 0, "theirs"),
    ("summary.orders", None, [], ["summary.orders"], 1, "theirs"),
    ("summary.orders", "ours", [], ["summary.orders"], 1, "theirs"),
    ("phone", "ours", ["phone"], [], 0, "theirs"),
])  # fmt: skip
def test_a_copy_is_put_right_when_people_type_over_it(
    path: str, golden: Value, seeds: list[str], rollbacks: list[str], misses: int, held: Value
) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    link, entity, found = stage.link("shop"), stage.entity(), Compared()
    table = stage.ground.tables["shop", "customers"]
    table.fields = {**table.fields, "phone": replace(table.fields["phone"], yields=True)}  # type: ignore[misc]
    before = Golden("ours", 5, 0, 4)
    entity.golden.update({path: before} if golden else {})
    entity.version = 6
    claim = link.claims[path] = Claim("ours", 1, 1, stands=Stands(4, 5))
    seen = stage.seen("shop", stage.record(version=2))
    _see_copy(stage.known, table, link, entity, path, claim, "theirs", seen, COUNTER, found)
    assert (found.seeds, found.rollbacks, claim.misses, claim.held) == (seeds, rollbacks, misses, held)
    assert (claim.version, claim.seq, claim.own) == (2, seen.seq, MISSING)
    assert claim.stands == (NOTHING if seeds or rollbacks else Stands(4, 5))
    put = entity.golden.get(path)
    assert put == (before if golden else Golden(None, seen.received_at, 0, 6) if rollbacks else None)


@pytest.mark.parametrize(("misses", "most", "asked"), [
    (KEPT_TRIES - 2, KEPT_TRIES, []), (KEPT_TRIES - 1, KEPT_TRIES, ["not_kept"]), (KEPT_TRIES, KEPT_TRIES, ["not_kept"]),
    (KEPT_TRIES, PUT_RIGHT_TRIES, []), (PUT_RIGHT_TRIES - 2, PUT_RIGHT_TRIES, []),
    (PUT_RIGHT_TRIES - 1, PUT_RIGHT_TRIES, ["not_kept"]),
])  # fmt: skip
def test_a_person_is_asked_when_a_value_was_not_kept_too_often(misses: int, most: int, asked: list[str]) -> None:
    stage = two()
    link = stage.link("till")
    link.claims["note"].misses = misses
    more = {} if most == KEPT_TRIES else {"most": most}
    count_miss(stage.known, link, "note", 7, **more)
    assert (link.claims["note"].misses, link.claims["note"].aside, stage.asked()) == (misses + 1, 7 if asked else 0, asked)
    told = [(one.about, one.entity_id, one.link_id, one.detail) for one in stage.known.questions]
    assert told == [("link 2 note", 1, 2, {"field": "note", "connection": "till"})] * len(asked)


def test_a_place_of_an_element_is_forgotten_when_its_record_fell_back() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    link = stage.link("shop")
    seen = stage.seen("shop", stage.record(version=2))
    for path, value, left in (
        ("addresses/1", {}, {"a": "1", "b": "2"}),
        ("note", None, {"a": "1", "b": "2"}),
        ("addresses/1", None, {"b": "2"}),
    ):
        link.elements = {"addresses": {"a": "1", "b": "2"}}
        _fall_back(link, path, Claim("x", stands=Stands(1, 1)), value, seen, COUNTER)
        assert link.elements == {"addresses": left}


@pytest.mark.parametrize(("held", "shown", "after", "rollbacks"), [
    ("one", "one", Claim("one", 2, 9, misses=2, stands=Stands(1, 1)), []), ("one", "old", Claim("old", 2, 9), ["note"]),
    (MISSING, "old", Claim("old", 2, 9), ["note"]),
])  # fmt: skip
def test_a_restored_system_shows_what_it_holds_and_nobodys_word(
    held: Value, shown: Value, after: Claim, rollbacks: list[str]
) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    link, found = stage.link("shop"), Compared()
    link.claims["note"] = Claim(held, 5, 6, misses=2, stands=Stands(1, 1))
    _restore(link, "note", shown, stage.seen("shop", stage.record(version=2), asked=(9, 5)), COUNTER, found)
    assert (link.claims["note"], found.rollbacks) == (after, rollbacks)


def older(stage: Stage, version: int | None, sent_s: float, **stated: Value) -> Compared:
    """Let a read of a lower version be judged; the note is what could not be concluded."""
    found = Compared(older=["note"])
    seen = stage.seen("till", stage.record(version=version, changed_at=version), asked=(99, round(sent_s * SECOND)))
    _judge_older(stage.known, stage.link("till"), dict(stated), seen, stage.ground.trait("till", "customers"), found)
    return found


@pytest.mark.parametrize(("suspect", "sent_s", "rollbacks", "left", "reasons"), [
    (None, 2000, [], ["note", "phone"], ["lower version"]), (3, 2000, ["note"], [], []), (3, 1010, ["note"], [], []),
    (3, 1009, [], ["note", "phone"], ["lower version"]), (4, 2000, [], ["note", "phone"], ["lower version"]),
])  # fmt: skip
def test_a_lower_version_is_a_rollback_when_it_is_there_still(
    suspect: int | None, sent_s: float, rollbacks: list[str], left: list[str], reasons: list[str]
) -> None:
    stage = two(till=Traits(Ordering.COUNTER, 10 * SECOND, create="marker", update="plain"))
    link = stage.link("till")
    link.claims = {"note": Claim("one", 5, 2), "phone": Claim("1", 5, 2), "given_name": Claim("Ada", 3, 2), "last": Claim("z")}
    link.version, link.suspect_version, link.suspect_at = 5, suspect, 1000 * SECOND
    found = older(stage, 3, sent_s, note="old", phone="1", given_name="Ada", last="z", new="x")
    assert (found.rollbacks, found.older, found.late, stage.rereads()) == (rollbacks, left, False, reasons)
    assert link.version == (3 if rollbacks else 5)
    assert (link.claims["phone"].version, link.claims["phone"].seq) == ((3, 99) if rollbacks else (5, 2))
    assert link.suspect_version == (None if rollbacks else 3)
    assert link.claims["note"].misses == len(rollbacks)
    assert list(stage.known.state("till").signs.get("back", {})) == ["2"] * len(rollbacks)


@pytest.mark.parametrize(("suspect", "suspect_s", "asked_s"), [(3, 1995, 2005), (3, 1900, 2002), (4, 1900, 2012)])
def test_a_lower_version_is_asked_for_again_when_it_has_to_show(suspect: int, suspect_s: int, asked_s: int) -> None:
    stage = two(till=Traits(Ordering.COUNTER, 10 * SECOND, create="marker", update="plain"))
    link = stage.link("till")
    link.claims = {"note": Claim("one", 5, 2)}
    link.suspect_version, link.suspect_at = suspect, suspect_s * SECOND
    stage.now = 2001.0
    older(stage, 3, 1900, note="old")
    assert [(one.external_id, one.not_before) for one in stage.known.rereads] == [("1", asked_s * SECOND)]


@pytest.mark.parametrize(("version", "early", "suspect"), [(5, [], None), (None, [], None), (5, ["note"], 3)])
def test_a_link_is_no_suspect_when_nothing_it_shows_is_lower(version: int | None, early: list[str], suspect: int | None) -> None:
    stage = two()
    link = stage.link("till")
    link.claims, link.suspect_version = {"note": Claim("one", 5, 2)}, 3
    found = Compared(older=["note"], early=early)
    seen = stage.seen("till", stage.record(version=version))
    _judge_older(stage.known, link, {"note": "old"}, seen, COUNTER, found)
    assert (found.older, found.late, link.suspect_version, stage.rereads()) == ([], True, suspect, [])


@pytest.mark.parametrize(("held", "stated", "is_emptied"), [
    ("abcd", "", False), ("abcd", "bcd", True), ("abcd", "cd", False), ("abc", "bc", True),
    ("ab", "ab", True), ("a", "a", False), ("abcde", "cde", True),
    ("abcde", "ab", False),
])  # fmt: skip
def test_over_half_goes_empty_at_once(held: str, stated: str, *, is_emptied: bool) -> None:
    link = Stage("shop")
    link.shows("shop", email=MAIL, version=1)
    found = link.link("shop")
    found.claims = {path: Claim("x") for path in held} | {
        "list/1": Claim("x"),
        "list/2": Claim("x"),
        "y": Claim(None),
        "z": Claim(),
    }
    told: dict[str, Value] = {path: None if path in stated else "x" for path in held}
    assert emptied(found, {**told, "list/1": None, "list/2": None, "y": None, "z": None}) is is_emptied


def test_what_nobody_worked_out_has_the_first_version_when_its_entity_has_none() -> None:
    stage = Stage("shop")
    stage.shows("shop", note=None, version=1)
    link, entity = stage.link("shop"), stage.entity()
    claim = link.claims["summary.orders"] = Claim("ours", 1, 1)
    seen = stage.seen("shop", stage.record(version=2))
    _see_copy(stage.known, stage.ground.table(link), link, entity, "summary.orders", claim, "x", seen, COUNTER, Compared())
    assert (entity.golden["summary.orders"].version, entity.golden["summary.orders"].link_id) == (1, 0)


@pytest.mark.parametrize(("path", "was_sent", "more", "lost"), [
    ("tags/a/b", True, {}, True), ("tags/a/b", None, {}, False), ("tags/a/b", True, {"partial": True}, False),
    ("tags/vip", True, {}, False), ("addresses/9", {"city": "Lyon"}, {}, False), ("note", "x", {}, False),
    ("tags", True, {}, False),
])  # fmt: skip
def test_a_word_is_lost_when_the_whole_record_does_not_show_it(
    path: str, was_sent: Value, more: dict[str, bool], *, lost: bool
) -> None:
    stage, attempt, _ = sent()
    attempt.covers = {path: Cover(1, 1, was_sent)}
    seen = stage.seen("till", stage.record(tags=["vip"], addresses={}, **more))
    told = lost_words(stage.ground.tables["till", "customers"], attempt, {"tags/vip": True}, seen)
    assert told == ({path: None} if lost else {})
    assert lost_words(stage.ground.tables["till", "customers"], attempt, {}, stage.seen("till", stage.record())) == {}
