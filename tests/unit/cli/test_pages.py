"""Pages for people: they fit, carry no colour into pipes, and nothing in a value commands the terminal."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from hub.cli.connections import webhook_lines
from hub.cli.deadletters import _put_push
from hub.cli.page import brief, moment, printable
from hub.cli.surface import console, run_app
from tests.retailer import ENVIRON
from tests.unit.cli.told import READS, ask_pages, install

ROOT = Path(__file__).parents[3]
EVIL = "\x1b[2J\x1b]0;owned\x07 tea\nand \u202ecake " + "very " * 40
COLOUR = re.compile(r"\x1b\[[0-9;]*3[0-9][0-9;]*m")
INNER = re.compile(r"\b(claims?|held|stamps?|stands[_ ]for|fenced?|seeds?|own value|golden|shadow|overrides?)\b", re.IGNORECASE)


@pytest.fixture(scope="session", params=[80, 200])
def pages(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[int, dict[str, str]]:
    """Return a width and every page at that width, with a value that means harm."""
    return request.param, ask_pages(tmp_path_factory.mktemp("pages").resolve(), request.param, EVIL)


@pytest.mark.parametrize("name", READS)
def test_page_fits_and_is_plain_when_it_goes_into_a_pipe(pages: tuple[int, dict[str, str]], name: str) -> None:
    width, said = pages
    assert said[name].strip()
    assert "\x1b" not in said[name]
    assert [line for line in said[name].splitlines() if cell_len(line) > width] == []


@pytest.mark.parametrize("name", sorted({"show", "explain", "explain-field", "status", "connection-list", "mapping-show"}))
def test_page_has_no_blanks_at_line_ends_when_it_goes_into_a_pipe(pages: tuple[int, dict[str, str]], name: str) -> None:
    assert [line for line in pages[1][name].splitlines() if line != line.rstrip()] == []


@pytest.mark.parametrize("name", READS)
def test_page_uses_no_inner_word_when_people_read_it(pages: tuple[int, dict[str, str]], name: str) -> None:
    assert INNER.findall(pages[1][name]) == []


def test_explain_tells_source_time_rule_and_loser_when_a_value_was_edited(pages: tuple[int, dict[str, str]]) -> None:
    page = " ".join(pages[1]["explain"].split())
    for words in ("entered there, 1 Jul 2026", "the newest value counts", "waiting for your yes", "question 2 is open"):
        assert words in page


def test_explain_shows_what_each_system_says_when_nobody_decided_yet(tmp_path: Path) -> None:
    pages = ask_pages(tmp_path.resolve(), 80)
    review = " ".join(pages["review-list"].split())
    assert "shop Lind till Lund" in review
    assert "hub pin customer 2 family_name VALUE" in review


def on_terminal(words: list[str], **environ: str) -> str:
    """Run the real command on a terminal of its own; return what it wrote there."""
    ours, theirs = pty.openpty()
    known = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "100", **ENVIRON}
    command = [sys.executable, str(ROOT / "cli.py"), *words]
    done = subprocess.run(command, stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL, env=known | environ, check=False)
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65536):
            said += part
    except OSError:  # the other side has gone
        os.close(ours)
    assert done.returncode == 0, said
    return said.decode()


def test_colours_show_on_a_terminal_and_never_against_no_color(tmp_path: Path) -> None:
    install(tmp_path)
    words = ["explain", "customer", "ada@example.org", "--config", str(tmp_path / "config.yaml")]
    assert COLOUR.search(on_terminal(words)) is not None
    plain = on_terminal(words, NO_COLOR="1")
    assert COLOUR.search(plain) is None
    assert "shows our value" in plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "␛[31mred"),
        ("a\x07b\x7f", "a␇b␡"),
        ("\u202eabc", "\ufffdabc"),
        ("\x9b2J", "\ufffd2J"),
        ("李 é 👩‍👧\t", "李 é 👩‍👧\t"),
    ],
)
def test_text_is_printable_when_it_holds_commands(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_value_is_cut_when_it_is_very_long() -> None:
    assert brief("a\nb") == "a ⏎ b"
    assert brief("n" * 5000).endswith("... (5,000 characters)")


def test_moment_is_short_when_it_is_today() -> None:
    assert moment("2026-03-01T12:04:05Z", "2026-03-01T23:00:00Z") == "12:04"
    assert moment("2026-03-01T12:04:05Z", "2026-03-02T00:00:00Z") == "1 Mar 2026 12:04"
    assert moment(None) == ""


@pytest.mark.parametrize(
    ("known", "lines"),
    [
        ({"silent_since": None, "problem": ""}, []),
        (
            {"silent_since": "2026-03-01T12:04:00Z", "problem": ""},
            ["Webhooks of shop are silent since 1 Mar 2026 12:04; what changes there is found by polling."],
        ),
        ({"silent_since": None, "problem": "Refused: a/b."}, ["Webhooks of shop could not be subscribed to. Refused: a/b."]),
    ],
)
def test_status_says_what_is_wrong_with_webhooks_when_something_is(known: dict[str, str | None], lines: list[str]) -> None:
    assert webhook_lines({"connection": "shop", "webhooks": known}) == lines


def test_history_names_the_fields_when_it_is_of_a_whole_record(pages: tuple[int, dict[str, str]]) -> None:
    whole, of_one = (" ".join(pages[1][name].split()) for name in ("history", "history-field"))
    assert "given_name (empty) -> Ada; family_name (empty) ->" in whole
    assert "note (empty)" not in of_one


def test_letter_shows_what_was_sent_and_where_to_look_when_a_system_refused_it(capsys: pytest.CaptureFixture[str]) -> None:
    _put_push(console(), {"entity": "customer", "entity_id": 3, "field": "phone", "sent": {"phone": "+4912345"}})
    assert capsys.readouterr().out.splitlines() == [
        "        sent  phone: +4912345",
        "        see   `hub explain customer 3 phone`",
    ]


@pytest.mark.parametrize("group", ["", "connection", "mapping", "policy", "order", "review", "deadletter", "writes", "db"])
def test_help_says_every_sentence_to_its_end(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    run_app([*group.split(), "--help"])
    assert [line for line in capsys.readouterr().out.splitlines()[1:] if "..." in line or len(line) > 80] == []
