"""Stories of lists, slow and restored systems, people who are alike, rules and mappings that change. Told by `stories`."""

from hub.config import Belonging, Create, Delete, Policy, PolicyKind, Update
from hub.mapping import compare, load
from hub.model.run import Mode
from hub.model.traits import Ordering, Traits
from hub.reconcile import remap
from tests.unit.reconcile.plots import HOME, LAGGING, MAIL, OTHER, WORK, Story, raw, two
from tests.unit.reconcile.stage import MAPPING, PERSON, Stage


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
