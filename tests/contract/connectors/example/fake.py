"""A system with people: a counter as version, a change time, idempotency keys, signed webhooks, pages of three."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx

from hub.clock import instant
from hub.model.values import Doc, Micros
from hub.sdk.fake import Fake, Webhook
from hub.sdk.webhooks import Encoding, sign

PAGE = 3


class ExampleFake(Fake):
    """`token` and `secret` are what the account was set up with."""

    def __init__(
        self, now: Callable[[], Micros], *, webhook_url: str = "", token: str = "example-token", secret: str = "example-secret"
    ) -> None:
        super().__init__(now, webhook_url=webhook_url)
        self.token = token
        self.secret = secret
        self.people: dict[str, Doc] = {}
        self.keys: dict[str, str] = {}
        self.next_id = 1

    def add(self, name: str, city: str | None = None, actor: str = "clerk") -> str:
        """Add a person."""
        external_id = str(self.next_id)
        self.next_id += 1
        self.people[external_id] = {"id": external_id, "name": name, "city": {"name": city}, "version": 0, "changed": ""}
        self.change(external_id, {}, actor)
        return external_id

    def change(self, external_id: str, values: Doc, actor: str = "clerk") -> None:
        """Edit a person and tell the subscriber."""
        person = self.people[external_id]
        person.update(json.loads(json.dumps(values)))
        person["version"] += 1
        person["changed"] = instant(self.now())
        self.note(actor, "changed", "person", external_id, **values)
        body = json.dumps({"event": f"e{len(self.journal)}", "person": {"id": external_id}}).encode()
        signature = sign(self.secret, self.webhook_url.encode() + body, encoding=Encoding.HEX)
        if self.webhook_url:
            self.webhooks.append(Webhook(self.now(), {"X-Example-Signature": signature}, body))

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        if request.headers.get("authorization") != f"Bearer {self.token}":
            return httpx.Response(401, json={"error": "unauthorized"})
        external_id = request.url.path.removeprefix("/people").strip("/")
        match request.method, bool(external_id):
            case "GET", False:
                return self._list(request.url.params)
            case "POST", False:
                return self._create(request)
            case (("PUT" | "DELETE"), True):
                return self._write(request, external_id)
            case _:
                return httpx.Response(404, json={"error": "not found"})

    def _list(self, params: httpx.QueryParams) -> httpx.Response:
        if "ids" in params:
            wanted = params["ids"].split(",")
            return httpx.Response(200, json={"people": [self.people[one] for one in wanted if one in self.people], "next": None})
        ordered = sorted(self.people.values(), key=lambda person: (person["changed"], int(person["id"])))
        since, after = params.get("since", ""), tuple(json.loads(params.get("after", '["", 0]')))
        rest = [one for one in ordered if one["changed"] >= since and (one["changed"], int(one["id"])) > after]
        page = rest[:PAGE]
        following: Any = json.dumps([page[-1]["changed"], int(page[-1]["id"])]) if len(rest) > PAGE else None
        return httpx.Response(200, json={"people": page, "next": following, "total": len(self.people)})

    def _create(self, request: httpx.Request) -> httpx.Response:
        key = request.headers["idempotency-key"]
        if key not in self.keys:
            values = json.loads(request.content)
            self.keys[key] = self.add(values["name"], actor="api")
            self.people[self.keys[key]].update(values)
        return httpx.Response(200, json=self.people[self.keys[key]])

    def _write(self, request: httpx.Request, external_id: str) -> httpx.Response:
        person = self.people.get(external_id)
        if person is None:
            return httpx.Response(404, json={"error": "not found"})
        if request.method == "DELETE":
            del self.people[external_id]
            return httpx.Response(204)
        if request.headers["if-match"] != str(person["version"]):
            return httpx.Response(409, json={"error": "stale"})
        self.change(external_id, json.loads(request.content), "api")
        return httpx.Response(200, json=person)
