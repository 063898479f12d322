"""The oracle on documented windows, played by hand: what nobody could tell apart is allowed either way, and nothing more."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model.values import SECOND
from hub.sdk.base import Safe
from tests.simulation.habits import Habits
from tests.simulation.office import Policy
from tests.simulation.test_oracle import Stage


def test_judge_lets_an_edit_lose_when_only_the_answer_of_an_ignored_write_ever_showed_it() -> None:
    stage = Stage((Habits(ignores=("note",), update=Safe.PLAIN), Habits()))
    stage.edit(1, note="of the till")
    stage.read()
    stage.edit(0, note="of the shop")
    stage.put(0, look=False, note="of the till")
    assert stage.rules(policies={"note": Policy("prefer", ("shop",))}) == []


def test_judge_lets_somebody_be_made_anew_when_they_were_gone_before_anybody_else_showed_them() -> None:
    stage = Stage()
    till = stage.remotes[1]
    gone = till.create("clerk", {"email": "b@example.org"})
    assert gone is not None
    till.seen[str(gone)] = [(stage.time + SECOND, stage.time + 2 * SECOND)] * 6
    stage.time += 60 * SECOND
    till.delete("clerk", gone)
    stage.time += 60 * SECOND
    stage.remotes[0].create("clerk", {"email": "b@example.org"})
    stage.time += 60 * SECOND
    stage.call(1, "POST", "/customers", {"email": "b@example.org"}, {"idempotency-key": "k1"})
    assert stage.rules() == []


def test_judge_objects_when_somebody_deleted_is_made_anew_from_our_own_copy() -> None:
    stage = Stage()
    till = stage.remotes[1]
    gone = till.create("clerk", {"email": "b@example.org"})
    assert gone is not None
    till.seen[str(gone)] = [(stage.time + SECOND, stage.time + 2 * SECOND)] * 6
    stage.time += 60 * SECOND
    stage.call(0, "POST", "/customers", {"email": "b@example.org"}, {"idempotency-key": "k0"})
    till.delete("clerk", gone)
    stage.time += 60 * SECOND
    stage.call(1, "POST", "/customers", {"email": "b@example.org"}, {"idempotency-key": "k1"})
    assert "created though known there" in stage.rules()


@pytest.mark.parametrize(
    ("habits", "more", "rules"),
    [
        ({"answers": "empty"}, {}, []),
        ({"answers": "full"}, {}, ["wrong value"]),
        ({"answers": "empty", "bumps_always": True}, {}, ["wrong value"]),
        ({"answers": "empty"}, {"phone": "+4915"}, ["wrong value"]),
    ],
)
def test_judge_lets_an_edit_lose_only_when_it_moved_the_version_once_after_an_ignored_write(
    habits: dict[str, Any], more: dict[str, str], rules: list[str]
) -> None:
    stage = Stage((Habits(ignores=("note",), **habits), Habits()))
    stage.edit(1, note="of the till", **more)
    stage.read()
    stage.put(0, look=False, note="of the till", **more)
    stage.edit(0, note="of the shop")
    assert stage.rules() == rules


@pytest.mark.parametrize(("note", "rules"), [("Tea", []), ("teas", []), ("Coffee", ["wrong value"]), ("te", ["wrong value"])])
def test_judge_takes_what_only_looks_like_ours_for_a_spelling_where_a_system_ignores_our_writes(
    note: str, rules: list[str]
) -> None:
    stage = Stage((Habits(ignores=("note",)), Habits()))
    stage.edit(0, note="tea")
    stage.read()
    stage.put(1, note="tea")
    stage.edit(1, note=note)
    stage.read()
    stage.put(0, note=note)
    assert stage.rules() == rules


@pytest.mark.parametrize(("again", "rules"), [("0150 0000 048", []), ("0150 0000 049", ["wrong value"])])
def test_judge_takes_a_value_that_is_only_spelt_anew_for_no_edit(again: str, rules: list[str]) -> None:
    """Seed 4000116: a phone number was typed once more with other blanks, before the newer one of the shop had come there."""
    stage = Stage()
    stage.edit(1, phone="015 0000 0048")
    stage.read()
    stage.edit(0, phone="+491500000050")
    stage.read()
    stage.edit(1, phone=again)
    stage.read()
    stage.put(1, phone="+491500000050")
    assert stage.rules() == rules
