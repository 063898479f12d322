"""`db`: the store itself."""

from __future__ import annotations

import typer

from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

app = typer.Typer(rich_markup_mode=None)


@app.callback()
def root() -> None:
    """Keep `db migrate` a word of its own."""


@app.command("migrate", epilog="Example: hub db migrate")
def migrate(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Bring the store to this release's schema, in one transaction. Make a backup first; the hub must not run."""
    from hub.store import open_store

    found = installation(config)
    store = open_store(found.url)
    try:
        store.migrate()
    finally:
        store.close()
    emit("db migrate", {"migrated": True}, as_json=as_json, page=lambda out: out.print("The store has this release's schema."))
