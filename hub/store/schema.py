"""The version of the schema: read at every opening, changed by `migrate` only."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hub.errors import ConfigError
from hub.store.db import Db

REVISIONS: Final = ("0001",)
"""Every revision this release knows, oldest first. A test holds them equal to the files in `migrations/versions`."""

MIGRATIONS: Final = Path(__file__).parent / "migrations"
"""Where the revisions stand as files."""


def revision_of(db: Db) -> str | None:
    """Return the revision of a store, None for an empty one."""
    if not db.has_table("alembic_version"):
        return None
    rows = db.rows("SELECT version_num FROM alembic_version ORDER BY version_num")
    return str(rows[0][0]) if rows else None


def check(db: Db) -> None:
    """Raise ConfigError unless the store has exactly the schema of this release."""
    found = revision_of(db)
    if found == REVISIONS[-1]:
        return
    check_not_newer(found)
    text = (
        "the store is empty." if found is None else f"the store has the older schema {found}, this release needs {REVISIONS[-1]}."
    )
    raise ConfigError(text, fix="Migrate it first (it is never done unasked), after a backup.")


def check_not_newer(found: str | None) -> None:
    """Raise ConfigError for a schema made by a later release: it cannot be taken back."""
    if found is not None and found not in REVISIONS:
        text = f"the store has schema {found}, which is newer than this release ({REVISIONS[-1]})."
        raise ConfigError(text, fix="Install the release that wrote it, or restore the backup taken before it was migrated.")


def upgrade(connect: Callable[[], Any], dialect: str) -> None:
    """Bring the schema up to date in one transaction. `connect` returns a fresh DBAPI connection."""
    from alembic import command
    from alembic.config import Config
    from sqlalchemy import NullPool, create_engine, event

    engine = create_engine(f"{dialect}://", creator=connect, poolclass=NullPool)
    if dialect == "sqlite":
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    engine.dispose()
