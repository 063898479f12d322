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

VOLATILE = frozenset({"updatedAt", "times"})


def _fake(now: Callable[[], Micros], webhook_url: str) -> HubSpotFake:
    return HubSpotFake(now, webhook_url=webhook_url, per_interval=None, searches_per_s=None)


def _contacts(fake: HubSpotFake, count: int) -> list[str]:
    first = len(fake.contact_ids())
    company = fake.add_company("Mugs & Co")
    made = [fake.add_contact(firstname=f"Ann{i}", email=f"ann{first + i}@example.com", city="Lund") for i in range(count)]
    fake.join_company(made[0], company)
    return made


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
            identity=lambda doc: str(doc["id"]),
            touch=lambda fake, external_id: fake.edit_contact(external_id, phone="+46 70 123 45 67"),
            new={"properties": {"firstname": "Bo", "email": "bo@example.com"}, "address": {"city": "Malmö"}},
            edit=_edit,
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
