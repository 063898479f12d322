"""`deadletter`: what was set aside, with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, many, moment, put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)


@app.command("list", epilog="Example: hub deadletter list --connection till")
def list_all(
    config: ConfigFile = CONFIG,
    *,
    connection: Annotated[str | None, typer.Option("--connection", help="Only of this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List what was set aside: why, and what to do."""
    from hub.ops.deadletters import list_dead_letters

    with installation(config).reader() as reader:
        data = list_dead_letters(reader, connection=connection)

    def page(out: Console) -> None:
        for one in data:
            _letter(out, one)
        out.print(f"{many(len(data), 'dead letter')}: `hub deadletter replay NUMBER`." if data else "No dead letters.")

    emit("deadletter list", data, as_json=as_json, page=page)


def _letter(out: Console, one: dict[str, Any]) -> None:
    record = f"/{one['external_id']}" if one["external_id"] else ""
    field = f" {one['field']}" if one["field"] else ""
    out.print(f"{one['id']:>6}  {one['connection']}/{one['stream']}{record}{field}", style="bold")
    rows = [("why", one["message"], "red"), ("do", one["what_to_do"] or "Correct it there, then replay it.", "")]
    put_rows(out, [*rows, ("since", moment(one["at"]) + " UTC", "dim")], indent=8)


@app.command("show", epilog="Example: hub deadletter show 3")
def show(
    number: Annotated[int, typer.Argument(help="The dead letter, as `hub deadletter list` shows it.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Show one whole: why, what to do, and what was set aside as it came. That may hold personal data."""
    from hub.ops.deadletters import show_dead_letter

    with installation(config).reader() as reader:
        data = show_dead_letter(reader, number)

    def page(out: Console) -> None:
        import orjson

        _letter(out, data)
        if "sent" in data:
            _put_push(out, data)
            return
        whole = data["input"]
        out.print(whole if isinstance(whole, str) else orjson.dumps(whole, option=orjson.OPT_INDENT_2).decode())

    emit("deadletter show", data, as_json=as_json, page=page)


def _put_push(out: Console, data: dict[str, Any]) -> None:
    """Print what was refused, and where to look for whoever entered it."""
    from hub.ops.names import shown

    rows = [("sent", f"{path}: {brief(shown(value))}", "") for path, value in data["sent"].items()]
    if data["entity"] is not None:
        words = ["hub explain", data["entity"], str(data["entity_id"]), *([data["field"]] if len(data["sent"]) == 1 else [])]
        rows.append(("see", f"`{' '.join(words)}`", "dim"))
    put_rows(out, rows, indent=8)


@app.command("replay", epilog="Example: hub deadletter replay 3")
def replay(
    number: Annotated[int, typer.Argument(help="The dead letter, as `hub deadletter list` shows it.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Try one again: fetched afresh by its id, or taken from what was kept."""
    _act("replay", number, config, as_json=as_json)


@app.command("drop", epilog="Example: hub deadletter drop 3")
def drop(
    number: Annotated[int, typer.Argument(help="The dead letter, as `hub deadletter list` shows it.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Let one go. It stays in the store, marked so."""
    _act("drop", number, config, as_json=as_json)


def _act(verb: str, number: int, config: ConfigFile, *, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    done = act(installation(config), SystemClock(), verb, letter_id=number)
    later = done["how"] == "read again from the system" and done["through"] != "the running hub"
    words = "will be read again when the hub runs" if later else done["how"]
    emit(f"deadletter {verb}", done, as_json=as_json, page=lambda out: out.print(f"Dead letter {number}: {words}."))
