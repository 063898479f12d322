"""`hub demo`, whole: the real daemon as a process, both systems over HTTP, people for five seconds, the oracle's word."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "cli.py"), "demo", "--seconds", "5", "--seed", "7", "--json"]
LEAST = ["--compared", "2200", "--edits", "100", "--sales", "10", "--customers", "220"]
PATIENCE_S = 200


@pytest.mark.timeout(PATIENCE_S + 20)
def test_demo_agrees_when_people_worked_on_both_sides_for_five_seconds(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([*COMMAND, *LEAST], cwd=tmp_path, env=environ, capture_output=True, timeout=PATIENCE_S, check=False)
    report = orjson.loads(done.stdout)["data"]
    assert (report["differences"], report["short_of"], report["still_under_way"]) == ([], [], 0)
    assert done.returncode == 0
    assert report["agreed"] is True
    assert min(report["hub_wrote"].values()) >= 100
    assert list(tmp_path.iterdir()) == []  # it cleans up behind itself


def test_demo_ends_with_one_when_too_little_happened(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    least = ["--compared", "99999", "--edits", "0", "--sales", "0", "--customers", "20"]
    command = [*COMMAND[:3], "--seconds", "0.5", "--json", *least]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, timeout=PATIENCE_S, check=False)
    report = orjson.loads(done.stdout)["data"]
    assert done.returncode == 1
    assert report["agreed"] is False
    assert report["short_of"] == [f"{report['compared']['total']} values compared"]
