"""What the hub says of documents at the end: every one with its home, its copies and its values, and everybody's history."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hub.model.record import DOCUMENTS, EntityType
from hub.model.values import Doc
from hub.ops.timeline import timeline

if TYPE_CHECKING:
    from hub.model.entity import Entity
    from hub.model.link import Link
    from hub.store import Reader

Place = tuple[str, str]
"""(remote, external id); ids of documents differ by kind."""


@dataclass(frozen=True, slots=True)
class Filed:
    """One document. `homes`: the records that it is; `copies`: the records that the hub made of it and that are there."""

    id: int
    kind: str
    homes: tuple[Place, ...]
    copies: tuple[Place, ...]
    fields: Doc
    """Path -> value; elements of lists as `lines/1`; money as {"amount", "currency"}."""
    order: int | None = None
    ticket: int | None = None
    customer: int | None = None


@dataclass(slots=True)
class Archive:
    """All of them. `people`: customer record -> customer; `histories`: customer -> the documents shown of them, oldest first."""

    filed: list[Filed] = field(default_factory=list)
    people: dict[Place, int] = field(default_factory=dict)
    histories: dict[int, list[int]] = field(default_factory=dict)


def read_archive(reader: Reader) -> Archive:
    """Read what the hub says, the histories as an operator is shown them."""
    archive = Archive()
    for kind in sorted(DOCUMENTS):
        entities = list(_all(reader, kind))
        links = _by_entity(reader.links_of([entity.id for entity in entities]))
        archive.filed += [_filed(entity, links.get(entity.id, [])) for entity in entities]
    people = {entity.id: entity for entity in _all(reader, EntityType.CUSTOMER)}
    ends = reader.resolve(people)
    for link in reader.links_of(list(people)):
        if link.state == "live":
            archive.people[link.connection, link.external_id] = ends[link.entity_id]
    for ident in sorted(set(archive.people.values())):
        archive.histories[ident] = [line["id"] for line in timeline(reader, people[ident], 0)]
    return archive


def _all(reader: Reader, kind: EntityType) -> Iterable[Entity]:
    last = 0
    while page := reader.entities_of_type(kind, after=last, limit=500):
        yield from page
        last = page[-1].id


def _by_entity(links: Iterable[Link]) -> dict[int, list[Link]]:
    found: dict[int, list[Link]] = {}
    for link in links:
        found.setdefault(link.entity_id, []).append(link)
    return found


def _filed(entity: Entity, links: list[Link]) -> Filed:
    homes = tuple((link.connection, link.external_id) for link in links if not link.by_hub)
    copies = tuple((link.connection, link.external_id) for link in links if link.by_hub and link.state == "live")
    fields = {path: golden.value for path, golden in entity.golden.items()}
    refs = entity.refs
    return Filed(entity.id, entity.type.value, homes, copies, fields, refs.get("order"), refs.get("ticket"), refs.get("customer"))
