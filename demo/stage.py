"""Everything that runs in a demo: two simulated systems as HTTP servers, the real daemon as a process of its own, its store.

In: a world, ports. Out: a stage that can be asked how much is still under way. Leaving it stops what it started and removes its
folder.
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from demo.world import SHOP_SECRET, SHOP_TOKEN, TILL_KEY, TILL_TOKEN, World
from hub.clock import Clock
from hub.errors import Unavailable, UsageError
from hub.ops.installation import Installation, read_installation
from hub.sdk.serve import Persistence, ServedFake
from hub.store import Reader

SHIPPED: Final = Path(__file__).resolve().parent / "config.yaml"
"""A link to the one at the top; a wheel holds a copy."""
HUB: Final = (sys.executable, "-c", "from hub.cli import main; main()")
STOP_S: Final = 15.0
START_S: Final = 60.0
OPEN: Final = ("deliveries", "open_attempts", "hints", "waiting")
PATIENT: Final = Persistence(look_s=0.02, longest_wait_s=1.0, tries=60)


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the hub's webhook door, the shop and the till listen on loopback."""

    hub: int
    shop: int
    till: int


def given_ports(environ: Mapping[str, str] = os.environ) -> Ports:
    """Return the ports of the environment, else those that config.yaml expects.

    Raises UsageError for what is no port, Unavailable where somebody listens there already.
    """
    chosen = {name: environ.get(name) or default for name, default in _PORTS.items()}
    wrong = next((name for name, port in chosen.items() if not (port.isdigit() and 0 < int(port) < 65536)), None)
    if wrong:
        raise UsageError(f"{wrong} is no port.", fix="Write a number from 1 to 65535.")
    for name, port in chosen.items():
        if not _is_free(int(port)):
            others = " ".join(f"{each}={int(number) + 1000}" for each, number in chosen.items())
            fix = f"End what listens there (another demo?), or choose others: {others} make demo"
            raise Unavailable(f"Port {port} is taken, and the demo needs it ({name}).", fix=fix)
    return Ports(*(int(port) for port in chosen.values()))


_PORTS: Final = {"HUB_PORT": "8100", "SHOP_PORT": "8101", "TILL_PORT": "8102"}


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def free_ports() -> Ports:
    """Return ports that nobody uses now."""
    doors = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    found = [int(door.getsockname()[1]) for door in doors]
    for door in doors:
        door.close()
    return Ports(*found)


class Stage:
    """A context manager: systems and daemon run inside."""

    def __init__(self, world: World, ports: Ports, clock: Clock) -> None:
        self.world = world
        self.ports = ports
        self._clock = clock
        self.folder = Path(tempfile.mkdtemp(prefix="syncline-demo-"))
        hub = f"http://127.0.0.1:{ports.hub}"
        world.shop.webhook_url, world.till.webhook_url = f"{hub}/webhooks/shop", f"{hub}/webhooks/till"
        self.shop = ServedFake(world.shop, clock, name="shop", port=ports.shop, persistence=PATIENT)
        self.till = ServedFake(world.till, clock, name="till", port=ports.till, persistence=PATIENT)
        self._daemon: subprocess.Popen[bytes] | None = None
        self._installation: Installation | None = None
        self._reader: Reader | None = None

    def __enter__(self) -> Self:
        try:
            self.shop.start()
            self.till.start()
            self.start_hub()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def start_hub(self) -> None:
        """Start the daemon on the shipped config.yaml and wait until its store is there."""
        if not SHIPPED.is_file():
            raise UsageError("The demo's config.yaml is not here.", fix="Install the hub again, or run this from a checkout.")
        environ = self._environ()
        config = self.folder / "config.yaml"
        shutil.copyfile(SHIPPED, config)
        self._installation = read_installation(config, environ)
        self._installation.control_file.unlink(missing_ok=True)  # one that was killed leaves it behind
        with (self.folder / "hub.log").open("ab") as log:
            command = [*HUB, "run", "--config", str(config)]
            # a session of its own: Ctrl-C is for the people, the hub goes on until it is told
            self._daemon = subprocess.Popen(command, env=environ, stdout=log, stderr=log, start_new_session=True)  # noqa: S603
        until = self._clock.elapsed() + START_S
        while not self._installation.control_file.exists():
            if self._daemon.poll() is not None or self._clock.elapsed() > until:
                raise Unavailable("The hub did not start.", fix=f"It said: {self.last_words()}")
            self._clock.sleep(0.05)

    def stop_hub(self, how: signal.Signals = signal.SIGTERM) -> int | None:
        """Stop the daemon; return its exit code. SIGKILL: as if the plug was pulled."""
        daemon, self._daemon = self._daemon, None
        if self._reader is not None:
            self._reader.close()
            self._reader = None
        if daemon is None:
            return None
        daemon.send_signal(how)
        try:
            return daemon.wait(STOP_S)
        except subprocess.TimeoutExpired:
            daemon.kill()
            return daemon.wait()

    def hub_lives(self) -> bool:
        """Say whether the daemon runs."""
        return self._daemon is not None and self._daemon.poll() is None

    def counts(self) -> dict[str, int]:
        """Return what the hub's store counts: entities, links, and what is under way."""
        assert self._installation is not None, "the hub was started"
        if self._reader is None:
            self._reader = self._installation.reader()
        return self._reader.counts()

    def under_way(self) -> int:
        """Return how much the hub still has to do, webhooks that wait at their senders included."""
        counts = self.counts()
        return sum(counts[name] for name in OPEN) + self.shop.waiting() + self.till.waiting()

    def last_words(self) -> str:
        """Return the end of the daemon's log."""
        log = self.folder / "hub.log"
        return log.read_text(encoding="utf-8", errors="replace")[-2000:] if log.exists() else "nothing"

    def close(self) -> None:
        """Stop everything and remove the folder."""
        self.stop_hub()
        self.shop.stop()
        self.till.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _environ(self) -> dict[str, str]:
        ports = self.ports
        return {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(filter(None, (str(SHIPPED.parents[1]), os.environ.get("PYTHONPATH")))),
            "HUB_STORE": "sqlite:///hub.db",
            "HUB_PORT": str(ports.hub),
            "HUB_MONITOR_PORT": "0",
            "HUB_PUBLIC_URL": f"http://127.0.0.1:{ports.hub}",
            "SHOP_URL": self.shop.url,
            "SHOP_TOKEN": SHOP_TOKEN,
            "SHOP_SECRET": SHOP_SECRET,
            "TILL_URL": self.till.url,
            "TILL_TOKEN": TILL_TOKEN,
            "TILL_KEY": TILL_KEY,
        }
