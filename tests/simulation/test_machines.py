from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from hub.store import open_store
from tests.simulation.machines import EDGES, UNMET, every_step, met, never_met, unheard_of, watch

PAGE = Path(__file__).parents[2] / "docs/explanation/machines.md"
SECTIONS = {
    "A record that comes in": "record",
    "A hint that a record may have changed": "hint",
    "What has to change in a system": "delivery",
    "One try to send it": "attempt",
}


def rows() -> dict[str, str]:
    """Return step -> what the page says of it in a run."""
    sections = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    pairs = list(zip(sections[::2], sections[1::2], strict=True))
    lines = [(SECTIONS[title], line) for title, text in pairs for line in text.splitlines() if " -> " in line]
    cells = [(machine, [cell.strip() for cell in line.strip("|").split("|")]) for machine, line in lines if line.startswith("|")]
    return {f"{machine}: {step}": said for machine, (step, _, said) in cells}


def test_page_lists_exactly_the_steps_that_the_machines_have() -> None:
    assert sorted(rows()) == sorted(every_step())


def test_page_explains_exactly_the_steps_that_no_world_makes() -> None:
    assert {step for step, said in rows().items() if said.startswith("never: ")} == UNMET
    assert {said for step, said in rows().items() if step not in UNMET} == {"made"}


def test_never_met_names_what_is_left_and_unheard_of_what_is_new() -> None:
    steps = Counter({"attempt: new -> open": 2, "attempt: closed -> open": 1})
    assert unheard_of(steps) == ["attempt: closed -> open"]
    assert len(never_met(steps)) == sum(map(len, EDGES.values())) - 1


@pytest.mark.parametrize(
    ("statement", "step"),
    [
        ("UPDATE attempt SET state = 'unknown'", "attempt: open -> unknown"),
        ("UPDATE attempt SET looks = 1", "attempt: new -> open"),
        ("DELETE FROM waiting", "record: asked for -> taken up"),
        ("UPDATE dead_letter SET state = 'settled'", "record: dead_letter -> settled"),
        ("UPDATE hint SET news = 2", "hint: noted -> noted"),
    ],
)
def test_watch_writes_down_every_step_that_is_committed(tmp_path: Path, statement: str, step: str) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    store.migrate()
    watch(tmp_path / "hub.db")
    with store.unit() as unit:
        for table, texts in {"attempt": {"state": "open"}, "waiting": {"reason": "its order (asked for)"}}.items():
            _insert(unit, table, **texts)
        _insert(unit, "dead_letter", state="open")
        _insert(unit, "hint", news=1)
        unit._db.run(statement)
    store.close()
    assert met(tmp_path / "hub.db")[step] == 1


def _insert(unit: object, table: str, **values: object) -> None:
    """Insert a row of zeros and blanks, but for what is given."""
    db = unit._db  # type: ignore[attr-defined]
    columns = db.rows(f"SELECT name, type FROM pragma_table_info('{table}') ORDER BY cid")
    row = [values.get(name, 0 if "INT" in kind.upper() else b"" if "BLOB" in kind.upper() else "") for name, kind in columns]
    marks = ", ".join("?" for _ in row)
    db.run(f'INSERT INTO "{table}" VALUES ({marks})', *row)
