"""Put an installation together: connectors, compiled mappings and facts of every stream become one `Ground` and its lanes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.config import Config, ConnectionConfig
from hub.errors import ConfigError, MappingError, Place
from hub.mapping import Converter, load
from hub.mapping import Mapping as Table
from hub.mapping.ground import Ground
from hub.model.traits import Ordering, Traits
from hub.model.values import SECOND
from hub.runtime.wiring import Wiring
from hub.sdk import Connector, Http, Sink, Stream
from hub.yamlfile import nearest

HttpFor = Callable[[str, ConnectionConfig], Http]
"""Makes the HTTP client of a connection."""


def load_tables(
    folders: Sequence[Path],
    connector: str,
    streams: Collection[str] = (),
    converters: Mapping[str, Converter] | None = None,
) -> dict[str, Table]:
    """Compile the mapping files of a connector; the same file in a later folder replaces that of an earlier one.

    `streams`: what the connector has; none: not known. Raises MappingError for a file that is of no use to it.
    """
    files: dict[str, Path] = {}
    for folder in folders:
        for path in sorted((folder / connector).glob("*.yaml")):
            files[path.name] = path
    tables: dict[str, Table] = {}
    for path in files.values():
        table = load(path.read_text(encoding="utf-8"), str(path), converters)
        check_use(path, "connector", table.connector, [connector])
        check_use(path, "stream", table.stream, streams or [table.stream])
        tables.update(table.streams)
    return tables


def check_use(path: Path, key: str, said: str, known: Collection[str]) -> None:
    """Refuse a file whose `key` names nothing known. Raises MappingError with file, line and column."""
    if said in known:
        return
    lines = path.read_text(encoding="utf-8").splitlines()
    line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"{key}:")), 1)
    message = f"`{said}` is no {key} that this file can be for."
    others = f"Known here: {', '.join(sorted(known))}." if known else "config.yaml names no connection yet."
    raise MappingError(message, place=Place(str(path), line, len(key) + 3), fix=nearest(said, known) or others)


def traits_of(stream: Stream[Any] | None, sink: Sink[Any] | None, config: ConnectionConfig) -> Traits:
    """Return the facts of one stream and its sink; config.yaml may know better how long a read lags."""
    visible_s = config.visible_after_s if config.visible_after_s is not None else stream.visible_after_s if stream else 0.0
    return Traits(
        ordering=Ordering(stream.version.value) if stream is not None else Ordering.NONE,
        visible_after=int(visible_s * SECOND),
        late_effect=int((sink.late_effect_s if sink else Sink.late_effect_s) * SECOND),
        create=_name(sink.create) if sink else None,
        update=_name(sink.update) if sink else None,
        delete=_name(sink.delete) if sink else None,
        adjust=_name(sink.adjust) if sink else None,
        deltas=sink.delivers_deltas if sink else False,
        marker=sink.marker if sink else None,
        archive=dict(sink.archive) if sink else {},
        acts=dict(sink.acts) if sink else {},
    )


def _name(safe: Any) -> str | None:
    return str(safe.value) if safe is not None else None


def make_ground(
    config: Config, connectors: Mapping[str, Connector[Any]], tables: Mapping[str, Mapping[str, Table]], instance: str
) -> Ground:
    """Return the rules' view of an installation. `connectors` by connection, `tables` by connector and stream."""
    found: dict[tuple[str, str], Table] = {}
    traits: dict[tuple[str, str], Traits] = {}
    for name, connection in config.connections.items():
        connector = connectors[name]
        for stream, table in tables[connection.connector].items():
            found[name, stream] = table
            parent = connector.streams.get(stream) or _parent(connector, tables[connection.connector], stream)
            traits[name, stream] = traits_of(parent, connector.sinks.get(stream), connection)
    return Ground(config, found, traits, instance)


def _parent(connector: Connector[Any], tables: Mapping[str, Table], part: str) -> Stream[Any] | None:
    """A part is read with the document it stands in."""
    return next(
        (connector.streams[name] for name, table in tables.items() if part in table.parts and name in connector.streams), None
    )


def wire(config: Config, connectors: Mapping[str, Connector[Any]], ground: Ground, http_for: HttpFor) -> list[Wiring]:
    """Return what each lane is made of."""
    wirings = []
    for name, connection in config.connections.items():
        connector = connectors[name]
        client = connector.client(connection.settings, http_for(name, connection))
        streams = {stream: one for stream, one in connector.streams.items() if (name, stream) in ground.tables}
        if not streams:
            raise ConfigError(
                f"No mapping for any stream of `{name}`.", fix=f"Add mappings/{connection.connector}/<stream>.yaml."
            )
        polled = tuple(stream for stream in streams if ground.carrier(name, stream) == stream)
        paces = connection.every_s, connection.full_every_s, connection.writes_at_once
        wirings.append(Wiring(name, client, streams, connector.sinks, polled, *paces))
    return wirings
