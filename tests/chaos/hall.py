"""Where chaos happens: the demo's four systems over HTTP and the real daemon, which here may be away or made to suffer."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from pathlib import Path

from demo.stage import HUB, OWN_MAPPINGS, SHIPPED, Stage, free_ports
from demo.world import World
from hub.clock import Clock
from hub.model.delivery import DeliveryState
from hub.model.review import ReviewKind
from hub.ops.installation import read_installation
from hub.ops.reviews import list_reviews
from hub.store import Reader

EVERY = "5s"
"""How often every stream is polled: a webhook that was lost while the hub was away is found by then."""

SEND_AGAIN = (ReviewKind.REWRITES, ReviewKind.NOT_KEPT)
"""What this operator says yes to: people here do type one sum over twice, and reprice a small shop in minutes (a brake)."""


class Hall(Stage):
    """`change`: what becomes of config.yaml's text. `more`: environment of the daemon. `folder`: where its files are."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        *,
        change: Callable[[str], str] = str,
        more: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        super().__init__(world, free_ports(), clock)
        self._every = EVERY
        self._change = change
        self._more = dict(more or {})
        if folder is not None:
            shutil.rmtree(self.folder)
            self.folder = folder
        self.log = self.folder / "hub.log"
        self._undo = ExitStack()

    def environ(self) -> dict[str, str]:
        """Return the environment of the daemon."""
        return super().environ() | self._more

    def launch(self) -> None:
        """Start the daemon's process; returns at once."""
        config = self.folder / "config.yaml"
        if not config.exists():
            config.write_text(self._change(SHIPPED.read_text("utf-8")), "utf-8")
            shutil.copytree(OWN_MAPPINGS, self.folder / "demo" / "mappings", dirs_exist_ok=True)
        self._installation = read_installation(config, self.environ())
        self._installation.control_file.unlink(missing_ok=True)  # one that was killed leaves it behind
        with self.log.open("ab") as log:
            command = [*HUB, "run", "--config", str(config)]
            self._daemon = subprocess.Popen(command, env=self.environ(), stdout=log, stderr=log, start_new_session=True)

    def start_hub(self) -> None:
        """Start the daemon and wait until it works."""
        self.launch()
        until = self._clock.elapsed() + 60
        while not self.is_up():
            assert self.hub_lives(), f"the hub did not start: {self.last_words()}"
            assert self._clock.elapsed() < until, f"the hub did not start in time: {self.last_words()}"
            self._clock.sleep(0.05)

    def is_up(self) -> bool:
        """Say whether the daemon has come so far that commands reach it."""
        return self.hub_lives() and self._installation is not None and self._installation.control_file.exists()

    def signal_hub(self, which: signal.Signals) -> None:
        """Send the daemon a signal."""
        assert self._daemon is not None
        self._daemon.send_signal(which)

    @property
    def pid(self) -> int:
        """Return the daemon's process id."""
        assert self._daemon is not None
        return self._daemon.pid

    def receiver(self) -> int | None:
        """Return the process id of what answers webhooks, a child of the daemon; None while there is none."""
        told = [path.read_text("ascii").split() for path in Path(f"/proc/{self.pid}/task").glob("*/children")]
        return next((int(child) for children in told for child in children), None)

    def answer_questions(self) -> int:
        """Say yes where the hub asks, by its own commands, as an operator would; return how often."""
        installation = self.installation()
        with installation.reader() as reader:
            asked = [one["id"] for one in list_reviews(reader) if one["kind"] in SEND_AGAIN]
        for number in asked:
            command = [*HUB, "review", "resolve", str(number), "yes", "--config", str(installation.path)]
            subprocess.run(command, env=self.environ(), check=True, capture_output=True, timeout=60)
        with installation.reader() as reader:
            waits = sum(one.state is DeliveryState.ASKING for one in reader.open_deliveries())
        if waits:
            command = [*HUB, "apply", "--all", "--yes", "--config", str(installation.path)]
            subprocess.run(command, env=self.environ(), check=True, capture_output=True, timeout=60)
        return len(asked) + waits

    def forget_reader(self) -> None:
        """Open the store anew at the next look: the one that was open may have lost its server."""
        reader: Reader | None = self._reader
        self._reader = None
        if reader is not None:
            reader.close()

    def last_words(self) -> str:
        """Return the end of the daemon's log."""
        return self.log.read_text("utf-8", "replace")[-3000:] if self.log.exists() else "nothing"
