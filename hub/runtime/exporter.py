"""Spans on their way to the collector. Loaded only where config.yaml asks for traces.

In: spans that ended, from any thread. Out: OTLP over HTTP, in batches, from a worker of its own. Nobody ever waits for it: what
comes while the queue is full is dropped, what the collector does not take is given up, and both are counted.
"""

from __future__ import annotations

import logging
import os
import threading
from collections import deque
from typing import Any, Final

import requests
import structlog
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from hub import __version__
from hub.clock import Clock, Worker
from hub.config import TracingConfig
from hub.events import Event
from hub.meters import METERS, Metric

MOST_WAITING: Final = 4_096
"""So many spans wait at most: some 8 MB."""
BATCH: Final = 512
EVERY_S: Final = 1.0
"""How long a span waits for others before it is sent."""
ANSWER_S: Final = 5.0
"""How long a batch may take, with what the exporter itself tries again."""
log = structlog.get_logger("hub.runtime")


class Outbox(SpanProcessor):
    """Sends what ended. `most`: how many spans may wait."""

    def __init__(self, exporter: SpanExporter, clock: Clock, *, most: int = MOST_WAITING) -> None:
        self._exporter, self._clock, self._most = exporter, clock, most
        self._lock = threading.Lock()
        self._waiting: deque[ReadableSpan] = deque()
        self._wake = clock.signal()
        self._stopping = self._missed = False
        self._worker: Worker = clock.start("traces", self._run)

    def on_end(self, span: ReadableSpan) -> None:
        """Take a span; never waits."""
        if not (span.context and span.context.trace_flags.sampled):
            return
        with self._lock:
            full = self._stopping or len(self._waiting) >= self._most
            if not full:
                self._waiting.append(span)
            ready = len(self._waiting) >= BATCH
        if full:
            METERS.count(Metric.SPANS, "dropped")
        elif ready:
            self._wake.set()

    def finish(self, timeout_s: float) -> None:
        """Send what waits, for so long at most; what is left is dropped."""
        with self._lock:
            self._stopping = True
        self._wake.set()
        self._worker.join(timeout_s)  # one that waits for an answer ends with the process
        with self._lock:
            left = len(self._waiting)
            self._waiting.clear()
        if left:
            METERS.count(Metric.SPANS, "dropped", n=left)

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait(EVERY_S)
            self._wake.clear()
            self._send_all()
        self._send_all()
        self._exporter.shutdown()

    def _send_all(self) -> None:
        while batch := self._take():
            try:
                good = self._exporter.export(batch) is SpanExportResult.SUCCESS
            except Exception:  # noqa: BLE001 - whatever a collector or its library does, the hub goes on
                good = False
            METERS.count(Metric.SPANS, "sent" if good else "failed", n=len(batch))
            self._say(missed=not good)

    def _take(self) -> list[ReadableSpan]:
        with self._lock:
            return [self._waiting.popleft() for _ in range(min(BATCH, len(self._waiting)))]

    def _say(self, *, missed: bool) -> None:
        """Say it once, and once when it is over."""
        if missed and not self._missed:
            log.warning(Event.TRACE_COLLECTOR_MISSED)
        elif self._missed and not missed:
            log.info(Event.TRACE_COLLECTOR_RETURNED)
        self._missed = missed


def provider_of(config: TracingConfig, outbox: SpanProcessor) -> TracerProvider:
    """Return what makes spans: only what config.yaml says describes them, nothing of the machine or its environment."""
    provider = TracerProvider(
        sampler=ParentBased(TraceIdRatioBased(config.sample)),
        resource=Resource({"service.name": config.service, "service.version": __version__}),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(outbox)
    return provider


def exporter_of(config: TracingConfig) -> SpanExporter:
    """Return what posts to the collector: to this address only, with these headers only, its certificate always verified."""
    session = requests.Session()
    session.trust_env = False  # no proxy and no password file of the environment
    session.hooks["response"].append(_refuse_redirect)
    quiet = logging.getLogger("opentelemetry")  # its lines quote addresses; what matters is counted, and said once
    quiet.propagate = False
    quiet.addHandler(logging.NullHandler())
    own = os.environ.get("SSL_CERT_FILE") or None  # as for every other address that the hub calls
    return OTLPSpanExporter(config.url, certificate_file=own, headers=dict(config.headers), timeout=ANSWER_S, session=session)


def _refuse_redirect(answer: requests.Response, *_: Any, **__: Any) -> None:
    """A collector that is elsewhere has taken nothing; whoever answers there was never vouched for."""
    if 300 <= answer.status_code < 400:
        answer.close()
        message = "redirects"
        raise requests.TooManyRedirects(message)
