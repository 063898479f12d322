"""The receiver as a process of its own: `python -m hub.web.receiver_process CONTROL LISTENING`, two sockets by number.

In: webhooks; what the hub says (`hub.web.messages`). Out: answers, once the spool has them; rows of the spool for the hub. It has
no interpreter to share with what loads, reconciles and pushes, so a webhook waits for nothing but its own disk. It holds no
credentials but those that webhooks are believed by, and ends when the hub does: whoever has no answer then comes again.
"""

from __future__ import annotations

import gc
import os
import signal
import socket
import sqlite3
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from multiprocessing.connection import Connection
from typing import Any, Final

from hub.clock import Clock, SystemClock
from hub.errors import BadPayload, Forged
from hub.events import Event, configure_logging, log
from hub.meters import METERS
from hub.runtime.doors import HttpDoor
from hub.sdk import WebhookRequest
from hub.sdk.boundary import believe
from hub.sdk.webhooks import FORWARDED, Receipt
from hub.web.messages import Believed, Close, Kept, Opening, Pulse, Report, Stored
from hub.web.receiver import Limits, receiver_app
from hub.web.spool import Promise, Spool

MOST_WAITING: Final = 20_000
"""So many webhooks may wait for the store before others are asked to come again: what a hub stores in some ten seconds."""
AT_ONCE: Final = 500
"""So many rows go to the hub in one message."""
REPORT_S: Final = 1.0
SILENT_S: Final = 15.0
"""A hub that said nothing for so long is unwell."""
END_S: Final = 2.0
SWITCH_S: Final = 0.0005
"""How long one thread may compute while another wants to: an answer waits for neither the spool nor a report."""
HUNG: Final = "hung"


class Receiver:
    """Believes, keeps, answers, and hands on."""

    def __init__(self, link: Connection[Any, Any], listening: socket.socket, clock: Clock) -> None:
        self._link, self._clock = link, clock
        opening: Opening = link.recv()
        configure_logging(json=opening.json)
        self._spool = Spool(opening.spool, opening.synchronous, clock, self._hand_on)
        self._known: Mapping[str, Believed] = {}
        self._hear(link.recv())  # whom to believe, before anybody is answered: who is told 404 may never come again
        self._lock = threading.Lock()
        self._kept: list[Kept] = []
        self._wake = clock.signal()
        self._closing = False
        app = receiver_app(
            self.accept,
            public_url=opening.public_url,
            elapsed=clock.elapsed,
            healthy=lambda: self._well and not self._is_hung(),
            ready=lambda: HUNG if self._is_hung() else next(iter(sorted(self._holds)), ""),
            limits=Limits(proxies=opening.proxies),
            knows=lambda name: name in self._known,
        )
        self._door = HttpDoor(app, listening, clock)

    def run(self) -> None:
        """Work until the hub says to end. Raises EOFError where the hub is gone."""
        self._spool.start()
        self._door.start()
        reporter = self._clock.start("reporter", self._tell)
        while not isinstance(said := self._link.recv(), Close):
            self._hear(said)
        self._door.close()
        self._door.join(END_S)
        self._spool.stop(END_S)
        self._closing = True
        self._wake.set()
        reporter.join(END_S)

    def accept(self, connection: str, request: WebhookRequest) -> Receipt | Promise:
        """Verify a webhook and keep its hints; never waits."""
        if self._holds or self._spool.waiting >= MOST_WAITING:
            return Receipt.BUSY
        believed = self._known.get(connection)
        if believed is None:
            return Receipt.UNKNOWN
        try:
            arrived = replace(request, received_at=self._clock.now())
            hints = believe(believed.connector, connection, arrived, believed.settings)
        except Forged:
            return Receipt.FORGED
        except BadPayload:
            return Receipt.UNREADABLE
        return self._spool.put(connection, hints, forwarded=FORWARDED in request.headers)

    def _is_hung(self) -> bool:
        return self._clock.elapsed() - self._heard_at > SILENT_S

    def _hear(self, said: Pulse | Stored) -> None:
        if isinstance(said, Stored):
            self._spool.forget(said.rows)
            return
        self._heard_at = self._clock.elapsed()
        if said.known is not None:
            self._known = said.known
        self._well, self._holds = said.well, said.holds

    def _hand_on(self, rows: Sequence[Kept]) -> None:
        with self._lock:
            self._kept += rows
        self._wake.set()

    def _tell(self) -> None:
        """Report what is kept at once, and every second that we live."""
        with suppress(OSError):  # the hub is gone: `run` notices
            while not (self._closing and not self._kept):
                self._wake.wait(REPORT_S)
                self._wake.clear()
                while self._report():
                    pass

    def _report(self) -> bool:
        """Send one report; say whether more is to be told at once."""
        with self._lock:
            kept, self._kept = self._kept[:AT_ONCE], self._kept[AT_ONCE:]
            more = bool(self._kept)
        self._link.send(Report(kept, self._spool.waiting, METERS.drain()))
        return more


def main() -> None:
    """Run until the hub ends."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)  # meant for the hub, which tells us in its time
    sys.setswitchinterval(SWITCH_S)
    gc.freeze()  # what is there now stays
    control, listening = (int(number) for number in sys.argv[1:3])
    try:
        Receiver(Connection(control), socket.socket(fileno=listening), SystemClock()).run()
    except (EOFError, ConnectionError):
        os._exit(0)  # the hub is gone, and with it whoever could hear of the rest
    except sqlite3.Error:
        log().exception(Event.RECEIVE_SPOOL_BROKEN)
        os._exit(1)


if __name__ == "__main__":
    main()
