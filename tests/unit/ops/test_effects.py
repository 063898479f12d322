"""An order explains the movements of its own system, each once, and makes none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.model.entity import Entity, Golden
from hub.model.ledger import Movement
from hub.model.link import Link
from hub.model.record import EntityType
from hub.model.values import SECOND, Value
from hub.ops.effects import stock_effect
from hub.store import Store, Unit, open_store

AT = 1_700_000_000 * SECOND
ORDER, MUG, STORE = 1, 2, 3


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return a store that knows a mug of the shop."""
    made = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    made.migrate()
    with made.unit() as unit:
        unit.save_entities([Entity(MUG, EntityType.VARIANT), Entity(STORE, EntityType.LOCATION)])
        unit.save_links([Link(7, "shop", "variants", "v1", EntityType.VARIANT, MUG)])
    yield made
    made.close()


def sold(unit: Unit, *lines: Value) -> Entity:
    """Return an order of the shop with these lines, placed at `AT`."""
    values: dict[str, Value] = {"placed_at": "2023-11-14T22:13:20Z", **{f"lines/{n}": line for n, line in enumerate(lines)}}
    order = Entity(ORDER, EntityType.ORDER, {path: Golden(value, AT, 9, 1) for path, value in values.items()})
    unit.save_entities([order])
    unit.save_links([Link(9, "shop", "orders", "100", EntityType.ORDER, ORDER)])
    return order


def moved(unit: Unit, ident: int, delta: int, after_s: int, connection: str = "shop") -> None:
    """Let a connection report a movement of mugs."""
    unit.append_movements([Movement(ident, MUG, STORE, None, connection, "on_hand", delta, AT + after_s * SECOND, AT)])


def deltas(store: Store, order: Entity) -> list[Any]:
    """Return what each line did to the stock."""
    with store.reader() as reader:
        return [line["delta"] for line in stock_effect(reader, order)]


def test_line_has_its_movement_when_its_own_system_reported_one(store: Store) -> None:
    with store.unit() as unit:
        order = sold(unit, {"variant": "v1", "quantity": 2})
        moved(unit, 1, -2, 60)
    assert deltas(store, order) == [-2]


def test_movement_explains_one_line_only_when_two_lines_are_alike(store: Store) -> None:
    with store.unit() as unit:
        order = sold(unit, {"variant": "v1", "quantity": 2}, {"variant": "v1", "quantity": 2})
        moved(unit, 1, -2, 60)
    assert deltas(store, order) == [-2, None]


UNFIT = [(-1, 60, "shop"), (-2, -7_200, "shop"), (-2, 60, "till"), (2, 60, "shop")]


@pytest.mark.parametrize(("delta", "after_s", "connection"), UNFIT)
def test_line_has_no_movement_when_none_fits(store: Store, delta: int, after_s: int, connection: str) -> None:
    with store.unit() as unit:
        order = sold(unit, {"variant": "v1", "quantity": 2})
        moved(unit, 1, delta, after_s, connection)
    assert deltas(store, order) == [None]
