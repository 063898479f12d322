import pytest

from hub.errors import InvariantBroken
from hub.model.delivery import AttemptState, DeliveryState
from hub.store import Store
from tests.contract.store.samples import attempt, delivery, full_attempt, full_delivery

WAITING, ASKING, DUE = DeliveryState.WAITING, DeliveryState.ASKING, DeliveryState.DUE


def test_delivery_comes_back_whole_when_every_field_is_set(store: Store) -> None:
    with store.unit() as unit:
        unit.save_deliveries([full_delivery(4)])
        assert unit.deliveries(link_ids=[4, 5]) == {4: full_delivery(4)}
        assert unit.deliveries_by_id([4]) == {4: full_delivery(4)}
        assert unit.deliveries_of([4]) == [full_delivery(4)]
        assert unit.asking() == unit.asking("shop") == [full_delivery(4)]
        assert unit.asking("till") == []


def test_create_deliveries_are_those_without_link(store: Store) -> None:
    create = delivery(1, link_id=None, entity_id=7)
    with store.unit() as unit:
        unit.save_deliveries([create, delivery(2, entity_id=7)])
        assert unit.create_deliveries([7]) == [create]


def test_second_delivery_is_refused_when_the_link_has_one(store: Store) -> None:
    with pytest.raises(InvariantBroken, match="delivery"), store.unit() as unit:
        unit.save_deliveries([delivery(1, link_id=5), delivery(2, link_id=5)])


def test_second_create_is_refused_when_the_entity_has_one_there(store: Store) -> None:
    with store.unit() as unit:
        unit.save_deliveries([delivery(1, link_id=None, entity_id=5), delivery(2, link_id=None, entity_id=5, connection="till")])
    with pytest.raises(InvariantBroken), store.unit() as unit:
        unit.save_deliveries([delivery(3, link_id=None, entity_id=5)])


def test_due_returns_what_may_be_tried_now_with_the_oldest_change_first(store: Store) -> None:
    given = [
        delivery(1, since=30),
        delivery(2, since=10, state=WAITING, not_before=100),
        delivery(3, since=20, state=WAITING, not_before=101),
        delivery(4, since=5, state=ASKING),
        delivery(5, since=10),
        delivery(6, since=1, connection="till"),
        delivery(7, since=1, state=WAITING, aside=2),
    ]
    with store.unit() as unit:
        unit.save_deliveries(given)
        assert [d.id for d in unit.due("shop", 100, 10)] == [2, 5, 1]
        assert [d.id for d in unit.due("shop", 100, 2)] == [2, 5]
        assert unit.delivery_counts() == {("shop", ASKING): 1, ("shop", DUE): 2, ("shop", WAITING): 3, ("till", DUE): 1}
        assert unit.oldest_due() == {"shop": 10, "till": 1}
        assert unit.oldest_unsent() == {("shop", "customers"): 10, ("till", "customers"): 1}


def test_deleted_delivery_is_gone(store: Store) -> None:
    with store.unit() as unit:
        unit.save_deliveries([delivery(1), delivery(2)])
        unit.delete_deliveries([1, 9])
        assert unit.deliveries(link_ids=[1, 2]) == {2: delivery(2)}


def test_attempt_comes_back_whole_when_every_field_is_set(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([full_attempt(4), attempt(5, link_id=None, external_id=None)])
        assert unit.attempts([5, 4]) == {4: full_attempt(4), 5: attempt(5, link_id=None, external_id=None)}


def test_open_attempts_are_those_not_closed(store: Store) -> None:
    states = [AttemptState.OPEN, AttemptState.UNKNOWN, AttemptState.READ_BACK, AttemptState.CLOSED]
    with store.unit() as unit:
        unit.save_attempts([attempt(n, state=state) for n, state in enumerate(states)])
        unit.save_attempts([attempt(9, connection="till")])
        assert [a.id for a in unit.open_attempts()] == [0, 1, 2, 9]
        assert [a.id for a in unit.open_attempts("shop")] == [0, 1, 2]


def test_open_creates_are_those_not_closed_of_every_connection(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(1), attempt(2, operation="create"), attempt(3, operation="create", connection="till")])
        unit.save_attempts([attempt(4, operation="create", state=AttemptState.CLOSED)])
        assert [a.id for a in unit.open_creates()] == [2, 3]


def test_attempts_of_a_link_or_entity_are_the_newest_oldest_first(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(n, link_id=n % 2, entity_id=3) for n in range(6)])
        assert [a.id for a in unit.attempts_of(link_id=1)] == [1, 3, 5]
        assert [a.id for a in unit.attempts_of(entity_id=3, limit=2)] == [4, 5]


def test_attempts_since_a_time_are_those_of_the_entities_asked_for(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(n, entity_id=n % 2, started_at=10 * n, link_id=None) for n in range(1, 6)])
        assert [a.id for a in unit.attempts_since([1], 30)] == [3, 5]
        assert [a.id for a in unit.attempts_since([0, 1], 31)] == [4, 5]
        assert unit.attempts_since([], 0) == []
