"""Whether the disk of the store has room: noticed before it hurts.

In: how much is free. Out: a hold on the hub while there is too little, said once, and once when there is room again.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

import structlog

from hub.events import Event
from hub.runtime.hub import DISK, Hub

EASE: Final = 1.25
"""So much more than the limit has to be free before the hub goes on, or it would stop and go with every page."""
NEAR: Final = 3
"""An alert is given while there is still so many times the limit."""
log = structlog.get_logger("hub.runtime")


class Room:
    """Watches one disk. `path`: the store's file; None: the store is on another machine and nothing is watched."""

    def __init__(self, path: Path | None, keep_free: int, free: Callable[[Path], int] | None = None) -> None:
        self._path, self._keep_free = path, keep_free
        self._free = free or _free_bytes
        self.free_bytes: int | None = None

    def look(self, hub: Hub) -> None:
        """Measure; hold the hub or let it go on."""
        if self._path is None or not self._keep_free:
            return
        try:
            self.free_bytes = free = self._free(self._path.parent)
        except OSError:
            return  # a disk that is gone shows in the next commit
        held = DISK in hub.holds
        if not held and free < self._keep_free:
            log.error(Event.RUNTIME_DISK_FILLED, size_bytes=free)
            hub.hold(DISK)
        elif held and free >= self._keep_free * EASE:
            log.info(Event.RUNTIME_DISK_EASED, size_bytes=free)
            hub.go_on(DISK)

    @property
    def is_scarce(self) -> bool:
        """Say whether somebody should make room soon."""
        return self.free_bytes is not None and self.free_bytes < self._keep_free * NEAR


def _free_bytes(folder: Path) -> int:
    """Return what a process without special rights may still write."""
    return shutil.disk_usage(folder).free
