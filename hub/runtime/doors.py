"""An HTTP door of the daemon: its port is taken before anything starts, and nobody can hold it open by being slow.

In: an ASGI app; an address, or a socket that listens already. Out: a server in a thread from `start` to `stop`. Whoever connects
and does not send a whole request head in time is cut off; the app watches over bodies.
"""

from __future__ import annotations

import asyncio
import socket
from dataclasses import dataclass
from typing import Any, Final, Protocol

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from hub.clock import Clock, Worker
from hub.errors import ConfigError

HEAD_S: Final = 10.0
"""How long the head of a request may take."""
LONGEST_HEAD_BYTES: Final = 64 * 1024
"""Of a request's head, and of what frames its body; whoever sends more is cut off. Vendors send one or two thousand bytes."""
MOST_CALLERS: Final = 2_000
"""Open connections at once; more are answered 503."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door is. Port 0 takes a free one. `setting`: what names it in config.yaml."""

    host: str
    port: int
    setting: str = "receiver: port:"


class Door(Protocol):
    """What is open between `start` and `join`, in a thread or in a process of its own."""

    @property
    def port(self) -> int:
        """Return the port it is at."""

    def start(self) -> None:
        """Serve."""

    def close(self) -> None:
        """Let nobody in any more; returns at once."""

    def join(self, timeout_s: float) -> None:
        """Wait for those inside, then give the port back."""


class Punctual(HttpToolsProtocol):
    """HTTP/1.1 of uvicorn, with a time-out and a longest length for heads: it has none of its own."""

    head_s: float = HEAD_S
    _late: asyncio.TimerHandle | None = None
    _bare_bytes = 0  # of this request, its body left out
    _body_bytes = 0

    def connection_made(self, transport: Any) -> None:
        """Take a caller."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """Take bytes; while a head is not whole the clock runs. What is no body is counted: the parser keeps all of it."""
        self._bare_bytes += len(data)
        super().data_received(data)
        if self._bare_bytes > LONGEST_HEAD_BYTES + self._body_bytes // 16:
            self.transport.close()
        elif not self._waits():
            self._rest()
        elif self._late is None:
            self._watch()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body; the app watches over its length."""
        self._bare_bytes -= len(body)
        self._body_bytes += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """Begin to count anew."""
        self._bare_bytes = self._body_bytes = 0
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a caller."""
        self._rest()
        super().connection_lost(exc)

    def _waits(self) -> bool:
        cycle: Any = self.cycle  # None before the first head, whatever its type says
        return cycle is None or bool(cycle.response_complete)

    def _watch(self) -> None:
        self._late = self.loop.call_later(self.head_s, self._cut)

    def _rest(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _cut(self) -> None:
        self._late = None
        if self._waits() and not self.transport.is_closing():
            self.transport.close()


class HttpDoor:
    """Serves an app."""

    def __init__(self, app: Any, where: Address | socket.socket, clock: Clock, protocol: type[Punctual] = Punctual) -> None:
        self._clock = clock
        self._socket = listen(where) if isinstance(where, Address) else where
        self._worker: Worker | None = None
        settings = uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            interface="asgi3",
            log_config=None,
            access_log=False,
            lifespan="off",
            server_header=False,
            proxy_headers=False,  # whom to believe is the app's to judge, by `receiver: proxies:`; by default any local peer is
            limit_concurrency=MOST_CALLERS,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(settings)

    @property
    def port(self) -> int:
        """Return the port it is at."""
        return int(self._socket.getsockname()[1])

    def start(self) -> None:
        """Serve."""
        self._worker = self._clock.start("door", lambda: self._server.run(sockets=[self._socket]))

    def close(self) -> None:
        """Let nobody in any more; returns at once."""
        self._server.should_exit = True

    def join(self, timeout_s: float) -> None:
        """Wait for those inside, then give the port back."""
        if self._worker is not None:
            self._worker.join(timeout_s)
        self._socket.close()


def listen(address: Address) -> socket.socket:
    """Take the port before anything else starts. Raises ConfigError where it is taken or not ours."""
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        door = socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        text = f"Nobody can be received at {address.host}:{address.port}: {(error.strerror or 'unknown').lower()}."
        raise ConfigError(text, fix=f"Choose another `{address.setting}`, or end what listens there.") from error
    # asyncio answers at once only where the protocol is named; else head and body stand 40 ms apart (Nagle)
    return socket.socket(door.family, door.type, socket.IPPROTO_TCP, fileno=door.detach())
