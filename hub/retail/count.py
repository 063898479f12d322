"""Physical counts: a checkpoint on which later movements replay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known, Note
from hub.model.ledger import Movement
from hub.model.link import Level, Link
from hub.model.values import Micros
from hub.retail.figures import COUNTED, ON_HAND, pair_of
from hub.retail.ledger import OPENING, balance_of, book, refresh

COUNT: Final = "count"


def on_hand_at(movements: Iterable[Movement], at: Micros) -> int:
    """Return what was on hand right after `at`, by the times at which movements occurred."""
    return sum(movement.delta for movement in movements if movement.quantity == ON_HAND and movement.occurred_at <= at)


def count_level(
    known: Known,
    ground: Ground,
    entity: Entity,
    counted: int,
    occurred_at: Micros,
    recorded_at: Micros,
    movements: Iterable[Movement],
    *,
    link: Link | None = None,
    document: str | None = None,
) -> int:
    """Set on_hand to what was counted at `occurred_at`; what moved later stays on top of it (Rule 7.15). Returns the correction.

    `movements`: all of this level that the store knows. A count opens a level: afterwards it is known what is there. One that is
    older than the newest count or the opening says nothing about today.
    """
    fresh = [each for each in known.movements if (each.variant_id, each.location_id) == pair_of(entity)]
    history = [*movements, *fresh]
    if any(each.reason in (OPENING, COUNT) and each.occurred_at > occurred_at for each in history):
        row = [ON_HAND, None, counted, occurred_at]
        known.notes.append(Note(recorded_at, entity.id, link.id if link is not None else 0, "old count", [row]))
        return 0
    delta = counted - on_hand_at(history, occurred_at)
    balance = balance_of(known, entity)
    if not balance.opened:
        balance.opened = True
        known.opened.append(pair_of(entity))
    book(known, entity, link, delta, COUNT, occurred_at, recorded_at, document=document)
    for each in known.live_links(entity.id):
        each.levels[COUNTED] = Level(counted, occurred_at)
        known.change(each)
    refresh(known, ground, entity, recorded_at, link)
    return delta
