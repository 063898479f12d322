"""`hub status` at a million links: what it counts is counted over indexes, never over the rows with claims and golden values."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hub.store import open_store
from hub.store.links import _PAGE_OF_STREAM
from hub.store.reader import _COUNTED, _LINKS

ENTITIES = "SELECT type, count(*) FROM entity WHERE state = 'live' GROUP BY type ORDER BY type"
ASKED = [_LINKS.format(where=""), _LINKS.format(where=" WHERE state <> 'live'"), ENTITIES, *_COUNTED.values()]


def plans_of(folder: Path, sql: str, *params: object) -> list[str]:
    """Return how SQLite would go about a question to an empty store."""
    store = open_store(f"sqlite:///{folder}/hub.db")
    store.migrate()
    store.close()
    with sqlite3.connect(folder / "hub.db") as plain:
        found = [str(row[3]) for row in plain.execute("EXPLAIN QUERY PLAN " + sql, params)]
    plain.close()
    return found


@pytest.mark.parametrize("sql", ASKED)
def test_count_reads_an_index_only_when_status_is_asked(tmp_path: Path, sql: str) -> None:
    plans = plans_of(tmp_path, sql)
    assert [plan for plan in plans if "INDEX" not in plan and not plan.startswith("USE TEMP B-TREE")] == []


def test_page_of_a_stream_is_walked_by_id_when_a_stream_is_long(tmp_path: Path) -> None:
    plans = plans_of(tmp_path, _PAGE_OF_STREAM.replace("{p}", "?"), "shop", "customers", 0, 500)
    assert plans == ["SEARCH link USING INTEGER PRIMARY KEY (rowid>?)"]
