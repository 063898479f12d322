"""A year of orders from a file: each with lines, a payment, most with a shipment, some with a refund.

500 of them are lived through in the simulated shop and read as the hub reads them; further ones are those again, numbered anew
and of other people. In: a folder, how many. Out: figures.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from connectors.shopify import ShopifyFake
from hub.sdk import Cursor
from hub.sdk.http import HttpxHttp
from hub.sdk.limits import Bucket
from hub.sdk.registry import load_connectors
from tests.bench.measure import Sample, run
from tests.bench.programs import ROOT
from tests.unit.clocks import StillClock

LIVED: Final = 500
APART: Final = 10**10
"""So far apart are the numbers of one record and of the next that is made from it."""
CONFIG: Final = """\
# Orders of a web shop. Nothing is called: `hub ingest` reads files only.
store: {url: "sqlite:///hub.db", synchronous: normal}
connections:
  shop:
    connector: shopify
    start: live
    settings: {base_url: "https://shop.example", access_token: "${BENCH_TOKEN:-demo-bench}", country: DE}
"""
_GID: Final = re.compile(rb"(gid://shopify/[A-Za-z]+/)(\d+)")
_NAME: Final = re.compile(rb'"#(\d+)"')


def make_orders(folder: Path, count: int) -> Path:
    """Write a file of `count` orders, unless it is there already."""
    path = folder / f"orders-{count}.jsonl"
    if path.exists():
        return path
    folder.mkdir(parents=True, exist_ok=True)
    docs = [orjson.dumps(doc) for doc in _lived()]
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        for number in range(count):
            out.write(_again(docs[number % LIVED], number // LIVED) + b"\n")
    part.rename(path)
    return path


def _again(doc: bytes, turn: int) -> bytes:
    other = _GID.sub(lambda found: b"%s%d" % (found[1], int(found[2]) + turn * APART), doc)
    other = _NAME.sub(lambda found: b'"#%d"' % (int(found[1]) + turn * LIVED), other)
    return other.replace(b"@example.org", b"%d@example.org" % turn)


def _lived() -> list[dict[str, Any]]:
    """Let people order, pay, be sent their things and give some back; return the orders as the connector reads them."""
    clock = StillClock()
    shop = ShopifyFake(clock.now)
    place = shop.add_location("Warehouse")
    variants = [shop.add_product(f"Thing {number}", [{"sku": f"T-{number}", "price": "19.00"}])[1][0] for number in range(20)]
    for variant in variants:
        shop.set_stock(variant, place, 10_000)
    for number in range(LIVED):
        lines = [(variants[(number + step) % 20], place, 1 + step) for step in range(1 + number % 3)]
        order = shop.place_order(lines, email=f"guest-{number % 300}-@example.org", rate=19, shipping="4.90")
        if number % 5:
            shop.ship(order)
        if number % 9 == 0:
            shop.refund(order, "5.00")
    connector: Any = load_connectors()["shopify"].connector
    http = HttpxHttp(
        "https://shop.example",
        transport=httpx.MockTransport(shop.respond),
        clock=clock,
        bucket=Bucket(clock, capacity=1e9, per_s=1e9),
    )
    client = connector.client({"access_token": "shpat_fake", "base_url": "https://shop.example"}, http)
    docs, cursor = list[dict[str, Any]](), Cursor()
    while True:
        found = connector.streams["orders"].page(client, cursor)
        docs += found.docs
        if found.token is None:
            return docs
        cursor = Cursor(token=found.token)


def measure(work: Path, count: int) -> dict[str, float]:
    """Load no orders, a tenth, all of them, and all again; return what the table shows."""
    few, many, nothing = make_orders(work / "data", count // 10), make_orders(work / "data", count), work / "nothing.jsonl"
    nothing.write_bytes(b"")
    start = ingest(work / "hub", nothing, fresh=True).cpu_s
    small = ingest(work / "hub", few, fresh=True).cpu_s - start
    first = ingest(work / "hub", many, fresh=True)
    again = ingest(work / "hub", many, fresh=False)
    return {
        "first": count / first.cpu_s,
        "again": count / again.cpu_s,
        "flat": count / (first.cpu_s - start) / (count / 10 / small),
        "peak_mb": max(first.peak_bytes, again.peak_bytes) / 1e6,
    }


def ingest(folder: Path, lines: Path, *, fresh: bool) -> Sample:
    """Load a file of orders."""
    if fresh:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    config = folder / "config.yaml"
    config.write_text(CONFIG, encoding="utf-8")
    return run([[sys.executable, str(ROOT / "cli.py"), "ingest", "shop/orders", str(lines), "--config", str(config)]], folder)
