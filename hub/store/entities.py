"""Entities with their golden values, the keys they are found by, and their journal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import orjson

from hub.model.entity import Entity, EntityState, Override
from hub.model.record import EntityType
from hub.model.run import JournalEntry
from hub.model.values import Micros
from hub.store.codec import decode_golden, encode_golden
from hub.store.db import Db, Row, columns
from hub.store.shape import Shape
from hub.store.tables import EntityRow, JournalRow, MatchKeyRow

_COLUMNS: Final = columns(EntityRow)
_BY_ID: Final = f"SELECT {_COLUMNS} FROM entity WHERE id {{ints}} ORDER BY id"  # noqa: S608 - our own column names
_OF_TYPE: Final = f"SELECT {_COLUMNS} FROM entity WHERE type = {{p}} AND id > {{p}} ORDER BY id LIMIT {{p}}"  # noqa: S608
_MATCHES: Final = (
    "SELECT kind, value, link_id, entity_id FROM match_key WHERE entity_type = {p} AND kind = {p} AND value {texts}"
    " ORDER BY kind, value, link_id"
)
_TYPES: Final = {t.value: t for t in EntityType}
_STATES: Final = {s.value: s for s in EntityState}
_JOURNAL: Final = Shape(JournalRow, JournalEntry, json=["body"])

Key = tuple[str, str]
"""(kind, normalised value), e.g. ("email", "ada@example.org")."""
KeyRow = tuple[EntityType, str, str, int, int]
"""(entity type, kind, value, link id, entity id)."""


def entity_row(entity: Entity) -> Row:
    """Return the row of an entity."""
    more: dict[str, Any] = {}
    if entity.refs:
        more["r"] = entity.refs
    if entity.overrides:
        more["o"] = {path: (o.value, o.by, o.at, o.why) for path, o in entity.overrides.items()}
    if entity.brought:
        more["m"] = [entity.merged_at, *entity.brought]
    return (
        entity.id,
        entity.type.value,
        entity.state.value,
        entity.alias_of,
        entity.version,
        entity.next_element,
        entity.born_at,
        encode_golden(entity.golden),
        orjson.dumps(more) if more else None,
    )


def entity_of(row: Row) -> Entity:
    """Return the entity of a row."""
    ident, kind, state, alias_of, version, next_element, born_at, golden, more = row
    known = orjson.loads(more) if more is not None else {}
    overrides = {path: Override(*o) for path, o in known.get("o", {}).items()}
    merged_at, *brought = known.get("m", (0,))
    return Entity(
        ident, _TYPES[kind], decode_golden(golden), overrides, known.get("r", {}),
        _STATES[state], alias_of, version, next_element, born_at, brought, merged_at,
    )  # fmt: skip


class EntityReads:
    """Look-ups of entities."""

    _db: Db

    def entities(self, ids: Iterable[int]) -> dict[int, Entity]:
        """Return entities by id, in the order of their ids. Aliases are not followed: see `resolve`."""
        wanted = list(set(ids))
        return {row[0]: entity_of(row) for row in self._db.rows(_BY_ID, wanted)} if wanted else {}

    def entities_of_type(self, entity: EntityType, *, after: int = 0, limit: int = 500) -> list[Entity]:
        """Return the next entities of a type by id, aliases and ended ones too."""
        return [entity_of(row) for row in self._db.rows(_OF_TYPE, entity.value, after, limit)]

    def resolve(self, ids: Iterable[int]) -> dict[int, int]:
        """Return id -> the id it lives on under: itself, or what it was merged into."""
        ends = {ident: ident for ident in sorted(set(ids))}
        open_ids = list(ends)
        while open_ids:
            rows = self._db.rows("SELECT id, alias_of FROM entity WHERE id {ints} AND alias_of IS NOT NULL ORDER BY id", open_ids)
            step: dict[int, int] = dict(rows)
            ends = {ident: step.get(end, end) for ident, end in ends.items()}
            open_ids = sorted(set(step.values()))
        return ends

    def aliases_of(self, ids: Iterable[int]) -> list[int]:
        """Return the ids that were merged directly into these."""
        wanted = list(set(ids))
        return (
            [row[0] for row in self._db.rows("SELECT id FROM entity WHERE alias_of {ints} ORDER BY id", wanted)] if wanted else []
        )

    def matches(self, entity: EntityType, keys: Iterable[Key]) -> dict[Key, list[tuple[int, int]]]:
        """Return key -> [(link id, entity id)], in the order of link ids; a key nobody carries is left out."""
        kinds: dict[str, list[str]] = {}
        for kind, value in keys:
            kinds.setdefault(kind, []).append(value)
        found: dict[Key, list[tuple[int, int]]] = {}
        for kind in sorted(kinds):
            for _, value, link_id, entity_id in self._db.rows(_MATCHES, entity.value, kind, list(set(kinds[kind]))):
                found.setdefault((kind, value), []).append((link_id, entity_id))
        return found

    def journal_of(self, entity_ids: Iterable[int], *, limit: int = 1000) -> list[JournalEntry]:
        """Return the newest entries of these entities, oldest first."""
        sql = f"SELECT {_JOURNAL.columns} FROM journal WHERE entity_id {{ints}} ORDER BY id DESC LIMIT {{p}}"  # noqa: S608
        return [_JOURNAL.read(row) for row in reversed(self._db.rows(sql, list(set(entity_ids)), limit))]

    def last_journal_at(self) -> Micros:
        """Return the time of the newest journal line, 0 where there is none."""
        rows = self._db.rows("SELECT at FROM journal ORDER BY id DESC LIMIT 1")
        return int(rows[0][0]) if rows else 0

    def edits_between(self, since: Micros, until: Micros) -> list[JournalEntry]:
        """Return the edits of a stretch of time (both ends included), in the order in which they were taken in."""
        where = (
            "kind = 'edit' AND at >= {p} AND at <= {p} ORDER BY id"  # the kind as a word: a plan kept by a server takes its index
        )
        sql = f"SELECT {_JOURNAL.columns} FROM journal WHERE {where}"  # noqa: S608 - our own column names
        return [_JOURNAL.read(row) for row in self._db.rows(sql, since, until)]

    def journal_after(self, after: int, *, limit: int = 1000) -> list[JournalEntry]:
        """Return the entries that follow an id, oldest first."""
        sql = f"SELECT {_JOURNAL.columns} FROM journal WHERE id > {{p}} ORDER BY id LIMIT {{p}}"  # noqa: S608
        return [_JOURNAL.read(row) for row in self._db.rows(sql, after, limit)]


class Entities(EntityReads):
    """Entities, written."""

    def save_entities(self, entities: Iterable[Entity]) -> None:
        """Insert or replace entities by id."""
        self._db.upsert(EntityRow, map(entity_row, entities))

    def set_match_keys(self, add: Iterable[KeyRow], remove: Iterable[KeyRow] = ()) -> None:
        """Remove keys, then add keys, for many links at once. A key its link has already only follows its entity."""
        self._db.delete(MatchKeyRow, [(t.value, kind, value, link_id) for t, kind, value, link_id, _ in remove])
        self._db.upsert(MatchKeyRow, [(t.value, kind, value, link_id, entity_id) for t, kind, value, link_id, entity_id in add])

    def move_match_keys(self, link_ids: list[int], entity_id: int) -> None:
        """Let every key of these links lead to an entity."""
        if link_ids:
            self._db.run("UPDATE match_key SET entity_id = {p} WHERE link_id {ints}", entity_id, link_ids)

    def append_journal(self, entries: Iterable[JournalEntry]) -> None:
        """Write the journal; ids come from `next_id("journal")`."""
        dumps = orjson.dumps
        self._db.insert(JournalRow, [(e.id, e.at, e.entity_id, e.link_id, e.kind, e.field, dumps(e.body)) for e in entries])
