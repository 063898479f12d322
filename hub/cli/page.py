"""How pages look: times, long values, tables that fit the terminal, and nothing in a value that could command it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

    from rich.console import Console
    from rich.table import Table

WIDE: Final = 140
"""From so many columns on, a page shows side by side what it else shows one below the other."""
LONGEST: Final = 400
"""Characters of one value on a page; --json has it whole."""
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_TURNING: Final = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))
"""What turns the direction of all that follows it on a line."""
_HARMLESS: Final = {
    **{code: 0x2400 + code for code in range(0x20) if code not in (0x09, 0x0A)},
    0x7F: 0x2421,
    **dict.fromkeys([*range(0x80, 0xA0), *_TURNING], 0xFFFD),
}


def printable(text: str) -> str:
    """Return a text without characters that command a terminal; they show as signs instead."""
    return text.translate(_HARMLESS)


def brief(text: str) -> str:
    """Return a value on one line, cut where it is very long."""
    line = " ⏎ ".join(text.splitlines()) if "\n" in text or "\r" in text else text
    return line if len(line) <= LONGEST else f"{line[:LONGEST]} ... ({len(text):,} characters)"


def many(number: int, noun: str) -> str:
    """Return `1 record`, `2 records`, `1,000 records`."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def moment(at: str | None, today: str = "") -> str:
    """Return a time as people say it, UTC: `12:04` on `today` (an RFC 3339 time of that day), else with its day."""
    if not at:
        return ""
    day, _, clock = at.partition("T")
    if today and day == today.partition("T")[0]:
        return clock[:5]
    year, month, number = day.split("-")
    return f"{int(number)} {_MONTHS[int(month) - 1]} {year} {clock[:5]}"


def grid() -> Table:
    """Return a table without lines or titles."""
    from rich.table import Table

    return Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)


def listing(*titles: str) -> Table:
    """Return a table with titles, whose cells fold where they do not fit."""
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
    for title in titles:
        table.add_column(title, overflow="fold")
    return table


def put(out: Console, table: Table) -> None:
    """Print a table; what goes into a pipe or a file has no blanks at the ends of its lines."""
    if out.is_terminal:
        out.print(table)
        return
    with out.capture() as captured:
        out.print(table)
    out.file.write("".join(line.rstrip() + "\n" for line in captured.get().splitlines()))


def put_rows(out: Console, rows: Iterable[tuple[str, str, str]], indent: int = 2) -> None:
    """Print (label, text, style) rows below one another, texts aligned and folded beside their labels."""
    table = grid()
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for label, text, style in rows:
        table.add_row(" " * indent + label, text, style=style)
    put(out, table)


def is_wide(out: Console) -> bool:
    """Say whether a page can show things side by side."""
    return out.width >= WIDE
