"""What a command loads before it does anything: people wait for it every time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import orjson
import pytest

from tests.bench.data import customer
from tests.bench.programs import CONFIG, MAPPINGS

ROOT = Path(__file__).parents[3]
DAEMON = frozenset({"apscheduler", "uvicorn", "starlette", "tenacity", "anyio", "opentelemetry", "requests"})
"""What only a running hub needs."""
SCHEMA = frozenset({"sqlalchemy", "sqlmodel", "alembic"})
"""What only making or changing the schema needs: a third of a second and more."""
RULES = frozenset({"httpx", "rich", "structlog", "phonenumbers", "ruamel"})
"""What only work needs. Typer itself loads pydantic."""
TELL = "import atexit, sys; atexit.register(lambda: sys.stderr.write(' '.join(sys.modules))); from hub.cli import main; main()"


def loaded(folder: Path, *words: str) -> set[str]:
    """Run a command in a process of its own; return the packages it had loaded in the end."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", TELL, *words], cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A configured installation with one customer in its store."""
    (tmp_path / "config.yaml").write_text(CONFIG.format(mappings=MAPPINGS), encoding="utf-8")
    (tmp_path / "one.jsonl").write_bytes(orjson.dumps(customer(1)) + b"\n")
    assert loaded(tmp_path, "ingest", "shop/customers", "one.jsonl") >= {"sqlmodel", "alembic"}  # it makes the schema
    return tmp_path


@pytest.mark.parametrize("words", [["--help"], ["--version"], ["ingest", "--help"]], ids=" ".join)
def test_help_loads_nothing_heavy_when_nothing_is_done(tmp_path: Path, words: list[str]) -> None:
    assert loaded(tmp_path, *words) & (DAEMON | SCHEMA | RULES) == set()


@pytest.mark.parametrize(
    "words", [["status"], ["ingest", "till/customers", "one.jsonl"], ["show", "customer", "1"]], ids=" ".join
)
def test_command_loads_neither_daemon_nor_orm_when_the_store_is_there(folder: Path, words: list[str]) -> None:
    assert loaded(folder, *words) & (DAEMON | SCHEMA) == set()


def test_daemon_loads_no_opentelemetry_when_nobody_asked_for_traces() -> None:
    tell = "import sys, hub.cli.serving; print([one for one in ('opentelemetry', 'requests', 'google') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", tell], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
