"""Which entity a person means."""

from __future__ import annotations

from hub.errors import UsageError
from hub.model.entity import Entity
from hub.model.link import LinkKey
from hub.model.record import DOCUMENTS, EntityType
from hub.ops.names import name_of
from hub.reconcile.attach import bare
from hub.store import Reader
from hub.yamlfile import nearest


def entity_type(word: str) -> EntityType:
    """Return the type a person names: `customer`, `customers`, `inventory-level`. Raises UsageError."""
    plain = word.strip().lower().replace("-", "_").replace(" ", "_")
    for kind in EntityType:
        if plain in (kind.value, f"{kind.value}s"):
            return kind
    raise UsageError(f"There is nothing called `{word}`.", fix=nearest(plain, [kind.value for kind in EntityType]))


def find_entity(reader: Reader, kind: EntityType, said: str) -> Entity:
    """Return the one entity meant by its id, an e-mail, phone, SKU or barcode, or CONNECTION/STREAM/EXTERNAL_ID.

    Raises UsageError where there is none or more than one.
    """
    text = said.strip()
    connection, _, rest = text.partition("/")
    stream, _, external_id = rest.partition("/")
    if external_id:
        links = reader.links([LinkKey(connection, stream, external_id)]).values()
        found = [entity for link in links if (entity := reader.entity(link.entity_id)) is not None]
    else:
        found = [one for one in reader.find(text.casefold()) or reader.find(text) if one.type is kind]
        by_id = [one for one in found if text == str(one.id)] or _alias(reader, kind, text)
        number = bare(text)
        numbered = reader.documents_numbered([number, f"#{number}"], kind) if kind in DOCUMENTS else []
        by_number = [one for paper in numbered if (one := reader.entity(paper.entity_id)) is not None]
        found = by_number or by_id or found
    found = [one for one in found if one.type is kind]
    if not found:
        raise UsageError(
            f"There is no {kind.value} `{said}`.",
            fix="Give its id, number, e-mail, phone, SKU or CONNECTION/STREAM/ID as it has there.",
        )
    if len(found) > 1:
        ids = ", ".join(f"{one.id} ({name_of(one)})" for one in found)
        raise UsageError(f"More than one {kind.value} goes by that.", fix=f"Choose by id: {ids}.")
    return found[0]


def _alias(reader: Reader, kind: EntityType, text: str) -> list[Entity]:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return []
    entity = reader.entity(int(text))
    return [entity] if entity is not None and entity.type is kind else []
