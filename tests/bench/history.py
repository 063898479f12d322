"""The results that are kept: one JSON object a line in docs/reference/bench-history.jsonl, and a plot of them beside it.

The plot shows every figure that has a bar, one row each: how far it is from what it must reach (the line in the middle; further
right is better, twice as good is one step), older runs as pale dots, the newest as a dark one, the aim as a short stroke.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from typing import Any, Final

import orjson

from tests.bench.programs import ROOT

KEPT: Final = ROOT / "docs" / "reference" / "bench-history.jsonl"
PLOT: Final = KEPT.with_name("bench-history.svg")
VERSION: Final = 1
NAMES: Final = 470
"""Where the names end (px)."""
STEP: Final = 70
"""One doubling (px)."""
MIDDLE: Final = NAMES + 20 + 4 * STEP
ROW: Final = 20
Bars = dict[str, tuple[float, float]]
"""Figure -> (must, aim)."""


def read(path: Path = KEPT) -> list[dict[str, Any]]:
    """Return the runs, oldest first."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines()] if path.exists() else []


def keep(run: dict[str, Any], bars: Bars, path: Path = KEPT, plot: Path = PLOT) -> None:
    """Append a run (`at`, `commit`, `part`, `others`, `figures`) and draw all of them again."""
    with path.open("ab") as file:
        file.write(orjson.dumps({"version": VERSION, **run, "bars": bars}) + b"\n")
    plot.write_text(draw(read(path)), encoding="utf-8")


def goodness(value: float, must: float, aim: float) -> float:
    """Return how many times better than it must a figure is, as a power of two; between -4 and 4."""
    if value <= 0:
        return 4.0 if must > aim else -4.0
    return max(-4.0, min(4.0, math.log2(value / must if aim > must else must / value)))


def draw(runs: Sequence[dict[str, Any]]) -> str:
    """Return the plot as SVG, readable on light and dark ground: the figures that the newest run of each part has."""
    newest = {run["part"]: run for run in runs}
    bars: Bars = {name: (bar[0], bar[1]) for run in newest.values() for name, bar in run["bars"].items()}
    points: dict[str, list[float]] = {
        name: [run["figures"][name] for run in runs if name in run["figures"] and run["figures"][name] is not None]
        for name in bars
    }
    height = ROW * (len(bars) + 2)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {MIDDLE + 4 * STEP + 20} {height}"',
        ' font-family="sans-serif" font-size="12">',
        f'<line x1="{MIDDLE}" x2="{MIDDLE}" y1="{ROW}" y2="{height}" stroke="#888"/>',
        f'<text x="{MIDDLE}" y="13" text-anchor="middle" fill="#888">must</text>',
    ]
    for row, (name, (must, aim)) in enumerate(bars.items()):
        y = ROW * (row + 1.5)
        aim_x = MIDDLE + STEP * goodness(aim, must, aim)
        out.append(f'<text x="{NAMES}" y="{y + 4}" text-anchor="end" fill="#888">{escape(name)}</text>')
        out.append(f'<line x1="{aim_x:.0f}" x2="{aim_x:.0f}" y1="{y - 6}" y2="{y + 6}" stroke="#2a8" stroke-width="2"/>')
        out += _dots(points[name], must, aim, y)
    return "\n".join([*out, "</svg>", ""])


def _dots(values: Sequence[float], must: float, aim: float, y: float) -> Iterable[str]:
    for age, value in enumerate(reversed(values)):
        x = MIDDLE + STEP * goodness(value, must, aim)
        shown = (
            f'fill="#36c" r="5"><title>{value:.3g}</title></circle>' if age == 0 else 'fill="#36c" fill-opacity="0.25" r="3"/>'
        )
        yield f'<circle cx="{x:.0f}" cy="{y}" {shown}'
