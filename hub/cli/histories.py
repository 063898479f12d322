"""`history`: what happened to a record."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.entities import Entity, Ident, history_row, put_title
from hub.cli.page import put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("history", epilog="Example: hub history customer ada@example.org phone")(history)


def history(
    entity: Entity,
    ident: Ident,
    field: Annotated[str | None, typer.Argument(help="Only of this field.")] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a record (or to one field), oldest first: what was entered where, by whom, and whether it counted."""
    from hub.clock import SystemClock, instant
    from hub.ops.explain import tell_history
    from hub.ops.find import entity_type, find_entity

    with installation(config).reader() as reader, reader.snapshot():
        data = tell_history(reader, find_entity(reader, entity_type(entity), ident), field)
    today = instant(SystemClock().now())

    def page(out: Console) -> None:
        put_title(out, data)
        put_rows(out, [history_row(entry, today, named=field is None) for entry in data["history"]])
        out.print("Times are UTC." if data["history"] else "Nothing happened to it yet.", style="dim")

    emit("history", data, as_json=as_json, page=page)
