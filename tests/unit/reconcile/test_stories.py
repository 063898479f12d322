"""The stories as they are told in `golden/`: whatever a step remembers, asks, sends or writes down shows there."""

from __future__ import annotations

import pytest

from tests.unit.reconcile.stories import GOLDEN, STORIES, told


@pytest.mark.parametrize("name", STORIES)
def test_stage_knows_what_is_written_when_a_story_is_told(name: str) -> None:
    assert told(name) == (GOLDEN / f"{name}.txt").read_text("utf-8"), (
        "look, then write it anew: python -m tests.unit.reconcile.stories"
    )
