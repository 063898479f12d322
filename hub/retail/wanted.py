"""What a connection should show of a level, what it shows, and the change that is due."""

from __future__ import annotations

from dataclasses import dataclass

from hub.config import Receives, StockRule
from hub.mapping.ground import Ground
from hub.model.entity import Entity, EntityState
from hub.model.known import Known
from hub.model.ledger import Shift
from hub.model.link import Link, LinkState
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.retail.figures import figure, is_untracked, level_of, own_reserved, pair_of, reserved_of, rule_of

STALE_TRIES = 3
"""After so many answers that the expected figure is not there, a figure is set without expecting one."""


@dataclass(frozen=True, slots=True)
class View:
    """One connection's part of a level, in units a customer could buy there. None: unknown.

    `why`: a sentence for people where nothing is sent although the two differ or cannot be compared; else empty.
    """

    connection: str
    link_id: int | None
    shown: int | None
    wanted: int | None
    why: str = ""

    def delta(self) -> int:
        """Return the change that is due, in units; 0: none."""
        if self.why or self.shown is None or self.wanted is None:
            return 0
        return self.wanted - self.shown


def view(known: Known, ground: Ground, entity: Entity, link: Link) -> View:
    """Return what a linked connection shows of a level and what it should show."""
    rule = rule_of(known, ground, link.connection, entity)
    if rule is None:
        return View(link.connection, link.id, None, None, "it takes no part in the stock of this location")
    level = level_of(link, rule)
    shown, wanted = shown_by(link, rule), wanted_of(known, ground, entity, rule)
    why = _why_not(known, ground, entity, link)
    if not why and level.stopped:
        why = "stopped: its changes go round with another sync, a person is asked"
    if not why and shown is None:
        why = "what it shows is not known yet"
    if not why and wanted is None:
        why = "what is on hand is not known yet: the opening count is missing"
    return View(link.connection, link.id, shown, wanted, why)


def views(known: Known, ground: Ground, entity: Entity) -> list[View]:
    """Return every connection's part of a level, those without a level there too."""
    found = [view(known, ground, entity, link) for link in known.live_links(entity.id)]
    seen = {each.connection for each in found}
    for (connection, _), table in sorted(ground.tables.items(), key=lambda item: item[0]):
        if table.entity == EntityType.INVENTORY_LEVEL and connection not in seen:
            rule = rule_of(known, ground, connection, entity)
            if rule is not None:
                wanted = wanted_of(known, ground, entity, rule)
                found.append(View(connection, None, None, wanted, "there is no level there yet"))
    return found


def shown_by(link: Link, rule: StockRule) -> int | None:
    """Return what a connection shows as for sale: its figure, less what it keeps back itself."""
    units, kept = figure(level_of(link, rule)), own_reserved(link, rule)
    return None if units is None or kept is None else units - kept


def wanted_of(known: Known, ground: Ground, entity: Entity, rule: StockRule) -> int | None:
    """Return what a connection should show: on_hand - reserved - buffer, never below 0, which is a rendering (Rules 7.6, 7.12).

    A system that subtracts its own reservations itself gets them on top of its on_hand: that is in `shown_by`.
    """
    balance = known.balances[pair_of(entity)]
    if not balance.opened:
        return None  # Rule 7.2: nothing is delivered while unopened
    free = balance.on_hand - reserved_of(known, ground, entity) - rule.buffer  # Rule 7.6
    return max(0, free)  # Rule 7.12: a rendering


def _why_not(known: Known, ground: Ground, entity: Entity, link: Link) -> str:
    """Return why nothing is ever sent to this link as things stand, or nothing."""
    config = ground.config.connections[link.connection]
    if link.state is not LinkState.LIVE or entity.state is not EntityState.LIVE:
        return "the level is gone there"
    if known.modes.get(link.connection, Mode.OBSERVE) is Mode.OBSERVE:
        return "it is only observed"
    if ground.trait(link.connection, link.stream).adjust is None or config.belonging(entity.type).update == "none":
        return "the hub changes no levels there"
    return "nobody keeps count of this variant" if is_untracked(known, entity) else ""  # Rule 7.11


def due_shift(known: Known, ground: Ground, link: Link) -> Shift | None:
    """Return the one signed change that brings a connection to what it should show, or None (Rule 7.16).

    Deltas are preferred: what others move in the same moment stays. Where a system takes only figures, the figure expected goes
    with it; after three stale answers without, and the answer's own log tells what it overwrote.
    """
    entity = known.resolve(link.entity_id)
    delta = view(known, ground, entity, link).delta()
    rule = rule_of(known, ground, link.connection, entity)
    if not delta or rule is None:
        return None
    quantity = rule.receives.value
    if ground.trait(link.connection, link.stream).deltas:
        return Shift(quantity, delta)  # Rule 7.16: deltas are preferred
    level = level_of(link, rule)
    base = figure(level) if rule.receives is Receives.ON_HAND else shown_by(link, rule)
    assert base is not None, "a change is due only where the figure is known"
    return Shift(quantity, delta, base + delta, base if level.stale < STALE_TRIES else None)  # Rule 7.17
