"""A mapping that is not in use yet, tried on what was kept: what would be read otherwise, and what would be written then.

In: a mapping file, the store. Out: the fields that differ with their numbers and some examples, and the plan lines that would
follow. Nothing is stored, nobody is called.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, cast

import orjson

from hub.clock import instant
from hub.errors import RecordRefused, UsageError
from hub.mapping import Comparison, compare, load
from hub.mapping import Mapping as Table
from hub.mapping.ground import Ground
from hub.model.link import Link, LinkState
from hub.model.record import EntityType, Record
from hub.model.values import MISSING, Doc, Micros, Value
from hub.ops.consequences import only_in, planned
from hub.ops.installation import INSTANCE, Installation
from hub.ops.names import shown
from hub.ops.plan import PlanItem, looking
from hub.runtime.assemble import check_use, make_ground
from hub.runtime.remap import PAGE, Key, mapping_in_use, remap_links
from hub.store import Reader, Unit

EXAMPLES: Final = 3
OPEN: Final = frozenset({EntityType.LOCATION, EntityType.PRODUCT, EntityType.VARIANT, EntityType.INVENTORY_LEVEL})
"""Entities whose values are shown without being asked for: nothing personal is in them."""
HOW: Final = ("changed", "comes", "goes")
Tell = Callable[[int, int], None]
Read = dict[tuple[str, str], Record]


@dataclass(slots=True)
class Rehearsal:
    """What came of it so far. `cut`: there were more records than asked for.

    `fields`: (stream, field) -> how it differs -> number of records.
    """

    lines: dict[Key, Comparison] = field(default_factory=dict)
    cut: bool = False
    known: int = 0
    read: int = 0
    differ: int = 0
    fates: Counter[str] = field(default_factory=Counter)
    fields: dict[tuple[str, str], Counter[str]] = field(default_factory=dict)
    examples: dict[tuple[str, str], list[Doc]] = field(default_factory=dict)
    more: list[PlanItem] = field(default_factory=list)
    less: list[PlanItem] = field(default_factory=list)
    entities: dict[str, EntityType] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Trial:
    """The old and the new rules, and since when records count."""

    before: Ground
    after: Ground
    stream: str
    since: Micros | None
    limit: int


def rehearse(
    installation: Installation,
    reader: Reader,
    file: Path,
    since: Micros | None,
    *,
    limit: int = 10_000,
    now: Micros = 0,
    tell: Tell = lambda _done, _of: None,
) -> Rehearsal:
    """Read kept records through the mapping in use and through a new one. Raises MappingError with line and column.

    `since`: only records that were met or changed since then; one whose system gives no time counts always. `limit`: at most so
    many records.
    """
    table = _load(installation, file)
    flags = reader.flags()
    after = _with(installation, table, flags.get(INSTANCE, ""))
    done = Rehearsal(entities={name: one.entity for name, one in table.streams.items()})
    for name in _connections(installation, table):
        before = _in_use(installation.ground(after.instance), flags, name, table.stream)
        done.entities |= {stream: one.entity for stream, one in before.tables[name, table.stream].streams.items()}
        _replay(reader, Trial(before, after, table.stream, since, limit), name, done, now, tell)
    return done


def _load(installation: Installation, file: Path) -> Table:
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(f"{file} cannot be read as a UTF-8 text file.", fix="Check its name and its encoding.") from None
    table = load(text, file.as_posix())
    check_use(file, "connector", table.connector, sorted(installation.tables))
    check_use(file, "stream", table.stream, sorted(installation.tables[table.connector]))
    return table


def _with(installation: Installation, table: Table, instance: str) -> Ground:
    """Return the rules as they would be with a new mapping in the place of the one of its stream."""
    tables = {connector: dict(one) for connector, one in installation.tables.items()}
    for part in tables[table.connector][table.stream].streams:
        del tables[table.connector][part]
    tables[table.connector] |= table.streams
    return make_ground(installation.config, installation.connectors, tables, instance)


def _connections(installation: Installation, table: Table) -> list[str]:
    return [name for name, one in installation.config.connections.items() if one.connector == table.connector]


def _in_use(ground: Ground, flags: Mapping[str, str], connection: str, stream: str) -> Ground:
    """Let the mapping count that the store was last read with; the file may have moved on since."""
    used = mapping_in_use(flags, connection, stream)
    if used is not None:
        ground.tables.update({(connection, part): one for part, one in used.streams.items()})
    return ground


def _replay(reader: Reader, trial: Trial, connection: str, done: Rehearsal, now: Micros, tell: Tell) -> None:
    key = (connection, trial.stream)
    lines = _lines(trial, connection)
    done.lines |= lines
    number = reader.live_count(*key)
    for links in _pages(reader, key, trial, done):
        bodies = reader.raws([link.id for link in links])
        for link in links:
            if link.id in bodies:
                _read_twice(trial, link, orjson.loads(bodies[link.id]), done)
        _follow(reader, trial, key, lines, links, done, now)
        tell(done.known, number)


def _lines(trial: Trial, connection: str) -> dict[Key, Comparison]:
    """Return what differs, by (connection, stream); a part that is met first has nothing to be brought along."""
    found = {}
    for stream, table in trial.after.tables[connection, trial.stream].streams.items():
        used = trial.before.tables.get((connection, stream))
        if used is not None and used.fingerprint != table.fingerprint:
            found[connection, stream] = compare(used, table)
    return found


def _pages(reader: Reader, key: Key, trial: Trial, done: Rehearsal) -> Iterator[list[Link]]:
    after = 0
    while page := reader.links_of_stream(*key, after=after, limit=PAGE):
        after = page[-1].id
        wanted = [link for link in page if link.state is LinkState.LIVE and _counts(link, trial.since)]
        wanted = wanted[: trial.limit - done.known]
        done.known += len(wanted)
        if wanted:
            yield wanted
        if done.known >= trial.limit:
            done.cut = True
            return


def _counts(link: Link, since: Micros | None) -> bool:
    return since is None or link.changed_at is None or max(link.changed_at, link.linked_at) >= since


def _read_twice(trial: Trial, link: Link, doc: Doc, done: Rehearsal) -> None:
    done.read += 1
    old, was = _read(trial.before, link, doc)
    new, becomes = _read(trial.after, link, doc)
    if was != becomes:
        done.fates[becomes or "understood again"] += 1
        done.differ += 1
        return
    differs = False
    for name in [*old, *(name for name in new if name not in old)]:
        differs |= _compare(done, link, name, old.get(name), new.get(name))
    done.differ += differs


def _read(ground: Ground, link: Link, doc: Doc) -> tuple[Read, str]:
    """Return the records in a document by stream and id, or why there are none."""
    try:
        reading = ground.tables[link.connection, link.stream].read(doc, ground.settings(link.connection))
    except RecordRefused:
        return {}, "refused"
    return {(one.stream, one.external_id): one for one in reading.records}, "" if reading.skipped is None else "skipped"


def _compare(done: Rehearsal, link: Link, name: tuple[str, str], old: Record | None, new: Record | None) -> bool:
    before, after = _flat(old), _flat(new)
    differs = False
    for path in [*before, *(path for path in after if path not in before)]:
        was, becomes = before.get(path, MISSING), after.get(path, MISSING)
        if was == becomes:
            continue
        differs = True
        how = "comes" if was is MISSING else "goes" if becomes is MISSING else "changed"
        done.fields.setdefault((name[0], path), Counter())[how] += 1
        examples = done.examples.setdefault((name[0], path), [])
        if len(examples) < EXAMPLES:
            examples.append({"connection": link.connection, "record": name[1], "from": was, "to": becomes})
    return differs


def _flat(record: Record | None) -> dict[str, Value]:
    """Return everything a record states under names of ours; what is no field stands in brackets."""
    if record is None:
        return {}
    found: dict[str, Value] = dict(record.fields)
    found |= {name: [element.values for element in elements] for name, elements in record.lists.items()}
    found |= {name: f"{ref.stream}/{ref.external_id}" if ref is not None else None for name, ref in record.refs.items()}
    found |= {"(id)": record.external_id, "(version)": record.version, "(deleted)": record.deleted}
    found |= {"(changed at)": _time(record.changed_at), "(made at)": _time(record.created_at)}
    return found


def _time(at: Micros | None) -> str | None:
    return instant(at) if at is not None else None


def _follow(
    reader: Reader,
    trial: Trial,
    key: Key,
    lines: Mapping[Key, Comparison],
    links: Sequence[Link],
    done: Rehearsal,
    now: Micros,
) -> None:
    """Bring the records to the new mapping as a hub would at its next start, in mind only, and see what would be sent then."""
    known = looking(reader)
    remap_links(cast("Unit", reader), known, trial.after, key, lines, links, now)
    touched = list(known.touched)
    after = planned(reader, known, trial.after, touched)
    before = planned(reader, looking(reader), trial.before, touched)
    done.more += only_in(after, before)
    done.less += only_in(before, after)


def as_doc(done: Rehearsal, file: Path, *, values: bool) -> Doc:
    """Return a rehearsal as plain data. Without `values` those of people's records are only outlined."""
    rows = []
    for (stream, path), counts in sorted(done.fields.items()):
        hidden = not values and done.entities.get(stream) not in OPEN
        examples = [_example(one, hidden=hidden) for one in done.examples[stream, path]]
        rows.append({"stream": stream, "field": path, **{how: counts[how] for how in HOW}, "examples": examples})
    return {
        "file": file.as_posix(),
        "records": done.known,
        "cut": done.cut,
        "kept": done.read,
        "differ": done.differ,
        "fates": dict(sorted(done.fates.items())),
        "lines": [
            {"connection": key[0], "stream": key[1], **{name: list(paths) for name, paths in one._asdict().items()}}
            for key, one in sorted(done.lines.items())
        ],
        "fields": rows,
        "sent": [_item(one, values=values) for one in done.more],
        "not_sent": [_item(one, values=values) for one in done.less],
    }


def _example(one: Doc, *, hidden: bool) -> Doc:
    was, becomes = one["from"], one["to"]
    said = f"{outline(was)} -> {outline(becomes)}" if hidden else f"{shown(was)} -> {shown(becomes)}"
    found = {name: None if hidden or value is MISSING else value for name, value in (("from", was), ("to", becomes))}
    return {"connection": one["connection"], "record": one["record"], **found, "hidden": hidden, "shown": said}


def _item(item: PlanItem, *, values: bool) -> Doc:
    hidden = not values and EntityType(item.entity) not in OPEN
    lines = [
        {
            "field": line["field"],
            "from": None if hidden else line["from"],
            "to": None if hidden else line["to"],
            "hidden": hidden,
            "shown": f"{outline(line['from'])} -> {outline(line['to'])}" if hidden else line["shown"],
        }
        for line in item.lines
    ]
    return {
        "connection": item.connection,
        "stream": item.stream,
        "action": item.action,
        "entity": item.entity,
        "entity_id": item.entity_id,
        "name": "" if hidden else item.name,
        "external_id": item.external_id,
        "lines": lines,
    }


def outline(value: Value) -> str:
    """Return what kind of value it is, not the value itself."""
    match value:
        case None:
            return "(empty)"
        case _ if value is MISSING:
            return "(nothing)"
        case str():
            return f"({len(value)} characters)"
        case list() | dict():
            return f"({len(value)} {'elements' if isinstance(value, list) else 'parts'})"
        case _:
            return "(a value)"
