"""Why a record is as it is: who entered what and when, what it beat, what each system was last seen to show, what waits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, cast

from hub.clock import instant
from hub.config import Policy, PolicyKind
from hub.errors import UsageError
from hub.mapping.ground import Ground
from hub.model.delivery import Delivery, DeliveryState
from hub.model.entities import FIELDS
from hub.model.entity import Entity, EntityState, Golden
from hub.model.known import Known
from hub.model.link import Claim, Link, LinkState, Standing
from hub.model.record import EntityType
from hub.model.review import ReviewKind
from hub.model.run import Approval, Mode
from hub.model.values import MISSING, Doc, Micros, Value
from hub.ops.approvals import yes_to, yes_to_create, yes_waiting
from hub.ops.history import read_history
from hub.ops.names import name_of, shown, when
from hub.ops.shelves import stock_of
from hub.push.due import due_lines, missing_required
from hub.reconcile import Candidate, candidates
from hub.reconcile.attach import is_derived
from hub.retail import View, views
from hub.store import Reader, Unit
from hub.store.known import load_deliveries, load_entities, load_stock
from hub.yamlfile import nearest

RULES: Final = {
    PolicyKind.NEWEST: "the newest value counts",
    PolicyKind.ORIGIN: "the system that had it first",
    PolicyKind.UNION: "what any system adds",
    PolicyKind.MOST_RESTRICTIVE: "the newest; a no beats a yes it did not know of",
    PolicyKind.ASK: "you are asked where systems differ",
}
SUM: Final = "sum of movements"
NOT_DECIDED: Final = "(not decided)"
NOBODY: Final = "(nobody has entered one)"


@dataclass(frozen=True, slots=True)
class _Ground:
    """What every part of an explanation looks at."""

    known: Known
    ground: Ground
    entity: Entity
    deliveries: list[Delivery]
    approvals: list[Approval]


STATES = {LinkState.LIVE: "in use", LinkState.ENDED: "gone there", LinkState.LOST: "lost when that system was restored"}


def show_entity(reader: Reader, ground: Ground, entity: Entity) -> Doc:
    """Return an entity as it is: its values, its references, its records in the systems."""
    known = _known(reader, entity)
    return {
        **_head(entity),
        "also_known_as": reader.aliases_of([entity.id]),
        "fields": {path: entity.golden[path].value for path in _paths(known, entity) if _value(entity, path) is not None},
        "pinned": sorted(entity.overrides),
        "not_decided": [path for path in _paths(known, entity) if _undecided(known, ground, entity, path)],
        "refers_to": _others(reader, entity),
        "records": [_link_doc(ground, entity, link) for link in known.by_entity[entity.id]],
        **_stock(reader, entity),
    }


def _others(reader: Reader, entity: Entity) -> Doc:
    """Return what an entity refers to, as a person would call it: whose order it is, which order went back."""
    ids = reader.resolve(entity.refs.values())
    names = {one: name_of(other) for one, other in reader.entities(ids.values()).items()}
    return {path: {"id": ids[target], "name": names.get(ids[target], "")} for path, target in entity.refs.items()}


def _stock(reader: Reader, entity: Entity) -> Doc:
    """Return what lies where, for what is kept on shelves."""
    if entity.type is EntityType.VARIANT:
        return {"stock": stock_of(reader, entity.id)}
    if entity.type is EntityType.INVENTORY_LEVEL:
        return {"stock": stock_of(reader, entity.refs["variant"], entity.refs["location"])}
    return {}


def explain_entity(reader: Reader, ground: Ground, entity: Entity, path: str | None = None) -> Doc:
    """Return the story of every field (or of one, with its history). Raises UsageError for a field it does not have."""
    known = _known(reader, entity)
    every = _paths(known, entity)
    paths = [name for name in every if path is None or name == path or name.startswith((f"{path}/", f"{path}."))]
    if not paths and path is not None:
        raise UsageError(f"Nobody has said anything about `{path}`.", fix=nearest(path, every))
    yeses = reader.approvals([entity.id, *reader.aliases_of([entity.id])])
    on = _Ground(known, ground, entity, reader.deliveries_of([entity.id]), yeses)
    links = known.by_entity[entity.id]
    return {
        **_head(entity),
        "records": [{**_link_doc(ground, entity, link), "approved": yes_to_create(yeses, link)} for link in links],
        "fields": [_field(on, name) for name in paths],
        "waiting": [*_waiting(reader, on)],
        "history": read_history(reader, known, entity, path),
    }


def tell_history(reader: Reader, entity: Entity, path: str | None = None) -> Doc:
    """Return the newest entries of a record or of one field, oldest first. Raises UsageError for a field nobody spoke of."""
    known = _known(reader, entity)
    entries = read_history(reader, known, entity, path)
    if not entries and path is not None:
        raise UsageError(f"Nobody has said anything about `{path}`.", fix=nearest(path, _paths(known, entity)))
    return {**_head(entity), "field": path or "", "history": entries}


def _head(entity: Entity) -> Doc:
    return {"entity": entity.type.value, "id": entity.id, "name": name_of(entity), "state": _state(entity)}


def _known(reader: Reader, entity: Entity) -> Known:
    known = Known(lambda _: 0)  # nothing new is made here
    known.modes = {name: state.mode for name, state in reader.connections().items()}
    load_entities(cast("Unit", reader), known, [entity.id])
    load_deliveries(cast("Unit", reader), known, [entity.id])
    load_stock(cast("Unit", reader), known, [entity.id])
    return known


def _paths(known: Known, entity: Entity) -> list[str]:
    """Return every field somebody said something about: single values first, then the elements of lists by number."""
    stated = (path for link in known.by_entity[entity.id] for path, claim in link.claims.items() if claim.own is not MISSING)
    found = dict.fromkeys([*entity.golden, *entity.overrides, *stated])
    order = {name: position for position, name in enumerate(FIELDS[entity.type])}

    def place(path: str) -> tuple[bool, int, int, str]:
        head = path.partition("/")[0]
        return ("/" in path, order.get(head, len(order)), len(path) if "/" in path else 0, path)

    return sorted(found, key=place)


def _value(entity: Entity, path: str) -> Value:
    golden = entity.golden.get(path)
    return golden.value if golden is not None else None


def _undecided(known: Known, ground: Ground, entity: Entity, path: str) -> bool:
    """Say whether systems differ and a person is to choose."""
    return path not in entity.golden and bool(candidates(known, ground, known.by_entity[entity.id], path))


def _state(entity: Entity) -> str:
    return {EntityState.LIVE: "in use", EntityState.MERGED: "merged", EntityState.ENDED: "ended"}[entity.state]


def _link_doc(ground: Ground, entity: Entity, link: Link) -> Doc:
    doc: Doc = {
        "connection": link.connection,
        "stream": link.stream,
        "external_id": link.external_id,
        "state": STATES[link.state],
        "made_by_us": link.by_hub,
        "since": instant(link.linked_at),
    }
    if link.state is LinkState.LIVE:
        doc["differs_in"] = [line.path for line in due_lines(ground, link, entity)]
    elif link.ended_at:
        doc["gone_since"] = instant(link.ended_at)
    return doc


def _field(on: _Ground, path: str) -> Doc:
    known, entity, links = on.known, on.entity, on.known.by_entity[on.entity.id]
    golden, policy = entity.golden.get(path), on.ground.policy(entity.type, path)
    votes = candidates(known, on.ground, links, path)
    is_sum = entity.type is EntityType.INVENTORY_LEVEL
    doc: Doc = {
        "field": path,
        "value": golden.value if golden is not None else None,
        "shown": shown(golden.value) if golden is not None else NOT_DECIDED if votes else NOBODY,
        "entered_there": _entered(on, golden, path, is_sum=is_sum),
        "policy": SUM if is_sum else policy.kind.value + (f": {', '.join(policy.order)}" if policy.order else ""),
        "rule": SUM if is_sum else rule_words(policy),
        "pinned": _pin_doc(entity, path),
        "beat": [_lost(golden, vote, policy.kind) for vote in votes if _is_beaten(golden, vote)],
        "seen": [],
    }
    for link in links:
        claim = link.claims.get(path)
        if claim is not None and link.state is LinkState.LIVE:
            doc["seen"].append(_seen(on, path, golden, link, claim))
    return doc


def rule_words(policy: Policy) -> str:
    """Return a policy as a person would say it."""
    if policy.kind is PolicyKind.OWNER:
        return f"{policy.order[0]} decides"
    if policy.kind is PolicyKind.PREFER:
        return f"{', then '.join(policy.order)}"
    return RULES[policy.kind]


def _pin_doc(entity: Entity, path: str) -> Doc | None:
    one = entity.overrides.get(path)
    return {"by": one.by, "since": instant(one.at), "why": one.why} if one is not None else None


def _entered(on: _Ground, golden: Golden | None, path: str, *, is_sum: bool) -> Doc:
    nobody = {"connection": "", "record": "", "by": "", "at": None}
    if golden is None:
        return nobody
    if is_sum:
        return {**nobody, "by": "as of the last movement", "at": instant(golden.stamp)}
    if is_derived(path):
        return {**nobody, "by": "worked out from orders and tickets", "at": instant(golden.stamp)}
    if golden.link_id == 0:
        return {**nobody, "by": "an operator, pinned until lifted", "at": instant(golden.stamp)}
    winner = on.known.by_id.get(golden.link_id)
    doc: Doc = {"connection": winner.connection if winner else "", "record": winner.external_id if winner else ""}
    if golden.standing is Standing.EDIT:
        return {**doc, "by": "entered there", "at": instant(golden.stamp)}
    return {**doc, "by": "was there when we first read it", "at": instant(winner.linked_at) if winner else None}


def _is_beaten(golden: Golden | None, vote: Candidate) -> bool:
    return golden is None or (vote.link_id != golden.link_id and vote.value != golden.value)


def _lost(golden: Golden | None, vote: Candidate, policy: PolicyKind) -> Doc:
    is_edit = vote.standing is Standing.EDIT
    return {
        "connection": vote.connection,
        "record": vote.external_id,
        "value": vote.value,
        "shown": shown(vote.value),
        "said": f"entered there {when(vote.stamp)}" if is_edit else "was there when we first read it",
        "at": instant(vote.stated_at),
        "why": _why(golden, vote, policy),
    }


def _why(golden: Golden | None, vote: Candidate, policy: PolicyKind) -> str:
    if golden is None:
        return "waiting for your answer"
    if golden.link_id == 0:
        return "it is pinned"
    if vote.departed_at:
        return "that record is gone"
    if policy in (PolicyKind.OWNER, PolicyKind.PREFER):
        return "another system goes first for this field"
    if policy is PolicyKind.MOST_RESTRICTIVE and golden.stamp < vote.stamp:
        return "a no beats a yes that did not know of it"
    if golden.standing is Standing.EDIT and vote.standing is Standing.SEED:
        return "somebody entered another value since"
    return (
        "another value is newer"
        if vote.standing is Standing.EDIT
        else "another system goes first among values found at the start"
    )


def _seen(on: _Ground, path: str, golden: Golden | None, link: Link, claim: Claim) -> Doc:
    """Say what a system was last seen to show, since when, and what that is. `state` is a stable word for programs."""
    value = None if claim.held is MISSING else claim.held
    state, words = _standing(on, path, golden, link, claim)
    since = _since(golden, link, claim)
    return {
        "connection": link.connection,
        "record": link.external_id,
        "last_seen_there": value,
        "shown": "(not seen yet)" if claim.held is MISSING else shown(value),
        "since": instant(since) if since else None,
        "state": state,
        "is": words,
        "approved": yes_to(on.approvals, link, path, _value(on.entity, path), claim.wrote_at) if state == "ours" else None,
    }


def _since(golden: Golden | None, link: Link, claim: Claim) -> Micros:
    """Return since when what it shows is known to be there (µs): our write, what was entered there, or the first read."""
    if claim.held is MISSING:
        return 0
    if claim.wrote_at and (golden is None or golden.link_id != link.id):
        return claim.wrote_at
    if claim.own is not MISSING and claim.own == claim.held and claim.standing is Standing.EDIT:
        return claim.stamp
    return link.linked_at


def _standing(on: _Ground, path: str, golden: Golden | None, link: Link, claim: Claim) -> tuple[str, str]:
    if golden is None:
        return "open", "waiting for your answer" if _undecided(on.known, on.ground, on.entity, path) else "left there by us"
    shows_its_own = golden.link_id == link.id and claim.held == golden.value
    if shows_its_own or (claim.stands.golden_version == golden.version and golden.version != 0):
        of = f" of {when(golden.stamp)}" if golden.standing is Standing.EDIT and golden.stamp else ""
        if golden.link_id == link.id:
            return "entered", "entered there" + of if of else "was there when we first read it"
        return "ours", "shows our value" + of
    return _wanting(on, golden, link, claim, path)


def _wanting(on: _Ground, golden: Golden, link: Link, claim: Claim, path: str) -> tuple[str, str]:
    if claim.aside == golden.version and golden.version:
        kept = claim.misses >= 3
        return "refused", "this system does not keep our value" if kept else "this system refused our value"
    if on.known.modes.get(link.connection) is Mode.OBSERVE:
        return "watched", "only watched: we change nothing there, and what it says does not count"
    if golden.value == claim.held:
        return "same", "the same"
    if link.attempt_id is not None:
        return "sending", "our value is on its way"
    mine = next((d for d in on.deliveries if d.link_id == link.id), None)
    if mine is not None and any(line.path == path for line in due_lines(on.ground, link, on.entity)):
        return ("asking" if mine.state is DeliveryState.ASKING else "due"), _delivery_words(mine)
    return "left", "differs; " + _never(on, link, path)


def _never(on: _Ground, link: Link, path: str) -> str:
    """Say why a field is never written there."""
    table = on.ground.table(link)
    line = table.fields.get(path) if table is not None else None
    if line is not None and line.yields:
        return "what somebody wrote there stays"
    if line is None or (line.writable and not line.create_only):
        return "nothing is written to this field there"
    words = "it is only set when a record is made there" if line.create_only else "it is only read there"
    return words + (f" ({line.why})" if line.why else "")


def _delivery_words(delivery: Delivery) -> str:
    if delivery.state is DeliveryState.ASKING:
        return "waiting for your yes" + (f" ({delivery.wait})" if delivery.wait else "")
    return f"waiting for {delivery.wait}" if delivery.wait else "about to be sent"


def _waiting(reader: Reader, on: _Ground) -> Iterable[Doc]:
    links = on.known.by_entity[on.entity.id]
    for one in on.deliveries:
        link = on.known.by_id.get(one.link_id) if one.link_id is not None else None
        what = "change" if one.link_id is not None else "new record"
        lines = due_lines(on.ground, link, on.entity) if link is not None else []
        yield {
            "connection": one.connection,
            "stream": one.stream,
            "what": what,
            "fields": [line.path for line in lines],
            "why": _delivery_words(one),
            "number": one.id,
            "approved": yes_waiting(on.approvals, one, lines),
        }
    for (connection, stream), table in on.ground.tables.items():
        belonging = on.ground.config.connections[connection].belonging(on.entity.type)
        linked = any(link.connection == connection and link.stream == stream for link in links)
        if table.entity is not on.entity.type or linked or belonging.create == "never":
            continue
        lacking = missing_required(table, on.entity)
        if lacking:
            why = "it cannot be made there without " + ", ".join(lacking)
            yield {"connection": connection, "stream": stream, "what": "new record", "fields": lacking, "why": why}
    if on.entity.type is EntityType.INVENTORY_LEVEL:
        yield from (_level_doc(part) for part in views(on.known, on.ground, on.entity))
    for review in reader.reviews():
        if on.entity.id in (review.entity_id, *review.detail.get("alike", [])):
            where = review.detail.get("connection", "")
            named = [review.detail["field"]] if review.detail.get("field") else []
            why = f"question {review.id} is open" + (": pin one, or answer it" if review.kind is ReviewKind.ASK else "")
            yield {"connection": where, "what": "question", "fields": named, "why": why, "number": review.id}


def _level_doc(part: View) -> Doc:
    """Say what a system shows of a level, what it should show, and why nothing is sent where that is so."""
    differs = f"it shows {shown(part.shown)}, it should show {shown(part.wanted)}"
    why = "it shows what it should" if part.shown == part.wanted else differs
    return {"connection": part.connection, "what": "stock", "fields": [], "why": f"{why}: {part.why}" if part.why else why}
