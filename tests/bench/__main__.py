"""python -m tests.bench [--only PART] [--n 100000] [--rounds 3]: measure, print the table, note it in .bench/history.jsonl.

Parts: `load` (the one without --only), `orders` from a file, and of a running hub `webhooks`, `lag`, `push`, `poll`. `--keep`
adds the result to docs/reference/bench-history.jsonl and draws the plot beside it. Ends with 1 where something that has to be
reached was missed.
"""

from __future__ import annotations

import argparse
import os
import platform
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import Any

import orjson

from hub.clock import SystemClock, instant
from tests.bench.bars import MB, Round, Verdict, judge, rate
from tests.bench.data import make
from tests.bench.history import keep
from tests.bench.measure import Sample, busy_s
from tests.bench.programs import ROOT, missing, steps
from tests.bench.running import PARTS, Size

FOLDER = ROOT / ".bench"


def main() -> int:
    """Run the bench."""
    parser = argparse.ArgumentParser(prog="tests.bench", description=__doc__)
    parser.add_argument("--only", choices=["load", *PARTS], default="load", help="which part")
    parser.add_argument(
        "--n", type=int, help="customers: 100,000 in `load` (a tenth of them for the small run), 20,000 elsewhere"
    )
    parser.add_argument("--seconds", type=float, default=5.0, help="how long webhooks come at each rate")
    parser.add_argument("--keep", action="store_true", help="add the result to docs/reference/bench-history.jsonl")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where data and stores are kept")
    asked = parser.parse_args()
    asked.folder = asked.folder.resolve()
    return _load(asked) if asked.only == "load" else _run_part(asked)


def _run_part(asked: argparse.Namespace) -> int:
    """Measure one part of a running hub."""
    work = asked.folder / "work"
    work.mkdir(parents=True, exist_ok=True)
    begun, busy = time.perf_counter(), busy_s()
    figures = PARTS[asked.only](work, Size(asked.n or 20_000, asked.seconds))
    busy_cores = (busy_s() - busy) / (time.perf_counter() - begun)
    for one in figures:
        bar = f"{one.must:8g}{one.aim:8g}  {one.verdict}" if one.must else ""
        _say(f"{one.name:76}{one.value:10.2f}{bar}")
    _say(f"{busy_cores:.1f} of {os.cpu_count()} cores were busy, this bench included.")
    bars = {one.name: (one.must, one.aim) for one in figures if one.must}
    run = {**_where(), "part": asked.only, "busy_cores": round(busy_cores, 2)}
    run["figures"] = {one.name: round(one.value, 3) for one in figures}
    if asked.keep:
        keep(run, bars)
    with (asked.folder / "history.jsonl").open("ab") as file:
        file.write(orjson.dumps({"version": 2, **run}) + b"\n")
    return int(any(one.verdict == "MISSED" for one in figures))


def _load(asked: argparse.Namespace) -> int:
    """Measure loads of files, beside the reference pipeline and singer-sdk."""
    folder, asked.n = asked.folder, asked.n or 100_000
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
    if asked.keep:
        noise = [s.others for one in rounds for _, s in one.values() if s.others is not None]
        figures = {line.name: line.value for line in table if line.value is not None}
        bars = {line.name: (line.must, line.aim) for line in table if line.name in figures and line.must != line.aim}
        keep({**_where(), "part": "load", "busy_cores": max(noise, default=0.0) + 1, "figures": figures}, bars)
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
    entry = {
        "version": 2,
        **_where(),
        "records": count,
        "rounds": [
            {name: [n, round(s.cpu_s, 3), s.peak_bytes, round(s.wall_s, 3), s.others] for name, (n, s) in one.items()}
            for one in rounds
        ],
        "table": {line.name: line.value for line in table},
    }
    with history.open("ab") as file:
        file.write(orjson.dumps(entry) + b"\n")


def _where() -> dict[str, Any]:
    """Return when and on what this was measured."""
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)
    return {
        "at": instant(SystemClock().now()),
        "commit": commit.stdout.strip(),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
    }


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
