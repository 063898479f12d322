"""Try a sample of mutants of one package: `python -m tests.mutants --package reconcile --sample 300 --seed 1`.

The sample is drawn at random among all places where a fault can be put, so that the share found is an estimate for the package;
its margin is Wilson's at 95 %. Exit code 0 unless the run itself failed: survivors are for people to judge.
"""

from __future__ import annotations

import argparse
import ast
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.mutants import touched, trials
from tests.mutants.operators import Place, find_places
from tests.mutants.settled import Settled
from tests.mutants.touched import ROOT, Touched, Tracer
from tests.mutants.trials import End

HERE = Path(__file__).parent
KEPT = ROOT / ".mutants" / "touched.json"
NEAR = {
    "reconcile": ["reconcile", "rules", "documents", "push", "ops/test_acts.py"],
    "push": ["push", "rules", "documents", "reconcile", "retail", "ops/test_acts.py"],
    "mapping": ["mapping", "reconcile", "rules"],
}
"""Folders of tests/unit whose tests may find a fault of a package, and with `tests/` before them others."""
FARTHER: dict[str, list[str]] = {}
BUDGET_S = 20.0
"""Tests for one mutant take no longer than this when they are green; the fastest are run."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault at a place of a file. `index` counts the places of that file."""

    file: str
    index: int
    function: str
    line: int
    before: str
    after: str


@dataclass(slots=True)
class Verdict:
    """What became of a mutant: killed | timed out | survived | untouched | equivalent, and why if it is equivalent."""

    mutant: Mutant
    ends: str
    why: str = ""
    tests: int = 0


def all_mutants(package: str) -> list[tuple[Mutant, Place]]:
    """Return every mutant of a package."""
    found = []
    for path in sorted((ROOT / "hub" / package).rglob("*.py")):
        file = path.relative_to(ROOT).as_posix()
        for index, place in enumerate(find_places(ast.parse(path.read_bytes()))):
            found.append((Mutant(file, index, place.function, place.line, place.before, place.after), place))
    return found


def equivalents() -> dict[tuple[str, str, str, str], str]:
    """Return the mutants that somebody looked at and found to change nothing that can be seen, with the reason."""
    rows = YAML(typ="safe").load((HERE / "equivalent.yaml").read_text("utf-8")) or []
    return {(row["file"], row["function"], row["before"], row["after"]): row["why"] for row in rows}


def wilson(killed: int, of: int) -> tuple[float, float]:
    """Return the bounds of a share at 95 % (Wilson's score interval)."""
    if of == 0:
        return 0.0, 1.0
    z, share = 1.96, killed / of
    middle, spread = share + z * z / (2 * of), z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return (middle - spread) / (1 + z * z / of), (middle + spread) / (1 + z * z / of)


class Bench:
    """The pytest plugin that runs trials in place of tests."""

    def __init__(self, asked: argparse.Namespace) -> None:
        self.asked = asked
        self.files = sorted((ROOT / "hub").rglob("*.py"))
        self.tracer = Tracer([path for path in self.files if path.parts[-2] in NEAR])
        self.verdicts: list[Verdict] = []
        self.population, self.started = 0, time.monotonic()
        self.again = json.loads(asked.again.read_text("utf-8")) if asked.again else None

    @pytest.hookimpl(wrapper=True)
    def pytest_collection(self) -> Iterator[None]:
        """End the watch that `main` began: a fault in what our modules did by now is not seen by tests that are collected."""
        try:
            return (yield)
        finally:
            sys.settrace(None)

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try the mutants."""
        self.items = {item.nodeid: item for item in session.items}
        self.touched = self._trace()
        self.live = trials.functions(self.files)
        for mutant, place in self._drawn():
            verdict = self._judge(mutant, place)
            self.verdicts.append(verdict)
            self.write()
            tell(f"{len(self.verdicts):4} {verdict.ends:10} {mutant.file}:{mutant.line} {mutant.before!r} -> {mutant.after!r}")
        return True

    def write(self) -> None:
        """Write the report down as far as it goes: who stops a run keeps what it found."""
        if self.asked.json:
            self.asked.json.write_text(json.dumps(report(self), indent=1), encoding="utf-8")

    def _drawn(self) -> list[tuple[Mutant, Place]]:
        known = all_mutants(self.asked.package)
        self.population = len(known)
        if self.asked.only:
            return [one for one in known if any(f"{one[0].file}:{one[0].line}".endswith(asked) for asked in self.asked.only)]
        if self.again:
            return list(_found_again(known, [Mutant(**verdict["mutant"]) for verdict in self.again["left"]]))
        random.Random(self.asked.seed).shuffle(known)  # a larger sample holds the smaller one
        return known[: self.asked.sample]

    def _trace(self) -> Touched:
        kept: dict[str, Any] = json.loads(KEPT.read_text("utf-8")) if KEPT.exists() else {}
        of_file: dict[str, list[pytest.Item]] = {}
        for item in self.items.values():
            of_file.setdefault(item.nodeid.partition("::")[0], []).append(item)
        for name, items in of_file.items():
            if name in kept and (self.asked.stale or kept[name]["of"] == touched.fingerprint(name)):
                continue
            tell(f"tracing {name}")
            answer = Path(tempfile.mkstemp(prefix="mutants-")[1])
            code = trials.fork(lambda items=items, answer=answer: self._trace_file(items, answer))
            found = json.loads(answer.read_text("utf-8")) if code == 0 else {}
            answer.unlink()
            kept[name] = {"of": touched.fingerprint(name), "tests": found}
            touched.keep(KEPT, kept)
        return touched.gather({name: kept[name] for name in of_file})

    def _trace_file(self, items: list[pytest.Item], answer: Path) -> int:
        files = [path for path in self.files if path.parts[-2] in NEAR]
        answer.write_text(json.dumps(touched.trace(items, files, trials.run_one)), encoding="utf-8")
        return 0

    def _judge(self, mutant: Mutant, place: Place) -> Verdict:
        why = EQUIVALENT.get((mutant.file, mutant.function, mutant.before, mutant.after))
        if why is not None:
            return Verdict(mutant, "equivalent", why)
        names = self._around(mutant.file) if place.at_import else self._near(mutant.file, *place.lines)
        early = any((mutant.file, line) in self.tracer.seen for line in range(place.lines[0], place.lines[1] + 1))
        if not names and early:
            names = self._around(mutant.file)
        if not names:
            return Verdict(mutant, "untouched")
        code = int(End.UNFIT) if place.at_import else self._try_here(mutant, names)
        if code == End.UNFIT or (code == End.SURVIVED and early):
            code = self._try_afresh(mutant, names)
        return Verdict(mutant, ENDS.get(code, "timed out"), tests=len(names))

    def _near(self, file: str, first: int, last: int) -> list[str]:
        return self._within_budget(self.touched.tests(file, first, last))

    def _around(self, file: str) -> list[str]:
        """Of what acts at import nobody sees who uses it: the tests of its package, those of its file first."""
        own = self.touched.tests(file, 1, 10**6)
        files = [name for name in self.touched.lines if name.startswith(f"hub/{self.asked.package}/")]
        others = {test for name in files for test in self.touched.tests(name, 1, 10**6)} - set(own)
        return self._within_budget([*own, *sorted(others, key=lambda test: (self.touched.seconds[test], test))])

    def _within_budget(self, tests: list[str]) -> list[str]:
        chosen, total = [], 0.0
        for name in tests:
            total += self.touched.seconds[name]
            if name in self.items and total <= BUDGET_S:
                chosen.append(name)
        return chosen

    def _try_here(self, mutant: Mutant, names: list[str]) -> int:
        def act() -> End:
            if not trials.put_in(mutant.file, mutant.index, self.live):
                return End.UNFIT
            return trials.run_all([self.items[name] for name in names], self.touched.seconds)

        return trials.fork(act)

    def _try_afresh(self, mutant: Mutant, names: list[str]) -> int:
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as listed:
            listed.write("\n".join(names))
            listed.flush()
            call = [sys.executable, "-m", "tests.mutants.afresh", mutant.file, str(mutant.index), listed.name]
            try:
                done = subprocess.run(call, cwd=ROOT, capture_output=True, timeout=300, check=False)
            except subprocess.TimeoutExpired:
                return -1
        return done.returncode


EQUIVALENT = equivalents()
ENDS = {int(End.SURVIVED): "survived", int(End.KILLED): "killed"}


def _found_again(known: list[tuple[Mutant, Place]], left: list[Mutant]) -> Iterator[tuple[Mutant, Place]]:
    """Yield the mutants that were left, where they are now; one whose code is gone is no more."""
    for one in left:
        same = [pair for pair in known if replace(pair[0], index=0, line=0) == replace(one, index=0, line=0)]
        if same:
            yield min(same, key=lambda pair: abs(pair[0].line - one.line))


def tell(line: str) -> None:
    """Say how far it is, past whatever pytest captures."""
    print(line, file=sys.__stderr__, flush=True)


def report(bench: Bench) -> dict[str, Any]:
    """Return what came of it as one document. Where only what a report left was tried again, the rest counts as it did."""
    ends = [verdict.ends for verdict in bench.verdicts]
    killed, timed_out = ends.count("killed") + ends.count("timed out"), ends.count("timed out")
    equivalent, tried, seed = ends.count("equivalent"), len(ends), bench.asked.seed
    if bench.again:
        killed, timed_out = killed + bench.again["killed"], timed_out + bench.again["of_these_timed_out"]
        equivalent += bench.again["equivalent"]
        tried, seed = bench.again["sample"] - len(bench.again["left"]) + len(ends), bench.again["seed"]
    low, high = wilson(killed, tried - equivalent)
    return {
        "version": 1,
        "package": bench.asked.package,
        "mutants": bench.population,
        "sample": tried,
        "seed": seed,
        "killed": killed,
        "of_these_timed_out": timed_out,
        "survived": ends.count("survived"),
        "untouched": ends.count("untouched"),
        "equivalent": equivalent,
        "killed_percent": round(100 * killed / max(tried - equivalent, 1), 1),
        "between_percent": [round(100 * low, 1), round(100 * high, 1)],
        "seconds": round(time.monotonic() - bench.started),
        "left": [asdict(verdict) for verdict in bench.verdicts if verdict.ends in ("survived", "untouched")],
    }


def main(given: Sequence[str] | None = None) -> int:
    """Run trials and print what came of them."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("--package", choices=sorted(NEAR), default="reconcile")
    parser.add_argument("--sample", type=int, default=200, help="how many mutants are drawn")
    parser.add_argument("--seed", type=int, default=1, help="which ones")
    parser.add_argument("--only", action="append", help="all mutants of one line (observe.py:57); may be given several times")
    parser.add_argument("--again", type=Path, help="a report: try what it left once more, after tests were added")
    parser.add_argument("--stale", action="store_true", help="trust what was traced before, though something changed since")
    parser.add_argument("--json", type=Path, help="write the report there, too")
    asked = parser.parse_args(given)
    bench = Bench(asked)
    folders = [f"tests/unit/{name}" for name in NEAR[asked.package]] + FARTHER.get(asked.package, [])
    call = ["-s", "--no-header", "--no-summary", "-o", "timeout=0", *folders]
    sys.settrace(bench.tracer)  # conftest files import our modules before anything is collected
    code = pytest.main(call, plugins=[Settled(), bench])
    bench.write()
    told = report(bench)
    for verdict in told.pop("left"):
        one = verdict["mutant"]
        print(f"{one['file']}:{one['line']} {one['function']} {verdict['ends']}: {one['before']!r} -> {one['after']!r}")
    print(json.dumps(told))
    return 0 if bench.verdicts else int(code)


if __name__ == "__main__":
    sys.exit(main())
