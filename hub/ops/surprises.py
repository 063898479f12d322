"""What was not expected in what systems say, and what to do about it: words that no table knows, steps that nobody declared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import orjson

from hub.clock import instant
from hub.errors import HubError, Place
from hub.mapping import Mapping as Table
from hub.mapping.ground import Ground
from hub.mapping.lines import Line
from hub.mapping.paths import get
from hub.model.entity import Entity
from hub.model.link import Link, LinkState
from hub.model.machines import JUMPED
from hub.model.record import DriftKind, EntityType
from hub.model.run import DriftCount
from hub.model.values import Doc
from hub.ops.installation import Installation
from hub.ops.names import shown
from hub.store import Reader


def list_surprises(drifts: Sequence[DriftCount], installation: Installation) -> list[Doc]:
    """Return one line per kind and place: where it was met, how often, which line of which mapping file it is, what to do."""
    tables = _tables(installation) if drifts else {}
    connectors = {name: one.connector for name, one in installation.config.connections.items()}
    return [_surprise(one, tables.get(connectors.get(one.connection, ""), {}).get(one.stream)) for one in drifts]


def _tables(installation: Installation) -> Mapping[str, Mapping[str, Table]]:
    """Return the mappings by connector and stream; none where a file is broken: how things stand is told all the same."""
    try:
        return installation.tables
    except HubError:
        return {}


def _surprise(one: DriftCount, table: Table | None) -> Doc:
    place, fix = _what_to_do(one, table)
    return {
        "connection": one.connection,
        "stream": one.stream,
        "path": one.path,
        "kind": one.kind,
        "count": one.count,
        "place": _short(place) if place is not None else "",
        "fix": fix,
    }


def _what_to_do(one: DriftCount, table: Table | None) -> tuple[Place | None, str]:
    line = _line_at(table, one.path) if table is not None else None
    if one.kind == DriftKind.JUMP:
        return None, "taken as it is; look at the record in that system"
    if one.kind == DriftKind.UNKNOWN_FIELD and table is not None:
        return table.table.place, "map it there, or add it to `ignored`"
    if line is None:
        return None, ""
    if one.kind == DriftKind.UNKNOWN_VALUE:
        return line.place, f"what it says there has no word of ours and is left alone: add it to `{_list_of(line)}`"
    return line.place, "this line cannot read it; it is left alone"


def _line_at(table: Table, path: str) -> Line | None:
    """Return the line that reads a path of the document: a field (of several its state), or one in a list (`lines.state`)."""
    found = [line for line in table.table.lines if line.path == path]
    found += [line for entry in table.table.lists for line in entry.lines if f"{entry.path}.{line.path}" == path]
    return min(found, key=lambda line: "state" not in line.names, default=None)


def _list_of(line: Line) -> str:
    return "values_read" if line.values_read else "values"


def _short(place: Place) -> str:
    return f"{place.file}:{place.line}"


def oddities(reader: Reader, ground: Ground, entity: Entity, others: Iterable[int] = ()) -> list[str]:
    """Say what is odd about a document and what hangs on it: states its mapping has no word for, steps that are not declared."""
    ids = [entity.id, *others]
    links = [link for link in reader.links_of(ids) if link.state is LinkState.LIVE and not link.by_hub]
    raws = reader.raws([link.id for link in links])
    found = [words for link in links if link.id in raws for words in _unmapped(ground, link, orjson.loads(raws[link.id]))]
    kinds = {link.entity_id: link.entity_type for link in links}
    for entry in reader.journal_of(ids):
        if entry.kind == JUMPED:
            what = kinds.get(entry.entity_id, entity.type).value
            found += [_step(what, row, instant(entry.at)) for row in entry.body["changes"]]
    return found


def _unmapped(ground: Ground, link: Link, doc: Doc) -> Iterable[str]:
    table = ground.table(link)
    if table is None:
        return
    reading = table.read(doc, ground.settings(link.connection))
    for drift in reading.drift:
        line = _line_at(table, drift.path) if drift.kind is DriftKind.UNKNOWN_VALUE and drift.stream == link.stream else None
        if line is not None and line.read is not None:
            said, file = shown(get(doc, line.read)), _short(line.place)
            yield f"{link.connection} says {said} for the {_name(line)} of this {_noun(link.entity_type)}, " + (
                f"which has no word of ours: add it to `{_list_of(line)}` in {file}"
            )


def _step(what: str, row: list[object], at: str) -> str:
    field, before, after = (str(word).replace("_", " ") for word in row[:3])
    return f"the {field} of this {what.replace('_', ' ')} went from {before} to {after} at {at}, which is not a usual step"


def _name(line: Line) -> str:
    return line.names[0].replace("_", " ")


def _noun(entity: EntityType) -> str:
    return entity.value.replace("_", " ")
