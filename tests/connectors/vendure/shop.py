"""What the tests of this connector share: a client over scripted answers, recordings of a live 3.7.3, the published schema."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx

from connectors.vendure.client import Client
from hub.clock import SystemClock
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket

RECORDED = Path(__file__).parent / "recorded"
REPO = Path(__file__).parents[3]
SCHEMA = Path(os.environ.get("SYNCLINE_SHARED", REPO.parent / "shared")) / "specs" / "vendure" / "admin-schema.graphql"
PASSWORD = {"username": "hub", "password": "secret"}
FORBIDDEN = {"errors": [{"message": "no", "path": ["x"], "extensions": {"code": "FORBIDDEN"}}], "data": None}


def recorded(name: str) -> list[dict[str, Any]]:
    """Return the recorded pairs of question and answer, see tests/live/vendure/record.py."""
    pairs: list[dict[str, Any]] = json.loads((RECORDED / f"{name}.json").read_text("utf-8"))
    return pairs


def bodies(*names: str) -> list[dict[str, Any]]:
    """Return recorded answers in order."""
    return [pair["body"] for name in names for pair in recorded(name)]


class Shop:
    """Answers with a script, one body after the other; logins answer themselves. Keeps what was asked."""

    def __init__(self, *script: dict[str, Any] | Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.headers: list[httpx.Headers] = []
        self.logins = 0

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        asked = json.loads(request.content)
        if "mutation Login" in asked["query"]:
            self.logins += 1
            return httpx.Response(
                200,
                headers={"vendure-auth-token": f"session-{self.logins}"},
                json={"data": {"login": {"__typename": "CurrentUser"}}},
            )
        self.asked.append(asked)
        self.headers.append(request.headers)
        body = self.script.pop(0)
        body = body(asked) if callable(body) else body
        refused = any(e.get("extensions", {}).get("http", {}).get("status") == 400 for e in body.get("errors", ()))
        return httpx.Response(400 if refused else 200, json=body)

    def client(self, **settings: str) -> Client:
        """Return a client of this shop."""
        clock = SystemClock()
        http = HttpxHttp(
            "http://shop.test",
            transport=httpx.MockTransport(self.answer),
            clock=clock,
            bucket=Bucket(clock, capacity=1e6, per_s=1e6),
        )
        return Client({**PASSWORD, **settings}, http)


def shop(*names: str) -> Shop:
    """Return a shop that answers as recorded, after the account's facts."""
    return Shop(*bodies("account", *names))
