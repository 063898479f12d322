"""Whether a record was made that nobody can look up: a person says it, once, and is believed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.model.delivery import Attempt, DeliveryState
from hub.model.outcome import Outcome, OutcomeKind
from hub.model.values import SECOND
from hub.ops.office import Alone
from hub.ops.reviews import resolve_review
from hub.pipeline import absorb
from hub.runtime.outbox import give_up, pick
from hub.store import Store, open_store
from tests.unit.clocks import StillClock
from tests.unit.yard import NOW, Yard

LATE = NOW + 600 * SECOND


def asked(store: Store) -> tuple[Yard, Attempt]:
    """Return a yard where a person is asked whether a lamp was made at the till, and the attempt to make it."""
    store.migrate()
    yard = Yard(store)
    yard.see("shop", "products", {"id": "1", "v": 1, "title": "Lamp"})
    yard.read_whole("till", "products")
    (attempt,) = yard.freeze(*yard.picked())
    with store.unit() as unit:
        absorb(unit, yard.ground, [Outcome(attempt.id, OutcomeKind.UNKNOWN, unit.next_id("seq"), NOW)], NOW)
        give_up(unit, yard.ground, attempt, LATE)
    return yard, attempt


def test_question_ends_when_it_is_found_out_after_all(tmp_path: Path) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    yard, attempt = asked(store)
    with store.unit() as unit:
        (question,) = unit.reviews()
        absorb(unit, yard.ground, [Outcome(attempt.id, OutcomeKind.NOT_FOUND, unit.next_id("seq"), LATE)], LATE)
        assert unit.reviews() == []
        assert [one.answer for one in unit.reviews_by_id([question.id]).values()] == ["it was found out since"]
    store.close()


@pytest.mark.parametrize(("answer", "state", "hints"), [("yes", DeliveryState.ASKING, ["*"]), ("no", DeliveryState.WAITING, [])])
def test_question_is_asked_once_when_a_person_said_whether_it_was_made(
    tmp_path: Path, answer: str, state: DeliveryState, hints: list[Any]
) -> None:
    store = open_store(f"sqlite:///{tmp_path}/hub.db", synchronous="OFF")
    yard, _ = asked(store)
    with store.unit() as unit:
        (question,) = unit.reviews()
    resolve_review(Alone(yard.ground, store, StillClock(LATE)), question.id, answer)
    with store.unit() as unit:
        (delivery,) = unit.create_deliveries([1])
        due = unit.due_hints("till", LATE, 9)
        assert (unit.open_attempts(), unit.reviews(), delivery.state) == ([], [], state)
        assert [hint.external_id for hint in due] == hints
        unit.save_connection(unit.connections()["till"])
        assert pick(unit, yard.ground, "till", [], LATE, 9).ids == ()
    store.close()
