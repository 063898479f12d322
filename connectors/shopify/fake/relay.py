"""Connections and searches as the fake answers them: keyset cursors, `updated_at:>=`, at most 250 a page."""

from __future__ import annotations

import base64
import json
import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from typing import Any, Final, TypeVar

from hub.clock import micros
from hub.model.values import Doc, Micros

MOST: Final = 250
_TERM: Final = re.compile(r"""(\w+):(>=|<=|>|<)?(?:'([^']*)'|"([^"]*)"|(\S+))""")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    "": lambda a, b: a == b,
}
RowT = TypeVar("RowT")


def connection(
    rows: Sequence[tuple[list[Any], RowT]], view: Callable[[RowT], Doc], *, first: int | None, after: str | None
) -> Doc:
    """Return the page of `rows` after a cursor. Each row comes with its sort key, which is unique."""
    ordered = sorted(rows, key=lambda row: row[0])
    start = bisect_right([key for key, _ in ordered], _read(after)) if after else 0
    end = start + min(first or MOST, MOST)
    shown = ordered[start:end]
    nodes = [view(row) for _, row in shown]
    cursors = [_write(key) for key, _ in shown]
    return {
        "nodes": nodes,
        "edges": [{"cursor": cursor, "node": node} for cursor, node in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": end < len(ordered),
            "hasPreviousPage": start > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def matcher(query: str | None) -> Callable[[dict[str, Any]], bool]:
    """Compile a search into a test of `{field: value}`; times are microseconds. Raises ValueError for an unknown field."""
    terms = [_term(found) for found in _TERM.finditer(query or "")]

    def matches(values: dict[str, Any]) -> bool:
        return all(_COMPARE[operator](_known(values, name), wanted) for name, operator, wanted in terms)

    return matches


def _known(values: dict[str, Any], name: str) -> Any:
    if name not in values:
        message = f"the fake cannot search by {name}"
        raise ValueError(message)
    return values[name]


def _term(found: re.Match[str]) -> tuple[str, str, Any]:
    name, operator, single, double, bare = found.groups()
    wanted: str | Micros = next(text for text in (single, double, bare) if text is not None)
    return name, operator or "", micros(str(wanted)) if name.endswith("_at") else wanted


def _write(key: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode()


def _read(cursor: str) -> list[Any]:
    read: list[Any] = json.loads(base64.urlsafe_b64decode(cursor))
    return read
