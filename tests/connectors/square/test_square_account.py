from __future__ import annotations

import pytest

from connectors.square import CONNECTOR
from connectors.square.client import SquareClient
from hub.errors import ApiRetired, AuthFailed, BadPayload, PermissionMissing, TimedOut, Unavailable
from hub.sdk import AnswerKind, Reply
from hub.sdk.base import Http
from tests.connectors.square.account import Account, create
from tests.connectors.square.contract import ABSENT, contract


class Says(Http):
    """Answers every request with one error."""

    def __init__(self, status: int, code: str) -> None:
        self.reply = Reply(status, {}, {"errors": [{"category": "API_ERROR", "code": code, "detail": "Anna said no"}]})

    def send(self, *args: object, **kwargs: object) -> Reply:
        return self.reply


def test_probe_returns_business_name() -> None:
    assert CONNECTOR.probe(Account(name="Mugs & Co").client) == "Mugs & Co"


def test_page_lists_locations_by_name_when_some_are_closed() -> None:
    account = Account()
    south = account.fake.add_location("South", address={"locality": "Lund", "country": "SE"}, status="INACTIVE")
    north = account.fake.add_location("North")
    docs = account.read_all("locations")
    assert [(doc["id"], doc["status"]) for doc in docs] == [(north, "ACTIVE"), (south, "INACTIVE")]
    assert account.fetch("locations", south, "NOWHERE") == [docs[1]]


def test_requests_name_api_version_and_token() -> None:
    account = Account()
    account.read_all("locations")
    headers = account.requests[0].headers
    assert (headers["square-version"], headers["authorization"]) == ("2025-08-20", f"Bearer {account.fake.token}")


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "ACCESS_TOKEN_EXPIRED", AuthFailed),
        (400, "INSUFFICIENT_SCOPES", PermissionMissing),
        (400, "API_VERSION_INCOMPATIBLE", ApiRetired),
        (400, "TEMPORARY_ERROR", Unavailable),
        (400, "BAD_REQUEST", BadPayload),
    ],
)
def test_read_raises_what_the_code_means(status: int, code: str, error: type[Exception]) -> None:
    with pytest.raises(error) as caught:
        SquareClient(Says(status, code), "token").read("GET", "/v2/locations")
    assert "Anna" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (409, "CONFLICT", AnswerKind.STALE),
        (400, "VERSION_MISMATCH", AnswerKind.STALE),
        (404, "CUSTOMER_NOT_FOUND", AnswerKind.GONE),
        (400, "IDEMPOTENCY_KEY_REUSED", AnswerKind.REFUSED),
        (200, "INVALID_VALUE", AnswerKind.REFUSED),
    ],
)
def test_send_answers_what_the_code_means(status: int, code: str, kind: AnswerKind) -> None:
    sink = CONNECTOR.sinks["customers"]
    (call,) = sink.calls(create({"given_name": "Anna"}))
    answer = sink.send(SquareClient(Says(status, code), "token"), call, "key", None)
    assert (answer.kind, "Anna" in answer.reason) == (kind, False)


def test_send_raises_timed_out_when_success_says_nothing() -> None:
    silent = Says(200, "")
    silent.reply = Reply(200, {}, {})
    for stream, after in (("customers", {"given_name": "Anna"}), ("products", {"item_data": {"name": "Mug"}})):
        sink = CONNECTOR.sinks[stream]
        (call,) = sink.calls(create(after))
        with pytest.raises(TimedOut):
            sink.send(SquareClient(silent, "token"), call, "key", None)


@pytest.mark.skipif(contract() is None, reason=ABSENT)
def test_every_operation_used_is_in_the_contract() -> None:
    account = Account()
    judge = contract()
    assert judge is not None
    judge.seen.clear()
    account.fake.add_location("Main")
    for stream in CONNECTOR.streams:
        account.read_all(stream)
        account.fetch(stream, "X:Y")
    CONNECTOR.probe(account.client)
    made = account.deliver("products", create({"item_data": {"name": "Mug"}})).external_id or ""
    account.deliver("variants", create({"item_variation_data": {"item_id": made}}), "key-2")
    account.deliver("customers", create({"given_name": "Anna"}), "key-3")
    account.move(f"{made}:NOWHERE", delta=1, key="key-4")
    assert judge.seen == {
        "BatchChangeInventory",
        "BatchRetrieveCatalogObjects",
        "BatchRetrieveInventoryCounts",
        "BatchRetrieveOrders",
        "BulkRetrieveCustomers",
        "CreateCustomer",
        "GetPayment",
        "GetPaymentRefund",
        "ListLocations",
        "ListPaymentRefunds",
        "ListPayments",
        "RetrieveCatalogObject",
        "RetrieveLocation",
        "RetrieveMerchant",
        "SearchCatalogObjects",
        "SearchCustomers",
        "SearchOrders",
        "UpsertCatalogObject",
    }
