"""Customers with their addresses: read by `updatedAt`, written by ordered steps.

An address edit does not move the customer's `updatedAt` (the address's own moves): only webhooks and full reads find it.
Guests are customers without a `user`; a customer made here always gets a user, even without a password. E-mail is the login:
it is written on create and never again. E-mails are unique among customers that are not deleted, and lower-cased on write.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from connectors.vendure import addresses
from connectors.vendure.answers import answer
from connectors.vendure.client import Account, Client, Fault
from connectors.vendure.lists import ListStream
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Operation, Safe, Sink

MARKER: Final = "externalRef"
"""The custom field (string, unique) that carries our id. A shop without it is written by e-mail alone."""
FIELDS: Final = (
    "id createdAt updatedAt title firstName lastName emailAddress phoneNumber @custom "
    f"user {{ id identifier verified }} addresses {{ {addresses.FIELDS} }}"
)
CREATE: Final = f"""
mutation Create($input: CreateCustomerInput!) {{
  createCustomer(input: $input) {{ ... on Customer {{ {FIELDS} }} ... on ErrorResult {{ errorCode }} }}
}}"""
UPDATE: Final = f"""
mutation Update($input: UpdateCustomerInput!) {{
  updateCustomer(input: $input) {{ ... on Customer {{ {FIELDS} }} ... on ErrorResult {{ errorCode }} }}
}}"""
DELETE: Final = """
mutation Delete($id: ID!) {
  deleteCustomer(id: $id) { result }
}"""
_TEXTS: Final = ("title", "firstName", "lastName", "phoneNumber")


class Customers(ListStream):
    """`customers`. Deleted ones vanish; there is no filter and no tombstone for them."""

    name: ClassVar[str] = "customers"
    root: ClassVar[str] = "customers"
    kind: ClassVar[str] = "Customer"
    fields: ClassVar[str] = FIELDS


class CustomerSink(Sink[Client]):
    """Creates, updates and deletes customers."""

    name: ClassVar[str] = "customers"
    create: ClassVar[Safe | None] = Safe.MARKER
    update: ClassVar[Safe | None] = Safe.PLAIN
    delete: ClassVar[Safe | None] = Safe.PLAIN
    marker: ClassVar[str | None] = f"customFields.{MARKER}"

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the steps. The customer comes first on create (its id is needed) and last on update (its answer is whole)."""
        if change.operation is Operation.DELETE:
            return [Call("deleteCustomer", {})]
        patch = change.patch()
        given: Doc = {name: _text(patch[name]) for name in _TEXTS if name in patch}
        custom = dict(patch.get("customFields") or {})
        if change.operation is Operation.CREATE:
            given = {"firstName": "", "lastName": "", **given, "emailAddress": change.after.get("emailAddress")}
            custom |= {MARKER: change.marker} if change.marker else {}
            return [Call("createCustomer", _input(given, custom)), *addresses.steps(change)]
        own = [Call("updateCustomer", _input(given, custom))] if given or custom else []
        return [*addresses.steps(change), *own]

    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        """Make one step. An answer about an address carries no document: the customer is read again."""
        _ = key
        if call.name in addresses.DOCUMENTS:
            return _send_address(client, call, external_id)
        if call.name == "deleteCustomer":
            return _send_delete(client, external_id)
        given = _known(call.body["input"], client.account())
        if call.name == "createCustomer":
            if not given["emailAddress"]:
                return Answer(
                    AnswerKind.REFUSED, blames="emailAddress", reason="Vendure makes no customer without an e-mail address."
                )
            told = client.tell(client.account().select("Customer", CREATE), {"input": given})
        else:
            told = client.tell(client.account().select("Customer", UPDATE), {"input": {"id": external_id, **given}})
        return answer(told, blames=_blamed(told))

    def find(self, client: Client, change: Change) -> Sequence[Doc]:
        """Return the customer that carries our marker; where there is no such field, the one with that e-mail address."""
        account = client.account()
        if change.marker and MARKER in account.custom.get("Customer", ()):
            wanted: dict[str, Any] = {MARKER: {"eq": change.marker}}
        else:
            wanted = {"emailAddress": {"eq": str(change.after.get("emailAddress") or "").lower()}}
        query = account.select("Customer", Customers().query(counted=False))
        found: list[Doc] = client.ask(query, {"options": {"take": 10, "filter": wanted}})["list"]["items"]
        return found


def _send_address(client: Client, call: Call, customer_id: str | None) -> Answer:
    told = client.tell(addresses.DOCUMENTS[call.name], addresses.variables(call, customer_id))
    if not isinstance(told, Fault):
        return Answer(AnswerKind.DONE, external_id=customer_id)
    if told.kind is AnswerKind.GONE and call.name == "deleteCustomerAddress":
        return Answer(AnswerKind.DONE, external_id=customer_id, reason="The address was gone already.")
    return answer(told, blames="addresses")


def _send_delete(client: Client, customer_id: str | None) -> Answer:
    told = client.tell(DELETE, {"id": customer_id})
    if isinstance(told, Fault):
        return answer(told)
    if told["result"] != "DELETED":
        return Answer(AnswerKind.REFUSED, external_id=customer_id, reason="Vendure keeps this customer.")
    return Answer(AnswerKind.DONE, external_id=customer_id)


def _known(given: Doc, account: Account) -> Doc:
    """Leave out our marker where the shop has no field for it."""
    if MARKER in account.custom.get("Customer", ()) or MARKER not in given.get("customFields", {}):
        return given
    custom = {name: value for name, value in given["customFields"].items() if name != MARKER}
    return (
        {**given, "customFields": custom} if custom else {name: value for name, value in given.items() if name != "customFields"}
    )


def _input(given: Doc, custom: Doc) -> Doc:
    return {"input": {**given, "customFields": custom} if custom else given}


def _blamed(told: Doc | Fault) -> str | None:
    """Name the path of a clash: the login has an error of its own, a unique custom field only breaks a constraint."""
    if not isinstance(told, Fault) or told.kind is not AnswerKind.CLASH:
        return None
    return "emailAddress" if told.code == "EMAIL_ADDRESS_CONFLICT_ERROR" else f"customFields.{MARKER}"


def _text(value: Any) -> Any:
    return "" if value is None else value  # null means "leave it" to updateCustomer's required names
