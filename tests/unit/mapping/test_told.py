"""What is compiled, and what is said of what is wrong, stands in `golden/`."""

from __future__ import annotations

import pytest

from tests.unit.mapping.told import FILES, GOLDEN, told


@pytest.mark.parametrize("name", FILES)
def test_compiler_makes_what_is_written_when_it_is_given_the_same_text(name: str) -> None:
    assert told(name) == (GOLDEN / name).read_text("utf-8"), "look, then write it anew: python -m tests.unit.mapping.told"
