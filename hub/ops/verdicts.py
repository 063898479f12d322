"""Whether what a store holds agrees with itself: the laws that every commit keeps, looked at from outside."""

from __future__ import annotations

from typing import Final

from hub.clock import instant
from hub.errors import ConfigError
from hub.model.values import Doc
from hub.store import open_reader
from hub.store.store import open_database

LAWS: Final = {
    "a record of a system belongs to nobody": (
        "SELECT count(*) FROM link l WHERE NOT EXISTS (SELECT 1 FROM entity e WHERE e.id = l.entity_id)"
    ),
    "a merged record leads nowhere": (
        "SELECT count(*) FROM entity a WHERE a.alias_of IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM entity e WHERE e.id = a.alias_of)"
    ),
    "stock on hand is not the sum of its movements": (
        "SELECT count(*) FROM balance b WHERE b.on_hand <> (SELECT coalesce(sum(m.delta), 0) FROM movement m "
        "WHERE m.variant_id = b.variant_id AND m.location_id = b.location_id AND m.quantity = 'on_hand')"
    ),
    "a change is due at a record that is not known": (
        "SELECT count(*) FROM delivery d WHERE d.link_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM link l WHERE l.id = d.link_id)"
    ),
    "a record waits for a call that is not there": (
        "SELECT count(*) FROM link l WHERE l.attempt_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM attempt a WHERE a.id = l.attempt_id)"
    ),
}


def look_into(url: str) -> Doc:
    """Return up to when a store knows, how much it holds, and every law that it breaks, in sentences."""
    try:
        with open_reader(url) as reader:
            counts, until = reader.counts(), reader.last_journal_at()
    except ConfigError as error:
        return {"until": None, "entities": 0, "links": 0, "wrong": [error.message.rstrip(".")]}
    db = open_database(url, read_only=True)
    try:
        broken = {says: int(db.rows(sql)[0][0]) for says, sql in LAWS.items()}
    finally:
        db.close()
    return {
        "until": instant(until) if until else None,
        "entities": counts["entities"],
        "links": counts["links"],
        "wrong": [f"{says} ({number} times)" for says, number in broken.items() if number],
    }
