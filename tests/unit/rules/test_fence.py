"""What comes between our write and the read that shows it: fence, rendering, mappings that change (section 2)."""

from __future__ import annotations

from typing import Any

import pytest

from hub.mapping import Comparison, compare, load
from hub.model.delivery import Attempt, AttemptState
from hub.model.link import Standing
from hub.model.outcome import OutcomeKind
from hub.model.review import Fate, ReviewKind
from hub.model.values import Doc
from hub.reconcile import remap
from tests.unit.rules.stage import CUSTOMERS, Stage

MAIL = "ada@example.org"
HOME = {"line1": "Weg 1", "postal_code": "10115", "city": "Berlin"}


@pytest.fixture
def stage() -> Stage:
    """Ada in two systems with counters; her name was just changed at the shop, so that the till is due."""
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL)
    stage.read_whole("shop", "till")
    stage.see("shop", "1", version=2, given_name="Josephine")
    stage.wait(60)
    return stage


def test_read_waits_when_an_attempt_is_open(stage: Stage) -> None:
    stage.send("till", "7")
    assert stage.see("till", "7", version=2, given_name="Josephine").fate is Fate.WAITING
    assert stage.claim("till", "7", "given_name").held == "Ada"


def test_read_waits_when_it_left_before_the_attempt_closed(stage: Stage) -> None:
    attempt, early = stage.send("till", "7"), stage.seq
    stage.end(attempt, answer={"version": 2, "given_name": "Josephine"})
    assert stage.see("till", "7", version=3, given_name="Ada", seq=early).fate is Fate.WAITING
    assert stage.claim("till", "7", "given_name").own == "Ada"


def test_read_back_waits_when_our_write_need_not_be_visible_yet() -> None:
    stage = Stage()
    stage.connection("shop", visible_after=10)
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL)
    ada.golden["given_name"].value, ada.golden["given_name"].version = "Ana", 99
    attempt = stage.send("shop", "1")
    stage.end(attempt)
    stage.wait(5)
    assert stage.see("shop", "1", version=1, given_name="Ada").fate is Fate.WAITING
    assert attempt.state is AttemptState.READ_BACK


def test_attempt_clears_the_hash_of_the_last_read(stage: Stage) -> None:
    assert stage.link("till", "7").digest != b""
    stage.send("till", "7")
    assert stage.link("till", "7").digest == b""


def test_hash_is_kept_only_of_a_whole_record(stage: Stage) -> None:
    stage.see("till", "7", version=2, given_name="Ada", partial=True)
    assert stage.link("till", "7").digest == b""


def test_read_back_is_a_rendering_when_the_counter_is_the_next_one(stage: Stage) -> None:
    stage.end(stage.send("till", "7"))
    stage.see("till", "7", version=2, given_name="XXXX")
    claim = stage.claim("till", "7", "given_name")
    assert (claim.held, claim.own, stage.due("till", "7")) == ("XXXX", "Ada", {})


def test_read_back_is_a_rendering_when_it_looks_like_what_was_sent(stage: Stage) -> None:
    stage.end(stage.send("till", "7"))
    stage.see("till", "7", version=9, given_name="JOSEPH")
    claim = stage.claim("till", "7", "given_name")
    assert (claim.held, claim.own, stage.due("till", "7")) == ("JOSEPH", "Ada", {})


def test_read_back_is_an_edit_when_it_looks_like_something_else(stage: Stage) -> None:
    stage.end(stage.send("till", "7"))
    ada = stage.meet("till", "7", version=9, given_name="Bea")
    assert stage.golden(ada, "given_name") == "Bea"


def test_answer_is_a_rendering_whatever_it_looks_like(stage: Stage) -> None:
    stage.end(stage.send("till", "7"), answer={"version": 9, "given_name": "Bea"})
    claim = stage.claim("till", "7", "given_name")
    assert (claim.held, claim.own, stage.due("till", "7")) == ("Bea", "Ada", {})


@pytest.mark.parametrize(("calls", "due"), [(1, {}), (2, {"given_name": "Bea"})])
def test_answer_to_the_last_of_several_calls_shows_an_edit_that_came_between(stage: Stage, calls: int, due: Doc) -> None:
    """Demo, seed 2: an address was changed in the shop between the call that wrote it and the one that wrote the name."""
    attempt = stage.send("till", "7")
    attempt.calls *= calls
    stage.end(attempt, answer={"version": 9, "given_name": "Bea"})
    assert stage.due("shop", "1") == due


def test_answer_to_a_create_is_a_rendering_whatever_it_looks_like() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    stage.read_whole("shop", "till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada")
    attempt = stage.create("till", ada)
    stage.end(attempt, external_id="7", answer={"version": 1, "given_name": "Bea"})
    assert (stage.golden(ada, "given_name"), stage.claim("till", "7", "given_name").held) == ("Ada", "Bea")
    assert stage.due("till", "7") == {}


def test_person_is_asked_when_our_value_comes_back_rewritten_twice_within_an_hour(stage: Stage) -> None:
    stage.end(stage.send("till", "7"))
    stage.see("till", "7", version=9, given_name="Bea")
    stage.see("shop", "1", version=3, given_name="Josephine the first")
    stage.end(stage.send("till", "7"))
    stage.see("till", "7", version=19, given_name="Cleo")
    assert stage.asked() == [ReviewKind.REWRITES]


def remapped(old: str, new: str) -> tuple[Stage, Comparison]:
    """Return Ada at one shop, and what differs between two mappings of it."""
    stage = Stage()
    stage.connection("shop")
    stage.meet("shop", "1", version=1, given_name="Ada")
    return stage, compare(load(CUSTOMERS, "a.yaml"), load(CUSTOMERS.replace(old, new), "b.yaml"))


def test_changed_mapping_keeps_the_stamp_when_its_line_reads_another_value() -> None:
    stage, lines = remapped("given_name: given_name", "given_name: called")
    ada = stage.meet("shop", "1", version=2, given_name="Ana", mapping="m")
    before = stage.claim("shop", "1", "given_name").stamp
    stage.wait(60)
    seen = stage.observation("shop", stage.record("1", version=2, given_name="Anna"), mapping="n")
    remap(stage.known, stage.ground, stage.link("shop", "1"), seen, lines, stage.now)
    assert (stage.golden(ada, "given_name"), stage.claim("shop", "1", "given_name").stamp) == ("Anna", before)


def test_new_line_brings_seeds_when_a_mapping_changed() -> None:
    stage, _ = remapped("  phone: phone\n", "")
    stage.see("shop", "1", version=2, given_name="Ada", phone="+49301", mapping="n")
    assert stage.claim("shop", "1", "phone").standing is Standing.SEED


def test_new_line_is_written_when_its_record_says_nothing_of_it() -> None:
    stage, _ = remapped("", "")
    lines = compare(load(CUSTOMERS.replace("  phone: phone\n", ""), "a.yaml"), load(CUSTOMERS, "b.yaml"))
    ada = stage.known.resolve(stage.link("shop", "1").entity_id)
    stage.known.touched.clear()
    seen = stage.observation("shop", stage.record("1", version=1, given_name="Ada"), mapping="n")
    remap(stage.known, stage.ground, stage.link("shop", "1"), seen, lines, stage.now)
    assert list(stage.known.touched) == [ada.id]


def test_write_is_planned_again_when_it_was_refused_by_a_limit(stage: Stage) -> None:
    attempt = stage.send("till", "7")
    stage.end(attempt, OutcomeKind.NOT_SENT, wait=1)
    assert (attempt.state, stage.due("till", "7")) == (AttemptState.CLOSED, {"given_name": "Josephine"})


def test_read_back_is_an_edit_when_a_silent_field_shows_something_else_at_the_next_counter() -> None:
    stage = Stage()
    stage.connection("shop")
    stage.connection("till")
    ada = stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, note="tea")
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, note="tea")
    stage.read_whole("shop", "till")
    stage.see("shop", "1", version=2, given_name="Josephine", note="coffee")
    stage.end(stage.send("till", "7"))
    stage.wait(60)
    stage.see("till", "7", version=2, given_name="Josephine", note="milk")
    assert stage.golden(ada, "note") == "milk"


def reissued(**traits: Any) -> tuple[Stage, Attempt]:
    """Return a write for Ada that is under way to the till, where her id was given to Cleo meanwhile."""
    stage = Stage()
    stage.connection("shop")
    stage.connection("till", **traits)
    stage.meet("shop", "1", version=1, given_name="Ada", email=MAIL, birth="2020")
    stage.meet("till", "7", version=1, given_name="Ada", email=MAIL, company="Berg", birth="2020")
    stage.read_whole("shop", "till")
    stage.see("shop", "1", version=2, given_name="Ada", email=MAIL, phone="+49301", addresses={"a": HOME}, company="Holm")
    stage.wait(60)
    return stage, stage.send("till", "7")


CLEO = {"version": 2, "given_name": "Cleo", "email": "cleo@example.org", "birth": "2024", "phone": "+49301", "company": "Holm"}


def test_answer_says_nothing_of_a_record_when_it_shows_another_under_its_id() -> None:
    stage, attempt = reissued()
    ada = stage.known.resolve(stage.link("till", "7").entity_id)
    stage.end(attempt, answer={**CLEO, "addresses": {"x": HOME}})
    assert (attempt.state, stage.golden(ada, "given_name")) == (AttemptState.READ_BACK, "Ada")


def test_another_record_waits_when_our_write_may_still_come_to_it() -> None:
    stage, _ = reissued()
    assert stage.see("till", "7", **CLEO).fate is Fate.WAITING
    assert stage.link("till", "7").claims["given_name"].held == "Ada"


def test_what_our_write_left_at_another_record_is_taken_back() -> None:
    stage, attempt = reissued()
    stage.end(attempt)
    stage.wait(60)
    cleo = stage.meet("till", "7", **CLEO, addresses={"x": HOME})
    assert {path: stage.golden(cleo, path) for path in ("given_name", "phone", "company")} == {
        "given_name": "Cleo", "phone": None, "company": None,
    }  # fmt: skip
    element = next(path for path in stage.link("till", "7").claims if path.startswith("addresses/"))
    assert stage.due("till", "7") == {"phone": None, "company": None, element: None}


def test_what_our_write_expected_is_put_back_when_it_came_to_another_record() -> None:
    stage, attempt = reissued(update="compare_and_set")
    stage.end(attempt)
    stage.wait(60)
    stage.see("till", "7", **CLEO)
    assert stage.due("till", "7") == {"phone": None, "company": "Berg"}
