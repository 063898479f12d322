"""`audit`: does each system show what it should?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, listing, many, moment, put, put_rows
from hub.cli.surface import CONFIG, DIFFERS, OK, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

    from hub.ops.installation import Installation

SHOWN = 50


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("audit", epilog="Example: hub audit till/customers, or hub audit --repair")(audit)


def audit(
    target: Annotated[str, typer.Argument(metavar="[CONNECTION[/STREAM]]", help="What to look at; none: everything.")] = "",
    config: ConfigFile = CONFIG,
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Make a plan of what differs; it waits for your yes.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Read systems whole and compare each record with what it should show. Writes nothing anywhere.

    What differs is looked at twice, then named with its fields and since when. Exit code 4 if anything differs. The reads count
    towards the limits of the systems, beside those of a running hub.
    """
    found = installation(config)
    data = _look(found, target)
    if repair and data["differences"]:
        if asks_people() and not yes:
            _page(console(), data)
            typer.confirm(f"Make a plan of {many(len(data['differences']), 'difference')}?", abort=True)
        data["repair"] = _plan(found, data)
    emit("audit", data, as_json=as_json, page=lambda out: _page(out, data))
    raise typer.Exit(OK if data["agree"] else DIFFERS)


def _look(found: Installation, target: str) -> dict[str, Any]:
    from hub.cli.waiting import told
    from hub.clock import SystemClock
    from hub.ops.audit import audit as compare
    from hub.ops.installation import INSTANCE

    with found.reader() as reader, told("Reading") as tell:
        return compare(found, reader, found.ground(reader.flags().get(INSTANCE, "")), SystemClock(), target, tell)


def _plan(found: Installation, data: dict[str, Any]) -> dict[str, Any]:
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    records = [(one["connection"], one["stream"], one["external_id"]) for one in data["differences"]]
    return act(found, SystemClock(), "repair", records=records)


def _page(out: Console, data: dict[str, Any]) -> None:
    table = listing("STREAM", "READ", "SAME", "DIFFER", "GONE THERE", "NOT KNOWN HERE")
    for line in data["streams"]:
        numbers = [f"{line[word]:,}" for word in ("read", "same", "differs", "gone there", "not known here")]
        odd = line["differs"] or line["gone there"] or line["not known here"]
        table.add_row(f"{line['connection']}/{line['stream']}", *numbers, style="yellow" if odd else None)
    put(out, table)
    for one in data["differences"][:SHOWN]:
        since = f", since {moment(one['since'])} UTC" if one["since"] else ""
        name = f" ({one['entity'].replace('_', ' ')} {one['entity_id']} {one['name']}".rstrip() + ")" if one["entity"] else ""
        record = f"{one['connection']}/{one['stream']}/{one['external_id']}".rstrip("/")
        out.print(f"{record}{name}: {one['what']}{since}", style="bold")
        put_rows(out, [(line["field"], f"{brief(line['shown'])}; {line['why']}", "") for line in one["lines"]], indent=8)
    if len(data["differences"]) > SHOWN:
        out.print(f"... and {len(data['differences']) - SHOWN:,} more; --json has all.")
    if data["agree"]:
        out.print("Every system shows what it should.", style="green")
    elif "repair" in data:
        waiting = data["repair"]["waiting"]
        verb = "waits" if waiting == 1 else "wait"
        out.print(f"{many(waiting, 'change')} {verb} for your yes: `hub plan`, then `hub apply`.", style="yellow")
    else:
        out.print(f"{many(len(data['differences']), 'difference')}. `hub audit --repair` makes a plan of them.", style="yellow")
