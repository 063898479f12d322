"""What generated readers call: the parts of reading that are the same for every mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from hub.clock import micros
from hub.errors import RecordRefused
from hub.mapping.converters import CANNOT, read_gid
from hub.mapping.paths import shown
from hub.model.record import Drift, DriftKind, Element, Ref
from hub.model.values import MISSING, SECOND, Doc, Micros

ElementReader = Callable[[Doc, Mapping[str, str], bool, list[Drift]], Element]
SCALARS: Final = frozenset({str, int, float, bool, type(None)})


class _Nulls(dict[str, Any]):
    """The object that stands for a null parent: everything in it is null."""

    def get(self, _key: str, _default: Any = None, /) -> Any:
        """Return None."""
        return None


WHOLE: Final = False
"""A document that covers the whole record, for the argument `partial`."""
NULLS: Final = _Nulls()
NOTHING: Final[dict[str, Any]] = {}


def step(value: Any, drift: list[Drift], bad: Drift) -> Any:
    """Return the object to look into where a parent is no plain dict: null, missing, or something unexpected."""
    if value is None:
        return NULLS
    if isinstance(value, dict):
        return value
    if value is not MISSING and value not in ([], ""):  # PHP writes an empty object as [] or ""
        drift.append(bad)
    return NOTHING


def ident(value: Any, path: str) -> str:
    """Return an id as text. Raises RecordRefused where there is none; databases cut a text at a NUL, or refuse it."""
    if isinstance(value, str) and value.strip() and "\x00" not in value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise RecordRefused(f"there is no id at `{path}`", path=path)


def ident_gid(value: Any, path: str) -> str:
    """Return the last part of a global id. Raises RecordRefused where there is none."""
    text = ident(value, path)
    try:
        return read_gid(text)
    except ValueError as none:
        raise RecordRefused(f"there is no id at `{path}`", path=path) from none


def read_ref(value: Any, stream: str, gid: bool, drift: list[Drift], bad: Drift) -> Any:  # noqa: FBT001 - called by position
    """Return a reference; None for 0, "" and null, which mean none; MISSING for what is no id."""
    if value is None or value in (0, "0", ""):
        return None
    try:
        return Ref(stream, ident_gid(value, "") if gid else ident(value, ""))
    except (RecordRefused, *CANNOT):
        drift.append(bad)
        return MISSING


def read_time(value: Any, read: Callable[[Any], Micros], drift: list[Drift], bad: Drift) -> Micros | None:
    """Return a time in microseconds, None where there is none."""
    if value is MISSING or value is None or value == "":
        return None
    try:
        return read(value)
    except CANNOT:
        drift.append(bad)
        return None


def read_version(value: Any, drift: list[Drift], bad: Drift) -> int | None:
    """Return a counter, None where there is none."""
    if value is MISSING or value is None:
        return None
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    drift.append(bad)
    return None


def _utc(value: str) -> Micros:
    return micros(value if value.endswith(("Z", "z")) else value + "Z")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        message = "this is no time"
        raise ValueError(message)
    return int(value)


TIME_READERS: Final[dict[str, Callable[[Any], Micros]]] = {
    "instant": micros,
    "utc": _utc,
    "epoch_us": _whole,
    "epoch_ms": lambda value: _whole(value) * (SECOND // 1000),
    "epoch_s": lambda value: _whole(value) * SECOND,
}


def lookup(pairs: tuple[tuple[Any, Any], ...]) -> Callable[[Any], Any]:
    """Return the function from their value to ours; MISSING for an unknown one. 1, 1.0, "1" and true are four values."""
    table = {(type(theirs), theirs): ours for ours, theirs in pairs}

    def find(value: Any) -> Any:
        return table.get((value.__class__, value), MISSING) if value.__class__ in SCALARS else MISSING

    return find


def read_list(
    value: Any,
    element: ElementReader,
    nothing: bool,  # noqa: FBT001 - called by generated code, by position
    settings: Mapping[str, str],
    partial: bool,  # noqa: FBT001 - same
    drift: list[Drift],
    bad: Drift,
) -> Any:
    """Return the elements of a list or of one object; MISSING where nothing can be said. `nothing`: an empty value was seen."""
    if nothing:
        return []
    if value.__class__ is list and all(one.__class__ is dict for one in value):
        return [element(one, settings, partial, drift) for one in value]
    if value.__class__ is dict:
        only = element(value, settings, partial, drift)
        only.remote_id = only.remote_id or "0"
        return [only] if any(one is not None for one in only.values.values()) else []
    if value is not MISSING and value is not None:
        drift.append(bad)  # one element that is no object makes the list unknown: nothing may seem removed
    return MISSING


def read_set(value: Any, nothing: bool, separator: str, drift: list[Drift], bad: Drift) -> Any:  # noqa: FBT001 - same
    """Return the words of a set, each its own id; MISSING where nothing can be said."""
    if nothing:
        return []
    words = split_words(value, separator)
    if words is not None:
        return [Element(word, {"value": word}) for word in words]
    if value is not MISSING and value is not None:
        drift.append(bad)
    return MISSING


def split_words(value: Any, separator: str) -> list[str] | None:
    """Return the words of a list or of one text, each once, in their order; None for anything else."""
    if separator:
        found = value.split(separator.strip() or separator) if isinstance(value, str) else None
    else:
        found = value if isinstance(value, list) and all(isinstance(word, str) for word in value) else None
    return None if found is None else list(dict.fromkeys(word.strip() for word in found if word.strip()))


def unknown(doc: Doc, known: frozenset[str], stream: str, prefix: str, drift: list[Drift]) -> None:
    """Report the keys that the mapping does not know."""
    drift.extend(Drift(stream, prefix + key, DriftKind.UNKNOWN_FIELD) for key in doc if key not in known)


def unselected(items: Any, chosen: frozenset[tuple[str, str]], stream: str, path: str, drift: list[Drift]) -> None:
    """Report the elements of a keyed list which no line selects."""
    keys = sorted({key for key, _ in chosen})
    for item in items if isinstance(items, list) else ():
        names = [(key, shown(item[key])) for key in keys if isinstance(item, dict) and key in item]
        if names and not any(name in chosen for name in names):
            drift.append(Drift(stream, f"{path}[{names[0][0]}={names[0][1]}]", DriftKind.UNKNOWN_FIELD))
