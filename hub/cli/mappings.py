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
        out.print("Next: edit it, `hub mapping check`, then start the hub again and look at `hub plan`.")

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
