"""`connection`: what is connected, and how far each is trusted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import listing, moment, put
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from hub.ops.installation import Installation
    from hub.ops.plan import PlanItem

app = typer.Typer(rich_markup_mode=None)
SHOWN = 20


@app.command("list", epilog="Example: hub connection list")
def list_all(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """List the connections: mode, whether one is paused, how far behind, how much was read."""
    from hub.clock import SystemClock
    from hub.ops.status import list_connections

    found = installation(config)
    with found.reader() as reader:
        data = list_connections(found, reader, SystemClock().now())
    emit("connection list", data, as_json=as_json, page=lambda out: put(out, connection_table(data)))


def connection_table(connections: list[dict[str, Any]]) -> Table:
    """Return the table of connections."""
    table = listing("CONNECTION", "SYSTEM", "MODE", "STATE", "BEHIND", "READ")
    for one in connections:
        state = f"paused: {one['paused']}" if one["paused"] else "ok" if one["configured"] else "no longer in config.yaml"
        read = ", ".join(f"{s['records']:,} {s['stream'].replace('_', ' ')}{_open(s)}" for s in one["streams"])
        style = "red" if one["paused"] else "dim" if not one["configured"] else None
        row = (one["connection"], one["connector"], one["mode"], state, _span(one["behind_s"]), read or "nothing yet")
        table.add_row(*row, style=style)
    return table


def webhook_lines(connection: dict[str, Any]) -> list[str]:
    """Return what is wrong with the webhooks of a connection, in sentences."""
    name, known = connection["connection"], connection["webhooks"]
    lines = []
    if known["silent_since"]:
        from hub.clock import SystemClock, instant

        now = SystemClock().now()
        since = moment(known["silent_since"], instant(now))
        lines.append(f"Webhooks of {name} are silent since {since}; what changes there is found by polling.")
    if known["problem"]:
        lines.append(f"Webhooks of {name} could not be subscribed to. {known['problem']}")
    return lines


def _span(seconds: float) -> str:
    """Return how long, in the unit a person would use."""
    if seconds < 120:
        return f"{seconds:.0f} s" if seconds >= 1 else "no"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.0f} h"


def _open(stream: dict[str, Any]) -> str:
    return " (first read goes on)" if stream["first_read"] == "not complete yet" else ""


@app.command("mode", epilog="Example: hub connection mode till live")
def mode(
    name: Annotated[str, typer.Argument(help="The connection.")],
    to: Annotated[str, typer.Argument(metavar="observe|propose|live", help="How far it is trusted.")],
    config: ConfigFile = CONFIG,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would follow.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Trust a connection more or less; shows first what would be sent.

    observe: only watched, what it says does not count. propose: every change waits for your yes. live: changes are sent.
    """
    from hub.clock import SystemClock
    from hub.ops.plan import as_docs
    from hub.ops.verbs import act

    wanted = _mode(to)
    found = installation(config)
    if preview or (asks_people() and not yes):
        items = _preview(found, name, wanted)
        if preview:
            emit("connection mode", {"would_send": as_docs(items)}, as_json=as_json, page=lambda out: _show(out, items))
            return
        _show(console(), items)
        if not typer.confirm(f"Set `{name}` to {wanted}?", default=False):
            raise typer.Exit(130)
    done = act(found, SystemClock(), "mode", connection=name, mode=wanted)

    def page(out: Console) -> None:
        out.print(f"`{name}` was {done['before']} and is {done['mode']} now; {done['settled']} records were looked at again.")
        if done["sent"] and wanted != "live":
            out.print(f"The last {len(done['sent'])} changes sent there:")
            for one in done["sent"]:
                out.print(f"  {one['at']} {one['operation']} {one['entity']} {one['entity_id']}: {', '.join(one['fields'])}")

    emit("connection mode", done, as_json=as_json, page=page)


@app.command("test", epilog="Example: hub connection test till")
def ask_who(
    name: Annotated[str, typer.Argument(help="The connection.")], config: ConfigFile = CONFIG, *, as_json: AsJson = False
) -> None:
    """Ask a system who it is: proves its address and the credentials. Changes nothing."""
    from hub.clock import SystemClock
    from hub.ops.connections import probe

    done = probe(installation(config), name, SystemClock())
    said = f"`{name}` answers as {done['account']} ({done['took_s'] * 1000:.0f} ms)."
    emit("connection test", done, as_json=as_json, page=lambda out: out.print(said, style="green"))


@app.command("pause", epilog="Example: hub connection pause till")
def pause(
    name: Annotated[str, typer.Argument(help="The connection.")], config: ConfigFile = CONFIG, *, as_json: AsJson = False
) -> None:
    """Neither read nor write a connection until `hub connection resume`. What is under way ends; its webhooks are kept."""
    import getpass

    from hub.clock import SystemClock
    from hub.ops.verbs import act

    done = act(installation(config), SystemClock(), "pause", connection=name, by=getpass.getuser())
    said = f"`{name}` rests. `hub connection resume {name}` lets it go on."
    emit("connection pause", done, as_json=as_json, page=lambda out: out.print(said))


@app.command("resume", epilog="Example: hub connection resume till")
def resume(
    name: Annotated[str, typer.Argument(help="The connection.")], config: ConfigFile = CONFIG, *, as_json: AsJson = False
) -> None:
    """Let a paused connection go on: it is read whole first."""
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    done = act(installation(config), SystemClock(), "resume", connection=name)
    said = f"`{name}` goes on." if done["before"] else f"`{name}` was not paused; it is read again."
    emit("connection resume", done, as_json=as_json, page=lambda out: out.print(said))


def _mode(word: str) -> str:
    from hub.errors import UsageError
    from hub.model.run import Mode
    from hub.yamlfile import nearest

    if word not in {one.value for one in Mode}:
        raise UsageError(f"`{word}` is no mode.", fix=nearest(word, [one.value for one in Mode]))
    return word


def _preview(found: Installation, name: str, wanted: str) -> list[PlanItem]:
    from hub.errors import UsageError
    from hub.model.run import Mode
    from hub.ops.installation import INSTANCE
    from hub.ops.plan import preview as preview_mode
    from hub.yamlfile import nearest

    with found.reader() as reader, reader.snapshot():
        if name not in reader.connections():
            raise UsageError(f"The store knows no connection `{name}`.", fix=nearest(name, reader.connections()))
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        return preview_mode(reader, ground, name, Mode(wanted), limit=1000)


def _show(out: Console, items: list[PlanItem]) -> None:
    from hub.cli.plans import show_items

    show_items(out, items[:SHOWN])
    if len(items) > SHOWN:
        out.print(f"... and {len(items) - SHOWN} more.")
