"""What moved while nobody remembers: levels after the hub's own store was restored from a backup.

Since the backup each level changed by what moved there and by what we wrote there for the others. The two cannot be told apart,
so the figures of all systems are looked at together: agreeing ones are believed, one that changed alone moved, anything else is
counted by a person. Nothing is booked twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from hub.config import StockRule
from hub.mapping.ground import Ground
from hub.model.entity import Entity
from hub.model.known import Known, Question
from hub.model.link import Link
from hub.model.review import ReviewKind
from hub.model.values import Micros
from hub.retail.figures import counts, figure, level_of, moves, reserved_of, rule_of
from hub.retail.ledger import balance_of, book, refresh
from hub.retail.wanted import shown_by, wanted_of

RESTORED: Final = "restored"


@dataclass(frozen=True, slots=True)
class Part:
    """One system's part: what it shows as for sale, what that means for on_hand, and by how much it changed (None: unknown)."""

    link: Link
    shown: int
    on_hand: int
    changed: int | None


def forget_figures(link: Link, *, unsure: bool) -> None:
    """Prepare a level of a backup: what it shows now is not known; what it showed then is kept, unless nobody is sure of it."""
    for level in link.levels.values():
        level.before = None if unsure else figure(level)
        level.held, level.version, level.changes = None, None, 0
    link.digest = b""


def settle_level(known: Known, ground: Ground, entity: Entity, at: Micros) -> None:
    """Say what the figures of all systems, read again, make of a level. `at` in µs."""
    parts = _parts(known, ground, entity)
    for link in known.live_links(entity.id):
        for level in link.levels.values():
            level.before = None
        known.change(link)
    balance = balance_of(known, entity)
    if not balance.opened or not parts:
        refresh(known, ground, entity, at)
        return
    odd = [part for part in parts if part.changed != 0 and not _shows_what_it_should(known, ground, entity, part)]
    figures = {part.on_hand for part in parts}
    if odd and len(parts) > 1 and len(figures) == 1:
        book(known, entity, odd[0].link, odd[0].on_hand - balance.on_hand, RESTORED, at, at)
    elif len(odd) == 1 and odd[0].changed is not None:
        book(known, entity, odd[0].link, odd[0].changed, "level", at, at)
    elif odd:
        _ask(known, ground, entity, parts)
    refresh(known, ground, entity, at)


def _parts(known: Known, ground: Ground, entity: Entity) -> list[Part]:
    found = []
    for link in known.live_links(entity.id):
        rule = rule_of(known, ground, link.connection, entity) if counts(known, link) else None
        shown = shown_by(link, rule) if rule is not None else None
        if rule is None or shown is None or not moves(known, link, rule):
            continue
        found.append(Part(link, shown, shown + reserved_of(known, ground, entity) + rule.buffer, _changed(link, rule)))
    return found


def _changed(link: Link, rule: StockRule) -> int | None:
    level = level_of(link, rule)
    return None if level.before is None or level.held is None else level.held - level.before


def _shows_what_it_should(known: Known, ground: Ground, entity: Entity, part: Part) -> bool:
    rule = rule_of(known, ground, part.link.connection, entity)
    return rule is not None and part.shown == wanted_of(known, ground, entity, rule)


def _ask(known: Known, ground: Ground, entity: Entity, parts: list[Part]) -> None:
    """Nobody can tell what moved and what we wrote: the level stops until somebody has counted."""
    for part in parts:
        rule = rule_of(known, ground, part.link.connection, entity)
        if rule is not None:
            level_of(part.link, rule).stopped = True
            known.change(part.link)
    detail = {"connection": ", ".join(f"{part.link.connection} shows {part.shown}" for part in parts)}
    known.questions.append(Question(ReviewKind.COUNT, f"level {entity.id} {RESTORED}", entity.id, parts[0].link.id, detail))
