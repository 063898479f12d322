"""What the figures are held against: ratios of rates within one round, the median of all rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.measure import Sample

MB = 1_000_000
Round = dict[str, tuple[int, Sample]]
"""Step -> records, sample."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with what it must and what it should reach. `over`: the step it is divided by."""

    name: str
    step: str
    over: str
    must: float
    aim: float


RATES = (
    Bar("first load : reference", "hub first", "reference first", 0.35, 0.6),
    Bar("first load : singer-sdk", "hub first", "singer first", 1.8, 3.0),
    Bar("unchanged reload : singer-sdk's", "hub again", "singer again", 8.0, 15.0),
    Bar("unchanged reload : reference's", "hub again", "reference again", 0.35, 0.6),
    Bar("second system, all match : reference's", "hub second", "reference second", 0.35, 0.6),
    Bar("second system, all match : singer-sdk's first", "hub second", "singer first", 1.6, 2.8),
    Bar("rate : own rate at a tenth", "hub first", "hub small", 0.8, 0.9),
)
PEAK = Bar("peak memory of a first load, MB", "hub first", "", 400.0, 400.0)
GROWTH = Bar("peak memory over a store twice as large", "hub second", "hub first", 1.25, 1.1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One line of the table. `value` None: skipped, and `word` says why."""

    name: str
    value: float | None
    must: float
    aim: float
    word: str


def rate(of: tuple[int, Sample]) -> float:
    """Return records per CPU second."""
    records, sample = of
    return records / sample.cpu_s


def judge(rounds: Sequence[Round], why: dict[str, str]) -> list[Verdict]:
    """Return the table. A ratio is made of two runs of the same round: the machine drifts from round to round."""
    found = [_judge_rate(bar, rounds, why) for bar in RATES]
    peaks = [one[PEAK.step][1].peak_bytes / MB for one in rounds]
    growths = [one[GROWTH.step][1].peak_bytes / one[GROWTH.over][1].peak_bytes for one in rounds]
    return [*found, _at_most(PEAK, max(peaks)), _at_most(GROWTH, median(growths))]


def _judge_rate(bar: Bar, rounds: Sequence[Round], why: dict[str, str]) -> Verdict:
    values = [rate(one[bar.step]) / rate(one[bar.over]) for one in rounds if bar.over in one]
    if not values:
        return Verdict(bar.name, None, bar.must, bar.aim, f"skipped: {why[bar.over.partition(' ')[0]]}")
    value = median(values)
    return Verdict(bar.name, value, bar.must, bar.aim, "aim" if value >= bar.aim else "must" if value >= bar.must else "MISSED")


def _at_most(bar: Bar, value: float) -> Verdict:
    return Verdict(bar.name, value, bar.must, bar.aim, "aim" if value <= bar.aim else "must" if value <= bar.must else "MISSED")
