"""Customers of a till and a help desk, both ways, through the real connectors: an export that lags a minute, logins, soft
deletion."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from connectors.square import SquareFake
from connectors.zendesk import ZendeskFake
from hub.config import parse_config
from hub.model.review import ReviewKind
from hub.model.values import Doc
from hub.sdk import WebhookRequest
from hub.sdk.webhooks import Receipt
from tests.connectors.zendesk.contract import contract
from tests.retailer import ENVIRON, INSTALLED, PUBLIC, START, Driven, installed, judged, lose_answer, lose_request
from tests.unit.clocks import StillClock

TOKENS: Final = {"DESK_TOKEN": "desk-token", "DESK_SECRET": "desk-secret"}
CONFIG: Final = """
retailer: Desk
connections:
  till:
    connector: square
    settings: {base_url: "https://till.test", access_token: "${TILL_TOKEN}", webhook_signature_key: "${TILL_KEY}", country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
  desk:
    connector: zendesk
    settings: {base_url: "https://desk.test", access_token: "${DESK_TOKEN}", webhook_secret: "${DESK_SECRET}", country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
"""


def watched(desk: ZendeskFake) -> httpx.MockTransport:
    """Return the way to a help desk on which every exchange is held against the vendor's contract, where that is at hand."""

    def carry(request: httpx.Request) -> httpx.Response:
        response = desk.respond(request)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    return httpx.MockTransport(carry)


class Pair(Driven):
    """A till and a help desk under one hub."""

    def __init__(self, folder: Path) -> None:
        self.clock: StillClock = StillClock(START)
        self.till = SquareFake(
            self.clock.now, webhook_url=f"{PUBLIC}/webhooks/till", token=ENVIRON["TILL_TOKEN"], country="FR", currency="EUR"
        )
        self.desk = ZendeskFake(
            self.clock.now, webhook_url=f"{PUBLIC}/webhooks/desk", token=TOKENS["DESK_TOKEN"], secret=TOKENS["DESK_SECRET"]
        )
        facts = {name: one.manifest.facts() for name, one in INSTALLED.items()}
        config = parse_config(CONFIG, environ=ENVIRON | TOKENS, connectors=facts)
        transports = {"till": httpx.MockTransport(judged(self.till)), "desk": watched(self.desk)}
        super().__init__(folder, config, *installed(config), transports, self.clock)

    def at_desk(self) -> dict[str, Doc]:
        """Return the desk's live users by e-mail."""
        docs = [self.desk.user(each) or {} for each in self.desk.user_ids()]
        return {doc["email"]: doc for doc in docs}

    def at_till(self) -> dict[str, Doc]:
        """Return the till's customers by e-mail."""
        docs = [self.till.customer(each) or {} for each in self.till.customer_ids()]
        return {doc.get("email_address", ""): doc for doc in docs}

    def hear(self) -> list[Receipt]:
        """Bring the desk's waiting events to the hub."""
        return [
            self.hub.receive("desk", WebhookRequest(self.desk.webhook_url, hook.headers, hook.body))
            for hook in self.desk.take_webhooks()
        ]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    running = Pair(tmp_path)
    yield running
    running.close()


def _linked(pair: Pair) -> tuple[str, str]:
    """Make Ada at the till and let her reach the desk. Returns both ids."""
    till_id = pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.settle()
    (desk_id,) = pair.desk.user_ids()
    pair.poll(3)
    pair.desk.take_webhooks()
    pair.writes()
    return till_id, desk_id


def _assert_quiet(pair: Pair) -> None:
    assert pair.hub.open_items() == []
    pair.writes()
    pair.poll(4)
    assert pair.writes() == {"till": [], "desk": []}


def test_settle_brings_both_together_when_twenty_stand_on_each_side(pair: Pair) -> None:
    for n in range(20):
        both = n < 5
        mail = f"both{n}@x.example" if both else f"desk{n}@x.example"
        pair.desk.add_user(f"P{n} Roux", email=mail, notes=f"note {n}")
        pair.till.add_customer(given_name=f"P{n}", family_name="Roux", email_address=mail if both else f"till{n}@x.example")
    pair.desk.add_user("Kim Agent", email="kim@desk.example", role="agent")
    pair.clock.sleep(61)
    pair.settle()
    pair.poll(3)
    desk, till = pair.at_desk(), pair.at_till()
    assert set(desk) == {*till, "kim@desk.example"}
    assert (len(till), len(pair.desk.user_ids())) == (35, 36)
    assert {mail: desk[mail]["name"] for mail in till} == {
        mail: f"{doc['given_name']} {doc['family_name']}" for mail, doc in till.items()
    }
    assert all(till[f"desk{n}@x.example"]["note"] == f"note {n}" for n in range(5, 20))
    _assert_quiet(pair)


def test_edits_of_different_fields_both_survive(pair: Pair) -> None:
    till_id, desk_id = _linked(pair)
    pair.desk.edit_user(desk_id, name="Ada Lovelace")
    pair.till.edit_customer(till_id, phone_number="+33123456789")
    pair.poll(5)
    kept, shown = pair.desk.user(desk_id) or {}, pair.till.customer(till_id) or {}
    assert (kept["name"], kept["phone"]) == ("Ada Lovelace", "+33123456789")
    assert (shown["family_name"], shown["phone_number"]) == ("Lovelace", "+33123456789")
    _assert_quiet(pair)


def test_edit_is_seen_at_once_by_event_though_the_export_lags(pair: Pair) -> None:
    till_id, desk_id = _linked(pair)
    pair.desk.edit_user(desk_id, notes="likes tea")
    assert pair.hear() == [Receipt.ACCEPTED]
    pair.settle(5)
    assert (pair.till.customer(till_id) or {})["note"] == "likes tea"


def test_login_stays_when_another_address_is_entered_at_the_till(pair: Pair) -> None:
    till_id, desk_id = _linked(pair)
    pair.till.edit_customer(till_id, email_address="ada@new.example")
    pair.poll(4)
    assert ((pair.desk.user(desk_id) or {})["email"], pair.desk.identities(desk_id)) == (
        "ada@x.example",
        [("email", "ada@x.example")],
    )
    _assert_quiet(pair)


def test_create_makes_one_user_when_its_answer_is_lost(pair: Pair) -> None:
    pair.settle()
    pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.wires["desk"].breaks = [lose_answer, lose_request]
    pair.poll(8)
    assert [doc["name"] for doc in pair.at_desk().values()] == ["Ada Ley"]
    assert len(pair.desk.user_ids()) == 1
    _assert_quiet(pair)


def test_user_with_a_taken_address_is_matched_and_not_made_twice(pair: Pair) -> None:
    pair.settle()
    pair.desk.add_user("Ada", email="ada@x.example")
    pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.poll(6)
    assert {mail: doc["name"] for mail, doc in pair.at_desk().items()} == {"ada@x.example": "Ada Ley"}
    assert len(pair.till.customer_ids()) == 1
    _assert_quiet(pair)


def test_user_is_made_with_one_name_and_not_with_none(pair: Pair) -> None:
    pair.settle()
    pair.till.add_customer(given_name="Ada", email_address="ada@x.example")
    pair.till.add_customer(email_address="nobody@x.example")
    pair.poll(4)
    assert {mail: doc["name"] for mail, doc in pair.at_desk().items()} == {"ada@x.example": "Ada"}
    _assert_quiet(pair)


def test_nobody_is_made_without_a_login_when_it_is_taken_by_somebody_who_cannot_be_found(pair: Pair) -> None:
    pair.settle()
    pair.desk.users.search_lag_s = 3600
    pair.desk.core.exports_per_minute = 0
    pair.desk.add_user("Somebody", email="ada@x.example")
    pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.poll(4)
    assert [review.kind for review in pair.reviews()] == [ReviewKind.CLASH]
    assert list(pair.at_desk()) == ["ada@x.example"]


def test_deletion_at_the_desk_ends_the_link_and_nothing_else(pair: Pair) -> None:
    till_id, desk_id = _linked(pair)
    pair.desk.delete_user(desk_id)
    pair.poll(4)
    assert (pair.desk.user_ids(), pair.till.customer(till_id) is not None) == ([], True)
    _assert_quiet(pair)


def test_phone_that_somebody_has_is_kept_as_a_shared_one(pair: Pair) -> None:
    till_id, desk_id = _linked(pair)
    pair.desk.add_user("Cy Ek", email="cy@x.example", phone="+33123456789")
    pair.till.edit_customer(till_id, phone_number="+33123456789")
    pair.poll(5)
    kept = pair.desk.user(desk_id) or {}
    assert (kept["phone"], kept["shared_phone_number"]) == ("+33123456789", True)
    assert [review.kind for review in pair.reviews()] == [ReviewKind.MATCH]  # a phone number alone is a question
    pair.writes()
    pair.poll(2)
    assert pair.writes() == {"till": [], "desk": []}
