"""Subscriptions are made, kept right and made again; whatever goes wrong with them, the hub goes on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from hub.config import Config, parse_config
from hub.model.run import Mode
from hub.model.values import SECOND
from hub.model.webhooks import Hearing
from hub.runtime.ear import ENOUGH, GRACE
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.subscriptions import AGAIN, CHECK, RENEW, Keeper, Steps, plan_subscriptions
from hub.sdk import Subscriber, Subscription
from hub.sdk.webhooks import Receipt
from tests.retailer import CONFIG, ENVIRON, INSTALLED, Retailer

PUBLIC = CONFIG.replace("connections:\n", 'receiver: {public_url: "https://hub.test"}\nconnections:\n', 1)
URL = "https://hub.test/webhooks/shop"
AB = ("a", "b")
A, B = (Subscription(str(number), URL, frozenset({topic})) for number, topic in enumerate(AB))
MOVED = Subscription("9", "https://was.test", frozenset({"a"}))
BOTH = Subscription("2", URL, frozenset(AB))


def other(one: Subscription, **change: object) -> Subscription:
    """Return a subscription that differs."""
    facts = {"id": one.id, "url": one.url, "topics": one.topics, "sound": one.sound} | change
    return Subscription(**facts)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "how", "steps"),
    [
        ([], {}, Steps((), AB)),
        ([A, B], {}, Steps((), ())),
        ([A], {}, Steps((), ("b",))),
        ([A, other(A, id="9"), B], {}, Steps((other(A, id="9"),), ())),
        ([A, other(B, sound=False)], {}, Steps((other(B, sound=False),), ("b",))),
        ([A, B, other(A, id="9", topics=frozenset({"z"}))], {}, Steps((other(A, id="9", topics=frozenset({"z"})),), ())),
        ([A, B, other(A, id="9", url="https://else.test")], {}, Steps((), ())),
        ([A, B, MOVED], {"was": MOVED.url}, Steps((MOVED,), ())),
        ([A, B], {"anew": True}, Steps((A, B), AB)),
        ([BOTH], {"whole": True}, Steps((), ())),
        ([other(BOTH, topics=frozenset({"a", "b", "c"}))], {"whole": True}, Steps((), ())),
        ([A], {"whole": True}, Steps((A,), AB)),
        ([BOTH, other(BOTH, id="3")], {"whole": True}, Steps((other(BOTH, id="3"),), ())),
    ],
)  # fmt: skip
def test_steps_lead_to_one_sound_subscription_per_topic_when(
    found: list[Subscription], how: dict[str, object], steps: Steps
) -> None:
    assert plan_subscriptions(found, URL, AB, **how) == steps  # type: ignore[arg-type]


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer whose systems send no webhooks yet."""
    made = Retailer(tmp_path, PUBLIC)
    made.shop.webhook_url = made.till.webhook_url = ""
    yield made
    made.close()


def parse(text: str) -> Config:
    """Return a config.yaml as it is read."""
    return parse_config(text, environ=ENVIRON, connectors={name: one.manifest.facts() for name, one in INSTALLED.items()})


def keeper(shops: Retailer) -> Keeper:
    """Return the keeper of a retailer's hub."""
    facts = {name: one.connector for name, one in shops._config.connections.items()}
    topics = {name: INSTALLED[connector].manifest.webhook for name, connector in facts.items()}
    return Keeper(
        shops.hub, shops._connectors, {name: one.topics for name, one in topics.items() if one is not None}, shops.hub.clock
    )


def known(shops: Retailer) -> dict[str, Hearing]:
    """Return what the store knows of the webhooks."""
    return shops.hub.writer.submit(lambda unit: unit.hearings()).result()


def made(shops: Retailer) -> tuple[int, int]:
    """Return how many subscriptions stand at shop and till."""
    return len(shops.shop.subscribed), len(shops.till.subscriptions.docs)


def test_webhooks_are_believed_when_the_hub_made_the_subscriptions(shops: Retailer) -> None:
    keeper(shops).look()
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    shops.till.add_customer(given_name="Bo", email_address="bo@example.org")
    assert shops.deliver_webhooks() == [Receipt.ACCEPTED, Receipt.ACCEPTED]
    assert {name: list(one.heard) for name, one in known(shops).items()} == {"shop": ["customers"], "till": ["customers"]}


def test_keeper_goes_on_when_a_connection_is_taken_out_while_it_is_asked(shops: Retailer) -> None:
    def leave(request: httpx.Request) -> httpx.Response:
        shops.hub.lanes.pop("shop", None)
        raise httpx.ConnectError("away", request=request)

    shops.wires["shop"]._carry = leave
    keeper(shops).look()
    assert (list(shops.hub.lanes), made(shops)[1]) == (["till"], 1)


def test_key_is_learned_again_when_the_hub_comes_back(shops: Retailer) -> None:
    keeper(shops).look()
    shops.restart()
    keeper(shops).look()
    shops.till.add_customer(given_name="Bo", email_address="bo@example.org")
    assert shops.deliver_webhooks() == [Receipt.ACCEPTED]
    assert made(shops)[1] == 1


def test_missing_subscription_is_made_when_the_next_check_is_due(shops: Retailer) -> None:
    one = keeper(shops)
    one.look()
    whole = made(shops)
    shops.shop.subscribed.popitem()
    shops.till.subscriptions.docs.clear()
    one.look()
    assert made(shops) == (whole[0] - 1, 0)
    shops.clock.sleep(1.2 * CHECK / SECOND)
    one.look()
    assert made(shops) == whole


@pytest.mark.parametrize("said", ["off", "auto"])
def test_nothing_is_subscribed_when_config_or_address_speak_against_it(tmp_path: Path, said: str) -> None:
    config = PUBLIC.replace("connector: shopify\n", f"connector: shopify\n    webhooks: {said}\n", 1)
    address = {"off": config, "auto": config.replace("https://hub.test", "http://127.0.0.1:8100")}[said]
    shops = Retailer(tmp_path, address)
    keeper(shops).look()
    assert made(shops)[0] == 0
    shops.close()


def test_nothing_is_subscribed_when_a_connection_is_only_observed(shops: Retailer) -> None:
    state = shops.hub.writer.submit(lambda unit: unit.connections()["shop"]).result()
    state.mode = Mode.OBSERVE
    shops.hub.writer.submit(lambda unit: unit.save_connection(state)).result()
    keeper(shops).look()
    assert made(shops) == (0, 1)


def test_nothing_is_subscribed_when_writes_are_stopped(shops: Retailer) -> None:
    shops.hub.writer.submit(lambda unit: unit.set_flag(WRITES_STOPPED, "stopped")).result()
    keeper(shops).look()
    assert made(shops) == (0, 0)


def test_problem_is_kept_and_cleared_when_a_system_refuses_and_then_does_not(shops: Retailer) -> None:
    one, wire = keeper(shops), shops.wires["till"]
    carry, wire._carry = wire._carry, lambda request: httpx.Response(401, json={}, request=request)
    one.look()
    assert (made(shops)[1], known(shops)["till"].problem != "", shops.hub.failure) == (0, True, None)
    wire._carry = carry
    shops.clock.sleep(AGAIN / SECOND)
    one.look()
    assert (made(shops)[1], known(shops)["till"].problem) == (1, "")


def open_shop(shops: Retailer) -> Keeper:
    """Let everything be read once, and a first customer be known, so that polls go by time of change."""
    one = keeper(shops)
    shops.till.add_customer(given_name="First", email_address="first@example.org")
    shops.settle()
    one.look()
    shops.poll()
    return one


def silent(shops: Retailer, one: Keeper, names: str) -> None:
    """Let people edit at the till so often that silence shows, while nothing carries the webhooks."""
    for name in names:
        shops.till.add_customer(given_name=name, email_address=f"{name}@example.org")
    shops.poll()
    shops.till.take_webhooks()
    shops.clock.sleep(GRACE / SECOND)
    one.look()


def test_silent_subscription_is_noticed_and_made_again_when_polls_find_the_changes(shops: Retailer) -> None:
    one = open_shop(shops)
    (first,) = shops.till.subscriptions.docs
    silent(shops, one, "abcde"[:ENOUGH])
    assert known(shops)["till"].silent_since
    (second,) = shops.till.subscriptions.docs
    assert second != first
    shops.till.add_customer(given_name="Zoe", email_address="zoe@example.org")
    assert Receipt.ACCEPTED in shops.deliver_webhooks()
    assert known(shops)["till"].silent_since == 0


def test_silent_subscription_is_made_again_once_an_hour_when_it_stays_silent(shops: Retailer) -> None:
    one = open_shop(shops)
    silent(shops, one, "abc")
    renewed = list(shops.till.subscriptions.docs)
    silent(shops, one, "def")
    assert list(shops.till.subscriptions.docs) == renewed
    shops.clock.sleep(RENEW / SECOND)
    silent(shops, one, "ghi")
    assert len(shops.till.subscriptions.docs) == 1
    assert list(shops.till.subscriptions.docs) != renewed


def test_renewed_subscription_stays_when_nothing_was_missed_since(shops: Retailer) -> None:
    one = open_shop(shops)
    silent(shops, one, "abc")
    renewed = list(shops.till.subscriptions.docs)
    shops.clock.sleep(RENEW / SECOND)
    one.look()
    assert list(shops.till.subscriptions.docs) == renewed


def test_former_subscriptions_are_taken_away_when_our_address_changed(shops: Retailer) -> None:
    keeper(shops).look()
    shops.reconfigure(parse(PUBLIC.replace("https://hub.test", "https://new.test")))
    keeper(shops).look()
    urls = {each["uri"] for each in shops.shop.subscribed.values()}
    urls |= {each["notification_url"] for each in shops.till.subscriptions.docs.values()}
    assert urls == {"https://new.test/webhooks/shop", "https://new.test/webhooks/till"}


def test_nothing_is_missed_when_webhooks_bring_the_changes(shops: Retailer) -> None:
    one = open_shop(shops)
    for name in "abc":
        shops.till.add_customer(given_name=name, email_address=f"{name}@example.org")
    shops.deliver_webhooks()
    shops.poll()
    shops.clock.sleep(GRACE / SECOND)
    one.look()
    assert known(shops)["till"].silent_since == 0


class Broken(Subscriber[object]):
    """A connector with a bug."""

    def find(self, client: object) -> list[Subscription]:
        raise KeyError(str(client))


def test_hub_goes_on_and_says_so_when_a_connector_has_a_bug(shops: Retailer) -> None:
    one = keeper(shops)
    one._subscribers["shop"] = Broken()
    one.look()
    assert (made(shops)[1], shops.hub.failure) == (1, None)
    assert known(shops)["shop"].problem == "It failed inside the hub; see the log."


def test_connection_is_skipped_when_it_lacks_what_its_system_asks_for(shops: Retailer) -> None:
    one = keeper(shops)
    one._subscribers["shop"] = Needy()
    one.look()
    assert (known(shops).get("shop"), made(shops)[1]) == (None, 1)


class Needy(Broken):
    """A connector whose subscriptions take a setting that nobody gave."""

    needs = frozenset({"app_token"})
