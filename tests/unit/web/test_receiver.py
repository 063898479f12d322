"""The webhook door answers with a status and nothing else."""

from __future__ import annotations

import asyncio
import io
import threading
from collections.abc import AsyncIterator, Callable, Iterator

import httpx
import pytest
import structlog

from hub.errors import BadPayload, Forged, StoreBusy
from hub.events import configure_logging
from hub.sdk.base import WebhookRequest
from hub.sdk.webhooks import Receipt
from hub.web.receiver import Limits, Receive, receiver_app

PUBLIC = "https://hub.example/in"
SMALL = Limits(longest_body_bytes=100, body_wait_s=0.05)


def BUSY(*_: object) -> Receipt:  # noqa: N802 - a case of a table
    """Have no time; whoever causes it says so, not every webhook."""
    return Receipt.BUSY


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    """The log lines of a test, written as the daemon writes them."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.reset_defaults()


def _call(receive: Receive, method: str = "POST", path: str = "/webhooks/shop", **more: object) -> httpx.Response:
    told = {name: more.pop(name) for name in ("healthy", "ready") if name in more}
    app = receiver_app(receive, public_url=PUBLIC + "/", limits=SMALL, elapsed=lambda: 0.0, **told)  # type: ignore[arg-type]

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
        (BUSY, 503),
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
    assert (lines.getvalue() == "") == (status == 200 or receive is BUSY)


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

    app = receiver_app(receive, public_url=PUBLIC, limits=SMALL, elapsed=lambda: 0.0)
    assert asyncio.run(_stream(app, content)) == status
    assert seen == ["shop"] * (status == 200)


async def _stream(app: Callable[..., object], content: bytes | Callable[[], AsyncIterator[bytes]], peer: str = "10.0.0.9") -> int:
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
        "client": (peer, 1),
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


@pytest.mark.parametrize(
    ("good", "why", "answer"),
    [(True, "", (200, "ready")), (True, "disk", (503, "disk")), (False, "", (503, "unwell"))],
)
def test_readyz_says_why_when_it_does_not_work(good: bool, why: str, answer: tuple[int, str]) -> None:  # noqa: FBT001 - a table
    said = _call(lambda *_: Receipt.ACCEPTED, "GET", "/readyz", healthy=lambda: good, ready=lambda: why)
    assert (said.status_code, said.json()["status"]) == answer


class Caller:
    """Calls one door again and again; `now` is its monotonic time."""

    def __init__(self, receive: Receive, **limits: float) -> None:
        self.now = 0.0
        self.app = receiver_app(receive, public_url=PUBLIC, limits=Limits(**limits), elapsed=lambda: self.now)  # type: ignore[arg-type]

    def call(
        self, *froms: str, peer: str = "10.0.0.9", path: str = "/webhooks/shop", content: bytes = b"{}"
    ) -> list[httpx.Response]:
        """Send one webhook after the other; `froms`: what X-Forwarded-For says of each."""
        return asyncio.run(self._call(froms, peer, path, content))

    async def _call(self, froms: tuple[str, ...], peer: str, path: str, content: bytes) -> list[httpx.Response]:
        way = httpx.ASGITransport(self.app, client=(peer, 1))  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=way, base_url="http://hub") as client:
            return [await client.post(path, content=content, headers={"x-forwarded-for": one}) for one in froms]

    async def together(self, count: int) -> list[httpx.Response]:
        """Send several at once."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app), base_url="http://hub") as client:  # type: ignore[arg-type]
            return await asyncio.gather(*(client.post("/webhooks/shop", content=b"{}") for _ in range(count)))


def judge(_: str, request: WebhookRequest) -> Receipt:
    """Believe what is signed, as a connector does."""
    return Receipt.ACCEPTED if request.body == b"signed" else Receipt.FORGED


def test_door_says_too_often_when_a_source_forges_too_often() -> None:
    caller = Caller(judge)
    assert [one.status_code for one in caller.call(*["x"] * 70)] == [401] * 60 + [429] * 10
    assert caller.call("x", peer="10.0.0.10")[0].status_code == 401
    assert int(caller.call("x")[0].headers["retry-after"]) == 1
    caller.now = 5.0
    assert [one.status_code for one in caller.call(*["x"] * 6)] == [401] * 5 + [429]


def test_door_takes_what_is_signed_when_its_source_forged_too_often() -> None:
    caller = Caller(judge)
    assert caller.call(*["x"] * 100)[-1].status_code == 429
    assert [one.status_code for one in caller.call("x", "x", content=b"signed")] == [200, 200]
    assert caller.call("x")[0].status_code == 429


def test_forgeries_of_one_connection_count_for_no_other_when_they_share_an_address() -> None:
    caller = Caller(judge)
    assert caller.call(*["x"] * 61)[-1].status_code == 429
    assert caller.call("x", path="/webhooks/till")[0].status_code == 401


def test_forgeries_fill_no_log_when_they_come_too_often(lines: io.StringIO) -> None:
    Caller(judge).call(*["x"] * 100)
    assert lines.getvalue().count("receive.webhook.refused") == 60


def test_door_reads_no_body_when_nobody_goes_by_that_name() -> None:
    heard: list[str] = []
    app = receiver_app(_noting(heard), public_url=PUBLIC, limits=SMALL, elapsed=lambda: 0.0, knows=lambda name: name == "till")
    assert [asyncio.run(_stream(app, _stalled)) for _ in range(62)] == [404] * 60 + [429] * 2
    assert heard == []


def _noting(heard: list[str]) -> Receive:
    def receive(connection: str, _: WebhookRequest) -> Receipt:
        heard.append(connection)
        return Receipt.ACCEPTED

    return receive


def test_source_that_forged_too_often_keeps_nobody_else_out_when_its_bodies_stall() -> None:
    caller = Caller(judge, at_once=8, body_wait_s=0.1)
    caller.call(*["x"] * 61)

    async def crowd() -> tuple[int, list[int]]:
        stalled = [asyncio.ensure_future(_stream(caller.app, _stalled, "10.0.0.9")) for _ in range(9)]
        await asyncio.sleep(0)
        signed = asyncio.ensure_future(_stream(caller.app, b"signed", "10.0.0.9"))
        other = await _stream(caller.app, b"signed", "10.0.0.10")
        early = [one.done() for one in (*stalled, signed)]
        return other, [sum(early), await signed, *{await one for one in stalled}]

    assert asyncio.run(crowd()) == (200, [0, 200, 429])


def test_door_tells_sources_apart_when_our_own_proxies_name_them() -> None:
    behind = Caller(lambda *_: Receipt.FORGED, proxies=1)
    assert behind.call(*["6.6.6.6, 9.9.9.9"] * 61)[-1].status_code == 429
    assert behind.call("6.6.6.6, 8.8.8.8")[0].status_code == 401
    bare = Caller(lambda *_: Receipt.FORGED)
    assert bare.call(*[f"7.7.7.{n}" for n in range(61)])[-1].status_code == 429


def test_door_never_slows_a_source_when_it_signs_well() -> None:
    assert {one.status_code for one in Caller(lambda *_: Receipt.ACCEPTED).call(*["x"] * 200)} == {200}


class Storing:
    """A webhook that is being stored until somebody says that it is done, from whatever thread."""

    def __init__(self, error: Exception | None = None) -> None:
        self.callbacks: list[Callable[[], None]] = []
        self._error = error

    def when_done(self, callback: Callable[[], None], /) -> None:
        self.callbacks.append(callback)

    def result(self) -> None:
        raise_if(self._error)

    def done(self) -> None:
        """Answer, as the writer does."""
        workers = [threading.Thread(target=callback) for callback in self.callbacks]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def raise_if(error: Exception | None) -> None:
    if error is not None:
        raise error


def test_door_asks_to_come_again_when_too_many_are_inside() -> None:
    storing = Storing()

    async def crowd() -> list[httpx.Response]:
        asyncio.get_running_loop().call_later(0.2, storing.done)
        return await Caller(lambda *_: storing, at_once=3).together(5)

    answers = asyncio.run(crowd())
    assert sorted(one.status_code for one in answers) == [200, 200, 200, 503, 503]
    assert {one.headers.get("retry-after") for one in answers if one.status_code == 503} == {"5"}


@pytest.mark.parametrize(("error", "status"), [(None, 200), (StoreBusy("busy"), 503)])
def test_door_answers_only_once_a_webhook_is_stored(error: Exception | None, status: int) -> None:
    storing = Storing(error)

    async def wait() -> tuple[bool, int]:
        call = asyncio.ensure_future(Caller(lambda *_: storing).together(1))
        await asyncio.sleep(0.05)
        early = call.done()
        storing.done()
        return early, (await call)[0].status_code

    assert asyncio.run(wait()) == (False, status)
