"""The search index of the simulated account: it shows what was some seconds ago, and never more than 10,000 results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from connectors.hubspot.fake.core import Core, Record, invalid, iso, millis
from connectors.hubspot.fake.definitions import SHOWN, Definitions
from hub.model.values import SECOND, Doc

PAGE: Final = 200
GROUPS: Final = 6


class Search:
    """Filters, one sort, pages by position."""

    def __init__(self, core: Core, definitions: Definitions, lag_s: float, most: int) -> None:
        self.core = core
        self.definitions = definitions
        self.lag_s = lag_s
        self.most = most

    def answer(self, path: str, body: Doc) -> Doc:
        """Answer a search. Raises Failure for a page beyond what it serves."""
        limit, after = body["limit"], int(body["after"] or "0")
        if not 1 <= limit <= PAGE:
            raise invalid(f"limit must be between 1 and {PAGE}")
        if after + limit > self.most:
            raise invalid(f"The requested page lies beyond the {self.most} results that a search returns")
        if len(body["filterGroups"]) > GROUPS:
            raise invalid(f"At most {GROUPS} groups of filters")
        self.definitions.of(path)
        rows = [(record, seen) for record, seen in self._visible(path) if self._fits(path, seen, body["filterGroups"])]
        rows.sort(key=lambda row: int(row[0].id))
        for sort in body["sorts"][:1]:
            name = sort.removeprefix("-")
            rows.sort(key=lambda row: self._comparable(path, name, row[1].get(name, "")), reverse=sort.startswith("-"))
        page = rows[after : after + limit]
        names = body["properties"] or SHOWN.get(path, ())
        answer: Doc = {"total": len(rows), "results": [self._shown(record, seen, names) for record, seen in page]}
        if after + limit < len(rows):
            answer["paging"] = {"next": {"after": str(after + limit)}}
        return answer

    def _visible(self, path: str) -> list[tuple[Record, dict[str, str]]]:
        until = self.core.now() - int(self.lag_s * SECOND)
        records = self.core.state.records.get(path, {}).values()
        states = ((record, next((seen for at, seen in reversed(record.seen) if at <= until), None)) for record in records)
        return [(record, seen) for record, seen in states if seen is not None]

    def _fits(self, path: str, seen: dict[str, str], groups: list[Doc]) -> bool:
        return not groups or any(all(self._holds(path, seen, one) for one in group["filters"]) for group in groups)

    def _holds(self, path: str, seen: dict[str, str], one: Doc) -> bool:
        name, operator = one["propertyName"], one["operator"]
        if name not in self.definitions.of(path):
            raise invalid(f"There was a problem with the request: unknown property {name}")
        if operator in ("HAS_PROPERTY", "NOT_HAS_PROPERTY"):
            return bool((name in seen) == (operator == "HAS_PROPERTY"))
        if name not in seen:
            return False
        held, wanted = self._comparable(path, name, seen[name]), self._comparable(path, name, one.get("value", ""))
        results: dict[str, bool] = {"EQ": held == wanted, "NEQ": held != wanted, "GT": held > wanted, "GTE": held >= wanted}
        results |= {"LT": held < wanted, "LTE": held <= wanted}
        if operator not in results:
            raise invalid(f"This simulator has no operator {operator}")
        return results[operator]

    def _comparable(self, path: str, name: str, value: str) -> tuple[float, str]:
        kind = self.definitions.of(path).get(name, {}).get("type")
        if kind == "datetime" and value:
            return (float(value) if value.isdecimal() else float(millis(value)), "")
        if kind == "number" and value:
            return (float(value), "")
        return (0.0, value.lower())

    def _shown(self, record: Record, seen: dict[str, str], names: Sequence[str]) -> Doc:
        modified = next(seen[name] for name in ("lastmodifieddate", "hs_lastmodifieddate") if name in seen)
        values = {name: seen.get(name) for name in dict.fromkeys([*names, "hs_object_id"])}
        top: Doc = {"id": record.id, "createdAt": iso(record.created_at), "updatedAt": modified, "archived": False}
        return top | {"properties": values}
