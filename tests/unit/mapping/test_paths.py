"""Where values stand: what a path says, what is found at it, and what is made and taken away there."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hub.mapping.paths import BadPath, Select, at_position, copied, drop, get, parse, pick, put, shown
from hub.model.values import MISSING


@pytest.mark.parametrize(("text", "steps", "dotted", "positional"), [
    ("a", ("a",), "a", False), ("a.b c.d", ("a", "b c", "d"), "a.b c.d", False), ("a .b", ("a", "b"), "a.b", False),
    ("a[0].b", ("a", 0, "b"), "a", True), ("a[12]", ("a", 12), "a", True),
    ("a[k=v].b", ("a", Select("k", "v", number=False), "b"), "a", False),
    ("a[k=7]", ("a", Select("k", "7", number=True)), "a", False),
    ("a[size=XL]", ("a", Select("size", "XL", number=False)), "a", False),
    ('a[k="7"]', ("a", Select("k", "7", number=False)), "a", False),
    ('a[k="a=b c"]', ("a", Select("k", "a=b c", number=False)), "a", False),
    ("a[k=b c].d", ("a", Select("k", "b c", number=False), "d"), "a", False),
    ("a[0][k=v]", ("a", 0, Select("k", "v", number=False)), "a", True),
    ("a.b[1=2].c", ("a", "b", Select("1", "2", number=True), "c"), "a.b", False),
])  # fmt: skip
def test_parse_returns_the_steps_of_a_path(text: str, steps: tuple[Any, ...], dotted: str, *, positional: bool) -> None:
    path = parse(text)
    assert (path.text, path.steps, path.dotted, path.positional) == (text, steps, dotted, positional)


@pytest.mark.parametrize(("text", "says"), [
    ("", "a path needs a key here"), ("a.", "a path needs a key here"), ("a..b", "`.b` is not a key"),
    (" a", "` a` is not a key"),
    ("a[", "`[` is not a selector like `[key=value]` or `[0]`"), ("a[0]b", "`b` does not belong into a path"),
    ("a]", "`]` does not belong into a path"),
])  # fmt: skip
def test_parse_says_what_is_wrong_with_a_text(text: str, says: str) -> None:
    with pytest.raises(BadPath) as raised:
        parse(text)
    assert str(raised.value) == says


@pytest.mark.parametrize(("value", "text"), [(True, "true"), (False, "false"), (1, "1"), (None, "None"), ("x", "x")])
def test_shown_is_how_a_selector_writes_a_scalar(value: Any, text: str) -> None:
    assert shown(value) == text


@pytest.mark.parametrize(("items", "found"), [
    (None, None), ({}, MISSING), ("x", MISSING), ([], MISSING), ([5, {"x": 1}], MISSING),
    ([{"k": 2}, {"k": 1}, {"k": "1"}], {"k": 1}),
    ([{"k": True}], MISSING),
])  # fmt: skip
def test_pick_returns_the_first_that_shows_the_text(items: Any, found: Any) -> None:
    assert pick(items, "k", "1") == found


@pytest.mark.parametrize(
    ("items", "found"), [(None, None), ([1], MISSING), ([1, 2], 2), ([1, 2, 3], 2), ({}, MISSING), ("ab", MISSING)]
)
def test_at_position_returns_what_stands_there(items: Any, found: Any) -> None:
    assert at_position(items, 1) == found


@pytest.mark.parametrize(("doc", "path", "found"), [
    ({"a": {"b": 1}}, "a.b", 1), ({"a": None}, "a.b", None), ({}, "a.b", MISSING), ({"a": 5}, "a.b", MISSING),
    ({"a": None}, "a[0].b", None),
    ({"a": [{"b": 1}]}, "a[0].b", 1), ({"a": [{"k": "v", "b": 1}]}, "a[k=v].b", 1), ({"a": [{"k": "v"}]}, "a[k=v].b.c", MISSING),
    ({"a": None}, "a[k=v].b", None), ({"a": {"b": None}}, "a.b.c.d", None),
])  # fmt: skip
def test_get_tells_null_from_missing(doc: Any, path: str, found: Any) -> None:
    assert get(doc, parse(path)) is found


@pytest.mark.parametrize(("doc", "path", "value", "after"), [
    ({}, "a.b.c", 1, {"a": {"b": {"c": 1}}}), ({"a": None}, "a.b", 1, {"a": {"b": 1}}),
    ({"a": {"x": 0}}, "a.b", 1, {"a": {"x": 0, "b": 1}}),
    ({}, "a[k=v].b", 1, {"a": [{"k": "v", "b": 1}]}), ({"a": {}}, "a[k=v].b", 1, {"a": [{"k": "v", "b": 1}]}),
    ({}, "a[k=7].b", 1, {"a": [{"k": 7, "b": 1}]}), ({}, 'a[k="7"].b', 1, {"a": [{"k": "7", "b": 1}]}),
    ({"a": [{"k": "6"}]}, "a[k=7].b", 1, {"a": [{"k": "6"}, {"k": "7", "b": 1}]}),
    ({"a": [{"k": 6}, 5]}, "a[k=7].b", 1, {"a": [{"k": 6}, 5, {"k": 7, "b": 1}]}),
    ({"a": [{"k": "v", "b": 0}]}, "a[k=v].b", 1, {"a": [{"k": "v", "b": 1}]}),
    ({}, "a[k=v]", {"b": 1}, {"a": [{"k": "v", "b": 1}]}),
    ({"a": [{"k": "v", "b": 0}]}, "a[k=v]", None, {"a": [{"k": "v", "b": 0}]}),
    ({"a": [{"b": 0}]}, "a[0].b", 1, {"a": [{"b": 1}]}),
    ({"a": [5]}, "a[0].b", 1, {"a": [5]}), ({"a": []}, "a[0].b", 1, {"a": []}),
    ({"a": [[{"k": "v"}]]}, "a[0][k=v].b", 1, {"a": [[{"k": "v", "b": 1}]]}),
    ({"a": [1]}, "a[0]", 5, {"a": [1]}),
])  # fmt: skip
def test_put_makes_what_is_missing_and_keeps_the_rest(doc: Any, path: str, value: Any, after: Any) -> None:
    put(doc, parse(path), value)
    assert doc == after


@pytest.mark.parametrize(("doc", "path", "after"), [
    ({"a": 1, "b": 2}, "a", {"b": 2}), ({"b": 2}, "a", {"b": 2}), ({"a": {"b": 1}}, "a.b", {"a": {}}),
    ({"a": None}, "a.b", {"a": None}),
    ({"a": [{"k": "v"}, {"k": "w"}, {"k": "v"}]}, "a[k=v]", {"a": [{"k": "w"}, {"k": "v"}]}),
    ({"a": [{"k": "w"}]}, "a[k=v]", {"a": [{"k": "w"}]}),
    ({"a": {"k": "v"}}, "a[k=v]", {"a": {"k": "v"}}), ({"a": [{"k": "v", "b": 1}]}, "a[k=v].b", {"a": [{"k": "v"}]}),
    ({"a": [1]}, "a[0]", {"a": [1]}),
])  # fmt: skip
def test_drop_takes_away_what_is_there(doc: Any, path: str, after: Any) -> None:
    drop(doc, parse(path))
    assert doc == after


def test_copied_shares_nothing() -> None:
    value = {"a": [{"b": [1]}]}
    copy, before = copied(value), deepcopy(value)
    copy["a"][0]["b"].append(2)
    copy["a"].append(3)
    assert value == before
