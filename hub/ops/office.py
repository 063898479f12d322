"""Where operator verbs do their work: inside a running hub, or alone with the store."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from hub.clock import Clock
from hub.mapping.ground import Ground
from hub.model.record import Gone, RawRecord, Source
from hub.model.run import ConnectionState, Mode
from hub.model.values import Micros
from hub.runtime.hub import Hub
from hub.runtime.wiring import Wiring
from hub.sdk.boundary import documents, understood
from hub.store import Store, Unit

T = TypeVar("T")


class Office(Protocol):
    """What a verb may use."""

    clock: Clock

    @property
    def ground(self) -> Ground:
        """Return the rules."""

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run a work in a transaction of its own."""

    def reread(self, connection: str, streams: set[str], since: Micros | None) -> None:
        """Have streams read again, whole or since a time."""

    def wake(self) -> None:
        """Let the workers look for something to do."""

    def fetch(self, connection: str, stream: str, ids: Sequence[str]) -> Iterator[list[RawRecord | Gone]]:
        """Fetch records by id, a call at a time; one that is not answered is gone."""

    def stop(self, connection: str, by: str) -> None:
        """Have the workers of a connection rest while `by` names somebody."""


class Running:
    """Beside the workers of a running hub."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self.clock = hub.clock

    @property
    def ground(self) -> Ground:
        """Return the rules as they are now: a changed config.yaml is followed while the hub runs."""
        return self._hub.ground

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run a work in the writer's thread; returns after the commit."""
        return self._hub.writer.submit(work).result()

    def reread(self, connection: str, streams: set[str], since: Micros | None) -> None:
        """Poll at once."""
        if since is not None:
            self.write(lambda unit: set_back(unit, connection, streams, since))
        self._hub.lanes[connection].poll_now(streams, full=since is None)

    def wake(self) -> None:
        """Wake every lane."""
        self._hub.wake()

    def fetch(self, connection: str, stream: str, ids: Sequence[str]) -> Iterator[list[RawRecord | Gone]]:
        """Fetch with the client of its lane, so that its limits are shared."""
        return _fetch(self.ground, self._hub.lanes[connection].wiring, stream, ids, self.clock, self._hub.store)

    def stop(self, connection: str, by: str) -> None:
        """Tell its lane; what is under way ends."""
        if connection in self._hub.lanes:
            self._hub.lanes[connection].stopped_by = by
            self._hub.lanes[connection].tick()
            self._hub.wake()


class Alone:
    """With the store to itself, no hub running: what is asked for is done at the hub's next start."""

    def __init__(self, ground: Ground, store: Store, clock: Clock, wirings: Callable[[], list[Wiring]] = list) -> None:
        self._ground = ground
        self._wirings = wirings
        self.clock = clock
        self._store = store
        self.write(lambda unit: meet_connections(unit, ground, clock.now()))

    @property
    def ground(self) -> Ground:
        """Return the rules."""
        return self._ground

    def write(self, work: Callable[[Unit], T]) -> T:
        """Run a work in a transaction."""
        with self._store.unit() as unit:
            return work(unit)

    def reread(self, connection: str, streams: set[str], since: Micros | None) -> None:
        """Set the cursors back."""
        self.write(lambda unit: set_back(unit, connection, streams, since))

    def wake(self) -> None:
        """Nobody is there to be woken."""

    def fetch(self, connection: str, stream: str, ids: Sequence[str]) -> Iterator[list[RawRecord | Gone]]:
        """Fetch with a client of its own."""
        wiring = next(one for one in self._wirings() if one.name == connection)
        return _fetch(self.ground, wiring, stream, ids, self.clock, self._store)

    def stop(self, connection: str, by: str) -> None:
        """Its workers read it in the store when they start."""


def _fetch(
    ground: Ground, wiring: Wiring, stream: str, ids: Sequence[str], clock: Clock, store: Store
) -> Iterator[list[RawRecord | Gone]]:
    size = wiring.streams[stream].fetch_limit
    for start in range(0, len(ids), size):
        part = ids[start : start + size]
        seq, sent_at = store.reserve_seqs(), clock.now()
        with understood(wiring.name, stream):
            docs = documents(wiring.streams[stream].fetch(wiring.client, part))
        now = clock.now()
        found = {ground.tables[wiring.name, stream].identify(doc) for doc in docs}
        items: list[RawRecord | Gone] = [RawRecord(wiring.name, stream, doc, seq, sent_at, now, Source.FETCH) for doc in docs]
        yield items + [Gone(wiring.name, stream, each, seq, sent_at, now) for each in part if each not in found]


def meet_connections(unit: Unit, ground: Ground, now: Micros) -> None:
    """Note connections the store has not seen yet: `start:` is read once."""
    known = unit.connections()
    for name, config in ground.config.connections.items():
        if name not in known:
            unit.save_connection(ConnectionState(name, Mode(config.start), started_at=now))


def set_back(unit: Unit, connection: str, streams: set[str], since: Micros | None) -> None:
    """Let the next read of these streams start at `since`, or at the beginning."""
    for stream in sorted(streams):
        cursor = unit.cursor(connection, stream)
        since_when = since if cursor.first_complete_at is not None else None  # a first read is whole, whatever is asked
        unit.save_cursor(replace(cursor, since=since_when, token=None, again=False))
