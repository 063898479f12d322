"""Named two-way pairs between a vendor's value and ours: everything a mapping line cannot say with a path.

In: one value. Out: one value, or ValueError when it cannot be read; nothing is guessed. `accepts` says which of our values
survive `read(write(value))` unchanged; a value that does not is not sent.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import phonenumbers

from hub.clock import instant, micros
from hub.errors import MappingError, Place
from hub.mapping.money import MONEY
from hub.model.entities import Kind
from hub.model.values import SECOND, Value

CANNOT: Final = (ValueError, TypeError, ArithmeticError, LookupError, AttributeError)
"""What a converter may raise for a value it cannot read."""


@dataclass(frozen=True, slots=True)
class Converter:
    """A two-way pair.

    `read` takes the vendor's value and returns ours, `write` the other way round. Where `takes` names a connection setting
    (`country`, `currency`), all three functions get it as their second argument (None where it is not set). `several` fields on
    our side are one list in `read` and `write`. `kinds`: the kinds of fields it may stand at; `samples`: some of our values.
    """

    name: str
    doc: str
    read: Callable[..., Value]
    write: Callable[..., Any]
    accepts: Callable[..., bool]
    kinds: frozenset[Kind] = frozenset({Kind.TEXT})
    samples: tuple[Value, ...] = ()
    takes: str = ""
    several: int = 1
    lossy: bool = False


def _same(value: Value) -> Value:
    return value


def _refuse(what: str) -> ValueError:
    return ValueError(f"this is no {what}")  # the value itself stays out of messages (Invariant 14)


def _digits(value: Any, what: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str) or (isinstance(value, str) and not _WHOLE.fullmatch(value)):
        raise _refuse(what)
    return int(value)


_WHOLE: Final = re.compile(r"-?\d{1,18}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d+(\.\d+)?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_SECONDS: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", re.ASCII)
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_GID: Final = re.compile(r"(?:gid://.+/)?([^/?\s]+)(?:\?.*)?")


def read_text(value: Any) -> str:
    """Read text as it is; a number becomes the text it shows."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _refuse("text")
    return str(value)


def read_email(value: Any) -> str:
    """Read an e-mail address in lower case."""
    address = value.strip().lower()
    if "@" not in address or " " in address:
        raise _refuse("e-mail address")
    return str(address)


def read_phone(value: Any, country: str | None = None) -> str:
    """Read a phone number as E.164. What is no number for `country` (ISO 3166-1) is kept as it was given: no data is lost."""
    text = read_text(value)
    return text if _E164.fullmatch(text) else _parsed_phone(text, country)


@lru_cache(maxsize=50_000)
def _parsed_phone(text: str, country: str | None) -> str:
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return text
    if not phonenumbers.is_possible_number(number) or number.extension:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _accepts_phone(value: Value, country: str | None = None) -> bool:
    return isinstance(value, str) and bool(value.strip()) and read_phone(value, country) == value


def _write_phone(value: Value, _country: str | None = None) -> Value:
    return value


def read_country(value: Any) -> str:
    """Read an ISO 3166-1 alpha-2 code in upper case."""
    code = value.strip().upper()
    if not (len(code) == 2 and code.isascii() and code.isalpha()):
        raise _refuse("country code of two letters")
    return str(code)


def read_flag(value: Any) -> bool:
    """Read true or false, nothing else."""
    if not isinstance(value, bool):
        raise _refuse("true or false")
    return value


def read_count(value: Any) -> int:
    """Read a whole number, also where it comes as text or as `3.0`."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return _digits(value, "whole number")


def read_decimal(value: Any) -> str:
    """Read a decimal number as the text it shows."""
    if isinstance(value, bool):
        raise _refuse("number")
    text = format(Decimal(repr(value)), "f") if isinstance(value, int | float) else value
    if not _DECIMAL.fullmatch(text):
        raise _refuse("number")
    return str(text)


def read_date(value: Any) -> str:
    """Read `YYYY-MM-DD`; a time of midnight behind it is dropped."""
    day = value[:10]
    if not _DATE.fullmatch(day) or (value[10:] and not value[10:].startswith(("T00:00:00", " 00:00:00"))):
        raise _refuse("date")
    micros(f"{day}T00:00:00Z")
    return str(day)


def read_instant(value: Any) -> str:
    """Read RFC 3339 with any offset as UTC."""
    if _SECONDS.fullmatch(value):
        datetime.fromisoformat(value)  # raises for a day or an hour that does not exist; the text is canonical already
        return str(value)
    return instant(micros(value))


def read_utc(value: Any) -> str:
    """Read a time without offset that is meant in UTC."""
    return instant(micros(value if value.endswith(("Z", "z")) else value + "Z"))


def _epoch(unit: int) -> tuple[Callable[[Any], str], Callable[[str], int], Callable[[Value], bool]]:
    def read(value: Any) -> str:
        return instant(_digits(value, "time") * unit)

    def write(value: str) -> int:
        return micros(value) // unit

    def accepts(value: Value) -> bool:
        return _is_instant(value) and micros(value) % unit == 0

    return read, write, accepts


def _is_instant(value: Value) -> bool:
    try:
        return isinstance(value, str) and instant(micros(value)) == value
    except ValueError:
        return False


def _reads_back(read: Callable[[Any], Value]) -> Callable[[Value], bool]:
    def accepts(value: Value) -> bool:
        try:
            return isinstance(value, str) and bool(value) and bool(read(value) == value)
        except CANNOT:
            return False

    return accepts


def read_name(value: Any) -> list[str | None]:
    """Read `Anna Maria Berg` as given name `Anna Maria` and family name `Berg`: the last word is the family name."""
    given, _, family = " ".join(value.split()).rpartition(" ")
    if not family:
        raise _refuse("name")
    return [given, family] if given else [family, None]


def _write_name(values: list[str | None]) -> str:
    return " ".join(part for part in values if part)


def _accepts_name(values: list[str | None]) -> bool:
    return any(values) and all(part is None or isinstance(part, str) for part in values)


def _read_number_id(value: Any) -> str:
    return str(_digits(value, "number"))


def _accepts_number_id(value: Value) -> bool:
    return isinstance(value, str) and _WHOLE.fullmatch(value) is not None and str(int(value)) == value


def read_gid(value: Any) -> str:
    """Read `gid://shop/Product/12` as `12`; a plain number or text is taken as it is."""
    found = _GID.fullmatch(str(value)) if isinstance(value, str | int) and not isinstance(value, bool) else None
    if found is None:
        raise _refuse("id")
    return found.group(1)


def gid(kind: str) -> Converter:
    """Return the converter that writes ids as `gid://<kind>/<id>`; without a kind they are written plain."""
    prefix = f"gid://{kind}/" if kind else ""
    return Converter(
        "gid",
        "The last part of a global id: `gid://shop/Product/12` is `12`. To write it, name the front part: `gid: shop/Product`.",
        read_gid,
        lambda value: prefix + value,
        _reads_back(read_gid),
        samples=("12", "ab-7"),
    )


def _pair(name: str, doc: str, read: Callable[[Any], str], kind: Kind, *samples: str) -> Converter:
    return Converter(name, doc, read, _same, _reads_back(read), frozenset({kind, Kind.TEXT}), samples)


_INSTANT: Final = frozenset({Kind.INSTANT, Kind.TEXT})

_PHONE_DOC: Final = (
    "A phone number, `+4930123456` on our side. Numbers without `+` are read as numbers of the setting `country`; "
    "what is no phone number is kept as given."
)


def _is_text(value: Value) -> bool:
    return isinstance(value, str)


def _is_flag(value: Value) -> bool:
    return isinstance(value, bool)


def _is_count(value: Value) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _without_z(value: str) -> str:
    return value.removesuffix("Z")


_TIME: Final = "2024-02-29T12:30:00Z"
_FINE: Final = "2024-02-29T12:30:00.25Z"
_PHONES: Final = frozenset({Kind.PHONE, Kind.TEXT})
_COUNTS: Final = frozenset({Kind.COUNT, Kind.QUANTITY})
_NAMES: Final = (["Anna", "Berg"], ["Anna", None])
_ALL: Final = (
    Converter(
        "text", "Text as it is; a number becomes the text it shows.", read_text, _same, _is_text, samples=("NO", " a b ", "007")
    ),
    _pair("email", "An e-mail address, in lower case on our side.", read_email, Kind.EMAIL, "a@example.com"),
    Converter(
        "phone",
        _PHONE_DOC,
        read_phone,
        _write_phone,
        _accepts_phone,
        _PHONES,
        ("+4930123456", "ask at the desk"),
        takes="country",
    ),
    _pair(
        "country", "A country code of two letters (ISO 3166-1), upper case on our side.", read_country, Kind.COUNTRY, "DE", "NO"
    ),
    Converter("flag", "true or false.", read_flag, _same, _is_flag, frozenset({Kind.FLAG}), (True, False)),
    Converter(
        "count", "A whole number, also where the system shows it as text.", read_count, _same, _is_count, _COUNTS, (0, 7, -2)
    ),
    _pair("decimal", "A number with decimals, kept digit for digit.", read_decimal, Kind.DECIMAL, "1.50", "-3", "0.001"),
    _pair("date", "A day, `2024-02-29`.", read_date, Kind.DATE, "2024-02-29"),
    Converter(
        "instant",
        "A time with offset (RFC 3339), in UTC on our side.",
        read_instant,
        _same,
        _is_instant,
        _INSTANT,
        (_TIME, _FINE),
    ),
    Converter("utc", "A time without offset that is meant in UTC.", read_utc, _without_z, _is_instant, _INSTANT, (_TIME, _FINE)),
    Converter("epoch_ms", "Milliseconds since 1970-01-01 in UTC.", *_epoch(SECOND // 1000), _INSTANT, (_TIME, _FINE)),
    Converter("epoch_s", "Seconds since 1970-01-01 in UTC.", *_epoch(SECOND), _INSTANT, (_TIME,)),
    Converter(
        "full_name",
        "Given and family name in one text; the last word is read as the family name.",
        read_name,
        _write_name,
        _accepts_name,
        samples=_NAMES,
        several=2,
        lossy=True,
    ),
    Converter("number_id", "A number there, a text here.", _read_number_id, int, _accepts_number_id, samples=("123", "0")),
    gid(""),
    Converter(
        "money", MONEY.doc, MONEY.read, MONEY.write, MONEY.accepts, frozenset({Kind.MONEY}), MONEY.samples, takes="currency"
    ),
)
CONVERTERS: Final[dict[str, Converter]] = {each.name: each for each in _ALL}
"""The converters that every installation has, by name."""


def load_converters(folder: Path) -> dict[str, Converter]:
    """Load a site's own converters: every `*.py` in `folder` defines `CONVERTERS = {"name": Converter(...)}`.

    Raises MappingError for a file without that table, a name that is taken, or an entry that is no Converter.
    """
    out: dict[str, Converter] = {}
    for file in sorted(folder.glob("*.py")):
        place = Place(str(file), 1, 1)
        spec = importlib.util.spec_from_file_location(f"site_converters_{file.stem}", file)
        if spec is None or spec.loader is None:
            raise MappingError("this file cannot be loaded as Python", place=place)
        module = importlib.util.module_from_spec(spec)
        try:
            spec.loader.exec_module(module)
        except Exception as broken:  # a site's own Python, run for the first time: anything may come out of it
            raise MappingError(f"this file cannot be loaded: {type(broken).__name__}", place=place) from broken
        table = getattr(module, "CONVERTERS", None)
        if not isinstance(table, dict):
            raise MappingError("a file of converters needs a table named CONVERTERS", place=place)
        for name, entry in table.items():
            if not isinstance(entry, Converter) or entry.name != name:
                raise MappingError(f"`{name}` must be a Converter of that name", place=place)
            if name in CONVERTERS or name in out:
                raise MappingError(f"there is a converter `{name}` already", place=place, fix="give it another name")
            out[name] = entry
    return out
