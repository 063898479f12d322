"""`db`: the store itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import moment
from hub.cli.surface import CONFIG, OK, REFUSED, AsJson, ConfigFile, Yes, asks_people, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)


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


@app.command("backup", epilog="Example: hub db backup, or hub db backup /mnt/backups/hub.db")
def backup(
    file: Annotated[
        Path | None, typer.Argument(help="A new file.", show_default="backups/hub-TIME.db beside config.yaml")
    ] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Copy the store to a file while the hub runs, and check the copy. It holds personal data: keep it as safe as the store."""
    from hub.cli.waiting import told
    from hub.clock import SystemClock
    from hub.ops.backups import backup as copy

    with told("Copying") as progress:
        done = copy(installation(config), SystemClock(), file, progress)

    def page(out: Console) -> None:
        out.print(f"Wrote {done['file']} ({done['size_bytes']:,} bytes).")
        _verdict(out, done)

    emit("db backup", done, as_json=as_json, page=page)
    raise typer.Exit(REFUSED if done["wrong"] else OK)


@app.command("verify", epilog="Example: hub db verify backups/hub-20260301T120000Z.db")
def verify(
    file: Annotated[Path | None, typer.Argument(help="A backup; none: the store that is in use.")] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Check that a backup, or the store itself, is whole and agrees with itself. Changes nothing."""
    from hub.ops.backups import verify_file, verify_store

    done = verify_store(installation(config)) if file is None else {"file": str(file), **verify_file(file)}

    emit("db verify", done, as_json=as_json, page=lambda out: _verdict(out, done))
    raise typer.Exit(REFUSED if done["wrong"] else OK)


def _verdict(out: Console, done: dict[str, Any]) -> None:
    for wrong in done["wrong"]:
        out.print(f"Wrong: {wrong}.", style="red")
    if done["wrong"]:
        out.print("  Keep this file for whoever looks into it, and restore a backup that is sound: `hub db restore FILE`.")
        return
    until = f", up to {moment(done['until'])} UTC" if done["until"] else ""
    out.print(f"Sound: {done['entities']:,} known, {done['links']:,} records in systems{until}.", style="green")


@app.command("restore", epilog="Example: hub db restore backups/hub-20260301T120000Z.db --yes")
def restore(
    file: Annotated[Path, typer.Argument(help="A backup, as `hub db backup` wrote it.")],
    config: ConfigFile = CONFIG,
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Put a backup in the place of the store; the store that is there is kept beside it. The hub must not run.

    The next `hub run` reads every system whole before it sends anything, finds what was made since the backup instead of making
    it again, and asks what nobody can know.
    """
    from hub.cli.waiting import told
    from hub.clock import SystemClock
    from hub.errors import UsageError
    from hub.ops.backups import restore as put_back

    found = installation(config)
    if not yes and not asks_people():
        raise UsageError("Nobody can be asked whether to put a backup in the place of the store.", fix="Say it with --yes.")
    if not yes:
        typer.confirm(f"Put {file} in the place of the store?", default=False, abort=True)
    with told("Restoring") as progress:
        done = put_back(found, SystemClock(), file, progress)

    def page(out: Console) -> None:
        until = f" as it was at {moment(done['until'])} UTC" if done["until"] else ""
        out.print(f"The store is {file}{until}: {done['entities']:,} known, {done['links']:,} records in systems.")
        if done["kept"]:
            out.print(f"What was there is kept in {done['kept']}.")
        out.print("Next: `hub run`. It reads every system whole before it sends; then see `hub review list`.")
        out.print("What people answered, pinned or switched since then is not in it: see `hub pins` and `hub connection list`.")

    emit("db restore", done, as_json=as_json, page=page)
