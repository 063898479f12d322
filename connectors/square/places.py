"""Reading what Square lists per location, location after location.

SearchOrders takes at most 10 locations, ListPayments one (and without one only the main location: both from the vendor's
contract). A window is a queue of visits, kept in the page token. What changes at the first location while a *whole* read is busy
with the others would be older than the newest change seen, so every location but the last is visited again from where its first
visit ended.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any, Final

from connectors.square.client import SquareClient, before, chunks
from hub.clock import micros
from hub.model.values import Doc
from hub.sdk import Cursor, Page

PLACES: Final = 10
"""How many locations one search of orders takes."""
Ask = Callable[[list[str], str | None, str | None], tuple[Sequence[Doc], str | None]]
"""(locations, changed since or None, cursor or None) -> (documents, cursor of the next page or None)"""


def walk(client: SquareClient, cursor: Cursor, size: int, ask: Ask) -> Page:
    """Return the next page of a window over all locations, `size` of them at a time."""
    left: list[dict[str, Any]] = json.loads(cursor.token) if cursor.token else _plan(client, cursor, size)
    if not left:
        return Page([], None)
    visit = left.pop(0)
    docs, token = ask(visit["places"], visit["since"], visit.get("cursor"))
    newest = max([*filter(None, [visit.get("newest")]), *(str(doc["updated_at"]) for doc in docs)], default=None)
    if token:
        left.insert(0, visit | {"cursor": token, "newest": newest})
    elif visit["again"]:
        since = before(micros(newest)) if newest else None
        left.append({"places": visit["places"], "since": since, "again": False})
    return Page(docs, json.dumps(left, separators=(",", ":")) if left else None)


def _plan(client: SquareClient, cursor: Cursor, size: int) -> list[dict[str, Any]]:
    listed = client.read("GET", "/v2/locations").get("locations", [])
    groups = chunks(sorted(str(each["id"]) for each in listed), size)
    since = None if cursor.since is None else before(cursor.since)
    return [{"places": group, "since": since, "again": since is None and group != groups[-1]} for group in groups]
