"""What each system holds, in the judge's own words: what a value looks like in each of them is written down here once more.

In: simulators. Out: customers by e-mail, products and variants by SKU, each with the fields that the systems share. Part of the
judge: it shares no code with the hub.
"""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal
from typing import Any, Final

from demo.verdict import Doc

PREFIX: Final = "49"
"""Country code of the retailer, for phone numbers written without it."""
CUSTOMER: Final = (
    ("given name", "firstName", "given_name", "firstname"),
    ("family name", "lastName", "family_name", "lastname"),
    ("phone", "phone", "phone_number", "phone"),
    ("note", "note", "note", ""),
)
ADDRESS: Final = (
    ("street", "address1", "address_line_1", "address"),
    ("second line", "address2", "address_line_2", ""),
    ("city", "city", "locality", "city"),
    ("postal code", "zip", "postal_code", "zip"),
    ("country", "countryCode", "country", "hs_country_region_code"),
)
"""Name, in the shop, at the till, in the CRM (empty: it does not have that)."""


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
    out = {name: plain(name, doc.get(there)) for name, there, _, _ in CUSTOMER}
    return out | {name: plain(name, address.get(there)) for name, there, _, _ in ADDRESS}


def till_customer(doc: Doc) -> Doc:
    """Return the shared fields of a customer of the till."""
    address = doc.get("address") or {}
    out = {name: plain(name, doc.get(there)) for name, _, there, _ in CUSTOMER}
    return out | {name: plain(name, address.get(there)) for name, _, there, _ in ADDRESS}


def crm_customers(crm: Any) -> dict[str, Doc]:
    """Return the contacts of the CRM by e-mail."""
    docs = [crm.contact(each) for each in crm.contact_ids()]
    return {key_of(doc["email"]): crm_customer(doc) for doc in docs if doc and doc.get("email")}


def crm_customer(doc: Doc) -> Doc:
    """Return the shared fields of a contact of the CRM; an empty property is not there."""
    return {name: plain(name, doc.get(there) or None) for name, _, _, there in (*CUSTOMER, *ADDRESS) if there}


def desk_customers(desk: Any) -> dict[str, Doc]:
    """Return the end users of the help desk by e-mail."""
    docs = [desk.user(each) for each in desk.user_ids()]
    return {key_of(doc["email"]): desk_customer(doc) for doc in docs if doc["role"] == "end-user" and doc["email"]}


def desk_customer(doc: Doc) -> Doc:
    """Return the shared fields of a user of the help desk."""
    return {"phone": plain("phone", doc["phone"]), "note": plain("note", doc["notes"])}


def desk_names(desk: Any) -> dict[str, str]:
    """Return the full names of the help desk's end users by e-mail."""
    docs = [desk.user(each) for each in desk.user_ids()]
    return {key_of(doc["email"]): doc["name"] for doc in docs if doc["role"] == "end-user" and doc["email"]}


def plain(name: str, value: Any) -> Any:
    """Return a value as it is meant: text without blanks around it, a phone number as its digits; None: nothing."""
    text = unicodedata.normalize("NFC", str(value)).strip() if value is not None else ""
    if name == "phone" and text:
        digits = re.sub(r"\D", "", text)
        return PREFIX + digits[1:] if digits.startswith("0") and not digits.startswith("00") else digits
    return text or None


def shop_products(shop: Any) -> dict[str, Doc]:
    """Return the shop's products by the first SKU of each."""
    return {sku_of(shop, doc): shop_product(doc) for doc in shop.products()}


def sku_of(shop: Any, doc: Doc) -> str:
    """Return the first SKU of a product of the shop."""
    return str(min(shop.variant(each)["sku"] for each in doc["variants"]))


def shop_product(doc: Doc) -> Doc:
    """Return the shared fields of a product of the shop."""
    return {"title": doc["title"], "text": doc["descriptionHtml"] or None, "archived": doc["status"] == "ARCHIVED"}


def till_products(till: Any) -> dict[str, Doc]:
    """Return the till's items by the first SKU of each."""
    return {first_sku(item): till_product(item) for item in items(till)}


def items(till: Any) -> list[Doc]:
    """Return the live items of the till."""
    return [item for item in (till.object(each) for each in till.item_ids()) if item]


def first_sku(item: Doc) -> str:
    """Return the first SKU of an item of the till."""
    return str(min(each["item_variation_data"].get("sku", "") for each in item["item_data"]["variations"]))


def till_product(item: Doc) -> Doc:
    """Return the shared fields of an item of the till."""
    data = item["item_data"]
    return {"title": data["name"], "text": data.get("description_html"), "archived": bool(data.get("is_archived"))}


def shop_variants(shop: Any) -> dict[str, Doc]:
    """Return the shop's variants by SKU."""
    docs = [shop.variant(each) for product in shop.products() for each in product["variants"]]
    return {doc["sku"]: shop_variant(doc) for doc in docs}


def shop_variant(doc: Doc) -> Doc:
    """Return the shared fields of a variant of the shop."""
    price = f"{Decimal(doc['price']):.2f}" if doc["price"] is not None else None
    return {"barcode": doc["barcode"], "price": price, "tracked": doc["tracked"]}


def till_variants(till: Any) -> dict[str, Doc]:
    """Return the till's variations by SKU."""
    rows = [each["item_variation_data"] for item in items(till) for each in item["item_data"]["variations"]]
    return {row.get("sku", ""): till_variant(row) for row in rows}


def till_variant(row: Doc) -> Doc:
    """Return the shared fields of a variation of the till."""
    cents = row.get("price_money", {}).get("amount")
    price = f"{Decimal(cents) / 100:.2f}" if cents is not None else None
    return {"barcode": row.get("upc"), "price": price, "tracked": bool(row.get("track_inventory"))}
