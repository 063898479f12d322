"""The machines of the inbox, of deliveries and of attempts: which step can follow which, and which steps a run has met.

What is recorded is what was committed: triggers in the store's file write down every step, whoever makes it, over crashes.
A step that the table does not have is a violation; `docs/explanation/machines.md` tells of all of them, and why some are not met.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

FATES: Final = ("applied", "unchanged", "superseded", "skipped", "waiting", "in_review", "dead_letter")

EDGES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "record": (
        *(("arrived", fate) for fate in FATES),
        ("waiting", "taken up"),
        ("waiting", "asked for"),
        ("asked for", "taken up"),
        ("dead_letter", "replayed"),
        ("dead_letter", "settled"),
        ("dead_letter", "discarded"),
    ),
    "hint": (("new", "noted"), ("noted", "noted"), ("noted", "fetched")),
    "delivery": (
        ("new", "due"),
        ("new", "asking"),
        ("due", "waiting"),
        ("due", "asking"),
        ("due", "over"),
        ("waiting", "due"),
        ("waiting", "asking"),
        ("waiting", "over"),
        ("asking", "due"),
        ("asking", "waiting"),
        ("asking", "over"),
    ),
    "attempt": (
        ("new", "open"),
        ("open", "unknown"),
        ("open", "read_back"),
        ("open", "closed"),
        ("unknown", "read_back"),
        ("unknown", "closed"),
        ("read_back", "closed"),
    ),
}
"""Machine -> its steps, from -> to."""

UNMET: Final = frozenset({"record: dead_letter -> discarded", "delivery: asking -> waiting"})
"""The steps that no world makes; the page says of each why not, and what proves it instead."""

_TABLE: Final = "CREATE TABLE IF NOT EXISTS step_seen (step TEXT PRIMARY KEY, n INTEGER NOT NULL)"
_COUNT: Final = "INSERT INTO step_seen VALUES ({step}, {n}) ON CONFLICT (step) DO UPDATE SET n = n + excluded.n;"
_ASKED: Final = "'% (asked for)'"


def _trigger(name: str, when: str, *steps: tuple[str, str]) -> str:
    body = " ".join(_COUNT.format(step=step, n=n) for step, n in steps)
    return f"CREATE TRIGGER IF NOT EXISTS step_{name} AFTER {when} BEGIN {body} END"


def _moves(table: str) -> list[str]:
    """Return what watches the column `state` of a table."""
    return [
        _trigger(f"{table}_new", f'INSERT ON "{table}"', (f"'{table}: new -> ' || NEW.state", "1")),
        _trigger(
            f"{table}_moved",
            f'UPDATE OF state ON "{table}" WHEN OLD.state <> NEW.state',
            (f"'{table}: ' || OLD.state || ' -> ' || NEW.state", "1"),
        ),
    ]


_WATCHES: Final = (
    *_moves("delivery"),
    *_moves("attempt"),
    _trigger("delivery_over", "DELETE ON delivery", ("'delivery: ' || OLD.state || ' -> over'", "1")),
    _trigger("hint_new", "INSERT ON hint", ("'hint: new -> noted'", "1")),
    _trigger("hint_news", "UPDATE ON hint WHEN NEW.news > OLD.news", ("'hint: noted -> noted'", "1")),
    _trigger("hint_over", "DELETE ON hint", ("'hint: noted -> fetched'", "1")),
    _trigger("asked", f"INSERT ON waiting WHEN NEW.reason LIKE {_ASKED}", ("'record: waiting -> asked for'", "1")),
    _trigger(
        "asked_over", f"DELETE ON waiting WHEN OLD.reason LIKE {_ASKED}", ("'record: asked for -> taken up'", "1")
    ),
    _trigger("waited", f"DELETE ON waiting WHEN OLD.reason NOT LIKE {_ASKED}", ("'record: waiting -> taken up'", "1")),
    _trigger(
        "letter_moved",
        "UPDATE OF state ON dead_letter WHEN OLD.state <> NEW.state",
        ("'record: dead_letter -> ' || NEW.state", "1"),
    ),
    "CREATE TRIGGER IF NOT EXISTS step_run AFTER INSERT ON run BEGIN"
    " INSERT INTO step_seen SELECT 'record: arrived -> ' || key, value FROM json_each(CAST(NEW.counts AS TEXT)) WHERE true"
    " ON CONFLICT (step) DO UPDATE SET n = n + excluded.n; END",
)  # fmt: skip


def watch(file: Path) -> None:
    """Have every step written down that is committed to a store's file from now on."""
    with sqlite3.connect(file, isolation_level=None) as db:
        for statement in (_TABLE, *_WATCHES):
            db.execute(statement)
    db.close()


def met(file: Path) -> Counter[str]:
    """Return how often every step was made."""
    with sqlite3.connect(file) as db:
        found = Counter(dict(db.execute("SELECT step, n FROM step_seen")))
    db.close()
    return found


def every_step() -> list[str]:
    """Return all steps of all machines, as they are counted."""
    return [f"{machine}: {one} -> {other}" for machine, edges in EDGES.items() for one, other in edges]


def unheard_of(steps: Iterable[str]) -> list[str]:
    """Return the steps that no machine has."""
    return sorted(set(steps) - set(every_step()))


def never_met(steps: Counter[str]) -> list[str]:
    """Return the steps that were not made."""
    return [step for step in every_step() if not steps[step]]
