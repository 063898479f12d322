"""Freeze an attempt: what it covers, the calls it makes, the key it carries. Pure; committed before the first call."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from collections.abc import Sequence
from dataclasses import asdict
from hashlib import blake2b
from typing import Any

from hub.mapping import ElementChange, Mapping
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, Cover, Delivery
from hub.model.entity import Entity, EntityState, Golden
from hub.model.known import Dead, Known
from hub.model.link import Claim, Link, Stands
from hub.model.record import DOCUMENTS
from hub.model.values import MISSING, Doc, Micros, Value
from hub.push.due import PUT_AWAY, Line, approved_lines, archive_lines, asks, creates, fitting, is_coming, link_lines
from hub.push.refers import try_reference
from hub.sdk import Change, Operation, Sink

Sinks = Lookup[tuple[str, str], Sink[Any]]


def markers_of(instance: str, entity: Entity, links: Sequence[Link]) -> list[str]:
    """Return our id as a remote record carries it, the one for a new record first; the others: what an older one may carry.

    It names the records in which the entity came to us, not our number of it: a hub that was restored from a backup draws its
    numbers again, and has to recognise what it made in the time that it does not remember.
    """
    origins = sorted({(link.connection, link.stream, link.external_id) for link in links if not link.by_hub})
    names = ["/".join(origin) for origin in origins] or [str(entity.id)]
    return [f"{instance}-{blake2b(name.encode(), digest_size=10).hexdigest()}" for name in names]


def freeze_update(
    known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, link: Link, raw: Doc | None, now: Micros, seq: int
) -> Attempt | None:
    """Return the attempt that brings a link to the golden record (or puts it away: its entity ended); None if nothing is left."""
    entity, table = known.resolve(link.entity_id), ground.table(link)
    if table is None:
        return None
    ended = entity.state is EntityState.ENDED
    lines = archive_lines(known, ground, entity, link) if ended else link_lines(known, ground, entity, link)
    if asks(known, ground, delivery):  # a line that changed since its yes is left out and shown again (Rule 6.18)
        lines = approved_lines(delivery, lines)
    wanted, given_up = _wanted(known, ground, link, lines, now)
    changes, lists = _split(table, {path: golden for path, golden in wanted.items() if path not in given_up}, link)
    written = table.write(changes, lists, raw or {}, ground.settings(link.connection))
    refused = {path: written.left_out.get(path) or written.left_out.get(path.partition("/")[0]) for path in wanted} | given_up
    for path, reason in refused.items():
        if reason:
            _leave_out(known, link, wanted[path], path, reason)
    covered = {path: golden for path, golden in wanted.items() if not refused[path]}
    if covered and not written.paths:  # what was last seen there is what we would write
        for path, golden in covered.items():
            link.claims.setdefault(path, Claim()).stands = Stands(golden.version, golden.stamp)
        known.change(link)
    if not covered or not written.paths:
        return None
    change = Change(Operation.UPDATE, link.external_id, raw, written.doc, written.paths, link.version)
    attempt = new_attempt(known, ground, sinks, delivery, change, covered, now, seq)
    attempt.link_id, attempt.external_id, attempt.base_version = link.id, link.external_id, link.version
    link.attempt_id, link.digest = attempt.id, b""  # Rule 2.19: every attempt clears it
    known.change(link)
    return attempt


def _wanted(
    known: Known, ground: Ground, link: Link, lines: Sequence[Line], now: Micros
) -> tuple[dict[str, Golden], dict[str, str]]:
    """Return what an update brings, path by path, and why some of it is not sent any more."""
    entity, table = known.resolve(link.entity_id), ground.tables[link.connection, link.stream]
    if entity.state is EntityState.ENDED:
        return {line.path: Golden(line.wanted, now, 0, PUT_AWAY) for line in lines}, {}
    tried = {
        line.path: try_reference(known, ground, link, line.path, line.wanted, now) for line in lines if line.path in table.refs
    }
    wanted = {line.path: tried[line.path][0] if line.path in tried else entity.golden[line.path] for line in lines}
    return wanted, {path: reason for path, (_, reason) in tried.items() if reason}


def freeze_delete(
    known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, link: Link, raw: Doc | None, now: Micros, seq: int
) -> Attempt:
    """Return the attempt that deletes the record of an entity that ended."""
    change = Change(Operation.DELETE, link.external_id, raw, raw or {}, (), link.version)
    attempt = new_attempt(known, ground, sinks, delivery, change, {}, now, seq)
    attempt.link_id, attempt.external_id, attempt.base_version = link.id, link.external_id, link.version
    link.attempt_id, link.digest = attempt.id, b""
    known.change(link)
    return attempt


def freeze_create(
    known: Known, ground: Ground, sinks: Sinks, delivery: Delivery, entity: Entity, now: Micros, seq: int
) -> Attempt | None:
    """Return the attempt that makes an entity's record in a system, or None while a reference has no record there yet."""
    key = (delivery.connection, delivery.stream)
    table = ground.tables[key]
    wanted = {
        path: golden
        for path, golden in entity.golden.items()
        if golden.value is not None and delivery.left_out.get(path) != golden.version and creates(table, path)
    }
    for name, line in table.lists.items():
        if line.fits is not None:
            fit = fitting(entity, None, name, line.fits)
            wanted = {path: golden for path, golden in wanted.items() if not path.startswith(name + "/") or path in fit}
    refs = _references(known, ground, entity, table, delivery.connection)
    if refs is None:
        return None
    changes, lists = _split(table, wanted, None)
    written = table.write({**changes, **refs}, lists, None, ground.settings(delivery.connection))
    covered = {path: golden for path, golden in wanted.items() if path not in written.left_out}
    marker = markers_of(ground.instance, entity, known.by_entity.get(entity.id, ()))[0]
    doc = dict(written.doc)
    place = ground.trait(*key).marker
    if place is not None:
        _put(doc, place, marker)
    change = Change(Operation.CREATE, None, None, doc, written.paths, marker=marker)
    return new_attempt(known, ground, sinks, delivery, change, covered, now, seq)


def _references(known: Known, ground: Ground, entity: Entity, table: Mapping, connection: str) -> dict[str, Value] | None:
    """Return the external ids of what a new record refers to; None while one of them has no record there (Rule 6.7)."""
    found: dict[str, Value] = {}
    for name, ref in table.refs.items():
        target = entity.refs.get(name)
        if target is None:
            continue
        there = [link for link in known.live_links(target) if link.connection == connection and link.stream == ref.stream]
        if not there and entity.type in DOCUMENTS and not is_coming(known, ground, entity, name, connection):
            continue  # a document goes without what never comes there
        if not there:
            return None
        found[name] = there[0].external_id
    return found


def _split(
    table: Mapping, wanted: dict[str, Golden], link: Link | None
) -> tuple[dict[str, Value], dict[str, list[ElementChange]]]:
    """Part plain fields from list elements, which are added, changed or removed one by one."""
    changes: dict[str, Value] = {}
    lists: dict[str, list[ElementChange]] = {}
    for path, golden in wanted.items():
        name, _, element_id = path.partition("/")
        if not element_id:
            changes[path] = golden.value
            continue
        lists.setdefault(name, []).extend(_element_changes(table, link, name, element_id, golden.value))
    return changes, lists


def _element_changes(table: Mapping, link: Link | None, name: str, element_id: str, value: Value) -> list[ElementChange]:
    line = table.lists[name]
    if line.is_set:
        return [ElementChange("remove" if value is None else "add", None, {"value": element_id})]
    known = link.elements.get(name, {}) if link is not None else {}
    remote_id = next((remote for remote, ours in known.items() if ours == element_id), None)
    claim = link.claims.get(f"{name}/{element_id}") if link is not None else None
    held = claim.held if claim is not None and claim.held is not MISSING else None
    if line.identity is None and not line.single:
        if held and value and table.natural_key(name, held) == table.natural_key(name, value):
            return [ElementChange("update", None, _whole(held, value))]
        gone = [ElementChange("remove", None, held)] if held else []  # without an id another natural key is another element
        return gone + ([ElementChange("add", None, value)] if value else [])
    if value is None:
        return [ElementChange("remove", remote_id, held)]
    return [ElementChange("update", remote_id, _whole(held, value)) if held else ElementChange("add", None, value)]


def _whole(held: Doc, value: Doc) -> Doc:
    """Return an element with the parts that are no longer in it, so that they are cleared and not left behind."""
    return {**dict.fromkeys(held), **value}


def _leave_out(known: Known, link: Link, golden: Golden, path: str, reason: str) -> None:
    """A value that cannot be written there is set aside until it changes."""
    link.claims.setdefault(path, Claim()).aside = golden.version
    known.change(link)
    known.dead.append(Dead(link.connection, link.stream, link.external_id, "not_writable", reason, path, link.entity_id))


def new_attempt(
    known: Known,
    ground: Ground,
    sinks: Sinks,
    delivery: Delivery,
    change: Change,
    covered: dict[str, Golden],
    now: Micros,
    seq: int,
) -> Attempt:
    """Return an attempt of these calls under a key of its own, noted to be committed before the first of them."""
    calls = sinks[delivery.connection, delivery.stream].calls(change)
    attempt_id = known.next_id("attempt")
    attempt = Attempt(
        attempt_id,
        delivery.id,
        delivery.kind,
        change.operation.value,
        delivery.connection,
        delivery.stream,
        delivery.entity_type,
        delivery.entity_id,
        None,
        None,
        f"{ground.instance}-{attempt_id}",
        [{"name": call.name, "body": call.body} for call in calls],
        asdict(change),
        {path: Cover(golden.version, golden.stamp, golden.value) for path, golden in covered.items()},
        seq=seq,
        started_at=now,
        marker=change.marker,
        about=delivery.about,
    )
    known.attempts[attempt.id] = attempt
    known.changed_attempts[attempt.id] = attempt
    return attempt


def thaw_change(attempt: Attempt) -> Change:
    """Return the change an attempt was frozen from."""
    fields = dict(attempt.change)
    return Change(Operation(fields.pop("operation")), paths=tuple(fields.pop("paths")), **fields)


def _put(doc: Doc, path: str, value: Value) -> None:
    *parents, leaf = path.split(".")
    for part in parents:
        doc[part] = dict(doc.get(part) or {})
        doc = doc[part]
    doc[leaf] = value
