"""What is known while a batch is decided: everything it touches, loaded beforehand, changed in place, written afterwards.

In: rows of the store. Out: the same objects changed, and lists of what to append. The rules work on this and on nothing else, so
that a batch sees its own earlier decisions: `absorb(a + b)` leaves what `absorb(a); absorb(b)` leaves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from hub.model.delivery import Attempt, Delivery
from hub.model.documents import Document
from hub.model.entity import Entity
from hub.model.ledger import Balance, Movement
from hub.model.link import Link, LinkKey, LinkState
from hub.model.record import EntityType
from hub.model.review import ReviewKind
from hub.model.run import ConnectionState, Mode
from hub.model.traits import FirstRead
from hub.model.values import Doc, Micros, Value

MatchKey = tuple[EntityType, str, str]


@dataclass(slots=True)
class Note:
    """One line of the journal. `changes` are rows of plain values, personal data included: it stays in the store."""

    at: Micros
    entity_id: int
    link_id: int
    kind: str
    changes: list[list[Value]]


@dataclass(slots=True)
class Question:
    """A review to open, once per (kind, about)."""

    kind: ReviewKind
    about: str
    entity_id: int | None
    link_id: int | None
    detail: Doc = field(default_factory=dict)


MAY_BE_OURS: Final = "open create"
"""Why a record is read again that may be one of ours whose making is not known yet."""


@dataclass(slots=True)
class Reread:
    """A record to fetch by id, not before a time."""

    connection: str
    stream: str
    external_id: str
    not_before: Micros
    reason: str


@dataclass(slots=True)
class Dead:
    """A dead letter to write: what was refused, with a code, the field to blame and where to look."""

    connection: str
    stream: str
    external_id: str
    code: str
    reason: str
    field: str = ""
    entity_id: int | None = None
    attempt_id: int | None = None


@dataclass(slots=True)
class Known:
    """The working set of one batch."""

    next_id: Callable[[str], int]
    modes: dict[str, Mode] = field(default_factory=dict)
    states: dict[str, ConnectionState] = field(default_factory=dict)
    live_count: Callable[[str, str], int] = lambda _connection, _stream: 0
    """(connection, stream) -> how many live links there are."""
    first_reads: dict[tuple[str, str], FirstRead] = field(default_factory=dict)
    links: dict[LinkKey, Link] = field(default_factory=dict)
    by_id: dict[int, Link] = field(default_factory=dict)
    by_entity: dict[int, list[Link]] = field(default_factory=dict)
    entities: dict[int, Entity] = field(default_factory=dict)
    keys: dict[MatchKey, list[tuple[int, int]]] = field(default_factory=dict)
    attempts: dict[int, Attempt] = field(default_factory=dict)
    creates: dict[tuple[str, str], list[Attempt]] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    created: dict[tuple[int, str, str], Delivery] = field(default_factory=dict)
    referenced: set[tuple[int, str]] = field(default_factory=set)
    """(entity, connection) that a new record there refers to."""
    levels: dict[tuple[int, int], int] = field(default_factory=dict)
    """(variant, location) -> inventory level entity."""
    balances: dict[tuple[int, int], Balance] = field(default_factory=dict)
    """(variant, location) -> its balance, moved together with `movements`."""
    promised: dict[tuple[int, int], int] = field(default_factory=dict)
    """(variant, location) -> units that documents keep back of it, for the hub to hold."""
    loaded_keys: set[MatchKey] = field(default_factory=set)
    loaded_levels: set[tuple[int, int]] = field(default_factory=set)
    numbered: dict[tuple[EntityType, str], list[int]] = field(default_factory=dict)
    """(type, number) -> entities of documents that go by it."""
    refunds: dict[int, list[Document]] = field(default_factory=dict)
    """Order -> the refunds of it."""
    accepted: set[tuple[ReviewKind, int]] = field(default_factory=set)
    """(kind, link id) of questions a person answered with yes."""
    used: list[tuple[ReviewKind, int]] = field(default_factory=list)
    """Those yeses that this batch used up."""
    in_review: set[int] = field(default_factory=set)
    """Entities with an open question whether they are somebody else."""
    apart: set[str] = field(default_factory=set)
    """What match questions were about that a person answered with "keep apart"."""

    restoring: bool = False
    """The hub's own store was restored from a backup, and not every system has been read whole since."""
    restored_at: Micros = 0
    """When it was last restored; 0: never."""

    changed_states: dict[str, ConnectionState] = field(default_factory=dict)
    changed_links: dict[int, Link] = field(default_factory=dict)
    changed_entities: dict[int, Entity] = field(default_factory=dict)
    changed_attempts: dict[int, Attempt] = field(default_factory=dict)
    touched: dict[int, None] = field(default_factory=dict)
    """Entities whose deliveries are to be looked at again, in order of touch."""
    movements: list[Movement] = field(default_factory=list)
    opened: list[tuple[int, int]] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    agreed: dict[str, None] = field(default_factory=dict)
    """What questions of the rule `ask` were about, where the systems say one thing: nothing is left to choose."""
    answered: dict[str, str] = field(default_factory=dict)
    """What a question was about -> the answer that what was seen since has given."""
    dead: list[Dead] = field(default_factory=list)
    rereads: list[Reread] = field(default_factory=list)
    new_keys: list[tuple[MatchKey, int, int]] = field(default_factory=list)
    old_keys: list[tuple[MatchKey, int]] = field(default_factory=list)
    renamed: list[tuple[Link, str]] = field(default_factory=list)
    rewound: list[str] = field(default_factory=list)
    """Connections that were found to show an older state of themselves just now."""

    def add_link(self, link: Link) -> None:
        """Take a new or loaded link in."""
        self.links[LinkKey(link.connection, link.stream, link.external_id)] = link
        self.by_id[link.id] = link
        self.by_entity.setdefault(link.entity_id, []).append(link)

    def add_entity(self, entity: Entity) -> None:
        """Take a new entity in."""
        self.entities[entity.id] = entity
        self.by_entity.setdefault(entity.id, [])
        if entity.type is EntityType.INVENTORY_LEVEL:
            self.levels[entity.refs["variant"], entity.refs["location"]] = entity.id
        self.changed_entities[entity.id] = entity

    def state(self, connection: str) -> ConnectionState:
        """Return what is kept of a connection."""
        return self.states.setdefault(connection, ConnectionState(connection, self.modes.get(connection, Mode.OBSERVE)))

    def change(self, link: Link) -> None:
        """Note that a link is to be written."""
        self.changed_links[link.id] = link

    def touch(self, entity: Entity) -> None:
        """Note that an entity is to be written and its deliveries looked at."""
        self.changed_entities[entity.id] = entity
        self.touched[entity.id] = None

    def use(self, kind: ReviewKind, link: Link) -> None:
        """Forget a person's yes: it was meant for what has now been taken in."""
        if (kind, link.id) in self.accepted:
            self.accepted.discard((kind, link.id))
            self.used.append((kind, link.id))

    def look_at(self, entity: Entity) -> None:
        """Note that an entity's deliveries are to be looked at; whether it is to be written, its changes say."""
        self.touched[entity.id] = None

    def delivery_of(self, attempt: Attempt) -> Delivery | None:
        """Return the delivery an attempt was made for, while it is still open."""
        if attempt.link_id is not None:
            return self.deliveries.get(attempt.link_id)
        return self.created.get((attempt.entity_id, attempt.connection, attempt.stream))

    def live_links(self, entity_id: int) -> list[Link]:
        """Return the links of an entity that still tie a record to it."""
        return [link for link in self.by_entity.get(entity_id, ()) if link.state is LinkState.LIVE]

    def resolve(self, entity_id: int) -> Entity:
        """Return the entity that an id means today, through merges."""
        entity = self.entities[entity_id]
        while entity.alias_of is not None:
            entity = self.entities[entity.alias_of]
        return entity

    def level_of(self, variant_id: int, location_id: int) -> Entity | None:
        """Return the inventory level of a variant at a location."""
        found = self.levels.get((variant_id, location_id))
        return self.entities[found] if found is not None else None

    def set_keys(self, link: Link, keys: list[MatchKey], held: list[MatchKey]) -> None:
        """Make `keys` the match keys of a link that had `held`."""
        for key in held:
            if key not in keys:
                self.old_keys.append((key, link.id))
                if self.new_keys:  # it may have come with this very batch
                    self.new_keys = [row for row in self.new_keys if row[:2] != (key, link.id)]
                self.keys[key] = [pair for pair in self.keys.get(key, []) if pair[0] != link.id]
        for key in keys:
            if key not in held:
                self.new_keys.append((key, link.id, link.entity_id))
                self.keys.setdefault(key, []).append((link.id, link.entity_id))
