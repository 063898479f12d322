"""How calls end: not sent, refused, unknown, done with and without an answer; and what is left of the record's fence."""

from __future__ import annotations

import pytest

from hub.model.delivery import Attempt, AttemptState, Cover, DeliveryKind, DeliveryState
from hub.model.link import Claim, LinkState
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, SECOND, Value
from hub.reconcile.outcome import CLASH_WAIT, _blamed, _came_after, _is_there, _made_by_us, await_read
from hub.reconcile.readback import set_aside
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, OTHER, two, written
from tests.unit.reconcile.stage import PERSON, Stage

OPEN, UNKNOWN, CLOSED = AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.CLOSED


@pytest.mark.parametrize(("operation", "linked", "reread", "fenced"), [
    ("update", True, ["read back"], True), ("act", True, ["read back"], True), ("delete", True, [], False),
    ("update", False, [], False), ("create", False, [], False),
])  # fmt: skip
def test_a_write_of_unknown_end_is_read_back_when_a_read_can_show_it(
    operation: str, reread: list[str], *, linked: bool, fenced: bool
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.operation, link.attempt_id = operation, None
    attempt.link_id = link.id if linked else None
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    assert (attempt.state, stage.rereads(), link.attempt_id == attempt.id) == (UNKNOWN, reread, fenced)
    assert attempt.seq == stage.seq


@pytest.mark.parametrize(("kind", "traits", "state", "wait_s"), [
    (OutcomeKind.UNKNOWN, LAGGING, UNKNOWN, 15), (OutcomeKind.STALE, LAGGING, AttemptState.READ_BACK, 10),
    (OutcomeKind.UNKNOWN, Traits(Ordering.COUNTER, update="plain", late_effect=7 * SECOND), UNKNOWN, 7),
    (OutcomeKind.DONE, Traits(Ordering.COUNTER, update="plain"), AttemptState.READ_BACK, 0),
])  # fmt: skip
def test_a_read_is_awaited_as_long_as_what_was_done_need_not_show(
    kind: OutcomeKind, traits: Traits, state: AttemptState, wait_s: int
) -> None:
    stage = two(till=traits)
    stage.tick(30)
    attempt, link = written(stage, note="new"), stage.link("till")
    stage.known.rereads.clear()
    stage.known.changed_links.clear()
    await_read(stage.known, stage.ground, attempt, link, Outcome(attempt.id, kind, 77, 50 * SECOND, 1))
    assert (attempt.state, attempt.seq, link.attempt_id, list(stage.known.changed_links)) == (state, 77, attempt.id, [link.id])
    assert [(one.external_id, one.not_before) for one in stage.known.rereads] == [("1", (50 + wait_s) * SECOND)]


def test_no_read_is_awaited_when_the_record_is_gone() -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.state = LinkState.ENDED
    await_read(stage.known, stage.ground, attempt, link, Outcome(attempt.id, OutcomeKind.UNKNOWN, 77, 5, 1))
    assert (attempt.state, link.attempt_id, link.fence_seq, stage.rereads()) == (CLOSED, None, 77, [])


@pytest.mark.parametrize(("before", "done", "wait", "tries", "after_s", "state"), [
    (OPEN, 0, 0, 1, 1, CLOSED), (OPEN, 0, 7 * SECOND, 0, 7, CLOSED), (UNKNOWN, 0, 0, 1, 1, UNKNOWN), (OPEN, 1, 0, 1, 1, OPEN),
    (UNKNOWN, 1, 0, 1, 1, UNKNOWN),
])  # fmt: skip
def test_what_was_not_sent_is_tried_again(
    before: AttemptState, done: int, wait: int, tries: int, after_s: int, state: AttemptState
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.state, link.fence_seq, link.digest = before, 0, b"1"
    delivery = stage.known.deliveries[link.id]
    stage.ends(attempt, OutcomeKind.NOT_SENT, done=done, wait=wait)
    assert (attempt.state, link.fence_seq, link.digest == b"") == (state, 0, state is CLOSED)
    told = (delivery.tries, delivery.not_before - attempt.ended_at, delivery.state, delivery.wait)
    assert told == (tries, after_s * SECOND, DeliveryState.WAITING, "its next try")


def test_a_fence_stays_where_it_was_when_nothing_was_sent() -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.fence_seq = 5
    stage.known.deliveries.clear()
    stage.ends(attempt, OutcomeKind.NOT_SENT, reason="busy")
    assert (attempt.state, link.fence_seq) == (CLOSED, 5)


@pytest.mark.parametrize("kind", [OutcomeKind.STALE, OutcomeKind.GONE, OutcomeKind.NOT_FOUND])
def test_a_record_is_read_again_when_a_call_changed_nothing(kind: OutcomeKind) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    delivery = stage.known.deliveries[link.id]
    stage.known.changed_links.clear()
    stage.ends(attempt, kind)
    assert (attempt.state, link.owed_read, stage.rereads(), link.fence_seq) == (CLOSED, True, [kind.value], stage.seq)
    assert [one.not_before for one in stage.known.rereads] == [attempt.ended_at]
    assert (delivery.wait, delivery.tries) == (("a read", 1) if kind is OutcomeKind.GONE else ("", 0))
    assert list(stage.known.changed_links) == [link.id]


@pytest.mark.parametrize("kind", [OutcomeKind.STALE, OutcomeKind.GONE, OutcomeKind.REFUSED])
def test_a_record_is_read_back_when_only_the_last_call_changed_nothing(kind: OutcomeKind) -> None:
    stage = two()
    attempt = written(stage, note="new")
    stage.ends(attempt, kind, done=1)
    assert (attempt.state, stage.rereads(), stage.known.dead) == (AttemptState.READ_BACK, ["read back"], [])


@pytest.mark.parametrize("kind", [OutcomeKind.STALE, OutcomeKind.NOT_FOUND])
def test_a_create_waits_for_what_was_read_meanwhile_when_it_did_nothing(kind: OutcomeKind) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    delivery = stage.known.created[1, "till", "customers"]
    stage.ends(attempt, kind, done=0)
    assert (delivery.state, delivery.wait, delivery.tries) == (DeliveryState.WAITING, "what was read meanwhile", 0)
    assert (delivery.not_before, attempt.state, stage.rereads()) == (attempt.ended_at + CLASH_WAIT, CLOSED, [])
    stage.known.created.clear()
    again = stage.makes("till")
    stage.known.created.clear()
    stage.ends(again, kind, done=0)
    assert again.state is CLOSED


def test_a_closed_attempt_does_not_end_twice() -> None:
    stage = two()
    attempt = written(stage, note="new")
    stage.ends(attempt, OutcomeKind.REFUSED, reason="no")
    stage.known.dead.clear()
    stage.ends(attempt, OutcomeKind.REFUSED, reason="no")
    assert (stage.known.dead, attempt.reason) == ([], "no")


def test_what_is_refused_is_set_aside_and_told() -> None:
    stage = two()
    attempt, link = written(stage, note="new", phone="+33"), stage.link("till")
    stage.known.changed_links.clear()
    attempt.ended_at = 7
    set_aside(stage.known, link, attempt, ["note", "phone"], "no")
    assert [link.claims[path].aside for path in ("note", "phone")] == [
        attempt.covers[path].golden_version for path in ("note", "phone")
    ]
    assert list(stage.known.changed_links) == [link.id]
    [dead] = stage.known.dead
    assert (dead.connection, dead.external_id, dead.code, dead.reason, dead.field) == (
        "till",
        "1",
        "push_refused",
        "no",
        "note,phone",
    )
    assert (dead.entity_id, dead.attempt_id) == (1, attempt.id)
    assert (stage.known.notes[-1].kind, stage.known.notes[-1].changes, stage.known.notes[-1].at) == (
        "set aside",
        [["note"], ["phone"]],
        7,
    )


@pytest.mark.parametrize(("blames", "fields"), [
    ("note", "note"), ("phone", "phone"), (None, "given_name,note,phone"), ("nothing", "given_name,note,phone"),
])  # fmt: skip
def test_only_what_is_to_blame_is_set_aside_when_a_write_is_refused(blames: str | None, fields: str) -> None:
    stage = two()
    attempt = written(stage, note="new", phone="+33")
    stage.ends(attempt, OutcomeKind.REFUSED, blames=blames, reason="no")
    assert ([dead.field for dead in stage.known.dead], stage.due("till").keys() & {"note", "phone"}) == (
        [fields],
        {"note", "phone"} - set(fields.split(",")),
    )


def test_nothing_is_to_blame_when_the_mapping_is_not_known() -> None:
    stage = two()
    attempt = written(stage, note="new")
    outcome = Outcome(attempt.id, OutcomeKind.REFUSED, 1, 1, blames="note")
    assert (_blamed(None, attempt, outcome), _blamed(stage.ground.tables["till", "customers"], attempt, outcome)) == (
        [],
        ["note"],
    )


@pytest.mark.parametrize(("blames", "left_out", "aside", "field"), [
    ("note", {"note": 1}, 0, "note"), ("email", {}, 1, "email"), (None, {}, 1, ""), ("zip", {}, 1, "zip"),
])  # fmt: skip
def test_a_record_is_made_without_what_is_to_blame_when_it_can_be_written_later(
    blames: str | None, left_out: dict[str, int], aside: int, field: str
) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", phone="+33", version=1)
    attempt = stage.makes("till")
    delivery = stage.known.created[1, "till", "customers"]
    stage.ends(attempt, OutcomeKind.REFUSED, blames=blames, reason="no")
    assert (delivery.left_out, delivery.aside, attempt.state, attempt.result) == (left_out, aside, CLOSED, "refused")
    assert delivery.wait == ("" if left_out else "refused there")
    [dead] = stage.known.dead
    assert (dead.connection, dead.stream, dead.external_id, dead.field) == ("till", "customers", "", field)
    assert (dead.code, dead.reason, dead.entity_id, dead.attempt_id) == ("push_refused", "no", 1, attempt.id)


def test_what_was_left_out_of_a_new_record_is_set_aside_there_when_it_is_made() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", version=1)
    attempt = stage.makes("till")
    stage.known.created[1, "till", "customers"].left_out = {"note": 4}
    stage.ends(attempt, external_id="9")
    link = stage.link("till", "9")
    assert (link.claims["note"].aside, link.by_hub, attempt.operation, attempt.link_id) == (4, True, "update", link.id)
    assert (attempt.external_id, link.attempt_id, stage.rereads()) == ("9", attempt.id, ["read back"])


@pytest.mark.parametrize(("done", "external_id", "made"), [(1, "9", True), (0, "9", False), (1, None, False)])
def test_a_record_is_there_when_the_first_call_made_it_and_a_later_one_was_refused(
    done: int, external_id: str | None, *, made: bool
) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.REFUSED, done=done, external_id=external_id)
    assert (len(stage.known.links) == 2, stage.known.dead == [], attempt.state is CLOSED) == (made, made, not made)


@pytest.mark.parametrize(("change", "there"), [
    ({}, True), ({"state": LinkState.ENDED}, False), ({"stream": "others"}, False), ({"connection": "crm"}, False),
])  # fmt: skip
def test_a_record_is_there_when_its_entity_has_a_live_one_in_that_stream(change: dict[str, object], *, there: bool) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    for name, value in change.items():
        setattr(link, name, value)
    assert _is_there(stage.known, attempt) is there


@pytest.mark.parametrize(("linked_at", "state", "births", "after"), [
    (4, LinkState.LIVE, None, True), (5, LinkState.LIVE, None, True), (6, LinkState.LIVE, None, False),
    (6, LinkState.LOST, None, True), (4, LinkState.LIVE, ("a", "b"), True), (4, LinkState.LIVE, ("a", "a"), False),
    (6, LinkState.LOST, (None, "a"), False),
])  # fmt: skip
def test_what_we_made_took_the_id_of_a_record_that_was_there_before(
    linked_at: int, state: LinkState, births: tuple[str | None, str] | None, *, after: bool
) -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    attempt.started_at, link.linked_at, link.state, link.birth = 5, linked_at, state, births[0] if births else None
    seen = stage.seen("till", stage.record(birth=births[1])) if births else None
    assert _came_after(link, attempt, Outcome(attempt.id, OutcomeKind.DONE, 1, 1, seen=seen)) is after


@pytest.mark.parametrize(("marker", "shown", "ours"), [
    ("test-1", {"note": "other"}, True), ("test-2", {"note": "one"}, False), (None, {"note": "one"}, True),
    (None, {"note": "ONE."}, True), (None, {"note": "other"}, False), (None, {"note": "one", "phone": "9"}, False),
    (None, {}, True), (None, {"city": "other"}, True),
])  # fmt: skip
def test_what_was_found_is_ours_when_it_bears_our_marker_or_shows_all_that_we_sent(
    marker: str | None, shown: dict[str, Value], *, ours: bool
) -> None:
    stage = two()
    covers = {path: Cover(1, 1, sent) for path, sent in (("note", "one"), ("phone", "+33"), ("addresses/1", "x"))}
    attempt = Attempt(
        1, 1, DeliveryKind.STATE, "create", "till", "customers", PERSON, 1, None, None, "k", [], {}, covers, marker="test-1"
    )
    assert _made_by_us(stage.ground, attempt, stage.seen("till", stage.record(**shown), marker=marker)) is ours


def test_the_answer_of_our_write_says_how_far_the_record_is() -> None:
    stage = two(till=Traits(Ordering.COUNTER, 10 * SECOND, update="plain"))
    stage.tick(30)
    attempt, link = written(stage, note="new"), stage.link("till")
    stage.known.touched.clear()
    stage.ends(attempt, answer=stage.record(email=OTHER, note="new", version=7, changed_at=8.0, birth="b"))
    assert (link.version, link.changed_at, link.birth, link.owed_read, stage.rereads()) == (7, 8 * SECOND, "b", False, [])
    assert link.quiet_until > attempt.ended_at - 2 * SECOND + 9 * SECOND
    assert [key[2] for key, pairs in stage.known.keys.items() if (link.id, 1) in pairs] == [OTHER]


def test_a_read_is_owed_still_when_one_went_by_while_we_wrote() -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    link.owed_read = True
    stage.ends(attempt, answer=stage.record(email=MAIL, note="new", version=2))
    assert (link.owed_read, stage.rereads(), attempt.state, link.id in stage.known.changed_links) == (
        True,
        ["owed"],
        CLOSED,
        True,
    )


def test_a_field_we_sent_is_not_held_when_the_answer_does_not_show_it() -> None:
    stage = two()
    attempt, link = written(stage, note="new", phone="+33"), stage.link("till")
    stage.ends(attempt, answer=stage.record(email=MAIL, note="NEW!", version=2, partial=True))
    assert (link.claims["note"].held, link.claims.get("phone", Claim()).held, attempt.result) == ("NEW!", MISSING, "done")


def test_an_act_is_over_when_it_is_refused() -> None:
    stage = two()
    attempt, link = written(stage, note="new"), stage.link("till")
    delivery = stage.known.deliveries[link.id]
    attempt.kind, attempt.operation, delivery.act = DeliveryKind.ACT, "act", {"verb": "cancel"}
    stage.ends(attempt, OutcomeKind.REFUSED)
    assert (attempt.state, attempt.result, link.fence_seq) == (CLOSED, "refused", stage.seq)
    assert (stage.asked(), delivery.aside, delivery.wait, stage.known.dead) == (["act"], 1, "refused there", [])


def test_a_create_waits_for_what_is_newer_than_all_that_was_refused() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", version=1)
    stage.shows("shop", email=MAIL, note="two", version=2)
    attempt = stage.makes("till")
    stage.ends(attempt, OutcomeKind.REFUSED)
    assert stage.known.created[1, "till", "customers"].aside == stage.entity().golden["note"].version == 2


def test_an_address_we_added_is_ours_when_the_answer_shows_it_in_other_words() -> None:
    stage = Stage("shop", "till")
    stage.shows("till", email=MAIL, version=1)
    stage.shows("shop", email=MAIL, version=1, addresses={"a": HOME})
    attempt = stage.writes("till")
    stage.ends(attempt, answer=stage.record(email=MAIL, version=2, addresses={"x": {**HOME, "postal_code": "6900"}}))
    assert (stage.link("till").elements, stage.due("till")) == ({"addresses": {"x": "1"}}, {})
    assert [path for path in stage.entity().golden if path.startswith("addresses/")] == ["addresses/1"]


def test_two_addresses_of_one_record_are_two_when_they_are_alike() -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, version=1, addresses={"a": HOME})
    stage.shows("till", email=MAIL, version=1, addresses={"x": HOME, "y": {**HOME, "city": "LYON"}})
    assert stage.link("till").elements == {"addresses": {"x": "1", "y": "2"}}
