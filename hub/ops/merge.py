"""Two entities that are one: the older id stays, the younger becomes an alias of it for ever."""

from __future__ import annotations

from dataclasses import replace

from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.entity import Entity, EntityState
from hub.model.known import Known, Note
from hub.model.link import NOTHING, Link
from hub.model.record import EntityType
from hub.model.values import MISSING, Micros, Value
from hub.papers import refile
from hub.pipeline import replan
from hub.reconcile import settle
from hub.reconcile.identify import held_keys
from hub.store import Unit
from hub.store.known import begin_known, load_deliveries, load_entities

WITH_STOCK = frozenset({EntityType.VARIANT, EntityType.LOCATION, EntityType.INVENTORY_LEVEL})
_PAGE = 500


def merge(unit: Unit, ground: Ground, *, keep: int, drop: int, now: Micros) -> None:
    """Make `drop` an alias of `keep`: links move, values are chosen again among all, deliveries follow."""
    known = begin_known(unit)
    load_entities(unit, known, [keep, drop])
    load_deliveries(unit, known, [keep, drop])
    kept, gone = known.entities[keep], known.entities[drop]
    if kept.type in WITH_STOCK:
        raise UsageError(
            f"Two {kept.type.value}s that hold stock cannot be merged here.",
            fix="Make one of them out of date in its system, and let the other take its place.",
        )
    own_golden = _golden_of(kept)
    gone.brought, gone.merged_at = [link.id for link in known.by_entity[drop]], now
    for link in list(known.by_entity[drop]):
        _move(known, link, kept, own_golden, ground)
    gone.state, gone.alias_of, gone.golden = EntityState.MERGED, keep, {}
    known.changed_entities[drop] = gone
    known.by_entity[drop] = []
    _follow(unit, known, drop, keep)
    _move_deliveries(unit, known, drop, kept)
    kept.overrides = {**gone.overrides, **kept.overrides}  # a pin holds until it is lifted
    stated = (path for link in known.by_entity[keep] for path in link.claims)
    settle(known, ground, kept, dict.fromkeys([*kept.golden, *kept.overrides, *stated]))
    known.touch(kept)
    known.notes.append(Note(now, keep, 0, "merged", [["id", drop, keep, now]]))
    refile(unit, known, [keep, drop])
    replan(unit, ground, known, now)


def _golden_of(entity: Entity) -> dict[str, Value]:
    return {path: golden.value for path, golden in entity.golden.items()}


def _move(known: Known, link: Link, kept: Entity, golden: dict[str, Value], ground: Ground) -> None:
    """Give a link to the entity that stays. Its elements get that entity's numbers: those of one natural key become one.

    The versions it knows are those of the entity that goes: they say nothing of the values of the one that stays.
    """
    keys = held_keys(link)
    paths: dict[str, str] = {}
    for name, known_ids in link.elements.items():
        for ours in sorted(set(known_ids.values())):
            path = f"{name}/{ours}"
            claim = link.claims.get(path)
            held = claim.held if claim is not None and claim.held is not MISSING else None
            number = _same_element(ground, link, name, held, golden) or _next_number(kept)
            link.elements[name] = {remote: f"+{number}" if i == ours else i for remote, i in link.elements[name].items()}
            paths[path] = f"{name}/{number}"
            if claim is not None:
                link.claims[f"{name}/+{number}"] = link.claims.pop(path)
        link.elements[name] = {remote: i.removeprefix("+") for remote, i in link.elements[name].items()}
    link.claims = {path.replace("/+", "/"): claim for path, claim in link.claims.items()}
    for claim in link.claims.values():
        claim.stands, claim.aside = NOTHING, 0
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    if attempt is not None:
        attempt.covers = {paths.get(path, path): replace(one, golden_version=0) for path, one in attempt.covers.items()}
        known.changed_attempts[attempt.id] = attempt
    link.entity_id, link.laid_by = kept.id, 0  # what it covers may stand under other names now
    known.by_entity[kept.id].append(link)
    known.change(link)
    known.new_keys += [(key, link.id, kept.id) for key in keys]


def _same_element(ground: Ground, link: Link, name: str, held: Value, golden: dict[str, Value]) -> str | None:
    table = ground.table(link)
    if table is None or not held or name not in table.lists:
        return None
    natural = table.natural_key(name, held)
    taken = {path for path in link.claims if path.startswith(f"{name}/+")}
    for path, value in golden.items():
        number = path.removeprefix(f"{name}/")
        if number != path and value and f"{name}/+{number}" not in taken and table.natural_key(name, value) == natural:
            return number
    return None


def _next_number(kept: Entity) -> str:
    number, kept.next_element = str(kept.next_element), kept.next_element + 1
    return number


def _follow(unit: Unit, known: Known, drop: int, keep: int) -> None:
    """Let what refers to the one that went refer to the one that stays."""
    last = 0
    while page := unit.entities_of_type(EntityType.VARIANT, after=last, limit=_PAGE):
        last = page[-1].id
        moved = [entity for entity in page if drop in entity.refs.values()]
        load_entities(unit, known, [entity.id for entity in moved])
        for entity in (known.entities[entity.id] for entity in moved):
            entity.refs = {name: keep if target == drop else target for name, target in entity.refs.items()}
            known.touch(entity)


def _move_deliveries(unit: Unit, known: Known, drop: int, kept: Entity) -> None:
    moved = [d for d in known.deliveries.values() if d.entity_id == drop]
    for delivery in moved:
        delivery.entity_id = kept.id
    unit.save_deliveries(moved)
    lost = [key for key in known.created if key[0] == drop]
    unit.delete_deliveries([known.created.pop(key).id for key in lost])
