"""`demo`: a simulated retailer to watch, or to be judged by an independent oracle."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.surface import AsJson, emit

if TYPE_CHECKING:
    from rich.console import Console

DISAGREED = 1
KINDS = {"stock": "stock levels"}


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("demo", epilog="Example: hub demo --seconds 20 --seed 7")(demo)


def demo(
    *,
    seconds: Annotated[
        float | None, typer.Option(help="How long people act. Without it: until Ctrl-C, at a pace to follow.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which retailer and which people.", min=0)] = 7,
    customers: Annotated[int, typer.Option(help="About how many customers there are.", min=20)] = 2200,
    compared: Annotated[int | None, typer.Option(help="How many values must be compared.", min=0)] = None,
    edits: Annotated[int | None, typer.Option(help="How many edits each side must see.", min=0)] = None,
    sales: Annotated[int | None, typer.Option(help="How many sales each channel must see.", min=0)] = None,
    systems: Annotated[bool, typer.Option("--systems", help="Only two small systems, for a hub of your own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run a web shop and tills with customers and staff, the hub between them, and check that everything agrees at the end."""
    if systems:
        _part("demo.systems").play()
        return
    play = _part("demo.run")
    asked = {"compared": compared, "edits": edits, "sales": sales}
    least = {name: number for name, number in asked.items() if number is not None}
    size = play.sized(customers)
    if seconds is None:
        plan = play.Plan(seed=seed, size=size, minimums=play.Minimums(**{"compared": 0, "edits": 0, "sales": 0} | least))
    else:
        plan = play.Plan(seconds=seconds, seed=seed, size=size, rates=play.QUICK, minimums=play.Minimums(**least))
    report = play.play(plan, quiet=as_json)
    data = report.as_doc(seed)
    emit("demo", data, as_json=as_json, page=lambda out: show_report(out, data))
    raise typer.Exit(0 if report.agreed else DISAGREED)


def _part(name: str) -> Any:
    """Return a module of the demo; it is part of a checkout and of the wheel, not of every installation."""
    from hub.errors import UsageError

    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "demo":
            raise
        raise UsageError("The demo is not part of this installation.", fix="Call `make demo` in a checkout.") from None


def show_report(out: Console, data: dict[str, Any]) -> None:
    """Print what came of it."""
    compared, edits, sales, units = data["compared"], data["edits"], data["sales"], data["units"]
    out.print(f"People: {edits.get('shop', 0)} edits in the shop, {edits.get('till', 0)} at the tills; ", end="")
    out.print(f"{sales.get('shop', 0)} orders, {sales.get('till', 0)} sales.")
    out.print(f"The hub wrote {data['hub_wrote']['shop']} times to the shop, {data['hub_wrote']['till']} times to the tills.")
    lag_s = data["lag_s"]
    out.print(f"Half of what people did showed over there within {lag_s['half']} s, 95 of 100 within {lag_s['95 of 100']} s.")
    kinds = ", ".join(f"{number:,} of {KINDS.get(name, name + 's')}" for name, number in compared.items() if name != "total")
    out.print(f"Compared {compared['total']:,} values: {kinds}.")
    out.print(
        f"Units in the stores: {units.get('opening', 0):,} counted, {units.get('moved at the till', 0):+,} at the tills, "
        f"{units.get('moved in the shop', 0):+,} in the shop, {units.get('there now', 0):,} now."
    )
    for one in data["differences"]:
        out.print(
            f"  {one['what']} {one['key']} {one['field']}: shop {one['shop']!r}, till {one['till']!r} ({one['why']})", style="red"
        )
    if data["still_under_way"]:
        out.print(f"{data['still_under_way']} things were still under way.", style="red")
    if data["short_of"]:
        out.print(f"Too little happened: {', '.join(data['short_of'])}.", style="red")
    good = "Everything agrees, and every unit is accounted for." if data["agreed"] else f"{data['difference_count']} differences."
    out.print(good, style="bold green" if data["agreed"] else "bold red")
