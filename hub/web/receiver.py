"""The webhook door: `POST /webhooks/{connection}`, and `/healthz`.

A webhook is answered only once the callable handed in has returned: 200 means that its hints are committed. What fails on our
side is answered 503, so that the sender comes again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from hub.errors import BadPayload, Forged
from hub.events import Event, log
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import LONGEST_BODY_BYTES, Receipt

Receive: TypeAlias = Callable[[str, WebhookRequest], Receipt]

RETRY_AFTER_S: Final = 5
_STATUS: Final = {
    Receipt.ACCEPTED: 200,
    Receipt.UNREADABLE: 400,
    Receipt.FORGED: 401,
    Receipt.UNKNOWN: 404,
    Receipt.BUSY: 503,
}


class _TooLarge(Exception):
    """The body goes on beyond the limit."""


def receiver_app(
    receive: Receive,
    *,
    public_url: str,
    healthy: Callable[[], bool] = lambda: True,
    longest_body_bytes: int = LONGEST_BODY_BYTES,
    body_wait_s: float = 10.0,
) -> Starlette:
    """Return the ASGI app. `receive` may block; it runs in a worker thread, up to 40 at a time, and others wait their turn.

    `public_url` is what vendors call: signatures cover that address, not the one a proxy hands us.
    """
    base = public_url.rstrip("/")

    async def webhook(request: Request) -> Response:
        connection = request.path_params["connection"]
        try:
            async with asyncio.timeout(body_wait_s):
                body = await _body(request, longest_body_bytes)
        except _TooLarge:
            return _refused(connection, 413, "too_large")
        except (TimeoutError, ClientDisconnect):
            return _refused(connection, 408, "broken_off")
        query = f"?{request.url.query}" if request.url.query else ""
        arrived = WebhookRequest(f"{base}/webhooks/{connection}{query}", _headers(request), body)
        return await run_in_threadpool(_answer, receive, connection, arrived)

    async def health(_: Request) -> Response:
        good = await run_in_threadpool(healthy)
        return JSONResponse({"status": "ok" if good else "unwell"}, 200 if good else 503)

    return Starlette(
        routes=[Route("/webhooks/{connection}", webhook, methods=["POST"]), Route("/healthz", health, methods=["GET"])]
    )


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


def _answer(receive: Receive, connection: str, arrived: WebhookRequest) -> Response:
    try:
        receipt = receive(connection, arrived)
    except Forged:
        receipt = Receipt.FORGED
    except BadPayload:
        receipt = Receipt.UNREADABLE
    except Exception:  # noqa: BLE001 - whatever went wrong on our side, the sender must come again
        log().exception(Event.RECEIVE_WEBHOOK_POSTPONED, connection=connection)
        return Response(status_code=503, headers={"retry-after": str(RETRY_AFTER_S)})
    if receipt is Receipt.ACCEPTED:
        log().debug(Event.RECEIVE_WEBHOOK_ACCEPTED, connection=connection, size_bytes=len(arrived.body))
        return Response(status_code=200)
    return _refused(connection, _STATUS[receipt], receipt.value)


def _refused(connection: str, status: int, reason: str) -> Response:
    postponed = status == 503
    event = Event.RECEIVE_WEBHOOK_POSTPONED if postponed else Event.RECEIVE_WEBHOOK_REFUSED
    log().warning(event, connection=connection if connection.isidentifier() else "?", status=status, reason=reason)
    return Response(status_code=status, headers={"retry-after": str(RETRY_AFTER_S)} if postponed else None)
