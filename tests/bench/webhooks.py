"""Webhooks in: how fast they are taken while a first load runs, beside a receiver that does nothing else.

Both are called by the same client at fixed rates, whatever they answer, and both have a webhook on the disk before they answer.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import httpx
import orjson

from tests.bench.live import Live, living, wait_until
from tests.bench.programs import PERF, ROOT

CLIENT: Final = PERF / "floors" / "webhook_load.py"
PYTHON: Final = ROOT / ".bench" / "receiver" / "bin" / "python"
RATES: Final = (200, 1000, 2000)
BACKLOG: Final = 1_000_000
"""Customers of the first load: more than it can read meanwhile."""


def load(lines: Path, work: Path, seconds: float, *more: str, rates: Sequence[int] = RATES) -> list[dict[str, Any]]:
    """Let the client call; return one row a rate."""
    results = work / "webhooks.jsonl"
    results.unlink(missing_ok=True)
    command = [os.environ.get("BENCH_RECEIVER", str(PYTHON)), CLIENT.name, str(lines), str(work), "--secs", str(seconds)]
    command += ["--quiet-wait", "2", "--rates", ",".join(map(str, rates)), *more]
    subprocess.run(command, cwd=CLIENT.parent, env={**os.environ, "RESULTS": str(results)}, check=True, stdout=subprocess.DEVNULL)
    return [orjson.loads(line) for line in results.read_bytes().splitlines()]


def call_hub(hub: Live, lines: Path, work: Path, seconds: float) -> list[dict[str, Any]]:
    """Send Shopify's webhooks to a hub; every row says how many were answered well, and how many are in its inbox.

    `receiver_us_per_req`: CPU of the process that answers, of what `server_us_per_req` says of the whole hub.
    """
    header = ("--header-sig", "x-shopify-hmac-sha256", "--header-id", "x-shopify-webhook-id", "--topic-header", "x-shopify-topic")
    given = ("--url", hub.url, *header, "--secret", "demo-bench-secret", "--pid", str(hub.process.pid), "--name", "hub")
    before = hub.count("SELECT count(*) FROM event_seen")
    rows = []
    for rate in RATES:
        begun = hub.receiver_cpu_s()
        (row,) = load(lines, work, seconds, *given, rates=(rate,))
        rows.append({**row, "receiver_us_per_req": round((hub.receiver_cpu_s() - begun) / row["n"] * 1e6)})
    wait_until(lambda: spooled(hub) == 0, 120)
    kept = hub.count("SELECT count(*) FROM event_seen") - before
    answered = sum(row["n"] - row["bad"] for row in rows)
    for row in rows:
        row["lost"] = max(0, answered - kept)  # one that was stored while its sender gave up is not lost
    return rows


def spooled(hub: Live) -> int:
    """Return how many webhooks were answered and are not in the store yet; the hub says so every second."""
    shown = httpx.get(f"http://127.0.0.1:{hub.monitor}/metrics", trust_env=False, timeout=30).text
    return int(float(shown.split("\nsyncline_webhooks_spooled ")[1].split()[0]))


def measure(work: Path, lines: Path, seconds: float) -> dict[str, list[dict[str, Any]]]:
    """Return the rows of the reference receiver, of the hub alone, and of the hub while it reads a million customers."""
    found = {"reference": load(lines, work, seconds, "--configs", "uvicorn:starlette:group:FULL")}
    with living(work / "calm", 2000) as (_, hub):
        found["hub"] = call_hub(hub, lines, work, seconds)
    with living(work / "loading", BACKLOG) as (_, hub):
        before = hub.count("SELECT count(*) FROM link")
        found["hub while loading"] = call_hub(hub, lines, work, seconds)
        found["loaded"] = [{"records": hub.count("SELECT count(*) FROM link") - before}]
    return found
