"""The kinds of CRM objects: they share one shape and one set of endpoints, and differ in the facts below.

Source: the vendor's contracts of contacts, companies, deals and tickets (CRM v3), and of notes in its public API specs, which
have the same shapes. Deals are addressed by their type id there. Contacts alone call their time of change `lastmodifieddate`.
Default properties: the vendor's property guides.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MARKER: Final = "syncline_id"
"""The property that carries our id: text, unique. The connector makes it before its first create."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of CRM object.

    `path` stands in every address, `event` in webhook topics. `modified` is the property that holds the time of the last change.
    `properties` are read beside all custom ones. `linked`: paths of the kinds whose ids are read with it.
    `natural_key`: a property that HubSpot itself keeps unique.
    """

    stream: str
    path: str
    event: str
    type_id: str
    properties: tuple[str, ...]
    modified: str = "hs_lastmodifieddate"
    linked: tuple[str, ...] = ()
    natural_key: str | None = None

    @property
    def address(self) -> str:
        """Return where its records are."""
        return f"/crm/v3/objects/{self.path}"


CONTACTS: Final = Kind(
    stream="contacts",
    path="contacts",
    event="contact",
    type_id="0-1",
    modified="lastmodifieddate",
    linked=("companies",),
    natural_key="email",
    properties=(
        "email",
        "hs_additional_emails",
        "firstname",
        "lastname",
        "phone",
        "mobilephone",
        "company",
        "address",
        "city",
        "state",
        "zip",
        "hs_country_region_code",
        "hs_email_optout",
    ),
)
COMPANIES: Final = Kind(
    stream="companies",
    path="companies",
    event="company",
    type_id="0-2",
    properties=("name", "domain", "phone", "city", "country"),
)
DEALS: Final = Kind(
    stream="deals",
    path="0-3",
    event="deal",
    type_id="0-3",
    linked=("contacts",),
    properties=("dealname", "amount", "dealstage", "pipeline", "closedate", "description"),
)
TICKETS: Final = Kind(
    stream="tickets",
    path="tickets",
    event="ticket",
    type_id="0-5",
    linked=("contacts",),
    properties=(
        "subject",
        "content",
        "hs_pipeline",
        "hs_pipeline_stage",
        "hs_ticket_priority",
        "hs_ticket_category",
        "source_type",
        "closed_date",
    ),
)
NOTES: Final = Kind(
    stream="notes",
    path="notes",
    event="note",
    type_id="0-46",
    linked=("contacts", "tickets"),
    properties=("hs_note_body", "hs_timestamp"),
)
ALL: Final = (CONTACTS, COMPANIES, DEALS, TICKETS, NOTES)
