"""An installation as config.yaml describes it: read once, checked whole, then opened for reading or for writing."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hub.clock import Clock
from hub.config import Config, ConnectionConfig, load_config
from hub.config.environ import ENV_FILE, read_environ
from hub.errors import ConfigError, Place
from hub.mapping import Mapping as Table
from hub.mapping.ground import Ground
from hub.model.values import Doc
from hub.runtime.assemble import load_tables, make_ground, wire
from hub.runtime.wiring import Wiring
from hub.sdk import Connector, Http
from hub.sdk.limits import Bucket
from hub.sdk.patience import Patience
from hub.sdk.registry import Installed, load_connectors
from hub.store import Reader, Store, Unit, open_reader, open_store

if TYPE_CHECKING:
    from hub.sdk.http import HttpxHttp

INSTANCE = "instance"
"""The flag under which a store keeps its own name."""
NO_SPOOL = "none"
SHIPPED_MAPPINGS = Path(__file__).resolve().parents[2] / "mappings"
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass
class Installation:
    """What config.yaml says, with the connectors and mappings it names. Reading it opens nothing."""

    path: Path
    config: Config
    installed: dict[str, Installed]
    opened: list[HttpxHttp] = field(default_factory=list)
    """The HTTP clients that were made for it."""

    @property
    def folder(self) -> Path:
        """Return the folder of config.yaml, from which its relative paths count."""
        return self.path.parent

    @cached_property
    def connectors(self) -> dict[str, Connector[Any]]:
        """Return connection -> connector."""
        return {name: self.installed[one.connector].connector for name, one in self.config.connections.items()}

    @cached_property
    def tables(self) -> dict[str, dict[str, Table]]:
        """Return connector -> stream -> compiled mapping. Raises MappingError with file, line and column."""
        used = sorted({one.connector for one in self.config.connections.values()})
        return {name: load_tables(self.mapping_folders, name, self.installed[name].connector.streams) for name in used}

    @property
    def topics(self) -> dict[str, tuple[str, ...]]:
        """Return connection -> the webhook topics that its connector reads."""
        facts = {name: self.installed[one.connector].manifest.webhook for name, one in self.config.connections.items()}
        return {name: one.topics if one is not None else () for name, one in facts.items()}

    @property
    def mapping_folders(self) -> list[Path]:
        """Return the folders of mapping files; a later one replaces the files of an earlier one."""
        own = [self.folder / name for name in self.config.mappings]
        shipped = [SHIPPED_MAPPINGS] if SHIPPED_MAPPINGS.is_dir() else []
        return [*shipped, *(folder for folder in own if folder.resolve() not in shipped)]

    @property
    def url(self) -> str:
        """Return the address of the store; a relative file counts from the folder of config.yaml."""
        url = self.config.store.url
        if url.startswith("sqlite:///") and not url.startswith("sqlite:////"):
            return f"sqlite:///{(self.folder / url.removeprefix('sqlite:///')).resolve()}"
        return url

    @property
    def store_file(self) -> Path | None:
        """Return the file of the store; None where it is in a database server."""
        return Path(self.url.removeprefix("sqlite:///")) if self.url.startswith("sqlite") else None

    @property
    def spool_file(self) -> Path | None:
        """Return the file that keeps webhooks between their answer and the store; None: nothing does."""
        said, store = self.config.receiver.spool, self.store_file
        if said is not None:
            return None if said == NO_SPOOL else (self.folder / said).resolve()
        return store.with_name(store.name + ".spool") if store is not None else None

    @property
    def key_file(self) -> Path:
        """Return where the key of kept secrets lies, unless config.yaml names one."""
        return self.control_file.with_name(self.control_file.name.removesuffix("control") + "key")

    @property
    def control_file(self) -> Path:
        """Return where a running hub says how it can be asked for something."""
        store = self.store_file
        if store is not None:
            return store.with_name(store.name + ".control")
        return self.folder.resolve() / ".hub" / "control"

    def ground(self, instance: str) -> Ground:
        """Return the rules' view of this installation."""
        return make_ground(self.config, self.connectors, self.tables, instance)

    def wirings(self, ground: Ground, clock: Clock) -> list[Wiring]:
        """Return what each connection's workers are made of."""
        return wire(self.config, self.connectors, ground, lambda name, config: self.http(name, config, clock))

    def http(self, name: str, config: ConnectionConfig, clock: Clock, patience: Patience | None = None) -> Http:
        """Return the HTTP client of a connection. Makes no call."""
        import httpx

        from hub.sdk.http import HttpxHttp

        limits = self.installed[config.connector].manifest.limits
        per_s = config.calls_per_s
        bucket = Bucket(clock, capacity=per_s or limits.burst, per_s=per_s or limits.per_s)
        quotas = {
            quota: Bucket(clock, capacity=per_s or facts.burst, per_s=per_s or facts.per_s)
            for quota, facts in limits.quotas.items()
        }
        address = config.settings.get("base_url", "")
        if not address.startswith(("http://", "https://")):
            raise ConfigError(f"`{name}` has no address to call.", fix="Set `base_url` to an address with http:// or https://.")
        client = HttpxHttp(
            address,
            transport=httpx.HTTPTransport(retries=0),
            clock=clock,
            bucket=bucket,
            connection=name,
            patience=patience,
            quotas=quotas,
        )
        self.opened.append(client)
        return client

    def close(self) -> None:
        """Close the connections that were made; nobody may use them any more."""
        for client in self.opened:
            client.close()
        self.opened.clear()

    def store(self) -> Store:
        """Open the store for writing and bring an empty one to this release's schema. Raises StoreBusy beside a running hub."""
        store = open_store(self.url, synchronous=self.config.store.synchronous.value.upper())
        try:
            if store.is_empty():
                store.migrate()
            store.check()
        except BaseException:
            store.close()
            raise
        return store

    def reader(self) -> Reader:
        """Open the store for reading, beside a running hub or without one."""
        return open_reader(self.url)


def read_installation(path: Path, environ: Mapping[str, str] | None = None) -> Installation:
    """Read config.yaml and everything it names. Raises ConfigError or MappingError; nothing is opened or called.

    Without `environ` it is that of this process, and of a file `.env` beside config.yaml where the process says nothing.
    """
    if not path.is_file():
        raise ConfigError(
            f"There is no {path.name} here.", place=Place(path.as_posix(), 1, 1), fix="Run `hub init`, or name it with --config."
        )
    installed = load_connectors()
    facts = {name: one.manifest.facts() for name, one in installed.items()}
    known = {**read_environ(path.with_name(ENV_FILE)), **os.environ} if environ is None else environ
    config = load_config(path, environ=known, connectors=facts)
    return Installation(path, config, installed)


def instance_of(unit: Unit, clock: Clock) -> str:
    """Return the store's own name, which our keys and markers at the systems carry; drawn once, at the first start."""
    name = unit.flags().get(INSTANCE)
    if name is None:
        name = "".join(_LETTERS[int(clock.chance() * len(_LETTERS))] for _ in range(8))
        unit.set_flag(INSTANCE, name)
    return name


def describe(installation: Installation) -> list[Doc]:
    """Return one line per connection: name, connector, start mode, how many streams are mapped."""
    config = installation.config
    return [
        {
            "connection": name,
            "connector": one.connector,
            "start": one.start.value,
            "streams": len(installation.tables[one.connector]),
        }
        for name, one in config.connections.items()
    ]
