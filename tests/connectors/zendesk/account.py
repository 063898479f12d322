"""A simulated account with everything the connector needs to talk to it. Every exchange is held against the contract."""

from __future__ import annotations

import json
from typing import Any

import httpx

from connectors.zendesk import CONNECTOR, ZendeskFake
from connectors.zendesk.client import EXPORTS, ZendeskClient
from connectors.zendesk.fake import SECRET, TOKEN
from hub.clock import micros
from hub.model.values import Doc, Micros
from hub.sdk import Answer, Change, Cursor, Operation, WebhookRequest
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from tests.connectors.zendesk.contract import contract
from tests.unit.clocks import StillClock

URL = "https://hub.test/hooks/desk"
START = micros("2026-03-01T09:00:00Z")


class Account:
    """`clock` is the account's and the hub's; it moves by `wait`, and where the hub waits for a limit."""

    def __init__(self, *, settings: Doc | None = None, start: Micros = START, **fake: Any) -> None:
        self.clock = StillClock(start)
        self.fake = ZendeskFake(self.clock.now, webhook_url=URL, **fake)
        self.requests: list[httpx.Request] = []
        self.bucket = Bucket(self.clock, capacity=1000, per_s=1000)
        self.exports = Bucket(self.clock, capacity=10, per_s=10 / 60)
        http = HttpxHttp(
            "https://desk.test",
            transport=httpx.MockTransport(self._carry),
            clock=self.clock,
            bucket=self.bucket,
            quotas={EXPORTS: self.exports},
            connection="desk",
        )
        self.client: ZendeskClient = CONNECTOR.client(settings or {"access_token": TOKEN}, http)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self.fake.respond(request)
        judge = contract()
        if judge and request.url.path.startswith("/api/"):
            judge.check(request, response)
        return response

    def ask(self, method: str, path: str, body: Doc | None = None, **headers: str) -> tuple[int, Any]:
        """Ask the fake directly."""
        request = httpx.Request(method, f"https://desk.test{path}", json=body, headers=headers)
        response = self.fake.respond(request)
        return response.status_code, response.json()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.at += int(seconds * 1_000_000)

    def read_all(self, stream: str, since: Micros | None = None) -> list[Doc]:
        """Read a window page by page, once everything done so far is old enough to be exported."""
        self.wait(61)
        docs: list[Doc] = []
        cursor = Cursor(since)
        while True:
            page = CONNECTOR.streams[stream].page(self.client, cursor)
            docs += page.docs
            if page.token is None:
                return docs
            cursor = Cursor(since, page.token)

    def fetch(self, stream: str, *ids: str) -> list[Doc]:
        """Fetch by id."""
        return list(CONNECTOR.streams[stream].fetch(self.client, ids))

    def deliver(self, stream: str, change: Change, key: str = "key-1") -> Answer:
        """Make the one call of a change."""
        sink = CONNECTOR.sinks[stream]
        (call,) = sink.calls(change)
        return sink.send(self.client, call, key, change.external_id)

    def hints(self) -> list[tuple[str, str]]:
        """Receive the waiting webhooks."""
        received = [
            CONNECTOR.receive(WebhookRequest(URL, w.headers, w.body), {"webhook_secret": SECRET})
            for w in self.fake.take_webhooks()
        ]
        return [(hint.stream, hint.external_id) for hints in received for hint in hints]

    def sent(self) -> Doc:
        """Return the body of the last request."""
        body: Doc = json.loads(self.requests[-1].content)
        return body


def create(after: Doc, marker: str | None = None) -> Change:
    """Make a create."""
    return Change(Operation.CREATE, None, None, after, (), None, marker)


def update(before: Doc, after: Doc, *paths: str) -> Change:
    """Make an update of a document that was read."""
    return Change(Operation.UPDATE, str(before["id"]), before, after, paths)


def delete(doc: Doc) -> Change:
    """Make a delete."""
    return Change(Operation.DELETE, str(doc["id"]), doc, doc, ())
