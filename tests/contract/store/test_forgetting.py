"""What has served its purpose can be found in the order of its ids and forgotten, a bounded part at a time."""

from hub.model.delivery import AttemptState
from hub.model.run import Approval
from hub.store import Store
from tests.contract.store.samples import attempt, delivery

CLOSED = AttemptState.CLOSED


def approval(entity_id: int, at: int, path: str = "email") -> Approval:
    return Approval("shop", "customers", entity_id, path, "d", "ada", at)


def test_attempts_come_in_bounded_parts_when_they_are_walked(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(n, state=CLOSED, started_at=n, ended_at=10 * n) for n in (1, 2, 3)])
        unit.save_attempts([attempt(4, link_id=None, started_at=4)])
        assert [one.id for one in unit.attempts_after(1, limit=2)] == [2, 3]
        (last,) = unit.attempts_after(3, limit=2)
        assert (last.id, last.state, last.link_id, last.started_at, last.ended_at) == (4, AttemptState.OPEN, None, 4, 0)


def test_deleted_attempts_are_gone_and_the_others_stay(store: Store) -> None:
    with store.unit() as unit:
        unit.save_attempts([attempt(n, state=CLOSED) for n in (1, 2, 3)])
        unit.delete_attempts([1, 3, 9])
        assert list(unit.attempts([1, 2, 3])) == [2]


def test_oldest_approvals_go_first_when_more_are_old_than_one_part_takes(store: Store) -> None:
    with store.unit() as unit:
        unit.save_approvals([approval(1, 30), approval(2, 10), approval(3, 20), approval(4, 40)])
        assert unit.forget_approvals(40, limit=2) == 2
        assert [one.entity_id for one in unit.approvals([1, 2, 3, 4])] == [1, 4]
        assert unit.forget_approvals(40, limit=2) == 1
        assert [one.entity_id for one in unit.approvals([1, 2, 3, 4])] == [4]


def test_approval_stays_when_what_it_allowed_was_not_sent_yet(store: Store) -> None:
    with store.unit() as unit:
        unit.save_deliveries([delivery(1, entity_id=7)])
        unit.save_approvals([approval(7, 1), approval(7, 1, "phone"), approval(8, 1)])
        assert unit.forget_approvals(100, limit=10) == 1
        assert [one.path for one in unit.approvals([7, 8])] == ["email", "phone"]
