"""Installations of releases: what an upgrade begins with.

`python -m tests.contract.store.kept 0.1.0`, called in the checkout of a release, writes `releases/0.1.0.sql`: a small retailer's
store with customers, questions and dead letters, as that release's hub left it; and `releases/0.1.0.json`: path -> text of its
config.yaml and of every mapping file, as an admin has them who copied all. From then on these files are never touched again.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Any, Final

RELEASES: Final = Path(__file__).parent / "releases"
SHIPPED: Final = Path(__file__).parents[3] / "mappings"


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
    """Write this checkout's installation as that of a release. Raises FileExistsError for one that is kept already."""
    from tests.unit.cli.told import install

    with tempfile.TemporaryDirectory() as folder:
        install(Path(folder).resolve())
        with (RELEASES / f"{release}.sql").open("x", encoding="utf-8") as file:
            file.write(dump(Path(folder) / ".hub" / "hub.db"))
        config = (Path(folder) / "config.yaml").read_text("utf-8") + "mappings: mappings\n"
        files = {"config.yaml": config, **own_mappings()}
    with (RELEASES / f"{release}.json").open("x", encoding="utf-8") as file:
        json.dump(files, file, indent=1, ensure_ascii=False)
        file.write("\n")


def own_mappings() -> dict[str, str]:
    """Return path -> text of every shipped mapping file, as `hub mapping copy` puts it into an installation."""
    return {
        f"mappings/{path.relative_to(SHIPPED).as_posix()}": path.read_text("utf-8") for path in sorted(SHIPPED.glob("*/*.yaml"))
    }


def unpack(release: str, folder: Path) -> None:
    """Make the installation of a release in a folder."""
    for name, text in json.loads((RELEASES / f"{release}.json").read_text("utf-8")).items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (folder / ".hub").mkdir()
    load((RELEASES / f"{release}.sql").read_text("utf-8"), folder / ".hub" / "hub.db")


if __name__ == "__main__":
    keep(sys.argv[1])
