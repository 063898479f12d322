"""GraphQL of the Vendure Admin API over the hub's HTTP: a session, one account's facts, and what its three ways to say no mean.

In: a document and variables. Out: the `data` of the answer, or a `Fault` (writes) or an error of `hub.errors` (reads). Vendure
answers HTTP 200 to nearly everything: "not authorised" and broken database constraints come in `errors[]`, business refusals as
data (`... on ErrorResult`), and only a document the schema does not know comes as 400 (seen on 3.7.3).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hub.errors import ApiRetired, AuthFailed, BadPayload, PermissionMissing, TimedOut, Unavailable
from hub.model.values import Doc
from hub.sdk import AnswerKind, Http, Reply

LOGIN: Final = """
mutation Login($username: String!, $password: String!) {
  login(username: $username, password: $password) { __typename ... on ErrorResult { errorCode } }
}"""
ME: Final = "query Me { me { id } }"
ACCOUNT: Final = """
query Account {
  activeChannel { code token pricesIncludeTax defaultCurrencyCode }
  globalSettings {
    trackInventory
    serverConfig { entityCustomFields { entityName customFields { ... on CustomField { name type list } } } }
  }
}"""
PAGE_SIZE: Final = 250
ORDERS_DAYS: Final = 90
_PLAIN_TYPES: Final = frozenset({"string", "text", "int", "float", "boolean", "datetime"})
_UNKNOWN_TO_SCHEMA: Final = frozenset({"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"})
_REFUSALS: Final = _UNKNOWN_TO_SCHEMA | {"USER_INPUT_ERROR", "ILLEGAL_OPERATION"}
# SQLite, PostgreSQL and MySQL in this order; Vendure passes the driver's sentence on, without a code.
_TAKEN: Final = re.compile(r"UNIQUE constraint failed|duplicate key value violates unique|Duplicate entry")
_BROKEN_RULE: Final = re.compile(r"constraint failed|violates [a-z -]+ constraint|constraint fails|cannot be null")


@dataclass(frozen=True, slots=True)
class Account:
    """What differs between two shops and is asked once. `custom`: entity name -> its plain custom fields."""

    channel: str
    currency: str
    prices_include_tax: bool
    tracks_inventory: bool
    custom: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def select(self, entity: str, document: str) -> str:
        """Put the custom fields of `entity` where `document` says `@custom`; nothing where it has none."""
        names = " ".join(self.custom.get(entity, ()))
        return document.replace("@custom", f"customFields {{ {names} }}" if names else "")


@dataclass(frozen=True, slots=True)
class Fault:
    """A write that did not happen, and why."""

    kind: AnswerKind
    code: str


@dataclass(slots=True)
class Watched:
    """What was seen of orders whose changes Vendure does not tell. `unfinished`: ids at the end of the last pass; `seen`: in this
    pass; `round`: how many finished ones of the round were read.
    """

    unfinished: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    round: int = 0


class Client:
    """One account. `settings`: `username` and `password`, or `token`, or `api_key`; optional `admin_path`, `channel_token`."""

    def __init__(self, settings: Mapping[str, str], http: Http) -> None:
        self._settings = settings
        self._http = http
        self._path = settings.get("admin_path") or "/admin-api"
        self._token = settings.get("token", "")
        self._account: Account | None = None
        self.page_size = int(settings.get("page_size") or PAGE_SIZE)
        self.orders_days = int(settings.get("orders_days") or ORDERS_DAYS)
        self.orders = Watched()

    def account(self) -> Account:
        """Return the account's facts; asked once per process."""
        if self._account is None:
            data = self.ask(ACCOUNT, {})
            wanted = self._settings.get("channel_token")
            if wanted and data["activeChannel"]["token"] != wanted:  # with a single channel Vendure ignores a wrong token
                raise _no_channel()
            self._account = read_account(data)
        return self._account

    def ask(self, document: str, variables: Doc) -> Doc:
        """Send a query. Raises ApiRetired, AuthFailed, PermissionMissing, Unavailable or BadPayload."""
        body = self._carry(document, variables, safe=True)
        errors = body.get("errors")
        if errors:
            self._account = None  # a field may have gone: look again before the next query
            raise _reading_failed(_code(errors[0]))
        return _data(body)

    def tell(self, document: str, variables: Doc) -> Doc | Fault:
        """Send a mutation of one field; return that field's value.

        Raises TimedOut where the write may have happened, Unavailable where it did not for a passing reason.
        """
        body = self._carry(document, variables, safe=False)
        errors = body.get("errors")
        if errors:
            return _fault(errors[0])
        value = next(iter(_data(body).values()))
        first = value[0] if isinstance(value, list) and value else value
        if not isinstance(first, dict):
            raise TimedOut("Vendure answered a write with nothing, so its effect is unknown.")
        if "errorCode" in first:
            kind = AnswerKind.CLASH if first["errorCode"] == "EMAIL_ADDRESS_CONFLICT_ERROR" else AnswerKind.REFUSED
            return Fault(kind, str(first["errorCode"]))
        return first

    def _carry(self, document: str, variables: Doc, *, safe: bool) -> Doc:
        """Send, and once more with a new session where the old one is over. Nothing was done where it says FORBIDDEN."""
        has_password = bool(self._settings.get("password"))
        if has_password and not self._token:
            self._login()
        body = _body(self._post(document, variables, safe=safe))
        if not _is_forbidden(body):
            return body
        if has_password:
            self._login()
            body = _body(self._post(document, variables, safe=safe))
            if not _is_forbidden(body):
                return body
        raise self._refusal()

    def _refusal(self) -> AuthFailed | PermissionMissing:
        """Tell "who are you" from "you may not": `me` is open to everyone who is logged in."""
        if _is_forbidden(_body(self._post(ME, {}, safe=True))):
            return AuthFailed("Vendure does not accept the credentials.", fix="Renew token, api_key or password in the settings.")
        return PermissionMissing(
            "Vendure's role for this account lacks a permission.", fix="See the permissions in the connector's README."
        )

    def _login(self) -> None:
        names = {name: self._settings.get(name, "") for name in ("username", "password")}
        self._token = ""
        reply = self._post(LOGIN, names, safe=True)
        told = _body(reply)
        if told.get("errors") or "errorCode" in (told.get("data") or {}).get("login", {}):
            raise AuthFailed("Vendure does not accept user name and password.", fix="Renew them in the connection's settings.")
        self._token = reply.headers.get("vendure-auth-token", "")
        if not self._token:
            raise AuthFailed("Vendure sent no bearer token.", fix="Add 'bearer' to authOptions.tokenMethod in vendure-config.")

    def _post(self, document: str, variables: Doc, *, safe: bool) -> Reply:
        headers = {}
        if self._token:
            headers["authorization"] = f"Bearer {self._token}"
        elif self._settings.get("api_key"):
            headers["vendure-api-key"] = self._settings["api_key"]
        if self._settings.get("channel_token"):
            headers["vendure-token"] = self._settings["channel_token"]
        return self._http.send("POST", self._path, json={"query": document, "variables": variables}, headers=headers, safe=safe)


def read_account(data: Doc) -> Account:
    """Read the answer to `ACCOUNT`. Custom fields of other than plain types need a selection of their own and are left out."""
    channel, settings = data["activeChannel"], data["globalSettings"]
    custom = {
        entry["entityName"]: tuple(f["name"] for f in entry["customFields"] if f["type"] in _PLAIN_TYPES)
        for entry in settings["serverConfig"]["entityCustomFields"]
    }
    return Account(
        channel=channel["code"],
        currency=channel["defaultCurrencyCode"],
        prices_include_tax=channel["pricesIncludeTax"],
        tracks_inventory=settings["trackInventory"],
        custom=custom,
    )


def _body(reply: Reply) -> Doc:
    if not isinstance(reply.body, dict):
        raise BadPayload("Vendure's answer is not GraphQL.", fix="Check base_url and admin_path.")
    return reply.body


def _data(body: Doc) -> Doc:
    data = body.get("data")
    if not isinstance(data, dict):
        raise BadPayload("Vendure's answer is not GraphQL.", fix="Check base_url and admin_path.")
    return data


def _code(error: Doc) -> str:
    return str((error.get("extensions") or {}).get("code", ""))


def _is_forbidden(body: Doc) -> bool:
    return any(_code(error) == "FORBIDDEN" for error in body.get("errors") or ())


def _reading_failed(code: str) -> Exception:
    if code in _UNKNOWN_TO_SCHEMA:
        return ApiRetired(
            "Vendure's schema does not know what is asked.", fix="See the supported versions in the connector's README."
        )
    if code == "CHANNEL_NOT_FOUND":
        return _no_channel()
    return Unavailable(f"Vendure failed to answer ({code or 'no code'}).")


def _no_channel() -> AuthFailed:
    return AuthFailed("Vendure knows no such channel.", fix="Check channel_token in the connection's settings.")


def _fault(error: Any) -> Fault:
    """Sort `errors[0]` of a write. The path says how far it got: below the mutation's own field the write is committed."""
    code, message = _code(error), str(error.get("message", ""))
    if len(error.get("path") or ()) > 1:
        raise TimedOut("Vendure failed while it answered a write, so its effect is unknown.")
    if code == "ENTITY_NOT_FOUND":
        return Fault(AnswerKind.GONE, code)
    if code in _REFUSALS:
        return Fault(AnswerKind.REFUSED, code)
    if _TAKEN.search(message):
        return Fault(AnswerKind.CLASH, "UNIQUE")
    if _BROKEN_RULE.search(message):
        return Fault(AnswerKind.REFUSED, "CONSTRAINT")
    raise Unavailable(f"Vendure rolled a write back ({code or 'no code'}).")
