"""A fresh retailer per test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.retailer import Retailer


@pytest.fixture
def retailer(tmp_path: Path) -> Iterator[Retailer]:
    running = Retailer(tmp_path)
    yield running
    running.close()
