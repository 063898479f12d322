"""Spans of this process, kept in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from hub.runtime.recorder import Recorder
from hub.traces import TRACES


class Kept:
    """What was recorded."""

    def __init__(self) -> None:
        self.exporter = InMemorySpanExporter()

    def spans(self, name: str = "") -> list[ReadableSpan]:
        """Return the spans whose name begins so, in the order in which they began."""
        found = [span for span in self.exporter.get_finished_spans() if span.name.startswith(name)]
        return sorted(found, key=lambda span: span.start_time or 0)

    def tree(self) -> dict[str, str]:
        """Return name -> the name of what it is a part of, empty for what begins a trace."""
        names = {span.context.span_id: span.name for span in self.spans()}
        return {span.name: names[span.parent.span_id] if span.parent else "" for span in self.spans()}

    def linked(self, span: ReadableSpan) -> list[str]:
        """Return the names of what a span is linked to."""
        names = {one.context.span_id: one.name for one in self.spans()}
        return [names[link.context.span_id] for link in span.links]


@contextmanager
def recording(share: float = 1.0) -> Iterator[Kept]:
    """Record meanwhile."""
    kept = Kept()
    provider = TracerProvider(sampler=ParentBased(TraceIdRatioBased(share)), shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept.exporter))
    TRACES.recorder = Recorder(provider.get_tracer("tests"))
    try:
        yield kept
    finally:
        TRACES.recorder = None
