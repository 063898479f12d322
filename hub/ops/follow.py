"""Follows changed files while the hub runs: config.yaml, mapping files, files that hold secrets.

In: the files. Out: a hub that goes on with what they say now, or, where they are wrong, with what it knew before. Changed files
take effect as at a start: the workers end what they are doing, values are chosen again, records are read again with their old
times, and what a changed mapping would send waits for a yes. Webhooks are taken all the while.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson
import structlog

from hub.clock import Clock, Signal, instant
from hub.config import Config, referenced_files
from hub.config.environ import ENV_FILE
from hub.errors import Refuse
from hub.events import Event
from hub.mapping import Mapping as Table
from hub.mapping.ground import Ground
from hub.model.delivery import DeliveryState
from hub.model.values import Doc
from hub.ops.flags import FOLLOWED, REFUSED
from hub.ops.installation import Installation
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from hub.runtime.hub import Hub
from hub.runtime.subscriptions import Keeper
from hub.store import Unit

LOOK_S: Final = 2.0
END_S: Final = 5.0
FIXED: Final = ("store", "receiver", "monitor", "tracing")
"""What is taken up at a start only: ports, the store itself, where traces go."""
log = structlog.get_logger("hub.ops")
Print = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True, slots=True)
class Change:
    """What differs from what runs. `mappings`: connection/stream; `restart`: what of config.yaml waits for the next start."""

    config: bool
    mappings: tuple[str, ...]
    restart: tuple[str, ...]


class Follower:
    """Follows the files of one installation. `read` reads it anew and raises Refuse where it is wrong."""

    def __init__(
        self, hub: Hub, keeper: Keeper, installation: Installation, read: Callable[[], Installation], clock: Clock
    ) -> None:
        self._hub, self._keeper, self._clock, self._read = hub, keeper, clock, read
        self._installation = self._running = installation
        self._stopping = False
        self._wake: Signal = clock.signal()
        self._print = self._seen = fingerprint(files_of(installation))

    def run(self) -> None:
        """Look until stopped."""
        self._hub.writer.submit(lambda unit: unit.set_flag(REFUSED, None)).result()  # what runs was read without a fault
        while not self._stopping:
            self._wake.wait(LOOK_S)
            if not self._stopping:
                self.look()

    def stop(self) -> None:
        """End after what is under way."""
        self._stopping = True
        self._wake.set()

    def look(self) -> None:
        """Follow a change once the files have stopped moving: an editor writes in steps."""
        found = fingerprint(files_of(self._installation))
        moved, self._seen = found != self._seen, found
        if moved or found == self._print:
            return
        self._print = found
        try:
            self._follow(self._read())
        except Refuse as error:
            self._refuse(error)
        except (OSError, UnicodeDecodeError):
            self._refuse(Refuse("A file cannot be read.", fix="Check its rights, and that it is UTF-8 text."))

    def _follow(self, fresh: Installation) -> None:
        before, known = self._running, self._hub.ground
        change = compare(known, fresh)
        kept = {name: getattr(before.config, name) for name in FIXED}
        fresh.config = fresh.config.model_copy(update=kept)
        ground = fresh.ground(known.instance)
        wirings = fresh.wirings(ground, self._clock)
        self._installation = fresh  # from here on the files that count are those it names
        if not change.config and not change.mappings:
            fresh.close()
            self._say(change)
            return
        if not self._end_workers():
            return
        try:
            self._hub.renew(ground, wirings, fresh.connectors)
        except Refuse:
            fresh.close()
            self._hub.renew(known, before.wirings(known, self._clock), before.connectors)
            raise
        self._running = fresh
        before.close()
        self._keeper.renew(fresh.connectors, fresh.topics)
        finish_settling(Running(self._hub))
        self._say(change)

    def _end_workers(self) -> bool:
        """Wait until no worker of the old configuration is left: two of one connection would do everything twice."""
        said = False
        while not self._hub.halt(END_S):
            if self._stopping:
                return False
            if not said:
                log.info(Event.RUNTIME_WORKERS_AWAITED)
            said = True
        return not self._stopping

    def _say(self, change: Change) -> None:
        """Write down what came of it: what waits for a yes now is the plan that follows."""

        def note(unit: Unit) -> int:
            asking = sum(n for (_, state), n in unit.delivery_counts().items() if state is DeliveryState.ASKING)
            unit.set_flag(REFUSED, None)
            unit.set_flag(FOLLOWED, orjson.dumps(_told(change, asking, instant(self._clock.now()))).decode())
            return asking

        asking = self._hub.writer.submit(note).result()
        log.info(
            Event.RUNTIME_CONFIG_FOLLOWED,
            fields=[*(["config"] if change.config else []), *change.mappings],
            count=asking,
            reason="restart" if change.restart else None,
        )

    def _refuse(self, error: Refuse) -> None:
        place = getattr(error, "place", None)
        log.error(Event.RUNTIME_CONFIG_REFUSED, code=error.code, at=Path(place.file).name + f":{place.line}" if place else None)
        self._hub.writer.submit(lambda unit: unit.set_flag(REFUSED, str(error))).result()


def _told(change: Change, asking: int, at: str) -> Doc:
    return {
        "at": at,
        "config": change.config,
        "mappings": list(change.mappings),
        "asking": asking,
        "restart": list(change.restart),
    }


def compare(known: Ground, fresh: Installation) -> Change:
    """Return what a freshly read installation says other than what runs."""
    old, new = known.config, fresh.config
    tables = fresh.ground(known.instance).tables
    streams = {key for key in {*known.tables, *tables} if _print_of(known.tables, key) != _print_of(tables, key)}
    restart = tuple(name for name in FIXED if getattr(old, name) != getattr(new, name))
    return Change(_without(old) != _without(new), tuple(f"{name}/{stream}" for name, stream in sorted(streams)), restart)


def _print_of(tables: Mapping[tuple[str, str], Table], key: tuple[str, str]) -> str:
    return tables[key].fingerprint if key in tables else ""


def _without(config: Config) -> Doc:
    return {name: value for name, value in config.model_dump().items() if name not in FIXED}


def files_of(installation: Installation) -> list[Path]:
    """Return every file that an installation is read from."""
    used = sorted({one.connector for one in installation.config.connections.values()})
    folders = [folder / connector for folder in installation.mapping_folders for connector in used]
    mappings = [path for folder in folders for path in sorted(folder.glob("*.yaml"))]
    environ = installation.path.with_name(ENV_FILE)
    return [installation.path, environ, *referenced_files(installation.path), *mappings]


def fingerprint(files: Iterable[Path]) -> Print:
    """Return what changes when a file does: its time, size and inode; a file that is not there has none."""
    found = {}
    for path in files:
        try:
            known = path.stat()
        except OSError:
            continue
        found[str(path)] = (known.st_mtime_ns, known.st_size, known.st_ino)
    return found
