"""Square's webhook subscriptions: every exchange is held against the contract by the account."""

from __future__ import annotations

import pytest

from connectors.square import CONNECTOR
from connectors.square.client import VERSION
from connectors.square.subscriptions import Subscriptions
from hub.errors import Forged
from hub.sdk import WebhookRequest
from tests.connectors.square.account import Account

SUBSCRIBER = Subscriptions()
HUB = "https://hub.test/webhooks/till"
TOPICS = ("customer.created", "customer.updated")


def test_subscription_is_found_sound_when_it_was_made() -> None:
    account = Account()
    assert SUBSCRIBER.subscribe(account.client, HUB, TOPICS) == []
    (one,) = SUBSCRIBER.find(account.client)
    assert (one.url, one.topics, one.sound) == (HUB, frozenset(TOPICS), True)


def test_events_are_believed_by_the_learned_key_only_when_the_key_was_drawn_anew() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, TOPICS)
    learned = SUBSCRIBER.learn(account.client, SUBSCRIBER.find(account.client)[0])
    made = account.fake.add_customer(given_name="Ada")
    (hook,) = account.fake.take_webhooks()
    request = WebhookRequest(HUB, hook.headers, hook.body)
    assert [hint.external_id for hint in CONNECTOR.receive(request, learned)] == [made]
    with pytest.raises(Forged):
        CONNECTOR.receive(request, {"webhook_signature_key": "the one before"})


@pytest.mark.parametrize(("change", "sound"), [({"enabled": False}, False), ({"api_version": "2020-01-01"}, False), ({}, True)])
def test_subscription_is_not_sound_when_it_is_off_or_of_another_version(change: dict[str, object], sound: bool) -> None:  # noqa: FBT001 - a table
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, TOPICS)
    (doc,) = account.fake.subscriptions.docs.values()
    assert doc["api_version"] == VERSION
    doc |= change
    assert [one.sound for one in SUBSCRIBER.find(account.client)] == [sound]


def test_subscription_is_gone_when_it_was_taken_away_twice() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, HUB, TOPICS)
    (one,) = SUBSCRIBER.find(account.client)
    SUBSCRIBER.unsubscribe(account.client, one)
    SUBSCRIBER.unsubscribe(account.client, one)
    account.fake.add_customer(given_name="Ada")
    assert (SUBSCRIBER.find(account.client), account.fake.take_webhooks()) == ([], [])


def test_all_pages_are_found_when_there_are_many() -> None:
    account = Account()
    for number in range(103):
        SUBSCRIBER.subscribe(account.client, f"{HUB}/{number}", TOPICS)
    assert len({one.id for one in SUBSCRIBER.find(account.client)}) == 103


def test_topics_are_refused_when_the_address_is_none_that_square_calls() -> None:
    assert SUBSCRIBER.subscribe(Account().client, "http://hub.test", TOPICS) == list(TOPICS)
