"""What was said yes to: kept line by line, found by record and by plan."""

from typing import Any

from hub.model.run import Approval
from hub.store import Store


def yes(plan: int, entity_id: int, path: str = "email", **more: Any) -> Approval:
    return Approval("shop", more.pop("stream", "customers"), entity_id, path, "d", "ada", more.pop("at", 5), plan, **more)


def test_approvals_are_as_they_were_kept_when_they_are_read_by_record_and_plan(store: Store) -> None:
    first = yes(7, 1, link_id=3, action="create", brake="2 prices at once", seen={"amount": 5}, wanted=["é", None])
    second, third = yes(8, 1), yes(8, 2)
    with store.unit() as unit:
        unit.save_approvals([third, second, first])
        assert unit.approvals([1, 3]) == [first, second]
        assert unit.approvals([1, 2], plan=8) == [second, third]
        assert unit.approvals([]) == []


def test_yes_to_the_same_line_is_kept_once_more_when_it_is_given_with_another_plan(store: Store) -> None:
    with store.unit() as unit:
        unit.save_approvals([yes(7, 1, at=5), yes(8, 1, at=6)])
        unit.save_approvals([yes(7, 1, at=9)])
        assert [(one.plan, one.at) for one in unit.approvals([1])] == [(7, 9), (8, 6)]


def test_records_of_a_plan_come_in_parts_when_it_is_long(store: Store) -> None:
    with store.unit() as unit:
        unit.save_approvals([yes(7, n, path) for n in (4, 2, 3, 1) for path in ("email", "phone")] + [yes(8, 9)])
        assert unit.approved_in(7, limit=2) == [1, 2]
        assert unit.approved_in(7, after=2, limit=9) == [3, 4]


def test_newest_plans_are_counted_by_stream_when_they_are_listed(store: Store) -> None:
    with store.unit() as unit:
        unit.save_approvals([yes(6, 1)])
        unit.save_approvals([yes(7, 1, "email"), yes(7, 1, "phone", at=4), yes(7, 2), yes(7, 3, stream="products", brake="b")])
        unit.save_approvals([yes(9, 4, action="create")])
        assert unit.approved_plans(limit=2) == [
            (9, "shop", "customers", "", "create", "ada", 5, 1, 1),
            (7, "shop", "customers", "", "change", "ada", 4, 3, 2),
            (7, "shop", "products", "b", "change", "ada", 5, 1, 1),
        ]
        assert [part.plan for part in unit.approved_plans(limit=9)] == [9, 7, 7, 6]


def test_no_plan_is_listed_when_nobody_said_yes(store: Store) -> None:
    with store.unit() as unit:
        assert unit.approved_plans(limit=2) == []
