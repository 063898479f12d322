"""HubSpot's webhook subscriptions: every exchange is held against the contract by the account."""

from __future__ import annotations

from pathlib import Path

import pytest

import connectors.hubspot
from connectors.hubspot.subscriptions import Subscriptions
from hub.errors import PermissionMissing
from hub.sdk.manifest import load_manifest
from tests.connectors.hubspot.account import URL, Account

SUBSCRIBER = Subscriptions()
SOME = ("contact.creation", "contact.propertyChange", "object.creation")
WEBHOOK = load_manifest(Path(connectors.hubspot.__file__).parent / "manifest.yaml").webhook


def test_every_topic_of_the_manifest_is_found_sound_when_it_was_made() -> None:
    account = Account(per_interval=None)
    assert WEBHOOK is not None
    assert SUBSCRIBER.subscribe(account.client, URL, WEBHOOK.topics) == []
    found = SUBSCRIBER.find(account.client)
    assert {(one.url, one.sound) for one in found} == {(URL, True)}
    assert {topic for one in found for topic in one.topics} == set(WEBHOOK.topics)


def test_only_subscribed_topics_are_sent_when_subscriptions_were_made() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, URL, SOME[:1])
    made = account.fake.add_contact(email="ada@example.org")
    account.fake.archive_contact(made)
    assert [(hint.stream, hint.external_id) for hint in account.hints()] == [("contacts", made)]


def test_topic_is_not_sound_and_is_completed_when_one_of_its_properties_is_off_or_gone() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, URL, SOME)
    rows = account.fake.app.docs
    one, other = [key for key, doc in rows.items() if doc["eventType"] == "contact.propertyChange"][:2]
    rows[one]["active"] = False
    del rows[other]
    assert [topic.id for topic in SUBSCRIBER.find(account.client) if not topic.sound] == ["contact.propertyChange"]
    (unsound,) = [topic for topic in SUBSCRIBER.find(account.client) if not topic.sound]
    SUBSCRIBER.unsubscribe(account.client, unsound)
    assert SUBSCRIBER.subscribe(account.client, URL, SOME[1:2]) == []
    assert [topic.sound for topic in SUBSCRIBER.find(account.client)] == [True, True, True]


def test_app_is_left_alone_when_it_sends_elsewhere() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, "https://else.test/hook", SOME[:1])
    with pytest.raises(PermissionMissing):
        SUBSCRIBER.subscribe(account.client, URL, SOME)
    assert {one.url for one in SUBSCRIBER.find(account.client)} == {"https://else.test/hook"}


def test_address_is_taken_over_when_nothing_is_subscribed_there() -> None:
    account = Account()
    SUBSCRIBER.subscribe(account.client, "https://else.test/hook", SOME[:1])
    (one,) = SUBSCRIBER.find(account.client)
    SUBSCRIBER.unsubscribe(account.client, one)
    SUBSCRIBER.unsubscribe(account.client, one)
    assert SUBSCRIBER.subscribe(account.client, URL, SOME[:1]) == []
    assert {one.url for one in SUBSCRIBER.find(account.client)} == {URL}


def test_topics_are_refused_when_the_address_is_none_that_hubspot_calls() -> None:
    account = Account()
    assert SUBSCRIBER.subscribe(account.client, "http://hub.test", SOME) == list(SOME)
    assert account.fake.app.docs == {}
