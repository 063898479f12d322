"""The rows of a compiled mapping: plain frozen values, made by the loader, used by reader, writer and everyone who shows them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Final

from hub.errors import Place
from hub.mapping.converters import Converter
from hub.mapping.paths import Path
from hub.model.entities import Kind
from hub.model.record import EntityType
from hub.model.values import MISSING, Missing, Value


class Clear(StrEnum):
    """What writing "no value" looks like there."""

    NULL = "null"
    BLANK = "blank"  # ""
    OMIT = "omit"
    REFUSE = "refuse"


@dataclass(frozen=True, slots=True)
class Empty:
    """What "no value" looks like in a stream. `missing`: a key that is not in a whole document says it, too."""

    values: tuple[Any, ...] = (None, "")
    missing: bool = False


@dataclass(frozen=True, slots=True)
class Time:
    """A point in time in a document, and how it is written: instant, utc, epoch_us, epoch_ms or epoch_s."""

    path: Path
    written_as: str = "instant"


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the fields table. `names` are our paths: one, or several for a converter that joins them.

    `read` and `write` are paths in the document (relative to the element inside a list); None: not read, not written.
    `values` are (ours, theirs), `values_read` (theirs, ours); `values_write` (ours, theirs) are
    what the system cannot show: only written, and read back as what `values` says.
    `currency` is a path, an ISO code, or `connection`.
    """

    names: tuple[str, ...]
    kind: Kind
    place: Place
    read: Path | None
    write: Path | None
    converter: Converter | None = None
    values: tuple[tuple[Any, Any], ...] = ()
    values_read: tuple[tuple[Any, Any], ...] = ()
    values_write: tuple[tuple[Any, Any], ...] = ()
    absent: tuple[Any, ...] = ()
    absent_missing: bool = False
    reject: bool = False
    create_only: bool = False
    silent: bool = False
    lossy: bool = False
    yields: bool = False
    required: bool = False
    max_length: int | None = None
    case: str = ""
    clear: Clear = Clear.NULL
    constant: Value | Missing = MISSING
    minor: str = ""
    currency: Path | str = ""
    tax: str = ""
    changed_at: Time | None = None
    why: str = ""
    fingerprint: str = ""

    @property
    def path(self) -> str:
        """Return the path in the document as the file says it."""
        found = self.read or self.write
        return found.text if found else ""

    @property
    def writable(self) -> bool:
        """Say whether anything is ever written here."""
        return self.write is not None

    @property
    def loses(self) -> bool:
        """Say whether the line declares that a value may come back different."""
        return self.lossy or self.max_length is not None or bool(self.case or self.values_write)

    def cut(self, text: str) -> str:
        """Return text as it is shown there: in the case and the length that the line declares."""
        shown = text.upper() if self.case == "upper" else text.lower() if self.case == "lower" else text
        return shown[: self.max_length] if self.max_length else shown

    @property
    def translates(self) -> bool:
        """Say whether the line goes by a list of values rather than by a converter."""
        return bool(self.values or self.values_read)


@dataclass(frozen=True, slots=True)
class ListLine:
    """A list of elements, or a set of words (`is_set`).

    `fits`: how many elements have a place there, None for any number. `single`: one object instead of a list.
    `separator`: the set is one text with this between its words.
    """

    name: str
    place: Place
    each: Path
    identity: Path | None = None
    match_by: tuple[str, ...] = ()
    fits: int | None = None
    single: bool = False
    silent: bool = False
    lossy: bool = False
    writable: bool = True
    is_set: bool = False
    separator: str = ""
    lines: tuple[Line, ...] = ()
    clear: Clear = Clear.NULL
    why: str = ""
    fingerprint: str = ""

    @property
    def path(self) -> str:
        """Return the path of the list in the document."""
        return self.each.text

    def line(self, name: str) -> Line | None:
        """Return the line of one of the elements' fields."""
        return next((line for line in self.lines if name in line.names), None)


@dataclass(frozen=True, slots=True)
class Identity:
    """The external id: one path, or several joined. `gid`: only the last part of a global id counts."""

    paths: tuple[Path, ...]
    join: str = ""
    gid: bool = False


@dataclass(frozen=True, slots=True)
class RefLine:
    """A reference to another record of the same connection. Without a path it is the record this part belongs to.

    Without a stream, but with a path, the path holds the number of a document of any connection.
    """

    name: str
    stream: str
    path: Path | None = None
    gid: bool = False


@dataclass(frozen=True, slots=True)
class Equals:
    """One equality: the scalar at `path` is `value`."""

    path: Path
    value: Any


@dataclass(frozen=True, slots=True)
class Table:
    """All rows of one stream, as read from one file or from one of its parts."""

    connector: str
    stream: str
    entity: EntityType
    place: Place
    identity: Identity
    empty: Empty = field(default_factory=Empty)
    version: Path | None = None
    changed_at: Time | None = None
    created_at: Time | None = None
    birth: Path | None = None
    deleted: Equals | None = None
    only_when: Equals | None = None
    projection: bool = False
    lines: tuple[Line, ...] = ()
    lists: tuple[ListLine, ...] = ()
    refs: tuple[RefLine, ...] = ()
    parts: tuple[tuple[Path, Table], ...] = ()
    ignored: tuple[str, ...] = ()


_SAYS_NOTHING: Final = frozenset({"place", "why", "fingerprint"})


def fingerprint(*rows: Any) -> str:
    """Return a hash of what rows mean: the same on every machine, untouched by comments, order of keys and position."""
    return hashlib.blake2b(repr([_plain(row) for row in rows]).encode(), digest_size=10).hexdigest()


def _plain(row: Any) -> Any:
    if isinstance(row, Path):
        return row.text
    if isinstance(row, Converter):
        return row.name
    if isinstance(row, tuple):
        return [_plain(inner) for inner in row]
    if isinstance(row, Line | ListLine | Identity | RefLine | Equals | Table | Time | Empty):
        return [(one.name, _plain(getattr(row, one.name))) for one in fields(row) if one.name not in _SAYS_NOTHING]
    return str(row) if isinstance(row, StrEnum | Missing) else row
