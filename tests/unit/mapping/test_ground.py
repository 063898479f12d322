"""What stands still while a batch is decided: ranks, carriers, policies and what a system is expected to show."""

from __future__ import annotations

from hub.config import Config, ConnectionConfig, Policy
from hub.config.shape import PolicyKind
from hub.config.tags import TagRule
from hub.mapping import load
from hub.mapping.ground import UNKNOWN, Ground
from hub.model.link import Link
from hub.model.record import EntityType
from hub.model.traits import Ordering, Traits
from tests.unit.mapping.examples import CATALOG, SETTINGS, SHOP, TILL
from tests.unit.mapping.wide import PEOPLE, SALES

PERSON = EntityType.CUSTOMER
CATALOG_MAP = load(CATALOG, "m.yaml")
SETTLED = ConnectionConfig(connector="any", settings=SETTINGS)


def ground(tables: dict[tuple[str, str], str], **more: object) -> Ground:
    config = Config(connections={name: SETTLED for name, _ in tables}, **more)  # type: ignore[arg-type]
    return Ground(config, {key: load(text, "m.yaml") for key, text in tables.items()}, {})


def link(connection: str = "shop", stream: str = "customers") -> Link:
    return Link(1, connection, stream, "7", PERSON, 1)


def test_ranks_go_by_seed_rank_and_then_by_name() -> None:
    ranks = {"till": 1, "shop": 2, "crm": 1}
    config = Config(connections={name: ConnectionConfig(connector="any", seed_rank=rank) for name, rank in ranks.items()})
    assert Ground(config, {}, {}).ranks == {"crm": 0, "till": 1, "shop": 2}


def test_carrier_is_the_stream_that_is_read_when_parts_have_parts() -> None:
    stood = Ground(Config(), {("shop", stream): table for stream, table in CATALOG_MAP.streams.items()}, {})
    assert stood.carriers == {("shop", "variants"): "products", ("shop", "levels"): "variants"}
    assert [stood.carrier("shop", one) for one in ("levels", "variants", "products", "orders")] == [
        "products",
        "products",
        "products",
        "orders",
    ]
    assert stood.carrier("till", "levels") == "levels"


def test_summed_are_the_entities_that_show_what_the_hub_works_out() -> None:
    assert ground({("shop", "customers"): SHOP}).summed == frozenset()
    assert ground({("crm", "people"): PEOPLE, ("shop", "products"): CATALOG}).summed == {PERSON}
    assert ground({("shop", "products"): CATALOG}, tags={"vip": TagRule(orders=1)}).summed == {PERSON}


def test_files_says_whether_any_stream_carries_documents() -> None:
    assert ground({("shop", "customers"): SHOP, ("crm", "sales"): SALES}).files
    assert not ground({("shop", "customers"): SHOP}).files


def test_policy_is_that_of_the_list_when_an_element_is_asked_for() -> None:
    stood = ground({}, policies={PERSON: {"addresses": "ask", "email": {"owner": "till"}}})
    paths = ("addresses/7", "addresses", "email", "tags/vip", "consent.mail", "note")
    asked = [stood.policy(PERSON, path).kind for path in paths]
    kinds = PolicyKind
    assert asked == [kinds.ASK, kinds.ASK, kinds.OWNER, kinds.UNION, kinds.MOST_RESTRICTIVE, kinds.NEWEST]
    assert set(stood.policies) == {(PERSON, name) for name in ("addresses", "email", "tags", "consent.mail", "note")}
    stood.policies[PERSON, "note"] = Policy(PolicyKind.ORIGIN)
    assert stood.policy(PERSON, "note").kind is PolicyKind.ORIGIN


def test_render_shows_what_the_system_makes_of_a_value() -> None:
    short = SHOP.replace("city: city", "city: {path: city, max_length: 3}")
    stood = ground({("shop", "customers"): short, ("till", "customers"): TILL})
    shown = [
        stood.render(link(), path, value)
        for path, value in (
            ("company", "Berg & Tal AG"), ("company", None), ("unknown", "x"), ("tags/vip", {"value": "vip"}),
            ("elements/1", {"a": 1}),
            ("addresses/1", {"city": "Berlin", "region": "BE"}), ("addresses", "whole"),
        )
    ]  # fmt: skip
    assert shown == ["BERG & T", None, "x", {"value": "vip"}, {"a": 1}, {"city": "Ber"}, "whole"]
    assert stood.render(link("gone"), "company", "Berg & Tal AG") == "Berg & Tal AG"


def test_trait_is_unknown_when_nobody_said() -> None:
    said = Traits(Ordering.COUNTER)
    stood = Ground(Config(), {}, {("shop", "customers"): said})
    assert (stood.trait("shop", "customers"), stood.trait("shop", "x"), stood.table(link())) == (said, UNKNOWN, None)
