"""`simulate`: random worlds of systems, faults and people against the real hub; for a source checkout."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from importlib import import_module
from typing import Annotated

import typer

from hub.cli.surface import AsJson, emit


def add_to(app: typer.Typer) -> None:
    """Add this command."""
    app.command("simulate", epilog="Example: hub simulate --seeds 20 --from 100")(simulate)


def simulate(
    *,
    seeds: Annotated[int, typer.Option(help="How many worlds.", min=1)] = 10,
    first: Annotated[int, typer.Option("--from", help="The first seed.", min=0)] = 0,
    as_json: AsJson = False,
) -> None:
    """Run simulated retailers with faults and check that all systems agree at the end. The same seed gives the same run."""
    try:
        main = import_module("tests.simulation.run").main  # a source checkout has it; an installed hub has not
    except ModuleNotFoundError:
        from hub.errors import UsageError

        raise UsageError(
            "The simulation is part of the source, not of the installed hub.",
            fix="Check the source out and run this in its folder.",
        ) from None
    arguments = ["--seeds", str(seeds), "--from", str(first)]
    if not as_json:
        raise typer.Exit(main(arguments))
    said = io.StringIO()
    with redirect_stdout(said):
        code = main([*arguments, "--json"])
    *worlds, total = [json.loads(line) for line in said.getvalue().splitlines()]
    emit("simulate", {"worlds": worlds, "total": total}, as_json=True, page=lambda _: None)
    raise typer.Exit(code)
