"""`hub status` at a million links: what it counts is counted over indexes, never over the rows with claims and golden values."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from hub.store import open_store
from hub.store.reader import _COUNTED, _LINKS

ENTITIES = "SELECT type, count(*) FROM entity WHERE state = 'live' GROUP BY type ORDER BY type"
ASKED = [_LINKS.format(where=""), _LINKS.format(where=" WHERE state <> 'live'"), ENTITIES, *_COUNTED.values()]


@pytest.mark.parametrize("sql", ASKED)
def test_count_reads_an_index_only_when_status_is_asked(tmp_path: Path, sql: str) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db")
    store.migrate()
    store.close()
    with sqlite3.connect(tmp_path / "hub.db") as plain:
        plans = [row[3] for row in plain.execute("EXPLAIN QUERY PLAN " + sql)]
    plain.close()
    assert [plan for plan in plans if "INDEX" not in plan and not plan.startswith("USE TEMP B-TREE")] == []
