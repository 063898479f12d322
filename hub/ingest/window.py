"""Windows of a poll: where the next one starts, what a page moves, what a complete read concludes. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hub.model.run import CursorRow
from hub.model.values import SECOND, Micros


@dataclass(frozen=True, slots=True)
class Window:
    """What to ask for next: `since` None reads everything."""

    since: Micros | None
    token: str | None
    full: bool


def open_window(cursor: CursorRow, *, incremental: bool, full: bool, seq: int, now: Micros, full_every: Micros = 0) -> CursorRow:
    """Start a window, or go on with the interrupted one. `full_every`: how old a whole read may be (0: any age).

    A whole read that is asked for starts anew unless the interrupted one is whole itself.
    """
    if (cursor.token is not None or cursor.again) and (cursor.full or not full):
        return cursor
    whole = full or not incremental or cursor.since is None or (full_every > 0 and now - cursor.full_at >= full_every)
    fresh = replace(cursor, full=whole, token=None, seen=0, total=None, first_total=None, again=False, high=None)
    return replace(fresh, window_started_seq=seq, window_started_at=now)


def ask(cursor: CursorRow) -> Window:
    """Return what the next page of a window is asked with."""
    return Window(None if cursor.full else cursor.since, cursor.token, cursor.full)


def move(cursor: CursorRow, *, count: int, token: str | None, total: int | None, high: Micros | None) -> CursorRow:
    """Return the cursor after a page is stored. Moves only in the transaction that stores that page (Invariant 1)."""
    top = max((at for at in (cursor.high, high) if at is not None), default=None)
    first = cursor.first_total if cursor.first_total is not None else total
    latest = total if total is not None else cursor.total
    return replace(cursor, seen=cursor.seen + count, token=token, total=latest, first_total=first, high=top)


def is_torn(cursor: CursorRow) -> bool:
    """Say whether what the system holds changed while the window was read, so that a page may have skipped a record.

    Then it is read once more, before anything is concluded from it (Invariant 1, Rule 6.64). The read after which records are
    made there, the first one or the one after a restore, is also read once more where it fell short of the total.
    """
    if cursor.again:
        return False
    fell_short = cursor.full and not cursor.full_at and not is_plausible(cursor)
    return fell_short or cursor.total != cursor.first_total  # Rule 6.64


def read_again(cursor: CursorRow, *, seq: int, now: Micros) -> CursorRow:
    """Return the cursor that reads the same window once more; what it met so far does not count as met."""
    fresh = replace(cursor, token=None, seen=0, total=None, first_total=None, again=True)
    return replace(fresh, window_started_seq=seq, window_started_at=now)


def is_plausible(cursor: CursorRow) -> bool:
    """Say whether a window read what the system said it holds."""
    return cursor.total is None or cursor.seen >= cursor.total


def close_window(cursor: CursorRow, *, overlap_s: float, now: Micros) -> CursorRow:
    """Return the cursor for the next window, which reaches back a little for late commits and coarse clocks."""
    top = cursor.high - int(overlap_s * SECOND) if cursor.high is not None else None
    since = max((at for at in (cursor.since, top) if at is not None), default=None)
    closed = replace(cursor, since=since, token=None, again=False, full_at=now if cursor.full else cursor.full_at)
    if cursor.full and cursor.first_complete_at is None:
        closed = replace(closed, first_complete_at=now, first_complete_seq=cursor.window_started_seq, first_high=cursor.high)
    return closed
