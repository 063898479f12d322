"""config.yaml: what it says, and everything it is refused for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from hub.config import (
    Belonging,
    Config,
    ConnectionConfig,
    ConnectorFacts,
    Create,
    Delete,
    MovesBy,
    Policy,
    PolicyKind,
    Receives,
    Reports,
    SettingFacts,
    Start,
    Update,
    load_config,
    parse_config,
)
from hub.errors import ConfigError
from hub.model.record import EntityType
from hub.model.values import Doc

CUSTOMER, VARIANT = EntityType.CUSTOMER, EntityType.VARIANT
SETTINGS = {
    "base_url": SettingFacts(required=True),
    "token": SettingFacts(secret=True, required=True),
    "api_version": SettingFacts(default="2026-07"),
}
CONNECTORS = {
    "webshop": ConnectorFacts(
        SETTINGS,
        frozenset({CUSTOMER, EntityType.PRODUCT, VARIANT, EntityType.INVENTORY_LEVEL, EntityType.ORDER}),
        frozenset({CUSTOMER}),
    ),
    "crm": ConnectorFacts({}, frozenset({CUSTOMER})),
}
WHOLE = """\
retailer: Demo
store: {url: "sqlite:///.hub/hub.db", synchronous: normal}
mappings: mappings
receiver: {host: 127.0.0.1, port: "${PORT:-8100}", public_url: "https://hub.test/in/"}
deletes_from: {customer: none, variant: shop}
connections:
  shop:
    connector: webshop
    settings: {base_url: "${SHOP_URL:-http://127.0.0.1:8101}", token: "${SHOP_TOKEN:-demo}"}
    start: live
    every: 500ms
    visible_after: 2s
    entities:
      customer: {create: always, update: created_by_hub, delete: archive}
    stock:
      default: {opening: true, reports: both, receives: available, moves_by: documents, missing: zero, buffer: 2}
      main: {opening: true}
  crm:
    connector: crm
    every: 1h
    seed_rank: 1
policies:
  customer: {default: origin, email: {prefer: [crm, shop]}, custom.size: {owner: crm}, consent: newest, note: ask}
  variant: {price: {owner: shop}}
brakes: {deletes: 20%, prices: 2.5%, mapping: 0}
"""


def _parse(text: str, **environ: str) -> Config:
    return parse_config(text, environ=environ, connectors=CONNECTORS)


def _fails(text: str, **environ: str) -> str:
    with pytest.raises(ConfigError) as caught:
        _parse(text, **environ)
    return str(caught.value)


@pytest.mark.parametrize(("written", "read"), [("a", ("a",)), ("[a]", ("a",)), ("[b, a]", ("b", "a"))])
def test_parse_returns_several_when_one_or_a_list_is_written(written: str, read: tuple[str, ...]) -> None:
    config = _parse(f"retailer: x\nmappings: {written}\nalerts: {{command: {written}}}\n")
    assert (config.mappings, config.alerts.command) == (read, read)


def test_parse_returns_what_the_file_says() -> None:
    config = _parse(WHOLE, SHOP_TOKEN="t0p-secret")
    shop = config.connections["shop"]
    assert (config.retailer, config.store.synchronous, config.mappings, config.receiver.port) == (
        "Demo",
        "normal",
        ("mappings",),
        8100,
    )
    assert config.receiver.webhook_url("shop") == "https://hub.test/in/webhooks/shop"
    assert shop.settings == {"base_url": "http://127.0.0.1:8101", "token": "t0p-secret", "api_version": "2026-07"}
    assert (shop.start, shop.every_s, shop.visible_after_s, config.connections["crm"].every_s) == (Start.LIVE, 0.5, 2.0, 3600.0)
    assert shop.belonging(CUSTOMER) == Belonging(create=Create.ALWAYS, update=Update.CREATED_BY_HUB, delete=Delete.ARCHIVE)
    assert (config.brakes.deletes, config.brakes.prices, config.brakes.mapping) == (0.2, 0.025, 0.0)
    assert (config.ends(CUSTOMER), config.ends(VARIANT), config.ends(EntityType.PRODUCT)) == (None, "shop", None)


def test_parse_returns_stock_rules_by_location_else_default() -> None:
    shop = _parse(WHOLE).connections["shop"]
    default, main = shop.stock_rule("elsewhere"), shop.stock_rule("main")
    assert default
    assert (default.reports, default.receives, default.moves_by, default.missing, default.buffer) == (
        Reports.BOTH,
        Receives.AVAILABLE,
        MovesBy.DOCUMENTS,
        "zero",
        2,
    )
    assert main
    assert (main.reports, main.buffer) == (Reports.ON_HAND, 0)
    assert shop.stock_rule(None) == default
    assert _parse(WHOLE).connections["crm"].stock_rule("main") is None


def test_parse_is_careful_when_nothing_is_said() -> None:
    crm = _parse("connections: {crm: {connector: crm}}").connections["crm"]
    assert (crm.start, crm.every_s, crm.seed_rank) == (Start.OBSERVE, 30.0, 1)
    assert crm.belonging(CUSTOMER) == Belonging(create=Create.NEVER, update=Update.LINKED, delete=Delete.UNLINK)


@pytest.mark.parametrize(
    ("entity", "path", "policy"),
    [
        (CUSTOMER, "given_name", Policy(PolicyKind.ORIGIN)),
        (CUSTOMER, "email", Policy(PolicyKind.PREFER, ("crm", "shop"))),
        (CUSTOMER, "custom.size", Policy(PolicyKind.OWNER, ("crm",))),
        (CUSTOMER, "custom.other", Policy(PolicyKind.ORIGIN)),
        (CUSTOMER, "consent.email_marketing", Policy(PolicyKind.NEWEST)),
        (CUSTOMER, "tags", Policy(PolicyKind.UNION)),
        (CUSTOMER, "note", Policy(PolicyKind.ASK)),
        (VARIANT, "price", Policy(PolicyKind.OWNER, ("shop",))),
        (VARIANT, "title", Policy(PolicyKind.NEWEST)),
    ],
)
def test_policy_follows_field_then_family_then_default(entity: EntityType, path: str, policy: Policy) -> None:
    assert _parse(WHOLE).policy(entity, path) == policy


def test_policy_protects_consent_whatever_the_default() -> None:
    config = _parse("connections: {crm: {connector: crm}}\npolicies: {customer: {default: {owner: crm}}}")
    assert config.policy(CUSTOMER, "consent.sms") == Policy(PolicyKind.MOST_RESTRICTIVE)
    assert config.policy(CUSTOMER, "given_name") == Policy(PolicyKind.OWNER, ("crm",))


def test_seed_rank_follows_the_file_and_a_written_one_goes_first() -> None:
    assert {name: one.seed_rank for name, one in _parse(WHOLE).connections.items()} == {"shop": 2, "crm": 1}


def test_config_can_be_made_in_code() -> None:
    config = Config(connections={"a": ConnectionConfig(connector="x", every_s=2.0, seed_rank=1)})
    assert config.connections["a"].every_s == 2.0


def test_settings_and_store_url_never_show_in_a_repr() -> None:
    shown = repr(_parse(WHOLE.replace("sqlite:///.hub/hub.db", "postgresql://u:pa55@h/d"), SHOP_TOKEN="t0p-secret"))
    assert "t0p-secret" not in shown
    assert "pa55" not in shown


SHOP = """\
connections:
  shop:
    connector: webshop
    settings: {base_url: "http://a", token: "${T:-demo}"}
"""
CRM = "connections:\n  crm:\n    connector: crm\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retialer: x", "config.yaml:1:1: `retialer` is not known here. Did you mean `retailer`?"),
        (
            "connections: {a: {connector: webshpo}}",
            "config.yaml:1:19: There is no connector called `webshpo`. Did you mean `webshop`?",
        ),
        (CRM + "    evry: 5s", "config.yaml:4:5: `evry` is not known here. Did you mean `every`?"),
        (CRM + "    every: 5", "config.yaml:4:5: A duration has a unit: 500ms, 30s, 5m or 1h."),
        (CRM + "    every: 5 s", "config.yaml:4:5: A duration is written like 500ms, 30s, 5m or 1h."),
        (CRM + "    every: 0s", "config.yaml:4:5: `every`: input should be greater than 0."),
        (CRM + "    start: lvie", "config.yaml:4:5: `start` must be one of `observe`, `propose`, `live`."),
        (CRM + "    entities: {custmer: {}}", "config.yaml:4:16: `custmer` is not known here. Did you mean `customer`?"),
        (CRM + "    entities: {variant: {}}", "config.yaml:4:16: `crm` has no variant. It has: customer."),
        (CRM + "    entities: {customer: {create: yes}}", "config.yaml:4:27: `create` must be one of `never`"),
        (CRM + "    entities: {customer: {delete: archive}}", "config.yaml:4:27: `crm` cannot archive a customer."),
        (CRM + "    stock: {default: {opening: true}}", "config.yaml:4:5: `crm` has no stock."),
        (
            CRM + "    stock: {default: {opening: true, moves_by: documents}}",
            "config.yaml:4:38: `crm` tells no orders, so nothing would ever move.",
        ),
        (SHOP + "reservations: {hold: soon}", "config.yaml:5:16: A duration is written like"),
        (SHOP + "tags: {regular: {}}", "config.yaml:5:8: Say whom it is given: orders, spent or channels."),
        (SHOP + "tags: {vip: {spent: 500}}", "config.yaml:5:14: An amount of money is written like 500 EUR or 499.90 EUR."),
        (SHOP + "tags: {vip: {spent: 0.5 JPY}}", "config.yaml:5:14: JPY has 0 digits after the point."),
        (SHOP + "tags: {vip: {order: 3}}", "config.yaml:5:14: `order` is not known here. Did you mean `orders`?"),
        (CRM + "    settings: {colour: red}", "config.yaml:4:16: `crm` has no setting `colour`."),
        ("connections: {none: {connector: crm}}", "config.yaml:1:15: `none` cannot be the name of a connection."),
        ("connections: {Shop A: {connector: crm}}", "config.yaml:1:15: "),
        (SHOP.replace('token: "${T:-demo}"', ""), "config.yaml:4:5: `webshop` needs `token`."),
        (SHOP.replace("base_url", "bas_url"), "config.yaml:4:16: `webshop` has no setting `bas_url`. Did you mean `base_url`?"),
        (SHOP + "    stock: {default: {opening: yes}}", "config.yaml:5:23: `opening` must be true or false."),
        (
            SHOP + "    stock: {default: {moves_by: [levels, documents]}}",
            "config.yaml:5:23: `moves_by` is levels or documents, never both",
        ),
        (SHOP + "    stock: {default: {buffer: -1}}", "config.yaml:5:23: `buffer`: input should be greater than or equal to 0."),
        (SHOP + "    stock: {main: {}}", "config.yaml:5:13: No connection opens `main`"),
        ("deletes_from: {customer: shop}", "config.yaml:1:16: There is no connection called `shop`."),
        (
            "policies: {customer: {emial: newest}}",
            "config.yaml:1:23: A customer has no field `emial` of its own. Did you mean `email`?",
        ),
        (
            "policies: {customer: {addresses.city: newest}}",
            "config.yaml:1:23: A customer has no field `addresses.city` of its own.",
        ),
        ("policies: {customer: {email: newst}}", "config.yaml:1:23: `newst` is not a policy. Did you mean `newest`?"),
        ("policies: {customer: {email: owner}}", "config.yaml:1:23: Say whom"),
        ("policies: {customer: {email: {prefer: []}}}", "config.yaml:1:23: A policy is one word"),
        (CRM + "policies: {customer: {email: {prefer: [crm, crm]}}}", "config.yaml:4:23: `prefer` names a connection twice."),
        (
            CRM + "policies: {customer: {email: {owner: crn}}}",
            "config.yaml:4:23: There is no connection called `crn`. Did you mean `crm`?",
        ),
        ("policies: {customer: {email: union}}", "config.yaml:1:23: `union` is for lists."),
        ("policies: {customer: {email: most_restrictive}}", "config.yaml:1:23: `most_restrictive` is for consent."),
        ("policies: {inventory_level: {on_hand: newest}}", "config.yaml:1:30: `on_hand` is a sum of movements"),
        ("brakes: {deletes: 20}", "config.yaml:1:10: A share is written like 20%"),
        ("brakes: {deletes: 200%}", "config.yaml:1:10: A share is written like 20%"),
        ("receiver: {port: 99999}", "config.yaml:1:12: `port`"),
        ("receiver: {public_url: hub.test}", "config.yaml:1:12: `public_url`"),
        ("mappings: []", "config.yaml:1:1: `mappings`"),
    ],
)
def test_parse_names_line_and_fix_when_something_is_wrong(text: str, said: str) -> None:
    assert _fails(text).startswith(said)


# what would count twice


def test_parse_names_both_lines_when_two_connections_open_one_location() -> None:
    text = (
        SHOP
        + "    stock:\n      main: {opening: true}\n"
        + SHOP.removeprefix("connections:\n")
        .replace("shop", "till")
        .replace("http://a", "http://b")
        .replace("webtill", "webshop")
        + "    stock:\n      default:\n        opening: true\n"
    )
    said = _fails(text)
    assert said.startswith("config.yaml:12:9: `main` is opened twice: by `shop` (line 6) and by `till`.")
    assert _parse(text.replace("main: {opening: true}", "main: {opening: false}")).connections["till"].stock_rule("main")


def test_parse_names_both_lines_when_one_account_is_connected_twice() -> None:
    text = CRM + "  again:\n    connector: crm\n"
    assert _fails(text).startswith("config.yaml:4:3: `crm` (line 2) and `again` are the same account")


def test_parse_names_both_lines_when_a_rule_is_written_twice() -> None:
    text = SHOP + "    stock:\n      default:\n        moves_by: levels\n        moves_by: documents\n"
    assert _fails(text).startswith("config.yaml:8:9: `moves_by` stands here twice (first in line 7).")


def test_parse_names_both_lines_when_two_have_one_rank() -> None:
    text = SHOP + "    seed_rank: 1\n  crm:\n    connector: crm\n    seed_rank: 1\n"
    assert _fails(text).startswith("config.yaml:8:5: `shop` (line 5) has the same `seed_rank`.")


# the environment and secrets


def test_parse_takes_values_from_the_environment_and_falls_back_when_empty() -> None:
    assert _parse('retailer: "${WHO:-Demo} & ${CO}"', WHO="", CO="Sons").retailer == "Demo & Sons"


def test_parse_keeps_the_signs_when_they_are_escaped() -> None:
    assert _parse('retailer: "$${WHO} costs $5"').retailer == "${WHO} costs $5"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("retailer: x\nstore:\n  url: ${DB_URL}", "config.yaml:3:3: `DB_URL` is not set. Write it into `.env`"),
        ("retailer: ${not a name}", "config.yaml:1:1: A reference is not complete."),
        ("retailer: ${OPEN", "config.yaml:1:1: A reference is not complete."),
        ("retailer: ${file:no/such/file}", "config.yaml:1:1: The file `no/such/file` cannot be read."),
    ],
)
def test_parse_names_variable_and_line_when_it_cannot_be_filled(text: str, said: str) -> None:
    assert _fails(text).startswith(said)


@pytest.mark.parametrize("written", ["shpat_123", "${T:-shpat_123}", "x${T:-demo}"])
def test_parse_refuses_secret_without_showing_it_when_it_stands_in_the_file(written: str) -> None:
    said = _fails(SHOP.replace("${T:-demo}", written), T="t0p")
    assert said.startswith("config.yaml:4:38: `token` is a secret and must not stand in this file.")
    assert "shpat_123" not in said
    assert "t0p" not in said


def test_load_reads_secret_from_a_file_beside_the_config(tmp_path: Path) -> None:
    (tmp_path / "token").write_text("from-file\n")
    path = tmp_path / "config.yaml"
    path.write_text(SHOP.replace("${T:-demo}", "${file:token}"))
    config = load_config(path, environ=os.environ, connectors=CONNECTORS)
    assert config.connections["shop"].settings["token"] == "from-file"


def test_load_names_the_file_when_it_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be read"):
        load_config(tmp_path / "nowhere.yaml", environ={}, connectors={})


def test_facts_come_from_the_manifest() -> None:
    from hub.sdk.registry import load_connectors

    facts = load_connectors(("tests.contract.connectors",))["example"].manifest.facts()
    assert facts.settings["token"] == SettingFacts(secret=True, required=True)
    assert facts.entities == {CUSTOMER}


def test_parse_accepts_an_empty_document() -> None:
    shape: Doc = _parse("retailer: x").model_dump(exclude={"retailer"})
    assert shape["connections"] == {}


def test_parse_takes_a_written_setting_before_the_default() -> None:
    text = SHOP.replace("settings: {", 'settings: {api_version: "2025-01", ')
    assert _parse(text).connections["shop"].settings["api_version"] == "2025-01"
