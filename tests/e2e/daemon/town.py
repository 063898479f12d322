"""The demo retailer as it ships: config.yaml, both simulators over real HTTP, the hub as a process of its own."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx

from connectors.shopify import ShopifyFake
from connectors.square import SquareFake
from hub.clock import SystemClock
from hub.sdk.serve import ServedFake

ROOT = Path(__file__).parents[3]
PLACES = ("Linden Mitte", "Linden Nord", "Linden Hafen")
CLOCK = SystemClock()


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], object], timeout_s: float = 90.0) -> None:
    """Wait until something holds; fail where it does not in time (generous: CI machines are slow)."""
    end = CLOCK.elapsed() + timeout_s
    pause = CLOCK.signal()
    while not holds():
        assert CLOCK.elapsed() < end, "it did not happen in time"
        pause.wait(0.05)


class Town:
    """A shop, a till, and how to start, kill and ask the hub."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        hooks = f"http://127.0.0.1:{self.port}/webhooks"
        self.shop = ShopifyFake(CLOCK.now, webhook_url=f"{hooks}/shop", token="demo-shopify-token", secret="demo-shopify-secret")
        self.till = SquareFake(
            CLOCK.now,
            webhook_url=f"{hooks}/till",
            token="demo-square-token",
            signature_key="demo-square-key",
            country="DE",
            currency="EUR",
        )
        for name in PLACES:
            self.till.add_location(name)
        for name in ("Warehouse", *PLACES):
            self.shop.add_location(name)
        self.served = {"shop": ServedFake(self.shop, CLOCK, name="shop"), "till": ServedFake(self.till, CLOCK, name="till")}
        for served in self.served.values():
            served.start()
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HUB_CONFIG": str(ROOT / "config.yaml"),
            "HUB_STORE": f"sqlite:///{folder}/hub.db",
            "HUB_PORT": str(self.port),
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "SHOP_URL": self.served["shop"].url,
            "TILL_URL": self.served["till"].url,
            "SHOP_EVERY": "1s",
            "TILL_EVERY": "1s",
            "COLUMNS": "200",
        }
        self.process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End everything."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        for served in self.served.values():
            served.stop()

    def start(self) -> None:
        """Start the hub; returns once it answers."""
        log = (self.folder / "hub.log").open("ab")
        self.process = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), "run"], env=self.environ, stderr=log, stdout=log)
        log.close()
        until(self.is_well, 20)

    def is_well(self) -> bool:
        """Say whether the hub answers that it is well."""
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "hub.log").read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/healthz", trust_env=False, timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def kill(self) -> None:
        """Kill the hub as a power cut would."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> tuple[int, float]:
        """Ask the hub to stop; return its exit code and how long it took (s)."""
        assert self.process is not None
        started = CLOCK.elapsed()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(15)
        return code, CLOCK.elapsed() - started

    def hub(self, *words: str, environ: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command."""
        command = [sys.executable, str(ROOT / "cli.py"), *words]
        return subprocess.run(
            command, env={**self.environ, **(environ or {})}, capture_output=True, text=True, timeout=60, check=False
        )

    def ask(self, *words: str) -> Any:
        """Run a command with --json and return its data."""
        done = self.hub(*words, "--json")
        assert done.returncode == 0, done.stdout + done.stderr
        said = json.loads(done.stdout)
        assert said["version"] == 1
        return said["data"]

    def till_customer(self, email: str) -> dict[str, Any] | None:
        """Return a customer of the till."""
        with self.served["till"].lock:
            found = [doc for each in self.till.customer_ids() if (doc := self.till.customer(each))]
        return next((doc for doc in found if doc.get("email_address") == email), None)

    def shop_customer(self, email: str) -> dict[str, Any] | None:
        """Return a customer of the shop."""
        with self.served["shop"].lock:
            found = self.shop.customers()
        return next((doc for doc in found if doc["email"] == email), None)
