"""Links and claims: what each system was last seen to hold, and what originated there.

A link ties one remote record to one entity. Its claims are the hub's whole memory of that record, one per field path:
`given_name`, `custom.size`, `consent.email_marketing`, or `addresses/7` for element 7 of a list (its value is the element's
dict, or None once removed). Only `own` values vote; `held` is only ever set by something that was read.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from typing import Final, NamedTuple

from hub.model.record import EntityType
from hub.model.values import MISSING, Micros, Missing, Value


class Standing(IntEnum):
    """How much an own value weighs. Higher beats lower before any clock is asked."""

    SEED = 0  # was there when the connection was first read: nobody edited it in our sight
    EDIT = 1  # somebody changed it where we could see


class Stands(NamedTuple):
    """Which golden value a held value renders: the golden version of that field, and its stamp."""

    golden_version: int
    stamp: Micros


NOTHING = Stands(0, 0)
"""Stands for no golden value: it is to be compared, and delivered to if it differs."""
UNSHOWN: Final = -1
"""The stamp of a golden value that a system took and does not show: nobody there can have seen it."""


@dataclass(slots=True)
class Claim:
    """One field of one remote record.

    `version` is the counter or `changed_at` (µs) that `held` carried, None where the system has neither.
    `seq` is the sequence number of the read that set or confirmed `held`.
    `base` is the stamp of the golden value that `own` was made on top of: two edits are concurrent iff neither base reaches the
    other's stamp.
    `misses` counts how often the system did not keep our value since it last did.
    `aside` is the golden version which the system refused for this field alone; 0 if none.
    `edits` and `wrote_at` watch for a system that rewrites our value (two edits within an hour of our own write).
    """

    held: Value | Missing = MISSING
    version: int | None = None
    seq: int = 0
    own: Value | Missing = MISSING
    stamp: Micros = 0
    standing: Standing = Standing.SEED
    base: Micros = 0
    stands: Stands = NOTHING
    misses: int = 0
    aside: int = 0
    edits: int = 0
    wrote_at: Micros = 0


class LinkState(StrEnum):
    """Whether a link still ties its record to its entity."""

    LIVE = "live"
    ENDED = "ended"  # deleted there, unlinked, or its connection ended; kept, its own values are departed
    LOST = "lost"  # its system was restored to before it: its own values stand, and it may be made there again


@dataclass(slots=True)
class Level:
    """The quantity side of an inventory level's link (DESIGN section 7). Units, signed.

    `held` is what was last accepted as seen; `changes` the sum of our confirmed changes since. None: unknown.
    `met`: it showed what it should at least once, so a difference is news and not that of its opening.
    `wrote`, `wrote_at`: our last confirmed change and when its end was known. `stale`: how often in a row the figure that a write
    expected was not there. `echoes`: links of a chain in which movements repeat our own changes; `stopped`: a person is asked.
    `before`: what it showed in the backup from which the hub was restored, until it is known what came of it since.
    """

    held: int | None = None
    version: int | None = None
    seq: int = 0
    changes: int = 0
    met: bool = False
    wrote: int = 0
    wrote_at: Micros = 0
    stale: int = 0
    echoes: int = 0
    stopped: bool = False
    before: int | None = None


@dataclass(slots=True)
class Link:
    """(connection, stream, external id) <-> entity, with the claims of that record.

    `linked_at` dates its seeds; `ended_at` (0: live) makes its own values departed: they keep their stamp but lose to anything
    that a living system states after it.
    `fence_seq`: reads sent with a number up to this one are not compared; they were on their way while an attempt was open.
    `quiet_until`: for comparisons that rest on the order of reads alone, reads sent before this time are not compared.
    `owed_read`: a read was not compared; the next attempt waits until one was.
    `suspect_version`/`suspect_at`: a lower version was seen; asked again after `visible_after_s` before it counts.
    `epoch`: that of its connection when it was last compared.
    """

    id: int
    connection: str
    stream: str
    external_id: str
    entity_type: EntityType
    entity_id: int
    state: LinkState = LinkState.LIVE
    birth: str | None = None
    by_hub: bool = False
    linked_at: Micros = 0
    ended_at: Micros = 0
    claims: dict[str, Claim] = field(default_factory=dict)
    elements: dict[str, dict[str, str]] = field(default_factory=dict)
    levels: dict[str, Level] = field(default_factory=dict)
    refs: dict[str, str] = field(default_factory=dict)
    version: int | None = None
    changed_at: Micros | None = None
    digest: bytes = b""
    mapping: str = ""
    fence_seq: int = 0
    quiet_until: Micros = 0
    owed_read: bool = False
    attempt_id: int | None = None
    suspect_version: int | None = None
    suspect_at: Micros = 0
    epoch: int = 0
    laid_by: int = 0
    """The last write there, whose result was not seen before the record went; 0: none."""


class LinkKey(NamedTuple):
    """What names a remote record."""

    connection: str
    stream: str
    external_id: str
