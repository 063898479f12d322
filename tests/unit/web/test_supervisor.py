"""The receiver as a process of its own: it believes, keeps and answers, and is replaced when it dies."""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from hub.clock import SystemClock
from hub.errors import ConfigError, Stop
from hub.meters import METERS, Metric
from hub.runtime.doors import Address
from hub.sdk import Hint
from hub.sdk.fake import Webhook
from hub.web import supervisor
from hub.web.messages import Kept, Opening
from hub.web.supervisor import SupervisedReceiver
from tests.e2e.process import until
from tests.retailer import ENVIRON, PUBLIC, Retailer

HERE = Address("127.0.0.1", 0)


class Ahead(SystemClock):
    """A clock that can be put forward."""

    ahead_s = 0.0

    def elapsed(self) -> float:
        return super().elapsed() + self.ahead_s


class Front:
    """A hub that is not started, with its writer, and its receiver."""

    def __init__(self, folder: Path) -> None:
        self.shops = Retailer(folder)
        self.clock = Ahead()
        self.spool = folder / "hub.db.spool"
        self.receiver = self.open()

    def open(self) -> SupervisedReceiver:
        receiver = SupervisedReceiver(self.shops.hub, HERE, Opening(self.spool, "NORMAL", PUBLIC, 0, json=True), self.clock)
        receiver.start()
        return receiver

    def close(self) -> None:
        self.receiver.close()
        self.receiver.join(10)
        self.shops.close()

    def knock(self, body: bytes | None = None) -> int:
        """Send the next webhook of the shop; return the status of its answer."""
        if body is None:
            self.shops.shop.add_customer(firstName="Ada")
        hook = self.shops.shop.take_webhooks()[0] if body is None else None
        url = f"http://127.0.0.1:{self.receiver.port}/webhooks/shop"
        headers = dict(hook.headers) if hook else {}
        return httpx.post(url, content=hook.body if hook else body, headers=headers, trust_env=False, timeout=60).status_code

    def told(self) -> tuple[int, str]:
        """Return what the receiver says of itself."""
        answer = httpx.get(f"http://127.0.0.1:{self.receiver.port}/readyz", trust_env=False, timeout=60)
        return answer.status_code, answer.json()["status"]

    def hints(self) -> int:
        """Return how many hints the store has."""
        return sum(self.shops.hub.writer.submit(lambda unit: unit.hint_counts()).result(30).values())


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Front]:
    made = Front(tmp_path)
    yield made
    made.close()


def test_webhook_is_answered_and_stored_when_it_is_signed_well(front: Front) -> None:
    before = METERS.counts(Metric.WEBHOOKS).get(("shop", "accepted"), 0)
    assert front.knock() == 200
    until(lambda: front.hints() == 1)
    assert front.knock(b"{}") == 401
    until(lambda: METERS.counts(Metric.WEBHOOKS).get(("shop", "accepted"), 0) == before + 1)
    until(lambda: front.shops.hub.spooled == 0)


def test_every_webhook_is_stored_when_many_come_at_once(front: Front) -> None:
    for number in range(40):
        front.shops.shop.add_customer(firstName=f"Ada {number}")
    url = f"http://127.0.0.1:{front.receiver.port}/webhooks/shop"

    def post(hook: Webhook) -> int:
        return httpx.post(url, content=hook.body, headers=dict(hook.headers), trust_env=False, timeout=60).status_code

    hooks = front.shops.shop.take_webhooks()
    with ThreadPoolExecutor(8) as senders:
        assert set(senders.map(post, hooks)) == {200}
    until(lambda: front.hints() == 40)
    until(lambda: front.shops.hub.spooled == 0)


def test_receiver_is_told_nothing_but_what_webhooks_are_believed_by(front: Front) -> None:
    told = {name: dict(settings) for name, (_, settings) in front.shops.hub.believers().items()}
    assert told == {
        "shop": {"client_secret": ENVIRON["SHOP_SECRET"]},
        "till": {"webhook_signature_key": ENVIRON["TILL_KEY"]},
    }
    assert front.receiver.pid
    front.told()  # it runs its own program by now
    environ = Path(f"/proc/{front.receiver.pid}/environ").read_bytes()
    assert os.environ.keys() > {line.partition(b"=")[0].decode() for line in environ.split(b"\0")} - {"", "PYTHONPATH"}
    assert b"PYTEST_CURRENT_TEST" not in environ  # as any other variable that it does not need


def test_receiver_follows_at_once_when_the_hub_learns_another_key(front: Front) -> None:
    assert front.knock() == 200
    front.shops.hub.learn("shop", {"client_secret": "another"})
    until(lambda: front.knock() == 401)


def test_receiver_asks_to_come_again_when_the_hub_holds(front: Front) -> None:
    assert front.told() == (200, "ready")
    front.shops.hub.hold("disk")
    until(lambda: front.told() == (503, "disk"))
    assert front.knock() == 503
    front.shops.hub.go_on("disk")
    until(lambda: front.told() == (200, "ready"))
    assert front.knock() == 200


def test_receiver_is_replaced_and_loses_nothing_when_it_is_killed(front: Front) -> None:
    assert front.knock() == 200
    until(lambda: front.hints() == 1)
    first = front.receiver.pid
    assert first
    os.kill(first, signal.SIGKILL)
    until(lambda: front.receiver.tick() or front.receiver.pid != first)
    assert front.knock() == 200  # who knocks meanwhile waits
    until(lambda: front.hints() == 2)


def test_receiver_is_replaced_when_it_hangs(front: Front) -> None:
    front.told()
    first = front.receiver.pid
    assert first
    os.kill(first, signal.SIGSTOP)
    front.clock.ahead_s = supervisor.SILENT_S + 1
    front.receiver.tick()
    until(lambda: front.receiver.tick() or front.receiver.pid != first)
    assert front.knock() == 200


def test_hub_gives_up_when_its_receiver_dies_again_and_again(front: Front) -> None:
    def die_and_replace() -> None:
        pid = front.receiver.pid
        assert pid
        os.kill(pid, signal.SIGKILL)
        until(lambda: front.receiver.tick() or _forward(front) or front.receiver.pid != pid)

    for _ in supervisor.WAITS_S:
        die_and_replace()
    with pytest.raises(Stop, match="again and again"):
        die_and_replace()


def _forward(front: Front) -> None:
    front.clock.ahead_s += 1.0


def test_what_was_answered_is_found_by_the_next_hub_when_this_one_cannot_store_any_more(front: Front) -> None:
    front.told()
    front.shops.hub.writer.stop(10)
    assert front.knock() == 200  # the writer is gone, the receiver has not heard of it
    assert front.knock() == 200
    front.receiver.close()
    front.receiver.join(10)
    with closing(sqlite3.connect(front.spool)) as look:
        assert look.execute("SELECT count(*) FROM spool").fetchone() == (2,)


def test_receiver_ends_with_the_hub_when_nobody_tells_it_to(front: Front) -> None:
    front.told()
    link, process = front.receiver._link, front.receiver._process
    assert link
    assert process
    with socket.socket(fileno=os.dup(link.fileno())) as ours:
        ours.shutdown(socket.SHUT_RDWR)  # as the system does for a hub that is killed
    until(lambda: process.poll() is not None)
    assert process.returncode == 0


def test_webhooks_are_stored_when_one_beside_them_cannot_be(front: Front) -> None:
    kept = [Kept(n, "shop", [Hint("customers", known, f"e{n}")], forwarded=False) for n, known in enumerate(("1", "\ud800"))]
    assert front.receiver.store(kept)
    assert front.hints() == 1


def test_port_that_is_taken_is_refused_before_anything_starts(front: Front) -> None:
    with pytest.raises(ConfigError, match="already in use"):
        SupervisedReceiver(
            front.shops.hub,
            Address("127.0.0.1", front.receiver.port),
            Opening(front.spool, "NORMAL", PUBLIC, 0, json=True),
            front.clock,
        )
