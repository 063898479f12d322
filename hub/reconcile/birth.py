"""The first claims of a record. A new entity's golden record follows from its one link at once: nothing else can win there."""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.link import Claim, Link, Standing, Stands
from hub.model.record import Observation
from hub.model.run import Mode
from hub.model.traits import Traits
from hub.model.values import Micros, Value
from hub.reconcile.attach import is_derived
from hub.reconcile.compare import version_of
from hub.reconcile.golden import settle


def give_birth(
    known: Known,
    ground: Ground,
    link: Link,
    entity: Entity,
    stated: dict[str, Value],
    seen: Observation,
    traits: Traits,
    born_at: Micros | None,
) -> list[list[Value]]:
    """Make the claims of a new link from what its record states, and settle. Returns the rows for the journal."""
    alone = not (entity.golden or entity.overrides or len(known.by_entity[entity.id]) > 1)
    rows = _first_claims(known, link, entity, stated, seen, traits, born_at, alone=alone)
    if not alone:
        settle(known, ground, entity, stated)
    return rows


def _first_claims(
    known: Known,
    link: Link,
    entity: Entity,
    stated: dict[str, Value],
    seen: Observation,
    traits: Traits,
    born_at: Micros | None,
    *,
    alone: bool,
) -> list[list[Value]]:
    """Make what `take_birth` makes of every statement, in one pass.

    `alone`: one link and no golden value yet, so this is what `settle` comes to as well (Invariant 6).
    """
    version, seq, link_id = version_of(seen.record, traits), seen.seq, link.id
    times = seen.record.field_times
    standing = Standing.SEED if born_at is None else Standing.EDIT
    wins = alone and known.modes.get(link.connection) is not Mode.OBSERVE  # Rule 6.15
    golden_version = entity.version + 1
    stands: dict[Micros, Stands] = {}
    claims, golden, rows = link.claims, entity.golden, []
    for path, value in stated.items():
        if is_derived(path):
            claims[path] = Claim(value, version, seq)
            continue
        if value is None:
            claims[path] = Claim(None, version, seq)  # Rule 2.13: only a value once seen can be cleared
            continue
        stamp = times.get(path, 0) if born_at is None else born_at
        rows.append([path, None, value, stamp])
        if not wins:
            claims[path] = Claim(value, version, seq, value, stamp, standing)
            continue
        stand = stands.get(stamp)
        if stand is None:
            stand = stands[stamp] = Stands(golden_version, stamp)
        claims[path] = Claim(value, version, seq, value, stamp, standing, 0, stand)  # Rule 2.14
        golden[path] = Golden(value, stamp, link_id, golden_version, standing)
    if alone and golden:
        entity.version = golden_version
        known.changed_entities[entity.id] = entity
    return rows
