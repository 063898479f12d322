"""Bounds: where one answer ends and the next begins, figure by figure."""

from __future__ import annotations

import pytest

from hub.model.link import Claim, Standing, Stands
from hub.model.outcome import OutcomeKind
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from hub.reconcile.compare import Order, is_silent, order
from hub.reconcile.edit import take_birth, take_edit
from hub.reconcile.identify import contradict
from hub.reconcile.successor import may_be_another
from tests.unit.reconcile.stage import Stage

COUNTER, TIMED, PLAIN = Traits(Ordering.COUNTER), Traits(Ordering.CHANGED_AT), Traits(Ordering.NONE)
MAIL = "ada@example.org"


@pytest.mark.parametrize(("traits", "silent", "said", "claim", "quiet_s", "ordering"), [
    (COUNTER, False, {"version": 3}, Claim(version=2, seq=9), 0, Order.LATER),
    (COUNTER, False, {"version": 2}, Claim(version=2, seq=0), 0, Order.SAME),
    (COUNTER, True, {"version": 2}, Claim(version=2, seq=0), 0, Order.LATER),
    (COUNTER, True, {"version": 2}, Claim(version=2, seq=1), 0, Order.OLDER),
    (COUNTER, False, {"version": 1}, Claim(version=2, seq=0), 0, Order.OLDER),
    (COUNTER, False, {"version": 1}, Claim(version=None, seq=0), 0, Order.LATER),
    (TIMED, False, {"changed_at": 5.0}, Claim(version=5 * SECOND, seq=0), 0, Order.LATER),
    (TIMED, False, {"changed_at": 5.0}, Claim(version=5 * SECOND, seq=0), 1001, Order.LATER),
    (TIMED, False, {"changed_at": 5.0}, Claim(version=5 * SECOND, seq=0), 1002, Order.EARLY),
    (TIMED, False, {"changed_at": 6.0}, Claim(version=5 * SECOND, seq=0), 1002, Order.LATER),
    (PLAIN, False, {"version": 1, "changed_at": 1.0}, Claim(version=9, seq=0), 0, Order.LATER),
    (PLAIN, False, {}, Claim(version=None, seq=1), 0, Order.OLDER),
])  # fmt: skip
def test_order_says_where_a_read_stands_when_it_is_held_against_the_one_before(
    *, traits: Traits, silent: bool, said: dict[str, float], claim: Claim, quiet_s: int, ordering: Order
) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    stage.now, stage.seq = 1_000.0, 0
    seen = stage.seen("shop", stage.record(**{"version": None, **said}))
    link = stage.link("shop")
    link.quiet_until = quiet_s * SECOND
    assert order(claim, link, seen, traits, silent=silent) is ordering


def test_is_silent_is_what_the_mapping_says_when_there_is_one() -> None:
    table = Stage("shop").ground.tables["shop", "customers"]
    paths = ["phone", "note", "addresses/1", "phone/1", "nothing"]
    assert [is_silent(table, path) for path in paths] == [True, False, False, False, False]
    assert not is_silent(None, "phone")


@pytest.mark.parametrize(("claim", "changed_s", "stamp_s", "base_s"), [
    (Claim(held="a", version=1), 900, 900, 0),
    (Claim(held="a", version=1), 5_000, 1_002, 0),
    (Claim(held="a", version=1, stands=Stands(1, 950 * SECOND)), 900, 950.000001, 950),
    (Claim(held="a", version=1, own="a", stamp=980 * SECOND, standing=Standing.EDIT, base=70 * SECOND), 900, 980.000001, 70),
    (Claim(held="a", version=1, own="a", stamp=980 * SECOND, standing=Standing.SEED, base=70 * SECOND), 900, 900, 0),
    (Claim(held="a", version=2), 900, 1_002, 0),
])  # fmt: skip
def test_take_edit_stamps_it_after_what_it_was_made_on(claim: Claim, changed_s: int, stamp_s: float, base_s: int) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    stage.now, stage.seq = 1_000.0, 6
    seen = stage.seen("shop", stage.record(note="b", version=2, changed_at=float(changed_s)))
    assert not take_edit(claim, "note", "b", seen, COUNTER, stage.entity(), "b")
    assert claim == Claim("b", 2, 7, "b", round(stamp_s * SECOND), Standing.EDIT, base_s * SECOND)


@pytest.mark.parametrize(("path", "value", "born_s", "claim"), [
    ("note", "b", None, Claim("b", 2, 7, "b")),
    ("note", "b", 5, Claim("b", 2, 7, "b", 5 * SECOND, Standing.EDIT)),
    ("note", None, 5, Claim(None, 2, 7)),
    ("summary.orders", 3, 5, Claim(3, 2, 7)),
])  # fmt: skip
def test_take_birth_makes_the_first_claim(path: str, value: object, born_s: int | None, claim: Claim) -> None:
    stage = Stage("shop")
    stage.seq = 6
    seen = stage.seen("shop", stage.record(note="b", version=2))
    assert take_birth(path, value, seen, COUNTER, None if born_s is None else born_s * SECOND) == claim


@pytest.mark.parametrize(("one", "other", "contradicts"), [
    ("Ada", "Ada", False), ("Ada", "ada", False), ("A.", "Ada", False), ("Ada", "A", False), ("Zoé", "Zoe", False),
    ("Ada", "Bob", True), ("Ada", None, False), ("", "Ada", False), (None, None, False), ("Ada", "-", False),
])  # fmt: skip
def test_contradict_tells_two_people_apart_when_their_first_names_do(*, one: object, other: object, contradicts: bool) -> None:
    assert (contradict(one, other), contradict(other, one)) == (contradicts, contradicts)


@pytest.mark.parametrize(("after_s", "another"), [(0, False), (120, False), (121, True), (240, True)])
def test_record_may_be_another_when_it_says_that_it_was_born_long_after_we_knew_its_id(*, after_s: float, another: bool) -> None:
    stage = Stage("shop")
    stage.shows("shop", email=MAIL, version=1)
    stage.known.state("shop").accepted = 1
    link = stage.link("shop")
    record = stage.record(email=MAIL, birth="x", created_at=link.linked_at / SECOND + after_s)
    assert may_be_another(stage.known, link, record) is another


@pytest.mark.parametrize("kind", [OutcomeKind.GONE, OutcomeKind.NOT_SENT])
@pytest.mark.parametrize(("tries", "after_s"), [(0, 1), (1, 2), (4, 60), (5, 300), (6, 300), (50, 300)])
def test_next_try_comes_later_each_time_when_a_write_is_not_taken(kind: OutcomeKind, tries: int, after_s: int) -> None:
    stage = Stage("shop", "till")
    stage.shows("shop", email=MAIL, note="one", version=1)
    stage.shows("till", email=MAIL, version=1)
    attempt = stage.writes("till")
    delivery = stage.known.deliveries[stage.link("till").id]
    delivery.tries = tries
    stage.ends(attempt, kind)
    assert (delivery.tries, delivery.not_before - attempt.ended_at) == (tries + 1, after_s * SECOND)
