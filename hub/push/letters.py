"""Dead letters of pushes end by themselves once nothing of what they tell is refused any more. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import orjson

from hub.mapping.ground import Ground
from hub.model.entity import EntityState
from hub.model.known import Known
from hub.model.link import Link, LinkKey, LinkState
from hub.model.record import EntityType
from hub.model.run import DeadLetter
from hub.push.due import due_lines

PUSHES = frozenset({"push_refused", "not_writable"})
"""The codes of dead letters that tell of a write."""


def settled_pushes(known: Known, ground: Ground, letters: Iterable[DeadLetter]) -> list[DeadLetter]:
    """Return those of these letters whose value was delivered since, or is no longer due there. What is not loaded stays open."""
    return [one for one in letters if one.code in PUSHES and _is_settled(known, ground, one)]


def _is_settled(known: Known, ground: Ground, letter: DeadLetter) -> bool:
    if letter.external_id:
        link = known.links.get(LinkKey(letter.connection, letter.stream, letter.external_id))
        return link is not None and not _is_open(known, ground, link, letter)
    ident = orjson.loads(letter.raw).get("entity")
    if ident not in known.entities:
        return False
    entity = known.resolve(ident)
    if entity.id not in known.touched:
        return False  # what is due of it was not loaded
    made = [one for one in known.live_links(entity.id) if (one.connection, one.stream) == (letter.connection, letter.stream)]
    if made:
        return not any(_is_open(known, ground, link, letter) for link in made)
    return entity.state is not EntityState.LIVE or (entity.id, letter.connection, letter.stream) not in known.created


def _is_open(known: Known, ground: Ground, link: Link, letter: DeadLetter) -> bool:
    """Say whether something a letter names is still refused, or still to be sent."""
    entity = known.resolve(link.entity_id)
    if link.state is not LinkState.LIVE:
        return False
    if link.entity_type is EntityType.INVENTORY_LEVEL:
        return entity.id not in known.touched or link.id in known.deliveries or link.attempt_id is not None
    due = {line.path for line in due_lines(ground, link, entity)}
    for path in letter.field.split(","):
        claim, golden = link.claims.get(path), entity.golden.get(path)
        if path in due or (claim is not None and golden is not None and claim.aside == golden.version):
            return True
    return False
