"""What unit tests of several folders start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import Store, open_store
from tests.unit.yard import Yard


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store in a file of its own."""
    made = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    made.migrate()
    yield made
    made.close()


@pytest.fixture
def yard(store: Store) -> Yard:
    """A product that stands at the shop and is to be made at the till, which was read whole."""
    yard = Yard(store)
    yard.see("shop", "products", {"id": "1", "v": 1, "title": "Lamp"})
    yard.read_whole("till", "products", "variants")
    return yard
