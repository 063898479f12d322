"""A call that fails holds up nothing but what it was for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from hub.model.run import HintRow
from hub.store.known import RESTORED_AT
from tests.retailer import Retailer, Wire


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


@contextmanager
def cut(wire: Wire, which: Callable[[httpx.Request], bool]) -> Iterator[None]:
    """Have a system not answer some requests."""
    carry = wire._carry

    def carried(request: httpx.Request) -> httpx.Response:
        if which(request):
            raise httpx.ConnectError("away", request=request)
        return carry(request)

    wire._carry = carried
    yield
    wire._carry = carry


def test_record_is_made_when_looking_for_it_failed_once_after_a_restore(shops: Retailer) -> None:
    shops.poll()
    shops.hub.writer.submit(lambda unit: unit.set_flag(RESTORED_AT, str(shops.clock.now()))).result()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    till, shop = shops.hub.lanes["till"], shops.hub.lanes["shop"]
    shops.clock.sleep(31)
    shop._guard("pull", shop.pull_due)
    with cut(shops.wires["till"], lambda _: True):
        till._guard("push", till.push_round)
    shops.poll()
    assert list(shops.at_till()) == ["ada@example.org"]


def test_changes_are_sent_when_a_record_that_was_hinted_at_cannot_be_read(shops: Retailer) -> None:
    shops.till.add_customer(given_name="Bea", email_address="bea@example.org")
    shops.poll(2)
    (broken,) = shops.till.customer_ids()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    now = shops.clock.now()
    hint = HintRow("till", "customers", broken, now, now)
    shops.hub.writer.submit(lambda unit: unit.add_hints([hint])).result()
    with cut(shops.wires["till"], lambda request: broken in request.url.path or broken.encode() in request.content):
        for _ in range(12):
            shops.clock.sleep(5)
            shops.round()
        assert "ada@example.org" in shops.at_till()
    shops.poll(2)
    assert json.dumps(shops.hub.open_items()) == "[]"
