"""What documents do to levels: units they moved, and units they keep back (DESIGN section 7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.model.ledger import Share
from hub.model.values import Micros
from hub.store.db import Db
from hub.store.kinds import BIG, TEXT, Stored, col, index, key, opt, partial
from hub.store.shape import Shape

Pair = tuple[int, int]
"""(variant id, location id)."""


class ShareRow(Stored):
    """One document's share in one level."""

    name_ = "share"
    rules_ = (
        index("share_level", "variant_id", "location_id"),
        partial("share_until", "until", where="kept <> 0 AND until > 0"),
        partial("share_waits", "waits", where="waits IS NOT NULL"),
    )
    document_id: int = key(BIG)
    variant_id: int = key(BIG)
    location_id: int = key(BIG)
    connection: str = col(TEXT)
    moved: int = col(BIG)
    kept: int = col(BIG)
    until: int = col(BIG)
    steps: int = col(BIG)
    waits: str | None = opt(TEXT)


_SHARE: Final = Shape(ShareRow, Share)
_ORDER: Final = "ORDER BY document_id, variant_id, location_id"


class ShareReads:
    """Look-ups of shares."""

    _db: Db

    def shares_of(self, document_ids: Iterable[int]) -> list[Share]:
        """Return what these documents do to levels."""
        wanted = sorted(set(document_ids))
        return self._shares("document_id {ints}", wanted) if wanted else []

    def shares_in(self, variant_ids: Iterable[int]) -> list[Share]:
        """Return the shares in levels of these variants for which something is kept back."""
        wanted = sorted(set(variant_ids))
        return self._shares("variant_id {ints} AND kept <> 0", wanted) if wanted else []

    def kept(self, pairs: Iterable[Pair]) -> dict[Pair, int]:
        """Return how many units documents keep back of each of these levels."""
        wanted = set(pairs)
        found = dict.fromkeys(sorted(wanted), 0)
        for share in self.shares_in({variant for variant, _ in wanted}):
            pair = (share.variant_id, share.location_id)
            if pair in wanted:
                found[pair] += share.kept
        return found

    def shares_past(self, now: Micros, limit: int) -> list[Share]:
        """Return shares that keep something back although their time is over."""
        return self._shares("kept <> 0 AND until > 0 AND until <= {p}", now)[:limit]

    def shares_waiting(self, names: Iterable[str]) -> list[int]:
        """Return the documents that name a variant which was not known, by what it is called there."""
        wanted = sorted(set(names))
        found = self._shares("waits IS NOT NULL AND waits {texts}", wanted) if wanted else []
        return sorted({share.document_id for share in found})

    def _shares(self, where: str, *params: object) -> list[Share]:
        sql = f"SELECT {_SHARE.columns} FROM share WHERE {where} {_ORDER}"  # noqa: S608 - our own column names
        return [_SHARE.read(row) for row in self._db.rows(sql, *params)]


class Shares(ShareReads):
    """Shares, written."""

    def save_shares(self, shares: Iterable[Share]) -> None:
        """Insert or replace shares."""
        self._db.upsert(ShareRow, map(_SHARE.write, shares))

    def drop_shares_waiting(self, document_ids: Iterable[int]) -> None:
        """Forget that these documents wait for variants; they are looked at again."""
        wanted = sorted(set(document_ids))
        if wanted:
            self._db.run("DELETE FROM share WHERE variant_id < 0 AND document_id {ints}", wanted)
