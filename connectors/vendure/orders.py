"""Orders that were placed, with their payments, refunds and fulfilments. Baskets and drafts are none yet.

A window of `updatedAt` alone finds next to nothing: Vendure does not move it when an order is placed, paid, shipped, refunded or
cancelled (seen on 3.7.3; only edits move it). So a pass after the first reads, in this order,

    n   orders edited or placed since the cursor
    u   every order that is neither delivered nor cancelled, and
    r   those that were among them in the pass before and are no more, and `ROUND` of the finished ones: they go round, the newest
        first, so that a refund after delivery is found in time too.

All but `n` look at what was placed in the `orders_days` before the cursor, so a pass costs what is being worked on and one more
page, however old the shop is and however many orders are never marked as delivered. Older orders are found by webhooks and by
the full read. What the client remembers between passes is lost with the process; the round then finds what it missed.

Pages go by offset in the order of ids. Placing adds orders, which are read twice at worst; what leaves a list moves the ones
behind it up, so pages overlap.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.vendure.client import Client
from connectors.vendure.papers import FIELDS, read_order
from hub.clock import instant
from hub.model.values import SECOND, Doc, Micros
from hub.sdk import Cursor, Page, Stream, VersionKind

FINISHED: Final = ["Delivered", "Cancelled"]
NEWS, UNFINISHED, REST, ALL = "n", "u", "r", "a"
ROUND: Final = 50
"""How many finished orders are read again in a pass."""
LARGEST: Final = 100
"""Orders per page, at most: each is a dozen rows there."""
_OVERLAP: Final = 10
_DAY: Final[Micros] = 86_400 * SECOND
# A seller's order repeats a part of the aggregate order of a marketplace.
_SALES: Final[list[Doc]] = [{"orderPlacedAt": {"isNull": False}}, {"type": {"notEq": "Seller"}}]
QUERY: Final = (
    f"query List($options: OrderListOptions) {{\n  list: orders(options: $options) {{ totalItems items {{ {FIELDS} }} }}\n}}"
)


class Orders(Stream[Client]):
    """`orders`. Its documents are told apart by when they were read, since their times do not tell."""

    name: ClassVar[str] = "orders"
    version: ClassVar[VersionKind] = VersionKind.NONE
    overlap_s: ClassVar[float] = 60.0

    def page(self, client: Client, cursor: Cursor) -> Page:
        """Return one page of a pass; an order may come more than once in it."""
        if cursor.since is None:
            docs, token, total = self._read(client, ALL, _skip(cursor), [])
            return Page(docs, token, total)
        phase, since = (cursor.token or NEWS)[0], cursor.since
        if phase == NEWS:
            docs, token, _ = self._read(client, NEWS, _skip(cursor), [_since(since)])
            return Page(docs, token or f"{UNFINISHED}0")
        if phase == UNFINISHED:
            return self._page_unfinished(client, _skip(cursor), _lately(client, since))
        return self._page_rest(client, _lately(client, since))

    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these orders; baskets are left out as if they did not exist."""
        if not ids:
            return []
        found, _ = _ask(client, {"take": len(ids), "filter": {"_and": [*_SALES, {"id": {"in": list(ids)}}]}})
        return found

    def _page_unfinished(self, client: Client, skip: int, lately: Doc) -> Page:
        docs, token, _ = self._read(client, UNFINISHED, skip, [lately, {"state": {"notIn": FINISHED}}])
        if not skip:
            client.orders.seen.clear()
        client.orders.seen.update(str(doc["id"]) for doc in docs)
        return Page(docs, token or f"{REST}0")

    def _page_rest(self, client: Client, lately: Doc) -> Page:
        """Return what is finished since the pass before, and the next ones of the round."""
        watch = client.orders
        left, watch.unfinished = sorted(watch.unfinished - watch.seen, key=lambda i: (len(i), i)), set(watch.seen)
        size = min(ROUND, client.page_size)
        docs = [doc for at in range(0, len(left), size) for doc in self.fetch(client, left[at : at + size])]
        wanted = [*_SALES, lately, {"state": {"in": FINISHED}}]
        options = {"take": size, "skip": watch.round, "sort": {"id": "DESC"}, "filter": {"_and": wanted}}
        found, _ = _ask(client, options)
        watch.round = watch.round + size - _overlap(size) if len(found) == size else 0
        return Page([*docs, *found])

    def _read(self, client: Client, phase: str, skip: int, wanted: list[Doc]) -> tuple[list[Doc], str | None, int]:
        size = min(client.page_size, LARGEST)
        options = {"take": size, "skip": skip, "sort": {"id": "ASC"}, "filter": {"_and": [*_SALES, *wanted]}}
        docs, total = _ask(client, options)
        token = f"{phase}{skip + size - _overlap(size)}" if len(docs) == size else None
        return docs, token, total


def _ask(client: Client, options: Doc) -> tuple[list[Doc], int]:
    data: dict[str, Any] = client.ask(client.account().select("Order", QUERY), {"options": options})["list"]
    return [read_order(item) for item in data["items"]], int(data["totalItems"])


def _skip(cursor: Cursor) -> int:
    return int(cursor.token[1:]) if cursor.token else 0


def _overlap(size: int) -> int:
    return min(_OVERLAP, size // 2)


def _since(since: Micros) -> Doc:
    """`after` is strict, and a millisecond is the finest that answers show."""
    after = {"after": instant(since - SECOND // 1000)}
    return {"_or": [{"updatedAt": after}, {"orderPlacedAt": after}]}


def _lately(client: Client, since: Micros) -> Doc:
    return {"orderPlacedAt": {"after": instant(since - client.orders_days * _DAY)}}
