"""What belongs where, and what is delivered (section 6): one case per rule."""

from __future__ import annotations

import pytest

from hub.config import Belonging, Create, Delete, Update
from hub.model.delivery import AttemptState, DeliveryState
from hub.model.entity import Entity, EntityState
from hub.model.outcome import OutcomeKind
from hub.model.record import Ref, Source
from hub.model.review import Fate, ReviewKind
from hub.model.run import Mode
from hub.model.values import SECOND
from hub.push.due import due_lines, line_digest
from tests.unit.rules.stage import CUSTOMERS, Stage

MAIL = "ada@example.org"
HOME = {"line1": "Weg 1", "postal_code": "10115", "city": "Berlin"}
WORK = {"line1": "Allee 2", "postal_code": "10117", "city": "Berlin"}


def pair(mode: Mode = Mode.LIVE, belonging: Belonging | None = None, deletes_from: str = "none", **traits: object) -> Stage:
    """Return Ada in two systems; her name was just changed at the shop. What is given is said of the till."""
    stage = Stage(deletes_from=deletes_from)
    stage.connection("shop")
    stage.connection("till", mode=mode, belonging=belonging, **traits)
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL)
    stage.read_whole("shop", "till")
    stage.see("shop", "1", version=2, given_name="Ana")
    stage.wait(60)
    return stage


def alone(belonging: Belonging | None = None, mapping: str = CUSTOMERS, **traits: object) -> tuple[Stage, Entity]:
    """Return Ada at a shop, and a till where she is not. What is given is said of the till."""
    stage = Stage()
    stage.connection("shop")
    stage.connection("till", belonging=belonging, mapping=mapping, **traits)
    stage.read_whole("shop", "till")
    return stage, stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)


def test_nothing_is_due_when_a_rendering_stands_for_the_golden_value() -> None:
    stage = pair()
    stage.end(stage.send("till", "7"), answer={"version": 2, "given_name": "X"})
    assert stage.due("till", "7") == {}


def test_new_record_is_not_made_again_when_its_link_ended_there() -> None:
    stage = pair()
    stage.lose("till", "7")
    assert [delivery.connection for delivery in stage.plan()] == []


def test_delivery_waits_for_a_yes_when_its_connection_is_on_trial() -> None:
    assert [delivery.state for delivery in pair(Mode.PROPOSE).plan()] == [DeliveryState.ASKING]


def test_create_waits_for_a_yes_when_nothing_makes_it_safe() -> None:
    stage, _ = alone(create="plain")
    assert [delivery.state for delivery in stage.plan()] == [DeliveryState.ASKING]


def test_record_is_ours_when_it_bears_the_marker_of_an_open_create() -> None:
    stage, ada = alone()
    attempt = stage.create("till", ada)
    assert attempt
    there = stage.meet("till", "7", version=1, given_name="Someone", marker=attempt.marker)
    assert (there, attempt.state) == (ada, AttemptState.CLOSED)


def test_record_waits_when_it_could_be_what_an_open_create_made() -> None:
    stage, ada = alone()
    stage.create("till", ada)
    assert stage.see("till", "7", version=1, given_name="Someone", email=MAIL).fate is Fate.WAITING


def test_record_does_not_wait_when_an_identifying_field_differs() -> None:
    stage, ada = alone()
    stage.create("till", ada)
    assert stage.see("till", "7", version=1, given_name="Bea", email="bea@example.org").fate is Fate.APPLIED


def test_create_is_not_due_when_a_required_field_is_missing() -> None:
    stage, _ = alone(mapping=CUSTOMERS.replace("phone: phone", "phone: {path: phone, required: true}"))
    assert stage.plan() == []


def test_record_waits_when_what_it_refers_to_is_not_known_yet() -> None:
    stage, _ = alone()
    waits = stage.see("till", "7", version=1, given_name="Bea", refs={"parent": Ref("customers", "6")})
    assert (waits.fate, waits.waits_for) == (Fate.WAITING, ("till", "customers", "6"))


def test_entity_ends_when_the_connection_named_for_it_says_so() -> None:
    stage = pair(deletes_from="shop")
    stage.lose("shop", "1")
    assert stage.known.entities[1].state is EntityState.ENDED


def test_entity_lives_on_when_another_connection_loses_it() -> None:
    stage = pair(deletes_from="shop")
    stage.lose("till", "7")
    assert stage.known.entities[1].state is EntityState.LIVE


def test_found_record_is_somebody_elses_when_it_shows_other_values() -> None:
    stage, ada = alone()
    attempt = stage.create("till", ada)
    assert attempt
    stage.end(attempt, OutcomeKind.UNKNOWN)
    found = {"version": 1, "given_name": "Bea", "email": MAIL}
    stage.end(attempt, external_id="7", answer=found, source=Source.FETCH)
    assert attempt.result == "somebody else's"
    assert not stage.link("till", "7").by_hub


def test_nothing_is_made_when_the_entity_never_belongs_there() -> None:
    stage, _ = alone(Belonging())
    assert stage.plan() == []


def test_nothing_is_made_when_nothing_refers_to_it() -> None:
    stage, ada = alone(Belonging(create=Create.WHEN_REFERENCED))
    assert stage.plan() == []
    stage.known.referenced.add((ada.id, "till"))
    assert len(stage.plan()) == 1


def test_nothing_is_changed_when_updates_are_not_wanted_there() -> None:
    assert pair(belonging=Belonging(update=Update.NONE)).plan() == []


def test_nothing_is_changed_when_the_hub_did_not_make_the_record() -> None:
    stage = pair(belonging=Belonging(update=Update.CREATED_BY_HUB))
    assert stage.plan() == []
    stage.link("till", "7").by_hub = True
    assert len(stage.plan()) == 1


@pytest.mark.parametrize(("delete", "deliveries"), [(Delete.UNLINK, 0), (Delete.DELETE, 1)])
def test_record_is_deleted_only_when_its_connection_says_so(delete: Delete, deliveries: int) -> None:
    stage = pair(belonging=Belonging(delete=delete), deletes_from="shop", delete="version")
    stage.lose("shop", "1")
    assert len(stage.plan()) == deliveries


def test_observed_connection_has_no_vote() -> None:
    stage = pair(Mode.OBSERVE)
    ada = stage.meet("till", "7", version=2, given_name="Anna")
    assert stage.golden(ada, "given_name") == "Ana"


def test_observed_connection_has_no_vote_when_it_is_the_first_to_show_a_record() -> None:
    stage = Stage()
    stage.connection("shop", mode=Mode.OBSERVE)
    ada = stage.meet("shop", "1", version=1, given_name="Ada")
    assert ada.golden == {}


def test_nothing_is_planned_where_a_connection_is_only_observed() -> None:
    assert pair(Mode.OBSERVE).plan() == []


def test_link_lives_again_when_the_same_record_is_seen_again() -> None:
    stage = pair()
    stage.meet("till", "8", version=1, given_name="Bea", birth="2020")
    stage.lose("till", "8")
    stage.wait(60)
    stage.see("till", "8", version=2, given_name="Bea", birth="2020")
    assert stage.link("till", "8").ended_at == 0
    assert "revived" in stage.notes()


def test_record_is_found_by_its_email_again_when_it_was_gone_and_is_back() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    bea = stage.meet("till", "8", version=1, given_name="Bea", email="bea@example.org", birth="2020")
    stage.lose("till", "8")
    stage.wait(60)
    stage.see("till", "8", version=1, given_name="Bea", email="bea@example.org", birth="2020")
    assert stage.meet("shop", "1", version=1, given_name="Bea", email="bea@example.org") is bea


def test_refused_field_is_due_again_when_its_record_was_gone_and_is_back() -> None:
    stage = pair()
    stage.meet("shop", "1", version=3, given_name="Ada", phone="+49301")
    stage.end(stage.send("till", "7"), OutcomeKind.REFUSED, blames="phone")
    assert stage.due("till", "7") == {}
    stage.lose("till", "7")
    stage.wait(60)
    stage.see("till", "7", version=1, given_name="Ada")
    assert stage.due("till", "7") == {"phone": "+49301"}


def test_what_we_wrote_is_read_back_when_its_record_went_before_and_is_back() -> None:
    stage = pair()
    ada = stage.meet("shop", "1", version=3, given_name="anna")
    stage.end(stage.send("till", "7"), OutcomeKind.DONE)
    stage.lose("till", "7")
    stage.wait(60)
    stage.see("till", "7", version=2, given_name="ANNA")
    assert (stage.golden(ada, "given_name"), stage.due("till", "7")) == ("anna", {})


def test_record_is_a_new_one_when_its_birth_mark_is_another() -> None:
    stage = pair()
    bea = stage.meet("till", "8", version=1, given_name="Bea", birth="2020")
    assert stage.meet("till", "8", version=1, given_name="Cleo", birth="2024") is not bea


def test_line_is_left_out_when_it_changed_since_its_yes() -> None:
    stage = pair(Mode.PROPOSE)
    ada = stage.meet("shop", "1", version=3, given_name="Ana", phone="+49301")
    stage.plan()
    link = stage.link("till", "7")
    lines = {line.path: line_digest(line) for line in due_lines(stage.ground, link, ada)}
    stage.known.deliveries[link.id].approved = lines
    stage.see("shop", "1", version=4, given_name="Anna", phone="+49301")
    assert list(stage.send("till", "7").covers) == ["phone"]


def test_rest_is_sent_when_one_field_is_to_blame() -> None:
    stage = pair()
    stage.see("shop", "1", version=3, given_name="Ana", phone="+49301")
    stage.end(stage.send("till", "7"), OutcomeKind.REFUSED, blames="phone")
    assert stage.due("till", "7") == {"given_name": "Ana"}


def test_person_is_asked_when_a_unique_value_is_taken_there() -> None:
    stage = pair()
    stage.end(stage.send("till", "7"), OutcomeKind.CLASH, blames="given_name")
    assert stage.asked() == [ReviewKind.CLASH]


def test_nothing_is_made_when_it_may_be_somebody_who_is_there() -> None:
    stage, ada = alone()
    stage.known.in_review.add(ada.id)
    assert stage.plan() == []


def test_only_changed_fields_are_sent() -> None:
    assert list(pair().send("till", "7").covers) == ["given_name"]


def test_only_as_many_elements_are_sent_as_fit_there() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till", mapping=CUSTOMERS.replace("each: addresses", "each: addresses\n    fits: 1"))
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, addresses={"a": HOME, "b": WORK})
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, addresses={})
    assert list(stage.due("till", "7")) == ["addresses/1"]


def test_absence_is_not_believed_when_a_slow_list_may_still_lack_it() -> None:
    stage = Stage()
    stage.connection("shop", visible_after=10)
    stage.meet("shop", "1", version=1, given_name="Ada")
    assert stage.lose("shop", "1").fate is Fate.WAITING


def test_attempt_keeps_the_bytes_that_were_frozen_when_the_golden_record_moves_on() -> None:
    stage = pair()
    attempt = stage.send("till", "7")
    stage.see("shop", "1", version=3, given_name="Anna")
    assert attempt.covers["given_name"].sent == "Ana"


def test_delivery_waits_longer_each_time_when_its_record_is_not_found() -> None:
    stage = pair()
    waits = []
    for _ in range(3):
        stage.end(stage.send("till", "7"), OutcomeKind.GONE)
        delivery = stage.known.deliveries[stage.link("till", "7").id]
        waits.append((delivery.state, delivery.not_before - stage.now))
    assert waits == [(DeliveryState.WAITING, wait * SECOND) for wait in (1, 2, 5)]


def put_away(delete: Delete = Delete.ARCHIVE) -> Stage:
    """Return Ada, whose record at the shop is gone; the till marks who is put away in the note."""
    stage = pair(belonging=Belonging(delete=delete), deletes_from="shop", delete="version", archive={"note": "gone"})
    stage.lose("shop", "1")
    return stage


@pytest.mark.parametrize(("delete", "deliveries"), [(Delete.UNLINK, 0), (Delete.ARCHIVE, 1)])
def test_record_is_put_away_only_when_its_connection_says_so(delete: Delete, deliveries: int) -> None:
    assert len(put_away(delete).plan()) == deliveries


def test_record_that_was_put_away_is_brought_back_when_its_entity_lives_again() -> None:
    stage = put_away()
    attempt = stage.send("till", "7")
    assert {path: cover.sent for path, cover in attempt.covers.items()} == {"note": "gone"}
    stage.end(attempt, answer={"version": 2, "given_name": "Ada", "email": MAIL, "note": "gone"})
    assert stage.plan() == []
    stage.wait(60)
    stage.see("shop", "1", version=3, given_name="Ana", email=MAIL, note="likes tea")
    assert stage.due("till", "7") == {"given_name": "Ana", "note": "likes tea"}


def test_record_is_left_alone_when_putting_it_away_was_refused() -> None:
    stage = put_away()
    stage.end(stage.send("till", "7"), OutcomeKind.REFUSED, blames="note")
    assert stage.plan() == []
