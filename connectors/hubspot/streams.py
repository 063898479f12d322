"""Reading CRM objects: a whole read by the list, changes by search, deletions by the list of archived records.

The list is ordered by id, 100 a page. A search shows a change some seconds late, returns at most 200 a page and 10,000 in all (a
page beyond is a 400), and pages by position, so a record that changes meanwhile would push another one over a page's edge
(developers.hubspot.com/docs/api-reference/search/guide). So no page but the first is ever asked for: the window moves on to the
time of the last record instead, and where more records share one millisecond than a page holds, on by id within it.
A search only says which records changed; they are read by id, so what a page brings is never older than the records.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Final

from connectors.hubspot.client import HubSpotClient, results
from connectors.hubspot.documents import read_documents
from connectors.hubspot.kinds import Kind
from hub.clock import micros
from hub.model.values import Doc, Micros
from hub.sdk import BadPayload, Cursor, Page, Stream, VersionKind

PAGE: Final = 100


class ObjectStream(Stream[HubSpotClient]):
    """One kind of CRM object. Subclasses set `name` and `kind`."""

    kind: ClassVar[Kind]
    version = VersionKind.CHANGED_AT
    overlap_s: ClassVar[float] = 60.0  # twice what the search index was seen to lag
    visible_after_s: ClassVar[float] = 1.0  # records are read by id; HubSpot promises nothing, nobody has seen it lag
    fetch_limit: ClassVar[int] = 50

    def page(self, client: HubSpotClient, cursor: Cursor) -> Page:
        """Return one page. The last pages of a window since a time are the deletions since then."""
        if cursor.since is None:
            return self._list(client, cursor.token)
        step, _, rest = (cursor.token or f"from:{cursor.since // 1000}").partition(":")
        match step:
            case "from":
                return self._changed(client, int(rest))
            case "same":
                at_ms, _, after = rest.partition(":")
                return self._same(client, int(at_ms), after)
            case _:
                number, _, token = rest.partition(":")
                return self._archived(client, cursor.since, int(number), token)

    def fetch(self, client: HubSpotClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these records. Of two that were merged, the one that survived answers for both."""
        return self.documents(client, list(ids)) if ids else []

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these records."""
        return read_documents(client, self.kind, ids) if ids else []

    def _list(self, client: HubSpotClient, token: str | None) -> Page:
        if token is None:
            client.properties(self.kind, fresh=True)  # a property made since is read from here on
        rows, following = self._listed(client, token or "", archived=False)
        return Page(self.documents(client, [str(row["id"]) for row in rows]), following)

    def _changed(self, client: HubSpotClient, since_ms: int) -> Page:
        """Return what changed at or after a time, the oldest change first."""
        filters = [{"propertyName": self.kind.modified, "operator": "GTE", "value": str(since_ms)}]
        rows = client.search(self.kind, filters, self.kind.modified, PAGE, [self.kind.modified])
        times = [self._changed_ms(row) for row in rows]
        following = self._deletions(client)
        if len(rows) == PAGE and times[-1] > times[0]:
            rows = [row for row, at in zip(rows, times, strict=True) if at < times[-1]]
            following = f"from:{times[-1]}"
        elif len(rows) == PAGE:
            rows, following = [], f"same:{times[0]}:0"
        return Page(self.documents(client, [str(row["id"]) for row in rows]), following)

    def _same(self, client: HubSpotClient, at_ms: int, after: str) -> Page:
        """Return records of one millisecond, by id: there are more of them than a page holds."""
        filters = [
            {"propertyName": self.kind.modified, "operator": "EQ", "value": str(at_ms)},
            {"propertyName": "hs_object_id", "operator": "GT", "value": after},
        ]
        rows = client.search(self.kind, filters, "hs_object_id", PAGE, [self.kind.modified])
        ids = [str(row["id"]) for row in rows]
        following = f"same:{at_ms}:{ids[-1]}" if len(ids) == PAGE else f"from:{at_ms + 1}"
        return Page(self.documents(client, ids), following)

    def _deletions(self, client: HubSpotClient) -> str | None:
        return "archived:1:" if client.archived_pages else None

    def _archived(self, client: HubSpotClient, since: Micros, number: int, token: str) -> Page:
        """Return tombstones: archived records carry no properties worth reading, and the list has no filter by time."""
        rows, following = self._listed(client, token, archived=True)
        fresh = [tombstone(row) for row in rows if micros(str(row["archivedAt"])) >= since]
        more = following is not None and number < client.archived_pages
        return Page(fresh, f"archived:{number + 1}:{following}" if more else None)

    def _listed(self, client: HubSpotClient, after: str, *, archived: bool) -> tuple[list[Doc], str | None]:
        params = {"limit": str(PAGE), "archived": "true" if archived else "false", "properties": "hs_object_id"}
        answer = client.read("GET", self.kind.address, params=params | ({"after": after} if after else {}))
        following = ((answer.get("paging") or {}).get("next") or {}).get("after")
        return results(answer), str(following) if following else None

    def _changed_ms(self, row: Doc) -> int:
        try:
            return micros(str(row["properties"][self.kind.modified])) // 1000
        except (KeyError, TypeError, ValueError):
            raise BadPayload("A record found by search has no time of change.") from None


def tombstone(row: Doc) -> Doc:
    """Return an archived record as a document: it says that it is deleted, and no more."""
    doc: Doc = {name: row.get(name) for name in ("id", "createdAt", "updatedAt", "archivedAt")}
    return doc | {"archived": True}
