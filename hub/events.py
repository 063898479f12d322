"""Every log event of the hub, by name: `<stage>.<noun>.<past participle>`, and the way log lines are written.

A log line carries ids, counts and field *names*, never a value (Invariant 14). That is not left to good will: the redaction
processor lets through the keys of `KEYS` only, and of those only what does not look like a person or a secret.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
from collections.abc import MutableMapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, cast

import structlog

from hub.traces import TRACES


class Event(StrEnum):
    """What a log line can say."""

    HTTP_REQUEST_RETRIED = "http.request.retried"
    HTTP_REQUEST_FAILED = "http.request.failed"
    HTTP_LIMIT_REACHED = "http.limit.reached"
    HTTP_ANSWER_GARBLED = "http.answer.garbled"
    RECEIVE_WEBHOOK_ACCEPTED = "receive.webhook.accepted"
    RECEIVE_WEBHOOK_REFUSED = "receive.webhook.refused"
    RECEIVE_WEBHOOK_POSTPONED = "receive.webhook.postponed"
    RECEIVE_WEBHOOKS_FOUND = "receive.webhooks.found"
    RECEIVE_SPOOL_BROKEN = "receive.spool.broken"
    RECONCILE_STATE_JUMPED = "reconcile.state.jumped"
    PUSH_ATTEMPT_ENDED = "push.attempt.ended"
    RUNTIME_HUB_STARTED = "runtime.hub.started"
    RUNTIME_HUB_STOPPED = "runtime.hub.stopped"
    RUNTIME_ATTEMPTS_RECOVERED = "runtime.attempts.recovered"
    RUNTIME_CONNECTION_PAUSED = "runtime.connection.paused"
    RUNTIME_CONNECTION_RESUMED = "runtime.connection.resumed"
    RUNTIME_RESTORE_SUSPECTED = "runtime.restore.suspected"
    RUNTIME_STORE_RESTORED = "runtime.store.restored"
    RUNTIME_MAPPINGS_CHANGED = "runtime.mappings.changed"
    RUNTIME_POLICIES_CHANGED = "runtime.policies.changed"
    RUNTIME_WORKER_DELAYED = "runtime.worker.delayed"
    RUNTIME_WORKER_STOPPED = "runtime.worker.stopped"
    RUNTIME_RECEIVER_STARTED = "runtime.receiver.started"
    RUNTIME_RECEIVER_LOST = "runtime.receiver.lost"
    RUNTIME_SUBSCRIPTIONS_CHANGED = "runtime.subscriptions.changed"
    RUNTIME_SUBSCRIPTIONS_REFUSED = "runtime.subscriptions.refused"
    RUNTIME_WEBHOOKS_MISSED = "runtime.webhooks.missed"
    RUNTIME_WEBHOOKS_RETURNED = "runtime.webhooks.returned"
    RUNTIME_STORE_FAILED = "runtime.store.failed"
    RUNTIME_STORE_RETURNED = "runtime.store.returned"
    RUNTIME_DISK_FILLED = "runtime.disk.filled"
    RUNTIME_DISK_EASED = "runtime.disk.eased"
    RUNTIME_CLOCK_CORRECTED = "runtime.clock.corrected"
    RUNTIME_CONFIG_FOLLOWED = "runtime.config.followed"
    RUNTIME_CONFIG_REFUSED = "runtime.config.refused"
    RUNTIME_WORKERS_AWAITED = "runtime.workers.awaited"
    MONITOR_GAUGES_MISSED = "monitor.gauges.missed"
    ALERT_INCIDENT_OPENED = "alert.incident.opened"
    ALERT_INCIDENT_CLOSED = "alert.incident.closed"
    ALERT_NOTICE_FAILED = "alert.notice.failed"
    TRACE_COLLECTOR_MISSED = "trace.collector.missed"
    TRACE_COLLECTOR_RETURNED = "trace.collector.returned"
    RUNTIME_VERB_FAILED = "runtime.verb.failed"
    DEMO_FAKE_STARTED = "demo.fake.started"
    DEMO_WEBHOOK_SENT = "demo.webhook.sent"
    DEMO_WEBHOOK_DROPPED = "demo.webhook.dropped"


# fmt: off
KEYS: Final = frozenset({
    "event", "level", "timestamp", "error", "code", "at", "connection", "connector", "stream", "entity", "entity_id", "link_id",
    "external_id", "delivery_id", "attempt_id", "run_id", "review_id", "event_id", "field", "fields", "path", "method",
    "status", "tries", "wait_s", "took_s", "size_bytes", "count", "seq", "mode", "state", "reason", "topic", "port", "kind",
    "operation", "worker", "outcome", "trace_id",
})
# fmt: on
"""The only keys a log line may have. `path` is a path template, `reason` a word of ours."""

REDACTED: Final = "[redacted]"
_PERSONAL: Final = re.compile(r"@|\+\d{6,}|bearer |basic |sk_|shpat_|\n|\s{2,}", re.IGNORECASE)
_LONGEST: Final = 200
_CHATTY: Final = ("httpx", "httpcore", "uvicorn.access", "hpack")
"""Libraries whose INFO lines carry whole addresses, query values included."""


def redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace what may not be logged: unknown keys, structures, and text that looks like a person or a secret."""
    return {key: value if key in KEYS and is_plain(value) else REDACTED for key, value in line.items()}


def is_plain(value: object) -> bool:
    """Say whether a value may be told: it is no structure, and no text that looks like a person or a secret."""
    if isinstance(value, (list, tuple)):
        return all(isinstance(part, (str, int)) and is_plain(part) for part in value)
    if isinstance(value, str):
        return len(value) <= _LONGEST and not _PERSONAL.search(value)
    return value is None or isinstance(value, (bool, int, float))


def describe_error(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replace an exception by its type, its stable code and where it was raised: its text may hold values of any library."""
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = type(error).__name__
        line["code"] = getattr(error, "code", None)
        line["at"] = _places(error.__traceback__)
    return line


def _places(trace: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(trace)[-5:]
    return [f"{Path(frame.filename).name}:{frame.lineno}" for frame in reversed(frames)]


def name_trace(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Name the trace that this line is part of, where one is recorded."""
    recorder = TRACES.recorder
    if recorder is not None and (trace_id := recorder.trace_id()):
        line["trace_id"] = trace_id
    return line


class _Lenient:
    """A stream that loses what it cannot write: a log on a full disk must not stop who writes it."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> None:
        """Write, if there is room."""
        with suppress(OSError):
            self._out.write(text)

    def flush(self) -> None:
        """Send on what was written, if there is room."""
        with suppress(OSError):
            self._out.flush()


def configure_logging(*, json: bool, stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send log lines to `stream` (default stderr): one JSON object per line, or text for a person."""
    out = sys.stderr if stream is None else stream
    renderer: Any = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            describe_error,
            name_trace,
            redact,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _Lenient(out))),
        cache_logger_on_first_use=False,
    )
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.WARNING)


def log() -> structlog.typing.FilteringBoundLogger:
    """Return the logger."""
    return cast("structlog.typing.FilteringBoundLogger", structlog.get_logger())
