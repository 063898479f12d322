"""Is anything there twice? Read from the systems alone; shares no code with the hub.

People of this retailer have an e-mail address each, goods a SKU. Documents and units are counted by the demo's judge.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from demo.verdict import Systems
from demo.words import items, key_of


def find_doubles(systems: Systems) -> list[str]:
    """Return a sentence for everything that stands twice in one system."""
    shop, till, crm, desk = systems.shop, systems.till, systems.crm, systems.desk
    found = {
        "shop customer": (doc["email"] for doc in shop.customers()),
        "till customer": ((till.customer(each) or {}).get("email_address") for each in till.customer_ids()),
        "crm contact": ((crm.contact(each) or {}).get("email") for each in crm.contact_ids()),
        "desk user": ((desk.user(each) or {}).get("email") for each in desk.user_ids()),
        "till variation": (_sku(one) for item in items(till) for one in item["item_data"]["variations"]),
    }
    return [sentence for what, keys in found.items() for sentence in _twice(what, keys)]


def _sku(variation: dict[str, dict[str, str]]) -> str | None:
    return variation["item_variation_data"].get("sku")


def _twice(what: str, keys: Iterable[str | None]) -> list[str]:
    counted = Counter(key_of(key) for key in keys if key)
    return [f"{what} {key} is there {count} times" for key, count in sorted(counted.items()) if count > 1]
