"""Everything a hub stands on, looked at once: the machine, the files, the store, the clock, the systems.

Every finding that is not well says what to do. `hub check` looks at the configuration alone; this goes on to what is around it.
"""

from __future__ import annotations

import os
import shutil
import socket
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from hub.clock import Clock
from hub.errors import HubError
from hub.model.values import SECOND, Doc, Micros
from hub.ops.backups import FOLDER
from hub.ops.collector import ask_collector
from hub.ops.installation import Installation
from hub.ops.setup import check_installation
from hub.runtime.control import find_door
from hub.store import open_reader
from hub.store.store import sqlite_path

NEEDS: Final = (3, 11)
LEAST_BYTES: Final = 1 << 30
"""Free space below which a store that grows may stop the hub within days."""
AHEAD: Final[Micros] = 60 * SECOND
"""So far in the future nothing can have happened: the clock of this machine was set back."""
BACKUP_AGE: Final[Micros] = 7 * 86_400 * SECOND


def examine(installation: Installation, clock: Clock, *, offline: bool, running: bool) -> list[Doc]:
    """Return a line per thing looked at: what, result (ok, look, refused, unreachable), what it says, what to do."""
    found = [_python(), *_room(installation), *_permissions(installation), *_clock(installation, clock)]
    found += [_receiver(installation, running=running), *_proxies(installation), _backups(installation, clock)]
    found += [] if offline else _traces(installation)
    return found + check_installation(installation, offline=offline)


def line(what: str, says: str, result: str = "ok", fix: str = "") -> Doc:
    """Return one finding."""
    return {"what": what, "result": result, "says": says, "fix": fix}


def _python() -> Doc:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < NEEDS:
        return line("Python", version, "refused", f"Install Python {NEEDS[0]}.{NEEDS[1]} or later.")
    return line("Python", version)


def _room(installation: Installation) -> Iterator[Doc]:
    path = sqlite_path(installation.url)
    folder = _nearest((path or installation.folder / "x").parent)
    free = shutil.disk_usage(folder).free
    says = f"{free / (1 << 30):.1f} GiB free"
    if free < LEAST_BYTES:
        yield line("disk", says, "look", f"Make room on the disk of {folder}, or move the store: `store:` in config.yaml.")
    else:
        yield line("disk", says)
    if not os.access(folder, os.W_OK):
        yield line("store folder", f"{folder} cannot be written", "refused", f"Let the user of the hub write there: {folder}")


def _nearest(folder: Path) -> Path:
    """Return the folder, or the first one above it that exists."""
    folder = folder.absolute()
    return next(one for one in (folder, *folder.parents) if one.is_dir())


def _permissions(installation: Installation) -> Iterator[Doc]:
    path = sqlite_path(installation.url)
    if path is None or not path.exists():
        return
    if path.stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        yield line("store file", "everybody on this machine may read it", "look", f"It holds personal data: chmod 600 {path}")
    else:
        yield line("store file", f"{path.stat().st_size / (1 << 20):,.0f} MiB, not for everybody")


def _clock(installation: Installation, clock: Clock) -> Iterator[Doc]:
    try:
        with open_reader(installation.url) as reader:
            last = reader.last_journal_at()
    except HubError:
        return  # the store is told of elsewhere
    if last > clock.now() + AHEAD:
        behind = (last - clock.now()) // SECOND
        yield line(
            "clock", f"{behind:,} s behind the last thing the store knows", "look", "Set it, by NTP; the hub goes on from there."
        )
    else:
        yield line("clock", "not behind the store")


def _receiver(installation: Installation, *, running: bool) -> Doc:
    at = installation.config.receiver
    what = "webhooks"
    if running:
        door = find_door(installation.control_file)
        return line(what, f"the hub runs (process {door.pid})" if door is not None else "the hub runs")
    family = socket.AF_INET6 if ":" in at.host else socket.AF_INET
    try:
        with socket.socket(family) as door_there:
            door_there.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            door_there.bind((at.host, at.port))
    except OSError as error:
        says = f"{at.host}:{at.port} cannot be had: {(error.strerror or 'unknown').lower()}"
        return line(what, says, "refused", "Choose another `receiver: port:`, or end what listens there.")
    return line(what, f"{at.host}:{at.port} is free; the hub does not run")


def _proxies(installation: Installation) -> Iterator[Doc]:
    """Only webhooks that were believed count: anybody can write such a header."""
    if installation.config.receiver.proxies:
        return
    try:
        with open_reader(installation.url) as reader:
            through = [name for name, hearing in reader.hearings().items() if hearing.forwarded]
    except HubError:
        return  # the store is told of elsewhere
    if through:
        says = f"webhooks of {', '.join(through)} come through one, so that all senders seem to be one"
        yield line("proxy", says, "look", "Write `receiver: proxies: 1` (or how many of yours stand in a row) and start again.")


def _traces(installation: Installation) -> Iterator[Doc]:
    if installation.config.tracing is not None:
        says, fix = ask_collector(installation.config.tracing)
        yield line("traces", says, "look" if fix else "ok", fix)


def _backups(installation: Installation, clock: Clock) -> Doc:
    files = sorted((installation.folder / FOLDER).glob("hub-*.db"))
    if not files:
        return line("backups", f"none in {FOLDER}/", "look", "Call `hub db backup`, every night from a timer or cron.")
    age = clock.now() - int(files[-1].stat().st_mtime * SECOND)
    says = f"{len(files)}, the newest {age // (86_400 * SECOND)} days old"
    return line("backups", says, "look" if age > BACKUP_AGE else "ok", "Call `hub db backup`." if age > BACKUP_AGE else "")
