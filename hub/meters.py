"""What the hub counts about its own work, for `/metrics`.

In: a metric, how many or how long, its labels. Out: sums since the start, by label values. Labels are names of our own
(connections, streams, codes, outcomes), never an id or a value of a record (Invariant 14). What can be looked up when somebody
asks (backlogs, ages) is not counted here.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

BOUNDS_S: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
"""Upper bounds of the buckets of times."""
MOST_SERIES: Final = 5_000
"""Label values come from names in config.yaml and words of ours, so this is never reached; it keeps a mistake small."""
Labels = tuple[str, ...]


class Kind(Enum):
    """How a metric behaves."""

    COUNTER = "counter"
    GAUGE = "gauge"
    HISTOGRAM = "histogram"


@dataclass(frozen=True, slots=True)
class Facts:
    """What is said of a metric."""

    kind: Kind
    help: str
    labels: Labels = ()


class Metric(Enum):
    """Every metric, by its name without the prefix `syncline_`. Counters end in `_total`, times are seconds."""

    WEBHOOKS = "webhooks_total"
    WEBHOOK_TIME = "webhook_seconds"
    SPOOLED = "webhooks_spooled"
    RECORDS = "records_total"
    ATTEMPTS = "attempts_total"
    REQUESTS = "http_requests_total"
    REQUEST_TIME = "http_seconds"
    COMMIT_TIME = "commit_seconds"
    DELAYS = "worker_delays_total"
    ALERTS = "alerts_total"
    SPANS = "spans_total"
    READY = "ready"
    QUEUE = "writer_queue"
    PAUSED = "connection_paused"
    MODE = "connection_mode"
    SILENT = "webhooks_silent"
    BEHIND = "stream_behind_seconds"
    UNSENT = "stream_unsent_seconds"
    OPEN = "open_items"
    ENTITIES = "entities"
    LINKS = "links"
    WRITES = "writes_stopped"
    FREE = "store_free_bytes"
    INCIDENTS = "incidents"


FACTS: Final[Mapping[Metric, Facts]] = {
    Metric.WEBHOOKS: Facts(Kind.COUNTER, "Webhooks by how they were answered.", ("connection", "outcome")),
    Metric.WEBHOOK_TIME: Facts(
        Kind.HISTOGRAM, "From the last byte of a webhook to its answer, with its commit.", ("connection",)
    ),
    Metric.SPOOLED: Facts(Kind.GAUGE, "Webhooks that were answered and are not in the store yet."),
    Metric.RECORDS: Facts(Kind.COUNTER, "Records taken in, by how they ended.", ("connection", "outcome")),
    Metric.ATTEMPTS: Facts(Kind.COUNTER, "Changes sent to a system, by outcome.", ("connection", "stream", "outcome")),
    Metric.REQUESTS: Facts(
        Kind.COUNTER, "Requests to a system, by class of status; `none`: no answer.", ("connection", "method", "status")
    ),
    Metric.REQUEST_TIME: Facts(Kind.HISTOGRAM, "From sending a request to having read its answer.", ("connection",)),
    Metric.COMMIT_TIME: Facts(Kind.HISTOGRAM, "Time of one group of the writer, from its first work to its commit."),
    Metric.DELAYS: Facts(Kind.COUNTER, "Times a worker stepped back because of an error.", ("connection", "worker", "code")),
    Metric.ALERTS: Facts(Kind.COUNTER, "Alerts given to a channel; `sent` or `failed`.", ("channel", "outcome")),
    Metric.SPANS: Facts(
        Kind.COUNTER, "Spans of traces; `dropped`: too many at once, `failed`: the collector did not take them.", ("outcome",)
    ),
    Metric.READY: Facts(Kind.GAUGE, "1 while the hub works."),
    Metric.QUEUE: Facts(Kind.GAUGE, "Works that wait for the writer."),
    Metric.PAUSED: Facts(Kind.GAUGE, "1 while a connection is paused.", ("connection",)),
    Metric.MODE: Facts(Kind.GAUGE, "1 for the mode a connection is in.", ("connection", "mode")),
    Metric.SILENT: Facts(Kind.GAUGE, "1 while webhooks that should come stay away.", ("connection",)),
    Metric.BEHIND: Facts(Kind.GAUGE, "Age of the last complete read of a stream.", ("connection", "stream")),
    Metric.UNSENT: Facts(Kind.GAUGE, "Age of the oldest change that is still to be sent there.", ("connection", "stream")),
    Metric.OPEN: Facts(
        Kind.GAUGE, "What is not finished: deliveries, calls, to_read, waiting, asking, questions, dead_letters.", ("kind",)
    ),
    Metric.ENTITIES: Facts(Kind.GAUGE, "Golden records that live.", ("entity",)),
    Metric.LINKS: Facts(Kind.GAUGE, "Records of systems that are linked.", ("connection", "stream")),
    Metric.WRITES: Facts(Kind.GAUGE, "1 while `hub writes stop` holds all writes back."),
    Metric.FREE: Facts(Kind.GAUGE, "Free bytes of the disk that holds the store; absent where it is on another machine."),
    Metric.INCIDENTS: Facts(Kind.GAUGE, "What an alert was, or would be, sent for and is not over.", ("kind",)),
}


@dataclass(slots=True)
class Times:
    """How often, how long together (s), and how many per bucket; the last bucket has no bound."""

    count: int = 0
    sum_s: float = 0.0
    buckets: list[int] = field(default_factory=lambda: [0] * (len(BOUNDS_S) + 1))


@dataclass(frozen=True, slots=True)
class Sums:
    """What was counted and timed within some time, to be added elsewhere."""

    counts: Mapping[tuple[Metric, Labels], int]
    times: Mapping[tuple[Metric, Labels], Times]


class Meters:
    """Sums since the start. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[Metric, Labels], int] = {}
        self._times: dict[tuple[Metric, Labels], Times] = {}

    def count(self, metric: Metric, *labels: str, n: int = 1) -> None:
        """Add `n`. `labels` in the order of the metric's facts."""
        key = (metric, labels)
        with self._lock:
            if key in self._counts or len(self._counts) < MOST_SERIES:
                self._counts[key] = self._counts.get(key, 0) + n

    def time(self, metric: Metric, seconds: float, *labels: str) -> None:
        """Add how long something took."""
        key = (metric, labels)
        with self._lock:
            times = self._times.get(key)
            if times is None:
                times = self._times[key] = Times()
            times.count += 1
            times.sum_s += seconds
            times.buckets[bisect_left(BOUNDS_S, seconds)] += 1

    def counts(self, metric: Metric) -> dict[Labels, int]:
        """Return label values -> sum."""
        with self._lock:
            return {labels: n for (one, labels), n in self._counts.items() if one is metric}

    def times(self, metric: Metric) -> dict[Labels, Times]:
        """Return label values -> times."""
        with self._lock:
            found = [(labels, times) for (one, labels), times in self._times.items() if one is metric]
            return {labels: Times(times.count, times.sum_s, list(times.buckets)) for labels, times in found}

    def drain(self) -> Sums:
        """Return all sums and begin anew."""
        with self._lock:
            sums = Sums(self._counts, self._times)
            self._counts, self._times = {}, {}
            return sums

    def absorb(self, sums: Sums) -> None:
        """Add what another process has counted."""
        for (metric, labels), n in sums.counts.items():
            self.count(metric, *labels, n=n)
        with self._lock:
            for key, more in sums.times.items():
                times = self._times.setdefault(key, Times())
                times.count += more.count
                times.sum_s += more.sum_s
                times.buckets = [one + other for one, other in zip(times.buckets, more.buckets, strict=True)]


METERS: Final = Meters()
"""Those of this process."""
