"""What a connector says of itself in `manifest.yaml`: facts for people, for the configuration and for the contract suite."""

from __future__ import annotations

from enum import StrEnum
from functools import lru_cache
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from hub.config import ConnectorFacts, SettingFacts
from hub.model.record import EntityType
from hub.sdk.base import Connector, Operation, Safe, VersionKind
from hub.yamlfile import Strict, open_yaml, typed


class Category(StrEnum):
    """What kind of system it is."""

    POS = "pos"
    SHOP = "shop"
    CRM = "crm"
    HELPDESK = "helpdesk"
    MARKETING = "marketing"
    ERP = "erp"
    WAREHOUSE = "warehouse"
    PAYMENTS = "payments"
    ACCOUNTING = "accounting"


class Setting(Strict):
    """One setting of a connection. A secret never stands literally in config.yaml and never shows anywhere."""

    secret: bool = False
    required: bool = False
    default: str | None = None
    help: str = ""

    @model_validator(mode="after")
    def _no_default_when_required(self) -> Self:
        if self.default is not None and (self.required or self.secret):
            raise ValueError("A required or secret setting has no default.")
        return self


class StreamFacts(Strict):
    """One readable collection. `parts`: further entities inside its records."""

    entity: EntityType
    version: VersionKind
    incremental: bool = True
    parts: tuple[EntityType, ...] = ()
    note: str = ""


class SinkFacts(Strict):
    """One writable collection: per operation, what makes it safe; `writable`: the paths of the document that can be written."""

    create: Safe | None = None
    update: Safe | None = None
    delete: Safe | None = None
    adjust: Safe | None = None
    act: Safe | None = None
    acts: tuple[str, ...] = ()
    """What can be done to a document there."""
    archive: dict[str, str | bool] = Field(default_factory=dict)
    """Our fields -> the values that put a record away there."""
    writable: tuple[str, ...] = ()
    note: str = ""

    @model_validator(mode="after")
    def _does_something(self) -> Self:
        if not self.operations():
            raise ValueError("A sink needs at least one of `create`, `update`, `delete`, `adjust`, `act`.")
        return self

    def operations(self) -> dict[Operation, Safe]:
        """Return how each operation that it can do is made safe."""
        kinds = {operation: getattr(self, operation.value) for operation in Operation}
        return {operation: safe for operation, safe in kinds.items() if safe is not None}


class WebhookFacts(Strict):
    """What arrives at the webhook door. `header` carries the signature."""

    header: str
    topics: tuple[str, ...] = Field(min_length=1)
    note: str = ""


class Quota(Strict):
    """A narrower limit of some requests."""

    per_s: float = Field(gt=0)
    burst: float = Field(gt=0)
    note: str = ""


class LimitFacts(Quota):
    """The token bucket a connection starts with, until the API itself says otherwise.

    `quotas`: name -> a narrower limit that the connector names with a request.
    """

    quotas: dict[str, Quota] = Field(default_factory=dict)


class State(StrEnum):
    """Whether a rule of the quality list is met."""

    DONE = "done"
    TODO = "todo"


class Quality(Strict):
    """One line of the quality list. What is not done says why."""

    rule: str
    state: State
    why: str = ""

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.state is State.TODO and not self.why:
            raise ValueError("A rule that is `todo` says `why`.")
        return self


class Manifest(Strict):
    """The facts of one connector."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    category: Category
    api_version: str
    summary: str = ""
    settings: dict[str, Setting] = Field(default_factory=dict)
    streams: dict[str, StreamFacts] = Field(min_length=1)
    sinks: dict[str, SinkFacts] = Field(default_factory=dict)
    webhook: WebhookFacts | None = None
    limits: LimitFacts
    quality: tuple[Quality, ...] = ()
    docs: dict[str, str] = Field(default_factory=dict)
    """Title -> address of the vendor's page."""

    @model_validator(mode="after")
    def _sinks_have_streams(self) -> Self:
        lost = sorted(set(self.sinks) - set(self.streams))
        if lost:
            raise ValueError(f"Sinks without a stream of the same name: {', '.join(lost)}.")
        return self

    def entities(self) -> frozenset[EntityType]:
        """Return every entity that its streams carry."""
        return frozenset(entity for stream in self.streams.values() for entity in (stream.entity, *stream.parts))

    def secrets(self) -> frozenset[str]:
        """Return the names of the settings that are secrets."""
        return frozenset(name for name, setting in self.settings.items() if setting.secret)

    def facts(self) -> ConnectorFacts:
        """Return what config.yaml is checked against."""
        settings = {name: SettingFacts(one.secret, one.required, one.default) for name, one in self.settings.items()}
        archives = frozenset(self.streams[name].entity for name, sink in self.sinks.items() if sink.archive)
        return ConnectorFacts(settings, self.entities(), archives)


def load_manifest(path: Path, *, shown: str = "") -> Manifest:
    """Read a manifest; once, as long as its file stays as it is. Raises ConfigError with file, line and column."""
    known = path.stat()
    return _load(path, shown, known.st_mtime_ns, known.st_size, known.st_ino)


@lru_cache(maxsize=64)
def _load(path: Path, shown: str, *_print: int) -> Manifest:
    source = open_yaml(path, shown=shown)
    manifest = typed(Manifest, source)
    if manifest.name != path.parent.name:
        raise source.error(("name",), f"`name` must be the name of its folder, `{path.parent.name}`.")
    return manifest


def differences(connector: Connector[Any], manifest: Manifest) -> list[str]:
    """Return, in words, where the code and the manifest say different things; empty when they agree."""
    out = [f"name: code `{connector.name}`, manifest `{manifest.name}`"] if connector.name != manifest.name else []
    for kind, code, facts in (("stream", connector.streams, manifest.streams), ("sink", connector.sinks, manifest.sinks)):
        out += [f"{kind} {name}: not in the manifest" for name in sorted(set(code) - set(facts))]
        out += [f"{kind} {name}: not in the code" for name in sorted(set(facts) - set(code))]
        out += [f"{kind} {name}: its object is called `{code[name].name}`" for name in sorted(code) if code[name].name != name]
    for name in sorted(set(connector.streams) & set(manifest.streams)):
        stream, said = connector.streams[name], manifest.streams[name]
        pairs = {"version": (stream.version, said.version), "incremental": (stream.incremental, said.incremental)}
        out += [f"stream {name}: {key} is {a} in code, {b} in the manifest" for key, (a, b) in pairs.items() if a != b]
    for name in sorted(set(connector.sinks) & set(manifest.sinks)):
        put_away, facts_say = dict(connector.sinks[name].archive), manifest.sinks[name].archive
        out += [f"sink {name}: archive is {put_away} in code, {facts_say} in the manifest"] if put_away != facts_say else []
        acts = tuple(connector.sinks[name].acts)
        if acts != manifest.sinks[name].acts:
            out.append(f"sink {name}: acts are {acts} in code, {manifest.sinks[name].acts} in the manifest")
        for operation in Operation:
            a, b = getattr(connector.sinks[name], operation.value), getattr(manifest.sinks[name], operation.value)
            out += [f"sink {name}: {operation} is {a} in code, {b} in the manifest"] if a != b else []
    return out
