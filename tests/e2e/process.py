"""The hub as a process of its own: how to start, kill, stop and ask it."""

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

from hub.clock import SystemClock

ROOT = Path(__file__).parents[2]
CLOCK = SystemClock()


def free_port() -> int:
    """Return a port nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(holds: Callable[[], object], timeout_s: float = 90.0) -> float:
    """Wait until something holds; fail where it does not in time (generous: CI machines are slow); return the seconds."""
    started = CLOCK.elapsed()
    pause = CLOCK.signal()
    while not holds():
        assert CLOCK.elapsed() < started + timeout_s, "it did not happen in time"
        pause.wait(0.05)
    return CLOCK.elapsed() - started


class HubProcess:
    """One installation and its hub. `environ` is what the configuration needs beside the process's own."""

    def __init__(self, folder: Path, config: Path, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.port, self.monitor_port = free_port(), free_port()
        self.environ = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "HUB_CONFIG": str(config),
            "HUB_STORE": f"sqlite:///{folder}/hub.db",
            "HUB_PORT": str(self.port),
            "HUB_MONITOR_PORT": str(self.monitor_port),
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{self.port}",
            "COLUMNS": "200",
            **environ,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def close(self) -> None:
        """End the hub, however it is."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)

    def start(self) -> None:
        """Start the hub; returns once it answers."""
        log = (self.folder / "hub.log").open("ab")
        self.process = subprocess.Popen([sys.executable, str(ROOT / "cli.py"), "run"], env=self.environ, stderr=log, stdout=log)
        log.close()
        until(self.is_well)

    def is_well(self) -> bool:
        """Say whether the hub answers that it is well."""
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "hub.log").read_text()
        try:
            return httpx.get(f"http://127.0.0.1:{self.port}/readyz", trust_env=False, timeout=2).status_code == 200
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
