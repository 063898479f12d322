"""Values that converters are tried with, each as a value of theirs and as one of ours."""

from __future__ import annotations

from typing import Any, Final

from hub.mapping import CONVERTERS, Converter
from hub.mapping.converters import gid
from hub.mapping.money import money

_SCALARS: Final = (None, "", " ", "x", 0, 1, -7, 1.5, 3.0, True, [], {})
_TIMES: Final = ("2024-02-29T12:30:00Z", "2024-02-29T12:30:00.25Z", "2024-02-30T12:30:00Z", "2024-02-29T12:30:00")
_MONEY: Final = (
    (1234, "EUR"), (1234, "eur"), (1234, "JPY"), (12345, "KWD"), ("12.34", "EUR"), ("12.345", "EUR"), (12.5, "USD"),
    (True, "EUR"),
    (5, None), (5, "EU"), (5, "EURO"), ("1e3", "EUR"), ("1" * 16, "EUR"), ("-1.50", "EUR"), ("1.", "EUR"), (None, "EUR"),
    ("5 ", "EUR"),
    ({"amount": 1234, "currency": "EUR"}, "EUR"), ({"amount": 1234, "currency": "EUR"}, "eur"),
    ({"amount": 1, "currency": "EUR"}, "USD"),
    ({"amount": 1234, "currency": "JPY"}, None), ({"amount": 12345, "currency": "KWD"}, None),
    ({"amount": 12340, "currency": "KWD"}, None),
    ({"amount": "5", "currency": "EUR"}, None), ({"amount": 5, "currency": None}, None), ({"amount": 5}, None),
    ({"currency": "EUR"}, None),
)  # fmt: skip

RAWS: Final[dict[str, tuple[Any, ...]]] = {
    "text": (*_SCALARS, "007", " a "),
    "email": (*_SCALARS, " A@B.C ", "a@b.c", "a b@c.d", "@"),
    "phone": (
        ("030 123456", "DE"), ("030 123456", None), ("+4930123456", "FR"), ("+49 30 123456", None), ("+0301234567", "DE"),
        ("+493012", None),
        ("030 123456 ext. 5", "DE"), ("ask", "DE"), ("1", "DE"), (" ", "DE"), ("", None), (30123456, "DE"), (True, "DE"),
        (None, None),
        ("+491234567890123", None), ("+4912345678901234", None), ("+491234567", None), ("+49123456", None),
    ),
    "country": (*_SCALARS, " de ", "DE", "D1", "DEU", "ÄÖ"),
    "flag": _SCALARS,
    "count": (*_SCALARS, "12", "-3", "1.0", "9" * 18, "9" * 19, "٣", "+5"),
    "decimal": (*_SCALARS, "1.50", "-3", "1.", ".5", "1e3", "0.001", 1e-7, 1e21, "٣"),
    "date": (
        *_SCALARS, "2024-02-29", "2023-02-29", "2024-02-29T00:00:00Z", "2024-02-29 00:00:00", "2024-02-29T01:00:00", "2024-2-29",
        "24-02-29",
    ),
    "instant": (*_SCALARS, *_TIMES, "2024-02-29T12:30:00+02:00", "2024-02-29"),
    "utc": (*_SCALARS, *_TIMES, "2024-02-29T12:30:00z", "2024-02-29 12:30:00"),
    "epoch_ms": (*_SCALARS, *_TIMES, 1_700_000_000_250, "1700000000250", "2024-02-29T12:30:00.0005Z"),
    "epoch_s": (*_SCALARS, *_TIMES, 1_700_000_000, "1700000000"),
    "full_name": (
        *_SCALARS, "Anna  Maria Berg ", "Berg", ["Anna", "Berg"], [None, "Berg"], ["Anna", None], [None, None], ["", "Berg"],
        [1, "Berg"],
    ),
    "number_id": (*_SCALARS, "123", "0", "007", "-5", "1" * 18, "1" * 19),
    "gid": (*_SCALARS, "gid://shop/Product/12", "gid://shop/Product/12?x=1", "gid://shop/Product/", "12", "a/b", "a b", "12?x"),
    "gid of a shop": ("12", "gid://shop/Product/12", "a/b", "", 5),
    "money": _MONEY,
    "money in hundredths": _MONEY,
    "money in units": _MONEY,
}  # fmt: skip
"""Name -> values; with a tuple the second is the setting that the converter takes."""


def converter(name: str) -> Converter:
    """Return a converter, also one that a line of a mapping makes for itself."""
    if name == "gid of a shop":
        return gid("shop/Product")
    minor = {"money in hundredths": "2", "money in units": "major"}.get(name)
    if minor is None:
        return CONVERTERS[name]
    pair, plain = money(minor), CONVERTERS["money"]
    return Converter(name, pair.doc, pair.read, pair.write, pair.accepts, plain.kinds, pair.samples, plain.takes)
