"""Links with their claims, and their latest raw records."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import astuple
from typing import Any, Final, NamedTuple

import orjson

from hub.model.link import Level, Link, LinkKey, LinkState
from hub.model.record import EntityType
from hub.model.values import Micros
from hub.store.codec import decode_claims, encode_claims
from hub.store.db import Db, Row, columns
from hub.store.tables import LinkRow, RawRow

_COLUMNS: Final = columns(LinkRow)
_OF_STREAM: Final = (
    f'SELECT {_COLUMNS} FROM "link" WHERE connection = {{p}} AND stream = {{p}} AND external_id {{texts}} ORDER BY id'  # noqa: S608
)
_PAGE_OF_STREAM: Final = (  # walks the ids: over the index of names every page would sort the whole stream
    f'SELECT {_COLUMNS} FROM "link"'  # noqa: S608 - our own column names
    " WHERE connection || '' = {p} AND stream || '' = {p} AND id > {p} ORDER BY id LIMIT {p}"
)
_BY_ID: Final = f'SELECT {_COLUMNS} FROM "link" WHERE id {{ints}} ORDER BY id'  # noqa: S608 - our own column names
_OF_ENTITY: Final = f'SELECT {_COLUMNS} FROM "link" WHERE entity_id {{ints}} ORDER BY id'  # noqa: S608 - our own column names
_DIGESTS: Final = (
    "SELECT external_id, id, digest, epoch FROM link WHERE connection = {p} AND stream = {p} AND external_id {texts}"
    " AND state = 'live' AND attempt_id IS NULL AND owed_read = {false} ORDER BY id"
)
PACKED_FROM: Final = 2048
"""Bytes. Compressing a smaller record costs more time (about 20 µs) than writing its last kilobyte."""
_TYPES: Final = {t.value: t for t in EntityType}
_STATES: Final = {s.value: s for s in LinkState}


class Digest(NamedTuple):
    """What tells that a live, unfenced link's record is unchanged, without reading its claims."""

    link_id: int
    digest: bytes
    epoch: int


_UNTOUCHED: Final = astuple(Level())


def _cut(level: Row) -> Row:
    """Drop what a level shares with an untouched one at its end; what tells of writes is rare."""
    end = len(level)
    while end and level[end - 1] == _UNTOUCHED[end - 1]:
        end -= 1
    return level[:end]


def _more(link: Link) -> bytes | None:
    """Return what few links have, None where there is nothing."""
    more: dict[str, Any] = {}
    if link.elements:
        more["e"] = link.elements
    if link.levels:
        more["l"] = {n: _cut(astuple(v)) for n, v in link.levels.items()}
    if link.refs:
        more["r"] = link.refs
    if link.quiet_until:
        more["q"] = link.quiet_until
    if link.suspect_version is not None or link.suspect_at:
        more["v"], more["a"] = link.suspect_version, link.suspect_at
    if link.laid_by:
        more["b"] = link.laid_by
    return orjson.dumps(more) if more else None


def link_row(link: Link) -> Row:
    """Return the row of a link."""
    return (
        link.id,
        link.connection,
        link.stream,
        link.external_id,
        link.entity_type.value,
        link.entity_id,
        link.state.value,
        link.birth,
        link.by_hub,
        link.linked_at,
        link.ended_at,
        link.version,
        link.changed_at,
        link.digest,
        link.mapping,
        link.fence_seq,
        link.owed_read,
        link.attempt_id,
        link.epoch,
        encode_claims(link.claims, link.changed_at if link.version is None else link.version),
        _more(link),
    )


def link_of(row: Row) -> Link:
    """Return the link of a row."""
    (ident, connection, stream, external_id, entity_type, entity_id, state, birth, by_hub, linked_at, ended_at,
     version, changed_at, digest, mapping, fence_seq, owed_read, attempt_id, epoch, claims, more) = row  # fmt: skip
    counted = changed_at if version is None else version
    link = Link(
        ident, connection, stream, external_id, _TYPES[entity_type], entity_id, _STATES[state], birth, bool(by_hub),
        linked_at, ended_at, decode_claims(claims, counted), {}, {}, {}, version, changed_at, digest, mapping,
        fence_seq, 0, bool(owed_read), attempt_id, epoch=epoch,
    )  # fmt: skip
    if more is not None:
        _add_more(link, orjson.loads(more))
    return link


def _add_more(link: Link, more: dict[str, Any]) -> None:
    link.elements = more.get("e", {})
    link.levels = {n: Level(*v) for n, v in more.get("l", {}).items()}
    link.refs = more.get("r", {})
    link.quiet_until = more.get("q", 0)
    link.suspect_version = more.get("v")
    link.suspect_at = more.get("a", 0)
    link.laid_by = more.get("b", 0)


class LinkReads:
    """Look-ups of links."""

    _db: Db

    def links(self, keys: Iterable[LinkKey]) -> dict[LinkKey, Link]:
        """Return the links of these records, in the order of their ids; a record without link is left out."""
        found: dict[LinkKey, Link] = {}
        for (connection, stream), external_ids in _by_stream(keys).items():
            for row in self._db.rows(_OF_STREAM, connection, stream, external_ids):
                found[LinkKey(connection, stream, row[3])] = link_of(row)
        return found

    def links_by_id(self, ids: Iterable[int]) -> dict[int, Link]:
        """Return links by id."""
        wanted = list(set(ids))
        return {row[0]: link_of(row) for row in self._db.rows(_BY_ID, wanted)} if wanted else {}

    def links_of(self, entity_ids: Iterable[int]) -> list[Link]:
        """Return all links of these entities, ended ones too, in the order of their ids."""
        wanted = list(set(entity_ids))
        return [link_of(row) for row in self._db.rows(_OF_ENTITY, wanted)] if wanted else []

    def links_of_stream(self, connection: str, stream: str, *, after: int = 0, limit: int = 500) -> list[Link]:
        """Return the links of a stream by id, those with an id above `after`."""
        return [link_of(row) for row in self._db.rows(_PAGE_OF_STREAM, connection, stream, after, limit)]

    def level_links(self, *, after: int = 0, limit: int = 500) -> list[Link]:
        """Return the links of inventory levels by id, those with an id above `after`."""
        sql = f"SELECT {_COLUMNS} FROM \"link\" WHERE entity_type = 'inventory_level' AND id > {{p}} ORDER BY id LIMIT {{p}}"  # noqa: S608
        return [link_of(row) for row in self._db.rows(sql, after, limit)]

    def ended_links(self, connection: str, since: Micros) -> list[Link]:
        """Return the links of a connection that ended since a time, by id."""
        sql = f"SELECT {_COLUMNS} FROM \"link\" WHERE connection = {{p}} AND state = 'ended' AND ended_at > {{p}} ORDER BY id"  # noqa: S608
        return [link_of(row) for row in self._db.rows(sql, connection, since)]

    def has_linked(self, connection: str, stream: str, epoch: int, after: Micros, before: Micros) -> bool:
        """Say whether a stream shows in an epoch what was linked between two times."""
        sql = (
            "SELECT 1 FROM \"link\" WHERE connection = {p} AND stream = {p} AND state = 'live' AND epoch = {p}"
            " AND linked_at > {p} AND linked_at < {p} LIMIT 1"
        )
        return bool(self._db.rows(sql, connection, stream, epoch, after, before))

    def digests(self, connection: str, stream: str, external_ids: Iterable[str]) -> dict[str, Digest]:
        """Return external id -> digest of the last compared record, for live links without open attempt or owed read only."""
        wanted = list(external_ids)
        if not wanted:
            return {}
        rows = self._db.rows(_DIGESTS, connection, stream, wanted)
        return {row[0]: Digest(row[1], row[2], row[3]) for row in rows}

    def raws(self, link_ids: Iterable[int]) -> dict[int, bytes]:
        """Return the latest raw record kept per link, as it was given to `save_raws`."""
        wanted = list(set(link_ids))
        if not wanted:
            return {}
        rows = self._db.rows("SELECT link_id, body FROM raw WHERE link_id {ints} ORDER BY link_id", wanted)
        return {link_id: body if body[:1] == b"{" else zlib.decompress(body) for link_id, body in rows}


class Links(LinkReads):
    """Links, written."""

    def save_links(self, links: Iterable[Link]) -> None:
        """Insert or replace links by id."""
        self._db.upsert(LinkRow, map(link_row, links))

    def save_raws(self, raws: Mapping[int, bytes]) -> None:
        """Keep the latest raw record per link: JSON objects in bytes, without blanks in front."""
        self._db.upsert(RawRow, [(link_id, _pack(body)) for link_id, body in raws.items()])


def _pack(body: bytes) -> bytes:
    """Compress what is worth it. A zlib stream never begins with `{`, so that the first byte tells the two apart."""
    return body if len(body) < PACKED_FROM and body[:1] == b"{" else zlib.compress(body, 1)


def _by_stream(keys: Iterable[LinkKey]) -> dict[tuple[str, str], list[str]]:
    streams: dict[tuple[str, str], list[str]] = {}
    for connection, stream, external_id in keys:
        streams.setdefault((connection, stream), []).append(external_id)
    return streams
