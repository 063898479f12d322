"""What is kept of a bench: a line a run, and a plot that says which way is better."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from pathlib import Path

import orjson
import pytest

from tests.bench.history import MIDDLE, STEP, draw, goodness, keep, read
from tests.bench.running import Figure
from tests.bench.town import Shop, gid_of, number_of

RUN = {"at": "2026-11-22T10:00:00Z", "commit": "abc", "part": "poll", "busy_cores": 1.0}
BARS = {"rate": (0.4, 0.6), "late, ms": (4.0, 2.0)}


@pytest.mark.parametrize(
    ("value", "must", "aim", "verdict", "twice"),
    [
        (0.7, 0.4, 0.6, "aim", 0.81),
        (0.2, 0.4, 0.6, "MISSED", -1.0),
        (3.0, 4.0, 2.0, "must", 0.42),
        (8.0, 4.0, 2.0, "MISSED", -1.0),
    ],
)
def test_figure_is_judged_by_which_way_is_better(value: float, must: float, aim: float, verdict: str, twice: float) -> None:
    assert Figure("it", value, must, aim).verdict == verdict
    assert goodness(value, must, aim) == pytest.approx(twice, abs=0.01)


def test_goodness_stays_on_the_page_when_nothing_was_lost_or_nothing_came() -> None:
    assert (goodness(0, 0.5, 0.25), goodness(0, 0.4, 0.6), goodness(1e9, 0.4, 0.6)) == (4.0, -4.0, 4.0)


def test_keep_appends_and_draws_every_run(tmp_path: Path) -> None:
    path, plot = tmp_path / "history.jsonl", tmp_path / "plot.svg"
    keep({**RUN, "figures": {"rate": 0.4, "late, ms": 2.0}}, BARS, path, plot)
    keep({**RUN, "figures": {"rate": 0.8, "of interest": 7.0}}, BARS, path, plot)
    assert [run["figures"].get("rate") for run in read(path)] == [0.4, 0.8]
    circles = [one for one in ET.fromstring(plot.read_text()).iter() if one.tag.endswith("circle")]
    assert [float(one.attrib["cx"]) for one in circles] == [MIDDLE + STEP, MIDDLE, MIDDLE + STEP]
    assert draw(read(path)) == plot.read_text()


def test_plot_leaves_out_what_is_not_measured_any_more(tmp_path: Path) -> None:
    path, plot = tmp_path / "history.jsonl", tmp_path / "plot.svg"
    keep({**RUN, "figures": {"rate": 0.4, "late, ms": 2.0}}, BARS, path, plot)
    keep({**RUN, "part": "push", "figures": {"pushed": 1.0}}, {"pushed": (0.4, 0.6)}, path, plot)
    keep({**RUN, "figures": {"rate": 0.8}}, {"rate": (0.4, 0.6)}, path, plot)
    assert [name in plot.read_text() for name in ("rate", "pushed", "late, ms")] == [True, True, False]


def test_town_tells_an_edit_when_a_customer_is_read_by_id() -> None:
    shop = Shop(3)
    shop.edits[2] = ("hello", "2026-03-01T09:00:00Z")
    asked = {"query": "query Q { nodes(ids: $ids) { id } }", "variables": {"ids": [gid_of(2)]}}
    _, said = shop.answer("POST", "/", {}, orjson.dumps(asked))
    assert b'"note":"hello"' in said
    assert number_of(gid_of(2)) == 2
    assert shop.node(3) is None
