"""A hub whose worker died does not look alive."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from hub.config import ConnectionConfig
from hub.errors import PermissionMissing
from hub.model.values import SECOND
from hub.runtime.assemble import traits_of
from hub.sdk import Sink, WebhookRequest
from hub.sdk.webhooks import Receipt
from tests.retailer import Retailer


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


def test_hub_says_that_it_failed_when_a_worker_dies_of_a_bug(shops: Retailer) -> None:
    empty: dict[str, int] = {}
    shops.hub.watch(lambda: empty["no such stream"] and None)
    assert isinstance(shops.hub.failure, KeyError)


def test_whole_read_is_done_once_when_it_was_asked_for(shops: Retailer) -> None:
    lane = shops.hub.lanes["shop"]
    lane.poll_now({"customers"}, full=True)
    assert [lane._take_full("customers"), lane._take_full("customers")] == [True, False]


def test_connection_stays_paused_when_nobody_asked_it_since(shops: Retailer) -> None:
    lane = shops.hub.lanes["till"]
    good, shops.till.token = shops.till.token, "another"
    lane._guard("pull", lane.pull_due)
    lane._guard("push", lane.push_round)  # finds nothing to do
    assert lane.paused == "auth_failed"
    shops.till.token = good
    lane._guard("push", lane.push_round)
    assert lane.paused == "auth_failed"
    lane._guard("pull", lane.pull_due)
    assert lane.paused == ""


def test_connection_stays_paused_when_it_may_be_read_and_not_be_written(shops: Retailer) -> None:
    lane = shops.hub.lanes["till"]
    lane._pause(PermissionMissing("no"), "push")
    lane._guard("pull", lane.pull_due)
    assert lane.paused == "permission_missing"


class Slow(Sink[None]):
    """A sink of a system that queues writes."""

    name = "customers"
    late_effect_s = 60.0


def test_traits_carry_how_late_an_effect_may_come_when_the_sink_says_it() -> None:
    config = ConnectionConfig(connector="any")
    assert [traits_of(None, sink, config).late_effect for sink in (None, Slow())] == [5 * SECOND, 60 * SECOND]


def test_proxy_is_noticed_when_a_webhook_that_is_believed_came_through_one(shops: Retailer) -> None:
    shops.poll()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    (hook, *_), url = shops.shop.take_webhooks(), shops.shop.webhook_url
    through = {**hook.headers, "x-forwarded-for": "6.6.6.6"}
    assert shops.hub.receive("shop", WebhookRequest(url, through, b"{}")) is Receipt.FORGED
    assert not shops.hub.lanes["shop"].ear.state.forwarded
    assert shops.hub.receive("shop", WebhookRequest(url, through, hook.body)) is Receipt.ACCEPTED
    assert shops.hub.lanes["shop"].ear.state.forwarded
