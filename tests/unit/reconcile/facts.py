"""All that a stage knows, one line per fact, so that a story can be told with everything that each of its steps changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING as NO_DEFAULT
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any

from hub.model.values import MISSING, SECOND
from hub.push.due import due_lines, plan_deliveries
from tests.unit.reconcile.stage import Stage

ENTRIES = ("notes", "questions", "rereads", "dead", "new_keys", "old_keys", "used")
MARKS = ("changed_links", "changed_entities", "changed_attempts", "touched", "agreed", "in_review", "accepted")


def tell(stage: Stage) -> list[str]:
    """Plan, and return what is known and what is to be written because of the last step, which is forgotten then."""
    known = stage.known
    told = [f"write {name}: {_say(entry)}" for name in ENTRIES for entry in getattr(known, name)]
    told += [f"write {name}: {_say(sorted(getattr(known, name)))}" for name in MARKS if getattr(known, name)]
    keep, drop = plan_deliveries(known, stage.ground, stage.tick(0))
    told += [f"plan {_say(delivery)}" for delivery in keep] + [f"no more {delivery.id}" for delivery in drop]
    for name in ENTRIES:
        getattr(known, name).clear()
    for name in ("changed_links", "changed_entities", "changed_attempts", "touched", "agreed"):
        getattr(known, name).clear()
    return told + list(_standing(stage))


def _standing(stage: Stage) -> Iterator[str]:
    yield from _links(stage)
    known = stage.known
    for entity in known.entities.values():
        yield f"entity {entity.id}: {_say(entity, 'golden')}"
        for path, golden in sorted(entity.golden.items()):
            yield f"entity {entity.id} {path}: {_say(golden)}"
    yield from (f"attempt {attempt.id}: {_say(attempt)}" for attempt in known.attempts.values())
    yield from (f"connection {name}: {_say(state)}" for name, state in sorted(known.states.items()))
    yield from (f"key {_say(key)}: {carriers}" for key, carriers in sorted(known.keys.items()))


def _links(stage: Stage) -> Iterator[str]:
    known = stage.known
    for key, link in sorted(known.links.items()):
        yield f"link {key.connection}/{key.external_id}: {_say(link, 'claims')}"
        for path, claim in sorted(link.claims.items()):
            yield f"link {key.connection}/{key.external_id} {path}: {_say(claim)}"
        for line in due_lines(stage.ground, link, known.resolve(link.entity_id)):
            yield f"due {key.connection}/{key.external_id}: {_say(line)}"


def _say(thing: Any, *without: str) -> str:
    if isinstance(thing, Enum):
        return str(thing.value)
    if is_dataclass(thing):
        said = [(one, getattr(thing, one.name)) for one in fields(thing) if one.name not in without]
        return " ".join(f"{one.name}={_value(one.name, value)}" for one, value in said if not _is_default(one, value))
    if isinstance(thing, dict):
        return "{" + ", ".join(f"{_say(key)}: {_say(value)}" for key, value in thing.items()) + "}"
    if isinstance(thing, list | tuple):
        return "[" + ", ".join(_say(one) for one in thing) + "]"
    return "nothing" if thing is MISSING else repr(thing)


def _is_default(one: Any, value: Any) -> bool:
    default = one.default_factory() if one.default_factory is not NO_DEFAULT else one.default
    return bool(type(default) is type(value) and default == value)


def _value(name: str, value: Any) -> str:
    is_time = name.endswith(("_at", "_until", "not_before", "stamp")) or name in ("at", "base", "since")
    return f"{value / SECOND:g}s" if is_time and isinstance(value, int) and value > SECOND else _say(value)
