"""Stock: what a level shows, deltas under a key, absolute figures under an expectation."""

from __future__ import annotations

import pytest

from connectors.shopify import CONNECTOR
from hub.sdk import AnswerKind
from tests.connectors.shopify.account import Account, movement, stocked


def _quantities(account: Account, level: str) -> tuple[int, int, int]:
    shown = account.one("inventory", level)["quantities"]
    return shown["on_hand"], shown["available"], shown["committed"]


def test_level_is_known_by_item_and_location() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    doc = account.one("inventory", level)
    assert doc["id"] == level
    assert (doc["variant"]["id"], doc["location"]["id"]) == (variant, location)
    assert doc["item"]["sku"] == "S-1"
    assert account.docs("inventory") == [doc]


def test_order_reserves_and_shipment_takes_away() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    kept, sent = account.fake.order(variant, location, 3), account.fake.order(variant, location, 2)
    assert _quantities(account, level) == (10, 5, 5)
    assert account.one("inventory", level)["notForSale"] == 5
    account.fake.ship(sent)
    account.fake.cancel_order(kept)
    assert _quantities(account, level) == (8, 8, 0)
    assert [entry.action for entry in account.fake.journal if entry.kind == "inventory_level"][-4:] == [
        "sale",
        "sale",
        "ship",
        "cancel",
    ]
    with pytest.raises(ValueError, match=str(sent)):
        account.fake.ship(sent)


def test_units_kept_back_are_there_but_not_for_sale() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    account.fake.order(variant, location, 1)
    account.fake.keep_back(variant, location, 2)
    account.fake.keep_back(variant, location, 3, kind="safety_stock")
    assert _quantities(account, level) == (10, 4, 1)
    assert account.one("inventory", level)["notForSale"] == 6


def test_read_walks_every_location_and_pages_inside() -> None:
    account = Account(capacity=100_000)
    first, second, empty = (account.fake.add_location(name) for name in ("A", "B", "C"))
    _, variants = account.fake.add_product("Shirt", [{"sku": f"{n}"} for n in range(160)])
    for variant in variants:
        account.fake.set_stock(variant, first, 1)
    account.fake.set_stock(variants[0], second, 1)
    pages = account.pages("inventory")
    assert [len(page.docs) for page in pages] == [150, 10, 1, 0]
    assert {doc["location"]["id"] for page in pages for doc in page.docs} == {first, second}
    assert empty
    assert pages[-1].token is None


def test_read_is_empty_when_there_is_no_location() -> None:
    assert Account().docs("inventory") == []


def test_read_returns_levels_changed_since() -> None:
    account = Account()
    variant, location, level = stocked(account)
    at = account.wait(60)
    assert account.docs("inventory", at) == []
    account.fake.order(variant, location, 1)
    assert [doc["id"] for doc in account.docs("inventory", at)] == [level]


def test_disconnected_level_is_not_there() -> None:
    account = Account()
    variant, location, level = stocked(account)
    account.fake.disconnect(variant, location)
    assert CONNECTOR.streams["inventory"].fetch(account.client, [level, "9|9"]) == []


@pytest.mark.parametrize("quantity", ["on_hand", "available"])
def test_delta_moves_on_hand_and_available_and_answers_the_level(quantity: str) -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    account.fake.order(variant, location, 4)
    (answer,) = account.send("inventory", movement(level, quantity=quantity, delta=-3))
    assert _quantities(account, level) == (7, 3, 4)
    assert answer.doc == account.one("inventory", level)
    assert answer.external_id == level


def test_delta_moves_once_when_sent_twice_under_one_key() -> None:
    account = Account()
    _, _, level = stocked(account, 10)
    change = movement(level, delta=-3)
    first, second = account.send("inventory", change), account.send("inventory", change)
    assert [answer.kind for answer in (*first, *second)] == [AnswerKind.DONE, AnswerKind.DONE]
    assert _quantities(account, level) == (7, 7, 0)
    account.send("inventory", change, key="key-2")
    assert _quantities(account, level) == (4, 4, 0)
    assert sum(entry.detail["on_hand"] for entry in account.fake.journal if entry.actor == "api") == -6


def test_key_is_refused_when_used_with_another_delta() -> None:
    account = Account()
    _, _, level = stocked(account, 10)
    account.send("inventory", movement(level, delta=-3))
    (answer,) = account.send("inventory", movement(level, delta=-4))
    assert answer.kind is AnswerKind.REFUSED
    assert "IDEMPOTENCY_KEY_PARAMETER_MISMATCH" in answer.reason
    assert _quantities(account, level) == (7, 7, 0)


def test_key_replays_a_refusal_too() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    change = movement(level, quantity="available", delta=-3, expected=9)
    (first,) = account.send("inventory", change)
    account.fake.adjust_stock(variant, location, -1)
    (second,) = account.send("inventory", change)
    assert (first.kind, second.kind) == (AnswerKind.STALE, AnswerKind.STALE)
    assert _quantities(account, level) == (9, 9, 0)


def test_call_always_states_change_from_quantity() -> None:
    calls = [
        CONNECTOR.sinks["inventory"].calls(movement("1|2", **after))[0].body["input"]
        for after in (
            {"delta": 1, "quantity": "on_hand", "expected": 7},
            {"delta": 1, "quantity": "available", "expected": 7},
            {"absolute": 5, "quantity": "on_hand", "expected": 7},
            {"absolute": 5, "quantity": "available"},
        )
    ]
    lines = [(call.get("changes") or call["quantities"])[0]["changeFromQuantity"] for call in calls]
    assert lines == [None, 7, 7, None]  # a delta moves `available`, so an expected on_hand says nothing about it
    assert [call["name"] for call in calls] == ["available", "available", "on_hand", "available"]
    assert {call["referenceDocumentUri"] for call in calls} == {"syncline://movement/m-1"}


@pytest.mark.parametrize(("quantity", "expected", "after"), [("on_hand", 10, (20, 16, 4)), ("available", 6, (24, 20, 4))])
def test_absolute_sets_when_the_expected_value_stands(quantity: str, expected: int, after: tuple[int, int, int]) -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    account.fake.order(variant, location, 4)
    (answer,) = account.send("inventory", movement(level, quantity=quantity, absolute=20, expected=expected))
    assert answer.kind is AnswerKind.DONE
    assert _quantities(account, level) == after
    assert answer.doc == account.one("inventory", level)


def test_absolute_is_stale_when_somebody_was_faster() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    account.fake.adjust_stock(variant, location, -1)
    (answer,) = account.send("inventory", movement(level, absolute=20, expected=10))
    assert (answer.kind, answer.doc) == (AnswerKind.STALE, None)
    assert _quantities(account, level) == (9, 9, 0)


def test_absolute_without_expectation_sets_whatever_stands() -> None:
    account = Account()
    _, _, level = stocked(account, 10)
    (answer,) = account.send("inventory", movement(level, absolute=3))
    assert answer.kind is AnswerKind.DONE
    assert _quantities(account, level) == (3, 3, 0)


def test_absolute_is_refused_when_negative() -> None:
    account = Account()
    _, _, level = stocked(account, 10)
    (answer,) = account.send("inventory", movement(level, absolute=-1, expected=10))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "quantities")


def test_adjust_is_gone_when_item_is_unknown() -> None:
    account = Account()
    stocked(account)
    (answer,) = account.send("inventory", movement("999|999", delta=1))
    assert answer.kind is AnswerKind.GONE


def test_answer_has_no_level_when_nothing_changed() -> None:
    account = Account()
    _, _, level = stocked(account, 10)
    (answer,) = account.send("inventory", movement(level, absolute=10, expected=10))
    assert (answer.kind, answer.doc) == (AnswerKind.DONE, None)
