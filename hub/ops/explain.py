"""Why a record is as it is: who entered what and when, what it beat, what each system was last seen to show, what waits."""

from __future__ import annotations

from typing import cast

from hub.clock import instant
from hub.config import PolicyKind
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import Delivery
from hub.model.entity import Entity, EntityState, Golden
from hub.model.known import Known
from hub.model.link import Claim, Link, LinkState, Standing
from hub.model.record import EntityType
from hub.model.run import Mode
from hub.model.values import MISSING, Doc
from hub.ops.names import name_of, shown, when
from hub.push.due import due_lines, missing_required
from hub.reconcile import candidates
from hub.retail import View, views
from hub.store import Reader, Unit
from hub.store.known import load_deliveries, load_entities, load_stock
from hub.yamlfile import nearest


def show_entity(reader: Reader, ground: Ground, entity: Entity) -> Doc:
    """Return an entity as it is: its values, its references, its records in the systems."""
    known = _known(reader, entity)
    links = [_link_doc(ground, entity, link) for link in known.by_entity[entity.id]]
    return {
        "entity": entity.type.value,
        "id": entity.id,
        "name": name_of(entity),
        "state": _state(entity),
        "also_known_as": reader.aliases_of([entity.id]),
        "fields": {path: golden.value for path, golden in _sorted(entity) if golden.value is not None},
        "refers_to": entity.refs,
        "records": links,
    }


def explain_entity(reader: Reader, ground: Ground, entity: Entity, path: str | None = None) -> Doc:
    """Return the story of every field (or of one, with its history). Raises UsageError for a field it does not have."""
    known = _known(reader, entity)
    paths = [name for name, _ in _sorted(entity)]
    if path is not None:
        paths = [name for name in paths if name == path or name.startswith((f"{path}/", f"{path}."))]
        if not paths:
            raise UsageError(
                f"Nobody has said anything about `{path}`.", fix=nearest(path, [name for name, _ in _sorted(entity)])
            )
    deliveries = reader.deliveries_of([entity.id])
    return {
        "entity": entity.type.value,
        "id": entity.id,
        "name": name_of(entity),
        "state": _state(entity),
        "fields": [_field(known, ground, entity, name, deliveries) for name in paths],
        "waiting": [*_waiting(reader, ground, known, entity, deliveries)],
        "history": _history(reader, known, entity, path),
    }


def _known(reader: Reader, entity: Entity) -> Known:
    known = Known(lambda _: 0)  # nothing new is made here
    known.modes = {name: state.mode for name, state in reader.connections().items()}
    load_entities(cast("Unit", reader), known, [entity.id])
    load_deliveries(cast("Unit", reader), known, [entity.id])
    load_stock(cast("Unit", reader), known, [entity.id])
    return known


def _sorted(entity: Entity) -> list[tuple[str, Golden]]:
    return sorted(entity.golden.items(), key=lambda item: ("/" in item[0], item[0]))


def _state(entity: Entity) -> str:
    return {EntityState.LIVE: "in use", EntityState.MERGED: "merged", EntityState.ENDED: "ended"}[entity.state]


def _link_doc(ground: Ground, entity: Entity, link: Link) -> Doc:
    doc: Doc = {
        "connection": link.connection,
        "stream": link.stream,
        "external_id": link.external_id,
        "state": "in use" if link.state is LinkState.LIVE else "gone there",
        "made_by_us": link.by_hub,
        "since": instant(link.linked_at),
    }
    if link.state is LinkState.LIVE:
        doc["differs_in"] = [line.path for line in due_lines(ground, link, entity)]
    return doc


def _field(known: Known, ground: Ground, entity: Entity, path: str, deliveries: list[Delivery]) -> Doc:
    golden = entity.golden[path]
    policy = ground.policy(entity.type, path)
    winner = known.by_id.get(golden.link_id)
    rule = policy.kind.value + (f": {', '.join(policy.order)}" if policy.kind in (PolicyKind.OWNER, PolicyKind.PREFER) else "")
    is_sum = entity.type is EntityType.INVENTORY_LEVEL
    total = {"connection": "", "by": "as of the last movement", "at": instant(golden.stamp)}
    doc: Doc = {
        "field": path,
        "value": golden.value,
        "shown": shown(golden.value),
        "entered_there": total if is_sum else _entered(golden, winner),
        "policy": "sum of movements" if is_sum else rule,
        "beat": [],
        "seen": [],
    }
    for vote in candidates(known, ground, known.by_entity[entity.id], path):
        if vote.link_id == golden.link_id or vote.value == golden.value:
            continue
        doc["beat"].append(
            {
                "connection": vote.connection,
                "value": vote.value,
                "shown": shown(vote.value),
                "said": _said(vote.standing, vote.stamp),
                "why": _why(golden, vote.standing, vote.departed_at, policy.kind),
            }
        )
    for link in known.by_entity[entity.id]:
        claim = link.claims.get(path)
        if claim is not None and link.state is LinkState.LIVE:
            doc["seen"].append(_seen(known, golden, link, claim, deliveries, ground, entity))
    return doc


def _entered(golden: Golden, winner: Link | None) -> Doc:
    if golden.link_id == 0:
        return {"connection": "", "by": "an operator, pinned until lifted", "at": instant(golden.stamp)}
    doc: Doc = {"connection": winner.connection if winner else "", "record": winner.external_id if winner else ""}
    if golden.standing is Standing.EDIT:
        return {**doc, "by": "entered there", "at": instant(golden.stamp)}
    return {**doc, "by": "was there when we first read it", "at": instant(winner.linked_at) if winner else None}


def _said(standing: Standing, stamp: int) -> str:
    return f"entered there {when(stamp)}" if standing is Standing.EDIT else "was there when we first read it"


def _why(golden: Golden, standing: Standing, departed_at: int, policy: PolicyKind) -> str:
    if golden.link_id == 0:
        return "an operator pinned another value"
    if departed_at:
        return "that record is gone"
    if policy in (PolicyKind.OWNER, PolicyKind.PREFER):
        return "another system goes first for this field"
    if golden.standing is Standing.EDIT and standing is Standing.SEED:
        return "somebody entered another value since"
    return "another value is newer" if standing is Standing.EDIT else "another system goes first among values found at the start"


def _seen(
    known: Known, golden: Golden, link: Link, claim: Claim, deliveries: list[Delivery], ground: Ground, entity: Entity
) -> Doc:
    ours = claim.stands.golden_version == golden.version and golden.version != 0
    value = None if claim.held is MISSING else claim.held
    doc: Doc = {
        "connection": link.connection,
        "record": link.external_id,
        "last_seen_there": value,
        "shown": "(not seen yet)" if claim.held is MISSING else shown(value),
        "is": "",
    }
    if ours:
        same = "shows our value" if golden.link_id != link.id else "entered there"
        doc["is"] = f"{same} of {when(golden.stamp)}" if golden.standing is Standing.EDIT and golden.stamp else same
    else:
        doc["is"] = _wanting(known, ground, link, claim, golden, deliveries, entity)
    return doc


def _wanting(
    known: Known, ground: Ground, link: Link, claim: Claim, golden: Golden, deliveries: list[Delivery], entity: Entity
) -> str:
    if claim.aside == golden.version and claim.misses >= 3:
        return "this system does not keep our value"
    if claim.aside == golden.version:
        return "this system refused our value"
    if known.modes.get(link.connection) is Mode.OBSERVE:
        return "only watched: we change nothing there, and what it says does not count"
    if golden.value == claim.held:
        return "the same"
    paths = {line.path for line in due_lines(ground, link, entity)}
    mine = next((d for d in deliveries if d.link_id == link.id), None)
    if link.attempt_id is not None:
        return "our value is on its way"
    if mine is not None and any(path in paths for path in entity.golden if entity.golden[path] is golden):
        return _delivery_words(mine)
    return "differs; nothing is written to this field there"


def _delivery_words(delivery: Delivery) -> str:
    if delivery.state == "asking":
        return "waiting for your yes" + (f" ({delivery.wait})" if delivery.wait else "")
    return f"waiting for {delivery.wait}" if delivery.wait else "about to be sent"


def _waiting(reader: Reader, ground: Ground, known: Known, entity: Entity, deliveries: list[Delivery]) -> list[Doc]:
    out = []
    for one in deliveries:
        what = "change" if one.link_id is not None else "new record"
        out.append({"connection": one.connection, "stream": one.stream, "what": what, "why": _delivery_words(one)})
    for (connection, stream), table in ground.tables.items():
        belonging = ground.config.connections[connection].belonging(entity.type)
        linked = any(link.connection == connection and link.stream == stream for link in known.by_entity[entity.id])
        if table.entity is not entity.type or linked or belonging.create == "never":
            continue
        lacking = missing_required(table, entity)
        if lacking:
            why = "it cannot be made there without " + ", ".join(lacking)
            out.append({"connection": connection, "stream": stream, "what": "new record", "why": why})
    open_reviews = [review for review in reader.reviews_of([entity.id]) if review.resolved_at is None]
    if entity.type is EntityType.INVENTORY_LEVEL:
        out += [_level_doc(part) for part in views(known, ground, entity)]
    return out + [
        {"connection": review.detail.get("connection", ""), "what": "question", "why": f"question {review.id} is open"}
        for review in open_reviews
    ]


def _level_doc(part: View) -> Doc:
    """Say what a system shows of a level, what it should show, and why nothing is sent where that is so."""
    differs = f"it shows {shown(part.shown)}, it should show {shown(part.wanted)}"
    why = "it shows what it should" if part.shown == part.wanted else differs
    return {"connection": part.connection, "what": "stock", "why": f"{why}: {part.why}" if part.why else why}


_KINDS = {
    "movement": "stock moved",
    "shift": "changed there by us",
    "check": "its level does not fit its documents",
    "old count": "a count that is older than the newest one",
    "seed": "found there at the first read",
    "born": "made there",
    "edit": "changed there",
    "deleted there": "deleted there",
    "reissued": "its id was given to another record",
    "revived": "came back",
    "merged": "merged",
    "created by us": "made there by us",
    "rollback": "an older value came back there",
    "set aside": "our value was refused there",
}


def _history(reader: Reader, known: Known, entity: Entity, path: str | None) -> list[Doc]:
    out = []
    for entry in reader.journal_of([entity.id, *reader.aliases_of([entity.id])], limit=200):
        changes = [row for row in entry.body.get("changes", []) if path is None or str(row[0]).partition("/")[0] == path]
        if path is not None and not changes:
            continue
        link = known.by_id.get(entry.link_id) if entry.link_id else None
        out.append(
            {
                "at": instant(entry.at),
                "what": _KINDS.get(entry.kind, entry.kind),
                "connection": link.connection if link is not None else "",
                "changes": [{"field": row[0], "from": row[1], "to": row[2]} for row in changes if len(row) >= 3],
            }
        )
    return out
