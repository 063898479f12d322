"""The index of documents: what belongs to a customer, an order or a ticket, and what still waits to be attached."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from hub.model.documents import Document, Purchases
from hub.model.record import EntityType
from hub.store.db import Db
from hub.store.kinds import BIG, TEXT, Stored, col, index, key, opt, partial
from hub.store.shape import Shape


class DocumentRow(Stored):
    """The index of orders, payments, refunds, tickets, messages, ...: written with their golden record, read by timelines."""

    name_ = "document"
    rules_ = (
        index("document_customer", "customer_id", "at", "entity_id"),
        index("document_order", "order_id", "at", "entity_id"),
        index("document_ticket", "ticket_id", "at", "entity_id"),
        index("document_number", "number", "type"),
        partial("document_customer_ref", "customer_ref", where="customer_ref IS NOT NULL"),
        partial("document_order_ref", "order_ref", where="order_ref IS NOT NULL"),
        partial("document_ticket_ref", "ticket_ref", where="ticket_ref IS NOT NULL"),
        partial("document_email", "email", where="email IS NOT NULL"),
    )
    entity_id: int = key(BIG)
    type: str = col(TEXT)
    connection: str = col(TEXT)
    number: str | None = opt(TEXT)
    state: str | None = opt(TEXT)
    at: int = col(BIG)
    amount: int | None = opt(BIG)
    currency: str | None = opt(TEXT)
    customer_id: int | None = opt(BIG)
    order_id: int | None = opt(BIG)
    ticket_id: int | None = opt(BIG)
    customer_ref: str | None = opt(TEXT)
    order_ref: str | None = opt(TEXT)
    ticket_ref: str | None = opt(TEXT)
    email: str | None = opt(TEXT)


_DOCUMENT: Final = Shape(DocumentRow, Document, enums={"type": EntityType})
_COUNTS: Final = "(o.state IS NULL OR o.state NOT IN ('cancelled', 'draft'))"
_BOUGHT: Final = (
    "SELECT o.customer_id, o.currency, count(*), coalesce(sum(o.amount), 0) FROM document o"  # noqa: S608 - our own words
    f" WHERE o.type = 'order' AND o.customer_id {{ints}} AND {_COUNTS} GROUP BY 1, 2 ORDER BY 1, 2"
)
_REFUNDED: Final = (
    "SELECT o.customer_id, r.currency, coalesce(sum(r.amount), 0)"  # noqa: S608 - our own words
    " FROM document o JOIN document r ON r.order_id = o.entity_id"
    f" WHERE o.type = 'order' AND o.customer_id {{ints}} AND {_COUNTS} AND r.type = 'refund'"
    " AND (r.state IS NULL OR r.state <> 'failed') GROUP BY 1, 2 ORDER BY 1, 2"
)
_CHANNELS: Final = (
    "SELECT o.customer_id, count(DISTINCT o.connection) FROM document o"  # noqa: S608 - our own words
    f" WHERE o.type = 'order' AND o.customer_id {{ints}} AND {_COUNTS} GROUP BY 1 ORDER BY 1"
)
_ASKING: Final = (
    "SELECT customer_id, count(*) FROM document WHERE type = 'ticket' AND customer_id {ints}"
    " AND (state IS NULL OR state NOT IN ('solved', 'closed')) GROUP BY 1 ORDER BY 1"
)
_LATEST: Final = (
    f"SELECT {_DOCUMENT.columns} FROM (SELECT {_DOCUMENT.columns}, row_number() OVER"  # noqa: S608 - our own column names
    " (PARTITION BY customer_id ORDER BY at DESC, entity_id DESC) AS place FROM document"
    " WHERE type = 'order' AND customer_id {ints}) AS numbered WHERE place <= {p} ORDER BY customer_id, at DESC, entity_id DESC"
)
_PLACES: Final = ("customer_ref", "order_ref", "ticket_ref")


class DocumentReads:
    """Look-ups of documents."""

    _db: Db

    def documents(self, ids: Iterable[int]) -> dict[int, Document]:
        """Return documents by entity id."""
        return {found.entity_id: found for found in self._documents("entity_id {ints}", sorted(set(ids)))}

    def documents_of(self, place: str, ids: Iterable[int], *, limit: int = 10_000) -> list[Document]:
        """Return the newest documents of these customers, orders or tickets (`place`), oldest first."""
        assert place in ("customer", "order", "ticket"), "documents hang on a customer, an order or a ticket"
        wanted = sorted(set(ids))
        sql = f"SELECT {_DOCUMENT.columns} FROM document WHERE {place}_id {{ints}} ORDER BY at DESC, entity_id DESC LIMIT {{p}}"  # noqa: S608
        return [_DOCUMENT.read(row) for row in reversed(self._db.rows(sql, wanted, limit))] if wanted else []

    def documents_numbered(self, numbers: Iterable[str], entity: EntityType) -> list[Document]:
        """Return the documents of a type that go by one of these numbers."""
        wanted = sorted(set(numbers))
        return self._documents("type = {p} AND number {texts}", entity.value, wanted) if wanted else []

    def documents_pending(self, names: Iterable[str], emails: Iterable[str]) -> list[int]:
        """Return the entity ids of documents that wait for one of these records, or for a customer with one of these e-mails."""
        found: set[int] = set()
        asked = [(place, sorted(set(names))) for place in _PLACES] + [("email", sorted(set(emails)))]
        for place, wanted in asked:
            if wanted:
                sql = f"SELECT entity_id FROM document WHERE {place} IS NOT NULL AND {place} {{texts}} ORDER BY entity_id"  # noqa: S608
                found.update(row[0] for row in self._db.rows(sql, wanted))
        return sorted(found)

    def purchases(self, customer_ids: Iterable[int], *, latest: int = 3) -> dict[int, Purchases]:
        """Return what the orders and tickets of these customers come to. Cancelled orders and drafts do not count."""
        wanted = sorted(set(customer_ids))
        found = {one: Purchases() for one in wanted}
        if not wanted:
            return found
        for one, currency, count, amount in self._db.rows(_BOUGHT, wanted):
            found[one].orders += count
            found[one].bought |= {currency: int(amount)} if currency is not None else {}
        for one, currency, amount in self._db.rows(_REFUNDED, wanted):
            found[one].refunded |= {currency: int(amount)} if currency is not None else {}
        for one, count in self._db.rows(_CHANNELS, wanted):
            found[one].channels = count
        for one, count in self._db.rows(_ASKING, wanted):
            found[one].open_tickets = count
        for row in self._db.rows(_LATEST, wanted, latest):
            document = _DOCUMENT.read(row)
            assert document.customer_id is not None, "asked for by customer"
            found[document.customer_id].latest.append(document)
        return found

    def has_documents(self) -> bool:
        """Say whether there is any document at all."""
        return bool(self._db.rows("SELECT 1 FROM document LIMIT 1"))

    def _documents(self, where: str, *params: object) -> list[Document]:
        sql = f"SELECT {_DOCUMENT.columns} FROM document WHERE {where} ORDER BY at, entity_id"  # noqa: S608 - our own column names
        return [_DOCUMENT.read(row) for row in self._db.rows(sql, *params)]


class Documents(DocumentReads):
    """Documents, written."""

    def save_documents(self, documents: Sequence[Document]) -> None:
        """Insert or replace documents by entity id."""
        self._db.upsert(DocumentRow, map(_DOCUMENT.write, documents))

    def move_documents(self, dropped: int, kept: int) -> list[int]:
        """Hang the documents of one customer on another; return which."""
        sql = "SELECT entity_id FROM document WHERE customer_id = {p} ORDER BY entity_id"
        ids = [row[0] for row in self._db.rows(sql, dropped)]
        self._db.run("UPDATE document SET customer_id = {p} WHERE customer_id = {p}", kept, dropped)
        return ids
