"""What the hub knows of one stream and its sink, beside the mapping: facts from the connector and from config.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from hub.model.values import Micros, Value


class Ordering(StrEnum):
    """What tells two states of a record apart (the `version` of a stream)."""

    COUNTER = "counter"
    CHANGED_AT = "changed_at"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Act:
    """Something that can be done to a document in its home (the `acts` of a sink), such as cancelling an order.

    `when`: our fields -> the values from which it can be done; what they are when a person asks is what it presumes.
    `reaches`: our fields -> the values of which one shows that it was done. `args`: what may be said with it.
    """

    when: Mapping[str, tuple[str, ...]]
    reaches: Mapping[str, tuple[str, ...]]
    args: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Traits:
    """Facts of one (connection, stream).

    `visible_after`: how long (µs) after a change a read may still show the state before it.
    `late_effect`: how long (µs) after we gave up on a call its effect may still happen. A window: what happens later still is
    taken for somebody's edit (docs/reference/delivery.md).
    `create`, `update`, `delete`, `adjust`: how that write is made safe (a name of `hub.sdk.Safe`), None: it cannot be done.
    `archive`: our fields -> the values that put a record away there; empty: it cannot be put away.
    `acts`: what can be done to a document there, by name.
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
    archive: Mapping[str, Value] = field(default_factory=dict)
    acts: Mapping[str, Act] = field(default_factory=dict)


@dataclass(slots=True)
class FirstRead:
    """Whether a stream was ever read whole, when (hub time), and the highest source time seen. Before it all is seed."""

    complete: bool = False
    at: Micros = 0
    high: Micros | None = None
