"""A value as a person types it: checked by the kind of its field, and written as the hub writes it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from hub.clock import instant, micros
from hub.errors import UsageError
from hub.mapping.converters import CANNOT, read_count, read_country, read_date, read_decimal, read_phone
from hub.mapping.ground import Ground
from hub.model.entities import FIELDS, Kind, kind_of
from hub.model.entity import Entity
from hub.model.money import exponent
from hub.model.record import EntityType
from hub.model.values import Value
from hub.yamlfile import nearest

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_E164: Final = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
_MONEY: Final = re.compile(r"(-?\d+)(?:[.,](\d+))?(?:\s*([A-Za-z]{3}))?", re.ASCII)
_WORDS: Final = {"yes": True, "true": True, "no": False, "false": False}
_CONSENT: Final = ("granted", "withdrawn")
HINTS: Final[Mapping[Kind, str]] = {
    Kind.EMAIL: "Write an e-mail address, such as ada@example.org.",
    Kind.PHONE: "Write the number with its country, such as +49 30 123456.",
    Kind.COUNTRY: "Write two letters, such as DE.",
    Kind.FLAG: "Write yes or no.",
    Kind.COUNT: "Write a whole number.",
    Kind.DECIMAL: "Write a number, such as 1.5.",
    Kind.DATE: "Write a day, such as 2026-03-01.",
    Kind.INSTANT: "Write a time, such as 2026-03-01T12:00:00Z.",
    Kind.MONEY: "Write an amount, such as 12.50 EUR.",
    Kind.TEXT: "Write some text, or --empty for none.",
}
_NOUNS: Final[Mapping[Kind, str]] = {
    Kind.EMAIL: "e-mail address",
    Kind.PHONE: "phone number",
    Kind.COUNTRY: "country",
    Kind.FLAG: "yes or no",
    Kind.COUNT: "whole number",
    Kind.DECIMAL: "number",
    Kind.DATE: "day",
    Kind.INSTANT: "time",
    Kind.MONEY: "amount of money",
    Kind.TEXT: "text",
}


def field_kind(entity: EntityType, path: str) -> Kind:
    """Return the kind of a field that holds one value. Raises UsageError for a list, a quantity or a field there is not."""
    kind = kind_of(entity, path)
    noun = entity.value.replace("_", " ")
    if kind is Kind.QUANTITY:
        raise UsageError("Stock is a sum of movements; it is counted, not set.", fix="Count it in the system that holds it.")
    if kind in (Kind.LIST, Kind.SET) or path.partition("/")[0].partition(".")[0] in _lists(entity):
        raise UsageError(f"`{path}` is a list; only single values can be pinned.", fix="Change it in one of the systems.")
    if kind is None or path.endswith("."):
        raise UsageError(f"A {noun} has no field `{path}`.", fix=nearest(path, FIELDS[entity]))
    return kind


def _lists(entity: EntityType) -> set[str]:
    return {name for name, kind in FIELDS[entity].items() if kind in (Kind.LIST, Kind.SET)}


def read_typed(ground: Ground, entity: Entity, path: str, text: str) -> Value:
    """Return the value that a person means. Raises UsageError that says how to write it."""
    kind = field_kind(entity.type, path)
    said = text.strip()
    if path.startswith("consent."):
        return _one_of(said.lower(), _CONSENT, path)
    try:
        value = _read(kind, ground, entity, path, said)
    except CANNOT:
        raise UsageError(f"This is no {_NOUNS[kind]} for `{path}`.", fix=HINTS[kind]) from None
    words = _words(ground, entity.type, path)
    return _one_of(str(value), words, path) if words else value


def _one_of(said: str, words: tuple[str, ...], path: str) -> str:
    if said not in words:
        raise UsageError(f"`{path}` cannot be that.", fix=nearest(said, words))
    return said


def _words(ground: Ground, entity: EntityType, path: str) -> tuple[str, ...]:
    """Return the words a field can hold, where every system that has it knows only some."""
    lines = [table.fields[path] for table in ground.tables.values() if table.entity is entity and path in table.fields]
    if not lines or not all(line.values for line in lines):
        return ()
    return tuple(dict.fromkeys(str(ours) for line in lines for ours, _ in line.values if isinstance(ours, str)))


def _read(kind: Kind, ground: Ground, entity: Entity, path: str, said: str) -> Value:
    if not said:
        raise ValueError("nothing was written")
    if kind is Kind.PHONE:
        return _phone(said, _setting(ground, "country"))
    if kind is Kind.MONEY:
        golden = entity.golden.get(path)
        known = golden.value["currency"] if golden is not None and golden.value else _setting(ground, "currency")
        return _money(said, known)
    return _READ[kind](said)


def _setting(ground: Ground, name: str) -> str | None:
    """Return a setting that all connections which have it agree on."""
    found = {one.settings[name] for one in ground.config.connections.values() if one.settings.get(name)}
    return found.pop() if len(found) == 1 else None


def _email(said: str) -> str:
    if not _EMAIL.fullmatch(said):
        raise ValueError("no address")
    return said.lower()


def _phone(said: str, country: str | None) -> str:
    number = read_phone(said, country)
    if not _E164.fullmatch(number):
        raise ValueError("no number")
    return number


def _flag(said: str) -> bool:
    return _WORDS[said.lower()]


def _instant(said: str) -> str:
    return instant(micros(said))


def _money(said: str, known: str | None) -> Value:
    found = _MONEY.fullmatch(said)
    if found is None:
        raise ValueError("no amount")
    currency = (found[3] or known or "").upper()
    if len(currency) != 3:
        raise ValueError("no currency")
    digits = exponent(currency)
    rest = found[2] or ""
    if len(rest) > digits:
        raise ValueError("more digits than this currency has")
    return {"amount": int(found[1] + rest.ljust(digits, "0")), "currency": currency}


_READ: Final[Mapping[Kind, Callable[[str], Value]]] = {
    Kind.TEXT: str,
    Kind.EMAIL: _email,
    Kind.COUNTRY: read_country,
    Kind.FLAG: _flag,
    Kind.COUNT: read_count,
    Kind.DECIMAL: read_decimal,
    Kind.DATE: read_date,
    Kind.INSTANT: _instant,
}
