"""What a record that only shows something refers to there, as a deal to its contact. Pure.

No field: nobody chooses it, and people's changes do not count. It follows the entity: a create may have come to nothing after its
first call, and the customer of a guest's order may become known later.
"""

from __future__ import annotations

from hub.mapping.ground import Ground
from hub.model.entity import Entity, Golden
from hub.model.known import Known
from hub.model.link import Claim, Link, LinkKey
from hub.model.record import PARENTS
from hub.model.values import Micros, Value

PATIENCE = 3
"""So often a reference is written; where it does not show then, the system does not keep it."""


def due_references(known: Known, ground: Ground, entity: Entity, link: Link) -> dict[str, Link]:
    """Return name -> the record that a link should refer to and, as far as it was read, does not.

    The parent of a document, in which it stands, is not moved; a reference to what has no record there is left as it is.
    """
    table = ground.table(link)
    if table is None or not table.projection or not link.by_hub:
        return {}
    found = {}
    for name, ref in table.refs.items():
        target = entity.refs.get(name)
        if target is None or ref.path is None or name == PARENTS.get(entity.type):
            continue
        there = [one for one in known.live_links(target) if (one.connection, one.stream) == (link.connection, ref.stream)]
        shown, claim = link.refs.get(name), link.claims.get(name)
        if not there or shown in {f"{one.stream}/{one.external_id}" for one in there}:
            continue
        if claim is None or claim.aside != there[0].id:
            found[name] = there[0]  # Rule 6.56
    return found


def shown_reference(link: Link, name: str) -> Value:
    """Return the external id of what a record refers to there, as it was last read."""
    return link.refs[name].partition("/")[2] if name in link.refs else None


def try_reference(known: Known, ground: Ground, link: Link, name: str, wanted: Value, now: Micros) -> tuple[Golden, str]:
    """Return what an attempt covers of a reference, versioned by the record it names, and why it is not written any more."""
    ref = ground.tables[link.connection, link.stream].refs[name]
    there = known.links[LinkKey(link.connection, ref.stream, str(wanted))]
    claim = link.claims.setdefault(name, Claim())
    claim.misses += 1
    return Golden(wanted, now, 0, there.id), "" if claim.misses <= PATIENCE else "it is written and not kept"
