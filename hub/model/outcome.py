"""The end of one of our own attempts, as the pipeline takes it in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.model.record import Observation, RawRecord
from hub.model.values import Micros


class OutcomeKind(StrEnum):
    """How the calls of an attempt ended."""

    DONE = "done"
    STALE = "stale"
    GONE = "gone"
    REFUSED = "refused"
    CLASH = "clash"
    UNKNOWN = "unknown"  # timed out, or the hub died: it may have happened, or may yet
    NOT_SENT = "not_sent"  # unavailable or over the limit: it did not happen
    NOT_FOUND = "not_found"  # looked up twice: it did not happen


@dataclass(slots=True)
class Outcome:
    """The end of an attempt. `seq` and `at` were drawn when its last answer arrived; `raw` is that answer
    if it is a whole record, `seen` the same once normalised."""

    attempt_id: int
    kind: OutcomeKind
    seq: int
    at: Micros
    done: int = 0
    external_id: str | None = None
    blames: str | None = None
    reason: str = ""
    wait: Micros = 0
    raw: RawRecord | None = None
    seen: Observation | None = None
