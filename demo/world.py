"""The retailer before the hub comes: three stores and a warehouse, a catalogue in the shop, customers here, there and everywhere.

In: a seed and sizes. Out: four simulators filled as years of work without a hub leave them: the till knows no catalogue yet, many
customers are in several systems with small differences, the shop's figures for the stores are guesses until the staff count.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from connectors.hubspot import HubSpotFake
from connectors.shopify.fake import ShopifyFake
from connectors.square import SquareFake
from connectors.zendesk import ZendeskFake
from demo.names import AGENTS, CITIES, COLOURS, FLOORS, GOODS, NOTES, PEOPLE, RETAILER, STORES, STREETS, WAREHOUSE
from hub.model.values import SECOND, Doc, Micros
from hub.sdk.fake import Fake

SHOP_TOKEN: Final = "demo-shopify-token"  # noqa: S105 - of a simulator; config.yaml's default
SHOP_SECRET: Final = "demo-shopify-secret"  # noqa: S105 - same
TILL_TOKEN: Final = "demo-square-token"  # noqa: S105 - same
TILL_KEY: Final = "demo-square-key"
CRM_TOKEN: Final = "demo-hubspot-token"  # noqa: S105 - same
CRM_SECRET: Final = "demo-hubspot-secret"  # noqa: S105 - same
DESK_TOKEN: Final = "demo-zendesk-token"  # noqa: S105 - same
DESK_SECRET: Final = "demo-zendesk-secret"  # noqa: S105 - same
BEFORE: Final[Micros] = 3600 * SECOND
"""How long ago the last of it was made: the help desk tells nothing of the most recent minute."""
CONTEXT_FIELD: Final = 360000000001
ORDER_FIELD: Final = 360000000002
"""Ticket fields of this retailer, as demo/mappings/zendesk/tickets.yaml names them."""
USER_FIELDS: Final = ("orders", "spent", "last_order", "shop_context")
PLENTY: Final = 100_000.0
"""Points of the simulated shop's bucket, so that twenty seconds are enough for what a shop does in a day."""


@dataclass(frozen=True, slots=True)
class Size:
    """How large the retailer is. Customers: in shop and till, in the shop only, at the till only; most are elsewhere, too."""

    products: int = len(GOODS)
    both: int = 1040
    shop_only: int = 80
    till_only: int = 80


@dataclass(slots=True)
class Shelf:
    """A variant in a store, by the ids of both systems."""

    sku: str
    store: str
    variant: str
    shop_place: str
    variation: str
    till_place: str


@dataclass(slots=True)
class World:
    """The four systems and who is in them. Customers are known by e-mail, variants by SKU, stores by code."""

    chance: random.Random
    shop: ShopifyFake
    till: SquareFake
    crm: HubSpotFake
    desk: ZendeskFake
    agents: list[str] = field(default_factory=list)
    """Ids of the agents of the help desk."""
    shop_places: dict[str, str] = field(default_factory=dict)
    till_places: dict[str, str] = field(default_factory=dict)
    products: dict[str, str] = field(default_factory=dict)
    """Product title at the beginning -> its id in the shop."""
    variants: dict[str, str] = field(default_factory=dict)
    """SKU -> id in the shop."""
    shelves: list[Shelf] = field(default_factory=list)
    """Filled by `stocktake`, once the till knows the catalogue."""
    drawn: int = 0

    @property
    def systems(self) -> dict[str, Fake]:
        """Return every system by its name in config.yaml."""
        return {"shop": self.shop, "till": self.till, "crm": self.crm, "desk": self.desk}


def build(seed: int, now: Callable[[], Micros], size: Size) -> World:
    """Make the retailer. Nobody is told: webhooks are subscribed to afterwards."""
    ago = [BEFORE]
    clock = lambda: now() - ago[0]  # noqa: E731 - the systems keep it; it is set right once they are filled
    shop = ShopifyFake(
        clock, token=SHOP_TOKEN, secret=SHOP_SECRET, shop="linden", currency="EUR", capacity=PLENTY, restore_per_s=PLENTY
    )
    till = SquareFake(clock, token=TILL_TOKEN, signature_key=TILL_KEY, country="DE", currency="EUR", name=RETAILER)
    crm = HubSpotFake(clock, token=CRM_TOKEN, client_secret=CRM_SECRET, per_interval=None, searches_per_s=None)
    desk = ZendeskFake(
        clock,
        token=DESK_TOKEN,
        secret=DESK_SECRET,
        user_fields=USER_FIELDS,
        ticket_fields=(CONTEXT_FIELD, ORDER_FIELD),
        per_minute=None,
        exports_per_minute=None,
    )
    world = World(random.Random(seed), shop, till, crm, desk)  # noqa: S311 - the same seed is the same retailer
    world.agents = [desk.add_user(name, email=f"{name.lower()}@linden.example", role="agent") for name in AGENTS]
    _open_stores(world)
    _fill_shop(world, size)
    _invite(world, size)
    ago[0] = 0
    return world


def _open_stores(world: World) -> None:
    for code, name, street, postal_code, city in (*STORES, WAREHOUSE):
        place = {"address1": street, "city": city, "zip": postal_code, "countryCode": "DE"}
        world.shop_places[code] = world.shop.add_location(name, **place)
    for code, name, street, postal_code, city in STORES:
        address = {"address_line_1": street, "locality": city, "postal_code": postal_code, "country": "DE"}
        world.till_places[code] = world.till.add_location(name, address=address)


def _fill_shop(world: World, size: Size) -> None:
    number = 0
    for code, title, category, cents in GOODS[: size.products]:
        wanted = []
        for colour, name in COLOURS:
            number += 1
            price = f"{cents // 100}.{cents % 100:02d}"
            wanted.append({"sku": f"{code}-{colour}", "barcode": barcode(number), "price": price, "title": name})
        text = f"<p>{title}, made to last.</p>"
        product, ids = world.shop.add_product(
            title, wanted, descriptionHtml=text, vendor=RETAILER, productType=category, status="ACTIVE"
        )
        world.products[title] = product
        for variant, one in zip(ids, wanted, strict=True):
            world.variants[str(one["sku"])] = variant
            for place in world.shop_places.values():
                world.shop.set_stock(variant, place, world.chance.randint(30, 90))


def barcode(number: int) -> str:
    """Return an EAN-13 with its check digit."""
    digits = f"40{number:010d}"
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(digits))
    return f"{digits}{-total % 10}"


def _invite(world: World, size: Size) -> None:
    for _ in range(size.both):
        person = new_person(world)
        world.shop.add_customer(**shop_words(person))
        world.till.add_customer(**till_words(_misremember(world, person)))
        _introduce(world, person, share=0.95)
    for _ in range(size.shop_only):
        person = new_person(world)
        world.shop.add_customer(**shop_words(person))
        _introduce(world, person, share=0.5)
    for _ in range(size.till_only):
        person = new_person(world)
        world.till.add_customer(**till_words(person))
        _introduce(world, person, share=0.5)


def _introduce(world: World, person: Doc, *, share: float) -> None:
    """Let this share of people be known to the CRM, and of people be known to the help desk."""
    if world.chance.random() < share:
        world.crm.add_contact(**crm_words(_misremember(world, person)))
    if world.chance.random() < share:
        known = desk_words(_misremember(world, person))
        world.desk.add_user(known.pop("name"), **known)


def new_person(world: World) -> Doc:
    """Draw somebody who is in no system yet."""
    chance = world.chance
    world.drawn += 1
    given, family = chance.choice(PEOPLE)
    postal_code, city = chance.choice(CITIES)
    number = world.drawn
    return {
        "given": chance.choice(given),
        "family": chance.choice(family),
        "email": f"customer.{number:05d}@example.org",
        "phone": f"+49151{number:08d}",
        "note": chance.choice(NOTES) if chance.random() < 0.8 else None,
        "line1": f"{chance.choice(STREETS)} {chance.randint(1, 150)}",
        "line2": chance.choice(FLOORS) if chance.random() < 0.5 else None,
        "postal_code": postal_code,
        "city": city,
        "consent": "SUBSCRIBED" if chance.random() < 0.4 else None,
    }


def _misremember(world: World, person: Doc) -> Doc:
    """Return a person as another system knows them: now and then without a note or with an older name or number."""
    chance, known = world.chance, dict(person)
    if chance.random() < 0.04:
        known["note"] = None
    if chance.random() < 0.02:
        known["family"] = f"{known['family']} (née)"
    if chance.random() < 0.3:
        known["phone"] = f"0{known['phone'][3:6]} {known['phone'][6:]}"
    return known


def shop_words(person: Doc) -> dict[str, Any]:
    """Return a person in the words of the shop."""
    address = {
        "firstName": person["given"],
        "lastName": person["family"],
        "address1": person["line1"],
        "address2": person["line2"],
        "city": person["city"],
        "zip": person["postal_code"],
        "countryCode": "DE",
    }
    words = {
        "firstName": person["given"],
        "lastName": person["family"],
        "email": person["email"],
        "phone": person["phone"],
        "note": person["note"],
        "addresses": [address],
    }
    return words | ({"email_consent": person["consent"]} if person["consent"] else {})


def till_words(person: Doc) -> dict[str, Any]:
    """Return a person in the words of the till."""
    address = {
        "address_line_1": person["line1"],
        "address_line_2": person["line2"],
        "locality": person["city"],
        "postal_code": person["postal_code"],
        "country": "DE",
    }
    return {
        "given_name": person["given"],
        "family_name": person["family"],
        "email_address": person["email"],
        "phone_number": person["phone"],
        "note": person["note"],
        "address": {name: value for name, value in address.items() if value is not None},
    }


def crm_words(person: Doc) -> dict[str, str]:
    """Return a person in the words of the CRM."""
    words = {
        "firstname": person["given"],
        "lastname": person["family"],
        "email": person["email"],
        "phone": person["phone"],
        "address": person["line1"],
        "city": person["city"],
        "zip": person["postal_code"],
        "hs_country_region_code": "DE",
    }
    return {name: value for name, value in words.items() if value}


def desk_words(person: Doc) -> dict[str, Any]:
    """Return a person in the words of the help desk."""
    words = {"email": person["email"], "phone": person["phone"], "notes": person["note"] or "", "locale": "en"}
    return words | {"name": f"{person['given']} {person['family']}"}


def variations(world: World) -> dict[str, str]:
    """Return SKU -> id at the till, of what has arrived there."""
    found = {}
    for item_id in world.till.item_ids():
        item = world.till.object(item_id)
        for each in (item or {}).get("item_data", {}).get("variations", ()):
            sku = each["item_variation_data"].get("sku")
            if sku:
                found[sku] = each["id"]
    return found


def stocktake(world: World) -> int:
    """Let the staff count every store at the till; return how many shelves that were. Most counts agree with the shop's guess."""
    at_till = variations(world)
    for sku, variant in world.variants.items():
        for code, place in world.till_places.items():
            guess = (world.shop.level(variant, world.shop_places[code]) or {"on_hand": 0})["on_hand"]
            wrong = world.chance.choice((-3, -2, -1, 1, 2)) if world.chance.random() < 0.1 else 0
            world.till.count_stock(at_till[sku], place, guess + wrong)
            world.shelves.append(Shelf(sku, code, variant, world.shop_places[code], at_till[sku], place))
    return len(world.shelves)
