"""Which keys of a document a mapping knows, so that everything else can be reported as drift."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.mapping.lines import Line, ListLine, Table
from hub.mapping.paths import Path, Select, Step, parse


@dataclass(slots=True)
class Known:
    """The keys known at one place: None means that everything below is known. `selected`: chosen elements of a keyed list."""

    keys: dict[str, Known | None] = field(default_factory=dict)
    selected: set[tuple[str, str]] = field(default_factory=set)

    def add(self, steps: tuple[Step, ...]) -> None:
        """Know what stands at a path."""
        head, rest = steps[0], steps[1:]
        if not isinstance(head, str):
            if isinstance(head, Select):
                self.selected.add((head.key, head.text))
            return  # what else a selected element holds is its own frame: id, key, label
        if not rest or isinstance(rest[0], int):
            self.keys[head] = None
            return
        inner = self.keys.setdefault(head, Known())
        if inner is not None:
            inner.add(rest)


def known_keys(row: Table | ListLine, ignored: Iterable[str]) -> Known:
    """Return what a table, or an element of a list, makes use of or declares as ignored (`*`: everything there)."""
    known = Known()
    if "*" in ignored:
        return known
    for path in _paths(row):
        known.add(path.steps)
    for text in ignored:
        known.add(parse(text.removesuffix(".*")).steps)
    for line in row.lists if isinstance(row, Table) else ():
        known.add(line.each.steps)
    return known


def below(ignored: Iterable[str], path: Path) -> list[str]:
    """Return the ignored paths inside the elements of a list, as seen from an element."""
    return [text.removeprefix(f"{path.text}.") for text in ignored if text.startswith(f"{path.text}.")]


def _paths(row: Table | ListLine) -> Iterable[Path]:
    for line in row.lines:
        yield from _line_paths(line)
    if isinstance(row, ListLine):
        yield from [row.identity] if row.identity else []
        last = row.each.steps[-1]
        yield from [Path(last.key, (last.key,))] if isinstance(last, Select) else []
        return
    yield from row.identity.paths
    times = [time.path for time in (row.changed_at, row.created_at) if time]
    equals = [one.path for one in (row.deleted, row.only_when) if one]
    yield from [*times, *equals, *(path for path in (row.version, row.birth) if path)]
    yield from [ref.path for ref in row.refs if ref.path]
    yield from [each for each, _ in row.parts]


def _line_paths(line: Line) -> Iterable[Path]:
    yield from [path for path in (line.read, line.write) if path]
    yield from [line.currency] if isinstance(line.currency, Path) else []
    yield from [line.changed_at.path] if line.changed_at else []
