"""Fetch hinted records by id, many at a time. Webhooks are hints: what they carry is not believed, only that something changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from hub.clock import Clock
from hub.ingest.poll import Absorb
from hub.model.record import Gone, RawRecord, Source
from hub.model.run import HintRow
from hub.sdk import Stream
from hub.store.unit import Unit
from hub.store.writer import Writer

EVERYTHING = "*"
"""As an external id: not one record, the stream is to be polled."""


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
            size = self._streams[name].fetch_limit
            for start in range(0, len(rows), size):
                self.fetch(name, rows[start : start + size])
        return polls

    def fetch(self, stream: str, hints: Sequence[HintRow]) -> None:
        """Fetch these records now and absorb what came; an id without an answer is gone."""
        seq, sent_at = self._seqs(), self._clock.now()
        ids = [hint.external_id for hint in hints]
        docs = self._streams[stream].fetch(self._client, ids)
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
