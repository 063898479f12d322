"""The door for monitoring: `/metrics` in the text format of Prometheus, `/healthz`, `/readyz`.

In: what the process counted, and what the store holds now. Out: numbers. Labels are names of ours (Invariant 14). It is a door of
its own, so that a proxy before the webhooks never shows it to anybody; beyond this machine it asks for a token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.core import Metric as Family
from prometheus_client.exposition import choose_encoder
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from hub.events import Event, log
from hub.meters import BOUNDS_S, FACTS, Kind, Labels, Meters, Metric
from hub.web.receiver import health_routes

PREFIX: Final = "syncline_"
Gauges = Mapping[Metric, Mapping[Labels, float]]
"""Metric -> label values -> what it is now."""


def monitor_app(
    meters: Meters,
    look: Callable[[], Gauges],
    *,
    token: str = "",
    healthy: Callable[[], bool] = lambda: True,
    ready: Callable[[], str] = lambda: "",
) -> Starlette:
    """Return the ASGI app. `look` reads the gauges; where it fails, the counters are told all the same."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Collector(meters, look))
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)

    async def metrics(request: Request) -> Response:
        if token and not _has(request, token):
            return Response(status_code=401, headers={"www-authenticate": "Bearer"})
        encoder, kind = choose_encoder(request.headers.get("accept", ""))
        body = await run_in_threadpool(encoder, registry)
        return Response(body, headers={"content-type": kind, "cache-control": "no-store"})

    return Starlette(routes=[Route("/metrics", metrics, methods=["GET"]), *health_routes(healthy, ready)])


def _has(request: Request, token: str) -> bool:
    given = request.headers.get("authorization", "").encode("utf-8", "surrogateescape")
    return hmac.compare_digest(given, f"Bearer {token}".encode())


class _Collector:
    """Hands Prometheus what there is."""

    def __init__(self, meters: Meters, look: Callable[[], Gauges]) -> None:
        self._meters, self._look = meters, look

    def collect(self) -> Iterable[Family]:
        """Yield every metric that has a value."""
        gauges: Gauges = {}
        try:
            gauges = self._look()
        except Exception:  # noqa: BLE001 - a store that does not answer must not hide what the process counted
            log().warning(Event.MONITOR_GAUGES_MISSED, exc_info=True)
        for metric in Metric:
            yield from self._families(metric, gauges)

    def _families(self, metric: Metric, gauges: Gauges) -> Iterator[Family]:
        facts, name = FACTS[metric], PREFIX + metric.value
        if facts.kind is Kind.COUNTER:
            counter = CounterMetricFamily(name, facts.help, labels=facts.labels)
            for labels, count in sorted(self._meters.counts(metric).items()):
                counter.add_metric(labels, count)
            yield counter
        elif facts.kind is Kind.HISTOGRAM:
            yield self._histogram(metric, name)
        else:
            gauge = GaugeMetricFamily(name, facts.help, labels=facts.labels)
            for labels, value in sorted(gauges.get(metric, {}).items()):
                gauge.add_metric(labels, value)
            yield gauge

    def _histogram(self, metric: Metric, name: str) -> Family:
        family = HistogramMetricFamily(name, FACTS[metric].help, labels=FACTS[metric].labels)
        for labels, times in sorted(self._meters.times(metric).items(), key=lambda one: one[0]):
            buckets, below = [], 0
            for bound, count in zip([*map(str, BOUNDS_S), "+Inf"], times.buckets, strict=True):
                below += count
                buckets.append((bound, below))
            family.add_metric(labels, buckets, sum_value=times.sum_s)
        return family
