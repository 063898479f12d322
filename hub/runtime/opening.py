"""Open what a location's opener turned out not to have, once it was read whole."""

from __future__ import annotations

from typing import Final

from hub.config import Missing
from hub.mapping.ground import Ground
from hub.model.record import EntityType
from hub.model.values import Micros
from hub.pipeline import replan
from hub.retail import refresh
from hub.store.known import begin_known, load_entities, load_stock
from hub.store.unit import Unit

PAGE: Final = 500


def open_missing(unit: Unit, ground: Ground, connection: str, stream: str, now: Micros) -> None:
    """Look again at every level where the first whole read of a stream of levels may have told that nothing is there.

    Others may have been read before, and nothing of theirs need ever change: without this nobody would look at them again.
    """
    rules = ground.config.connections[connection].stock.values()
    opens = any(rule.opening and rule.missing is Missing.ZERO for rule in rules)
    if not opens or ground.tables[connection, stream].entity != EntityType.INVENTORY_LEVEL:
        return
    last = 0
    while page := unit.entities_of_type(EntityType.INVENTORY_LEVEL, after=last, limit=PAGE):
        last = page[-1].id
        known = begin_known(unit)
        load_entities(unit, known, [entity.id for entity in page])
        load_stock(unit, known, [entity.id for entity in page])
        waiting = [entity for entity in page if not known.balances[entity.refs["variant"], entity.refs["location"]].opened]
        for entity in waiting:
            refresh(known, ground, known.entities[entity.id], now)
        replan(unit, ground, known, now)
