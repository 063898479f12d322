"""Answers to the hub's questions, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.clock import instant
from hub.errors import UsageError
from hub.model.delivery import DeliveryState
from hub.model.entity import Entity, Override
from hub.model.known import Known
from hub.model.link import NOTHING, Link, LinkState
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.review import Review, ReviewKind
from hub.model.run import HintRow
from hub.model.values import MISSING, Doc, Missing, Value
from hub.ops.acts import do_all_the_same, give_up
from hub.ops.merge import merge
from hub.ops.names import name_of, shown
from hub.ops.office import Office
from hub.ops.pins import pin_value
from hub.ops.plan import settle_again
from hub.ops.restores import (
    MEANING,
    NOT_RESTORED,
    RESTORED,
    WAIT,
    bring_up_to_date,
    finish_looking,
    go_on,
    keep_all,
    look_at_each,
    read_whole,
)
from hub.pipeline import absorb, replan
from hub.retail import count_level, release
from hub.store import Reader, Unit
from hub.store.known import ACCEPTED, begin_known, load_entities, load_stock

QUESTIONS: Final = {
    ReviewKind.MATCH: "These may be the same. Are they?",
    ReviewKind.NOT_KEPT: "This system does not keep our value. Try again?",
    ReviewKind.REWRITES: "This system rewrites our value. Send ours again?",
    ReviewKind.EMPTIED: "Over half of this record went empty at once. Is that right?",
    ReviewKind.VANISHED: "Many of these records are gone at once. Were they deleted there on purpose?",
    ReviewKind.REWOUND: "This system shows an older state of itself. Was it restored from a backup?",
    ReviewKind.CREATE: "This record cannot be made safely by us. Make it?",
    ReviewKind.UNKNOWN_CREATE: "Nobody can tell whether this record was made there. Was it?",
    ReviewKind.CLASH: "Something that must be unique is taken there. Try again?",
    ReviewKind.ECHO: "Changes of this level go round between two systems: does another sync run beside us? Stopped it?",
    ReviewKind.COUNT: "Nobody can tell whether our change of this level happened. How many are on the shelf?",
    ReviewKind.ACT: "What you asked for was not done there. Do it all the same?",
    ReviewKind.ASK: "The systems differ. Whose value is right?",
}
YES_NO: Final = ("yes", "no")
ANSWERS: Final = {
    ReviewKind.MATCH: ("merge", "keep apart"),
    ReviewKind.COUNT: ("a number", "no"),
    ReviewKind.REWOUND: (RESTORED, NOT_RESTORED, WAIT),
}
SAID_MADE: Final = "somebody said that it is there already"
"""Why a new record waits for a yes: it is looked for, and only a person can say that it has to be made all the same."""
USUAL: Final = {ReviewKind.MATCH: "keep apart", ReviewKind.REWOUND: RESTORED}
"""What most people answer, where it is not yes."""


def show_review(reader: Reader, number: int) -> Doc:
    """Return one question, open or answered. Raises UsageError where there is none."""
    review = reader.reviews_by_id([number]).get(number)
    if review is None:
        raise UsageError(f"There is no question {number}.", fix="See `hub review list`, and `--resolved` for those answered.")
    return _docs(reader, [review])[0]


def list_reviews(reader: Reader, *, resolved: bool = False) -> list[Doc]:
    """Return open (or answered) questions with who they are about."""
    return _docs(reader, reader.reviews(resolved=resolved))


def _docs(reader: Reader, reviews: list[Review]) -> list[Doc]:
    stated = _stated(reader, reviews)
    ids = {i for review in reviews for i in _entities(review)}
    ends = reader.resolve(ids)
    entities = reader.entities(ends.values())
    out = []
    for review in reviews:
        people = [entities[ends[i]] for i in _entities(review) if ends.get(i) in entities]
        who = [{"entity": e.type.value, "id": e.id, "name": name_of(e)} for e in {e.id: e for e in people}.values()]
        values = stated.get(review.id, [])
        places = list(dict.fromkeys(one["connection"] for one in values))
        out.append(
            {
                "id": review.id,
                "kind": review.kind.value,
                "question": QUESTIONS[review.kind],
                "about": who,
                "connection": review.detail.get("connection", ""),
                "field": review.detail.get("field", ""),
                "since": instant(review.opened_at),
                "values": values,
                "answers": [*places, *ANSWERS.get(review.kind, YES_NO)],
                "count": review.detail.get("records", review.detail.get("missing")),
                "meaning": MEANING.get(review.kind, ""),
                "answer": review.answer,
                "hint": _hint(review, who),
            }
        )
    return out


def _stated(reader: Reader, reviews: list[Review]) -> dict[int, list[Doc]]:
    """Return what each system said of the fields that a person is asked to choose."""
    asked = {review.id: review for review in reviews if review.kind is ReviewKind.ASK and review.entity_id is not None}
    links: dict[int, list[Link]] = {}
    for link in reader.links_of({review.entity_id for review in asked.values() if review.entity_id is not None}):
        links.setdefault(link.entity_id, []).append(link)
    return {
        number: [
            {"connection": link.connection, "record": link.external_id, "value": own, "shown": shown(own)}
            for link, own in statements(links.get(review.entity_id or 0, []), review.detail["field"])
        ]
        for number, review in asked.items()
    }


def statements(links: list[Link], field: str) -> list[tuple[Link, Value]]:
    """Return what was entered in each living record of a field."""
    found = ((link, link.claims[field].own) for link in links if link.state is LinkState.LIVE and field in link.claims)
    return [(link, own) for link, own in found if own is not MISSING]


def _hint(review: Review, who: list[Doc]) -> str:
    """Return what to type beside an answer."""
    if not who:
        return ""
    one = f"{who[0]['entity']} {who[0]['id']}"
    if review.kind is ReviewKind.ACT:
        return f"{review.detail['verb']}: {review.detail['reason']}; look at it: hub show {one}"
    if review.kind is ReviewKind.ASK:
        return f"answer with a system to take its value, or type another: hub pin {one} {review.detail['field']} VALUE"
    return f"look at it: hub explain {one} {review.detail.get('field', '')}".rstrip()


def _entities(review: Review) -> list[int]:
    found = [review.entity_id] if review.entity_id is not None else []
    return found + [int(i) for i in review.detail.get("alike", [])]


def resolve_review(office: Office, review_id: int, answer: str, other: int | None = None, by: str = "") -> Doc:
    """Answer one question. `other`: whom to merge with, where more than two are alike. Raises UsageError for a wrong answer."""

    def work(unit: Unit) -> Doc:
        review = unit.reviews_by_id([review_id]).get(review_id)
        if review is None or review.resolved_at is not None:
            text = f"There is no open question {review_id}." if review is None else f"Question {review_id} is answered already."
            raise UsageError(text, fix="See `hub review list`.")
        return resolve(unit, office, review, answer, other, by)

    done = office.write(work)
    read_whole(office, done)
    finish_looking(office)
    office.wake()
    return done


def resolve(unit: Unit, office: Office, review: Review, answer: str, other: int | None = None, by: str = "") -> Doc:
    """Answer a question and do what follows from the answer."""
    said = _system_said(unit, review, answer)
    answers = ANSWERS.get(review.kind, YES_NO)
    counted = review.kind is ReviewKind.COUNT and answer.isascii() and answer.isdigit()
    if (answer not in answers and not counted and said is MISSING) or answer == "a number":
        raise UsageError(f"`{answer}` is no answer to this.", fix=f"Answer {' or '.join(f'`{a}`' for a in answers)}.")
    done: Doc = {"review": review.id, "kind": review.kind.value, "answer": answer}
    if answer == WAIT:
        return {**done, "open": True}
    review.answer, review.resolved_at = answer, office.clock.now()
    unit.save_reviews([review])
    if said is not MISSING and review.entity_id is not None:
        override = Override(said, by, office.clock.now(), f"answer to question {review.id}: as in {answer}")
        return done | {"pinned": pin_value(unit, office.ground, review.entity_id, review.detail["field"], override)}
    said_yes = counted or answer in ("yes", "merge", RESTORED)
    if said_yes:
        done |= _CONSEQUENCES.get(review.kind, _plan_again)(unit, office, review, other) or {}
    elif review.kind in _REFUSALS:
        done |= _REFUSALS[review.kind](unit, office, review, other) or {}
    else:
        _plan_again(unit, office, review, other)
    return done


def _system_said(unit: Unit, review: Review, answer: str) -> Value | Missing:
    """Return what the system named in an answer says of the field in question."""
    if review.kind is not ReviewKind.ASK or review.entity_id is None:
        return MISSING
    links = unit.links_of([unit.resolve([review.entity_id])[review.entity_id]])
    found = [own for link, own in statements(links, review.detail["field"]) if link.connection.casefold() == answer.casefold()]
    if len(found) > 1 and any(own != found[0] for own in found):
        raise UsageError(f"`{answer}` says more than one thing.", fix="Pin the right value instead: `hub pin`.")
    return found[0] if found else MISSING


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


def _was_made(unit: Unit, office: Office, review: Review, other: int | None) -> Doc | None:
    """It is there: the attempt is over, its stream is read, and it is not made again before somebody says yes to that."""
    found = unit.attempts([int(review.about.rpartition(" ")[2])])
    _was_not_made(unit, office, review, other)
    now = office.clock.now()
    for attempt in found.values():
        key = (attempt.connection, attempt.stream)
        waiting = [d for d in unit.create_deliveries([attempt.entity_id]) if (d.connection, d.stream) == key]
        for delivery in waiting:
            delivery.brake, delivery.approved = SAID_MADE, {}
            delivery.state, delivery.wait = DeliveryState.ASKING, SAID_MADE
        unit.save_deliveries(waiting)
        unit.add_hints([HintRow(*key, "*", now, now, reason="was made")])
    return None


def _was_not_made(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Nobody made it: the attempt is over and the record is due again."""
    attempt_id = int(review.about.rpartition(" ")[2])
    if attempt_id in {attempt.id for attempt in unit.open_attempts()}:
        now = office.clock.now()
        absorb(unit, office.ground, [Outcome(attempt_id, OutcomeKind.NOT_FOUND, unit.next_id("seq"), now)], now)
    return None


def _count(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Set a level to what a person counted."""
    now = office.clock.now()
    known, entity = _level(unit, review)
    history = unit.movements(entity.refs["variant"], entity.refs["location"], limit=1_000_000)
    delta = count_level(known, office.ground, entity, int(review.answer), now, now, history)
    release(known, office.ground, entity, now)
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
    ReviewKind.UNKNOWN_CREATE: _was_made,
    ReviewKind.EMPTIED: _believe,
    ReviewKind.COUNT: _count,
    ReviewKind.ECHO: _release,
    ReviewKind.VANISHED: look_at_each,
    ReviewKind.REWOUND: bring_up_to_date,
    ReviewKind.ACT: do_all_the_same,
}
_REFUSALS: Final[dict[ReviewKind, _Consequence]] = {
    ReviewKind.UNKNOWN_CREATE: _was_not_made,
    ReviewKind.COUNT: _release,
    ReviewKind.VANISHED: keep_all,
    ReviewKind.REWOUND: go_on,
    ReviewKind.ACT: give_up,
}
