"""Which yes was given to which line of a plan, and by whom; what was said yes to at once is one plan and has one number."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from hub.model.run import Approval
from hub.model.values import Micros
from hub.store.db import Db
from hub.store.kinds import BIG, BYTES, TEXT, Stored, col, index, key
from hub.store.shape import Shape


class ApprovalRow(Stored):
    """An approved plan line; it outlives its delivery."""

    name_ = "approval"
    rules_ = (index("approval_at", "at"), index("approval_entity", "entity_id"))
    plan: int = key(BIG)
    entity_id: int = key(BIG)
    connection: str = key(TEXT)
    stream: str = key(TEXT)
    link_id: int = key(BIG)
    path: str = key(TEXT)
    digest: str = col(TEXT)
    by: str = col(TEXT)
    at: int = col(BIG)
    action: str = col(TEXT)
    brake: str = col(TEXT)
    seen: bytes = col(BYTES)
    wanted: bytes = col(BYTES)


_APPROVAL: Final = Shape(ApprovalRow, Approval, json=["seen", "wanted"])
_ORDER: Final = 'ORDER BY "plan", entity_id, connection, stream, link_id, path'
_USED: Final = (  # what is still to be sent there may stand on an old yes
    'SELECT "plan", entity_id, connection, stream, link_id, path FROM approval a WHERE a.at < {p} AND NOT EXISTS (SELECT 1'
    " FROM delivery d WHERE d.entity_id = a.entity_id AND d.connection = a.connection AND d.stream = a.stream)"
    " ORDER BY a.at LIMIT {p}"
)
_PLANS: Final = (  # walks the numbers from the newest, and ends with the last one that is wanted
    'SELECT "plan", connection, stream, brake, action, min("by"), min(at), count(*), count(DISTINCT entity_id) FROM approval'
    ' WHERE "plan" > {p} GROUP BY "plan", connection, stream, brake, action'
    ' ORDER BY "plan" DESC, connection, stream, brake, action'
)


class PlanPart(NamedTuple):
    """What one yes said of one stream: `at` is its time (µs), `lines` and `records` count."""

    plan: int
    connection: str
    stream: str
    brake: str
    action: str
    by: str
    at: Micros
    lines: int
    records: int


class ApprovalReads:
    """Look-ups of approvals."""

    _db: Db

    def approvals(self, entity_ids: Iterable[int], *, plan: int | None = None) -> list[Approval]:
        """Return the kept approvals of plan lines of these entities, of one plan or of all, the oldest plan first."""
        wanted = list(set(entity_ids))
        where, more = ("", ()) if plan is None else ('"plan" = {p} AND ', (plan,))
        sql = f"SELECT {_APPROVAL.columns} FROM approval WHERE {where}entity_id {{ints}} {_ORDER}"  # noqa: S608 - our own names
        return [_APPROVAL.read(row) for row in self._db.rows(sql, *more, wanted)] if wanted else []

    def approved_in(self, plan: int, *, after: int = 0, limit: int) -> list[int]:
        """Return the next entities of which lines were approved with a plan, by id."""
        sql = 'SELECT DISTINCT entity_id FROM approval WHERE "plan" = {p} AND entity_id > {p} ORDER BY entity_id LIMIT {p}'
        return [row[0] for row in self._db.rows(sql, plan, after, limit)]

    def approved_plans(self, *, limit: int) -> list[PlanPart]:
        """Return the newest plans somebody said yes to, newest first, stream by stream."""
        newest = self._db.rows('SELECT DISTINCT "plan" FROM approval ORDER BY "plan" DESC LIMIT {p}', limit)
        return [PlanPart(*row) for row in self._db.rows(_PLANS, newest[-1][0] - 1)] if newest else []


class Approvals(ApprovalReads):
    """Approvals, written."""

    def save_approvals(self, approvals: Iterable[Approval]) -> None:
        """Keep approvals; of two of one line in one plan the later one stays."""
        self._db.upsert(ApprovalRow, map(_APPROVAL.write, approvals))

    def forget_approvals(self, before: Micros, *, limit: int) -> int:
        """Forget the oldest approvals of before a time whose change is not waiting any more; return how many."""
        found = self._db.rows(_USED, before, limit)
        self._db.delete(ApprovalRow, found)
        return len(found)
