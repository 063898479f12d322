"""Dead letters that tell of nothing open any more are closed in the very commit that settles them.

In: a unit, a working set that was planned, the records that were understood. Out: letters marked as settled in the unit.
"""

from __future__ import annotations

from collections.abc import Collection

from hub.mapping.ground import Ground
from hub.model.known import Known
from hub.model.link import LinkKey
from hub.model.run import DeadState
from hub.push.due import homes
from hub.push.letters import PUSHES, settled_pushes
from hub.store.unit import Unit


def settle_letters(unit: Unit, known: Known, ground: Ground, taken: Collection[LinkKey]) -> None:
    """Close letters whose record was understood (`taken`), or whose value was delivered since or is no longer due."""
    if not unit.has_dead_letters():
        return
    letters = [letter for key, ids in sorted(_names(known, ground, taken).items()) for letter in unit.dead_letters_of(*key, ids)]
    settled = settled_pushes(known, ground, letters)
    read = [one for one in letters if one.code not in PUSHES]
    settled += [one for one in read if LinkKey(one.connection, one.stream, one.external_id or "") in taken]
    for letter in settled:
        letter.state = DeadState.SETTLED
    unit.save_dead_letters(settled)


def _names(known: Known, ground: Ground, taken: Collection[LinkKey]) -> dict[tuple[str, str], list[str]]:
    """Return (connection, stream) -> external ids to look for; a record that is still to be made has none."""
    names: dict[tuple[str, str], set[str]] = {}
    for key in taken:
        names.setdefault((key.connection, key.stream), set()).add(key.external_id)
    for entity_id in known.touched:
        for link in known.by_entity.get(entity_id, ()):
            names.setdefault((link.connection, link.stream), set()).update((link.external_id, ""))
        for home in homes(ground, known.entities[entity_id].type):
            names.setdefault(home, set()).add("")
    return {key: sorted(ids) for key, ids in names.items()}
