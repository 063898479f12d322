"""What the calls of an attempt come to: an outcome for every way in which a call can end."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest

from hub.errors import AuthFailed, BadPayload, HubError, RateLimited, RecordRefused, TimedOut, Unavailable
from hub.model.delivery import Attempt, DeliveryKind
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import EntityType, RawRecord, Source
from hub.model.values import SECOND, Doc
from hub.push.deliver import Deliverer
from hub.sdk import Answer, AnswerKind, Call, Change, Safe, Sink
from tests.unit.clocks import StillClock

DONE = AnswerKind.DONE
FOUND = {"id": "8"}
NOW = 1_700_000_000 * SECOND


class Scripted(Sink[Any]):
    """A sink whose answers are written down beforehand; so is what it is asked."""

    name = "customers"
    create: Any = Safe.MARKER
    adjust: Any = None
    marker: Any = "tags.ours"

    def __init__(self, *answers: Answer | HubError, found: Sequence[Doc] = ()) -> None:
        self.answers, self.found = list(answers), list(found)
        self.asked: list[Any] = []

    def send(self, client: Any, call: Call, key: str, external_id: str | None) -> Answer:
        self.asked.append((client, call.name, call.body, key, external_id))
        answer = self.answers.pop(0)
        if isinstance(answer, HubError):
            raise answer
        return answer

    def find(self, client: Any, change: Change) -> Sequence[Doc]:
        self.asked.append((client, change.marker))
        return self.found


class Plain(Scripted):
    create, marker = Safe.PLAIN, None


class Keyed(Scripted):
    create, adjust = Safe.IDEMPOTENCY_KEY, Safe.PLAIN


class KeyedLevels(Scripted):
    create, adjust = Safe.PLAIN, Safe.IDEMPOTENCY_KEY


class Scene:
    """A deliverer over one scripted sink. Numbers are drawn from 1; progress is kept."""

    def __init__(self, sink: Scripted) -> None:
        self.sink, self.progress, numbers = sink, list[Any](), count(1)
        self.deliverer = Deliverer(
            "till", "client", {"customers": sink}, lambda *told: self.progress.append(told), lambda: next(numbers),
            StillClock(NOW), lambda stream, doc: f"{stream}:{doc['id']}",
        )  # fmt: skip


def attempt(calls: int = 2, **more: Any) -> Attempt:
    change = {"operation": "create", "external_id": None, "before": None, "after": {}, "paths": []}
    return Attempt(
        5, 1, DeliveryKind.STATE, "create", "till", "customers", EntityType.CUSTOMER, 3, None, more.pop("external_id", None),
        "key-5",
        [{"name": f"call {number}", "body": {"n": number}} for number in range(calls)], change, marker="mark", **more,
    )  # fmt: skip


def raw(doc: Doc, seq: int, source: Source) -> RawRecord:
    return RawRecord("till", "customers", doc, seq, NOW, NOW, source)


def test_send_makes_the_calls_in_order_and_keeps_how_far_it_came() -> None:
    scene = Scene(Scripted(Answer(DONE, external_id="7"), Answer(DONE, {"id": "8"}, reason="fine")))
    outcome = scene.deliverer.send(attempt())
    assert outcome == Outcome(5, OutcomeKind.DONE, 4, NOW, 2, "7", reason="fine", raw=raw({"id": "8"}, 4, Source.ANSWER))
    assert scene.sink.asked == [("client", "call 0", {"n": 0}, "key-5", None), ("client", "call 1", {"n": 1}, "key-5", "7")]
    assert scene.progress == [(5, 1, "7")]


def test_send_takes_the_id_from_the_record_when_the_answer_does_not_name_it() -> None:
    scene = Scene(Scripted(Answer(DONE, {"id": "8"})))
    assert scene.deliverer.send(attempt(1)).external_id == "customers:8"
    assert scene.progress == []


def test_send_goes_on_after_the_last_confirmed_call() -> None:
    scene = Scene(Scripted(Answer(DONE)))
    assert scene.deliverer.send(attempt(done=1)) == Outcome(5, OutcomeKind.DONE, 3, NOW, 2)
    assert [asked[1] for asked in scene.sink.asked] == ["call 1"]


@pytest.mark.parametrize(("answer", "kind", "wait_s", "reason"), [
    (Answer(AnswerKind.STALE, blames="a", reason="b"), OutcomeKind.STALE, 0, "b"),
    (Answer(AnswerKind.GONE, blames="a"), OutcomeKind.GONE, 0, ""),
    (Answer(AnswerKind.REFUSED, blames="a", reason="b"), OutcomeKind.REFUSED, 0, "b"),
    (Answer(AnswerKind.CLASH, blames="a", reason="b"), OutcomeKind.CLASH, 0, "b"),
    (RateLimited("later", wait_s=7), OutcomeKind.NOT_SENT, 7, "the limit of the API"),
    (RateLimited("later", wait_s=0), OutcomeKind.NOT_SENT, 0.1, "the limit of the API"),
    (Unavailable("no"), OutcomeKind.NOT_SENT, 0, "unavailable"),
    (TimedOut("no"), OutcomeKind.UNKNOWN, 0, "timed out"),
    (BadPayload("no"), OutcomeKind.UNKNOWN, 0, "unreadable answer"),
    (RecordRefused("no"), OutcomeKind.UNKNOWN, 0, RecordRefused.code),
])  # fmt: skip
def test_send_says_what_became_of_it_when_the_second_call_fails(
    answer: Answer | HubError, kind: OutcomeKind, wait_s: float, reason: str
) -> None:
    outcome = Scene(Scripted(Answer(DONE, external_id="7"), answer)).deliverer.send(attempt())
    blames = answer.blames if isinstance(answer, Answer) else None
    assert outcome == Outcome(5, kind, 4, NOW, 1, "7", blames, reason, round(wait_s * SECOND))


def test_send_leaves_it_to_the_supervisor_when_the_connection_has_to_pause() -> None:
    with pytest.raises(AuthFailed):
        Scene(Scripted(AuthFailed("no"))).deliverer.send(attempt())


@pytest.mark.parametrize(("sink", "found"), [(Scripted, [raw({"id": "8"}, 1, Source.FETCH)]), (Plain, [])])
def test_find_returns_what_is_there_when_the_system_can_be_asked(sink: type[Scripted], found: list[RawRecord]) -> None:
    assert Scene(sink(found=[{"id": "8"}])).deliverer.find(attempt()) == found


@pytest.mark.parametrize("doc", [{"id": "9", "tags": {"ours": "other"}}, {"id": "9", "tags": "ours"}, {"id": "9"}])
def test_look_first_takes_the_one_with_our_marker_when_several_are_found(doc: Doc) -> None:
    ours = {"id": "8", "tags": {"ours": "FORMER"}}
    scene = Scene(Scripted(found=[doc, ours]))
    outcome = scene.deliverer.look_first(attempt(), "Former")
    assert outcome == Outcome(5, OutcomeKind.DONE, 1, NOW, 2, "customers:8", raw=raw(ours, 1, Source.FETCH))
    assert scene.sink.asked == [("client", "Former")]
    assert Scene(Scripted(found=[doc])).deliverer.look_first(attempt(), "Former") is None
    assert Scene(Plain(found=[ours])).deliverer.look_first(attempt(), "Former") is None


class Mute(Scripted):
    def find(self, client: Any, change: Change) -> Sequence[Doc]:
        raise Unavailable("no")


def test_look_first_sends_nothing_when_nobody_can_look() -> None:
    outcome = Scene(Mute()).deliverer.look_first(attempt(done=1, external_id="7"), "Former")
    assert outcome == Outcome(5, OutcomeKind.NOT_SENT, 1, NOW, 1, "7", reason="a look whether it is there")


@pytest.mark.parametrize(("sink", "more", "outcome"), [
    (Scripted(found=[FOUND]), {}, Outcome(5, OutcomeKind.DONE, 1, NOW, 2, "customers:8", raw=raw(FOUND, 1, Source.FETCH))),
    (Scripted(), {}, None),
    (Scripted(), {"looks": 1}, Outcome(5, OutcomeKind.NOT_FOUND, 1, NOW)),
    (Plain(found=[{"id": "8"}]), {"done": 1}, Outcome(5, OutcomeKind.UNKNOWN, 1, NOW, 1)),
    (Keyed(Answer(DONE), Answer(DONE)), {}, Outcome(5, OutcomeKind.DONE, 4, NOW, 2)),
    (Keyed(Unavailable("no")), {}, None),
    (KeyedLevels(found=[{"id": "8"}]), {}, Outcome(5, OutcomeKind.UNKNOWN, 1, NOW)),
])  # fmt: skip
def test_look_up_finds_out_what_became_of_a_create(sink: Scripted, more: dict[str, Any], outcome: Outcome | None) -> None:
    assert Scene(sink).deliverer.look_up(attempt(**more)) == outcome


def test_look_up_sends_a_level_again_when_its_key_is_known_there() -> None:
    change = attempt(1)
    change.kind = DeliveryKind.QUANTITY
    assert Scene(KeyedLevels(Answer(DONE))).deliverer.look_up(change) == Outcome(5, OutcomeKind.DONE, 3, NOW, 1)
