"""Customers of the simulated shop: what shoppers and staff do, what the API shows and accepts, what its webhooks say."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from connectors.shopify.client import gid, number
from connectors.shopify.fake.relay import connection, matcher
from connectors.shopify.fake.shop import API, Shop, known, problem, refused, text
from connectors.shopify.fake.state import Address, Customer
from hub.model.values import Doc, Micros

_FIELDS: Final = ("firstName", "lastName", "email", "phone", "note", "locale")
_NEVER: Final = ("NOT_SUBSCRIBED", None)
_SETTABLE: Final = ("SUBSCRIBED", "UNSUBSCRIBED", "PENDING")
_WITH_PROVINCES: Final = frozenset({"AU", "CA", "ES", "IE", "IT", "JP", "US"})
_ADDRESS: Final = (
    *("firstName", "lastName", "company", "address1", "address2", "city", "provinceCode", "zip", "countryCode"),
    "phone",
)
_REST_ADDRESS: Final = {
    "firstName": "first_name",
    "lastName": "last_name",
    "provinceCode": "province_code",
    "countryCode": "country_code",
}


class Customers(Shop):
    """The part of the shop that knows people."""

    def add_customer(self, actor: str = "shopper", **fields: Any) -> str:
        """A customer signs up. Fields in the API's words, with `tags`, `addresses` (list of address fields). Returns the id.

        Raises ValueError where e-mail or phone is taken.
        """
        taken = self._taken(fields, None)
        if taken:
            raise ValueError(taken[0]["message"])
        row = Customer(*self._born(), fields={"locale": "en"})
        self._apply(row, fields)
        row.addresses = [Address(self._id(), _clean(address)) for address in fields.get("addresses", ())]
        return self._keep_new(row, actor)

    def edit_customer(self, external_id: str, actor: str = "shopper", **fields: Any) -> None:
        """Somebody edits fields of a customer. Raises KeyError for an unknown one, ValueError where e-mail or phone is taken."""
        row = self._customer(external_id)
        taken = self._taken(fields, row)
        if taken:
            raise ValueError(taken[0]["message"])
        before = self._facts(row)
        self._apply(row, fields)
        self._changed(row, actor, before)

    def set_consent(self, external_id: str, kind: str, state: str, actor: str = "shopper") -> None:
        """A customer opts in or out. `kind`: email or sms; `state` in the API's words."""
        row = self._customer(external_id)
        before = self._facts(row)
        row.consents[kind] = (state, self._second())
        self._changed(row, actor, before, consent=kind)

    def add_address(self, external_id: str, actor: str = "shopper", **fields: Any) -> str:
        """A customer adds an address. Returns its id."""
        row = self._customer(external_id)
        address = Address(self._id(), _clean(fields))
        row.addresses.append(address)
        self._address_changed(row, actor, "create_address", address)
        return _address_gid(address)

    def edit_address(self, external_id: str, address_id: str, actor: str = "shopper", **fields: Any) -> None:
        """A customer edits an address. Raises KeyError where there is none."""
        row = self._customer(external_id)
        address = next((each for each in row.addresses if each.number == int(number(address_id))), None)
        if address is None:
            raise KeyError(address_id)
        address.fields = _clean({**address.fields, **fields})
        self._address_changed(row, actor, "update_address", address)

    def remove_address(self, external_id: str, address_id: str, actor: str = "shopper") -> None:
        """A customer takes an address away."""
        row = self._customer(external_id)
        address = next(each for each in row.addresses if each.number == int(number(address_id)))
        row.addresses.remove(address)
        self._address_changed(row, actor, "delete_address", address)

    def delete_customer(self, external_id: str, actor: str = "staff") -> None:
        """Somebody deletes a customer."""
        row = self._customer(external_id)
        del self.state.customers[row.number]
        self.note(actor, "delete", "customer", external_id)
        self._send("customers/delete", {"id": row.number, "tax_exemptions": [], "admin_graphql_api_id": external_id})

    def customer(self, external_id: str) -> Doc | None:
        """Return a customer: `{firstName, ..., tags, email_consent, sms_consent, addresses, updatedAt}`, or None."""
        row = known("Customer", external_id, self.state.customers)
        return None if row is None else {"id": external_id, **self._facts(row), "updatedAt": text(row.updated)}

    def customers(self) -> list[Doc]:
        """Return all customers, oldest first."""
        return [{"id": gid("Customer", each), **self._facts(row)} for each, row in self.state.customers.items()]

    def _customer(self, external_id: str) -> Customer:
        row = known("Customer", external_id, self.state.customers)
        if row is None:
            raise KeyError(external_id)
        return row  # type: ignore[no-any-return] # rows of one table

    def _keep_new(self, row: Customer, actor: str) -> str:
        self.state.customers[row.number] = row
        self._touch(row)
        external_id = gid("Customer", row.number)
        self.note(actor, "create", "customer", external_id, **self._facts(row))
        self._send("customers/create", self._customer_hook(row))
        return external_id

    def _apply(self, row: Customer, fields: Mapping[str, Any]) -> None:
        for name in _FIELDS:
            if name in fields:
                row.fields[name] = _CLEAN.get(name, _trim)(fields[name])
        if "tags" in fields:
            row.tags = sorted({tag.strip() for tag in fields["tags"] or () if tag.strip()})
        for kind, state in (("email", fields.get("email_consent")), ("sms", fields.get("sms_consent"))):
            if state is not None:
                row.consents[kind] = (state, self._second())

    def _changed(self, row: Customer, actor: str, before: Doc, consent: str = "") -> None:
        after = self._facts(row)
        changes = {name: value for name, value in after.items() if before[name] != value}
        if not changes:
            return
        self._touch(row)
        self.note(actor, "update", "customer", gid("Customer", row.number), **changes)
        self._send("customers/update", self._customer_hook(row))
        if consent:
            self._send(*self._consent_hook(row, consent))

    def _address_changed(self, row: Customer, actor: str, action: str, address: Address) -> None:
        if self.address_moves_updated_at:
            self._touch(row)
        self.note(actor, action, "customer", gid("Customer", row.number), address=_address_gid(address), **address.fields)
        self._send("customers/update", self._customer_hook(row))

    def _facts(self, row: Customer) -> Doc:
        return {
            **{name: row.fields.get(name) for name in _FIELDS},
            "tags": list(row.tags),
            "email_consent": row.consents.get("email", _NEVER)[0],
            "sms_consent": row.consents.get("sms", _NEVER)[0],
            "addresses": [{"id": _address_gid(address), **address.fields} for address in row.addresses],
        }

    def _taken(self, fields: Mapping[str, Any], but: Customer | None) -> list[Doc]:
        return [
            problem(f"{name.capitalize()} has already been taken", name)
            for name in ("email", "phone")
            if fields.get(name) and self._by(name, fields[name]) not in (None, but)
        ]

    def _by(self, name: str, value: str) -> Customer | None:
        wanted = _CLEAN[name](value)
        return next((row for row in self.state.customers.values() if row.fields.get(name) == wanted), None) if wanted else None

    # What the API shows.

    def _customer_view(self, row: Customer) -> Doc:
        email, phone = row.fields.get("email"), row.fields.get("phone")
        state, at = row.consents.get("email", _NEVER)
        return {
            "__typename": "Customer",
            "id": gid("Customer", row.number),
            **{name: row.fields.get(name) for name in ("firstName", "lastName", "note", "locale")},
            "tags": row.tags,
            "verifiedEmail": row.verified,
            "state": "DISABLED",
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "defaultEmailAddress": email
            and {"emailAddress": email, "marketingState": state, "marketingUpdatedAt": at and text(at)},
            "defaultPhoneNumber": phone and {"phoneNumber": phone, "marketingState": row.consents.get("sms", _NEVER)[0]},
            "addressesV2": lambda _info, first=None, after=None: connection(
                [([address.number], address) for address in row.addresses], _address_view, first=first, after=after
            ),
        }

    def _query_customer(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        row = known("Customer", id, self.state.customers)
        return self._customer_view(row) if row else None

    def _query_customer_by_identifier(self, _info: Any, identifier: Mapping[str, str]) -> Doc | None:
        name, value = next(iter(identifier.items()))
        if name == "id":
            return self._query_customer(_info, value)
        row = self._by({"emailAddress": "email", "phoneNumber": "phone"}[name], value)
        return self._customer_view(row) if row else None

    def _query_customers(self, _info: Any, **args: Any) -> Doc:
        matches = matcher(args.get("query"))
        found = [(self._listed(row), row) for row in self.state.customers.values()]
        rows = [
            (self._sort_key(args["sortKey"], at, row), row)
            for at, row in found
            if at is not None and matches({"updated_at": at, "email": row.fields.get("email"), "id": str(row.number)})
        ]
        return connection(rows, self._customer_view, first=args.get("first"), after=args.get("after"))

    @staticmethod
    def _sort_key(key: str, at: Micros, row: Any) -> list[Any]:
        return [{"UPDATED_AT": at, "CREATED_AT": row.created}.get(key, 0), row.number]

    # What the API accepts.

    def _customer_create(self, _info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        if not any((input.get(name) or "").strip() for name in ("firstName", "lastName", "email", "phone")):
            return refused(problem("A name, phone number, or email address must be present"), customer=None)
        problems = [*_invalid(input), *self._taken(input, None)]
        if problems:
            return refused(*problems, customer=None)
        row = Customer(*self._born(), fields={"locale": "en"})
        self._apply(row, _flat(input))
        self._keep_new(row, API)
        return {"customer": self._customer_view(row), "userErrors": []}

    def _customer_update(self, _info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        row = known("Customer", input.get("id") or "", self.state.customers)
        if row is None:
            return refused(problem("Customer does not exist", "id"), customer=None)
        problems = [*_invalid(input), *self._taken(input, row)]
        if problems:
            return refused(*problems, customer=None)
        before = self._facts(row)
        self._apply(row, input)
        self._changed(row, API, before)
        return {"customer": self._customer_view(row), "userErrors": []}

    def _customer_delete(self, _info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        if known("Customer", input["id"], self.state.customers) is None:
            return refused(problem("Customer can't be found", "id"), deletedCustomerId=None)
        self.delete_customer(input["id"], API)
        return {"deletedCustomerId": input["id"], "userErrors": []}

    def _email_consent(self, _info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        return self._consent("email", "email", input["customerId"], input["emailMarketingConsent"])

    def _sms_consent(self, _info: Any, input: Mapping[str, Any]) -> Doc:  # noqa: A002 - the argument's name in the schema
        return self._consent("sms", "phone", input["customerId"], input["smsMarketingConsent"])

    def _consent(self, kind: str, needs: str, customer_id: str, wanted: Mapping[str, Any]) -> Doc:
        row = known("Customer", customer_id, self.state.customers)
        field = ("input", f"{kind}MarketingConsent", "marketingState")
        if row is None:
            return refused(problem("Customer not found", "input", "customerId", code="INVALID"), customer=None)
        if wanted["marketingState"] not in _SETTABLE:
            return refused(problem("Marketing state cannot be set to this", *field, code="INCLUSION"), customer=None)
        if not row.fields.get(needs):
            return refused(problem(f"A customer without {needs} cannot consent", *field, code="INVALID"), customer=None)
        self.set_consent(customer_id, kind, wanted["marketingState"], API)
        return {"customer": self._customer_view(row), "userErrors": []}

    def _address_create(self, _info: Any, **args: Any) -> Doc:
        row = known("Customer", args["customerId"], self.state.customers)
        if row is None:
            return refused(problem("Customer does not exist", "customerId"), address=None)
        self.add_address(args["customerId"], API, **args["address"])
        return {"address": _address_view(row.addresses[-1]), "userErrors": []}

    def _address_update(self, _info: Any, **args: Any) -> Doc:
        address = self._address(args)
        if address is None:
            return refused(problem("Address does not exist", "addressId"), address=None)
        self.edit_address(args["customerId"], args["addressId"], API, **args["address"])
        return {"address": _address_view(address), "userErrors": []}

    def _address_delete(self, _info: Any, **args: Any) -> Doc:
        if self._address(args) is None:
            return refused(problem("Address does not exist", "addressId"), deletedAddressId=None)
        self.remove_address(args["customerId"], args["addressId"], API)
        return {"deletedAddressId": args["addressId"], "userErrors": []}

    def _address(self, args: Mapping[str, Any]) -> Address | None:
        row = known("Customer", args["customerId"], self.state.customers)
        addresses: Sequence[Address] = row.addresses if row else ()
        return next((each for each in addresses if _address_gid(each) == args["addressId"]), None)

    # What the webhooks say: the REST shape, with numbers for ids.

    def _customer_hook(self, row: Customer) -> Doc:
        addresses = [_address_hook(address, row.number) for address in row.addresses]
        return {
            "id": row.number,
            "created_at": text(row.created),
            "updated_at": text(row.updated),
            "first_name": row.fields.get("firstName"),
            "last_name": row.fields.get("lastName"),
            "state": "disabled",
            "note": row.fields.get("note"),
            "verified_email": row.verified,
            "multipass_identifier": None,
            "tax_exempt": False,
            "email": row.fields.get("email"),
            "phone": row.fields.get("phone"),
            "currency": self.currency,
            "addresses": addresses,
            "tax_exemptions": [],
            "admin_graphql_api_id": gid("Customer", row.number),
            "default_address": addresses[0] if addresses else None,
        }

    def _consent_hook(self, row: Customer, kind: str) -> tuple[str, Doc]:
        state, at = row.consents[kind]
        consent = {"state": state.lower(), "opt_in_level": None, "consent_updated_at": at and text(at)}
        if kind == "email":
            body = {"customer_id": row.number, "email_address": row.fields.get("email"), "email_marketing_consent": consent}
            return "customers_email_marketing_consent/update", body
        return "customers_marketing_consent/update", {
            "id": row.number,
            "phone": row.fields.get("phone"),
            "sms_marketing_consent": consent,
        }


def _address_gid(address: Address) -> str:
    return f"gid://shopify/MailingAddress/{address.number}?model_name=CustomerAddress"


def _address_view(address: Address) -> Doc:
    fields = dict(address.fields)
    return {"__typename": "MailingAddress", "id": _address_gid(address), "countryCodeV2": fields.pop("countryCode"), **fields}


def _address_hook(address: Address, customer: int) -> Doc:
    named = {_REST_ADDRESS.get(name, name): value for name, value in address.fields.items()}
    name = " ".join(part for part in (address.fields["firstName"], address.fields["lastName"]) if part)
    country = address.fields["countryCode"]
    return {
        **named,
        "id": address.number,
        "customer_id": customer,
        "name": name,
        "province": address.fields["provinceCode"],
        "country": country,
        "country_name": country,
        "default": False,
    }


def _flat(fields: Mapping[str, Any]) -> Doc:
    out = dict(fields)
    for kind in ("email", "sms"):
        consent = out.pop(f"{kind}MarketingConsent", None)
        if consent:
            out[f"{kind}_consent"] = consent["marketingState"]
    return out


def _invalid(fields: Mapping[str, Any]) -> list[Doc]:
    email, phone = fields.get("email"), fields.get("phone")
    problems = []
    if email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", email.strip()):
        problems.append(problem("Email is invalid", "email"))
    if phone and not re.fullmatch(r"\+\d{7,15}", _phone(phone) or ""):
        problems.append(problem("Phone is invalid", "phone"))
    return problems


def _trim(value: str | None) -> str | None:
    return (value or "").strip() or None


def _email(value: str | None) -> str | None:
    return (value or "").strip().lower() or None


def _phone(value: str | None) -> str | None:
    """Shopify keeps phone numbers as E.164: digits after a plus."""
    digits = re.sub(r"[^\d+]", "", value or "")
    return f"+{digits[2:]}" if digits.startswith("00") else digits or None


_CLEAN: Final = {"email": _email, "phone": _phone}


def _clean(fields: Mapping[str, Any]) -> dict[str, str | None]:
    """Return all fields of an address, trimmed; a country without provinces has no province."""
    clean = {name: _trim(fields.get(name)) for name in _ADDRESS}
    if clean["countryCode"] not in _WITH_PROVINCES:
        clean["provinceCode"] = None
    return clean
