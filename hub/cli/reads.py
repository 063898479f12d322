"""`resync` and `ingest`: read again, and read from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

from hub.cli.page import many
from hub.cli.surface import CONFIG, AsJson, ConfigFile, console, emit, installation

_ENDS: Final = {
    "applied": "taken in",
    "unchanged": "known already",
    "superseded": "older than what is known",
    "skipped": "left out",
    "waiting": "waiting for another record",
    "in_review": "waiting for you (`hub review list`)",
    "dead_letter": "set aside (`hub deadletter list`)",
}


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("resync", epilog="Example: hub resync till/customers --since 2026-03-01")(resync)
    app.command("ingest", epilog="Example: hub ingest shop/customers export.jsonl")(ingest)


def resync(
    target: Annotated[str, typer.Argument(metavar="CONNECTION[/STREAM[/ID]]", help="What to read again.")],
    config: ConfigFile = CONFIG,
    *,
    since: Annotated[
        str | None, typer.Option(help="Only what changed since: 30d, 12h, 2026-03-01 or 2026-03-01T12:00:00Z.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Read a connection, one of its streams or one record again."""
    from hub.clock import SystemClock
    from hub.ops.verbs import act

    connection, _, rest = target.partition("/")
    stream, _, external_id = rest.partition("/")
    clock = SystemClock()
    done = act(
        installation(config),
        clock,
        "resync",
        connection=connection,
        stream=stream or None,
        external_id=external_id or None,
        since=read_since(since, clock.now()) if since else None,
    )
    what = target if "streams" not in done else f"{connection}: {', '.join(done['streams'])}"
    now = done["through"] == "the running hub"
    emit(
        "resync",
        done,
        as_json=as_json,
        page=lambda out: out.print(f"{what} {'is being read' if now else 'will be read when the hub runs'} again."),
    )


def read_since(text: str, now: int) -> int:
    """Return microseconds for `30d`, `12h`, `4w` before now, or for a date or time (UTC without an offset). Raises UsageError."""
    from hub.clock import micros
    from hub.errors import UsageError

    units = {"h": 3_600, "d": 86_400, "w": 7 * 86_400}
    if text[:-1].isascii() and text[:-1].isdigit() and text[-1:] in units:
        return now - int(text[:-1]) * units[text[-1]] * 1_000_000
    whole = f"{text}T00:00:00Z" if "T" not in text and " " not in text else text
    for attempt in (whole, f"{whole}Z"):
        try:
            return micros(attempt)
        except ValueError:
            continue
    raise UsageError(f"`{text}` is no time.", fix="Write 30d, 12h, 2026-03-01 or 2026-03-01T12:00:00Z.")


def ingest(
    target: Annotated[str, typer.Argument(metavar="CONNECTION/STREAM", help="Whose records these are.")],
    file: Annotated[Path, typer.Argument(help="One raw record of that system per line, as JSON.")],
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Take raw records from a file through the whole pipeline. The hub must not be running."""
    from hub.clock import SystemClock
    from hub.errors import UsageError
    from hub.ops.ingest import ingest as ingest_file
    from hub.ops.installation import instance_of

    connection, _, stream = target.partition("/")
    if not stream:
        raise UsageError(f"`{target}` names no stream.", fix="Write CONNECTION/STREAM, such as shop/customers.")
    found = installation(config)
    clock = SystemClock()
    store = found.store()
    try:
        with store.unit() as unit:
            instance = instance_of(unit, clock)
        out = console(errors=True)
        watch = (lambda done: out.print(f"{done} records", end="\r")) if out.is_terminal else (lambda _done: None)
        started = clock.elapsed()
        fates = ingest_file(store, found.ground(instance), connection, stream, file, progress=watch, clock=clock)
        took_s = clock.elapsed() - started
    finally:
        store.close()
    total = fates.total()
    ended = {fate.value: number for fate, number in sorted(fates.items())}
    done = {"records": total, "ended": ended, "took_s": round(took_s, 3), "per_s": round(total / took_s) if took_s else 0}
    words = ", ".join(f"{number:,} {_ENDS[fate]}" for fate, number in sorted(fates.items()))
    emit(
        "ingest",
        done,
        as_json=as_json,
        page=lambda out: out.print(f"{many(total, 'record')} in {done['took_s']} s ({done['per_s']:,}/s): {words or 'none'}."),
    )
