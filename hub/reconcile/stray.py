"""A write of ours that came to another record than it was meant for: its id had been given to somebody else meanwhile."""

from __future__ import annotations

from collections.abc import Iterator

from hub.mapping.ground import Ground
from hub.model.delivery import Attempt
from hub.model.known import Known
from hub.model.link import NOTHING, Claim, Link, Standing
from hub.model.values import MISSING, Micros
from hub.reconcile.golden import settle
from hub.reconcile.readback import looks_like

GUARDED = "compare_and_set"


def take_back(known: Known, ground: Ground, attempt: Attempt, link: Link, other: Link, at: Micros) -> None:
    """Let nobody have said what a write for `link` left in `other`; it is taken back there.

    Where the write expected a value, that value was there and is what `other` said.
    """
    guarded = ground.trait(link.connection, link.stream).update == GUARDED
    changed = []
    for path, claim in _left_there(ground, attempt, other):
        before = link.claims[path].held if guarded and path in link.claims else None
        if before is None or before is MISSING:
            claim.own, claim.stamp, claim.standing = None, at, Standing.SEED  # Rule 2.43
        else:
            claim.own = before  # Rule 2.43
        claim.stands = NOTHING
        changed.append(path)
    if changed:
        known.change(other)
        settle(known, ground, known.resolve(other.entity_id), changed)
        known.touch(known.resolve(other.entity_id))


def _left_there(ground: Ground, attempt: Attempt, other: Link) -> Iterator[tuple[str, Claim]]:
    """Yield the claims of a record that show what an attempt sent; elements have other ids there."""
    table = ground.table(other)
    for path, cover in attempt.covers.items():
        name, slash, _ = path.partition("/")
        is_element = bool(slash) and table is not None and name in table.lists and not table.lists[name].is_set
        for shown, claim in other.claims.items():
            if shown != path and not (is_element and shown.startswith(f"{name}/")):
                continue
            if claim.held in (MISSING, None) or cover.sent is None or claim.own is MISSING:
                continue
            rendered = claim.held in (cover.sent, ground.render(other, path, cover.sent))
            if rendered or (table is not None and looks_like(table, path, cover.sent, claim.held)):
                yield shown, claim
