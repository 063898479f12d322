"""The reference pages say what the code says: `python -m tests.docs.reference` writes them anew."""

from __future__ import annotations

import pytest

from hub.config.shape import Config, PolicyKind
from hub.events import Event
from tests.docs.reference import PAGES, pages, shapes
from tests.docs.words import COMES, KEYS, POLICIES


def test_words_explain_everything_there_is() -> None:
    found = [(path, info.alias or name) for path, shape in shapes(Config) for name, info in shape.model_fields.items()]
    keys = {f"{path}.{key}".removeprefix(".") for path, key in found}
    events = {event.value for event in Event}
    assert [keys - set(KEYS), events - set(COMES), set(PolicyKind) - set(POLICIES)] == [set(), set(), set()]


WRITTEN = pages()


@pytest.mark.parametrize("name", WRITTEN)
def test_page_is_the_one_that_the_code_writes(name: str) -> None:
    assert (PAGES / name).read_text("utf-8") == WRITTEN[name], "write it anew: python -m tests.docs.reference"
