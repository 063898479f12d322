"""People who work with stock: they sell, receive, count, upload what they sold offline, promise, ship and carry goods about."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hub.model.values import SECOND, Micros
from hub.sdk.base import VersionKind
from tests.simulation.baton import Baton
from tests.simulation.shelving import PLACE, SKUS
from tests.simulation.stock_oracle import free_units
from tests.simulation.stockroom import Shelf, Spot, Stockroom


class Clerk:
    """Sells, receives and counts at one location until the town closes."""

    def __init__(self, baton: Baton, rooms: Sequence[Stockroom], name: str, seed: int, until: Micros, pace_s: float) -> None:
        self._baton, self._rooms, self._name, self._until, self._pace_s = baton, rooms, name, until, pace_s
        self._rng = random.Random(f"{name} {seed}")

    def live(self) -> None:
        """Work."""
        while True:
            self._baton.door("people", round(self._rng.expovariate(1 / self._pace_s) * SECOND))
            if self._baton.time >= self._until:
                return
            self.work()

    def work(self) -> None:
        """Do one thing."""
        room, spot = self._rng.choice(self._rooms), (self._rng.choice(SKUS), PLACE)
        deed = self._rng.choices(("sells", "receives", "counts", "uploads"), (8, 2, 1, 1))[0]
        self._baton.record(self._name, deed)
        if deed == "sells":
            room.move(self._name, spot, -self._rng.randrange(1, 4))
        elif deed == "receives":
            room.move(self._name, spot, self._rng.randrange(5, 20))
        elif deed == "uploads":
            self._work_offline(room, [PLACE])
        else:
            room.count(self._name, spot, max(0, room.shelves[spot].units + self._rng.choice((-2, -1, 1))))

    def _work_offline(self, room: Stockroom, codes: Sequence[str]) -> None:
        """Sell while the line is down and hand the sales in later; a system with a counter dates them back."""
        kept = []
        for _ in range(self._rng.randrange(2, 5)):
            spot = (self._rng.choice(SKUS), codes[0] if len(codes) == 1 else self._rng.choice(codes))
            kept.append((self._baton.time, spot, -self._rng.randrange(1, 3)))
            self._baton.door("people", round(self._rng.uniform(20, 120) * SECOND))
        dates = room.remote.habits.version is VersionKind.COUNTER
        for at, spot, delta in kept:
            if spot in room.shelves:
                room.move(self._name, spot, delta, at=at if dates else None)


class Porter(Clerk):
    """Works at several locations: also promises what is fetched or shipped later, and carries goods from one to another."""

    def work(self) -> None:
        """Do one thing."""
        room = self._rng.choice([room for room in self._rooms if room.places])
        spot = (self._rng.choice(SKUS), self._rng.choice(sorted(room.places)))
        deeds = (self.sells, self.receives, self.counts, self.uploads, self.promises, self.ships, self.lets_go, self.carries)
        deed = self._rng.choices(deeds, (8, 2, 1, 1, 4, 3, 1, 2))[0]
        self._baton.record(self._name, deed.__name__)
        deed(room, spot)

    def sells(self, room: Stockroom, spot: Spot) -> None:
        """Hand goods over the counter, also such as others promised: the goods are there to be seen."""
        if spot in room.shelves:
            units = self._rng.randrange(1, 4)
            room.oversold += free_units(self._rooms, spot[1], spot[0]) < units
            room.move(self._name, spot, -units)

    def receives(self, room: Stockroom, spot: Spot) -> None:
        """Take a delivery in; where a missing level means zero it may be the first one."""
        if spot in room.shelves or room.places[spot[1]].zero:
            room.move(self._name, spot, self._rng.randrange(5, 20))

    def counts(self, room: Stockroom, spot: Spot) -> None:
        """Find a unit more or less."""
        if spot in room.shelves:
            room.count(self._name, spot, max(0, room.shelves[spot].units + self._rng.choice((-2, -1, 1))))

    def uploads(self, room: Stockroom, spot: Spot) -> None:
        """Hand in what was sold while the line was down, at all of its locations."""
        self._work_offline(room, sorted(room.places))

    def promises(self, room: Stockroom, spot: Spot) -> None:
        """Take an order that is shipped later: what this system shows as free is promised, whoever sold it meanwhile."""
        shelf = room.shelves.get(spot, Shelf(0))
        if room.places[spot[1]].reserves and shelf.units - shelf.reserved > 0:
            units = self._rng.randrange(1, min(3, shelf.units - shelf.reserved) + 1)
            room.oversold += free_units(self._rooms, spot[1], spot[0]) < units
            room.move(self._name, spot, 0, kept=units)

    def ships(self, room: Stockroom, spot: Spot) -> None:
        """Send off what was promised: it leaves the shelf and the promise at once."""
        shelf = room.shelves.get(spot, Shelf(0))
        units = self._rng.randrange(1, 3)
        if shelf.reserved >= units:
            room.move(self._name, spot, -units, kept=-units)

    def lets_go(self, room: Stockroom, spot: Spot) -> None:
        """Cancel an order: its units are free again."""
        if room.shelves.get(spot, Shelf(0)).reserved:
            room.move(self._name, spot, 0, kept=-1)

    def carries(self, room: Stockroom, spot: Spot) -> None:
        """Carry goods to another location of the same system, with the way between them."""
        others = [code for code in sorted(room.places) if code != spot[1] and (spot[0], code) in room.shelves]
        if spot in room.shelves and others:
            units, there = self._rng.randrange(1, 5), (spot[0], self._rng.choice(others))
            room.transfers += 1
            room.move(self._name, spot, -units)
            self._baton.door("people", round(self._rng.choice((0.0, 30.0, 300.0)) * SECOND))
            room.move(self._name, there, units)
