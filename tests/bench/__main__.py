"""python -m tests.bench [--n 100000] [--rounds 3]: measure, print the table, note it in .bench/history.jsonl.

Ends with 1 where something that must be reached was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
from pathlib import Path
from statistics import median

import orjson

from hub.clock import SystemClock, instant
from tests.bench.bars import MB, Round, Verdict, judge, rate
from tests.bench.data import make
from tests.bench.measure import Sample
from tests.bench.programs import ROOT, missing, steps

FOLDER = ROOT / ".bench"


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--n", type=int, default=100_000, help="customers (a tenth of them for the small run)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data and stores are kept")
    asked = parser.parse_args()
    folder = asked.folder.resolve()
    small_count = max(1, asked.n // 10)
    files, small = make(folder / "data", asked.n), make(folder / "data", small_count)
    work = folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    rounds: list[Round] = []
    try:
        for number in range(1, asked.rounds + 1):
            found: Round = {}
            for step in steps(work, files, asked.n, small, small_count):
                found[step.name] = (step.records, step.measure())
                _say(f"round {number} {step.name:17}{_told(found[step.name])}")
            rounds.append(found)
    except KeyboardInterrupt:
        _say(f"stopped: {len(rounds)} of {asked.rounds} rounds")
        if not rounds:
            return 130
    table = judge(rounds, missing())
    _say(_shown(rounds, table))
    _note(folder / "history.jsonl", asked.n, rounds, table)
    return int(any(line.word == "MISSED" for line in table))


def _told(of: tuple[int, Sample]) -> str:
    records, sample = of
    busy = f", others kept {sample.others:.1f} cores busy" if sample.others is not None else ""
    speed = f"{rate(of):9,.0f} records/CPU s" if records else f"{sample.cpu_s:9.2f} CPU s"
    return f"{speed}{busy}"


def _shown(rounds: list[Round], table: list[Verdict]) -> str:
    lines = ["", f"{'median':17}{'records/CPU s':>15}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}"]
    for name in rounds[0]:
        runs = [one[name] for one in rounds]
        cpu, wall = median(s.cpu_s for _, s in runs), median(s.wall_s for _, s in runs)
        peak = max(s.peak_bytes for _, s in runs) / MB
        speed = f"{median(map(rate, runs)):15,.0f}" if runs[0][0] else f"{'-':>15}"
        lines.append(f"{name:17}{speed}{cpu:9.2f}{wall:9.2f}{peak:9.0f}")
    noise = [s.others for one in rounds for _, s in one.values() if s.others is not None]
    if noise:
        lines += ["", f"Other programs kept {min(noise):.1f} to {max(noise):.1f} of {os.cpu_count()} cores busy."]
    lines += ["", f"{'':46}{'value':>8}{'must':>8}{'aim':>8}"]
    for line in table:
        value = f"{line.value:8.2f}" if line.value is not None else f"{'-':>8}"
        lines.append(f"{line.name:46}{value}{line.must:8.2f}{line.aim:8.2f}  {line.word}")
    return "\n".join(lines)


def _note(history: Path, count: int, rounds: list[Round], table: list[Verdict]) -> None:
    """Append this run to the history: one JSON object a line, version 2.

    A step is [records, CPU s, peak bytes, wall s, cores that others kept busy].
    """
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    entry = {
        "version": 2,
        "at": instant(SystemClock().now()),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "records": count,
        "rounds": [
            {name: [n, round(s.cpu_s, 3), s.peak_bytes, round(s.wall_s, 3), s.others] for name, (n, s) in one.items()}
            for one in rounds
        ],
        "table": {line.name: line.value for line in table},
    }
    with history.open("ab") as file:
        file.write(orjson.dumps(entry) + b"\n")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
