"""What stands still while a batch is decided: configuration, compiled mappings and the facts of every stream."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field

from hub.config import Config, Policy
from hub.mapping import Mapping
from hub.model.documents import DERIVED
from hub.model.link import Link
from hub.model.record import DOCUMENTS, EntityType
from hub.model.traits import Traits
from hub.model.values import Value

UNKNOWN = Traits()


@dataclass(slots=True)
class Ground:
    """The rules' view of the installation. `tables` holds the mapping of every (connection, stream), parts included."""

    config: Config
    tables: dict[tuple[str, str], Mapping]
    traits: dict[tuple[str, str], Traits]
    instance: str = "syncline"
    """Names this store in markers and keys, so that two hubs never take each other's records for their own."""
    ranks: dict[str, int] = field(init=False)
    policies: dict[tuple[EntityType, str], Policy] = field(default_factory=dict)
    homes: dict[EntityType, list[tuple[str, str]]] = field(default_factory=dict)
    summed: frozenset[EntityType] = field(init=False)
    """Entities of which some system shows a field that the hub works out (`summary.orders`)."""
    files: bool = field(init=False)
    """Some stream carries documents."""
    carriers: dict[tuple[str, str], str] = field(init=False)
    """(connection, stream of a part) -> the stream in whose documents it stands."""

    def __post_init__(self) -> None:
        order = sorted(self.config.connections, key=lambda name: (self.config.connections[name].seed_rank, name))
        self.ranks = {name: rank for rank, name in enumerate(order)}
        summed = {t.entity for t in self.tables.values() if any(path.startswith(DERIVED) for path in t.fields)}
        self.summed = frozenset(summed | {EntityType.CUSTOMER} if self.config.tags else summed)
        self.files = any(table.entity in DOCUMENTS for table in self.tables.values())
        self.carriers = {(name, part): stream for (name, stream), table in self.tables.items() for part in table.parts}

    def table(self, link: Link) -> Mapping | None:
        """Return the mapping of a link's stream; None where the connection is no longer configured."""
        return self.tables.get((link.connection, link.stream))

    def trait(self, connection: str, stream: str) -> Traits:
        """Return the facts of a stream."""
        return self.traits.get((connection, stream), UNKNOWN)

    def carrier(self, connection: str, stream: str) -> str:
        """Return the stream that is read to read this one: the one whose documents hold it, if it is a part."""
        while (connection, stream) in self.carriers:
            stream = self.carriers[connection, stream]
        return stream

    def policy(self, entity: EntityType, path: str) -> Policy:
        """Return the survivorship rule of a field path; elements follow their list."""
        head = path.partition("/")[0]
        found = self.policies.get((entity, head))
        if found is None:
            found = self.policies[(entity, head)] = self.config.policy(entity, head)
        return found

    def settings(self, connection: str) -> Lookup[str, str]:
        """Return the settings of a connection, for its converters."""
        return self.config.connections[connection].settings

    def render(self, link: Link, path: str, value: Value) -> Value:
        """Return how a link's system is expected to show a golden value; the value itself where the mapping has no such line."""
        table = self.table(link)
        if value is None or table is None:
            return value
        name, _, element = path.partition("/")
        if element:
            return value if name not in table.lists or table.lists[name].is_set else table.render_element(name, value)
        return table.render(path, value, self.settings(link.connection)) if path in table.fields else value
