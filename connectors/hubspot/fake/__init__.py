"""A stateful simulator of a HubSpot account, and of the people who work with it.

In: HTTP requests (`respond`), and what people do in the CRM (`edit_contact`, `merge_contacts`, ...). Out: answers, signed
webhooks, and a journal of every change with who made it. Checked against the vendor's published contracts by the tests.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any, Final

import httpx

from connectors.hubspot.fake.app import APP_TOKEN, App
from connectors.hubspot.fake.core import API, PORTAL, Core, Failure, Limits, State, invalid, missing
from connectors.hubspot.fake.definitions import Definitions
from connectors.hubspot.fake.links import Links
from connectors.hubspot.fake.objects import Objects
from hub.model.values import Doc, Micros
from hub.sdk.fake import Fake, Webhook

TOKEN: Final = "pat-eu1-fake-hubspot-token"  # noqa: S105 - the simulator's own
CLIENT_SECRET: Final = "fake-client-secret"  # noqa: S105 - the simulator's own


class HubSpotFake(Fake):
    """One account. `per_interval`: requests per rolling 10 s; `daily`: requests left today; None: as many as one likes."""

    def __init__(
        self,
        now: Callable[[], Micros],
        *,
        webhook_url: str = "",
        token: str = TOKEN,
        client_secret: str = CLIENT_SECRET,
        search_lag_s: float = 0.0,
        search_most: int = 10_000,
        per_interval: int | None = 100,
        searches_per_s: int | None = 5,
        daily: int | None = None,
    ) -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.token = token
        self.core = Core(self, client_secret=client_secret)
        self.limits = Limits(now, per_interval=per_interval, searches_per_s=searches_per_s, daily=daily)
        self.definitions = Definitions(self.core)
        self.objects = Objects(self.core, self.definitions, search_lag_s, search_most)
        self.links = Links(self.core, self.objects)
        self.app = App(self.core)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        try:
            wanted = APP_TOKEN if request.url.path.startswith("/webhooks/") else self.token
            if request.headers.get("authorization") != f"Bearer {wanted}":
                raise Failure(401, "INVALID_AUTHENTICATION", "Authentication credentials not found or not valid.")
            headers = self.limits.admit(search=request.url.path.endswith("/search"))
        except Failure as failure:
            return self._refused(failure, self.limits.headers())
        try:
            status, body = self._route(request)
        except Failure as failure:
            return self._refused(failure, headers)
        return httpx.Response(status, json=body, headers=headers) if body is not None else httpx.Response(status, headers=headers)

    def take_webhooks(self) -> list[Webhook]:
        """Return the waiting webhooks, with what happened since the last time packed into as few as possible."""
        self.core.events = [event for event in self.core.events if self.app.sends(event)]
        self.core.pack()
        return super().take_webhooks()

    def _refused(self, failure: Failure, headers: dict[str, str]) -> httpx.Response:
        return httpx.Response(failure.status, json=failure.body(self.core.correlation_id()), headers=headers)

    def _route(self, request: httpx.Request) -> tuple[int, Doc | None]:
        method, params = request.method, dict(request.url.params)
        match request.url.path.strip("/").split("/"):
            case ["crm", "v3", "objects", path, *parts]:
                return self.objects.route(method, path, parts, _body(request), params)
            case ["crm", "v3", "properties", *parts]:
                return self.definitions.route(method, parts, _body(request))
            case ["crm", "v4", *parts]:
                return self.links.route(method, parts, _body(request))
            case ["webhooks", "v3", *parts]:
                return self.app.route(method, parts, _body(request))
            case ["account-info", "v3", "details"]:
                return 200, {"portalId": PORTAL, "uiDomain": "app-eu1.hubspot.com", "companyCurrency": "EUR"}
            case _:
                raise missing()

    # ---- people in the CRM

    def add_contact(self, *, actor: str = "clerk", **properties: str) -> str:
        """Add a contact as a person would; return the id."""
        return self.objects.create("contacts", properties, actor).id

    def edit_contact(self, contact_id: str, *, actor: str = "clerk", **properties: str | None) -> None:
        """Change properties; None takes one away."""
        self.objects.update("contacts", contact_id, dict(properties), actor)

    def archive_contact(self, contact_id: str, *, actor: str = "clerk") -> None:
        """Delete a contact; it can be restored."""
        self.objects.archive("contacts", contact_id, actor)

    def restore_contact(self, contact_id: str, *, actor: str = "clerk") -> None:
        """Take a deletion back."""
        self.objects.restore("contacts", contact_id, actor)

    def merge_contacts(self, primary_id: str, other_id: str, *, actor: str = "clerk") -> str:
        """Merge two contacts; return the id of the one that comes out."""
        return self.objects.merge("contacts", primary_id, other_id, actor).id

    def opt_out(self, contact_id: str, *, actor: str = "customer", opted_out: bool = True) -> None:
        """Unsubscribe a contact from all marketing mail, as the link in a mail does. The API cannot write this."""
        value = "true" if opted_out else "false"
        self.objects.set(self.objects.expect("contacts", contact_id), {"hs_email_optout": value}, actor)

    def add_company(self, name: str, *, actor: str = "clerk", **properties: str) -> str:
        """Add a company; return the id."""
        return self.objects.create("companies", {"name": name, **properties}, actor).id

    def edit_company(self, company_id: str, *, actor: str = "clerk", **properties: str | None) -> None:
        """Change properties of a company."""
        self.objects.update("companies", company_id, dict(properties), actor)

    def join_company(self, contact_id: str, company_id: str, *, actor: str = "clerk", primary: bool = True) -> None:
        """Associate a contact with a company."""
        self.links.add("contacts", contact_id, "companies", company_id, actor, primary=primary)

    def add(self, path: str, *, actor: str = "clerk", contact: str = "", **properties: str) -> str:
        """Add a deal (path `0-3`), ticket or note, of a contact if one is named; return the id."""
        made = self.objects.create(path, properties, actor)
        if contact:
            self.links.add(path, made.id, "contacts", contact, actor)
        return made.id

    def edit(self, path: str, record_id: str, *, actor: str = "clerk", **properties: str | None) -> None:
        """Change properties of any record; None takes one away."""
        self.objects.update(path, record_id, dict(properties), actor)

    def archive(self, path: str, record_id: str, *, actor: str = "clerk") -> None:
        """Delete any record."""
        self.objects.archive(path, record_id, actor)

    def associate(self, path: str, record_id: str, other: str, other_id: str, *, actor: str = "clerk") -> None:
        """Associate any two records."""
        self.links.add(path, record_id, other, other_id, actor)

    def add_property(self, path: str, name: str, *, actor: str = "admin", **definition: Any) -> None:
        """Define a custom property."""
        self.definitions.add(path, name, actor, **definition)

    # ---- readers and backups

    def contact(self, contact_id: str) -> dict[str, str] | None:
        """Return the properties of a contact as they are; None: not there."""
        record = self.objects.records("contacts").get(contact_id)
        return record.values() if record is not None and record.archived_at is None else None

    def contact_ids(self) -> list[str]:
        """Return the ids of the live contacts, oldest first."""
        return [record.id for record in self.objects.records("contacts").values() if record.archived_at is None]

    def record(self, path: str, record_id: str) -> dict[str, str] | None:
        """Return the properties of any record as they are; None: not there."""
        record = self.objects.records(path).get(record_id)
        return record.values() if record is not None and record.archived_at is None else None

    def ids(self, path: str) -> list[str]:
        """Return the ids of the live records of a kind, oldest first."""
        return [record.id for record in self.objects.records(path).values() if record.archived_at is None]

    def linked(self, path: str, record_id: str, other: str) -> list[str]:
        """Return the ids of the records of another kind that this one is associated with."""
        return [str(row["id"]) for row in self.core.state.links.get((path, record_id, other), [])]

    def snapshot(self) -> State:
        """Take a backup."""
        return copy.deepcopy(self.core.state)

    def restore(self, snapshot: State) -> None:
        """Put the account back to a backup. The journal goes on, and ids drawn since are not drawn again."""
        self.core.state = copy.deepcopy(snapshot)
        self.note("admin", "restored", "account", str(PORTAL))


def _body(request: httpx.Request) -> Doc:
    if not request.content:
        return {}
    try:
        body = json.loads(request.content)
    except ValueError:
        raise invalid("Invalid input JSON") from None
    if not isinstance(body, dict):
        raise invalid("Invalid input JSON")
    return body


__all__ = ["API", "CLIENT_SECRET", "TOKEN", "HubSpotFake"]
