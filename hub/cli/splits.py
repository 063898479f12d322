"""`split`: two that were taken for one are two again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hub.cli.entities import Entity
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, emit, installation

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("split", epilog="Example: hub split customer 42, or hub split customer 42 till/customers/C7")(split)


def split(
    entity: Entity,
    ident: Annotated[str, typer.Argument(help="Its id: of the one that was merged away, or of the one that stayed.")],
    records: Annotated[
        list[str] | None, typer.Argument(metavar="[CONNECTION/STREAM/ID]...", help="Records that are somebody else's.")
    ] = None,
    config: ConfigFile = CONFIG,
    *,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take apart what is two: undo a merge, or give the records named an entry of their own. They are kept apart from then on."""
    from hub.clock import SystemClock
    from hub.ops.find import entity_type, find_entity
    from hub.ops.names import name_of
    from hub.ops.verbs import act

    found = installation(config)
    with found.reader() as reader:
        one = find_entity(reader, entity_type(entity), ident)
        halves = [one.id, *reader.aliases_of([one.id])]  # the id of one that was merged away says which half
    said = next((half for half in halves if str(half) == ident.strip()), one.id)
    if asks_people() and not yes:
        what = f"{entity} {one.id} {name_of(one)}".rstrip()
        typer.confirm(f"Take {what} apart? Each half keeps what its own systems said.", abort=True)
    done = act(found, SystemClock(), "split", entity_id=said, records=records or [])

    def page(out: Console) -> None:
        out.print(f"{done['kept']} and {done['split']} are two from now on. {done['split']} has:")
        for name in done["records"]:
            out.print(f"    {name}")

    emit("split", done, as_json=as_json, page=page)
