"""Spans as OpenTelemetry records them. Loaded only where config.yaml asks for traces.

In: what `hub.traces` tells. Out: spans of the SDK with the attributes of `FACTS` and no other: an unknown name, and text that
looks like a person or a secret, is left out (Invariant 14), and so are texts and stack traces of errors.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, cast

from opentelemetry import context as contexts
from opentelemetry import trace as otel

from hub.events import is_plain
from hub.traces import FACTS, Cause, Fact, Step, WorkT

MOST_CAUSES: Final = 10_000
"""So many causes are remembered; the oldest are forgotten first. What they led to then has a trace of its own without a link."""
MOST_LINKS: Final = 32
"""So many spans may have caused one piece of work together; more are not kept."""
KINDS: Final = {Step.WEBHOOK: otel.SpanKind.SERVER, Step.REQUEST: otel.SpanKind.CLIENT}
Left = tuple[otel.SpanContext, bool]
"""A span that led to something, and whether that belongs into its trace."""


class Recorder:
    """Records spans with a tracer. May be used by several threads."""

    def __init__(self, tracer: otel.Tracer) -> None:
        self._tracer = tracer
        self._causes = Causes()

    @contextmanager
    def span(self, step: Step, causes: Iterable[Cause], facts: Mapping[str, Fact]) -> Iterator[Recorded]:
        """Record a span around a piece of work of this thread."""
        begun = self._begin(step, self._causes.recall(causes), facts)
        token = contexts.attach(otel.set_span_in_context(begun.inner))
        try:
            yield begun
        except BaseException as error:
            begun.blame(str(getattr(error, "code", type(error).__name__)))
            raise
        finally:
            contexts.detach(token)
            begun.end()

    def begin(self, step: Step, facts: Mapping[str, Fact]) -> Recorded:
        """Begin a span with a trace of its own: what a stranger says of another trace is not believed."""
        return self._begin(step, [], facts)

    def _begin(self, step: Step, left: list[Left], facts: Mapping[str, Fact]) -> Recorded:
        parent, links = None, [one for one, _ in left]
        if not otel.get_current_span().get_span_context().is_valid:
            parent = contexts.Context()
            if len(left) == 1 and left[0][1]:
                parent, links = otel.set_span_in_context(otel.NonRecordingSpan(links[0]), parent), []
        inner = self._tracer.start_span(
            _name(step, facts),
            context=parent,
            kind=KINDS.get(step, otel.SpanKind.INTERNAL),
            attributes=_attributes(facts),
            links=[otel.Link(one) for one in links],
        )
        return Recorded(inner, self._causes)

    def carry(self, work: WorkT) -> WorkT:
        """Return a work that goes on with this thread's span wherever it is run."""
        here = contexts.get_current()
        if not here:
            return work

        @wraps(work)
        def carried(*args: Any) -> Any:
            token = contexts.attach(here)
            try:
                return work(*args)
            finally:
                contexts.detach(token)

        return cast("WorkT", carried)

    def trace_id(self) -> str:
        """Return the trace of this thread's span."""
        here = otel.get_current_span().get_span_context()
        return otel.format_trace_id(here.trace_id) if here.is_valid and here.trace_flags.sampled else ""


class Recorded:
    """A span under way."""

    def __init__(self, inner: otel.Span, causes: Causes) -> None:
        self.inner, self._causes = inner, causes
        self.on = inner.is_recording()

    def tell(self, **facts: Fact) -> None:
        """Add what is known by now."""
        self.inner.set_attributes(_attributes(facts))

    def blame(self, code: str) -> None:
        """Say that it failed."""
        self.tell(code=code)
        self.inner.set_status(otel.StatusCode.ERROR)

    def remember(self, causes: Iterable[Cause], *, alone: bool) -> None:
        """Let later work find what led to it: also where this trace is not kept, so that what follows is not kept either."""
        self._causes.remember(causes, (self.inner.get_span_context(), alone))

    def end(self) -> None:
        """End it."""
        self.inner.end()


class Causes:
    """What led to work that is still to be done, as far as this process knows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[Cause, list[Left]] = OrderedDict()

    def remember(self, causes: Iterable[Cause], left: Left) -> None:
        """Keep it for each of these causes."""
        with self._lock:
            for cause in causes:
                known = self._known.setdefault(cause, [])
                if left not in known and len(known) < MOST_LINKS:
                    known.append(left)
            while len(self._known) > MOST_CAUSES:
                self._known.popitem(last=False)

    def recall(self, causes: Iterable[Cause]) -> list[Left]:
        """Return, once, what led to work of these causes, each span once."""
        found: dict[int, Left] = {}
        with self._lock:
            for cause in causes:
                for one in self._known.pop(cause, ()):
                    found.setdefault(one[0].span_id, one)
        return list(found.values())[:MOST_LINKS]


def _name(step: Step, facts: Mapping[str, Fact]) -> str:
    """Return what people read in a list of spans; of names there are few."""
    if step is Step.REQUEST:
        return f"{facts['method']} {facts['route']}" if is_plain(facts["route"]) else str(facts["method"])
    about = "/".join(str(facts[one]) for one in ("connection", "stream") if is_plain(facts.get(one)) and one in facts)
    return f"{step.value} {about}".rstrip()


def _attributes(facts: Mapping[str, Fact]) -> dict[str, Fact]:
    return {FACTS[name]: value for name, value in facts.items() if name in FACTS and is_plain(value)}
