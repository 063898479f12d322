"""A store is for its owner, and one file has one writer whatever leads to it."""

from __future__ import annotations

import stat
from contextlib import closing
from pathlib import Path

import pytest

from hub.errors import StoreBusy
from hub.store import open_store


def modes(folder: Path) -> dict[str, int]:
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def test_store_is_readable_by_its_owner_only_when_it_is_made_and_when_it_was_open(tmp_path: Path) -> None:
    url, file = f"sqlite:///{tmp_path}/hub.db", tmp_path / "hub.db"
    with closing(open_store(url, synchronous="OFF")) as store:
        store.migrate()
        assert modes(tmp_path) == dict.fromkeys(("hub.db", "hub.db-shm", "hub.db-wal", "hub.db.lock"), 0o600)
    file.chmod(0o644)
    with closing(open_store(url, synchronous="OFF")) as store:
        store.check()
        assert set(modes(tmp_path).values()) == {0o600}


def test_second_writer_is_refused_when_it_comes_by_a_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "real.db")
    with closing(open_store(f"sqlite:///{tmp_path}/real.db", synchronous="OFF")) as store:
        store.migrate()
        with pytest.raises(StoreBusy):
            open_store(f"sqlite:///{tmp_path}/link", synchronous="OFF")
