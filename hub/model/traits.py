"""What the hub knows of one stream and its sink, beside the mapping: facts from the connector and from config.yaml."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hub.model.values import Micros


class Ordering(StrEnum):
    """What tells two states of a record apart (the `version` of a stream)."""

    COUNTER = "counter"
    CHANGED_AT = "changed_at"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one (connection, stream).

    `visible_after`: how long (µs) after a change a read may still show the state before it.
    `late_effect`: how long (µs) after we gave up on a call its effect may still happen.
    `create`, `update`, `delete`, `adjust`: how that write is made safe (a name of `hub.sdk.Safe`), None: it cannot be done.
    `marker`: the path that takes our id on create.
    """

    ordering: Ordering = Ordering.NONE
    visible_after: Micros = 0
    late_effect: Micros = 5_000_000
    create: str | None = None
    update: str | None = None
    delete: str | None = None
    adjust: str | None = None
    deltas: bool = False
    marker: str | None = None


@dataclass(slots=True)
class FirstRead:
    """Whether a stream was ever read whole, when (hub time), and the highest source time seen. Before it all is seed."""

    complete: bool = False
    at: Micros = 0
    high: Micros | None = None
