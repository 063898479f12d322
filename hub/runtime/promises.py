"""Let go of what was kept back for orders that nobody fetched in time."""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.values import Micros
from hub.pipeline import replan
from hub.retail import keep_back
from hub.store.known import begin_known, load_entities, load_levels, load_stock
from hub.store.unit import Unit

LIMIT = 100


def let_go(unit: Unit, ground: Ground, now: Micros) -> int:
    """Free the units of orders whose time is over; return how many shares that were."""
    late = unit.shares_past(now, LIMIT)
    if not late:
        return 0
    known = begin_known(unit)
    pairs = [(share.variant_id, share.location_id) for share in late]
    load_entities(unit, known, [each for pair in pairs for each in pair])
    load_levels(unit, known, pairs)
    load_stock(unit, known, [level.id for pair in pairs if (level := known.level_of(*pair)) is not None])
    for share in late:
        keep_back(known, ground, share, known.level_of(share.variant_id, share.location_id), 0, now)  # Rule 7.25
    unit.save_shares(late)
    replan(unit, ground, known, now)
    return len(late)
