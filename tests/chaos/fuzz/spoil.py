"""Spoils real inputs. In: what a vendor, a person or a file really says. Out: spoiled ones, drawn by a seeded chance."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

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


def wounds(chance: Random, pool: Sequence[Any]) -> list[Wound]:
    """Draw one to four wounds."""
    return [(chance.randrange(2**16), chance.randrange(4), chance.choice(pool)) for _ in range(chance.randint(1, 4))]


def document(chance: Random, seeds: Sequence[Any]) -> Any:
    """Draw a JSON document: a seed in which values are replaced, removed, doubled or renamed."""
    return spoil(chance.choice(seeds), wounds(chance, NASTY))


def body(chance: Random, seeds: Sequence[Any]) -> bytes:
    """Draw a body: mostly spoiled JSON, now and then cut JSON or bytes that are none."""
    drawn = chance.random()
    if drawn < 0.1:
        return chance.randbytes(chance.randrange(60))
    whole = json.dumps(document(chance, seeds)).encode()
    return whole[: chance.randrange(400)] if drawn < 0.2 else whole


def text(chance: Random, seeds: Sequence[str]) -> str:
    """Draw the text of a file: a seed with snippets put in, parts cut out, lines doubled."""
    return scribble(chance.choice(seeds), wounds(chance, SNIPPETS))


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
    found = seed
    for where, how, snippet in drawn:
        at = where % (len(found) + 1)
        if how == 1:
            found = found[:at] + found[at + len(snippet) * 3 :]
        elif how == 2:
            lines = found.splitlines(keepends=True) or [""]
            line = lines[where % len(lines)]
            found = found.replace(line, line + line, 1) if line else found
        else:
            found = found[:at] + snippet + found[at:]
    return found
