"""Deals, tickets and notes: what happened with a contact.

Their documents have more than those of every CRM object: `contact` is the id of the first contact that they are associated with
(null: none), a note's `ticket` that of its ticket, and a note says `kind: note`. In deals and tickets `contact` can be written;
it is an association, made in a step of its own after the record. A ticket's `messages` hold what it was opened with, as the one
element `{id, body, at}` (none where it says nothing); conversations are no CRM objects and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from connectors.hubspot.client import HubSpotClient
from connectors.hubspot.documents import read_documents
from connectors.hubspot.kinds import CONTACTS, DEALS, NOTES, TICKETS, Kind
from connectors.hubspot.sinks import ObjectSink
from connectors.hubspot.streams import ObjectStream
from hub.model.values import Doc


def contact_of(docs: Sequence[Doc]) -> list[Doc]:
    """Return documents with the id of the contact that each belongs to."""
    return [doc | {"contact": next(iter(doc["associations"][CONTACTS.path]), None)} for doc in docs]


def opened_with(docs: Sequence[Doc]) -> list[Doc]:
    """Return ticket documents with the message that each was opened with."""
    return [doc | {"messages": _messages(doc)} for doc in docs]


def _messages(doc: Doc) -> list[Doc]:
    body = doc["properties"].get("content")
    at = doc["times"].get("content") or doc["createdAt"]
    return [{"id": f"{doc['id']}-content", "body": body, "at": at}] if body else []


class _OfContact(ObjectStream):
    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these records."""
        return contact_of(read_documents(client, self.kind, ids)) if ids else []


class _OfContactSink(ObjectSink):
    belongs: ClassVar[Mapping[str, str]] = {"contact": CONTACTS.path}

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these records."""
        return contact_of(read_documents(client, self.kind, ids))


class DealStream(_OfContact):
    """Deals. The hub makes one per order; what salespeople make is theirs."""

    name = DEALS.stream
    kind: ClassVar[Kind] = DEALS


class DealSink(_OfContactSink):
    """Deals, under our own unique property."""

    name = DEALS.stream
    kind: ClassVar[Kind] = DEALS


class TicketStream(_OfContact):
    """Tickets."""

    name = TICKETS.stream
    kind: ClassVar[Kind] = TICKETS

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these tickets."""
        return opened_with(super().documents(client, ids))


class TicketSink(_OfContactSink):
    """Tickets, under our own unique property."""

    name = TICKETS.stream
    kind: ClassVar[Kind] = TICKETS

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these tickets."""
        return opened_with(super().documents(client, ids))


class NoteStream(_OfContact):
    """Notes that people write down about a contact or a ticket. Read only."""

    name = NOTES.stream
    kind: ClassVar[Kind] = NOTES

    def documents(self, client: HubSpotClient, ids: Sequence[str]) -> list[Doc]:
        """Return the documents of these notes."""
        docs = super().documents(client, ids)
        return [doc | {"kind": "note", "ticket": next(iter(doc["associations"][TICKETS.path]), None)} for doc in docs]
