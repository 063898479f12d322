"""The hub: starts, recovers, receives, stops. One per store."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import orjson
import structlog

from hub.clock import Clock, Worker
from hub.errors import BadPayload, Forged, Stop
from hub.events import Event
from hub.mapping import Comparison
from hub.mapping.ground import Ground
from hub.model.review import ReviewKind
from hub.model.run import ConnectionState, Mode
from hub.runtime.inbox import Arrival, Inbox, Note
from hub.runtime.lane import Lane
from hub.runtime.outbox import begin_anew, recover
from hub.runtime.policies import SETTLING, note_policies
from hub.runtime.remap import Key, changed_lines, note_mappings, remap_page, streams_to_read
from hub.runtime.restored import is_restoring
from hub.runtime.wiring import Wiring
from hub.sdk import Connector, Hint, WebhookRequest
from hub.sdk.boundary import believe
from hub.sdk.webhooks import FORWARDED, Receipt
from hub.store.store import Store
from hub.store.unit import Unit
from hub.store.writer import Ticket, Writer

if TYPE_CHECKING:
    from hub.store.vault import Vault

log = structlog.get_logger("hub.runtime")


DISK = "disk"
"""The hold that keeps the lanes from working, too."""
MOST_WAITING = 1_000
"""So many works may wait for the writer before webhooks are asked to come again."""
FOR_EVER_S = 3_600.0
SEALED = "sealed/"
"""How the flags begin under which settings that were learned stand, sealed."""
STANDING = frozenset({ReviewKind.NOT_KEPT, ReviewKind.REWRITES})
"""Questions that stand between nobody and their work."""


class Hub:
    """A running installation over one store."""

    def __init__(
        self,
        ground: Ground,
        store: Store,
        wirings: Sequence[Wiring],
        connectors: Mapping[str, Connector[object]],
        clock: Clock,
        vault: Vault | None = None,
    ) -> None:
        self._vault = vault
        self.ground = ground
        self.store = store
        self.clock = clock
        self.writer = Writer(store, clock)
        self._inbox = Inbox(self.writer)
        self._connectors = connectors
        self.lanes = {w.name: Lane(w, ground, self.writer, clock, self._seq, self.wake) for w in wirings}
        self.learned: dict[str, Mapping[str, str]] = {}
        """Connection -> settings that came with its webhook subscription, such as the key that signs."""
        self._workers: list[Worker] = []
        self.holds: frozenset[str] = frozenset()
        """Why nothing is taken in just now, in words of ours: starting, stopping, disk. Webhooks are asked to come again."""
        self.failure: BaseException | None = None
        self.spooled = 0
        """How many webhooks were answered and wait elsewhere for the store."""
        self.turned: Callable[[], None] = lambda: None
        """Called when holds, connections or what webhooks are believed by are others."""
        self._ended = False

    def start(self) -> None:
        """Recover what was under way, then start every worker."""
        self.writer.start()
        self.prepare()
        self._start_lanes()
        log.info(Event.RUNTIME_HUB_STARTED, count=len(self.lanes))

    def _start_lanes(self) -> None:
        for lane in self.lanes.values():
            lane.hold(on=DISK in self.holds)
            self._workers.append(self.clock.start(f"{lane.name}.pull", partial(self.watch, lane.pull)))
            self._workers.append(self.clock.start(f"{lane.name}.push", partial(self.watch, lane.push)))

    def hold(self, why: str) -> None:
        """Take nothing in until told to go on; what is under way ends."""
        self.holds |= {why}
        for lane in self.lanes.values():
            lane.hold(on=DISK in self.holds)
        self.turned()

    def go_on(self, why: str) -> None:
        """Lift a hold."""
        self.holds -= {why}
        for lane in self.lanes.values():
            lane.hold(on=DISK in self.holds)
        self.turned()

    def halt(self, timeout_s: float) -> bool:
        """End the workers after what they are doing; say whether all ended in time. Webhooks are still taken."""
        until = self.clock.elapsed() + timeout_s
        for lane in self.lanes.values():
            lane.stop()
        for worker in self._workers:
            worker.join(max(0.0, until - self.clock.elapsed()))
        return not any(worker.is_alive() for worker in self._workers)

    def renew(self, ground: Ground, wirings: Sequence[Wiring], connectors: Mapping[str, Connector[object]]) -> None:
        """Go on with another configuration, as after a start, on the same store. Every worker must have ended: see `halt`."""
        former = self.lanes
        self.ground, self._connectors, self._workers = ground, connectors, []
        self.lanes = {w.name: Lane(w, ground, self.writer, self.clock, self._seq, self.wake) for w in wirings}
        self.learned = {name: known for name, known in self.learned.items() if name in self.lanes}
        self.prepare()
        for name, lane in self.lanes.items():
            if name in former:
                lane.take_over(former[name])
        self._start_lanes()
        self.turned()

    def prepare(self) -> None:
        """Recover what was under way and follow changed mappings; the writer must run already."""
        self.writer.submit(self._prepare).result()
        self._follow_mappings()

    def _prepare(self, unit: Unit) -> None:
        self._meet(unit)
        if is_restoring(unit):  # everything is read before anything is sent
            for lane in self.lanes.values():
                lane.read_whole()
            log.warning(Event.RUNTIME_STORE_RESTORED)
        self._recall(unit)
        if note_policies(unit, self.ground):
            log.info(Event.RUNTIME_POLICIES_CHANGED)
        lost = recover(unit, self.ground, self.clock.now())
        if lost:
            log.warning(Event.RUNTIME_ATTEMPTS_RECOVERED, count=lost)

    def learn(self, connection: str, settings: Mapping[str, str]) -> None:
        """Take over what a system drew for us, and keep it sealed: after a restart it is needed before the system was asked."""
        self.learned[connection] = settings
        self.turned()
        if self._vault is None:
            return
        name = SEALED + connection
        sealed = self._vault.seal(name, orjson.dumps(dict(settings)).decode())
        self.writer.submit(lambda unit: unit.set_flag(name, sealed if settings else None)).result()

    def _unseal(self, unit: Unit) -> None:
        for name, sealed in unit.flags().items():
            connection = name.removeprefix(SEALED)
            if self._vault is not None and name != connection and connection in self.lanes and connection not in self.learned:
                known = self._vault.open(name, sealed)
                if known is not None:
                    self.learned[connection] = orjson.loads(known)

    def _meet(self, unit: Unit) -> None:
        known = unit.connections()
        for name, config in self.ground.config.connections.items():
            if name not in known:  # `start:` is read once, when the store first sees a connection
                unit.save_connection(ConnectionState(name, Mode(config.start), started_at=self.clock.now()))
            elif name in self.lanes:
                self.lanes[name].paused = known[name].paused  # so that its first success says that it is well again
                self.lanes[name].stopped_by = known[name].stopped_by
                if known[name].rewound_at:
                    self.lanes[name].read_whole()

    def _recall(self, unit: Unit) -> None:
        self._unseal(unit)
        for name, hearing in unit.hearings().items():
            if name in self.lanes:
                self.lanes[name].ear.recall(hearing)

    def _follow_mappings(self) -> None:
        """Bring what was read before to mapping files that changed since, before anything new is read."""
        lines = self.writer.submit(lambda unit: changed_lines(unit, self.ground)).result()
        for key in streams_to_read(self.ground, lines):
            after: int | None = 0
            while after is not None:
                after = self.writer.submit(partial(self._remap_page, key, lines, after)).result()
        if lines:
            self.writer.submit(lambda unit: note_mappings(unit, self.ground, lines)).result()
            log.info(Event.RUNTIME_MAPPINGS_CHANGED, count=len(lines))

    def _remap_page(self, key: Key, lines: Mapping[Key, Comparison], after: int, unit: Unit) -> int | None:
        return remap_page(unit, self.ground, key, lines, after, self.clock.now())

    def stop(self, timeout_s: float | None = 10.0) -> None:
        """End the workers after what they are doing, then the writer. What is left is done after the next start."""
        started = self.clock.elapsed()
        self.halt(timeout_s if timeout_s is not None else FOR_EVER_S)
        left = None if timeout_s is None else max(1.0, timeout_s - (self.clock.elapsed() - started))
        self._ended = True
        self.writer.stop(left)
        log.info(Event.RUNTIME_HUB_STOPPED)

    def begin_anew(self) -> None:
        """Let what is waited for after our own writes be waited for from now on: the clock has stepped."""
        self.writer.submit(lambda unit: begin_anew(unit, self.clock.now())).result()

    def tick(self) -> None:
        """Look whether a stream is due: the only thing a scheduler calls."""
        for lane in self.lanes.values():
            lane.tick()

    def wake(self) -> None:
        """Let every lane look for something to push."""
        for lane in self.lanes.values():
            lane.wake()

    def accept(self, connection: str, request: WebhookRequest) -> Receipt | Ticket[None]:
        """Verify a webhook and hand its hints to the writer; never waits. A ticket: it is accepted once that is answered."""
        if self.holds or self.is_crowded():
            return Receipt.BUSY
        if connection not in self.lanes:
            return Receipt.UNKNOWN
        try:
            arrived = replace(request, received_at=self.clock.now())
            hints = believe(self._connectors[connection], connection, arrived, self._settings(connection))
        except Forged:
            return Receipt.FORGED
        except BadPayload:
            return Receipt.UNREADABLE
        return self.take_in(connection, hints, forwarded=FORWARDED in request.headers) or Receipt.UNKNOWN

    def is_crowded(self) -> bool:
        """Say whether so much waits to be stored that webhooks should wait elsewhere."""
        return self.writer.waiting() + self._inbox.waiting() >= MOST_WAITING

    def take_in(self, connection: str, hints: Sequence[Hint], *, forwarded: bool) -> Ticket[None] | None:
        """Hand what a webhook told, and was believed, to the writer; None: that connection is gone.

        `forwarded`: it came through a proxy. Raises Stop once the writer has stopped.
        """
        lane = self.lanes.get(connection)
        if lane is None:
            return None
        now = self.clock.now()
        told = lane.ear.hear({hint.stream for hint in hints}, now, forwarded=forwarded)
        note: Note | None = (lambda unit: unit.save_hearing(connection, lane.ear.state)) if told else None
        ticket = self._inbox.put(Arrival(connection, hints, now, note))
        ticket.when_done(lane.wake)
        return ticket

    def believers(self) -> dict[str, tuple[Connector[object], Mapping[str, str]]]:
        """Return for every connection what reads its webhooks, with the settings that this takes and no others."""
        found: dict[str, tuple[Connector[object], Mapping[str, str]]] = {}
        for name in self.lanes:
            connector, settings = self._connectors[name], self._settings(name)
            names = connector.webhook_settings
            found[name] = connector, {key: settings[key] for key in settings if names is None or key in names}
        return found

    def receive(self, connection: str, request: WebhookRequest) -> Receipt:
        """Verify a webhook and store its hints; returns after the commit."""
        said = self.accept(connection, request)
        if isinstance(said, Receipt):
            return said
        said.result()
        return Receipt.ACCEPTED

    def _settings(self, connection: str) -> Mapping[str, str]:
        return {**self.ground.settings(connection), **self.learned.get(connection, {})}

    def open_items(self) -> list[str]:
        """Name what is not finished: hints, deliveries, attempts, records that wait, questions, dead letters."""

        def look(unit: Unit) -> list[str]:
            found = [f"hints of {connection}/{stream}: {count}" for (connection, stream), count in unit.hint_counts().items()]
            found += [
                f"delivery {d.id} {d.connection} entity {d.entity_id} link {d.link_id} {d.state} {d.wait}"
                for d in unit.open_deliveries()
            ]
            found += [f"attempt {a.id} {a.connection} {a.operation} {a.state} {a.reason}" for a in unit.open_attempts()]
            found += [f"review {r.id} {r.kind} {r.about}" for r in unit.reviews() if r.kind not in STANDING]
            return found + [f"dead letter {d.id} {d.code} {d.connection} {d.field} {d.message}" for d in unit.dead_letters()]

        return self.writer.submit(look).result()

    def is_quiet(self) -> bool:
        """Say whether nothing is due or under way and every stream was read since the last change was taken in."""

        def look(unit: Unit) -> bool:
            moving = [d for d in unit.open_deliveries() if not d.aside]
            return not (
                unit.hint_counts()
                or moving
                or unit.open_attempts()
                or [r for r in unit.reviews() if r.kind not in STANDING]
                or SETTLING in unit.flags()
            )

        changed_at = max(lane.changed_at for lane in self.lanes.values())
        for lane in self.lanes.values():
            if any(lane.polled_at.get(stream, 0) <= changed_at for stream in lane.wiring.polled):
                return False
        return self.writer.submit(look).result(30.0)

    def watch(self, run: Callable[[], object]) -> None:
        """Run a worker: where it dies of a bug, or of a Stop, the hub says so in `failure`."""
        try:
            run()
        except Exception as error:  # a hub without one of its workers must not look alive
            if self._ended and isinstance(error, Stop):
                return  # it came back from a slow system after the writer had ended: what it brought is asked for again
            self.failure = error
            log.critical(Event.RUNTIME_WORKER_STOPPED, code=error.code if isinstance(error, Stop) else "internal", exc_info=True)

    def _seq(self) -> int:
        return self.store.reserve_seqs(1)
