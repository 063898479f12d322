"""Load what a batch touches in a few set-based queries, and write what it changed in a few bulk statements."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import orjson

from hub.model.entity import Entity
from hub.model.known import Known, MatchKey, Reread
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.review import Review, ReviewKind
from hub.model.run import CursorRow, DeadLetter, HintRow, JournalEntry
from hub.model.traits import FirstRead
from hub.model.values import Micros
from hub.store.desk import APART
from hub.store.unit import Unit

ACCEPTED = "accepted/"
"""How a flag starts that keeps a person's yes until the record was read again: `accepted/<kind>/<link id>`."""
RESTORING = "restoring"
"""The flag that a restored store carries until every system was read whole since: {"journal": last entry of the backup, ...}."""
RESTORED_AT = "restored_at"
"""The flag that says when a store was last restored from a backup, in µs."""
AGREED = "the systems agree"
"""The answer to a question which value is right that the systems gave themselves."""
_MOOT = frozenset({ReviewKind.ASK, ReviewKind.ACT, ReviewKind.UNKNOWN_CREATE})
"""Questions that may be answered by what is seen."""
LEVEL_KEY = "at"
"""Match key kind of an inventory level: `variant:location`."""


def begin_known(unit: Unit) -> Known:
    """Return an empty working set that knows modes, first reads and every open create."""
    known = Known(unit.next_id)
    known.states = unit.connections()
    known.modes = {name: state.mode for name, state in known.states.items()}
    known.live_count = unit.live_count
    flags = unit.flags()
    known.restoring, known.restored_at = RESTORING in flags, int(flags.get(RESTORED_AT, 0))
    for flag in flags:
        if flag.startswith(ACCEPTED):
            kind, _, link_id = flag.removeprefix(ACCEPTED).partition("/")
            known.accepted.add((ReviewKind(kind), int(link_id)))
    known.first_reads = {key: first_read(cursor) for key, cursor in unit.cursors().items()}
    for attempt in unit.open_creates():  # of every connection: what is planned for an entity depends on creates elsewhere
        known.creates.setdefault((attempt.connection, attempt.stream), []).append(attempt)
        known.attempts[attempt.id] = attempt
    return known


def first_read(cursor: CursorRow) -> FirstRead:
    """Return what a cursor says of the first complete read."""
    return FirstRead(cursor.first_complete_at is not None, cursor.first_complete_at or 0, cursor.first_high)


def load_links(unit: Unit, known: Known, keys: Iterable[LinkKey]) -> None:
    """Load links by their remote names, and everything of their entities."""
    wanted = [key for key in dict.fromkeys(keys) if key not in known.links]
    if not wanted:
        return
    load_entities(unit, known, [link.entity_id for link in unit.links(wanted).values()])


def load_matches(unit: Unit, known: Known, entity: EntityType, keys: Sequence[MatchKey]) -> None:
    """Load who carries these match keys, and everything of those entities."""
    wanted = [key for key in dict.fromkeys(keys) if key not in known.loaded_keys]
    if not wanted:
        return
    known.loaded_keys.update(wanted)
    found = unit.matches(entity, [(kind, value) for _, kind, value in wanted])
    dropped = {(key, link_id) for key, link_id in known.old_keys}
    for key in wanted:
        stored = [pair for pair in found.get((key[1], key[2]), ()) if (key, pair[0]) not in dropped]
        fresh = [pair for pair in known.keys.get(key, ()) if pair not in stored]
        known.keys[key] = stored + fresh
    load_entities(unit, known, [entity_id for pairs in found.values() for _, entity_id in pairs])


def load_levels(unit: Unit, known: Known, pairs: Iterable[tuple[int, int]]) -> None:
    """Load the inventory levels of (variant, location) pairs."""
    wanted = [pair for pair in dict.fromkeys(pairs) if pair not in known.levels and pair not in known.loaded_levels]
    if not wanted:
        return
    known.loaded_levels.update(wanted)
    found = unit.matches(EntityType.INVENTORY_LEVEL, [(LEVEL_KEY, f"{variant}:{location}") for variant, location in wanted])
    load_entities(unit, known, [entity_id for rows in found.values() for _, entity_id in rows])


def load_stock(unit: Unit, known: Known, entity_ids: Iterable[int]) -> None:
    """Load what the levels among these entities stand on: their variants, their locations and their balances."""
    levels = [known.entities[i] for i in entity_ids if known.entities[i].type is EntityType.INVENTORY_LEVEL]
    if not levels:
        return
    load_entities(unit, known, [target for entity in levels for target in entity.refs.values()])
    pairs = [pair for e in levels if (pair := (e.refs["variant"], e.refs["location"])) not in known.balances]
    known.balances.update(unit.balances(pairs))
    known.promised.update(unit.kept(pairs))


def load_entities(unit: Unit, known: Known, ids: Iterable[int]) -> None:
    """Load entities (through merges) with all their links, and the open attempts of those."""
    wanted = [i for i in dict.fromkeys(ids) if i not in known.entities]
    if not wanted:
        return
    fresh: list[Entity] = []
    while wanted:
        found = unit.entities(wanted).values()
        for entity in found:
            _take(known, entity)
        fresh += found
        wanted = [e.alias_of for e in found if e.alias_of is not None and e.alias_of not in known.entities]
    for link in unit.links_of([entity.id for entity in fresh]):
        if link.id not in known.by_id:
            known.add_link(link)
    links = [link for entity in fresh for link in known.by_entity[entity.id]]
    named = {link.attempt_id or link.laid_by for link in links}
    known.attempts.update(unit.attempts(sorted(named - {0} - known.attempts.keys())))


def _take(known: Known, entity: Entity) -> None:
    known.entities[entity.id] = entity
    known.by_entity.setdefault(entity.id, [])
    if entity.type is EntityType.INVENTORY_LEVEL:
        known.levels[entity.refs["variant"], entity.refs["location"]] = entity.id


def load_deliveries(unit: Unit, known: Known, entity_ids: Iterable[int]) -> None:
    """Load the open deliveries of entities and whether a person is asked who they are."""
    ids = list(entity_ids)
    if not ids:
        return
    for delivery in unit.deliveries_of(ids):
        if delivery.link_id is not None:
            known.deliveries.setdefault(delivery.link_id, delivery)
        else:
            known.created.setdefault((delivery.entity_id, delivery.connection, delivery.stream), delivery)
    for review in unit.reviews_of(ids):
        if review.kind == "match" and review.entity_id is not None and review.resolved_at is None:
            known.in_review.add(review.entity_id)
        if review.kind == "match" and review.answer == APART:
            known.apart.add(review.about)


def save_known(unit: Unit, known: Known, at: Micros) -> None:
    """Write everything the batch changed. One commit follows (Invariant 2)."""
    unit.save_entities(known.changed_entities.values())
    unit.save_links(known.changed_links.values())
    if known.new_keys or known.old_keys:
        unit.set_match_keys(
            [(*key, link_id, entity_id) for key, link_id, entity_id in known.new_keys],
            [(*key, link_id, 0) for key, link_id in known.old_keys],
        )
    unit.save_attempts(known.changed_attempts.values())
    for state in known.changed_states.values():
        unit.save_connection(state)
    unit.append_movements(known.movements)
    unit.open_levels(known.opened)
    if known.notes:
        first = unit.next_id("journal", len(known.notes))
        unit.append_journal(
            JournalEntry(first + n, note.at, note.entity_id, note.link_id, note.kind, None, {"changes": note.changes})
            for n, note in enumerate(known.notes)
        )
    for kind, link_id in known.used:
        unit.set_flag(f"{ACCEPTED}{kind.value}/{link_id}", None)
    _save_questions(unit, known, at)
    if known.rereads:
        unit.add_hints([_hint(reread, at) for reread in known.rereads])


def _save_questions(unit: Unit, known: Known, at: Micros) -> None:
    if known.questions:
        first = unit.next_id("review", len(known.questions))
        unit.open_reviews(
            Review(first + n, asked.kind, asked.about, asked.entity_id, asked.link_id, at, asked.detail)
            for n, asked in enumerate(known.questions)
        )
    _end_questions(unit, known, at)
    if known.dead:
        first = unit.next_id("dead", len(known.dead))
        unit.save_dead_letters(
            DeadLetter(
                first + n,
                dead.code,
                dead.reason,
                dead.connection,
                dead.stream,
                dead.external_id,
                orjson.dumps({"attempt": dead.attempt_id, "entity": dead.entity_id}),
                at,
                field=dead.field,
            )
            for n, dead in enumerate(known.dead)
        )


def _end_questions(unit: Unit, known: Known, at: Micros) -> None:
    """Close what nobody has to answer any more; what was asked in this very batch, too."""
    answers = {**dict.fromkeys(known.agreed, AGREED), **known.answered}
    if not answers:
        return
    moot = [review for review in unit.reviews_about(answers) if review.kind in _MOOT]
    for review in moot:
        review.answer, review.resolved_at = answers[review.about], at
    unit.save_reviews(moot)


def _hint(reread: Reread, at: Micros) -> HintRow:
    return HintRow(reread.connection, reread.stream, reread.external_id, at, reread.not_before, reason=reread.reason)
