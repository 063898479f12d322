"""The walk through a list, against a list that behaves as Vendure's (strict `after`, offset, order by updatedAt alone)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.vendure import paging
from hub.clock import instant, micros
from hub.errors import BadPayload
from hub.model.values import SECOND
from hub.sdk import Cursor

START = micros("2026-01-01T00:00:00Z")
SIZE = 20


class Records:
    """Ids and the second of their last change. Ties come in an order of their own, as in a database."""

    def __init__(self, seconds: list[int]) -> None:
        self.changed = {str(n + 1): START + second * SECOND for n, second in enumerate(seconds)}
        self.now = START + 1_000 * SECOND

    def touch(self, record: str) -> None:
        self.now += SECOND
        self.changed[record] = self.now

    def list(self, options: dict[str, Any]) -> list[dict[str, Any]]:
        rows = [row for row in self.changed.items() if self._fits(row[1], options.get("filter", {}).get("updatedAt", {}))]
        by_id = "id" in options["sort"]
        rows.sort(key=lambda row: (0, int(row[0])) if by_id else (row[1], int(row[0]) * 7919 % 101))
        skip = options.get("skip", 0)
        return [{"id": row[0], "updatedAt": instant(row[1])} for row in rows[skip : skip + options["take"]]]

    def _fits(self, at: int, wanted: dict[str, Any]) -> bool:
        between = wanted.get("between", {"start": instant(0), "end": instant(self.now * 2)})
        return at > micros(wanted.get("after", instant(0))) and micros(between["start"]) <= at <= micros(between["end"])


def walk(records: Records, since: int | None, touched: dict[int, list[str]]) -> dict[str, int]:
    """Read page by page; before page n the records of `touched[n]` are saved. Return when each record seen had changed."""
    seen: dict[str, int] = {}
    token: str | None = None
    for page in range(200):
        for record in touched.get(page, []):
            records.touch(record)
        cursor = Cursor(since, token)
        items = records.list(paging.options(cursor, SIZE))
        seen |= {item["id"]: micros(item["updatedAt"]) for item in items}
        token = paging.following(cursor, items, SIZE)
        if token is None:
            return seen
    message = "the walk does not end"
    raise AssertionError(message)


@settings(max_examples=60, deadline=None)
@given(
    seconds=st.lists(st.sampled_from([1, 1, 1, 2, 3, 4, 9]), min_size=1, max_size=120),
    touched=st.dictionaries(st.integers(1, 6), st.lists(st.integers(1, 120), max_size=3), max_size=4),
)
def test_walk_sees_every_record_as_it_is_when_some_change_meanwhile(seconds: list[int], touched: dict[int, list[int]]) -> None:
    records = Records(seconds)
    seen = walk(records, None, {page: [str(n) for n in ns if n <= len(seconds)] for page, ns in touched.items()})
    assert seen.keys() == records.changed.keys()


def test_walk_shows_the_newest_state_when_a_record_changes_before_the_last_page() -> None:
    records = Records(list(range(60)))
    assert walk(records, None, {2: ["1", "30"]}) == records.changed


def test_walk_ends_when_one_second_holds_many_pages() -> None:
    records = Records([5] * 130 + [6])
    assert walk(records, None, {}) == records.changed


def test_options_ask_for_the_boundary_itself_when_the_filter_is_strict() -> None:
    records = Records([1, 2, 3])
    assert walk(records, START + 2 * SECOND, {}).keys() == {"2", "3"}


def test_options_name_one_sort_key_when_reading_by_time() -> None:
    assert paging.options(Cursor(), SIZE)["sort"] == {"updatedAt": "ASC"}


def test_following_refuses_when_a_record_has_no_time() -> None:
    with pytest.raises(BadPayload):
        paging.following(Cursor(), [{"id": "1"}] * SIZE, SIZE)
