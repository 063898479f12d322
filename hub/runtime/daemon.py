"""`hub run`: a hub that works until it is told to stop.

In: a hub, its webhook app, what carries out operator verbs. Out: workers that tick, a webhook door, a control door; a stop within
ten seconds at SIGTERM or SIGINT. Everything that matters is in the store, so a kill at any moment loses nothing: the next start
looks up what was under way.
"""

from __future__ import annotations

import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog
import uvicorn
from apscheduler.schedulers.background import BackgroundScheduler

from hub.clock import Clock, Signal
from hub.errors import ConfigError, Stop
from hub.events import Event
from hub.runtime.control import ControlServer
from hub.runtime.hub import Hub
from hub.runtime.subscriptions import Keeper

TICK_S: Final = 1.0
STOP_S: Final = 8.0
"""How long workers may take to end what they are doing; what is left is done after the next start."""
log = structlog.get_logger("hub.runtime")


@dataclass(frozen=True, slots=True)
class Address:
    """Where webhooks arrive. Port 0 takes a free one."""

    host: str
    port: int


class Daemon:
    """Runs one hub."""

    def __init__(self, hub: Hub, app: Any, address: Address, control: ControlServer, clock: Clock, keeper: Keeper) -> None:
        self._hub = hub
        self._keeper = keeper
        self._clock = clock
        self._control = control
        self._stopped: Signal = clock.signal()
        self._socket = _listen(address)
        settings = uvicorn.Config(
            app, interface="asgi3", log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=2
        )
        self._server = uvicorn.Server(settings)
        self._scheduler = BackgroundScheduler(timezone="UTC")
        self._scheduler.add_job(self._tick, "interval", seconds=TICK_S, max_instances=1, coalesce=True, misfire_grace_time=None)

    @property
    def port(self) -> int:
        """Return the port at which webhooks arrive."""
        return int(self._socket.getsockname()[1])

    def run(self, started: Callable[[], object] = lambda: None) -> None:
        """Work until stopped; `started` is called once the workers run. Raises Stop where a worker had to give up."""
        with _signals(self.stop):
            self._hub.start()
            server = self._clock.start("receiver", lambda: self._server.run(sockets=[self._socket]))
            self._control.start()
            self._scheduler.start()
            keeper = self._clock.start("keeper", self._keeper.run)
            log.info(Event.RUNTIME_RECEIVER_STARTED, port=self.port)
            try:
                started()
                self._stopped.wait()
            finally:
                self._scheduler.shutdown(wait=False)
                self._control.stop()
                self._keeper.stop()
                self._server.should_exit = True
                server.join(3.0)
                keeper.join(1.0)  # one that waits for a system ends with the process
                self._socket.close()
                self._hub.stop(STOP_S)
        if self._hub.failure is not None:
            raise self._hub.failure if isinstance(self._hub.failure, Stop) else Stop("A worker stopped.", fix="See the log.")

    def stop(self) -> None:
        """End what is under way, then return from `run`."""
        self._stopped.set()

    def _tick(self) -> None:
        self._hub.tick()
        failure = self._hub.failure or self._hub.writer.failure
        if failure is not None:
            self._hub.failure = failure
            self.stop()


def _listen(address: Address) -> socket.socket:
    """Take the port before anything else starts. Raises ConfigError where it is taken or not ours."""
    try:
        family = socket.AF_INET6 if ":" in address.host else socket.AF_INET
        door = socket.create_server((address.host, address.port), family=family, backlog=256)
    except OSError as error:
        text = f"Webhooks cannot be received at {address.host}:{address.port}: {(error.strerror or 'unknown').lower()}."
        raise ConfigError(text, fix="Choose another `receiver: port:`, or end what listens there.") from error
    # asyncio answers at once only where the protocol is named; else head and body stand 40 ms apart (Nagle)
    return socket.socket(door.family, door.type, socket.IPPROTO_TCP, fileno=door.detach())


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Let SIGTERM and SIGINT ask for a graceful stop. A second one ends the process as usual."""
    before: dict[signal.Signals, Any] = {}

    def on_signal(number: int, _frame: object) -> None:
        which = signal.Signals(number)
        signal.signal(which, before[which] or signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        before[number] = signal.getsignal(number)
        signal.signal(number, on_signal)
    try:
        yield
    finally:
        for which, handler in before.items():
            signal.signal(which, handler)
