"""Carry out attempts: calls in order, each confirmed before the next, and an outcome for the pipeline. I/O.

In: attempts that are already committed. Out: outcomes. What an exception means is decided here once: not sent, or unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from hub.clock import Clock
from hub.errors import BadPayload, HubError, Pause, RateLimited, TimedOut, Unavailable
from hub.model.delivery import Attempt, DeliveryKind
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import RawRecord, Source
from hub.model.values import SECOND, Doc
from hub.push.attempt import thaw_change
from hub.sdk import Answer, AnswerKind, Call, Change, Safe, Sink
from hub.sdk.boundary import documents, understood

Progress = Callable[[int, int, str | None], None]
"""Stores (attempt id, confirmed calls, external id if it became known)."""

_ENDS: Mapping[AnswerKind, OutcomeKind] = {
    AnswerKind.STALE: OutcomeKind.STALE,
    AnswerKind.GONE: OutcomeKind.GONE,
    AnswerKind.REFUSED: OutcomeKind.REFUSED,
    AnswerKind.CLASH: OutcomeKind.CLASH,
}


class Deliverer:
    """Sends the attempts of one connection."""

    def __init__(
        self,
        connection: str,
        client: Any,
        sinks: Mapping[str, Sink[Any]],
        progress: Progress,
        seqs: Callable[[], int],
        clock: Clock,
        identify: Callable[[str, Doc], str | None],
    ) -> None:
        self._connection = connection
        self._client = client
        self._sinks = sinks
        self._progress = progress
        self._seqs = seqs
        self._clock = clock
        self._identify = identify

    def send(self, attempt: Attempt) -> Outcome:
        """Make the calls of an attempt that are not confirmed yet. Raises Pause; everything else becomes an outcome."""
        sink = self._sinks[attempt.stream]
        done, external_id, answer = attempt.done, attempt.external_id, None
        asked = self._seqs(), self._clock.now()
        for call in attempt.calls[attempt.done :]:
            asked = self._seqs(), self._clock.now()
            try:
                with understood(self._connection, attempt.stream):
                    answer = sink.send(self._client, Call(call["name"], call["body"]), attempt.key, external_id)
            except Pause:
                raise
            except HubError as error:
                return self._failed(attempt, error, done, external_id)
            if answer.kind is not AnswerKind.DONE:
                return self._end(attempt, _ENDS[answer.kind], done, external_id, answer)
            done += 1
            external_id = external_id or answer.external_id or self._id_of(attempt.stream, answer.doc)
            if done < len(attempt.calls):
                self._progress(attempt.id, done, external_id)
        outcome = self._end(attempt, OutcomeKind.DONE, done, external_id, answer)
        if answer is not None and answer.doc is not None:
            outcome.raw = self._raw(attempt.stream, answer.doc, outcome.seq, asked[1])
        return outcome

    def find(self, attempt: Attempt) -> list[RawRecord]:
        """Return the records that stand in the way of a create, where the system can be asked for them."""
        sink = self._sinks[attempt.stream]
        if sink.create not in (Safe.MARKER, Safe.NATURAL_KEY):
            return []
        seq, sent_at = self._seqs(), self._clock.now()
        found = self._find(attempt, thaw_change(attempt))
        return [self._raw(attempt.stream, doc, seq, sent_at, Source.FETCH) for doc in found]

    def look_first(self, attempt: Attempt, marker: str) -> Outcome | None:
        """Look whether what a create is to make is there, under a marker of ours; None: it is not, or nobody can look.

        Where the look fails nothing is sent, and the attempt ends so: it is committed, and nobody else would end it.
        """
        sink = self._sinks[attempt.stream]
        if sink.marker is None:
            return None
        sent_at = self._clock.now()
        try:
            found = self._find(attempt, replace(thaw_change(attempt), marker=marker))
        except HubError:
            outcome = self._end(attempt, OutcomeKind.NOT_SENT, attempt.done, attempt.external_id, None)
            outcome.reason = "a look whether it is there"
            return outcome
        ours = [doc for doc in found if _at(doc, sink.marker) == marker.casefold()]
        if not ours:
            return None
        outcome = self._end(attempt, OutcomeKind.DONE, len(attempt.calls), self._id_of(attempt.stream, ours[0]), None)
        outcome.raw = self._raw(attempt.stream, ours[0], outcome.seq, sent_at, Source.FETCH)
        return outcome

    def look_up(self, attempt: Attempt) -> Outcome | None:
        """Find out what became of a create, or of a change of a level, that may have happened. None: asked once, ask again later.

        Same key and bytes are resent where the system knows the key; else it is looked for through a consistent door, twice
        (Invariant 10). Where neither is possible a person decides.
        """
        sink = self._sinks[attempt.stream]
        if (sink.adjust if attempt.kind is DeliveryKind.QUANTITY else sink.create) is Safe.IDEMPOTENCY_KEY:
            outcome = self.send(attempt)  # Rule 7.9
            return None if outcome.kind is OutcomeKind.NOT_SENT else outcome  # that it did not leave now says nothing of before
        if sink.create not in (Safe.MARKER, Safe.NATURAL_KEY):
            return self._end(attempt, OutcomeKind.UNKNOWN, attempt.done, None, None)
        sent_at = self._clock.now()
        found = self._find(attempt, thaw_change(attempt))
        if found:
            outcome = self._end(attempt, OutcomeKind.DONE, len(attempt.calls), self._id_of(attempt.stream, found[0]), None)
            outcome.raw = self._raw(attempt.stream, found[0], outcome.seq, sent_at, Source.FETCH)
            return outcome
        if attempt.looks >= 1:  # Rule 6.24: "not found" counts only when asked twice
            return self._end(attempt, OutcomeKind.NOT_FOUND, 0, None, None)
        return None

    def _find(self, attempt: Attempt, change: Change) -> Sequence[Doc]:
        with understood(self._connection, attempt.stream):
            return documents(self._sinks[attempt.stream].find(self._client, change))

    def _failed(self, attempt: Attempt, error: HubError, done: int, external_id: str | None) -> Outcome:
        """Unavailable and over the limit: it did not happen. Anything else after sending: nobody knows yet."""
        if isinstance(error, RateLimited):
            outcome = self._end(attempt, OutcomeKind.NOT_SENT, done, external_id, None)
            outcome.wait, outcome.reason = int(max(error.wait_s, 0.1) * SECOND), "the limit of the API"
            return outcome
        if isinstance(error, Unavailable):
            outcome = self._end(attempt, OutcomeKind.NOT_SENT, done, external_id, None)
            outcome.reason = error.code
            return outcome
        outcome = self._end(attempt, OutcomeKind.UNKNOWN, done, external_id, None)
        outcome.reason = (
            "timed out" if isinstance(error, TimedOut) else "unreadable answer" if isinstance(error, BadPayload) else error.code
        )
        return outcome

    def _end(self, attempt: Attempt, kind: OutcomeKind, done: int, external_id: str | None, answer: Answer | None) -> Outcome:
        outcome = Outcome(attempt.id, kind, self._seqs(), self._clock.now(), done, external_id)
        if answer is not None:
            outcome.blames, outcome.reason = answer.blames, answer.reason
        return outcome

    def _raw(self, stream: str, doc: Doc, seq: int, sent_at: int, source: Source = Source.ANSWER) -> RawRecord:
        return RawRecord(self._connection, stream, doc, seq, sent_at, self._clock.now(), source)

    def _id_of(self, stream: str, doc: Doc | None) -> str | None:
        return self._identify(stream, doc) if doc is not None else None


def _at(doc: Doc, path: str) -> str:
    """Return what stands at a dotted path; some systems write it in small letters."""
    value: Any = doc
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return str(value or "").casefold()
