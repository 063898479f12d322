"""A simulator over real HTTP, for the demo and for tests of the whole daemon.

In: a `Fake`. Out: a server in a thread on 127.0.0.1, and a thread that posts the fake's webhooks and tries again when the
receiver is not there. Everything that touches the fake holds `lock`; so must whoever acts as a person at that remote.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self, TypeAlias

import httpx
import uvicorn

from hub.clock import Clock, Worker
from hub.events import Event, log
from hub.sdk.fake import Fake, Webhook

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

_OWN_HEADERS: Final = frozenset({"content-length", "transfer-encoding", "content-encoding", "connection"})


@dataclass(frozen=True, slots=True)
class Persistence:
    """How often the sender looks for webhooks and how long it keeps trying with one."""

    look_s: float = 0.05
    first_wait_s: float = 0.2
    longest_wait_s: float = 10.0
    tries: int = 12


@dataclass(slots=True)
class _Waiting:
    webhook: Webhook
    due_s: float
    tries: int = 0


class ServedFake:
    """Serves a fake from `start` to `stop`; a context manager. `port` 0 takes a free one, known at once."""

    def __init__(
        self,
        fake: Fake,
        clock: Clock,
        *,
        name: str = "fake",
        host: str = "127.0.0.1",
        port: int = 0,
        persistence: Persistence | None = None,
    ) -> None:
        self.fake = fake
        self.lock = threading.RLock()
        self._clock = clock
        self._name = name
        self._persistence = persistence or Persistence()
        self._stopped = clock.signal()
        self._waiting: list[_Waiting] = []
        self._sending = 0
        self._workers: list[Worker] = []
        # asyncio sends at once only where the protocol is named; else head and body of an answer stand 40 ms apart (Nagle)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.listen(128)  # from here on callers are queued, so nobody has to wait for the server to be up
        self.host = host
        self.port: int = self._socket.getsockname()[1]
        settings = uvicorn.Config(
            self._app, interface="asgi3", log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(settings)

    @property
    def url(self) -> str:
        """The address it is served at."""
        return f"http://{self.host}:{self.port}"

    def start(self) -> Self:
        """Start serving and sending."""
        self._workers += [
            self._clock.start(f"{self._name}-server", lambda: self._server.run(sockets=[self._socket])),
            self._clock.start(f"{self._name}-webhooks", self._send_webhooks),
        ]
        log().info(Event.DEMO_FAKE_STARTED, connector=self._name, port=self.port)
        return self

    def stop(self) -> None:
        """Stop both; webhooks that still wait are lost, as on a crash."""
        self._server.should_exit = True
        self._stopped.set()
        for worker in self._workers:
            worker.join(10)
        self._socket.close()

    def waiting(self) -> int:
        """Return how many webhooks are not delivered yet."""
        return len(self.fake.webhooks) + len(self._waiting) + self._sending

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    async def _app(self, scope: Message, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        request = httpx.Request(scope["method"], self._address(scope), headers=scope["headers"], content=body)
        with self.lock:
            response = self.fake.respond(request)
        headers = [(name.lower(), value) for name, value in response.headers.raw if name.lower().decode() not in _OWN_HEADERS]
        headers.append((b"content-length", str(len(response.content)).encode()))
        await send({"type": "http.response.start", "status": response.status_code, "headers": headers})
        await send({"type": "http.response.body", "body": response.content})

    def _address(self, scope: Message) -> str:
        path = (scope.get("raw_path") or scope["path"].encode()).decode("latin-1")
        query = scope["query_string"].decode("latin-1")
        return f"{self.url}{path}" + (f"?{query}" if query else "")

    def _send_webhooks(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not self._stopped.is_set():
                self._send_due(client)
                self._stopped.wait(self._persistence.look_s)

    def _send_due(self, client: httpx.Client) -> None:
        with self.lock:
            new = self.fake.take_webhooks()
            now_s = self._clock.elapsed()
            self._waiting += [_Waiting(webhook, now_s) for webhook in new]
        for one in [one for one in self._waiting if one.due_s <= now_s]:
            self._sending = 1
            self._waiting.remove(one)
            if not self._stopped.is_set():
                self._send_one(client, one)
            self._sending = 0

    def _send_one(self, client: httpx.Client, one: _Waiting) -> None:
        one.tries += 1
        try:
            sent = client.post(self.fake.webhook_url, headers=one.webhook.headers, content=one.webhook.body).is_success
        except httpx.TransportError:
            sent = False
        rules = self._persistence
        if not sent and one.tries < rules.tries:
            one.due_s = self._clock.elapsed() + min(rules.longest_wait_s, rules.first_wait_s * 2 ** (one.tries - 1))
            self._waiting.append(one)
            return
        log().debug(Event.DEMO_WEBHOOK_SENT if sent else Event.DEMO_WEBHOOK_DROPPED, connector=self._name, tries=one.tries)
