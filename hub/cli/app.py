"""The tree of commands."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from typer.core import TyperGroup

from hub.cli import (
    audits,
    connections,
    database,
    deadletters,
    demo,
    doctors,
    entities,
    freshness,
    histories,
    mappings,
    orders,
    pins,
    plans,
    policies,
    reads,
    reviews,
    running,
    simulation,
    splits,
    undos,
    writes,
)

WHOLE: Final = 1_000
"""Characters: longer than the first sentence of any command."""


class Whole(TyperGroup):
    """Commands whose help says the first sentence of each to its end, over as many lines as it takes."""

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - as the library calls it
        """Write the list of commands."""
        rows = [(name, one.get_short_help_str(WHOLE)) for name, one in self.commands.items() if not one.hidden]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


app = typer.Typer(
    name="hub",
    cls=Whole,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    help="Syncline keeps a retailer's systems in agreement: customers, products, prices, stock, orders and tickets.",
    epilog="Start with: hub init, hub check, hub run. Ask why: hub explain customer ada@example.org.",
)


@app.callback(invoke_without_command=True)
def root(version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False) -> None:  # noqa: FBT002 - typer
    """Keep a retailer's systems in agreement."""
    if version:
        from hub import __version__

        typer.echo(__version__)
        raise typer.Exit


for module in (running, doctors, entities, histories, audits, pins, undos, splits, plans, reads, freshness, simulation, demo):
    module.add_to(app)
for name, module_app, text in (
    ("connection", connections.app, "See the connections, and say how far each is trusted."),
    ("mapping", mappings.app, "Check, read and try mapping files."),
    ("policy", policies.app, "Try another rule whose value counts."),
    ("order", orders.app, "Cancel or send an order, in the system it lives in."),
    ("review", reviews.app, "Questions the hub has for a person."),
    ("deadletter", deadletters.app, "What was set aside, and trying it again."),
    ("writes", writes.app, "Stop all writes, or let them go again."),
    ("db", database.app, "The store itself."),
):
    app.add_typer(module_app, name=name, help=text, no_args_is_help=True, cls=Whole)
