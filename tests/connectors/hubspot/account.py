"""A simulated account with everything the connector needs to talk to it. Every exchange is held against the contracts."""

from __future__ import annotations

from typing import Any

import httpx

from connectors.hubspot import CONNECTOR, HubSpotFake
from connectors.hubspot.client import SEARCHES, HubSpotClient
from connectors.hubspot.fake import CLIENT_SECRET, TOKEN
from connectors.hubspot.fake.app import APP_ID, APP_TOKEN
from hub.clock import micros
from hub.model.values import SECOND, Doc, Micros
from hub.sdk import Answer, Change, Cursor, Hint, Operation, Page, WebhookRequest
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from tests.connectors.hubspot.contract import contract
from tests.unit.clocks import StillClock

URL = "https://hub.test/hooks/crm"
BASE = "https://hubspot.test"
START = micros("2026-03-01T09:00:00Z")


class Account:
    """One clock for both sides; it moves only by `wait` and where the client waits for its limit."""

    def __init__(self, *, token: str = TOKEN, archived_pages: str = "5", **fake: Any) -> None:
        self.clock = StillClock(START)
        self.fake = HubSpotFake(self.clock.now, webhook_url=URL, **fake)
        self.requests: list[httpx.Request] = []
        self.answers: list[httpx.Response] = []
        bucket = Bucket(self.clock, capacity=10, per_s=9)
        http = HttpxHttp(
            BASE,
            transport=httpx.MockTransport(self._carry),
            clock=self.clock,
            bucket=bucket,
            quotas={SEARCHES: Bucket(self.clock, capacity=1, per_s=4)},
            connection="crm",
        )
        settings = {"access_token": token, "archived_pages": archived_pages, "app_id": APP_ID, "app_token": APP_TOKEN}
        self.client: HubSpotClient = CONNECTOR.client(settings, http)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self.fake.respond(request)
        self.answers.append(response)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    def ask(self, method: str, path: str, body: Doc | None = None, **params: str) -> tuple[int, Any]:
        """Ask the fake what the connector does not ask; its answer is held against the contracts all the same."""
        request = httpx.Request(method, f"{BASE}{path}", json=body, params=params, headers={"authorization": f"Bearer {TOKEN}"})
        response = self.fake.respond(request)
        judge = contract()
        if judge:
            judge.check_answer(method, path, response)
        return response.status_code, response.json() if response.content else None

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.at += int(seconds * SECOND)

    def paths(self) -> list[str]:
        """Return what was asked for, in order, as `METHOD path`."""
        return [f"{request.method} {request.url.path}" for request in self.requests]

    def pages(self, stream: str = "contacts", since: Micros | None = None) -> list[Page]:
        """Read a window page by page."""
        found = [CONNECTOR.streams[stream].page(self.client, Cursor(since))]
        while found[-1].token is not None:
            assert len(found) < 400, "paging never ends"
            found.append(CONNECTOR.streams[stream].page(self.client, Cursor(since, found[-1].token)))
        return found

    def read_all(self, stream: str = "contacts", since: Micros | None = None) -> list[Doc]:
        """Read a window whole."""
        return [doc for page in self.pages(stream, since) for doc in page.docs]

    def fetch(self, *ids: str, stream: str = "contacts") -> list[Doc]:
        """Fetch by id."""
        return list(CONNECTOR.streams[stream].fetch(self.client, ids))

    def deliver(self, change: Change, stream: str = "contacts", key: str = "key-1") -> Answer:
        """Make the one call of a change."""
        sink = CONNECTOR.sinks[stream]
        (call,) = sink.calls(change)
        return sink.send(self.client, call, key, change.external_id)

    def hints(self, **settings: str) -> list[Hint]:
        """Receive the waiting webhooks."""
        given = {"client_secret": CLIENT_SECRET} | settings
        requests = [WebhookRequest(URL, hook.headers, hook.body, self.clock.now()) for hook in self.fake.take_webhooks()]
        return [hint for request in requests for hint in CONNECTOR.receive(request, given)]


def create(properties: Doc, marker: str | None = "hub-7", **more: Any) -> Change:
    """Make a create, with our marker where the hub puts it."""
    filled = properties | ({"syncline_id": marker} if marker else {})
    return Change(Operation.CREATE, None, None, {"properties": filled, **more}, (), None, marker)


def update(before: Doc, *paths: str, **properties: Any) -> Change:
    """Make an update of a document that was read; without `paths` those of the changed properties."""
    after = before | {"properties": before["properties"] | properties}
    return Change(Operation.UPDATE, before["id"], before, after, paths or tuple(f"properties.{name}" for name in properties))


def delete(doc: Doc) -> Change:
    """Make a delete."""
    return Change(Operation.DELETE, doc["id"], doc, doc, ())
