"""What the streams of this connector share: a list query by page, and the same list by ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from connectors.vendure import paging
from connectors.vendure.client import Account, Client
from hub.model.values import Doc
from hub.sdk import Cursor, Page, Stream


class ListStream(Stream[Client]):
    """A stream over one root list. `root`: its query field, `kind`: the GraphQL type, `fields`: what is selected of it."""

    root: ClassVar[str]
    kind: ClassVar[str]
    fields: ClassVar[str]

    def page(self, client: Client, cursor: Cursor) -> Page:
        """Return one page by `updatedAt`; records of the border second may come twice."""
        account = client.account()
        whole = cursor.since is None
        data = client.ask(
            account.select(self.kind, self.query(counted=whole)), {"options": paging.options(cursor, client.page_size)}
        )
        items = data["list"]["items"]
        docs = [doc for item in items for doc in self.documents(item, account)]
        token = paging.following(cursor, items, client.page_size)
        return Page(docs, token, self.total(data["all"]["totalItems"]) if whole else None)

    def fetch(self, client: Client, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these records; deleted ones are simply missing (Vendure shows no tombstones)."""
        if not ids:
            return []
        account = client.account()
        options = {"take": len(ids), "filter": {"id": {"in": list(ids)}}}
        data = client.ask(account.select(self.kind, self.query(counted=False)), {"options": options})
        return [doc for item in data["list"]["items"] for doc in self.documents(item, account)]

    def query(self, *, counted: bool) -> str:
        """Return the query document; `counted` also asks how many records there are in all."""
        count = f"all: {self.root}(options: {{take: 1}}) {{ totalItems }}" if counted else ""
        return (
            f"query List($options: {self.kind}ListOptions) {{\n"
            f"  {count}\n  list: {self.root}(options: $options) {{ totalItems items {{ {self.fields} }} }}\n}}"
        )

    def documents(self, item: Doc, account: Account) -> Sequence[Doc]:
        """Return the documents in one list item: here the item itself."""
        _ = account
        return [item]

    def total(self, items: int) -> int | None:
        """Return how many documents so many list items are, None where that cannot be said."""
        return items
