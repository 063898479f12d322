"""Copies of the store: made beside a running hub, checked, put back. A restored hub finds its way into the world by itself."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Final

from hub.clock import Clock, instant
from hub.errors import ConfigError, HubError
from hub.model.values import SECOND, Doc
from hub.ops.installation import Installation
from hub.ops.verdicts import look_into
from hub.runtime.clock import last_known_time
from hub.runtime.restored import mark
from hub.store import open_reader, open_store
from hub.store.backup import Progress, copy_store, damage, drop_files, pour_into, swap_in
from hub.store.lease import FileLease
from hub.store.store import sqlite_path

FOLDER: Final = "backups"
DAMAGED: Final = "Take another backup."


def backup(installation: Installation, clock: Clock, target: Path | None = None, progress: Progress = lambda _a, _b: None) -> Doc:
    """Copy the store to a new file beside a running hub, and check the copy. Raises ConfigError where the file exists."""
    file = target or installation.folder / FOLDER / f"hub-{_stamp(clock)}.db"
    copy_store(installation.url, file, progress)
    return {"file": str(file), "size_bytes": file.stat().st_size, **verify_file(file)}


def _stamp(clock: Clock) -> str:
    return instant(clock.now()).replace("-", "").replace(":", "").partition(".")[0].rstrip("Z") + "Z"


def verify_file(file: Path) -> Doc:
    """Check a backup: the file itself, its schema, and that what is in it agrees. Raises ConfigError where it is no store."""
    if not file.is_file():
        message = f"there is no file {file}."
        raise ConfigError(message, fix="Name a file that `hub db backup` wrote.")
    wrong = damage(file)
    if wrong:
        return {"until": None, "entities": 0, "links": 0, "wrong": wrong}
    return look_into(f"sqlite:///{file.absolute()}")


def verify_store(installation: Installation) -> Doc:
    """Check the store that is in use, beside a running hub."""
    path = sqlite_path(installation.url)
    wrong = damage(path) if path is not None and path.exists() else []
    found = look_into(installation.url) if not wrong else {"until": None, "entities": 0, "links": 0, "wrong": wrong}
    return {"file": str(path) if path is not None else "", **found}


def restore(installation: Installation, clock: Clock, file: Path, progress: Progress = lambda _a, _b: None) -> Doc:
    """Put a backup in the place of the store; what was there is kept. The hub must not run.

    The next start reads every system whole before it sends anything. Raises StoreBusy beside a running hub, ConfigError for
    a file that is no sound store.
    """
    checked = verify_file(file)
    if checked["wrong"]:
        text = f"{file} is no sound store: {checked['wrong'][0]}."
        raise ConfigError(text, fix=DAMAGED)
    path = sqlite_path(installation.url)
    stamp = _stamp(clock)
    folder = path.parent if path is not None else installation.folder / FOLDER
    draft = folder / f"restoring-{stamp}.db"
    try:
        copy_store(f"sqlite:///{file.absolute()}", draft, progress)
        _mark(draft, clock)
        kept = _replace_file(path, draft, stamp) if path is not None else _replace_rows(installation, draft, stamp, progress)
    finally:
        drop_files(draft)
        draft.with_name(draft.name + ".lock").unlink(missing_ok=True)
    return {
        "file": str(file),
        "until": checked["until"],
        "entities": checked["entities"],
        "links": checked["links"],
        "kept": kept,
    }


def _mark(draft: Path, clock: Clock) -> None:
    """Bring a copy to this release's schema and make it know that it is a backup."""
    store = open_store(f"sqlite:///{draft.absolute()}")
    try:
        store.migrate()
        at = max(clock.now(), last_known_time(store) + SECOND)
        with store.unit() as unit:
            mark(unit, at)
    finally:
        store.close()


def _replace_file(path: Path, draft: Path, stamp: str) -> str:
    """Exchange the file of a SQLite store under its lease."""
    lease = FileLease(path)
    try:
        aside = path.with_name(f"{path.name}.before-{stamp}")
        was_there = path.exists()
        swap_in(draft, path, aside)
    finally:
        lease.release()
    return str(aside) if was_there else ""


def _replace_rows(installation: Installation, draft: Path, stamp: str, progress: Progress) -> str:
    """Exchange what a PostgreSQL database holds, after a copy of it was made."""
    aside = installation.folder / FOLDER / f"before-{stamp}.db"
    kept = _has_store(installation.url)
    if kept:
        copy_store(installation.url, aside)
    pour_into(draft, installation.url, progress)
    return str(aside) if kept else ""


def _has_store(url: str) -> bool:
    try:
        with closing(open_reader(url)) as reader:
            return bool(reader.counts())
    except HubError:
        return False
