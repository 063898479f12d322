"""Notice at the start that config.yaml says something else about whose value counts or what belongs where.

The golden record is a pure function of own values and policies: after a change of these every value is chosen again, in pages,
by `hub.ops.modes.finish_settling`; a flag remembers how far that has come.
"""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from hub.mapping.ground import Ground
from hub.model.record import EntityType
from hub.store.unit import Unit

SETTLING = "settling"
"""The flag that remembers how far all values have been chosen again: `<entity type>/<id>`."""
FROM_THE_START = f"{min(EntityType).value}/0"
_NOTED = "policies"


def note_policies(unit: Unit, ground: Ground) -> bool:
    """Keep what the values in this store were chosen by; where that changed, ask for all to be chosen again and say so."""
    known, present = unit.flags().get(_NOTED), policies_print(ground)
    if known == present:
        return False
    unit.set_flag(_NOTED, present)
    if known is not None:
        unit.set_flag(SETTLING, FROM_THE_START)
    return known is not None


def policies_print(ground: Ground) -> str:
    """Return what the rules of config.yaml come to: the same for the same meaning, never a setting of a system."""
    config = ground.config
    connections = {
        name: [ground.ranks[name], _plain(one.entities), _plain(one.stock), one.locations]
        for name, one in config.connections.items()
    }
    policies = {kind: {path: [rule.kind, rule.order] for path, rule in said.items()} for kind, said in config.policies.items()}
    rules = [policies, connections, config.deletes_from, _plain(config.tags), sorted(ground.summed)]
    body = orjson.dumps(rules, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return blake2b(body, digest_size=16).hexdigest()


def _plain(shapes: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(name): one.model_dump(mode="json") for name, one in shapes.items()}
