"""Shopify's webhook subscriptions."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse, validate

from connectors.shopify import subscriptions
from connectors.shopify.fake.engine import cost
from connectors.shopify.subscriptions import Subscriptions, enum_of
from connectors.shopify.webhooks import TOPICS
from tests.connectors.shopify.account import Account
from tests.connectors.shopify.contracts import needs_contracts, vendor_schema

SUBSCRIBER = Subscriptions()
HUB = "https://hub.test/webhooks/shop"
SOME = ("customers/create", "customers/update")


@needs_contracts
@pytest.mark.parametrize("name", ["LIST", "CREATE", "DELETE"])
def test_document_is_valid_against_the_vendors_schema(name: str) -> None:
    assert validate(vendor_schema(), parse(getattr(subscriptions, name))) == []


@needs_contracts
def test_every_topic_is_one_of_the_vendors() -> None:
    known: Any = vendor_schema().type_map["WebhookSubscriptionTopic"]
    assert [topic for topic in TOPICS if enum_of(topic) not in known.values] == []


def test_list_costs_at_most_what_one_query_may() -> None:
    assert 0 < cost(parse(subscriptions.LIST), {"first": subscriptions.PAGE}) <= 1000


def test_subscriptions_are_found_one_per_topic_when_they_were_made() -> None:
    account = Account()
    assert SUBSCRIBER.subscribe(account.client, HUB, TOPICS) == []
    found = SUBSCRIBER.find(account.client)
    assert {(one.url, one.sound) for one in found} == {(HUB, True)}
    assert sorted(topic for one in found for topic in one.topics) == sorted(TOPICS)


def test_only_subscribed_topics_are_sent_when_subscriptions_were_made() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, SOME)
    account.fake.add_product("Shirt", [{}])
    account.fake.add_customer(firstName="Ada", email="ada@example.com")
    assert [hook.headers["x-shopify-topic"] for hook in account.fake.take_webhooks()] == ["customers/create"]


@pytest.mark.parametrize(
    ("change", "sound"), [({"format": "XML"}, False), ({"filter": "id:1"}, False), ({"includeFields": ["id"]}, False), ({}, True)]
)
def test_subscription_is_not_sound_when_it_sends_another_shape(change: dict[str, Any], sound: bool) -> None:  # noqa: FBT001 - a table
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, SOME[:1])
    (made,) = account.fake.subscribed.values()
    made |= change
    assert [one.sound for one in SUBSCRIBER.find(account.client)] == [sound]


def test_subscription_is_gone_when_it_was_taken_away_twice() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, SOME)
    first, second = SUBSCRIBER.find(account.client)
    SUBSCRIBER.unsubscribe(account.client, first)
    SUBSCRIBER.unsubscribe(account.client, first)
    assert SUBSCRIBER.find(account.client) == [second]


def test_all_pages_are_found_when_there_are_many() -> None:
    account = Account()
    for number in range(103):
        SUBSCRIBER.subscribe(account.client, f"{HUB}/{number}", SOME[:1])
        account.wait(60)
    assert len({one.id for one in SUBSCRIBER.find(account.client)}) == 103


def test_topic_is_refused_by_itself_when_it_cannot_be_made() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, SOME[:1])
    assert SUBSCRIBER.subscribe(account.client, HUB, SOME) == [SOME[0]]
