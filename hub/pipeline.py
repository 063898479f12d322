"""The one place that knows the order: absorb(batch) = normalise -> load -> reconcile -> plan -> commit.

In: raw records, "gone", outcomes of our own attempts, in the order in which they are to be judged; a unit of the store.
Out: counts of how every record ended (Invariant 3). Everything is written by the unit's single commit (Invariant 2).
Law: `absorb(a + b)` leaves the same store as `absorb(a); absorb(b)`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import orjson

from hub.errors import RecordRefused
from hub.letters import settle_letters
from hub.mapping.ground import Ground
from hub.model.absorbed import Absorbed as Absorbed
from hub.model.delivery import DeliveryKind
from hub.model.known import Known, Reread
from hub.model.link import LinkKey
from hub.model.outcome import Outcome
from hub.model.record import Drift, EntityType, Gone, Observation, RawRecord
from hub.model.review import Fate
from hub.model.run import DeadLetter, Waiting
from hub.model.values import SECOND, Doc, Micros
from hub.normalise import digest_of, normalise
from hub.papers import file_papers, load_papers
from hub.push.adjust import has_yes
from hub.push.due import plan_deliveries
from hub.reconcile import Ruling, apply_outcome, observe, observe_gone
from hub.reconcile.identify import match_keys
from hub.reconcile.steps import jumps
from hub.reconcile.successor import may_be_another
from hub.retail import apply_shift, lose_level, plan_quantities
from hub.sales import file_sales
from hub.shelves import is_level, judge_level, level_pair
from hub.store.known import (
    begin_known,
    load_deliveries,
    load_entities,
    load_levels,
    load_links,
    load_matches,
    load_stock,
    save_known,
)
from hub.store.unit import Unit

Item = RawRecord | Gone | Outcome

WAIT: Micros = 600 * SECOND
"""How long a record waits for what it refers to before it is fetched again, and then set aside."""


@dataclass(slots=True)
class _Mapped:
    """One raw record on its way: its bytes, and its observations once mapped, each with the document it was read from."""

    raw: RawRecord
    body: bytes
    seen: list[Observation] = field(default_factory=list)
    docs: list[Doc] = field(default_factory=list)


@dataclass(slots=True)
class _Batch:
    unit: Unit
    ground: Ground
    known: Known
    now: Micros
    done: Absorbed = field(default_factory=Absorbed)
    drift: dict[str, list[Drift]] = field(default_factory=dict)
    raws: dict[int, bytes] = field(default_factory=dict)
    dead: list[DeadLetter] = field(default_factory=list)
    parked: list[Waiting] = field(default_factory=list)
    fresh: list[str] = field(default_factory=list)
    arrived: list[str] = field(default_factory=list)
    """Every link that this batch brought, by its name: documents may have waited for it."""
    taken: set[LinkKey] = field(default_factory=set)
    """The records that were understood, by their names: what was set aside of them before is settled."""
    waiting: dict[str, list[Waiting]] = field(default_factory=dict)
    """What waits in the store for a link that this batch may bring, by its name."""


def absorb(unit: Unit, ground: Ground, items: Sequence[Item], now: Micros) -> Absorbed:
    """Judge a batch and write what follows from it."""
    batch = _Batch(unit, ground, begin_known(unit), now)
    _take_in(batch, items)
    batch.done.news, batch.done.rewound = bool(batch.known.notes or batch.known.changed_attempts), batch.known.rewound
    batch.done.notes = batch.known.notes
    _plan(batch)
    _write(batch)
    return batch.done


def replan(unit: Unit, ground: Ground, known: Known, now: Micros, brake: str = "") -> None:
    """Plan and write after an override, a mode, a review or a mapping. `brake`: what follows waits for a yes, for this reason."""
    batch = _Batch(unit, ground, known, now)
    _plan(batch, brake)
    _write(batch)


def _take_in(batch: _Batch, items: Sequence[Item]) -> None:
    mapped = _map_all(batch, items)
    _load(batch, items, mapped)
    for position, item in enumerate(items):
        match item:
            case RawRecord():
                entry = mapped.get(position)
                if entry is not None:
                    _judge(batch, entry)
                    _release(batch)
            case Gone():
                batch.done.fates[_judge_gone(batch, item).fate] += 1
            case Outcome():
                entry = mapped.get(position)
                if entry is not None and entry.seen:
                    item.seen = entry.seen[0]
                quantity = batch.known.attempts[item.attempt_id].kind is DeliveryKind.QUANTITY
                (apply_shift if quantity else apply_outcome)(batch.known, batch.ground, item)
                if entry is not None and entry.seen:
                    _keep_raw(batch, entry)


def _release(batch: _Batch) -> None:
    """Take in at once what waited for the links that just came, in the store or in this very batch: a split batch would too."""
    while batch.fresh:
        names, batch.fresh = batch.fresh, []
        if not (batch.waiting or batch.parked):
            break
        stored = [waiting for name in names for waiting in batch.waiting.pop(name, ())]
        batch.unit.unpark([waiting.id for waiting in stored])
        here = [waiting for waiting in batch.parked if waiting.waits_for in names]
        batch.parked = [waiting for waiting in batch.parked if waiting.waits_for not in names]
        batch.done.fates[Fate.WAITING] -= len(here)
        if released := _newest(stored + here):
            _take_in(batch, released)


def _newest(waiting: list[Waiting]) -> list[RawRecord]:
    """Of several reads of one record that wait, only the newest is kept, as in the store."""
    latest = {
        (each.raw.connection, each.raw.stream, each.external_id): each.raw for each in sorted(waiting, key=lambda w: w.raw.seq)
    }
    return sorted(latest.values(), key=lambda raw: raw.seq)


def _map_all(batch: _Batch, items: Sequence[Item]) -> dict[int, _Mapped]:
    """Map every payload that is not known unchanged. Unchanged ones are recognised by hash before they are mapped."""
    bodies: dict[int, tuple[RawRecord, bytes, bytes, str | None]] = {}
    asked: dict[tuple[str, str], list[str]] = {}
    for position, item in enumerate(items):
        raw = _raw_of(item)
        if raw is None:
            continue
        body = raw.body if raw.body is not None else orjson.dumps(raw.payload)
        external_id = batch.ground.tables[raw.connection, raw.stream].identify(raw.payload) if raw is item else None
        if external_id is not None:
            asked.setdefault((raw.connection, raw.stream), []).append(external_id)
        bodies[position] = (raw, body, digest_of(body), external_id)
    digests = {key: batch.unit.digests(*key, ids) for key, ids in asked.items()}
    mapped = {}
    repeated: set[tuple[str, str, str]] = set()
    for position, (raw, body, digest, external_id) in bodies.items():
        if external_id is not None:
            batch.done.seen_ids.append(external_id)
            name = (raw.connection, raw.stream, external_id)
            stored = digests[raw.connection, raw.stream].get(external_id)
            same = stored is not None and stored[1:] == (digest, batch.known.state(raw.connection).epoch)  # Rule 6.61
            if same and name not in repeated:
                batch.done.fates[Fate.UNCHANGED] += 1
                batch.taken.add(LinkKey(*name))
                continue
            repeated.add(name)
        entry = _map(batch, raw, body, digest)
        if entry is not None:
            mapped[position] = entry
    return mapped


def _raw_of(item: Item) -> RawRecord | None:
    return item.raw if isinstance(item, Outcome) else item if isinstance(item, RawRecord) else None


def _map(batch: _Batch, raw: RawRecord, body: bytes, digest: bytes) -> _Mapped | None:
    key = (raw.connection, raw.stream)
    result = normalise(
        raw, digest, batch.ground.tables[key], batch.ground.settings(raw.connection), batch.ground.trait(*key).marker
    )
    if result.drift:
        batch.drift.setdefault(raw.connection, []).extend(result.drift)
    if result.refused is not None:
        _set_aside(batch, raw, body, result.refused)
        return None
    if result.skipped:
        batch.done.fates[Fate.SKIPPED] += 1
        return None
    for seen in result.seen:
        if seen.record.entity is EntityType.LOCATION and (code := _location_code(batch, seen)) is not None:
            seen.record.fields["code"] = code  # locations match by configured code (DESIGN section 8)
    return _Mapped(raw, body, result.seen, result.docs)


def _location_code(batch: _Batch, seen: Observation) -> str | None:
    config = batch.ground.config.connections[seen.connection]
    return config.location_code(seen.record.external_id, seen.record.fields.get("name"))


def _set_aside(batch: _Batch, raw: RawRecord, body: bytes, error: RecordRefused) -> None:
    batch.done.fates[Fate.DEAD] += 1
    batch.dead.append(
        DeadLetter(
            batch.unit.next_id("dead"),
            error.code,
            error.message,
            raw.connection,
            raw.stream,
            batch.ground.tables[raw.connection, raw.stream].identify(raw.payload),
            body,
            batch.now,
            field=error.path,
            suggestion=error.fix,
        )
    )


def _load(batch: _Batch, items: Sequence[Item], mapped: dict[int, _Mapped]) -> None:
    unit, known = batch.unit, batch.known
    _load_outcomes(batch, [item.attempt_id for item in items if isinstance(item, Outcome)])
    keys = [LinkKey(item.connection, item.stream, item.external_id) for item in items if isinstance(item, Gone)]
    made = [(known.attempts[item.attempt_id], item.external_id) for item in items if isinstance(item, Outcome)]
    keys += [LinkKey(attempt.connection, attempt.stream, name) for attempt, name in made if name is not None]
    for entry in mapped.values():
        for seen in entry.seen:
            keys.append(_key(seen))
            refs = [ref for ref in seen.record.refs.values() if ref is not None and ref.stream]
            keys += [LinkKey(seen.connection, ref.stream, ref.external_id) for ref in refs]
    load_links(unit, known, keys)
    wanted: dict[EntityType, list[tuple[EntityType, str, str]]] = {}
    pairs = []
    strangers = [seen for entry in mapped.values() for seen in entry.seen if _is_stranger(known, seen)]
    load_entities(unit, known, [entity for seen in strangers for entity in _made_for(known, seen)])  # Rule 6.5
    for row in unit.waiting(["/".join(_key(seen)) for seen in strangers]):
        batch.waiting.setdefault(row.waits_for, []).append(row)
    for seen in strangers:
        if is_level(seen):
            pairs.append(level_pair(known, seen))
        else:
            wanted.setdefault(seen.record.entity, []).extend(match_keys(seen.record.entity, seen.record.fields, seen.keys))
    for entity, match in wanted.items():
        load_matches(unit, known, entity, match)
    load_papers(unit, known, [seen for entry in mapped.values() for seen in entry.seen])
    load_levels(unit, known, [pair for pair in pairs if pair is not None])
    load_stock(unit, known, list(known.entities))


def _key(seen: Observation) -> LinkKey:
    return LinkKey(seen.connection, seen.record.stream, seen.record.external_id)


def _is_stranger(known: Known, seen: Observation) -> bool:
    """Say whether a record has no link, or one that belongs to a former record of its id."""
    link = known.links.get(_key(seen))
    return link is None or may_be_another(known, link, seen.record)


def _made_for(known: Known, seen: Observation) -> list[int]:
    """Return the entities of our open creates whose marker a record without link carries."""
    creates = known.creates.get((seen.connection, seen.record.stream), ()) if seen.marker is not None else ()
    return [attempt.entity_id for attempt in creates if attempt.marker == seen.marker]


def _load_outcomes(batch: _Batch, attempt_ids: list[int]) -> None:
    if not attempt_ids:
        return
    unit, known = batch.unit, batch.known
    known.attempts.update({k: v for k, v in unit.attempts(attempt_ids).items() if k not in known.attempts})
    entity_ids = [known.attempts[i].entity_id for i in attempt_ids]
    load_entities(unit, known, entity_ids)
    load_deliveries(unit, known, entity_ids)


def _judge(batch: _Batch, entry: _Mapped) -> None:
    """Judge a payload and its parts. A payload whose parts could not all be judged is not remembered as compared."""
    _ask_for_parts(batch, LinkKey(entry.raw.connection, entry.raw.stream, entry.seen[0].record.external_id), entry.raw.payload)
    before = len(batch.known.notes)
    rulings = [_judge_one(batch, seen, entry) for seen in entry.seen]
    batch.done.edited += len(batch.known.notes) > before
    batch.done.fates[rulings[0].fate] += 1
    if rulings[0].fate in (Fate.APPLIED, Fate.UNCHANGED):
        batch.taken.add(_key(entry.seen[0]))
    _keep_raw(batch, entry, [seen for seen, ruling in zip(entry.seen, rulings, strict=True) if ruling.fate is Fate.REVIEW])
    main = entry.seen[0].record
    if main.changed_at is not None and (batch.done.high is None or main.changed_at > batch.done.high):
        batch.done.high = main.changed_at
    if any(ruling.fate not in (Fate.APPLIED, Fate.UNCHANGED) for ruling in rulings[1:]):
        link = batch.known.links.get(LinkKey(entry.raw.connection, entry.raw.stream, main.external_id))
        if link is not None:
            link.digest = b""


def _judge_one(batch: _Batch, seen: Observation, entry: _Mapped) -> Ruling:
    key = _key(seen)
    if seen.record.deleted:  # a tombstone that says so itself
        return _judge_gone(batch, Gone(*key, seen.seq, seen.sent_at, seen.received_at))
    was_known = key in batch.known.links
    if not was_known and is_level(seen) and (pair := level_pair(batch.known, seen)) is not None:
        load_levels(batch.unit, batch.known, [pair])  # its variant or location may have come in this very batch
    known, ground = batch.known, batch.ground
    ruling = judge_level(batch.unit, ground, known, seen) if is_level(seen) else observe(known, ground, seen)
    if ruling.waits_for is not None:
        name = "/".join(ruling.waits_for)
        deadline = batch.now + WAIT
        waiting_id = batch.unit.next_id("waiting")
        batch.parked.append(Waiting(waiting_id, seen.record.external_id, entry.raw, ruling.reason, name, deadline, batch.now))
    if not was_known and key in batch.known.links:
        batch.fresh.append("/".join(key))
        batch.arrived.append("/".join(key))
    return ruling


def _judge_gone(batch: _Batch, gone: Gone) -> Ruling:
    ruling = observe_gone(batch.known, batch.ground, gone)
    link = batch.known.links.get(LinkKey(gone.connection, gone.stream, gone.external_id))
    if ruling.fate is Fate.APPLIED:
        if link is not None and link.entity_type is EntityType.INVENTORY_LEVEL:
            lose_level(batch.known, batch.ground, link, gone)
        _ask_for_parts(batch, LinkKey(gone.connection, gone.stream, gone.external_id), {})
    return ruling


def _ask_for_parts(batch: _Batch, key: LinkKey, doc: Doc) -> None:
    """What stood in a document and stands there no more is fetched by id, and only then held to be deleted (Invariant 12)."""
    table, link = batch.ground.tables[key.connection, key.stream], batch.known.links.get(key)
    if not table.parts or link is None:
        return
    body = batch.raws.get(link.id) or batch.unit.raws([link.id]).get(link.id)
    if body is None:
        return
    left = set(table.part_ids(doc))
    for stream, external_id in table.part_ids(orjson.loads(body)):
        if (stream, external_id) not in left:
            batch.known.rereads.append(Reread(key.connection, stream, external_id, batch.now, "missing part"))


def _keep_raw(batch: _Batch, entry: _Mapped, held: Sequence[Observation] = ()) -> None:
    """Keep the latest document of every record, parts too: a later write goes on top of it. Not what is `held` for a person."""
    for position, seen in enumerate(entry.seen):
        record, link = seen.record, batch.known.links.get(_key(seen))
        if link is None or seen in held or may_be_another(batch.known, link, record):
            continue
        if record.version is None or link.version is None or record.version >= link.version:
            batch.raws[link.id] = orjson.dumps(entry.docs[position]) if position else entry.body


def _plan(batch: _Batch, brake: str = "") -> None:
    known = batch.known
    file_papers(batch.unit, batch.ground, known, batch.arrived, batch.now)
    file_sales(batch.unit, batch.ground, known, batch.arrived, batch.now)
    load_deliveries(batch.unit, known, known.touched)
    load_stock(batch.unit, known, list(known.touched))
    plans = (plan_deliveries(known, batch.ground, batch.now, brake), plan_quantities(known, batch.ground, batch.now, has_yes))
    for keep, drop in plans:
        batch.unit.save_deliveries(keep)
        batch.done.planned += keep
        batch.unit.delete_deliveries([delivery.id for delivery in drop])


def _write(batch: _Batch) -> None:
    unit = batch.unit
    for connection, entity_id, jump in jumps(batch.known):
        batch.done.jumps.append((entity_id, jump))
        batch.drift.setdefault(connection, []).append(jump)
    settle_letters(unit, batch.known, batch.ground, batch.taken)
    save_known(unit, batch.known, batch.now)
    if batch.raws:
        unit.save_raws(batch.raws)
    for connection, drift in batch.drift.items():
        unit.count_drift(connection, drift, batch.now)
    if batch.dead:
        unit.save_dead_letters(batch.dead)
    if batch.parked:
        unit.park(batch.parked)
