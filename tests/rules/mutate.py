"""Break every rule once, in a copy, and see its case go red: `python -m tests.rules.mutate [--rule 2.7] [--jobs 2] [--json]`.

Shipped code has no switch for this: the piece of source at a mark is replaced in a temporary copy of the tree, and the named
case runs there. Exit code 0: every case is green as things stand and red once its rule is broken; 1: some are not.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.rules.book import ROOT, Mark, Rule, read_book

COPIED = ("hub", "connectors", "demo", "mappings", "tests", "pyproject.toml")
LONGEST_S = 240.0
GREEN, RED = 0, 1


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one mark came to. `ends`: red | green | broken (the case did not run: an error before any test)."""

    rule: str
    place: str
    case: str
    ends: str
    output: str = ""


def copy_tree(to: Path) -> None:
    """Copy what a case needs; compiled files come along, they are checked against time and size of their source."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name)
        elif source.exists():
            shutil.copy2(source, to / name)


def run_cases(tree: Path, cases: Sequence[str]) -> subprocess.CompletedProcess[str]:
    """Run cases in a tree, importing from it and from nowhere else."""
    call = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-x", "-q", "--no-header", "--tb=line", *cases]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env = {**inherited, "PYTHONPATH": str(tree), "PYTHONHASHSEED": "0"}
    return subprocess.run(call, cwd=tree, env=env, capture_output=True, text=True, timeout=LONGEST_S, check=False)


def break_rule(tree: Path, mark: Mark) -> None:
    """Replace the source at a mark. Raises ValueError where it is not there exactly once."""
    path = tree / mark.file
    text = path.read_text(encoding="utf-8")
    if text.count(mark.old) != 1:
        raise ValueError(f"{mark.file} has {text.count(mark.old)} places like {mark.old!r}, not one")
    path.write_text(text.replace(mark.old, mark.new), encoding="utf-8")


def try_mark(rule: Rule, mark: Mark) -> Verdict:
    """Break one mark in a copy and run its case there."""
    place = f"{mark.file}:{mark.line()}"
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        tree = Path(folder)
        copy_tree(tree)
        break_rule(tree, mark)
        done = run_cases(tree, [mark.case])
    return Verdict(rule.number, place, mark.case, _ending(done), done.stdout[-2000:] + done.stderr[-2000:])


def _ending(done: subprocess.CompletedProcess[str]) -> str:
    if done.returncode == GREEN:
        return "green"
    ends = {line.partition(" ")[0] for line in done.stdout.splitlines()}
    return "red" if done.returncode == RED and "FAILED" in ends and "ERROR" not in ends else "broken"


def try_rules(rules: Iterable[Rule], jobs: int = 1) -> list[Verdict]:
    """Break every mark of these rules, one after the other or several at once."""
    pairs = [(rule, mark) for rule in rules for mark in rule.marks]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda pair: try_mark(*pair), pairs))


def try_as_is(rules: Iterable[Rule]) -> str:
    """Run the cases of these rules on a copy that is not changed. Returns what went wrong, or nothing."""
    cases = list(dict.fromkeys(mark.case for rule in rules for mark in rule.marks))
    with tempfile.TemporaryDirectory(prefix="rules-") as folder:
        copy_tree(Path(folder))
        done = run_cases(Path(folder), cases)
    return "" if done.returncode == GREEN else done.stdout[-4000:] + done.stderr[-2000:]


def show(verdicts: Sequence[Verdict]) -> str:
    """Return the table that people read."""
    rows = [("rule", "mark", "case", "red?")]
    rows += [(v.rule, v.place, v.case.rpartition("::")[2], "yes" if v.ends == "red" else v.ends.upper()) for v in verdicts]
    widths = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows)


def main(given: Sequence[str] | None = None) -> int:
    """Break the rules that are asked for and print what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.rules.mutate", description=__doc__.partition("\n")[0])
    parser.add_argument("--rule", action="append", help="only this rule (2.7); may be given several times")
    parser.add_argument("--jobs", type=int, default=2, help="how many run at once")
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    asked = parser.parse_args(given)
    rules = [rule for rule in read_book().rules if asked.rule is None or rule.number in asked.rule]
    unknown = set(asked.rule or ()) - {rule.number for rule in rules}
    if unknown:
        parser.error(f"no such rule: {', '.join(sorted(unknown))}")
    wrong = try_as_is(rules)
    if wrong:
        sys.stderr.write(f"{wrong}\nA case is red although no rule is broken.\n")
        return 1
    verdicts = try_rules(rules, asked.jobs)
    stayed = [verdict for verdict in verdicts if verdict.ends != "red"]
    if asked.json:
        sys.stdout.write(json.dumps({"version": 1, "marks": [asdict(verdict) for verdict in verdicts]}, indent=1) + "\n")
    else:
        count = f"{len(rules)} rules, {len(verdicts)} marks, {len(verdicts) - len(stayed)} red"
        sys.stdout.write(f"{show(verdicts)}\n{count}\n")
    for verdict in stayed:
        sys.stderr.write(f"\n{verdict.rule} {verdict.place}: {verdict.ends}\n{verdict.output}\n")
    return 1 if stayed else 0


if __name__ == "__main__":
    sys.exit(main())
