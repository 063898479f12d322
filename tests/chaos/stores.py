"""The store's disk is full, or its database server goes away."""

from __future__ import annotations

import os
import random
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psycopg

from tests import postgres
from tests.chaos.hall import Hall
from tests.chaos.scene import Trouble

DISK_BYTES = 96 * 1024 * 1024
SPARE_BYTES = 4096
FULL_S = (3.0, 7.0)
"""How long the disk stays full."""
ROOM_S = (4.0, 8.0)
LONGEST_WAIT_S = 60.0
"""Twice the longest pause after which the hub looks for its store again."""
"""How long there is room between."""


class FullDisk(Trouble):
    """A file grows until the disk of the store has no byte left, and goes again. `held`: the hub watches how much is free."""

    kind = "full disk"

    def __init__(self, seed: int, times: int) -> None:
        super().__init__(seed)
        self._chance = random.Random(seed)
        self._fills = times
        self._at_s = 3.0
        self._full = self._returned = False
        self._mount = _mount()
        self.facts["disk"] = "a small tmpfs" if self._mount else "RLIMIT_FSIZE"

    change: Callable[[str], str] = staticmethod(lambda text: text.replace("store: {url:", "store: {keep_free: 0, url:"))
    """The hub does not look how much is free: it runs into the wall, again and again."""

    def folder(self) -> Path | None:
        """The daemon's files, its log too, are on the disk that fills."""
        return self._mount

    def step(self, hall: Hall, now_s: float) -> None:
        """Fill the disk, or make room."""
        if now_s < self._at_s:
            return
        if self.times >= self._fills and not self._full:
            self._returned = _returns(hall) >= _losses(hall)
            return
        if not self._full and not hall.is_up():
            self._at_s = now_s + self._chance.uniform(1.0, 4.0)  # it still begins anew
            return
        if self._full:
            self._ease(hall)
            self._at_s = now_s + self._chance.uniform(*ROOM_S)
        else:
            self._fill(hall)
            self.times += 1
            self._at_s = now_s + self._chance.uniform(*FULL_S)
        self._full = not self._full

    def _fill(self, hall: Hall) -> None:
        if self._mount is None:
            largest = max(file.stat().st_size for file in hall.folder.iterdir() if file.is_file())
            resource.prlimit(hall.pid, resource.RLIMIT_FSIZE, (largest, resource.RLIM_INFINITY))
            return
        with suppress(OSError), (self._mount / "ballast").open("ab", buffering=0) as ballast:  # until not a byte is left
            while True:
                ballast.write(b"\0" * SPARE_BYTES)

    def _ease(self, hall: Hall) -> None:
        if self._mount is None:
            resource.prlimit(hall.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        else:
            (self._mount / "ballast").unlink(missing_ok=True)

    def is_over(self, now_s: float) -> bool:
        """Say whether the disk was full as often as asked, and the hub found its store again (or was waited for)."""
        happened = self.times >= self._fills and not self._full and now_s >= self._at_s
        return happened and (self._returned or now_s >= self._at_s + LONGEST_WAIT_S)

    def end(self, hall: Hall) -> None:
        """Note how the hub took it."""
        self.facts["began anew"] = _returns(hall)
        if not self.facts["began anew"]:  # while its log of changes has room in the file that it has, the hub can go on
            self.wrong.append("the full disk never got in the hub's way")

    def close(self) -> None:
        """Give the disk back."""
        if self._mount is not None:
            subprocess.run(["umount", "--lazy", str(self._mount)], check=False)
            shutil.rmtree(self._mount, ignore_errors=True)


class LostServer(Trouble):
    """The hub's store is in PostgreSQL, whose server is restarted, crashes and stays away, or cuts all sessions off."""

    kind = "PostgreSQL away"

    def __init__(self, seed: int, times: int) -> None:
        super().__init__(seed)
        self._chance = random.Random(seed)
        self._wanted = times
        self._at_s = 3.0
        self._away = self._returned = False
        self._cluster = postgres.make_cluster()
        with psycopg.connect(f"postgresql://hub@/postgres?host={self._cluster}", autocommit=True) as server:
            server.execute("CREATE DATABASE chaos")
            server.execute("ALTER ROLE hub SET synchronous_commit = on")  # tests turn it off; here a crash must lose nothing
        self._url = f"postgresql://hub@/chaos?host={self._cluster}"

    def environ(self) -> dict[str, str]:
        """Let the store be there."""
        return {"HUB_STORE": self._url}

    def step(self, hall: Hall, now_s: float) -> None:
        """Do the next of the three, or let the server come back."""
        if now_s < self._at_s:
            return
        if self.times >= self._wanted and not self._away:
            self._returned = _returns(hall) >= self._wanted
            return
        if not self._away and not hall.is_up():
            self._at_s = now_s + self._chance.uniform(1.0, 4.0)  # it still begins anew
            return
        if self._away:
            postgres.begin(self._cluster)
            self._away = False
            self._at_s = now_s + self._chance.uniform(3.0, 6.0)
            return
        how = ("restarted", "crashed", "sessions cut")[self.times % 3]
        self.times += 1
        self.facts[how] = self.facts.get(how, 0) + 1
        if how == "sessions cut":
            self._cut()
            self._at_s = now_s + self._chance.uniform(3.0, 6.0)
            return
        postgres.end(self._cluster, "fast" if how == "restarted" else "immediate")
        self._away = True
        self._at_s = now_s + (0.0 if how == "restarted" else self._chance.uniform(1.0, 8.0))

    def _cut(self) -> None:
        with psycopg.connect(self._url, autocommit=True) as other:
            others = "pid <> pg_backend_pid() AND datname = current_database()"
            other.execute(f"SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE {others}")

    def is_over(self, now_s: float) -> bool:
        """Say whether all of it happened, people worked a while after, and the hub found its store again (or was waited for)."""
        happened = self.times >= self._wanted and not self._away and now_s >= self._at_s
        return happened and (self._returned or now_s >= self._at_s + LONGEST_WAIT_S)

    def end(self, hall: Hall) -> None:
        """Note how the hub took it; look with a new session."""
        hall.forget_reader()
        self.facts["began anew"] = _returns(hall)
        if self.facts["began anew"] < self._wanted:
            self.wrong.append(f"the store was lost {self.facts['began anew']} times only")

    def close(self) -> None:
        """End the server."""
        postgres.remove_cluster(self._cluster)


def _losses(hall: Hall) -> int:
    return hall.log.read_text("utf-8", "replace").count("runtime.store.failed")


def _returns(hall: Hall) -> int:
    return hall.log.read_text("utf-8", "replace").count("runtime.store.returned")


def _mount() -> Path | None:
    """Mount a small disk; None where that is not allowed."""
    if os.getuid() != 0:
        return None
    folder = Path(tempfile.mkdtemp(prefix="syncline-chaos-"))
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if done.returncode == 0:
        return folder
    folder.rmdir()
    return None
