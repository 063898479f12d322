"""The newcomer's path: the wheel in an empty venv, then the tutorial from its first line to its last, as it stands."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.walk import Newcomer, Step, read_steps, settled, walk
from tests.wheel import build_wheel, install_wheel

ROOT = Path(__file__).parents[2]
STEPS = read_steps((ROOT / "docs" / "tutorial.md").read_text("utf-8"))
VERBS = {"init", "check", "run", "status", "connection", "plan", "apply", "explain", "deadletter", "review", "mapping", "demo"}


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    """Return somebody with nothing but the wheel."""
    programs = install_wheel(build_wheel(tmp_path), tmp_path / "venv")
    (tmp_path / "desk").mkdir()
    with Newcomer(programs, tmp_path / "desk") as somebody:
        yield somebody


@pytest.mark.newcomer
@pytest.mark.timeout(1500)
def test_tutorial_goes_as_it_says_when_a_newcomer_follows_it(newcomer: Newcomer) -> None:
    walked = [(step, walk(newcomer, step)) for step in STEPS]
    assert [(step.words, settled(said)) for step, said in walked] == [(step.words, settled(step.says)) for step in STEPS]


def test_tutorial_leads_through_every_stage_when_it_is_read() -> None:
    typed = [step.words.split() for step in STEPS if step.kind == "$"]
    assert {words[1] for words in typed if words[0] == "hub"} >= VERBS
    assert [step.words for step in STEPS if step.kind == ">"][-1] == "till expire"


def test_steps_are_read_with_what_they_print_when_a_page_shows_them() -> None:
    page = 'a\n```console\n$ hub status\nfine\n> shop list\nAda\n^C\n```\n```yaml title="config.yaml"\nretailer: x\n```\n'
    assert read_steps(page) == [
        Step("$", "hub status", ["fine"], 0),
        Step(">", "shop list", ["Ada"], 0),
        Step("^", "", [], 0),
        Step("config.yaml", "retailer: x\n", [], 1),
    ]


def test_only_times_and_ids_are_left_out_when_answers_are_compared() -> None:
    assert settled(["at 09:15, 3 Feb 2027  "]) == settled(["at 10:00, 22 Nov 2026"])
    assert settled(["till/customers/HIHY4IM3Q5MBBRRP5DPAOX5HS5"]) == settled(["till/customers/STR3W5K4LC2WJUXSEQJJKUIPT7"])
    alert = ["Known: 4 customers.", "Alert since 09:15: till is paused. See `hub", "status`.", "Needs you: 1 question"]
    assert settled(alert) == settled(["Known: 4 customers.", "Needs you: 1 question"])
    assert settled(["Known: 4 customers."]) != settled(["Known: 5 customers."])
