"""Keeps the receiver's process (`hub.web.receiver_process`) alive and told, and stores what it took.

In: a hub, an address, a file for the spool. Out: a door as any other. The socket that listens stays with the hub, so whoever
knocks while the process is started again waits, and nobody else gets the port. Every second each side says that it lives: a
process that dies, or says nothing for long, is replaced; what it had taken is in the spool.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from multiprocessing.connection import Connection
from typing import Any, Final

import structlog

from hub.clock import Clock, Worker
from hub.errors import Stop
from hub.events import Event
from hub.meters import METERS
from hub.runtime.doors import Address, listen
from hub.runtime.hub import Hub
from hub.web.messages import Believed, Close, Kept, Opening, Pulse, Report, Stored

MODULE: Final = "hub.web.receiver_process"
SILENT_S: Final = 30.0
"""A process that said nothing for so long hangs."""
WAITS_S: Final = (0.0, 1.0, 2.0, 5.0, 10.0)
"""How long to wait before it is started again, longer from time to time; after the last one the hub gives up."""
WELL_S: Final = 60.0
"""One that worked so long begins to count anew."""
CROWDED_S: Final = 0.05
AT_ONCE: Final = 1_000
"""So many webhooks are stored together."""
_TOLD: Final = ("PATH", "HOME", "LANG", "TZ", "TMPDIR", "LD_LIBRARY_PATH", "VIRTUAL_ENV")
"""What the process gets of our environment, beside Python's own settings: no secret is there by accident."""
log = structlog.get_logger("hub.web")


class SupervisedReceiver:
    """The door for webhooks, in a process of its own. `tick` is called every second."""

    def __init__(self, hub: Hub, address: Address, opening: Opening, clock: Clock) -> None:
        self._hub, self._opening, self._clock = hub, opening, clock
        self._socket = listen(address)
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._link: Connection[Any, Any] | None = None
        self._worker: Worker | None = None
        self._closing = False
        self._tries = 0
        self._again_at: float | None = None  # when a process that died is replaced
        self._started_at = self._heard_at = clock.elapsed()

    @property
    def port(self) -> int:
        """Return the port it is at."""
        return int(self._socket.getsockname()[1])

    @property
    def pid(self) -> int | None:
        """Return the process that serves just now."""
        return self._process.pid if self._process is not None else None

    def start(self) -> None:
        """Serve."""
        self._hub.turned = self.tell
        self._spawn()

    def tick(self) -> None:
        """Say that the hub lives; replace a process that died or hangs. Raises Stop where it dies again and again."""
        if self._closing or self._process is None:
            return
        if self._again_at is None and self._lives(self._process):
            self._say(self._pulse(None))
            return
        if self._again_at is None:
            self._again_at = self._bury(self._process)
        if self._clock.elapsed() >= self._again_at:
            self._spawn()

    def _lives(self, process: subprocess.Popen[bytes]) -> bool:
        return process.poll() is None and self._clock.elapsed() - self._heard_at <= SILENT_S

    def tell(self) -> None:
        """Say whom to believe and what holds, as it is now."""
        self._say(self._pulse({name: Believed(*found) for name, found in self._hub.believers().items()}))

    def close(self) -> None:
        """Let nobody in any more; returns at once."""
        self._closing = True
        self._hub.turned = _nothing
        self._say(Close())

    def join(self, timeout_s: float) -> None:
        """Wait for those inside, then give the port back."""
        self._closing = True
        if self._process is not None:
            try:
                self._process.wait(timeout_s)
            except subprocess.TimeoutExpired:
                self._kill(self._process)
        if self._worker is not None:
            self._worker.join(1.0)
        if self._link is not None:
            self._link.close()
        self._socket.close()

    def _spawn(self) -> None:
        ours, theirs = socket.socketpair()
        numbers = (theirs.fileno(), self._socket.fileno())
        command = [sys.executable, "-m", MODULE, *map(str, numbers)]
        with theirs:
            self._process = subprocess.Popen(command, pass_fds=numbers, stdin=subprocess.DEVNULL, env=_environ())  # noqa: S603 - our own module
        link: Connection[Any, Any] = Connection(ours.detach())
        self._started_at = self._heard_at = self._clock.elapsed()
        self._again_at = None
        with self._lock:
            self._link = link
        self._say(self._opening)
        self.tell()
        self._worker = self._clock.start("receiver", partial(self._hub.watch, partial(self._listen, link)))

    def _bury(self, process: subprocess.Popen[bytes]) -> float:
        """Take note of a process that died, or hangs and is killed; return when another is to be started."""
        code, now = process.poll(), self._clock.elapsed()
        self._kill(process)
        if now - self._started_at >= WELL_S:
            self._tries = 0
        if self._tries == len(WAITS_S):
            raise Stop("The process that answers webhooks dies again and again.", fix="See what the log says of it.")
        self._tries += 1
        log.error(Event.RUNTIME_RECEIVER_LOST, status=code, reason="hung" if code is None else "died", tries=self._tries)
        return now + WAITS_S[self._tries - 1]

    def _kill(self, process: subprocess.Popen[bytes]) -> None:
        process.kill()
        process.wait()

    def _pulse(self, known: Mapping[str, Believed] | None) -> Pulse:
        hub = self._hub
        return Pulse(known, hub.holds, hub.failure is None and hub.writer.failure is None)

    def _say(self, message: object) -> None:
        """Send; to a process that died nothing is said."""
        with self._lock, suppress(OSError):
            if self._link is not None:
                self._link.send(message)

    def _listen(self, link: Connection[Any, Any]) -> None:
        """Store what one process took, until it ends."""
        try:
            while True:
                rows = self._hear(link.recv())
                while len(rows) < AT_ONCE and link.poll():  # what came while the last ones were stored
                    rows += self._hear(link.recv())
                if rows and not self.store(rows):
                    return  # the link stays: a process that hears nothing any more would leave who knocks without an answer
        except (EOFError, OSError):
            link.close()

    def _hear(self, report: Report) -> list[Kept]:
        self._heard_at = self._clock.elapsed()
        METERS.absorb(report.counted)
        self._hub.spooled = report.waiting
        return list(report.kept)

    def store(self, rows: Sequence[Kept]) -> bool:
        """Have rows stored, and say so; False: the hub ends, they are found in the spool by the next one."""
        while self._hub.is_crowded():
            self._clock.sleep(CROWDED_S)
        try:
            tickets = [self._hub.take_in(one.connection, one.hints, forwarded=one.forwarded) for one in rows]
            for ticket in dict.fromkeys(tickets):
                if ticket is not None:
                    ticket.result()
        except Stop:
            return False
        except Exception:
            if len(rows) > 1:  # one of them is to blame; the others need not wait for it
                return all(self.store([one]) for one in rows)
            log.exception(Event.RECEIVE_WEBHOOK_POSTPONED, connection=rows[0].connection)  # it stays in the spool
            return True
        self._say(Stored([one.row for one in rows]))
        return True


def _nothing() -> None:
    """Tell nobody."""


def _environ() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if name in _TOLD or name.startswith(("PYTHON", "LC_"))}
    return {**kept, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
