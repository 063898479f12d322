"""One retailer per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.documents.office import Office


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    """Return a retailer of whom nothing was read yet."""
    made = Office(tmp_path)
    yield made
    made.store.close()
