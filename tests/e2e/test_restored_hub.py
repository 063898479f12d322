"""A hub whose store was put back from a backup finds its way into a world that went on: nothing is lost, nothing done twice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.model.values import Doc
from hub.ops.office import Running
from hub.ops.reviews import list_reviews, resolve_review
from hub.runtime.restored import mark
from hub.store import open_store
from hub.store.backup import copy_store, swap_in
from tests.e2e.floor import NAMES, Floor, ten_shirts
from tests.retailer import Driven, Retailer
from tests.unit.ops.desk import Desk

PLACE = NAMES[0]


def back_up(folder: Path) -> None:
    """Copy the store while the hub runs."""
    copy_store(f"sqlite:///{folder}/hub.db", folder / "backup.db")


def put_back(shops: Driven | Floor, folder: Path) -> None:
    """Put the backup in the store's place and start the hub over it, as `hub db restore` and `hub run` do."""
    shops.close()
    store = open_store(f"sqlite:///{folder}/backup.db", synchronous="OFF")
    with store.unit() as unit:
        mark(unit, shops.clock.now())
    store.close()
    swap_in(folder / "backup.db", folder / "hub.db", folder / "hub.db.before")
    shops.hub = shops._open()


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    made = Retailer(tmp_path)
    yield made
    made.close()


@pytest.fixture
def floor(tmp_path: Path) -> Iterator[Floor]:
    yield from ten_shirts(tmp_path, PLACE)


def names(docs: dict[str, Doc], first: str, last: str) -> list[tuple[str, str]]:
    return sorted((doc.get(first) or "", doc.get(last) or "") for doc in docs.values())


def agreed(shops: Retailer) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the names that shop and till show."""
    return names(shops.at_shop(), "firstName", "lastName"), names(shops.at_till(), "given_name", "family_name")


def test_nothing_is_made_twice_when_the_hub_made_it_after_the_backup(shops: Retailer, tmp_path: Path) -> None:
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    back_up(tmp_path)
    shops.shop.add_customer(firstName="Bo", lastName="Lind", email="bo@example.org")
    shops.till.add_customer(given_name="Cy", family_name="Moor", email_address="cy@example.org")
    shops.poll(2)
    put_back(shops, tmp_path)
    before = agreed(shops)
    shops.writes()
    shops.poll(3)
    assert agreed(shops) == before
    assert [len(one) for one in before] == [3, 3]
    assert shops.writes() == {"shop": [], "till": []}
    assert shops.reviews() == []


def test_edits_count_once_when_the_hub_had_copied_them_after_the_backup(shops: Retailer, tmp_path: Path) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    back_up(tmp_path)
    shops.till.edit_customer(shops.till.customer_ids()[0], family_name="Holm")
    shops.poll(2)
    shops.close()
    shops.clock.sleep(600)
    shops.shop.edit_customer(ada, lastName="Holm-Lind")
    shops.hub = shops._open()
    put_back(shops, tmp_path)
    shops.poll(3)
    assert agreed(shops) == ([("Ada", "Holm-Lind")], [("Ada", "Holm-Lind")])


def test_person_is_asked_when_what_the_hub_made_can_only_be_told_by_phone(shops: Retailer, tmp_path: Path) -> None:
    shops.settle()
    back_up(tmp_path)
    shops.till.add_customer(given_name="Dee", family_name="Nor", phone_number="+33140000009")
    shops.poll(2)
    put_back(shops, tmp_path)
    shops.poll(3)
    assert agreed(shops) == ([("Dee", "Nor")], [("Dee", "Nor")])
    (question,) = shops.reviews()
    resolve_review(Running(shops.hub), question.id, "merge")
    shops.poll(2)
    assert agreed(shops) == ([("Dee", "Nor")], [("Dee", "Nor")])
    assert shops.hub.open_items() == []


def test_person_is_asked_when_two_systems_were_edited_while_the_hub_was_down(shops: Retailer, tmp_path: Path) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", note="tea")
    shops.settle()
    back_up(tmp_path)
    shops.shop.edit_customer(ada, note="coffee")
    shops.till.edit_customer(shops.till.customer_ids()[0], note="water")
    put_back(shops, tmp_path)
    shops.poll(3)
    (question,) = Desk(shops).look(list_reviews)
    assert (question["field"], sorted(one["shown"] for one in question["values"])) == ("note", ["coffee", "water"])


def test_spelling_of_a_system_does_not_travel_when_it_copied_an_edit_after_the_backup(shops: Retailer, tmp_path: Path) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org", phone="+33140000001")
    shops.settle()
    back_up(tmp_path)
    shops.shop.edit_customer(ada, phone="+33140000002", note="tea")
    shops.poll(2)
    put_back(shops, tmp_path)
    shops.writes()
    shops.poll(3)
    assert shops.writes() == {"shop": [], "till": []}


def test_nothing_is_sent_when_one_system_was_not_read_whole_yet(shops: Retailer, tmp_path: Path) -> None:
    ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
    shops.settle()
    back_up(tmp_path)
    put_back(shops, tmp_path)
    shops.shop.edit_customer(ada, lastName="Holm")
    shops.writes()
    lane = shops.hub.lanes["shop"]
    lane.pull_due()
    shops.hub.lanes["till"].push_round()
    assert shops.writes() == {"shop": [], "till": []}
    shops.poll(2)
    assert agreed(shops) == ([("Ada", "Holm")], [("Ada", "Holm")])


def test_units_are_counted_once_when_the_hub_had_moved_them_after_the_backup(floor: Floor, tmp_path: Path) -> None:
    back_up(tmp_path)
    floor.shop.order(floor.variant, floor.at_shop[PLACE], 2)
    floor.step()
    floor.step()
    assert floor.shown(PLACE) == (8, 8)
    put_back(floor, tmp_path)
    floor.step()
    floor.step()
    assert (floor.shown(PLACE), floor.golden(PLACE)["available"], floor.left()) == ((8, 8), 8, [])


def test_sale_counts_when_one_system_moved_while_the_hub_was_down(floor: Floor, tmp_path: Path) -> None:
    back_up(tmp_path)
    floor.till.count_stock(floor.variation, floor.at_till[PLACE], 7)
    put_back(floor, tmp_path)
    floor.step()
    floor.step()
    assert (floor.shown(PLACE), floor.golden(PLACE)["on_hand"]) == ((7, 7), 7)


def test_shelf_is_counted_when_nobody_can_tell_what_moved(floor: Floor, tmp_path: Path) -> None:
    back_up(tmp_path)
    floor.till.count_stock(floor.variation, floor.at_till[PLACE], 7)
    floor.shop.set_stock(floor.variant, floor.at_shop[PLACE], 9)
    put_back(floor, tmp_path)
    floor.step()
    floor.step()
    assert floor.shown(PLACE) == (7, 9)
    (question,) = floor.hub.writer.submit(lambda unit: unit.reviews()).result()
    resolve_review(Running(floor.hub), question.id, "6")
    floor.step()
    floor.step()
    assert (floor.shown(PLACE), floor.left()) == ((6, 6), [])
