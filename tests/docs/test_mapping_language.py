"""The page of the mapping language names every word that the schema knows, and every converter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from hub.mapping import CONVERTERS, schema
from tests.docs.test_commands import ROOT

PAGES = ("mapping-language.md", "documents.md")
_FENCE = re.compile(r"^```yaml\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown() -> set[str]:
    """Return every word that these pages show as code."""
    text = "\n".join((ROOT / "docs" / "reference" / name).read_text("utf-8") for name in PAGES)
    code = [*_FENCE.findall(text), *re.findall(r"`([^`\n]+)`", _FENCE.sub("", text))]
    return set(re.findall(r"\w+", " ".join(code)))


def keys(part: Any) -> Iterator[str]:
    """Return the words that a schema describes."""
    if isinstance(part, dict):
        described = part.get("properties")
        yield from (name for name, one in (described or {}).items() if "description" in one)
    inside = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for inner in inside:
        yield from keys(inner)


def test_page_names_every_word_of_the_language() -> None:
    known = set(keys(schema()))
    assert len(known) > 40
    assert known - shown() == set()


def test_page_names_every_converter() -> None:
    assert set(CONVERTERS) - shown() == set()
