"""The catalogue: items with their variations, and variations alone.

Document of `products`: Square's CatalogObject of type ITEM, its variations nested as whole CatalogObjects in
`item_data.variations`, each with a `version` of its own. Document of `variants`: one such ITEM_VARIATION. Three things
differ from the wire (`shape`): deleted variations are left out, `is_archived` is always there, and a variation that we
made only because an item needs one stands in `item_data.first_variation`.

Versions are times in ms, not counted by one; a changed variation moves its item's version too. The Catalog API replaces whole
objects (no sparse updates): what a write leaves out is removed, variations as well. Both facts from the vendor's catalog guides.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.square.client import SquareClient, before, chunks, fit_key, inside, refusal
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream, VersionKind

PAGE: Final = 100
"""Square allows 1,000, but an item may carry 250 variations."""
FETCH: Final = 1000
OBJECT: Final = "/v2/catalog/object"
FIRST: Final = "syncline:first"
"""Marks, in `user_data`, the variation of an item that has none yet; an item must have one. The first real one takes it over."""
READ_ONLY: Final = ("updated_at", "is_deleted")
"""What Square sets itself in every object; in an item also `description_plaintext`, in a variation `ordinal`."""


def shape(doc: Doc) -> Doc:
    """Return a catalogue object as the document of its stream."""
    if doc["type"] != "ITEM":
        return doc
    shaped = copy.deepcopy(doc)
    data = shaped.setdefault("item_data", {})
    live = [each for each in data.get("variations") or [] if not each.get("is_deleted")]
    data["variations"] = [each for each in live if not _is_first(each)]
    data.setdefault("is_archived", False)
    for each in filter(_is_first, live):
        data["first_variation"] = each
    return shaped


def unshape(doc: Doc) -> Doc:
    """Return what a write sends for a document: without what Square sets itself, with `first_variation` back in its list."""
    sent: Doc = _compact(_without(doc, *READ_ONLY))
    data = sent.get("item_data")
    if data is None:
        return _priced(sent)
    first = data.pop("first_variation", None)
    variations = [*data.get("variations", ()), *((first,) if first else ())]
    data["variations"] = [_priced(_without(each, *READ_ONLY)) for each in variations]
    data.pop("description_plaintext", None)
    if "description_html" in data:
        data.pop("description", None)
    return sent


def _is_first(variation: Doc) -> bool:
    return bool(variation.get("item_variation_data", {}).get("user_data") == FIRST)


def _compact(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _compact(each) for name, each in value.items() if each is not None}
    return [_compact(each) for each in value] if isinstance(value, list) else value


def _without(doc: Doc, *names: str) -> Doc:
    return {key: value for key, value in doc.items() if key not in names}


def _priced(variation: Doc) -> Doc:
    """Say which kind of price a variation has: a fixed one, or one asked for at the till."""
    data = _without(variation.get("item_variation_data", {}), "ordinal")
    if data.get("price_money", {}).get("amount") is None:
        data.pop("price_money", None)
    data["pricing_type"] = "FIXED_PRICING" if "price_money" in data else "VARIABLE_PRICING"
    return variation | {"item_variation_data": data}


class ProductStream(Stream[SquareClient]):
    """Items. `catalog.version.updated` says nothing but when: then this stream is read from where it stands."""

    name = "products"
    version = VersionKind.COUNTER
    fetch_limit: ClassVar[int] = 1000

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of SearchCatalogObjects; since a time: with deleted items, and the items of changed variations."""
        body: Doc = {"object_types": ["ITEM"], "limit": PAGE}
        if cursor.since is not None:
            body |= {
                "object_types": ["ITEM", "ITEM_VARIATION"],
                "begin_time": before(cursor.since),
                "include_deleted_objects": True,
            }
        if cursor.token:
            body["cursor"] = cursor.token
        answer = client.read("POST", "/v2/catalog/search", body)
        objects = answer.get("objects") or []
        items = {doc["id"]: doc for doc in objects if doc["type"] == "ITEM"}
        parents = dict.fromkeys(doc.get("item_variation_data", {}).get("item_id") for doc in objects if doc["type"] != "ITEM")
        rest = [each for each in parents if each and each not in items]
        return Page([shape(doc) for doc in (*items.values(), *_retrieve(client, rest, deleted=True))], answer.get("cursor"))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these items."""
        return [shape(doc) for doc in _retrieve(client, ids) if doc["type"] == "ITEM"]


class VariantStream(Stream[SquareClient]):
    """Variations alone, for reading one back; polling `products` brings them all."""

    name = "variants"
    version = VersionKind.COUNTER
    fetch_limit: ClassVar[int] = 1000

    def page(self, client: SquareClient, cursor: Cursor) -> Page:
        """Return one page of SearchCatalogObjects."""
        body: Doc = {"object_types": ["ITEM_VARIATION"], "limit": PAGE}
        if cursor.since is not None:
            body |= {"begin_time": before(cursor.since), "include_deleted_objects": True}
        if cursor.token:
            body["cursor"] = cursor.token
        answer = client.read("POST", "/v2/catalog/search", body)
        return Page([doc for doc in answer.get("objects", []) if not _is_first(doc)], answer.get("cursor"))

    def fetch(self, client: SquareClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Return these variations."""
        return [doc for doc in _retrieve(client, ids) if doc["type"] == "ITEM_VARIATION" and not _is_first(doc)]


def _retrieve(client: SquareClient, ids: Sequence[str], *, deleted: bool = False) -> list[Doc]:
    found: list[Doc] = []
    for some in chunks(ids, FETCH):
        body: Doc = {"object_ids": some} | ({"include_deleted_objects": True} if deleted else {})
        found += client.read("POST", "/v2/catalog/batch-retrieve", body).get("objects", [])
    return found


def _update(change: Change) -> Call:
    obj = unshape(change.after) | {"id": change.external_id or change.after["id"]}
    if "item_data.description_html" in change.paths:
        obj["item_data"].pop("description", None)  # Square would make HTML of it again
    return Call("update", {"object": obj | ({"version": change.version} if change.version is not None else {})})


def _upsert(client: SquareClient, obj: Doc, key: str) -> Answer:
    reply = client.write("POST", OBJECT, {"idempotency_key": fit_key(key), "object": obj})
    refused = refusal(reply)
    if refused:
        return refused
    doc = shape(inside(reply, "catalog_object"))
    return Answer(AnswerKind.DONE, doc=doc, external_id=doc["id"])


def _delete(client: SquareClient, external_id: str | None) -> Answer:
    refused = refusal(client.write("DELETE", f"{OBJECT}/{external_id}"))
    return refused or Answer(AnswerKind.DONE, external_id=external_id)


class ProductSink(Sink[SquareClient]):
    """Whole items. An item created without variations gets a first one, which the first real one takes over."""

    name = "products"
    create = Safe.IDEMPOTENCY_KEY
    update = Safe.VERSION
    delete = Safe.PLAIN  # by id: done twice, the second time it is gone
    archive: ClassVar[Mapping[str, Any]] = {"status": "archived"}

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call. An update carries the whole item as it should be, so `after` must be the whole document."""
        if change.operation is Operation.CREATE:
            return [Call("create", {"object": _new_item(change)})]
        return [Call("delete", {}) if change.operation is Operation.DELETE else _update(change)]

    def send(self, client: SquareClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it; a create or update is answered with the whole item."""
        if call.name == "delete":
            return _delete(client, external_id)
        return _upsert(client, call.body["object"], key)

    def find(self, client: SquareClient, change: Change) -> Sequence[Doc]:
        """Return items of the same name."""
        name = change.after.get("item_data", {}).get("name")
        query = {"exact_query": {"attribute_name": "name", "attribute_value": name}}
        answer = client.read("POST", "/v2/catalog/search", {"object_types": ["ITEM"], "query": query}) if name else {}
        return [shape(doc) for doc in answer.get("objects", [])]


def _new_item(change: Change) -> Doc:
    given = copy.deepcopy(change.after) | {"type": "ITEM", "id": "#item"}
    data = given.setdefault("item_data", {})
    first = {"name": "Regular", "user_data": FIRST}
    variations = data.get("variations") or [{"item_variation_data": first}]
    data["variations"] = [_new_variation(each, f"#variation{place}", "#item") for place, each in enumerate(variations)]
    return _without(unshape(given), "version")


def _new_variation(variation: Doc, temporary_id: str, item_id: str) -> Doc:
    data = {"name": "Regular", **variation.get("item_variation_data", {}), "item_id": item_id}
    return _without(variation, "version") | {"type": "ITEM_VARIATION", "id": temporary_id, "item_variation_data": data}


class VariantSink(Sink[SquareClient]):
    """Variations of items that exist. Our id stands in `user_data`, which no till shows."""

    name = "variants"
    create = Safe.MARKER
    update = Safe.VERSION
    delete = Safe.PLAIN  # by id: done twice, the second time it is gone
    marker: ClassVar[str | None] = "item_variation_data.user_data"

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call. A create needs `item_variation_data.item_id`."""
        if change.operation is Operation.DELETE:
            return [Call("delete", {})]
        if change.operation is Operation.UPDATE:
            return [_update(change)]
        data = copy.deepcopy(change.after.get("item_variation_data") or {})
        made = _new_variation(change.after | {"item_variation_data": data}, "#variation", data.get("item_id", ""))
        if change.marker:
            made["item_variation_data"]["user_data"] = change.marker
        return [Call("create", {"object": unshape(made)})]

    def send(self, client: SquareClient, call: Call, key: str, external_id: str | None) -> Answer:
        """Send it; a create or update is answered with the whole variation."""
        if call.name == "delete":
            return _delete(client, external_id)
        if call.name == "create":
            return self._create(client, call.body["object"], key)
        return _upsert(client, call.body["object"], key)

    def find(self, client: SquareClient, change: Change) -> Sequence[Doc]:
        """Return variations of that item which carry our marker."""
        item_id = change.after.get("item_variation_data", {}).get("item_id")
        rows = _variations(client, item_id) if item_id and change.marker else []
        return [doc for doc in rows or [] if doc["item_variation_data"].get("user_data") == change.marker]

    def _create(self, client: SquareClient, obj: Doc, key: str) -> Answer:
        """Create it once: an item's first variation is taken over, one that carries our mark is the answer."""
        data = obj["item_variation_data"]
        mark = data.setdefault("user_data", f"syncline:{fit_key(key)}")
        there = _variations(client, data["item_id"]) if data["item_id"] else None
        if there is None:
            return Answer(AnswerKind.REFUSED, blames="item_variation_data.item_id", reason="There is no such item in Square.")
        ours = next((each for each in there if each["item_variation_data"].get("user_data") == mark), None)
        if ours:
            return Answer(AnswerKind.DONE, doc=ours, external_id=ours["id"])
        first = next((each for each in there if _is_first(each)), None)
        return _upsert(client, obj | ({"id": first["id"], "version": first["version"]} if first else {}), key)


def _variations(client: SquareClient, item_id: str) -> list[Doc] | None:
    answer = client.read("GET", f"{OBJECT}/{item_id}", absent={})
    item = answer.get("object")
    return [each for each in item["item_data"].get("variations", []) if not each.get("is_deleted")] if item else None
