"""The golden record: a pure function of all own values, the policies and the operator's overrides."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from hub.model.link import Standing
from hub.model.record import EntityType
from hub.model.values import Micros, Value


class EntityState(StrEnum):
    """Whether an entity is still in use."""

    LIVE = "live"
    MERGED = "merged"  # an alias for ever: `alias_of` says of whom
    ENDED = "ended"  # by an operator, or by the tombstone of the connection named in `deletes_from`


@dataclass(slots=True)
class Golden:
    """The winning value of one field path and the claim that won it (Invariant 6).

    `link_id` is 0 where an operator's override won. `version` counts the changes of this entity's golden record and names
    this very value: a link whose claim stands for it shows it.
    """

    value: Value
    stamp: Micros
    link_id: int
    version: int
    standing: Standing = Standing.EDIT


@dataclass(slots=True)
class Override:
    """A field pinned by an operator until lifted. `why`: what they said, for whoever comes after them."""

    value: Value
    by: str
    at: Micros
    why: str = ""


@dataclass(slots=True)
class Entity:
    """One canonical customer, product, ... `version` is the number the next golden change goes beyond.

    `brought`: of a merged one, the ids of the links it had until `merged_at`; a split gives them back.
    """

    id: int
    type: EntityType
    golden: dict[str, Golden] = field(default_factory=dict)
    overrides: dict[str, Override] = field(default_factory=dict)
    refs: dict[str, int] = field(default_factory=dict)
    state: EntityState = EntityState.LIVE
    alias_of: int | None = None
    version: int = 0
    next_element: int = 1
    born_at: Micros = 0
    brought: list[int] = field(default_factory=list)
    merged_at: Micros = 0
