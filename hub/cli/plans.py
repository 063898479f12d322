"""`plan` and `apply`: what would change where, and a person's yes to it; `plans`: who said yes to what."""

from __future__ import annotations

import getpass
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, listing, many, moment, put, put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

    from hub.ops.installation import Installation
    from hub.ops.plan import PlanItem

Connection = Annotated[str | None, typer.Option("--connection", help="Only what would change there.")]


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("plan", epilog="Example: hub plan --connection till")(plan)
    app.command("plans", epilog="Example: hub plans")(plans)
    app.command("apply", epilog="Example: hub apply 12 14, or hub apply --all --yes")(apply)


def plan(
    config: ConfigFile = CONFIG,
    *,
    connection: Connection = None,
    limit: Annotated[int, typer.Option(help="At most so many records.", min=1)] = 200,
    as_json: AsJson = False,
) -> None:
    """Print what would change where, field by field. Calls nothing and changes nothing."""
    from hub.ops.plan import as_docs

    items = read_items(installation(config), connection, limit)
    emit("plan", as_docs(items), as_json=as_json, page=lambda out: show_items(out, items))


def read_items(found: Installation, connection: str | None, limit: int) -> list[PlanItem]:
    """Return the plan; of a connection that is only watched, what it would be if it were not."""
    from hub.errors import UsageError
    from hub.model.run import Mode
    from hub.ops.installation import INSTANCE
    from hub.ops.plan import preview, read_plan
    from hub.yamlfile import nearest

    names = list(found.config.connections)
    if connection is not None and connection not in names:
        raise UsageError(f"There is no connection called `{connection}`.", fix=nearest(connection, names))
    with found.reader() as reader, reader.snapshot():
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        state = reader.connections().get(connection or "")
        if connection is not None and state is not None and state.mode is Mode.OBSERVE:
            return preview(reader, ground, connection, Mode.PROPOSE, limit=limit)
        return read_plan(reader, ground, connection=connection, limit=limit)


def show_items(out: Console, items: list[PlanItem]) -> None:
    """Print plan items."""
    for item in items:
        number = f"{item.id:>6}" if item.id > 0 else "  then"
        what = f"{item.entity.replace('_', ' ')} {item.entity_id} {item.name}".rstrip()
        asks = item.state.startswith("waiting for your yes")
        out.print(f"{number}  {item.connection}/{item.stream}: {item.action} {what}", style="bold")
        out.print(f"        {item.state}", style="yellow" if asks else "dim")
        put_rows(out, [(line["field"], brief(line["shown"]), "") for line in item.lines], indent=8)
    if not items:
        out.print("Nothing to change.")
        return
    made = sum(item.action == "create" for item in items)
    asking = sum(item.state.startswith("waiting for your yes") for item in items)
    where = ", ".join(sorted({item.connection for item in items}))
    out.print(f"\n{many(len(items), 'record')} would change in {where}; {made} of them new.", style="bold")
    if asking:
        out.print(
            f"{asking} of them wait{'s' if asking == 1 else ''} for your yes: `hub apply NUMBER...`, or `hub apply --all`.",
            style="yellow",
        )
    back = sum(item.taken_back for item in items)
    if back:
        out.print(f"{back} of them had a yes that was taken back: `--all` leaves them out.", style="yellow")


def apply(
    ids: Annotated[list[int] | None, typer.Argument(help="Numbers as `hub plan` shows them.")] = None,
    config: ConfigFile = CONFIG,
    *,
    every: Annotated[bool, typer.Option("--all", help="All that waits for a yes, but where one was taken back.")] = False,
    field: Annotated[list[str] | None, typer.Option("--field", help="Only lines of this field.")] = None,
    connection: Connection = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Say yes to what `hub plan` shows, line by line. A line that changes before it is sent is left out and shown again."""
    from hub.errors import UsageError
    from hub.ops.verbs import act

    found = installation(config)
    waiting = [item for item in read_items(found, connection, 100_000) if item.state.startswith("waiting for your yes")]
    chosen = [item for item in waiting if (every and not item.taken_back) or item.id in (ids or [])]
    if not ids and not every:
        if not asks_people():
            raise UsageError("Say which.", fix="Name numbers of `hub plan`, or --all.")
        chosen = waiting
    lost = sorted(set(ids or []) - {item.id for item in chosen})
    if lost:
        raise UsageError(f"{', '.join(map(str, lost))} does not wait for a yes.", fix="See `hub plan`.")
    picked = [agreed for item in chosen if (agreed := _agree(item, field, sure=yes or not asks_people()))]
    if not picked:
        emit(
            "apply",
            {"plan": None, "approved": 0, "changed": 0},
            as_json=as_json,
            page=lambda out: out.print("Nothing was said yes to."),
        )
        return
    from hub.clock import SystemClock

    done = act(found, SystemClock(), "approve", items=picked, by=getpass.getuser())

    def page(out: Console) -> None:
        number = f" as plan {done['plan']}; `hub undo --plan {done['plan']}` takes it back" if done["plan"] else ""
        out.print(f"Said yes to {many(done['approved'], 'line')}{number}.")
        if done["changed"]:
            out.print(f"{many(done['changed'], 'line')} changed since and left out: see `hub plan`.", style="yellow")

    emit("apply", done, as_json=as_json, page=page)


def _agree(item: PlanItem, fields: list[str] | None, *, sure: bool) -> dict[str, Any] | None:
    """Return the lines of one record that were said yes to; a new record goes whole."""
    lines = [line for line in item.lines if not fields or item.action == "create" or line["field"] in fields]
    if not lines:
        return None
    if not sure:
        show_items(console(), [item])
        if not typer.confirm("Yes?", default=False):
            return None
    return {"id": item.id, "lines": [line["line"] for line in lines]}


def plans(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """List the newest plans somebody said yes to with `hub apply`: by whom, when, what changed where, what had waited for it."""
    from hub.ops.approvals import list_plans

    with installation(config).reader() as reader:
        data = list_plans(reader)

    def page(out: Console) -> None:
        table = listing("PLAN", "SAID YES (UTC)", "BY", "STREAM", "WHAT", "HAD WAITED FOR")
        for one in data:
            start = (str(one["plan"]), moment(one["at"]), one["by"])
            for part in one["parts"]:
                what = f"{part['action']}: {many(part['lines'], 'line')} of {many(part['records'], 'record')}"
                table.add_row(*start, f"{part['connection']}/{part['stream']}", what, part["why"] or "your yes to every change")
                start = ("", "", "")
        put(out, table)
        out.print("Take one back: `hub undo --plan PLAN --preview`." if data else "Nobody said yes to anything yet.")

    emit("plans", data, as_json=as_json, page=page)
