"""What an operator does, in a test: the verbs over a running hub and the views over its store."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from hub.model.entity import Entity
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.ops.find import find_entity
from hub.ops.office import Running
from hub.ops.plan import PlanItem, preview, read_plan
from hub.store import Reader
from tests.retailer import Retailer

T = TypeVar("T")


class Desk:
    """An operator at a retailer's hub."""

    def __init__(self, shops: Retailer) -> None:
        self.shops = shops
        self.office = Running(shops.hub)

    def look(self, ask: Callable[[Reader], T]) -> T:
        """Ask the store, beside the writer."""
        with self.shops.hub.store.reader() as reader:
            return ask(reader)

    def plan(self) -> list[PlanItem]:
        """Return the plan."""
        return self.look(lambda reader: read_plan(reader, self.office.ground))

    def preview(self, connection: str, mode: Mode) -> list[PlanItem]:
        """Return what would follow from a mode."""
        return self.look(lambda reader: preview(reader, self.office.ground, connection, mode))

    def customer(self, said: str) -> Entity:
        """Return a customer."""
        return self.look(lambda reader: find_entity(reader, EntityType.CUSTOMER, said))

    def lines(self) -> dict[str, str]:
        """Return field -> from and to, of everything planned."""
        return {line["field"]: line["shown"] for item in self.plan() for line in item.lines}


def all_lines(items: list[PlanItem], *fields: str) -> list[dict[str, Any]]:
    """Return what a yes to these plan items (or to these fields of them) is given as."""
    return [
        {"id": item.id, "lines": [line["line"] for line in item.lines if not fields or line["field"] in fields]} for item in items
    ]


def soon(shops: Retailer) -> None:
    """Let every stream be read again and what follows at once happen; what waits for a person keeps nobody waiting."""
    shops.clock.sleep(31)
    shops.round()
    shops.settle(8)
