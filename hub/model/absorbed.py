"""What came of a batch."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from hub.model.delivery import Delivery
from hub.model.known import Note
from hub.model.record import Drift
from hub.model.review import Fate
from hub.model.values import Micros


@dataclass(slots=True)
class Absorbed:
    """How the records of a batch ended. `high`: the highest source time seen (µs)."""

    fates: Counter[Fate] = field(default_factory=Counter)
    high: Micros | None = None
    edited: int = 0
    """How many payloads brought something that was not known already."""
    news: bool = False
    """Something was taken in that was not known already."""
    seen_ids: list[str] = field(default_factory=list)
    jumps: list[tuple[int, Drift]] = field(default_factory=list)
    """(entity, field with both states): steps of documents that are not declared in `hub.model.machines`."""
    rewound: list[str] = field(default_factory=list)
    """Connections that were just found to show an older state of themselves: they are to be read whole."""
    notes: list[Note] = field(default_factory=list)
    """What was written into the journal."""
    planned: list[Delivery] = field(default_factory=list)
    """The deliveries that are due of what was looked at, those that were due before too."""
