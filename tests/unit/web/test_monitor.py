"""Numbers for monitoring: complete, without a name of a person, and for nobody who is not meant."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import structlog
from prometheus_client.parser import text_string_to_metric_families

from hub.events import configure_logging
from hub.meters import BOUNDS_S, FACTS, Kind, Meters, Metric
from hub.ops.gauges import Looker
from hub.runtime.outbox import WRITES_STOPPED
from hub.runtime.room import Room
from hub.web.monitor import PREFIX, Gauges, monitor_app
from tests.retailer import Retailer


@pytest.fixture(autouse=True)
def lines() -> Iterator[io.StringIO]:
    """The log lines of a test."""
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    yield stream
    structlog.reset_defaults()


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer."""
    made = Retailer(tmp_path)
    yield made
    made.close()


def ask(app: object, path: str = "/metrics", **headers: str) -> httpx.Response:
    async def call() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://hub") as client:  # type: ignore[arg-type]
            return await client.get(path, headers=headers)

    return asyncio.run(call())


def samples(text: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return (name without prefix, labels) -> value of our own metrics."""
    families = text_string_to_metric_families(text)
    return {
        (one.name.removeprefix(PREFIX), tuple(sorted(one.labels.items()))): one.value
        for family in families
        for one in family.samples
        if one.name.startswith(PREFIX)
    }


def test_every_metric_has_facts_and_a_name_that_fits_its_kind() -> None:
    assert set(FACTS) == set(Metric)
    assert {one for one in Metric if one.value.endswith("_total")} == {m for m, f in FACTS.items() if f.kind is Kind.COUNTER}
    assert {one for one in Metric if one.value.endswith("_seconds") and FACTS[one].kind is Kind.HISTOGRAM} == {
        m for m, f in FACTS.items() if f.kind is Kind.HISTOGRAM
    }


def test_metrics_show_sums_and_times_when_something_was_counted() -> None:
    meters = Meters()
    meters.count(Metric.WEBHOOKS, "shop", "accepted", n=2)
    meters.count(Metric.WEBHOOKS, "shop", "accepted")
    meters.time(Metric.WEBHOOK_TIME, 0.02, "shop")
    meters.time(Metric.WEBHOOK_TIME, 99.0, "shop")
    gauges: Gauges = {Metric.PAUSED: {("till",): 1.0}}
    found = samples(ask(monitor_app(meters, lambda: gauges)).text)
    shop = (("connection", "shop"),)
    assert found["webhooks_total", (("connection", "shop"), ("outcome", "accepted"))] == 3
    assert found["connection_paused", (("connection", "till"),)] == 1
    assert (found["webhook_seconds_count", shop], found["webhook_seconds_sum", shop]) == (2, 99.02)
    buckets = [found["webhook_seconds_bucket", (("connection", "shop"), ("le", str(bound)))] for bound in (*BOUNDS_S, "+Inf")]
    assert buckets == [0, 0] + [1] * (len(BOUNDS_S) - 2) + [2]


def test_meters_stop_growing_when_labels_run_wild() -> None:
    meters = Meters()
    for n in range(6_000):
        meters.count(Metric.WEBHOOKS, str(n), "accepted")
    assert len(meters.counts(Metric.WEBHOOKS)) == 5_000


def test_counters_are_told_when_the_store_does_not_answer(lines: io.StringIO) -> None:
    def look() -> Gauges:
        message = "ada@example.org"
        raise RuntimeError(message)

    meters = Meters()
    meters.count(Metric.RECORDS, "shop", "applied")
    answer = ask(monitor_app(meters, look))
    assert answer.status_code == 200
    assert 'syncline_records_total{connection="shop",outcome="applied"} 1.0' in answer.text
    assert "monitor.gauges.missed" in lines.getvalue()
    assert "ada@" not in lines.getvalue() + answer.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 401), ({"authorization": "Bearer wrong"}, 401), ({"authorization": "Bearer a-long-token"}, 200)],
)
def test_metrics_want_the_token_when_there_is_one(headers: dict[str, str], status: int) -> None:
    app = monitor_app(Meters(), dict, token="a-long-token")
    answer = ask(app, **headers)
    assert answer.status_code == status
    assert (b"syncline" in answer.content) == (status == 200)
    assert ask(app, "/healthz").status_code == 200


def test_gauges_show_what_stands_in_the_store_when_a_hub_works(shops: Retailer, tmp_path: Path) -> None:
    shops.till.add_customer(given_name="Ada", email_address="ada@example.org")
    shops.poll()
    room = Room(tmp_path / "hub.db", 5, free=lambda _: 77)
    room.look(shops.hub)
    shops.hub.writer.submit(lambda unit: unit.set_flag(WRITES_STOPPED, "stopped")).result()
    looker = Looker(shops.hub, room, shops.hub.store.reader, dict, shops.clock)
    found = samples(ask(monitor_app(Meters(), looker.look)).text)
    assert found["ready", ()] == 1
    assert found["entities", (("entity", "customer"),)] == 1
    assert found["links", (("connection", "shop"), ("stream", "customers"))] == 1
    assert found["connection_mode", (("connection", "till"), ("mode", "live"))] == 1
    assert found["connection_mode", (("connection", "till"), ("mode", "observe"))] == 0
    assert found["stream_behind_seconds", (("connection", "till"), ("stream", "customers"))] >= 0
    assert found["open_items", (("kind", "questions"),)] == 0
    assert (found["store_free_bytes", ()], found["writes_stopped", ()]) == (77, 1)
    assert "ada" not in ask(monitor_app(Meters(), looker.look)).text.lower()
