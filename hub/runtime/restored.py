"""A hub whose own store was restored from a backup: it reads everything before it sends anything, and then looks twice.

Since the backup the world went on, and so did we: people edited, and we wrote copies of their edits elsewhere, made records,
moved levels. None of that is remembered. So: every system is read whole; of values that came up in several systems since the
backup the earliest is the edit and the others are copies; what we made is looked for before it is made again; levels are settled
together (`hub.retail.restored`). What cannot be told is asked. docs/explanation/restores.md says what that leaves open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import orjson

from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, DeliveryKind, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Known, Note, Question
from hub.model.link import Claim, Link, LinkState, Standing
from hub.model.record import EntityType
from hub.model.review import Review, ReviewKind
from hub.model.run import Mode
from hub.model.values import MISSING, SECOND, Micros, Value
from hub.pipeline import replan
from hub.push.attempt import markers_of
from hub.reconcile import settle
from hub.reconcile.attach import is_derived, only_shows
from hub.reconcile.readback import looks_like
from hub.retail import forget_figures, settle_level
from hub.store.known import RESTORED_AT, RESTORING, begin_known, load_deliveries, load_entities, load_stock
from hub.store.unit import Unit

PAGE: Final = 500
KEYS_ON: Final = 1_000_000_000
"""How far the numbers of attempts jump: the keys of those that are not remembered must never be used for anything else."""
LOOKS: Final[Micros] = 7 * 86_400 * SECOND
"""How long after a restore every record is looked for before it is made."""
MAY_BE_DONE: Final = "the store was restored: it may have been done, and undone, since"
"""Why a person is asked about what was asked for before the backup."""
UNLOOKED: Final = "the store was restored: it may be there already"
"""Why a record waits for a yes that cannot be looked for. A person looks there first."""
CAN_BE_FOUND: Final = ("marker", "natural_key")
_ALL: Final = 1_000_000
Fresh = dict[int, set[tuple[int, str]]]
"""Entity -> (link, path) of what was taken for an edit since the backup."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A value and when it was entered."""

    value: Value
    stamp: Micros
    base: Micros


def mark(unit: Unit, now: Micros) -> None:
    """Make a store that was put back from a backup know it: called once, before a hub runs over it."""
    _close_attempts(unit)
    after = 0
    while page := unit.level_links(after=after, limit=PAGE):
        after = page[-1].id
        sending = {delivery.link_id for delivery in unit.deliveries_of([link.entity_id for link in page])}
        for link in page:
            forget_figures(link, unsure=link.owed_read or link.id in sending)
        unit.save_links(page)
    for cursor in unit.cursors().values():
        unit.clear_window(cursor.connection, cursor.stream)
        unit.save_cursor(replace(cursor, full_at=0, token=None, again=False))
    unit.next_id("attempt", KEYS_ON)
    journal = unit.next_id("journal")
    unit.set_flag(RESTORING, orjson.dumps({"journal": journal, "at": journal, "levels": 0}).decode())
    unit.set_flag(RESTORED_AT, str(now))


def _close_attempts(unit: Unit) -> None:
    """What was under way then has long ended, nobody knows how: a read shows it."""
    attempts = unit.open_attempts()
    for attempt in attempts:
        attempt.state, attempt.result = AttemptState.CLOSED, "restored"
    unit.save_attempts(attempts)
    links = unit.links_by_id([attempt.link_id for attempt in attempts if attempt.link_id is not None])
    for link in links.values():
        link.attempt_id, link.digest, link.owed_read = None, b"", True
    unit.save_links(links.values())


def is_restoring(unit: Unit) -> bool:
    """Say whether nothing may be sent yet."""
    return RESTORING in unit.flags()


def unread(unit: Unit, ground: Ground) -> list[str]:
    """Name the connections that are still to be read whole. One that is only observed, or paused by hand, is not waited for."""
    cursors, states = unit.cursors(), unit.connections()
    found = []
    for name in ground.config.connections:
        state = states.get(name)
        if state is not None and (state.mode is Mode.OBSERVE or state.stopped_by):
            continue
        streams = [stream for owner, stream in ground.tables if owner == name and ground.carrier(owner, stream) == stream]
        if any((name, stream) not in cursors or not cursors[name, stream].full_at for stream in streams):
            found.append(name)
    return found


def go_on(unit: Unit, ground: Ground, now: Micros) -> bool:
    """Do the next part of what follows once everything was read; say whether nothing is left, so that sending may begin."""
    said = unit.flags().get(RESTORING)
    if said is None:
        return True
    if unread(unit, ground):
        return False
    place = {"until": unit.next_id("journal"), **orjson.loads(said)}
    entries = [entry for entry in unit.journal_after(place["at"], limit=PAGE) if entry.id < place["until"]]
    if entries:
        _tell_apart(unit, ground, {entry.entity_id for entry in entries}, place["journal"], now)
        unit.set_flag(RESTORING, orjson.dumps({**place, "at": entries[-1].id}).decode())
        return False
    if links := unit.level_links(after=place["levels"], limit=PAGE):
        _settle_levels(unit, ground, links, now)
        unit.set_flag(RESTORING, orjson.dumps({**place, "levels": links[-1].id}).decode())
        return False
    _ask_for_what_nobody_finds(unit, ground)
    _ask_about_acts(unit, now)
    unit.set_flag(RESTORING, None)
    return True


def _tell_apart(unit: Unit, ground: Ground, entity_ids: set[int], journal: int, now: Micros) -> None:
    """Tell edits from copies of ours among everything these entities had said of them since the backup."""
    known = begin_known(unit)
    load_entities(unit, known, entity_ids)
    living = {known.resolve(i).id for i in entity_ids if i in known.entities}
    load_deliveries(unit, known, living)
    fresh: Fresh = {}
    for entry in unit.journal_of({i for one in living for i in (one, *entity_ids)}, limit=_ALL):
        if entry.id > journal and entry.kind in ("edit", "born") and entry.entity_id in known.entities and entry.link_id:
            paths = {(entry.link_id, str(row[0])) for row in entry.body["changes"]}
            fresh.setdefault(known.resolve(entry.entity_id).id, set()).update(paths)
    for entity_id, edited in sorted(fresh.items()):
        _tell_entity(known, ground, known.entities[entity_id], edited, now)
    replan(unit, ground, known, now)


def _tell_entity(known: Known, ground: Ground, entity: Entity, edited: set[tuple[int, str]], now: Micros) -> None:
    if entity.type is EntityType.INVENTORY_LEVEL:
        return
    links = [link for link in known.live_links(entity.id) if not only_shows(link)]
    paths = sorted({path for _, path in edited if not is_derived(path)})
    for path in paths:
        fresh = [link for link in links if (link.id, path) in edited and _is_edit(link.claims.get(path))]
        rest = [link for link in links if link not in fresh]
        originals = _sort_out(known, ground, entity, path, fresh, rest, now)
        if len(originals) > 1:  # two people entered two things, and nobody knows who of them saw the other's
            about, detail = f"entity {entity.id} {path} restored", {"field": path, "restored": True}
            known.questions.append(Question(ReviewKind.ASK, about, entity.id, None, detail))
    settle(known, ground, entity, paths)
    known.touch(entity)


def _is_edit(claim: Claim | None) -> bool:
    return claim is not None and claim.own is not MISSING and claim.standing is Standing.EDIT


def _sort_out(
    known: Known, ground: Ground, entity: Entity, path: str, fresh: list[Link], rest: list[Link], now: Micros
) -> list[Stated]:
    """Return the values that were really entered since the backup. A copy is later than what it is a copy of."""
    sources = _before(entity, path, rest)
    originals: list[Stated] = []
    for link in sorted(fresh, key=lambda link: (link.claims[path].stamp, link.id)):
        claim = link.claims[path]
        source = next((one for one in (*sources, *originals) if _may_show(ground, link, path, one.value, claim.own)), None)
        if source is None:
            originals.append(Stated(claim.own, claim.stamp, claim.base))
            continue
        if claim.own == source.value:
            claim.stamp, claim.base = min(claim.stamp, source.stamp), min(claim.base, source.base)
        else:  # our value in that system's own spelling
            claim.own, claim.stamp, claim.standing, claim.base = MISSING, 0, Standing.SEED, 0
        known.change(link)
        known.notes.append(Note(now, entity.id, link.id, "copy", [[path]]))
    return originals


def _before(entity: Entity, path: str, rest: list[Link]) -> list[Stated]:
    """Return what counted in the backup, which may have been on its way there; and what a person pinned."""
    pinned = entity.overrides.get(path)
    found = [Stated(pinned.value, pinned.at, pinned.at)] if pinned is not None else []
    said = [link.claims[path] for link in rest if path in link.claims and link.claims[path].own is not MISSING]
    newest = max(said, key=lambda claim: (claim.standing, claim.stamp), default=None)
    return found + ([Stated(newest.own, newest.stamp, newest.base)] if newest is not None else [])


def _may_show(ground: Ground, link: Link, path: str, ours: Value, there: Value) -> bool:
    """Say whether a record may show a value of ours: equal, as it is written there, or in that system's own spelling."""
    table = ground.table(link)
    if ours == there or table is None or ours is None or there is None:
        return bool(ours == there)
    return bool(there == ground.render(link, path, ours)) or looks_like(table, path, ours, there)


def _settle_levels(unit: Unit, ground: Ground, links: Sequence[Link], now: Micros) -> None:
    known = begin_known(unit)
    load_entities(unit, known, [link.entity_id for link in links])
    load_deliveries(unit, known, list(known.entities))
    load_stock(unit, known, list(known.entities))
    for entity_id in dict.fromkeys(known.resolve(link.entity_id).id for link in links):
        waits = any(level.before is not None for link in known.live_links(entity_id) for level in link.levels.values())
        if waits:
            settle_level(known, ground, known.entities[entity_id], now)
    replan(unit, ground, known, now)


def _ask_for_what_nobody_finds(unit: Unit, ground: Ground) -> None:
    """What may have been made since the backup and cannot be looked for waits for a yes (Invariant 10).

    So does who looks like somebody who came in since.
    """
    held, since = [], int(unit.flags()[RESTORED_AT])
    asked = [one for one in unit.reviews(limit=_ALL) if one.kind is ReviewKind.MATCH and one.opened_at >= since]
    alike = {int(other) for one in asked for other in one.detail.get("alike", ())}
    for delivery in unit.open_deliveries(limit=_ALL):
        trait = ground.trait(delivery.connection, delivery.stream)
        findable = (trait.marker is not None or trait.create in CAN_BE_FOUND) and delivery.entity_id not in alike
        if delivery.link_id is None and not findable and not delivery.brake:
            delivery.brake, delivery.state, delivery.wait = UNLOOKED, DeliveryState.ASKING, UNLOOKED
            held.append(delivery)
    unit.save_deliveries(held)


def _ask_about_acts(unit: Unit, now: Micros) -> None:
    """What a person had asked for before the backup, and is not so now, is not done again without being asked for again."""
    before = int(unit.flags()[RESTORED_AT])
    acts = [one for one in unit.open_deliveries(limit=_ALL) if one.kind is DeliveryKind.ACT and one.since < before]
    for one in [one for one in acts if not one.aside]:
        one.aside, one.state, one.wait = 1, DeliveryState.WAITING, MAY_BE_DONE
        detail = {"connection": one.connection, "verb": one.act["verb"], "reason": MAY_BE_DONE, "delivery": one.id}
        about = f"delivery {one.id}"
        unit.open_reviews([Review(unit.next_id("review"), ReviewKind.ACT, about, one.entity_id, one.link_id, now, detail)])
    unit.save_deliveries(acts)


def looks_first(unit: Unit, now: Micros) -> bool:
    """Say whether a record is looked for before it is made: the store was restored not long ago."""
    at = unit.flags().get(RESTORED_AT)
    return at is not None and now < int(at) + LOOKS


def markers(unit: Unit, ground: Ground, attempt: Attempt) -> list[str]:
    """Return every marker under which a record may have been made for the entity of an attempt."""
    known = begin_known(unit)
    load_entities(unit, known, [attempt.entity_id])
    entity = known.resolve(attempt.entity_id)
    links = [link for link in known.by_entity[entity.id] if link.state is not LinkState.ENDED]
    return list(dict.fromkeys([*([attempt.marker] if attempt.marker else []), *markers_of(ground.instance, entity, links)]))


def note_marker(unit: Unit, attempt_id: int, marker: str) -> None:
    """Note under which marker a record was found."""
    for attempt in unit.attempts([attempt_id]).values():
        attempt.marker = marker
        unit.save_attempts([attempt])
