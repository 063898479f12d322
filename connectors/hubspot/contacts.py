"""Contacts. Their document has three things more than that of every CRM object:

* `address: {address, city, state, zip, hs_country_region_code}`: these properties stand here and not under `properties`.
* `company: {id, name, at}`: the company they belong to. The name is that of the primary associated company record and `at` the
  time at which it was entered there; where none is associated, it is the text in the contact's own property `company`, which
  stands nowhere else. A name is written into that text. Where a record is associated it is refused, since nobody would see it;
  no company record is ever made or changed.
* `contact_points: [{kind, value, role}]`: further e-mail addresses and the mobile number. Not written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.documents import read_documents
from connectors.hubspot.kinds import COMPANIES, CONTACTS, Kind
from connectors.hubspot.sinks import ObjectSink
from connectors.hubspot.streams import ObjectStream
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Operation

ADDRESS: Final = ("address", "city", "state", "zip", "hs_country_region_code")
NAME: Final = "company.name"
SEPARATOR: Final = ";"
"""Between the addresses in `hs_additional_emails`, as in every property of several values."""


def contact_documents(client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
    """Return the documents of these contacts."""
    docs = read_documents(client, CONTACTS, ids)
    first = {doc["id"]: next(iter(doc["associations"][COMPANIES.path]), None) for doc in docs}
    wanted = list(dict.fromkeys(each for each in first.values() if each))
    companies = {one["id"]: one for one in (read_documents(client, COMPANIES, wanted) if wanted else [])}
    for doc in docs:
        text = doc["properties"].pop("company", None)
        doc["company"] = _company(doc, text, companies.get(first[doc["id"]] or ""))
        doc["contact_points"] = _contact_points(doc["properties"])
        doc["address"] = {name: doc["properties"].pop(name) for name in ADDRESS if name in doc["properties"]}
    return docs


def _company(doc: Doc, text: str | None, record: Doc | None) -> Doc:
    if record is None or not record["properties"].get("name"):
        return {"id": None, "name": text, "at": doc["times"].get("company")}
    return {"id": record["id"], "name": record["properties"]["name"], "at": record["times"].get("name")}


def _contact_points(properties: Doc) -> list[Doc]:
    emails = [each.strip() for each in (properties.get("hs_additional_emails") or "").split(SEPARATOR)]
    points = [{"kind": "email", "value": each, "role": "additional"} for each in emails if each]
    mobile = properties.get("mobilephone")
    return points + ([{"kind": "phone", "value": mobile, "role": "mobile"}] if mobile else [])


class ContactStream(ObjectStream):
    """Contacts, with the time at which each of their properties was last changed."""

    name = CONTACTS.stream
    kind: ClassVar[Kind] = CONTACTS

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these contacts."""
        return contact_documents(client, ids) if ids else []


class ContactSink(ObjectSink):
    """Contacts. The e-mail address is unique in an account."""

    name = CONTACTS.stream
    kind: ClassVar[Kind] = CONTACTS
    blames: ClassVar[Mapping[str, str]] = {"company": NAME, **{name: f"address.{name}" for name in ADDRESS}}

    def properties(self, doc: Doc) -> Doc:
        """Return the properties that a document, or the changed part of one, names; an address that is gone has five."""
        named: Doc = dict(doc.get("properties") or {})
        if "address" in doc:
            named |= dict.fromkeys(ADDRESS) if doc["address"] is None else doc["address"]
        if "name" in (doc.get("company") or {}):
            named["company"] = doc["company"]["name"]
        return named

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call; where it would name a company anew that has a record of its own, one that is refused."""
        record = ((change.before or {}).get("company") or {}).get("id")
        if change.operation is Operation.UPDATE and record and NAME in change.paths:
            return [Call("name_company", {"id": record})]
        return super().calls(change)

    def send(self, client: HubSpotClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it. No answer holds the whole record."""
        if call.name == "name_company":
            reason = "The contact belongs to a company record in HubSpot; its name is changed there, by people."
            return Answer(AnswerKind.REFUSED, blames=NAME, reason=reason)
        return super().send(client, call, key, external_id)

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these contacts."""
        return contact_documents(client, ids)
