"""Cancelling and sending an order in the shop: looked at first, done once, refused with a reason."""

from __future__ import annotations

from typing import Any

import pytest

from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Change, Operation
from tests.connectors.shopify.account import Account, stocked


def _shop(quantity: int = 3, **more: Any) -> tuple[Account, int]:
    account = Account(capacity=100_000)
    variant, location, _ = stocked(account, 100)
    return account, account.fake.order(variant, location, quantity, **more)


def _act(account: Account, number: int, verb: str, **args: Any) -> Answer:
    change = Change(Operation.ACT, f"gid://shopify/Order/{number}", None, {"verb": verb, "args": args}, ())
    (answer,) = account.send("orders", change)
    return answer


def _asked(account: Account, name: str) -> list[Doc]:
    return [one["variables"] for one in account.requests if f"{name}(" in one["query"] and "mutation" in one["query"]]


def test_cancel_answers_with_the_cancelled_order_when_it_is_open() -> None:
    account, number = _shop()
    answer = _act(account, number, "cancel", reason="fraud", note="two cards")
    assert (answer.kind, answer.doc and answer.doc["status"]) == (AnswerKind.DONE, "CANCELLED")
    row = account.fake.state.orders[number]
    assert (row.reason, row.refunded) == ("FRAUD", 0)
    assert _asked(account, "orderCancel")[0]["note"] == "two cards"


def test_cancel_pays_back_when_it_is_told_to() -> None:
    account, number = _shop()
    paid = account.fake.state.orders[number].paid
    _act(account, number, "cancel", reason="customer", refund=True)
    assert account.fake.state.orders[number].refunded == paid > 0


def test_cancel_asks_only_once_when_it_is_sent_again() -> None:
    account, number = _shop()
    answers = [_act(account, number, "cancel").kind for _ in range(2)]
    assert answers == [AnswerKind.DONE, AnswerKind.DONE]
    assert len(_asked(account, "orderCancel")) == 1


def test_cancel_says_nothing_of_the_order_while_the_job_waits() -> None:
    account, number = _shop()
    account.fake.jobs_wait = True
    assert _act(account, number, "cancel").doc is None
    account.fake.run_jobs()
    assert account.fake.state.orders[number].cancelled is not None


def test_cancel_is_refused_with_the_code_when_the_order_was_sent() -> None:
    account, number = _shop()
    account.fake.ship(number)
    answer = _act(account, number, "cancel")
    assert (answer.kind, answer.reason) == (AnswerKind.REFUSED, "Shopify does not cancel this order (INVALID).")


def test_fulfil_sends_what_waits_with_its_tracking() -> None:
    account, number = _shop()
    account.fake.ship(number, units={0: 1})
    answer = _act(account, number, "fulfil", tracking="JJ1", company="DHL")
    assert (answer.kind, answer.doc and answer.doc["displayFulfillmentStatus"]) == (AnswerKind.DONE, "FULFILLED")
    row = account.fake.state.orders[number]
    assert [(each.tracking, [piece.quantity for piece in each.pieces]) for each in row.shipments] == [
        ({}, [1]),
        ({"number": "JJ1", "company": "DHL"}, [2]),
    ]


def test_fulfil_sends_nothing_more_when_it_is_sent_again() -> None:
    account, number = _shop()
    answers = [_act(account, number, "fulfil").kind for _ in range(2)]
    assert answers == [AnswerKind.DONE, AnswerKind.DONE]
    assert len(account.fake.state.orders[number].shipments) == 1


def test_fulfil_is_refused_when_nothing_waits() -> None:
    account, number = _shop()
    account.fake.cancel_order(number)
    assert _act(account, number, "fulfil").kind is AnswerKind.REFUSED


@pytest.mark.parametrize("verb", ["cancel", "fulfil"])
def test_act_finds_it_gone_when_the_order_was_deleted(verb: str) -> None:
    account, number = _shop()
    account.fake.delete_order(number)
    assert _act(account, number, verb).kind is AnswerKind.GONE
