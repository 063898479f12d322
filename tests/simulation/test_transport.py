from __future__ import annotations

import random
from collections.abc import Callable

import httpx
import pytest

from hub.model.values import SECOND
from hub.sdk.fake import Fake
from tests.simulation.baton import Baton
from tests.simulation.clock import SimClock
from tests.simulation.transport import Fault, SimTransport, Weather, stormy


class Counter(Fake):
    """Counts what reached it."""

    hits = 0

    def respond(self, request: httpx.Request) -> httpx.Response:
        self.hits += 1
        return httpx.Response(200, json={"hits": self.hits})


def call(weather: Weather, seed: int = 1) -> tuple[object, Counter, SimTransport, float]:
    baton = Baton(seed)
    fake = Counter(lambda: baton.time)
    wire = SimTransport(baton, "shop", fake, weather, seed)
    told: list[object] = []
    started = baton.time

    def main() -> None:
        try:
            told.append(httpx.Client(transport=wire, base_url="https://remote.example").post("/x", json={}).status_code)
        except httpx.TransportError as error:
            told.append(type(error))
        told.append((baton.time - started) / SECOND)
        baton.door("wait", 60 * SECOND)

    baton.run(main)
    return told[0], fake, wire, float(str(told[1]))


@pytest.mark.parametrize(
    ("fault", "answer", "hits"),
    [
        ("drop", httpx.ConnectError, 0),
        ("reset", httpx.ReadError, 1),
        ("timeout_lost", httpx.ReadTimeout, 0),
        ("timeout_after", httpx.ReadTimeout, 1),
        ("timeout_late", httpx.ReadTimeout, 1),
        ("limited", 429, 0),
        ("broken", 500, 0),
        ("down", 503, 0),
        ("gateway", 504, 1),
    ],
)
def test_handle_request_fails_as_the_fault_says_and_counts_it(fault: str, answer: object, hits: int) -> None:
    told, fake, wire, _ = call(Weather(**{fault: 1.0}))
    assert (told, fake.hits, dict(wire.faults), wire.in_flight) == (answer, hits, {fault: 1}, 0)


def test_handle_request_answers_when_the_sky_is_clear() -> None:
    told, fake, wire, _ = call(Weather(drop=1.0, until=0))
    assert (told, fake.hits, dict(wire.faults)) == (200, 1, {})


def test_handle_request_gives_up_after_the_asker_s_own_patience_when_that_is_shorter() -> None:
    baton = Baton(1)
    wire = SimTransport(baton, "shop", Counter(lambda: 0), Weather(timeout_lost=1.0), 1)
    client = httpx.Client(transport=wire, base_url="https://remote.example", timeout=2.0)
    started = baton.time
    with pytest.raises(httpx.ReadTimeout):
        baton.run(lambda: client.get("/x") and None)
    assert 2.0 <= (baton.time - started) / SECOND < 2.1


def test_effect_comes_late_but_within_the_bound_when_the_asker_gave_up() -> None:
    baton, at = Baton(3), []

    class Late(Counter):
        def respond(self, request: httpx.Request) -> httpx.Response:
            at.append(baton.time - started)
            return super().respond(request)

    started = baton.time
    wire = SimTransport(baton, "shop", Late(lambda: 0), Weather(timeout_late=1.0), 3)

    def main() -> None:
        with pytest.raises(httpx.ReadTimeout):
            httpx.Client(transport=wire, base_url="https://remote.example", timeout=60).get("/x")
        baton.door("wait", 30 * SECOND)

    baton.run(main)
    assert 10 * SECOND <= at[0] <= 20 * SECOND + 10


def test_effect_happens_when_the_process_died_while_the_request_was_under_way() -> None:
    baton = Baton(1)
    clock, fake = SimClock(baton, 1), Counter(lambda: baton.time)
    wire = SimTransport(baton, "shop", fake, Weather(fastest_us=SECOND, slowest_us=2 * SECOND), 1)
    asking: Callable[[], None] = lambda: httpx.Client(transport=wire, base_url="https://remote.example").get("/x") and None  # noqa: E731 - one line

    def main() -> None:
        worker = clock.start("asker", asking)
        baton.door("wait", SECOND // 2)
        baton.crash("hub")
        assert not worker.is_alive()
        assert (fake.hits, wire.in_flight) == (0, 1)
        baton.door("wait", 10 * SECOND)

    baton.run(main)
    assert (fake.hits, wire.in_flight) == (1, 0)


def test_outage_drops_everything_in_its_window() -> None:
    weather = Weather(outages=((10, 20),))
    rng = random.Random(1)
    assert [weather.draw(rng, now) for now in (9, 10, 19, 20)] == [Fault.NONE, Fault.DROP, Fault.DROP, Fault.NONE]


def test_stormy_shares_its_strength_among_the_kinds() -> None:
    weather = stormy(random.Random(4), 0.3)
    rng = random.Random(5)
    drawn = [weather.draw(rng, 0) for _ in range(4000)]
    assert 0.27 < sum(f is not Fault.NONE for f in drawn) / 4000 < 0.33
    assert set(drawn) >= set(Fault) - {Fault.GATEWAY}
