"""The webhook door: `POST /webhooks/{connection}`, `/healthz` and `/readyz`.

A webhook is answered only once the callable handed in has returned: 200 means that its hints are committed. What fails on our
side, and what comes while too many wait already, is answered 503, so that the sender comes again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.errors import BadPayload, Forged
from hub.events import Event, log
from hub.meters import METERS, Metric
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import LONGEST_BODY_BYTES, Receipt
from hub.web.strangers import Key, Strangers, source_of


class Pending(Protocol):
    """A webhook that is being stored."""

    def when_done(self, callback: Callable[[], None], /) -> None:
        """Call back, from any thread, once it is committed or failed."""

    def result(self) -> object:
        """Return at once after that; raise what it failed with."""


Receive: TypeAlias = Callable[[str, WebhookRequest], Receipt | Pending]
Scope: TypeAlias = MutableMapping[str, Any]
Hear: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Say: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Hear, Say], Awaitable[None]]

RETRY_AFTER_S: Final = 5
MOST_AT_ONCE: Final = 256
"""Webhooks taken in at the same time, bodies in memory: what comes beyond is to come again."""
WARY_SHARE: Final = 8
"""One in so many of these may come from sources that forged too often: they are listened to, and crowd nobody else out."""
_STATUS: Final = {
    Receipt.ACCEPTED: 200,
    Receipt.UNREADABLE: 400,
    Receipt.FORGED: 401,
    Receipt.UNKNOWN: 404,
    Receipt.BUSY: 503,
}


class _TooLarge(Exception):
    """The body goes on beyond the limit."""


class _BrokenOff(Exception):
    """The sender went away."""


class _Answer(NamedTuple):
    """What the sender gets. `wait_s`: when to come again; 0: nothing is said of that. `reason`: why it is refused, in a word.

    `known`: somebody goes by the name it was sent to. Any other name stands in no metric.
    """

    status: int
    wait_s: int = 0
    reason: str = ""
    known: bool = False


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is taken in. `proxies`: how many of ours stand before the door."""

    longest_body_bytes: int = LONGEST_BODY_BYTES
    body_wait_s: float = 10.0
    at_once: int = MOST_AT_ONCE
    proxies: int = 0


def receiver_app(
    receive: Receive,
    *,
    public_url: str,
    elapsed: Callable[[], float],
    healthy: Callable[[], bool] = lambda: True,
    ready: Callable[[], str] = lambda: "",
    limits: Limits | None = None,
    knows: Callable[[str], bool] = lambda _: True,
) -> App:
    """Return the ASGI app. `receive` must not block: it runs in the loop, and returns what is pending while it is stored.

    `public_url` is what vendors call: signatures cover that address, not the one a proxy hands us. `elapsed`: monotonic seconds.
    `ready`: why the hub does not work just now, in a word; empty: it does. `knows`: whether a connection goes by that name.
    """
    door = _Door(receive, public_url.rstrip("/"), elapsed, limits or Limits(), knows)
    others = Starlette(routes=health_routes(healthy, ready))

    async def app(scope: Scope, hear: Hear, say: Say) -> None:
        # webhooks go past the framework's router and middleware: at a thousand a second these cost more than the rest
        before, _, connection = scope["path"].rpartition("/")
        if before != "/webhooks" or not connection:
            await others(scope, hear, say)
        elif scope["method"] != "POST":
            await _say(say, _Answer(405))
        else:
            await _say(say, await door.webhook(scope, connection, hear))

    return app


def health_routes(healthy: Callable[[], bool], ready: Callable[[], str]) -> list[Route]:
    """Return `/healthz` (is it to be restarted?) and `/readyz` (does it work?)."""

    async def health(_: Request) -> Response:
        good = await run_in_threadpool(healthy)
        return JSONResponse({"status": "ok" if good else "unwell"}, 200 if good else 503)

    async def readiness(_: Request) -> Response:
        why = ready() if await run_in_threadpool(healthy) else "unwell"
        return JSONResponse({"status": why or "ready"}, 503 if why else 200)

    return [Route("/healthz", health, methods=["GET"]), Route("/readyz", readiness, methods=["GET"])]


class _Door:
    """Takes webhooks in."""

    def __init__(
        self, receive: Receive, base: str, elapsed: Callable[[], float], limits: Limits, knows: Callable[[str], bool]
    ) -> None:
        self._receive, self._base, self._elapsed, self._limits, self._knows = receive, base, elapsed, limits, knows
        self._strangers = Strangers(elapsed)
        self._inside = 0
        self._for_strangers = asyncio.Semaphore(max(1, limits.at_once // WARY_SHARE))

    async def webhook(self, scope: Scope, connection: str, hear: Hear) -> _Answer:
        """Answer one webhook."""
        headers = _headers(scope)
        peer = scope.get("client")
        source = source_of(peer[0] if peer else "", headers, self._limits.proxies)
        if not self._knows(connection):  # whatever its body: it is for nobody
            return self._judged((source, ""), connection, _Answer(404, reason=Receipt.UNKNOWN.value))
        key = (source, connection)
        if self._strangers.wait_s(key):
            async with self._for_strangers:  # what is signed well waits for its turn among the forgeries, and is taken
                return self._judged(key, connection, await self._enter(scope, connection, headers, hear))
        return self._judged(key, connection, await self._enter(scope, connection, headers, hear))

    async def _enter(self, scope: Scope, connection: str, headers: dict[str, str], hear: Hear) -> _Answer:
        if self._inside >= self._limits.at_once:
            return _Answer(503, RETRY_AFTER_S, "too_many")
        self._inside += 1
        try:
            return await self._take(scope, connection, headers, hear)
        finally:
            self._inside -= 1

    def _judged(self, key: Key, connection: str, answer: _Answer) -> _Answer:
        """Count what was not believed, and say what is refused."""
        if answer.status in _STRANGE and (wait_s := self._strangers.refuse(key)):
            answer = _Answer(429, math.ceil(wait_s), "too_often")
        if answer.reason:
            _tell_refused(connection, answer)
        return answer

    async def _take(self, scope: Scope, connection: str, headers: dict[str, str], hear: Hear) -> _Answer:
        try:
            async with asyncio.timeout(self._limits.body_wait_s):
                body = await _body(hear, headers, self._limits.longest_body_bytes)
        except _TooLarge:
            return _Answer(413, reason="too_large")
        except (TimeoutError, _BrokenOff):
            return _Answer(408, reason="broken_off")
        asked = scope["query_string"].decode("latin-1")
        query = f"?{asked}" if asked else ""
        arrived = WebhookRequest(f"{self._base}/webhooks/{connection}{query}", headers, body)
        begun = self._elapsed()
        answer = await _receive(self._receive, connection, arrived)
        if answer.status == 200:
            METERS.time(Metric.WEBHOOK_TIME, self._elapsed() - begun, connection)
        return answer


async def _body(hear: Hear, headers: dict[str, str], longest_bytes: int) -> bytes:
    said = headers.get("content-length", "0")
    if not (said.isascii() and said.isdigit()) or int(said) > longest_bytes:
        raise _TooLarge
    body, more = bytearray(), True
    while more:
        message = await hear()
        if message["type"] == "http.disconnect":
            raise _BrokenOff
        body += message.get("body", b"")
        more = message.get("more_body", False)
        if len(body) > longest_bytes:
            raise _TooLarge
    return bytes(body)


def _headers(scope: Scope) -> dict[str, str]:
    """Return the headers by lower-case name; one that came twice holds both, so no signature can be slipped in beside another."""
    out: dict[str, str] = {}
    for one, given in scope["headers"]:
        name, value = one.decode("latin-1").lower(), given.decode("latin-1")
        out[name] = f"{out[name]}, {value}" if name in out else value
    return out


_FLOODS: Final = frozenset({"too_often", "too_many", Receipt.BUSY.value})
"""Why many are turned away at once: whoever causes it says so, and a line each would fill the disk."""
_STRANGE: Final = frozenset({401, 404, 408, 413})
"""What somebody gets whom we do not know; an unreadable body that was signed well is of one whom we do."""


async def _receive(receive: Receive, connection: str, arrived: WebhookRequest) -> _Answer:
    try:
        receipt = receive(connection, arrived)
        if not isinstance(receipt, Receipt):
            await _stored(receipt)
            receipt = Receipt.ACCEPTED
    except Forged:
        receipt = Receipt.FORGED
    except BadPayload:
        receipt = Receipt.UNREADABLE
    except Exception:  # noqa: BLE001 - whatever went wrong on our side, the sender must come again
        log().exception(Event.RECEIVE_WEBHOOK_POSTPONED, connection=connection)
        METERS.count(Metric.WEBHOOKS, "?", "failed")
        return _Answer(503, RETRY_AFTER_S)
    if receipt is Receipt.ACCEPTED:
        METERS.count(Metric.WEBHOOKS, connection, receipt.value)
        log().debug(Event.RECEIVE_WEBHOOK_ACCEPTED, connection=connection, size_bytes=len(arrived.body))
        return _Answer(200)
    wait_s = RETRY_AFTER_S if receipt is Receipt.BUSY else 0
    return _Answer(_STATUS[receipt], wait_s, receipt.value, receipt is not Receipt.UNKNOWN)


async def _stored(pending: Pending) -> None:
    """Wait without holding a thread; raise what it failed with."""
    loop = asyncio.get_running_loop()
    done = loop.create_future()
    pending.when_done(lambda: _tell(loop, done))
    await done
    pending.result()


def _tell(loop: asyncio.AbstractEventLoop, done: asyncio.Future[None]) -> None:
    with suppress(RuntimeError):  # the door was shut meanwhile; the sender will come again
        loop.call_soon_threadsafe(lambda: None if done.done() else done.set_result(None))


def _tell_refused(connection: str, answer: _Answer) -> None:
    METERS.count(Metric.WEBHOOKS, connection if answer.known else "?", answer.reason)
    event = Event.RECEIVE_WEBHOOK_POSTPONED if answer.status == 503 else Event.RECEIVE_WEBHOOK_REFUSED
    level = log().debug if answer.reason in _FLOODS else log().warning
    level(event, connection=connection if connection.isidentifier() else "?", status=answer.status, reason=answer.reason)


async def _say(say: Say, answer: _Answer) -> None:
    headers = [(b"content-length", b"0")]
    if answer.wait_s:
        headers.append((b"retry-after", str(answer.wait_s).encode()))
    if answer.status == 405:
        headers.append((b"allow", b"POST"))
    await say({"type": "http.response.start", "status": answer.status, "headers": headers})
    await say({"type": "http.response.body", "body": b""})
