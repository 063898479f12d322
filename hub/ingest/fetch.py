"""Fetch hinted records by id, many at a time. Webhooks are hints: only that something changed is believed of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from hub.clock import Clock
from hub.errors import HubError, Pause, RateLimited
from hub.ingest.poll import Absorb
from hub.model.record import Gone, RawRecord, Source
from hub.model.run import HintRow
from hub.model.values import SECOND, Micros
from hub.sdk import Stream
from hub.sdk.boundary import documents, understood
from hub.store.unit import Unit
from hub.store.writer import Writer
from hub.traces import TRACES, Step, hinted

EVERYTHING = "*"
"""As an external id: not one record, the stream is to be polled."""


WAITS: Final[tuple[Micros, ...]] = (SECOND, 2 * SECOND, 5 * SECOND, 15 * SECOND, 60 * SECOND, 300 * SECOND)
"""How long a hint waits that could not be fetched, by how often that was tried."""


class Fetcher:
    """Works off the hints of one connection."""

    def __init__(
        self,
        connection: str,
        client: Any,
        streams: Mapping[str, Stream[Any]],
        writer: Writer,
        absorb: Absorb,
        seqs: Callable[[], int],
        clock: Clock,
        identify: Callable[[str, dict[str, Any]], str | None],
    ) -> None:
        self._connection = connection
        self._client = client
        self._streams = streams
        self._writer = writer
        self._absorb = absorb
        self._seqs = seqs
        self._clock = clock
        self._identify = identify

    def fetch_due(self, hints: Sequence[HintRow]) -> set[str]:
        """Fetch what is hinted. Returns the streams that are to be polled instead."""
        polls = {hint.stream for hint in hints if hint.external_id == EVERYTHING}
        by_stream: dict[str, list[HintRow]] = {}
        for hint in hints:
            if hint.external_id != EVERYTHING and hint.stream in self._streams:
                by_stream.setdefault(hint.stream, []).append(hint)
        useless = [hint for hint in hints if hint.external_id == EVERYTHING or hint.stream not in self._streams]
        if useless:
            self._writer.submit(lambda unit: unit.drop_hints(useless)).result()
        for name, rows in by_stream.items():
            for some in _batches(rows, self._streams[name].fetch_limit):
                self._try(name, some)
        return polls

    def _try(self, stream: str, hints: Sequence[HintRow]) -> None:
        """Fetch; what could not be read is put off, so that one bad record does not hold up all other work there."""
        try:
            self.fetch(stream, hints)
        except HubError as error:
            now, tried = self._clock.now(), 0 if isinstance(error, (RateLimited, Pause)) else 1
            later = [
                replace(hint, not_before=now + WAITS[min(hint.tries, len(WAITS) - 1)], tries=hint.tries + tried) for hint in hints
            ]
            self._writer.submit(lambda unit: unit.save_hints(later)).result()
            raise

    def fetch(self, stream: str, hints: Sequence[HintRow]) -> None:
        """Fetch these records now and absorb what came; an id without an answer is gone."""
        ids = [hint.external_id for hint in hints]
        causes = (hinted(self._connection, stream, one) for one in ids)
        with TRACES.span(Step.FETCH, causes, connection=self._connection, stream=stream, count=len(ids)) as span:
            span.tell(gone=self._fetch(stream, hints, ids))

    def _fetch(self, stream: str, hints: Sequence[HintRow], ids: Sequence[str]) -> int:
        """Return how many of them are gone."""
        seq, sent_at = self._seqs(), self._clock.now()
        with understood(self._connection, stream):
            docs = documents(self._streams[stream].fetch(self._client, ids))
        now = self._clock.now()
        items: list[RawRecord | Gone] = [
            RawRecord(self._connection, stream, doc, seq, sent_at, now, Source.FETCH) for doc in docs
        ]
        found = {self._identify(stream, doc) for doc in docs}
        items += [Gone(self._connection, stream, i, seq, sent_at, now) for i in ids if i not in found]

        def store(unit: Unit) -> None:
            unit.drop_hints(hints)  # before absorbing: what this very read asks to be read again must stay
            self._absorb(unit, items)

        self._writer.submit(store).result()
        return len(items) - len(docs)


def _batches(hints: Sequence[HintRow], size: int) -> Iterator[Sequence[HintRow]]:
    """Cut hints into calls. What failed in company before is asked for alone, to find out which of them it was."""
    fresh = [hint for hint in hints if not hint.tries]
    yield from (fresh[start : start + size] for start in range(0, len(fresh), size))
    yield from ([hint] for hint in hints if hint.tries)
