"""What passes of streams came to: one run each, but for passes in a row that brought nothing, which share one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from hub.model.review import Fate
from hub.model.run import CursorRow, Run
from hub.model.values import Micros
from hub.store.unit import Unit

KEPT: Final = 20
"""Runs of a stream that are kept."""


def note_run(unit: Unit, cursor: CursorRow, counts: Mapping[Fate, int], now: Micros, error: str = "") -> None:
    """Write down the end of a pass: `counts` says how its records ended, `error` why it was given up (a code)."""
    found = {fate.value: number for fate, number in sorted(counts.items()) if number}
    former = unit.last_run(cursor.connection, cursor.stream)
    kind = "whole" if cursor.full else "changes"
    run = Run(0, cursor.connection, cursor.stream, kind, cursor.window_started_at, now, found, error)
    if former is not None and _is_same(former, run):
        run.id = former.id
        unit.save_run(run)
    else:
        run.id = unit.next_id("run")
        unit.save_run(run)
        unit.forget_runs(cursor.connection, cursor.stream, keep=KEPT)


def _is_same(former: Run, run: Run) -> bool:
    """Say whether a pass tells nothing that the one before it did not tell."""
    same = (former.kind, former.error) == (run.kind, run.error)
    return same and (bool(run.error) or (_is_idle(former) and _is_idle(run)))


def _is_idle(run: Run) -> bool:
    return not run.error and set(run.counts) <= {Fate.UNCHANGED.value}
