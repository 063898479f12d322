"""What a person sees: a live page on a terminal, plain lines anywhere else, nothing at all where a machine listens."""

from __future__ import annotations

import os
import sys
from collections import deque
from dataclasses import dataclass, field
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from hub.clock import Clock

if TYPE_CHECKING:
    from rich.console import Group
    from rich.live import Live

KEPT: Final = 200
PLAIN_EVERY_S: Final = 2.0
"""How often a line of figures is printed where there is no terminal."""


COLUMNS: Final = ("people", "products", "edits", "orders", "refunds", "tickets", "wrote", "per s")
"""What the page shows per system: what it holds, what people did there, what the hub wrote there."""


@dataclass(slots=True)
class Figures:
    """What the page shows. Lags in seconds; `systems`: name -> the figures under `COLUMNS`."""

    phase: str = "starting"
    elapsed_s: float = 0.0
    systems: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lag_s: tuple[float, float] = (0.0, 0.0)
    """Half and 95 of 100 acts show on the other side within this."""
    under_way: int = 0
    hints: str = ""
    """What keys can be pressed."""


@dataclass
class Screen:
    """A context manager. `say` takes lines, `show` figures."""

    clock: Clock
    quiet: bool = False
    lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT))
    _figures: Figures = field(default_factory=Figures)
    _live: Live | None = None
    _drawn_at: float = -PLAIN_EVERY_S
    _said: int = 0

    def __enter__(self) -> Self:
        if not self.quiet and sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
            from rich.console import Console
            from rich.live import Live

            self._live = Live(console=Console(highlight=False, emoji=False), auto_refresh=False, screen=False, transient=True)
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def say(self, line: str) -> None:
        """Take a line of what happened. Without a terminal only some are printed."""
        self.lines.append(line)
        self._said += 1

    def announce(self, line: str) -> None:
        """Take a line that must be seen."""
        self.say(line)
        if self._live is None and not self.quiet:
            print(line, flush=True)  # noqa: T201 - this is the screen

    def wants(self, every_s: float) -> bool:
        """Say whether it is time to draw again: figures cost time, too."""
        return not self.quiet and self.clock.elapsed() - self._drawn_at >= (every_s if self._live else PLAIN_EVERY_S)

    def show(self, figures: Figures) -> None:
        """Draw."""
        self._drawn_at = self.clock.elapsed()
        self._figures = figures
        if self._live is not None:
            self._live.update(self._page(), refresh=True)
        elif not self.quiet:
            print(_plain(figures, self.lines[-1] if self.lines else ""), flush=True)  # noqa: T201 - this is the screen

    def _page(self) -> Group:
        from rich.console import Group
        from rich.table import Table
        from rich.text import Text

        assert self._live is not None, "only drawn on a terminal"
        size = self._live.console.size
        now = self._figures
        head = Text(no_wrap=True, overflow="ellipsis")
        head.append("Linden & Sons", style="bold")
        head.append(f"   {now.phase}   {now.elapsed_s:.0f} s", style="cyan")
        head.append(f"   {now.hints}", style="dim")
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for name in ("", *COLUMNS):
            table.add_column(name, justify="right" if name else "left", no_wrap=True)
        for system, figures in now.systems.items():
            table.add_row(system, *figures)
        lag = Text(no_wrap=True, overflow="ellipsis")
        if any(now.lag_s):
            lag.append(f"shows on the other side after {now.lag_s[0]:.1f} s (95 of 100: {now.lag_s[1]:.1f} s)   ")
        lag.append(f"under way: {now.under_way:,}", style="yellow" if now.under_way > 100 else "")
        room = max(3, size.height - 9)
        story = [Text(line, no_wrap=True, overflow="ellipsis", style=_style(line)) for line in list(self.lines)[-room:]]
        return Group(head, table, lag, Text(""), *story)


def _style(line: str) -> str:
    if " sold " in line or " orders " in line:
        return "green"
    if " back" in line or " asks: " in line:
        return "cyan"
    return "magenta" if "put right" in line else "" if " -> " in line else "dim"


def _plain(now: Figures, line: str) -> str:
    sums = [0, 0, 0, 0, 0]
    for row in now.systems.values():
        for place, text in enumerate(row[2:7]):
            sums[place] += int(text.replace(",", "")) if text else 0
    edits, orders, refunds, tickets, wrote = sums
    figures = (
        f"[{now.elapsed_s:5.1f} s] {edits} edits, {orders} orders, {refunds} refunds, {tickets} tickets, hub wrote {wrote:,}, "
        f"under way {now.under_way:,}"
    )
    return f"{figures}\n          {line[:70]}" if line else figures
