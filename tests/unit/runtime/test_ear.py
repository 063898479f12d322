"""Webhooks that stay away are noticed, and nothing else is taken for silence."""

from __future__ import annotations

from hub.model.values import SECOND
from hub.model.webhooks import Hearing
from hub.runtime.ear import ENOUGH, GRACE, Ear

START = 1_000_000 * SECOND
LATE = GRACE + SECOND


def listening(**state: object) -> Ear:
    """Return an ear of a connection to which one webhook came long ago."""
    ear = Ear("shop", frozenset({"customers"}))
    ear.recall(Hearing(**{"heard": {"customers": START - 3600 * SECOND}} | state))  # type: ignore[arg-type]
    return ear


def test_silence_is_told_when_enough_changes_came_without_a_webhook() -> None:
    ear = listening()
    ear.miss("customers", ENOUGH - 1, START, START + SECOND)
    assert ear.listen(START + LATE) == 0
    ear.miss("customers", 1, START + 30 * SECOND, START + LATE)
    assert ear.listen(START + LATE + GRACE) == ENOUGH
    assert ear.state.silent_since == START + SECOND


def test_nothing_is_told_when_the_webhook_may_still_come() -> None:
    ear = listening()
    ear.miss("customers", ENOUGH, START, START + SECOND)
    assert (ear.listen(START + GRACE), ear.state.silent_since) == (0, 0)


def test_nothing_is_told_when_a_webhook_came_since_the_poll_before() -> None:
    ear = listening(heard={"inventory": START})
    ear.miss("customers", ENOUGH, START, START + SECOND)
    assert ear.listen(START + LATE) == 0


def test_nothing_is_told_when_a_webhook_came_between_the_changes() -> None:
    ear = listening()
    ear.miss("customers", ENOUGH - 1, START, START + SECOND)
    ear.listen(START + LATE)
    ear.hear({"customers"}, START + LATE)
    ear.miss("customers", 1, START + 2 * LATE, START + 2 * LATE)
    assert ear.listen(START + 4 * LATE) == 0


def test_nothing_is_told_when_it_is_the_first_poll_after_a_start() -> None:
    ear = listening()
    ear.miss("customers", ENOUGH, None, START)
    assert ear.listen(START + LATE) == 0


def test_nothing_is_told_when_webhooks_do_not_announce_that_stream() -> None:
    ear = listening()
    ear.miss("notes", ENOUGH, START, START)
    assert ear.listen(START + LATE) == 0


def test_nothing_is_told_when_nobody_ever_promised_webhooks() -> None:
    ear = listening(heard={})
    ear.miss("customers", ENOUGH, START, START)
    assert ear.listen(START + LATE) == 0


def test_silence_is_told_when_none_ever_came_to_our_own_subscription() -> None:
    ear = listening(heard={}, url="https://hub.test/webhooks/shop")
    ear.miss("customers", ENOUGH, START, START)
    assert ear.listen(START + LATE) == ENOUGH


def test_silence_ends_and_is_written_down_when_a_webhook_comes() -> None:
    ear = listening(silent_since=START)
    assert ear.hear({"customers"}, START + SECOND)
    assert ear.state.silent_since == 0


def test_webhooks_are_written_down_only_now_and_then_when_many_come() -> None:
    ear = listening()
    assert [ear.hear({"customers"}, START + second * SECOND) for second in (0, 1, 4, 5, 6)] == [True, False, False, True, False]
    assert ear.state.last == START + 6 * SECOND


def test_webhook_counts_as_heard_when_it_names_no_stream() -> None:
    ear = listening(heard={})
    ear.hear(set(), START)
    assert ear.state.heard == {"": START}


def test_proxy_is_written_down_at_once_when_one_shows_or_is_gone() -> None:
    ear = Ear("shop")
    ear.hear(set(), START)
    assert [ear.hear(set(), START + 1, forwarded=through) for through in (True, True, False, False)] == [True, False, True, False]
    assert ear.hear(set(), START + 2, forwarded=True)
    assert ear.state.forwarded
