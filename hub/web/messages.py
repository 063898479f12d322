"""What the hub and its receiver's process say to each other, over a socket that nobody else has.

Down: how to begin, whom to believe, a pulse each second, what was stored, when to end. Up: webhooks that were answered, and what
was counted. Settings travel here and not in an environment or an argument, which others of this machine could read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hub.meters import Sums
from hub.sdk.base import Connector, Hint


@dataclass(frozen=True, slots=True)
class Opening:
    """The first word; a pulse that says whom to believe follows.

    `synchronous`: FULL or NORMAL, as for the store; `json`: how log lines are written.
    """

    spool: Path
    synchronous: str
    public_url: str
    proxies: int
    json: bool


@dataclass(frozen=True, slots=True)
class Believed:
    """A connection: what reads its webhooks, and the settings that this takes."""

    connector: Connector[Any]
    settings: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Pulse:
    """The hub lives. `known`: connection -> whom to believe, None where nothing changed; `holds`: why nothing is taken in."""

    known: Mapping[str, Believed] | None
    holds: frozenset[str]
    well: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """The store has these rows of the spool."""

    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Close:
    """End: let nobody in any more."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A webhook that is in the spool, and was answered so."""

    row: int
    connection: str
    hints: Sequence[Hint]
    forwarded: bool


@dataclass(frozen=True, slots=True)
class Report:
    """What is to be stored next, how many more wait in the spool, and what was counted since the last report."""

    kept: Sequence[Kept]
    waiting: int
    counted: Sums
