"""What a command reads beside a running daemon: everything a unit can look up, and figures for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Final

from hub.model.entity import Entity
from hub.model.link import Link
from hub.model.record import EntityType
from hub.store.approvals import ApprovalReads
from hub.store.db import Db, columns
from hub.store.deliveries import DeliveryReads
from hub.store.desk import DeskReads
from hub.store.documents import DocumentReads
from hub.store.entities import EntityReads
from hub.store.links import LinkReads, link_of
from hub.store.reads import ReadReads
from hub.store.shares import ShareReads
from hub.store.stock import StockReads
from hub.store.tables import LinkRow

_BY_EXTERNAL: Final = f"SELECT {columns(LinkRow)} FROM link WHERE external_id = {{p}} ORDER BY id LIMIT 100"  # noqa: S608
_LINKS: Final = "SELECT connection, stream, count(*) FROM link{where} GROUP BY 1, 2 ORDER BY 1, 2"
KEY_KINDS: Final = ("email", "phone", "sku", "barcode", "code")
_COUNTED: Final = {
    "deliveries": "SELECT count(*) FROM delivery",
    "open_attempts": "SELECT count(*) FROM attempt WHERE state <> 'closed'",
    "reviews": "SELECT count(*) FROM review WHERE resolved_at IS NULL",
    "dead_letters": "SELECT count(*) FROM dead_letter WHERE state = 'open'",
    "waiting": "SELECT count(*) FROM waiting",
    "hints": "SELECT count(*) FROM hint",
}


@dataclass(slots=True, frozen=True)
class LinkCount:
    """How many live links a stream has."""

    connection: str
    stream: str
    links: int


class Reader(LinkReads, EntityReads, DocumentReads, DeliveryReads, ApprovalReads, ReadReads, DeskReads, StockReads, ShareReads):
    """A read-only view; one thread at a time. Every question sees the latest commit, or see `snapshot`."""

    def __init__(self, db: Db) -> None:
        self._db = db

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all questions asked inside see one state of the store."""
        self._db.begin_read()
        try:
            yield
        finally:
            self._db.rollback()

    def counts(self) -> dict[str, int]:
        """Return how much there is of what an operator watches."""
        links, entities = sum(one.links for one in self.link_counts()), sum(self.entity_counts().values())
        return {"entities": entities, "links": links} | self.work_counts()

    def work_counts(self) -> dict[str, int]:
        """Return how much is under way or waits for a person."""
        return {name: int(self._db.rows(sql)[0][0]) for name, sql in _COUNTED.items()}

    def entity_counts(self) -> dict[EntityType, int]:
        """Return entity type -> number of live entities."""
        rows = self._db.rows("SELECT type, count(*) FROM entity WHERE state = 'live' GROUP BY type ORDER BY type")
        return {EntityType(kind): count for kind, count in rows}

    def link_counts(self) -> list[LinkCount]:
        """Return the number of live links per connection and stream. Reads indexes only, never the links themselves."""
        ended = {row[:2]: row[2] for row in self._db.rows(_LINKS.format(where=" WHERE state <> 'live'"))}
        found = [(*key, total - ended.get(tuple(key), 0)) for *key, total in self._db.rows(_LINKS.format(where=""))]
        return [LinkCount(*row) for row in found if row[2]]

    def entity(self, ident: int) -> Entity | None:
        """Return an entity, following aliases to the one it lives on as."""
        end = self.resolve([ident])[ident]
        return self.entities([end]).get(end)

    def links_named(self, external_id: str) -> list[Link]:
        """Return the links of any connection that carry this external id."""
        return [link_of(row) for row in self._db.rows(_BY_EXTERNAL, external_id)]

    def find(self, text: str, kinds: Sequence[str] = KEY_KINDS) -> list[Entity]:
        """Return the entities that a person may mean: by external id, by a normalised e-mail, phone, SKU, ..., or by id."""
        ids = {link.entity_id for link in self.links_named(text)}
        for entity in EntityType:
            found = self.matches(entity, [(kind, text) for kind in kinds])
            ids.update(entity_id for holders in found.values() for _, entity_id in holders)
        if text.isascii() and text.isdigit() and len(text) < 19:
            ids.add(int(text))
        return list(self.entities(self.resolve(ids).values()).values())

    def close(self) -> None:
        """Give the connection back."""
        self._db.close()

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()
