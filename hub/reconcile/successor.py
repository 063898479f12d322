"""Whether the id of a link names another record now. Pure."""

from __future__ import annotations

from typing import Final

from hub.model.known import Known
from hub.model.link import Link, LinkState
from hub.model.record import Record
from hub.model.signs import is_forgotten
from hub.model.values import SECOND, Micros

LATER: Final[Micros] = 120 * SECOND
"""A record that says it was born so long after we were told its id is not the one we were told of; clocks may differ by less."""


def is_another(link: Link, record: Record) -> bool:
    """Another birth mark under the same id is another record (Rule 6.17)."""
    return link.birth is not None and record.birth is not None and link.birth != record.birth


def may_be_another(known: Known, link: Link, record: Record) -> bool:
    """Say whether an id names another record, or may: what we made and never read has no birth mark to tell it by.

    Where its system was restored, or may have been, its age tells: then the id may have been given again.
    """
    if is_another(link, record) or link.birth is not None or record.birth is None:
        return is_another(link, record)
    suspected = known.state(link.connection).rewound_at and link.state is LinkState.LIVE
    is_younger = record.created_at is not None and record.created_at > link.linked_at + LATER
    return is_younger and bool(suspected or is_forgotten(known, link))
