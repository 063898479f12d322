"""How a batch takes an inventory level in: it is placed like any record, and its figures go to the ledger."""

from __future__ import annotations

from dataclasses import replace

from hub.mapping.ground import Ground
from hub.model.known import Known
from hub.model.link import LinkKey, LinkState
from hub.model.record import EntityType, Gone, Observation
from hub.model.review import Fate
from hub.reconcile import Ruling, observe
from hub.retail import follow_level, lose_level, meet_level
from hub.store.known import load_stock
from hub.store.unit import Unit


def is_level(seen: Observation) -> bool:
    """Say whether a record is a figure of a shelf."""
    return seen.record.entity is EntityType.INVENTORY_LEVEL


def level_pair(known: Known, seen: Observation) -> tuple[int, int] | None:
    """Return the (variant, location) that a level is of; None where one of them is not known yet."""
    found = []
    for name in ("variant", "location"):
        ref = seen.record.refs.get(name)
        link = known.links.get(LinkKey(seen.connection, ref.stream, ref.external_id)) if ref is not None else None
        if link is None:
            return None
        found.append(known.resolve(link.entity_id).id)
    return found[0], found[1]


def judge_level(unit: Unit, ground: Ground, known: Known, seen: Observation) -> Ruling:
    """Place a level; its figures are no claims but go to the ledger."""
    key = LinkKey(seen.connection, seen.record.stream, seen.record.external_id)
    link = known.links.get(key)
    if any(seen.record.refs.get(name) is None for name in ("variant", "location")):
        return Ruling(Fate.SKIPPED, "it names no variant or no location")
    is_other = link is not None and None not in (link.birth, seen.record.birth) and link.birth != seen.record.birth
    if link is not None and link.state is LinkState.LIVE and not is_other:
        return Ruling(follow_level(known, ground, link, seen))
    if is_other and link is not None and link.state is LinkState.LIVE and not known.state(link.connection).rewound_at:
        lose_level(known, ground, link, Gone(*key, seen.seq, seen.sent_at, seen.received_at))
    ruling = observe(known, ground, replace(seen, record=replace(seen.record, fields={})))
    link = known.links.get(key)
    if ruling.fate is Fate.APPLIED and link is not None:
        load_stock(unit, known, [link.entity_id])
        meet_level(known, ground, link, seen)
    return ruling
