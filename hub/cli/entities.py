"""`show` and `explain`: one customer, product, variant, location as it is, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

Entity = Annotated[str, typer.Argument(help="customer, product, variant, location or inventory_level.")]
Ident = Annotated[str, typer.Argument(help="Its id, an e-mail, phone, SKU or barcode, or CONNECTION/STREAM/ID as it has there.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("show", epilog="Example: hub show customer ada@example.org")(show)
    app.command("explain", epilog="Example: hub explain customer 42 phone")(explain)


def show(entity: Entity, ident: Ident, config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Show a record as all systems should have it, and where it is."""
    from hub.ops.explain import show_entity
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE

    kind = entity_type(entity)
    found = installation(config)
    with found.reader() as reader, reader.snapshot():
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        data = show_entity(reader, ground, find_entity(reader, kind, ident))
    emit("show", data, as_json=as_json, page=lambda out: _show_page(out, data))


def _show_page(out: Console, data: dict[str, Any]) -> None:
    from rich.table import Table

    from hub.ops.names import shown

    _title(out, data)
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0))
    for path, value in data["fields"].items():
        table.add_row(path, shown(value))
    out.print(table)
    for one in data["records"]:
        made = ", made by us" if one["made_by_us"] else ""
        differs = f"; differs in {', '.join(one['differs_in'])}" if one.get("differs_in") else ""
        out.print(f"{one['connection']}/{one['stream']}/{one['external_id']}: {one['state']}{made}{differs}")


def _title(out: Console, data: dict[str, Any]) -> None:
    state = "" if data["state"] == "in use" else f" ({data['state']})"
    out.print(f"{data['entity'].replace('_', ' ')} {data['id']}  {data['name']}{state}", style="bold")


def explain(
    entity: Entity,
    ident: Ident,
    field: Annotated[str | None, typer.Argument(help="One field, with its history.")] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Say why a record is as it is: who entered what and when, what it beat, what was last seen where, what waits."""
    from hub.ops.explain import explain_entity
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE

    kind = entity_type(entity)
    found = installation(config)
    with found.reader() as reader, reader.snapshot():
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        data = explain_entity(reader, ground, find_entity(reader, kind, ident), field)
    emit("explain", data, as_json=as_json, page=lambda out: _explain_page(out, data, with_history=field is not None))


def _explain_page(out: Console, data: dict[str, Any], *, with_history: bool) -> None:
    _title(out, data)
    for one in data["fields"]:
        entered = one["entered_there"]
        where = f"{entered['connection']}: " if entered["connection"] else ""
        at = f" {_time(entered['at'])}" if entered["at"] else ""
        out.print(f"{one['field']} = {one['shown']}", style="bold")
        out.print(f"    {where}{entered['by']}{at}  (rule: {one['policy']})")
        for lost in one["beat"]:
            out.print(f"    instead of {lost['shown']} in {lost['connection']}, {lost['said']}: {lost['why']}")
        for seen in one["seen"]:
            out.print(f"    {seen['connection']} last seen there: {seen['shown']} - {seen['is']}")
    for one in data["waiting"]:
        out.print(f"{one['connection'] or 'You'}: {one['what']} - {one['why']}", style="yellow")
    if with_history:
        for entry in data["history"]:
            changes = "; ".join(f"{c['field']}: {c['from']!s} -> {c['to']!s}" for c in entry["changes"])
            out.print(f"{_time(entry['at'])}  {entry['connection']} {entry['what']}  {changes}")


def _time(text: str) -> str:
    return text.partition(".")[0].replace("T", " ").removesuffix("Z") + " UTC"
