"""Orders, payments and refunds page by page: what a read and a search cover."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from connectors.square import CONNECTOR
from hub.model.values import SECOND, Doc
from hub.sdk import Cursor
from tests.connectors.square.account import START, Account
from tests.connectors.square.sold import Shop, mapping_of


def test_read_finds_a_sale_that_arrives_late_when_it_was_sold_offline() -> None:
    shop = Shop()
    shop.fake.ring_up([(shop.mug, 1)], shop.location)
    shop.account.wait(60 * 3600)
    since = shop.account.at
    late = shop.fake.ring_up([(shop.cup, 1)], shop.location, occurred_at=START + 3600 * SECOND)
    orders, payments = (shop.account.read_all(stream, since) for stream in ("orders", "payments"))
    assert [(doc["id"], doc["created_at"]) for doc in orders] == [(late, "2026-03-01T10:00:00.000Z")]
    assert [(doc["order_id"], doc["is_offline_payment"]) for doc in payments] == [(late, True)]
    assert mapping_of("orders").read(orders[0]).records[0].fields["placed_at"] == "2026-03-01T10:00:00Z"


@pytest.mark.parametrize("stream", ["orders", "payments", "refunds"])
def test_read_finds_what_is_over_a_year_old(stream: str) -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 1)], shop.location)
    shop.fake.take_back(sold, {"line-1": 1})
    shop.account.wait(400 * 86_400)
    assert len(shop.account.read_all(stream)) == 1


@pytest.mark.parametrize("stream", ["orders", "payments", "refunds", "returns"])
def test_read_covers_every_location(stream: str) -> None:
    shop = Shop()
    places = [shop.location, *(shop.fake.add_location(f"Store {number}") for number in range(11))]
    for place in places:
        shop.fake.take_back(shop.fake.ring_up([(shop.mug, 1)], place), {"line-1": 1})
        shop.account.wait(1)
    docs = shop.account.read_all(stream, START)
    assert sorted(doc["location_id"] for doc in docs) == sorted(places)


def test_whole_read_goes_back_to_a_location_where_something_changed_meanwhile() -> None:
    shop = Shop()
    other = shop.fake.add_location("Other")
    first, second = sorted((shop.location, other))
    known = shop.fake.ring_up([(shop.mug, 1)], first)
    stream = CONNECTOR.streams["payments"]
    page = stream.page(shop.account.client, Cursor())
    shop.account.wait(600)
    late = shop.fake.ring_up([(shop.mug, 1)], first)
    shop.account.wait(600)
    last = shop.fake.ring_up([(shop.mug, 1)], second)
    seen = [doc["order_id"] for doc in page.docs]
    while page.token is not None:
        page = stream.page(shop.account.client, Cursor(None, page.token))
        seen += [doc["order_id"] for doc in page.docs]
    assert seen == [known, last, known, late]


def test_read_asks_once_per_location_when_it_is_not_a_whole_read() -> None:
    shop = Shop()
    shop.fake.add_location("Other")
    shop.account.requests.clear()
    shop.account.read_all("payments", shop.account.at)
    assert [request.url.path for request in shop.account.requests] == ["/v2/locations", "/v2/payments", "/v2/payments"]


def test_read_is_empty_when_there_is_no_location() -> None:
    assert Account().read_all("orders") == []


def test_search_is_refused_when_the_sort_does_not_match_the_window() -> None:
    shop = Shop()
    window = {"date_time_filter": {"updated_at": {"start_at": "2026-03-01T00:00:00Z"}}}
    body = {"location_ids": [shop.location], "query": {"filter": window, "sort": {"sort_field": "CREATED_AT"}}}
    status, answer = shop.account.ask("/v2/orders/search", body)
    assert (status, answer["errors"][0]["field"]) == (400, "query.sort.sort_field")


@pytest.mark.parametrize(("order", "pick"), [("ASC", min), ("DESC", max)])
def test_search_sorts_both_ways_over_pages(order: str, pick: Callable[[list[str]], str]) -> None:
    shop = Shop()
    for _ in range(3):
        shop.fake.ring_up([(shop.mug, 1)], shop.location)
        shop.account.wait(5)
    query = {"sort": {"sort_field": "UPDATED_AT", "sort_order": order}}
    body: Doc = {"location_ids": [shop.location], "limit": 2, "query": query}
    _, first = shop.account.ask("/v2/orders/search", body)
    _, rest = shop.account.ask("/v2/orders/search", body | {"cursor": first["cursor"]})
    times = [doc["updated_at"] for doc in (*first["orders"], *rest["orders"])]
    assert (len(set(times)), times[0]) == (3, pick(times))
    assert times in (sorted(times), sorted(times, reverse=True))


def test_journal_tells_what_was_sold_paid_and_taken_back() -> None:
    shop = Shop()
    sold = shop.fake.ring_up([(shop.mug, 2)], shop.location)
    shop.fake.take_back(sold, {"line-1": 1})
    told = [(entry.actor, entry.action, entry.kind) for entry in shop.fake.journal[-8:]]
    assert told == [
        ("till", "created", "order"),
        ("till", "created", "payment"),
        ("till", "updated", "order"),
        ("till", "sale", "inventory"),
        ("till", "created", "order"),
        ("till", "created", "refund"),
        ("till", "updated", "payment"),
        ("till", "return", "inventory"),
    ]


def test_restore_takes_sales_back_when_the_account_is_put_back() -> None:
    shop = Shop()
    backup = shop.fake.snapshot()
    shop.fake.ring_up([(shop.mug, 1)], shop.location)
    shop.fake.restore(backup)
    assert (shop.account.read_all("orders"), shop.account.read_all("payments")) == ([], [])
