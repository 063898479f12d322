"""Customers of a till and a CRM, both ways, through the real connectors: times of single fields, merges, a search that lags."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import httpx
import pytest

from connectors.hubspot import HubSpotFake
from connectors.square import SquareFake
from hub.config import parse_config
from hub.model.values import Doc
from hub.sdk import WebhookRequest
from hub.sdk.webhooks import Receipt
from tests.connectors.hubspot.contract import contract
from tests.retailer import ENVIRON, INSTALLED, PUBLIC, START, Break, Driven, Wire, installed, judged, lose_answer
from tests.unit.clocks import StillClock

TOKENS: Final = {"CRM_TOKEN": "pat-fake", "CRM_SECRET": "crm-secret"}
CONFIG: Final = """
retailer: Crm
connections:
  till:
    connector: square
    settings: {base_url: "https://till.test", access_token: "${TILL_TOKEN}", webhook_signature_key: "${TILL_KEY}", country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
  crm:
    connector: hubspot
    settings: {base_url: "https://crm.test", access_token: "${CRM_TOKEN}", client_secret: "${CRM_SECRET}", country: FR}
    start: live
    every: 30s
    entities:
      customer: {create: always}
"""


class Pair(Driven):
    """A till and a CRM under one hub. The CRM's search lags 20 s."""

    def __init__(self, folder: Path) -> None:
        self.clock: StillClock = StillClock(START)
        self.till = SquareFake(
            self.clock.now, webhook_url=f"{PUBLIC}/webhooks/till", token=ENVIRON["TILL_TOKEN"], country="FR", currency="EUR"
        )
        self.crm = HubSpotFake(
            self.clock.now,
            webhook_url=f"{PUBLIC}/webhooks/crm",
            token=TOKENS["CRM_TOKEN"],
            client_secret=TOKENS["CRM_SECRET"],
            search_lag_s=20,
        )
        facts = {name: one.manifest.facts() for name, one in INSTALLED.items()}
        config = parse_config(CONFIG, environ=ENVIRON | TOKENS, connectors=facts)
        transports = {"till": httpx.MockTransport(judged(self.till)), "crm": httpx.MockTransport(self._judged)}
        super().__init__(folder, config, *installed(config), transports, self.clock)

    def _judged(self, request: httpx.Request) -> httpx.Response:
        response = self.crm.respond(request)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    def at_crm(self) -> dict[str, Doc]:
        """Return the CRM's contacts by e-mail."""
        docs = [self.crm.contact(each) or {} for each in self.crm.contact_ids()]
        return {doc.get("email", ""): doc for doc in docs}

    def at_till(self) -> dict[str, Doc]:
        """Return the till's customers by e-mail."""
        docs = [self.till.customer(each) or {} for each in self.till.customer_ids()]
        return {doc.get("email_address", ""): doc for doc in docs}

    def hear(self) -> list[Receipt]:
        """Bring the CRM's waiting webhooks to the hub."""
        return [
            self.hub.receive("crm", WebhookRequest(self.crm.webhook_url, hook.headers, hook.body))
            for hook in self.crm.take_webhooks()
        ]


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[Pair]:
    running = Pair(tmp_path)
    yield running
    running.close()


def _linked(pair: Pair) -> tuple[str, str]:
    """Make Ada at the till and let her reach the CRM. Returns both ids."""
    till_id = pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.settle()
    (crm_id,) = pair.crm.contact_ids()
    pair.crm.take_webhooks()
    pair.writes()
    return till_id, crm_id


def _then(happens: Callable[[], object]) -> Break:
    """Let something happen at the system right after the write arrived."""

    def broken(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
        response = wire.pass_on(name, request)
        happens()
        return response

    return broken


def _assert_quiet(pair: Pair) -> None:
    assert pair.hub.open_items() == []
    pair.writes()
    pair.poll(2)
    assert pair.writes() == {"till": [], "crm": []}


def test_settle_brings_both_together_when_twenty_stand_on_each_side(pair: Pair) -> None:
    for n in range(20):
        both = n < 5
        mail = f"both{n}@x.example" if both else f"crm{n}@x.example"
        pair.crm.add_contact(firstname=f"P{n}", lastname="Roux", email=mail, address="Rue 1", city="Lyon", zip="69001")
        pair.till.add_customer(given_name=f"P{n}", family_name="Roux", email_address=mail if both else f"till{n}@x.example")
    pair.settle()
    crm, till = pair.at_crm(), pair.at_till()
    assert len(crm) == len(pair.crm.contact_ids()) == len(till) == len(pair.till.customer_ids()) == 35
    assert {mail: doc["firstname"] for mail, doc in crm.items()} == {mail: doc["given_name"] for mail, doc in till.items()}
    assert all(till[f"crm{n}@x.example"]["address"]["locality"] == "Lyon" for n in range(5, 20))
    _assert_quiet(pair)


def test_edits_of_different_fields_both_survive(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    pair.crm.edit_contact(crm_id, lastname="Lovelace")
    pair.till.edit_customer(till_id, phone_number="+33123456789")
    pair.poll(2)
    kept, shown = pair.crm.contact(crm_id) or {}, pair.till.customer(till_id) or {}
    assert (kept["lastname"], kept["phone"]) == ("Lovelace", "+33123456789")
    assert (shown["family_name"], shown["phone_number"]) == ("Lovelace", "+33123456789")
    _assert_quiet(pair)


def test_newest_edit_of_a_field_wins_although_the_record_was_touched_later(pair: Pair) -> None:
    """The CRM's edit of the name is the older one. That its phone was entered last does not make the name newer."""
    till_id, crm_id = _linked(pair)
    pair.crm.edit_contact(crm_id, firstname="Older")
    pair.clock.sleep(2)
    pair.till.edit_customer(till_id, given_name="Newer")
    pair.clock.sleep(2)
    pair.crm.edit_contact(crm_id, phone="+33123456789")
    pair.poll(3)
    kept, shown = pair.crm.contact(crm_id) or {}, pair.till.customer(till_id) or {}
    assert (kept["firstname"], shown["given_name"], shown["phone_number"]) == ("Newer", "Newer", "+33123456789")
    _assert_quiet(pair)


def test_edit_is_seen_at_once_by_webhook_though_the_search_lags(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    pair.crm.edit_contact(crm_id, firstname="Eda")
    assert pair.hear() == [Receipt.ACCEPTED]
    pair.settle(5)
    assert (pair.till.customer(till_id) or {})["given_name"] == "Eda"


def test_replayed_webhook_is_refused(pair: Pair) -> None:
    _, crm_id = _linked(pair)
    pair.crm.edit_contact(crm_id, firstname="Eda")
    (hook,) = pair.crm.take_webhooks()
    pair.clock.sleep(301)
    assert pair.hub.receive("crm", WebhookRequest(pair.crm.webhook_url, hook.headers, hook.body)) is Receipt.FORGED


def test_create_makes_one_contact_when_its_answer_is_lost(pair: Pair) -> None:
    pair.till.add_customer(given_name="Ada", email_address="ada@x.example")
    pair.wires["crm"].breaks = [lose_answer, lose_answer]
    pair.settle()
    assert len(pair.crm.contact_ids()) == 1
    _assert_quiet(pair)


def test_contact_with_a_taken_address_is_matched_and_not_made_twice(pair: Pair) -> None:
    pair.settle()
    pair.crm.add_contact(firstname="Ada", email="ada@x.example")
    pair.till.add_customer(given_name="Ada", family_name="Ley", email_address="ada@x.example")
    pair.poll(3)
    assert {mail: doc["lastname"] for mail, doc in pair.at_crm().items()} == {"ada@x.example": "Ley"}
    assert len(pair.till.customer_ids()) == 1
    _assert_quiet(pair)


def test_opt_out_in_the_crm_is_remembered(pair: Pair) -> None:
    _, crm_id = _linked(pair)
    pair.crm.opt_out(crm_id)
    pair.poll()
    assert [row[:3] for row in pair.edits() if row[0] == "consent.email_marketing"] == [
        ["consent.email_marketing", None, "withdrawn"]
    ]
    _assert_quiet(pair)


def test_company_record_is_shown_and_never_written(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    company = pair.crm.add_company("Mugs & Co")
    pair.crm.join_company(crm_id, company)
    pair.poll(2)
    assert (pair.till.customer(till_id) or {})["company_name"] == "Mugs & Co"
    pair.till.edit_customer(till_id, company_name="Cups")
    pair.poll(2)
    assert pair.crm.objects.records("companies")[company].values()["name"] == "Mugs & Co"
    assert "company" not in (pair.crm.contact(crm_id) or {})
    (letter,) = pair.dead_letters()
    assert (letter.code, letter.connection, letter.field) == ("push_refused", "crm", "company")
    pair.till.edit_customer(till_id, given_name="Eda")
    pair.poll(2)
    assert (pair.crm.contact(crm_id) or {})["firstname"] == "Eda"
    assert (pair.till.customer(till_id) or {})["company_name"] == "Cups"
    pair.writes()
    pair.poll(2)
    assert pair.writes() == {"till": [], "crm": []}


def test_company_is_written_as_a_text_when_the_contact_belongs_to_none(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    pair.till.edit_customer(till_id, company_name="Cups")
    pair.poll(2)
    assert (pair.crm.contact(crm_id) or {})["company"] == "Cups"
    _assert_quiet(pair)


def test_edit_survives_when_it_is_made_while_our_own_write_is_read_back(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    pair.till.edit_customer(till_id, company_name="Cups")
    pair.clock.sleep(31)
    pair.wires["crm"].breaks = [_then(lambda: pair.crm.edit_contact(crm_id, company="Plates"))]
    pair.round()
    pair.poll(3)
    assert ((pair.crm.contact(crm_id) or {})["company"], (pair.till.customer(till_id) or {})["company_name"]) == (
        "Plates",
        "Plates",
    )
    _assert_quiet(pair)


def test_deletion_in_the_crm_ends_the_link_and_nothing_else(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    pair.crm.archive_contact(crm_id)
    pair.poll(2)
    assert (pair.crm.contact_ids(), pair.till.customer(till_id) is not None) == ([], True)
    _assert_quiet(pair)


def test_merged_contacts_leave_one_that_is_matched_anew(pair: Pair) -> None:
    till_id, crm_id = _linked(pair)
    other = pair.crm.add_contact(lastname="Ley", phone="+33123456789")
    pair.poll(2)
    merged = pair.crm.merge_contacts(crm_id, other)
    assert pair.hear()[-1] is Receipt.ACCEPTED
    pair.poll(2)
    pair.crm.edit_contact(merged, firstname="Eda")
    pair.poll(2)
    assert (pair.till.customer(till_id) or {})["given_name"] == "Eda"
