"""A fake over real HTTP on the loopback."""

from __future__ import annotations

import queue
import socket
from collections.abc import Callable

import httpx

from hub.clock import SystemClock
from hub.model.values import Micros
from hub.sdk.fake import Fake, Webhook
from hub.sdk.serve import Persistence, ServedFake

QUICK = Persistence(look_s=0.01, first_wait_s=0.01, longest_wait_s=0.02, tries=3)
CLOCK = SystemClock()


class Echo(Fake):
    """Answers with what it was asked."""

    def respond(self, request: httpx.Request) -> httpx.Response:
        body = {
            "method": request.method,
            "url": str(request.url),
            "body": request.content.decode(),
            "x": request.headers.get("x-a"),
        }
        return httpx.Response(201, json=body, headers={"x-echo": "1"})


class Inbox(Fake):
    """Receives webhooks: answers with the next status and writes down what came."""

    def __init__(self, now: Callable[[], Micros], statuses: list[int]) -> None:
        super().__init__(now)
        self.statuses = statuses
        self.seen: queue.Queue[tuple[bytes, str]] = queue.Queue()

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.seen.put((request.content, request.headers["x-sig"]))
        return httpx.Response(self.statuses.pop(0) if self.statuses else 200)


def test_served_fake_gets_the_request_as_it_was_sent() -> None:
    with ServedFake(Echo(CLOCK.now), CLOCK) as served:
        answer = httpx.post(f"{served.url}/a%2Fb?x=1&y=%20", content=b"{}", headers={"x-a": "b"})
    assert (answer.status_code, answer.headers["x-echo"]) == (201, "1")
    assert answer.json() == {"method": "POST", "url": f"{served.url}/a%2Fb?x=1&y=%20", "body": "{}", "x": "b"}


def test_served_fake_takes_the_port_it_is_given() -> None:
    with ServedFake(Echo(CLOCK.now), CLOCK) as first:
        port = first.port
    with ServedFake(Echo(CLOCK.now), CLOCK, port=port) as second:
        assert httpx.get(second.url).status_code == 201


def _webhook(body: bytes) -> Webhook:
    return Webhook(CLOCK.now(), {"x-sig": "s"}, body)


def test_served_fake_sends_webhooks_again_when_receiver_is_busy_and_gives_up_in_the_end() -> None:
    with ServedFake(Inbox(CLOCK.now, [503, 500, 500, 500]), CLOCK) as inbox:
        fake = Echo(CLOCK.now, webhook_url=f"{inbox.url}/hook")
        with ServedFake(fake, CLOCK, persistence=QUICK) as served:
            with served.lock:
                fake.webhooks.append(_webhook(b"lost"))
            lost = [inbox.fake.seen.get(timeout=10) for _ in range(3)]  # type: ignore[attr-defined]
            with served.lock:
                fake.webhooks.append(_webhook(b"kept"))
            kept = [inbox.fake.seen.get(timeout=10) for _ in range(2)]  # type: ignore[attr-defined]
    assert lost == [(b"lost", "s")] * 3
    assert kept == [(b"kept", "s")] * 2
    assert inbox.fake.seen.empty()  # type: ignore[attr-defined]


def test_served_fake_keeps_trying_when_receiver_is_not_there_yet() -> None:
    with ServedFake(Echo(CLOCK.now), CLOCK) as gone:
        port = gone.port
    fake = Echo(CLOCK.now, webhook_url=f"http://127.0.0.1:{port}/hook")
    fake.webhooks.append(_webhook(b"early"))
    patient = Persistence(look_s=0.01, first_wait_s=0.01, longest_wait_s=0.05, tries=1000)
    with ServedFake(fake, CLOCK, persistence=patient), ServedFake(Inbox(CLOCK.now, []), CLOCK, port=port) as inbox:
        assert inbox.fake.seen.get(timeout=10) == (b"early", "s")  # type: ignore[attr-defined]


def test_accepted_connections_send_at_once() -> None:
    with ServedFake(Echo(CLOCK.now), CLOCK) as served:
        # asyncio switches Nagle's algorithm off only for sockets that name their protocol
        assert served._socket.proto == socket.IPPROTO_TCP
