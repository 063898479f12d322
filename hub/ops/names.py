"""How entities and values are called when people read them."""

from __future__ import annotations

from typing import Any, Final

from hub.clock import instant
from hub.model.entity import Entity
from hub.model.record import EntityType
from hub.model.values import MISSING, Micros, Value

_NAMED_BY: Final = {
    EntityType.CUSTOMER: ("given_name", "family_name"),
    EntityType.LOCATION: ("name",),
    EntityType.PRODUCT: ("title",),
    EntityType.VARIANT: ("sku", "title"),
    EntityType.ORDER: ("number",),
    EntityType.RETURN: ("number",),
    EntityType.TICKET: ("number", "subject"),
    EntityType.PAYMENT: ("method", "state"),
    EntityType.FULFILMENT: ("kind", "state"),
    EntityType.REFUND: ("reason", "state"),
    EntityType.MESSAGE: ("direction", "sent_at"),
    EntityType.INTERACTION: ("kind", "occurred_at"),
}
_ELSE: Final = {EntityType.CUSTOMER: ("company", "email", "phone"), EntityType.LOCATION: ("code",)}


def name_of(entity: Entity) -> str:
    """Return what a person would call an entity."""
    parts = [_text(entity, path) for path in _NAMED_BY.get(entity.type, ())]
    found = " ".join(part for part in parts if part)
    return found or next((text for path in _ELSE.get(entity.type, ()) if (text := _text(entity, path))), "")


def _text(entity: Entity, path: str) -> str:
    golden = entity.golden.get(path)
    return str(golden.value) if golden is not None and golden.value is not None else ""


_CHECKED: Final[dict[object, list[str]]] = {None: [], True: ["verified"], False: ["not verified"]}


def shown(value: Value) -> str:
    """Return a value as a person reads it."""
    match value:
        case None:
            return "(empty)"
        case _ if value is MISSING:
            return "(never said)"
        case bool():
            return "yes" if value else "no"
        case {"amount": int(amount), "currency": str(currency)}:
            return f"{_major(amount, currency)} {currency}"
        case {"kind": kind, "value": reached}:  # a contact point
            more = ", ".join([*([str(value["role"])] if value.get("role") else []), *_CHECKED[value.get("verified")]])
            return f"{kind} {reached}" + (f" ({more})" if more else "")
        case {"quantity": int(quantity)}:  # a line of an order, or pieces of one
            return f"{quantity} x {_piece(value)}"
        case dict():
            return ", ".join(shown(part) for part in value.values() if part is not None)
        case _:
            return str(value)


def _piece(value: dict[str, Any]) -> str:
    """Say what a line is and what it costs; what only programs need (ids) is left to --json."""
    what = " ".join(str(value[name]) for name in ("sku", "title") if value.get(name)) or f"line {value.get('line') or '?'}"
    said = [("unit_price", "at {}"), ("discount", "less {}"), ("amount", "{}"), ("total", "= {}")]
    money = [words.format(shown(value[name])) for name, words in said if value.get(name) and value[name]["amount"]]
    return ", ".join([what, *money])


def _major(amount: int, currency: str) -> str:
    from hub.model.money import exponent

    digits = exponent(currency)
    if not digits:
        return str(amount)
    whole, rest = divmod(abs(amount), 10**digits)
    return f"{'-' if amount < 0 else ''}{whole}.{rest:0{digits}d}"


def when(at: Micros | None) -> str:
    """Return a time as people read it, UTC, to the second; empty where there is none."""
    return instant(at - at % 1_000_000).replace("T", " ").replace("Z", " UTC") if at else ""
