"""The wire between the hub and one remote: three doors per request, and everything that can go wrong between them.

The effect at the remote is an event of the world, not a step of the worker: it happens even when the process that asked
for it has died, and may come after the asker gave up.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, fields
from enum import StrEnum

import httpx

from hub.model.values import SECOND, Micros
from hub.sdk.fake import Fake
from tests.simulation.baton import Baton
from tests.simulation.clock import SimSignal


class Fault(StrEnum):
    """What can happen to one request."""

    NONE = "none"
    DROP = "drop"  # never leaves: ConnectError
    RESET = "reset"  # took effect, the connection breaks: ReadError
    TIMEOUT_LOST = "timeout_lost"  # never arrives: ReadTimeout
    TIMEOUT_AFTER = "timeout_after"  # took effect, the reply is lost: ReadTimeout
    TIMEOUT_LATE = "timeout_late"  # takes effect after the asker gave up: ReadTimeout
    LIMITED = "limited"  # 429 with Retry-After, no effect
    BROKEN = "broken"  # 500, no effect
    DOWN = "down"  # 503, no effect
    GATEWAY = "gateway"  # took effect, a gateway answers 504


@dataclass(slots=True)
class Weather:
    """Probability of each fault per request, and how long things take. After `until` (world time) the sky is clear."""

    drop: float = 0.0
    reset: float = 0.0
    timeout_lost: float = 0.0
    timeout_after: float = 0.0
    timeout_late: float = 0.0
    limited: float = 0.0
    broken: float = 0.0
    down: float = 0.0
    gateway: float = 0.0
    fastest_us: Micros = 2_000
    slowest_us: Micros = 1_500_000
    timeout_s: float = 10.0
    late_s: float = 15.0
    """A late effect comes at most this long after the request left: `timeout_s` and the hub's `Traits.late_effect` (5 s)."""
    until: Micros | None = None
    outages: tuple[tuple[Micros, Micros], ...] = ()
    """Windows in which every request is dropped."""

    def draw(self, rng: random.Random, now: Micros) -> Fault:
        """Draw what happens to a request that leaves now."""
        if self.until is not None and now > self.until:
            return Fault.NONE
        if any(start <= now < end for start, end in self.outages):
            return Fault.DROP
        chance = rng.random()
        for fault in Fault:
            chance -= getattr(self, fault.value, 0.0)
            if chance < 0:
                return fault
        return Fault.NONE

    def wire_us(self, rng: random.Random) -> Micros:
        """Draw how long one way takes: mostly short, sometimes long."""
        return int(self.fastest_us * (self.slowest_us / self.fastest_us) ** rng.random())


@dataclass(slots=True)
class Trip:
    """One request under way."""

    request: httpx.Request
    arrived: SimSignal
    response: httpx.Response | None = None


_ANSWERS = {Fault.LIMITED: 429, Fault.BROKEN: 500, Fault.DOWN: 503}
_MUTE = (Fault.TIMEOUT_LOST, Fault.TIMEOUT_AFTER, Fault.TIMEOUT_LATE)


class SimTransport(httpx.BaseTransport):
    """Carries requests to one fake.

    `left(request, at)` is called when one leaves, `delivered(request, response, sent_at)` when a reply reached the asker.
    """

    def __init__(
        self,
        baton: Baton,
        name: str,
        fake: Fake,
        weather: Weather,
        seed: int | str,
        *,
        delivered: Callable[[httpx.Request, httpx.Response, Micros], None] | None = None,
        left: Callable[[httpx.Request, Micros], None] | None = None,
    ) -> None:
        self._baton = baton
        self._name = name
        self._fake = fake
        self.weather = weather
        self._rng = random.Random(f"wire {name} {seed}")
        self._delivered = delivered
        self._left = left
        self.faults: Counter[str] = Counter()
        self.in_flight = 0
        self.requests = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry one request; raises what httpx raises when a wire breaks."""
        request.read()
        self.requests += 1
        self._baton.door("leaves")
        sent_at = self._baton.time
        request.extensions["left_at"] = sent_at
        if self._left is not None:
            self._left(request, sent_at)
        fault = self.weather.draw(self._rng, sent_at)
        there, back = self.weather.wire_us(self._rng), self.weather.wire_us(self._rng)
        self._baton.record(self._name, request.method, request.url.raw_path.decode(), request.content.decode(), fault.value)
        if fault is not Fault.NONE:
            self.faults[fault.value] += 1
            if request.method == "POST" and request.url.path == "/inventory":
                self.faults[f"stock {fault.value}"] += 1
        if fault is Fault.DROP:
            self._baton.door("reply", there)
            message = "connection refused"
            raise httpx.ConnectError(message, request=request)
        if fault in _ANSWERS:
            self._baton.door("reply", there + back)
            return self._refuse(fault, request)
        return self._travel(Trip(request, SimSignal(self._baton, "reply")), fault, there, back, sent_at)

    def _refuse(self, fault: Fault, request: httpx.Request) -> httpx.Response:
        headers = {"retry-after": str(self._rng.randrange(1, 6))} if fault is Fault.LIMITED else {}
        return httpx.Response(_ANSWERS[fault], headers=headers, json={"error": fault.value}, request=request)

    def _travel(self, trip: Trip, fault: Fault, there: Micros, back: Micros, sent_at: Micros) -> httpx.Response:
        timeout_s = self.weather.timeout_s
        asked_s = trip.request.extensions.get("timeout", {}).get("read")
        if asked_s is not None:
            timeout_s = min(timeout_s, asked_s)
        if fault is Fault.TIMEOUT_LATE:
            there = self._rng.randrange(round(timeout_s * SECOND), round(max(self.weather.late_s, timeout_s + 1) * SECOND))
        if fault is not Fault.TIMEOUT_LOST:
            self._depart(trip, there, None if fault in _MUTE else back)
        self._baton.record(self._name, "under way")
        if not trip.arrived.wait(timeout_s):
            message = "no answer in time"
            raise httpx.ReadTimeout(message, request=trip.request)
        return self._arrive(trip, fault, sent_at)

    def _depart(self, trip: Trip, there: Micros, back: Micros | None) -> None:
        self.in_flight += 1

        def effect() -> None:
            self._baton.doors["effect"] += 1
            trip.response = self._fake.respond(trip.request)
            self._baton.record(self._name, "effect", trip.response.status_code, trip.response.content.decode())
            if back is None:
                self.in_flight -= 1
            else:
                self._baton.at(self._baton.time + back, reply)

        def reply() -> None:
            self.in_flight -= 1
            trip.arrived.set()

        self._baton.at(self._baton.time + there, effect)

    def _arrive(self, trip: Trip, fault: Fault, sent_at: Micros) -> httpx.Response:
        if fault is Fault.RESET:
            message = "connection reset"
            raise httpx.ReadError(message, request=trip.request)
        if fault is Fault.GATEWAY:
            return httpx.Response(504, json={"error": "gateway"}, request=trip.request)
        assert trip.response is not None
        if self._delivered is not None:
            self._delivered(trip.request, trip.response, sent_at)
        return trip.response


def stormy(rng: random.Random, strength: float) -> Weather:
    """Return a weather whose faults together have about this probability per request, in seeded shares."""
    kinds = [f.name for f in fields(Weather) if f.name in set(Fault) - {Fault.NONE}]
    shares = [rng.random() for _ in kinds]
    scale = strength / sum(shares)
    return Weather(**{kind: share * scale for kind, share in zip(kinds, shares, strict=True)})
