"""What cannot go just now never holds up what can, however much of it there is."""

from __future__ import annotations

import pytest

from hub.model.delivery import DeliveryState
from hub.model.record import RawRecord
from hub.model.run import CursorRow, Waiting
from hub.runtime.outbox import read_agenda
from hub.runtime.overdue import overdue
from hub.store import Store
from tests.unit.yard import NOW, Yard

ROUND = 20
"""What a lane looks at in a round."""


@pytest.fixture
def crowd(store: Store) -> Yard:
    """Products that are to be made at the till, one more than a round looks at."""
    yard = Yard(store)
    yard.see("shop", "products", *({"id": str(n), "v": 1, "title": f"Lamp {n}"} for n in range(ROUND + 1)))
    yard.read_whole("till", "products", "variants")
    return yard


def test_pick_goes_on_when_as_many_as_a_round_takes_were_refused(crowd: Yard) -> None:
    with crowd.store.unit() as unit:
        *refused, last = unit.open_deliveries()
        for delivery in refused:
            delivery.aside, delivery.state, delivery.wait = 1, DeliveryState.WAITING, "refused there"
        unit.save_deliveries(refused)
        agenda = read_agenda(unit, crowd.ground, "till", NOW, ROUND)
    assert agenda.pick.ids == (last.id,)


def test_round_is_followed_by_another_at_once_when_all_it_looked_at_has_to_wait(crowd: Yard) -> None:
    with crowd.store.unit() as unit:
        unit.save_cursor(CursorRow("till", "products"))
        first = read_agenda(unit, crowd.ground, "till", NOW, ROUND)
        second = read_agenda(unit, crowd.ground, "till", NOW, ROUND)
    assert (first.pick.ids, first.pick.put_off, second.pick.put_off) == ((), ROUND, 0)


def test_wait_ends_when_many_waits_of_a_connection_that_rests_are_over(store: Store) -> None:
    Yard(store)
    with store.unit() as unit:
        for name, count in (("shop", ROUND), ("till", 1)):
            raw = RawRecord(name, "variants", {"id": "1"}, 1, NOW, NOW)
            unit.park([_wait(unit.next_id("waiting"), name, str(n), raw) for n in range(count)])
        overdue(unit, "till", NOW, ROUND)
        assert [hint.external_id for hint in unit.due_hints("till", NOW, 9)] == ["7"]


def _wait(number: int, name: str, external_id: str, raw: RawRecord) -> Waiting:
    return Waiting(number, external_id, raw, "its product", f"{name}/products/7", NOW - 1, NOW - 2)
