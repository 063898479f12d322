"""`undo`: the last edit of a field, all edits of a run, or an approved plan did not happen; `runs`: what was read when."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, listing, many, moment, put, put_rows
from hub.cli.pins import agreed
from hub.cli.policies import show_follows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, Yes, asks_people, console, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

SHOWN = 20


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("runs", epilog="Example: hub runs --connection till")(runs)
    app.command("undo", epilog='Example: hub undo customer ada@example.org phone --why "typed into the wrong card"')(undo)


def undo(
    entity: Annotated[str, typer.Argument(help="customer, product, variant, order, ...; none with --run or --plan.")] = "",
    ident: Annotated[str, typer.Argument(help="Its id, number, e-mail, phone, SKU or barcode.")] = "",
    field: Annotated[str, typer.Argument(help="The field whose last edit is undone.")] = "",
    config: ConfigFile = CONFIG,
    *,
    run: Annotated[
        int | None, typer.Option("--run", help="Undo all that was entered and came with this run, see `hub runs`.")
    ] = None,
    plan: Annotated[int | None, typer.Option("--plan", help="Take back the yes to this plan, see `hub plans`.")] = None,
    why: Annotated[str, typer.Option("--why", help="Kept with it, for `hub history` and `hub pins`.")] = "",
    preview: Annotated[bool, typer.Option("--preview", help="Only show what would change where.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Undo the last edit of a field: what counted before counts again, pinned until `hub unpin`; shows first what would change.

    With --run every edit that came with one read of a stream, as one plan that waits for your yes. What was changed again since
    stays. The edits stay in the history. With --plan a yes is taken back: what was not sent yet waits again, what was sent is put
    back as one more plan. A merge is undone by `hub split`, a mode by `hub connection mode`.
    """
    from hub.errors import UsageError

    if plan is not None and run is None and not entity:
        _undo_plan(config, plan, why, preview=preview, yes=yes, as_json=as_json)
    elif run is not None and plan is None and not entity:
        _undo_run(config, run, why, preview=preview, yes=yes, as_json=as_json)
    elif run is None and plan is None and field:
        _undo_edit(config, (entity, ident, field), why, preview=preview, yes=yes, as_json=as_json)
    else:
        fix = "Such as `hub undo customer ada@example.org phone`, `hub undo --run 12`, or `hub undo --plan 3`."
        raise UsageError("Say either which field of which record, or which run, or which plan.", fix=fix)


def _undo_edit(config: Path, what: tuple[str, str, str], why: str, *, preview: bool, yes: bool, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE
    from hub.ops.undo import preview_undo
    from hub.ops.verbs import act

    entity, ident, field = what
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


def _undo_run(config: Path, run: int, why: str, *, preview: bool, yes: bool, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.ops.installation import INSTANCE
    from hub.ops.undo_run import preview_run
    from hub.ops.verbs import act

    found, clock = installation(config), SystemClock()
    with found.reader() as reader, reader.snapshot():
        seen = preview_run(reader, found.ground(reader.flags().get(INSTANCE, "")), run, clock.now())
    if preview:
        emit("undo", seen, as_json=as_json, page=lambda out: _run_page(out, seen))
        return
    if asks_people() and not yes:
        _run_page(console(), seen)
        typer.confirm("Undo all of it? What follows waits for your yes.", default=False, abort=True)
    done = act(found, clock, "undo_run", run_id=run, by=getpass.getuser(), why=why)
    emit("undo", done, as_json=as_json, page=lambda out: _run_page(out, done))


def _undo_plan(config: Path, plan: int, why: str, *, preview: bool, yes: bool, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.ops.installation import INSTANCE
    from hub.ops.undo_plan import preview_plan
    from hub.ops.verbs import act

    found, clock = installation(config), SystemClock()
    with found.reader() as reader, reader.snapshot():
        seen = preview_plan(reader, found.ground(reader.flags().get(INSTANCE, "")), plan, clock.now())
    if preview:
        emit("undo", seen, as_json=as_json, page=lambda out: _plan_page(out, seen))
        return
    if asks_people() and not yes:
        _plan_page(console(), seen)
        typer.confirm("Take the yes back? What follows waits for your yes.", default=False, abort=True)
    done = act(found, clock, "undo_plan", plan=plan, by=getpass.getuser(), why=why)
    emit("undo", done, as_json=as_json, page=lambda out: _plan_page(out, done))


def _plan_page(out: Console, data: dict[str, Any]) -> None:
    out.print(f"Plan {data['plan']}: {data['by'] or 'somebody'} said yes {moment(data['at'])} UTC", style="bold")
    is_done = "waiting" in data
    _put_changes(out, data["undone"])
    for row in data["withdrawn"][:SHOWN]:
        place = f"{row['connection']}/{row['stream']}"
        put_rows(out, [(place, f"not sent yet: {_named(row)} {row['field'] or 'new record'}", "")], indent=0)
    if data["withdrawn"]:
        word = "wait for a yes again; `hub apply --all` leaves them out" if is_done else "would wait for a yes again"
        out.print(f"{many(len(data['withdrawn']), 'change')} not sent yet {word}.", style="yellow")
    for reason, number in data["left"].items():
        out.print(f"{many(number, 'line')} left: {reason}.", style="dim")
    if is_done:
        out.print(f"{many(len(data['undone']), 'value')} put back and pinned; `hub unpin` lets what people enter count again.")
        out.print(f"{many(data['waiting'], 'change')} wait for your yes: `hub plan`, then `hub apply`.", style="yellow")
    else:
        show_follows(out, data["sent"], "Would be written, once you say yes:")


def _named(row: dict[str, Any]) -> str:
    return f"{row['entity'].replace('_', ' ')} {row['id']} {row['name']}".rstrip()


def _put_changes(out: Console, rows: list[dict[str, Any]]) -> None:
    """Print values from -> to under their records, the first few."""
    for row in rows[:SHOWN]:
        out.print(_named(row))
        put_rows(out, [(row["field"], brief(row["shown"]), "")], indent=8)
    if len(rows) > SHOWN:
        out.print(f"... and {len(rows) - SHOWN:,} more; --json has all.")


def _run_page(out: Console, data: dict[str, Any]) -> None:
    began = moment(data["began"])
    out.print(f"Run {data['run']}: {data['connection']}/{data['stream']}, begun {began} UTC", style="bold")
    _put_changes(out, data["undone"])
    for reason, number in data["left"].items():
        out.print(f"{many(number, 'edit')} left as it is: {reason}.", style="dim")
    if "waiting" in data:
        out.print(f"{many(len(data['undone']), 'edit')} undone and pinned; `hub unpin` lets what people enter count again.")
        out.print(f"{many(data['waiting'], 'change')} wait for your yes: `hub plan`, then `hub apply`.", style="yellow")
    else:
        show_follows(out, data["sent"], "Would be written, once you say yes:")
    if not data["undone"]:
        out.print("Nothing that was entered came with it.")


def runs(
    config: ConfigFile = CONFIG,
    *,
    connection: Annotated[str | None, typer.Option("--connection", help="Only its runs.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the newest reads of streams: when, how many records, how they ended. Reads in a row that brought nothing are one."""
    from hub.ops.undo_run import list_runs

    with installation(config).reader() as reader:
        data = list_runs(reader, connection)

    def page(out: Console) -> None:
        table = listing("RUN", "STREAM", "READ", "BEGAN (UTC)", "RECORDS")
        for one in data:
            ended = ", ".join(f"{number:,} {word}" for word, number in one["records"].items())
            stream = f"{one['connection']}/{one['stream']}"
            table.add_row(str(one["run"]), stream, one["what"], moment(one["began"]), one["error"] or ended or "none")
        put(out, table)
        out.print(
            "Undo all that was entered and came with one: `hub undo --run RUN --preview`." if data else "Nothing was read yet."
        )

    emit("runs", data, as_json=as_json, page=page)
