"""Tags that the hub keeps on customers, after what they bought (config.yaml, `tags`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.config import TagRule
from hub.model.documents import Purchases
from hub.ops.plan import settle_again
from hub.retail import tags_of
from tests.unit.documents.office import Office
from tests.unit.documents.test_filing import ADA, ORDER

RULES = {
    "regular": TagRule(orders=2),
    "omni": TagRule(channels=2),
    "vip": TagRule.model_validate({"spent": "50.00 EUR"}),
}


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a retailer who tags regulars (two orders), people of both channels, and who spent 50 EUR."""
    made = Office(tmp_path, **RULES)
    made.see("shop", "customers", {**ADA, "tags": ["typed"]})
    yield made
    made.store.close()


def wanted(office: Office) -> list[tuple[str, Any]]:
    """Return which tags are to be put on (True) or taken off (None) in the shop."""
    return sorted((line.path, line.wanted) for line in office.lines("shop") if line.path.startswith("tags/"))


@pytest.mark.parametrize(
    ("found", "worn"),
    [
        (Purchases(orders=3, channels=1), {"regular"}),
        (Purchases(orders=1, channels=2), {"omni"}),
        (Purchases(orders=1, channels=1, bought={"EUR": 6_000}, refunded={"EUR": 1_000}), {"vip"}),
        (Purchases(orders=1, channels=1, bought={"EUR": 6_000}, refunded={"EUR": 1_001}), set()),
        (Purchases(orders=1, channels=1, bought={"USD": 6_000}), set()),
        (Purchases(), set()),
    ],
)
def test_tags_of_gives_what_is_reached(found: Purchases, worn: set[str]) -> None:
    tags = tags_of(found, RULES, ["tags/typed", "given_name"])
    assert {path.removeprefix("tags/hub:") for path, value in tags.items() if value} == worn
    assert set(tags) == {"tags/hub:regular", "tags/hub:omni", "tags/hub:vip"}


def order(number: str, **more: Any) -> dict[str, Any]:
    return {**ORDER, "id": number, "number": number, **more}


def test_customer_wears_a_tag_as_soon_as_enough_was_ordered(office: Office) -> None:
    office.see("shop", "orders", order("1001", total=900))
    assert wanted(office) == []
    office.see("shop", "orders", order("1002", total=900))
    assert wanted(office) == [("tags/hub:regular", True)]


def test_customer_wears_a_tag_as_soon_as_enough_was_spent(office: Office) -> None:
    office.see("shop", "orders", order("1001", total=5_000))
    assert wanted(office) == [("tags/hub:vip", True)]


def test_tag_is_taken_off_when_an_order_is_cancelled(office: Office) -> None:
    office.see("shop", "orders", order("1001", total=900), order("1002", total=900))
    office.send("shop", "1", "customers", shown={**ADA, "version": 2, "tags": ["typed", "hub:regular"]})
    assert wanted(office) == []
    office.see("shop", "orders", order("1002", total=900, version=2, status="VOID"))
    assert wanted(office) == [("tags/hub:regular", None)]


def test_tag_is_put_back_when_somebody_takes_it_off_and_theirs_are_left_alone(office: Office) -> None:
    office.see("shop", "orders", order("1001", total=900), order("1002", total=900))
    office.send("shop", "1", "customers", shown={**ADA, "version": 2, "tags": ["typed", "hub:regular"]})
    office.see("shop", "customers", {**ADA, "version": 3, "tags": []})
    assert wanted(office) == [("tags/hub:regular", True)]
    assert office.value("shop", "customers", "1", "tags/typed") is None


def test_tags_follow_when_the_rules_change(office: Office) -> None:
    office.see("shop", "orders", order("1001", total=900), order("1002", total=900))
    office.send("shop", "1", "customers", shown={**ADA, "version": 2, "tags": ["typed", "hub:regular"]})
    office.ground.config = office.ground.config.model_copy(update={"tags": {"once": TagRule(orders=1)}})
    person = office.entity("shop", "customers", "1").id
    office.work(lambda unit: settle_again(unit, office.ground, [person], office.now))
    assert wanted(office) == [("tags/hub:once", True), ("tags/hub:regular", None)]
