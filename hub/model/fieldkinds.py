"""How the value of a canonical field is written."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """How the value of a field is written."""

    TEXT = "text"
    EMAIL = "email"  # lower case
    PHONE = "phone"  # E.164
    COUNTRY = "country"  # ISO 3166-1 alpha-2
    FLAG = "flag"
    COUNT = "count"
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"
    MONEY = "money"
    LIST = "list"
    SET = "set"
    QUANTITY = "quantity"  # a ledger figure, never a state
