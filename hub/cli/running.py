"""`run`, `init`, `check`, `status`: the installation itself."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import many, moment, put
from hub.cli.surface import CONFIG, REFUSED, REMOTE, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("init", epilog="Example: hub init shop")(init)
    app.command("check", epilog="Example: hub check --offline")(check)
    app.command("run", epilog="Example: hub run --config /etc/syncline/config.yaml")(run)
    app.command("status", epilog="Example: hub status --json")(status)


def init(
    folder: Annotated[Path, typer.Argument(help="Where config.yaml is, or is to be.")] = Path(),
    *,
    as_json: AsJson = False,
) -> None:
    """Make a folder ready: where there is no config.yaml, one to fill in and what goes with it; and an empty store."""
    from hub.ops.setup import prepare

    done = prepare(folder)

    def page(out: Console) -> None:
        out.print(f"{'Wrote' if done['wrote_config'] else 'Found'} {done['config']}.")
        for name in done["wrote"][1:]:
            out.print(f"Wrote {(Path(done['config']).parent / name)}.")
        out.print("The store is ready.")
        out.print(
            "Next: fill in config.yaml, then `hub check`." if done["wrote_config"] else "Next: `hub check`, then `hub run`."
        )

    emit("init", done, as_json=as_json, page=page)


def check(
    config: ConfigFile = CONFIG,
    *,
    offline: Annotated[bool, typer.Option("--offline", help="Call nobody: only look at the files.")] = False,
    as_json: AsJson = False,
) -> None:
    """Look at config.yaml, the mappings and the store, then ask every system who it is. Changes nothing."""
    from hub.ops.setup import check_installation

    found = check_installation(installation(config), offline=offline)

    def page(out: Console) -> None:
        for line in found:
            mark = {"ok": "ok  ", "refused": "WRONG", "unreachable": "FAIL"}[line["result"]]
            out.print(f"{mark:<6}{line['what']}: {line['says']}", style=None if line["result"] == "ok" else "red")
            if line["fix"]:
                out.print(f"      {line['fix']}")

    emit("check", found, as_json=as_json, page=page)
    results = {line["result"] for line in found}
    raise typer.Exit(REFUSED if "refused" in results else REMOTE if "unreachable" in results else 0)


def run(config: ConfigFile = CONFIG) -> None:
    """Keep the systems in agreement until stopped (Ctrl-C or SIGTERM). One hub per store."""
    from hub.cli.serving import serve

    serve(installation(config))


def status(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Show how things stand: connections, what waits, what needs you."""
    from hub.clock import SystemClock
    from hub.errors import Refuse
    from hub.ops.status import read_status
    from hub.ops.verbs import is_running

    try:
        found = installation(config)
    except Refuse as wrong:
        wrong.fix = f"{wrong.fix} A hub that runs already goes on with what it knew.".strip()
        raise
    with found.reader() as reader:
        data = read_status(found, reader, SystemClock().now(), running=is_running(found))
    emit("status", data, as_json=as_json, page=lambda out: show_status(out, data))


def _put_back(out: Console, restored: dict[str, Any] | None) -> None:
    """Say that nothing is sent yet, and who is waited for."""
    if restored is not None:
        waits = ", ".join(restored["reading"]) or "nobody"
        out.print("This store was put back from a backup: all is read before anything is sent.", style="yellow")
        out.print(f"Still to read: {waits}. `hub connection pause NAME` goes on without one.", style="yellow")


def show_status(out: Console, data: dict[str, Any]) -> None:
    """Print the page."""
    from hub.cli.connections import connection_table, webhook_lines

    out.print(f"The hub is {'running' if data['running'] else 'not running'}; writes are {data['writes']}.")
    if data["settling"]:
        out.print("A change of modes or policies is still being worked through; it goes on at the next start.", style="yellow")
    _put_back(out, data["restored"])
    put(out, connection_table(data["connections"]))
    for one in data["connections"]:
        for line in webhook_lines(one):
            out.print(line, style="yellow")
    known = ", ".join(many(number, kind.replace("_", " ")) for kind, number in data["entities"].items())
    out.print(f"Known: {known or 'nothing yet'}.")
    todo = data["under_way"]
    out.print(
        f"Under way: {todo['deliveries']} to send, {todo['calls']} on the way, {todo['to_read']} to read, "
        f"{todo['waiting_records']} waiting for another record."
    )
    _show_needs(out, data)
    for one in data["surprises"][:10]:
        _put_surprise(out, one)


def _put_surprise(out: Console, one: dict[str, Any]) -> None:
    where, times = f"{one['connection']}/{one['stream']}", many(one["count"], "time")
    if one["kind"] == "jump":
        out.print(f"Unusual step in {where}: {one['path']}, {times}")
    else:
        out.print(f"New in {where}: {one['kind'].replace('_', ' ')} at {one['path']}, {times}")
    if one["fix"]:
        out.print(": ".join(part for part in (f"    {one['place']}".rstrip(), one["fix"]) if part), style="dim")


def _show_needs(out: Console, data: dict[str, Any]) -> None:
    """Print what went wrong, and what waits for a person."""
    for line in file_lines(data["config"]):
        out.print(line, style="yellow")
    for one in data["incidents"]:
        out.print(f"Alert since {moment(one['since'])} UTC: {one['text']} {one['fix']}", style="red")
    needs = data["needs_you"]
    hints = {"questions": "hub review list", "dead_letters": "hub deadletter list", "asking": "hub plan", "paused": "hub check"}
    words = {"questions": "question", "dead_letters": "dead letter", "asking": "change", "paused": "paused connection"}
    for name, number in needs.items():
        if number:
            yes = " waiting for your yes" if name == "asking" else ""
            out.print(f"Needs you: {many(number, words[name])}{yes} (`{hints[name]}`)", style="yellow")
    if not any(needs.values()):
        out.print("Nothing needs you.", style="green")


def file_lines(config: dict[str, Any]) -> list[str]:
    """Return what is to be said of files that changed while the hub ran."""
    if config["refused"]:
        return [f"A changed file is wrong, so the hub goes on with what it knew: {config['refused']}"]
    told = config["followed"]
    if not told:
        return []
    what = ", ".join([*(["config.yaml"] if told["config"] else []), *told["mappings"]])
    lines = []
    if what:
        plan = f"; {many(told['asking'], 'change')} then waited for your yes (`hub plan`)" if told["asking"] else ""
        lines.append(f"Followed at {moment(told['at'])} UTC: {what}{plan}.")
    if told["restart"]:
        lines.append(f"Changed, but taken up at the next start only: {', '.join(told['restart'])}.")
    return lines
