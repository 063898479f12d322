"""`pin`, `unpin`, `pins`: a value that stays, whatever anybody enters, until it is lifted."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.entities import Entity, Ident
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

    from hub.ops.installation import Installation

Field = Annotated[str, typer.Argument(help="The field, as `hub explain` names it.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only show what would follow.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    example = 'Example: hub pin customer ada@example.org phone "+49 30 123456" --why "she called"'
    app.command("pin", epilog=example)(pin)
    app.command("unpin", epilog="Example: hub unpin customer ada@example.org phone")(unpin)
    app.command("pins", epilog="Example: hub pins")(pins)


def pin(
    entity: Entity,
    ident: Ident,
    field: Field,
    value: Annotated[str | None, typer.Argument(help="What it is to be everywhere, such as 12.50 EUR for a price.")] = None,
    config: ConfigFile = CONFIG,
    *,
    empty: Annotated[bool, typer.Option("--empty", help="Pin it to no value.")] = False,
    why: Annotated[str, typer.Option(help="The reason, for whoever asks later.")] = "",
    preview: Preview = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Give a field a value that stays until `hub unpin`, whatever anybody enters; shows first what would change where."""
    from hub.clock import SystemClock
    from hub.errors import UsageError
    from hub.ops.pins import preview_pin
    from hub.ops.verbs import act

    if (value is None) is not empty:
        raise UsageError("Say one value." if empty else "Say which value.", fix="Give a VALUE, or --empty for no value.")
    found, clock = installation(config), SystemClock()
    entity_id = _find(found, entity, ident)

    def look() -> dict[str, Any]:
        with found.reader() as reader, reader.snapshot():
            return preview_pin(reader, _ground(found, reader), entity_id, field, value, clock.now())

    if not agreed("pin", look, "Pin it?", only=preview, yes=yes, as_json=as_json):
        return
    done = act(found, clock, "pin", entity_id=entity_id, field=field, text=value, by=getpass.getuser(), why=why)

    def page(out: Console) -> None:
        out.print(f"{done['field']} of {_who(done)} is pinned: {done['shown']}. `hub unpin` lifts it.")
        if done["answered"]:
            out.print("The question which value is right is answered by it.")

    emit("pin", done, as_json=as_json, page=page)


def unpin(
    entity: Entity,
    ident: Ident,
    field: Field,
    config: ConfigFile = CONFIG,
    *,
    preview: Preview = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Lift a pin: the value is chosen again among what was entered in the systems; shows first what would change where."""
    from hub.clock import SystemClock
    from hub.ops.pins import preview_unpin
    from hub.ops.verbs import act

    found = installation(config)
    entity_id = _find(found, entity, ident)

    def look() -> dict[str, Any]:
        with found.reader() as reader, reader.snapshot():
            return preview_unpin(reader, _ground(found, reader), entity_id, field)

    if not agreed("unpin", look, "Lift it?", only=preview, yes=yes, as_json=as_json):
        return
    done = act(found, SystemClock(), "unpin", entity_id=entity_id, field=field, by=getpass.getuser())
    emit(
        "unpin",
        done,
        as_json=as_json,
        page=lambda out: out.print(f"{done['field']} of {_who(done)} is no longer pinned: {done['shown']}."),
    )


def _find(found: Installation, entity: str, ident: str) -> int:
    from hub.ops.find import entity_type, find_entity

    with found.reader() as reader:
        return find_entity(reader, entity_type(entity), ident).id


def _ground(found: Installation, reader: Any) -> Any:
    from hub.ops.installation import INSTANCE

    return found.ground(reader.flags().get(INSTANCE, ""))


def agreed(command: str, look: Any, question: str, *, only: bool, yes: bool, as_json: bool) -> bool:
    """Show what would follow where somebody is to see it; return whether to go on."""
    if only:
        data = look()
        emit(command, data, as_json=as_json, page=lambda out: show_preview(out, data))
        return False
    if asks_people() and not yes:
        show_preview(console(), look())
        if not typer.confirm(question, default=False):
            raise typer.Exit(130)
    return True


def _who(data: dict[str, Any]) -> str:
    return f"{data['entity'].replace('_', ' ')} {data['id']} {data['name']}".rstrip()


def show_preview(out: Console, data: dict[str, Any]) -> None:
    """Print what would change where."""
    out.print(f"{_who(data)}: {data['field']}", style="bold")
    out.print(f"    {data['shown']}")
    for one in data["changes"]:
        record = f"{one['connection']} {one['record']}" if one["record"] else f"{one['connection']}, a new record"
        out.print(f"    {record}: {one['shown']}  ({one['state']})")
    for one in data["unchanged"]:
        out.print(f"    {one['connection']} {one['record']}: {one['why']}", style="dim")
    if data["nobody_said"]:
        out.print("    Nobody has entered a value: what the systems show stays there.", style="yellow")


def pins(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """List every field that is pinned: to what, since when, by whom and why."""
    from hub.ops.pins import list_pins

    with installation(config).reader() as reader, reader.snapshot():
        data = list_pins(reader)

    def page(out: Console) -> None:
        for one in data:
            out.print(f"{_who(one)}: {one['field']} = {one['shown']}", style="bold")
            out.print(f"    by {one['by']}, {one['since'][:16].replace('T', ' ')} UTC{': ' + one['why'] if one['why'] else ''}")
        out.print(f"{len(data)} pinned." if data else "Nothing is pinned.")

    emit("pins", data, as_json=as_json, page=page)
