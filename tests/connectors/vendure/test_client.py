from __future__ import annotations

from typing import Any

import httpx
import pytest

from connectors.vendure import CONNECTOR
from connectors.vendure.client import Fault
from hub.errors import ApiRetired, AuthFailed, BadPayload, HubError, PermissionMissing, TimedOut, Unavailable
from hub.sdk import AnswerKind
from tests.connectors.vendure.shop import FORBIDDEN, Shop, bodies

DONE = {"data": {"list": {"items": []}}}


def broken(asked: dict[str, Any]) -> dict[str, Any]:
    raise httpx.ReadError("reset")  # after the request went out


def failure(message: str = "", code: str | None = None, path: tuple[str, ...] = ("updateCustomer",)) -> dict[str, Any]:
    extensions = {"extensions": {"code": code}} if code else {}
    return {"errors": [{"message": message, "path": list(path), **extensions}], "data": None}


def test_ask_sends_the_bearer_when_a_password_is_set() -> None:
    shop = Shop(DONE, DONE)
    client = shop.client(channel_token="web")
    client.ask("query A { x }", {})
    client.ask("query A { x }", {})
    assert shop.logins == 1
    assert [(h["authorization"], h["vendure-token"]) for h in shop.headers] == [("Bearer session-1", "web")] * 2


def test_ask_logs_in_again_when_the_session_is_over() -> None:
    shop = Shop(DONE, FORBIDDEN, DONE)
    client = shop.client()
    client.ask("query A { x }", {})
    assert client.ask("query A { x }", {}) == DONE["data"]
    assert [h["authorization"] for h in shop.headers] == ["Bearer session-1", "Bearer session-1", "Bearer session-2"]


def test_tell_writes_once_more_when_the_session_is_over() -> None:
    shop = Shop(FORBIDDEN, {"data": {"updateCustomer": {"id": "1"}}})
    assert shop.client().tell("mutation M { x }", {}) == {"id": "1"}
    assert shop.logins == 2


@pytest.mark.parametrize(
    ("settings", "script", "error"),
    [
        ({}, [FORBIDDEN, FORBIDDEN, {"data": {"me": {"id": "1"}}}], PermissionMissing),
        ({"password": "", "token": "old"}, bodies("forbidden"), AuthFailed),
        ({"password": "", "token": "weak"}, [FORBIDDEN, {"data": {"me": {"id": "1"}}}], PermissionMissing),
        ({}, bodies("unknown_field"), ApiRetired),
        ({}, [failure(code="CHANNEL_NOT_FOUND")], AuthFailed),
        ({}, [failure("SQLITE_BUSY")], Unavailable),
        ({}, [{"data": None}], BadPayload),
    ],
)
def test_ask_raises_what_it_means_when_vendure_says_no(
    settings: dict[str, str], script: list[dict[str, Any]], error: type[HubError]
) -> None:
    with pytest.raises(error):
        Shop(*script).client(**settings).ask("query A { x }", {})


def test_ask_sends_no_bearer_when_there_is_an_api_key() -> None:
    shop = Shop(DONE)
    shop.client(password="", api_key="id:secret").ask("query A { x }", {})
    assert shop.headers[0]["vendure-api-key"] == "id:secret"
    assert "authorization" not in shop.headers[0]
    assert shop.logins == 0


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        (bodies("create_customer_email_taken")[0], Fault(AnswerKind.CLASH, "EMAIL_ADDRESS_CONFLICT_ERROR")),
        (bodies("create_customer_marker_taken")[0], Fault(AnswerKind.CLASH, "UNIQUE")),
        (bodies("update_customer_gone")[0], Fault(AnswerKind.GONE, "ENTITY_NOT_FOUND")),
        (bodies("create_address_bad_country")[0], Fault(AnswerKind.REFUSED, "USER_INPUT_ERROR")),
        (bodies("adjust_no_location")[1], Fault(AnswerKind.REFUSED, "CONSTRAINT")),
        (failure('duplicate key value violates unique constraint "x"'), Fault(AnswerKind.CLASH, "UNIQUE")),
        (failure('null value in column "x" violates not-null constraint'), Fault(AnswerKind.REFUSED, "CONSTRAINT")),
    ],
)
def test_tell_returns_the_fault_when_nothing_was_written(body: dict[str, Any], fault: Fault) -> None:
    assert Shop(body).client().tell("mutation M { x }", {}) == fault


def test_tell_raises_timed_out_when_only_the_answer_failed() -> None:
    with pytest.raises(TimedOut):
        Shop(failure("boom", path=("updateCustomer", "addresses"))).client().tell("mutation M { x }", {})


def test_tell_raises_unavailable_when_the_write_was_rolled_back() -> None:
    with pytest.raises(Unavailable):
        Shop(failure("SqliteError: database is locked")).client().tell("mutation M { x }", {})


def test_tell_raises_timed_out_when_the_answer_is_empty() -> None:
    with pytest.raises(TimedOut):
        Shop({"data": {"updateProductVariants": []}}).client().tell("mutation M { x }", {})


def test_probe_names_the_channel_when_the_account_answers() -> None:
    shop = Shop(*bodies("account"))
    assert CONNECTOR.probe(shop.client()) == "channel __default_channel__ (EUR)"


def test_account_is_refused_when_vendure_ignores_a_wrong_channel_token() -> None:
    with pytest.raises(AuthFailed):
        Shop(*bodies("no_channel")).client(channel_token="none-such").account()


def test_errors_hold_no_value_when_vendure_quotes_one() -> None:
    with pytest.raises(HubError) as raised:
        Shop(failure("locked while saving gesine@example.org")).client().tell("mutation M { x }", {"e": "gesine@example.org"})
    assert "gesine" not in str(raised.value)


def test_tell_sends_a_write_once_when_the_line_breaks() -> None:
    shop = Shop(broken, broken)
    with pytest.raises(TimedOut):
        shop.client().tell("mutation M { x }", {})
    assert len(shop.asked) == 1
