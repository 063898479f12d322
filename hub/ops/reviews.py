"""Answers to the hub's questions, and what follows from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from hub.clock import instant
from hub.errors import UsageError
from hub.model.entity import Entity
from hub.model.known import Known
from hub.model.link import Link, LinkState
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.review import Review, ReviewKind
from hub.model.run import HintRow
from hub.model.signs import PATIENCE, count_gone
from hub.model.values import Doc
from hub.ops.merge import merge
from hub.ops.names import name_of
from hub.ops.office import Office, set_back
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
    ReviewKind.VANISHED: "Many of these records are gone at once. Were they deleted there on purpose?",
    ReviewKind.REWOUND: "This system shows an older state of itself. Was it restored from a backup?",
    ReviewKind.CREATE: "This record cannot be made safely by us. Make it?",
    ReviewKind.UNKNOWN_CREATE: "Nobody can tell whether this record was made there. Was it?",
    ReviewKind.CLASH: "Something that must be unique is taken there. Try again?",
    ReviewKind.ECHO: "Changes of this level go round between two systems: does another sync run beside us? Stopped it?",
    ReviewKind.COUNT: "Nobody can tell whether our change of this level happened. How many are on the shelf?",
    ReviewKind.ASK: "Which value is right? Try again once you have entered it.",
}
YES_NO: Final = ("yes", "no")
RESTORED, NOT_RESTORED, WAIT = "bring up to date", "it was not restored", "keep waiting"
ANSWERS: Final = {
    ReviewKind.MATCH: ("merge", "keep apart"),
    ReviewKind.COUNT: ("a number", "no"),
    ReviewKind.REWOUND: (RESTORED, NOT_RESTORED, WAIT),
}
MEANING: Final = {
    ReviewKind.REWOUND: (
        "Nothing is sent there until you answer; reading goes on, and the other systems go on with each other. "
        "`bring up to date`: it was restored; our values are sent to it again (`hub plan` shows which), and what it lost is made "
        "there again. `it was not restored`: every record is judged for itself. `keep waiting`: the question stays."
    ),
    ReviewKind.VANISHED: (
        "Until you answer they are taken as still there, and nothing is deleted anywhere. `yes`: each of them is looked for, and "
        "what is gone is taken as deleted. `no`: nothing is; a filter, a permission or a backup may be the reason."
    ),
}
"""What follows from an answer, where that is not plain from the question."""
USUAL: Final = {ReviewKind.MATCH: "keep apart", ReviewKind.REWOUND: RESTORED}
"""What most people answer, where it is not yes."""


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
                "count": review.detail.get("records", review.detail.get("missing")),
                "meaning": MEANING.get(review.kind, ""),
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
    read_whole(office, done)
    office.wake()
    return done


def read_whole(office: Office, done: Doc) -> None:
    """Read a connection whole where an answer asks for it."""
    connection = done.pop("read_whole", None)
    if connection is not None:
        office.reread(connection, _streams_of(office, connection), None)


def _streams_of(office: Office, connection: str) -> set[str]:
    return {
        stream for owner, stream in office.ground.tables if office.ground.carrier(owner, stream) == stream and owner == connection
    }


def resolve(unit: Unit, office: Office, review: Review, answer: str, other: int | None = None) -> Doc:
    """Answer a question and do what follows from the answer."""
    answers = ANSWERS.get(review.kind, YES_NO)
    counted = review.kind is ReviewKind.COUNT and answer.isascii() and answer.isdigit()
    if (answer not in answers and not counted) or answer == "a number":
        raise UsageError(f"`{answer}` is no answer to this.", fix=f"Answer {' or '.join(f'`{a}`' for a in answers)}.")
    done: Doc = {"review": review.id, "kind": review.kind.value, "answer": answer}
    if answer == WAIT:
        return {**done, "open": True}
    review.answer, review.resolved_at = answer, office.clock.now()
    unit.save_reviews([review])
    said_yes = counted or answer in ("yes", "merge", RESTORED)
    if said_yes:
        done |= _CONSEQUENCES.get(review.kind, _plan_again)(unit, office, review, other) or {}
    elif review.kind in _REFUSALS:
        done |= _REFUSALS[review.kind](unit, office, review, other) or {}
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
    """Forget that a system did not keep our value; a create that was refused is due again."""
    link = _link_of(unit, review)
    if link is not None:
        for claim in link.claims.values():
            claim.misses = claim.edits = claim.aside = 0
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
    state = unit.connections()[connection]
    state.signs.setdefault("gone", {})[stream] = count_gone(now, len(links), allowed=now + PATIENCE)
    unit.save_connection(state)
    unit.add_hints([HintRow(connection, stream, link.external_id, now, now, reason="missing") for link in links])
    return {"looked_at": len(links)}


def _keep_all(unit: Unit, _office: Office, review: Review, _other: int | None) -> Doc | None:
    """What is gone was not deleted: it counts as there, and is asked about anew if it is still gone at the next whole read."""
    state = unit.connections()[review.detail["connection"]]
    state.signs.get("gone", {}).pop(review.detail["stream"], None)
    unit.save_connection(state)
    return None


def _bring_up_to_date(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """Begin a new epoch: what is recorded of a restored system is forgotten; what it shows now is an old state (Rule 6.31)."""
    state = unit.connections()[review.detail["connection"]]
    signs = [int(ident) for ident in state.signs.get("back", {})]
    lost = [link for link in unit.links_by_id(signs).values() if link.state is LinkState.ENDED]
    for link in lost:  # their ids were given to others: that is how the restore was noticed
        link.state, link.ended_at = LinkState.LOST, 0
    unit.save_links(lost)
    state.accepted, state.rewound_at, state.signs = state.epoch, 0, {}
    unit.save_connection(state)
    settle_again(unit, office.ground, [link.entity_id for link in lost], office.clock.now())
    return _read_anew(unit, office, state.name)


def _go_on(unit: Unit, office: Office, review: Review, _other: int | None) -> Doc | None:
    """It was no restore: every record is judged for itself again."""
    state = unit.connections()[review.detail["connection"]]
    state.rewound_at, state.signs = 0, {}
    unit.save_connection(state)
    return _read_anew(unit, office, state.name)


def _read_anew(unit: Unit, office: Office, connection: str) -> Doc:
    set_back(unit, connection, _streams_of(office, connection), None)  # also where the hub stops before it gets to it
    return {"connection": connection, "read_whole": connection}


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
    ReviewKind.REWOUND: _bring_up_to_date,
}
_REFUSALS: Final[dict[ReviewKind, _Consequence]] = {
    ReviewKind.UNKNOWN_CREATE: _was_not_made,
    ReviewKind.VANISHED: _keep_all,
    ReviewKind.REWOUND: _go_on,
}
