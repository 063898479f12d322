"""Whom a new record belongs to: by its keys, by what it refers to, by our marker, or nobody yet."""

from __future__ import annotations

import pytest

from hub.model.delivery import AttemptState
from hub.model.entity import Entity, EntityState
from hub.model.known import MAY_BE_OURS, Known, MatchKey
from hub.model.link import Claim, Link, LinkState
from hub.model.outcome import OutcomeKind
from hub.model.record import EntityType, Record, Ref
from hub.model.review import Fate
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, SECOND, Value
from hub.reconcile import observe
from hub.reconcile.adopt import CLAIMED, adopt, is_forgotten_make
from hub.reconcile.identify import could_be, held_keys, identify, is_shared, match_keys
from hub.reconcile.observe import HELD, Ruling, _adopt, _match, _references
from tests.unit.reconcile.plots import LAGGING, MAIL
from tests.unit.reconcile.stage import PERSON, Stage

VARIANT, LOCATION, LEVEL = EntityType.VARIANT, EntityType.LOCATION, EntityType.INVENTORY_LEVEL
MARKED = Traits(Ordering.COUNTER, create="marker", update="plain", marker="ref")


@pytest.mark.parametrize(("kind", "fields", "keys"), [
    (LOCATION, {"code": " Lyon "}, ["code lyon"]), (LOCATION, {"sku": "A", "name": "Lyon"}, []),
    (VARIANT, {"barcode": 12, "sku": "A-1", "code": "x"}, ["sku a-1", "barcode 12"]),
    (PERSON, {"phone": "+33", "email": MAIL.title(), "sku": "A"}, [f"email {MAIL}", "phone +33"]),
    (PERSON, {"email": None, "phone": ""}, []), (PERSON, {"email": MISSING}, []), (EntityType.PRODUCT, {"sku": "A"}, []),
])  # fmt: skip
def test_a_record_is_found_by_what_identifies_its_kind(kind: EntityType, fields: dict[str, Value], keys: list[str]) -> None:
    assert match_keys(kind, fields) == [(kind, *key.split(" ")) for key in keys]
    lent = [("sku", "B"), *[(name, value) for name, value in (key.split(" ") for key in keys)]]
    link = Link(1, "shop", "s", "1", kind, 1, claims={path: Claim(value) for path, value in fields.items()})
    assert held_keys(link, [("sku", "B")]) == [(kind, "sku", "B"), *[(kind, *key) for key in lent[1:]]]


def crowd(kind: EntityType, *rows: tuple[int, str, str]) -> Known:
    """Return what is known of some records: (entity, key, system)."""
    known = Known(lambda _: 99)
    for number, (entity, key, system) in enumerate(rows, start=1):
        known.entities.setdefault(entity, Entity(entity, kind))
        link = Link(number, system, "things", str(number), kind, entity)
        known.add_link(link)
        known.set_keys(link, [_key(kind, key)], [])
    return known


def _key(kind: EntityType, key: str) -> MatchKey:
    name, _, value = key.partition(" ")
    return kind, name, value


@pytest.mark.parametrize(("kind", "rows", "fields", "found", "alike"), [
    (LOCATION, [(1, "code lyon", "till")], {"code": "Lyon"}, 1, []),
    (LOCATION, [(1, "code lyon", "shop")], {"code": "Lyon"}, None, [1]),
    (VARIANT, [(1, "sku a", "till"), (2, "barcode 7", "till")], {"sku": "A", "barcode": "7"}, 1, [2]),
    (VARIANT, [(1, "sku a", "till"), (1, "barcode 7", "crm")], {"sku": "A", "barcode": "7"}, 1, []),
    (VARIANT, [(1, "sku a", "till"), (2, "sku a", "crm")], {"sku": "A", "barcode": "7"}, None, [1, 2]),
    (VARIANT, [(1, "sku a", "till"), (2, "sku a", "crm"), (2, "barcode 7", "crm")], {"sku": "A", "barcode": "7"}, 2, [1, 2]),
    (VARIANT, [(n, "sku a", "till") for n in (1, 1, 1, 1, 1)], {"sku": "A"}, 1, []),
    (PERSON, [(1, f"email {MAIL}", "till")], {"email": MAIL}, 1, []),
    (PERSON, [(1, f"email {MAIL}", "shop")], {"email": MAIL}, 1, []),
    (PERSON, [(1, "phone +33", "till")], {"phone": "+33"}, None, [1]),
    (PERSON, [(1, f"email {MAIL}", "till"), (2, "phone +33", "till")], {"email": MAIL, "phone": "+33"}, 1, [2]),
    (PERSON, [(1, f"email {MAIL}", "till"), (1, "phone +33", "till")], {"email": MAIL, "phone": "+33"}, 1, []),
    (PERSON, [(1, f"email {MAIL}", "till")] * 3, {"email": MAIL}, 1, []),
    (PERSON, [(1, f"email {MAIL}", "till")] * 4, {"email": MAIL}, None, []),
    (PERSON, [(1, f"email {MAIL}", "till")] * 4 + [(2, "phone +33", "crm")], {"email": MAIL, "phone": "+33"}, None, [2]),
    (PERSON, [], {"email": MAIL}, None, []),
])  # fmt: skip
def test_identify_finds_whom_a_record_belongs_to(
    kind: EntityType, rows: list[tuple[int, str, str]], fields: dict[str, Value], found: int | None, alike: list[int]
) -> None:
    known = crowd(kind, *rows)
    match = identify(known, "shop", Record(kind, "things", "new", fields), [])
    assert (match.entity.id if match.entity else None, match.alike) == (found, alike)


def test_identify_finds_nobody_who_ended_and_nobody_twice() -> None:
    known = crowd(VARIANT, (1, "sku a", "till"), (2, "sku a", "crm"), (3, "sku a", "erp"))
    known.entities[2].state = EntityState.ENDED
    known.entities[3].state, known.entities[3].alias_of = EntityState.MERGED, 1
    match = identify(known, "shop", Record(VARIANT, "things", "new", {"sku": "A"}), [])
    assert (match.entity, match.alike) == (known.entities[1], [])


def test_a_place_is_free_when_its_record_there_is_gone_or_stands_in_another_stream() -> None:
    for change in ({"state": LinkState.ENDED}, {"stream": "others"}):
        known = crowd(VARIANT, (1, "sku a", "shop"))
        for name, value in change.items():
            setattr(known.by_id[1], name, value)
        assert identify(known, "shop", Record(VARIANT, "things", "new", {}), [("sku", "a")]).entity is known.entities[1]


@pytest.mark.parametrize(("systems", "shared"), [
    (["a"] * 3, False), (["a"] * 4, True), (["a", "b"] * 3, False), (["a", "b"] * 3 + ["b"], True), ([], False),
])  # fmt: skip
def test_a_value_is_nobodys_when_many_records_of_one_system_carry_it(systems: list[str], *, shared: bool) -> None:
    known = crowd(PERSON, *((number, f"email {MAIL}", system) for number, system in enumerate(systems, start=1)))
    assert is_shared(known, [*known.keys.get(_key(PERSON, f"email {MAIL}"), []), (88, 1), (89, 1)]) is shared


@pytest.mark.parametrize(("sent", "shown", "could"), [
    ({"email": MAIL}, {"email": f" {MAIL.upper()}"}, True), ({"email": MAIL}, {"email": "b"}, False),
    ({"email": MAIL, "phone": "1"}, {"email": "b", "phone": "1"}, True), ({"email": MAIL, "phone": "1"}, {"email": "b"}, False),
    ({"email": MAIL}, {"phone": "1"}, True), ({"email": MAIL}, {"email": None}, True), ({"email": None}, {"email": MAIL}, True),
    ({}, {}, True), ({"note": "a"}, {"note": "b"}, True),
])  # fmt: skip
def test_a_record_could_be_the_one_we_are_making(sent: dict[str, Value], shown: dict[str, Value], *, could: bool) -> None:
    assert could_be(sent, Record(PERSON, "customers", "9", shown)) is could


@pytest.mark.parametrize(("refs", "found"), [
    ({"variant": 1, "location": 2}, 7), ({"variant": 1, "location": 1}, 8), ({"variant": 2, "location": 1}, None),
])  # fmt: skip
def test_a_level_is_found_by_what_it_is_the_level_of(refs: dict[str, int], found: int | None) -> None:
    stage = Stage("shop")
    stage.known.add_entity(Entity(7, LEVEL, refs={"variant": 1, "location": 2}))
    stage.known.add_entity(Entity(8, LEVEL, refs={"variant": 1, "location": 1}))
    match = _match(stage.known, stage.seen("shop", Record(LEVEL, "levels", "x", {})), refs)
    assert (match.entity.id if match.entity else None, match.alike) == (found, [])


@pytest.mark.parametrize("refs", [{"variant": Ref("customers", "1"), "location": None}, {"location": Ref("customers", "1")}, {}])
def test_a_level_is_skipped_when_it_does_not_say_of_what_or_where(refs: dict[str, Ref | None]) -> None:
    """A count without its product, or without its place, is nothing to keep; and it does not end the batch it came in."""
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    stage.ground.tables["shop", "levels"] = stage.ground.tables["shop", "customers"]
    ruling = observe(stage.known, stage.ground, stage.seen("shop", Record(LEVEL, "levels", "x", {}, refs=refs)))
    assert (ruling.fate, bool(ruling.reason), len(stage.known.entities)) == (Fate.SKIPPED, True, 1)


@pytest.mark.parametrize(("kind", "ref", "found"), [
    (VARIANT, {"product": Ref("customers", "1")}, {"product": 1}),
    (VARIANT, {"product": Ref("customers", "9")}, "its product is not known yet"),
    (VARIANT, {"product": Ref("", "9")}, {}),
    (VARIANT, {"product": None, "other": Ref("customers", "1")}, {"other": 1}),
    (EntityType.ORDER, {"customer": Ref("customers", "9")}, {}),
    (EntityType.REFUND, {"order": Ref("orders", "9")}, "its order is not known yet"),
    (LEVEL, {"variant": Ref("customers", "1"), "location": Ref("customers", "1")}, {"variant": 1, "location": 1}),
    (LEVEL, {"variant": Ref("customers", "9"), "location": None}, "its variant is not known yet"),
    (VARIANT, {}, {}),
])  # fmt: skip
def test_a_new_record_waits_for_what_it_cannot_be_without(kind: EntityType, ref: dict[str, Ref | None], found: object) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    ruling = _references(stage.known, stage.seen("shop", Record(kind, "things", "x", {}, refs=ref)))
    told = ruling.reason if isinstance(ruling, Ruling) else ruling
    assert told == found


@pytest.mark.parametrize(("restored_at", "after", "marker", "ours"), [
    (50, 0, "test-1", True), (50, CLAIMED - 1, "test-1", True), (50, CLAIMED, "test-1", False), (0, 0, "test-1", False),
    (50, 0, "1test-", False), (50, 0, "other-1", False), (50, 0, None, False), (50, 0, "test1", False),
])  # fmt: skip
def test_a_record_is_a_forgotten_make_when_our_store_was_restored_and_it_bears_our_name(
    restored_at: int, after: int, marker: str | None, *, ours: bool
) -> None:
    stage = Stage("shop")
    stage.known.restored_at = restored_at
    seen = stage.seen("shop", stage.record(email=MAIL), marker=marker)
    seen.received_at = restored_at + after
    assert is_forgotten_make(stage.known, stage.ground, seen) is ours


def test_a_forgotten_make_waits_for_what_it_was_made_from_and_is_ours_then() -> None:
    stage = Stage("shop", "till")
    stage.known.restored_at = stage.tick(0)
    seen = stage.seen("till", stage.record(email=MAIL, note="ours"), marker="test-1")
    ruling = observe(stage.known, stage.ground, seen)
    assert (ruling.fate, bool(ruling.reason), stage.known.links, stage.known.entities) == (Fate.WAITING, True, {}, {})
    assert [(one.external_id, one.reason) for one in stage.known.rereads] == [("1", "made by us")]
    assert stage.known.rereads[0].not_before == seen.received_at + HELD
    stage.shows("shop", email=MAIL, version=1)
    assert observe(stage.known, stage.ground, seen).fate is Fate.APPLIED
    assert (stage.link("till").by_hub, stage.link("shop").by_hub, stage.link("till").entity_id) == (True, False, 1)


@pytest.mark.parametrize(("marker", "ours", "state", "shown", "found"), [
    ("test-1", "test-1", AttemptState.UNKNOWN, MAIL, "it"), ("test-1", "test-1", AttemptState.OPEN, "b@example.org", "it"),
    ("test-2", "test-1", AttemptState.OPEN, MAIL, None), (None, "test-1", AttemptState.OPEN, "b@example.org", None),
    (None, "test-1", AttemptState.OPEN, MAIL, Fate.WAITING), (None, None, AttemptState.OPEN, MAIL, Fate.WAITING),
    (None, None, AttemptState.OPEN, "b@example.org", None), ("test-1", None, AttemptState.OPEN, MAIL, None),
    ("test-1", "test-1", AttemptState.CLOSED, MAIL, None), (None, None, AttemptState.CLOSED, MAIL, None),
])  # fmt: skip
def test_a_new_record_is_what_we_are_making_when_it_bears_the_marker_of_that(
    marker: str | None, ours: str | None, state: AttemptState, shown: str, found: object
) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    attempt.marker, attempt.state = ours, state
    seen = stage.seen("till", stage.record("9", email=shown), marker=marker)
    ruling = _adopt(stage.known, stage.ground, seen)
    told = {attempt.id: "it"}.get(getattr(ruling, "id", 0), getattr(ruling, "fate", None))
    assert (told, stage.rereads()) == (found, [MAY_BE_OURS] if found is Fate.WAITING else [])
    assert [one.not_before - seen.received_at for one in stage.known.rereads] == [SECOND] * len(stage.known.rereads)


def test_an_older_open_create_does_not_hide_the_one_that_is_meant() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    for state, marker in ((AttemptState.CLOSED, "test-9"), (AttemptState.OPEN, "test-8"), (AttemptState.OPEN, "test-9")):
        attempt = stage.makes("till")
        attempt.state, attempt.marker = state, marker
    seen = stage.seen("till", stage.record("9", email="b@example.org"), marker="test-9")
    assert _adopt(stage.known, stage.ground, seen) is attempt


@pytest.mark.parametrize(("after", "fate"), [(-1, Fate.APPLIED), (0, Fate.WAITING)])
def test_a_new_record_may_be_what_we_are_making_when_it_came_after_we_began(after: int, fate: Fate) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    seen = stage.seen("till", stage.record("9", email=MAIL))
    seen.received_at = attempt.started_at + after
    assert observe(stage.known, stage.ground, seen).fate is fate


@pytest.mark.parametrize(("said", "version", "changed_at"), [
    ({"version": 1, "changed_at": 6.0}, 1, 6), ({"version": 4}, 4, None),
    ({"version": None, "changed_at": 6.0, "created_at": 5.0}, None, 6),
])  # fmt: skip
def test_adopt_links_what_a_create_of_unknown_fate_made(
    said: dict[str, float], version: int | None, changed_at: int | None
) -> None:
    stage = Stage("shop", "till", traits={"till": MARKED})
    stage.shows("shop", email=MAIL, note="one", version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    stage.known.state("till").epoch = 3
    stage.known.touched.clear()
    told = stage.record("9", email=MAIL, note="one", phone="+33", birth="b", **said)  # type: ignore[arg-type]
    seen = stage.seen("till", told, marker=attempt.marker)
    link = adopt(stage.known, stage.ground, attempt, stage.entity(), seen)
    assert (attempt.link_id, attempt.external_id, attempt.state, attempt.result) == (link.id, "9", AttemptState.CLOSED, "found")
    assert (link.by_hub, link.birth, link.mapping, link.linked_at, link.quiet_until) == (True, "b", "m", seen.received_at, 0)
    at = changed_at and changed_at * SECOND
    assert (link.version, link.changed_at, link.owed_read, link.epoch) == (version, at, False, 3)
    assert (list(stage.known.touched), stage.known.keys[PERSON, "phone", "+33"]) == ([1], [(link.id, 1)])
    assert next(note.kind for note in stage.known.notes if note.link_id == link.id) == "created by us"
    assert (link.id in stage.known.changed_links, stage.golden("phone")) == (True, "+33")


def test_adopt_waits_for_another_read_when_a_list_may_still_lag() -> None:
    stage = Stage("shop", "till", traits={"till": LAGGING})
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    seen = stage.seen("till", stage.record("9", email=MAIL, changed_at=5.0), marker=attempt.marker)
    link = adopt(stage.known, stage.ground, attempt, stage.entity(), seen)
    assert link.quiet_until == seen.received_at + 10 * SECOND
