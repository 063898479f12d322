"""Walking through a Vendure list without missing a record that changes meanwhile.

Vendure pages by offset only, and a record that is saved while we read moves to the end of an `updatedAt` order: the ones behind
it slide over the border of the page and would never be seen. So each page starts at the last `updatedAt` seen, not at an offset.
Facts it rests on (3.7.3): `after` is strict; SQLite keeps whole seconds, answers are cut to milliseconds; of two `sort` keys
`id` always comes first, whatever order we write (the schema's counts), so ties cannot be ordered in the same query.

Tokens: `>TIME` = changed after TIME · `=TIME+N` = the group that shares TIME, by id, from the Nth; only where one time fills
a whole page.
"""

from __future__ import annotations

from typing import Final

from hub.clock import instant, micros
from hub.errors import BadPayload
from hub.model.values import SECOND, Doc, Micros
from hub.sdk import Cursor

_TICK: Final[Micros] = SECOND // 1000
_OVERLAP: Final = 10
"""How many of a group that shares one time are read twice: as many may leave it between two pages."""


def options(cursor: Cursor, size: int) -> Doc:
    """Return the `options` of the list query for the page of `cursor`."""
    if cursor.token and cursor.token.startswith("="):
        at, skip = _group(cursor.token)
        shared = {"between": {"start": instant(at - _TICK), "end": instant(at + _TICK)}}
        return {"take": size, "skip": skip, "sort": {"id": "ASC"}, "filter": {"updatedAt": shared}}
    out: Doc = {"take": size, "sort": {"updatedAt": "ASC"}}
    after = cursor.token.removeprefix(">") if cursor.token else None
    if after is None and cursor.since is not None:
        after = instant(cursor.since - _TICK)
    if after is not None:
        out["filter"] = {"updatedAt": {"after": after}}
    return out


def following(cursor: Cursor, items: list[Doc], size: int) -> str | None:
    """Return the token of the page after `items`, None where they were the last."""
    in_group = bool(cursor.token) and str(cursor.token).startswith("=")
    if in_group:
        at, skip = _group(str(cursor.token))
        if len(items) < size:
            return f">{instant(at + _TICK)}"
        return f"={instant(at)}+{skip + len(items) - min(_OVERLAP, len(items) // 2)}"
    if len(items) < size:
        return None
    first, last = changed_at(items[0]), changed_at(items[-1])
    # A page whose records share one time cannot be left by time alone.
    return f"={instant(last)}+0" if first == last else f">{instant(last - _TICK)}"


def changed_at(item: Doc) -> Micros:
    """Return a record's `updatedAt`. Raises BadPayload where there is none."""
    try:
        return micros(item["updatedAt"])
    except (KeyError, TypeError, ValueError):
        raise BadPayload("A record in Vendure's list has no updatedAt.") from None


def _group(token: str) -> tuple[Micros, int]:
    at, _, skip = token.removeprefix("=").rpartition("+")
    return micros(at), int(skip)
