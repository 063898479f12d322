"""A hub that runs: the daemon as a process of its own, the town it works with, and what both took.

In: how many customers the town has, what config.yaml says of it. Out: commands to the town, rows of the hub's store, CPU seconds
of the daemon alone.
"""

from __future__ import annotations

import os
import signal
import socket
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, Final

import httpx
import orjson
import psycopg

from hub.clock import SystemClock
from tests.bench.programs import ROOT
from tests.bench.town import SECRET, TILL_TOKEN

CONFIG: Final = """\
store: {{url: "{store}", synchronous: full}}
receiver: {{port: {port}, public_url: "http://127.0.0.1:{port}"}}
monitor: {{port: {monitor}}}
connections:
  shop:
    connector: shopify
    start: {shop_mode}
    every: {every}
    settings: {{base_url: "http://127.0.0.1:{shop}", access_token: "${{BENCH_TOKEN:-demo-bench}}",
                client_secret: "${{BENCH_SECRET:-{secret}}}", country: DE, currency: EUR}}
{till}brakes: {{mapping: 100%}}
"""
TILL: Final = """\
  till:
    connector: square
    start: live
    every: {every}
    calls_per_s: 100000
    settings: {{base_url: "http://127.0.0.1:{till}", access_token: "${{BENCH_TILL:-{token}}}",
                webhook_signature_key: "${{BENCH_KEY:-demo-bench-key}}", country: DE}}
    entities: {{customer: {{create: always}}}}
"""
HERE: Final = Path(__file__).parents[2]
CLOCK: Final = SystemClock()
HZ: Final = os.sysconf("SC_CLK_TCK")


class Town:
    """The process of the systems."""

    def __init__(self, customers: int) -> None:
        command = [sys.executable, "-m", "tests.bench.town", "--customers", str(customers)]
        environ = {**os.environ, "PYTHONPATH": str(HERE)}
        self._process = subprocess.Popen(command, cwd=HERE, env=environ, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.shop, self.till = orjson.loads(self._process.stdout.readline())

    def ask(self, *words: Any) -> Any:
        """Give a command and wait for its answer."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(orjson.dumps(words) + b"\n")
        self._process.stdin.flush()
        return orjson.loads(self._process.stdout.readline())

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.communicate()


class Live:
    """The daemon over a store in `folder`."""

    def __init__(self, folder: Path, town: Town, *, with_till: bool, store: str, every: str) -> None:
        self.folder, self.store = folder, store
        with socket.create_server(("127.0.0.1", 0)) as probe, socket.create_server(("127.0.0.1", 0)) as other:
            self.port, self.monitor = int(probe.getsockname()[1]), int(other.getsockname()[1])
        till = TILL.format(every=every, till=town.till, token=TILL_TOKEN) if with_till else ""
        text = CONFIG.format(
            store=store,
            port=self.port,
            monitor=self.monitor,
            shop=town.shop,
            every=every,
            secret=SECRET,
            till=till,
            shop_mode="live",
        )
        (folder / "config.yaml").write_text(text, encoding="utf-8")
        command = [sys.executable, str(ROOT / "cli.py"), "run", "--config", str(folder / "config.yaml")]
        with (folder / "hub.log").open("wb") as log:
            self.process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log)
        wait_until(self._answers, 60)

    @property
    def url(self) -> str:
        """Where webhooks of the shop go."""
        return f"http://127.0.0.1:{self.port}/webhooks/shop"

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError((self.folder / "hub.log").read_text(encoding="utf-8")[-2000:])
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False, timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def cpu_s(self) -> float:
        """Return the CPU seconds that the daemon and its receiver have taken so far."""
        return cpu_of(self.process.pid, with_children=True)

    def receiver_cpu_s(self) -> float:
        """Return the CPU seconds that what answers webhooks has taken so far."""
        return cpu_of(self.process.pid, with_children=True) - cpu_of(self.process.pid)

    def count(self, sql: str) -> int:
        """Ask the store for one number, from beside; 0 while its schema is made."""
        if self.store.startswith("postgresql"):
            with psycopg.connect(self.store) as reader:
                row = reader.execute(sql.encode()).fetchone()
            return int(row[0]) if row else 0
        with closing(sqlite3.connect(f"file:{self.folder}/hub.db?mode=ro", uri=True, timeout=30)) as look:
            return int(look.execute(sql).fetchone()[0])

    def stop(self) -> None:
        """Ask it to stop; kill it where it does not."""
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextmanager
def living(
    folder: Path, customers: int, *, with_till: bool = False, store: str = "sqlite:///hub.db", every: str = "1h"
) -> Iterator[tuple[Town, Live]]:
    """Run a town and a hub over an empty store."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("hub.db*"):
        old.unlink()
    town = Town(customers)
    try:
        hub = Live(folder, town, with_till=with_till, store=store, every=every)
        try:
            yield town, hub
        finally:
            hub.stop()
    finally:
        town.close()


def wait_until(holds: Callable[[], object], longest_s: float, look_s: float = 0.05) -> float:
    """Wait; return the seconds it took. Raises TimeoutError."""
    begun, pause = CLOCK.elapsed(), CLOCK.signal()
    while not holds():
        if CLOCK.elapsed() - begun > longest_s:
            message = f"nothing came of it within {longest_s:.0f} s"
            raise TimeoutError(message)
        pause.wait(look_s)
    return CLOCK.elapsed() - begun


def cpu_of(pid: int, *, with_children: bool = False) -> float:
    """Return the CPU seconds of a process; `with_children`: those of its children too, whether they ended or not."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()
    own = (int(fields[11]) + int(fields[12])) / HZ
    if not with_children:
        return own
    ended = (int(fields[13]) + int(fields[14])) / HZ
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return own + ended + sum(cpu_of(int(child)) for child in children)
