"""What operators ask stays cheap however much is known: indexes are read, never all the rows."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from hub.store import open_store
from hub.store.db import Row
from hub.store.reader import Reader
from hub.store.sqlite import SqliteDb, _flat


class Explaining(SqliteDb):
    """Notes how SQLite answers every question."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, synchronous="OFF", read_only=True)
        self.steps: list[str] = []
        self._plain = sqlite3.connect(path)

    def rows(self, sql: str, *params: Any) -> list[Row]:
        """Note the plan, then ask."""
        self.steps += [row[3] for row in self._plain.execute("EXPLAIN QUERY PLAN " + self.text(sql), _flat(params))]
        return super().rows(sql, *params)


def test_counts_read_indexes_only_when_links_and_entities_are_counted(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    store.close()
    db = Explaining(tmp_path / "hub.db")
    with Reader(db) as reader:
        reader.link_counts()
        reader.entity_counts()
    looks = [step for step in db.steps if " link" in step or " entity" in step]
    assert len(looks) == 3
    assert [step for step in looks if "COVERING INDEX" not in step and "INDEX link_ended" not in step] == []


def test_edits_of_a_stretch_of_time_are_read_by_their_index_when_the_journal_is_long(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    store.close()
    db = Explaining(tmp_path / "hub.db")
    with Reader(db) as reader:
        db.steps.clear()
        reader.edits_between(1, 2)
    assert db.steps[0] == "SEARCH journal USING INDEX journal_edit (at>? AND at<?)"


def test_lines_of_a_plan_are_read_by_its_number_when_many_were_approved(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    store.close()
    db = Explaining(tmp_path / "hub.db")
    with Reader(db) as reader:
        db.steps.clear()
        reader.approved_in(7, limit=500)
        reader.approvals([1, 2], plan=7)
        reader.approvals([1, 2])
        reader.attempts_since([1, 2], 5)
    searches = [step.partition(" (")[0] for step in db.steps if step.startswith(("SEARCH approval", "SEARCH attempt", "SCAN a"))]
    assert searches == [
        "SEARCH approval USING COVERING INDEX sqlite_autoindex_approval_1",
        "SEARCH approval USING INDEX sqlite_autoindex_approval_1",
        "SEARCH approval USING INDEX approval_entity",
        "SEARCH attempt USING INDEX attempt_entity",
    ]
