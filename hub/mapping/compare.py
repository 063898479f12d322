"""Two versions of a mapping, line by line, and a mapping as plain rows for people."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from typing import NamedTuple

from hub.mapping.lines import Clear, Line, ListLine
from hub.mapping.mapping import Mapping
from hub.model.values import MISSING


class Comparison(NamedTuple):
    """Our paths of the lines that read or write differently now, that are new, and that are gone. Lists go by their name."""

    changed: tuple[str, ...]
    added: tuple[str, ...]
    removed: tuple[str, ...]


class Row(NamedTuple):
    """One line to show: our field, theirs, the ways it goes (`<->`, `<-`, `->`), and what else is to be known."""

    left: str
    right: str
    ways: str
    notes: str


def compare(old: Mapping, new: Mapping) -> Comparison:
    """Compare the lines of one stream. Parts are streams of their own: compare `old.parts[name]` with `new.parts[name]`."""
    before, after = _prints(old), _prints(new)
    return Comparison(
        tuple(sorted(name for name in before.keys() & after.keys() if before[name] != after[name])),
        tuple(sorted(after.keys() - before.keys())),
        tuple(sorted(before.keys() - after.keys())),
    )


def _prints(mapping: Mapping) -> dict[str, str]:
    rows: list[MappingOf[str, Line] | MappingOf[str, ListLine]] = [mapping.fields, mapping.lists]
    return {name: line.fingerprint for table in rows for name, line in table.items()}


def show(mapping: Mapping) -> list[Row]:
    """Return the rows of a mapping as a table for people, parts after their parent."""
    rows = [_row("", line) for line in mapping.table.lines]
    for one in mapping.lists.values():
        rows.append(Row(one.name, one.path, "<->" if one.writable else "<-", _list_notes(one)))
        rows += [_row(f"{one.name}.", line, writable=one.writable) for line in one.lines]
    for inner in mapping.parts.values():
        rows.append(Row(f"{inner.entity.value} ({inner.stream})", "", "<->", "records inside this one"))
        rows += show(inner)
    return rows


def _row(prefix: str, line: Line, *, writable: bool = True) -> Row:
    ways = {(True, True): "<->", (True, False): "<-", (False, True): "->", (False, False): ""}
    other = line.write if line.read is not None and line.read != line.write else None
    right = f"{line.path} | {other.text}" if other else line.path
    return Row(prefix + ", ".join(line.names), right, ways[line.read is not None, line.writable and writable], _notes(line))


def _notes(line: Line) -> str:
    converter = line.converter.name if line.converter and line.converter.name != "text" else ""
    parts = [
        converter,
        ", ".join(f"{ours}={theirs}" for ours, theirs in (*line.values, *line.values_write)),
        f"always {line.constant}" if line.constant is not MISSING else "",
        "on create only" if line.create_only else "",
        "yields to what people write there" if line.yields else "",
        f"at most {line.max_length} characters" if line.max_length else "",
        f"{line.case} case there" if line.case else "",
        "may come back different" if line.lossy else "",
        "unknown values set the record aside" if line.reject else "",
        "is never emptied" if line.clear is Clear.REFUSE and line.writable else "",
        line.tax,
        line.why,
    ]
    return "; ".join(part for part in parts if part)


def _list_notes(one: ListLine) -> str:
    parts = [
        "words" if one.is_set else "",
        f"matched by {', '.join(one.match_by)}" if one.match_by and not one.is_set else "",
        f"{one.fits} fit" if one.fits else "",
        one.why,
    ]
    return "; ".join(part for part in parts if part)
