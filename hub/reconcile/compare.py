"""Compare what a read states with what was last seen held: edit, confirmation, superseded, rollback, or too early to tell."""

from __future__ import annotations

from enum import Enum, auto

from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.link import Claim, Link
from hub.model.record import Observation, Record
from hub.model.traits import Ordering, Traits


class Order(Enum):
    """Where a read stands against the one that set a held value."""

    LATER = auto()
    SAME = auto()  # same counter: another value is a rollback
    OLDER = auto()
    EARLY = auto()  # only the order of reads could tell, and this read may still show the state before


def version_of(record: Record, traits: Traits) -> int | None:
    """Return what orders the states of a record: its counter, its source time, or nothing."""
    if traits.ordering is Ordering.COUNTER:
        return record.version
    return record.changed_at if traits.ordering is Ordering.CHANGED_AT else None


def is_behind(link: Link, seen: Observation, ground: Ground) -> bool:
    """Say whether a read shows an earlier state than the last one compared: nothing in it is an edit, and nothing was emptied."""
    traits = ground.trait(link.connection, link.stream)
    version = version_of(seen.record, traits)
    last = link.version if traits.ordering is Ordering.COUNTER else link.changed_at
    return version is not None and last is not None and version < last


def is_silent(table: Mapping | None, path: str) -> bool:
    """Say whether a path changes without moving the version."""
    if table is None:
        return False
    name, _, element = path.partition("/")
    line = table.lists.get(name) if element else table.fields.get(path)
    return line.silent if line is not None else False


def order(claim: Claim, link: Link, seen: Observation, traits: Traits, *, silent: bool) -> Order:
    """Say whether a read is later than the one that set `claim.held` (Rule 2.3)."""
    version = version_of(seen.record, traits)
    if version is not None and claim.version is not None:
        if version > claim.version:  # Rule 2.29: per field, since payloads may be partial
            return Order.LATER
        if version < claim.version:
            return Order.OLDER
        if traits.ordering is Ordering.COUNTER and not silent:
            return Order.SAME  # Rule 2.7; Rule 2.30: a silent field changes without moving it
    if seen.seq <= claim.seq:
        return Order.OLDER
    if seen.sent_at < link.quiet_until:  # Rule 2.4: where reads lag, wait after every change seen
        return Order.EARLY
    return Order.LATER
