"""Turn a record into statements: field path -> value, list elements included, each under its element's own id."""

from __future__ import annotations

from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.link import Link
from hub.model.record import Element, Record
from hub.model.values import MISSING, Value

SLOT = "0"
"""The remote id of an element where the system has one unnamed place for it."""


def statements(record: Record, link: Link, entity: Entity, ground: Ground) -> dict[str, Value]:
    """Return what a record states. Elements seen held there and missing from a complete list are stated as None (removed)."""
    if not record.lists:
        return record.fields
    table = ground.table(link)
    stated = dict(record.fields)
    for name, elements in record.lists.items():
        held = [path for path, claim in link.claims.items() if path.startswith(name + "/") and claim.held not in (MISSING, None)]
        seen = _name_elements(name, elements, link, entity, table)
        stated.update(seen)
        if not record.partial:
            for path in (path for path in held if path not in seen):  # Rule 2.16: only an element seen held there can be removed
                stated[path] = None
    return stated


def _name_elements(name: str, elements: list[Element], link: Link, entity: Entity, table: Mapping | None) -> dict[str, Value]:
    line = table.lists.get(name) if table else None
    if line is None:
        return {}
    if line.is_set:
        return {f"{name}/{element.values['value']}": True for element in elements}
    assert table is not None
    known = link.elements.setdefault(name, {})
    present = {_remote_key(name, element, table): element for element in elements}
    used = {known[remote_id] for remote_id in present if remote_id in known}
    found = {}
    for remote_id, element in present.items():
        element_id = known.get(remote_id)
        if element_id is None:
            element_id = _match_element(name, element, entity, table, used) if entity.golden else None
            if element_id is None:
                element_id, entity.next_element = str(entity.next_element), entity.next_element + 1
            for former in [other for other, ours in known.items() if ours == element_id]:
                del known[former]
            known[remote_id] = element_id
            used.add(element_id)
        found[f"{name}/{element_id}"] = {part: value for part, value in element.values.items() if value is not None}
    return found


def complete(table: Mapping | None, path: str, value: Value, golden: Value) -> Value:
    """Return an edited element with what this system has no place for, as it stands in the golden record (Rule 2.37)."""
    name, _, element_id = path.partition("/")
    if not element_id or table is None or not isinstance(value, dict) or not isinstance(golden, dict):
        return value
    placed = {part for line in table.lists[name].lines for part in line.names}
    return {**{part: kept for part, kept in golden.items() if part not in placed}, **value}


def _remote_key(name: str, element: Element, table: Mapping) -> str:
    """Return what names an element there: its id, else its natural key."""
    return element.remote_id if element.remote_id is not None else repr(table.natural_key(name, element.values))


def _match_element(name: str, element: Element, entity: Entity, table: Mapping, used: set[str]) -> str | None:
    """Find the golden element with the same natural key that the link does not know yet (Rule 2.15)."""
    natural = table.natural_key(name, element.values)
    if not natural:
        return None
    prefix = name + "/"
    for path, golden in entity.golden.items():
        free = path.startswith(prefix) and path[len(prefix) :] not in used and golden.value is not None
        if free and table.natural_key(name, golden.value) == natural:
            return path[len(prefix) :]
    return None
