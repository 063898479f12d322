"""The ledger of one level: movements in, balance and golden figures out."""

from __future__ import annotations

from typing import Final

from hub.config import Missing
from hub.mapping.ground import Ground
from hub.model.entity import Entity, Golden
from hub.model.known import Known, Note
from hub.model.ledger import Balance, Movement
from hub.model.link import Level, Link, Standing
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import Micros, Value
from hub.retail.figures import (
    AVAILABLE,
    ON_HAND,
    RESERVED,
    counts,
    figure,
    level_of,
    opener_of,
    pair_of,
    reserved_of,
    rule_of,
)
from hub.retail.wanted import view

OPENING: Final = "opening"


def balance_of(known: Known, entity: Entity) -> Balance:
    """Return the balance of a level. It was loaded with the batch; a missing one is a bug."""
    return known.balances[pair_of(entity)]


def book(
    known: Known,
    entity: Entity,
    link: Link | None,
    delta: int,
    reason: str,
    occurred_at: Micros,
    recorded_at: Micros,
    *,
    seq: int = 0,
    document: str | None = None,
    told: str = "",
) -> Movement:
    """Append a movement of on_hand and move the balance with it: they are never changed apart (Invariant 11, Rule 7.1).

    `told`: the reason in the words of people, for the journal.
    """
    variant_id, location_id = pair_of(entity)
    movement = Movement(
        known.next_id("movement"),
        variant_id,
        location_id,
        link.id if link is not None else None,
        link.connection if link is not None else "",
        ON_HAND,
        delta,
        occurred_at,
        recorded_at,
        seq,
        reason,
        document,
    )
    known.movements.append(movement)
    balance = balance_of(known, entity)
    row = [ON_HAND, balance.on_hand, balance.on_hand + delta, delta, told or reason]
    balance.on_hand += delta  # Rule 7.1: a balance is the sum of its movements
    known.notes.append(Note(recorded_at, entity.id, link.id if link is not None else 0, "movement", [row]))
    return movement


def refresh(known: Known, ground: Ground, entity: Entity, at: Micros, link: Link | None = None) -> None:
    """Bring the figures of a level in line after anything it depends on changed. `link`: whose news it was; `at` in µs.

    Available is unknown, not 0, while unopened (Rule 7.2). Buffers belong to connections and are no part of it.
    """
    open_level(known, ground, entity, at)
    balance = balance_of(known, entity)
    reserved = reserved_of(known, ground, entity)
    _show(known, entity, ON_HAND, balance.on_hand if balance.opened else None, at, link)
    _show(known, entity, RESERVED, reserved, at, link)
    _show(known, entity, AVAILABLE, balance.on_hand - reserved if balance.opened else None, at, link)
    for each in known.live_links(entity.id):
        shown = view(known, ground, entity, each)
        rule = rule_of(known, ground, each.connection, entity)
        if rule is not None and balance.opened and shown.shown is not None and shown.shown == shown.wanted:
            level = level_of(each, rule)
            if not level.met:
                level.met = True
                known.change(each)
    known.touch(entity)


def open_level(known: Known, ground: Ground, entity: Entity, at: Micros) -> None:
    """Let the one opening connection say what is on hand at first, with what it was last seen to hold (Rule 7.2)."""
    balance = balance_of(known, entity)
    opener = opener_of(known, ground, entity) if not balance.opened else None
    if opener is None or known.modes.get(opener, Mode.OBSERVE) is Mode.OBSERVE:
        return  # Rule 7.20: neither what it shows nor what it lacks counts while it is only observed
    rule = rule_of(known, ground, opener, entity)
    assert rule is not None, "an opener has a rule"
    links = [link for link in known.live_links(entity.id) if link.connection == opener and counts(known, link)]
    link = next((each for each in links if figure(level_of(each, rule)) is not None), None)
    units = figure(level_of(link, rule)) if link is not None else None
    if units is None and not links and rule.missing is Missing.ZERO and _was_read(known, ground, opener):
        units = 0  # Rule 7.10: a level that is not there is nothing, where the connection declares it so
    if units is None:
        return
    balance.opened = True
    known.opened.append(pair_of(entity))
    book(known, entity, link, units, OPENING, at, at)
    if link is not None:
        level_of(link, rule).met = True
        known.change(link)


def _was_read(known: Known, ground: Ground, connection: str) -> bool:
    """Say whether the levels of a connection were read whole once."""
    tables = {key: table for key, table in ground.tables.items() if key[0] == connection}
    streams = [key for key, table in tables.items() if table.entity == EntityType.INVENTORY_LEVEL]
    return any(known.first_reads[key].complete for key in streams if key in known.first_reads)


def _show(known: Known, entity: Entity, path: str, value: Value, at: Micros, link: Link | None) -> None:
    old = entity.golden.get(path)
    if old is not None and old.value == value:
        return
    entity.version += 1
    link_id = link.id if link is not None else old.link_id if old is not None else 0
    entity.golden[path] = Golden(value, at, link_id, entity.version, Standing.EDIT)
    known.changed_entities[entity.id] = entity


def release(known: Known, ground: Ground, entity: Entity, at: Micros) -> None:
    """Go on with a level that was stopped: a person looked at it."""
    for link in known.live_links(entity.id):
        for level in link.levels.values():
            _unstop(known, link, level)
    refresh(known, ground, entity, at)


def _unstop(known: Known, link: Link, level: Level) -> None:
    if level.stopped or level.echoes:
        level.stopped, level.echoes = False, 0
        known.change(link)
