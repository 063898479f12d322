"""How far long work is: on a terminal only, on the line that is there, beside what the command prints."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


@contextmanager
def told(what: str) -> Iterator[Callable[[int, int], None]]:
    """Return what is called with how much is done and how much there is (0: nobody knows); the line is gone afterwards."""
    terminal = sys.stderr.isatty()
    last = ""

    def tell(done: int, of: int) -> None:
        nonlocal last
        said = f"{what}: {done / of:.0%}" if of else f"{what}: {done:,}"
        if terminal and said != last:
            sys.stderr.write(f"\r{said:<40}")
            sys.stderr.flush()
            last = said

    try:
        yield tell
    finally:
        if terminal and last:
            sys.stderr.write("\r" + " " * 40 + "\r")
            sys.stderr.flush()
