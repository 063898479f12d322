"""`writes`: the switch for everything we change in systems."""

from __future__ import annotations

import typer

from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

app = typer.Typer(rich_markup_mode=None)


@app.command("stop", epilog="Example: hub writes stop")
def stop(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Change nothing anywhere from now on; reading goes on. Holds until `hub writes start`, also over restarts."""
    _switch(config, on=False, as_json=as_json)


@app.command("start", epilog="Example: hub writes start")
def start(config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Let changes be sent again; what has gathered is sent as it is by then."""
    _switch(config, on=True, as_json=as_json)


def _switch(config: ConfigFile, *, on: bool, as_json: bool) -> None:
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    done = act(installation(config), SystemClock(), "writes", on=on)
    words = "Changes are sent again." if on else "No change is sent until `hub writes start`."
    emit(f"writes {'start' if on else 'stop'}", done, as_json=as_json, page=lambda out: out.print(words))
