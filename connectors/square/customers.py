"""Customers: SearchCustomers, BulkRetrieveCustomers, and create, update, delete.

A document is Square's `Customer`, complete in every answer (search, retrieve, create, update). `version` counts from 0 by one.
A search shows a change within 30 s under normal conditions (vendor's ListCustomers text); retrieving by id shows it at once.
A profile without name, company, e-mail and phone is in no search or list, but can be retrieved.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.square.client import SquareClient, before, chunks, fit_key, inside, refusal
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream, VersionKind

PAGE: Final = 100
WRITABLE: Final = (
    "given_name",
    "family_name",
    "company_name",
    "nickname",
    "email_address",
    "address",
    "phone_number",
    "reference_id",
    "note",
    "birthday",
    "tax_ids",
)
"""What CreateCustomer and UpdateCustomer take."""


class CustomerStream(Stream[SquareClient]):
    """Customer profiles, oldest first: one that is created meanwhile comes last, one that is changed keeps its place."""

    name = "customers"
    version = VersionKind.COUNTER
    visible_after_s: ClassVar[float] = 30.0
    overlap_s: ClassVar[float] = 60.0  # twice the search's delay: a change shows later than its `updated_at` says
    fetch_limit: ClassVar[int] = 100

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of SearchCustomers, with the number of profiles that match."""
        query: Doc = {"sort": {"field": "CREATED_AT", "order": "ASC"}}
        if cursor.since is not None:
            query["filter"] = {"updated_at": {"start_at": before(cursor.since)}}
        body: Doc = {"limit": PAGE, "count": True, "query": query}
        if cursor.token:
            body["cursor"] = cursor.token
        answer = client.read("POST", "/v2/customers/search", body)
        return Page(answer.get("customers", []), answer.get("cursor"), answer.get("count"))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these customers."""
        found: list[Doc] = []
        for some in chunks(ids, PAGE):
            responses = client.read("POST", "/v2/customers/bulk-retrieve", {"customer_ids": some}).get("responses", {})
            found += [responses[each]["customer"] for each in some if "customer" in responses.get(each, {})]
        return found


class CustomerSink(Sink[SquareClient]):
    """Creates with an idempotency key and our marker in `reference_id`; updates and deletes name the version."""

    name = "customers"
    create = Safe.IDEMPOTENCY_KEY
    update = Safe.VERSION
    delete = Safe.VERSION
    marker: ClassVar[str | None] = "reference_id"
    writes_at_once: ClassVar[int] = 4

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call."""
        match change.operation:
            case Operation.CREATE:
                body = {name: change.after[name] for name in WRITABLE if change.after.get(name) not in (None, "", {})}
                return [Call("create", body | ({"reference_id": change.marker} if change.marker else {}))]
            case Operation.UPDATE:
                changed = _changed(change)
                return [Call("update", changed | _versioned(change))] if changed else []
            case Operation.DELETE:
                return [Call("delete", _versioned(change))]
            case Operation.ADJUST | Operation.ACT:
                message = "customers have no quantities, and nothing is done to them"
                raise ValueError(message)

    def send(self, client: SquareClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it; a create or update is answered with the whole customer."""
        path = f"/v2/customers/{external_id}"
        if call.name == "create":
            reply = client.write("POST", "/v2/customers", call.body | {"idempotency_key": fit_key(key)})
        elif call.name == "update":
            reply = client.write("PUT", path, call.body)
        else:
            reply = client.write("DELETE", path, params={name: str(value) for name, value in call.body.items()})
        refused = refusal(reply)
        if refused:
            return refused
        if call.name == "delete":
            return Answer(AnswerKind.DONE, external_id=external_id)
        doc = inside(reply, "customer")
        return Answer(AnswerKind.DONE, doc=doc, external_id=doc["id"])

    def find(self, client: SquareClient, change: Change) -> Sequence[Doc]:
        """Return customers that carry our marker. The search may lag; resending with the same key does not depend on it."""
        if not change.marker:
            return []
        query = {"filter": {"reference_id": {"exact": change.marker}}, "sort": {"field": "CREATED_AT", "order": "ASC"}}
        found = client.read("POST", "/v2/customers/search", {"limit": PAGE, "query": query}).get("customers", [])
        return [doc for doc in found if doc.get("reference_id") == change.marker]


def _versioned(change: Change) -> Doc:
    return {"version": change.version} if change.version is not None else {}


def _changed(change: Change) -> Doc:
    """Return the sparse update: null removes a field. Source: UpdateCustomer in the vendor's contract."""
    names = dict.fromkeys(path.split(".")[0] for path in change.paths)
    body: Doc = {name: change.after.get(name) or None for name in names if name in WRITABLE}
    if body.get("address"):
        # An address is sparse as well: a line that is gone has to be named.
        old: dict[str, Any] = (change.before or {}).get("address") or {}
        body["address"] = dict.fromkeys(old) | body["address"]
    return body
