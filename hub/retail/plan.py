"""Which levels are to be changed where: one open delivery per level, planned from what is known now."""

from __future__ import annotations

from hub.config import Start
from hub.mapping.ground import Ground
from hub.model.delivery import Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Link
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import Micros
from hub.retail.figures import level_of, rule_of
from hub.retail.wanted import due_shift


def plan_quantities(known: Known, ground: Ground, now: Micros) -> tuple[list[Delivery], list[Delivery]]:
    """Look at every touched level again. Returns the deliveries to write and those that are no longer due."""
    keep: list[Delivery] = []
    drop: list[Delivery] = []
    for entity_id in known.touched:
        entity = known.entities[entity_id]
        if entity.type is EntityType.INVENTORY_LEVEL:
            for link in known.by_entity.get(entity_id, ()):
                _plan_level(known, ground, entity, link, now, keep, drop)
    return keep, drop


def _plan_level(
    known: Known, ground: Ground, entity: Entity, link: Link, now: Micros, keep: list[Delivery], drop: list[Delivery]
) -> None:
    delivery = known.deliveries.get(link.id)
    if link.attempt_id is not None:  # movements wait and are summed
        keep += [delivery] if delivery is not None else []
        return
    if due_shift(known, ground, link) is None:
        drop += [known.deliveries.pop(link.id)] if delivery is not None else []
        return
    if delivery is None:
        ids = (link.connection, link.stream, entity.type, entity.id, link.id)
        delivery = Delivery(known.next_id("delivery"), DeliveryKind.QUANTITY, *ids, since=now)
        known.deliveries[link.id] = delivery
        asks = _asks(known, ground, entity, link)
        delivery.state, delivery.wait = (DeliveryState.ASKING, asks) if asks else (DeliveryState.DUE, "")
    elif delivery.aside:
        if entity.version > delivery.aside:
            delivery.aside, delivery.state, delivery.wait = 0, DeliveryState.DUE, ""
    elif delivery.state is DeliveryState.WAITING and delivery.not_before <= now:
        delivery.state, delivery.wait = DeliveryState.DUE, ""
    keep.append(delivery)


def _asks(known: Known, ground: Ground, entity: Entity, link: Link) -> str:
    """Return why a change of this level waits for a yes: its connection proposes only, or it is the first one (Rule 7.14)."""
    if known.modes.get(link.connection) is not Mode.LIVE:
        return "a yes"
    rule = rule_of(known, ground, link.connection, entity)
    met = rule is not None and level_of(link, rule).met
    if met or ground.config.connections[link.connection].start is Start.LIVE:
        return ""
    return "a yes: it shows another figure than the one that was opened with"
