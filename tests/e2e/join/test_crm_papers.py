"""Orders of a shop as deals in a CRM, and the CRM's tickets and notes, through the real connector and the real hub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, ClassVar, Final

import httpx
import pytest

from connectors.hubspot import CONNECTOR, HubSpotFake
from hub.clock import instant
from hub.config import Belonging, Config, ConnectionConfig, Create, Start, Update
from hub.mapping import load
from hub.model.documents import Document
from hub.model.link import LinkKey
from hub.model.record import EntityType
from hub.model.values import Doc
from hub.runtime.assemble import load_tables
from hub.sdk import Connector, Cursor, Http, Page, Stream, VersionKind
from tests.connectors.hubspot.contract import contract
from tests.retailer import ROOT, START, Driven, lose_answer
from tests.unit.clocks import StillClock

CUSTOMERS: Final = """
mapping: 1
connector: counter
stream: customers
entity: customer
identity: id
version: version
fields: {given_name: name, email: email}
"""
ORDERS: Final = """
mapping: 1
connector: counter
stream: orders
entity: order
identity: id
version: version
fields:
  number: number
  state: {path: state, values: {open: open, completed: done, cancelled: void}}
  placed_at: placed
  total: {path: total, minor: iso, currency: EUR}
refs: {customer: {path: customer, stream: customers}}
"""
SETTINGS: Final = {"access_token": "pat-fake", "client_secret": "s", "currency": "EUR", "base_url": "https://crm.test"}


class Rows(Stream[Any]):
    """Documents from a list; every one is shown at every poll."""

    version = VersionKind.COUNTER
    incremental: ClassVar[bool] = False

    def __init__(self, name: str, rows: dict[str, Doc]) -> None:
        self.name = name  # type: ignore[misc]
        self.rows = rows

    def page(self, client: Any, cursor: Cursor) -> Page:
        return Page([dict(row) for row in self.rows.values()])

    def fetch(self, client: Any, ids: Sequence[str]) -> Sequence[Doc]:
        return [dict(self.rows[each]) for each in ids if each in self.rows]


class Counter(Connector[None]):
    """A shop that can only be read."""

    name = "counter"

    def __init__(self) -> None:
        self.customers: dict[str, Doc] = {}
        self.orders: dict[str, Doc] = {}
        streams = (Rows("customers", self.customers), Rows("orders", self.orders))
        self.streams: Mapping[str, Stream[Any]] = {stream.name: stream for stream in streams}  # type: ignore[misc]

    def client(self, settings: Mapping[str, str], http: Http) -> None:
        return None

    def person(self, name: str) -> str:
        """Somebody buys here for the first time."""
        key = f"p{len(self.customers)}"
        self.customers[key] = {"id": key, "version": 1, "name": name, "email": f"{name.lower()}@x.example"}
        return key

    def sell(self, at: int, total: int, customer: str | None = None) -> str:
        """Somebody buys something."""
        key = str(1001 + len(self.orders))
        row = {"id": key, "version": 1, "number": f"#{key}", "state": "open", "placed": instant(at), "total": total}
        self.orders[key] = row | {"customer": customer}
        return key

    def change(self, key: str, **values: Any) -> None:
        """An order moves on."""
        row = self.orders[key]
        self.orders[key] = row | values | {"version": row["version"] + 1}


class Office(Driven):
    """A shop and a CRM. Customers and orders go to the CRM."""

    def __init__(self, folder: Path) -> None:
        self.clock: StillClock = StillClock(START)
        self.shop = Counter()
        self.crm = HubSpotFake(self.clock.now, token=SETTINGS["access_token"], search_lag_s=20)
        always = Belonging(create=Create.ALWAYS)
        shown = Belonging(create=Create.ALWAYS, update=Update.CREATED_BY_HUB)
        config = Config(
            connections={
                "shop": ConnectionConfig(connector="counter", start=Start.LIVE, every_s=30.0, seed_rank=1),
                "crm": ConnectionConfig(
                    connector="hubspot",
                    settings=SETTINGS,
                    start=Start.LIVE,
                    every_s=30.0,
                    seed_rank=2,
                    entities={EntityType.CUSTOMER: always, EntityType.ORDER: shown},
                ),
            }
        )
        counter = {name: load(text, f"{name}.yaml") for name, text in (("customers", CUSTOMERS), ("orders", ORDERS))}
        tables = {"counter": counter, "hubspot": load_tables([ROOT / "mappings"], "hubspot")}
        transports = {"shop": httpx.MockTransport(lambda _: httpx.Response(404)), "crm": httpx.MockTransport(self._judged)}
        super().__init__(folder, config, {"shop": self.shop, "crm": CONNECTOR}, tables, transports, self.clock)

    def _judged(self, request: httpx.Request) -> httpx.Response:
        response = self.crm.respond(request)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    def deals(self) -> dict[str, Doc]:
        """Return the CRM's deals by name, each with the contacts it belongs to."""
        found = {each: self.crm.record("0-3", each) or {} for each in self.crm.ids("0-3")}
        return {doc["dealname"]: doc | {"contacts": self.crm.linked("0-3", each, "contacts")} for each, doc in found.items()}

    def papers(self, contact: str) -> list[Document]:
        """Return the documents of the customer whom a contact is."""

        def look(unit: Any) -> list[Document]:
            [link] = unit.links([LinkKey("crm", "contacts", contact)]).values()
            found: list[Document] = unit.documents_of("customer", [link.entity_id])
            return found

        return self.hub.writer.submit(look).result()


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    running = Office(tmp_path)
    yield running
    running.close()


def _assert_quiet(office: Office) -> None:
    assert office.hub.open_items() == []
    office.writes()
    office.poll(2)
    assert office.writes()["crm"] == []


def test_every_order_becomes_one_deal_of_its_contact(office: Office) -> None:
    ada = office.shop.person("Ada")
    for total in (4990, 1250):
        office.shop.sell(office.clock.now(), total, ada)
    office.shop.sell(office.clock.now(), 100)
    office.settle()
    office.poll()
    (contact,) = office.crm.contact_ids()
    assert {name: (doc["amount"], doc["dealstage"], doc["contacts"]) for name, doc in office.deals().items()} == {
        "#1001": ("49.90", "contractsent", [contact]),
        "#1002": ("12.50", "contractsent", [contact]),
        "#1003": ("1.00", "contractsent", []),
    }
    assert len(office.crm.ids("0-3")) == 3
    _assert_quiet(office)


def test_deal_follows_its_order_and_not_the_salesperson(office: Office) -> None:
    order = office.shop.sell(office.clock.now(), 4990)
    office.settle()
    (deal,) = office.crm.ids("0-3")
    office.shop.change(order, state="done", total=4000)
    office.poll(2)
    assert {name: (doc["amount"], doc["dealstage"]) for name, doc in office.deals().items()} == {"#1001": ("40.00", "closedwon")}
    office.crm.edit("0-3", deal, amount="1", description="a nice one")
    office.clock.sleep(30)
    office.poll(2)
    assert {(doc["amount"], doc["description"]) for doc in office.deals().values()} == {("40.00", "a nice one")}
    _assert_quiet(office)


def test_deal_of_a_salesperson_is_left_alone(office: Office) -> None:
    office.crm.add("0-3", dealname="big fish", dealstage="qualifiedtobuy", amount="100000")
    office.settle()
    office.poll(2)
    assert office.deals()["big fish"]["dealstage"] == "qualifiedtobuy"
    known = office.hub.writer.submit(lambda unit: list(unit.documents_numbered(["big fish"], EntityType.ORDER))).result()
    assert known == []
    assert office.writes()["crm"] == []
    assert office.hub.open_items() == []


@pytest.mark.parametrize("lost", [1, 2])
def test_order_becomes_one_deal_when_an_answer_is_lost(office: Office, lost: int) -> None:
    office.settle()
    office.wires["crm"].breaks = [lose_answer] * lost
    office.shop.sell(office.clock.now(), 4990)
    office.poll(3)
    assert [doc["amount"] for doc in office.deals().values()] == ["49.90"]
    assert len(office.crm.ids("0-3")) == 1
    _assert_quiet(office)


def test_tickets_and_notes_stand_with_the_customer(office: Office) -> None:
    ada = office.shop.person("Ada")
    office.shop.sell(office.clock.now(), 4990, ada)
    office.settle()
    office.poll()
    (contact,) = office.crm.contact_ids()
    office.crm.add("tickets", contact=contact, subject="Where is it?", content="Since Monday", hs_pipeline_stage="1")
    office.crm.add("notes", contact=contact, hs_note_body="called", hs_timestamp="2026-07-01T09:00:00.000Z")
    office.clock.sleep(30)
    office.poll(2)
    told = sorted((one.type.value, one.state) for one in office.papers(contact))
    assert told == [("interaction", "note"), ("order", "open"), ("ticket", "new")]
    office.crm.edit("tickets", office.crm.ids("tickets")[0], hs_pipeline_stage="4")
    office.clock.sleep(30)
    office.poll(2)
    assert ("ticket", "solved") in {(one.type.value, one.state) for one in office.papers(contact)}
    _assert_quiet(office)
