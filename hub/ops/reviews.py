"""Answers to the hub's questions, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.clock import instant
from hub.errors import UsageError
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import NOTHING, Link
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.review import Review, ReviewKind
from hub.model.run import HintRow
from hub.model.values import Doc
from hub.ops.merge import merge
from hub.ops.names import name_of
from hub.ops.office import Office
from hub.ops.plan import settle_again
from hub.pipeline import absorb, replan
from hub.retail import count_level, release
from hub.store import Reader, Unit
from hub.store.known import ACCEPTED, begin_known, load_entities, load_stock

QUESTIONS: Final = {
    ReviewKind.MATCH: "These may be the same. Are they?",
    ReviewKind.NOT_KEPT: "This system does not keep our value. Try again?",
    ReviewKind.REWRITES: "This system rewrites our value. Send ours again?",
    ReviewKind.EMPTIED: "Over half of this record went empty at once. Is that right?",
    ReviewKind.VANISHED: "A large share of these records is gone. Look at each of them?",
    ReviewKind.REWOUND: "This system shows an older state of itself. Take it as it is?",
    ReviewKind.CREATE: "This record cannot be made safely by us. Make it?",
    ReviewKind.UNKNOWN_CREATE: "Nobody can tell whether this record was made there. Was it?",
    ReviewKind.CLASH: "Something that must be unique is taken there. Try again?",
    ReviewKind.ECHO: "Changes of this level go round between two systems: does another sync run beside us? Stopped it?",
    ReviewKind.COUNT: "Nobody can tell whether our change of this level happened. How many are on the shelf?",
    ReviewKind.ASK: "Which value is right? Try again once you have entered it.",
}
YES_NO: Final = ("yes", "no")
ANSWERS: Final = {ReviewKind.MATCH: ("merge", "keep apart"), ReviewKind.COUNT: ("a number", "no")}


def list_reviews(reader: Reader, *, resolved: bool = False) -> list[Doc]:
    """Return open (or answered) questions with who they are about."""
    reviews = reader.reviews(resolved=resolved)
    ids = {i for review in reviews for i in _entities(review)}
    ends = reader.resolve(ids)
    entities = reader.entities(ends.values())
    out = []
    for review in reviews:
        people = [entities[ends[i]] for i in _entities(review) if ends.get(i) in entities]
        who = [{"entity": e.type.value, "id": e.id, "name": name_of(e)} for e in {e.id: e for e in people}.values()]
        out.append(
            {
                "id": review.id,
                "kind": review.kind.value,
                "question": QUESTIONS[review.kind],
                "about": who,
                "connection": review.detail.get("connection", ""),
                "field": review.detail.get("field", ""),
                "since": instant(review.opened_at),
                "answers": list(ANSWERS.get(review.kind, YES_NO)),
                "answer": review.answer,
            }
        )
    return out


def _entities(review: Review) -> list[int]:
    found = [review.entity_id] if review.entity_id is not None else []
    return found + [int(i) for i in review.detail.get("alike", [])]


def resolve_review(office: Office, review_id: int, answer: str, other: int | None = None) -> Doc:
    """Answer one question. `other`: whom to merge with, where more than two are alike. Raises UsageError for a wrong answer."""

    def work(unit: Unit) -> Doc:
        review = unit.reviews_by_id([review_id]).get(review_id)
        if review is None or review.resolved_at is not None:
            text = f"There is no open question {review_id}." if review is None else f"Question {review_id} is answered already."
            raise UsageError(text, fix="See `hub review list`.")
        return resolve(unit, office, review, answer, other)

    done = office.write(work)
    office.wake()
    return done


def resolve(unit: Unit, office: Office, review: Review, answer: str, other: int | None = None) -> Doc:
    """Answer a question and do what follows from the answer."""
    answers = ANSWERS.get(review.kind, YES_NO)
    counted = review.kind is ReviewKind.COUNT and answer.isascii() and answer.isdigit()
    if (answer not in answers and not counted) or answer == "a number":
        raise UsageError(f"`{answer}` is no answer to this.", fix=f"Answer {' or '.join(f'`{a}`' for a in answers)}.")
    review.answer, review.resolved_at = answer, office.clock.now()
    unit.save_reviews([review])
    said_yes = counted or answer in ("yes", "merge")
    done: Doc = {"review": review.id, "kind": review.kind.value, "answer": answer}
    if said_yes:
        done |= _CONSEQUENCES.get(review.kind, _plan_again)(unit, office, review, other) or {}
    elif review.kind is ReviewKind.UNKNOWN_CREATE:
        _was_not_made(unit, office, review)
    else:
        _plan_again(unit, office, review, other)
    return done


def _plan_again(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    ids = [i for i in _entities(review) if i in unit.entities([i])]
    if ids:
        settle_again(unit, office.ground, ids, office.clock.now())
    return None


def _merge(unit: Unit, office: Office, review: Review, other: int | None) -> Doc | None:
    ids = sorted(set(unit.resolve(_entities(review)).values()))
    if other is not None and review.entity_id is not None:
        ids = sorted({unit.resolve([other])[other], unit.resolve([review.entity_id])[review.entity_id]})
    if len(ids) > 2:
        fix = "Say which with --with, one of " + ", ".join(str(i) for i in ids if i != review.entity_id) + "."
        raise UsageError("More than two are alike.", fix=fix)
    if len(ids) < 2:
        return {"merged": ids[0]} if ids else None
    merge(unit, office.ground, keep=ids[0], drop=ids[1], now=office.clock.now())
    return {"merged": ids[0], "was": ids[1]}


def _link_of(unit: Unit, review: Review) -> Link | None:
    return unit.links_by_id([review.link_id]).get(review.link_id) if review.link_id is not None else None


def _try_again(unit: Unit, office: Office, review: Review, other: int | None) -> Doc | None:
    """Forget that a system did not keep our value and send it again; a create that was refused is due again."""
    link = _link_of(unit, review)
    if link is not None:
        for claim in link.claims.values():
            claim.misses = claim.edits = claim.aside = 0
        asked_about = link.claims.get(review.detail.get("field", ""))
        if asked_about is not None:
            asked_about.stands = NOTHING  # what it shows is not its way to show our value: a person says so
        unit.save_links([link])
    elif review.entity_id is not None:
        refused = [d for d in unit.deliveries_of([review.entity_id]) if d.aside]
        for delivery in refused:
            delivery.aside, delivery.not_before, delivery.tries = 0, 0, 0
        unit.save_deliveries(refused)
    return _plan_again(unit, office, review, other)


def _believe(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Read the record again and take what it says."""
    link = _link_of(unit, review)
    if link is not None:
        unit.set_flag(f"{ACCEPTED}{review.kind.value}/{link.id}", instant(office.clock.now()))
        link.digest = b""
        unit.save_links([link])
        now = office.clock.now()
        unit.add_hints([HintRow(link.connection, link.stream, link.external_id, now, now, reason="believed")])
    return None


def _look_at_each(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Fetch every record of the stream by id: what is gone there is taken as gone one by one."""
    connection, stream = review.detail["connection"], review.detail["stream"]
    now = office.clock.now()
    links = unit.missing_links(connection, stream, -1)
    unit.add_hints([HintRow(connection, stream, link.external_id, now, now, reason="missing") for link in links])
    return {"looked_at": len(links)}


def _was_not_made(unit: Unit, office: Office, review: Review) -> None:
    """Nobody made it: the attempt is over and the record is due again."""
    attempt_id = int(review.about.rpartition(" ")[2])
    if attempt_id in {attempt.id for attempt in unit.open_attempts()}:
        now = office.clock.now()
        absorb(unit, office.ground, [Outcome(attempt_id, OutcomeKind.NOT_FOUND, unit.next_id("seq"), now)], now)


def _count(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Set a level to what a person counted."""
    now = office.clock.now()
    known, entity = _level(unit, review)
    history = unit.movements(entity.refs["variant"], entity.refs["location"], limit=1_000_000)
    delta = count_level(known, office.ground, entity, int(review.answer), now, now, history)
    replan(unit, office.ground, known, now)
    return {"counted": int(review.answer), "corrected_by": delta}


def _release(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Go on with a level whose changes went round."""
    known, entity = _level(unit, review)
    release(known, office.ground, entity, office.clock.now())
    replan(unit, office.ground, known, office.clock.now())
    return None


def _level(unit: Unit, review: Review) -> tuple[Known, Entity]:
    assert review.entity_id is not None, "a question about a level names it"
    known = begin_known(unit)
    load_entities(unit, known, [review.entity_id])
    load_stock(unit, known, [review.entity_id])
    return known, known.resolve(review.entity_id)


_Consequence = Callable[[Unit, Office, Review, int | None], Doc | None]
_CONSEQUENCES: Final[dict[ReviewKind, _Consequence]] = {
    ReviewKind.MATCH: _merge,
    ReviewKind.NOT_KEPT: _try_again,
    ReviewKind.REWRITES: _try_again,
    ReviewKind.CLASH: _try_again,
    ReviewKind.CREATE: _try_again,
    ReviewKind.EMPTIED: _believe,
    ReviewKind.COUNT: _count,
    ReviewKind.ECHO: _release,
    ReviewKind.VANISHED: _look_at_each,
}
