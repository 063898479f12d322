"""`undo`: the last edit of a field did not happen."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.entities import Entity, Ident
from hub.cli.pins import agreed
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, emit, installation

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("undo", epilog='Example: hub undo customer ada@example.org phone --why "typed into the wrong card"')(undo)


def undo(
    entity: Entity,
    ident: Ident,
    field: Annotated[str, typer.Argument(help="The field whose last edit is undone.")],
    config: ConfigFile = CONFIG,
    *,
    why: Annotated[str, typer.Option("--why", help="Kept with it, for `hub history` and `hub pins`.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would change where.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Undo the last edit of a field: what counted before counts again, pinned until `hub unpin`; shows first what would change.

    The edit stays in the history. A merge is undone by `hub split`, a yes by a new edit, a mode by `hub connection mode`.
    """
    from hub.clock import SystemClock
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE
    from hub.ops.undo import preview_undo
    from hub.ops.verbs import act

    found, clock = installation(config), SystemClock()

    def look() -> dict[str, Any]:
        with found.reader() as reader, reader.snapshot():
            return preview_undo(reader, found.ground(reader.flags().get(INSTANCE, "")), entity_id, field, clock.now())

    with found.reader() as reader:
        entity_id = find_entity(reader, entity_type(entity), ident).id
    if not agreed("undo", look, "Undo it?", only=preview, yes=yes, as_json=as_json):
        return
    done = act(found, clock, "undo", entity_id=entity_id, field=field, by=getpass.getuser(), why=why)

    def page(out: Console) -> None:
        out.print(f"{done['field']} of {done['entity'].replace('_', ' ')} {done['id']} {done['name']}: {done['shown']}.")
        out.print("It is pinned; `hub unpin` lets what people enter count again.")

    emit("undo", done, as_json=as_json, page=page)
