from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from ruamel.yaml import YAML

from hub.mapping import check, compare, load, schema, show
from tests.unit.mapping.examples import CATALOG, SHOP, TILL

HEAD = "mapping: 1\nconnector: shop\nstream: customers\nentity: customer\nidentity: id\n"


def _plain(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_compare_names_lines_when_their_meaning_changed() -> None:
    new = SHOP.replace("birth_date: birthday", "birth_date: born").replace('  note: {path: note, clear: ""}\n', "")
    new = new.replace("city: city", "city: town").replace("  company: {", "  custom.hat: hat\n  company: {")
    found = compare(load(SHOP, "m.yaml"), load(new, "m.yaml"))
    assert found == (("addresses", "birth_date"), ("custom.hat",), ("note",))


def test_fingerprint_stays_when_only_comments_and_order_of_keys_change() -> None:
    new = "# a comment\n" + SHOP.replace("why: it is the login", "why: other words")
    old, other = load(SHOP, "m.yaml"), load(new, "other.yaml")
    assert old.fingerprint == other.fingerprint
    assert compare(old, other) == ((), (), ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('empty: [null, ""]', "empty: [null]"),
        ("identity: id", "identity: uid"),
        ("gold: G", "gold: X"),
        ("changed_at: updated_at", "changed_at: other"),
        ("orders_count", "orders_sum"),
    ],
)
def test_fingerprint_moves_when_the_table_means_something_else(old: str, new: str) -> None:
    text = SHOP.replace('clear: ""', "clear: omit")
    assert load(text, "m.yaml").fingerprint != load(text.replace(old, new, 1), "m.yaml").fingerprint


def test_compare_sees_every_field_when_empty_means_something_else() -> None:
    text = SHOP.replace('clear: ""', "clear: omit")
    old, new = load(text, "m.yaml"), load(text.replace('empty: [null, ""]', "empty: [null]"), "m.yaml")
    assert set(compare(old, new).changed) == {*old.fields, *old.lists}


def test_show_lists_ways_and_notes_when_a_mapping_is_printed() -> None:
    rows = {row.left: row for row in show(load(SHOP, "m.yaml"))}
    assert rows["given_name"] == ("given_name", "first_name", "<->", "")
    assert rows["email"] == ("email", "email", "<->", "email; on create only; it is the login")
    assert rows["member_since"].ways == "<-"
    assert rows["custom.source"] == ("custom.source", "source_name", "->", "always hub")
    assert rows["addresses.country_code"].right == "country.code | country_code"
    assert [row.left for row in show(load(CATALOG, "m.yaml"))][2:4] == ["variant (variants)", "sku"]


def test_lines_tell_what_they_do_when_asked() -> None:
    shop, till, catalog = load(SHOP, "m.yaml"), load(TILL, "m.yaml"), load(CATALOG, "m.yaml")
    assert (shop.version_kind, till.version_kind) == ("changed_at", "counter")
    assert (shop.fields["email"].create_only, shop.fields["member_since"].writable, shop.fields["locale"].silent) == (
        True,
        False,
        True,
    )
    assert str(shop.fields["email"].place) == "m.yaml:13:3"
    assert (shop.lists["addresses"].silent, shop.lists["addresses"].fits, till.lists["addresses"].fits) == (True, None, 1)
    assert (shop.lists["tags"].is_set, shop.lists["addresses"].match_by[0]) == (True, "line1")
    assert catalog.parts["variants"].parts["levels"].stream == "levels"


def test_schema_accepts_a_file_when_the_loader_does() -> None:
    validator = jsonschema.Draft202012Validator(schema())
    validator.check_schema(schema())
    plain = _plain(TILL.replace("[given_name, family_name]: {path: name, as: full_name, lossy: true}", "given_name: name"))
    assert [list(validator.iter_errors(one)) for one in (_plain(SHOP), plain, _plain(CATALOG))] == [[], [], []]


@pytest.mark.parametrize(
    "lines",
    [
        "fields:\n  givn_name: a\n",
        "fields:\n  note: {path: a, onyl: read}\n",
        "fields:\n  note: {path: a, as: fone}\n",
        "fields:\n  addresses: {each: a}\n",
        "feilds: {}\n",
    ],
)
def test_schema_refuses_a_file_when_the_loader_does(lines: str) -> None:
    assert check(HEAD + lines, "m.yaml")
    assert not jsonschema.Draft202012Validator(schema()).is_valid(_plain(HEAD + lines))
