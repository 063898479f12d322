"""Two that were taken for one: each half gets its records back, and its values are chosen among its own again."""

from __future__ import annotations

from collections.abc import Sequence

import orjson

from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import AttemptState
from hub.model.entity import Entity, EntityState
from hub.model.known import Known, Note
from hub.model.link import Link, LinkKey, Standing
from hub.model.review import Review, ReviewKind
from hub.model.values import MISSING, Doc, Micros
from hub.ops.merge import WITH_STOCK
from hub.ops.office import Office
from hub.papers import refile
from hub.pipeline import replan
from hub.push.due import writes
from hub.reconcile import candidates, settle
from hub.reconcile.identify import held_keys
from hub.store import Unit
from hub.store.desk import APART
from hub.store.known import begin_known, load_deliveries, load_entities


def split(office: Office, entity_id: int, records: Sequence[str] = ()) -> Doc:
    """Take apart what is two. Returns {"kept": id, "split": id, "records": ["till/customers/7", ...]}: what went to `split`.

    Without `records` a merge is undone: `entity_id` is the one that was merged away, or the one that stayed if only one was.
    With `records` (connection/stream/external id) these leave `entity_id` for an entity of their own, however they came together.
    Values, consent and addresses are chosen again in each half among what its own systems said; what we copied from one to the
    other is taken back. The two are kept apart from then on. Raises UsageError where there is nothing to take apart.
    """

    def work(unit: Unit) -> Doc:
        return split_entity(unit, office.ground, entity_id, records, office.clock.now())

    done = office.write(work)
    office.wake()
    return done


def split_entity(unit: Unit, ground: Ground, entity_id: int, records: Sequence[str], now: Micros) -> Doc:
    """Do the work of `split` inside a unit."""
    known = begin_known(unit)
    load_entities(unit, known, [entity_id])
    if entity_id not in known.entities:
        raise UsageError(f"There is nothing with the number {entity_id}.", fix="See `hub show`.")
    kept = known.resolve(entity_id)
    if kept.type in WITH_STOCK:
        raise UsageError(
            f"A {kept.type.value} holds stock and cannot be taken apart here.",
            fix="Give one of them another SKU or code in its system.",
        )
    load_deliveries(unit, known, [kept.id])
    half, leaving = _named(known, kept, records) if records else _merged(unit, known, kept, entity_id)
    if len({link.id for link in leaving}) == len(known.by_entity[kept.id]):
        raise UsageError("Nothing would stay: these are all its records.", fix="Name fewer of them.")
    _part(unit, known, kept, half, leaving)
    for one in (kept, half):
        _refuse_copies(known, one)
    _move_parts(unit, known, ground, kept, half, leaving)
    for one in (kept, half):
        _settle_half(known, ground, one, now)
        known.notes.append(Note(now, one.id, 0, "split", [["id", kept.id, half.id, now]]))
    about = "/".join(str(i) for i in sorted((kept.id, half.id)))
    apart = Review(unit.next_id("review"), ReviewKind.MATCH, about, half.id, None, now, {"alike": [kept.id]}, now, APART)
    unit.save_reviews([apart])
    refile(unit, known, [kept.id, half.id])
    replan(unit, ground, known, now)
    names = [f"{link.connection}/{link.stream}/{link.external_id}" for link in leaving]
    return {"kept": kept.id, "split": half.id, "records": names}


def _named(known: Known, kept: Entity, records: Sequence[str]) -> tuple[Entity, list[Link]]:
    """Return a new entity and the records named for it."""
    leaving = []
    for name in dict.fromkeys(records):
        connection, _, rest = name.partition("/")
        stream, _, external_id = rest.partition("/")
        link = known.links.get(LinkKey(connection, stream, external_id))
        if link is None or link.entity_id != kept.id:
            there = ", ".join(f"{one.connection}/{one.stream}/{one.external_id}" for one in known.by_entity[kept.id])
            raise UsageError(f"`{name}` is no record of {kept.type.value} {kept.id}.", fix=f"It has {there}.")
        leaving.append(link)
    half = Entity(known.next_id("entity"), kept.type, refs=dict(kept.refs), born_at=kept.born_at)
    known.add_entity(half)
    return half, leaving


def _merged(unit: Unit, known: Known, kept: Entity, entity_id: int) -> tuple[Entity, list[Link]]:
    """Return the entity that a merge made an alias, and its records: those it brought, and later ones like them."""
    aliases = [entity_id] if entity_id != kept.id else unit.aliases_of([kept.id])
    if len(aliases) != 1:
        which = ", ".join(str(i) for i in aliases)
        text = f"Several were merged into {kept.id}." if aliases else f"Nothing was merged into {kept.id}."
        fix = f"Say which: {which}." if aliases else "Name the records that are somebody else's."
        raise UsageError(text, fix=fix)
    half = known.entities.get(aliases[0]) or unit.entities(aliases)[aliases[0]]
    brought = [link for link in known.by_entity[kept.id] if link.id in half.brought]
    stayed = [link for link in known.by_entity[kept.id] if link.id not in half.brought and link.linked_at <= half.merged_at]
    theirs = {key for link in stayed for key in held_keys(link)}
    ours = {key for link in brought for key in held_keys(link)} - theirs
    later = [link for link in known.by_entity[kept.id] if link.linked_at > half.merged_at and ours & set(held_keys(link))]
    later = [link for link in later if link not in brought and not theirs & set(held_keys(link))]
    if not brought:
        raise UsageError(f"No record of {half.id} is left in {kept.id}.", fix="Name the records that are somebody else's.")
    half.state, half.alias_of, half.brought, half.merged_at = EntityState.LIVE, None, [], 0
    known.add_entity(half)
    return half, brought + later


def _part(unit: Unit, known: Known, kept: Entity, half: Entity, leaving: Sequence[Link]) -> None:
    """Move records with what hangs on them. Elements keep their numbers; no version of one half means anything in the other."""
    half.version, half.next_element = kept.version, kept.next_element
    gone = {link.id for link in leaving}
    known.by_entity[kept.id] = [link for link in known.by_entity[kept.id] if link.id not in gone]
    known.by_entity[half.id] = list(leaving)
    for link in leaving:
        link.entity_id, link.laid_by = half.id, 0
        known.change(link)
        attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
        if attempt is not None and attempt.state is not AttemptState.CLOSED:
            attempt.entity_id = half.id
            known.changed_attempts[attempt.id] = attempt
    moved = [known.deliveries[link.id] for link in leaving if link.id in known.deliveries]
    for delivery in moved:
        delivery.entity_id = half.id
    unit.save_deliveries(moved)
    unit.move_match_keys(sorted(gone), half.id)


def _refuse_copies(known: Known, half: Entity) -> None:
    """A half in which nobody ever said anything is our own doing: taking our values back would leave an empty record."""
    if all(claim.own is MISSING for link in known.by_entity[half.id] for claim in link.claims.values()):
        raise UsageError("One half would be nothing but copies that we made.", fix="Delete them in their system instead.")


def _move_parts(unit: Unit, known: Known, ground: Ground, kept: Entity, half: Entity, leaving: Sequence[Link]) -> None:
    """What stands in the records that left, and in no others, belongs to their half from now on: a product's variants."""
    bodies = unit.raws([link.id for link in leaving])
    inside: set[LinkKey] = set()
    for link in leaving:
        table = ground.table(link)
        if table is not None and table.parts and link.id in bodies:
            inside |= {LinkKey(link.connection, *part) for part in table.part_ids(orjson.loads(bodies[link.id]))}
    ids = [link.entity_id for link in unit.links(inside).values()]
    load_entities(unit, known, ids)
    for part in {known.resolve(i).id: known.resolve(i) for i in ids}.values():
        names = {LinkKey(link.connection, link.stream, link.external_id) for link in known.live_links(part.id)}
        if names <= inside and kept.id in part.refs.values():
            part.refs = {name: half.id if target == kept.id else target for name, target in part.refs.items()}
            known.touch(part)


def _settle_half(known: Known, ground: Ground, entity: Entity, now: Micros) -> None:
    """Choose every value again among what the half's own systems said; a copy that nobody here said is taken back."""
    links = known.by_entity[entity.id]
    paths = list(dict.fromkeys([*entity.golden, *entity.overrides, *(path for link in links for path in link.claims)]))
    for path in paths:
        if path in entity.overrides or candidates(known, ground, links, path):
            continue
        for link in known.live_links(entity.id):
            _take_back(ground, link, entity, path, now)
    settle(known, ground, entity, paths)
    known.touch(entity)


def _take_back(ground: Ground, link: Link, entity: Entity, path: str, now: Micros) -> None:
    claim, table = link.claims.get(path), ground.table(link)
    if claim is None or table is None or claim.own is not MISSING or claim.held in (MISSING, None):
        return
    if writes(table, link, entity, path, claim.held):  # a login we once made stays what it is
        claim.own, claim.stamp, claim.standing = None, now, Standing.SEED  # Rule 2.41
