from __future__ import annotations

from collections.abc import Mapping

import pytest

from connectors.hubspot.client import DAILY_WAIT_S, SEARCHES, HubSpotClient, limit_wait
from connectors.hubspot.kinds import CONTACTS
from hub.errors import RateLimited
from hub.model.values import SECOND
from hub.sdk import Reply
from hub.sdk.base import Http
from hub.sdk.registry import load_connectors
from tests.connectors.hubspot.account import START, Account, update

HEADERS = {"max": "100", "remaining": "40", "interval-milliseconds": "10000"}


class Hears(Http):
    """Answers with given headers and writes down what it is told of the limit, and what searches cost."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        self.headers = {f"x-hubspot-ratelimit-{name}": value for name, value in headers.items()}
        self.told: list[tuple[float, float, float]] = []
        self.quotas: list[str] = []

    def send(self, *_: object, quota: str = "", **__: object) -> Reply:
        self.quotas.append(quota)
        return Reply(200, self.headers, {"results": []})

    def limit(self, *, available: float, capacity: float, per_s: float, quota: str = "") -> None:
        assert not quota
        self.told.append((available, capacity, per_s))


def _told(**headers: str) -> list[tuple[float, float, float]]:
    http = Hears(HEADERS | {name.replace("_", "-"): value for name, value in headers.items()})
    HubSpotClient(http, "token").read("GET", "/x")
    return http.told


def test_read_feeds_the_bucket_so_that_ten_seconds_hold_no_more_than_allowed() -> None:
    assert _told() == [(10.0, 10.0, 8.8)]
    assert _told(remaining="3") == [(3.0, 10.0, 8.8)]
    assert _told(max="190") == [(19.0, 19.0, pytest.approx(16.72))]


def test_read_does_not_fill_the_bucket_again_when_nothing_is_new() -> None:
    http = Hears(HEADERS)
    client = HubSpotClient(http, "token")
    for _ in range(3):
        client.read("GET", "/x")
    assert len(http.told) == 1
    http.headers["x-hubspot-ratelimit-remaining"] = "9"
    client.read("GET", "/x")
    assert http.told[1:] == [(0.0, 10.0, 8.8)]


@pytest.mark.parametrize("headers", [{"max": "0"}, {"max": "x"}, {"interval_milliseconds": ""}, {"remaining": "nan"}])
def test_read_ignores_headers_that_make_no_sense(headers: dict[str, str]) -> None:
    assert _told(**headers) == []


def test_client_is_never_refused_when_it_reads_as_fast_as_it_may() -> None:
    account = Account()
    for i in range(8):
        account.fake.add_contact(firstname=f"C{i}")
        account.wait(0.001)
    for _ in range(50):
        account.client.read("GET", "/account-info/v3/details")
        account.read_all(since=START)
    assert account.fake.limits.refused == {}
    assert len(account.requests) > 250
    spent_s = (account.clock.at - START) / SECOND
    assert 4.5 < len(account.requests) / spent_s < 10


def test_search_counts_towards_a_quota_of_its_own() -> None:
    http = Hears(HEADERS)
    client = HubSpotClient(http, "token")
    client.read("GET", "/x")
    client.search(CONTACTS, [], "email", 1, [])
    assert http.quotas == ["", SEARCHES]
    quota = load_connectors()["hubspot"].manifest.limits.quotas[SEARCHES]
    assert quota.per_s + quota.burst <= 5  # what any one second may hold


def test_answers_of_a_search_say_nothing_of_the_limit() -> None:
    account = Account()
    account.read_all(since=START)
    told = {request.url.path: "X-HubSpot-RateLimit-Max" in answer.headers for request, answer in _exchanges(account)}
    assert told["/crm/v3/objects/contacts/search"] is False
    assert told["/crm/v3/objects/contacts"] is True


def _exchanges(account: Account) -> list[tuple[object, object]]:
    return list(zip(account.requests, account.answers, strict=True))


def test_fake_refuses_a_sixth_search_in_one_second() -> None:
    account = Account()
    body = {"filterGroups": [], "sorts": [], "properties": [], "limit": 1, "after": "0"}
    answers = [account.ask("POST", "/crm/v3/objects/contacts/search", body) for _ in range(6)]
    assert [status for status, _ in answers] == [200] * 5 + [429]
    assert answers[-1][1]["policyName"] == "SECONDLY"
    account.wait(1)
    assert account.ask("POST", "/crm/v3/objects/contacts/search", body)[0] == 200


def test_fake_refuses_the_hundred_and_first_request_in_ten_seconds() -> None:
    account = Account()
    answers = [account.ask("GET", "/account-info/v3/details") for _ in range(101)]
    assert [status for status, _ in answers] == [200] * 100 + [429]
    assert (answers[-1][1]["policyName"], answers[-1][1]["errorType"]) == ("TEN_SECONDLY_ROLLING", "RATE_LIMIT")


@pytest.mark.parametrize(
    ("policy", "headers", "wait_s"),
    [
        ("DAILY", {"x-hubspot-ratelimit-interval-milliseconds": "10000"}, DAILY_WAIT_S),
        ("TEN_SECONDLY_ROLLING", {"x-hubspot-ratelimit-interval-milliseconds": "10000"}, 10.0),
        ("SECONDLY", {}, 1.0),
        ("", {}, None),
    ],
)
def test_limit_wait_follows_the_policy_that_the_body_names(policy: str, headers: dict[str, str], wait_s: float | None) -> None:
    assert limit_wait(Reply(429, headers, {"policyName": policy})) == wait_s
    assert limit_wait(Reply(429, {}, "not an object")) is None


def test_read_rests_for_long_when_the_day_is_used_up() -> None:
    account = Account(daily=1)
    account.client.read("GET", "/account-info/v3/details")
    with pytest.raises(RateLimited) as caught:
        account.client.read("GET", "/account-info/v3/details")
    assert caught.value.wait_s == pytest.approx(DAILY_WAIT_S)
    before = len(account.requests)
    with pytest.raises(RateLimited):
        account.client.read("GET", "/account-info/v3/details")
    assert len(account.requests) == before  # nothing leaves while the connection rests


def test_read_waits_a_full_interval_when_others_used_it_up() -> None:
    account = Account()
    for _ in range(100):
        account.ask("GET", "/account-info/v3/details")
    account.client.read("GET", "/account-info/v3/details")
    assert account.clock.at - START >= 10 * SECOND


def test_write_is_not_repeated_when_it_is_refused_for_the_limit() -> None:
    account = Account()
    (before,) = account.fetch(account.fake.add_contact(firstname="Ada"))
    account.fake.limits.daily = 0
    requests = len(account.requests)
    with pytest.raises(RateLimited) as caught:
        account.deliver(update(before, firstname="Eda"))
    assert (len(account.requests) - requests, caught.value.wait_s) == (1, DAILY_WAIT_S)
