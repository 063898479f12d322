"""Credentials, limits and errors of an account."""

from __future__ import annotations

from typing import Any

import pytest

from connectors.zendesk import CONNECTOR
from connectors.zendesk.client import ZendeskClient, code_of, numbers
from connectors.zendesk.fake import CLIENT, LOGIN, TOKEN
from hub.errors import ApiRetired, AuthFailed, BadPayload, ConfigError, PermissionMissing, RateLimited, TimedOut, Unavailable
from hub.sdk import AnswerKind, Reply
from hub.sdk.base import Http
from tests.connectors.zendesk.account import Account, create, update
from tests.connectors.zendesk.contract import ABSENT, contract


class Says(Http):
    """Answers every request with the same."""

    def __init__(self, status: int, body: Any) -> None:
        self.reply = Reply(status, {}, body)

    def send(self, *args: object, **kwargs: object) -> Reply:
        return self.reply


def _client(status: int, body: Any) -> ZendeskClient:
    return ZendeskClient(Says(status, body), {"access_token": TOKEN})


def _users(account: Account, count: int) -> list[str]:
    return [account.fake.add_user(f"C{i}") for i in range(count)]


# credentials


@pytest.mark.parametrize(
    ("settings", "start"),
    [
        ({"access_token": TOKEN}, f"Bearer {TOKEN}"),
        ({"email": LOGIN[0], "api_token": LOGIN[1]}, "Basic YWRtaW5AZmFrZS50ZXN0L3Rva2VuOmZha2UtYXBpLXRva2Vu"),
        ({"client_id": CLIENT[0], "client_secret": CLIENT[1], "access_token": "old"}, "Bearer token-"),
    ],
)
def test_probe_names_the_account_when_credentials_hold(settings: dict[str, str], start: str) -> None:
    account = Account(settings=settings)
    assert CONNECTOR.probe(account.client) == "Hub (admin)"
    assert account.requests[-1].headers["authorization"].startswith(start)


@pytest.mark.parametrize("settings", [{}, {"client_id": "x"}, {"email": "a@b.c"}, {"access_token": ""}])
def test_client_is_refused_when_credentials_are_missing(settings: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match="credentials"):
        CONNECTOR.client(settings, Says(200, {}))


def test_probe_fails_when_answer_is_the_anonymous_user() -> None:
    account = Account()
    status, body = account.ask("GET", "/api/v2/users/me")
    assert (status, body["user"]["id"]) == (200, None)
    with pytest.raises(AuthFailed):
        CONNECTOR.probe(_client(status, body))


def test_probe_fails_when_credentials_are_an_agents() -> None:
    account = Account()
    account.fake.role = "agent"
    with pytest.raises(PermissionMissing):
        CONNECTOR.probe(account.client)


def test_read_renews_the_token_when_it_ended() -> None:
    account = Account(settings={"client_id": CLIENT[0], "client_secret": CLIENT[1]})
    (made,) = _users(account, 1)
    account.fetch("users", made)
    account.fake.expire_token()
    assert [doc["id"] for doc in account.fetch("users", made)] == [int(made)]
    grants = [request for request in account.requests if request.url.path == "/oauth/tokens"]
    assert len(grants) == 2


def test_read_pauses_when_a_given_token_ended() -> None:
    account = Account()
    account.fake.expire_token()
    with pytest.raises(AuthFailed):
        account.fetch("users", "1")


# limits


def test_answers_tell_the_bucket_the_accounts_limit() -> None:
    account = Account(per_minute=240)
    (made,) = _users(account, 1)
    for _ in range(240):
        account.fetch("users", made)
    assert account.clock.slept == []
    account.fetch("users", made)
    assert (account.clock.slept, len(account.requests)) == ([60.0], 241)  # waited for the window's end, was never refused


def test_read_waits_when_the_account_is_over_its_limit() -> None:
    account = Account()
    (made,) = _users(account, 1)
    account.fake.throttled = 1
    assert len(account.fetch("users", made)) == 1
    assert sum(account.clock.slept) == pytest.approx(7.0)


def test_write_says_rate_limited_when_the_account_is_over_its_limit() -> None:
    account = Account()
    account.fake.throttled = 1
    with pytest.raises(RateLimited) as caught:
        account.deliver("users", create({"name": "Bo Ek"}))
    assert caught.value.wait_s == 7.0
    assert account.fake.user_ids() == []


def test_exports_stay_below_ten_a_minute_and_let_other_requests_pass() -> None:
    account = Account(export_page=1)
    made = _users(account, 12)
    assert len(account.read_all("users")) == 12
    assert (account.clock.slept, len(account.requests)) == ([59.0], 12)
    account.clock.slept.clear()
    account.fetch("users", made[0])
    assert account.clock.slept == []


def test_exports_believe_the_limit_that_answers_tell() -> None:
    account = Account(export_page=1, exports_per_minute=30)
    _users(account, 30)
    assert len(account.read_all("users")) == 30
    assert account.clock.slept == []


def test_fake_refuses_the_eleventh_export_of_a_minute() -> None:
    account = Account()
    path, token = "/api/v2/incremental/users/cursor?start_time=0", {"authorization": f"Bearer {TOKEN}"}
    statuses = [account.ask("GET", path, **token)[0] for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    account.wait(60)
    assert account.ask("GET", path, **token)[0] == 200


# errors


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (404, {"error": "InvalidEndpoint", "description": "Not found"}, ApiRetired),
        (404, {"error": "RecordNotFound"}, BadPayload),
        (400, {"errors": [{"code": "InvalidPaginationParameter", "title": "Anna"}]}, BadPayload),
        (422, {"error": {"title": "Unprocessable", "message": "Anna"}}, BadPayload),
        (200, {"users": "Anna"}, BadPayload),
        (200, {"users": ["Anna"]}, BadPayload),
        (200, ["Anna"], BadPayload),
    ],
)
def test_read_raises_what_the_answer_means(status: int, body: Any, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        CONNECTOR.streams["users"].fetch(_client(status, body), ["1"])
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"error": "RecordInvalid", "description": "x"}, "RecordInvalid"),
        ({"error": {"title": "Forbidden", "message": "x"}}, "Forbidden"),
        ({"errors": [{"code": "InvalidPaginationDepth", "title": "x"}]}, "InvalidPaginationDepth"),
        ({"errors": ["x"]}, ""),
        ({}, ""),
        ("text", ""),
    ],
)
def test_code_of_reads_every_shape_of_an_error(body: Any, code: str) -> None:
    assert code_of(Reply(400, {}, body)) == code


def _details(**problems: str) -> dict[str, Any]:
    rows = {name: [{"description": f"{name}: Anna", "error": code}] for name, code in problems.items()}
    return {"error": "RecordInvalid", "description": "Record validation errors", "details": rows}


@pytest.mark.parametrize(
    ("status", "body", "kind", "blames"),
    [
        (404, {"error": "RecordNotFound"}, AnswerKind.GONE, None),
        (409, {"error": "UpdateConflict"}, AnswerKind.STALE, None),
        (422, _details(email="DuplicateValue"), AnswerKind.CLASH, "email"),
        (422, _details(base="BlankValue", name="BlankValue"), AnswerKind.REFUSED, "name"),
        (422, _details(base="BlankValue"), AnswerKind.REFUSED, None),
        (400, {"error": "RequiredParameterMissing"}, AnswerKind.REFUSED, None),
    ],
)
def test_send_answers_what_a_refusal_means(status: int, body: Any, kind: AnswerKind, blames: str | None) -> None:
    sink = CONNECTOR.sinks["users"]
    (call,) = sink.calls(create({"name": "Anna Ek", "email": "anna@example.com"}))
    answer = sink.send(_client(status, body), call, "key", None)
    assert (answer.kind, answer.blames, "Anna" in answer.reason) == (kind, blames, False)


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (409, {"error": "IdempotentRequestInProgress"}, TimedOut),
        (409, {"error": "DatabaseConflict"}, Unavailable),
        (200, {}, TimedOut),
        (200, {"user": {"name": "Anna"}}, TimedOut),
    ],
)
def test_send_raises_when_the_effect_is_not_certain(status: int, body: Any, error: type[Exception]) -> None:
    sink = CONNECTOR.sinks["users"]
    (call,) = sink.calls(create({"name": "Anna Ek"}))
    with pytest.raises(error):
        sink.send(_client(status, body), call, "key", None)


def test_numbers_takes_a_hundred_at_once_and_nothing_that_is_no_id() -> None:
    assert numbers([]) == []
    assert numbers(["7", "X:Y", "8", "-1", "٣"]) == ["7,8"]
    assert [len(piece.split(",")) for piece in numbers([str(i) for i in range(201)])] == [100, 100, 1]


def test_fake_refuses_more_ids_than_the_contract_allows() -> None:
    ids = ",".join(str(i) for i in range(101))
    token = {"authorization": f"Bearer {TOKEN}"}
    assert Account().ask("GET", f"/api/v2/users/show_many?ids={ids}", **token)[0] == 400


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_every_operation_used_is_in_the_contract() -> None:
    account = Account()
    judge = contract()
    assert judge is not None
    judge.seen.clear()
    CONNECTOR.probe(account.client)
    made = account.deliver("users", create({"name": "Bo Ek"}, "hub-1")).external_id or ""
    (doc,) = account.read_all("users")
    account.deliver("users", update(doc, {**doc, "notes": "vip"}, "notes"))
    account.client.write("DELETE", f"/api/v2/users/{made}")
    CONNECTOR.sinks["users"].find(account.client, create({"email": "bo@example.com"}, "hub-1"))
    assert judge.seen == {
        "CreateUser",
        "DeleteUser",
        "IncrementalUserExportCursor",
        "ShowCurrentUser",
        "SearchUsers",
        "ShowManyUsers",
        "UpdateUser",
    }
