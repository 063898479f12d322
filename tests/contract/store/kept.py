"""Stores of releases, as SQL text: what an upgrade begins with.

`python -m tests.contract.store.kept 0.1.0`, called in the checkout of a release, writes `releases/0.1.0.sql`: a small retailer's
store with customers, questions and dead letters, as that release's hub left it. From then on the file is never touched again.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

RELEASES: Final = Path(__file__).parent / "releases"


def dump(store: Path) -> str:
    """Return a SQLite store as SQL."""
    with closing(sqlite3.connect(store)) as found:
        return "\n".join(found.iterdump()) + "\n"


def load(text: str, store: Path) -> None:
    """Make a SQLite store of SQL."""
    with closing(sqlite3.connect(store)) as made:
        made.executescript(text)


def rows(store: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Return table -> rows in order, of a SQLite store. What a hub counts at every opening is left out."""
    with closing(sqlite3.connect(store)) as found:
        names = [name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
        wanted = [name for name in names if name not in ("alembic_version", "lease", "counter")]
        return {name: sorted(found.execute(f'SELECT * FROM "{name}"'), key=repr) for name in wanted}


def keep(release: str) -> None:
    """Write this checkout's store as that of a release. Raises FileExistsError for one that is kept already."""
    from tests.unit.cli.told import install

    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder).resolve())
        with (RELEASES / f"{release}.sql").open("x", encoding="utf-8") as file:
            file.write(dump(Path(folder) / ".hub" / "hub.db"))


if __name__ == "__main__":
    keep(sys.argv[1])
