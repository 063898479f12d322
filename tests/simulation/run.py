"""Run seeds and print what went wrong.

`python -m tests.simulation.run --seeds 50 --from 0 [--json]` runs these seeds. `--minutes 20 --jobs 2` runs fresh seeds for
that long in that many processes, sums what happened and checks that it was enough to prove something: exit 1 where it was not,
or a world ended wrong.
"""

from __future__ import annotations

import argparse
import importlib
import json
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from dataclasses import asdict, dataclass, fields
from itertools import count
from typing import Any

from tests.simulation.draw import draw
from tests.simulation.gate import Sum, tell
from tests.simulation.result import Result
from tests.simulation.world import run_world

HUB = "tests.simulation.connected:make_hub"
FULL_MINUTES = 20.0


def factory(name: str) -> Callable[[Any], Any]:
    """Return the factory of the hub under test from `module:name`."""
    module, _, attribute = name.partition(":")
    found: Callable[[Any], Any] = getattr(importlib.import_module(module), attribute)
    return found


def plain(told: Any) -> dict[str, Any]:
    """Return a dataclass as a dict; `dataclasses.asdict` of Python 3.11 cannot copy a Counter."""
    return {each.name: getattr(told, each.name) for each in fields(told)}


def show(result: Result, *, as_json: bool) -> str:
    """Return a result for people or machines."""
    if as_json:
        told = {"version": 1, **plain(result), "replay": result.replay, "passes_per_s": round(result.passes / result.seconds)}
        return json.dumps(told, default=lambda value: sorted(value) if isinstance(value, set) else asdict(value))
    lines = [
        f"seed {result.seed}: {len(result.violations)} violations, {result.passes} passes, {result.seconds:.1f} s "
        f"({result.passes / result.seconds:.0f}/s), {result.virtual_minutes:.0f} virtual minutes, {result.digest[:12]}",
    ]
    if result.violations:
        lines += [f"  {name}: {habits}" for name, habits in result.habits.items()]
        lines += [f"  faults {dict(result.faults)}", f"  counts {dict(result.counts)}"]
        for violation in result.violations:
            lines += [f"  ! {violation.rule}: {violation.about}", *(f"      {line}" for line in violation.proof)]
        lines.append(f"  again: {result.replay}")
    return "\n".join(lines)


def run_for(minutes: float, jobs: int, first: int, runner: _Runner) -> Iterator[Result]:
    """Run fresh seeds until the time is over."""
    deadline, seeds = time.monotonic() + minutes * 60, count(first)
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        under_way = {pool.submit(runner, next(seeds)) for _ in range(2 * jobs)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                if time.monotonic() < deadline:
                    under_way.add(pool.submit(runner, next(seeds)))
                yield future.result()


@dataclass(frozen=True)
class _Runner:
    hub: str
    papers: bool = True

    def __call__(self, seed: int) -> Result:
        return run_world(draw(seed, papers=self.papers), factory(self.hub))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 1 if any world ended wrong or a timed run did not reach enough."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hub", default=HUB)
    parser.add_argument("--without-papers", action="store_false", dest="papers", help="the same worlds without documents")
    asked = parser.parse_args(arguments)
    total = Sum()
    seeds = range(asked.first, asked.first + asked.seeds)
    if asked.minutes is None:
        results: Iterable[Result] = map(_Runner(asked.hub, asked.papers), seeds)
    else:
        results = run_for(asked.minutes, asked.jobs, asked.first, _Runner(asked.hub, asked.papers))
    for result in results:
        total.add(result)
        if asked.minutes is None or result.violations:
            sys.stdout.write(show(result, as_json=asked.json) + "\n")
            sys.stdout.flush()
    if asked.minutes is None:
        return 1 if total.wrong else 0
    short = total.shortfalls(asked.minutes / FULL_MINUTES)
    sys.stdout.write(tell(total, short, as_json=asked.json) + "\n")
    return 1 if total.wrong or short else 0


if __name__ == "__main__":
    raise SystemExit(main())
