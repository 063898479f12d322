"""One write transaction: every repository over one connection, and the ids that are drawn in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from hub.errors import StoreLost
from hub.store.approvals import Approvals
from hub.store.db import Db
from hub.store.deliveries import Deliveries
from hub.store.desk import Desk
from hub.store.documents import Documents
from hub.store.entities import Entities
from hub.store.links import Links
from hub.store.reads import Reads
from hub.store.shares import Shares
from hub.store.stock import Stock
from hub.store.tables import CounterRow

SEQ: Final = "seq"


class Unit(Links, Entities, Documents, Deliveries, Approvals, Reads, Desk, Stock, Shares):
    """What may be done inside one transaction (Invariant 2). Valid only inside its `with`."""

    def __init__(self, db: Db, counters: dict[str, int], reserve_seqs: Callable[[int], int]) -> None:
        self._db = db
        self._counters = dict(counters)
        self._saved = counters
        self._reserve_seqs = reserve_seqs
        self._depth = 0

    def next_id(self, kind: str, n: int = 1) -> int:
        """Return the first of `n` new ids of a kind. Ids start at 1, grow, and are drawn again if the unit rolls back.

        "seq" draws read sequence numbers; those are never drawn again.
        """
        if kind == SEQ:
            return self._reserve_seqs(n)
        first = self._counters.get(kind, 1)
        self._counters[kind] = first + n
        return first

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Run a part that may fail alone: an exception undoes only what was done inside."""
        before = dict(self._counters)
        self._depth += 1
        name = f"part{self._depth}"
        self._db.script(f"SAVEPOINT {name}")
        try:
            yield
        except StoreLost:
            raise  # the transaction may be gone, and what came next would be committed by itself: the whole unit is undone
        except BaseException:
            self._db.script(f"ROLLBACK TO SAVEPOINT {name}")
            self._db.script(f"RELEASE SAVEPOINT {name}")
            self._counters = before
            raise
        else:
            self._db.script(f"RELEASE SAVEPOINT {name}")
        finally:
            self._depth -= 1

    def flush_counters(self) -> dict[str, int]:
        """Write the counters that moved; return all of them. Called by the store right before the commit."""
        moved = [(kind, following) for kind, following in sorted(self._counters.items()) if self._saved.get(kind) != following]
        self._db.upsert(CounterRow, moved)
        return self._counters
