"""The webhook door: `POST /webhooks/{connection}`, `/healthz` and `/readyz`.

A webhook is answered only once the callable handed in has returned: 200 means that its hints are committed. What fails on our
side, and what comes while too many wait already, is answered 503, so that the sender comes again.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.errors import BadPayload, Forged
from hub.events import Event, log
from hub.meters import METERS, Metric
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import LONGEST_BODY_BYTES, Receipt
from hub.web.strangers import Strangers, source_of

Receive: TypeAlias = Callable[[str, WebhookRequest], Receipt]

RETRY_AFTER_S: Final = 5
MOST_AT_ONCE: Final = 256
"""Webhooks taken in at the same time, bodies in memory: what comes beyond is to come again."""
_STATUS: Final = {
    Receipt.ACCEPTED: 200,
    Receipt.UNREADABLE: 400,
    Receipt.FORGED: 401,
    Receipt.UNKNOWN: 404,
    Receipt.BUSY: 503,
}


class _TooLarge(Exception):
    """The body goes on beyond the limit."""


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
) -> Starlette:
    """Return the ASGI app. `receive` may block; it runs in a worker thread, up to 40 at a time, and others wait their turn.

    `public_url` is what vendors call: signatures cover that address, not the one a proxy hands us. `elapsed`: monotonic seconds.
    `ready`: why the hub does not work just now, in a word; empty: it does.
    """
    door = _Door(receive, public_url.rstrip("/"), elapsed, limits or Limits())
    return Starlette(
        routes=[Route("/webhooks/{connection}", door.webhook, methods=["POST"]), *health_routes(healthy, ready)],
    )


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

    def __init__(self, receive: Receive, base: str, elapsed: Callable[[], float], limits: Limits) -> None:
        self._receive, self._base, self._elapsed, self._limits = receive, base, elapsed, limits
        self._strangers = Strangers(elapsed)
        self._inside = 0

    async def webhook(self, request: Request) -> Response:
        """Answer one webhook."""
        connection = request.path_params["connection"]
        headers = _headers(request)
        source = source_of(request.client.host if request.client else "", headers, self._limits.proxies)
        wait_s = self._strangers.wait_s(source)
        if wait_s:
            return _refused(connection, 429, "too_often", wait_s=wait_s)
        if self._inside >= self._limits.at_once:
            return _refused(connection, 503, "too_many")
        self._inside += 1
        try:
            answer = await self._take(request, connection, headers)
        finally:
            self._inside -= 1
        if answer.status_code in _STRANGE:
            self._strangers.refuse(source)
        return answer

    async def _take(self, request: Request, connection: str, headers: dict[str, str]) -> Response:
        try:
            async with asyncio.timeout(self._limits.body_wait_s):
                body = await _body(request, self._limits.longest_body_bytes)
        except _TooLarge:
            return _refused(connection, 413, "too_large")
        except (TimeoutError, ClientDisconnect):
            return _refused(connection, 408, "broken_off")
        query = f"?{request.url.query}" if request.url.query else ""
        arrived = WebhookRequest(f"{self._base}/webhooks/{connection}{query}", headers, body)
        begun = self._elapsed()
        answer = await run_in_threadpool(_answer, self._receive, connection, arrived)
        if answer.status_code == 200:
            METERS.time(Metric.WEBHOOK_TIME, self._elapsed() - begun, connection)
        return answer


async def _body(request: Request, longest_bytes: int) -> bytes:
    said = request.headers.get("content-length", "0")
    if not said.isdigit() or int(said) > longest_bytes:
        raise _TooLarge
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > longest_bytes:
            raise _TooLarge
    return bytes(body)


def _headers(request: Request) -> dict[str, str]:
    """Return the headers by lower-case name; one that came twice holds both, so no signature can be slipped in beside another."""
    out: dict[str, str] = {}
    for name, value in request.headers.items():
        out[name] = f"{out[name]}, {value}" if name in out else value
    return out


_FLOODS: Final = frozenset({"too_often", "too_many", Receipt.BUSY.value})
"""Why many are turned away at once: whoever causes it says so, and a line each would fill the disk."""
_STRANGE: Final = frozenset({401, 404, 408, 413})
"""What somebody gets whom we do not know; an unreadable body that was signed well is of one whom we do."""


def _answer(receive: Receive, connection: str, arrived: WebhookRequest) -> Response:
    try:
        receipt = receive(connection, arrived)
    except Forged:
        receipt = Receipt.FORGED
    except BadPayload:
        receipt = Receipt.UNREADABLE
    except Exception:  # noqa: BLE001 - whatever went wrong on our side, the sender must come again
        log().exception(Event.RECEIVE_WEBHOOK_POSTPONED, connection=connection)
        METERS.count(Metric.WEBHOOKS, "?", "failed")
        return Response(status_code=503, headers={"retry-after": str(RETRY_AFTER_S)})
    if receipt is Receipt.ACCEPTED:
        METERS.count(Metric.WEBHOOKS, connection, receipt.value)
        log().debug(Event.RECEIVE_WEBHOOK_ACCEPTED, connection=connection, size_bytes=len(arrived.body))
        return Response(status_code=200)
    return _refused(connection, _STATUS[receipt], receipt.value, known=receipt is not Receipt.UNKNOWN)


def _refused(connection: str, status: int, reason: str, *, known: bool = False, wait_s: float = RETRY_AFTER_S) -> Response:
    """Answer with a status and nothing else. A name that is in no configuration may be anything, so it stands in no metric."""
    METERS.count(Metric.WEBHOOKS, connection if known else "?", reason)
    event = Event.RECEIVE_WEBHOOK_POSTPONED if status == 503 else Event.RECEIVE_WEBHOOK_REFUSED
    level = log().debug if reason in _FLOODS else log().warning
    level(event, connection=connection if connection.isidentifier() else "?", status=status, reason=reason)
    again = status in (429, 503)
    return Response(status_code=status, headers={"retry-after": str(math.ceil(wait_s))} if again else None)
