"""The last edit of a field undone: what counted before counts again, with a reason, everywhere."""

from __future__ import annotations

import pytest

from hub.errors import UsageError
from hub.ops.office import Running
from hub.ops.undo import preview_undo, undo
from tests.retailer import Retailer
from tests.unit.ops.desk import Desk

ADA = "ada@example.org"


@pytest.fixture
def desk(shops: Retailer) -> Desk:
    """Return a desk: Ada's note was edited in the shop, twice."""
    shops.shop.add_customer(firstName="Ada", lastName="Berg", email=ADA, note="tea")
    shops.settle()
    for note in ("coffee", "water"):
        shops.clock.sleep(60)
        shops.shop.edit_customer(shops.at_shop()[ADA]["id"], note=note)
        shops.poll()
    return Desk(shops)


def test_undo_brings_back_what_counted_before_when_a_field_was_edited(shops: Retailer, desk: Desk) -> None:
    done = undo(Running(shops.hub), desk.customer(ADA).id, "note", "kim", "wrong card")
    shops.poll()
    assert (done["from"], done["to"]) == ("water", "coffee")
    assert done["why"].startswith("undone: the edit of 2026-07-01 09:0")
    assert done["why"].endswith(" UTC: wrong card")
    assert (shops.at_shop()[ADA]["note"], shops.at_till()[ADA]["note"]) == ("coffee", "coffee")


def test_undo_shows_what_would_change_where_when_it_is_only_asked(shops: Retailer, desk: Desk) -> None:
    ada = desk.customer(ADA).id
    seen = desk.look(lambda reader: preview_undo(reader, desk.office.ground, ada, "note", shops.clock.now()))
    assert [(one["connection"], one["shown"]) for one in seen["changes"]] == [
        ("shop", "water -> coffee"),
        ("till", "water -> coffee"),
    ]
    assert shops.at_shop()[ADA]["note"] == "water"


def test_undo_of_an_undo_brings_the_edit_back_when_it_is_called_twice(shops: Retailer, desk: Desk) -> None:
    for _ in range(2):
        undo(Running(shops.hub), desk.customer(ADA).id, "note", "kim")
        shops.clock.sleep(60)
    shops.poll()
    assert shops.at_till()[ADA]["note"] == "water"


def test_undo_is_refused_when_nobody_edited_the_field(shops: Retailer, desk: Desk) -> None:
    with pytest.raises(UsageError, match="Nobody changed"):
        undo(Running(shops.hub), desk.customer(ADA).id, "family_name", "kim")
