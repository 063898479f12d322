"""Fills a fresh Vendure through its Admin API with an invented shop. Standard library only.

usage: seed.py PORT ADMIN_USER ADMIN_PASSWORD OUT_DIR
Writes OUT_DIR/seed.json: ids of locations, variants by SKU, customers by e-mail, and what was deleted or disabled again.
Two thirds of the customers have no login: making one costs the server a password hash. All of it is the same at every seeding.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).parent))
from shop_api import Api  # noqa: E402 - the script runs without the package around it

COUNTRIES = {"DE": "Germany", "FR": "France", "ES": "Spain", "GB": "United Kingdom"}
LOCATIONS = {
    "WH": ("Central Warehouse", "Am Speicher 4, 04109 Leipzig"),
    "LYO": ("Lyon Bellecour", "3 Rue du Moulin, 69002 Lyon"),
    "KLN": ("Köln Ehrenfeld", "Invalidenweg 12, 50823 Köln"),
}
PRODUCTS: list[tuple[str, str, int, dict[str, list[str]]]] = [
    ("Organic T-Shirt", "TEE", 1990, {"Size": ["S", "M", "L", "XL"]}),
    ("Dune Chino", "CHI-DUN", 6950, {"Size": ["30", "32", "34", "36"]}),
    ("Elm Rain Jacket", "JAC-ELM", 12900, {"Size": ["S", "M", "L"], "Colour": ["Moss", "Navy"]}),
    ("Fern Wool Scarf", "SCA-FER", 2750, {"Colour": ["Rust", "Moss"]}),
    ("Heath Leather Belt", "BEL-HEA", 4200, {"Size": ["85", "95", "105"]}),
    ("Juniper Backpack 20 l", "BPK-JUN", 8990, {"Colour": ["Black", "Olive"]}),
    ("Larch Hiking Boot", "BOO-LAR", 16900, {"Size": ["41", "42", "43"]}),
    ("Oak Roast Coffee", "COF-OAK", 1190, {"Weight": ["250g", "1kg"]}),
    ("Clover Cycling Gloves", "GLO-CLO", 2495, {"Size": ["S", "M", "L"]}),
    ("Pine Honey 500 g", "HON-PIN", 895, {}),
    ("Quince Jam 340 g", "JAM-QUI", 525, {}),
    ("Reed Wicker Basket", "BSK-REE", 3999, {}),
    ("Thyme Chopping Board", "BRD-THY", 2890, {}),
    ("Yarrow Hand Cream 75 ml", "CRM-YAR", 999, {}),
    ("Aster Shampoo Bar", "SHA-AST", 850, {}),
    ("Dogwood Yoga Mat", "YOG-DOG", 4990, {}),
    ("Jasmine Wrapping Paper", "WRP-JAS", 350, {}),
    ("Gorse Camping Stove", "STV-GOR", 6450, {}),
    ("Knapweed Repair Service", "SRV-KNA", 1500, {}),
]
FIRST = ["Åsa", "Bruno", "Chloé", "Dilek", "Emil", "Françoise", "Gül", "Håkon", "Inés", "Jan", "Klára", "Luis"]
LAST = ["Novák", "Weiß", "Yıldız", "Martin", "O’Brien"]
PLACES = [
    ("DE", "Bahnhofstraße", "Köln", "50667", "+49 221 765{:04d}"),
    ("FR", "Rue de la République", "Lyon", "69002", "+33 4 72 95 {:02d} {:02d}"),
    ("ES", "Calle Mayor", "Sevilla", "41001", "+34 954 35 {:02d} {:02d}"),
    ("GB", "High Street", "Leeds", "LS1 4AP", "0113 496 {:04d}"),
]
PLAIN = str.maketrans({"Å": "a", "é": "e", "ç": "c", "ü": "u", "å": "a", "á": "a", "ß": "s", "ı": "i", "’": "", "G": "g"})


def texts(**fields: str) -> list[dict[str, str]]:
    return [{"languageCode": "en", **fields}]


def operation(code: str, **arguments: object) -> dict[str, Any]:
    return {
        "code": code,
        "arguments": [{"name": k, "value": v if isinstance(v, str) else json.dumps(v)} for k, v in arguments.items()],
    }


def make_zone_and_taxes(admin: Api) -> dict[str, str]:
    countries = [
        admin(
            "mutation($i:CreateCountryInput!){ createCountry(input:$i){ id } }",
            i={"code": code, "enabled": True, "translations": texts(name=name)},
        )["id"]
        for code, name in COUNTRIES.items()
    ]
    zone = admin("mutation($i:CreateZoneInput!){ createZone(input:$i){ id } }", i={"name": "Europe", "memberIds": countries})[
        "id"
    ]
    taxes = {}
    for name, rate in (("Standard", 19), ("Reduced", 7)):
        taxes[name] = admin(
            "mutation($i:CreateTaxCategoryInput!){ createTaxCategory(input:$i){ id } }",
            i={"name": name, "isDefault": name == "Standard"},
        )["id"]
        admin(
            "mutation($i:CreateTaxRateInput!){ createTaxRate(input:$i){ id } }",
            i={"name": f"{name} Europe", "enabled": True, "value": rate, "categoryId": taxes[name], "zoneId": zone},
        )
    channel = admin("{ activeChannel { id } }")["id"]
    admin(
        "mutation($i:UpdateChannelInput!){ updateChannel(input:$i){ ... on Channel{ id } ... on ErrorResult{ errorCode } } }",
        i={
            "id": channel, "defaultTaxZoneId": zone, "defaultShippingZoneId": zone, "pricesIncludeTax": True,
            "availableCurrencyCodes": ["EUR", "USD"], "defaultCurrencyCode": "EUR", "trackInventory": True,
        },
    )  # fmt: skip
    return taxes


def make_locations(admin: Api) -> dict[str, str]:
    existing = [item["id"] for item in admin("{ stockLocations { items { id } } }")["items"]]
    ids = {}
    for code, (name, description) in LOCATIONS.items():
        fields = {"name": name, "description": description}
        verb = "update" if existing else "create"
        if existing:
            fields["id"] = existing.pop()
        kind = f"{verb.capitalize()}StockLocationInput"
        ids[code] = admin(f"mutation($i:{kind}!){{ {verb}StockLocation(input:$i){{ id }} }}", i=fields)["id"]
    return ids


def make_checkout(admin: Api) -> None:
    admin(
        "mutation($i:CreateShippingMethodInput!){ createShippingMethod(input:$i){ id } }",
        i={
            "code": "standard", "fulfillmentHandler": "manual-fulfillment",
            "translations": texts(name="Standard shipping", description=""),
            "checker": operation("default-shipping-eligibility-checker", orderMinimum=0),
            "calculator": operation("default-shipping-calculator", rate=495, includesTax="include", taxRate=19),
        },
    )  # fmt: skip
    admin(
        "mutation($i:CreatePaymentMethodInput!){ createPaymentMethod(input:$i){ id } }",
        i={
            "code": "card",
            "enabled": True,
            "handler": operation("terminal-payment-handler"),
            "translations": texts(name="Card", description=""),
        },
    )


def make_options(admin: Api, product_id: str, stem: str, groups: dict[str, list[str]]) -> dict[tuple[str, str], str]:
    ids = {}
    for group, values in groups.items():
        options = [{"code": f"{stem}-{value}".lower(), "translations": texts(name=value)} for value in values]
        made = admin(
            "mutation($i:CreateProductOptionGroupInput!){ createProductOptionGroup(input:$i){ id options { id name } } }",
            i={"code": f"{stem}-{group}".lower(), "translations": texts(name=group), "options": options},
        )
        admin(
            "mutation($p:ID!,$g:ID!){ addOptionGroupToProduct(productId:$p,optionGroupId:$g){ id } }", p=product_id, g=made["id"]
        )
        ids.update({(group, option["name"]): option["id"] for option in made["options"]})
    return ids


def combinations(groups: dict[str, list[str]]) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = [{}]
    for group, values in groups.items():
        rows = [{**row, group: value} for row in rows for value in values]
    return rows


def make_product(
    admin: Api, row: tuple[str, str, int, dict[str, list[str]]], taxes: dict[str, str], locations: dict[str, str], first: int
) -> dict[str, Any]:
    name, stem, cents, groups = row
    slug = name.lower().replace(" ", "-")
    product_id = admin(
        "mutation($i:CreateProductInput!){ createProduct(input:$i){ id } }",
        i={"enabled": True, "translations": texts(name=name, slug=slug, description=f"{name}, made to last.")},
    )["id"]
    options = make_options(admin, product_id, stem, groups)
    variants = []
    for n, chosen in enumerate(combinations(groups), first):
        stock = {"WH": 60 + n * 7 % 90, "LYO": 15 + n * 5 % 20, "KLN": (0, 12, 20)[n % 3]}
        variants.append({
            "productId": product_id, "sku": "-".join([stem, *(value.upper() for value in chosen.values())]), "price": cents,
            "taxCategoryId": taxes["Reduced" if stem in ("COF-OAK", "HON-PIN", "JAM-QUI") else "Standard"],
            "translations": texts(name=" ".join([name, *chosen.values()])),
            "optionIds": [options[pair] for pair in chosen.items()],
            "trackInventory": "FALSE" if stem == "SRV-KNA" else "INHERIT" if n % 2 else "TRUE",
            "stockLevels": [{"stockLocationId": locations[code], "stockOnHand": count} for code, count in stock.items()],
            "customFields": {"barcode": ean13(4_260_000_000_00 + n)},
        })  # fmt: skip
    made = admin("mutation($i:[CreateProductVariantInput!]!){ createProductVariants(input:$i){ id sku } }", i=variants)
    return {"id": product_id, "stem": stem, "variants": {variant["sku"]: variant["id"] for variant in made}}


def ean13(stem: int) -> str:
    digits = [int(digit) for digit in f"{stem:012d}"]
    total = sum(digit * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{stem:012d}{-total % 10}"


def make_customer(admin: Api, n: int) -> tuple[str, str]:
    given, family = FIRST[n % 12], LAST[n // 12]
    country, street, city, postal_code, pattern = PLACES[n % 4]
    phone = pattern.format(n, n)
    email = f"{given}.{family}@shop.example".translate(PLAIN).lower()
    customer_id = admin(
        "mutation($i:CreateCustomerInput!,$p:String){ createCustomer(input:$i,password:$p){"
        " ... on Customer{ id } ... on ErrorResult{ errorCode } } }",
        i={
            "firstName": f" {given}" if n == 7 else given, "lastName": family, "emailAddress": email,
            "title": ["", "Ms", "Mr"][n % 3],
            "phoneNumber": "" if n % 6 == 5 else phone,
            "customFields": {"loyaltyTier": [None, "bronze", "silver", "gold"][n % 4]},
        },
        p="live-shop" if n % 3 == 0 else None,
    )["id"]  # fmt: skip
    home = {
        "fullName": f"{given} {family}", "streetLine1": f"{n + 1} {street}", "city": city, "postalCode": postal_code,
        "countryCode": country, "phoneNumber": phone, "defaultShippingAddress": True, "defaultBillingAddress": n % 4 != 3,
    }  # fmt: skip
    second = {
        **home,
        "streetLine1": "Postfach 4711",
        "company": "c/o Parcel Point",
        "defaultShippingAddress": False,
        "defaultBillingAddress": False,
    }
    for address in [home, second] if n % 10 == 5 else [home]:
        admin(
            "mutation($c:ID!,$i:CreateAddressInput!){ createCustomerAddress(customerId:$c,input:$i){ id } }",
            c=customer_id,
            i=address,
        )
    return email, customer_id


def main(port: str, user: str, password: str, out: str) -> None:
    admin = Api(f"http://127.0.0.1:{port}/admin-api")
    admin.login(user, password)
    taxes = make_zone_and_taxes(admin)
    locations = make_locations(admin)
    make_checkout(admin)
    products: list[dict[str, Any]] = []
    for row in PRODUCTS:
        products.append(make_product(admin, row, taxes, locations, sum(len(p["variants"]) for p in products)))
    customers = dict(make_customer(admin, n) for n in range(60))
    by_stem = {product["stem"]: product["id"] for product in products}
    leaver = customers.popitem()[1]
    admin("mutation($i:ID!){ deleteCustomer(id:$i){ result } }", i=leaver)
    admin("mutation($i:ID!){ deleteProduct(id:$i){ result } }", i=by_stem["STV-GOR"])
    admin("mutation($i:UpdateProductInput!){ updateProduct(input:$i){ id } }", i={"id": by_stem["WRP-JAS"], "enabled": False})
    facts = {
        "locations": locations,
        "variants": {
            sku: vid for product in products if product["stem"] != "STV-GOR" for sku, vid in product["variants"].items()
        },
        "customers": customers,
        "deleted": {"customer": leaver, "product": by_stem["STV-GOR"]},
        "disabled": {"product": by_stem["WRP-JAS"]},
    }
    Path(out, "seed.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
