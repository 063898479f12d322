"""Customers of the simulated account."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from connectors.square.fake.core import API, Core, Failure, bad, ids_of, iso, limit_of, missing, page, read_time
from hub.model.values import Doc, Micros

PUBLIC: Final = ("given_name", "family_name", "company_name", "email_address", "phone_number")
LONGEST: Final = {
    "given_name": 300,
    "family_name": 300,
    "company_name": 500,
    "nickname": 100,
    "email_address": 254,
    "reference_id": 100,
}
WRITABLE: Final = {*LONGEST, "address", "phone_number", "note", "birthday", "tax_ids"}


class Customers:
    """Versions start at 0 and grow by one. `search_lag_s`: how long a search or list still shows what was before."""

    def __init__(self, core: Core, search_lag_s: float) -> None:
        self.core = core
        self.search_lag_s = search_lag_s

    def current(self, customer_id: str) -> Doc | None:
        """Return a customer as it is, None when there is none."""
        states = self.core.state.customers.get(customer_id)
        return copy.deepcopy(states[-1][1]) if states else None

    def create(self, fields: Doc, actor: str, *, source: str) -> Doc:
        """Add a customer. Raises Failure when a value is not valid or nothing public is given."""
        values = _checked(fields)
        if not any(values.get(name) for name in PUBLIC):
            raise bad(
                "BAD_REQUEST", "At least one of given_name, family_name, company_name, email_address, phone_number is required."
            )
        now = self.core.now()
        doc: Doc = {"id": self.core.new_id("customer", 26), "created_at": iso(now), "updated_at": iso(now)}
        doc |= {name: value for name, value in values.items() if value not in (None, "")}
        doc |= {"preferences": {"email_unsubscribed": False}, "creation_source": source, "version": 0}
        self._keep(doc["id"], doc, actor, "created")
        return doc

    def update(self, customer_id: str, fields: Doc, actor: str, version: int | None = None) -> Doc:
        """Change what `fields` names; None removes. Without `version` the latest is assumed."""
        doc = self._expect(customer_id, version)
        for name, value in _checked(fields).items():
            merged = _merge_address(doc.get(name), value) if name == "address" else value
            if merged in (None, "", {}):
                doc.pop(name, None)
            else:
                doc[name] = merged
        self._bump(doc, actor)
        return doc

    def unsubscribe(self, customer_id: str, actor: str, *, unsubscribed: bool) -> None:
        """Record that the customer opted out of marketing mail (or took it back). The API cannot write this."""
        doc = self._expect(customer_id, None)
        doc["preferences"] = {"email_unsubscribed": unsubscribed}
        self._bump(doc, actor)

    def delete(self, customer_id: str, actor: str, version: int | None = None) -> None:
        """Delete a customer."""
        doc = self._expect(customer_id, version)
        self.core.state.customers[customer_id].append((self.core.now(), None))
        self.core.account.note(actor, "deleted", "customer", customer_id)
        self.core.emit("customer.deleted", {"type": "customer", "id": customer_id, "deleted": True, "object": {"customer": doc}})

    def search(self, body: Doc) -> Doc:
        """Answer SearchCustomers: only profiles with public information, as they were `search_lag_s` ago."""
        limit = limit_of(body, 100, 100)
        query = body.get("query") or {}
        sort = query.get("sort") or {}
        rows = [doc for doc in self._visible() if _fits(doc, query.get("filter") or {})]
        if sort.get("field") == "CREATED_AT":
            keyed = sorted(((f"{doc['created_at']} {doc['id']}", doc) for doc in rows), key=lambda row: row[0])
        else:
            keyed = sorted(((_alphabetic(doc), doc) for doc in rows), key=lambda row: row[0])
        if sort.get("order", "ASC") == "DESC":
            raise Failure(501, "NOT_IMPLEMENTED", "This simulator sorts ascending only.", category="API_ERROR")
        found, cursor = page(keyed, body, limit, query_of="customers")
        answer: Doc = {"customers": copy.deepcopy(found)} if found else {}
        return answer | ({"cursor": cursor} if cursor else {}) | ({"count": len(keyed)} if body.get("count") else {})

    def retrieve_many(self, body: Doc) -> Doc:
        """Answer BulkRetrieveCustomers; not delayed."""
        responses: Doc = {}
        for each in ids_of(body, "customer_ids", 100):
            doc = self.current(each)
            responses[each] = {"customer": doc} if doc else missing("Customer", each).body()
        return {"responses": responses}

    def route(self, method: str, parts: list[str], body: Doc, params: Doc) -> Doc:
        """Answer a request under /v2/customers."""
        match method, parts:
            case "POST", []:
                return self.core.once("customers", body, lambda: {"customer": self._created(body)}, longest=192)
            case "POST", ["search"]:
                return self.search(body)
            case "POST", ["bulk-retrieve"]:
                return self.retrieve_many(body)
            case "GET", [customer_id]:
                return {"customer": self._expect(customer_id, None)}
            case "PUT", [customer_id]:
                fields = {name: value for name, value in body.items() if name != "version"}
                return {"customer": self.update(customer_id, fields, API, body.get("version"))}
            case "DELETE", [customer_id]:
                self.delete(customer_id, API, int(params["version"]) if "version" in params else None)
                return {}
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _created(self, body: Doc) -> Doc:
        fields = {name: value for name, value in body.items() if name != "idempotency_key"}
        return self.create(fields, API, source="THIRD_PARTY")

    def _expect(self, customer_id: str, version: int | None) -> Doc:
        doc = self.current(customer_id)
        if doc is None:
            raise missing("Customer", customer_id)
        if version is not None and version != doc["version"]:
            raise Failure(409, "VERSION_MISMATCH", "The customer was changed by another request.", "version")
        return doc

    def _bump(self, doc: Doc, actor: str) -> None:
        doc |= {"version": doc["version"] + 1, "updated_at": iso(self.core.now())}
        self._keep(doc["id"], doc, actor, "updated")

    def _keep(self, customer_id: str, doc: Doc, actor: str, action: str) -> None:
        kept = copy.deepcopy(doc)
        self.core.state.customers.setdefault(customer_id, []).append((self.core.now(), kept))
        self.core.account.note(actor, action, "customer", customer_id, **copy.deepcopy(kept))
        self.core.emit(f"customer.{action}", {"type": "customer", "id": customer_id, "object": {"customer": kept}})

    def _visible(self) -> list[Doc]:
        until: Micros = self.core.now() - int(self.search_lag_s * 1_000_000)
        seen = (next((doc for at, doc in reversed(states) if at <= until), None) for states in self.core.state.customers.values())
        return [doc for doc in seen if doc is not None and any(doc.get(name) for name in PUBLIC)]


def _alphabetic(doc: Doc) -> str:
    return f"{doc.get('given_name', '')}\x00{doc.get('family_name', '')}\x00{doc['id']}"


def _fits(doc: Doc, wanted: Doc) -> bool:
    for name in ("created_at", "updated_at"):
        span = wanted.get(name) or {}
        at = read_time(doc[name], name)
        if span.get("start_at") and at < read_time(span["start_at"], f"query.filter.{name}.start_at"):
            return False
        if span.get("end_at") and at >= read_time(span["end_at"], f"query.filter.{name}.end_at"):
            return False
    texts = [(name, (wanted.get(name) or {}).get("exact")) for name in ("email_address", "phone_number", "reference_id")]
    return all(exact is None or str(doc.get(name, "")).casefold() == str(exact).casefold() for name, exact in texts)


def _merge_address(old: Any, new: Any) -> Any:
    """An address in an update is sparse too: only what it names changes."""
    if new is None:
        return None
    merged = {**(old or {}), **new}
    return {name: value for name, value in merged.items() if value not in (None, "")}


def _checked(fields: Doc) -> Doc:
    for name, value in fields.items():
        if name not in WRITABLE:
            raise bad("UNKNOWN_BODY_PARAMETER", "Unknown or read-only parameter.", name)
        if name not in ("address", "tax_ids") and value is not None and not isinstance(value, str):
            raise bad("EXPECTED_STRING", "Expected a string value.", name)
        if name in LONGEST and len(value or "") > LONGEST[name]:
            raise bad("VALUE_TOO_LONG", f"At most {LONGEST[name]} characters.", name)
    _check_email(fields.get("email_address"))
    _check_phone(fields.get("phone_number"))
    return fields | ({"birthday": _birthday(fields["birthday"])} if fields.get("birthday") else {})


def _check_email(value: str | None) -> None:
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
        raise bad("INVALID_EMAIL_ADDRESS", "Expected a valid email address.", "email_address")


def _check_phone(value: str | None) -> None:
    if value and not 9 <= sum(char.isdigit() for char in value) <= 16:
        raise bad("INVALID_PHONE_NUMBER", "Expected 9 to 16 digits.", "phone_number")


def _birthday(value: str) -> str:
    text = value if len(value) > 5 else f"0000-{value}"
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", text):
        raise bad("INVALID_TIME", "Expected YYYY-MM-DD or MM-DD.", "birthday")
    return text
