"""The stock ledger and its balances (Invariant 11)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.model.ledger import Balance, Movement
from hub.store.db import Db
from hub.store.shape import Shape
from hub.store.tables import BalanceRow, MovementRow

_MOVEMENT: Final = Shape(MovementRow, Movement)
_BALANCE: Final = Shape(BalanceRow, Balance, flags=["opened"])

Level = tuple[int, int]
"""(variant id, location id)."""


class StockReads:
    """Look-ups of movements and balances."""

    _db: Db

    def balances(self, levels: Iterable[Level]) -> dict[Level, Balance]:
        """Return the balance of each of these levels; one that never moved is unopened with nothing on hand."""
        wanted = sorted(set(levels))
        if not wanted:
            return {}
        sql = f"SELECT {_BALANCE.columns} FROM balance WHERE variant_id {{ints}} ORDER BY variant_id, location_id"  # noqa: S608
        known = {(row[0], row[1]): _BALANCE.read(row) for row in self._db.rows(sql, sorted({v for v, _ in wanted}))}
        return {level: known.get(level) or Balance(*level) for level in wanted}

    def balances_of(self, variant_ids: Iterable[int]) -> list[Balance]:
        """Return all balances of these variants."""
        sql = f"SELECT {_BALANCE.columns} FROM balance WHERE variant_id {{ints}} ORDER BY variant_id, location_id"  # noqa: S608
        return [_BALANCE.read(row) for row in self._db.rows(sql, list(set(variant_ids)))]

    def settled_at(self, levels: Iterable[Level]) -> dict[Level, int]:
        """Return when each of these levels was last opened or counted, in µs: what occurred up to then is in its figure."""
        wanted = set(levels)
        if not wanted:
            return {}
        sql = (
            "SELECT variant_id, location_id, max(occurred_at) FROM movement WHERE variant_id {ints}"
            " AND reason IN ('opening', 'count') GROUP BY 1, 2 ORDER BY 1, 2"
        )
        rows = self._db.rows(sql, sorted({variant for variant, _ in wanted}))
        return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in wanted}

    def movements(self, variant_id: int, location_id: int, *, after: int = 0, limit: int = 1000) -> list[Movement]:
        """Return the movements of one level, by id."""
        where = "variant_id = {p} AND location_id = {p} AND id > {p} ORDER BY id LIMIT {p}"
        sql = f"SELECT {_MOVEMENT.columns} FROM movement WHERE {where}"  # noqa: S608 - our own column names
        return [_MOVEMENT.read(row) for row in self._db.rows(sql, variant_id, location_id, after, limit)]


class Stock(StockReads):
    """Movements, written."""

    def append_movements(self, movements: Iterable[Movement]) -> list[Movement]:
        """Write movements and move the balances of `on_hand`. Returns what was written: a document moves a quantity once."""
        given = list(movements)
        papers = [m.document for m in given if m.document is not None]
        sql = "SELECT document, quantity FROM movement WHERE document {texts} ORDER BY document, quantity"
        known = set(self._db.rows(sql, papers)) if papers else set()
        fresh = []
        for m in given:
            paper = (m.document, m.quantity)
            if m.document is None or paper not in known:
                known.add(paper)
                fresh.append(m)
        self._db.insert(MovementRow, map(_MOVEMENT.write, fresh))
        self._move([m for m in fresh if m.quantity == "on_hand"])
        return fresh

    def _move(self, movements: list[Movement]) -> None:
        balances = self.balances((m.variant_id, m.location_id) for m in movements)
        for m in movements:
            balances[m.variant_id, m.location_id].on_hand += m.delta
        self.save_balances(balances.values())

    def open_levels(self, levels: Iterable[Level]) -> None:
        """Mark levels as opened: from here on, what is on hand is known."""
        balances = self.balances(levels)
        for balance in balances.values():
            balance.opened = True
        self.save_balances(balances.values())

    def save_balances(self, balances: Iterable[Balance]) -> None:
        """Insert or replace balances; movements do it themselves."""
        self._db.upsert(BalanceRow, map(_BALANCE.write, balances))
