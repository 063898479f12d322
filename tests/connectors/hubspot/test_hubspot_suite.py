"""HubSpot in the suite that every connector inherits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import connectors.hubspot
from connectors.hubspot import CONNECTOR, HubSpotFake
from connectors.hubspot.fake import CLIENT_SECRET, TOKEN
from hub.model.values import Doc, Micros
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract

CONTACT = "501"
"""The first id that is drawn."""
VOLATILE = frozenset({"updatedAt", "times"})


def _fake(now: Callable[[], Micros], webhook_url: str) -> HubSpotFake:
    fake = HubSpotFake(now, webhook_url=webhook_url, per_interval=None, searches_per_s=None)
    fake.add_contact(firstname="Somebody")
    return fake


def _contacts(fake: HubSpotFake, count: int) -> list[str]:
    first = len(fake.contact_ids())
    company = fake.add_company("Mugs & Co")
    made = [fake.add_contact(firstname=f"Ann{i}", email=f"ann{first + i}@example.com", city="Lund") for i in range(count)]
    fake.join_company(made[0], company)
    return made


def _deals(fake: HubSpotFake, count: int) -> list[str]:
    return [fake.add("0-3", contact=CONTACT, dealname=f"#{i}", amount="12.50", dealstage="contractsent") for i in range(count)]


def _tickets(fake: HubSpotFake, count: int) -> list[str]:
    return [fake.add("tickets", contact=CONTACT, subject=f"Where is #{i}?", hs_pipeline_stage="1") for i in range(count)]


def _notes(fake: HubSpotFake, count: int) -> list[str]:
    made = [fake.add("notes", hs_note_body="called", hs_timestamp="2026-03-01T09:00:00.000Z") for _ in range(count)]
    for each in made:
        fake.associate("notes", each, "contacts", CONTACT)
    return made


def _edit_deal(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"properties": doc["properties"] | {"amount": "9.90", "dealstage": "closedwon"}}, (
        "properties.amount",
        "properties.dealstage",
    )


def _edit_ticket(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"properties": doc["properties"] | {"hs_pipeline_stage": "4"}}, ("properties.hs_pipeline_stage",)


def _identity(doc: Doc) -> str:
    return str(doc["id"])


def _edit(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    properties = doc["properties"] | {"firstname": "Anne", "lastname": None}
    changed = doc | {"properties": properties, "address": doc["address"] | {"city": "Malmö"}}
    return changed, ("properties.firstname", "properties.lastname", "address.city")


CASE = Case(
    connector=CONNECTOR,
    fake=_fake,
    settings={"access_token": TOKEN, "client_secret": CLIENT_SECRET},
    streams={
        "contacts": StreamCase(
            make=_contacts,
            identity=_identity,
            touch=lambda fake, external_id: fake.edit_contact(external_id, phone="+46 70 123 45 67"),
            new={"properties": {"firstname": "Bo", "email": "bo@example.com"}, "address": {"city": "Malmö"}},
            edit=_edit,
            volatile=VOLATILE,
            count=60,
        ),
        "deals": StreamCase(
            make=_deals,
            identity=_identity,
            touch=lambda fake, external_id: fake.edit("0-3", external_id, amount="1"),
            new={"properties": {"dealname": "#7", "amount": "12.50", "dealstage": "contractsent"}, "contact": CONTACT},
            edit=_edit_deal,
            volatile=VOLATILE,
            count=60,
        ),
        "tickets": StreamCase(
            make=_tickets,
            identity=_identity,
            touch=lambda fake, external_id: fake.edit("tickets", external_id, hs_ticket_priority="HIGH"),
            new={"properties": {"subject": "Where is it?", "hs_pipeline_stage": "1"}, "contact": CONTACT},
            edit=_edit_ticket,
            volatile=VOLATILE,
            count=60,
        ),
        "notes": StreamCase(
            make=_notes,
            identity=_identity,
            touch=lambda fake, external_id: fake.edit("notes", external_id, hs_note_body="called again"),
            volatile=VOLATILE,
            count=60,
        ),
    },
    folder=Path(connectors.hubspot.__file__).parent,
    signature_header="x-hubspot-signature-v3",
    secrets=(TOKEN, CLIENT_SECRET),
)


class TestHubSpot(ConnectorContract):
    """What every connector must do."""

    case = CASE
