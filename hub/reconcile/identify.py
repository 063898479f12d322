"""Matching: which entity a record not yet linked belongs to (DESIGN section 8). Deterministic until the scored matcher stands."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hub.model.entity import Entity, EntityState
from hub.model.known import Known, MatchKey
from hub.model.link import Link
from hub.model.record import EntityType, Record
from hub.model.values import MISSING, Value

CARRIED_BY_MOST = 3
"""A value carried by more records of one system than this identifies nobody (an office line, a default mail)."""

IDENTIFYING: dict[EntityType, tuple[str, ...]] = {
    EntityType.CUSTOMER: ("email", "phone"),
    EntityType.VARIANT: ("sku", "barcode"),
    EntityType.LOCATION: ("code",),
}


@dataclass(slots=True)
class Match:
    """Whom a record belongs to: an entity, or nobody yet; and the entities it looks like, for a person to say."""

    entity: Entity | None = None
    alike: list[int] = field(default_factory=list)


def match_keys(entity: EntityType, fields: dict[str, Value], given: Sequence[tuple[str, str]] = ()) -> list[MatchKey]:
    """Return the keys a record is found by: its identifying fields, or what its parts lend it (`given`)."""
    found = [(entity, kind, str(value)) for kind, value in given]
    for kind in IDENTIFYING.get(entity, ()):
        value = fields.get(kind)
        if value not in (None, MISSING, ""):
            found.append((entity, kind, str(value).strip().casefold()))
    return found


def held_keys(link: Link, given: Sequence[tuple[str, str]] = ()) -> list[MatchKey]:
    """Return the keys of a linked record, from what it was last seen to hold."""
    held = {kind: link.claims[kind].held for kind in IDENTIFYING.get(link.entity_type, ()) if kind in link.claims}
    return match_keys(link.entity_type, held, given)


def identify(known: Known, connection: str, record: Record, given: Sequence[tuple[str, str]]) -> Match:
    """Find the entity of a record that has no link."""
    match = Match()
    for key in match_keys(record.entity, record.fields, given):
        carriers = known.keys.get(key, [])
        if not carriers or (record.entity is EntityType.CUSTOMER and is_shared(known, carriers)):
            continue
        entities = list(dict.fromkeys(known.resolve(entity_id).id for _, entity_id in carriers))
        live = [known.entities[i] for i in entities if known.entities[i].state is EntityState.LIVE]
        if match.entity is None and len(live) == 1 and _fits(known, connection, record, key[1], live[0]):
            match.entity = live[0]
        else:
            match.alike += [entity.id for entity in live if entity is not match.entity and entity.id not in match.alike]
    return match


def is_shared(known: Known, carriers: Sequence[tuple[int, int]]) -> bool:
    """Say whether too many records of one system carry a value. Somebody who is in many systems, once in each, is one person."""
    links = (known.by_id.get(link_id) for link_id, _ in carriers)
    counts = Counter(link.connection for link in links if link is not None)
    return max(counts.values(), default=0) > CARRIED_BY_MOST


def _fits(known: Known, connection: str, record: Record, kind: str, entity: Entity) -> bool:
    """Say whether a shared key is enough. Customers: the e-mail, and first names that do not contradict."""
    if record.entity is EntityType.CUSTOMER:
        return kind == "email" and not contradict(record.fields.get("given_name"), _golden(entity, "given_name"))
    return not any(  # a SKU used twice in one system is not one variant
        link.connection == connection and link.stream == record.stream for link in known.live_links(entity.id)
    )


def _golden(entity: Entity, path: str) -> Value:
    golden = entity.golden.get(path)
    return golden.value if golden is not None else None


def contradict(one: Value, other: Value) -> bool:
    """Say whether two first names cannot be the same person's. Initials, short forms and accents do not contradict."""
    if one == other:
        return False
    first, second = _plain(one), _plain(other)
    return bool(first and second) and not (first.startswith(second) or second.startswith(first))


def _plain(name: Value) -> str:
    if not isinstance(name, str):
        return ""
    letters = unicodedata.normalize("NFKD", name).casefold()
    return "".join(letter for letter in letters if letter.isalnum())


def could_be(sent: dict[str, Value], record: Record) -> bool:
    """Say whether a record may be what an open create made: an identifying field is equal, or none can be compared."""
    compared = False
    for kind in IDENTIFYING.get(record.entity, ()):
        ours, theirs = sent.get(kind), record.fields.get(kind)
        if ours is None or theirs is None:
            continue
        if str(ours).strip().casefold() == str(theirs).strip().casefold():
            return True
        compared = True
    return not compared
