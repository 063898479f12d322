"""Restored, reset and emptied systems (section 6, Invariants 4 and 12): one case per rule."""

from __future__ import annotations

import pytest

from hub.config import Policy, PolicyKind
from hub.model.entity import Entity, EntityState
from hub.model.link import LinkState, Standing
from hub.model.outcome import OutcomeKind
from hub.model.record import Source
from hub.model.review import Fate, ReviewKind
from hub.model.values import SECOND, Doc
from tests.unit.rules.stage import Stage

SHOP, TILL = "shop", "till"


def shop_of(stage: Stage, *people: str) -> Stage:
    """Let the shop show people at version 5, each first at version 4 with another name."""
    stage.connection(SHOP)
    stage.connection(TILL)
    for person in people:
        stage.see(SHOP, person, version=4, given_name="Old", email=f"{person}@example.org")
        stage.see(SHOP, person, version=5, given_name="New", email=f"{person}@example.org")
    stage.read_whole(SHOP, TILL)
    return stage


def go_back(stage: Stage, *people: str) -> None:
    """Show people at version 4 again, in two reads."""
    for person in people:
        for _ in range(2):
            stage.see(SHOP, person, version=4, given_name="Old", email=f"{person}@example.org")


def accept(stage: Stage) -> None:
    """Say that the shop was restored."""
    state = stage.known.state(SHOP)
    state.accepted, state.rewound_at, state.signs = state.epoch, 0, {}


@pytest.fixture
def stage() -> Stage:
    return shop_of(Stage(), "1", "2", "3")


def test_person_is_asked_when_two_records_went_back(stage: Stage) -> None:
    go_back(stage, "1", "2")
    assert stage.asked() == [ReviewKind.REWOUND]
    assert (stage.known.rewound, stage.known.state(SHOP).rewound_at) == ([SHOP], stage.now)
    assert stage.due(SHOP, "1") == {"given_name": "New"}


def test_nobody_is_asked_when_one_record_went_back_twice(stage: Stage) -> None:
    go_back(stage, "1", "1")
    assert stage.asked() == []


def test_nobody_is_asked_when_two_records_went_back_a_day_apart(stage: Stage) -> None:
    go_back(stage, "1")
    stage.wait(86_401)
    go_back(stage, "2")
    assert stage.asked() == []


def test_record_counts_as_gone_back_when_only_its_version_did(stage: Stage) -> None:
    for person in ("1", "2"):
        for _ in range(2):
            stage.see(SHOP, person, version=4, given_name="New", email=f"{person}@example.org")
    assert stage.asked() == [ReviewKind.REWOUND]
    stage.see(SHOP, "1", version=5, given_name="Newer", email="1@example.org")
    assert (stage.claim(SHOP, "1", "given_name").own, stage.claim(SHOP, "1", "given_name").standing) == ("Newer", Standing.EDIT)


def test_person_is_asked_when_two_ids_were_given_to_others() -> None:
    stage = Stage()
    stage.connection(SHOP)
    for person in ("1", "2"):
        stage.see(SHOP, person, version=1, given_name="Ada", birth="march")
        stage.see(SHOP, person, version=1, given_name="Bea", birth="june")
    assert stage.asked() == [ReviewKind.REWOUND]


def test_edit_counts_when_it_was_made_on_the_restored_state(stage: Stage) -> None:
    go_back(stage, "1", "2")
    stage.see(SHOP, "1", version=5, given_name="Newer", email="1@example.org")
    assert stage.golden(stage.known.entities[stage.link(SHOP, "1").entity_id], "given_name") == "Newer"


def test_old_state_is_no_edit_when_the_restore_was_accepted(stage: Stage) -> None:
    go_back(stage, "1", "2")
    accept(stage)
    stage.see(SHOP, "3", version=9, given_name="Old", phone="1", email="3@example.org")
    assert stage.due(SHOP, "3") == {"given_name": "New"}
    assert stage.claim(SHOP, "3", "given_name").own == "New"
    assert stage.claim(SHOP, "3", "phone").standing is Standing.SEED
    stage.see(SHOP, "3", version=10, given_name="Newer", phone="1", email="3@example.org")
    assert stage.due(SHOP, "3") == {}


def test_new_epoch_begins_with_the_versions_shown_there(stage: Stage) -> None:
    go_back(stage, "1", "2")
    accept(stage)
    stage.see(SHOP, "3", version=2, given_name="Old", email="3@example.org")
    stage.see(SHOP, "3", version=3, given_name="Newer", email="3@example.org")
    assert stage.claim(SHOP, "3", "given_name").own == "Newer"


def test_absence_is_a_question_when_a_restore_is_suspected(stage: Stage) -> None:
    go_back(stage, "1", "2")
    assert stage.lose(SHOP, "3").fate is Fate.REVIEW
    assert stage.link(SHOP, "3").state is LinkState.LIVE
    assert stage.reads()[-1] == "restored?"


def test_absence_waits_when_a_lower_version_is_still_to_be_asked_again(stage: Stage) -> None:
    stage.see(SHOP, "1", version=4, given_name="Old", email="1@example.org")
    assert stage.lose(SHOP, "3").fate is Fate.REVIEW
    stage.see(SHOP, "1", version=5, given_name="New", email="1@example.org")
    stage.lose(SHOP, "3")
    assert stage.link(SHOP, "3").state is LinkState.ENDED


def deny(stage: Stage) -> None:
    """Say that the shop was not restored."""
    stage.wait(60)
    state = stage.known.state(SHOP)
    state.rewound_at, state.signs = 0, {}


def test_nobody_is_asked_again_when_it_was_no_restore_and_more_of_the_same_shows() -> None:
    stage = shop_of(Stage(), "1", "2", "3", "4")
    go_back(stage, "1", "2")
    deny(stage)
    go_back(stage, "3", "4")
    assert stage.asked() == [ReviewKind.REWOUND]


def test_person_is_asked_again_when_what_was_read_since_it_was_no_restore_went_back() -> None:
    stage = shop_of(Stage(), "1", "2")
    go_back(stage, "1", "2")
    deny(stage)
    for person in ("1", "2"):
        stage.see(SHOP, person, version=6, given_name="Newer", email=f"{person}@example.org")
    go_back(stage, "1", "2")
    assert stage.asked() == [ReviewKind.REWOUND, ReviewKind.REWOUND]


def test_id_keeps_its_record_when_a_restore_is_suspected() -> None:
    stage = shop_of(Stage(), "1", "2")
    entity = stage.meet(SHOP, "3", version=1, given_name="Ada", birth="march")
    go_back(stage, "1", "2")
    assert stage.see(SHOP, "3", version=1, given_name="Bea", birth="june").fate is Fate.REVIEW
    accept(stage)
    stage.see(SHOP, "3", version=1, given_name="Bea", birth="june")
    assert stage.link(SHOP, "3").entity_id != entity.id
    assert [link.state for link in stage.known.by_entity[entity.id]] == [LinkState.LOST]


def made_there(stage: Stage) -> Entity:
    """Make a customer of the till in the shop, whose answer tells nothing but the id."""
    entity = stage.meet(TILL, "9", version=1, given_name="Ada", email="ada@example.org")
    attempt = stage.create(SHOP, entity)
    assert attempt is not None
    stage.end(attempt, external_id="3")
    return entity


@pytest.mark.parametrize(("seconds", "fate", "is_hers"), [(60, Fate.APPLIED, True), (600, Fate.REVIEW, False)])
def test_record_we_never_read_is_told_by_its_age_when_its_system_was_restored(seconds: int, fate: Fate, *, is_hers: bool) -> None:
    """Seed 3000493: its id was given to somebody else before we ever read what we had made."""
    stage = shop_of(Stage(), "1", "2")
    entity = made_there(stage)
    go_back(stage, "1", "2")
    born = stage.now // SECOND + seconds
    stage.wait(1_200)
    shown: Doc = {"version": 1, "given_name": "Bea", "birth": "june", "created": born}
    assert stage.see(SHOP, "3", **shown).fate is fate
    accept(stage)
    stage.see(SHOP, "3", **shown)
    assert (stage.link(SHOP, "3").entity_id == entity.id) is is_hers


def test_lost_record_stays_lost_when_its_id_is_given_to_another() -> None:
    stage = shop_of(Stage(), "1", "2")
    entity = stage.meet(SHOP, "3", version=1, given_name="Ada", birth="march")
    go_back(stage, "1", "2")
    accept(stage)
    stage.lose(SHOP, "3")
    stage.see(SHOP, "3", version=1, given_name="Bea", birth="june")
    assert [link.state for link in stage.known.by_entity[entity.id]] == [LinkState.LOST]


def test_record_made_again_is_ours_when_it_got_the_id_of_the_lost_one() -> None:
    stage = shop_of(Stage(), "1", "2")
    entity = stage.meet(SHOP, "3", version=1, given_name="Ada", birth="march")
    go_back(stage, "1", "2")
    accept(stage)
    stage.lose(SHOP, "3")
    attempt = stage.create(SHOP, entity)
    assert attempt is not None
    shown = {"version": 1, "given_name": "Ada", "birth": "june"}
    stage.end(attempt, answer=shown, source=Source.FETCH, external_id="3")
    assert [link.state for link in stage.known.by_entity[entity.id]] == [LinkState.LOST, LinkState.LIVE]


def test_record_is_made_again_and_ends_nothing_when_a_restore_lost_it() -> None:
    stage = shop_of(Stage(deletes_from=SHOP), "1", "2", "3")
    go_back(stage, "1", "2")
    accept(stage)
    stage.lose(SHOP, "3")
    entity = stage.known.entities[stage.link(SHOP, "3").entity_id]
    assert (stage.link(SHOP, "3").state, entity.state) == (LinkState.LOST, EntityState.LIVE)
    assert [(d.connection, d.link_id) for d in stage.plan() if d.entity_id == entity.id and d.connection == SHOP] == [
        (SHOP, None)
    ]


def test_own_value_stands_when_a_restore_lost_its_record() -> None:
    stage = shop_of(Stage({"default": Policy(PolicyKind.OWNER, (SHOP,))}), "1", "2", "3")
    stage.see(TILL, "7", version=1, given_name="New", email="3@example.org")
    stage.see(TILL, "7", version=2, given_name="Till", email="3@example.org")
    go_back(stage, "1", "2")
    accept(stage)
    stage.lose(SHOP, "3")
    assert stage.due(TILL, "7") == {"given_name": "New"}


def test_own_value_of_a_lost_record_departs_when_the_new_one_is_deleted() -> None:
    stage = shop_of(Stage({"default": Policy(PolicyKind.OWNER, (SHOP,))}), "1", "2", "3")
    stage.see(TILL, "7", version=1, given_name="New", email="3@example.org")
    stage.see(TILL, "7", version=2, given_name="Till", email="3@example.org")
    go_back(stage, "1", "2")
    accept(stage)
    stage.lose(SHOP, "3")
    stage.see(SHOP, "9", version=1, given_name="New", email="3@example.org")
    stage.lose(SHOP, "9")
    assert [link.state for link in stage.known.by_entity[stage.link(TILL, "7").entity_id]] == [
        LinkState.ENDED,
        LinkState.LIVE,
        LinkState.ENDED,
    ]
    assert stage.due(TILL, "7") == {}


def test_record_stays_deleted_when_a_restored_system_shows_it_again() -> None:
    stage = shop_of(Stage(deletes_from=TILL), "1", "2")
    entity = stage.meet(SHOP, "3", version=1, given_name="Ada", email="3@example.org")
    stage.see(TILL, "7", version=1, given_name="Ada", email="3@example.org")
    stage.lose(TILL, "7")
    stage.lose(SHOP, "3")
    go_back(stage, "1", "2")
    stage.see(SHOP, "3", version=1, given_name="Ada", email="3@example.org")
    assert (stage.link(SHOP, "3").state, entity.state) == (LinkState.LIVE, EntityState.ENDED)


def test_person_is_asked_when_many_are_gone_at_once() -> None:
    people = [str(n) for n in range(1, 11)]
    stage = shop_of(Stage(), *people)
    stage.known.live_count = lambda _connection, _stream: 10
    fates = [stage.lose(SHOP, person).fate for person in people]
    assert fates == [Fate.APPLIED] * 5 + [Fate.REVIEW] * 5
    assert set(stage.asked()) == {ReviewKind.VANISHED}
    stage.wait(3_600)
    assert stage.lose(SHOP, "10").fate is Fate.REVIEW


def test_gone_record_is_looked_for_again_when_a_write_there_waits_for_its_result() -> None:
    """Seed 3000255: a person said that nothing was deleted, and the write waited for ever."""
    people = [str(n) for n in range(1, 11)]
    stage = shop_of(Stage(), *people)
    stage.known.live_count = lambda _connection, _stream: 10
    stage.meet(TILL, "9", version=1, given_name="New", email="9@example.org")
    stage.wait(60)
    stage.see(TILL, "9", version=2, given_name="Newer", email="9@example.org")
    stage.end(stage.send(SHOP, "9"), OutcomeKind.UNKNOWN)
    fates = [stage.lose(SHOP, person).fate for person in people]
    assert (fates[8], stage.reads()) == (Fate.REVIEW, ["read back", "gone?"])


def test_nobody_is_asked_when_as_many_go_one_after_the_other() -> None:
    people = [str(n) for n in range(1, 8)]
    stage = shop_of(Stage(), *people)
    stage.known.live_count = lambda _connection, _stream: 10
    for person in people:
        stage.lose(SHOP, person)
        stage.wait(300)
    assert stage.asked() == []
