"""The fields table of a mapping file: lines, lists and sets."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from hub.mapping import grammar
from hub.mapping.converters import Converter, gid
from hub.mapping.entries import Entries, read_path
from hub.mapping.grammar import CONSENT, LINE, LIST, MINORS, MONEY, SET, WAYS, WRITES, spoken
from hub.mapping.lines import Clear, Empty, Line, ListLine, fingerprint
from hub.mapping.money import money
from hub.mapping.paths import Path
from hub.mapping.source import Source, nearest
from hub.model.documents import DERIVED, STATES
from hub.model.entities import ELEMENT_FIELDS, FAMILIES, FIELDS, Kind, kind_of
from hub.model.record import EntityType
from hub.model.values import MISSING

_DEFAULT: Final[dict[Kind, str]] = {kind: kind.value for kind in Kind} | {Kind.QUANTITY: "count"}
_TYPES: Final[dict[Kind, type]] = {Kind.FLAG: bool, Kind.COUNT: int, Kind.QUANTITY: int}
KindOf = Callable[[str], Kind | None]


@dataclass(slots=True)
class FieldsParser:
    """Reads the fields of one stream. `taken` are the paths written so far."""

    source: Source
    entity: EntityType
    empty: Empty
    converters: Mapping[str, Converter]

    def parse(self, node: Node) -> tuple[tuple[Line, ...], tuple[ListLine, ...]]:
        """Return lines and lists in their order."""
        lines: list[Line] = []
        lists: list[ListLine] = []
        known = [*FIELDS[self.entity], *(f"{family}.*" for family in FAMILIES)]
        for names, key, value in self._rows(node, self._kind, known):
            kind = kind_of(self.entity, names[0])
            if kind in (Kind.LIST, Kind.SET):
                found = self._set(names[0], key, value) if kind is Kind.SET else self._list(names[0], key, value)
                lists += [found] if found else []
            else:
                line = self._line(names, kind or Kind.TEXT, key, value)
                lines += [line] if line else []
        self._written_once(lines, lists)
        return tuple(lines), tuple(lists)

    def _kind(self, name: str) -> Kind | None:
        """Return the kind of a field; none for one of an element (`addresses.city`), which stands in the table of its list."""
        return None if name.partition(".")[0] in ELEMENT_FIELDS and "." in name else kind_of(self.entity, name)

    def _rows(self, node: Node, kind: KindOf, known: Iterable[str]) -> list[tuple[tuple[str, ...], Node, Node]]:
        out: list[tuple[tuple[str, ...], Node, Node]] = []
        seen: set[str] = set()
        for key, value in self.source.pairs(node, "`fields`"):
            parts = key.value if isinstance(key, SequenceNode) else [key]
            names = tuple(str(part.value) for part in parts)
            right = [self._field(name, part, kind, known, seen) for name, part in zip(names, parts, strict=True)]
            if not names:
                self.source.error(key, "a line needs a field of ours", "write its name, or `[given_name, family_name]`")
            elif all(right):
                out.append((names, key, value))
        return out

    def _field(self, name: str, node: Node, kind: KindOf, known: Iterable[str], seen: set[str]) -> bool:
        if name in seen:
            self.source.error(node, f"`{name}` has two lines", "keep one of them")
            return False
        seen.add(name)
        if kind(name) is None or name.endswith("."):
            families = ", ".join(f"`{family}.<name>`" for family in FAMILIES)
            near = nearest(name, known) or f"known fields: {spoken(k for k in known if '*' not in k)}; also {families}"
            self.source.error(node, f"there is no field `{name}`", near)
            return False
        return True

    def _line(self, names: tuple[str, ...], kind: Kind, key: Node, value: Node, *, listed: bool = False) -> Line | None:
        if isinstance(value, ScalarNode):
            path = read_path(self.source, value, f"the path of `{names[0]}`")
            bare = Entries(self.source, MappingNode(value.tag, [], value.start_mark, value.end_mark), "a line", LINE)
            return self._finish(names, kind, key, bare, path) if path else None
        entries = Entries(self.source, value, f"the line of `{names[0]}`", LINE)
        if isinstance(value, MappingNode) and "path" not in entries and "write" not in entries:
            wrong = next((word for word in ("each", "set") if word in entries), "")
            fix = f"`{names[0]}` is one value, no list" if wrong else "add `path:`"
            self.source.error(value, f"the line of `{names[0]}` needs `path`", fix)
            return None
        if listed and "changed_at" in entries:
            self.source.error(entries.key("changed_at"), "a field of a list has no time of its own", "take it out")
        return self._finish(names, kind, key, entries, entries.path("path")) if isinstance(value, MappingNode) else None

    def _finish(self, names: tuple[str, ...], kind: Kind, key: Node, entries: Entries, path: Path | None) -> Line:
        only = entries.choice("only", "way (read, write or create)", WAYS)
        constant_node = entries.node("constant")
        constant = self.source.scalar(constant_node, "`constant`") if constant_node else MISSING
        write = entries.path("write") or path
        if only == "read":
            self._reads_only(entries)
            write = None
        elif write and write.positional:
            self.source.error(entries.node("path") or key, "a position in a list can be read, not written", "add `only: read`")
        values, values_read = self._values(names[0], kind, entries), self._values_read(names[0], entries)
        absent, absent_missing = entries.scalars("absent")
        line = Line(
            names=names,
            kind=kind,
            place=self.source.place(key),
            read=None if only == "write" or constant is not MISSING else path or write,
            write=write,
            converter=None if values or values_read or constant is not MISSING else self._converter(names, kind, entries, write),
            values=values,
            values_read=values_read,
            values_write=self._values_write(names[0], kind, values, entries),
            absent=absent,
            absent_missing=absent_missing,
            reject=entries.choice("otherwise", "way to treat an unknown value", ("leave", "reject")) == "reject",
            create_only=only == "create" or entries.flag("create_only"),
            silent=entries.flag("silent"),
            lossy=entries.flag("lossy"),
            yields=self._yields(names[0], entries),
            required=entries.flag("required"),
            max_length=entries.whole("max_length"),
            case=entries.choice("case", "case", ("upper", "lower")),
            clear=entries.clear(self.empty),
            constant=constant,
            minor=entries.choice("minor", "way to write an amount", MINORS),
            currency=self._currency(kind, key, entries),
            tax=entries.choice("tax", "kind of price", ("gross", "net")),
            changed_at=entries.time("changed_at"),
            why=entries.text("why"),
        )
        if line.converter and line.converter.lossy and not line.lossy and line.writable and len(names) > 1:
            self.source.error(key, f"`{line.converter.name}` cannot bring back every value", "add `lossy: true`")
        return replace(line, fingerprint=fingerprint(line, self.empty))

    def _yields(self, name: str, entries: Entries) -> bool:
        """Read the flag; a value of a system votes, so only what the hub works out itself can give way to what stands there."""
        if entries.flag("yields") and not name.startswith(DERIVED):
            fix = f"take it out, or show a field of the hub's own: `{DERIVED}context`"
            self.source.error(entries.key("yields"), f"`yields` is for what the hub works out, not for `{name}`", fix)
        return entries.flag("yields")

    def _reads_only(self, entries: Entries) -> None:
        for word in WRITES:
            if word in entries:
                self.source.error(entries.key(word), f"`only: read` and `{word}` exclude one another", "keep one of them")

    def _converter(self, names: tuple[str, ...], kind: Kind, entries: Entries, write: Path | None) -> Converter | None:
        node = entries.node("as")
        word = entries.choice("as", "converter", self.converters) if node else _DEFAULT[kind]
        found = self.converters.get(word)
        if found is None:
            return None
        where = node or entries.start
        if kind not in found.kinds:
            right = spoken(sorted(c.name for c in self.converters.values() if kind in c.kinds and c.several == len(names)))
            self.source.error(where, f"`{word}` does not fit `{names[0]}`, which is a {kind.value}", f"one of: {right}")
        if found.several != len(names):
            fix = (
                "write the fields as `[given_name, family_name]: ...`"
                if found.several > 1
                else "name a converter for several fields"
            )
            self.source.error(where, f"`{word}` is for {found.several} field(s), here are {len(names)}", fix)
        return self._special(found, where, entries, write)

    def _special(self, found: Converter, where: Node, entries: Entries, write: Path | None) -> Converter:
        if found.name == "gid":
            if write and "gid" not in entries:
                self.source.error(where, "`as: gid` needs to know what to write", "add `gid: shop/Product` or `only: read`")
            return gid(entries.text("gid"))
        if "gid" in entries:
            self.source.error(entries.key("gid"), "`gid` belongs to `as: gid`", "add `as: gid`")
        if found.name == "money" and entries.text("minor") in MINORS:
            pair = money(entries.text("minor"))
            return replace(found, read=pair.read, write=pair.write, accepts=pair.accepts)
        return found

    def _currency(self, kind: Kind, key: Node, entries: Entries) -> Path | str:
        if kind is not Kind.MONEY:
            for word in MONEY:
                if word in entries:
                    self.source.error(entries.key(word), f"`{word}` is for money only", "take it out")
            return ""
        if "minor" not in entries:
            self.source.error(key, "an amount of money needs `minor`", "add `minor: iso`, `minor: 2` or `minor: major`")
        text = entries.text("currency", "connection")
        if text == "connection" or (len(text) == 3 and text.isupper()):
            return text
        return entries.path("currency") or text

    def _values(self, name: str, kind: Kind, entries: Entries) -> tuple[tuple[Any, Any], ...]:
        node = entries.node("values")
        if node and "as" in entries:
            self.source.error(entries.key("as"), "`values` and `as` exclude one another", "keep one of them")
        out: list[tuple[Any, Any]] = []
        for ours, theirs in self.source.pairs(node, "`values`") if node else []:
            mine, other = self._ours(name, kind, ours), self.source.scalar(theirs, "a value of theirs")
            if any(_equal(mine, known) for known, _ in out):
                self.source.error(ours, f"`{ours.value}` stands here twice", "keep one of them")
            elif any(_equal(other, known) for _, known in out):
                fix = "values are one to one; put a further spelling under `values_read`"
                self.source.error(theirs, f"`{theirs.value}` already means something else", fix)
            elif mine is not MISSING and other is not MISSING:
                out.append((mine, other))
        return tuple(out)

    def _ours(self, name: str, kind: Kind, node: Node) -> Any:
        wanted = _TYPES.get(kind)
        if wanted is not None:
            value = self.source.scalar(node, "a value of ours")
            if value is not MISSING and type(value) is not wanted:
                self.source.error(node, f"`{name}` is a {kind.value}, and this is none")
            return value
        words = STATES.get((self.entity, name))
        if words:
            return self.source.choice(node, f"{name} of a {self.entity.value}", words) or MISSING
        if name.startswith("consent."):
            return self.source.choice(node, "consent", CONSENT) or MISSING
        return self.source.text(node, "a value of ours") or MISSING

    def _values_read(self, name: str, entries: Entries) -> tuple[tuple[Any, Any], ...]:
        node, main = entries.node("values_read"), entries.node("values")
        used = [self.source.scalar(theirs, "a value") for _, theirs in main.value] if isinstance(main, MappingNode) else []
        mine = [ours.value for ours, _ in main.value] if isinstance(main, MappingNode) else []
        mine = mine or list(STATES.get((self.entity, name), ()))
        out: list[tuple[Any, Any]] = []
        for theirs, ours in self.source.pairs(node, "`values_read`") if node else []:
            other = self.source.scalar(theirs, "a value of theirs")
            if any(_equal(other, known) for known in (*used, *(known for known, _ in out))):
                self.source.error(theirs, f"`{theirs.value}` already means something", "keep one of them")
            elif mine and isinstance(ours, ScalarNode) and ours.value not in mine:
                known = nearest(ours.value, mine) or f"one of: {spoken(mine)}"
                self.source.error(ours, f"`{ours.value}` is not among {_among(main)}", known)
            else:
                out.append((other, self.source.scalar(ours, "a value of ours")))
        return tuple(out)

    def _values_write(
        self, name: str, kind: Kind, values: tuple[tuple[Any, Any], ...], entries: Entries
    ) -> tuple[tuple[Any, Any], ...]:
        """Return values of ours that the system cannot show; each is written as one that `values` reads as something else."""
        node = entries.node("values_write")
        out: list[tuple[Any, Any]] = []
        for ours, theirs in self.source.pairs(node, "`values_write`") if node else []:
            mine, other = self._ours(name, kind, ours), self.source.scalar(theirs, "a value of theirs")
            if any(_equal(mine, known) for known, _ in (*values, *out)):
                self.source.error(ours, f"`{ours.value}` is written already", "keep one of them")
            elif not any(_equal(other, known) for _, known in values):
                known = spoken(str(one) for _, one in values) or "nothing"
                self.source.error(theirs, f"`{theirs.value}` is not among `values`, so it could not be read", f"one of: {known}")
            elif mine is not MISSING:
                out.append((mine, other))
        return tuple(out)

    def _list(self, name: str, key: Node, node: Node) -> ListLine | None:
        if not isinstance(node, MappingNode):
            self.source.error(node, f"`{name}` is a list", "write `{each: PATH, identity: id, fields: {...}}`")
            return None
        entries = Entries(self.source, node, f"the list `{name}`", LIST, "list")
        each, known = entries.path("each"), ELEMENT_FIELDS[name]
        table = entries.node("fields")
        rows = self._rows(table, known.get, known) if table else []
        lines = [self._line(names, known[names[0]], at, value, listed=True) for names, at, value in rows]
        match_by = tuple(word for word, at in entries.words("match_by") if self._knows(word, at, known))
        fits = self._fits(entries)
        if each is None:
            return None
        made = ListLine(
            name=name,
            place=self.source.place(key),
            each=each,
            identity=entries.path("identity"),
            match_by=match_by,
            fits=fits,
            single=fits == 1 and "identity" not in entries,
            silent=entries.flag("silent"),
            lossy=entries.flag("lossy"),
            writable=entries.choice("only", "way (read)", ("read",)) != "read" and not each.positional,
            lines=tuple(line for line in lines if line),
            clear=entries.clear(self.empty),
            why=entries.text("why"),
        )
        self._written_once(list(made.lines), [])
        return replace(made, fingerprint=fingerprint(made, self.empty))

    def _fits(self, entries: Entries) -> int | None:
        node = entries.node("fits")
        if isinstance(node, ScalarNode) and node.value in ("all", "first"):
            return 1 if node.value == "first" else None
        if isinstance(node, ScalarNode) and not node.value.isdecimal():
            self.source.choice(node, "number of elements (all, first or a number)", ("all", "first"))
            return None
        return entries.whole("fits")

    def _knows(self, word: str, node: Node, known: Iterable[str]) -> bool:
        if word not in known:
            self.source.error(node, f"an element has no field `{word}`", nearest(word, known) or f"known fields: {spoken(known)}")
        return word in known

    def _set(self, name: str, key: Node, node: Node) -> ListLine | None:
        if not isinstance(node, MappingNode):
            self.source.error(node, f"`{name}` is a set of words", "write `{set: PATH}`")
            return None
        entries = Entries(self.source, node, f"the set `{name}`", SET, "set")
        path = entries.path("set")
        if path is None:
            return None
        made = ListLine(
            name=name,
            place=self.source.place(key),
            each=path,
            match_by=("value",),
            silent=entries.flag("silent"),
            lossy=entries.flag("lossy"),
            writable=entries.choice("only", "way (read)", ("read",)) != "read" and not path.positional,
            is_set=True,
            separator=entries.text("separator"),
            clear=Clear.NULL,
            why=entries.text("why"),
        )
        return replace(made, fingerprint=fingerprint(made, self.empty))

    def _written_once(self, lines: list[Line], lists: list[ListLine]) -> None:
        seen: dict[str, int] = {}
        written = [(line.write.text, line.place) for line in lines if line.write]
        for text, place in written + [(one.each.text, one.place) for one in lists if one.writable]:
            other = next(
                (known for known in seen if known == text or known.startswith(f"{text}.") or text.startswith(f"{known}.")), None
            )
            if other is not None:
                message = f"`{text}` is written by the line of `{other}` (line {seen[other]}) already"
                message = message if other != text else f"`{text}` is written twice (first in line {seen[other]})"
                self.source.errors.append(grammar.clash(message, place))
            else:
                seen[text] = place.line


def _among(main: Node | None) -> str:
    return "`values`" if main else "the words of this field"


def _equal(one: Any, other: Any) -> bool:
    return one is not MISSING and type(one) is type(other) and bool(one == other)
