"""The webhook door answers with a status and nothing else."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import structlog

from hub.errors import BadPayload, Forged, StoreBusy
from hub.events import configure_logging
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import Receipt
from hub.web.receiver import Receive, receiver_app

PUBLIC = "https://hub.example/in"


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    """The log lines of a test, written as the daemon writes them."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.reset_defaults()


def _call(receive: Receive, method: str = "POST", path: str = "/webhooks/shop", **more: object) -> httpx.Response:
    healthy = more.pop("healthy", lambda: True)
    app = receiver_app(receive, public_url=PUBLIC + "/", longest_body_bytes=100, body_wait_s=0.05, healthy=healthy)  # type: ignore[arg-type]

    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://10.0.0.1:8100") as client:
            return await client.request(method, path, **more)  # type: ignore[arg-type]

    return asyncio.run(call())


def _raising(error: Exception) -> Receive:
    def receive(_: str, __: WebhookRequest) -> Receipt:
        raise error

    return receive


def test_receive_gets_exact_bytes_public_address_and_headers() -> None:
    seen: list[tuple[str, WebhookRequest]] = []

    def receive(connection: str, request: WebhookRequest) -> Receipt:
        seen.append((connection, request))
        return Receipt.ACCEPTED

    headers = [("X-Sig", "a"), ("x-sig", "b"), ("X-Topic", "t")]
    answer = _call(receive, path="/webhooks/shop?a=1", content=b' {"a":1}\n', headers=headers)
    ((connection, request),) = seen
    assert (answer.status_code, answer.content, connection) == (200, b"", "shop")
    assert (request.url, request.body) == (PUBLIC + "/webhooks/shop?a=1", b' {"a":1}\n')
    assert (request.headers["x-sig"], request.headers["x-topic"]) == ("a, b", "t")


@pytest.mark.parametrize(
    ("receive", "status"),
    [
        (lambda *_: Receipt.ACCEPTED, 200),
        (lambda *_: Receipt.UNREADABLE, 400),
        (lambda *_: Receipt.FORGED, 401),
        (lambda *_: Receipt.UNKNOWN, 404),
        (lambda *_: Receipt.BUSY, 503),
        (_raising(Forged("who")), 401),
        (_raising(BadPayload("what")), 400),
        (_raising(StoreBusy("busy")), 503),
        (_raising(RuntimeError("anna@example.com")), 503),
    ],
)
def test_door_answers_status_without_body(receive: Receive, status: int, lines: io.StringIO) -> None:
    answer = _call(receive, content=b"{}")
    assert (answer.status_code, answer.content) == (status, b"")
    assert ("retry-after" in answer.headers) == (status == 503)
    assert "anna" not in lines.getvalue()
    assert (lines.getvalue() == "") == (status == 200)


async def _chunks() -> AsyncIterator[bytes]:
    for _ in range(11):
        yield b"x" * 10


async def _stalled() -> AsyncIterator[bytes]:
    yield b"x"
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("content", "status"),
    [(b"x" * 100, 200), (b"x" * 101, 413), (_chunks, 413), (_stalled, 408)],
    ids=["at limit", "above limit", "chunked above limit", "stalled"],
)
def test_door_refuses_before_receiving_when_body_is_too_large_or_stalls(
    content: bytes | Callable[[], AsyncIterator[bytes]], status: int
) -> None:
    seen: list[str] = []

    def receive(connection: str, _: WebhookRequest) -> Receipt:
        seen.append(connection)
        return Receipt.ACCEPTED

    app = receiver_app(receive, public_url=PUBLIC, longest_body_bytes=100, body_wait_s=0.05)
    assert asyncio.run(_stream(app, content)) == status
    assert seen == ["shop"] * (status == 200)


async def _stream(app: Callable[..., object], content: bytes | Callable[[], AsyncIterator[bytes]]) -> int:
    """Speak ASGI as a server does: the body arrives piece by piece."""
    pieces = _whole(content) if isinstance(content, bytes) else content()
    headers = [(b"content-length", str(len(content)).encode())] if isinstance(content, bytes) else []
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        piece = await anext(pieces, None)
        return {"type": "http.request", "body": piece or b"", "more_body": piece is not None}

    async def send(message: dict[str, object]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/webhooks/shop",
        "query_string": b"",
        "headers": headers,
        "server": ("h", 80),
    }
    await app(scope, receive, send)  # type: ignore[misc]
    await pieces.aclose()  # type: ignore[attr-defined]
    return int(str(sent[0]["status"]))


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


def test_door_refuses_when_length_is_a_lie_it_cannot_read() -> None:
    assert _call(lambda *_: Receipt.ACCEPTED, content=b"{}", headers={"content-length": "-2"}).status_code == 413


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "/webhooks/shop", 405), ("POST", "/", 404), ("POST", "/webhooks/a/b", 404)]
)
def test_door_knows_no_other_way(method: str, path: str, status: int) -> None:
    assert _call(lambda *_: Receipt.ACCEPTED, method, path).status_code == status


@pytest.mark.parametrize(("good", "status"), [(True, 200), (False, 503)])
def test_healthz_says_whether_it_is_well(good: bool, status: int) -> None:  # noqa: FBT001 - a parametrised value
    assert _call(lambda *_: Receipt.ACCEPTED, "GET", "/healthz", healthy=lambda: good).status_code == status
