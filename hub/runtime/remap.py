"""Notice changed mapping files at the start, and bring what was read before to the new ones, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Lookup

import orjson

from hub.mapping import Comparison, Mapping, compare, load
from hub.mapping.ground import Ground
from hub.model.known import Known
from hub.model.link import Link, LinkKey
from hub.model.record import Observation, RawRecord
from hub.model.values import Micros
from hub.normalise import normalise
from hub.pipeline import replan
from hub.reconcile import remap
from hub.store.known import begin_known, load_entities, load_links
from hub.store.unit import Unit

PAGE = 500
_NAME = "mapping/"
_TEXT = "mapping-text/"
BRAKE = "mapping"
Key = tuple[str, str]


def changed_lines(unit: Unit, ground: Ground) -> dict[Key, Comparison]:
    """Return what changed since the store last saw each mapping, by (connection, stream); a stream met first is only noted."""
    flags = unit.flags()
    found: dict[Key, Comparison] = {}
    for (connection, stream), table in sorted(ground.tables.items()):
        known = flags.get(f"{_NAME}{connection}/{stream}")
        if known is None:
            note_mapping(unit, connection, stream, table)
        elif known != table.fingerprint:
            found[connection, stream] = _compare(mapping_in_use(flags, connection, stream), table)
    return found


def _compare(used: Mapping | None, table: Mapping) -> Comparison:
    """Compare with the text that was kept; where it is gone, every line counts as changed."""
    return compare(used, table) if used is not None else Comparison((*table.fields, *table.lists), (), ())


def mapping_in_use(flags: Lookup[str, str], connection: str, stream: str) -> Mapping | None:
    """Return the mapping that what is known of a stream was read with; None where its text was not kept."""
    text = flags.get(_TEXT + flags.get(f"{_NAME}{connection}/{stream}", ""))
    return load(text, "the mapping used so far").streams[stream] if text is not None else None


def note_mapping(unit: Unit, connection: str, stream: str, table: Mapping) -> None:
    """Keep which mapping the claims of a stream were read with, and its text."""
    unit.set_flag(f"{_NAME}{connection}/{stream}", table.fingerprint)
    unit.set_flag(_TEXT + table.fingerprint, table.text)


def note_mappings(unit: Unit, ground: Ground, keys: Iterable[Key]) -> None:
    """Note that these streams have been brought to their present mappings."""
    for key in keys:
        note_mapping(unit, *key, ground.tables[key])


def remap_page(unit: Unit, ground: Ground, key: Key, lines: Lookup[Key, Comparison], after: int, now: Micros) -> int | None:
    """Bring one page of a stream's links and those of their parts to the new mapping; return where to go on, None at the end."""
    links = unit.links_of_stream(*key, after=after, limit=PAGE)
    if not links:
        return None
    known = begin_known(unit)
    remap_links(unit, known, ground, key, lines, links, now)
    replan(unit, ground, known, now, brake=BRAKE)  # the deliveries that follow wait for a yes as one plan
    return links[-1].id


def remap_links(
    unit: Unit, known: Known, ground: Ground, key: Key, lines: Lookup[Key, Comparison], links: Sequence[Link], now: Micros
) -> None:
    """Read the kept records of these links of a stream anew, in a working set; nothing is planned or written yet."""
    bodies = unit.raws([link.id for link in links])
    seen: list[tuple[int | None, Observation]] = []
    for link in links:
        body = bodies.get(link.id)
        if body is not None:
            raw = RawRecord(*key, orjson.loads(body), link.fence_seq, now, now)
            read = normalise(raw, b"", ground.tables[key], ground.settings(key[0]), None).seen
            seen += [(link.id if position == 0 else None, one) for position, one in enumerate(read)]
    names = [LinkKey(one.connection, one.record.stream, one.record.external_id) for _, one in seen]
    load_links(unit, known, names)
    load_entities(unit, known, [link.entity_id for link in links])
    for name, (owner, one) in zip(names, seen, strict=True):
        # the id of a record that is gone may be another's by now, so its own link is taken, not the one of that name
        found = known.by_id.get(owner) if owner is not None else known.links.get(name)
        if found is not None and (name.connection, name.stream) in lines:
            remap(known, ground, found, one, lines[name.connection, name.stream], now)
    for link in links:
        if link.id not in bodies and key in lines and lines[key].added:
            known.look_at(known.resolve(link.entity_id))  # Rule 2.44: none was kept of what we made and was not read since


def streams_to_read(ground: Ground, lines: Lookup[Key, Comparison]) -> list[Key]:
    """Return the streams whose kept records have to be read again: those that changed, and the parents of parts that did."""
    parents = {
        (connection, stream)
        for (connection, stream), table in ground.tables.items()
        if any((connection, one) in lines for one in table.streams)
    }
    parts = {(connection, part) for (connection, _), table in ground.tables.items() for part in table.parts}
    return sorted(parents - parts)
