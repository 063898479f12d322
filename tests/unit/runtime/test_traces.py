"""One change followed through the hub: what belongs into one trace, what is only linked, and what is never told."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from opentelemetry.trace import SpanContext

from hub.events import configure_logging
from hub.runtime.recorder import MOST_CAUSES, Causes
from hub.sdk import WebhookRequest
from hub.traces import FACTS, NOTHING, TRACES, Step
from tests.recorded import Kept, recording
from tests.retailer import Retailer, Wire, answer_with

THEIRS = "4bf92f3577b34da6a3ce929d0e0e4736"
"""The trace of a stranger."""


@pytest.fixture
def shops(tmp_path: Path) -> Iterator[Retailer]:
    """Return a retailer whose systems were read."""
    made = Retailer(tmp_path)
    made.poll(2)
    yield made
    made.close()


@pytest.fixture
def kept() -> Iterator[Kept]:
    """What is recorded."""
    with recording() as kept:
        yield kept


def add(shops: Retailer, *names: str) -> None:
    """Let people arrive at the shop, who tells of them."""
    for name in names:
        shops.shop.add_customer(firstName=name, email=f"{name.lower()}@example.org")
    shops.deliver_webhooks()


def told(kept: Kept, name: str) -> dict[str, Any]:
    """Return what the first span of this name tells."""
    return dict(kept.spans(name)[0].attributes or {})


def test_one_trace_tells_a_change_when_nothing_else_happens(shops: Retailer, kept: Kept) -> None:
    add(shops, "Ada")
    shops.settle(20)
    assert kept.tree() == {
        "webhook shop": "",
        "fetch shop/customers": "webhook shop",
        "POST /admin/api/2026-07/graphql.json": "fetch shop/customers",
        "reconcile shop": "fetch shop/customers",
        "deliver till": "reconcile shop",
        "prepare": "deliver till",
        "POST /v2/customers": "deliver till",
        "reconcile till": "deliver till",
    }
    assert len({span.context.trace_id for span in kept.spans()}) == 1
    assert {span.status.status_code.name for span in kept.spans()} == {"UNSET"}


def test_spans_tell_counts_and_words_of_ours(shops: Retailer, kept: Kept) -> None:
    add(shops, "Ada")
    shops.settle(20)
    assert told(kept, "reconcile shop") == {
        "syncline.connection": "shop",
        "syncline.records": 1,
        "syncline.records.applied": 1,
        "syncline.delivery.ids": (1,),
    }
    assert told(kept, "deliver till") == {
        "syncline.connection": "till",
        "syncline.stream": "customers",
        "syncline.entity": "customer",
        "syncline.kind": "state",
        "syncline.operation": "create",
        "syncline.delivery.id": 1,
        "syncline.attempt.id": 1,
        "syncline.outcome": "done",
    }
    assert told(kept, "POST /v2/customers") == {
        "syncline.connection": "till",
        "server.address": "till.test",
        "http.request.method": "POST",
        "url.template": "/v2/customers",
        "http.request.resend_count": 0,
        "http.response.status_code": 200,
    }


def test_work_is_linked_when_several_things_led_to_it(shops: Retailer, kept: Kept) -> None:
    add(shops, "Ada", "Bea")
    shops.settle(20)
    (fetch,) = kept.spans("fetch shop/customers")
    assert (fetch.parent, kept.linked(fetch)) == (None, ["webhook shop", "webhook shop"])
    deliveries = kept.spans("deliver till")
    assert [(one.parent, kept.linked(one)) for one in deliveries] == [(None, ["reconcile shop"])] * 2
    ids = [dict(one.attributes or {})["syncline.delivery.id"] for one in deliveries]
    assert told(kept, "reconcile shop")["syncline.delivery.ids"] == tuple(ids)


def test_page_has_a_trace_of_its_own_when_it_is_polled(shops: Retailer, kept: Kept) -> None:
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    shops.shop.take_webhooks()
    shops.poll()
    page = next(one for one in kept.spans("poll shop/customers") if dict(one.attributes or {})["syncline.records"])
    assert page.parent is None
    under = [one.name for one in kept.spans() if one.parent and one.parent.span_id == page.context.span_id]
    assert under == ["POST /admin/api/2026-07/graphql.json", "reconcile shop"]


def test_next_try_is_in_the_same_trace_when_the_first_was_refused(shops: Retailer, kept: Kept) -> None:
    shops.wires["till"].breaks += [answer_with(429)]
    add(shops, "Ada")
    shops.settle(60)
    first, second = kept.spans("deliver till")
    assert [dict(one.attributes or {})["syncline.outcome"] for one in (first, second)] == ["not_sent", "done"]
    assert [one.status.status_code.name for one in (first, second)] == ["ERROR", "UNSET"]
    assert second.parent is not None
    assert second.parent.span_id == first.context.span_id
    refused = next(one for one in kept.spans("POST /v2/customers") if one.status.status_code.name == "ERROR")
    assert dict(refused.attributes or {})["error.type"] == "429"


def test_every_try_of_a_read_is_told_when_the_system_fails(shops: Retailer, kept: Kept) -> None:
    fails = iter([503, 503])

    def carry(request: httpx.Request) -> httpx.Response:
        status = next(fails, 0)
        return httpx.Response(status) if status else shops.shop.respond(request)

    shops.wires["shop"]._carry = carry
    shops.poll()
    tries = [dict(one.attributes or {}) for one in kept.spans("POST /admin")][:3]
    assert [(one["http.request.resend_count"], one["http.response.status_code"]) for one in tries] == [
        (0, 503),
        (1, 503),
        (2, 200),
    ]


def test_error_is_told_by_its_code_and_nothing_else(shops: Retailer, kept: Kept) -> None:
    shops.till.token = "another"
    shops.poll()
    failed = [one for one in kept.spans("poll till") if one.status.status_code.name == "ERROR"]
    assert {dict(one.attributes or {})["error.type"] for one in failed} == {"auth_failed"}
    assert [(one.events, one.status.description) for one in kept.spans() if one.events or one.status.description] == []


def test_trace_of_a_stranger_is_neither_gone_on_with_nor_sent_on(shops: Retailer, kept: Kept) -> None:
    sent: list[httpx.Headers] = []

    def note(wire: Wire, name: str, request: httpx.Request) -> httpx.Response:
        sent.append(request.headers)
        return wire.pass_on(name, request)

    shops.wires["till"].breaks += [note]
    shops.shop.add_customer(firstName="Ada", email="ada@example.org")
    (hook,) = shops.shop.take_webhooks()
    headers = {**hook.headers, "traceparent": f"00-{THEIRS}-00f067aa0ba902b7-01", "baggage": "a=b"}
    shops.hub.receive("shop", replace(WebhookRequest(shops.shop.webhook_url, headers, hook.body)))
    shops.settle(20)
    assert int(THEIRS, 16) not in {span.context.trace_id for span in kept.spans()}
    assert [name for one in sent for name in one if name in ("traceparent", "tracestate", "baggage")] == []
    assert len(sent) == 1


def test_log_line_names_the_trace_when_it_is_written_inside_one(shops: Retailer, kept: Kept) -> None:
    stream = io.StringIO()
    configure_logging(json=True, stream=stream)
    add(shops, "Ada")
    shops.settle(20)
    structlog.get_logger().info("after")
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    (ended,) = [line for line in lines if line["event"] == "push.attempt.ended"]
    assert ended["trace_id"] == f"{kept.spans('deliver')[0].context.trace_id:032x}"
    assert "trace_id" not in lines[-1]


def test_nothing_of_a_change_is_kept_when_its_trace_is_not(shops: Retailer) -> None:
    with recording(share=0.0) as kept:
        add(shops, "Ada")
        shops.settle(20)
    assert kept.spans() == []
    assert "ada@example.org" in shops.at_till()


def test_unknown_facts_and_what_looks_like_a_person_are_left_out(kept: Kept) -> None:
    with TRACES.span(Step.POLL, connection="shop", stream="ada@example.org", given_name="Ada") as span:  # type: ignore[arg-type]
        span.tell(outcome="+4912345678")
    assert [(span.name, dict(span.attributes or {})) for span in kept.spans()] == [("poll shop", {"syncline.connection": "shop"})]


def test_nothing_is_recorded_when_nobody_asked() -> None:
    with TRACES.span(Step.POLL, connection="shop") as span:
        assert (span, span.on) == (NOTHING, False)


def test_causes_are_known_once_and_the_oldest_are_forgotten_when_there_are_many() -> None:
    causes, left = Causes(), (SpanContext(1, 2, is_remote=False), True)
    names = [("hint", str(number)) for number in range(MOST_CAUSES + 1)]
    causes.remember(names, left)
    assert [causes.recall(asked) for asked in (names[:1], names[1:3], names[1:3])] == [[], [left], []]


def test_every_fact_has_an_attribute_of_its_own() -> None:
    assert len(set(FACTS.values())) == len(FACTS)
