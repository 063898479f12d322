"""Money: a vendor's amount and currency as `{"amount": minor units, "currency": "EUR"}`, exact or not at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, Final, NamedTuple

from hub.model.money import exponent
from hub.model.values import Value

_CODE: Final = re.compile(r"[A-Z]{3}")
_AMOUNT: Final = re.compile(r"-?\d{1,15}(\.\d{1,15})?", re.ASCII)


class Money(NamedTuple):
    """The pair for one way of writing amounts. All functions take the currency of the document as second argument."""

    doc: str
    read: Callable[[Any, Any], Value]
    write: Callable[[Value, Any], Any]
    accepts: Callable[[Value, Any], bool]
    samples: tuple[Value, ...]


_DOC: Final = (
    "An amount with its currency. `minor` says how the amount is written: `iso` (whole minor units by ISO 4217: cents, yen), "
    "`2` (always hundredths) or `major` (a decimal number, `12.34`). `currency` is a path beside it, a code like `EUR`, or "
    "`connection` for the setting `currency`."
)
_SAMPLES: Final[tuple[Value, ...]] = tuple(
    {"amount": amount, "currency": code} for amount, code in ((1234, "EUR"), (0, "EUR"), (-5, "USD"), (500, "JPY"), (1250, "KWD"))
)


@lru_cache(maxsize=8)
def money(minor: str) -> Money:
    """Return the pair for `iso`, `2` or `major`."""

    def scale(code: str) -> Decimal:
        digits = exponent(code)
        return Decimal(1).scaleb({"iso": 0, "2": digits - 2, "major": digits}[minor])

    def read(value: Any, currency: Any) -> Value:
        code = _code(currency)
        amount = _number(value) * scale(code)
        if amount != amount.to_integral_value():
            message = "this amount has more digits than its currency"
            raise ValueError(message)
        return {"amount": int(amount), "currency": code}

    def write(value: Value, _currency: Any) -> Any:
        code = value["currency"]
        amount = Decimal(value["amount"]) / scale(code)
        return int(amount) if minor != "major" else f"{amount:.{exponent(code)}f}"

    def accepts(value: Value, currency: Any) -> bool:
        if not isinstance(value, dict) or not isinstance(value.get("amount"), int) or value.get("currency") is None:
            return False
        code = value["currency"]
        if currency is not None and str(currency).upper() != code:
            return False
        exact = Decimal(value["amount"]) / scale(code)
        return minor == "major" or exact == exact.to_integral_value()

    return Money(_DOC, read, write, accepts, _SAMPLES)


def _code(currency: Any) -> str:
    code = currency.upper() if isinstance(currency, str) else ""
    if not _CODE.fullmatch(code):
        message = "there is no currency beside this amount"
        raise ValueError(message)
    return code


def _number(value: Any) -> Decimal:
    text = repr(value) if isinstance(value, int | float) and not isinstance(value, bool) else value
    if not isinstance(text, str) or not _AMOUNT.fullmatch(text):
        message = "this is no amount"
        raise ValueError(message)
    return Decimal(text)


MONEY: Final = money("iso")
