"""Votes: whose own value wins, what a golden value is made of, and who shows it. Values and claims are put there by hand."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hub.config import Policy, PolicyKind
from hub.mapping import Comparison
from hub.model.entity import Entity, Golden, Override
from hub.model.link import NOTHING, UNSHOWN, Claim, Link, Standing, Stands
from hub.model.record import Element, EntityType
from hub.model.run import Mode
from hub.model.traits import FirstRead, Ordering, Traits
from hub.model.values import MISSING, SECOND, Value
from hub.reconcile import settle
from hub.reconcile.edit import confirm, show, take_edit
from hub.reconcile.golden import derive
from hub.reconcile.observe import _born_at, note_version
from hub.reconcile.remap import _reread, remap
from hub.reconcile.statements import complete, statements
from hub.reconcile.steps import jumps, note_jumps
from hub.reconcile.survive import Candidate, Voter, survive, voters, votes
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, WORK, two
from tests.unit.reconcile.stage import PERSON, Stage

SEED, EDIT = Standing.SEED, Standing.EDIT
COUNTER, TIMED = Traits(Ordering.COUNTER), Traits(Ordering.CHANGED_AT)
Vote = tuple[str, str, int, Standing, int, int]  # whose, what, stamp, standing, base, departed
KINDS = {
    "newest": Policy(PolicyKind.NEWEST), "origin": Policy(PolicyKind.ORIGIN), "ask": Policy(PolicyKind.ASK),
    "owner": Policy(PolicyKind.OWNER, ("crm",)), "prefer": Policy(PolicyKind.PREFER, ("till", "crm")),
    "union": Policy(PolicyKind.UNION), "consent": Policy(PolicyKind.MOST_RESTRICTIVE),
}  # fmt: skip
SYSTEMS = ("shop", "till", "crm")


def cast(*rows: Vote) -> list[Candidate]:
    """Return votes; the number of a link is its place here, its rank that of its system."""
    found = []
    for number, (system, value, stamp, standing, base, departed) in enumerate(rows, start=1):
        claim = Claim(value, own=value, stamp=stamp, standing=standing, base=base)
        link = Link(number, system, "customers", str(number), PERSON, 1, linked_at=50 + number, ended_at=departed)
        found.append(Candidate(Voter(link, SYSTEMS.index(system), departed), claim))
    return found


@pytest.mark.parametrize(("kind", "rows", "winner"), [
    ("newest", [], None), ("newest", [("shop", "a", 1, SEED, 0, 0)], "a"),
    ("newest", [("shop", "a", 1, EDIT, 0, 0), ("till", "b", 2, EDIT, 0, 0)], "b"),
    ("newest", [("shop", "a", 9, SEED, 0, 0), ("till", "b", 2, EDIT, 0, 0)], "b"),
    ("newest", [("till", "b", 2, EDIT, 0, 0), ("shop", "a", 2, EDIT, 0, 0)], "a"),
    ("newest", [("till", "b", 9, SEED, 0, 0), ("shop", "a", 2, SEED, 0, 0)], "a"),
    ("newest", [("shop", "b", 9, SEED, 0, 0), ("shop", "a", 2, SEED, 0, 0)], "b"),
    ("newest", [("shop", "a", 2, SEED, 0, 0), ("shop", "b", 2, SEED, 0, 0)], "a"),
    ("newest", [("shop", "a", 2, EDIT, 0, 0), ("shop", "b", 2, EDIT, 0, 0)], "b"),
    ("newest", [("shop", "a", 9, EDIT, 0, 20), ("till", "b", 2, EDIT, 0, 0)], "a"),
    ("newest", [("shop", "a", 9, EDIT, 0, 20), ("till", "b", 20, EDIT, 0, 0)], "b"),
    ("newest", [("shop", "a", 30, EDIT, 0, 20), ("till", "b", 20, EDIT, 0, 0)], "a"),
    ("newest", [("shop", "a", 30, EDIT, 0, 20), ("till", "b", 21, EDIT, 0, 0)], "b"),
    ("newest", [("shop", "a", 9, EDIT, 0, 51), ("till", "b", 1, SEED, 0, 0)], "b"),
    ("newest", [("shop", "a", 9, EDIT, 0, 52), ("till", "b", 1, SEED, 0, 0)], "a"),
    ("newest", [("shop", "a", 9, EDIT, 0, 20), ("till", "b", 10, EDIT, 0, 5)], "b"),
    ("origin", [("till", "b", 1, SEED, 0, 0), ("shop", "a", 9, EDIT, 0, 0)], "b"),
    ("owner", [("shop", "a", 9, EDIT, 0, 0), ("crm", "c", 1, SEED, 0, 0)], "c"),
    ("owner", [("shop", "a", 9, EDIT, 0, 0), ("crm", "c", 1, SEED, 0, 5)], "a"),
    ("owner", [("shop", "a", 9, EDIT, 0, 5), ("crm", "c", 1, SEED, 0, 5)], "c"),
    ("owner", [("shop", "a", 3, EDIT, 0, 0), ("till", "b", 4, EDIT, 0, 0)], "b"),
    ("prefer", [("crm", "c", 9, EDIT, 0, 0), ("till", "b", 1, SEED, 0, 0)], "b"),
    ("prefer", [("shop", "a", 9, EDIT, 0, 0), ("crm", "c", 1, SEED, 0, 0)], "c"),
    ("prefer", [("till", "b", 1, SEED, 0, 0), ("till", "x", 1, EDIT, 0, 0)], "x"),
    ("union", [("shop", "a", 1, EDIT, 0, 0), ("till", "b", 2, EDIT, 0, 0)], "b"),
    ("ask", [("shop", "a", 1, EDIT, 0, 0), ("till", "b", 2, EDIT, 0, 0)], None),
    ("ask", [("shop", "a", 1, EDIT, 0, 0), ("till", "a", 2, EDIT, 0, 0), ("crm", "c", 3, EDIT, 0, 9)], "a"),
    ("ask", [("shop", "a", 1, EDIT, 0, 9), ("till", "a", 2, EDIT, 0, 9)], "a"),
    ("ask", [("shop", "a", 1, EDIT, 0, 9), ("till", "b", 2, EDIT, 0, 9)], None),
    ("consent", [("shop", "withdrawn", 1, EDIT, 0, 0), ("till", "granted", 2, EDIT, 0, 0)], "withdrawn"),
    ("consent", [("shop", "withdrawn", 1, EDIT, 0, 0), ("till", "granted", 2, EDIT, 1, 0)], "granted"),
    ("consent", [("shop", "withdrawn", 2, EDIT, 0, 0), ("till", "granted", 3, EDIT, 1, 0)], "withdrawn"),
    ("consent", [("shop", "withdrawn", 1, SEED, 0, 0), ("till", "granted", 2, EDIT, 0, 0)], "granted"),
    ("consent", [("till", "withdrawn", 1, SEED, 0, 0), ("shop", "granted", 2, SEED, 0, 0)], "withdrawn"),
    ("consent", [("shop", "granted", 1, EDIT, 0, 0), ("till", "withdrawn", 2, EDIT, 0, 0)], "withdrawn"),
    ("consent", [("shop", "granted", 1, EDIT, 0, 0), ("till", "granted", 2, EDIT, 0, 0)], "granted"),
])  # fmt: skip
def test_survive_chooses_by_the_policy(kind: str, rows: list[Vote], winner: str | None) -> None:
    for given in (rows, rows[::-1] if kind != "origin" and len({row[0] for row in rows}) == len(rows) else rows):
        numbered = cast(*rows)
        chosen = survive([numbered[rows.index(row)] for row in given], KINDS[kind])
        assert (chosen.value if chosen else None) == winner


def test_survive_asks_which_of_those_who_agree_was_first() -> None:
    given = cast(("till", "a", 2, EDIT, 0, 0), ("shop", "a", 1, EDIT, 0, 0))
    chosen = survive(given, KINDS["ask"])
    assert (chosen.link_id if chosen else None) == 2


def test_a_candidate_tells_of_its_claim_and_of_whose_it_is() -> None:
    [edit, seed] = cast(("till", "a", 2, EDIT, 1, 9), ("crm", "b", 3, SEED, 0, 0))
    assert (edit.value, edit.stamp, edit.standing, edit.base, edit.rank, edit.link_id) == ("a", 2, EDIT, 1, 1, 1)
    assert (edit.connection, edit.external_id, edit.departed_at, edit.stated_at, seed.stated_at) == ("till", "1", 9, 2, 52)


def test_voters_are_all_but_those_of_systems_that_are_only_watched() -> None:
    stage = Stage("shop", "till")
    links = [
        Link(n, name, "customers", "1", PERSON, 1, ended_at=at)
        for n, (name, at) in enumerate([("till", 0), ("old", 0), ("shop", 7)])
    ]
    stage.known.modes["old"] = Mode.LIVE
    told = [(one.link.connection, one.rank, one.departed_at) for one in voters(stage.known, stage.ground, links)]
    assert told == [("till", 1, 0), ("old", 2, 1), ("shop", 0, 7)]
    stage.known.modes["till"], stage.known.modes["shop"] = Mode.OBSERVE, Mode.PROPOSE
    assert [one.link.connection for one in voters(stage.known, stage.ground, links)] == ["old", "shop"]


def test_what_was_taken_back_counts_when_nobody_says_anything() -> None:
    rows = [Claim("x"), Claim("x", own=None, stamp=5), Claim("x", own=None, stamp=5, standing=EDIT), Claim("x", own="y", stamp=4)]
    of = [Voter(Link(n, "shop", "s", "1", PERSON, 1, claims={"note": claim}), 0, 0) for n, claim in enumerate(rows)]
    of.append(Voter(Link(9, "shop", "s", "1", PERSON, 1), 0, 0))
    assert [vote.link_id for vote in votes(of, "note")] == [2, 3]
    assert [vote.link_id for vote in votes(of[:2], "note")] == [1]
    assert votes(of[:1], "note") == []


def test_settle_says_who_won_and_what_changed_with_it() -> None:
    stage = two()
    entity, till, shop = stage.entity(), stage.claim("till", "note"), stage.claim("shop", "note")
    till.own, till.stamp, till.standing, till.held = "mine", 70, EDIT, "mine"
    before = entity.version
    stage.known.touched.clear()
    stage.known.changed_entities.clear()
    assert settle(stage.known, stage.ground, entity, ["note", "nothing"]) == ["note"]
    assert entity.golden["note"] == Golden("mine", 70, 2, before + 1, EDIT)
    assert (entity.version, till.stands, shop.stands == till.stands) == (before + 1, Stands(before + 1, 70), False)
    assert (list(stage.known.touched), list(stage.known.changed_entities)) == ([1], [1])
    shop.own, shop.stamp, shop.standing, till.misses = "mine", 80, EDIT, 2
    stage.known.touched.clear()
    stage.known.changed_entities.clear()
    assert settle(stage.known, stage.ground, entity, ["note"]) == []
    assert (entity.golden["note"], till.misses) == (Golden("mine", 80, 1, before + 1, EDIT), 2)
    assert (list(stage.known.touched), list(stage.known.changed_entities)) == ([], [1])
    stage.known.changed_entities.clear()
    assert (settle(stage.known, stage.ground, entity, ["note"]), stage.known.changed_entities) == ([], {})


def test_a_golden_value_is_no_more_when_nobody_states_it() -> None:
    stage = two()
    for name in ("shop", "till"):
        del stage.link(name).claims["note"]
    assert settle(stage.known, stage.ground, stage.entity(), ["note", "note"]) == ["note"]
    assert ("note" in stage.entity().golden, list(stage.known.changed_entities)) == (False, [1])


def test_an_override_wins_and_is_nobodys() -> None:
    stage = two()
    entity = stage.entity()
    entity.overrides["note"] = Override("pinned", "kim", 77)
    stage.claim("till", "note").held = "pinned"
    settle(stage.known, stage.ground, entity, ["note"])
    assert entity.golden["note"] == Golden("pinned", 77, 0, entity.version, EDIT)
    assert (stage.claim("till", "note").stands, stage.due("shop"), "note" in stage.due("till")) == (
        Stands(entity.version, 77), {"note": "pinned"}, False,
    )  # fmt: skip


@pytest.mark.parametrize(("till", "asked", "agreed"), [("mine", ["ask"], []), ("one", [], ["entity 1 note"])])
def test_a_person_is_asked_when_the_policy_says_so_and_they_differ(till: str, asked: list[str], agreed: list[str]) -> None:
    stage = Stage("shop", "till", note=KINDS["ask"])
    stage.shows("shop", email=MAIL, note="one", version=1)
    stage.shows("till", email=MAIL, version=1)
    stage.known.agreed = {"entity 1 note": None}
    stage.link("till").claims["note"] = Claim(till, own=till)
    settle(stage.known, stage.ground, stage.entity(), ["note"])
    assert (stage.asked(), list(stage.known.agreed)) == (asked, agreed)
    assert [(one.about, one.entity_id, one.link_id, one.detail) for one in stage.known.questions] == [
        ("entity 1 note", 1, None, {"field": "note"})
    ] * len(asked)


def test_derive_sets_what_the_hub_works_out() -> None:
    stage = two()
    entity, claims = stage.entity(), (stage.link("shop").claims, stage.link("till").claims)
    claims[0]["summary.orders"], claims[1]["summary.orders"] = Claim(3, misses=2), Claim(MISSING, misses=2)
    before = entity.version
    stage.known.touched.clear()
    values: dict[str, Value] = {"summary.orders": 3, "summary.context": None}
    assert derive(stage.known, stage.ground, entity, values, 7) == ["summary.orders"]
    assert (entity.golden["summary.orders"], entity.version) == (Golden(3, 7, 0, before + 1), before + 1)
    assert [one["summary.orders"].stands for one in claims] == [Stands(before + 1, 7), NOTHING]
    assert ([one["summary.orders"].misses for one in claims], list(stage.known.touched)) == ([0, 2], [1])
    stage.known.touched.clear()
    assert derive(stage.known, stage.ground, entity, values, 8) == []
    assert (entity.version, list(stage.known.touched), "summary.context" in entity.golden) == (before + 1, [], False)


@pytest.mark.parametrize(("golden", "stands", "own", "disputed", "base"), [
    (None, NOTHING, "b", False, 0), (Golden("z", 40, 9, 3), NOTHING, "b", True, 0),
    (Golden("b", 40, 9, 3), NOTHING, "b", False, 0),
    (Golden("z", 40, 9, 3, SEED), NOTHING, "b", False, 0), (Golden("z", 40, 9, 3), Stands(3, 30), "b", False, 40),
    (Golden("z", 40, 9, 3), Stands(3, 50), "b", False, 50), (Golden("z", 40, 9, 3), Stands(2, 30), "b", True, 30),
    (Golden("z", 40, 9, 3), Stands(3, UNSHOWN), "b", True, 0),
])  # fmt: skip
def test_an_edit_is_disputed_when_it_did_not_see_the_winner(
    golden: Golden | None, stands: Stands, own: str, base: int, *, disputed: bool
) -> None:
    stage = two()
    entity = Entity(1, PERSON, {"note": golden} if golden else {})
    claim = Claim("a", 1, 2, stands=stands, misses=2)
    seen = stage.seen("till", stage.record(version=2, changed_at=0.00002))
    assert take_edit(claim, "note", "b", seen, COUNTER, entity, own) is disputed
    assert claim == Claim("b", 2, seen.seq, "b", max(20, base + 1), EDIT, base)


@pytest.mark.parametrize(("claim", "said", "after"), [
    (Claim("a", 1, 5), {"version": 2}, (2, 7)), (Claim("a", 3, 9), {"version": 2}, (3, 9)),
    (Claim("a", None, 5), {"version": 2}, (2, 7)),
    (Claim("a", 3, 5), {"version": None}, (3, 7)),
])  # fmt: skip
def test_confirm_notes_how_far_a_value_was_seen(claim: Claim, said: dict[str, int | None], after: tuple[int, int]) -> None:
    stage = Stage("shop")
    confirm(claim, stage.seen("shop", stage.record(**said), asked=(7, 1)), COUNTER)  # type: ignore[arg-type]
    assert (claim.version, claim.seq, claim.held) == (*after, "a")


def test_show_notes_a_rendering() -> None:
    stage = Stage("shop")
    claim = Claim("a", 1, 2, "a", 3, EDIT, 1, misses=2, aside=4, edits=1)
    seen = stage.seen("shop", stage.record(version=8))
    show(claim, "b", seen, COUNTER, Stands(6, 7))
    assert claim == Claim("b", 8, seen.seq, "a", 3, EDIT, 1, Stands(6, 7), 0, 4, 0, seen.received_at)


@pytest.mark.parametrize(("golden", "value", "whole"), [
    ({"city": "Bonn", "line3": "left"}, {"city": "Lyon"}, {"line3": "left", "city": "Lyon"}),
    (None, {"city": "Lyon"}, {"city": "Lyon"}),
    ({"line3": "left"}, None, None),
])  # fmt: skip
def test_an_element_keeps_what_has_no_place_there(golden: Value, value: Value, whole: Value) -> None:
    table = Stage("shop").ground.tables["shop", "customers"]
    assert complete(table, "addresses/1", value, golden) == whole
    assert (complete(table, "note", value, golden), complete(None, "addresses/1", value, golden)) == (value, value)


def test_statements_tell_an_element_that_was_held_and_is_no_more() -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1, addresses={"a": HOME, "b": WORK}, tags=["vip", "new"])
    link, entity = stage.link("shop"), stage.entity()
    link.claims["addresses/7"], link.claims["addresses/8"] = Claim(None), Claim()
    record = stage.record(email=MAIL, addresses={"b": {**WORK, "line2": None}, "c": HOME}, tags=["vip"])
    found = statements(record, link, entity, stage.ground)
    there = {"addresses/2": WORK, "addresses/1": HOME, "tags/vip": True, "tags/new": None}
    assert found == {"email": MAIL, **there}
    assert link.elements["addresses"] == {"b": "2", "c": "1"}
    part = replace(record, partial=True, lists={"addresses": [Element("b", WORK)], "tags": []})
    assert statements(part, link, entity, stage.ground) == {"email": MAIL, "addresses/2": WORK}
    assert statements(replace(record, lists={"others": [Element("x", {"value": 1})]}), link, entity, stage.ground) == {
        "email": MAIL
    }


@pytest.mark.parametrize(("claim", "value", "after"), [
    (Claim("a", own="a", stands=Stands(1, 1)), "b", ("b", "b")), (Claim("a", own="c"), "b", ("b", "c")),
    (Claim("a", own="a"), None, (None, "a")), (Claim("a"), "b", ("b", MISSING)), (Claim(MISSING), "b", ("b", MISSING)),
])  # fmt: skip
def test_a_changed_line_reads_the_same_word_anew(claim: Claim, value: Value, after: tuple[Value, Value]) -> None:
    _reread(claim, value)
    assert (claim.held, claim.own, claim.stands) == (*after, NOTHING)


def lines(changed: tuple[str, ...] = (), added: tuple[str, ...] = (), removed: tuple[str, ...] = ()) -> Comparison:
    """Return how two mappings differ."""
    return Comparison(changed, added, removed)


@pytest.mark.parametrize(("told", "moved", "note"), [
    (lines(), [], "one"), (lines(changed=("note",)), ["note"], "two"), (lines(removed=("note",)), ["note"], None),
    (lines(added=("company",)), ["company"], "one"), (lines(added=("note",)), [], "one"),
])  # fmt: skip
def test_remap_brings_claims_to_a_new_mapping(told: Comparison, moved: list[str], note: str | None) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, note="one", version=1)
    link = stage.link("shop")
    for marks in (stage.known.changed_links, stage.known.touched, stage.known.notes):
        marks.clear()
    seen = replace(stage.seen("shop", stage.record(email=MAIL, note="two", company="AE")), mapping="new")
    remap(stage.known, stage.ground, link, seen, told, 9)
    assert (stage.golden("note"), link.mapping, link.digest, list(stage.known.changed_links)) == (note, "new", b"", [1])
    told_of = [("mapping changed", 9, [[path] for path in moved])]
    assert [(one.kind, one.at, one.changes) for one in stage.known.notes] == told_of[: len(moved)]
    assert list(stage.known.touched) == [1] * bool(moved or told.added)


@pytest.mark.parametrize(("first", "created_s", "born_s"), [
    (None, 900.0, None), (FirstRead(complete=False, at=1), 900.0, None), (FirstRead(complete=True, at=800 * SECOND), 900.0, 900),
    (FirstRead(complete=True, at=890 * SECOND), 900.0, None), (FirstRead(complete=True, at=889 * SECOND), 900.0, 900),
    (FirstRead(complete=True, at=1, high=895 * SECOND), 900.0, None), (FirstRead(complete=True, at=1, high=0), 5000.0, 1002),
    (FirstRead(complete=True, at=5000 * SECOND), None, 1002),
])  # fmt: skip
def test_a_record_is_born_after_the_first_read_was_whole(
    first: FirstRead | None, created_s: float | None, born_s: int | None
) -> None:
    stage = Stage("shop", traits={"shop": LAGGING})
    if first is not None:
        stage.known.first_reads["shop", "customers"] = first
    record = stage.record(**({} if created_s is None else {"created_at": created_s}))
    assert _born_at(stage.known, stage.ground, stage.seen("shop", record)) == (None if born_s is None else born_s * SECOND)


@pytest.mark.parametrize(("birth", "said", "after"), [
    (None, {"birth": "b", "version": 2, "changed_at": 3.0}, ("b", 2, 3 * SECOND)),
    ("a", {"birth": "b", "version": None}, ("a", 1, 1)),
    (None, {"version": None}, (None, 1, 1)),
])  # fmt: skip
def test_a_link_notes_how_far_its_record_has_come(birth: str | None, said: dict[str, object], after: tuple[object, ...]) -> None:
    link = Link(1, "shop", "customers", "1", PERSON, 1, birth=birth, version=1, changed_at=1)
    note_version(link, Stage("shop").record(**said))  # type: ignore[arg-type]
    assert (link.birth, link.version, link.changed_at) == after


def test_a_step_that_is_not_declared_is_told() -> None:
    stage = Stage("shop")
    link = Link(5, "shop", "orders", "1", EntityType.ORDER, 7)
    stage.known.by_id[5] = link
    rows: list[list[Value]] = [["state", "cancelled", "open", 9], ["number", "1", "2", 9]]
    note_jumps(stage.known, Entity(7, EntityType.ORDER), link, rows[1:], 3)
    assert (stage.known.notes, list(jumps(stage.known))) == ([], [])
    note_jumps(stage.known, Entity(7, EntityType.ORDER), link, rows, 3)
    [note] = stage.known.notes
    assert (note.at, note.entity_id, note.link_id, note.changes) == (3, 7, 5, [["state", "cancelled", "open"]])
    [(connection, entity_id, drift)] = jumps(stage.known)
    assert (connection, entity_id, drift.stream, drift.path) == ("shop", 7, "orders", "state: cancelled -> open")


def test_a_time_orders_what_has_no_counter() -> None:
    stage = Stage("shop")
    claim = Claim("a", 1, 2)
    show(claim, "b", stage.seen("shop", stage.record(version=8, changed_at=4.0)), TIMED, NOTHING)
    assert claim.version == 4 * SECOND


@pytest.mark.parametrize(("stands", "standing", "base"), [
    (NOTHING, EDIT, 70), (Stands(2, 30), EDIT, 30), (Stands(3, 30), EDIT, 40), (NOTHING, SEED, 0), (Stands(2, 30), SEED, 30),
])  # fmt: skip
def test_an_edit_stands_on_what_its_own_earlier_one_saw(stands: Stands, standing: Standing, base: int) -> None:
    stage = two()
    entity = Entity(1, PERSON, {"note": Golden("z", 40, 9, 3)})
    claim = Claim("a", 1, 2, "a", 80, standing, 70, stands)
    take_edit(claim, "note", "b", stage.seen("till", stage.record(version=2, changed_at=0.00002)), COUNTER, entity, "b")
    assert (claim.base, claim.stamp) == (base, 81 if standing is EDIT else max(20, base + 1))
