"""The judge of a demo: does every value both systems share agree, was no edit lost, is every unit accounted for?

In: the two simulators with their journals, and when people began to act. Out: a verdict with counts and every difference. It
reads what the systems hold and what they wrote down themselves, and shares no code with the hub: not its mappings, not its
store, not its log. What a value looks like in each system (a phone number with blanks, a price in cents) is written down here
once more.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from demo.moves import API, shop_moves, till_moves

Doc = dict[str, Any]
PREFIX: Final = "49"
"""Country code of the retailer, for phone numbers written without it."""

CUSTOMER: Final = (
    ("given name", "firstName", "given_name"),
    ("family name", "lastName", "family_name"),
    ("phone", "phone", "phone_number"),
    ("note", "note", "note"),
)
ADDRESS: Final = (
    ("street", "address1", "address_line_1"),
    ("second line", "address2", "address_line_2"),
    ("city", "city", "locality"),
    ("postal code", "zip", "postal_code"),
    ("country", "countryCode", "country"),
)
"""Name, in the shop, at the till."""


@dataclass(frozen=True, slots=True)
class Difference:
    """Two values that should be one, or one that should be another."""

    what: str
    key: str
    field: str
    shop: Any
    till: Any
    why: str


@dataclass(slots=True)
class Verdict:
    """What was compared, what people did, and what does not fit."""

    compared: Counter[str] = field(default_factory=Counter)
    edits: Counter[str] = field(default_factory=Counter)
    sales: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    both_edited: int = 0
    """Fields that people edited in both systems."""
    differences: list[Difference] = field(default_factory=list)

    def check(self, what: str, key: str, name: str, shop: Any, till: Any, why: str = "the systems differ") -> None:
        """Compare one value, where at least one side has it."""
        if shop is None and till is None:
            return
        self.compared[what] += 1
        if shop != till:
            self.differences.append(Difference(what, key, name, shop, till, why))


@dataclass(slots=True)
class Edits:
    """What people made of one field in one system: the last value, when, and what stood there before."""

    at: int
    value: Any
    stood_on: Any


History = dict[tuple[str, str, str], dict[str, Edits]]
"""(kind, record, field) -> system -> what people last did there."""


@dataclass(slots=True)
class Trace:
    """The journals, folded: what people last did to every field. What the API wrote is what people then stand on."""

    since: int
    history: History = field(default_factory=dict)
    _shown: dict[tuple[str, str, str, str], Any] = field(default_factory=dict)

    def note(self, side: str, what: str, key: str | None, values: Doc, entry: Any) -> None:
        """Take in what every field of a record is after an entry."""
        for name, value in _edited_as_one(values).items() if key else ():
            mark = (side, what, key or "", name)
            before = self._shown.get(mark)
            self._shown[mark] = value
            if entry.actor != API and entry.at >= self.since and value != before:
                self.history.setdefault((what, key or "", name), {})[side] = Edits(entry.at, value, before)


def judge(shop: Any, till: Any, since: int) -> Verdict:
    """Compare everything. `since` (µs): what stood in the systems before is where they came from, not an edit."""
    verdict = Verdict()
    trace = Trace(since)
    _read_shop(shop, trace, verdict)
    _read_till(till, trace, verdict)
    history = trace.history
    at_shop, at_till = shop_customers(shop), till_customers(till)
    _compare(verdict, "customer", at_shop, at_till, history)
    _compare(verdict, "product", shop_products(shop), till_products(till), history)
    _compare(verdict, "variant", shop_variants(shop), till_variants(till), history)
    _check_consent(verdict, shop, till)
    count_units(verdict, shop, till, since)
    return verdict


def _compare(verdict: Verdict, what: str, at_shop: Mapping[str, Doc], at_till: Mapping[str, Doc], history: History) -> None:
    for key in sorted({*at_shop, *at_till}):
        shop, till = at_shop.get(key), at_till.get(key)
        if shop is None or till is None:
            verdict.differences.append(
                Difference(what, key, "", shop is not None, till is not None, "one system does not have it")
            )
            continue
        for name in shop:
            verdict.check(what, key, name, shop[name], till[name])
        for name, value in _edited_as_one(shop).items():
            done = history.get((what, key, name))
            if done and shop == till:
                _check_edit(verdict, what, key, name, value, done)


def _edited_as_one(values: Doc) -> Doc:
    """Return a record's fields as people edit them: an address is one thing, so two people who edit it at once are at odds."""
    parts = {name for name, _, _ in ADDRESS} & values.keys()
    rest = {name: value for name, value in values.items() if name not in parts}
    return rest | ({"address": {name: values[name] for name in sorted(parts)}} if parts else {})


def _check_edit(verdict: Verdict, what: str, key: str, name: str, value: Any, done: Mapping[str, Edits]) -> None:
    """The value is the last that people gave it in one of the systems; an edit made on top of another one has won."""
    verdict.both_edited += len(done) > 1
    allowed = [each.value for each in done.values()]
    later = [each for each in done.values() if any(each.stood_on == other.value for other in done.values() if other is not each)]
    if len(later) == 1:
        allowed = [later[0].value]
    if name == "price":
        allowed = [done["shop"].value] if "shop" in done else [value]
    if not any(value == each for each in allowed) and not _is_woven(value, allowed):
        shop, till = (done[side].value if side in done else value for side in ("shop", "till"))
        verdict.differences.append(Difference(what, key, name, shop, till, f"an edit was lost: both show {value!r}"))


def _is_woven(value: Any, allowed: list[Any]) -> bool:
    """Say whether every part of an address is from one of the edits: two people changed different lines of it, and both stay."""
    if not isinstance(value, dict):
        return False
    return all(any(part == each[name] for each in allowed) for name, part in value.items())


# ---- what each system holds, in the oracle's own words


def shop_customers(shop: Any) -> dict[str, Doc]:
    """Return the shop's customers by e-mail."""
    return {key_of(doc["email"]): shop_customer(doc) for doc in shop.customers() if doc["email"]}


def till_customers(till: Any) -> dict[str, Doc]:
    """Return the till's customers by e-mail."""
    docs = [till.customer(each) for each in till.customer_ids()]
    return {key_of(doc["email_address"]): till_customer(doc) for doc in docs if doc and doc.get("email_address")}


def key_of(email: str) -> str:
    """Return an e-mail address as both systems mean it."""
    return email.strip().casefold()


def shop_customer(doc: Doc) -> Doc:
    """Return the shared fields of a customer of the shop."""
    address = (doc.get("addresses") or [{}])[0]
    out = {name: _plain(name, doc.get(there)) for name, there, _ in CUSTOMER}
    return out | {name: _plain(name, address.get(there)) for name, there, _ in ADDRESS}


def till_customer(doc: Doc) -> Doc:
    """Return the shared fields of a customer of the till."""
    address = doc.get("address") or {}
    out = {name: _plain(name, doc.get(there)) for name, _, there in CUSTOMER}
    return out | {name: _plain(name, address.get(there)) for name, _, there in ADDRESS}


def _plain(name: str, value: Any) -> Any:
    text = unicodedata.normalize("NFC", str(value)).strip() if value is not None else ""
    if name == "phone" and text:
        digits = re.sub(r"\D", "", text)
        return PREFIX + digits[1:] if digits.startswith("0") and not digits.startswith("00") else digits
    return text or None


def shop_products(shop: Any) -> dict[str, Doc]:
    """Return the shop's products by the first SKU of each."""
    return {_sku_of(shop, doc): _shop_product(doc) for doc in shop.products()}


def _sku_of(shop: Any, doc: Doc) -> str:
    return str(min(shop.variant(each)["sku"] for each in doc["variants"]))


def _shop_product(doc: Doc) -> Doc:
    return {"title": doc["title"], "text": doc["descriptionHtml"] or None, "archived": doc["status"] == "ARCHIVED"}


def till_products(till: Any) -> dict[str, Doc]:
    """Return the till's items by the first SKU of each."""
    return {_first_sku(item): _till_product(item) for item in _items(till)}


def _items(till: Any) -> list[Doc]:
    return [item for item in (till.object(each) for each in till.item_ids()) if item]


def _first_sku(item: Doc) -> str:
    return str(min(each["item_variation_data"].get("sku", "") for each in item["item_data"]["variations"]))


def _till_product(item: Doc) -> Doc:
    data = item["item_data"]
    return {"title": data["name"], "text": data.get("description_html"), "archived": bool(data.get("is_archived"))}


def shop_variants(shop: Any) -> dict[str, Doc]:
    """Return the shop's variants by SKU."""
    docs = [shop.variant(each) for product in shop.products() for each in product["variants"]]
    return {doc["sku"]: _shop_variant(doc) for doc in docs}


def _shop_variant(doc: Doc) -> Doc:
    price = f"{Decimal(doc['price']):.2f}" if doc["price"] is not None else None
    return {"barcode": doc["barcode"], "price": price, "tracked": doc["tracked"]}


def till_variants(till: Any) -> dict[str, Doc]:
    """Return the till's variations by SKU."""
    rows = [each["item_variation_data"] for item in _items(till) for each in item["item_data"]["variations"]]
    return {row.get("sku", ""): _till_variant(row) for row in rows}


def _till_variant(row: Doc) -> Doc:
    cents = row.get("price_money", {}).get("amount")
    price = f"{Decimal(cents) / 100:.2f}" if cents is not None else None
    return {"barcode": row.get("upc"), "price": price, "tracked": bool(row.get("track_inventory"))}


def _check_consent(verdict: Verdict, shop: Any, till: Any) -> None:
    """Who unsubscribed at the till is not subscribed in the shop."""
    subscribed = {key_of(doc["email"]): doc["email_consent"] for doc in shop.customers() if doc["email"]}
    for each in till.customer_ids():
        doc = till.customer(each)
        email = key_of(doc.get("email_address", ""))
        if doc["preferences"]["email_unsubscribed"] and email in subscribed:
            verdict.check("customer", email, "marketing e-mail", subscribed[email], "UNSUBSCRIBED")


# ---- journals: who changed what


def _read_shop(shop: Any, trace: Trace, verdict: Verdict) -> None:
    """Fold the shop's journal: the value of every shared field after each entry, and what people made of it."""
    emails = {doc["id"]: key_of(doc["email"]) for doc in shop.customers() if doc["email"]}
    skus = {each: shop.variant(each)["sku"] for product in shop.products() for each in product["variants"]}
    products = {doc["id"]: _sku_of(shop, doc) for doc in shop.products()}
    docs: dict[str, Doc] = {}
    for entry in shop.journal:
        docs[entry.external_id] = doc = _folded(docs.get(entry.external_id, {}), entry)
        by_person = entry.actor != API and entry.at >= trace.since
        if by_person and entry.kind in ("customer", "product", "variant"):
            verdict.edits["shop"] += 1
        if entry.action == "sale" and by_person:
            verdict.sales["shop"] += 1
        match entry.kind:
            case "customer":
                trace.note("shop", "customer", emails.get(entry.external_id), shop_customer(doc), entry)
            case "product" if "title" in doc:
                trace.note("shop", "product", products.get(entry.external_id), _shop_product(doc), entry)
            case "variant" if "sku" in doc:
                trace.note("shop", "variant", skus.get(entry.external_id), _shop_variant(doc), entry)


def _folded(before: Doc, entry: Any) -> Doc:
    if not entry.action.endswith("_address"):
        return {**before, **entry.detail}
    addresses = [dict(each) for each in before.get("addresses") or ()]
    fields = {name: value for name, value in entry.detail.items() if name != "address"}
    ids = [each["id"] for each in addresses]
    if entry.action == "delete_address":
        return {**before, "addresses": [each for each in addresses if each["id"] != entry.detail["address"]]}
    if entry.detail["address"] in ids:
        addresses[ids.index(entry.detail["address"])] |= fields
    else:
        addresses.append({"id": entry.detail["address"], **fields})
    return {**before, "addresses": addresses}


def _read_till(till: Any, trace: Trace, verdict: Verdict) -> None:
    emails = {}
    for each in till.customer_ids():
        emails[each] = key_of((till.customer(each) or {}).get("email_address", ""))
    for entry in till.journal:
        by_person = entry.actor != API and entry.at >= trace.since
        verdict.edits["till"] += by_person and entry.kind in ("customer", "catalog")
        verdict.sales["till"] += by_person and entry.action == "sale"
        if entry.kind == "customer" and entry.detail:
            trace.note("till", "customer", emails.get(entry.external_id), till_customer(entry.detail), entry)
        item = entry.detail.get("object") if entry.kind == "catalog" else None
        if item and item["type"] == "ITEM":
            trace.note("till", "product", _first_sku(item), _till_product(item), entry)
            for each in item["item_data"]["variations"]:
                row = each["item_variation_data"]
                trace.note("till", "variant", row.get("sku"), _till_variant(row), entry)


# ---- units


def count_units(verdict: Verdict, shop: Any, till: Any, since: int) -> None:
    """Hold every shelf against its opening and everything people did to it.

    A store: the till's first count, then every unit people moved in either system. What the shop keeps for orders is still there,
    but not for sale, so the till shows that much less; nobody shows less than none. The warehouse is the shop's alone.
    """
    sku_of = {each: shop.variant(each)["sku"] for product in shop.products() for each in product["variants"]}
    tills = till_moves(till)
    variations = {
        each["item_variation_data"].get("sku"): each["id"] for item in _items(till) for each in item["item_data"]["variations"]
    }
    places = {doc.name: f"gid://shopify/Location/{number}" for number, doc in shop.state.locations.items()}
    stores = {doc["name"]: place for place, doc in till.core.state.locations.items()}
    moved = shop_moves(shop.journal)
    for variant, sku in sku_of.items():
        for name, place in places.items():
            level = shop.level(variant, place)
            journal = moved.get(shop.level_key(variant, place), [])
            if level is None:
                verdict.differences.append(Difference("stock", f"{sku} at {name}", "", None, None, "the shop has no level"))
            elif name in stores:
                key = (variations.get(sku, ""), stores[name])
                opening, by_till = tills.get(key, (None, 0))
                by_shop = sum(units for at, actor, units in journal if actor != API and at >= since)
                shown = till.level(*key) if key[0] else None
                _check_store(verdict, f"{sku} at {name}", level, shown, opening, by_till, by_shop)
            else:
                units = sum(units for _, actor, units in journal if actor != API)
                verdict.units["warehouse"] += level["on_hand"]
                verdict.check("stock", f"{sku} at {name}", "on hand", level["on_hand"], units, "units appeared or went")


def _check_store(
    verdict: Verdict, key: str, level: Mapping[str, int], shown: int | None, opening: int | None, by_till: int, by_shop: int
) -> None:
    if opening is None:
        verdict.differences.append(Difference("stock", key, "", level["on_hand"], None, "nobody counted it"))
        return
    units = opening + by_till + by_shop
    kept = level["on_hand"] - level["available"]
    for_sale = max(0, units - kept)
    verdict.units["opening"] += opening
    verdict.units["moved at the till"] += by_till
    verdict.units["moved in the shop"] += by_shop
    verdict.units["there now"] += units
    verdict.units["kept for orders"] += kept
    verdict.check("stock", key, "for sale in the shop", level["available"], for_sale, "not opening + journals - kept")
    verdict.check("stock", key, "for sale at the till", for_sale, shown, "not opening + journals - kept")
