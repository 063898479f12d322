"""One table of a mapping file: its keys checked against the grammar, its values read with the right type or noted as errors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode

from hub.mapping import paths
from hub.mapping.grammar import REQUIRED, TIME, TIMES, Key, spoken
from hub.mapping.lines import Clear, Empty, Equals, Time
from hub.mapping.paths import BadPath, Path
from hub.mapping.source import Source, is_word, nearest, tag
from hub.model.values import MISSING

_CLEARS = {"omit": Clear.OMIT, "refuse": Clear.REFUSE}


class Entries:
    """The entries of one table. `what`: its name in messages; a key the grammar does not know is an error at once."""

    def __init__(self, source: Source, node: Node, what: str, keys: Mapping[str, Key], kind: str = "") -> None:
        self.source = source
        self.start = node
        self.entries = source.table(node, what)
        for name, (key, _) in self.entries.items():
            if name not in keys:
                source.error(key, f"{what} has no key `{name}`", nearest(name, keys) or f"known keys: {spoken(keys)}")
        missing = [name for name in REQUIRED.get(kind, ()) if name not in self.entries]
        if isinstance(node, MappingNode):
            for name in missing:
                fix = "add `identity: id` (the path of the id in a document)" if name == "identity" else f"add `{name}:`"
                source.error(node, f"{what} needs `{name}`", fix)

    def __contains__(self, name: str) -> bool:
        return name in self.entries

    def node(self, name: str) -> Node | None:
        """Return the value of a key."""
        found = self.entries.get(name)
        return found[1] if found else None

    def key(self, name: str) -> Node | None:
        """Return the key itself, to place an error there."""
        found = self.entries.get(name)
        return found[0] if found else None

    def path(self, name: str) -> Path | None:
        """Return a path."""
        node = self.node(name)
        return read_path(self.source, node, f"`{name}`") if node else None

    def text(self, name: str, default: str = "") -> str:
        """Return a text."""
        node = self.node(name)
        return (self.source.text(node, f"`{name}`") if node else None) or default

    def flag(self, name: str) -> bool:
        """Return true or false; false where the key is not there."""
        node = self.node(name)
        return self.source.flag(node, f"`{name}`") if node else False

    def whole(self, name: str) -> int | None:
        """Return a whole number."""
        node = self.node(name)
        return self.source.whole(node, f"`{name}`") if node else None

    def choice(self, name: str, what: str, choices: Iterable[str]) -> str:
        """Return one of the words."""
        node = self.node(name)
        return (self.source.choice(node, what, choices) if node else None) or ""

    def words(self, name: str) -> list[tuple[str, Node]]:
        """Return a list of words with their nodes."""
        node = self.node(name)
        items = self.source.items(node, f"`{name}`") if node else []
        found = [(self.source.text(item, f"an entry of `{name}`"), item) for item in items]
        return [(word, item) for word, item in found if word is not None]

    def time(self, name: str) -> Time | None:
        """Return a point in time: a path, or a table of path and spelling."""
        node = self.node(name)
        if node is None or isinstance(node, ScalarNode):
            path = self.path(name)
            return Time(path) if path else None
        inner = Entries(self.source, node, f"`{name}`", TIME, "time")
        path = inner.path("path")
        return Time(path, inner.choice("as", "way to write a time", TIMES) or "instant") if path else None

    def equals(self, path: Path | None, value: Node | None) -> Equals | None:
        """Return an equality of a path and a scalar."""
        if path is None or value is None:
            return None
        wanted = self.source.scalar(value, f"the value of `{path.text}`")
        return None if wanted is MISSING else Equals(path, wanted)

    def scalars(self, name: str) -> tuple[tuple[Any, ...], bool]:
        """Return a list of scalars, and whether the word `missing` is among them."""
        node = self.node(name)
        out: list[Any] = []
        missing = False
        for item in self.source.items(node, f"`{name}`") if node else []:
            if is_word(item, "missing"):
                missing = True
            else:
                out.append(self.source.scalar(item, f"an entry of `{name}`"))
        return tuple(value for value in out if value is not MISSING), missing

    def empty(self, default: Empty) -> Empty:
        """Return what "no value" looks like."""
        if "empty" not in self:
            return default
        values, missing = self.scalars("empty")
        return Empty(values, missing)

    def clear(self, empty: Empty) -> Clear:
        """Return what writing "no value" looks like; it must be something that is read as "no value" again."""
        node = self.node("clear")
        if node is None:
            return Clear.NULL if None in empty.values else Clear.BLANK if "" in empty.values else Clear.OMIT
        word = str(node.value) if isinstance(node, ScalarNode) else "?"
        if tag(node) == "null" or word == "":
            found = Clear.NULL if tag(node) == "null" else Clear.BLANK
            if (None if found is Clear.NULL else "") not in empty.values:
                shown = "null" if found is Clear.NULL else '""'
                self.source.error(node, f"`clear: {shown}` would not be read as no value again", f"add {shown} to `empty`")
            return found
        chosen = self.source.choice(node, 'way to clear (null, "", omit or refuse)', _CLEARS)
        return _CLEARS.get(chosen or "", Clear.NULL)


def read_path(source: Source, node: Node, what: str) -> Path | None:
    """Return a path from a scalar node."""
    text = source.text(node, what)
    if text is None:
        return None
    try:
        return paths.parse(text)
    except BadPath as bad:
        source.error(node, f"{what} is not a path: {bad}", "paths look like `a.b`, `list[key=value].c` or `list[0].c`")
        return None
