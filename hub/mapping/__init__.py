"""Mapping files: tables that an admin reads from left to right, compiled once into readers and writers.

In: the text of a file (`load`), then documents and canonical changes. Out: canonical records with drift (`Mapping.read`), new
documents with the paths that differ (`Mapping.write`). Keeps invariants 7 (absent, null and empty are three things), 8 (what is
unknown is reported, never guessed) and 14 (no value in a message). Laws: `read(write(read(x), onto=x)) == read(x)`; what is not
mapped or read only stays untouched; `read(write(v)) == v` for every value a line accepts, or the line is lossy.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf

from hub.errors import MappingError
from hub.mapping.compare import Comparison, Row, compare, show
from hub.mapping.converters import CONVERTERS, Converter, load_converters
from hub.mapping.lines import Clear, Line, ListLine
from hub.mapping.mapping import Mapping, Reading
from hub.mapping.parse import parse
from hub.mapping.schema import schema
from hub.mapping.write import ElementChange, Written

__all__ = [
    "CONVERTERS",
    "Clear",
    "Comparison",
    "Converter",
    "ElementChange",
    "Line",
    "ListLine",
    "Mapping",
    "Reading",
    "Row",
    "Written",
    "check",
    "compare",
    "load",
    "load_converters",
    "schema",
    "show",
]


def load(text: str, file: str, converters: MappingOf[str, Converter] | None = None) -> Mapping:
    """Compile the text of a mapping file; `file` names it in errors. `converters`: a site's own (`load_converters`).

    Raises MappingError for the first of its errors, with file, line, column and, where there is one, the right spelling.
    """
    table, source = parse(text, file, converters)
    if table is None:
        raise _sorted(source.errors)[0]
    return Mapping(table, text)


def check(text: str, file: str, converters: MappingOf[str, Converter] | None = None) -> list[MappingError]:
    """Return everything that is wrong with the text of a mapping file, in the order of its lines."""
    return _sorted(parse(text, file, converters)[1].errors)


def _sorted(errors: list[MappingError]) -> list[MappingError]:
    once = {str(error): error for error in errors}.values()  # a cell may be looked at more than once
    return sorted(once, key=lambda error: (error.place.line, error.place.column) if error.place else (0, 0))
