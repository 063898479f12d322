"""`show` and `explain`: one customer, product, variant, location as it is, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from hub.cli.page import brief, grid, is_wide, listing, moment, put, put_rows
from hub.cli.surface import CONFIG, AsJson, ConfigFile, emit, installation

if TYPE_CHECKING:
    from rich.console import Console

Entity = Annotated[str, typer.Argument(help="customer, product, variant, location, inventory_level, order, refund, ticket, ...")]
Ident = Annotated[str, typer.Argument(help="Its id, number, e-mail, phone, SKU or barcode; or CONNECTION/STREAM/ID there.")]
WAITS: Final = ("asking", "due", "sending", "open")
WRONG: Final = ("refused",)
PLAIN: Final = ("entered", "ours", "same")


def add_to(app: typer.Typer) -> None:
    """Add these commands."""
    app.command("show", epilog="Example: hub show customer ada@example.org")(show)
    app.command("explain", epilog="Example: hub explain customer 42 phone")(explain)


def show(entity: Entity, ident: Ident, config: ConfigFile = CONFIG, *, as_json: AsJson = False) -> None:
    """Show a record as all systems should have it, and where it is."""
    from hub.ops.explain import show_entity
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE

    kind = entity_type(entity)
    found = installation(config)
    with found.reader() as reader, reader.snapshot():
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        meant = find_entity(reader, kind, ident)
        data = show_entity(reader, ground, meant)
        if kind.value in ("customer", "order", "ticket"):
            from hub.clock import SystemClock
            from hub.ops.timeline import add_timeline

            add_timeline(data, reader, ground, meant, SystemClock().now())
    today = _today()
    emit("show", data, as_json=as_json, page=lambda out: _show_page(out, data, today))


def _today() -> str:
    from hub.clock import SystemClock, instant

    return instant(SystemClock().now())


def _show_page(out: Console, data: dict[str, Any], today: str) -> None:
    from hub.ops.names import shown

    put_title(out, data)
    last = ""
    rows = []
    for path, value in data["fields"].items():
        name = path.partition("/")[0]
        pinned = "  (pinned)" if path in data["pinned"] else ""
        rows.append((name if name != last or "/" not in path else "", brief(shown(value)) + pinned, ""))
        last = name
    rows += [(path, "not decided: systems differ and you are asked", "yellow") for path in data["not_decided"]]
    rows += [(path, f"{other['name']} ({other['id']})".strip(), "") for path, other in data["refers_to"].items()]
    put_rows(out, rows)
    out.print()
    _records(out, data["records"], today)
    if data.get("stock"):
        from hub.cli.papers import put_stock

        put_stock(out, data["stock"], today)
    if "timeline" in data:
        from hub.cli.papers import put_timeline

        put_timeline(out, data, today)
    if data["also_known_as"]:
        out.print(f"Was also {', '.join(map(str, data['also_known_as']))} (`hub split` takes it apart).", style="dim")


def _records(out: Console, records: list[dict[str, Any]], today: str) -> None:
    table = listing("WHERE", "RECORD", "SINCE", "")
    for one in records:
        gone = one["state"] != "in use"
        notes = ["made there by us" + _approved(one, today)] if one["made_by_us"] else []
        notes += [f"gone since {moment(one['gone_since'], today)}"] if gone else []
        notes += [f"differs in {', '.join(one['differs_in'])}"] if one.get("differs_in") else []
        style = "dim" if gone else "yellow" if one.get("differs_in") else None
        where = f"{one['connection']}/{one['stream']}"
        table.add_row(where, one["external_id"], moment(one["since"], today), "; ".join(notes), style=style)
    if records:
        longest = max(len(one["external_id"]) for one in records)
        table.columns[1].min_width = min(
            40, longest, max(16, out.width - 56)
        )  # the rest of a narrow page is for the other columns
        put(out, table)
    else:
        out.print("No system has it.", style="yellow")


def _approved(one: dict[str, Any], today: str) -> str:
    """Say on whose yes something went out, with which plan; nothing where it needed none."""
    yes = one.get("approved")
    if not yes:
        return ""
    why = f": {yes['why']}" if yes["why"] else ""
    return f", approved by {yes['by']} {moment(yes['at'], today)} (plan {yes['plan']}{why})"


def put_title(out: Console, data: dict[str, Any]) -> None:
    """Print whose page this is."""
    state = "" if data["state"] == "in use" else f" ({data['state']})"
    out.print(f"{data['entity'].replace('_', ' ')} {data['id']}  {data['name']}{state}", style="bold")


def explain(
    entity: Entity,
    ident: Ident,
    field: Annotated[str | None, typer.Argument(help="One field, with its history.")] = None,
    config: ConfigFile = CONFIG,
    *,
    as_json: AsJson = False,
) -> None:
    """Say why a record is as it is: who entered what and when, what it beat, what was last seen where, what waits."""
    from hub.ops.explain import explain_entity
    from hub.ops.find import entity_type, find_entity
    from hub.ops.installation import INSTANCE

    kind = entity_type(entity)
    found = installation(config)
    with found.reader() as reader, reader.snapshot():
        ground = found.ground(reader.flags().get(INSTANCE, ""))
        data = explain_entity(reader, ground, find_entity(reader, kind, ident), field)
    today = _today()
    emit("explain", data, as_json=as_json, page=lambda out: _explain_page(out, data, today, with_history=field is not None))


def _explain_page(out: Console, data: dict[str, Any], today: str, *, with_history: bool) -> None:
    put_title(out, data)
    _records(out, data["records"], today)
    out.print()
    (_side_by_side if is_wide(out) else _one_below_the_other)(out, data, today)
    if data["waiting"]:
        out.print("\nWaiting" if data["entity"] != "inventory_level" else "\nThere", style="bold")
        put_rows(out, [_wait_row(one, today) for one in data["waiting"]])
    if with_history:
        out.print("\nHistory", style="bold")
        put_rows(out, [history_row(entry, today) for entry in data["history"]])
    out.print(f"\nTimes are UTC{'' if with_history else '; name a field to see its history'}.", style="dim")


def _wait_row(one: dict[str, Any], today: str) -> tuple[str, str, str]:
    fields = f" of {', '.join(one['fields'])}" if one["fields"] else ""
    number = f" (number {one['number']} of `hub plan`)" if "waiting for your yes" in one["why"] else ""
    calm = one["what"] == "stock" and "should show" not in one["why"]
    what = f"{one['what']}{fields}: {one['why']}{number}{_approved(one, today)}"
    return one["connection"] or "you", what, "" if calm else "yellow"


def _side_by_side(out: Console, data: dict[str, Any], today: str) -> None:
    table = listing("FIELD", "VALUE", "RULE", "WHERE", "WHAT IS THERE")
    table.columns[1].ratio, table.columns[4].ratio, table.expand = 2, 3, True
    for one in data["fields"]:
        start = (one["field"], brief(one["shown"]), "pinned" if one["pinned"] else one["rule"])
        for where, text, style in _stories(one, today):
            table.add_row(*start, where, _styled(text, style))
            start = ("", "", "")
    put(out, table)


def _styled(text: str, style: str) -> Any:
    from rich.text import Text

    from hub.cli.page import printable

    return Text(printable(text), style=style)


def _one_below_the_other(out: Console, data: dict[str, Any], today: str) -> None:
    for one in data["fields"]:
        table = grid()
        table.add_row(_styled(one["field"], "bold"), _styled(brief(one["shown"]), "bold"))
        put(out, table)
        rule = [] if one["pinned"] else [("rule", one["rule"], "dim")]
        put_rows(out, [*_stories(one, today), *rule])


def _stories(one: dict[str, Any], today: str) -> Iterator[tuple[str, str, str]]:
    """Say for every system what it shows of a field, since when, and what of it did not count: (where, text, style)."""
    if one["pinned"]:
        why = f": {one['pinned']['why']}" if one["pinned"]["why"] else ""
        yield "you", f"pinned by {one['pinned']['by'] or 'an answer'} {moment(one['pinned']['since'], today)}{why}", "cyan"
    beaten = {(lost["connection"], lost["record"]): lost for lost in one["beat"]}
    for seen in one["seen"]:
        lost = beaten.pop((seen["connection"], seen["record"]), None)
        yield seen["connection"], _there(one, seen, today), _style(seen["state"])
        if lost is not None:
            yield "", _unheard(lost, today), "dim"
    for lost in beaten.values():
        yield lost["connection"], _unheard(lost, today), "dim"
    if not one["seen"] and not one["beat"] and not one["pinned"]:
        told = one["entered_there"]
        yield told["connection"], " ".join(word for word in (told["by"], moment(told["at"], today)) if word), ""


def _style(state: str) -> str:
    return "green" if state in PLAIN else "yellow" if state in WAITS else "red" if state in WRONG else ""


def _there(one: dict[str, Any], seen: dict[str, Any], today: str) -> str:
    since = moment(seen["since"], today)
    told = one["entered_there"]
    if seen["state"] == "entered":
        return f"{told['by']}, {moment(told['at'], today)}"
    if seen["state"] == "ours":
        of = f" of {moment(told['at'], today)}" if told["by"] == "entered there" or one["pinned"] else ""
        other = f" as {brief(seen['shown'])}" if seen["shown"] != one["shown"] else ""
        return f"shows our value{of}{other}" + (f", since {since}" if since else "") + _approved(seen, today)
    if seen["state"] == "same":
        return "shows the same" + (f", since {since}" if since else "")
    return f"last seen there: {brief(seen['shown'])}" + (f", since {since}" if since else "") + f"; {seen['is']}"


def _unheard(lost: dict[str, Any], today: str) -> str:
    entered = lost["said"].startswith("entered")
    said = f"entered there {moment(lost['at'], today)}" if entered else "there since the first read"
    return f"instead of {brief(lost['shown'])}, {said}: {lost['why']}"


def history_row(entry: dict[str, Any], today: str, *, named: bool = False) -> tuple[str, str, str]:
    """Return one line of a history: when, what, style. `named`: with the names of the fields, where it is not of one field."""
    from hub.ops.names import shown

    changes = "; ".join(
        (f"{c['field']} " if named else "")
        + f"{brief(shown(c['from']))} -> {brief(shown(c['to']))}"
        + ("" if c["counted"] else " (did not count)")
        for c in entry["changes"]
    )
    by = f" by {entry['by']}" if entry["by"] else ""
    why = f" ({entry['why']})" if entry["why"] else ""
    return moment(entry["at"], today), f"{entry['connection']} {entry['what']}{by}{why}  {changes}".strip(), ""
