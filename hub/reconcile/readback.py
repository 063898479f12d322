"""See the result of our own write: what the system shows now is its rendering of our value, or somebody's edit on top of it."""

from __future__ import annotations

from hub.mapping import Mapping
from hub.mapping.ground import Ground
from hub.model.delivery import Attempt, AttemptState, Cover
from hub.model.entity import Entity
from hub.model.known import Dead, Known, Note, Question
from hub.model.link import NOTHING, UNSHOWN, Claim, Link, LinkState, Stands
from hub.model.record import Observation
from hub.model.review import ReviewKind
from hub.model.traits import Ordering, Traits
from hub.model.values import MISSING, Micros, Value
from hub.reconcile.attach import only_shows
from hub.reconcile.compare import is_silent, version_of
from hub.reconcile.edit import confirm, show
from hub.reconcile.fields import ask_not_kept, count_miss

REFUSED = "refused"
GONE = "gone"
"""What became of an attempt whose end was not known when its record went."""
FOUND_OUT = "it was found out since"
"""How the question whether something was made ends by itself."""
SEEN_LATER = frozenset({"update", "act"})
"""Operations whose result a later read of the record shows."""
HOUR: Micros = 3_600_000_000
REWRITES = 2


def can_resolve(attempt: Attempt, seen: Observation, traits: Traits) -> bool:
    """Say whether a read may close an attempt: sent after it ended, when its effect had to be visible (Rule 2.18)."""
    if attempt.operation not in SEEN_LATER or attempt.state not in (AttemptState.READ_BACK, AttemptState.UNKNOWN):
        return False
    return seen.seq > attempt.seq and seen.sent_at >= visible_at(attempt, traits)


def visible_at(attempt: Attempt, traits: Traits) -> Micros:
    """Return from when on a read has to show the effect of an attempt that ended; later if it may still be on its way."""
    late = traits.late_effect if attempt.state is AttemptState.UNKNOWN else 0
    return attempt.ended_at + traits.visible_after + late


def read_back(
    known: Known, ground: Ground, link: Link, entity: Entity, attempt: Attempt, stated: dict[str, Value], seen: Observation
) -> dict[str, Value]:
    """Close an attempt with what a read shows. Returns the statements that are left to be compared as in any read."""
    left = dict(stated)
    table, traits = ground.table(link), ground.trait(link.connection, link.stream)
    if table is not None:
        pair_elements(table, link, entity, attempt, left)
        left |= lost_words(table, attempt, left, seen)
    for path, cover in attempt.covers.items():
        if path not in left:
            continue
        claim = link.claims.setdefault(path, Claim())
        value = left[path]
        if _is_rendering(ground, table, link, path, cover, value, attempt, seen, claim):
            show_ours(known, table, link, path, cover, left.pop(path), seen, traits)
        elif value == claim.held or (value is None and claim.held is MISSING):
            _not_applied(known, link, path, attempt, seen, traits)
            claim.held = left.pop(path)
        else:
            claim.stands = Stands(cover.golden_version, cover.stamp)  # whoever wrote it wrote on top of ours
            if claim.held is MISSING and attempt.state is AttemptState.READ_BACK:
                claim.held = cover.sent  # we made the record, and it was changed before we first saw it
            if not only_shows(link):
                _count_rewrite(known, link, path, claim, seen)
    close(known, link, attempt, seen.seq)
    known.touch(entity)
    return left


def show_ours(
    known: Known, table: Mapping | None, link: Link, path: str, cover: Cover, value: Value, seen: Observation, traits: Traits
) -> None:
    """Note how a system shows what we sent. Where it shows what it did before, a person is asked whether it takes our value."""
    claim = link.claims[path]
    ignored = is_ignored(table, path, cover.sent, value, claim)
    if ignored:
        ask_not_kept(known, link, path)
    stamp = UNSHOWN if ignored else cover.stamp  # Rule 2.5: no edit there is made on top of what is not shown
    show(claim, value, seen, traits, Stands(cover.golden_version, stamp))


def _count_rewrite(known: Known, link: Link, path: str, claim: Claim, seen: Observation) -> None:
    """A sent field came back as an edit: the second time within an hour a person is asked about it (Rule 2.26)."""
    claim.edits = claim.edits + 1 if seen.received_at - claim.wrote_at < HOUR else 1
    claim.wrote_at = seen.received_at
    if claim.edits >= REWRITES:
        detail = {"field": path, "connection": link.connection}
        known.questions.append(Question(ReviewKind.REWRITES, f"link {link.id} {path}", link.entity_id, link.id, detail))


def lay_by(known: Known, link: Link) -> None:
    """Close an attempt whose record is gone: nothing is left to read it back from, unless the record comes again."""
    attempt = known.attempts.get(link.attempt_id) if link.attempt_id is not None else None
    if attempt is None or attempt.state is AttemptState.OPEN:
        return
    link.attempt_id = None
    link.laid_by = attempt.id if link.state is LinkState.ENDED and attempt.operation in SEEN_LATER else 0
    attempt.state, attempt.result = AttemptState.CLOSED, attempt.result or GONE
    known.changed_attempts[attempt.id] = attempt


def take_up(known: Known, link: Link) -> None:
    """Go on with what was laid by: what a record shows that came again may be how its system renders what we wrote."""
    attempt = known.attempts.get(link.laid_by)
    link.laid_by = 0
    if attempt is None or link.attempt_id is not None:
        return
    link.attempt_id = attempt.id  # Rule 6.16: it is read back now
    unknown = attempt.result == GONE
    attempt.state, attempt.result = (AttemptState.UNKNOWN, "") if unknown else (AttemptState.READ_BACK, attempt.result)
    known.changed_attempts[attempt.id] = attempt


def close(known: Known, link: Link | None, attempt: Attempt, fence_seq: int) -> None:
    """Close an attempt and open its link for the next one. Reads sent up to `fence_seq` are not compared."""
    attempt.state = AttemptState.CLOSED
    known.changed_attempts[attempt.id] = attempt
    if attempt.looks:  # somebody may be asked about it by now
        known.answered[f"attempt {attempt.id}"] = FOUND_OUT
    if link is not None and link.attempt_id in (None, attempt.id):
        link.attempt_id, link.digest = None, b""  # every attempt clears the hash
        link.fence_seq = max(link.fence_seq, fence_seq)
        known.change(link)


def _is_rendering(
    ground: Ground,
    table: Mapping | None,
    link: Link,
    path: str,
    cover: Cover,
    value: Value,
    attempt: Attempt,
    seen: Observation,
    claim: Claim,
) -> bool:
    """Rule 2.20: equal, the counter is exactly the one before + 1, or it looks like what we sent.

    The counter tells nothing of a silent field, which may have been edited since without moving it.
    """
    if value == cover.sent or table is None:
        return bool(value == cover.sent)
    if value == ground.render(link, path, cover.sent):
        return True
    traits = ground.trait(link.connection, link.stream)
    version = version_of(seen.record, traits)
    counted = traits.ordering is Ordering.COUNTER and not is_silent(table, path)  # Rule 2.20
    if counted and attempt.base_version is not None and version is not None:
        if version <= attempt.base_version:
            return False
        answered = attempt.state is AttemptState.READ_BACK  # a lost write and a person's edit also make + 1
        if answered and version == attempt.base_version + 1 and len(attempt.calls) == 1:
            return True
    if value == claim.held and attempt.state is AttemptState.UNKNOWN:
        return False
    return value is not None and cover.sent is not None and looks_like(table, path, cover.sent, value)


def is_ignored(table: Mapping | None, path: str, sent: Value, value: Value, claim: Claim) -> bool:
    """Say whether a system shows what it showed before, which is nothing like what we sent: it does not take our value."""
    if value != claim.held or value == sent:
        return False
    return table is None or sent is None or value is None or not looks_like(table, path, sent, value)


def looks_like(table: Mapping, path: str, sent: Value, value: Value) -> bool:
    """Say whether a value may be this system's way to show what we sent."""
    name, _, element = path.partition("/")
    if element and name in table.lists and table.lists[name].is_set:
        return bool(sent == value)
    return table.looks_like(name if element else path, sent, value)


def _not_applied(known: Known, link: Link, path: str, attempt: Attempt, seen: Observation, traits: Traits) -> None:
    """The value from before is still there. Refused: set aside. Unknown: it did not happen. Done: the system did not keep it."""
    claim = link.claims[path]
    if claim.held is not MISSING:
        confirm(claim, seen, traits)
    claim.stands = NOTHING
    if attempt.result == REFUSED:
        set_aside(known, link, attempt, [path], attempt.reason)
    elif attempt.state is AttemptState.READ_BACK:
        count_miss(known, link, path, attempt.covers[path].golden_version)


def set_aside(known: Known, link: Link, attempt: Attempt, paths: list[str], reason: str) -> None:
    """Put fields aside that a system refuses: sent again when their golden value changes."""
    for path in paths:
        claim = link.claims.setdefault(path, Claim())
        claim.aside = attempt.covers[path].golden_version
    known.change(link)
    known.dead.append(
        Dead(link.connection, link.stream, link.external_id, "push_refused", reason, ",".join(paths), link.entity_id, attempt.id)
    )
    known.notes.append(Note(attempt.ended_at, link.entity_id, link.id, "set aside", [[path] for path in paths]))


def lost_words(table: Mapping, attempt: Attempt, stated: dict[str, Value], seen: Observation) -> dict[str, Value]:
    """Return the words that we added to a set and that the whole record does not show: this system does not keep them so."""
    record = seen.record
    out: dict[str, Value] = {}
    for path, cover in attempt.covers.items():
        name, _, word = path.partition("/")
        is_word = bool(word) and name in table.lists and table.lists[name].is_set
        # Rule 2.42
        if is_word and cover.sent is not None and path not in stated and name in record.lists and not record.partial:
            out[path] = None
    return out


def pair_elements(table: Mapping, link: Link, entity: Entity, attempt: Attempt, left: dict[str, Value]) -> None:
    """Recognise list elements that we added by what they look like, and give them the element ids they were sent under."""
    for path, cover in attempt.covers.items():
        name, _, element_id = path.partition("/")
        if not element_id or cover.sent is None or path in left or name not in link.elements:
            continue
        for remote_id, other in list(link.elements[name].items()):
            fresh = f"{name}/{other}"
            if left.get(fresh) is None or not table.looks_like(name, cover.sent, left[fresh]):
                continue
            replaced = table.lists[name].single and fresh in attempt.covers and attempt.covers[fresh].sent is None
            if replaced or (fresh not in link.claims and fresh not in entity.golden):
                former = [one for one, ours in link.elements[name].items() if ours == element_id]
                for one in former:  # it went once, and is there again under another id
                    del link.elements[name][one]
                link.elements[name][remote_id] = element_id
                left[path] = left.pop(fresh)
                if replaced:  # the only place there: what went made room for what came
                    left[fresh] = None
                break
