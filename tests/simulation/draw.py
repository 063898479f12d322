"""Worlds drawn from a seed, and what makes them calmer or wilder."""

from __future__ import annotations

import random
from dataclasses import replace

from hub.sdk.base import VersionKind
from tests.simulation.habits import roll
from tests.simulation.office import NOT_RESTORED, RESTORED, Policy
from tests.simulation.shelving import draw_places
from tests.simulation.transport import stormy
from tests.simulation.world import CALM, RemoteSpec, WorldSpec


def draw(seed: int, *, papers: bool = True) -> WorldSpec:
    """Draw a world. `papers`: about every second one has documents; without, those are the same worlds but for them."""
    rng = random.Random(f"world {seed}")
    names = ("shop", "till", "crm")[: rng.choice((2, 2, 3))]
    storm = rng.choice((0.0, 0.03, 0.08, 0.2))
    remotes = tuple(RemoteSpec(name, roll(rng), stormy(rng, storm) if storm else CALM, rng.random() < 0.7) for name in names)
    doors = ("commit before", "commit after", "leaves", "reply", "signal")
    crashes = tuple((rng.choice(doors), rng.randrange(1, 400)) for _ in range(rng.choice((0, 0, 1, 3))))
    jumps = tuple((rng.uniform(0, 20), rng.choice((-30.0, -2.0, 5.0, 0.0))) for _ in range(rng.choice((0, 0, 1, 2))))
    kinds = {"note": rng.choice(("newest", "newest", "prefer", "owner")), "consents": rng.choice(("newest", "most_restrictive"))}
    ranks = tuple(rng.sample(names, len(names)))
    policies = {
        "note": Policy(kinds["note"], {"prefer": ranks, "owner": ranks[:1]}.get(kinds["note"], ())),
        "consents.email": Policy(kinds["consents"]),
        "consents.sms": Policy(kinds["consents"]),
    }
    spec = WorldSpec(
        seed, remotes, policies, rng.randrange(2, 6), rng.choice((1, 2, 3)), 20.0, rng.choice((8.0, 20.0, 60.0)),
        rng.random() < 0.5, crashes, tuple(sorted(jumps)), stock=seed % 3 == 0, operated=rng.random() < 0.6,
    )  # fmt: skip
    spec = replace(spec, places=draw_places(names, seed)) if spec.stock and seed % 2 else spec
    if papers and random.Random(f"papers of {seed}").random() < 0.65:
        spec = filed(spec)
    chance = random.Random(f"admin {seed}")
    return chance.choices((spec, restored(spec), purged(spec, by_mistake=chance.random() < 0.5)), (70, 16, 14))[0]


def filed(spec: WorldSpec) -> WorldSpec:
    """Return a world with documents; there no id is given again, for whose document would it be that names one?"""
    habits = (replace(remote.habits, reissues_ids=False) for remote in spec.remotes)
    return replace(spec, papers=True, remotes=tuple(replace(r, habits=h) for r, h in zip(spec.remotes, habits, strict=True)))


def restored(spec: WorldSpec) -> WorldSpec:
    """Return a world whose first remote, one with a counter, is restored from a backup.

    Calmer than others: every change moves the counter, only the restore gives ids again, nothing is deleted, stock lies at one
    location, and there are no documents (a backup of these is not simulated).
    """
    first = replace(spec.remotes[0].habits, version=VersionKind.COUNTER, reissues_ids=False, ignores=(), silent=())
    remotes = (replace(spec.remotes[0], habits=first), *spec.remotes[1:])
    says = random.Random(f"restore {spec.seed}").choice((RESTORED, NOT_RESTORED, NOT_RESTORED)) if spec.operated else RESTORED
    says = says if first.answers == "full" else RESTORED  # whose birth was never shown cannot be told from who took its id
    calmer = replace(spec, remotes=remotes, deletes=False, places=(), papers=False, pace_s=8.0, purges="")
    return replace(calmer, restores=remotes[0].name, restored_says=says)


def purged(spec: WorldSpec, *, by_mistake: bool) -> WorldSpec:
    """Return a world in which an admin deletes much of the first remote at once; `by_mistake`: and undoes it after a while."""
    first = replace(spec.remotes[0].habits, reissues_ids=False)
    remotes = (replace(spec.remotes[0], habits=first), *spec.remotes[1:])
    changed = replace(spec, remotes=remotes, people=14, deletes=False, papers=False)
    return replace(changed, purges=remotes[0].name, restores="", by_mistake=by_mistake)


def calm(spec: WorldSpec) -> WorldSpec:
    """Return the same world without faults, crashes and lies."""
    return replace(spec, remotes=tuple(replace(r, weather=CALM) for r in spec.remotes), crashes=(), jumps=())
