"""`freshness`: how old what the hub knows may be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hub.cli.page import listing, put
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    import typer
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("freshness", epilog="Example: hub freshness")(freshness)


def freshness(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Show per stream how old what the hub knows may be, and how long changes wait to be sent."""
    from hub.clock import SystemClock
    from hub.ops.freshness import read_freshness

    found = installation(config)
    with found.reader() as reader:
        data = read_freshness(found.config.connections, reader, SystemClock().now())
    emit("freshness", data, as_json=as_json, page=lambda out: _show(out, data))


def _show(out: Console, data: list[dict[str, Any]]) -> None:
    table = listing("CONNECTION", "STREAM", "READ", "WEBHOOK", "OLDEST UNSENT CHANGE")
    for one in data:
        webhook = _ago(one["webhook_s"], "none yet") + (" (silent)" if one["webhooks_silent"] else "")
        unsent = _ago(one["unsent_s"], "none")
        style = "yellow" if one["webhooks_silent"] else None
        table.add_row(one["connection"], one["stream"], _ago(one["behind_s"], "not yet"), webhook, unsent, style=style)
    put(out, table)
    if not data:
        out.print("Nothing was read yet.")


def _ago(seconds: float | None, nothing: str) -> str:
    """Return how long ago, in the unit a person would use."""
    if seconds is None:
        return nothing
    if seconds < 120:
        return f"{seconds:.0f} s ago"
    return f"{seconds / 60:.0f} min ago" if seconds < 7200 else f"{seconds / 3600:.0f} h ago"
