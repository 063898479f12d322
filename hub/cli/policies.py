"""`policy`: whose value counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.page import brief, many, put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(rich_markup_mode=None)
SHOWN = 20


@app.callback()
def policies() -> None:
    """Try another rule whose value counts."""


@app.command("try", epilog="Example: hub policy try family_name owner till")
def try_one(
    field: Annotated[str, typer.Argument(help="The field, such as family_name, addresses or consent.")],
    policy: Annotated[list[str], typer.Argument(help="newest, origin, ask, union, owner NAME, or prefer NAME NAME...")],
    config: ConfigFile = CONFIG,
    *,
    entity: Annotated[str | None, typer.Option("--entity", help="Whose field, where several have one of this name.")] = None,
    limit: Annotated[int, typer.Option(help="Show at most so many records; all are counted.", min=1)] = 200,
    as_json: AsJson = False,
) -> None:
    """Show for which records another value would count under another rule, and what would be written where.

    Changes nothing. To keep the rule, write it under `policies:` in config.yaml.
    """
    from hub.cli.waiting import told
    from hub.ops.policies import try_policy

    found = installation(config)
    with found.reader() as reader, reader.snapshot(), told("Choosing") as tell:
        data = try_policy(found, reader, field, policy, entity, limit=limit, tell=tell)
    emit("policy try", data, as_json=as_json, page=lambda out: _page(out, data))


def _page(out: Console, data: dict[str, Any]) -> None:
    noun = data["entity"].replace("_", " ")
    out.print(f"{data['field']} of every {noun}", style="bold")
    put_rows(out, [("now", data["rule_now"], ""), ("tried", data["rule"], "")])
    for one in data["records"][:SHOWN]:
        out.print(f"{noun} {one['id']} {one['name']}".rstrip())
        put_rows(out, [(row["field"], brief(row["shown"]), "") for row in one["changes"]], indent=8)
    if data["changed"] > SHOWN:
        out.print(f"... and {data['changed'] - SHOWN:,} more; --json has those within --limit.")
    out.print(f"{data['changed']:,} of {many(data['looked_at'], noun)} would have another value.", style="bold")
    if data["asked"]:
        out.print(f"You would be asked {many(data['asked'], 'question')}.", style="yellow")
    show_follows(out, data["sent"], "Would be written because of it:")
    show_follows(out, data["not_sent"], "Would no longer be written:")
    if data["changed"]:
        where = f"`policies:`, `{data['entity']}:` in config.yaml"
        out.print(f"Nothing was changed. Under {where} it counts at once; live systems are written to unasked.", style="dim")


def show_follows(out: Console, items: list[dict[str, Any]], title: str) -> None:
    """Print what would follow from a rule that is only tried, record by record; many of them are counted."""
    if not items:
        return
    out.print(f"{title} {many(len(items), 'record')}", style="yellow")
    for item in items[:SHOWN]:
        name = f"{item['entity'].replace('_', ' ')} {item['entity_id']} {item['name']}".rstrip()
        out.print(f"  {item['connection']}/{item['stream']}: {item['action']} {name}", style="bold")
        put_rows(out, [(line["field"], brief(line["shown"]), "") for line in item["lines"]], indent=8)
    if len(items) > SHOWN:
        out.print(f"  ... and {len(items) - SHOWN:,} more; --json has them.")
