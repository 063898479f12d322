"""Writing lists: elements found by their id or their natural key, sets word by word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from hub.mapping.likeness import natural_key
from hub.mapping.lines import Clear, ListLine
from hub.mapping.paths import Select, drop, get, put
from hub.mapping.rules import WHOLE, ElementReader, split_words
from hub.mapping.write import NO_PLACE, NOT_MAPPED, NOT_THERE, READ_ONLY, ElementChange, LineWriter, Settings, Target, constants
from hub.model.values import Doc

_ORDER: Final = {"remove": 0, "update": 1, "add": 2}
"""What goes makes place for what comes."""


class ListWriter:
    """Writes one list. Stateless; made once per list."""

    def __init__(self, line: ListLine, lines: Mapping[str, LineWriter], element: ElementReader | None) -> None:
        self.line = line
        self.lines = lines
        self.element = element

    def write(self, changes: Sequence[ElementChange], doc: Doc, settings: Settings) -> tuple[list[str], dict[str, str]]:
        """Make the changes in `doc`. Returns the dotted paths that changed, and what was left out with the reason."""
        if not self.line.writable:
            return [], {self.line.name: READ_ONLY}
        ordered = sorted(changes, key=lambda change: _ORDER[change.operation])
        left_out: dict[str, str] = {}
        if self.line.is_set:
            return self._set(ordered, doc, left_out), left_out
        found = get(doc, self.line.each)
        if isinstance(found, dict) or (self.line.single and not isinstance(found, list)):
            return self._single(ordered, doc, settings, left_out), left_out
        changed = [self._element(change, self._items(doc), settings, left_out) for change in ordered]
        return ([self.line.each.dotted] if any(changed) else []), left_out

    def render(self, values: Doc, settings: Settings) -> Doc:
        """Return how the system is expected to show an element; fields that it has no place for are gone."""
        if self.line.is_set:
            return dict(values)
        out: Doc = {}
        for writer, given in self._by_line(values):
            if writer.line.writable and writer.line.read is not None:
                out |= writer.render(given, settings)
        return out

    def _by_line(self, values: Doc) -> Iterable[tuple[LineWriter, Doc]]:
        for line in self.line.lines:
            given = {name: values[name] for name in line.names if name in values}
            if given:
                yield self.lines[f"{self.line.name}.{line.names[0]}"], {**dict.fromkeys(line.names), **given}

    def _items(self, doc: Doc) -> list[Any]:
        found = get(doc, self.line.each)
        if not isinstance(found, list):
            found = []
            put(doc, self.line.each, found)
        return found

    def _element(self, change: ElementChange, items: list[Any], settings: Settings, left_out: dict[str, str]) -> bool:
        if change.operation == "add":
            if self.line.fits is not None and len(items) >= self.line.fits:
                left_out[self.line.name] = NO_PLACE
                return False
            fresh: Doc = {}
            self._fill(fresh, change.values or {}, settings, left_out, is_new=True)
            items.append(fresh)
            return True
        found = self._find(change, items, settings)
        if found is None:
            left_out[self.line.name] = NOT_THERE
            return False
        if change.operation == "remove":
            items[:] = [item for item in items if item is not found]
            return True
        return bool(self._fill(found, change.values or {}, settings, left_out, is_new=False))

    def _find(self, change: ElementChange, items: list[Any], settings: Settings) -> Doc | None:
        key = natural_key(self.line, change.values or {}) if change.remote_id is None else None
        for item in items:
            if not isinstance(item, dict) or self.element is None:
                continue
            shown = self.element(item, settings, WHOLE, [])
            if change.remote_id is not None and shown.remote_id == change.remote_id:
                return item
            if key is not None and natural_key(self.line, shown.values) == key:
                return item
        return None

    def _fill(self, item: Doc, values: Doc, settings: Settings, left_out: dict[str, str], *, is_new: bool) -> list[str]:
        changed: list[str] = constants(self.line.lines, item) if is_new else []
        for writer, given in self._by_line(values):
            paths, reason = writer.write(given, Target(item, is_new), settings)
            changed += paths
            if reason and any(value is not None for value in given.values()):
                left_out[f"{self.line.name}.{writer.line.names[0]}"] = reason
        for name in values:
            if self.line.line(name) is None and values[name] is not None:
                left_out[f"{self.line.name}.{name}"] = NOT_MAPPED
        return changed

    def _single(self, changes: Sequence[ElementChange], doc: Doc, settings: Settings, left_out: dict[str, str]) -> list[str]:
        changed: list[str] = []
        for change in changes:
            found = get(doc, self.line.each)
            if change.operation == "remove":
                changed += self._clear(doc) if found else []
                continue
            fresh = not isinstance(found, dict)
            if change.operation == "add" and not fresh and self._holds(found, settings):
                left_out[self.line.name] = NO_PLACE
                continue
            if fresh:
                put(doc, self.line.each, {})
                found = get(doc, self.line.each)
            paths = self._fill(found, change.values or {}, settings, left_out, is_new=fresh)
            where = self.line.each.dotted
            whole = fresh or where != self.line.each.text
            changed += ([where] if fresh or paths else []) if whole else [f"{where}.{path}" for path in paths]
        return list(dict.fromkeys(changed))

    def _holds(self, item: Doc, settings: Settings) -> bool:
        return self.element is not None and any(v is not None for v in self.element(item, settings, WHOLE, []).values.values())

    def _clear(self, doc: Doc) -> list[str]:
        if self.line.clear is Clear.OMIT or isinstance(self.line.each.steps[-1], Select):
            drop(doc, self.line.each)
        elif self.line.clear is not Clear.REFUSE:
            put(doc, self.line.each, "" if self.line.clear is Clear.BLANK else None)
        return [self.line.each.dotted] if self.line.clear is not Clear.REFUSE else []

    def _set(self, changes: Sequence[ElementChange], doc: Doc, left_out: dict[str, str]) -> list[str]:
        separator = self.line.separator
        before = split_words(get(doc, self.line.each), separator) or []
        words = list(before)
        for change in changes:
            word = str((change.values or {}).get("value") or change.remote_id or "").strip()
            same = [known for known in words if known.casefold() == word.casefold()]
            if not word or (separator.strip() and separator.strip() in word):
                left_out[self.line.name] = "a word here is not blank and does not hold the separator"
            elif change.operation == "remove":
                words = [known for known in words if known not in same]
            elif not same:
                words.append(word)
        if words == before:
            return []
        put(doc, self.line.each, separator.join(words) if separator else words)
        return [self.line.each.dotted]


def list_writers(
    lines: Iterable[ListLine], writers: Mapping[str, LineWriter], elements: Mapping[str, Callable[..., Any]]
) -> dict[str, ListWriter]:
    """Return the writer of every list, by our name for it."""
    return {line.name: ListWriter(line, writers, elements.get(line.name)) for line in lines}
