"""An edit becomes an own value with a stamp. Nothing else does, but for seeds and births."""

from __future__ import annotations

from hub.model.entity import Entity
from hub.model.link import NOTHING, UNSHOWN, Claim, Standing, Stands
from hub.model.record import Observation
from hub.model.traits import Traits
from hub.model.values import MISSING, Micros, Value
from hub.reconcile.attach import is_derived
from hub.reconcile.compare import version_of


def take_edit(claim: Claim, path: str, value: Value, seen: Observation, traits: Traits, entity: Entity, own: Value) -> bool:
    """Set `held` and `own` (the same but for an element with parts that have no place there).

    Return whether the edit stood on something older than the golden value (then it may be a conflict).

    The stamp is the source's time where the version moved, never later than our receipt, and always beyond the golden value it
    was made on top of: so an edit on top of our value beats it, however wrong that clock is (Rule 2.5).
    """
    golden = entity.golden.get(path)
    record = seen.record
    version = version_of(record, traits)
    moved = version is None or claim.version is None or version > claim.version
    source_time = record.field_times.get(path, record.changed_at) if moved else None
    # Rule 2.31: never later than our receipt; Rule 2.32: which also serves where the version did not move
    at = min(source_time, seen.received_at) if source_time is not None else seen.received_at
    was_shown = golden is not None and golden.version == claim.stands.golden_version and claim.stands.stamp != UNSHOWN
    base = max(claim.stands.stamp, 0)
    if golden is not None and was_shown:
        base = max(base, golden.stamp)
    if claim.own is not MISSING and claim.standing is Standing.EDIT:
        base = max(base, claim.base) if claim.stands == NOTHING or golden is None else base  # it still did not see the winner
        at = max(at, claim.stamp + 1)
    elsewhere = golden is not None and not was_shown and golden.standing is Standing.EDIT
    claim.held, claim.version, claim.seq = value, version, seen.seq
    claim.own, claim.stamp, claim.standing, claim.base = own, max(at, base + 1), Standing.EDIT, base
    claim.stands = NOTHING
    claim.misses = 0
    # Rule 2.28: a conflict iff it stood on something older than the winner
    return elsewhere and golden is not None and golden.value != own


def take_birth(path: str, value: Value, seen: Observation, traits: Traits, born_at: Micros | None) -> Claim:
    """Return the claim of a field first seen: a seed, or an edit stamped with its birth (`born_at`), or empty without a vote."""
    claim = Claim(held=value, version=version_of(seen.record, traits), seq=seen.seq)
    if value is None:
        return claim  # Rule 2.13: only a value once seen can be cleared
    if is_derived(path):
        return claim  # what the hub works out is nobody's own
    claim.own = value
    if born_at is not None:
        claim.stamp, claim.standing = born_at, Standing.EDIT
    else:
        claim.stamp, claim.standing = seen.record.field_times.get(path, 0), Standing.SEED
    return claim


def confirm(claim: Claim, seen: Observation, traits: Traits) -> None:
    """The same value again, in a read that is not older: remember how far it was confirmed."""
    version = version_of(seen.record, traits)
    if version is not None and (claim.version is None or version > claim.version):
        claim.version = version
    claim.seq = max(claim.seq, seen.seq)


def show(claim: Claim, value: Value, seen: Observation, traits: Traits, stands: Stands) -> None:
    """Note what a system shows of our value: `held` is the rendering, `stands` the golden value it renders."""
    claim.held, claim.version, claim.seq = value, version_of(seen.record, traits), seen.seq
    claim.stands, claim.misses, claim.edits, claim.wrote_at = stands, 0, 0, seen.received_at
