"""The stock ledger: quantities are sums of movements, never states (DESIGN section 7)."""

from __future__ import annotations

from dataclasses import dataclass

from hub.model.values import Micros


@dataclass(slots=True)
class Movement:
    """One signed change of one quantity, in units.

    `document` names the paper behind it (`shop:order:1001:line:3`); one document moves a quantity once. `link_id` and
    `connection` say who reported it; None and "" for the hub itself.
    """

    id: int
    variant_id: int
    location_id: int
    link_id: int | None
    connection: str
    quantity: str
    delta: int
    occurred_at: Micros
    recorded_at: Micros
    seq: int = 0
    reason: str = ""
    document: str | None = None


@dataclass(frozen=True, slots=True)
class Shift:
    """What a level of one connection has to change by, in units: a signed delta, or the figure to set (`absolute`) where that is
    all the system takes, perhaps only if it shows `expected`. `quantity`: on_hand | available, which figure is meant.
    """

    quantity: str
    delta: int
    absolute: int | None = None
    expected: int | None = None


@dataclass(slots=True)
class Share:
    """What one document does to one level: units it moved (signed), and units it keeps back until they move or are let go.

    `moved`: what the document has come to so far, whether it was booked here or told by a level. `until`: µs from which on
    nothing is kept back for it any more, 0: no end. `steps`: how many movements were booked for it; each has a key of its own.
    A `variant_id` below 0 stands for one that is not known yet: `waits` is its name there, `connection/stream/external id`.
    """

    document_id: int
    variant_id: int
    location_id: int
    connection: str
    moved: int = 0
    kept: int = 0
    until: Micros = 0
    steps: int = 0
    waits: str | None = None


@dataclass(slots=True)
class Balance:
    """On hand of one variant at one location = sum of its movements (Invariant 11). Unknown until `opened`."""

    variant_id: int
    location_id: int
    on_hand: int = 0
    opened: bool = False
