"""Locations and levels of the simulated shop. One law: on_hand = available + committed + the unavailable kinds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from connectors.shopify.client import gid, number
from connectors.shopify.fake.catalog import Catalog
from connectors.shopify.fake.relay import connection, matcher
from connectors.shopify.fake.shop import API, known, problem, refused, text
from connectors.shopify.fake.state import QUANTITIES, Level, Location, Variant
from connectors.shopify.inventory import level_id
from hub.model.values import Doc

HIGHEST: Final = 1_000_000_000
REASONS: Final = (
    *("correction", "cycle_count_available", "damaged", "movement_canceled", "movement_created", "movement_received"),
    *("movement_updated", "other", "promotion", "quality_control", "received", "reservation_created", "reservation_deleted"),
    *("reservation_updated", "restock", "safety_stock", "shrinkage"),
)


class Stock(Catalog):
    """The part of the shop that knows how much is where."""

    def add_location(self, name: str, actor: str = "staff", **address: str | None) -> str:
        """Staff open a location. Address: address1, address2, city, zip, provinceCode, countryCode, phone. Returns its id."""
        row = Location(*self._born(), name=name, address=dict(address))
        self._touch(row)
        self.state.locations[row.number] = row
        self.note(actor, "create", "location", gid("Location", row.number), name=name)
        self._send("locations/create", _location_hook(row))
        return gid("Location", row.number)

    def edit_location(self, external_id: str, actor: str = "staff", **fields: str | bool | None) -> None:
        """Staff rename, close (`active=False`) or move a location."""
        row: Location = self._row("Location", external_id, self.state.locations)
        row.name, row.active = str(fields.pop("name", row.name)), bool(fields.pop("active", row.active))
        row.address.update({name: None if value is None else str(value) for name, value in fields.items()})
        self._touch(row)
        self.note(actor, "update", "location", external_id, name=row.name, active=row.active)
        self._send("locations/update", _location_hook(row))

    def adjust_stock(self, variant: str, location: str, delta: int, actor: str = "staff", action: str = "adjust") -> None:
        """Staff book units in or out (delivery, damage, theft)."""
        self._move(self._stocked(variant, location), actor, action, {"available": delta, "on_hand": delta})

    def keep_back(self, variant: str, location: str, quantity: int, kind: str = "damaged", actor: str = "staff") -> None:
        """Staff take units off sale that stay in the house: damaged, safety_stock, quality_control or reserved."""
        self._move(self._stocked(variant, location), actor, "keep_back", {"available": -quantity, kind: quantity})

    def set_stock(self, variant: str, location: str, on_hand: int, actor: str = "staff") -> None:
        """Staff set how much is there, in a new or an existing level."""
        self.count_stock(variant, location, on_hand, actor, action="set")

    def count_stock(self, variant: str, location: str, on_hand: int, actor: str = "staff", action: str = "count") -> None:
        """Staff counted the shelf: on_hand becomes this, available follows."""
        level = self._level(variant, location) or self._connect(variant, location, actor)
        delta = on_hand - level.quantities["on_hand"]
        if delta:
            self._move(level, actor, action, {"available": delta, "on_hand": delta})

    def disconnect(self, variant: str, location: str, actor: str = "staff") -> None:
        """Staff stop stocking a variant at a location."""
        level = self._stocked(variant, location)
        del self.state.levels[level.item, level.location]
        self.note(actor, "disconnect", "inventory_level", level_id(level.item, level.location))
        self._send("inventory_levels/disconnect", {"inventory_item_id": level.item, "location_id": level.location})

    def level(self, variant: str, location: str) -> dict[str, int] | None:
        """Return the quantities of a variant (or inventory item) at a location by name; None where it is not stocked."""
        level = self._level(variant, location)
        return None if level is None else dict(level.quantities)

    def level_key(self, variant: str, location: str) -> str:
        """Return the id under which the hub knows this level."""
        return level_id(self._item(variant), number(location))

    def _item(self, variant: str) -> int:
        digits = int(number(variant))
        return digits if "/InventoryItem/" in variant else self.state.variants[digits].item

    def _level(self, variant: str, location: str) -> Level | None:
        return self.state.levels.get((self._item(variant), int(number(location))))

    def _stocked(self, variant: str, location: str) -> Level:
        level = self._level(variant, location)
        if level is None:
            raise KeyError(f"{variant} at {location}")
        return level

    def _connect(self, variant: str, location: str, actor: str) -> Level:
        item, place = self._item(variant), int(number(location))
        level = Level(*self._born(), item=item, location=place)
        self._touch(level)
        self.state.levels[item, place] = level
        self.note(actor, "connect", "inventory_level", level_id(item, place))
        self._send("inventory_levels/connect", _level_hook(level))
        return level

    def _move(self, level: Level, actor: str, action: str, change: Mapping[str, int], **detail: object) -> None:
        for name, delta in change.items():
            level.quantities[name] += delta
        self._touch(level)
        self.note(actor, action, "inventory_level", level_id(level.item, level.location), **change, **detail)
        self._send("inventory_levels/update", _level_hook(level))
        # "The inventory adjustment is counted as an update" (shopify.dev, Product.updatedAt).
        self._product_touched(self.state.products[self.state.variants[self.state.items[level.item]].product])

    # What the API shows.

    def _item_view(self, row: Variant) -> Doc:
        return {
            **super()._item_view(row),
            "inventoryLevel": lambda _info, locationId, includeInactive=False: self._pair(  # noqa: N803, ARG005 - the schema's names
                row.item, locationId
            ),
            "inventoryLevels": lambda _info, **args: self._level_page(lambda level: level.item == row.item, args),
        }

    def _pair(self, item: int, location: str) -> Doc | None:
        place = known("Location", location, self.state.locations)
        level = self.state.levels.get((item, place.number)) if place else None
        return self._level_view(level) if level else None

    def _level_page(self, belongs: Callable[[Level], bool], args: Mapping[str, Any]) -> Doc:
        matches = matcher(args.get("query"))
        rows = [
            ([level.number], level)
            for level in self.state.levels.values()
            if belongs(level) and matches({"updated_at": level.updated, "inventory_item_id": str(level.item)})
        ]
        return connection(rows, self._level_view, first=args.get("first"), after=args.get("after"))

    def _level_view(self, level: Level) -> Doc:
        variant = self.state.variants[self.state.items[level.item]]
        return {
            "__typename": "InventoryLevel",
            "id": f"gid://shopify/InventoryLevel/{level.number}?inventory_item_id={level.item}",
            "isActive": True,
            "createdAt": text(level.created),
            "updatedAt": text(level.updated),
            "item": lambda _info: self._item_view(variant),
            "location": lambda _info: self._location_view(self.state.locations[level.location]),
            "quantities": lambda _info, names: [
                # Recorded: on_hand, the sum, has no time of its own.
                {
                    "name": name,
                    "quantity": level.quantities[name],
                    "updatedAt": None if name == "on_hand" else text(level.updated),
                }
                for name in names
                if name in QUANTITIES
            ],
        }

    def _location_view(self, row: Location) -> Doc:
        return {
            "__typename": "Location",
            "id": gid("Location", row.number),
            "name": row.name,
            "isActive": row.active,
            "fulfillsOnlineOrders": True,
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "address": row.address,
            "inventoryLevels": lambda _info, **args: self._level_page(lambda level: level.location == row.number, args),
        }

    def _query_location(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        row = known("Location", id, self.state.locations)
        return row and self._location_view(row)

    def _query_locations(self, _info: Any, **args: Any) -> Doc:
        by_name = args["sortKey"] == "NAME"
        rows = [
            ([row.name if by_name else "", row.number], row)
            for row in self.state.locations.values()
            if row.active or args["includeInactive"]
        ]
        return connection(rows, self._location_view, first=args.get("first"), after=args.get("after"))

    def _query_item(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        variant = known("InventoryItem", id, self.state.items)
        return None if variant is None else self._item_view(self.state.variants[variant])

    # What the API accepts.

    def _adjust(self, _info: Any, input: Mapping[str, Any], key: str) -> Doc:  # noqa: A002 - the argument's name in the schema
        return self._once(key, "adjust", input, lambda: self._apply_changes(input, "changes", input["name"], self._delta))

    def _set_quantities(self, _info: Any, input: Mapping[str, Any], key: str) -> Doc:  # noqa: A002 - the schema's name
        return self._once(key, "set", input, lambda: self._apply_changes(input, "quantities", input["name"], self._absolute))

    def _once(self, key: str, verb: str, asked: Mapping[str, Any], act: Callable[[], Doc]) -> Doc:
        """Do it at most once per key: the same question gets the same answer, another one under the same key is refused."""
        print_ = f"{verb} {json.dumps(asked, sort_keys=True)}"
        before = self.state.keys.get(key)
        if before is None:
            answer = act()
            self.state.keys[key] = (print_, answer.pop("_kept"))
            return answer
        if before[0] != print_:
            wrong = problem("The idempotency key was used with other parameters.", code="IDEMPOTENCY_KEY_PARAMETER_MISMATCH")
            return refused(wrong, inventoryAdjustmentGroup=None)
        return self._group_answer(before[1])

    def _apply_changes(self, asked: Mapping[str, Any], lines: str, name: str, delta_of: Callable[..., int | Doc]) -> Doc:
        problems = (
            []
            if asked["reason"] in REASONS
            else [problem("The specified reason is invalid.", "input", "reason", code="INVALID_REASON")]
        )
        moves: list[tuple[Level, int]] = []
        for index, line in enumerate(asked[lines]):
            wrong, level = self._find(lines, index, line)
            problems += wrong
            if level is not None:
                delta = delta_of((lines, str(index)), name, level, line)
                problems += [] if isinstance(delta, int) else [delta]
                moves += [(level, delta)] if isinstance(delta, int) else []
        if problems:
            kept: Doc = {"userErrors": problems}
            return {**self._group_answer(kept), "_kept": kept}
        for level, delta in moves:
            if delta:
                self._move(level, API, "adjust" if lines == "changes" else "set", {"available": delta, "on_hand": delta})
        kept = {
            "id": gid("InventoryAdjustmentGroup", self._id()),
            "createdAt": text(self.now()),
            "reason": asked["reason"],
            "referenceDocumentUri": asked.get("referenceDocumentUri"),
            "moves": [(level.item, level.location, delta) for level, delta in moves if delta],
        }
        return {**self._group_answer(kept), "_kept": kept}

    def _find(self, lines: str, index: int, line: Mapping[str, Any]) -> tuple[list[Doc], Level | None]:
        where = ("input", lines, str(index))
        item = known("InventoryItem", line["inventoryItemId"], self.state.items)
        place = known("Location", line["locationId"], self.state.locations)
        problems = []
        if item is None:
            message = "The specified inventory item could not be found."
            problems.append(problem(message, *where, "inventoryItemId", code="INVALID_INVENTORY_ITEM"))
        if place is None:
            problems.append(problem("The specified location could not be found.", *where, "locationId", code="INVALID_LOCATION"))
        if problems:
            return problems, None
        level = self._level(line["inventoryItemId"], line["locationId"])
        if level is None:
            message = "The specified inventory item is not stocked at the location."
            return [problem(message, *where, "locationId", code="ITEM_NOT_STOCKED_AT_LOCATION")], None
        return [], level

    def _delta(self, where: tuple[str, str], name: str, level: Level, line: Mapping[str, Any]) -> int | Doc:
        if name != "available":
            return problem("The specified quantity name is invalid.", "input", "name", code="INVALID_QUANTITY_NAME")
        return _stale(where, level.quantities["available"], line) or int(line["delta"])

    def _absolute(self, where: tuple[str, str], name: str, level: Level, line: Mapping[str, Any]) -> int | Doc:
        if name not in ("available", "on_hand"):
            return problem("The specified quantity name is invalid.", "input", "name", code="INVALID_NAME")
        if line["quantity"] < 0:
            return problem("The quantity can't be negative.", "input", *where, "quantity", code="INVALID_QUANTITY_NEGATIVE")
        if line["quantity"] > HIGHEST:
            message = "The quantity can't be higher than 1,000,000,000."
            return problem(message, "input", *where, "quantity", code="INVALID_QUANTITY_TOO_HIGH")
        return _stale(where, level.quantities[name], line) or int(line["quantity"]) - level.quantities[name]

    def _group_answer(self, kept: Doc) -> Doc:
        if kept.get("userErrors"):
            return refused(*kept["userErrors"], inventoryAdjustmentGroup=None)
        moves = kept["moves"]
        if not moves:
            return {"inventoryAdjustmentGroup": None, "userErrors": []}
        group = {name: kept[name] for name in ("id", "createdAt", "reason", "referenceDocumentUri")}
        return {
            "inventoryAdjustmentGroup": {**group, "changes": lambda _info, **args: self._changes(moves, args)},
            "userErrors": [],
        }

    def _changes(self, moves: list[tuple[int, int, int]], args: Mapping[str, Any]) -> list[Doc]:
        names = args.get("quantityNames") or ("available", "on_hand")
        return [
            {
                "name": name,
                "delta": delta,
                "quantityAfterChange": None,  # recorded so
                "ledgerDocumentUri": None,
                "item": self._query_item(None, gid("InventoryItem", item)),
                "location": self._location_view(self.state.locations[location]),
            }
            for item, location, delta in moves
            for name in ("available", "on_hand")
            if name in names
        ]


def _stale(where: tuple[str, str], found: int, line: Mapping[str, Any]) -> Doc | None:
    expected = line["changeFromQuantity"]
    if expected is None or expected == found:
        return None
    message = "The changeFromQuantity argument no longer matches the persisted quantity."
    return problem(message, "input", *where, "changeFromQuantity", code="CHANGE_FROM_QUANTITY_STALE")


def _level_hook(level: Level) -> Doc:
    return {
        "inventory_item_id": level.item,
        "location_id": level.location,
        "available": level.quantities["available"],
        "updated_at": text(level.updated),
        "admin_graphql_api_id": f"gid://shopify/InventoryLevel/{level.number}?inventory_item_id={level.item}",
    }


def _location_hook(row: Location) -> Doc:
    return {
        "id": row.number,
        "name": row.name,
        "created_at": text(row.created),
        "updated_at": text(row.updated),
        "country_code": row.address.get("countryCode"),
        "active": row.active,
        "admin_graphql_api_id": gid("Location", row.number),
    }
