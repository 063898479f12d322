"""What unit tests of several folders start from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import Store, open_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Return an empty store in a file of its own."""
    made = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    made.migrate()
    yield made
    made.close()
