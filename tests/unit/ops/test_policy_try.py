"""Another rule is tried: it says what the hub would do under it, and does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.config import parse_config
from hub.errors import UsageError
from hub.model.values import Doc
from hub.ops.installation import Installation
from hub.ops.modes import finish_settling
from hub.ops.office import Running
from hub.ops.policies import try_policy
from tests.retailer import ENVIRON, INSTALLED, Retailer
from tests.unit.ops.desk import Desk
from tests.unit.ops.test_policies import OWNED, named_twice


def tried(shops: Retailer, field: str, *words: str, entity: str | None = "customer", limit: int = 200) -> Doc:
    installation = Installation(Path("config.yaml"), shops._config, INSTALLED)
    with shops.hub.store.reader() as reader, reader.snapshot():
        return try_policy(installation, reader, field, words, entity, limit=limit)


def sent(told: Doc) -> list[tuple[str, str, str]]:
    return sorted((item["connection"], line["field"], line["shown"]) for item in told["sent"] for line in item["lines"])


def test_try_foretells_what_is_written_when_the_policy_changes(shops: Retailer) -> None:
    named_twice(shops)
    shops.writes()
    told = tried(shops, "family_name", "owner", "till")
    assert [row["shown"] for one in told["records"] for row in one["changes"]] == ["Shopley -> Tilly"]
    assert (told["changed"], told["asked"], told["rule"]) == (1, 0, "till decides")
    assert sent(told) == [("shop", "family_name", "Shopley -> Tilly"), ("till", "family_name", "Shopley -> Tilly")]
    assert (shops.writes()["till"], Desk(shops).plan()) == ([], [])
    facts = {name: one.manifest.facts() for name, one in INSTALLED.items()}
    shops.reconfigure(parse_config(OWNED, environ=ENVIRON, connectors=facts))
    finish_settling(Running(shops.hub))
    lines = [(one.connection, line["field"], line["shown"]) for one in Desk(shops).plan() for line in one.lines]
    assert sorted(lines) == sent(told)


def test_try_changes_nothing_when_the_rule_is_the_one_in_use(shops: Retailer) -> None:
    named_twice(shops)
    told = tried(shops, "family_name", "newest")
    assert (told["looked_at"], told["changed"], told["sent"], told["not_sent"]) == (1, 0, [], [])


def test_try_tells_how_often_a_person_is_asked_when_the_rule_is_to_ask(shops: Retailer) -> None:
    named_twice(shops)
    told = tried(shops, "family_name", "ask")
    assert (told["changed"], told["asked"], told["sent"]) == (1, 1, [])
    assert told["records"][0]["changes"][0]["shown"] == "Shopley -> (you would be asked)"


def test_try_names_what_would_no_longer_be_sent_when_it_waits_now(shops: Retailer) -> None:
    till_id, _ = named_twice(shops)
    shops.hub.lanes["shop"].stopped_by = "kim"
    shops.clock.sleep(60)
    shops.till.edit_customer(till_id, family_name="Newley")
    shops.clock.sleep(31)
    shops.round()
    told = tried(shops, "family_name", "owner", "shop")
    assert [(item["connection"], line["shown"]) for item in told["not_sent"] for line in item["lines"]] == [
        ("shop", "Shopley -> Newley")
    ]


@pytest.mark.parametrize(
    ("field", "words", "entity", "says"),
    [
        ("family_name", ["onwer", "till"], "customer", "A policy is one word"),
        ("family_name", ["newst"], "customer", "Did you mean `newest`"),
        ("family_name", ["owner", "tell"], "customer", "Did you mean `till`"),
        ("famly_name", ["newest"], "customer", "Did you mean `family_name`"),
        ("tags", ["newest"], None, "Say --entity"),
        ("nonsense", ["newest"], None, "Nothing has a field"),
        ("on_hand", ["newest"], "inventory_level", "sum of movements"),
    ],
)
def test_try_is_refused_with_what_to_write_when_the_rule_does_not_fit(
    shops: Retailer, field: str, words: list[str], entity: str | None, says: str
) -> None:
    with pytest.raises(UsageError) as refused:
        tried(shops, field, *words, entity=entity)
    assert says in f"{refused.value.message} {refused.value.fix}"
