"""A simulated shop and a client to it; time moves only when told."""

from __future__ import annotations

import json
from typing import Any

import httpx

from connectors.shopify import CONNECTOR, ShopifyFake
from connectors.shopify.client import ShopifyClient
from hub.clock import micros
from hub.model.values import SECOND, Doc, Micros
from hub.sdk import Answer, AnswerKind, Change, Cursor, Operation, Page, WebhookRequest
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from tests.unit.clocks import StillClock

URL = "https://hub.test/hooks/shop"
SETTINGS = {"base_url": "https://shop.test", "access_token": "shpat_fake", "client_secret": "shopify-secret", "currency": "EUR"}


class Account:
    """`clock.at` is the time of both sides, in µs."""

    def __init__(self, **fake: Any) -> None:
        self.clock = StillClock(micros("2026-07-01T09:00:00Z"))
        self.fake = ShopifyFake(self.clock.now, webhook_url=URL, **fake)
        self.requests: list[Doc] = []
        self.bucket = Bucket(self.clock, capacity=2000, per_s=100)
        self.client: ShopifyClient = CONNECTOR.client(SETTINGS, self.http(httpx.MockTransport(self._carry)))

    def http(self, transport: httpx.BaseTransport) -> HttpxHttp:
        return HttpxHttp("https://shop.test", transport=transport, clock=self.clock, bucket=self.bucket, connection="shop")

    def _carry(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(json.loads(request.content))
        return self.fake.respond(request)

    def wait(self, seconds: float) -> Micros:
        self.clock.at += round(seconds * SECOND)
        return self.clock.at

    def pages(self, stream: str, since: Micros | None = None) -> list[Page]:
        pages = [CONNECTOR.streams[stream].page(self.client, Cursor(since))]
        while pages[-1].token is not None:
            pages.append(CONNECTOR.streams[stream].page(self.client, Cursor(since, pages[-1].token)))
        return pages

    def docs(self, stream: str, since: Micros | None = None) -> list[Doc]:
        return [doc for page in self.pages(stream, since) for doc in page.docs]

    def one(self, stream: str, external_id: str) -> Doc:
        (doc,) = CONNECTOR.streams[stream].fetch(self.client, [external_id])
        return doc

    def names(self, stream: str, change: Change) -> list[str]:
        return [call.name for call in CONNECTOR.sinks[stream].calls(change)]

    def send(self, stream: str, change: Change, key: str = "key-1") -> list[Answer]:
        """Make the calls of a change until one is not done."""
        answers: list[Answer] = []
        external_id = change.external_id
        for call in CONNECTOR.sinks[stream].calls(change):
            answers.append(CONNECTOR.sinks[stream].send(self.client, call, key, external_id))
            external_id = answers[-1].external_id or external_id
            if answers[-1].kind is not AnswerKind.DONE:
                break
        return answers

    def update(self, stream: str, external_id: str, *paths: str, **values: Any) -> list[Answer]:
        """Read a record, put `values` (top level) into it and write `paths` (default: those values)."""
        before = self.one(stream, external_id)
        return self.send(stream, edit(before, *paths, **values))

    def webhooks(self) -> list[WebhookRequest]:
        return [WebhookRequest(URL, one.headers, one.body) for one in self.fake.take_webhooks()]


def edit(before: Doc, *paths: str, **values: Any) -> Change:
    """Return the update from a document to one with other values."""
    return Change(Operation.UPDATE, before["id"], before, before | values, paths or tuple(values))


def movement(level: str, **after: Any) -> Change:
    """Return an adjustment; by default one that adds nothing to on_hand."""
    whole = {"level": level, "quantity": "on_hand", "delta": 0, "absolute": None, "expected": None}
    whole |= {"occurred_at": "2026-07-01T09:00:00Z", "reference": "m-1", **after}
    return Change(Operation.ADJUST, level, None, whole, ())


def stocked(account: Account, on_hand: int = 10, **variant: Any) -> tuple[str, str, str]:
    """Return variant, location and level id of one stocked variant."""
    location = account.fake.add_location("Store", city="Lyon", countryCode="FR")
    _, (made,) = account.fake.add_product("Shirt", [{"sku": "S-1", "price": "19.9", **variant}])
    account.fake.set_stock(made, location, on_hand)
    return made, location, account.fake.level_key(made, location)
