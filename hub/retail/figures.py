"""What a level says and which rule reads it: figures of a record, the rule of its location, what a connection shows."""

from __future__ import annotations

from typing import Final

from hub.config import MovesBy, Reports, StockRule
from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Level, Link, LinkState
from hub.model.record import EntityType, Record
from hub.model.run import Mode
from hub.model.values import MISSING

ON_HAND: Final = "on_hand"
AVAILABLE: Final = "available"
RESERVED: Final = "reserved"
CHECK: Final = "check"
"""The level whose `held` is what a connection with `moves_by: documents` shows beside what we expect there."""
COUNTED: Final = "counted"
"""The level whose `version` is the time of the last physical count: what occurred up to then is in it."""
BEFORE_COUNT: Final = "before the count"
FIGURES: Final = (ON_HAND, AVAILABLE, RESERVED)
MOVING: Final = (ON_HAND, AVAILABLE)

Pair = tuple[int, int]
"""(variant id, location id)."""


def pair_of(entity: Entity) -> Pair:
    """Return the variant and the location of an inventory level."""
    return entity.refs["variant"], entity.refs["location"]


def figures_of(record: Record) -> dict[str, int]:
    """Return the figures a record states, in units. A negative one is taken as it is (Rule 7.12)."""
    return {name: int(record.fields[name]) for name in FIGURES if record.fields.get(name) is not None}


def rule_of(known: Known, ground: Ground, connection: str, entity: Entity) -> StockRule | None:
    """Return how a connection takes part in the stock of a level's location; None: it does not."""
    config = ground.config.connections.get(connection)
    if config is None:
        return None
    return config.stock_rule(code_of(known, entity))


def code_of(known: Known, entity: Entity) -> str | None:
    """Return the retailer's code of a level's location."""
    return code_at(known, entity.refs["location"])


def code_at(known: Known, location_id: int) -> str | None:
    """Return the retailer's code of a location; also where nobody votes on it yet, since it is configured."""
    location = known.resolve(location_id)
    golden = location.golden.get("code")
    if golden is not None:
        return str(golden.value)
    claims = [link.claims["code"] for link in known.live_links(location.id) if "code" in link.claims]
    return next((str(claim.held) for claim in claims if claim.held not in (MISSING, None)), None)


def tracked(link: Link, rule: StockRule) -> str:
    """Return the figure whose changes are movements; where a system shows only one, it is that one (Rule 7.3)."""
    name, other = (AVAILABLE, ON_HAND) if rule.reports is Reports.AVAILABLE else (ON_HAND, AVAILABLE)
    return other if name not in link.levels and other in link.levels else name  # Rule 7.3


def level_of(link: Link, rule: StockRule) -> Level:
    """Return the quantity side of a link under its rule; an unknown one where it never showed a figure."""
    return link.levels.setdefault(tracked(link, rule), Level())


def figure(level: Level | None) -> int | None:
    """Return what a level shows now: what was last seen, and our confirmed changes since. None: unknown."""
    return None if level is None or level.held is None else level.held + level.changes


def own_reserved(link: Link, rule: StockRule) -> int | None:
    """Return what a connection keeps back itself, in units: 0 where it does not report both figures, None where unknown."""
    if rule.reports is not Reports.BOTH:
        return 0
    level = link.levels.get(RESERVED)
    if level is not None and level.held is not None:
        return level.held
    on_hand, available = figure(link.levels.get(ON_HAND)), figure(link.levels.get(AVAILABLE))
    return None if on_hand is None or available is None else on_hand - available


def counts(known: Known, link: Link) -> bool:
    """Say whether what a connection tells moves anything: one that is only observed, or gone, does not (Rule 7.20)."""
    return link.state is LinkState.LIVE and known.modes.get(link.connection, Mode.OBSERVE) is not Mode.OBSERVE


def moves(known: Known, link: Link, rule: StockRule) -> bool:
    """Say whether a change of this level is a movement. With `documents` it is only a check (Rule 7.5)."""
    return counts(known, link) and rule.moves_by is MovesBy.LEVELS


def reserved_of(known: Known, ground: Ground, entity: Entity) -> int:
    """Return what is reserved of a level: what its connections report, and what documents keep back (Rules 7.4, 7.23)."""
    total = known.promised.get(pair_of(entity), 0)  # Rule 7.23: the hub's own
    for link in known.by_entity.get(entity.id, ()):
        rule = rule_of(known, ground, link.connection, entity) if counts(known, link) else None
        if rule is not None:
            total += own_reserved(link, rule) or 0  # Rule 7.4: reservations are states, summed
    return total


def opener_of(known: Known, ground: Ground, entity: Entity) -> str | None:
    """Return the one connection that opens the location of a level."""
    names = sorted(ground.config.connections)
    rules = {name: rule_of(known, ground, name, entity) for name in names}
    return next((name for name, rule in rules.items() if rule is not None and rule.opening), None)


def is_untracked(known: Known, entity: Entity) -> bool:
    """Say whether nobody keeps count of a level's variant (Rule 7.11)."""
    variant = known.resolve(entity.refs["variant"])
    tracked_there = variant.golden.get("tracked")
    return variant.type is EntityType.VARIANT and tracked_there is not None and tracked_there.value is False
