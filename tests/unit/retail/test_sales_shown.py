"""What people see of stock that orders move and keep back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from hub.cli.papers import put_stock
from hub.model.record import EntityType
from hub.ops.effects import stock_effect
from hub.ops.explain import explain_entity, show_entity
from hub.store import open_reader
from tests.unit.retail.counter import SHOP, TILL, Counter


@pytest.fixture
def counter() -> Iterator[Counter]:
    """Return a till that opened with ten, and a shop with an open order for two."""
    made = Counter({"till": TILL, "shop": SHOP})
    made.wait(3600)
    made.see("shop", orders=made.order("open"))
    yield made
    made.close()


def test_variant_shows_what_is_kept_back_and_for_whom(counter: Counter, capsys: pytest.CaptureFixture[str]) -> None:
    from rich.console import Console

    with open_reader(counter.url) as reader:
        [variant] = reader.entities_of_type(EntityType.VARIANT)
        [place] = show_entity(reader, counter.ground, variant)["stock"]
    until = "1970-01-15T00:16:50Z"
    assert (place["name"], place["on_hand"], place["reserved"], place["available"]) == ("berlin", 10, 2, 8)
    assert place["kept"] == [{"connection": "shop", "order": "1001", "units": 2, "until": until}]
    put_stock(Console(width=120), [place], until)
    assert "10 on hand, 2 reserved, 8 free" in (told := capsys.readouterr().out)
    assert "2 kept for order 1001 of shop until" in told


def test_order_shows_what_it_keeps_back_and_then_what_it_moved(counter: Counter) -> None:
    def effect() -> tuple[int, int | None]:
        with open_reader(counter.url) as reader:
            [order] = reader.entities_of_type(EntityType.ORDER)
            [line] = stock_effect(reader, order)
        return line["kept"], line["delta"]

    assert effect() == (2, None)
    counter.see("shop", orders=counter.order("completed"))
    assert effect() == (0, -2)


def test_level_tells_the_order_that_moved_it(counter: Counter) -> None:
    counter.see("shop", orders=counter.order("completed"))
    with open_reader(counter.url) as reader:
        [level] = reader.entities_of_type(EntityType.INVENTORY_LEVEL)
        told = explain_entity(reader, counter.ground, level, "on_hand")["history"]
    assert [one["why"] for one in told if one["what"] == "stock moved"] == ["the opening count", "sale, order 1001"]
