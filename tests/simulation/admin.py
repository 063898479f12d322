"""The admin of a system: makes a backup, and one day restores it, with people kept out until the hub has read what is left.

Or deletes much of it at once, for good or by mistake.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection

from hub.model.values import SECOND, Micros
from tests.simulation.baton import Baton
from tests.simulation.remote import HabitRemote
from tests.simulation.stockroom import level_id

LEAST = 2
"""So many records must have changed since the backup, seen by the hub: of one alone nobody can tell a restore from a rollback."""
SURELY = 5
"""So many reads of a level show the hub what people moved, although some of them go by while it writes."""
LONGEST: Micros = 40 * 60 * SECOND


class Admin:
    """Backs one remote up and restores it. `resync` asks the hub to read it whole, as its manual says after a restore."""

    def __init__(self, baton: Baton, remote: HabitRemote, resync: Callable[[], None], until: Micros) -> None:
        self._baton, self._remote, self._resync, self._until = baton, remote, resync, until

    def live(self) -> None:
        """Work: one backup, one restore, or none where too little happened."""
        remote, baton = self._remote, self._baton
        baton.door("admin", 60 * SECOND)
        backup, since = remote.snapshot(), baton.time
        levels = remote.stockroom.snapshot() if remote.stockroom is not None else {}
        while len(self._changed(since, backup.rows)) < LEAST:
            baton.door("admin", 30 * SECOND)
            if baton.time > self._until:
                return
        if not self._was_stock_read():
            return
        remote.closed = True
        remote.restore(backup)
        if remote.stockroom is not None:
            remote.stockroom.restore(levels)
        restored_at, asked_at = baton.time, 0
        while not self._was_read(restored_at) and baton.time < restored_at + LONGEST:
            if baton.time > asked_at + 300 * SECOND:
                asked_at = baton.time
                self._resync()
            baton.door("admin", 10 * SECOND)
        remote.closed = False

    def _was_stock_read(self) -> bool:
        """Close the stockroom, for the rest of the day, and wait until the hub has surely seen what people moved there.

        What it had not seen would be lost with the restore, and what is moved on top of an old figure cannot be told from it.
        """
        room, began, asked_at = self._remote.stockroom, self._baton.time, 0
        if room is None:
            return True
        room.closed = True
        while not all(len(self._reads(level_id(spot), room.shelves[spot].history[-1][0])) >= SURELY for spot in room.shelves):
            if self._baton.time > began + LONGEST:
                room.closed = False
                return False
            if self._baton.time > asked_at + 30 * SECOND:
                asked_at = self._baton.time
                self._resync()
            self._baton.door("admin", 10 * SECOND)
        return True

    def _changed(self, since: Micros, backed_up: Collection[int]) -> list[int]:
        """Return the rows of the backup that changed since and that the hub surely read in their present state."""
        rows = [row for row in self._remote.rows.values() if row.id in backed_up and row.touched_at > since]
        return [row.id for row in rows if len(self._reads(row.id, row.touched_at)) > 1]

    def _was_read(self, at: Micros) -> bool:
        return all(len(self._reads(row_id, at)) > 1 for row_id in self._remote.rows)

    def _reads(self, shown_id: int | str, after: Micros) -> list[Micros]:
        lag = round(self._remote.habits.lag_s * SECOND)
        return [got for sent, got in self._remote.seen.get(str(shown_id), ()) if sent >= after + lag]


class Purge:
    """Deletes most of what a remote holds at once. `undone`: it was a mistake, and all of it comes back."""

    def __init__(self, baton: Baton, remote: HabitRemote | None, seed: int, *, undone: bool) -> None:
        self._baton, self._remote, self._undone = baton, remote, undone
        self._rng = random.Random(f"purge {seed}")

    def live(self) -> None:
        """Work: one deletion, undone some minutes later where it was a mistake."""
        remote, baton = self._remote, self._baton
        assert remote is not None, "a world with a purge names its remote"
        baton.door("admin", round(self._rng.uniform(60, 480) * SECOND))
        gone = sorted(remote.rows)[: max(7, len(remote.rows) * 2 // 3)]
        for row_id in gone:
            remote.delete("admin", row_id)
        if self._undone:
            baton.door("admin", round(self._rng.uniform(30, 420) * SECOND))
            for row_id in gone:
                remote.undelete("admin", row_id)
