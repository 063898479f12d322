"""Strays: what a write of ours left in the record that got the id of the one it was meant for."""

from __future__ import annotations

import pytest

from hub.model.delivery import Attempt, Cover, DeliveryKind
from hub.model.link import NOTHING, Claim, Link, Standing, Stands
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, Value
from hub.reconcile.stray import _left_there, take_back
from tests.unit.reconcile.plots import HOME, MAIL, OTHER, WORK
from tests.unit.reconcile.stage import PERSON, Stage

AT = 77


def met(update: str = "plain", **sent: Value) -> tuple[Stage, Attempt, Link, Link]:
    """Set up a till that knows Ada, and Bob in whom a write for her was left. `sent`: what it carried."""
    stage = Stage("till", traits={"till": Traits(Ordering.COUNTER, create="marker", update=update)})
    stage.shows("till", "1", email=MAIL, note="old", tags=["vip"], version=1)
    stage.shows(
        "till", "2", email=OTHER, note="ours", given_name="ours", family_name=None, phone="1", version=1,
        addresses={"a": HOME, "b": WORK}, tags=["vip", "new"],
    )  # fmt: skip
    covers = {path.replace("__", "/"): Cover(2, 5, value) for path, value in sent.items()}
    attempt = Attempt(1, 1, DeliveryKind.STATE, "update", "till", "customers", PERSON, 1, 1, "1", "key", [], {}, covers)
    stage.known.changed_links.clear()
    stage.known.touched.clear()
    return stage, attempt, stage.link("till", "1"), stage.link("till", "2")


@pytest.mark.parametrize(("sent", "left"), [
    ({"note": "ours"}, ["note"]),
    ({"note": "OURS."}, ["note"]),
    ({"note": "theirs"}, []),
    ({"note": None}, []),
    ({"family_name": "Byron"}, []),
    ({"city": "ours"}, []),
    ({"note": "ours", "phone": "2"}, ["note"]),
    ({"addresses__9": HOME}, ["addresses/1"]),
    ({"addresses__1": HOME}, ["addresses/1"]),
    ({"addresses__9": {**HOME, "line1": "Cours 3", "postal_code": "9"}}, []),
    ({"addresses__9": None}, []),
    ({"tags__vip": True}, ["tags/vip"]),
    ({"tags__old": True}, []),
    ({"others__1": HOME}, []),
])  # fmt: skip
def test_what_a_write_left_is_found_when_it_is_shown_like_it(sent: dict[str, Value], left: list[str]) -> None:
    stage, attempt, _, other = met(**sent)
    assert [path for path, _ in _left_there(stage.ground, attempt, other)] == left


@pytest.mark.parametrize("claim", [Claim("ours"), Claim(MISSING, own="ours"), Claim(None, own="ours")])
def test_nothing_is_left_when_nobody_is_taken_to_have_said_it(claim: Claim) -> None:
    stage, attempt, _, other = met(note="ours")
    other.claims["note"] = claim
    assert list(_left_there(stage.ground, attempt, other)) == []


def test_what_a_write_left_is_found_when_its_system_is_no_longer_configured() -> None:
    stage, attempt, _, other = met(note="ours", phone="(1)", addresses__9=HOME)
    stage.ground.tables.clear()
    assert [path for path, _ in _left_there(stage.ground, attempt, other)] == ["note"]


@pytest.mark.parametrize(("update", "before", "taken"), [
    ("plain", Claim("old"), (None, AT, Standing.SEED, None)),
    ("compare_and_set", Claim("old"), ("old", 5, Standing.EDIT, "old")),
    ("compare_and_set", Claim(None), (None, AT, Standing.SEED, None)),
    ("compare_and_set", Claim(), (None, AT, Standing.SEED, None)),
    ("compare_and_set", None, (None, AT, Standing.SEED, None)),
])  # fmt: skip
def test_what_a_write_left_is_nobodys_word_when_it_did_not_look_what_was_there(
    update: str, before: Claim | None, taken: tuple[Value, ...]
) -> None:
    stage, attempt, link, other = met(update, note="ours")
    link.claims = {"note": before} if before is not None else {}
    other.claims["note"] = Claim("ours", 1, 2, "ours", 5, Standing.EDIT, stands=Stands(1, 5))
    take_back(stage.known, stage.ground, attempt, link, other, AT)
    claim = other.claims["note"]
    assert (claim.own, claim.stamp, claim.standing, stage.golden("note", 2)) == taken
    assert (claim.held, stage.golden("given_name", 2), link.claims.get("note")) == ("ours", "ours", before)
    assert (list(stage.known.changed_links), list(stage.known.touched)) == ([other.id], [2])


def test_a_copy_stands_for_nothing_when_what_it_showed_was_taken_back() -> None:
    stage, attempt, link, other = met("compare_and_set", note="ours")
    take_back(stage.known, stage.ground, attempt, link, other, AT)
    claim = other.claims["note"]
    assert (claim.stands, stage.due("till", "2")) == (NOTHING, {"note": "old"})


def test_nothing_changes_when_a_write_left_nothing() -> None:
    stage, attempt, link, other = met(note="theirs")
    before = Claim(**{name: getattr(other.claims["note"], name) for name in Claim.__slots__})
    take_back(stage.known, stage.ground, attempt, link, other, AT)
    assert (other.claims["note"], list(stage.known.changed_links), list(stage.known.touched)) == (before, [], [])
