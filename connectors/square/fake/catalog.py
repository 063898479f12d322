"""The catalogue of the simulated account: items with their variations."""

from __future__ import annotations

import copy
import re
from typing import Any, Final

from connectors.square.fake.core import API, Core, Failure, bad, ids_of, iso, missing, page, read_time
from hub.model.values import Doc

READ_ONLY: Final = ("updated_at", "version", "is_deleted")


class Catalog:
    """A write replaces the whole object; what it leaves out is gone, variations too.

    Versions are the time of the change in ms, growing in any case. A changed variation moves its item's version and time;
    an item's change leaves those of unchanged variations alone. A write without the current version is VERSION_MISMATCH.
    """

    def __init__(self, core: Core) -> None:
        self.core = core
        self.items_follow = True
        """A changed variation moves its item; the vendor's staff believe so, the contract does not say."""

    def find(self, object_id: str) -> Doc | None:
        """Return a live object as it is, an item with its variations."""
        state = self.core.state
        doc = state.items.get(object_id) or state.variations.get(object_id)
        return self.render(doc) if doc and not doc["is_deleted"] else None

    def render(self, doc: Doc) -> Doc:
        """Return the object as an answer shows it: an item holds its variations (of a deleted item, the deleted ones)."""
        shown = copy.deepcopy(doc)
        if doc["type"] == "ITEM":
            shown["item_data"]["variations"] = copy.deepcopy(self._children(doc["id"], deleted=doc["is_deleted"]))
        return shown

    def upsert(self, obj: Doc, actor: str) -> Doc:
        """Create or replace one object, all or nothing; return the body of the answer."""
        kind = obj.get("type")
        if kind not in ("ITEM", "ITEM_VARIATION"):
            raise bad("INVALID_VALUE", "This simulator keeps items and variations only.", "object.type")
        mappings: dict[str, str] = {}
        children = self._checked_item(obj) if kind == "ITEM" else [self._checked_variation(obj)]
        version = self._next_version()
        item_id = self._save_item(obj, version, mappings) if kind == "ITEM" else obj["item_variation_data"]["item_id"]
        before = {child["id"] for child in self._children(item_id, deleted=False)}
        last = max((child["item_variation_data"]["ordinal"] for child in self._children(item_id, deleted=False)), default=-1)
        saved = [self._save_variation(child, item_id, version, last + 1 + at, mappings) for at, child in enumerate(children)]
        if kind == "ITEM":
            self._delete_all(sorted(before - set(saved)), version, actor)
        else:
            self._touch(item_id, version)
        self._tell(actor, "saved", item_id, version)
        shown = self.find(item_id if kind == "ITEM" else saved[0])
        answer: Doc = {"catalog_object": shown}
        rows = [{"client_object_id": theirs, "object_id": ours} for theirs, ours in mappings.items()]
        return answer | ({"id_mappings": rows} if rows else {})

    def delete(self, object_id: str, actor: str) -> Doc:
        """Delete an object and what belongs to it."""
        doc = self.find(object_id)
        if doc is None:
            raise missing("Catalog object", object_id)
        version = self._next_version()
        children = [child["id"] for child in self._children(object_id, deleted=False)]
        self._delete_all([object_id, *children], version, actor)
        if doc["type"] == "ITEM_VARIATION":
            self._touch(doc["item_variation_data"]["item_id"], version)
        self._tell(actor, "deleted", object_id, version)
        return {"deleted_object_ids": [object_id, *children], "deleted_at": iso(version * 1000)}

    def search(self, body: Doc) -> Doc:
        """Answer SearchCatalogObjects. `begin_time` is exclusive; a limit out of range is ignored."""
        limit = body.get("limit")
        size = limit if isinstance(limit, int) and 1 <= limit <= 1000 else 100
        after = read_time(body["begin_time"], "begin_time") if body.get("begin_time") else None
        rows = [
            (doc["id"], doc)
            for doc in self._of_types(body.get("object_types") or ["ITEM"])
            if (body.get("include_deleted_objects") or not doc["is_deleted"])
            and (after is None or read_time(doc["updated_at"], "updated_at") > after)
            and _matches(doc, (body.get("query") or {}).get("exact_query"))
        ]
        found, cursor = page(sorted(rows, key=lambda row: row[0]), body, size, query_of="catalog")
        answer: Doc = {"objects": [self.render(doc) for doc in found]} if found else {}
        return answer | ({"cursor": cursor} if cursor else {}) | {"latest_time": iso(self.core.state.catalog_version * 1000)}

    def retrieve_many(self, body: Doc) -> Doc:
        """Answer BatchRetrieveCatalogObjects; what does not exist is left out."""
        state = self.core.state
        docs = [state.items.get(each) or state.variations.get(each) for each in ids_of(body, "object_ids", 1000)]
        shown = [self.render(doc) for doc in docs if doc and (body.get("include_deleted_objects") or not doc["is_deleted"])]
        return {"objects": shown} if shown else {}

    def route(self, method: str, parts: list[str], body: Doc, _params: Doc) -> Doc:
        """Answer a request under /v2/catalog."""
        match method, parts:
            case "POST", ["search"]:
                return self.search(body)
            case "POST", ["batch-retrieve"]:
                return self.retrieve_many(body)
            case "POST", ["object"]:
                if not body.get("idempotency_key"):
                    raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "idempotency_key")
                return self.core.once("catalog", body, lambda: self.upsert(body.get("object") or {}, API), longest=128)
            case "GET", ["object", object_id]:
                doc = self.find(object_id)
                if doc is None:
                    raise missing("Catalog object", object_id)
                return {"object": doc}
            case "DELETE", ["object", object_id]:
                return self.delete(object_id, API)
            case _:
                raise Failure(404, "NOT_FOUND", "Resource not found.")

    def _of_types(self, types: list[str]) -> list[Doc]:
        state = self.core.state
        return [
            *(state.items.values() if "ITEM" in types else ()),
            *(state.variations.values() if "ITEM_VARIATION" in types else ()),
        ]

    def _children(self, item_id: str, *, deleted: bool) -> list[Doc]:
        mine = [
            doc
            for doc in self.core.state.variations.values()
            if doc["item_variation_data"]["item_id"] == item_id and doc["is_deleted"] == deleted
        ]
        return sorted(mine, key=lambda doc: (doc["item_variation_data"]["ordinal"], doc["id"]))

    def _next_version(self) -> int:
        state = self.core.state
        state.catalog_version = max(self.core.now() // 1000, state.catalog_version + 1)
        return state.catalog_version

    def _checked_item(self, obj: Doc) -> list[Doc]:
        data = obj.get("item_data") or {}
        if not data.get("name"):
            raise bad("INVALID_VALUE", "An item needs a name.", "object.item_data.name")
        if len(data["name"]) > 512:
            raise bad("VALUE_TOO_LONG", "At most 512 characters.", "object.item_data.name")
        self._check_version(obj, self.core.state.items)
        children: list[Doc] = data.get("variations") or []
        if not 1 <= len(children) <= 250:
            raise bad("INVALID_VALUE", "An item has 1 to 250 variations.", "object.item_data.variations")
        for child in children:
            _check_price(child.get("item_variation_data") or {}, self.core.currency)
            self._check_version(child, self.core.state.variations)
        return children

    def _checked_variation(self, obj: Doc) -> Doc:
        data = obj.get("item_variation_data") or {}
        item = self.core.state.items.get(str(data.get("item_id")))
        if item is None or item["is_deleted"]:
            raise bad("INVALID_VALUE", "No such item.", "object.item_variation_data.item_id")
        _check_price(data, self.core.currency)
        self._check_version(obj, self.core.state.variations)
        return obj

    def _check_version(self, obj: Doc, kept: dict[str, Doc]) -> None:
        object_id = str(obj.get("id") or "")
        if object_id.startswith("#"):
            return
        old = kept.get(object_id)
        if old is None or old["is_deleted"]:
            raise missing("Catalog object", object_id)
        if obj.get("version") != old["version"]:
            raise bad("VERSION_MISMATCH", "Object version does not match latest database version.", "object.version")

    def _save_item(self, obj: Doc, version: int, mappings: dict[str, str]) -> str:
        item_id = self._real_id(obj["id"], mappings)
        data = {name: value for name, value in obj["item_data"].items() if name != "variations" and value is not None}
        _describe(data)
        data.setdefault("product_type", "REGULAR")
        self.core.state.items[item_id] = {
            "type": "ITEM",
            "id": item_id,
            **_stamped(version),
            "present_at_all_locations": obj.get("present_at_all_locations", True),
            **_kept(obj, "item_data"),
            "item_data": data,
        }
        return item_id

    def _save_variation(self, obj: Doc, item_id: str, version: int, place: int, mappings: dict[str, str]) -> str:
        variation_id = self._real_id(obj["id"], mappings)
        old = self.core.state.variations.get(variation_id)
        data = {name: value for name, value in obj["item_variation_data"].items() if value is not None}
        data |= {"item_id": item_id, "ordinal": place if old is None else old["item_variation_data"]["ordinal"]}
        data.setdefault("name", "")
        data.setdefault("stockable", True)
        doc = {
            "type": "ITEM_VARIATION",
            "id": variation_id,
            **_stamped(version),
            "present_at_all_locations": obj.get("present_at_all_locations", True),
            **_kept(obj, "item_variation_data"),
            "item_variation_data": data,
        }
        if old is None or _content(old) != _content(doc):
            self.core.state.variations[variation_id] = doc
        return variation_id

    def _real_id(self, given: str, mappings: dict[str, str]) -> str:
        if given.startswith("#"):
            mappings[given] = self.core.new_id("catalog")
            return mappings[given]
        return given

    def _touch(self, item_id: str, version: int) -> None:
        if self.items_follow:
            self.core.state.items[item_id] |= _stamped(version)

    def _delete_all(self, ids: list[str], version: int, actor: str) -> None:
        state = self.core.state
        for each in ids:
            doc = state.items.get(each) or state.variations[each]
            doc |= _stamped(version) | {"is_deleted": True}
            self.core.account.note(actor, "deleted", doc["type"].lower(), each)

    def _tell(self, actor: str, action: str, object_id: str, version: int) -> None:
        shown = self.find(object_id)
        self.core.account.note(actor, action, "catalog", object_id, version=version, object=shown)
        updated = {"catalog_version": {"updated_at": iso(version * 1000)}}
        self.core.emit(
            "catalog.version.updated", {"type": "catalog_version", "id": self.core.new_id("event", 32), "object": updated}
        )


def _stamped(version: int) -> Doc:
    return {"updated_at": iso(version * 1000), "version": version, "is_deleted": False}


def _kept(obj: Doc, data: str) -> Doc:
    skipped = {"type", "id", data, "present_at_all_locations", *READ_ONLY}
    return {name: value for name, value in obj.items() if name not in skipped and value is not None}


def _content(doc: Doc) -> Doc:
    return {name: value for name, value in doc.items() if name not in READ_ONLY}


def _describe(data: Doc) -> None:
    """Keep the three descriptions in step: HTML rules, plain text follows; the old field fills HTML where it is alone."""
    html = data.get("description_html") or (f"<p>{data['description']}</p>" if data.get("description") else None)
    for name in ("description_html", "description", "description_plaintext"):
        data.pop(name, None)
    if html:
        plain = re.sub(r"<[^>]*>", "", html)
        data |= {"description_html": html, "description": plain, "description_plaintext": plain}


def _check_price(data: Doc, currency: str) -> None:
    place = "object.item_variation_data.price_money"
    price: Any = data.get("price_money")
    if data.get("pricing_type") not in ("FIXED_PRICING", "VARIABLE_PRICING"):
        raise bad("MISSING_REQUIRED_PARAMETER", "Missing required parameter.", "object.item_variation_data.pricing_type")
    if (data["pricing_type"] == "FIXED_PRICING") != (price is not None):
        raise bad("INVALID_VALUE", "A fixed price needs an amount, a variable one has none.", place)
    if price is not None and price.get("currency") != currency:
        raise bad("INVALID_VALUE", "Not the currency of this seller.", f"{place}.currency")


def _matches(doc: Doc, query: Doc | None) -> bool:
    if not query:
        return True
    data = doc.get("item_data") or doc.get("item_variation_data") or {}
    value = str(data.get(query.get("attribute_name", ""), ""))
    return value.casefold() == str(query.get("attribute_value", "")).casefold()
