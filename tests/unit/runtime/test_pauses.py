"""A pause is said once, a recovery once; a stop is not slept through."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog

from hub.clock import SystemClock
from hub.errors import AuthFailed, PermissionMissing, Unavailable
from hub.events import configure_logging
from hub.runtime.hub import DISK
from hub.runtime.room import Room
from hub.sdk.webhooks import Receipt
from tests.retailer import Retailer, answer_with


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log lines of a test."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def said(lines: io.StringIO, word: str) -> list[str]:
    return [line["event"] for line in map(json.loads, lines.getvalue().splitlines()) if word in line["event"]]


def test_pause_is_said_once_and_recovery_once_when_a_token_expires_and_is_renewed(shops: Retailer, lines: io.StringIO) -> None:
    shops.poll()
    lane = shops.hub.lanes["till"]
    good, shops.till.token = shops.till.token, "another"
    for _ in range(4):
        shops.clock.sleep(40)
        lane._guard("pull", lane.pull_due)
        lane._guard("push", lane.push_round)
    assert said(lines, "connection") == ["runtime.connection.paused"]
    assert (lane.paused, shops.hub.writer.submit(lambda unit: unit.connections()["till"].paused).result()) == ("auth_failed",) * 2
    shops.till.token = good
    for _ in range(3):
        shops.clock.sleep(40)
        lane._guard("push", lane.push_round)
        lane._guard("pull", lane.pull_due)
    assert said(lines, "connection") == ["runtime.connection.paused", "runtime.connection.resumed"]
    assert shops.hub.writer.submit(lambda unit: unit.connections()["till"].paused).result() == ""


def test_connection_stays_paused_when_only_reading_is_permitted(shops: Retailer, lines: io.StringIO) -> None:
    shops.poll()
    lane = shops.hub.lanes["till"]
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    shops.wires["till"].breaks += [answer_with(403)] * 3
    for _ in range(3):
        shops.clock.sleep(40)
        shops.round()
        assert lane.paused == "permission_missing"
    shops.poll()
    assert list(shops.at_till()) == ["ada@example.org"]
    assert said(lines, "connection") == ["runtime.connection.paused", "runtime.connection.resumed"]


@pytest.mark.parametrize(
    ("worker", "code", "well", "paused"),
    [
        ("push", AuthFailed, "pull", ""),
        ("pull", AuthFailed, "push", ""),
        ("push", PermissionMissing, "pull", "permission_missing"),
        ("push", PermissionMissing, "push", ""),
    ],
)
def test_worker_ends_a_pause_when_what_it_did_proves_it(
    shops: Retailer, worker: str, code: type[AuthFailed], well: str, paused: str
) -> None:
    lane = shops.hub.lanes["till"]
    lane._pause(code("No."), worker)
    lane._is_well(well)
    assert lane.paused == paused


def test_failing_is_counted_from_its_first_error_when_a_worker_keeps_failing(shops: Retailer) -> None:
    lane = shops.hub.lanes["till"]

    def fail() -> int:
        raise Unavailable("Away.")

    lane._guard("pull", fail)
    since = lane.failing["pull"]
    lane._guard("pull", fail)
    assert lane.failing["pull"] == since
    assert since[1] == "unavailable"
    lane._guard("pull", lane.pull_due)
    assert lane.failing == {}


def test_what_waited_for_a_system_goes_at_once_when_it_is_back(shops: Retailer) -> None:
    def away(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    shops.poll()
    wire = shops.wires["till"]
    carry, wire._carry = wire._carry, away
    shops.shop.add_customer(email="ada@example.org", firstName="Ada")
    shops.deliver_webhooks()
    shops.settle(500)  # by then a try is 300 s after the one before
    wire._carry = carry
    shops.settle(100)
    assert "ada@example.org" in shops.at_till()


class Lazy(SystemClock):
    """A real clock that says when somebody rests."""

    def __init__(self) -> None:
        self.resting = threading.Event()

    def rest(self, seconds: float, unless: object) -> None:
        self.resting.set()
        super().rest(seconds, unless)  # type: ignore[arg-type]


def test_hub_halts_at_once_when_a_worker_rests_after_an_error(shops: Retailer) -> None:
    lane, clock = shops.hub.lanes["till"], Lazy()
    lane._clock = clock
    shops.till.token = "another"
    shops.hub._workers.append(clock.start("pull", lane.pull))
    assert clock.resting.wait(20)
    assert shops.hub.halt(20.0)
    assert clock.elapsed() > 0


def test_halt_says_so_when_a_worker_does_not_end(shops: Retailer) -> None:
    gate = threading.Event()
    shops.hub._workers.append(SystemClock().start("stuck", gate.wait))
    assert not shops.hub.halt(0.0)
    gate.set()


class Disk:
    """A disk with so much room. Raises OSError where it is gone."""

    def __init__(self, free: int) -> None:
        self.free = free

    def __call__(self, _: Path) -> int:
        return self.free


def test_hub_takes_nothing_in_when_the_disk_is_nearly_full_and_goes_on_when_there_is_room(
    shops: Retailer, lines: io.StringIO, tmp_path: Path
) -> None:
    disk = Disk(1_000)
    room, hub = Room(tmp_path / "hub.db", 200, free=disk), shops.hub
    seen = []
    for free in (1_000, 599, 200, 199, 100, 249, 250, 100):
        disk.free = free
        room.look(hub)
        seen.append((room.is_scarce, DISK in hub.holds, hub.lanes["till"].held))
    assert seen == [
        (False, False, False),
        (True, False, False),
        (True, False, False),
        (True, True, True),
        (True, True, True),
        (True, True, True),
        (True, False, False),
        (True, True, True),
    ]
    assert said(lines, "disk") == ["runtime.disk.filled", "runtime.disk.eased", "runtime.disk.filled"]
    shops.till.add_customer(given_name="Ada", email_address="ada@example.org")
    reads = shops.wires["till"].reads
    assert hub.lanes["till"].pull_due() == 0
    assert shops.wires["till"].reads == reads
    assert shops.deliver_webhooks() == [Receipt.BUSY]
    disk.free = 1_000
    room.look(hub)
    shops.poll()
    assert list(shops.at_shop()) == ["ada@example.org"]


def test_room_is_not_watched_when_the_store_is_elsewhere(shops: Retailer) -> None:
    room = Room(None, 200, free=Disk(0))
    room.look(shops.hub)
    assert (room.is_scarce, shops.hub.holds) == (False, frozenset())
