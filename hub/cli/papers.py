"""How a timeline of orders, refunds, tickets and messages looks on a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from hub.cli.page import brief, listing, moment, put, put_rows

if TYPE_CHECKING:
    from rich.console import Console

INSIDE: Final = frozenset({"payment", "fulfilment", "refund", "return", "message"})
"""What stands below the order or ticket it belongs to."""
_AGES: Final = ((86_400, "d"), (3_600, "h"), (60, "min"))


def put_timeline(out: Console, data: dict[str, Any], today: str) -> None:
    """Print what happened, oldest first: when, how long ago, what, its state, and the system it lives in."""
    for words in data["wrong"]:
        out.print(f"Something is wrong with its money: {words}.", style="yellow")
    for one in data["asked"]:
        out.print(f"To {one['verb']} it in {one['connection']} was asked for by {one['by']}: {one['why']}.", style="yellow")
    for words in data["odd"]:
        out.print(f"Look at this: {words}.", style="yellow")
    put_rows(out, [_effect_row(one, today) for one in data.get("stock_effect", ())])
    lines = data["timeline"]
    if not lines:
        return
    out.print("\nWhat happened", style="bold")
    table = listing("WHEN", "AGO", "WHAT", "STATE", "", "LIVES IN", "SHOWN IN")
    for line in lines:
        name = " ".join(word for word in (line["what"], line["number"]) if word)
        indented = f"  {name}" if line["what"] in INSIDE else name
        shown_in = ", ".join(dict.fromkeys(place["connection"] for place in line["shown_in"]))
        state = (line["state"] or "").replace("_", " ")
        style = "dim" if line["what"] in INSIDE else None
        text = brief(line["text"])
        table.add_row(
            moment(line["at"], today), ago(line["age_s"]), indented, state, text, line["system_of_record"], shown_in, style=style
        )
    put(out, table)


def put_stock(out: Console, stock: list[dict[str, Any]], today: str) -> None:
    """Print what lies where, and for which orders some of it is kept back."""
    out.print("\nStock", style="bold")
    rows = []
    for one in stock:
        known = one["on_hand"] is not None
        figures = f"{one['on_hand']:,} on hand, {one['reserved'] or 0:,} reserved, {one['available']:,} free" if known else ""
        rows.append((one["name"], figures or "not known: the opening count is missing", "" if known else "yellow"))
        rows += [("", _kept_words(kept, today), "dim") for kept in one["kept"]]
    put_rows(out, rows)


def _kept_words(kept: dict[str, Any], today: str) -> str:
    until = f" until {moment(kept['until'], today)}" if kept["until"] else ""
    order = f"order {kept['order']}" if kept["order"] else "an order"
    return f"{kept['units']:,} kept for {order} of {kept['connection']}{until}"


def _effect_row(one: dict[str, Any], today: str) -> tuple[str, str, str]:
    """Say what a line of an order did to the stock."""
    name = f"{one['quantity']} x {one['sku'] or one['title'] or '?'}"
    if one["kept"] and one["delta"] is None:
        return name, f"{one['kept']:,} kept back for it", ""
    if one["delta"] is None:
        return name, "no movement of stock was reported for it", "dim"
    return name, f"stock {one['delta']:+,} at location {one['location']}, {moment(one['at'], today)}", ""


def ago(age_s: int) -> str:
    """Return an age as people say it: `3 d`, `5 h`, `12 min`, `40 s`."""
    return next((f"{age_s // unit:,} {name}" for unit, name in _AGES if age_s >= unit), f"{age_s} s")
