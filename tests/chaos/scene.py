"""One act of chaos from beginning to end: first sync, stocktake, trouble while people work, quiet, judgement.

In: a trouble. Out: a row of the table. The judge is the demo's, which reads what the four systems hold and wrote down themselves
and shares no code with the hub; here it is asked for doubles, too.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from demo.people import Job, Rates
from demo.report import NOTHING, Plan, Report
from demo.run import Show
from demo.screen import Screen
from demo.verdict import Systems, Verdict
from demo.world import Size, build
from hub.clock import Clock, SystemClock
from hub.model.values import Micros
from tests.chaos.doubles import find_doubles
from tests.chaos.hall import Hall
from tests.chaos.result import Row

SIZE = Size(products=6, both=24, shop_only=6, till_only=6)
LOAD = Rates(edits=2.0, office=0.5, sales=1.0, refunds=0.3, tickets=0.4, errands=1.0)
EDITS_PER_S = 0.5
"""At least so many edits, sales and orders per second must have happened in the systems, or it was no load."""
LONG_S = 100_000.0
STALL_S = 60.0


class Trouble:
    """What goes wrong, in steps that are taken ten times a second while people work."""

    kind = ""
    checked = "all values, units, documents and histories; no doubles"
    rates = LOAD
    stall_s = STALL_S
    """How long nothing may move before it is judged."""
    change: Callable[[str], str] = staticmethod(str)
    """What becomes of config.yaml's text."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.times = 0
        self.wrong: list[str] = []
        self.facts: dict[str, Any] = {}

    def environ(self) -> dict[str, str]:
        """Return what the daemon finds in its environment, beside the demo's."""
        return {}

    def folder(self) -> Path | None:
        """Return where the daemon's files are to be; None: in a folder of their own."""
        return None

    def step(self, hall: Hall, now_s: float) -> None:
        """Do what is due. `now_s`: since people began to work."""

    def is_over(self, now_s: float) -> bool:
        """Say whether all of it happened."""
        raise AssertionError(now_s)

    def end(self, hall: Hall) -> None:
        """Put right what is still wrong: from here on the hub has to find its way back by itself."""

    def is_away(self) -> bool:
        """Say whether the daemon is not expected to live just now."""
        return False

    def close(self) -> None:
        """Give back what was taken for it, whatever happened."""


@dataclass(frozen=True, slots=True)
class _Load(Plan):
    """People who go on until the trouble is over."""

    pace: Rates = LOAD

    @property
    def rates(self) -> Rates:
        """Return how fast people act."""
        return self.pace


class Scene(Show):
    """The demo's play with a trouble in it."""

    def __init__(self, hall: Hall, clock: Clock, trouble: Trouble) -> None:
        plan = _Load(LONG_S, trouble.seed, SIZE, NOTHING, pace=trouble.rates)
        super().__init__(plan, hall, Screen(clock, quiet=True), clock)
        self._hall, self._trouble = hall, trouble
        self.worked_s = 0.0
        self.answered = 0

    def _pull_plug(self, elapsed_s: float) -> None:
        self.worked_s = elapsed_s
        self._trouble.step(self._hall, elapsed_s)

    def _is_over(self, late_s: float, due: Mapping[Job, int], done: Mapping[Job, int]) -> bool:
        return self._trouble.is_over(late_s + LONG_S)

    def _bring_back(self) -> None:
        self._trouble.end(self._hall)

    def _look(self) -> None:
        if not self._trouble.is_away():
            super()._look()

    def _settle(self, since: Micros) -> tuple[Verdict, int]:
        before = self.answered
        found = super()._settle(since)
        return found if self.answered == before else super()._settle(since)  # what was said yes to is under way now

    def _judge(self, since: Micros) -> Verdict:
        self.answered += self._hall.answer_questions()
        return super()._judge(since)

    @property
    def _stall_s(self) -> float:
        return self._trouble.stall_s


def suffer(trouble: Trouble) -> Row:
    """Let a trouble happen to a retailer; return what came of it."""
    clock = SystemClock()
    began = clock.elapsed()
    world = build(trouble.seed, clock.now, SIZE)
    try:
        hall = Hall(world, clock, change=trouble.change, more=trouble.environ(), folder=trouble.folder())
        with hall:
            scene = Scene(hall, clock, trouble)
            report = scene.play()
            with hall.still():
                doubles = find_doubles(Systems(world.shop, world.till, world.crm, world.desk))
            wrong = [*trouble.wrong, *doubles, *_blames(report), *_idle(report, scene.worked_s)]
            if wrong:
                wrong.append(f"what is needed to find out why is kept: {_keep(hall, trouble)}")
    finally:
        trouble.close()
    facts = trouble.facts | {
        "compared": report.verdict.compared.total(),
        "edits": sum(report.verdict.edits.values()),
        "sales": sum(report.verdict.sales.values()),
        "documents": report.verdict.documents.total(),
        "questions answered": scene.answered,
        "took_s": report.took_s,
    }
    return Row(trouble.kind, trouble.times, trouble.checked, tuple(wrong), round(clock.elapsed() - began, 1), facts)


def _keep(hall: Hall, trouble: Trouble) -> Path:
    """Copy the hub's folder and what the systems wrote down to where it stays; the hub has ended."""
    kept = Path(tempfile.gettempdir()) / f"syncline-chaos-{trouble.kind.replace(' ', '-')}-{trouble.seed}"
    shutil.rmtree(kept, ignore_errors=True)
    shutil.copytree(hall.folder, kept, ignore=shutil.ignore_patterns("ballast", "*control*"))
    for name, served in hall.served.items():
        with (kept / f"{name}.journal.jsonl").open("wb") as out:
            out.writelines(orjson.dumps(entry, default=str) + b"\n" for entry in served.fake.journal)
    return kept


def _blames(report: Report) -> list[str]:
    found = [f"{one.what} {one.key} {one.field}: {one.why} {dict(one.there)}" for one in report.verdict.differences]
    return found + ([f"{report.left} things were still under way"] if report.left else [])


def _idle(report: Report, worked_s: float) -> list[str]:
    happened = sum(report.verdict.edits.values()) + sum(report.verdict.sales.values())
    wanted = int(worked_s * EDITS_PER_S)
    return [] if happened >= wanted else [f"only {happened} edits and sales in {worked_s:.0f} s: no load"]
