"""A shop and a till in one process; the till is on trial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.retailer import Retailer


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer whose systems are live."""
    made = Retailer(tmp_path)
    yield made
    made.close()
