"""Programs read --json: one versioned envelope, the same data as ever, errors in it too, the exit codes of section 11."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cli.test_tree import COMMANDS as TREE
from tests.unit.cli.told import COMMANDS, GOLDEN, ask_all

REFUSED = {
    "status-refused",
    "db-restore-refused",
    "order-cancel-refused",
    "undo-refused",
    "order-fulfil-refused",
    "error",
    "mapping-copy-refused",
    "usage",
    "not-found",
    "mapping-check-wrong",
    "mapping-diff-refused",
    "policy-try-refused",
    "undo-run-refused",
    "undo-plan-refused",
    "deadletter-replay-refused",
}
REMOTE = {"audit-unreachable", "connection-test-unreachable", "unreachable"}
ELSEWHERE = {("run",), ("demo",), ("simulate",)}
"""One never ends; the other two are judged by tests of their own, and their figures differ from run to run."""
INNER = re.compile(r'"(claims?|held|own|stamp|stands_for|fence|seed|golden|overrides?)":')


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what every command answered."""
    return ask_all(tmp_path_factory.mktemp("told").resolve())


@pytest.mark.parametrize("name", COMMANDS)
def test_answer_is_the_golden_one_when_asked_for_json(told: dict[str, Any], name: str) -> None:
    assert told[name] == json.loads((GOLDEN / f"{name}.json").read_text("utf-8"))


@pytest.mark.parametrize("name", COMMANDS)
def test_envelope_carries_version_and_command_when_asked_for_json(told: dict[str, Any], name: str) -> None:
    said = told[name]["said"]
    assert (said["version"], told[name]["errors"]) == (1, "")
    assert set(said) in ({"version", "command", "data"}, {"version", "command", "error"})
    assert tuple(said["command"].split()) in TREE


def test_exit_codes_are_those_of_their_group_when_commands_end(told: dict[str, Any]) -> None:
    codes = {name: one["exit_code"] for name, one in told.items()}
    assert {name for name, code in codes.items() if code == 2} == REFUSED
    assert {name for name, code in codes.items() if code == 3} == REMOTE
    assert set(codes.values()) == {0, 2, 3}


def test_every_error_says_what_to_do_when_a_command_is_refused(told: dict[str, Any]) -> None:
    errors = {name: one["said"]["error"] for name, one in told.items() if "error" in one["said"]}
    assert errors
    assert [name for name, error in errors.items() if not (error["code"] and error["message"] and error["fix"])] == []


def test_every_command_has_a_golden_answer_when_it_knows_json(told: dict[str, Any]) -> None:
    asked = {tuple(one["said"]["command"].split()) for one in told.values()}
    assert set(TREE) - ELSEWHERE - asked == set()


def test_folder_holds_no_answer_when_nobody_gives_it() -> None:
    assert {file.stem for file in GOLDEN.glob("*.json")} == set(COMMANDS)


@pytest.mark.parametrize("file", sorted(GOLDEN.glob("*.json")), ids=lambda file: file.stem)
def test_answer_uses_no_inner_word_when_programs_read_it(file: Path) -> None:
    assert INNER.findall(file.read_text("utf-8")) == []
