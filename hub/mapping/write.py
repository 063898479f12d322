"""Writing: canonical values into a copy of a vendor's document, through the same rows that read it.

Nothing but what changes is touched: a value that the document already shows stays exactly as it was written there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from hub.mapping.converters import CANNOT
from hub.mapping.generate import Readers
from hub.mapping.lines import Clear, Empty, Line, Table
from hub.mapping.paths import Path, copied, drop, get, put
from hub.mapping.rules import WHOLE
from hub.model.entities import Kind
from hub.model.values import MISSING, Doc, Value

Settings = Mapping[str, str]

READ_ONLY: Final = "read only"
CREATE_ONLY: Final = "written on create only"
REFUSES_CLEAR: Final = "cannot be emptied there"
NOT_MAPPED: Final = "not mapped"
NO_PLACE: Final = "no more of these fit there"
NOT_THERE: Final = "this element is not there"


@dataclass(frozen=True, slots=True)
class ElementChange:
    """One change of a list: `operation` is add, update or remove. In a set the word is `{"value": word}`.

    `remote_id` names the element; without one it is recognised by its natural key.
    """

    operation: str
    remote_id: str | None = None
    values: Doc | None = None


@dataclass(frozen=True, slots=True)
class Written:
    """A new document, the dotted paths in which it differs, and what was left out with the reason."""

    doc: Doc
    paths: tuple[str, ...]
    left_out: dict[str, str] = field(default_factory=dict)


class Target(NamedTuple):
    """The document (or element) being written, and whether it is new."""

    doc: Doc
    is_new: bool


def read_line(reader: Callable[..., dict[str, Value]], doc: Doc, settings: Settings) -> dict[str, Value]:
    """Return what one line reads in a document; nothing where it cannot be read."""
    return reader(doc, settings, WHOLE, [])


class LineWriter:
    """Writes one line. Stateless; made once per line."""

    def __init__(self, line: Line, read: Callable[..., dict[str, Value]], empty: Empty) -> None:
        self.line = line
        self.read = read
        self.mute = line.absent if line.translates else (*empty.values, *line.absent)  # would not be read as a value again
        self.exact = line.max_length is None and not line.case and not line.values_write and len(line.names) == 1
        self.pairs = line.values + line.values_write

    def write(self, values: Mapping[str, Value], target: Target, settings: Settings) -> tuple[list[str], str]:
        """Write our values of this line. Returns the dotted paths that changed, and why it was left out (empty: it was not)."""
        line = self.line
        before = read_line(self.read, target.doc, settings) if line.read else {}
        wanted = {name: values[name] if name in values else before.get(name) for name in line.names}
        if before and all(before.get(name, MISSING) == value for name, value in wanted.items()):
            return [], ""
        reason = self._refused(target, settings, wanted)
        if reason:
            return [], reason
        if all(value is None for value in wanted.values()):
            return ([], "") if target.is_new or not line.write else (self._clear(target.doc), "")
        return self._put(wanted, before, target, settings)

    def render(self, values: Doc, settings: Settings) -> Doc:
        """Return how the system is expected to show these values: what is read after they were written into nothing."""
        if self.exact:
            return values  # what a converter accepts comes back as it is; what it does not is never written
        doc: Doc = {}
        if self.line.read is None or self._refused(Target(doc, is_new=True), settings, values):
            return dict(values)
        if all(value is None for value in values.values()):
            return dict(values)
        self._put(values, {}, Target(doc, is_new=True), settings)
        return {**values, **read_line(self.read, doc, settings)}

    def _refused(self, target: Target, settings: Settings, wanted: Mapping[str, Value]) -> str:
        line = self.line
        if not line.writable or line.constant is not MISSING:
            return READ_ONLY
        if line.create_only and not target.is_new:
            return CREATE_ONLY
        if all(value is None for value in wanted.values()):
            return REFUSES_CLEAR if line.clear is Clear.REFUSE and not target.is_new else ""
        return "" if self._accepts(wanted, settings) else f"{self._said()} does not accept this value"

    def _said(self) -> str:
        return f"`{self.line.converter.name}`" if self.line.converter else "the list of values"

    def _accepts(self, wanted: Mapping[str, Value], settings: Settings) -> bool:
        line = self.line
        if line.converter is None:
            value = wanted[line.names[0]]
            return any(_same(ours, value) and not self._is_mute(theirs) for ours, theirs in self.pairs)
        value = list(wanted.values()) if len(line.names) > 1 else wanted[line.names[0]]
        try:
            return line.converter.accepts(value, *self._scope(settings)) and not self._is_mute(self._raw(wanted, settings))
        except CANNOT:
            return False

    def _is_mute(self, raw: Any) -> bool:
        return any(_same(raw, nothing) for nothing in self.mute)

    def _scope(self, settings: Settings) -> tuple[Any, ...]:
        converter, currency = self.line.converter, self.line.currency
        if converter is None or not converter.takes:
            return ()
        if self.line.kind is not Kind.MONEY:
            return (settings.get(converter.takes),)
        if isinstance(currency, Path):
            return (None,)  # written beside the amount
        return (settings.get("currency", "") if currency == "connection" else currency,)

    def _put(self, wanted: Doc, before: Doc, to: Target, settings: Settings) -> tuple[list[str], str]:
        line = self.line
        assert line.write is not None
        raw = self._raw(wanted, settings)
        old = get(to.doc, line.read or line.write)
        raw = _like(raw, old, line)
        if before and self._reads_the_same(raw, before, settings, to.doc):
            return [], ""
        changed = self._put_currency(wanted, to.doc)
        for path in {line.write.text: line.write, **({line.read.text: line.read} if line.read else {})}.values():
            if not path.positional:
                put(to.doc, path, copied(raw))
        return [*changed, line.write.dotted], ""

    def _raw(self, wanted: Mapping[str, Value], settings: Settings) -> Any:
        line = self.line
        first = wanted[line.names[0]]
        if line.converter is None:
            return next(theirs for ours, theirs in self.pairs if _same(ours, first))
        value = [wanted[name] for name in line.names] if len(line.names) > 1 else first
        raw = line.converter.write(value, *self._scope(settings))
        return line.cut(raw) if isinstance(raw, str) else raw

    def _reads_the_same(self, raw: Any, before: Mapping[str, Value], settings: Settings, doc: Doc) -> bool:
        """Say whether the document shows our value already, as far as it can."""
        line = self.line
        if line.read is None or not before:
            return False
        if len(line.names) > 1 and line.converter is not None and any(before.values()):
            joined = line.converter.write([before.get(name) for name in line.names])
            return bool(str(joined).casefold() == str(raw).casefold())
        if isinstance(line.currency, Path):
            return False  # the currency beside it has to go along
        trial: Doc = copied({key: doc[key] for key in _heads(line) if key in doc})
        put(trial, line.read, raw)
        return read_line(self.read, trial, settings) == before

    def _put_currency(self, wanted: Mapping[str, Value], doc: Doc) -> list[str]:
        path = self.line.currency
        if not isinstance(path, Path):
            return []
        code, old = wanted[self.line.names[0]]["currency"], get(doc, path)
        if isinstance(old, str) and old.upper() == code:
            return []
        put(doc, path, code)
        return [path.dotted]

    def _clear(self, doc: Doc) -> list[str]:
        line = self.line
        assert line.write is not None
        for path in (line.write, line.read or line.write):
            if line.clear is Clear.OMIT:
                drop(doc, path)
            elif not path.positional:
                put(doc, path, "" if line.clear is Clear.BLANK else None)
        return [line.write.dotted]


def _same(one: Any, other: Any) -> bool:
    return type(one) is type(other) and bool(one == other)


def _heads(line: Line) -> list[str]:
    paths = [path for path in (line.read, line.currency) if isinstance(path, Path)]
    return [path.steps[0] for path in paths if isinstance(path.steps[0], str)]


def _like(raw: Any, old: Any, line: Line) -> Any:
    """Return the raw value in the wire type which the document uses: a number stays a number, a text a text."""
    if line.converter is None or line.converter.name not in ("decimal", "money", "count", "number_id", "epoch_ms", "epoch_s"):
        return raw
    if isinstance(old, str) and isinstance(raw, int):
        return str(raw)
    if isinstance(old, int | float) and not isinstance(old, bool) and isinstance(raw, str):
        number = float(raw)
        return number if repr(number) == raw or f"{number:.2f}" == raw else raw
    return raw


def constants(lines: Iterable[Line], doc: Doc) -> list[str]:
    """Write what is always the same on create."""
    written = []
    for line in lines:
        if line.constant is not MISSING and line.write is not None:
            put(doc, line.write, line.constant)
            written.append(line.write.dotted)
    return written


def line_writers(table: Table, readers: Readers) -> dict[str, LineWriter]:
    """Return the writer of every field, by our name for it; fields of list elements as `addresses.city`."""
    out: dict[str, LineWriter] = {}
    for line in table.lines:
        made = LineWriter(line, readers.lines[line.names[0]], table.empty)
        out |= dict.fromkeys(line.names, made)
    for one in table.lists:
        for line in one.lines:
            made = LineWriter(line, readers.lines[f"{one.name}.{line.names[0]}"], table.empty)
            out |= {f"{one.name}.{name}": made for name in line.names}
    return out
