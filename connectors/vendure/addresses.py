"""A customer's addresses as ordered steps. Each address is a record of its own there, with its own mutation and `updatedAt`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from hub.model.values import Doc
from hub.sdk import Call, Change

FIELDS: Final = (
    "id updatedAt fullName company streetLine1 streetLine2 city province postalCode country { code } phoneNumber "
    "defaultShippingAddress defaultBillingAddress"
)
DOCUMENTS: Final[dict[str, str]] = {
    "createCustomerAddress": """
mutation CreateAddress($customer: ID!, $input: CreateAddressInput!) {
  createCustomerAddress(customerId: $customer, input: $input) { id }
}""",
    "updateCustomerAddress": """
mutation UpdateAddress($input: UpdateAddressInput!) {
  updateCustomerAddress(input: $input) { id }
}""",
    "deleteCustomerAddress": """
mutation DeleteAddress($id: ID!) {
  deleteCustomerAddress(id: $id) { success }
}""",
}
_WRITABLE: Final[tuple[str, ...]] = (
    "fullName",
    "company",
    "streetLine1",
    "streetLine2",
    "city",
    "province",
    "postalCode",
    "phoneNumber",
    "defaultShippingAddress",
    "defaultBillingAddress",
)


def steps(change: Change) -> list[Call]:
    """Return what turns the addresses of `before` into those of `after`: updates and additions first, then removals."""
    if not any(path.split(".", 1)[0] == "addresses" for path in change.paths):
        return []
    before = {str(element["id"]): written(element) for element in _elements(change.before)}
    calls, kept = [], set()
    for element in _elements(change.after):
        address_id, wanted = str(element.get("id") or ""), written(element)
        if address_id not in before:
            calls.append(Call("createCustomerAddress", {"input": wanted}))
            continue
        kept.add(address_id)
        changed = {name: value for name, value in wanted.items() if value != before[address_id].get(name)}
        if changed:
            calls.append(Call("updateCustomerAddress", {"input": {"id": address_id, **changed}}))
    gone = [address_id for address_id in before if address_id not in kept]
    return calls + [Call("deleteCustomerAddress", {"id": address_id}) for address_id in gone]


def written(element: Doc) -> Doc:
    """Return an address as the mutations take it: `countryCode` instead of `country.code`; nothing as "" as Vendure shows it."""
    out = {name: element[name] for name in _WRITABLE if name in element}
    texts = {name: "" if value is None and not name.startswith("default") else value for name, value in out.items()}
    code = element.get("countryCode") or (element.get("country") or {}).get("code")
    return {**texts, "countryCode": code} if code else texts


def variables(call: Call, customer_id: str | None) -> Doc:
    """Return the variables of a step's mutation."""
    if call.name == "createCustomerAddress":
        return {"customer": customer_id, "input": call.body["input"]}
    return call.body


def _elements(doc: Doc | None) -> Sequence[Doc]:
    return (doc or {}).get("addresses") or ()
