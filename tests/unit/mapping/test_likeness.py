"""What looks like a rendering of what was sent, and what does not: bound by bound."""

from __future__ import annotations

from typing import Any

import pytest

from hub.errors import Place
from hub.mapping import load
from hub.mapping.likeness import alike, elements_alike, fold, natural_key
from hub.mapping.lines import Line, ListLine
from hub.mapping.paths import Path, parse
from hub.model.entities import Kind
from tests.unit.mapping.examples import SHOP, TILL

SHOP_MAP, TILL_MAP = load(SHOP, "shop.yaml"), load(TILL, "till.yaml")
EURO = {"currency": "EUR"}
THERE = parse("n")


def line(name: str = "note", *, write: Path | None = THERE, read: Path | None = THERE, **more: Any) -> Line:
    return Line((name,), Kind.TEXT, Place("m.yaml", 1, 1), read, write, **more)


@pytest.mark.parametrize(("text", "accents", "folded"), [
    ("Weg 1, Hof", True, "weg1hof"), ("Straße", True, "strasse"), ("Zoë", True, "zoë"), ("Zoë", False, "zoe"), ("!?", True, ""),
])  # fmt: skip
def test_fold_keeps_letters_and_digits(text: str, *, accents: bool, folded: str) -> None:
    assert fold(text, accents=accents) == folded


@pytest.mark.parametrize(("sent", "seen", "looks"), [
    (1, True, False), (True, 1, False), (0, False, False), (1, 1, True), (1, 1.0, False), (1.5, 1.5, True), ("1", 1, False),
    ("", "", True), ("x", "", False), ("", "x", False), (None, "", False), ("", None, False), (None, None, True), ([], {}, False),
    ("!", " !", True), ("! ", "!", True), ("!", "?", False), ("!", "x", False), ("x", "!", False),
    ("abc", "ab", False), ("abcd", "abc", True), ("abcd", "bcd", False), ("abcd", "ABC", True), ("ab-cd", "ab-", True),
    ("abcd", "ab-", False),
    ("1.50", "1.5", True), ("1.50", "1.05", False), ("1e2", "100", True), ("NaN", "nan", True), ("1.50", "x", False),
    (-1, 0, True), (-1, -2, False), (-1, 1, False), (0, 0, True), (1, 0, False), (1, 2, False), (10, 9, True), (9, 9, True),
    (1000, 999, True), (1000, 998, False), (1000, 99, True), (999, 1000, False), (128, 127, True), (64, 63, False),
    (300, 255, True),
    (300, 254, False), (300, 256, False), (5_000_000_000, 2_147_483_647, True), (5_000_000_000, 2_147_483_646, False),
    ({"amount": 5, **EURO}, {"amount": 5, **EURO, "x": 1}, True),
    ({"amount": 5, **EURO}, {"amount": 5, "currency": "USD"}, False),
    ({"amount": 5, **EURO}, {"amount": 4, **EURO}, False), ({"amount": 1000, **EURO}, {"amount": 999, **EURO}, True),
    ({"amount": "5", **EURO}, {"amount": 5, **EURO}, False), ({"amount": 5, **EURO}, {"amount": None, **EURO}, False),
    ({"amount": 5, **EURO}, 5, False), (5, {"amount": 5, **EURO}, False), ({"a": 1}, {"a": 2}, False),
])  # fmt: skip
def test_alike_tells_a_rendering_when_nothing_is_known_of_the_line(sent: Any, seen: Any, *, looks: bool) -> None:
    assert alike(None, sent, seen) is looks
    assert alike(line(), sent, seen) is looks


@pytest.mark.parametrize(("declared", "sent", "seen", "looks"), [
    ({}, "ab cd", "AB", False), ({"max_length": 2}, "ab cd", "ab", True), ({"max_length": 2}, "ab cd", "AB", False),
    ({"max_length": 2, "case": "upper"}, "ab cd", "AB", True), ({"case": "lower"}, "!A", "!a", True),
    ({"case": "upper"}, "!1", "!2", False),
    ({"lossy": True}, "ab", "xyz", True), ({"lossy": True}, "ab", 5, True), ({"lossy": True}, "ab", None, False),
    ({"lossy": True}, None, "ab", False), ({"max_length": 1}, 50, 5, False),
])  # fmt: skip
def test_alike_goes_by_what_the_line_declares(declared: dict[str, Any], sent: Any, seen: Any, *, looks: bool) -> None:
    assert alike(line(**declared), sent, seen) is looks


@pytest.mark.parametrize(("sent", "seen", "looks"), [
    ("Anna", "Anna van", True), ("van Berg", "Berg", True), ("Anna", None, True), (None, "Anna", True), ("Ann", "Eva", False),
    ("Zoë", "ZOE", True),
    ("Zoe M", "zoë", True),
])  # fmt: skip
def test_alike_lets_parts_move_when_several_fields_share_one_text(sent: Any, seen: Any, *, looks: bool) -> None:
    both = Line(("given_name", "family_name"), Kind.TEXT, Place("m.yaml", 1, 1), parse("n"), parse("n"))
    assert alike(both, sent, seen) is looks


@pytest.mark.parametrize(("sent", "seen", "looks"), [
    ({"note": "a"}, {"note": "A"}, True), ({"note": "a"}, {"note": "b"}, False), ({"note": "a"}, {}, False),
    ({}, {"note": None}, True),
    ({"note": "a", "city": "x"}, {"note": "a", "city": "y"}, True),
    ({"note": "a", "region": "x"}, {"note": "a", "region": "y"}, True),
    ({"note": "a", "locale": "x"}, {"note": "a"}, True),
])  # fmt: skip
def test_elements_alike_compares_what_has_a_place_and_is_read(sent: Any, seen: Any, *, looks: bool) -> None:
    lines = (line(), line("city", write=None), line("region", read=None))
    one = ListLine("addresses", Place("m.yaml", 1, 1), parse("a"), lines=lines)
    assert elements_alike(one, sent, seen) is looks
    assert elements_alike(ListLine("addresses", Place("m.yaml", 1, 1), parse("a"), lines=lines, lossy=True), sent, seen)


def test_elements_alike_compares_words_when_it_is_a_set() -> None:
    tags = ListLine("tags", Place("m.yaml", 1, 1), parse("t"), is_set=True)
    assert elements_alike(tags, {"value": "vip"}, {"value": "VIP"})
    assert not elements_alike(tags, {"value": "vip"}, {"value": "new"})
    assert not elements_alike(tags, {"value": "vip"}, {})


@pytest.mark.parametrize(("path", "sent", "seen", "looks"), [
    ("addresses/7", {"city": "Rom"}, {"city": "ROM"}, True), ("addresses/7", {"city": "Rom"}, None, False),
    ("addresses/7", None, None, True),
    ("addresses/7", None, {"city": "Rom"}, False), ("tags/vip", {"value": "vip"}, {"value": "Vip"}, True),
    ("addresses.city", "Rom", "ROM", True),
    ("company", "Berg & Tal", "BERG & T", True), ("unknown", "a", "A", True), ("unknown", "a", "b", False),
])  # fmt: skip
def test_looks_like_asks_the_line_that_a_path_names(path: str, sent: Any, seen: Any, *, looks: bool) -> None:
    assert SHOP_MAP.looks_like(path, sent, seen) is looks


def test_natural_key_is_made_of_all_declared_fields_in_their_order() -> None:
    addresses = SHOP_MAP.lists["addresses"]
    assert natural_key(addresses, {"line1": "Weg  1.", "postal_code": 10115}) == ("weg1", "10115", "")
    assert natural_key(addresses, {"city": "Rom", "line1": ""}) is None
    assert natural_key(TILL_MAP.lists["addresses"], {"line1": "Zoë"}) == ("zoë",)
