"""`mapping`: the tables an admin writes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import many
from hub.cli.surface import CONFIG, OK, REFUSED, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)
Target = Annotated[str, typer.Argument(metavar="CONNECTION/STREAM", help="Whose mapping.")]


@app.command("check", epilog="Example: hub mapping check mappings/square/customers.yaml")
def check(
    files: Annotated[list[Path] | None, typer.Argument(help="Mapping files; none: all that this installation uses.")] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Check mapping files; every error with file, line, column and the nearest right spelling."""
    from hub.ops.mappings import check_files
    from hub.ops.setup import mapping_files

    found = None if files else installation(config)
    wanted = (files or []) if found is None else mapping_files(found)
    wrong = check_files(wanted)
    if found is not None and not wrong:
        _ = found.tables  # raises where a file is right in itself and of no use to its connector

    def page(out: Console) -> None:
        for one in wrong:
            out.print(f"{one['place']}: {one['message']}", style="red")
            if one["fix"]:
                out.print(f"  {one['fix']}")
        good = "1 file is right." if len(wanted) == 1 else f"{len(wanted)} files are right."
        out.print(f"{many(len(wanted), 'file')}, {many(len(wrong), 'error')}." if wrong else good)

    emit("mapping check", {"files": [path.as_posix() for path in wanted], "errors": wrong}, as_json=as_json, page=page)
    raise typer.Exit(REFUSED if wrong else OK)


@app.command("show", epilog="Example: hub mapping show till/customers")
def show(target: Target, config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Show a mapping as a table: our field, theirs, which way it goes."""
    from hub.ops.mappings import show_mapping

    rows = show_mapping(installation(config), target)

    def page(out: Console) -> None:
        from hub.cli.page import listing, put

        table = listing("OURS", "", "THEIRS", "")
        for row in rows:
            table.add_row(row["ours"], row["ways"], row["theirs"], row["notes"])
        put(out, table)

    emit("mapping show", rows, as_json=as_json, page=page)


@app.command("copy", epilog="Example: hub mapping copy till/customers")
def copy(target: Target, config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Put a shipped mapping file into this installation's own folder, to edit it there."""
    from hub.ops.mappings import copy_mapping

    done = copy_mapping(installation(config), target)

    def page(out: Console) -> None:
        out.print(f"Wrote {done['file']}; it counts from now on, and is the same as the shipped one until you edit it.")
        out.print("Next: edit it, `hub mapping check`, `hub plan`. A running hub follows the file once it is right.")

    emit("mapping copy", done, as_json=as_json, page=page)


@app.command("try", epilog="Example: hub mapping try till/customers record.json")
def try_one(
    target: Target,
    file: Annotated[Path, typer.Argument(help="One raw record as JSON.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Read one raw record through a mapping and show what we understand of it. Stores nothing."""
    from hub.ops.mappings import try_mapping

    data = try_mapping(installation(config), target, file)
    emit("mapping try", data, as_json=as_json, page=lambda out: _tried(out, data))


def _tried(out: Console, data: dict[str, Any]) -> None:
    from hub.ops.names import shown

    if data["skipped"]:
        out.print(f"Skipped: {data['skipped']}")
    for record in data["records"]:
        out.print(f"{record['entity']} {record['external_id']}", style="bold")
        for path, value in record["fields"].items():
            out.print(f"    {path}: {shown(value)}")
        for name, elements in record["lists"].items():
            for element in elements:
                out.print(f"    {name}: {shown(element)}")
    for one in data["surprises"]:
        out.print(f"{one['kind'].replace('_', ' ')}: {one['path']}", style="yellow")


@app.command("diff", epilog="Example: hub mapping diff new/customers.yaml --since 30d")
def diff(
    file: Annotated[Path, typer.Argument(metavar="NEW.yaml", help="The mapping file to try; it says itself for what.")],
    config: ConfigFile = CONFIG,
    *,
    since: Annotated[str, typer.Option(help="Only records met or changed since: 30d, 12h, a date, or all.")] = "all",
    limit: Annotated[int, typer.Option(help="At most so many records.", min=1)] = 10_000,
    values: Annotated[bool, typer.Option("--values", help="Show the values in records of people, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read what was kept through the mapping in use and through a new one: what would be understood and written otherwise.

    Changes nothing and calls nobody. Values in records of people are only outlined, unless asked for.
    """
    from hub.cli.reads import read_since
    from hub.cli.waiting import told
    from hub.clock import SystemClock
    from hub.ops.rehearsal import as_doc, rehearse

    found, now = installation(config), SystemClock().now()
    start = None if since == "all" else read_since(since, now)
    with found.reader() as reader, reader.snapshot(), told("Reading") as tell:
        done = rehearse(found, reader, file, start, limit=limit, now=now, tell=tell)
    data = as_doc(done, file, values=values)
    emit("mapping diff", data, as_json=as_json, page=lambda out: _differs(out, data))


_FATES = {
    "refused": "would be set aside",
    "skipped": "would be left out",
    "understood again": "would be understood that are not now",
}


def _differs(out: Console, data: dict[str, Any]) -> None:
    from hub.cli.policies import show_follows

    for line in data["lines"]:
        words = [f"{how}: {', '.join(line[how])}" for how in ("changed", "added", "removed") if line[how]]
        said = "; ".join(words) or "what is no field, such as the time of a change"
        out.print(f"{line['connection']}/{line['stream']}: {said}", style="bold")
    kept = f"{data['kept']:,} of them kept as they came; " if data["records"] else ""
    out.print(f"{many(data['records'], 'record')} looked at, {kept}{data['differ']:,} would be read otherwise.")
    if data["cut"]:
        out.print("There may be more; --limit says how many are looked at.", style="yellow")
    for name, number in data["fates"].items():
        out.print(f"{many(number, 'record')} {_FATES[name]}.", style="yellow")
    _put_fields(out, data["fields"])
    show_follows(out, data["sent"], "Would be written because of it, once you say yes:")
    show_follows(out, data["not_sent"], "Would no longer be written:")
    if not data["sent"] and not data["not_sent"]:
        out.print("Nothing would be written anywhere because of it.")
    elif any(line["hidden"] for item in data["sent"] + data["not_sent"] for line in item["lines"]):
        out.print("Values of people's records are outlined; --values shows them.", style="dim")


def _put_fields(out: Console, rows: list[dict[str, Any]]) -> None:
    from hub.cli.page import brief, listing, put, put_rows

    if not rows:
        return
    table = listing("FIELD", "CHANGED", "COMES", "GOES")
    for row in rows:
        table.add_row(f"{row['stream']}: {row['field']}", *(f"{row[how]:,}" for how in ("changed", "comes", "goes")))
    put(out, table)
    for row in rows:
        out.print(f"{row['stream']}: {row['field']}", style="bold")
        put_rows(out, [(f"{one['connection']}/{one['record']}", brief(one["shown"]), "") for one in row["examples"]], indent=4)
