"""`hub demo`, whole: the real daemon as a process, four systems over HTTP, people for four seconds, the oracle's word."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.e2e.process import free_port

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, str(ROOT / "cli.py"), "demo", "--seconds", "4", "--seed", "7", "--json"]
PAPERS = ["--sales", "5", "--orders", "12", "--refunds", "1", "--tickets", "5"]
LEAST = ["--compared", "2200", "--edits", "30", "--customers", "120", *PAPERS]
NOTHING = ["--edits", "0", "--sales", "0", "--orders", "0", "--refunds", "0", "--tickets", "0"]
PATIENCE_S = 200
FREE = {f"{name}_PORT": str(free_port()) for name in ("HUB", "TILL", "CRM", "DESK")}


@pytest.mark.timeout(PATIENCE_S + 20)
def test_demo_agrees_when_people_worked_in_four_systems(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    done = subprocess.run([*COMMAND, *LEAST], cwd=tmp_path, env=environ, capture_output=True, timeout=PATIENCE_S, check=False)
    report = orjson.loads(done.stdout)["data"]
    assert (report["differences"], report["short_of"], report["still_under_way"]) == ([], [], 0)
    assert done.returncode == 0
    assert report["agreed"] is True
    assert min(report["hub_wrote"].values()) >= 20
    assert report["compared"]["history of order"] >= 12
    assert report["compared"]["hub show"] == 4
    assert list(tmp_path.iterdir()) == []  # it cleans up behind itself


def test_demo_ends_with_one_when_too_little_happened(tmp_path: Path) -> None:
    environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    command = [*COMMAND[:3], "--seconds", "0.5", "--json", "--compared", "99999", "--customers", "20", *NOTHING]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, timeout=PATIENCE_S, check=False)
    report = orjson.loads(done.stdout)["data"]
    assert done.returncode == 1
    assert report["agreed"] is False
    assert report["short_of"] == [f"{report['compared']['total']} values compared, 99999 asked"]


def test_demo_says_which_port_is_taken_when_one_is(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = str(door.getsockname()[1])
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path), "SHOP_PORT": port, **FREE}
        done = subprocess.run(COMMAND[:3], cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 3
    assert f"Port {port} is taken" in done.stderr
    assert "make demo" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_demo_says_where_it_is_when_the_installation_has_none(tmp_path: Path) -> None:
    program = "import sys; sys.modules['demo'] = None; from hub.cli import main; main()"
    environ = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, "demo", "--seconds", "1"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "not part of this installation" in done.stderr
