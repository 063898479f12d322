"""`order`: what a person has done to an order in the system it lives in."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

Number = Annotated[str, typer.Argument(help="Its number, with or without #, its id, or CONNECTION/STREAM/ID there.")]
Notify = Annotated[bool, typer.Option("--notify", help="Have that system write to the customer.")]
app = typer.Typer()


@app.command(epilog='Example: hub order cancel 1001 --reason customer --refund --note "ordered twice"')
def cancel(
    number: Number,
    config: ConfigFile = CONFIG,
    *,
    reason: Annotated[str, typer.Option(help="Why: customer, declined, fraud, inventory, staff or other.")] = "other",
    note: Annotated[str, typer.Option(help="A note for the staff there.")] = "",
    refund: Annotated[bool, typer.Option("--refund", help="Pay back what was paid, to where it came from.")] = False,
    keep_stock: Annotated[bool, typer.Option("--keep-stock", help="Do not offer its units for sale again.")] = False,
    notify: Notify = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Cancel an order in the system it lives in, once, and only if it is still as you saw it; shows first what would change."""
    from hub.errors import UsageError

    reasons = ("customer", "declined", "fraud", "inventory", "staff", "other")
    if reason not in reasons:
        raise UsageError(f"`{reason}` is no reason to cancel.", fix=f"One of {', '.join(reasons)}.")
    args = {"reason": reason, "note": note, "refund": refund, "keep_stock": keep_stock, "notify": notify}
    _do(number, "cancel", args, config, yes=yes, as_json=as_json)


@app.command(epilog="Example: hub order fulfil 1001 --tracking 00340434161094021501 --company DHL")
def fulfil(
    number: Number,
    config: ConfigFile = CONFIG,
    *,
    tracking: Annotated[str, typer.Option(help="The tracking number.")] = "",
    company: Annotated[str, typer.Option(help="Who carries it.")] = "",
    url: Annotated[str, typer.Option(help="Where it can be followed.")] = "",
    notify: Notify = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Mark all that waits of an order as sent, in the system it lives in; shows first what would change."""
    args = {"tracking": tracking, "company": company, "url": url, "notify": notify}
    _do(number, "fulfil", args, config, yes=yes, as_json=as_json)


def _do(number: str, verb: str, args: dict[str, Any], config: Any, *, yes: bool, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.errors import UsageError
    from hub.model.record import EntityType
    from hub.ops.acts import preview_act
    from hub.ops.find import find_entity
    from hub.ops.installation import INSTANCE
    from hub.ops.verbs import act

    found = installation(config)
    with found.reader() as reader, reader.snapshot():
        entity_id = find_entity(reader, EntityType.ORDER, number).id
        data = preview_act(reader, found.ground(reader.flags().get(INSTANCE, "")), entity_id, verb, args)
    if not yes and not asks_people():
        raise UsageError(f"Nobody can be asked whether to {verb} {data['name']}.", fix="Say it with --yes.")
    if not yes:
        _put_preview(console(), data)
        if not typer.confirm("Do it?", default=False):
            raise typer.Exit(130)
    done = act(found, SystemClock(), "act", entity_id=entity_id, what=verb, args=args, by=getpass.getuser())

    def page(out: Console) -> None:
        when = "It is sent now" if done["through"] == "the running hub" else "It is sent when the hub runs"
        out.print(f"{_words(done)} {when}; `hub show order {number.lstrip('#')}` tells what came of it.")

    emit(f"order {verb}", done, as_json=as_json, page=page)


def _put_preview(out: Console, data: dict[str, Any]) -> None:
    from hub.ops.names import shown

    out.print(f"order {data['id']}  {data['name']}, in {data['connection']} ({data['record']})", style="bold")
    for one in data["changes"]:
        out.print(f"    {one['field'].replace('_', ' ')}: {shown(one['from'])} -> {shown(one['to'])}")
    for name, value in data["args"].items():
        out.print(f"    {name.replace('_', ' ')}: {shown(value)}")


def _words(data: dict[str, Any]) -> str:
    return f"To {data['verb']} {data['name']} in {data['connection']} was asked for."
