"""Spans on their way to a collector: real OTLP over HTTP on this machine. Whatever the collector does, the hub goes on."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import structlog
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from hub import __version__
from hub.clock import SystemClock
from hub.config import TracingConfig
from hub.events import configure_logging
from hub.meters import METERS, Metric
from hub.runtime.exporter import Outbox, provider_of
from hub.runtime.tracing import traced
from hub.traces import TRACES, Step
from tests.collector import Collector, attributes, collecting

CLOCK = SystemClock()
KEY = "collector-key"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector."""
    with collecting() as collector:
        yield collector


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log lines."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def config(url: str, **more: Any) -> TracingConfig:
    return TracingConfig(endpoint=url, headers={"x-key": KEY}, **more)


def poll(connection: str, times: int = 1) -> None:
    for _ in range(times):
        with TRACES.span(Step.POLL, connection=connection) as span:
            span.tell(count=3)


def counted() -> dict[str, int]:
    """Return what was counted so far."""
    return {outcome: n for (outcome,), n in METERS.counts(Metric.SPANS).items()}


def more_than(before: dict[str, int]) -> dict[str, int]:
    """Return what was counted since."""
    return {outcome: n - before.get(outcome, 0) for outcome, n in counted().items() if n != before.get(outcome, 0)}


def test_collector_is_given_what_ended_when_the_hub_stops(collector: Collector) -> None:
    before = counted()
    with traced(config(collector.url, service="shops"), CLOCK):
        poll("shop")
    (span,) = collector.spans()
    assert (span.name, attributes(span)) == ("poll shop", {"syncline.connection": "shop", "syncline.records": 3})
    assert collector.resources() == [{"service.name": "shops", "service.version": __version__}]
    assert (collector.paths, collector.given[0]["x-key"]) == (["/v1/traces"], KEY)
    assert collector.given[0]["content-type"] == "application/x-protobuf"
    assert more_than(before) == {"sent": 1}
    assert TRACES.recorder is None


def test_share_of_traces_is_kept_when_not_all_are_wanted(collector: Collector) -> None:
    with traced(config(collector.url, sample=0.25), CLOCK):
        poll("shop", 400)
    assert 50 < len(collector.spans()) < 150


@pytest.mark.parametrize(("status", "headers"), [(400, {}), (302, {"location": "/elsewhere"})])
def test_spans_are_counted_as_failed_when_the_collector_does_not_take_them(
    collector: Collector, lines: io.StringIO, status: int, headers: dict[str, str]
) -> None:
    collector.status, collector.headers = status, headers
    before = counted()
    with traced(config(collector.url), CLOCK):
        poll("shop", 2)
    assert more_than(before) == {"failed": 2}
    assert collector.paths == ["/v1/traces"]
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == ["trace.collector.missed"]


def test_nobody_waits_when_the_collector_hangs(collector: Collector) -> None:
    collector.free.clear()
    begun, before = CLOCK.elapsed(), counted()
    with traced(config(collector.url), CLOCK):
        poll("shop", 5_000)
        assert collector.arrived.wait(5)
    assert CLOCK.elapsed() - begun < 4.0
    lost = more_than(before)
    collector.free.set()
    for worker in (one for one in threading.enumerate() if one.name == "traces"):
        worker.join(10)
    assert lost["dropped"] >= 5_000 - 512
    assert "sent" not in lost


class Scripted(SpanExporter):
    """Answers as told."""

    def __init__(self, *answers: SpanExportResult | Exception) -> None:
        self._answers, self._last = iter(answers), answers[-1]

    def export(self, spans: Any) -> SpanExportResult:
        answer = next(self._answers, self._last)
        if isinstance(answer, Exception):
            raise answer
        return answer


def test_trouble_is_said_once_and_once_when_it_is_over(lines: io.StringIO) -> None:
    bad, good = SpanExportResult.FAILURE, SpanExportResult.SUCCESS
    outbox = Outbox(Scripted(bad, ValueError("x"), good), CLOCK)
    tracer = provider_of(config("http://127.0.0.1:1"), outbox).get_tracer("tests")
    before = counted()
    for _ in range(4 * 512):
        tracer.start_span("one").end()
    outbox.finish(5.0)
    since = more_than(before)
    assert (since["failed"] + since["sent"], since["failed"] > 512, since["sent"] > 0) == (2_048, True, True)
    assert [json.loads(line)["event"] for line in lines.getvalue().splitlines()] == [
        "trace.collector.missed",
        "trace.collector.returned",
    ]


class Held(SpanExporter):
    """Takes one batch and holds it."""

    def __init__(self) -> None:
        self.begun, self.free = CLOCK.signal(), CLOCK.signal()

    def export(self, spans: Any) -> SpanExportResult:
        self.begun.set()
        self.free.wait(10)
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self.free.set()


def test_spans_are_dropped_when_the_queue_is_full() -> None:
    held = Held()
    outbox = Outbox(held, CLOCK, most=600)
    tracer = provider_of(config("http://127.0.0.1:1"), outbox).get_tracer("tests")
    for _ in range(512):
        tracer.start_span("one").end()
    assert held.begun.wait(10)
    before = counted()
    for _ in range(700):
        tracer.start_span("one").end()
    assert more_than(before) == {"dropped": 100}
    held.free.set()
    outbox.finish(5.0)
    assert more_than(before) == {"dropped": 100, "sent": 512 + 600}
