"""What a run of many worlds has to have met before it proves anything, and what it met."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field, fields
from itertools import combinations
from typing import Final

from tests.simulation.folders import PAPER_MARKS
from tests.simulation.habits import MARKS
from tests.simulation.machines import UNMET, every_step, never_met
from tests.simulation.result import Result
from tests.simulation.transport import Fault

LEAST_SEEDS: Final = 300
LEAST_EVENTS: Final = 200_000
LEAST_FAULTS: Final = 500
LEAST_HABIT: Final = 20
LEAST_TOGETHER: Final = 20
LEAST_STOCK: Final = 5
LEAST_SHELVED: Final = 50
LEAST_OPERATED: Final = 20
LEAST_ANSWERED: Final = 5
LEAST_STEP: Final = 3
LEAST_PAPERS: Final = {
    "orders made by people": 500,
    "orders cancelled": 30,
    "refunds made by people": 500,
    "refunds sent by the hub": 200,
    "refunds beyond what was paid": 50,
    "tickets made by people": 250,
    "messages made by people": 550,
    "deals sent by the hub": 500,
    "values compared": 10_000,
    "projections compared": 500,
    "histories compared": 300,
    "guests' documents found again": 130,
    "contexts compared": 130,
}
"""What has to be judged of documents in a full run."""
LEAST_IN_FLIGHT: Final = 0.05
"""What a full run on two cores has to reach; a shorter one its share. The share of edits in flight holds for any length."""

FAULTS: Final = tuple(fault.value for fault in Fault if fault is not Fault.NONE)
HAPPENINGS: Final = ("crashes", "webhooks dropped", "webhooks doubled", "clock jumps")
"""What goes wrong beside requests; counted in worlds, not in requests."""
SHELVED: Final = ("stock promises", "stock transfers", "stock oversells")
"""What happens to stock that is kept at several locations."""
OPERATED: Final = (
    "mode live", "mode propose", "mode observe", "approve", "stale lines", "policy", "line", "merge", "keep apart",
    "answer yes", "replay",
    "writes stopped", "writes on", "resync connection", "resync stream", "resync record", "resync since",
)  # fmt: skip

ANSWERED: Final = ("answer no", "answer bring up to date", "answer it was not restored")
"""What operators say where something rare is asked."""


@dataclass(slots=True)
class Sum:
    """What all worlds of a run came to. `together`: worlds in which two kinds of fault both struck."""

    seeds: int = 0
    stock_seeds: int = 0
    operated_seeds: int = 0
    paper_seeds: int = 0
    wrong: list[int] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    habits: Counter[str] = field(default_factory=Counter)
    together: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)

    def add(self, result: Result) -> None:
        """Take a world in."""
        self.seeds += 1
        self.stock_seeds += result.stock
        self.operated_seeds += result.operated
        self.paper_seeds += result.papers
        self.wrong += [result.seed] * bool(result.violations)
        self.counts.update(result.counts)
        self.faults.update(result.faults)
        self.habits.update(result.marks)
        self.steps.update(result.steps)
        struck = [kind for kind in FAULTS if result.faults[kind]] + [kind for kind in HAPPENINGS if result.counts[kind]]
        self.together.update(f"{one} + {other}" for one, other in combinations(struck, 2))

    @property
    def in_flight(self) -> float:
        """Return the share of edits by people that were made while a request to that system was under way."""
        return self.counts["edits while a request was in flight"] / max(self.counts["edits by people"], 1)

    def shortfalls(self, share: float) -> list[str]:
        """Say what a run of this share of a full one did not reach."""
        checks = [("seeds", self.seeds, LEAST_SEEDS), ("remote events", self.counts["remote events"], LEAST_EVENTS)]
        checks += [(f"fault {kind}", self.faults[kind], LEAST_FAULTS) for kind in FAULTS]
        checks += [(f"{kind} of a stock change", self.faults[f"stock {kind}"], LEAST_STOCK) for kind in FAULTS]
        checks += [(kind, self.counts[kind], LEAST_SHELVED) for kind in SHELVED]
        checks += [("stock levels restored", self.counts["stock levels restored"], LEAST_STOCK)]
        pairs = [f"{one} + {other}" for one, other in combinations((*FAULTS, *HAPPENINGS), 2)]
        checks += [(f"worlds with {pair}", self.together[pair], LEAST_TOGETHER) for pair in pairs]
        checks += [(f"worlds with {mark}", self.habits[mark], LEAST_HABIT) for mark in (*MARKS, *PAPER_MARKS)]
        checks += [(f"papers: {kind}", self.counts[f"papers: {kind}"], least) for kind, least in LEAST_PAPERS.items()]
        checks += [(f"step {step}", self.steps[step], LEAST_STEP) for step in every_step() if step not in UNMET]
        checks += [(f"operators: {kind}", self.counts[f"operators: {kind}"], LEAST_OPERATED) for kind in OPERATED]
        checks += [(f"operators: {kind}", self.counts[f"operators: {kind}"], LEAST_ANSWERED) for kind in ANSWERED]
        short = [f"{name}: {reached} of {least * share:.0f}" for name, reached, least in checks if reached < least * share]
        return short + [f"edits in flight: {self.in_flight:.1%} of {LEAST_IN_FLIGHT:.0%}"] * (self.in_flight < LEAST_IN_FLIGHT)


def tell(total: Sum, short: list[str], *, as_json: bool) -> str:
    """Return the sum of a timed run for people or machines."""
    if as_json:
        told = {each.name: getattr(total, each.name) for each in fields(total)}  # asdict of Python 3.11 cannot copy a Counter
        return json.dumps({"version": 2, "sum": {**told, "in_flight": round(total.in_flight, 4)}, "shortfalls": short})
    kinds = (
        ("counts", total.counts),
        ("faults", total.faults),
        ("worlds with", total.habits),
        ("worlds with both", total.together),
        ("steps", total.steps),
    )
    lines = [
        f"{total.seeds} seeds ({total.stock_seeds} with stock, {total.operated_seeds} with operators, "
        f"{total.paper_seeds} with documents), "
        f"{len(total.wrong)} ended wrong {total.wrong}",
        f"  edits while a request was in flight: {total.in_flight:.1%}",
    ]
    lines += [f"  {kind}: {dict(sorted(found.items()))}" for kind, found in kinds]
    lines.append(f"  steps never made: {never_met(total.steps)}")
    return "\n".join([*lines, *(f"  ! too few: {one}" for one in short)])
