"""What a running hub is measured by: webhooks in, webhook to outgoing request, polls into the store, pushes, orders.

Each part is a function of its own: a folder and sizes in, figures out. A figure is (name, value, must, aim): it is good where it
is at most `aim`, or, where `must` is the smaller one, at least. Figures without a bar have neither.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests import postgres
from tests.bench.data import make
from tests.bench.live import CLOCK, cpu_of, living, wait_until
from tests.bench.orders import measure as measure_orders
from tests.bench.stores import SQLITE, server_cpu
from tests.bench.stores import load as load_into
from tests.bench.webhooks import RATES
from tests.bench.webhooks import measure as measure_webhooks

LINKS: Final = "SELECT count(*) FROM link"
DURABLE: Final = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on"}


@dataclass(frozen=True, slots=True)
class Size:
    """How much is measured. `n`: customers of a poll; `seconds`: how long webhooks come at each rate."""

    n: int = 20_000
    seconds: float = 5.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of a part. `must` and `aim` 0: it has no bar."""

    name: str
    value: float
    must: float = 0.0
    aim: float = 0.0

    @property
    def verdict(self) -> str:
        """Say what it reached."""
        if not self.must:
            return ""
        at_least = self.must < self.aim
        reached = [self.value >= bar if at_least else self.value <= bar for bar in (self.aim, self.must)]
        return "aim" if reached[0] else "must" if reached[1] else "MISSED"


def webhooks(work: Path, size: Size) -> list[Figure]:
    """Accept webhooks while a first load runs: late answers and CPU against the reference receiver, and what was lost."""
    found = measure_webhooks(work, make(work / "data", 3000).lines, size.seconds)
    figures = []
    for rate, reference, calm, loading in zip(RATES, found["reference"], found["hub"], found["hub while loading"], strict=True):
        own, all_of_it = calm["receiver_us_per_req"], calm["server_us_per_req"]
        figures += [
            Figure(f"{rate}/s: p99 while loading : reference", loading["p99_ms"] / reference["p99_ms"], 4.0, 2.0),
            Figure(f"{rate}/s: p99 while loading, ms", loading["p99_ms"]),
            Figure(f"{rate}/s: p50 while loading, ms", loading["p50_ms"]),
            Figure(f"{rate}/s: p99 without a load : reference", calm["p99_ms"] / reference["p99_ms"], 4.0, 2.0),
            Figure(f"{rate}/s: CPU to answer a webhook : reference", own / reference["server_us_per_req"], 3.0, 1.7),
            Figure(f"{rate}/s: CPU ms a webhook, its fetch and comparison included", all_of_it / 1000),
            Figure(f"{rate}/s: not answered 2xx", loading["bad"] + calm["bad"]),
        ]
    lost = max(row["lost"] for name in ("hub", "hub while loading") for row in found[name])
    return [*figures, Figure("answered 2xx and not in the inbox", lost, 0.5, 0.25)]


def lag(work: Path, size: Size, rate: float = 100.0) -> list[Figure]:
    """Edit in the shop, 100 a second: from sending the webhook to the request that arrives at the till, fetch by id included."""
    people = int(rate * size.seconds * 2)
    with living(work / "lag", people, with_till=True) as (town, hub):
        wait_until(lambda: town.ask("counts")["till_customers"] >= people, 300, 0.5)
        wait_until(lambda: hub.count("SELECT count(*) FROM delivery") == 0, 60)
        before = hub.cpu_s()
        said = town.ask("edit", hub.url, rate, size.seconds * 2, people)
        cpu_s = hub.cpu_s() - before
    lags = [*said["lags_s"], *[float("inf")] * (said["sent"] - len(said["lags_s"]))]
    half, late = (lags[min(len(lags) - 1, int(len(lags) * share))] * 1000 for share in (0.5, 0.99))
    return [
        Figure(f"{rate:.0f}/s: webhook to outgoing request, p50 ms", half, 150.0, 50.0),
        Figure(f"{rate:.0f}/s: webhook to outgoing request, p99 ms", late, 750.0, 250.0),
        Figure("CPU ms an edit, webhook, fetch and push together", cpu_s / said["sent"] * 1000),
        Figure("edits that never arrived", said["sent"] - len(said["lags_s"]), 0.5, 0.25),
    ]


def push(work: Path, size: Size) -> list[Figure]:
    """Create every customer of the shop at a till without limits."""
    people = max(200, size.n // 10)
    with living(work / "push", people, with_till=True) as (town, hub):
        before, begun = hub.cpu_s(), CLOCK.elapsed()
        wait_until(lambda: town.ask("counts")["till_customers"] >= people, 600, 0.1)
        cpu_s, wall_s = hub.cpu_s() - before, CLOCK.elapsed() - begun
    return [
        Figure("creates per CPU second, read and matched included", people / cpu_s),
        Figure("creates per second of the wall", people / wall_s),
    ]


def poll(work: Path, size: Size) -> list[Figure]:
    """Read a shop over HTTP into SQLite and into PostgreSQL: records per CPU second, the database server's included."""
    plain = _poll(work / "poll", size.n, "sqlite:///hub.db", lambda: 0.0)
    with _server() as (url, pid):
        other = _poll(work / "poll-postgres", size.n, url, lambda: cpu_of(pid, with_children=True))
    return [
        Figure("HTTP poll into SQLite, records per CPU second", plain),
        Figure("HTTP poll into PostgreSQL under its lease, records per CPU second", other),
        Figure("PostgreSQL : SQLite", other / plain, 0.4, 0.6),
    ]


def _poll(folder: Path, count: int, store: str, server_s: Callable[[], float]) -> float:
    with living(folder, count, store=store) as (_, hub):
        before, known = hub.cpu_s() + server_s(), hub.count(LINKS)
        wait_until(lambda: hub.count(LINKS) >= count, 900, 0.5)
        return (count - known) / (hub.cpu_s() + server_s() - before)


def stores(work: Path, size: Size) -> list[Figure]:
    """Load the same files into SQLite and into PostgreSQL, the server's CPU counted."""
    plain = load_into(work, size.n, SQLITE)
    with _server() as (url, pid):
        other = load_into(work, size.n, url, server_cpu(pid))
    figures = []
    for step in plain:
        (cpu, wall), (their_cpu, their_wall) = plain[step], other[step]
        figures += [
            Figure(f"{step} load into PostgreSQL, records per CPU second", their_cpu),
            Figure(f"{step} load: PostgreSQL : SQLite, by CPU, the server's included", their_cpu / cpu, 0.4, 0.6),
            Figure(f"{step} load: PostgreSQL : SQLite, by the wall", their_wall / wall, 0.6, 0.8),
        ]
    return figures


def orders(work: Path, size: Size) -> list[Figure]:
    """Load orders with their lines, payments, shipments and refunds from a file."""
    found = measure_orders(work / "orders", size.n)
    return [
        Figure("orders per CPU second, first load", found["first"]),
        Figure("orders per CPU second, unchanged", found["again"]),
        Figure("orders: rate : own rate at a tenth, without what starting costs", found["flat"], 0.8, 0.9),
        Figure("orders: peak memory of any run, MB", found["peak_mb"], 400.0, 399.0),
    ]


@contextmanager
def _server() -> Iterator[tuple[str, int]]:
    """Run a PostgreSQL that keeps what it commits, unlike that of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="syncline-bench-"))
    os.environ.setdefault(postgres.CONTROLLER, str(os.getpid()))
    pid = postgres.start(folder, DURABLE)
    try:
        yield f"postgresql://hub@/postgres?host={folder}", pid
    finally:
        postgres.stop(folder)


PARTS: Final[Mapping[str, Callable[[Path, Size], list[Figure]]]] = {
    "webhooks": webhooks,
    "lag": lag,
    "push": push,
    "poll": poll,
    "orders": orders,
    "stores": stores,
}
