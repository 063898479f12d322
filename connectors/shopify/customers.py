"""Customers: documents with their addresses, and the ordered steps that write one.

Document: `{id, firstName, lastName, defaultEmailAddress: {emailAddress, marketingState, marketingUpdatedAt}, defaultPhoneNumber:
{phoneNumber, marketingState}, verifiedEmail, note, locale, tags, state, createdAt, updatedAt, addresses: [{id, firstName,
lastName, company, address1, address2, city, provinceCode, zip, countryCodeV2, phone}]}`. The two `default...` objects are null at
Shopify where there is no address or number; here they are always there, with nulls and NOT_SUBSCRIBED.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.shopify import queries
from connectors.shopify.client import ShopifyClient, refusal
from connectors.shopify.paging import page, rest, since
from hub.model.values import Doc
from hub.sdk.base import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream

_EMAIL: Final = "defaultEmailAddress"
_PHONE: Final = "defaultPhoneNumber"
_PLAIN: Final = ("firstName", "lastName", "note", "locale", "tags")
_ADDRESS: Final = ("firstName", "lastName", "company", "address1", "address2", "city", "provinceCode", "zip", "phone")
_BLAMES: Final = {
    **{name: name for name in _PLAIN},
    "email": f"{_EMAIL}.emailAddress",
    "phone": f"{_PHONE}.phoneNumber",
    "emailMarketingConsent": f"{_EMAIL}.marketingState",
    "smsMarketingConsent": f"{_PHONE}.marketingState",
    "addresses": "addresses",
    "address": "addresses",
}
_MUTATIONS: Final = {
    "customerCreate": queries.CUSTOMER_CREATE,
    "customerUpdate": queries.CUSTOMER_UPDATE,
    "customerEmailMarketingConsentUpdate": queries.EMAIL_CONSENT,
    "customerSmsMarketingConsentUpdate": queries.SMS_CONSENT,
    "customerAddressCreate": queries.ADDRESS_CREATE,
    "customerAddressUpdate": queries.ADDRESS_UPDATE,
    "customerAddressDelete": queries.ADDRESS_DELETE,
    "customerDelete": queries.CUSTOMER_DELETE,
}


def document(client: ShopifyClient, node: Doc) -> Doc:
    """Return a customer node in the stream's shape, with all its addresses."""
    doc = {name: value for name, value in node.items() if name != "addressesV2"}
    doc["addresses"] = rest(client, node["addressesV2"], queries.CUSTOMER_ADDRESSES, "customer", "addressesV2", node["id"])
    doc[_EMAIL] = node[_EMAIL] or {"emailAddress": None, "marketingState": "NOT_SUBSCRIBED", "marketingUpdatedAt": None}
    doc[_PHONE] = node[_PHONE] or {"phoneNumber": None, "marketingState": "NOT_SUBSCRIBED"}
    return doc


class Customers(Stream[ShopifyClient]):
    """Customers by time of change; ties are ordered by id. The list is a search index that lags a little behind writes."""

    name: ClassVar[str] = "customers"
    overlap_s: ClassVar[float] = 60.0  # the search index shows a change late; the record itself is read fresh
    visible_after_s: ClassVar[float] = 1.0

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of at most 50 customers (about 700 points)."""
        found = client.read(queries.CUSTOMERS, first=50, after=cursor.token, query=since(cursor.since))["customers"]
        return page(found, [document(client, node) for node in found["nodes"]])

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id, straight from the records."""
        found = client.read(queries.CUSTOMERS_BY_ID, ids=list(ids))["nodes"] if ids else []
        return [document(client, node) for node in found if node]


class CustomerSink(Sink[ShopifyClient]):
    """Writes customers. Addresses first, then consent, then the record itself, so that the last answer is the whole record."""

    name: ClassVar[str] = "customers"
    create: ClassVar[Safe | None] = Safe.NATURAL_KEY  # the e-mail address is unique in a shop, and so is the phone number
    update: ClassVar[Safe | None] = Safe.PLAIN
    delete: ClassVar[Safe | None] = Safe.PLAIN
    writes_at_once: ClassVar[int] = 4

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the ordered steps of a change."""
        match change.operation:
            case Operation.CREATE:
                addresses = [_creation(address) for address in change.after.get("addresses") or ()]
                return [
                    Call("customerCreate", {"input": _create_input(change.after)}),
                    *_sms_after_create(change.after),
                    *addresses,
                ]
            case Operation.UPDATE:
                return _update_calls(change)
            case Operation.DELETE:
                return [Call("customerDelete", {"input": {}})]
            case Operation.ADJUST | Operation.ACT:
                return []

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no idempotency here
        """Make one step. An address step answers without the customer, so its answer carries no document."""
        payload = client.write(_MUTATIONS[call.name], **_addressed(call, external_id))
        refused = refusal(payload, _BLAMES)
        if refused is not None:
            return refused
        node = payload.get("customer")
        if node is None:
            return Answer(AnswerKind.DONE, external_id=external_id)
        return Answer(AnswerKind.DONE, doc=document(client, node), external_id=node["id"])

    def find(self, client: ShopifyClient, change: Change) -> Sequence[Doc]:
        """Look up by e-mail address, then by phone number, through the direct door."""
        wanted = {
            "emailAddress": (change.after.get(_EMAIL) or {}).get("emailAddress"),
            "phoneNumber": (change.after.get(_PHONE) or {}).get("phoneNumber"),
        }
        found: dict[str, Doc] = {}
        for kind, value in wanted.items():
            node = (
                client.read(queries.CUSTOMER_BY_IDENTIFIER, identifier={kind: value})["customerByIdentifier"] if value else None
            )
            if node:
                found[node["id"]] = document(client, node)
        return list(found.values())


def _create_input(after: Doc) -> Doc:
    out = {name: after[name] for name in _PLAIN if after.get(name) is not None}
    email, phone = after.get(_EMAIL) or {}, after.get(_PHONE) or {}
    if email.get("emailAddress"):
        out["email"] = email["emailAddress"]
        if email.get("marketingState") in ("SUBSCRIBED", "UNSUBSCRIBED"):
            out["emailMarketingConsent"] = {"marketingState": email["marketingState"]}
    if phone.get("phoneNumber"):
        out["phone"] = phone["phoneNumber"]
    return out


def _sms_after_create(after: Doc) -> list[Call]:
    phone = after.get(_PHONE) or {}
    stated = phone.get("phoneNumber") and phone.get("marketingState") in ("SUBSCRIBED", "UNSUBSCRIBED")
    return [_consent("Sms", phone["marketingState"])] if stated else []


def _update_calls(change: Change) -> list[Call]:
    patch = change.patch()
    calls: list[Call] = []
    if "addresses" in patch:
        calls += _address_calls((change.before or {}).get("addresses") or [], patch["addresses"] or [])
    fields = _update_input(patch)
    update = [Call("customerUpdate", {"input": fields})] if fields else []
    consents = [
        _consent(kind, patch[path]["marketingState"])
        for kind, path in (("Email", _EMAIL), ("Sms", _PHONE))
        if (patch.get(path) or {}).get("marketingState")
    ]
    # A consent needs the address or number it is for, so a new one goes in before it.
    contact = {"email", "phone"} & fields.keys()
    return [*calls, *update, *consents] if contact else [*calls, *consents, *update]


def _update_input(patch: Doc) -> Doc:
    out: Doc = {name: patch[name] for name in _PLAIN if name in patch}
    if "emailAddress" in (patch.get(_EMAIL) or {}):
        out["email"] = patch[_EMAIL]["emailAddress"]
    if "phoneNumber" in (patch.get(_PHONE) or {}):
        out["phone"] = patch[_PHONE]["phoneNumber"]
    return out


def _consent(kind: str, state: str) -> Call:
    field = f"{kind.lower()}MarketingConsent"
    return Call(f"customer{kind}MarketingConsentUpdate", {"input": {field: {"marketingState": state}}})


def _address_calls(before: Sequence[Doc], after: Sequence[Doc]) -> list[Call]:
    """Return the steps between two lists: take away, change, add. An element without id, or an unknown one, is new."""
    known = {address["id"]: address for address in before}
    kept = {address["id"] for address in after if address.get("id") in known}
    gone = [Call("customerAddressDelete", {"addressId": each}) for each in known if each not in kept]
    changed = [
        Call("customerAddressUpdate", {"addressId": address["id"], "address": _address_input(address)})
        for address in after
        if address.get("id") in known and _address_input(address) != _address_input(known[address["id"]])
    ]
    new = [_creation(address) for address in after if address.get("id") not in known]
    return [*gone, *changed, *new]


def _creation(address: Doc) -> Call:
    return Call("customerAddressCreate", {"address": _address_input(address)})


def _address_input(address: Doc) -> Doc:
    """Return the input shape of an address: read as `countryCodeV2`, written as `countryCode`."""
    out: dict[str, Any] = {name: address.get(name) for name in _ADDRESS if name in address}
    if "countryCodeV2" in address:
        out["countryCode"] = address["countryCodeV2"]
    return out


def _addressed(call: Call, external_id: str | None) -> Doc:
    """Put the customer's id where this mutation takes it; the frozen body lacks it because a create returns it."""
    if call.name == "customerCreate":
        return call.body
    if call.name.startswith("customerAddress"):
        return {"customerId": external_id, **call.body}
    field = "customerId" if call.name.endswith("ConsentUpdate") else "id"
    return {"input": {field: external_id, **call.body["input"]}}
