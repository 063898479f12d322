"""The systems that the hub is measured with: a shop and a till on loopback that answer at once and know no limits.

`python -m tests.bench.town --customers 1000 ...` is a process of its own, so that its CPU seconds are never the hub's. The shop
makes its customers as it is asked for them, in the shape of the GraphQL API; the till is the simulator. Port numbers are told on
the first line; every further line that comes in is a command of a driver, answered by one line of JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import hmac
import re
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import httpx
import orjson

from connectors.square import SquareFake
from hub.clock import SystemClock
from tests.bench.data import customer

SECRET: Final = "demo-bench-secret"
TILL_TOKEN: Final = "demo-bench-till"
POINTS: Final = {"maximumAvailable": 1e9, "currentlyAvailable": 1e9, "restoreRate": 1e9}
COST: Final = {"requestedQueryCost": 1, "actualQueryCost": 1, "throttleStatus": POINTS}
_ROOT: Final = re.compile(r"\{\s*(\w+)\s*[({]")
Answer = Callable[[str, str, dict[str, str], bytes], tuple[int, bytes]]
"""(method, path, headers, body) -> status, body."""


def number_of(gid: str) -> int:
    """Return which customer a global id names."""
    return (int(gid.rpartition("/")[2]) - 6_000_000_000_000) // 7


def gid_of(number: int) -> str:
    """Return the global id of a customer."""
    return f"gid://shopify/Customer/{6_000_000_000_000 + number * 7}"


class Shop:
    """Customers 0 to `count` - 1. What was edited keeps its note and its time; `reads` counts what was fetched by id."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.edits: dict[int, tuple[str, str]] = {}
        self.reads = 0

    def answer(self, _method: str, _path: str, _headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer a GraphQL request."""
        asked = orjson.loads(body)
        return 200, orjson.dumps({"data": self._data(asked["query"], asked["variables"]), "extensions": {"cost": COST}})

    def _data(self, query: str, given: dict[str, Any]) -> dict[str, Any]:
        found = _ROOT.search(query)
        root = found.group(1) if found else ""
        if root == "nodes":
            self.reads += len(given["ids"])
            return {"nodes": [self.node(number_of(one)) if "/Customer/" in one else None for one in given["ids"]]}
        if root == "customers" and not given.get("query"):
            first = int(given.get("after") or 0)
            after = min(self.count, first + given["first"])
            info = {"hasNextPage": after < self.count, "endCursor": str(after)}
            return {"customers": {"nodes": [self.node(number) for number in range(first, after)], "pageInfo": info}}
        return {root: {"nodes": [], "pageInfo": {"hasNextPage": False, "endCursor": None}}}

    def node(self, number: int) -> dict[str, Any] | None:
        """Return a customer as GraphQL writes one."""
        if not 0 <= number < self.count:
            return None
        rest = customer(number)
        note, changed = self.edits.get(number, (rest["note"], rest["updated_at"]))
        state = "SUBSCRIBED" if rest["email_marketing_consent"]["state"] == "subscribed" else "NOT_SUBSCRIBED"
        stated_at = rest["email_marketing_consent"]["consent_updated_at"]
        phone = rest["phone"] and f"+4915{number:09d}"  # nobody shares one: who looks alike waits for a person
        return {
            "id": rest["admin_graphql_api_id"],
            "firstName": rest["first_name"],
            "lastName": rest["last_name"],
            "verifiedEmail": rest["verified_email"],
            "note": note,
            "locale": "de",
            "tags": rest["tags"].split(", ") if rest["tags"] else [],
            "state": rest["state"].upper(),
            "createdAt": rest["created_at"],
            "updatedAt": changed,
            "defaultEmailAddress": {"emailAddress": rest["email"], "marketingState": state, "marketingUpdatedAt": stated_at},
            "defaultPhoneNumber": phone and {"phoneNumber": phone, "marketingState": "NOT_SUBSCRIBED"},
            "addressesV2": {
                "nodes": [_address(one) for one in rest["addresses"]],
                "pageInfo": {"hasNextPage": False, "endCursor": None},
            },
        }


def _address(rest: dict[str, Any]) -> dict[str, Any]:
    names = {
        "firstName": "first_name",
        "lastName": "last_name",
        "company": "company",
        "address1": "address1",
        "address2": "address2",
        "city": "city",
        "provinceCode": "province_code",
        "zip": "zip",
        "countryCodeV2": "country_code",
        "phone": "phone",
    }
    return {"id": f"gid://shopify/MailingAddress/{rest['id']}", **{ours: rest[theirs] for ours, theirs in names.items()}}


class Till:
    """The simulated till; `arrived` notes when (µs) each note came in an update."""

    def __init__(self) -> None:
        self.fake = SquareFake(SystemClock().now, token=TILL_TOKEN, country="DE", currency="EUR")
        self.arrived: dict[str, int] = {}
        self.writes = 0

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        """Answer a request."""
        if method == "PUT":
            note = orjson.loads(body).get("note")
            if isinstance(note, str):
                self.arrived.setdefault(note, time.time_ns() // 1000)
        self.writes += method in ("PUT", "POST") and path == "/v2/customers"
        response = self.fake.respond(httpx.Request(method, f"http://till{path}", headers=headers, content=body))
        self.fake.take_webhooks()
        return response.status_code, response.content


class Line(asyncio.Protocol):
    """One kept-alive connection of an HTTP/1.1 client that names the length of what it sends."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._heard = b""
        self._transport: Any = None

    def connection_made(self, transport: Any) -> None:
        """Take a caller."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every whole request."""
        self._heard += data
        while (end := self._heard.find(b"\r\n\r\n")) >= 0:
            first, *lines = self._heard[:end].decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            whole = end + 4 + int(headers.get("content-length", "0"))
            if len(self._heard) < whole:
                return
            body, self._heard = self._heard[end + 4 : whole], self._heard[whole:]
            method, path, _ = first.split(" ", 2)
            status, said = self._answer(method, path, headers, body)
            head = f"HTTP/1.1 {status} OK\r\ncontent-type: application/json\r\ncontent-length: {len(said)}\r\n\r\n"
            self._transport.write(head.encode() + said)


async def edit(shop: Shop, till: Till, url: str, rate: float, seconds: float, customers: int) -> dict[str, Any]:
    """Edit customers at a rate, tell the hub of each by webhook, wait for what arrives at the till; return the lags (s)."""
    sent: dict[str, int] = {}
    refused = 0
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    async with httpx.AsyncClient(trust_env=False, timeout=30, limits=limits) as client:

        async def tell(number: int, note: str) -> None:
            nonlocal refused
            at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            shop.edits[number] = (note, at)
            body = orjson.dumps({"id": 6_000_000_000_000 + number * 7, "admin_graphql_api_id": gid_of(number), "note": note})
            sign = base64.b64encode(hmac.digest(SECRET.encode(), body, hashlib.sha256)).decode()
            headers = {"x-shopify-topic": "customers/update", "x-shopify-hmac-sha256": sign, "x-shopify-webhook-id": note}
            sent[note] = time.time_ns() // 1000
            answer = await client.post(url, content=body, headers=headers)
            refused += answer.status_code != 200

        begun, tasks = time.perf_counter(), set()
        for turn in range(int(rate * seconds)):
            await asyncio.sleep(max(0.0, begun + turn / rate - time.perf_counter()))
            tasks.add(asyncio.ensure_future(tell(turn % customers, f"{begun:.0f}-{turn}")))
        await asyncio.gather(*tasks)
    last = time.perf_counter()
    while sent.keys() - till.arrived.keys() and time.perf_counter() < last + 60:
        await asyncio.sleep(0.02)
    lags = sorted((till.arrived[note] - at) / 1e6 for note, at in sent.items() if note in till.arrived)
    return {"sent": len(sent), "refused": refused, "lags_s": lags, "missing": sorted(sent.keys() - till.arrived.keys())[:5]}


async def main() -> None:
    """Serve until the input ends."""
    parser = argparse.ArgumentParser(prog="tests.bench.town")
    parser.add_argument("--customers", type=int, default=1000)
    asked = parser.parse_args()
    shop, till = Shop(asked.customers), Till()
    loop = asyncio.get_running_loop()
    servers = [await loop.create_server(lambda who=who: Line(who.answer), "127.0.0.1", 0) for who in (shop, till)]  # type: ignore[misc]
    _say([server.sockets[0].getsockname()[1] for server in servers])
    lines = asyncio.StreamReader()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        match orjson.loads(line):
            case ["counts"]:
                _say({"till_customers": len(till.fake.customer_ids()), "reads": shop.reads})
            case ["edit", url, rate, seconds, customers]:
                _say(await edit(shop, till, url, rate, seconds, customers))
            case other:
                message = f"nobody here knows {other!r}"
                raise ValueError(message)


def _say(what: Any) -> None:
    sys.stdout.buffer.write(orjson.dumps(what) + b"\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
