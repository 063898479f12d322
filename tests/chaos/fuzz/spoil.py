"""Spoils real inputs. In: what a vendor, a person or a file really says. Out: strategies that draw spoiled ones."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53 + 1, -(2**63), 2**64 - 1, 0.1, -0.0, 1e308, 5e-324),
    *("", " ", "0", "-1", "1e400", "NaN", "null", "true", "\x00", "\u200b", "\ufeff", "é", "e\u0301", "\U0001f600", "x" * 4000),
    *("2026-13-45T99:99:99Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999999+14:00", "1970-01-01", "12.345,67", "€ 1"),
    *("gid://shopify/Customer/", "gid://shopify/Nothing/1", "../../etc/passwd", "%s%n{0}${PATH}", "a@b", "+", "++49", "١٢٣"),
    *([], {}, [None], [[]], [{}], {"": None}, {"id": None}, {"id": {"id": 1}}, ["x"] * 50, {"value": [1, "2", None]}),
)
SNIPPETS = (
    *(
        "\n",
        "  ",
        "\t",
        ":",
        "- ",
        "{",
        "}",
        "[",
        "]",
        "|",
        ">",
        "&a",
        "*a",
        "<<: *a",
        "!!python/name:os.system",
        "? ",
        "#",
        "'",
        '"',
    ),
    *("null", "NO", "0o17", "1_000", "2026-01-01", ".inf", "path", "only: write", "each:", "fits: 0", "as: money", "values: {}"),
    *(
        "${",
        "${HOME}",
        "${file:/etc/hostname}",
        "${X:-${X}}",
        "$${",
        "\x00",
        "\u2028",
        "\ufeff",
        "é" * 50,
        "---\n",
        "...\n",
        "%YAML 1.2\n",
    ),
    *(
        "[" * 200,
        "{a: " * 100,
        "10%",
        "-5%",
        "101%",
        "1h30",
        "-1s",
        "99999999999999d",
        "sqlite:///",
        "http://",
        "unknown_key: 1\n",
    ),
)
Wound = tuple[int, int, Any]
"""Where, how, with what."""


def wounds(pool: Sequence[Any]) -> st.SearchStrategy[list[Wound]]:
    """Draw one to four wounds."""
    one = st.tuples(st.integers(0, 2**16), st.integers(0, 3), st.sampled_from(pool))
    return st.lists(one, min_size=1, max_size=4)


def documents(seeds: Sequence[Any]) -> st.SearchStrategy[Any]:
    """Draw JSON documents: a seed in which values are replaced, removed, doubled or renamed."""
    return st.tuples(st.sampled_from(seeds), wounds(NASTY)).map(lambda drawn: spoil(*drawn))


def bodies(seeds: Sequence[Any]) -> st.SearchStrategy[bytes]:
    """Draw bodies: mostly spoiled JSON, now and then cut JSON or bytes that are none."""
    whole = documents(seeds).map(lambda doc: json.dumps(doc).encode())
    cut = st.tuples(whole, st.integers(0, 400)).map(lambda drawn: drawn[0][: drawn[1]])
    return st.one_of(whole, whole, whole, whole, cut, st.binary(max_size=60))


def texts(seeds: Sequence[str]) -> st.SearchStrategy[str]:
    """Draw texts of files: a seed with snippets put in, parts cut out, lines doubled or swapped."""
    return st.tuples(st.sampled_from(seeds), wounds(SNIPPETS)).map(lambda drawn: scribble(*drawn))


def spoil(seed: Any, drawn: Sequence[Wound]) -> Any:
    """Return a copy of a document with these wounds."""
    doc = copy.deepcopy(seed)
    for where, how, value in drawn:
        places = list(_places(doc))
        if not places:
            return copy.deepcopy(value)
        holder, key = places[where % len(places)]
        if how == 1:
            del holder[key]
        elif how == 2 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif how == 3 and isinstance(holder, dict):
            holder[str(value)[:40]] = holder.pop(key)
        else:
            holder[key] = copy.deepcopy(value)
    return doc


def _places(doc: Any) -> Iterator[tuple[Any, Any]]:
    inside = doc.items() if isinstance(doc, dict) else enumerate(doc) if isinstance(doc, list) else ()
    for key, value in inside:
        yield doc, key
        yield from _places(value)


def scribble(seed: str, drawn: Sequence[Wound]) -> str:
    """Return a text with these wounds."""
    text = seed
    for where, how, snippet in drawn:
        at = where % (len(text) + 1)
        if how == 1:
            text = text[:at] + text[at + len(snippet) * 3 :]
        elif how == 2:
            lines = text.splitlines(keepends=True) or [""]
            line = lines[where % len(lines)]
            text = text.replace(line, line + line, 1) if line else text
        else:
            text = text[:at] + snippet + text[at:]
    return text
