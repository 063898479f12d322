"""The client: cost, throttling, the three layers of errors."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from connectors.shopify import CONNECTOR, queries
from connectors.shopify.client import gid, number, refusal, wait_s
from hub.errors import (
    ApiRetired,
    AuthFailed,
    BadPayload,
    ConfigError,
    HubError,
    PermissionMissing,
    RateLimited,
    TimedOut,
    Unavailable,
)
from hub.model.values import Doc
from hub.sdk import AnswerKind, Cursor
from tests.connectors.shopify.account import SETTINGS, Account, stocked


def _told(body: Any, status: int = 200, **headers: str) -> Callable[[httpx.Request], httpx.Response]:
    return lambda _: httpx.Response(status, json=body, headers=headers)


def _client(account: Account, answer: Callable[[httpx.Request], httpx.Response]) -> Any:
    return CONNECTOR.client(SETTINGS, account.http(httpx.MockTransport(answer)))


def test_client_is_refused_when_there_is_no_token() -> None:
    with pytest.raises(ConfigError):
        CONNECTOR.client({}, Account().http(httpx.MockTransport(_told({}))))


def test_probe_says_name_and_address_of_the_shop() -> None:
    account = Account(shop="atelier")
    assert CONNECTOR.probe(account.client) == "atelier (atelier.myshopify.com)"


def test_probe_raises_auth_failed_when_token_is_wrong() -> None:
    with pytest.raises(AuthFailed):
        CONNECTOR.probe(Account(token="another").client)


def test_read_raises_permission_missing_when_scope_is_missing() -> None:
    account = Account(scopes=frozenset({"read_products"}))
    with pytest.raises(PermissionMissing, match="customers"):
        CONNECTOR.streams["customers"].page(account.client, Cursor())
    assert CONNECTOR.streams["products"].page(account.client, Cursor()).docs == []


def test_read_waits_for_points_when_throttled() -> None:
    account = Account()
    account.fake.add_customer(email="a@example.com")
    account.fake.state.points = 0
    before = account.clock.now()
    assert len(account.docs("customers")) == 1
    waited_s = (account.clock.now() - before) / 1e6
    first, second = account.requests
    assert first == second
    assert 5 <= waited_s <= 8  # 650 points at 100 a second


def test_write_raises_rate_limited_with_the_wait_when_throttled() -> None:
    account = Account()
    account.fake.state.points = 2
    with pytest.raises(RateLimited) as caught:
        account.client.write(queries.CUSTOMER_DELETE, input={"id": "gid://shopify/Customer/1"})
    assert caught.value.wait_s == pytest.approx(0.1)
    assert len(account.requests) == 1


def test_bucket_follows_what_shopify_says() -> None:
    account = Account(capacity=1000, restore_per_s=50)
    account.fake.state.points = 900
    CONNECTOR.probe(account.client)
    account.client.read(queries.LOCATIONS, first=1)
    assert account.fake.state.points < 900
    before = account.clock.now()
    account.bucket.take(1000)
    assert account.clock.now() - before >= 1_000_000  # more than what is left at 50 a second


def test_wait_is_what_is_missing_at_the_restore_rate() -> None:
    status = {"maximumAvailable": 2000, "currentlyAvailable": 100, "restoreRate": 50}
    assert wait_s({"requestedQueryCost": 350, "throttleStatus": status}) == 5.0
    assert wait_s({"requestedQueryCost": 50, "throttleStatus": status}) == 0.1
    assert wait_s({}) == 1.0


def _failing(code: str, **more: Any) -> Doc:
    return {"errors": [{"message": "secret@example.com", "path": ["shop"], "extensions": {"code": code, **more}}]}


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (_told(_failing("INTERNAL_SERVER_ERROR")), Unavailable),
        (_told(_failing("ACCESS_DENIED")), PermissionMissing),
        (_told(_failing("SHOP_INACTIVE")), PermissionMissing),
        (_told(_failing("INVALID_VARIABLE")), BadPayload),
        (_told({"errors": "Not Found"}, 404), AuthFailed),
        (_told({"errors": "Unavailable Shop"}, 423), PermissionMissing),
        (_told({"errors": "frozen"}, 402), PermissionMissing),
        (_told({"data": None}), BadPayload),
        (_told({"errors": ["odd"]}), BadPayload),
        (_told({"data": {}}, **{"x-shopify-api-version": "2027-04"}), ApiRetired),
    ],
)
def test_read_raises_what_the_answer_means(answer: Callable[[httpx.Request], httpx.Response], expected: type[HubError]) -> None:
    with pytest.raises(expected) as caught:
        _client(Account(), answer).read(queries.SHOP)
    assert type(caught.value) is expected
    assert "secret@example.com" not in str(caught.value)


@pytest.mark.parametrize("body", [_failing("INTERNAL_SERVER_ERROR"), [], {"data": None}, {"data": {"customerDelete": None}}])
def test_write_raises_timed_out_when_nobody_knows_what_happened(body: Any) -> None:
    with pytest.raises(TimedOut):
        _client(Account(), _told(body)).write(queries.CUSTOMER_DELETE, input={"id": "x"})


def test_request_carries_token_version_and_json() -> None:
    seen: list[httpx.Request] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json={"data": {"shop": {}}})

    _client(Account(), answer).read(queries.SHOP)
    assert seen[0].url.path == "/admin/api/2026-07/graphql.json"
    assert seen[0].headers["x-shopify-access-token"] == "shpat_fake"
    assert json.loads(seen[0].content)["query"] == queries.SHOP


@pytest.mark.parametrize(
    ("error", "kind", "blames"),
    [
        ({"field": ["email"], "message": "Email has already been taken"}, AnswerKind.CLASH, "defaultEmailAddress.emailAddress"),
        ({"field": ["x"], "message": "x", "code": "TAKEN"}, AnswerKind.CLASH, None),
        ({"field": ["id"], "message": "Customer does not exist"}, AnswerKind.GONE, None),
        (
            {"field": ["input", "quantities", "0", "changeFromQuantity"], "code": "CHANGE_FROM_QUANTITY_STALE"},
            AnswerKind.STALE,
            None,
        ),
        ({"field": ["phone"], "message": "Phone is invalid"}, AnswerKind.REFUSED, "defaultPhoneNumber.phoneNumber"),
        ({"field": None, "message": "no"}, AnswerKind.REFUSED, None),
    ],
)
def test_refusal_says_kind_and_path(error: Doc, kind: AnswerKind, blames: str | None) -> None:
    paths = {"email": "defaultEmailAddress.emailAddress", "phone": "defaultPhoneNumber.phoneNumber"}
    answer = refusal({"userErrors": [error]}, paths)
    assert answer is not None
    assert (answer.kind, answer.blames) == (kind, blames)
    assert refusal({"userErrors": []}, paths) is None


def test_refusal_names_field_and_code_without_position_or_value() -> None:
    error = {"field": ["variants", "0"], "message": "4711 is not valid", "code": "INVALID"}
    answer = refusal({"userErrors": [error]}, {})
    assert answer is not None
    assert answer.reason == "Shopify refused variants (INVALID)."


def test_ids_are_read_with_and_without_a_query_part() -> None:
    assert number("gid://shopify/InventoryLevel/143?inventory_item_id=7") == "143"
    assert number("42") == "42"
    assert gid("Customer", 42) == "gid://shopify/Customer/42"
    assert gid("Customer", "gid://shopify/Customer/42") == "gid://shopify/Customer/42"


def test_page_of_levels_costs_what_the_bucket_of_a_standard_shop_holds() -> None:
    account = Account()
    stocked(account)
    account.docs("inventory")
    assert account.fake.state.points > 1900
