"""A stateful simulator of a Zendesk account, and of the people who work with it.

In: HTTP requests (`respond`), and what people do in the agent interface (`add_user`, `edit_user`, ...). Out: answers, signed
events, and a journal of every change with who made it. Checked against the vendor's published contract by the tests.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Callable
from typing import Any, Final

import httpx

from connectors.zendesk.fake.core import Core, Failure, State, iso
from connectors.zendesk.fake.tickets import Tickets
from connectors.zendesk.fake.users import Users
from hub.model.values import Doc, Micros
from hub.sdk.fake import Fake

TOKEN: Final = "fake-zendesk-access-token"  # noqa: S105 - the simulator's own
SECRET: Final = "fake-signing-secret"  # noqa: S105 - the simulator's own
CLIENT: Final = ("fake-client", "fake-client-secret")
LOGIN: Final = ("admin@fake.test", "fake-api-token")


class ZendeskFake(Fake):
    """One account. `throttled`: how many of the next requests are answered 429. `role`: that of whose credentials these are."""

    def __init__(
        self,
        now: Callable[[], Micros],
        *,
        webhook_url: str = "",
        token: str = TOKEN,
        secret: str = SECRET,
        per_minute: int | None = 400,
        exports_per_minute: int | None = 10,
        export_page: int = 1000,
        user_fields: tuple[str, ...] = (),
        ticket_fields: tuple[int, ...] = (),
        search_lag_s: float = 0.0,
    ) -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.tokens = [token]
        self.role = "admin"
        self.throttled = 0
        self.core = Core(
            self, secret=secret, per_minute=per_minute, exports_per_minute=exports_per_minute, export_page=export_page
        )
        self.users = Users(self.core, user_fields, search_lag_s)
        self.tickets = Tickets(self.core, ticket_fields)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        path = request.url.path.removesuffix(".json")
        headers: dict[str, str] = {}
        try:
            if path == "/oauth/tokens":
                return httpx.Response(200, json=self._grant(_body(request)))
            known = self._admit(request, path)
            headers = self.core.count(export=path.startswith("/api/v2/incremental/"))
            status, body, more = self._route(request, path, known=known)
            headers |= more
            return (
                httpx.Response(status, json=body, headers=headers)
                if body is not None
                else httpx.Response(status, headers=headers)
            )
        except Failure as failure:
            return httpx.Response(failure.status, json=failure.body(), headers=headers | failure.headers)

    def _admit(self, request: httpx.Request, path: str) -> bool:
        """Say whether the credentials are known. `users/me` answers anybody; wrong credentials are refused everywhere."""
        if self.throttled:
            self.throttled -= 1
            raise Failure(429, "APIRateLimitExceeded", "Too many requests", headers={"Retry-After": "7"})
        given = request.headers.get("authorization", "")
        basic = base64.b64encode(f"{LOGIN[0]}/token:{LOGIN[1]}".encode()).decode()
        if given in {f"Bearer {token}" for token in self.tokens} | {f"Basic {basic}"}:
            return True
        if given or path != "/api/v2/users/me":
            raise Failure(401, "Couldn't authenticate you")
        return False

    def _grant(self, body: Any) -> Doc:
        asked = (body.get("client_id"), body.get("client_secret")) if isinstance(body, dict) else ()
        if asked != CLIENT or body.get("grant_type") != "client_credentials":
            raise Failure(401, "invalid_client", "Client authentication failed")
        self.tokens = [f"token-{len(self.journal)}-{self.core.new_id('token')}"]
        return {"access_token": self.tokens[0], "token_type": "bearer", "scope": body.get("scope", "read")}

    def expire_token(self) -> None:
        """Let every token given so far end."""
        self.tokens = []

    def _route(self, request: httpx.Request, path: str, *, known: bool) -> tuple[int, Doc | None, dict[str, str]]:
        params = dict(request.url.params)
        match path.strip("/").split("/")[2:]:
            case ["users", "me"]:
                return 200, {"user": self._me(known=known)}, {}
            case ["users", *parts]:
                return *self.users.route(request.method, parts, _body(request), params), {}
            case ["tickets", *parts]:
                key = request.headers.get("idempotency-key", "")
                return self.tickets.route(request.method, parts, _body(request), params, key)
            case ["incremental", "users", "cursor"]:
                return 200, self.users.export(params), {}
            case ["incremental", "tickets", "cursor"]:
                return 200, self.tickets.export(params), {}
            case _:
                raise Failure(404, "InvalidEndpoint", "Not found")

    def _me(self, *, known: bool) -> Doc:
        if not known:
            return {"id": None, "name": "Anonymous user", "email": "invalid@example.com", "role": "end-user"}
        return {"id": 1, "name": "Hub", "email": LOGIN[0], "role": self.role, "active": True}

    # ---- people at the help desk

    def add_user(self, name: str, *, actor: str = "agent", **fields: Any) -> str:
        """Add a user as an agent would; return the id. `verified=True`: the address counts as verified."""
        return str(self.users.create({"name": name, **fields}, actor)["id"])

    def edit_user(self, user_id: str, *, actor: str = "agent", **fields: Any) -> None:
        """Change fields; `user_fields` are merged."""
        self.users.update(int(user_id), fields, actor)

    def delete_user(self, user_id: str, *, actor: str = "agent") -> None:
        """Delete a user softly."""
        self.users.delete(int(user_id), actor)

    def add_identity(self, user_id: str, kind: str, value: str, *, actor: str = "agent", method: str = "none") -> str:
        """Add an address or a number; return the identity's id."""
        return str(self.users.add_identity(int(user_id), kind, value, actor, method=method)["id"])

    def promote_identity(self, user_id: str, value: str, *, actor: str = "agent") -> None:
        """Make another address of a user the main one."""
        self.users.promote(int(user_id), value, actor)

    def verify_identity(self, user_id: str, value: str, *, actor: str = "customer", method: str = "full") -> None:
        """Verify an address, as the link in a mail does (`full`) or an agent by hand (`low`)."""
        self.users.verify(int(user_id), value, actor, method)

    def add_organization(self, name: str, *, actor: str = "agent") -> int:
        """Add an organisation; return its id."""
        one, now = self.core.new_id("organization"), iso(self.now())
        self.core.state.organizations[one] = {"id": one, "name": name, "created_at": now, "updated_at": now}
        self.note(actor, "created", "organization", str(one), name=name)
        return one

    def rename_organization(self, organization_id: int, name: str, *, actor: str = "agent") -> None:
        """Rename an organisation; its users do not change by that."""
        self.core.state.organizations[organization_id] |= {"name": name, "updated_at": iso(self.now())}
        self.note(actor, "updated", "organization", str(organization_id), name=name)

    def add_ticket(self, requester: str, subject: str, body: str, *, actor: str = "customer", **fields: Any) -> str:
        """Write to the help desk as a customer would, by mail; return the ticket's id."""
        given = {"subject": subject, "requester_id": int(requester), "comment": {"body": body, "public": True}, **fields}
        return str(self.tickets.create(given, actor, author=int(requester), channel="email")[0]["id"])

    def reply(self, ticket_id: str, body: str, *, author: str, public: bool = True, actor: str = "", **fields: Any) -> str:
        """Add a comment as a user (`author`: an agent's or a customer's id); return its id. `fields`: changed along with it."""
        given = {"comment": {"body": body, "public": public}, **fields}
        who = actor or f"user {author}"
        _, audit = self.tickets.update(int(ticket_id), given, who, author=int(author), channel="web")
        return str(audit["events"][0]["id"])

    def edit_ticket(self, ticket_id: str, *, actor: str = "agent", **fields: Any) -> None:
        """Change fields of a ticket as an agent would."""
        self.tickets.update(int(ticket_id), fields, actor)

    def delete_ticket(self, ticket_id: str, *, actor: str = "agent") -> None:
        """Put a ticket into the bin."""
        self.tickets.delete(int(ticket_id), actor)

    # ---- readers and backups

    def user(self, user_id: str) -> Doc | None:
        """Return a user as it is, deleted or not; None: never there."""
        return self.users.current(int(user_id))

    def user_ids(self) -> list[str]:
        """Return the ids of the live users, oldest first."""
        return [str(one) for one, user in self.core.state.users.items() if user["active"]]

    def ticket(self, ticket_id: str) -> Doc | None:
        """Return a ticket as it is, deleted or not; None: never there."""
        return self.tickets.current(int(ticket_id))

    def ticket_ids(self) -> list[str]:
        """Return the ids of the tickets that are not in the bin, oldest first."""
        return [str(one) for one, ticket in self.core.state.tickets.items() if ticket["status"] != "deleted"]

    def comments(self, ticket_id: str) -> list[Doc]:
        """Return a ticket's comments, oldest first."""
        return copy.deepcopy(self.core.state.comments[int(ticket_id)])

    def identities(self, user_id: str) -> list[tuple[str, str]]:
        """Return type and value of a user's identities, oldest first."""
        own = (each for each in self.core.state.identities.values() if str(each["user_id"]) == user_id)
        return [(each["type"], each["value"]) for each in own]

    def snapshot(self) -> State:
        """Take a backup."""
        return copy.deepcopy(self.core.state)

    def restore(self, snapshot: State) -> None:
        """Put the account back to a backup. The journal goes on, and ids drawn since are not drawn again."""
        self.core.state = copy.deepcopy(snapshot)
        self.note("admin", "restored", "account", "1")


def _body(request: httpx.Request) -> Any:
    if not request.content:
        return {}
    try:
        return json.loads(request.content)
    except ValueError:
        raise Failure(400, "InvalidJSON", "The request is no JSON") from None


__all__ = ["CLIENT", "LOGIN", "SECRET", "TOKEN", "ZendeskFake"]
