from __future__ import annotations

import pytest

from connectors.square import CONNECTOR
from connectors.square.inventory import level_id
from hub.clock import instant
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.square.account import START, Account

DAY = 86_400_000_000


def _shelf(account: Account, quantity: int = 10) -> tuple[str, str, str]:
    location = account.fake.add_location("Main")
    _, (variation,) = account.fake.add_item("Mug", [{"sku": "MUG"}])
    account.fake.receive_stock(variation, location, quantity)
    account.wait(60)
    return variation, location, f"{variation}:{location}"


@pytest.mark.parametrize(("delta", "states"), [(3, ("NONE", "IN_STOCK")), (-4, ("IN_STOCK", "SOLD"))])
def test_adjust_moves_between_states_when_delta_is_signed(delta: int, states: tuple[str, str]) -> None:
    account = Account()
    variation, location, level = _shelf(account)
    answer = account.move(level, delta=delta)
    entry = account.fake.journal[-1]
    assert (entry.actor, entry.detail["quantity"], entry.detail["from_state"], entry.detail["to_state"]) == (
        "api",
        str(abs(delta)),
        *states,
    )
    assert account.fake.level(variation, location) == 10 + delta
    assert answer.doc == account.fetch("inventory", level)[0]
    assert (answer.external_id, (answer.doc or {})["quantity"]) == (level, str(10 + delta))


def test_adjust_moves_once_when_sent_twice() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    at = account.now()
    first = account.move(level, delta=-2, at=at)
    account.fake.sell(variation, location, 1)
    account.wait(30)
    second = account.move(level, delta=-2, at=at)
    assert first == second
    assert account.fake.level(variation, location) == 7


def test_adjust_is_refused_when_key_was_used_for_another() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    account.move(level, delta=-2)
    answer = account.move(level, delta=-3)
    assert (answer.kind, "idempotency key" in answer.reason) == (AnswerKind.REFUSED, True)
    assert account.fake.level(variation, location) == 8


def test_adjust_needs_no_call_when_delta_is_zero() -> None:
    after = {"level": "v:l", "delta": 0, "absolute": None, "occurred_at": "2026-03-01T09:00:00Z"}
    assert CONNECTOR.sinks["inventory"].calls(Change(Operation.ADJUST, "v:l", None, after, ())) == []


def test_adjust_sets_level_when_absolute() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    account.fake.count_stock(variation, location, 5)
    account.fake.sell(variation, location, 2)
    account.wait(1)
    answer = account.move(level, absolute=5)
    assert ((answer.doc or {})["quantity"], account.fake.level(variation, location)) == ("5", 5)


def test_adjust_can_go_below_zero_when_more_was_sold() -> None:
    account = Account()
    variation, location, level = _shelf(account, 1)
    assert (account.move(level, delta=-3).doc or {})["quantity"] == "-2"
    assert account.fake.level(variation, location) == -2


@pytest.mark.parametrize("offset", [1_000_000, -DAY - 1_000_000])
def test_adjust_blames_time_when_it_is_in_the_future_or_a_day_ago(offset: int) -> None:
    account = Account()
    _, _, level = _shelf(account)
    answer = account.move(level, delta=1, at=instant(account.at + offset))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "changes[0].adjustment.occurred_at")


def test_adjust_is_gone_when_variation_was_deleted() -> None:
    account = Account()
    variation, _, level = _shelf(account)
    account.fake.delete_object(variation)
    assert account.move(level, delta=1).kind is AnswerKind.GONE


def test_adjust_changes_nothing_when_it_occurred_before_a_count() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    earlier = account.now()
    account.wait(60)
    account.fake.count_stock(variation, location, 20)
    answer = account.move(level, delta=-2, at=earlier)
    assert ((answer.doc or {})["quantity"], account.fake.level(variation, location)) == ("20", 20)


def test_sale_offline_counts_when_it_arrives_two_days_late() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    account.wait(2 * 86_400)
    account.fake.sell(variation, location, 3, occurred_at=account.at - 2 * DAY + 60_000_000)
    (doc,) = account.read_all("inventory", since=account.at)
    assert (level_id(doc), doc["quantity"]) == (level, "7")


def test_page_reads_every_level_once_when_times_are_equal_at_the_edge() -> None:
    account = Account()
    places = [account.fake.add_location(f"Store {i}") for i in range(21)]
    _, variations = account.fake.add_item("Mug", [{"sku": f"M{i}"} for i in range(50)])
    for variation in variations:
        for place in places:
            account.fake.receive_stock(variation, place, 1)
    account.requests.clear()
    docs = account.read_all("inventory")
    assert len(docs) == len({level_id(doc) for doc in docs}) == 1050
    assert len(account.requests) == 2


def test_page_shows_only_levels_that_moved_when_since_is_given() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    _, (other,) = account.fake.add_item("Bowl", [{}])
    account.fake.receive_stock(other, location, 1)
    account.wait(60)
    account.fake.sell(variation, location, 1)
    assert [level_id(doc) for doc in account.read_all("inventory", since=account.at)] == [level]
    assert len(account.read_all("inventory", since=START)) == 2


def test_page_shows_stock_only_when_some_is_wasted() -> None:
    account = Account()
    variation, location, _ = _shelf(account)
    account.fake.waste_stock(variation, location, 4)
    assert [(doc["state"], doc["quantity"]) for doc in account.read_all("inventory")] == [("IN_STOCK", "6")]


def test_fetch_returns_levels_in_order_when_asked_for_pairs() -> None:
    account = Account()
    variation, _, level = _shelf(account)
    second = account.fake.add_location("Second")
    account.fake.receive_stock(variation, second, 1)
    asked = [f"{variation}:{second}", level, f"{variation}:NOWHERE"]
    assert [level_id(doc) for doc in account.fetch("inventory", *asked)] == asked[:2]


def test_page_has_no_level_when_nothing_was_ever_counted() -> None:
    account = Account()
    location = account.fake.add_location("Main")
    _, (variation,) = account.fake.add_item("Mug", [{}])
    assert (account.read_all("inventory"), account.fake.level(variation, location)) == ([], None)


@pytest.mark.parametrize(("size", "code"), [(0, "ARRAY_EMPTY"), (101, "ARRAY_LENGTH_TOO_LONG")])
def test_change_is_refused_when_there_are_too_few_or_too_many(size: int, code: str) -> None:
    status, body = Account().ask("/v2/inventory/changes/batch-create", {"idempotency_key": "k", "changes": [{}] * size})
    assert (status, body["errors"][0]["code"]) == (400, code)


@pytest.mark.parametrize("states", [("IN_STOCK", "NONE"), ("SOLD", "IN_STOCK"), ("RESERVED_FOR_SALE", "IN_STOCK")])
def test_change_is_refused_when_states_cannot_be_reached(states: tuple[str, str]) -> None:
    account = Account()
    variation, location, _ = _shelf(account)
    place = {"catalog_object_id": variation, "location_id": location, "quantity": "1", "occurred_at": account.now()}
    change = {"type": "ADJUSTMENT", "adjustment": place | {"from_state": states[0], "to_state": states[1]}}
    status, _ = account.ask("/v2/inventory/changes/batch-create", {"idempotency_key": "k", "changes": [change]})
    assert (status, account.fake.level(variation, location)) == (400, 10)


def test_journal_tells_sale_receipt_and_count_apart_when_people_work() -> None:
    account = Account()
    variation, location, level = _shelf(account)
    account.fake.sell(variation, location, 1, actor="Kim")
    account.fake.count_stock(variation, location, 8, actor="Lou")
    moves = [(entry.actor, entry.action) for entry in account.fake.journal if entry.external_id == level]
    assert moves == [("stockroom", "receipt"), ("Kim", "sale"), ("Lou", "count")]
