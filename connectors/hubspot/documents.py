"""A CRM object as the document of its stream, read whole by id.

Document: `{id, createdAt, updatedAt, archived, properties: {name: text or null}, times: {name: RFC 3339}, associations: {kind:
[ids]}}`. Three things differ from the wire: a property without a value is null whether HubSpot leaves it out or not; of every
property's history only the time of its last change is kept (`times`); ids of associated records are there, the primary first.

A batch read takes 50 ids when histories are asked for (100 without). Source: the refusal quoted in PipedreamHQ/pipedream#8462.
It answers 207 where some ids do not exist; those are simply not there (HubSpot/hubspot-api-php#619). Merged records are
answered under the id that survived (from memory, unverified; nothing here depends on it).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from connectors.hubspot.client import HubSpotClient, chunks, results
from connectors.hubspot.kinds import Kind
from hub.model.values import Doc
from hub.sdk import Unavailable

READ: Final = 50
LINKED: Final = 100
PRIMARY: Final = "Primary"
ABSENT: Final = "OBJECT_NOT_FOUND"


def read_documents(client: HubSpotClient, kind: Kind, ids: Sequence[str]) -> list[Doc]:
    """Return these records as they are now, in the order asked for; one that does not exist, or was deleted, is left out."""
    names = client.properties(kind)
    found: dict[str, Doc] = {}
    for some in chunks(list(dict.fromkeys(ids)), READ):
        body: Doc = {"inputs": [{"id": each} for each in some], "properties": list(names), "propertiesWithHistory": list(names)}
        for record in batch(client.read("POST", f"{kind.address}/batch/read", body)):
            found[str(record["id"])] = document(record, names)
    docs = list(found.values())
    for other in kind.linked:
        linked = associated(client, kind.path, other, list(found))
        for doc in docs:
            doc["associations"][other] = linked.get(doc["id"], [])
    return docs


def document(record: Doc, names: Iterable[str]) -> Doc:
    """Return a record of the wire as a document."""
    values, histories = record.get("properties") or {}, record.get("propertiesWithHistory") or {}
    doc: Doc = {name: record.get(name) for name in ("id", "createdAt", "updatedAt")}
    doc["archived"] = bool(record.get("archived"))
    doc["properties"] = {name: values.get(name) or None for name in names}
    times = {name: _newest(histories.get(name)) for name in names}
    doc["times"] = {name: at for name, at in times.items() if at}
    doc["associations"] = {}
    return doc


def find_by(client: HubSpotClient, kind: Kind, unique: str, value: str) -> list[str]:
    """Return the id of the record whose unique property has this value: read from the records, not from the search index."""
    body: Doc = {"inputs": [{"id": value}], "idProperty": unique, "properties": [unique], "propertiesWithHistory": []}
    return [str(record["id"]) for record in batch(client.read("POST", f"{kind.address}/batch/read", body))]


def associated(client: HubSpotClient, path: str, other: str, ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the ids of the records of kind `other` that each of these is associated with, the primary one first."""
    found: dict[str, list[str]] = {}
    waiting: list[Doc] = [{"id": each} for each in ids]
    while waiting:
        some, waiting = waiting[:LINKED], waiting[LINKED:]
        for row in batch(client.read("POST", f"/crm/v4/associations/{path}/{other}/batch/read", {"inputs": some})):
            owner = str(row["from"]["id"])
            found.setdefault(owner, []).extend(_ordered(row["to"]))
            after = ((row.get("paging") or {}).get("next") or {}).get("after")
            if after:
                waiting.append({"id": owner, "after": after})
    return found


def batch(answer: Doc) -> list[Doc]:
    """Return the results of a batch read. Raises Unavailable where a record could not be read for another reason than absence.

    An id that is not answered counts as deleted, so a failure must never look like one.
    """
    errors = [error for error in answer.get("errors") or [] if isinstance(error, dict)]
    if any(str(error.get("category")) != ABSENT for error in errors):
        raise Unavailable("HubSpot could not read some of the records.")
    return results(answer)


def _ordered(rows: list[Any]) -> list[str]:
    primary = [row for row in rows if any(spec.get("label") == PRIMARY for spec in row["associationTypes"])]
    rest = [row for row in rows if row not in primary]
    return list(dict.fromkeys(str(row["toObjectId"]) for row in (*primary, *rest)))


def _newest(history: Any) -> str | None:
    times = [str(entry["timestamp"]) for entry in history or [] if entry.get("timestamp")]
    return max(times, default=None)
