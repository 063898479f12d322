"""Looks every few seconds whether something is wrong, and tells it through the channels of `alerts:`.

In: a running hub, its store. Out: notices, once when an incident begins, once when it is over, and a digest. What was told is
kept in the store. A channel that does not take a notice gets it again later; nothing of that stops the hub.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import orjson
import structlog

from hub.clock import Clock, Signal
from hub.errors import HubError, InvariantBroken, StoreLost
from hub.events import Event
from hub.meters import METERS, Metric
from hub.model.values import SECOND, Micros
from hub.ops.book import Book, Open, write_notice
from hub.ops.channels import Channel
from hub.ops.flags import BOOK, REFUSED
from hub.ops.freshness import read_freshness
from hub.ops.incidents import Figures, Incident, Trouble, find_incidents
from hub.runtime.hub import DISK, Hub
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.room import Room
from hub.store import Reader

LOOK_S: Final = 10.0
GRACE_S: Final = 180.0
"""After a start streams are behind because nobody read them: what is late is judged only then."""
LATE: Final = frozenset({Trouble.STALE, Trouble.UNSENT})
AGAIN_S: Final = (30.0, 120.0, 600.0)
"""How long a channel that failed is left alone."""
log = structlog.get_logger("hub.ops")


@dataclass(slots=True)
class _Rest:
    """A channel that failed so often, and is tried again at a time of the monotonic clock."""

    failures: int = 0
    until: float = 0.0


class Watch:
    """Watches one hub. `open_reader` opens its store for reading; `channels` gives the ways of the present configuration."""

    def __init__(
        self, hub: Hub, room: Room, open_reader: Callable[[], Reader], channels: Callable[[], Mapping[str, Channel]], clock: Clock
    ) -> None:
        self._hub, self._room, self._open, self._channels, self._clock = hub, room, open_reader, channels, clock
        self._stopping = False
        self._wake: Signal = clock.signal()
        self._started = clock.elapsed()
        self._rests: dict[str, _Rest] = {}
        self._book: Book | None = None
        self._saved = b""

    def run(self) -> None:
        """Watch until stopped."""
        while not self._stopping:
            try:
                self.look()
            except Exception as error:
                log.error(Event.ALERT_NOTICE_FAILED, code=getattr(error, "code", "internal"), exc_info=error)
            self._wake.wait(LOOK_S)

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping = True
        self._wake.set()

    def look(self) -> None:
        """Find out what is wrong, and tell what is new."""
        now, config = self._clock.now(), self._hub.ground.config
        book = self._book = self._book or self._recall()
        judged = self._clock.elapsed() - self._started >= GRACE_S
        found = find_incidents(config.connections, config.alerts, self._figures(now, late=judged), now)
        began, over = book.note(found, now, () if judged else LATE)
        self._tell(book, began, over, now)
        if book.is_digest_due(config.alerts.digest_s, now) and book.open:
            book.queue(write_notice(config.retailer, "digest", list(book.open.values()), now), self._channels())
        self._keep(book)
        self._send(book)
        self._keep(book)

    def troubles(self) -> dict[Trouble, int]:
        """Return how many incidents of each kind are open."""
        counts = dict.fromkeys(Trouble, 0)
        for one in list(self._book.open.values()) if self._book else ():
            counts[Trouble(one.kind)] += 1
        return counts

    def last_words(self, code: str) -> None:
        """Tell that the hub stops by itself: once to each channel, whatever becomes of it."""
        now, book = self._clock.now(), self._book or Book()
        text, fix = (
            f"The hub stopped by itself: {code}. Nothing is lost; nothing moves until it runs again.",
            "See its log, then start it.",
        )
        if code == StoreLost.code:
            text, fix = (
                "The hub cannot write its store. Nothing is lost; it goes on by itself once it can.",
                "Make room, or see to its server.",
            )
        found = {one.key: one for one in [Incident(Trouble.STOPPED, "", text, fix)]}
        fresh = [one for one in found.values() if one.key not in book.open]
        began, _ = book.note({**{k: _incident(v) for k, v in book.open.items()}, **found}, now)
        if not fresh:
            return
        book.pending.clear()
        self._tell(book, began, [], now)
        self._send(book)
        try:
            self._keep(book)
        except HubError:
            return  # the store is why it stops

    def _tell(self, book: Book, began: list[Open], over: list[Open], now: Micros) -> None:
        for happened, event, several in (
            ("started", Event.ALERT_INCIDENT_OPENED, began),
            ("ended", Event.ALERT_INCIDENT_CLOSED, over),
        ):
            for one in several:
                log.warning(event, kind=one.kind, connection=one.about or None)
            if several:
                book.queue(write_notice(self._hub.ground.config.retailer, happened, several, now), self._channels())

    def _figures(self, now: Micros, *, late: bool) -> Figures:
        config, hub = self._hub.ground.config, self._hub
        failing = {name: min(lane.failing.values()) for name, lane in list(hub.lanes.items()) if lane.failing}
        with self._open() as reader, reader.snapshot():
            flags = reader.flags()
            return Figures(
                states=reader.connections(),
                failing=failing,
                hearings=reader.hearings(),
                freshness=read_freshness(config.connections, reader, now) if late else (),
                cursors=reader.cursors(),
                dead_letters=reader.dead_letter_counts(),
                brakes=reader.brakes_asking(),
                old_questions=reader.questions_since(now - int(config.alerts.questions_s * SECOND)),
                writes_stopped=WRITES_STOPPED in flags,
                disk_scarce=self._room.is_scarce,
                disk_held=DISK in hub.holds,
                config_refused=flags.get(REFUSED, ""),
            )

    def _send(self, book: Book) -> None:
        """Hand over what is pending; a channel that fails keeps its own and does not hold up the others."""
        channels = self._channels()
        book.pending = {name: notices for name, notices in book.pending.items() if name in channels and notices}
        for name, notices in list(book.pending.items()):
            rest = self._rests.setdefault(name, _Rest())
            while notices and not self._stopping and self._clock.elapsed() >= rest.until:
                try:
                    channels[name].send(notices[0])
                except HubError as error:
                    self._put_off(name, rest, error)
                    break
                notices.pop(0)
                rest.failures = 0
                METERS.count(Metric.ALERTS, name, "sent")

    def _put_off(self, name: str, rest: _Rest, error: HubError) -> None:
        rest.until = self._clock.elapsed() + AGAIN_S[min(rest.failures, len(AGAIN_S) - 1)]
        rest.failures += 1
        METERS.count(Metric.ALERTS, name, "failed")
        if rest.failures == 1:
            log.error(Event.ALERT_NOTICE_FAILED, kind=name, code=error.code)

    def _recall(self) -> Book:
        with self._open() as reader:
            said = reader.flags().get(BOOK)
        self._saved = said.encode() if said else b""
        return Book.of(orjson.loads(said)) if said else Book()

    def _keep(self, book: Book) -> None:
        body = orjson.dumps(book.to_doc())
        if body == self._saved or (not self._saved and not book.open and not book.digest_at):
            return
        try:
            self._hub.writer.submit(lambda unit: unit.set_flag(BOOK, body.decode())).result(LOOK_S)
        except (TimeoutError, InvariantBroken):
            return  # the writer is ending; at worst a notice is sent twice
        self._saved = body


def _incident(one: Open) -> Incident:
    return Incident(Trouble(one.kind), one.about, one.text, one.fix)
