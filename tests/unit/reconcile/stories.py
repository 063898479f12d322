"""Stories of a few records, told step by step with everything that each step changes, for comparison with `golden/`.

`python -m tests.unit.reconcile.stories` writes these files anew; look at the difference before it is committed: each line of it
is something that the hub remembers, asks, sends or writes down now, and did not before.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Final

from hub.model.outcome import OutcomeKind
from hub.model.record import Source
from hub.model.review import ReviewKind
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from tests.unit.reconcile.facts import tell
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, OTHER, WORK, Story, two, written
from tests.unit.reconcile.stage import PERSON, Stage
from tests.unit.reconcile.turns import alike, ended, few_places, lagging, lists, policies, remapped, restored

GOLDEN: Final = Path(__file__).parent / "golden"


def edits() -> Story:
    stage = Stage("shop", "till")
    stage.was_read("till")
    stage.shows("shop", email=MAIL, given_name="Ada", note="one", phone="+3311", version=1)
    yield stage, "the shop shows a record"
    stage.shows("till", email=MAIL, given_name="Ada L.", note="two", version=1, created_at=2000.0, changed_at=2000.0)
    yield stage, "the till shows the same person, born after its first read"
    early = stage.ask()
    stage.shows("shop", email=MAIL, given_name="Ada", note="three", phone="+3311", version=2, changed_at=5.0)
    yield stage, "an edit in the shop, whose clock is slow"
    stage.shows("shop", email=MAIL, given_name="Ada", note="one", phone="+3311", version=1, asked=early)
    yield stage, "an earlier read of it arrives late"
    stage.shows("till", email=MAIL, given_name="Ada L.", note="four", version=2, changed_at=9e9)
    yield stage, "an edit at the till, whose clock is fast, on top of what it said before"
    stage.shows("shop", email=MAIL, given_name="Ada", note="other", phone="+3322", version=2)
    yield stage, "the shop shows another value of the same version, and another of a silent field"
    stage.shows("shop", email=MAIL, given_name="Ada", note="three", version=3, partial=True)
    yield stage, "a partial record"
    stage.shows("shop", "2", email=OTHER, given_name="Bob", consent__email_marketing="granted", version=1)
    stage.shows("shop", "2", email=OTHER, given_name="Bob", family_name="Dylan", version=2)
    yield stage, "a field comes that was never stated"


def emptied() -> Story:
    stage = two()
    stage.shows("shop", email=MAIL, given_name=None, family_name=None, note=None, version=2)
    yield stage, "most fields go empty at once"
    stage.known.accepted.add((ReviewKind.EMPTIED, stage.link("shop").id))
    stage.shows("shop", email=MAIL, given_name=None, family_name=None, note=None, version=2)
    yield stage, "a person said yes"
    stage.shows("till", email=MAIL.upper(), given_name=None, family_name=None, note="one", version=2)
    yield stage, "half of them go empty: no question"


def writes() -> Story:
    stage = two()
    attempt = written(stage, note="two", phone="+3311")
    yield stage, "an edit of the shop is on its way to the till"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="one", version=1)
    yield stage, "the till is read meanwhile"
    stage.ends(attempt, answer=stage.record(email=MAIL.upper(), given_name="ADA", note="TWO", phone="0033 11", version=2))
    yield stage, "its own answer shows a rendering"
    attempt = written(stage, 3, note="three", phone="+3311")
    stage.ends(attempt)
    yield stage, "the next write has no answer of its own"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="three!", phone="0033 11", version=3)
    yield stage, "a read shows how the till shows it"
    attempt = written(stage, 4, note="four", phone="+3311")
    stage.ends(attempt, OutcomeKind.UNKNOWN)
    yield stage, "nobody knows what became of the next one"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="three!", phone="0033 11", version=3)
    yield stage, "a read that is too early"
    stage.tick(30)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="three!", phone="0033 11", version=3)
    yield stage, "it did not happen"
    attempt = stage.writes("till")
    stage.ends(attempt)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="mine", phone="0033 11", version=5)
    yield stage, "somebody at the till edited on top of our write"


def ends() -> Story:
    stage = two()
    for number, (kind, more) in enumerate([
        (OutcomeKind.NOT_SENT, {"reason": "over the limit", "wait": 7 * SECOND}), (OutcomeKind.NOT_SENT, {}),
        (OutcomeKind.STALE, {}), (OutcomeKind.GONE, {}), (OutcomeKind.REFUSED, {"blames": "note", "reason": "too rude"}),
        (OutcomeKind.REFUSED, {"reason": "no"}), (OutcomeKind.CLASH, {"blames": "phone", "reason": "taken"}),
    ], start=2):  # fmt: skip
        attempt = written(stage, number, note=f"note {number}", phone=f"+33{number}")
        stage.ends(attempt, kind, **more)
        yield stage, f"a write ends: {kind.value} {more}"
        stage.tick(400)
        stage.shows("till", email=MAIL.upper(), given_name="ADA", family_name="Byron", note="one", version=number)
        yield stage, "the till is read"


def not_kept() -> Story:
    stage = two()
    for number in (2, 3, 4):
        stage.ends(written(stage, number, note="two"))
        stage.shows("till", email=MAIL.upper(), given_name="ADA", family_name="Byron", note="one", version=1)
        yield stage, "the till shows what it did before our write"
    for number in (5, 6):
        stage.ends(written(stage, number, note=f"ours {number}"))
        stage.tick(60)
        stage.shows(
            "till", email=MAIL.upper(), given_name="ADA", family_name="Byron", note=f"theirs {number}", version=number * 2
        )
        yield stage, "the till rewrites our value"
    attempt = written(stage, 7, note="again")
    stage.ends(attempt, answer=stage.record(email=MAIL.upper(), given_name="ADA", note="theirs 6", version=20))
    yield stage, "the answer shows what was there before"


def creates() -> Story:
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.COUNTER, create="marker", update="version", marker="our.id")})
    stage.was_read("till")
    stage.shows("shop", email=MAIL, given_name="Ada", note="one", version=1, addresses={"a": HOME, "b": WORK}, tags=["vip"])
    yield stage, "the shop shows somebody who is to be made in the till"
    attempt = stage.makes("till")
    yield stage, "it is on its way"
    stage.shows("till", "7", email=MAIL, version=1)
    yield stage, "the till shows somebody who may be the one"
    stage.ends(attempt, answer=stage.record("9", email=MAIL, given_name="ADA", note="one", phone="+3311", version=1, birth="x"))
    yield stage, "its answer shows how the till has it"
    stage.shows("till", "7", email=OTHER, given_name="Bob", version=1, created_at=1.0)
    yield stage, "the other one is read again"
    stage.shows("shop", "2", email="c@example.org", given_name="Cyd", version=1)
    attempt = stage.makes("till", stage.link("shop", "2").entity_id)
    stage.ends(attempt, external_id="10")
    yield stage, "another create has no answer but its id"
    stage.shows("till", "10", email="c@example.org", given_name="CYD", version=1, birth="y")
    yield stage, "it is read"


def creates_that_fail() -> Story:
    stage = Stage("shop", "till")
    names = count(1)
    for kind, more in [
        (OutcomeKind.NOT_SENT, {"reason": "busy"}), (OutcomeKind.NOT_FOUND, {}), (OutcomeKind.UNKNOWN, {}),
        (OutcomeKind.REFUSED, {"blames": "note", "reason": "rude"}), (OutcomeKind.REFUSED, {"blames": "email", "reason": "no"}),
        (OutcomeKind.REFUSED, {"reason": "never"}), (OutcomeKind.CLASH, {"reason": "taken"}),
        (OutcomeKind.REFUSED, {"reason": "half", "done": 1, "external_id": "77"}),
    ]:  # fmt: skip
        name = str(next(names))
        stage.shows("shop", name, email=f"{name}@example.org", note="one", phone="+3311", version=1)
        attempt = stage.makes("till", stage.link("shop", name).entity_id)
        stage.ends(attempt, kind, **more)
        yield stage, f"a create ends: {kind.value} {more}"
    for _ in range(3):
        attempt = stage.makes("till", stage.link("shop", "7").entity_id)
        stage.ends(attempt, OutcomeKind.CLASH, reason="taken")
        yield stage, "it clashes again"
    stage.shows("shop", "5", email="5@example.org", note="two", phone="+3311", version=2)
    yield stage, "what was refused has changed"


def found() -> Story:
    stage = Stage("shop", "till")
    for name, said, marked in [("1", "one", False), ("2", "other", False), ("3", "one", True)]:
        stage.shows("shop", name, email=f"{name}@example.org", note="one", version=1)
        attempt = stage.makes("till", stage.link("shop", name).entity_id)
        stage.ends(attempt, OutcomeKind.UNKNOWN)
        answer = stage.record(f"t{name}", email=f"{name}@example.org", note=said, version=1, created_at=1500.0, changed_at=1600.0)
        stage.ends(attempt, answer=answer, source=Source.FETCH, marker=attempt.marker if marked else None)
        yield stage, f"a create of unknown fate is looked for, and a record found with note {said}, marked: {marked}"
    stage.shows("shop", "4", email="4@example.org", given_name="Dee", version=1)
    attempt = stage.makes("till", stage.link("shop", "4").entity_id)
    stage.ends(attempt, answer=stage.record("t1", email="4@example.org", given_name="Dee", version=1))
    yield stage, "a create comes to a record that belongs to somebody else"
    question = [stage.link("shop", "4").entity_id, stage.link("till", "t1").entity_id]
    stage.known.in_review.clear()
    stage.known.apart.add("/".join(map(str, sorted(question))))
    attempt = stage.makes("till", stage.link("shop", "4").entity_id)
    stage.ends(attempt, answer=stage.record("t1", email="4@example.org", given_name="Dee", version=1))
    yield stage, "and again, after a person said that they are two"


def gone() -> Story:
    stage = two(till=LAGGING)
    stage.ground.config.deletes_from[PERSON] = "shop"
    stage.lacks("till")
    yield stage, "a read by id finds nothing, too early to tell"
    stage.tick(20)
    stage.lacks("till")
    yield stage, "it is still not there"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", version=1)
    yield stage, "a list shows it, which may lag"
    stage.tick(20)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", version=1, changed_at=1100.0)
    yield stage, "it is there again"
    stage.tick(20)
    stage.lacks("shop")
    yield stage, "it is deleted where that ends the person"
    stage.lacks("shop")
    yield stage, "it is still not there"


def given_away() -> Story:
    stage = Stage("shop", "till", traits={"till": LAGGING})
    stage.shows("shop", email=MAIL, given_name="Ada", version=1, birth="x")
    stage.shows("till", email=MAIL, given_name="Ada", changed_at=900.0, birth="x")
    yield stage, "two records of one person"
    stage.shows("till", email=OTHER, given_name="Bob", changed_at=1001.0, birth="y")
    yield stage, "the id names another record, in a list that may lag"
    stage.tick(20)
    stage.shows("till", email=OTHER, given_name="Bob", changed_at=1001.0, birth="y")
    yield stage, "the id names another record"
    stage.shows("shop", email=MAIL, given_name="Bea", version=2, birth="z")
    yield stage, "so does that of the shop"
    stage.shows("shop", email=MAIL, given_name="Bea", note="Much to Say", version=3, birth="z")
    stage.planned()
    stage.shows("till", "2", email=MAIL, given_name="Bea", changed_at=1002.0, birth="t")
    stage.planned()
    attempt = stage.writes("till", "2")
    stage.shows("till", "2", email="c@example.org", given_name="Cyd", note="MUCH TO SAY", changed_at=1100.0, birth="u")
    yield stage, "an id is given away while we write to it"
    stage.ends(attempt)
    stage.tick(60)
    stage.shows("till", "2", email="c@example.org", given_name="Cyd", note="MUCH TO SAY", changed_at=1100.0, birth="u")
    yield stage, "what we wrote is nobody's word there, however it looks"


STORIES: Final[dict[str, Callable[[], Story]]] = {
    story.__name__: story
    for story in (
        edits, emptied, writes, ends, not_kept, creates, creates_that_fail, found, gone, given_away, lists, few_places, lagging,
        restored, alike, policies, ended, remapped,
    )
}  # fmt: skip


def told(name: str) -> str:
    """Return a story: each step, what is new since the one before, and what is no more."""
    lines, before = [], set[str]()
    for stage, step in STORIES[name]():
        facts = tell(stage)
        now = {fact for fact in facts if not fact.startswith(("write ", "plan ", "no more "))}
        names = {fact.partition(": ")[0] for fact in now}
        ended = sorted({fact.partition(": ")[0] for fact in before} - names)
        lines += [f"# {step}", *(fact for fact in facts if fact not in before), *(f"gone: {name}" for name in ended)]
        before = now
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for story in STORIES:
        (GOLDEN / f"{story}.txt").write_text(told(story), encoding="utf-8")
