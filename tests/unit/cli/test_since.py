"""`--since` is written the same way in every command."""

from __future__ import annotations

import pytest

from hub.cli.reads import read_since
from hub.clock import micros
from hub.errors import UsageError
from hub.model.values import SECOND

NOW = micros("2026-03-10T12:00:00Z")


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("30d", NOW - 30 * 86_400 * SECOND),
        ("12h", NOW - 12 * 3_600 * SECOND),
        ("2w", NOW - 14 * 86_400 * SECOND),
        ("2026-03-01", micros("2026-03-01T00:00:00Z")),
        ("2026-03-01T10:00:00+02:00", micros("2026-03-01T08:00:00Z")),
    ],
)
def test_since_reads_an_age_a_date_or_a_time(text: str, at: int) -> None:
    assert read_since(text, NOW) == at


@pytest.mark.parametrize("text", ["yesterday", "30", "d", "-3d", "3m"])
def test_since_names_the_ways_to_write_it_when_it_is_none_of_them(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        read_since(text, NOW)
    assert caught.value.fix == "Write 30d, 12h, 2026-03-01 or 2026-03-01T12:00:00Z."
