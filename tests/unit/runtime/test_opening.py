"""A level that its opener does not have is opened with nothing as soon as the opener was read whole, whoever was read first."""

from __future__ import annotations

from pathlib import Path

from hub.config import Missing, Receives, Reports, StockRule
from tests.e2e.floor import NAMES, Floor

PLACE = NAMES[0]
TILL = StockRule(reports=Reports.AVAILABLE, receives=Receives.AVAILABLE)
SHOP = StockRule(opening=True, reports=Reports.BOTH, missing=Missing.ZERO)


def test_level_is_opened_with_nothing_when_its_opener_is_read_whole_after_the_till(tmp_path: Path) -> None:
    floor = Floor(tmp_path, till={PLACE: TILL}, shop={PLACE: SHOP})
    floor.till.count_stock(floor.variation, floor.at_till[PLACE], 5)
    floor.step(rounds=2)
    assert floor.golden(PLACE)["on_hand"] == 0
    assert floor.till_level(PLACE) == 0
    floor.close()


def test_level_stays_unopened_when_a_missing_one_says_nothing(tmp_path: Path) -> None:
    floor = Floor(tmp_path, till={PLACE: TILL}, shop={PLACE: StockRule(opening=True, reports=Reports.BOTH)})
    floor.till.count_stock(floor.variation, floor.at_till[PLACE], 5)
    floor.step(rounds=2)
    assert floor.golden(PLACE)["on_hand"] is None
    assert floor.till_level(PLACE) == 5
    floor.close()
