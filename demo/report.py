"""What a demo is asked for and what came of it, as plain data."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from demo.names import GOODS
from demo.people import Rates
from demo.verdict import Difference, Verdict
from demo.world import Size
from hub.model.values import Doc

SHOWN: Final = 20
FULL: Final = 1000
"""From so many customers on, the whole catalogue is there."""
SPARE: Final = 1.12
"""So much more than is asked for is done: now and then somebody cannot do what they wanted."""
CALM: Final = Rates(edits=0.8, office=0.2, sales=0.5, refunds=0.2, tickets=0.25, errands=0.6)
"""So that a person can follow."""
CHANNELS: Final = ("shop", "till")


@dataclass(frozen=True, slots=True)
class Minimums:
    """What a run must reach to count: values compared, edits per side, sales per channel, documents in all."""

    compared: int = 20_000
    edits: int = 500
    sales: int = 50
    orders: int = 200
    refunds: int = 50
    tickets: int = 100

    def rates(self, seconds: float) -> Rates:
        """Return the pace at which people reach this in so many seconds."""
        pace = SPARE / seconds
        return Rates(
            edits=max(1.0, self.edits * pace),
            office=max(0.5, self.edits * pace / 8),
            sales=max(0.5, max(self.sales, self.orders / 2) * pace),
            refunds=max(0.2, self.refunds * pace * 1.25),
            tickets=max(0.2, self.tickets * pace),
            errands=max(1.0, self.orders * pace),
        )


NOTHING: Final = Minimums(0, 0, 0, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Plan:
    """One demo. `seconds` None: until Ctrl-C. `chaos`: with faults on every way, and the hub killed three times."""

    seconds: float | None = None
    seed: int = 7
    size: Size = field(default_factory=Size)
    minimums: Minimums = field(default_factory=Minimums)
    chaos: bool = False

    @property
    def rates(self) -> Rates:
        """Return how fast people act."""
        return CALM if self.seconds is None else self.minimums.rates(self.seconds)


@dataclass(slots=True)
class Report:
    """What came of it. `faults`: what was played of each kind; `believed`: forged webhooks that the hub took for true."""

    verdict: Verdict
    minimums: Minimums
    took_s: dict[str, float]
    lag_s: dict[str, float]
    written: dict[str, int]
    left: int
    """What was still under way when patience ended."""
    faults: dict[str, int] = field(default_factory=dict)
    believed: int = 0

    @property
    def short_of(self) -> list[str]:
        """Name what the run did not reach, each with what was asked."""
        verdict, least = self.verdict, self.minimums
        reached = [(verdict.compared.total(), least.compared, "values compared")]
        reached += [(verdict.edits[side], least.edits, f"edits ({side})") for side in CHANNELS]
        reached += [(verdict.sales[side], least.sales, f"sales ({side})") for side in CHANNELS]
        reached += [
            (verdict.documents["order"], least.orders, "orders"),
            (verdict.documents["refund"], least.refunds, "refunds"),
            (verdict.documents["ticket"], least.tickets, "tickets"),
        ]
        return [f"{found} {what}, {asked} asked" for found, asked, what in reached if found < asked]

    @property
    def agreed(self) -> bool:
        """Say whether everything agrees and is accounted for, in a run in which enough happened."""
        return not (self.verdict.differences or self.short_of or self.left or self.believed)

    def as_doc(self, seed: int) -> Doc:
        """Return the report as plain data."""
        verdict = self.verdict
        return {
            "agreed": self.agreed,
            "seed": seed,
            "compared": {"total": verdict.compared.total(), **verdict.compared},
            "differences": [_difference(each) for each in verdict.differences[:SHOWN]],
            "difference_count": len(verdict.differences),
            "edits": dict(verdict.edits),
            "edited_on_both_sides": verdict.both_edited,
            "sales": dict(verdict.sales),
            "documents": dict(verdict.documents),
            "money": dict(verdict.money),
            "units": dict(verdict.units),
            "hub_wrote": self.written,
            "lag_s": self.lag_s,
            "took_s": self.took_s,
            "faults": self.faults,
            "forged_webhooks_believed": self.believed,
            "still_under_way": self.left,
            "short_of": self.short_of,
        }


def _difference(one: Difference) -> Doc:
    return {"what": one.what, "key": one.key, "field": one.field, "there": one.there, "why": one.why}


def sized(customers: int) -> Size:
    """Return a retailer with about so many customers; one with few has fewer products too."""
    alone = customers // 15
    products = len(GOODS) if customers >= FULL else max(3, customers // 20)
    return Size(products=products, both=customers - 2 * alone, shop_only=alone, till_only=alone)
