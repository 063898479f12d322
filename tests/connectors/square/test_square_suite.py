"""Square in the suite that every connector inherits."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import connectors.square
from connectors.square import CONNECTOR, SquareFake
from connectors.square.fake import SIGNATURE_KEY, TOKEN
from connectors.square.inventory import level_id
from hub.clock import instant
from hub.model.values import Doc, Micros
from hub.sdk import Change, Operation
from tests.contract.connectors.case import Case, StreamCase
from tests.contract.connectors.contract import ConnectorContract

VOLATILE = frozenset({"version", "updated_at"})


def _fake(now: Callable[[], Micros], webhook_url: str) -> SquareFake:
    fake = SquareFake(now, webhook_url=webhook_url)
    fake.add_item("Shelf", [{"sku": "SHELF", "price_minor": 9900}])
    fake.add_location("Main")
    return fake


_SAMPLE = _fake(lambda: 1_700_000_000_000_000, "")
ITEM = _SAMPLE.item_ids()[0]
VARIATION = next(iter(_SAMPLE.core.state.variations))
LOCATION = next(iter(_SAMPLE.core.state.locations))
"""Ids are drawn in the same order every time."""


def _customers(fake: SquareFake, count: int) -> list[str]:
    return [fake.add_customer(given_name=f"Ann{i}", family_name="Ek", note="vip") for i in range(count)]


def _locations(fake: SquareFake, count: int) -> list[str]:
    return [fake.add_location(f"Store {len(fake.core.state.locations)}") for _ in range(count)]


def _items(fake: SquareFake, count: int) -> list[str]:
    return [fake.add_item(f"Mug {i}", [{"sku": f"MUG{i}", "price_minor": 950}])[0] for i in range(count)]


def _variations(fake: SquareFake, count: int) -> list[str]:
    return [fake.add_variation(ITEM, {"sku": f"V{i}", "price_minor": 500 + i}) for i in range(count)]


def _levels(fake: SquareFake, count: int) -> list[str]:
    variations = _variations(fake, count)
    for variation in variations:
        fake.receive_stock(variation, LOCATION, 10)
    return [f"{variation}:{LOCATION}" for variation in variations]


def _touch_level(fake: SquareFake, level: str) -> None:
    variation, location = level.split(":")
    fake.sell(variation, location, 1)


def _sales(fake: SquareFake, count: int) -> list[str]:
    return [fake.ring_up([(VARIATION, 1)], LOCATION) for _ in range(count)]


def _pickups(fake: SquareFake, count: int) -> list[str]:
    return [fake.order_ahead([(VARIATION, 1)], LOCATION) for _ in range(count)]


def _fulfilments(fake: SquareFake, count: int) -> list[str]:
    return [f"{each}:{fake.order(each)['fulfillments'][0]['uid']}" for each in _pickups(fake, count)]


def _payments(fake: SquareFake, count: int) -> list[str]:
    return [str(fake.payments.of(each)["id"]) for each in _sales(fake, count)]


def _refunds(fake: SquareFake, count: int) -> list[str]:
    return [fake.take_back(each, {"line-1": 1}, status="PENDING") for each in _sales(fake, count)]


def _returns(fake: SquareFake, count: int) -> list[str]:
    return [str(fake.core.state.refunds[each]["order_id"]) for each in _refunds(fake, count)]


def _pay_back(fake: SquareFake, payment: str) -> None:
    fake.take_back(str(fake.core.state.payments[payment]["order_id"]), {"line-1": 1})


def _adjust(fake: SquareFake) -> Change:
    (level,) = _levels(fake, 1)
    after = {"level": level, "quantity": "on_hand", "delta": -3, "absolute": None, "expected": None}
    return Change(Operation.ADJUST, level, None, after | {"occurred_at": instant(fake.now()), "reference": "m1"}, ())


def _level(fake: SquareFake) -> int:
    return sum(fake.level(*place) or 0 for place in fake.core.state.movements)


def _id(doc: Doc) -> str:
    return str(doc["id"])


def _version(doc: Doc) -> int:
    return int(doc["version"])


def _edit_customer(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"given_name": "Anne", "address": {"locality": "Lund"}}, ("given_name", "address.locality")


def _edit_item(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    return doc | {"item_data": doc["item_data"] | {"name": "Cup"}}, ("item_data.name",)


def _edit_variation(doc: Doc) -> tuple[Doc, tuple[str, ...]]:
    price: Any = {"amount": 1250, "currency": "USD"}
    data = doc["item_variation_data"] | {"price_money": price, "sku": "NEW"}
    return doc | {"item_variation_data": data}, ("item_variation_data.price_money.amount", "item_variation_data.sku")


CASE = Case(
    connector=CONNECTOR,
    fake=_fake,
    settings={"access_token": TOKEN, "webhook_signature_key": SIGNATURE_KEY},
    streams={
        "locations": StreamCase(
            make=_locations,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_location(external_id, description="moved"),
            pages=False,
            ordered=False,
        ),
        "customers": StreamCase(
            make=_customers,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_customer(external_id, note="called"),
            version=_version,
            new={"given_name": "Bo", "email_address": "Bo@Example.com", "address": {"locality": "Malmö"}},
            edit=_edit_customer,
            volatile=VOLATILE,
            count=60,
        ),
        "products": StreamCase(
            make=_items,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_item(external_id, name="Touched"),
            version=_version,
            new={"item_data": {"name": "Plate", "description_html": "<p>Blue</p>"}},
            edit=_edit_item,
            volatile=VOLATILE,
            count=60,
            ordered=False,
            hints=False,
        ),
        "variants": StreamCase(
            make=_variations,
            identity=_id,
            touch=lambda fake, external_id: fake.edit_price(external_id, 1),
            version=_version,
            new={
                "item_variation_data": {
                    "item_id": ITEM,
                    "name": "Oak",
                    "sku": "OAK",
                    "price_money": {"amount": 1, "currency": "USD"},
                }
            },
            edit=_edit_variation,
            volatile=VOLATILE,
            count=60,
            ordered=False,
            hints=False,
        ),
        "inventory": StreamCase(
            make=_levels,
            identity=level_id,
            touch=_touch_level,
            adjust=_adjust,
            level=_level,
            pages=False,
            ordered=False,
            unknown_id="NOVARIATION:NOWHERE",
        ),
        "orders": StreamCase(
            make=_pickups,
            identity=_id,
            touch=lambda fake, external_id: fake.move_order(external_id, "RESERVED"),
            count=520,
        ),
        "fulfillments": StreamCase(
            make=_fulfilments,
            identity=lambda doc: f"{doc['order_id']}:{doc['uid']}",
            touch=lambda fake, external_id: fake.move_order(external_id.partition(":")[0], "RESERVED"),
            hints=False,
            count=520,
            unknown_id="NOORDER:NOTHING",
        ),
        "payments": StreamCase(make=_payments, identity=_id, touch=_pay_back, count=120),
        "returns": StreamCase(make=_returns, identity=_id, count=520),
        "refunds": StreamCase(
            make=_refunds,
            identity=_id,
            touch=lambda fake, external_id: fake.settle_refund(external_id, "COMPLETED"),
            count=120,
        ),
    },
    folder=Path(connectors.square.__file__).parent,
    signature_header="x-square-hmacsha256-signature",
    secrets=(TOKEN, SIGNATURE_KEY),
)


class TestSquare(ConnectorContract):
    """What every connector must do."""

    case = CASE
