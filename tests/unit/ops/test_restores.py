"""A restored till and what a person says about it, over the real connectors and a store."""

from __future__ import annotations

import copy

from hub.ops.operate import resync_at
from hub.ops.plan import HELD_BACK
from hub.ops.reviews import list_reviews, resolve_review
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk

NAMES = ("Ada", "Bea", "Cleo")
HOLM = [("Ada", "Holm"), ("Bea", "Holm"), ("Cleo", "Holm"), ("Dora", "Holm")]
BERG = [(name, "Berg") for name in NAMES]


def restored(shops: Retailer) -> Desk:
    """Return a desk: the till was restored to before its three customers were renamed, and before a fourth came."""
    for name in NAMES:
        shops.till.add_customer(given_name=name, family_name="Berg", email_address=f"{name.lower()}@example.org")
    shops.settle()
    backup = copy.deepcopy(shops.till.core.state.customers)
    for person in shops.till.customer_ids():
        shops.till.edit_customer(person, family_name="Holm")
    shops.till.add_customer(given_name="Dora", family_name="Holm", email_address="dora@example.org")
    shops.poll(2)
    shops.till.core.state.customers = backup
    shops.hub.lanes["till"].read_whole()
    shops.poll()
    return Desk(shops)


def at_till(shops: Retailer) -> list[tuple[str, str]]:
    return sorted((doc["given_name"], doc["family_name"]) for doc in shops.at_till().values())


def at_shop(shops: Retailer) -> list[tuple[str, str]]:
    return sorted((doc["firstName"], doc["lastName"]) for doc in shops.at_shop().values())


def test_nothing_is_sent_to_a_restored_till_when_nobody_has_answered(shops: Retailer) -> None:
    desk = restored(shops)
    (question,) = desk.look(list_reviews)
    assert (question["kind"], question["answers"]) == ("rewound", ["bring up to date", "it was not restored", "keep waiting"])
    assert ({item.state for item in desk.plan()}, len(desk.plan())) == ({HELD_BACK}, 3)
    resolve_review(desk.office, question["id"], "keep waiting")
    shops.poll()
    assert [one["id"] for one in desk.look(list_reviews)] == [question["id"]]
    assert (at_till(shops), at_shop(shops)) == (BERG, HOLM)


def test_restored_till_is_brought_up_to_date_when_a_person_says_so(shops: Retailer) -> None:
    desk = restored(shops)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "bring up to date")
    shops.poll(3)
    assert (at_till(shops), at_shop(shops)) == (HOLM, HOLM)
    assert desk.look(list_reviews) == []


def test_records_are_judged_one_by_one_when_it_was_no_restore(shops: Retailer) -> None:
    desk = restored(shops)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "it was not restored")
    shops.poll(3)
    assert (at_till(shops), at_shop(shops)) == (HOLM[:3], HOLM)
    assert desk.look(list_reviews) == []


def test_what_is_entered_at_the_till_travels_when_it_waits_for_an_answer(shops: Retailer) -> None:
    restored(shops)
    (first, *_) = shops.till.customer_ids()
    shops.till.edit_customer(first, note="likes tea")
    shops.poll(2)
    assert "likes tea" in {doc["note"] for doc in shops.at_shop().values()}


def lose_early(shops: Retailer, *, deleted: bool = False, later_s: float = 0) -> Desk:
    """Return a desk: the till was restored, and the customer it lost was looked for before any older state was read.

    `deleted`: a person had deleted her before the last thing that the restore undid. `later_s`: the others came so much later.
    """
    dora = shops.till.add_customer(given_name="Dora", family_name="Holm", email_address="dora@example.org")
    shops.settle()
    shops.clock.sleep(later_s)
    for name in NAMES:
        shops.till.add_customer(given_name=name, family_name="Berg", email_address=f"{name.lower()}@example.org")
    shops.poll()
    desk, backup = Desk(shops), copy.deepcopy(shops.till.core.state.customers)
    del backup[dora]
    for person in [each for each in shops.till.customer_ids() if each != dora]:
        shops.till.edit_customer(person, family_name="Holm")
    for happens in (lambda: shops.poll(2), lambda: _look_for(desk, dora))[:: -1 if deleted else 1]:
        happens()
    shops.till.core.state.customers = backup
    shops.hub.lanes["till"].read_whole()
    shops.poll()
    return desk


def _look_for(desk: Desk, person: str) -> None:
    desk.shops.till.core.state.customers.pop(person)
    resync_at(desk.office, "till", "customers", person)
    desk.shops.settle()


def test_record_is_made_again_when_it_was_looked_for_before_the_restore_showed(shops: Retailer) -> None:
    desk = lose_early(shops)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "bring up to date")
    shops.poll(3)
    assert (at_till(shops), at_shop(shops)) == (HOLM, HOLM)


def test_record_stays_deleted_when_what_was_seen_later_was_undone(shops: Retailer) -> None:
    desk = lose_early(shops, deleted=True)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "bring up to date")
    shops.poll(3)
    assert (at_till(shops), at_shop(shops)) == (HOLM[:3], HOLM)


def test_record_stays_deleted_when_the_backup_holds_younger_ones(shops: Retailer) -> None:
    desk = lose_early(shops, later_s=7_200)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "bring up to date")
    shops.poll(3)
    assert (at_till(shops), at_shop(shops)) == (HOLM[:3], HOLM)


def test_restored_till_is_read_whole_before_anything_is_made_there(shops: Retailer) -> None:
    desk = restored(shops)
    (question,) = desk.look(list_reviews)
    resolve_review(desk.office, question["id"], "bring up to date")
    assert shops.hub.writer.submit(lambda unit: unit.cursor("till", "customers").full_at).result() == 0
