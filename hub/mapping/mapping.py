"""A compiled mapping: one stream's documents as canonical records, and canonical changes as documents."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from hub.errors import RecordRefused
from hub.mapping import likeness
from hub.mapping.generate import Readers, compile_readers
from hub.mapping.lines import Line, ListLine, RefLine, Table, fingerprint
from hub.mapping.paths import Path, copied, get, put
from hub.mapping.rules import ident, ident_gid
from hub.mapping.write import NOT_MAPPED, ElementChange, Target, Written, constants, line_writers
from hub.mapping.write_lists import list_writers
from hub.model.record import Drift, DriftKind, EntityType, Record, Ref
from hub.model.values import Doc, Value

NO_SETTINGS: Final[MappingOf[str, str]] = MappingProxyType({})


@dataclass(slots=True)
class Reading:
    """What a document holds: the main record first, then its parts, and where each was read. `skipped` says why there is none."""

    records: list[Record]
    docs: list[Doc]
    drift: list[Drift]
    skipped: str | None = None


class Mapping:
    """One compiled mapping file, or one part of it. Immutable; safe to share between threads.

    `fields` and `lists` hold the rows by our path, `parts` the mappings of the records inside a document by their stream.
    """

    __slots__ = (
        "_identify",
        "_list_writers",
        "_parts",
        "_readers",
        "_skip",
        "_table",
        "_writers",
        "connector",
        "entity",
        "fields",
        "fingerprint",
        "ignored",
        "lists",
        "parts",
        "projection",
        "refs",
        "required",
        "stream",
        "text",
    )

    def __init__(self, table: Table, text: str = "") -> None:
        self._table = table
        self.text: str = text
        self._readers: Readers = compile_readers(table)
        self._writers = line_writers(table, self._readers)
        self._list_writers = list_writers(table.lists, self._writers, self._readers.elements)
        self._parts: tuple[tuple[Path, Mapping], ...] = tuple((each, Mapping(inner, text)) for each, inner in table.parts)
        rule = table.only_when
        self._identify = table.identity
        self._skip = f"`{rule.path.text}` is not {rule.value!r}" if rule else ""
        self.connector: str = table.connector
        self.stream: str = table.stream
        self.entity: EntityType = table.entity
        self.fingerprint: str = fingerprint(table)
        self.ignored: tuple[str, ...] = table.ignored
        self.projection: bool = table.projection
        self.fields: MappingOf[str, Line] = MappingProxyType({name: line for line in table.lines for name in line.names})
        self.lists: MappingOf[str, ListLine] = MappingProxyType({line.name: line for line in table.lists})
        self.refs: MappingOf[str, RefLine] = MappingProxyType({ref.name: ref for ref in table.refs})
        self.required: tuple[str, ...] = tuple(name for line in table.lines if line.required for name in line.names)
        self.parts: MappingOf[str, Mapping] = MappingProxyType({inner.stream: inner for _, inner in self._parts})

    @property
    def table(self) -> Table:
        """Return the rows as the file says them."""
        return self._table

    @property
    def source(self) -> str:
        """Return the generated Python source of the reader, to look at."""
        return self._readers.source

    @property
    def streams(self) -> dict[str, Mapping]:
        """Return this mapping and those of all parts inside it, by stream."""
        out = {self.stream: self}
        for inner in self.parts.values():
            out |= inner.streams
        return out

    @property
    def part_paths(self) -> tuple[tuple[Path, Mapping], ...]:
        """Return where the parts stand in a document."""
        return self._parts

    @property
    def version_kind(self) -> str:
        """Return what tells two states of a record apart: counter, changed_at or none."""
        return "counter" if self._table.version else "changed_at" if self._table.changed_at else "none"

    @property
    def has_created_at(self) -> bool:
        """Say whether a record's birth is known."""
        return self._table.created_at is not None

    def read(self, doc: Doc, connection_settings: MappingOf[str, str] = NO_SETTINGS, *, partial: bool = False) -> Reading:
        """Read one document. `partial`: it does not cover the whole record, so a missing key says nothing.

        Raises RecordRefused: no id, or a value that the mapping rejects. Another value that cannot be read is left out and
        reported as drift; it stays in the raw record.
        """
        drift: list[Drift] = []
        records: list[Record] = []
        docs: list[Doc] = []
        self.collect(doc, connection_settings, partial, drift, None, records, docs)
        if drift:
            drift = list(dict.fromkeys(drift))
        return Reading(records, docs, drift, None if records else self._skip)

    def collect(
        self,
        doc: Doc,
        settings: MappingOf[str, str],
        partial: bool,  # noqa: FBT001 - positional on the hot path
        drift: list[Drift],
        parent: Ref | None,
        records: list[Record],
        docs: list[Doc],
    ) -> None:
        """Add the records of one document to `records`, with those inside it; `parent` is the record it belongs to.

        `docs` gets the document of each.
        """
        if not isinstance(doc, dict):
            raise RecordRefused("a document must be an object")
        record = self._readers.record(doc, settings, partial, drift, parent)
        if record is None:
            return
        records.append(record)
        docs.append(doc)
        for each, inner in self._parts:
            found = get(doc, each)
            here = Ref(record.stream, record.external_id)
            for one in [found] if isinstance(found, dict) else found if isinstance(found, list) else ():
                if isinstance(one, dict):
                    inner.collect(one, settings, partial, drift, here, records, docs)
                else:
                    drift.append(Drift(self.stream, each.text, DriftKind.BAD_VALUE))

    def write(
        self,
        changes: MappingOf[str, Value],
        lists: MappingOf[str, Sequence[ElementChange]] = MappingProxyType({}),
        onto: Doc | None = None,
        connection_settings: MappingOf[str, str] = NO_SETTINGS,
    ) -> Written:
        """Write changes into a copy of `onto`, the last document read (None: a new one with its constants).

        A value None clears as the line says. What the document shows already stays as it is written there.
        """
        target = Target({} if onto is None else copied(onto), is_new=onto is None)
        paths = constants(self._table.lines, target.doc) if target.is_new else []
        left_out: dict[str, str] = {}
        done: set[int] = set()
        for name in changes:
            ref = self.refs.get(name)
            if ref is not None and ref.path is not None:
                put(target.doc, ref.path, changes[name])
                paths.append(ref.path.dotted)
                continue
            writer = self._writers.get(name)
            if writer is None or name not in self.fields:
                left_out[name] = NOT_MAPPED
                continue
            if id(writer) in done:
                continue
            done.add(id(writer))
            given = {one: changes[one] for one in writer.line.names if one in changes}
            changed, reason = writer.write(given, target, connection_settings)
            paths += changed
            left_out |= dict.fromkeys(given, reason) if reason else {}
        for name, elements in lists.items():
            found = self._list_writers.get(name)
            changed, refused = found.write(elements, target.doc, connection_settings) if found else ([], {name: NOT_MAPPED})
            paths += changed
            left_out |= refused
        return Written(target.doc, tuple(dict.fromkeys(paths)), left_out)

    def identify(self, doc: Doc) -> str | None:
        """Return the external id of a document, None where it has none. Cheap: nothing else is read."""
        reads = ident_gid if self._identify.gid else ident
        try:
            found = [reads(get(doc, path), path.text) for path in self._identify.paths]
        except RecordRefused:
            return None
        return self._identify.join.join(found)

    def part_ids(self, doc: Doc) -> list[tuple[str, str]]:
        """Return (stream, external id) of every record inside a document, in order."""
        out: list[tuple[str, str]] = []
        for each, inner in self._parts:
            found = get(doc, each)
            for one in [found] if isinstance(found, dict) else found if isinstance(found, list) else ():
                external_id = inner.identify(one) if isinstance(one, dict) else None
                if external_id is not None:
                    out += [(inner.stream, external_id), *inner.part_ids(one)]
        return out

    def render(self, path: str, value: Value, connection_settings: MappingOf[str, str] = NO_SETTINGS) -> Value:
        """Return how this system is expected to show our value of one field (`given_name`, `addresses.city`)."""
        writer = self._writers.get(path)
        if writer is None or value is None or len(writer.line.names) > 1:
            return value
        name = writer.line.names[0]
        return writer.render({name: value}, connection_settings)[name]

    def render_element(self, list_name: str, values: Doc, connection_settings: MappingOf[str, str] = NO_SETTINGS) -> Doc:
        """Return how this system is expected to show an element: only the fields that it has a place for."""
        return self._list_writers[list_name].render(values, connection_settings)

    def looks_like(self, path: str, sent: Value, seen: Value) -> bool:
        """Say whether `seen` may be this system's rendering of `sent`. `path`: a field, a list, or `addresses/7`."""
        head = path.partition("/")[0]
        if head in self.lists:
            both = isinstance(sent, dict) and isinstance(seen, dict)
            return likeness.elements_alike(self.lists[head], sent, seen) if both else sent == seen
        writer = self._writers.get(path)
        return likeness.alike(writer.line if writer else None, sent, seen)

    def natural_key(self, list_name: str, values: Doc) -> tuple[str, ...] | None:
        """Return what recognises an element of a list in another system, normalised; None where it has nothing to go by."""
        return likeness.natural_key(self.lists[list_name], values)
