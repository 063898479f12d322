"""What `/metrics` shows of the store and of the running hub, read when somebody asks."""

from __future__ import annotations

from collections.abc import Callable

from hub.clock import Clock
from hub.meters import Labels, Metric
from hub.model.delivery import DeliveryState
from hub.model.run import Mode
from hub.model.values import Doc, Micros
from hub.ops.freshness import read_freshness
from hub.ops.incidents import Trouble
from hub.runtime.hub import Hub
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.room import Room
from hub.store import Reader

KEPT_S = 5.0
"""So long an answer serves: two systems that ask at the same time cost one look."""
Gauges = dict[Metric, dict[Labels, float]]


class Looker:
    """Reads the gauges of one hub. `open_reader` opens the store; `troubles`: how many incidents of each kind are open."""

    def __init__(
        self, hub: Hub, room: Room, open_reader: Callable[[], Reader], troubles: Callable[[], dict[Trouble, int]], clock: Clock
    ) -> None:
        self._hub, self._room, self._open, self._troubles, self._clock = hub, room, open_reader, troubles, clock
        self._known: Gauges = {}
        self._until = float("-inf")

    def look(self) -> Gauges:
        """Return every gauge."""
        if self._clock.elapsed() >= self._until:
            with self._open() as reader, reader.snapshot():
                self._known = self._stored(reader, self._clock.now())
            self._until = self._clock.elapsed() + KEPT_S
        return self._known | self._live()

    def _live(self) -> Gauges:
        hub, free = self._hub, self._room.free_bytes
        return {
            Metric.READY: {(): float(not hub.holds and hub.failure is None)},
            Metric.QUEUE: {(): hub.writer.waiting()},
            Metric.SPOOLED: {(): hub.spooled},
            Metric.PAUSED: {(name,): float(bool(lane.paused)) for name, lane in hub.lanes.items()},
            Metric.SILENT: {(name,): float(bool(lane.ear.state.silent_since)) for name, lane in hub.lanes.items()},
            Metric.FREE: {} if free is None else {(): free},
            Metric.INCIDENTS: {(kind.value,): number for kind, number in self._troubles().items()},
        }

    def _stored(self, reader: Reader, now: Micros) -> Gauges:
        lines = read_freshness(self._hub.ground.config.connections, reader, now)
        counts, states = reader.work_counts(), reader.connections()
        asking = sum(n for (_, state), n in reader.delivery_counts().items() if state is DeliveryState.ASKING)
        open_items = {
            "deliveries": counts["deliveries"] - asking,
            "calls": counts["open_attempts"],
            "to_read": counts["hints"],
            "waiting": counts["waiting"],
            "asking": asking,
            "questions": counts["reviews"],
            "dead_letters": counts["dead_letters"],
        }
        modes = {(name, mode): states[name].mode is mode for name in self._hub.lanes if name in states for mode in Mode}
        return {
            Metric.BEHIND: {_stream(one): one["behind_s"] for one in lines if one["behind_s"] is not None},
            Metric.UNSENT: {_stream(one): one["unsent_s"] or 0.0 for one in lines},
            Metric.OPEN: {(kind,): number for kind, number in open_items.items()},
            Metric.MODE: {(name, mode.value): float(on) for (name, mode), on in modes.items()},
            Metric.ENTITIES: {(kind.value,): number for kind, number in reader.entity_counts().items()},
            Metric.LINKS: {(one.connection, one.stream): one.links for one in reader.link_counts()},
            Metric.WRITES: {(): float(WRITES_STOPPED in reader.flags())},
        }


def _stream(line: Doc) -> Labels:
    return line["connection"], line["stream"]
