"""What the figures are held against: ratios of rates within one round, the median of all rounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from tests.bench.measure import Sample

MB = 1_000_000
FULL = 100_000
"""Records from which on memory is held to be flat: below, caches still fill."""
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
NET = Bar("the same without what starting costs", "hub first", "hub small", 0.8, 0.9)
"""Starting is a third of a small run and nothing of a large one: without taking it off, a rate that falls would not show."""
PEAK = Bar("peak memory of any run of the hub, MB", "hub", "", 400.0, 400.0)
GROWTH = {
    "hub first": Bar("growth of memory within a first load", "hub first", "", 1.15, 1.05),
    "hub second": Bar("growth of memory within the second system", "hub second", "", 1.1, 1.05),
}
"""Last quarter of the run against its second quarter, the larger of all rounds: flat is 1.

A first load of 100,000 still fills caches of bounded size (1.12); over 1,000,000 the same figure is 1.01. From 100,000 on, which
is where memory has to be flat, the second system's row looks."""


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
    nets = [_net(one, NET.step) / _net(one, NET.over) for one in rounds]
    peak = max(sample.peak_bytes / MB for one in rounds for name, (_, sample) in one.items() if name.startswith(PEAK.step))
    return [*found, _at_least(NET, median(nets)), _at_most(PEAK, peak), *(_judge_growth(bar, rounds) for bar in GROWTH.values())]


def _net(found: Round, step: str) -> float:
    """Return records per CPU second without the CPU seconds of a run over no records."""
    records, sample = found[step]
    return records / (sample.cpu_s - found["hub start"][1].cpu_s)


def _judge_growth(bar: Bar, rounds: Sequence[Round]) -> Verdict:
    found = [(one[bar.step][0], one[bar.step][1].growth) for one in rounds]
    growths = [growth for records, growth in found if growth is not None and records >= FULL]
    if not growths:
        return Verdict(bar.name, None, bar.must, bar.aim, f"skipped: told from {FULL:,} records on, where sizes can be looked at")
    return _at_most(bar, max(growths))


def _judge_rate(bar: Bar, rounds: Sequence[Round], why: dict[str, str]) -> Verdict:
    values = [rate(one[bar.step]) / rate(one[bar.over]) for one in rounds if bar.over in one]
    if not values:
        return Verdict(bar.name, None, bar.must, bar.aim, f"skipped: {why[bar.over.partition(' ')[0]]}")
    return _at_least(bar, median(values))


def _at_least(bar: Bar, value: float) -> Verdict:
    return Verdict(bar.name, value, bar.must, bar.aim, "aim" if value >= bar.aim else "must" if value >= bar.must else "MISSED")


def _at_most(bar: Bar, value: float) -> Verdict:
    return Verdict(bar.name, value, bar.must, bar.aim, "aim" if value <= bar.aim else "must" if value <= bar.must else "MISSED")
