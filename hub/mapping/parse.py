"""A mapping file's text as a table of rows, or everything that is wrong with it."""

from __future__ import annotations

from collections.abc import Mapping

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from hub.errors import Place
from hub.mapping.converters import CONVERTERS, Converter
from hub.mapping.entries import Entries, read_path
from hub.mapping.grammar import DELETED, IDENTITY, PART, REF, TOP, spoken
from hub.mapping.lines import Empty, Equals, Identity, RefLine, Table
from hub.mapping.parse_lines import FieldsParser
from hub.mapping.paths import Path
from hub.mapping.source import Source, nearest
from hub.model.entities import REFERENCES
from hub.model.record import EntityType

_ENTITIES = [entity.value for entity in EntityType]


def parse(text: str, file: str, converters: Mapping[str, Converter] | None = None) -> tuple[Table | None, Source]:
    """Parse a file. The table is None unless the source's `errors` are empty."""
    source = Source(file)
    root = source.compose(text)
    if root is None:
        return None, source
    entries = Entries(source, root, "a mapping file", TOP, "file")
    if "mapping" in entries:
        entries.choice("mapping", "version of the mapping language", ("1",))
    known = {**CONVERTERS, **(converters or {})}
    table = _Streams(source, entries.text("connector"), known).table(entries, Empty(), part=False)
    return (None if source.errors else table), source


class _Streams:
    """Reads the rows of a stream, and of the streams inside it."""

    def __init__(self, source: Source, connector: str, converters: Mapping[str, Converter]) -> None:
        self.source = source
        self.connector = connector
        self.converters = converters
        self.streams: set[str] = set()

    def table(self, entries: Entries, default: Empty, *, part: bool) -> Table | None:
        word = entries.choice("entity", "known entity", _ENTITIES)
        stream = entries.text("stream")
        if stream in self.streams and stream:
            self.source.error(
                entries.node("stream"), f"the stream `{stream}` is mapped twice in this file", "give it another name"
            )
        self.streams.add(stream)
        identity = self._identity(entries)
        empty = entries.empty(default)
        deleted, only_when = self._deleted(entries), self._only_when(entries)
        if not word:
            return None  # without an entity nothing can be said about the fields
        entity = EntityType(word)
        node = entries.node("fields")
        lines, lists = FieldsParser(self.source, entity, empty, self.converters).parse(node) if node else ((), ())
        refs = self._refs(entries, entity, part=part)
        parts = self._parts(entries, empty)
        start = entries.start.start_mark
        return Table(
            connector=self.connector,
            stream=stream,
            entity=entity,
            place=Place(self.source.file, start.line + 1, start.column + 1),
            identity=identity,
            empty=empty,
            version=entries.path("version"),
            changed_at=entries.time("changed_at"),
            created_at=entries.time("created_at"),
            birth=entries.path("birth"),
            deleted=deleted,
            only_when=only_when,
            projection=entries.flag("projection"),
            lines=lines,
            lists=lists,
            refs=refs,
            parts=parts,
            ignored=tuple(
                word for word, node in entries.words("ignored") if read_path(self.source, node, "an entry of `ignored`")
            ),
        )

    def _identity(self, entries: Entries) -> Identity:
        node = entries.node("identity")
        if not isinstance(node, MappingNode):
            path = entries.path("identity")
            return Identity((path,) if path else ())
        inner = Entries(self.source, node, "`identity`", IDENTITY)
        gid = inner.choice("as", "way to read an id (gid)", ("gid",)) == "gid"
        if ("path" in inner) == ("paths" in inner):
            self.source.error(node, "`identity` needs either `path` or `paths`", "write `identity: id`")
        if "path" in inner:
            path = inner.path("path")
            return Identity((path,) if path else (), gid=gid)
        found = [read_path(self.source, item, "an entry of `paths`") for _, item in inner.words("paths")]
        return Identity(tuple(path for path in found if path), inner.text("join", ":"), gid)

    def _deleted(self, entries: Entries) -> Equals | None:
        node = entries.node("deleted")
        if node is None:
            return None
        inner = Entries(self.source, node, "`deleted`", DELETED, "deleted")
        return inner.equals(inner.path("path"), inner.node("equals"))

    def _only_when(self, entries: Entries) -> Equals | None:
        node = entries.node("only_when")
        pairs = self.source.pairs(node, "`only_when`") if node else []
        if node and len(pairs) != 1:
            self.source.error(node, "`only_when` takes exactly one equality", "write `only_when: {state: IN_STOCK}`")
            return None
        return entries.equals(read_path(self.source, pairs[0][0], "`only_when`"), pairs[0][1]) if pairs else None

    def _refs(self, entries: Entries, entity: EntityType, *, part: bool) -> tuple[RefLine, ...]:
        node = entries.node("refs")
        known = REFERENCES.get(entity, {})
        out: list[RefLine] = []
        for name, (key, value) in self.source.table(node, "`refs`").items() if node else []:
            if name not in known:
                fix = nearest(name, known) or (f"known: {spoken(known)}" if known else "take it out")
                self.source.error(key, f"a {entity.value} has no reference `{name}`", fix)
            elif isinstance(value, ScalarNode):
                out += self._parent(name, value, part=part)
            else:
                inner = Entries(self.source, value, f"the reference `{name}`", REF, "reference")
                gid = inner.choice("as", "way to read an id (gid)", ("gid",)) == "gid"
                by = inner.choice("by", "way to find a document (number)", ("number",))
                if bool(by) == ("stream" in inner):
                    self.source.error(
                        value, f"the reference `{name}` needs either `stream` or `by`", "name the stream of the record"
                    )
                out.append(RefLine(name, inner.text("stream"), inner.path("path"), gid))
        return tuple(out)

    def _parent(self, name: str, value: Node, *, part: bool) -> list[RefLine]:
        if value.value == "parent" and part:
            return [RefLine(name, "")]
        fix = "write `{path: PATH, stream: NAME}`" + (" or `parent`" if part else "")
        self.source.error(value, f"the reference `{name}` does not say which stream it goes to", fix)
        return []

    def _parts(self, entries: Entries, empty: Empty) -> tuple[tuple[Path, Table], ...]:
        node = entries.node("parts")
        out: list[tuple[Path, Table]] = []
        for name, (_, value) in self.source.table(node, "`parts`").items() if node else []:
            inner = Entries(self.source, value, f"the part `{name}`", PART, "part")
            each, table = inner.path("each"), self.table(inner, empty, part=True)
            if each and table:
                out.append((each, table))
        return tuple(out)
