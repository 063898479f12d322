"""Stories of a few records, told step by step with everything that each step changes, for comparison with `golden/`.

`python -m tests.unit.reconcile.stories` writes these files anew; look at the difference before it is committed: each line of it
is something that the hub remembers, asks, sends or writes down now, and did not before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Final

from hub.config import Belonging, Create, Delete, Policy, PolicyKind, Update
from hub.mapping import compare, load
from hub.model.delivery import Attempt
from hub.model.outcome import OutcomeKind
from hub.model.record import Source
from hub.model.review import ReviewKind
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND, Doc
from hub.reconcile import remap
from tests.unit.reconcile.facts import tell
from tests.unit.reconcile.stage import MAPPING, PERSON, Stage

GOLDEN: Final = Path(__file__).parent / "golden"
MAIL: Final = "ada@example.org"
OTHER: Final = "bob@example.org"
HOME: Final = {"line1": "Rue 1", "city": "Lyon", "postal_code": "69001", "country_code": "FR"}
WORK: Final = {"line1": "Quai 2", "city": "Lyon", "postal_code": "69002", "country_code": "FR"}
LAGGING: Final = Traits(Ordering.CHANGED_AT, 10 * SECOND, create="marker", update="plain", delete="plain")
Story = Iterator[tuple[Stage, str]]


def two(**more: Traits) -> Stage:
    """Set up a shop and a till that both know Ada."""
    stage = Stage("shop", "till", traits=more)
    stage.shows("shop", email=MAIL, given_name="Ada", family_name="Byron", note="one", version=1)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", family_name="Byron", note="one", version=1)
    return stage


def written(stage: Stage, version: int = 2, **said: object) -> Attempt:
    """Let the shop change something, plan, and send it to the till."""
    stage.shows("shop", email=MAIL, given_name="Ada", family_name="Byron", version=version, **said)
    stage.planned()
    return stage.writes("till")


def raw(remote_id: str, address: dict[str, str]) -> Doc:
    """Return a record with one address as it is fetched."""
    there = {
        "id": remote_id,
        **{part: address[part] for part in ("line1", "city", "postal_code")},
        "country": address["country_code"],
    }
    return {"id": "1", "email": MAIL, "addresses": [there], "tags": ["vip"]}


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


def lists() -> Story:
    stage = Stage("shop", "till", traits={"till": Traits(Ordering.COUNTER, create="marker", update="version")})
    stage.shows("shop", email=MAIL, version=1, addresses={"a": HOME}, tags=["vip", "new"])
    stage.shows("till", email=MAIL, version=1, addresses={"x": {**HOME, "city": "LYON"}}, tags=["vip"])
    yield stage, "two systems show one address and a few words"
    stage.shows("shop", email=MAIL, version=2, addresses={"a": HOME, "b": WORK}, tags=["vip"])
    yield stage, "an address more, a word less"
    stage.planned()
    attempt = stage.writes("till", raw=raw("x", HOME))
    yield stage, "they are on their way"
    stage.ends(attempt, answer=stage.record(email=MAIL, version=2, addresses={"x": HOME, "y": WORK}, tags=["vip"]))
    yield stage, "the answer shows them"
    stage.shows("till", email=MAIL, version=3, addresses={"y": {**WORK, "city": "Paris"}}, tags=["vip", "old"])
    yield stage, "an address is removed there, another edited, a word added"
    stage.planned()
    stage.ends(
        stage.writes("shop", raw={**raw("a", HOME), "addresses": [*raw("a", HOME)["addresses"], *raw("b", WORK)["addresses"]]})
    )
    stage.shows("shop", email=MAIL, version=3, addresses={"c": {**WORK, "city": "Paris"}}, tags=["vip"])
    yield stage, "the shop has it under another id, and does not keep the word"
    stage.shows("shop", email=MAIL, version=4, addresses={"c": WORK, "d": HOME}, partial=True)
    yield stage, "a part of the record, with one address more"
    stage.shows("shop", email=MAIL, version=4, addresses={"c": WORK, "d": HOME, "e": {**HOME, "line1": "Cours 3"}}, tags=["vip"])
    yield stage, "an address that came without a new version, since it moves none"
    for _ in range(2):
        stage.shows("shop", email=MAIL, version=2, addresses={"c": WORK}, tags=["vip"])
        yield stage, "the shop shows a lower version, with fewer addresses"


def few_places() -> Story:
    nameless = MAPPING.replace("    each: addresses\n    identity: id\n", "    each: addresses\n    fits: 2\n")
    stage = Stage("shop", "till", mapping=nameless)
    parts = {"line1": "line1", "city": "city", "postal_code": "postal_code", "country_code": "country"}
    third = {**HOME, "line1": "Cours 3"}
    stage.shows("shop", email=MAIL, version=1, addresses=[HOME, WORK, third])
    stage.shows("till", email=MAIL, version=1, addresses=[WORK])
    yield stage, "three addresses without ids, of which two have a place"
    there = [{parts[part]: value for part, value in one.items()} for one in (WORK, HOME)]
    stage.planned()
    attempt = stage.writes("till", raw={"id": "1", "email": MAIL, "addresses": there[:1]})
    stage.ends(attempt, answer=stage.record(email=MAIL, version=2, addresses=[WORK, HOME]))
    yield stage, "the till gets one more"
    stage.shows("shop", email=MAIL, version=2, addresses=[{**HOME, "city": "Paris"}, third])
    stage.planned()
    attempt = stage.writes("till", raw={"id": "1", "email": MAIL, "addresses": there})
    yield stage, "one has gone, another has changed: who stood back comes in"
    stage.ends(attempt, answer=stage.record(email=MAIL, version=3, addresses=[{**HOME, "city": "Paris"}, third]))
    yield stage, "the till shows them"
    stage.shows("shop", "2", email=OTHER, version=1, addresses=[HOME, WORK, third])
    stage.makes("till", stage.link("shop", "2").entity_id)
    yield stage, "a new record takes two"


def lagging() -> Story:
    stage = two(till=LAGGING)
    stage.tick(20)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="two", changed_at=1001.0)
    yield stage, "an edit where reads lag"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="three", changed_at=1001.0)
    yield stage, "another value of the same time, too early to tell"
    stage.tick(20)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="three", changed_at=1001.0)
    yield stage, "it is still there"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="two", changed_at=1000.0)
    yield stage, "a lower version"
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="two", changed_at=1000.0)
    yield stage, "asked again too early"
    stage.tick(20)
    stage.shows("till", email=MAIL.upper(), given_name="ADA", note="two", changed_at=1000.0)
    yield stage, "it is still there when asked again"


def restored() -> Story:
    stage = two()
    for name in ("2", "3"):
        stage.shows("shop", name, email=f"{name}@example.org", note="new", version=5, birth=name)
    for _ in range(2):
        for name in ("2", "3"):
            stage.shows("shop", name, email=f"{name}@example.org", note="old", version=3, birth=name)
        yield stage, "two records show a lower version"
    stage.lacks("shop")
    yield stage, "another one is not there"
    state = stage.known.state("shop")
    state.accepted, state.rewound_at = state.epoch, 0
    yield stage, "a person said that the shop was restored"
    stage.shows("shop", "2", email="2@example.org", note="old", version=3, birth="2")
    yield stage, "a record is read again"
    stage.lacks("shop")
    yield stage, "one was lost"
    stage.shows("shop", "1", email=OTHER, given_name="Bob", version=1, birth="b")
    yield stage, "its id was given to another"
    stage.lacks("shop", "2")
    yield stage, "one is deleted there"


def alike() -> Story:
    stage = Stage("shop", "till")
    stage.shows("shop", "1", email=MAIL, given_name="Ada", phone="+3311", version=1)
    stage.shows("till", "1", email=f" {MAIL.title()} ", given_name="Bob", version=1)
    yield stage, "the same mail, but another first name"
    stage.shows("till", "2", phone="+3311", given_name="Ada", version=1)
    yield stage, "the same phone alone"
    stage.shows("till", "3", email=MAIL, given_name="A.", version=1)
    yield stage, "an initial: two are alike now"
    for number in range(4):
        stage.shows("shop", f"office {number}", email="office@example.org", given_name=f"Person {number}", version=1)
    stage.known.questions.clear()
    stage.shows("till", "9", email="office@example.org", given_name="Person 0", version=1)
    yield stage, "a mail that many carry is nobody's"


def policies() -> Story:
    stage = Stage(
        "shop", "till", "crm",
        given_name=Policy(kind=PolicyKind.ASK), family_name=Policy(kind=PolicyKind.PREFER, order=("till", "crm")),
        phone=Policy(kind=PolicyKind.OWNER, order=("crm",)), note=Policy(kind=PolicyKind.ORIGIN),
        consent__email_marketing=Policy(kind=PolicyKind.MOST_RESTRICTIVE),
    )  # fmt: skip
    stage.was_read("shop", "till", "crm")
    for rank, system in enumerate(("shop", "crm", "till")):
        stage.shows(
            system, email=MAIL, given_name="Ada", family_name=f"of {system}", phone=f"+33{rank}", note=system, version=1,
            consent__email_marketing="granted", created_at=1100.0 + rank,
        )  # fmt: skip
        yield stage, f"{system} tells of Ada"
    stage.shows("till", email=MAIL, given_name="Bob", family_name="Young", phone="+44", note="n", version=2, changed_at=1101.5)
    yield stage, "the till says otherwise"
    stage.shows("crm", email=MAIL, given_name="Bob", family_name="of crm", version=2, consent__email_marketing="withdrawn")
    yield stage, "the CRM agrees, and takes consent back"
    stage.shows("shop", email=MAIL, given_name="Bob", family_name="of shop", version=2, consent__email_marketing="granted")
    yield stage, "so does the shop"
    stage.known.modes["crm"] = Mode.OBSERVE
    stage.lacks("till")
    yield stage, "the till forgets her, the CRM does not vote any more"


def ended() -> Story:
    for delete in Delete:
        archived = Traits(Ordering.COUNTER, create="marker", update="version", delete="plain", archive={"note": "gone"})
        stage = two(till=archived)
        belonging = Belonging(create=Create.ALWAYS, update=Update.CREATED_BY_HUB, delete=delete)
        stage.ground.config.connections["till"].entities[PERSON] = belonging
        stage.shows("shop", email=MAIL, given_name="Ada", note="two", version=2)
        yield stage, f"{delete.value}: what the hub did not make is not written there"
        stage.ground.config.deletes_from[PERSON] = "shop"
        stage.tick(20)
        stage.lacks("shop")
        yield stage, f"{delete.value}: the person ends"


def remapped() -> Story:
    stage = two()
    old = load(MAPPING.replace("NAME", "till"), "till.yaml").streams["customers"]
    text = MAPPING.replace("  note: note\n", "").replace("  phone:", "  company: firm\n  phone:").replace("12}", "3}")
    new = load(text.replace("NAME", "till"), "till.yaml").streams["customers"]
    stage.ground.tables["till", "customers"] = new
    seen = stage.seen("till", stage.record(email=MAIL.upper(), given_name="ADA", family_name="Byr", company="AE", version=1))
    remap(stage.known, stage.ground, stage.link("till"), seen, compare(old, new), stage.tick())
    yield stage, "a line is gone, one is new, one has changed"
    remap(stage.known, stage.ground, stage.link("till"), seen, compare(new, new), stage.tick())
    yield stage, "nothing has changed"


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
