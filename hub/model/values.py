"""Canonical values: what a field can hold, and the difference between absent, empty and a value (Invariant 7).

Canonical values are JSON values, so that a claim, a journal entry and an explanation show the same thing:

* text, enum: `str` · flag: `bool` · count: `int` · decimal: `str` (as written, no float)
* instant: `str`, RFC 3339 in UTC with `Z` and as many fraction digits as needed · date: `str`, `YYYY-MM-DD`
* money: `{"amount": int minor units, "currency": "EUR"}` (ISO 4217 exponents)
* empty: `None` ("seen, and no value there") · absent: the key is missing ("no statement")
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Final, TypeAlias

Value: TypeAlias = Any  # JSON value; a recursive alias would cost more in casts than it finds
Doc: TypeAlias = dict[str, Any]


class Missing(Enum):
    """The type of `MISSING`, so that mypy can tell it from every value."""

    MISSING = "missing"

    def __bool__(self) -> bool:
        return False


MISSING: Final = Missing.MISSING
"""No statement at all. Never stored: a missing key says it."""

Micros: TypeAlias = int
"""Microseconds since 1970-01-01T00:00:00Z. The one unit of time inside the hub."""

SECOND: Final[Micros] = 1_000_000
