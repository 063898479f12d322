"""What follows when config.yaml says something else: every value is chosen again, and nothing else happens."""

from __future__ import annotations

from pathlib import Path

from hub.config import parse_config
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from tests.retailer import CONFIG, ENVIRON, INSTALLED, Retailer
from tests.unit.ops.desk import Desk

OWNED = CONFIG.replace("policies:\n", "policies:\n  customer:\n    family_name: {owner: till}\n")


def with_policies(shops: Retailer, text: str) -> Desk:
    """Let the hub come back with another config.yaml."""
    facts = {name: one.manifest.facts() for name, one in INSTALLED.items()}
    shops.reconfigure(parse_config(text, environ=ENVIRON, connectors=facts))
    finish_settling(Running(shops.hub))
    shops.settle()
    return Desk(shops)


def named_twice(shops: Retailer) -> tuple[str, str]:
    """Let Ada have one name at the till and a newer one at the shop; return her id at each."""
    shop_id = shops.shop.add_customer(firstName="Ada", lastName="Ley", email="ada@example.org")
    shops.settle()
    till_id = shops.at_till()["ada@example.org"]["id"]
    shops.clock.sleep(60)
    shops.till.edit_customer(till_id, family_name="Tilly")
    shops.poll()
    shops.clock.sleep(60)
    shops.shop.edit_customer(shop_id, lastName="Shopley")
    shops.poll()
    return till_id, shop_id


def test_owner_s_value_comes_back_when_the_policy_changed(tmp_path: Path) -> None:
    shops = Retailer(tmp_path)
    named_twice(shops)
    assert shops.at_till()["ada@example.org"]["family_name"] == "Shopley"
    with_policies(shops, OWNED)
    assert (shops.at_till()["ada@example.org"]["family_name"], shops.at_shop()["ada@example.org"]["lastName"]) == (
        "Tilly",
        "Tilly",
    )
    with_policies(shops, CONFIG)
    assert shops.at_till()["ada@example.org"]["family_name"] == "Shopley"
    shops.close()


def test_start_settles_nothing_when_the_policies_are_as_before(tmp_path: Path) -> None:
    shops = Retailer(tmp_path)
    named_twice(shops)
    shops.restart()
    assert finish_settling(Running(shops.hub)) == 0
    shops.close()
