"""What is worth an alert, and what is remembered of it."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from hub.config import Alerts, ConnectionConfig
from hub.model.run import ConnectionState, CursorRow
from hub.model.values import SECOND
from hub.model.webhooks import Hearing
from hub.ops.book import CALM, Book, write_notice
from hub.ops.incidents import Figures, Trouble, find_incidents

NOW = 1_000_000 * SECOND
TILL = {"till": ConnectionConfig(connector="square", every_s=30.0)}
LINE = {"connection": "till", "stream": "customers", "behind_s": 10.0, "unsent_s": None}


def found(alerts: Alerts | None = None, **figures: Any) -> dict[str, str]:
    """Return name -> text."""
    return {key: one.text for key, one in find_incidents(TILL, alerts or Alerts(), Figures(**figures), NOW).items()}


def state(**said: Any) -> dict[str, ConnectionState]:
    return {"till": ConnectionState("till", **said)}


@pytest.mark.parametrize(
    ("figures", "name", "said"),
    [
        ({"states": state(paused="auth_failed")}, "token_expired:till", "till no longer accepts our token"),
        ({"states": state(paused="permission_missing")}, "connection_paused:till", "is paused: permission_missing"),
        ({"failing": {"till": (NOW - 601 * SECOND, "unavailable")}}, "connection_failing:till", "for 10 min: unavailable"),
        ({"states": state(rewound_at=1)}, "restored_remote:till", "may have been restored from a backup"),
        ({"hearings": {"till": Hearing(silent_since=1)}}, "webhooks_silent:till", "stay away"),
        ({"freshness": [{**LINE, "behind_s": 3601.0}]}, "stale:till", "till/customers was last read 60 min ago"),
        ({"freshness": [{**LINE, "unsent_s": 7200.0}]}, "unsent:till", "waiting for 2 h to be sent to till"),
        ({"dead_letters": {"till": 1}}, "dead_letters:till", "1 record of till was set aside"),
        ({"brakes": {("till", "prices"): 1}}, "brake_asking:till/prices", "1 change at till (prices) is held back"),
        ({"brakes": {("till", "prices"): 40}}, "brake_asking:till/prices", "40 changes at till (prices) are held back"),
        ({"old_questions": 2}, "questions_open:", "2 questions have been open for more than 24 h"),
        ({"disk_scarce": True}, "disk_nearly_full:", "nearly full."),
        ({"disk_scarce": True, "disk_held": True}, "disk_nearly_full:", "nothing is taken in"),
        ({"config_refused": "config.yaml:3:1: No."}, "config_refused:", "config.yaml:3:1: No."),
    ],
)
def test_incident_is_found_when_something_is_wrong(figures: dict[str, Any], name: str, said: str) -> None:
    ((key, text),) = found(**figures).items()
    assert key == name
    assert said in text


@pytest.mark.parametrize(
    "figures",
    [
        {},
        {"states": state()},
        {"failing": {"till": (NOW - 599 * SECOND, "unavailable")}},
        {"freshness": [{**LINE, "behind_s": 3600.0, "unsent_s": 3600.0}]},
        {"freshness": [{**LINE, "behind_s": None}]},
        {
            "freshness": [{**LINE, "behind_s": 9999.0}],
            "cursors": {("till", "customers"): CursorRow("till", "customers", full=True, token="t")},
        },
        {"freshness": [{**LINE, "unsent_s": 9999.0}], "writes_stopped": True},
        {"dead_letters": {"other": 3}},
    ],
    ids=[
        "nothing",
        "state",
        "short failure",
        "at the bar",
        "never read",
        "in the middle of a whole read",
        "writes stopped",
        "other",
    ],
)
def test_no_incident_is_found_when_it_is_as_it_should_be(figures: dict[str, Any]) -> None:
    assert found(**figures) == {}


def test_lateness_is_not_told_twice_when_a_pause_says_why() -> None:
    assert list(found(states=state(paused="auth_failed"), freshness=[{**LINE, "behind_s": 9999.0}])) == ["token_expired:till"]


def test_stream_is_not_stale_before_it_was_due_thrice() -> None:
    slow = {"till": ConnectionConfig(connector="square", every_s=3600.0)}
    figures = Figures(freshness=[{**LINE, "behind_s": 10_000.0}])
    assert find_incidents(slow, Alerts(), figures, NOW) == {}


def incident(**figures: Any) -> Any:
    return find_incidents(TILL, Alerts(), Figures(**figures), NOW)


def test_book_tells_once_when_an_incident_lasts_comes_and_goes() -> None:
    book, wrong = Book(), incident(dead_letters={"till": 1})
    assert [one.kind for one in book.note(wrong, NOW)[0]] == ["dead_letters"]
    assert book.note(incident(dead_letters={"till": 9}), NOW + 1) == ([], [])
    assert book.open["dead_letters:till"].text.startswith("9 records of till were")
    assert book.note({}, NOW + 2) == ([], [])
    assert book.note(wrong, NOW + 3) == ([], [])
    assert book.note({}, NOW + 4) == ([], [])
    assert book.note({}, NOW + 3 + CALM) == ([], [])
    ((), (over,)) = map(tuple, book.note({}, NOW + 4 + CALM))
    assert (over.kind, over.since, book.open) == ("dead_letters", NOW, {})
    assert len(book.note(wrong, NOW + 5 + CALM)[0]) == 1


def test_book_keeps_what_nothing_can_be_said_about_yet() -> None:
    book = Book()
    book.note(incident(freshness=[{**LINE, "behind_s": 9999.0}]), NOW)
    assert book.note({}, NOW + 10 * CALM, {Trouble.STALE}) == ([], [])
    assert list(book.open) == ["stale:till"]


def test_book_is_the_same_when_it_was_kept_as_json() -> None:
    book = Book()
    book.note(incident(dead_letters={"till": 1}), NOW)
    book.queue(write_notice("Shop", "started", list(book.open.values()), NOW), ["mail"])
    book.is_digest_due(60.0, NOW)
    assert Book.of(orjson.loads(orjson.dumps(book.to_doc()))) == book


def test_digest_is_due_when_its_time_is_over() -> None:
    book = Book()
    assert [book.is_digest_due(60.0, NOW + at * SECOND) for at in (0, 59, 60, 61, 120)] == [False, False, True, False, True]
    assert not Book().is_digest_due(None, NOW)


def test_notice_says_what_to_do_in_one_line_of_subject() -> None:
    book = Book()
    began, _ = book.note(incident(dead_letters={"till": 1}, old_questions=1), NOW)
    notice = write_notice("Linden\nBcc: x & Sons", "started", began, NOW)
    assert notice["subject"] == "[Linden Bcc: x & Sons] 1 record of till was set aside. (and 1 more)"
    assert "  See `hub deadletter list`." in notice["lines"]
    assert [one["kind"] for one in notice["incidents"]] == ["dead_letters", "questions_open"]
    assert write_notice("", "ended", began, NOW)["subject"].startswith("[Syncline] well again: 1 record of")
    assert write_notice("S", "test", [], NOW)["lines"] == ["This alert was asked for. All is well."]
