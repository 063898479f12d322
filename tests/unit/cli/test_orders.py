"""`hub order`: shown first, asked for with a yes, told by `hub show order`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.retailer import CONFIG, Retailer
from tests.unit.cli.told import typed

GONE = CONFIG.replace("https://shop.test", "http://127.0.0.1:9").replace("https://till.test", "http://127.0.0.1:9")


@pytest.fixture
def config(tmp_path: Path) -> str:
    """Return the config.yaml of an installation whose shop has one order, and that no hub runs."""
    shops = Retailer(tmp_path / ".hub", GONE)
    try:
        _, (variant,) = shops.shop.add_product("Mug", [{"sku": "MUG-1", "price": "10.00"}])
        place = shops.shop.add_location("Main")
        shops.shop.set_stock(variant, place, 9)
        ada = shops.shop.add_customer(firstName="Ada", lastName="Berg", email="ada@example.org")
        shops.shop.order(variant, place, 2, customer=ada)
        shops.poll()
    finally:
        shops.close()
    (tmp_path / "config.yaml").write_text(GONE, "utf-8")
    return str(tmp_path / "config.yaml")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> None:
    (tmp_path / ".hub").mkdir()


def test_order_is_asked_to_be_cancelled_when_the_person_says_yes(config: str) -> None:
    code, out, _ = typed(["order", "cancel", "#1001", "--reason", "fraud", "--yes", "--json", "--config", config])
    said = json.loads(out)
    assert (code, said["command"], said["version"]) == (0, "order cancel", 1)
    number = said["data"].pop("number")
    assert said["data"] == {
        "entity": "order",
        "id": said["data"]["id"],
        "name": "#1001",
        "connection": "shop",
        "record": said["data"]["record"],
        "verb": "cancel",
        "args": {"reason": "fraud"},
        "changes": [{"field": "state", "from": "open", "to": "cancelled"}],
        "through": "the store",
    }
    page = typed(["show", "order", "1001", "--config", config])[1]
    assert "To cancel it in shop was asked for by kim: about to be sent." in page
    assert "2 x MUG-1 Mug, at 10.00 EUR, = 20.00 EUR" in page
    assert re.search(r"customer +Ada Berg \(\d+\)", page)
    plan = " ".join(typed(["plan", "--config", config])[1].split())
    assert plan.startswith(
        f"{number} shop/orders: cancel order {said['data']['id']} #1001 about to be sent state open -> cancelled"
    )


def test_order_is_left_alone_when_nobody_can_be_asked(config: str) -> None:
    code, _, errors = typed(["order", "fulfil", "1001", "--config", config])
    assert (code, errors.split("\n")[0]) == (2, "Nobody can be asked whether to fulfil #1001.")
    assert "asked for" not in typed(["show", "order", "1001", "--config", config])[1]


def test_cancel_is_refused_when_the_reason_is_none_of_theirs(config: str) -> None:
    code, _, errors = typed(["order", "cancel", "1001", "--reason", "boredom", "--yes", "--config", config])
    assert (code, "customer, declined, fraud" in errors) == (2, True)
