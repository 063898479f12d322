"""The golden record is settled again after every change of an own value, and nothing else writes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from hub.config import PolicyKind
from hub.mapping.ground import Ground
from hub.model.entity import Entity, Golden
from hub.model.known import Known, Question
from hub.model.link import Claim, Link, Standing, Stands
from hub.model.review import ReviewKind
from hub.model.values import MISSING, Micros, Value
from hub.reconcile.attach import is_derived
from hub.reconcile.survive import Voter, survive, voters, votes

_new_tuple: Final = tuple.__new__
"""Makes a named tuple in half the time: there is one per link and path."""


def settle(known: Known, ground: Ground, entity: Entity, paths: Iterable[str]) -> list[str]:
    """Recompute these field paths; return those whose value changed. Links that already show it stand for it at once.

    What changes together carries one version: a version names a value of one path, and claims that share it share their header.
    """
    links = known.by_entity.get(entity.id, [])
    changed: list[str] = []
    version = entity.version + 1
    voting = voters(known, ground, links)
    for path in paths:
        if not is_derived(path) and _settle_path(known, ground, entity, voting, path, version):
            changed.append(path)
        golden = entity.golden.get(path)
        if golden is None:
            continue
        for link in links:
            claim = link.claims.get(path)
            if claim is not None and claim.stands.golden_version != golden.version and claim.held is not MISSING:
                _stand(ground, link, path, claim, golden)
    if changed:
        known.touch(entity)
    return changed


def _settle_path(known: Known, ground: Ground, entity: Entity, voting: list[Voter], path: str, version: int) -> bool:
    old = entity.golden.get(path)
    override = entity.overrides.get(path)
    if override is not None:  # Rule 2.27: it pins the field until lifted
        value, stamp, link_id, standing = override.value, override.at, 0, Standing.EDIT
    else:
        stated = votes(voting, path)
        policy = ground.policy(entity.type, path)
        winner = survive(stated, policy)
        if winner is None and stated:  # Rule 2.36: they differ, and a person is asked
            about = f"entity {entity.id} {path}"
            known.questions.append(Question(ReviewKind.ASK, about, entity.id, None, {"field": path}))
            known.agreed.pop(about, None)
        elif policy.kind is PolicyKind.ASK:
            known.agreed[f"entity {entity.id} {path}"] = None
        if winner is None:
            known.changed_entities[entity.id] = entity
            return entity.golden.pop(path, None) is not None
        value, stamp, link_id, standing = winner.value, winner.stamp, winner.link_id, winner.standing
    if old is not None and old.value == value:
        if (old.stamp, old.link_id, old.standing) != (stamp, link_id, standing):
            old.stamp, old.link_id, old.standing = stamp, link_id, standing
            known.changed_entities[entity.id] = entity
        return False
    entity.version = version
    entity.golden[path] = Golden(value, stamp, link_id, version, standing)
    known.changed_entities[entity.id] = entity
    return True


def derive(known: Known, ground: Ground, entity: Entity, values: dict[str, Value], at: Micros) -> list[str]:
    """Set fields that the hub works out itself (`summary.orders`); return those that changed. No system's value votes there."""
    changed = []
    for path, value in values.items():
        old = entity.golden.get(path)
        if value == (old.value if old is not None else None):
            continue
        entity.golden[path] = Golden(value, at, 0, entity.version + 1)
        changed.append(path)
    if changed:
        entity.version += 1
        known.touch(entity)
        for link in known.by_entity.get(entity.id, ()):
            for path in changed:
                claim = link.claims.get(path)
                if claim is not None and claim.held is not MISSING:
                    _stand(ground, link, path, claim, entity.golden[path])
    return changed


def _stand(ground: Ground, link: Link, path: str, claim: Claim, golden: Golden) -> None:
    """Note that a link shows the golden value of a path where what it holds equals that value as written."""
    held = claim.held
    if held == golden.value or held == ground.render(link, path, golden.value):
        claim.stands = _new_tuple(Stands, (golden.version, golden.stamp))  # Rule 2.14: equal to the golden value as written
        claim.misses = 0
