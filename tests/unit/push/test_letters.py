"""Dead letters of pushes: they end once nothing of what they tell is refused, and not because nobody looked."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from hub.model.entity import Entity, EntityState
from hub.model.link import Claim, Link, LinkState
from hub.model.record import EntityType
from hub.model.run import DeadLetter
from hub.model.values import Value
from hub.push.letters import settled_pushes
from tests.unit.push.workshop import MAIL, PERSON, Workshop
from tests.unit.rules.stage import Stage

LETTER = DeadLetter(1, "push_refused", "no", "till", "customers", None, b'{"entity":1}', 0, field="phone")


@pytest.mark.parametrize(("looked_at", "found"), [(False, []), (True, [LETTER])])
def test_letter_of_a_new_record_settles_only_when_what_is_due_of_it_was_looked_at(
    *, looked_at: bool, found: list[DeadLetter]
) -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", phone="+49301")
    stage.known.touched = {ada.id: None} if looked_at else {}
    assert settled_pushes(stage.known, stage.ground, [LETTER]) == found


# --- of a record that is there


def letter(external_id: str | None = "t2", *, of: int = 1, code: str = "push_refused", fields: str = "note") -> DeadLetter:
    return DeadLetter(1, code, "no", "till", "customers", external_id, f'{{"entity":{of}}}'.encode(), 0, field=fields)


def settled(workshop: Workshop, one: DeadLetter) -> bool:
    return settled_pushes(workshop.known, workshop.ground, [one]) == [one]


def scene(**held: Value) -> tuple[Workshop, Link]:
    """Return a customer whose record in the till shows this."""
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, note="new", given_name="Ada", email=MAIL)
    return workshop, workshop.link(ada, **held)


@pytest.mark.parametrize(("held", "fields", "done"), [
    ({"note": "old"}, "note", False), ({"note": "new"}, "note", True), ({"note": "old", "given_name": "Ada"}, "given_name", True),
    ({"note": "old", "given_name": "Ada"}, "given_name,note", False),
    ({"note": "new", "given_name": "Ada"}, "given_name,note", True),
    ({"note": "old"}, "phone", True), ({"note": "old"}, "", True),
])  # fmt: skip
def test_letter_is_open_while_a_field_that_it_names_is_due(held: dict[str, Value], fields: str, *, done: bool) -> None:
    workshop, _ = scene(**held)
    assert settled(workshop, letter(fields=fields)) is done


@pytest.mark.parametrize(("aside", "done"), [(5, False), (4, True), (6, True)])
def test_letter_is_open_while_the_value_is_set_aside(aside: int, *, done: bool) -> None:
    workshop, link = scene(note="new")
    link.claims["note"].aside = aside
    assert settled(workshop, letter()) is done
    link.claims["fax"] = Claim(aside=5)
    assert settled(workshop, letter(fields="fax"))


def test_letter_is_settled_when_its_record_is_gone_and_open_when_it_was_not_loaded() -> None:
    workshop, link = scene(note="old")
    assert not settled(workshop, letter("t9"))
    assert not settled(workshop, letter())
    link.state = LinkState.ENDED
    assert settled(workshop, letter())


@pytest.mark.parametrize(("code", "done"), [("push_refused", True), ("not_writable", True), ("bad_record", False)])
def test_letter_settles_by_itself_only_when_it_tells_of_a_write(code: str, *, done: bool) -> None:
    workshop, _ = scene(note="new")
    assert settled(workshop, letter(code=code)) is done


@pytest.mark.parametrize("why", ["not looked at", "waits", "is tried"])
def test_letter_of_a_level_is_open_while_something_is_to_be_sent(why: str) -> None:
    workshop = Workshop()
    level = Entity(7, EntityType.INVENTORY_LEVEL, refs={"variant": 1, "location": 2})
    workshop.known.add_entity(level)
    link = workshop.link(level)
    workshop.known.touched = {7: None}
    told = DeadLetter(1, "push_refused", "no", "till", "levels", "t1", b"{}", 0)
    assert settled(workshop, told)
    acts: dict[str, Callable[[], object]] = {
        "not looked at": workshop.known.touched.clear,
        "waits": lambda: workshop.known.deliveries.update({link.id: workshop.delivery(level, link)}),
        "is tried": lambda: setattr(link, "attempt_id", 3),
    }
    acts[why]()
    assert not settled(workshop, told)


# --- of a record that was to be made


def test_letter_of_a_new_record_is_open_while_it_is_to_be_made() -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL, note="new")
    told = letter(None)
    assert not settled(workshop, letter(None, of=99))
    workshop.plan()
    assert not settled(workshop, told)
    ada.state = EntityState.ENDED
    assert settled(workshop, told)
    ada.state = EntityState.LIVE
    workshop.known.created.clear()
    assert settled(workshop, told)


@pytest.mark.parametrize(
    ("held", "done"), [(("new",), True), (("old",), False), (("new", "old"), False), (("old", "new"), False)]
)
def test_letter_of_a_new_record_goes_by_all_that_were_made(held: tuple[str, ...], *, done: bool) -> None:
    workshop = Workshop()
    ada = workshop.entity(1, PERSON, email=MAIL, note="new")
    workshop.known.by_entity[1][0].claims["note"] = Claim(held="other")  # in the shop: that is another record
    for note in held:
        workshop.link(ada, note=note, email=MAIL)
    workshop.known.created[1, "till", "customers"] = workshop.delivery(ada)
    assert settled(workshop, letter(None)) is done


def test_letter_of_a_merged_entity_goes_by_what_it_was_merged_into() -> None:
    workshop = Workshop()
    ada, other = workshop.entity(1, PERSON, email=MAIL, note="new"), workshop.entity(2, PERSON, email=MAIL)
    workshop.link(ada, note="new", email=MAIL)
    other.alias_of, other.state = 1, EntityState.MERGED
    workshop.known.touched = {1: None}
    assert settled(workshop, letter(None, of=2))
