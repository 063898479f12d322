"""Canaries: values that must never be seen outside of the store are put everywhere, then everything that is told is searched."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans

from hub.events import configure_logging
from hub.meters import METERS
from hub.ops.freshness import read_freshness
from hub.ops.gauges import Looker
from hub.ops.installation import Installation
from hub.ops.status import read_status
from hub.ops.watch import BOOK, Watch
from hub.runtime.room import Room
from hub.sdk import WebhookRequest
from hub.sdk.webhooks import sign
from hub.store.vault import Vault
from hub.web.monitor import monitor_app
from tests.recorded import Kept, recording
from tests.retailer import ENVIRON, INSTALLED, Retailer, Wire, answer_with, lose_answer

PERSON = {
    "given_name": "Xanthippe",
    "family_name": "Quarrelsome",
    "email_address": "canary.bird@example.org",
    "phone_number": "+33140999777",
    "note": "likes yellow feathers",
}
DRAWN = "drawn-by-the-till"
CANARIES = [*PERSON.values(), *ENVIRON.values(), DRAWN, "33140999777", "Cage Street 5"]
SHOWN = ("customers", "auth_failed", "timed_out")
"""What has to be there, so that the search is of something."""


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """The log lines, the finest too."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream, level=10)
    yield stream
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))


def drop_and_quote(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
    """Refuse a write and quote everything that was sent."""
    errors = [{"code": "INVALID_VALUE", "detail": request.content.decode(), "field": "note", "category": "INVALID_REQUEST_ERROR"}]
    return httpx.Response(400, json={"errors": errors, "headers": dict(request.headers)})


def live_through_trouble(shops: Retailer) -> None:
    """Let a person arrive, and everything go wrong once while they travel."""
    shops.hub._vault = Vault(b"k" * 32)
    shops.hub.learn("till", {"webhook_signature_key": DRAWN})
    shops.till.add_customer(**PERSON, address={"address_line_1": "Cage Street 5", "country": "FR"})
    shops.wires["shop"].breaks += [lose_answer, answer_with(500), answer_with(429), answer_with(403), drop_and_quote]
    shops.poll(2)
    shops.shop.add_customer(firstName="Xanthippe", lastName="Quarrelsome", email="other.bird@example.org")
    shops.poll()
    shops.wires["till"].breaks += [drop_and_quote, answer_with(401)]
    shops.till.token = "another"
    shops.poll()
    body = json.dumps(PERSON).encode()
    for secret in (ENVIRON["SHOP_SECRET"], "forged"):
        headers = {"x-shopify-hmac-sha256": sign(secret, body), "x-shopify-topic": "customers/update", "authorization": secret}
        shops.hub.receive("shop", WebhookRequest("https://hub.test/webhooks/shop", headers, body))
    shops.hub.watch(_break)


def _break() -> None:
    message = f"{PERSON['email_address']} {ENVIRON['TILL_TOKEN']}"
    raise RuntimeError(message)


def told(shops: Retailer) -> dict[str, str]:
    """Return what metrics, listings and alerts say."""
    hub, found = shops.hub, Installation(Path("config.yaml"), shops._config, INSTALLED)
    room = Room(None, 0)
    sent: list[str] = []

    class Ear:
        def send(self, notice: object) -> None:
            sent.append(json.dumps(notice))

    watching = Watch(hub, room, hub.store.reader, lambda: {"ear": Ear()}, shops.clock)
    watching.look()
    app = monitor_app(METERS, Looker(hub, room, hub.store.reader, watching.troubles, shops.clock).look)
    with hub.store.reader() as reader:
        status = read_status(found, reader, shops.clock.now(), running=True)
        fresh = read_freshness(shops._config.connections, reader, shops.clock.now())
        flags = {name: value for name, value in reader.flags().items() if not name.startswith("mapping-text/")}
    return {
        "metrics": asyncio.run(_get(app)),
        "status": json.dumps(status),
        "freshness": json.dumps(fresh),
        "flags": json.dumps(flags),
        "alerts": json.dumps(sent) + flags.get(BOOK, ""),
        "configuration": repr(shops._config),
    }


async def _get(app: Callable[..., object]) -> str:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:  # type: ignore[arg-type]
        return (await client.get("/metrics")).text


def exported(kept: Kept) -> str:
    """Return what a collector of traces is given."""
    return str(encode_spans(kept.spans()))


def test_no_secret_and_no_person_is_told_when_everything_goes_wrong(shops: Retailer, lines: io.StringIO) -> None:
    with recording() as kept:
        live_through_trouble(shops)
    everything = told(shops) | {"log": lines.getvalue(), "traces": exported(kept)}
    leaks = [(where, canary) for where, text in everything.items() for canary in CANARIES if canary in text]
    assert leaks == []
    assert [word for word in SHOWN if word not in json.dumps(everything)] == []
    assert "runtime.worker.stopped" in everything["log"]
    steps = ("fetch shop/customers", "poll till/customers", "reconcile till", "deliver shop", "prepare", "POST /v2/")
    assert [word for word in (*SHOWN, *steps) if word not in everything["traces"]] == []
    letters = shops.dead_letters()
    assert not [letter for letter in letters for canary in CANARIES if canary in letter.message + letter.suggestion]


def test_traces_name_no_record_of_a_system_and_no_query(shops: Retailer) -> None:
    with recording() as kept:
        live_through_trouble(shops)
        shops.deliver_webhooks()
        shops.settle(60)
    told = json.dumps([(span.name, dict(span.attributes or {})) for span in kept.spans()])
    ids = [*shops.till.customer_ids(), *(doc["id"].rpartition("/")[2] for doc in shops.shop.customers())]
    assert len(ids) >= 3
    assert "webhook shop" in told
    assert [word for word in (*ids, "?", "gid:") if word in told] == []


def test_what_a_system_drew_is_known_after_a_restart_when_the_key_is_still_the_same(shops: Retailer) -> None:
    shops.hub._vault = Vault(b"k" * 32)
    shops.hub.learn("till", {"webhook_signature_key": DRAWN})
    known = []
    for key in (b"k" * 32, b"other" * 8):
        shops.hub.learned, shops.hub._vault = {}, Vault(key)
        shops.hub.prepare()
        known.append(shops.hub.learned)
    assert known == [{"till": {"webhook_signature_key": DRAWN}}, {}]
