from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.store import Store, open_store


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    makers = {"sqlite": lambda: f"sqlite:///{tmp_path}/hub.db", "postgresql": lambda: request.getfixturevalue("postgres_url")}
    return str(makers[request.param]())


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = open_store(url, synchronous="OFF")
    store.migrate()
    yield store
    store.close()
