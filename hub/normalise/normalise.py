"""Read one payload through its mapping."""

from __future__ import annotations

from collections.abc import Mapping as Lookup
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from hub.errors import RecordRefused
from hub.mapping import Mapping
from hub.model.record import Drift, EntityType, Observation, RawRecord, Record
from hub.model.values import Doc


@dataclass(slots=True)
class Normalised:
    """What became of one payload. The first observation is the document's own, the others are its parts'; `docs` beside them."""

    seen: list[Observation] = field(default_factory=list)
    docs: list[Doc] = field(default_factory=list)
    drift: list[Drift] = field(default_factory=list)
    skipped: str = ""
    refused: RecordRefused | None = None


def digest_of(body: bytes) -> bytes:
    """Return the hash by which an unchanged payload is recognised before it is mapped."""
    return blake2b(body, digest_size=16).digest()


def normalise(raw: RawRecord, digest: bytes, table: Mapping, settings: Lookup[str, str], marker: str | None) -> Normalised:
    """Read a payload. `marker` is the path at which this stream's records carry our id, if they do."""
    try:
        reading = table.read(raw.payload, settings)
    except RecordRefused as error:
        return Normalised(refused=error)
    if reading.skipped:
        return Normalised(skipped=reading.skipped, drift=reading.drift)
    lent = _lend(reading.records)
    seen = [
        Observation(
            raw.connection,
            record,
            raw.seq,
            raw.sent_at,
            raw.received_at,
            raw.source,
            digest if position == 0 else b"",
            table.fingerprint,
            _at(raw.payload, marker) if marker is not None and position == 0 else None,
            lent.get(record.external_id, ()) if record.entity is EntityType.PRODUCT else (),
        )
        for position, record in enumerate(reading.records)
    ]
    return Normalised(seen, reading.docs, reading.drift)


def _lend(records: list[Record]) -> dict[str, tuple[tuple[str, str], ...]]:
    """A product has no key of its own: its variants lend it theirs (DESIGN section 8: products match by SKU, then barcode)."""
    lent: dict[str, list[tuple[str, str]]] = {}
    for record in records:
        parent = record.refs.get("product")
        if record.entity is not EntityType.VARIANT or parent is None:
            continue
        for kind in ("sku", "barcode"):
            value = record.fields.get(kind)
            if value:
                lent.setdefault(parent.external_id, []).append((kind, str(value).strip().casefold()))
    return {parent: tuple(keys) for parent, keys in lent.items()}


def _at(doc: Doc, path: str) -> str | None:
    value: Any = doc
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value if isinstance(value, str) else None
