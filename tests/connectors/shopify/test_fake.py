"""The simulated shop where no other test looks."""

from __future__ import annotations

import subprocess
import sys

import httpx
import pytest

from connectors.shopify.fake.relay import matcher
from hub.clock import micros
from tests.connectors.shopify.account import Account, movement, stocked


def test_ids_ascend_and_times_have_whole_seconds() -> None:
    account = Account()
    account.wait(0.75)
    first, second = (account.fake.add_customer(email=f"{n}@example.com") for n in range(2))
    assert int(first.rpartition("/")[2]) < int(second.rpartition("/")[2])
    assert account.one("customers", first)["updatedAt"] == "2026-07-01T09:00:00Z"


def test_edit_that_changes_nothing_moves_nothing() -> None:
    account = Account()
    gid = account.fake.add_customer(email="ada@example.com", note="x")
    account.webhooks()
    account.wait(60)
    account.fake.edit_customer(gid, email="ADA@example.com ", note="x")
    assert account.one("customers", gid)["updatedAt"] == "2026-07-01T09:00:00Z"
    assert account.webhooks() == []
    assert [entry.action for entry in account.fake.journal] == ["create"]


def test_people_cannot_take_an_address_that_is_taken() -> None:
    account = Account()
    account.fake.add_customer(email="ada@example.com")
    other = account.fake.add_customer(email="bo@example.com")
    with pytest.raises(ValueError, match="Email has already been taken"):
        account.fake.edit_customer(other, email="Ada@example.com")


def test_restore_brings_back_the_state_of_the_snapshot() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    gid = account.fake.add_customer(email="ada@example.com")
    snapshot = account.fake.snapshot()
    account.fake.delete_customer(gid)
    account.send("inventory", movement(level, delta=-3))
    account.fake.restore(snapshot)
    assert account.fake.level(variant, location) == {
        **(account.fake.level(variant, location) or {}),
        "on_hand": 10,
        "available": 10,
    }
    assert account.one("customers", gid)["id"] == gid
    assert "delete" not in {entry.action for entry in account.fake.journal}
    account.send("inventory", movement(level, delta=-3))
    assert (account.fake.level(variant, location) or {})["on_hand"] == 7


def test_journal_tells_the_api_from_people() -> None:
    account = Account()
    gid = account.fake.add_customer(email="ada@example.com")
    account.update("customers", gid, note="vip")
    account.fake.edit_customer(gid, actor="clerk", note="gold")
    told = [(entry.actor, entry.action, entry.detail.get("note")) for entry in account.fake.journal]
    assert told == [("shopper", "create", None), ("api", "update", "vip"), ("clerk", "update", "gold")]


def test_query_over_a_thousand_points_is_refused() -> None:
    document = "query { customers(first: 250) { nodes { id addressesV2(first: 10) { nodes { id } } } } }"
    (error,) = Account().fake.execute(document, {})["errors"]
    assert error["extensions"]["code"] == "MAX_COST_EXCEEDED"


def test_points_refill_and_unused_ones_are_refunded() -> None:
    account = Account()
    account.fake.add_customer(email="ada@example.com")
    document = "query { customers(first: 100) { nodes { id defaultEmailAddress { emailAddress } } } }"
    cost = account.fake.execute(document, {})["extensions"]["cost"]
    assert (cost["requestedQueryCost"], cost["actualQueryCost"]) == (200, 2)
    assert cost["throttleStatus"] == {"maximumAvailable": 2000.0, "currentlyAvailable": 1998, "restoreRate": 100.0}
    account.fake.state.points = 0
    throttled = account.fake.execute(document, {})
    assert throttled["errors"] == [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]
    account.wait(2)
    assert "errors" not in account.fake.execute(document, {})


def test_document_with_an_unknown_field_is_an_error() -> None:
    answer = Account().fake.execute("query { customers(first: 1) { nodes { nickname } } }", {})
    assert answer["errors"][0]["extensions"]["code"] == "INVALID_DOCUMENT"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/admin/api/2026-07/graphql.json"), ("POST", "/admin/api/2025-01/graphql.json")]
)
def test_other_doors_are_closed(method: str, path: str) -> None:
    assert Account().fake.respond(httpx.Request(method, f"https://shop.test{path}")).status_code == 404


def test_search_compares_times_and_joins_terms() -> None:
    matches = matcher("updated_at:>='2026-07-01T00:00:00Z' AND updated_at:<2026-07-02T00:00:00Z")
    assert matches({"updated_at": micros("2026-07-01T00:00:00Z")})
    assert not matches({"updated_at": micros("2026-07-02T00:00:00Z")})
    with pytest.raises(ValueError, match="state"):
        matcher("state:enabled")({"updated_at": 0})


def test_connector_imports_without_graphql_core() -> None:
    code = "import connectors.shopify, sys; sys.exit('graphql' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
