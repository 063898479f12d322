"""One writer per store: who holds the lease, and the fencing number that every commit checks."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

from hub.errors import StoreBusy
from hub.store.db import Db

ADVISORY_KEY: Final = 0x53594E434C494E45
"""The number of the advisory lock on PostgreSQL: "SYNCLINE" in ASCII. One per database."""


class FileLease:
    """The lease of a SQLite store: a lock on `<database>.lock` that ends with the process, however it ends."""

    def __init__(self, database: Path) -> None:
        path = database.with_name(database.name + ".lock")
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = os.read(self._file, 32).decode("ascii", "replace").strip()
            os.close(self._file)
            text = f"another process ({holder or 'unknown'}) writes to {database.name}."
            raise StoreBusy(text, fix="Stop it first; commands that only read work beside it.") from error
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"pid {os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next writer in. The file stays: deleting it would let two in."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


class AdvisoryLease:
    """The lease of a PostgreSQL store: an advisory lock of the writing session, which ends with that session."""

    def __init__(self, db: Db) -> None:
        self._db = db
        if not db.rows("SELECT pg_try_advisory_lock({p})", ADVISORY_KEY)[0][0]:
            raise StoreBusy("another process writes to this store.", fix="Stop it first; commands that only read work beside it.")

    def release(self) -> None:
        """Nothing to do: closing the session lets the next writer in."""


def raise_fence(db: Db) -> int:
    """Take the next fencing number, inside the open transaction."""
    db.run("UPDATE lease SET fencing = fencing + 1 WHERE id = 1")
    return int(db.rows("SELECT fencing FROM lease WHERE id = 1")[0][0])


def check_fence(db: Db, fencing: int) -> None:
    """Refuse the commit of a writer that has lost its lease. The row stays locked until the commit is through."""
    rows = db.rows("SELECT fencing FROM lease WHERE id = 1 {lock}")
    if rows != [(fencing,)]:
        raise StoreBusy("this store has another writer now; nothing of this unit was written.")
