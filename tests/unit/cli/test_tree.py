"""The tree of commands: help everywhere, fast, in the words of people."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from hub.cli.app import app

ROOT = Path(__file__).parents[3]
INNER = re.compile(r"\b(claims?|held|stamps?|stands[_ ]for|fenced?|seeds?|own value|golden|shadow)\b", re.IGNORECASE)


def leaves(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Return the words of every command."""
    inner = getattr(command, "commands", None)
    yield from ([path] if inner is None else [leaf for name, one in inner.items() for leaf in leaves(one, (*path, name))])


COMMANDS = sorted(leaves(get_command(app)))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_shows_an_example_when_asked_of_any_command(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    assert f"Example: hub {' '.join(words)}" in " ".join(done.output.split())


# the seed of chance is another word
@pytest.mark.parametrize("words", [words for words in COMMANDS if words not in (("simulate",), ("demo",))], ids=" ".join)
def test_help_uses_no_inner_word_when_people_read_it(words: tuple[str, ...]) -> None:
    assert INNER.findall(CliRunner().invoke(app, [*words, "--help"]).output) == []


def test_help_imports_nothing_heavy_when_no_command_runs() -> None:
    code = (
        "import sys, hub.cli.app\n"
        "heavy = {'sqlalchemy', 'httpx', 'pydantic', 'uvicorn', 'ruamel', 'connectors', 'orjson', 'apscheduler'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
