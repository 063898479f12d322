"""`doctor`: what is wrong here, and what to do about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Final

import typer

from hub.cli.surface import CONFIG, REFUSED, REMOTE, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

MARKS: Final = {"ok": ("ok", ""), "look": ("look", "yellow"), "refused": ("WRONG", "red"), "unreachable": ("FAIL", "red")}


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("doctor", epilog="Example: hub doctor --offline")(doctor)


def doctor(
    config: ConfigFile = CONFIG,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Call nobody: only look at this machine.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at everything a hub stands on: machine, disk, clock, files, store, backups, systems. Every finding says what to do."""
    from hub.clock import SystemClock
    from hub.ops.doctor import examine
    from hub.ops.verbs import is_running

    found = installation(config)
    data = examine(found, SystemClock(), offline=offline, running=is_running(found))

    def page(out: Console) -> None:
        for one in data:
            mark, style = MARKS[one["result"]]
            out.print(f"{mark:<6}{one['what']}: {one['says']}", style=style or None)
            if one["fix"]:
                out.print(f"      {one['fix']}")
        bad = sum(one["result"] != "ok" for one in data)
        out.print("All is well." if not bad else f"{bad} of {len(data)} to look at.", style="yellow" if bad else "green")

    emit("doctor", data, as_json=as_json, page=page)
    results = {one["result"] for one in data}
    raise typer.Exit(REFUSED if "refused" in results else REMOTE if "unreachable" in results else 0)
