"""`demo`: a simulated retailer to watch, or to be judged by an independent oracle."""

from __future__ import annotations

import importlib
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hub.cli.surface import AsJson, emit

if TYPE_CHECKING:
    from rich.console import Console

DISAGREED = 1
KINDS = {"stock": "of stock", "shown to agents": "shown to agents"}


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("demo", epilog="Example: hub demo --seconds 30 --seed 7")(demo)


def demo(
    *,
    seconds: Annotated[
        float | None, typer.Option(help="How long people act. Without it: until Ctrl-C, at a pace to follow.", min=0.1)
    ] = None,
    seed: Annotated[int, typer.Option(help="Which retailer and which people.", min=0)] = 7,
    chaos: Annotated[
        bool, typer.Option("--chaos", help="Let webhooks get lost, systems refuse, answers vanish; kill the hub three times.")
    ] = False,
    customers: Annotated[int, typer.Option(help="About how many customers there are.", min=20)] = 1200,
    compared: Annotated[int | None, typer.Option(help="How many values must be compared.", min=0)] = None,
    edits: Annotated[int | None, typer.Option(help="How many edits shop and till must see, each.", min=0)] = None,
    sales: Annotated[int | None, typer.Option(help="How many sales each channel must see.", min=0)] = None,
    orders: Annotated[int | None, typer.Option(help="How many orders there must be in all.", min=0)] = None,
    refunds: Annotated[int | None, typer.Option(help="How many refunds there must be.", min=0)] = None,
    tickets: Annotated[int | None, typer.Option(help="How many tickets there must be.", min=0)] = None,
    systems: Annotated[bool, typer.Option("--systems", help="Only two small systems, for a hub of your own.")] = False,
    as_json: AsJson = False,
) -> None:
    """Run shop, tills, CRM and help desk with customers and staff, the hub between them, and check that all agrees at the end."""
    if systems:
        _part("demo.systems").play()
        return
    play = _part("demo.run")
    named = {"compared": compared, "edits": edits, "sales": sales, "orders": orders, "refunds": refunds, "tickets": tickets}
    least = {name: number for name, number in named.items() if number is not None}
    asked = replace(play.NOTHING if seconds is None else play.Minimums(), **least)
    plan = play.Plan(seconds=seconds, seed=seed, size=play.sized(customers), minimums=asked, chaos=chaos)
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
    papers, units, money = data["documents"], data["units"], data["money"]
    out.print("People: " + ", ".join(f"{number:,} edits at {side}" for side, number in data["edits"].items()) + ";")
    out.print(_counted(papers, ("order", "payment", "fulfilment", "refund", "return", "ticket", "message")) + ".")
    out.print("The hub wrote " + ", ".join(f"{number:,} times to {side}" for side, number in data["hub_wrote"].items()) + ".")
    lag_s = data["lag_s"]
    out.print(f"Half of what people did showed over there within {lag_s['half']} s, 95 of 100 within {lag_s['95 of 100']} s.")
    if data["faults"]:
        out.print("Went wrong: " + ", ".join(f"{number} x {name}" for name, number in data["faults"].items()) + ".")
    kinds = ", ".join(f"{number:,} {KINDS.get(name, name)}" for name, number in data["compared"].items() if name != "total")
    out.print(f"Compared {data['compared']['total']:,} values: {kinds}.")
    out.print("Money: " + ", ".join(f"{cents / 100:,.2f} {name}" for name, cents in money.items()) + ".")
    out.print(
        f"Units in the stores: {units.get('opening', 0):,} counted, {units.get('moved at the till', 0):+,} at the tills, "
        f"{units.get('moved in the shop', 0):+,} in the shop, {units.get('there now', 0):,} now."
    )
    for one in data["differences"]:
        there = ", ".join(f"{side} {value!r}" for side, value in one["there"].items())
        out.print(f"  {one['what']} {one['key']} {one['field']}: {there} ({one['why']})", style="red")
    if data["still_under_way"]:
        out.print(f"{data['still_under_way']} things were still under way.", style="red")
    if data["short_of"]:
        out.print(f"Too little happened: {', '.join(data['short_of'])}.", style="red")
    good = "Everything agrees; every unit, order, refund and message is accounted for."
    bad = f"{data['difference_count']} differences." if data["difference_count"] else "This run does not count."
    out.print(good if data["agreed"] else bad, style="bold green" if data["agreed"] else "bold red")


def _counted(found: dict[str, int], kinds: Iterable[str]) -> str:
    return ", ".join(f"{found.get(kind, 0):,} {kind}s" for kind in kinds)
