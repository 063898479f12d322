"""One town per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.daemon.town import Town


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return a town whose hub is not running yet."""
    made = Town(tmp_path)
    yield made
    made.close()
