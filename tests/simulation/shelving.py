"""Who keeps stock of which location, and how: one line per remote and location, as config.yaml would say it."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

PLACE: Final = "p1"
SKUS: Final = ("S-1", "S-2")


@dataclass(frozen=True, slots=True)
class Place:
    """How a remote takes part in the stock of a location. `code` is also the location's id there.

    `reports`: on_hand | available | both; `receives`: on_hand | available. `zero`: a level that is not there means nothing there.
    `tells_reserved`: a level that shows both figures says in words what is reserved. `sets`: it takes figures, no changes.
    """

    remote: str
    code: str = PLACE
    opening: bool = False
    reports: str = "on_hand"
    receives: str = "on_hand"
    buffer: int = 0
    zero: bool = False
    tells_reserved: bool = True
    sets: bool = False

    @property
    def reserves(self) -> bool:
        """Whether it keeps units back itself, and tells how many."""
        return self.reports == "both"


def one_place(names: Sequence[str]) -> tuple[Place, ...]:
    """Return the plainest shelving: one location that all keep, counted by the first."""
    return tuple(Place(name, opening=name == names[0]) for name in names)


def draw_places(names: Sequence[str], seed: int) -> tuple[Place, ...]:
    """Draw several locations, most of them kept by every remote, each opened by one of those that keep it."""
    rng = random.Random(f"places {seed}")
    found = []
    reports = {name: rng.choice(("on_hand", "available", "both", "both")) for name in names}
    receives = {name: reports[name] if reports[name] != "both" else rng.choice(("on_hand", "available")) for name in names}
    tells, sets = rng.random() < 0.7, {name: rng.random() < 0.25 for name in names}
    for code in ("p1", "p2", "p3")[: rng.choice((2, 2, 3))]:
        here = [name for name in names if rng.random() < 0.9] or [names[0]]
        opener = rng.choice(here)
        for name in here:
            buffer, zero = rng.choice((0, 0, 0, 2)), rng.random() < 0.4
            place = Place(name, code, name == opener, reports[name], receives[name], buffer, zero, tells, sets[name])
            found.append(place)
    return tuple(found)


def marks_of(places: Sequence[Place]) -> set[str]:
    """Return what is unusual about how stock is kept, for a long run to have met."""
    found = {f"stock reports {place.reports}" for place in places} - {"stock reports on_hand"}
    found |= {f"stock receives {place.receives}" for place in places} - {"stock receives on_hand"}
    found |= {"stock at several locations"} if len({place.code for place in places}) > 1 else set()
    found |= {"stock with a buffer"} if any(place.buffer for place in places) else set()
    found |= {"stock where missing is zero"} if any(place.zero for place in places) else set()
    return found | ({"stock in figures only"} if any(place.sets for place in places) else set())
