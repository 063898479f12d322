"""What the judge of a demo finds. Part of the judge: it shares no code with the hub."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

API = "api"
"""Who did it, in the journals, where a program did."""
Doc = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """Values that should be one, or one that should be another. `there`: what stands where."""

    what: str
    key: str
    field: str
    there: Mapping[str, Any]
    why: str


@dataclass(slots=True)
class Verdict:
    """What was compared, what people did, and what does not fit. Money in cents."""

    compared: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    sales: Counter[str] = field(default_factory=Counter)
    documents: Counter[str] = field(default_factory=Counter)
    money: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    both_edited: int = 0
    """Fields that people edited in more than one system."""
    differences: list[Difference] = field(default_factory=list)

    def check(self, what: str, key: str, name: str, there: Mapping[str, Any], why: str = "the systems differ") -> None:
        """Compare the values of one thing, where at least one place has it. As many as there are beyond the first are counted."""
        values = list(there.values())
        if all(value is None for value in values):
            return
        self.compared[what] += len(values) - 1
        if any(value != values[0] for value in values[1:]):
            self.blame(what, key, name, there, why)

    def blame(self, what: str, key: str, name: str, there: Mapping[str, Any], why: str) -> None:
        """Note something that does not fit."""
        self.differences.append(Difference(what, key, name, dict(there), why))


@dataclass(frozen=True, slots=True)
class Systems:
    """The four simulators, as a judge sees them: what they hold, and their journals."""

    shop: Any
    till: Any
    crm: Any
    desk: Any
