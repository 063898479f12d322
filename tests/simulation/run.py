"""Run seeds and print what went wrong: `python -m tests.simulation.run --seeds 50 --from 0 [--json] [--hub module:factory]`."""

from __future__ import annotations

import argparse
import importlib
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from typing import Any

from tests.simulation.world import Result, draw, run_world

HUB = "tests.simulation.connected:make_hub"


def factory(name: str) -> Callable[[Any], Any]:
    """Return the factory of the hub under test from `module:name`."""
    module, _, attribute = name.partition(":")
    found: Callable[[Any], Any] = getattr(importlib.import_module(module), attribute)
    return found


def show(result: Result, *, as_json: bool) -> str:
    """Return a result for people or machines."""
    if as_json:
        told = {"version": 1, **asdict(result), "replay": result.replay, "passes_per_s": round(result.passes / result.seconds)}
        return json.dumps(told, default=str)
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; return 1 if any world ended wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--hub", default=HUB)
    parser.add_argument("--stock", action="store_true", help="the remotes keep stock too")
    asked = parser.parse_args(arguments)
    make_hub = factory(asked.hub)
    wrong = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        result = run_world(replace(draw(seed), stock=asked.stock), make_hub)
        wrong += bool(result.violations)
        sys.stdout.write(show(result, as_json=asked.json) + "\n")
        sys.stdout.flush()
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
