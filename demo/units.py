"""Every unit accounted for: what both systems show of a shelf, held against its opening and the journals. Part of the judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from demo.moves import shop_moves, till_moves
from demo.verdict import API, Verdict
from demo.words import items


def count_units(verdict: Verdict, shop: Any, till: Any, since: int) -> None:
    """Hold every shelf against its opening and everything people did to it.

    A store: the till's first count, then every unit people moved in either system. What the shop keeps for orders is still there,
    but not for sale, so the till shows that much less; nobody shows less than none. The warehouse is the shop's alone.
    """
    sku_of = {each: shop.variant(each)["sku"] for product in shop.products() for each in product["variants"]}
    tills = till_moves(till)
    variations = {
        each["item_variation_data"].get("sku"): each["id"] for item in items(till) for each in item["item_data"]["variations"]
    }
    places = {doc.name: f"gid://shopify/Location/{number}" for number, doc in shop.state.locations.items()}
    stores = {doc["name"]: place for place, doc in till.core.state.locations.items()}
    moved = shop_moves(shop.journal)
    for variant, sku in sku_of.items():
        for name, place in places.items():
            level = shop.level(variant, place)
            journal = moved.get(shop.level_key(variant, place), [])
            if level is None:
                verdict.blame("stock", f"{sku} at {name}", "", {}, "the shop has no level")
            elif name in stores:
                key = (variations.get(sku, ""), stores[name])
                opening, by_till = tills.get(key, (None, 0))
                by_shop = sum(units for at, actor, units in journal if actor != API and at >= since)
                shown = till.level(*key) if key[0] else None
                _check_store(verdict, f"{sku} at {name}", level, shown, opening, by_till, by_shop)
            else:
                units = sum(units for _, actor, units in journal if actor != API)
                verdict.units["warehouse"] += level["on_hand"]
                verdict.check(
                    "stock", f"{sku} at {name}", "on hand", {"shop": level["on_hand"], "journal": units}, "units appeared or went"
                )


def _check_store(
    verdict: Verdict, key: str, level: Mapping[str, int], shown: int | None, opening: int | None, by_till: int, by_shop: int
) -> None:
    if opening is None:
        verdict.blame("stock", key, "", {"shop": level["on_hand"]}, "nobody counted it")
        return
    units = opening + by_till + by_shop
    kept = level["on_hand"] - level["available"]
    for_sale = max(0, units - kept)
    verdict.units["opening"] += opening
    verdict.units["moved at the till"] += by_till
    verdict.units["moved in the shop"] += by_shop
    verdict.units["there now"] += units
    verdict.units["kept for orders"] += kept
    why = "not opening + journals - kept"
    verdict.check("stock", key, "for sale in the shop", {"shop": level["available"], "journals": for_sale}, why)
    verdict.check("stock", key, "for sale at the till", {"till": shown, "journals": for_sale}, why)
