"""A simulated account with everything the connector needs to talk to it. Every exchange is held against the contract."""

from __future__ import annotations

from typing import Any

import httpx

from connectors.square import CONNECTOR, SquareFake
from connectors.square.client import SquareClient
from connectors.square.fake import SIGNATURE_KEY, TOKEN
from hub.clock import instant, micros
from hub.model.values import Doc, Micros
from hub.sdk import Answer, Change, Cursor, Operation, WebhookRequest
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from tests.connectors.square.contract import contract
from tests.unit.clocks import StillClock

URL = "https://hub.test/hooks/till"
START = micros("2026-03-01T09:00:00Z")


class Account:
    """`at` is the account's clock in µs; it moves only by `wait`."""

    def __init__(self, *, token: str = TOKEN, **fake: Any) -> None:
        self.at: Micros = START
        self.fake = SquareFake(lambda: self.at, webhook_url=URL, **fake)
        self.requests: list[httpx.Request] = []
        self.clock = StillClock()
        bucket = Bucket(self.clock, capacity=1000, per_s=1000)
        http = HttpxHttp(
            "https://square.test", transport=httpx.MockTransport(self._carry), clock=self.clock, bucket=bucket, connection="till"
        )
        self.client: SquareClient = CONNECTOR.client({"access_token": token}, http)

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        response = self.fake.respond(request)
        judge = contract()
        if judge:
            judge.check(request, response)
        return response

    def ask(self, path: str, body: Doc, *, token: str = TOKEN) -> tuple[int, Doc]:
        """Ask the fake what the contract does not allow to ask; its answer is held against the contract all the same."""
        url = f"https://square.test{path}"
        response = self.fake.respond(httpx.Request("POST", url, json=body, headers={"authorization": f"Bearer {token}"}))
        judge = contract()
        if judge:
            judge.check_answer("POST", path, response)
        return response.status_code, response.json()

    def wait(self, seconds: float) -> None:
        """Let time pass."""
        self.at += int(seconds * 1_000_000)

    def now(self) -> str:
        """Return the account's time as text."""
        return instant(self.at)

    def read_all(self, stream: str, since: Micros | None = None) -> list[Doc]:
        """Read a window page by page."""
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

    def move(
        self, level: str, *, delta: int = 0, absolute: int | None = None, key: str = "move-1", at: str | None = None
    ) -> Answer:
        """Adjust a level."""
        after = {"level": level, "quantity": "on_hand", "delta": delta, "absolute": absolute, "expected": None}
        after |= {"occurred_at": at or self.now(), "reference": "m1"}
        return self.deliver("inventory", Change(Operation.ADJUST, level, None, after, ()), key)

    def hints(self) -> list[tuple[str, str]]:
        """Receive the waiting webhooks."""
        settings = {"webhook_signature_key": SIGNATURE_KEY}
        received = [CONNECTOR.receive(WebhookRequest(URL, w.headers, w.body), settings) for w in self.fake.take_webhooks()]
        return [(hint.stream, hint.external_id) for hints in received for hint in hints]


def create(after: Doc, marker: str | None = None) -> Change:
    """Make a create."""
    return Change(Operation.CREATE, None, None, after, (), None, marker)


def update(before: Doc, after: Doc, *paths: str, version: int | None = None) -> Change:
    """Make an update of a document that was read."""
    return Change(Operation.UPDATE, before["id"], before, after, paths, before["version"] if version is None else version)


def delete(doc: Doc) -> Change:
    """Make a delete."""
    return Change(Operation.DELETE, doc["id"], doc, doc, (), doc["version"])
