"""Dead letters of pushes: they end once nothing of what they tell is refused, and not because nobody looked."""

from __future__ import annotations

import pytest

from hub.model.run import DeadLetter
from hub.push.letters import settled_pushes
from tests.unit.rules.stage import Stage

LETTER = DeadLetter(1, "push_refused", "no", "till", "customers", None, b'{"entity":1}', 0, field="phone")


@pytest.mark.parametrize(("looked_at", "settled"), [(False, []), (True, [LETTER])])
def test_letter_of_a_new_record_settles_only_when_what_is_due_of_it_was_looked_at(
    *, looked_at: bool, settled: list[DeadLetter]
) -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", phone="+49301")
    stage.known.touched = {ada.id: None} if looked_at else {}
    assert settled_pushes(stage.known, stage.ground, [LETTER]) == settled
