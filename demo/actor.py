"""What everybody who acts in a demo has: the world, chance, a count to make every entry one of a kind, and a few small doors."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from demo.follow import Act, Spot
from demo.names import STORES
from demo.world import Shelf, World
from hub.model.values import Micros

NUMBER: Final = {code: place for place, (code, *_) in enumerate(STORES, 1)}


@dataclass(slots=True)
class Known:
    """A customer by the ids of all systems."""

    shop: str
    till: str
    crm: str
    desk: str
    name: str
    email: str


class Actor:
    """Base of those who act. They act only through what each system offers people, never through its API."""

    def __init__(self, world: World, now: Callable[[], Micros], known: list[Known]) -> None:
        self._world = world
        self._chance = world.chance
        self._now = now
        self._known = known
        self._count = 0

    def _next(self) -> int:
        self._count += 1
        return self._count

    def _likely(self, share: float) -> bool:
        return self._chance.random() < share

    def _shelf(self) -> Shelf:
        return self._chance.choice(self._world.shelves)

    def _act(self, side: str, text: str, spot: Spot | None = None, shows: Callable[[], str] | None = None) -> Act:
        return Act(self._now(), side, "", text, spot, shows)

    def _count_of(self, shelf: Shelf, side: str) -> Spot:
        if side == "till":
            return (side, "inventory", f"{shelf.variation}:{shelf.till_place}")
        return (side, "inventory_level", self._world.shop.level_key(shelf.variant, shelf.shop_place))

    def _moved(self, shelf: Shelf, text: str) -> Act:
        def shows() -> str:
            level = self._world.shop.level(shelf.variant, shelf.shop_place) or {}
            return f"shop shows {level.get('available')}"

        return self._act("till", f"{till(shelf)} {text}", self._count_of(shelf, "shop"), shows)

    def _till_shows(self, shelf: Shelf) -> Callable[[], str]:
        return lambda: f"{till(shelf)} shows {self._world.till.level(shelf.variation, shelf.till_place)}"

    def _at_till(self, shelf: Shelf) -> int:
        """Return how many units the till has of it."""
        return self._world.till.level(shelf.variation, shelf.till_place) or 0


def till(shelf: Shelf) -> str:
    """Return the till of a shelf's store as people call it."""
    return f"till {NUMBER[shelf.store]}"


def euros(cents: int) -> str:
    """Return an amount as people write it."""
    return f"{cents // 100}.{cents % 100:02d}"
