"""Which levels are to be changed where: one open delivery per level, planned from what is known now."""

from __future__ import annotations

from collections.abc import Callable

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
from hub.retail.wanted import due_shift, view

HasYes = Callable[[Delivery, int | None, int | None], bool]
"""Says whether a person said yes to a delivery that brings a level from one figure to another."""


def plan_quantities(known: Known, ground: Ground, now: Micros, has_yes: HasYes) -> tuple[list[Delivery], list[Delivery]]:
    """Look at every touched level again. Returns the deliveries to write and those that are no longer due."""
    keep: list[Delivery] = []
    drop: list[Delivery] = []
    for entity_id in known.touched:
        entity = known.entities[entity_id]
        if entity.type is EntityType.INVENTORY_LEVEL:
            for link in known.by_entity.get(entity_id, ()):
                delivery = _plan_level(known, ground, link, now)
                if delivery is not None:
                    _ask(known, ground, entity, link, delivery, has_yes)
                    keep.append(delivery)
                elif link.id in known.deliveries:
                    drop.append(known.deliveries.pop(link.id))
    return keep, drop


def _plan_level(known: Known, ground: Ground, link: Link, now: Micros) -> Delivery | None:
    """Return the open delivery of a level as it stands now; None: nothing is due."""
    delivery = known.deliveries.get(link.id)
    if link.attempt_id is not None:
        return delivery  # movements wait and are summed
    if due_shift(known, ground, link) is None:
        return None
    if delivery is None:
        ids = (link.connection, link.stream, link.entity_type, link.entity_id, link.id)
        delivery = Delivery(known.next_id("delivery"), DeliveryKind.QUANTITY, *ids, since=now)
        known.deliveries[link.id] = delivery
    elif delivery.aside:
        if known.resolve(link.entity_id).version > delivery.aside:
            delivery.aside, delivery.state, delivery.wait = 0, DeliveryState.DUE, ""
    elif delivery.state is DeliveryState.WAITING and delivery.not_before <= now:
        delivery.state, delivery.wait = DeliveryState.DUE, ""
    return delivery


def _ask(known: Known, ground: Ground, entity: Entity, link: Link, delivery: Delivery, has_yes: HasYes) -> None:
    """Let a delivery wait for a yes to the very change it would make now, or go once it has one."""
    if link.attempt_id is not None:
        return
    part = view(known, ground, entity, link)
    why = asks_for(known, ground, entity, link)
    if why and not has_yes(delivery, part.shown, part.wanted):
        delivery.state, delivery.wait = DeliveryState.ASKING, why
    elif delivery.state is DeliveryState.ASKING:
        delivery.state, delivery.wait = DeliveryState.DUE, ""


def asks_for(known: Known, ground: Ground, entity: Entity, link: Link) -> str:
    """Return why a change of this level waits for a yes: its connection proposes only, or it is the first one (Rule 7.14)."""
    if known.modes.get(link.connection) is not Mode.LIVE:
        return "it proposes only"
    rule = rule_of(known, ground, link.connection, entity)
    met = rule is not None and level_of(link, rule).met
    if met or ground.config.connections[link.connection].start is Start.LIVE:  # Rule 7.14
        return ""
    return "it shows another figure than the one that was opened with"
