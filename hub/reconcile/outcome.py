"""What the end of our own attempt means. A push outcome is one more observation: it goes through absorb like any read."""

from __future__ import annotations

from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.acts import note_asked, set_act_aside
from hub.model.delivery import Attempt, AttemptState, Delivery, DeliveryKind, DeliveryState
from hub.model.entity import Entity
from hub.model.known import Dead, Known, Question, Reread
from hub.model.link import Claim, Link, LinkKey, LinkState, Stands
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.record import Observation, Source
from hub.model.review import ReviewKind
from hub.model.traits import Traits
from hub.model.values import Micros, Value
from hub.reconcile.adopt import adopt, new_link
from hub.reconcile.attach import note_shown
from hub.reconcile.edit import show
from hub.reconcile.fields import compare_fields
from hub.reconcile.identify import held_keys
from hub.reconcile.observe import end_link, note_version, observe, retire
from hub.reconcile.readback import REFUSED, SEEN_LATER, close, lost_words, pair_elements, read_back, set_aside, show_ours
from hub.reconcile.statements import statements
from hub.reconcile.successor import is_another

CLASHES = 3
CLASH_WAIT: Micros = 10_000_000
BACKOFF: tuple[Micros, ...] = (1_000_000, 2_000_000, 5_000_000, 15_000_000, 60_000_000, 300_000_000)


def apply_outcome(known: Known, ground: Ground, outcome: Outcome) -> None:
    """Judge the end of a state attempt."""
    attempt = known.attempts[outcome.attempt_id]
    if attempt.state is AttemptState.CLOSED:
        return
    link = known.by_id.get(attempt.link_id) if attempt.link_id is not None else None
    delivery = known.delivery_of(attempt)
    attempt.ended_at, attempt.done, attempt.reason = outcome.at, outcome.done, outcome.reason
    known.changed_attempts[attempt.id] = attempt
    known.touch(known.resolve(attempt.entity_id))
    if delivery is not None and delivery.kind is DeliveryKind.ACT and outcome.kind in (OutcomeKind.DONE, OutcomeKind.UNKNOWN):
        note_asked(delivery, outcome.at)
    match outcome.kind:
        case OutcomeKind.DONE:
            _apply_done(known, ground, attempt, link, outcome)
        case OutcomeKind.UNKNOWN:
            _apply_unknown(known, ground, attempt, link, outcome)
        case OutcomeKind.REFUSED | OutcomeKind.CLASH:
            _apply_refused(known, ground, attempt, link, delivery, outcome)
        case OutcomeKind.NOT_SENT:
            _apply_not_sent(known, attempt, link, delivery, outcome)
        case OutcomeKind.STALE | OutcomeKind.GONE | OutcomeKind.NOT_FOUND:
            _apply_nothing_done(known, ground, attempt, link, delivery, outcome)


def _apply_nothing_done(
    known: Known, ground: Ground, attempt: Attempt, link: Link | None, delivery: Delivery | None, outcome: Outcome
) -> None:
    """The last call changed nothing; if earlier ones did, a read shows what. Otherwise read again before the next try."""
    if outcome.done and link is not None:
        await_read(known, ground, attempt, link, outcome)
        return
    close(known, link, attempt, outcome.seq)
    delivery = known.delivery_of(attempt)
    if link is not None:
        _owe(known, link, outcome.at, outcome.kind.value)
    elif delivery is not None:  # Rule 6.14: what waited because it might be this one is read first
        delivery.state, delivery.wait = DeliveryState.WAITING, "what was read meanwhile"
        delivery.not_before = outcome.at + CLASH_WAIT
    if delivery is not None and outcome.kind is OutcomeKind.GONE:  # Rule 6.30: until a read has seen what became of it
        delivery.not_before = outcome.at + BACKOFF[min(delivery.tries, len(BACKOFF) - 1)]
        delivery.state, delivery.wait, delivery.tries = DeliveryState.WAITING, "a read", delivery.tries + 1


def _owe(known: Known, link: Link, at: Micros, reason: str) -> None:
    link.owed_read = True
    known.change(link)
    known.rereads.append(Reread(link.connection, link.stream, link.external_id, at, reason))


def await_read(known: Known, ground: Ground, attempt: Attempt, link: Link, outcome: Outcome) -> None:
    """Keep the fence up until a read shows what came of it; where the record is gone meanwhile, none will."""
    if link.state is not LinkState.LIVE:
        close(known, link, attempt, outcome.seq)
        return
    traits = ground.trait(link.connection, link.stream)
    unknown = outcome.kind is OutcomeKind.UNKNOWN
    attempt.state = AttemptState.UNKNOWN if unknown else AttemptState.READ_BACK
    attempt.seq = outcome.seq
    link.attempt_id = attempt.id
    wait = traits.visible_after + (traits.late_effect if unknown else 0)
    known.change(link)
    known.rereads.append(Reread(link.connection, link.stream, link.external_id, outcome.at + wait, "read back"))


def _apply_done(known: Known, ground: Ground, attempt: Attempt, link: Link | None, outcome: Outcome) -> None:
    attempt.result = "done"
    if attempt.operation == "delete" and link is not None:
        close(known, link, attempt, outcome.seq)
        end_link(known, ground, link, outcome.at, "deleted by us")
        return
    if attempt.operation == "create":
        _link_created(known, ground, attempt, outcome)
        return
    if link is None:
        close(known, None, attempt, outcome.seq)
        return
    if outcome.seen is None:  # Rule 2.2: what was sent is not what is held, until it was seen
        await_read(known, ground, attempt, link, outcome)
        return
    if is_another(link, outcome.seen.record):  # Rule 2.43: it came to another record; a read shows what it left there
        await_read(known, ground, attempt, link, outcome)
        return
    entity = known.resolve(link.entity_id)
    stated = statements(outcome.seen.record, link, entity, ground)
    _see_answer(known, ground, link, entity, attempt, stated, outcome.seen)


def _see_answer(
    known: Known, ground: Ground, link: Link, entity: Entity, attempt: Attempt, stated: dict[str, Value], seen: Observation
) -> None:
    """Rule 2.21: what the write's own answer shows of a sent field is its rendering, whatever it looks like."""
    traits, table = ground.trait(link.connection, link.stream), ground.table(link)
    owed = link.owed_read
    if len(attempt.calls) > 1:  # Rule 2.21: the answer to the last call may show what somebody wrote after an earlier one
        attempt.state = AttemptState.READ_BACK
        stated = read_back(known, ground, link, entity, attempt, stated, seen)
    else:
        _take_renderings(known, link, entity, attempt, table, stated, seen, traits)
    old_keys = held_keys(link, seen.keys)
    compare_fields(known, ground, link, entity, stated, seen)
    known.set_keys(link, held_keys(link, seen.keys), old_keys)
    note_version(link, seen.record)
    note_shown(known, link, seen.record)
    link.owed_read = False
    if traits.visible_after:
        link.quiet_until = max(link.quiet_until, seen.received_at + traits.visible_after)
    if owed:  # a read went by while we wrote, and may have shown something newer than our answer
        _owe(known, link, link.quiet_until, "owed")


def _take_renderings(
    known: Known,
    link: Link,
    entity: Entity,
    attempt: Attempt,
    table: Mapping | None,
    stated: dict[str, Value],
    seen: Observation,
    traits: Traits,
) -> None:
    """Rule 2.21: what the answer to the one call shows of a field we sent is its rendering."""
    if table is not None:
        pair_elements(table, link, entity, attempt, stated)
        stated |= lost_words(table, attempt, stated, seen)
    for path, cover in attempt.covers.items():
        if path not in stated:
            continue
        link.claims.setdefault(path, Claim())
        show_ours(known, table, link, path, cover, stated.pop(path), seen, traits)
    close(known, link, attempt, seen.seq)


def _link_created(known: Known, ground: Ground, attempt: Attempt, outcome: Outcome) -> None:
    """A record we made gets its link; what the answer shows of our fields is their rendering, the rest are its seeds."""
    external_id = outcome.external_id or (outcome.seen.record.external_id if outcome.seen else None)
    assert external_id is not None, "a create that is done names its record"
    entity = known.resolve(attempt.entity_id)
    link = known.links.get(LinkKey(attempt.connection, attempt.stream, external_id))
    others = link is not None and (link.entity_id != entity.id or link.state is LinkState.LOST)  # Rule 6.61: its own
    if link is not None and others and _came_after(link, attempt, outcome):
        retire(known, ground, link, outcome.at)  # Rule 6.13: the id of a record that is gone was given to the one we made
        link = None
    if link is not None and link.entity_id != entity.id:
        _ask_whether_one(known, attempt, entity, link, outcome)
        return
    if outcome.seen is not None and outcome.seen.source is Source.FETCH:
        _link_found(known, ground, attempt, entity, link, outcome.seen)
        return
    if link is None:
        link = new_link(known, ground, attempt, entity, external_id, outcome.at, outcome.seen)
    delivery = known.delivery_of(attempt)
    for path, version in (delivery.left_out if delivery is not None else {}).items():
        link.claims.setdefault(path, Claim()).aside = version
    attempt.link_id, attempt.external_id, link.by_hub = link.id, external_id, True
    if outcome.seen is None:
        attempt.operation = "update"  # from now on it is a write whose result is to be read back
        await_read(known, ground, attempt, link, outcome)
        return
    _see_created(known, ground, attempt, link, entity, outcome.seen)


def _came_after(link: Link, attempt: Attempt, outcome: Outcome) -> bool:
    """Say whether what we made took the id of a link's record.

    Of an answer that shows nothing the order tells: a link that came while we were making it may be of the very record we made,
    or of one that took its id in turn.
    """
    if outcome.seen is not None:
        return is_another(link, outcome.seen.record)
    return link.state is LinkState.LOST or link.linked_at <= attempt.started_at


def _ask_whether_one(known: Known, attempt: Attempt, entity: Entity, link: Link, outcome: Outcome) -> None:
    """A create came to a record that belongs to somebody else. Kept apart, they stay so: nothing more is tried there."""
    close(known, None, attempt, outcome.seq)
    about = "/".join(map(str, sorted((entity.id, link.entity_id))))
    delivery = known.delivery_of(attempt)
    if about in known.apart and delivery is not None:
        delivery.aside = max(entity.version, 1)
        delivery.state, delivery.wait = DeliveryState.WAITING, "another record that takes its place there"
        return
    known.questions.append(Question(ReviewKind.MATCH, about, entity.id, link.id, {"alike": [link.entity_id]}))
    known.in_review.add(entity.id)


def _see_created(known: Known, ground: Ground, attempt: Attempt, link: Link, entity: Entity, seen: Observation) -> None:
    """What the answer to a create shows of the fields we sent is their rendering (Rule 2.21); the rest is compared."""
    traits, table = ground.trait(link.connection, link.stream), ground.table(link)
    stated = statements(seen.record, link, entity, ground)
    if table is not None:
        pair_elements(table, link, entity, attempt, stated)
    for path, cover in attempt.covers.items():
        if path in stated:
            show(
                link.claims.setdefault(path, Claim()),
                stated.pop(path),
                seen,
                traits,
                Stands(cover.golden_version, cover.stamp),
            )
    close(known, link, attempt, seen.seq)
    note_shown(known, link, seen.record)
    compare_fields(known, ground, link, entity, stated, seen)
    known.set_keys(link, held_keys(link, seen.keys), [])


def _link_found(known: Known, ground: Ground, attempt: Attempt, entity: Entity, link: Link | None, seen: Observation) -> None:
    """A create whose fate was unknown was looked for and found. Being unique does not make a record ours (Rule 6.11)."""
    if link is None and _made_by_us(ground, attempt, seen):
        adopt(known, ground, attempt, entity, seen)
        return
    close(known, link, attempt, seen.seq)
    attempt.result = "somebody else's"
    observe(known, ground, seen)


def _made_by_us(ground: Ground, attempt: Attempt, seen: Observation) -> bool:
    """Say whether a record bears our marker, or shows in every field that we sent what may be our value."""
    if seen.marker is not None:
        return seen.marker == attempt.marker
    table = ground.tables[attempt.connection, attempt.stream]
    fields = seen.record.fields
    plain = {path: cover.sent for path, cover in attempt.covers.items() if "/" not in path and path in fields}
    return all(fields[path] == sent or table.looks_like(path, sent, fields[path]) for path, sent in plain.items())


def _apply_unknown(known: Known, ground: Ground, attempt: Attempt, link: Link | None, outcome: Outcome) -> None:
    attempt.state, attempt.seq = AttemptState.UNKNOWN, outcome.seq
    if link is not None and attempt.operation in SEEN_LATER:
        await_read(known, ground, attempt, link, outcome)


def _apply_refused(
    known: Known, ground: Ground, attempt: Attempt, link: Link | None, delivery: Delivery | None, outcome: Outcome
) -> None:
    attempt.result = REFUSED
    if attempt.kind is DeliveryKind.ACT:
        close(known, link, attempt, outcome.seq)
        if delivery is not None and link is not None:
            set_act_aside(known, delivery, link, outcome.reason or "refused there")
        return
    if outcome.kind is OutcomeKind.CLASH and link is None and _is_there(known, attempt):
        close(known, None, attempt, outcome.seq)  # Rule 6.12: it was read and matched while our create was on its way
        return
    if outcome.kind is OutcomeKind.CLASH and link is None and delivery is not None and delivery.tries < CLASHES:
        close(known, None, attempt, outcome.seq)  # somebody made it there meanwhile: read it, and match it
        delivery.tries += 1
        delivery.state, delivery.wait, delivery.not_before = (
            DeliveryState.WAITING,
            "the one that is there",
            outcome.at + CLASH_WAIT,
        )
        known.rereads.append(Reread(attempt.connection, attempt.stream, "*", outcome.at, "clash"))
        return
    if outcome.kind is OutcomeKind.CLASH:  # Rule 6.20
        about = f"{attempt.connection}/{attempt.stream} entity {attempt.entity_id}"
        known.questions.append(
            Question(ReviewKind.CLASH, about, attempt.entity_id, attempt.link_id, {"connection": attempt.connection})
        )
    if link is None:
        _refuse_create(known, ground, attempt, delivery, outcome)
        return
    if outcome.done:
        await_read(known, ground, attempt, link, outcome)
        return
    close(known, link, attempt, outcome.seq)
    # Rule 6.19: only the field that is to blame is set aside
    set_aside(known, link, attempt, _blamed(ground.table(link), attempt, outcome) or list(attempt.covers), outcome.reason)


def _is_there(known: Known, attempt: Attempt) -> bool:
    """Say whether the entity that a create was for has a record there by now."""
    links = known.live_links(known.resolve(attempt.entity_id).id)
    return any(link.connection == attempt.connection and link.stream == attempt.stream for link in links)


def _refuse_create(known: Known, ground: Ground, attempt: Attempt, delivery: Delivery | None, outcome: Outcome) -> None:
    """Nothing was made: try again without the field that is to blame, or wait until the golden record moves on."""
    if outcome.done and outcome.external_id is not None:  # its first calls did make the record; a read shows what of it
        outcome.seen = None
        _link_created(known, ground, attempt, outcome)
        return
    close(known, None, attempt, outcome.seq)
    table = ground.tables.get((attempt.connection, attempt.stream))
    blamed = _blamed(table, attempt, outcome)
    if delivery is not None and blamed and all(_may_lack(table, path) for path in blamed):
        delivery.left_out |= {path: attempt.covers[path].golden_version for path in blamed}
    elif delivery is not None:
        delivery.aside = max((cover.golden_version for cover in attempt.covers.values()), default=0)
        delivery.state, delivery.wait = DeliveryState.WAITING, "refused there"
    field = ",".join(blamed) or outcome.blames or ""
    known.dead.append(
        Dead(attempt.connection, attempt.stream, "", "push_refused", outcome.reason, field, attempt.entity_id, attempt.id)
    )


def _blamed(table: Mapping | None, attempt: Attempt, outcome: Outcome) -> list[str]:
    if table is None or not outcome.blames:
        return []
    return [path for path in attempt.covers if _writes(table, path, outcome.blames)]


def _may_lack(table: Mapping | None, path: str) -> bool:
    """Say whether a record can be made without a field: one that can still be written later."""
    if table is None:
        return False
    line = table.fields.get(path)
    return path not in table.required and (line is None or (line.writable and not line.create_only))  # Rule 6.19


def _writes(table: Mapping, path: str, blamed: str) -> bool:
    name = path.partition("/")[0]
    line = table.fields.get(path) or table.lists.get(name)
    return line is not None and (line.path == blamed or blamed.startswith((f"{line.path}.", f"{line.path}[")))


def _apply_not_sent(known: Known, attempt: Attempt, link: Link | None, delivery: Delivery | None, outcome: Outcome) -> None:
    if delivery is not None:
        delay = BACKOFF[min(delivery.tries, len(BACKOFF) - 1)]
        delivery.tries += 0 if outcome.wait else 1  # waiting for a limit is no attempt
        delivery.not_before = outcome.at + (outcome.wait or delay)
        delivery.state, delivery.wait = DeliveryState.WAITING, outcome.reason or "its next try"
    if outcome.done == 0 and attempt.state is not AttemptState.UNKNOWN:  # this time it was not sent; the first is still unknown
        close(known, link, attempt, 0)
