"""Traces switched on and off, as `tracing:` in config.yaml says. Loads OpenTelemetry only where they are on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from hub.clock import Clock
from hub.config import TracingConfig
from hub.traces import TRACES

FLUSH_S: Final = 1.0
"""How long the last spans may take to leave: part of the ten seconds in which a hub stops."""


@contextmanager
def traced(config: TracingConfig | None, clock: Clock) -> Iterator[None]:
    """Record spans meanwhile; None: record nothing. What is left at the end is sent within a second, or dropped."""
    if config is None:
        yield
        return
    from hub.runtime.exporter import Outbox, exporter_of, provider_of
    from hub.runtime.recorder import Recorder

    outbox = Outbox(exporter_of(config), clock)
    TRACES.recorder = Recorder(provider_of(config, outbox).get_tracer("syncline"))
    try:
        yield
    finally:
        TRACES.recorder = None
        outbox.finish(FLUSH_S)
