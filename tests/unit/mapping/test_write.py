from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hub.mapping import ElementChange, check, load
from tests.unit.mapping.examples import CATALOG, CATALOG_DOC, SETTINGS, SHOP, SHOP_DOC, TILL, TILL_DOC

HEAD = "mapping: 1\nconnector: shop\nstream: customers\nentity: customer\nidentity: id\n"
SHOP_MAP, TILL_MAP, CATALOG_MAP = load(SHOP, "shop.yaml"), load(TILL, "till.yaml"), load(CATALOG, "catalog.yaml")
VARIANT = CATALOG_MAP.parts["variants"]


def test_write_names_what_differs_when_fields_change() -> None:
    frozen = deepcopy(SHOP_DOC)
    written = SHOP_MAP.write({"given_name": "Eva", "family_name": "Berg", "phone": "+4940999"}, {}, SHOP_DOC, SETTINGS)
    assert written.paths == ("first_name", "phone")
    assert written.doc == frozen | {"first_name": "Eva", "phone": "+4940999"}
    assert frozen == SHOP_DOC
    assert written.left_out == {}


def test_write_keeps_the_vendors_spelling_when_the_value_is_shown_already() -> None:
    written = SHOP_MAP.write({"phone": "+4930123456", "loyalty_tier": "gold", "company": "Berg AG"}, {}, SHOP_DOC, SETTINGS)
    assert (written.doc, written.paths) == (SHOP_DOC, ())


def test_write_shares_nothing_when_the_document_is_changed_later() -> None:
    written = SHOP_MAP.write({"given_name": "Eva"}, {}, SHOP_DOC, SETTINGS)
    written.doc["addresses"][0]["city"] = "Rom"
    assert SHOP_DOC["addresses"][0]["city"] == "Berlin"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"member_since": "2020-01-01T00:00:00Z"}, "read only"),
        ({"email": "eva@example.com"}, "written on create only"),
        ({"locale": None}, "cannot be emptied there"),
        ({"loyalty_tier": "bronze"}, "the list of values does not accept this value"),
        ({"birth_date": "soon"}, "`date` does not accept this value"),
        ({"given_name": ""}, "`text` does not accept this value"),
        ({"email_verified": "yes"}, "`flag` does not accept this value"),
        ({"custom.source": "web"}, "read only"),
        ({"custom.hat": "L"}, "not mapped"),
    ],
)
def test_write_leaves_out_when_a_line_cannot_take_it(changes: dict[str, Any], reason: str) -> None:
    written = SHOP_MAP.write(changes, {}, SHOP_DOC, SETTINGS)
    assert written.left_out == dict.fromkeys(changes, reason)
    assert (written.doc, written.paths) == (SHOP_DOC, ())


@pytest.mark.parametrize(("clear", "shown"), [("null", {"n": None}), ('""', {"n": ""}), ("omit", {}), ("refuse", {"n": "x"})])
def test_write_clears_as_the_line_says_when_there_is_no_value(clear: str, shown: dict[str, Any]) -> None:
    made = load(f'{HEAD}empty: [null, "", missing]\nfields:\n  note: {{path: n, clear: {clear}}}\n', "m.yaml")
    assert made.write({"note": None}, {}, {"id": 1, "n": "x"}).doc == {"id": 1} | shown


@pytest.mark.parametrize(("empty", "doc"), [("[null]", {"n": None}), ('[""]', {"n": ""}), ("[missing]", {})])
def test_write_clears_with_what_reads_as_empty_when_the_line_says_nothing(empty: str, doc: dict[str, Any]) -> None:
    made = load(f"{HEAD}empty: {empty}\nfields:\n  note: n\n", "m.yaml")
    assert made.write({"note": None}, {}, {"n": "x"}).doc == doc


def test_write_makes_a_document_with_constants_when_there_is_none() -> None:
    written = SHOP_MAP.write(
        {"given_name": "Eva", "email": "eva@example.com", "note": None, "custom.size": "L"}, {}, None, SETTINGS
    )
    assert written.doc == {
        "source_name": "hub",
        "first_name": "Eva",
        "email": "eva@example.com",
        "meta": [{"key": "size", "value": "L"}],
    }
    assert written.paths == ("source_name", "first_name", "email", "meta")


def test_write_merges_into_a_keyed_list_when_a_selector_names_one() -> None:
    doc = {"id": 1, "f": [{"id": 5, "value": "a", "label": "A"}, {"id": 6, "value": "b"}]}
    text = HEAD + "fields:\n  custom.a: 'f[id=5].value'\n  custom.c: 'f[id=7].value'\n  custom.d: 'f[id=\"8\"].value'\n"
    made = load(text, "m.yaml")
    written = made.write({"custom.a": "x", "custom.c": "y", "custom.d": "z"}, {}, doc)
    assert written.doc["f"] == [
        {"id": 5, "value": "x", "label": "A"},
        {"id": 6, "value": "b"},
        {"id": 7, "value": "y"},
        {"id": "8", "value": "z"},
    ]
    assert written.paths == ("f",)


def test_write_joins_names_when_one_of_them_changes() -> None:
    assert TILL_MAP.write({"family_name": "Tal"}, {}, TILL_DOC).doc["name"] == "Anna Maria Tal"
    assert TILL_MAP.write({"given_name": "Eva"}, {}, None).doc["name"] == "Eva"
    assert TILL_MAP.write({"given_name": None, "family_name": None}, {}, TILL_DOC).doc["name"] is None


def test_write_leaves_a_name_alone_when_the_rejoined_form_is_equal() -> None:
    written = TILL_MAP.write({"given_name": "Anna", "family_name": "Maria Berg"}, {}, TILL_DOC)
    assert (written.doc, written.paths) == (TILL_DOC, ())


@pytest.mark.parametrize(
    ("doc", "price", "changed", "paths"),
    [
        (
            {"price": "1.00", "currency": "EUR"},
            {"amount": 250, "currency": "EUR"},
            {"price": "2.50", "currency": "EUR"},
            ("price",),
        ),
        ({"price": 1.5, "currency": "eur"}, {"amount": 250, "currency": "EUR"}, {"price": 2.5, "currency": "eur"}, ("price",)),
        (
            {"price": "1", "currency": "EUR"},
            {"amount": 250, "currency": "JPY"},
            {"price": "250", "currency": "JPY"},
            ("currency", "price"),
        ),
        ({"price": "1.0", "currency": "EUR"}, {"amount": 100, "currency": "EUR"}, {"price": "1.0", "currency": "EUR"}, ()),
    ],
)
def test_write_keeps_the_wire_type_when_an_amount_changes(doc: Any, price: Any, changed: Any, paths: Any) -> None:
    written = VARIANT.write({"price": price}, {}, doc, SETTINGS)
    assert (written.doc, written.paths) == (changed, paths)


def test_write_leaves_an_amount_out_when_the_account_has_another_currency() -> None:
    written = VARIANT.write({"compare_at_price": {"amount": 1, "currency": "USD"}}, {}, CATALOG_DOC["variants"][0], SETTINGS)
    assert written.left_out == {"compare_at_price": "`money` does not accept this value"}


def test_write_changes_elements_when_they_are_named_by_id() -> None:
    changes = [
        ElementChange("update", "11", {"city": "Bonn", "line1": "Weg 1", "country_code": "AT"}),
        ElementChange("remove", "12"),
        ElementChange("add", None, {"line1": "Via 3", "city": "Rom", "region": "RM", "country_code": "IT", "phone": None}),
    ]
    written = SHOP_MAP.write({}, {"addresses": changes}, SHOP_DOC, SETTINGS)
    first = SHOP_DOC["addresses"][0] | {"city": "Bonn", "country_code": "AT", "country": {"code": "AT"}}
    added = {"address1": "Via 3", "city": "Rom", "country_code": "IT", "country": {"code": "IT"}}
    assert written.doc["addresses"] == [first, added]
    assert written.paths == ("addresses",)
    assert written.left_out == {"addresses.region": "not mapped"}


def test_write_finds_an_element_by_its_natural_key_when_it_has_no_id() -> None:
    change = ElementChange("update", None, {"line1": "WEG 1.", "postal_code": "10115", "country_code": "DE", "city": "Bonn"})
    written = SHOP_MAP.write({}, {"addresses": [change]}, SHOP_DOC, SETTINGS)
    assert [one["city"] for one in written.doc["addresses"]] == ["Bonn", "Paris"]


def test_write_leaves_an_element_out_when_it_is_not_there() -> None:
    written = SHOP_MAP.write({}, {"addresses": [ElementChange("update", "99", {"city": "Bonn"})]}, SHOP_DOC, SETTINGS)
    assert written.left_out == {"addresses": "this element is not there"}
    assert (written.doc, written.paths) == (SHOP_DOC, ())


def test_write_fills_the_one_place_when_only_the_first_fits() -> None:
    taken = TILL_MAP.write({}, {"addresses": [ElementChange("add", None, {"line1": "Via 3"})]}, TILL_DOC)
    assert (taken.paths, taken.left_out) == ((), {"addresses": "no more of these fit there"})
    updated = TILL_MAP.write({}, {"addresses": [ElementChange("update", "0", {"city": "Bonn"})]}, TILL_DOC)
    assert updated.paths == ("address.locality",)
    assert updated.doc["address"] == {"line_1": "Weg 1", "locality": "Bonn", "postal_code": "10115"}
    both = [ElementChange("add", None, {"line1": "Via 3"}), ElementChange("remove", "0")]
    assert TILL_MAP.write({}, {"addresses": both}, TILL_DOC).doc["address"] == {"line_1": "Via 3"}
    fresh = TILL_MAP.write({}, {"addresses": [ElementChange("add", None, {"line1": "Via 3"})]}, None)
    assert (fresh.doc, fresh.paths) == ({"address": {"line_1": "Via 3"}}, ("address",))


@pytest.mark.parametrize(("clear", "left", "paths"), [
    ("null", {"a": None}, ("a",)), ('""', {"a": ""}, ("a",)), ("omit", {}, ("a",)), ("refuse", {"a": {"c": "Rom"}}, ()),
])  # fmt: skip
def test_write_takes_the_only_element_away_as_its_list_says(clear: str, left: dict[str, Any], paths: tuple[str, ...]) -> None:
    made = load(f"{HEAD}fields:\n  addresses: {{each: a, fits: first, clear: {clear}, fields: {{city: c}}}}\n", "m.yaml")
    written = made.write({}, {"addresses": [ElementChange("remove", "0")]}, {"id": 1, "a": {"c": "Rom"}})
    assert (written.doc, written.paths) == ({"id": 1} | left, paths)


def test_write_adds_and_removes_words_when_the_list_is_a_set() -> None:
    words = [
        ElementChange("add", None, {"value": "gold"}),
        ElementChange("remove", "VIP"),
        ElementChange("add", None, {"value": "New"}),
    ]
    assert SHOP_MAP.write({}, {"tags": words}, SHOP_DOC).doc["tags"] == "new, gold"
    assert TILL_MAP.write({}, {"tags": words}, TILL_DOC).doc["groups"] == ["gold", "New"]


def test_write_leaves_a_word_out_when_it_holds_the_separator() -> None:
    written = SHOP_MAP.write({}, {"tags": [ElementChange("add", None, {"value": "a,b"})]}, SHOP_DOC)
    assert written.paths == ()
    assert "separator" in written.left_out["tags"]


@pytest.mark.parametrize(
    ("path", "value", "shown"),
    [
        ("company", "Berg & Tal AG", "BERG & T"),
        ("given_name", "Anna", "Anna"),
        ("member_since", "2020-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("note", None, None),
        ("addresses.city", "Rom", "Rom"),
        ("custom.hat", "L", "L"),
    ],
)
def test_render_shows_what_a_read_would_when_it_was_written(path: str, value: Any, shown: Any) -> None:
    assert SHOP_MAP.render(path, value, SETTINGS) == shown


def test_render_element_drops_fields_when_they_have_no_place() -> None:
    assert SHOP_MAP.render_element("addresses", {"line1": "a", "region": "b", "country_code": "DE"}) == {
        "line1": "a",
        "country_code": "DE",
    }


@pytest.mark.parametrize(
    ("sent", "seen", "alike"),
    [
        ("Anna Berg", "ANNA  BERG", True),
        ("Weg 1, Hof", "weg 1 hof", True),
        ("Müller", "Muller", True),
        ("Straße", "STRASSE", True),
        ("Annabel", "Anna", True),
        ("Annabel", "An", False),
        ("a-1----2", "a-1---", True),
        ("Anna", "Annabel", False),
        ("Anna", "Eva", False),
        ("1.50", "1.5", True),
        ("Anna", None, False),
        (None, None, True),
        ("!!!", "???", False),
        (-3, 0, True),
        (5000, 999, True),
        (5_000_000_000, 2_147_483_647, True),
        (5, 4, False),
        (5, 0, False),
        (True, False, False),
        ({"amount": 500, "currency": "EUR"}, {"amount": 500, "currency": "USD"}, False),
        ({"amount": -500, "currency": "EUR"}, {"amount": 0, "currency": "EUR"}, True),
    ],
)
def test_looks_like_tells_a_rendering_when_it_is_compared(sent: Any, seen: Any, *, alike: bool) -> None:
    assert SHOP_MAP.looks_like("note", sent, seen) is alike


def test_looks_like_allows_a_shift_when_several_fields_share_one_text() -> None:
    assert TILL_MAP.looks_like("family_name", "van Berg", "Berg")
    assert TILL_MAP.looks_like("given_name", "Anna", "Anna van")
    assert not TILL_MAP.looks_like("family_name", "Berg", "Tal")


def test_looks_like_compares_placed_fields_when_it_is_an_element() -> None:
    sent = {"line1": "Weg 1", "city": "Berlin", "region": "BE"}
    assert SHOP_MAP.looks_like("addresses/7", sent, {"line1": "WEG 1", "city": "Berlin", "phone": None})
    assert not SHOP_MAP.looks_like("addresses", sent, {"line1": "WEG 1", "city": "Bonn"})


def test_natural_key_folds_spelling_when_it_recognises_an_element() -> None:
    one = SHOP_MAP.natural_key("addresses", {"line1": "Weg  1.", "postal_code": "10115", "country_code": "DE"})
    assert one == SHOP_MAP.natural_key("addresses", {"line1": "WEG 1", "postal_code": "10115", "country_code": "DE", "city": "x"})
    assert SHOP_MAP.natural_key("addresses", {"city": "Berlin"}) is None
    assert SHOP_MAP.natural_key("tags", {"value": "VIP"}) == ("vip",)


def test_write_stops_adding_when_the_list_is_full() -> None:
    text = (
        HEAD
        + "fields:\n  addresses: {each: a, identity: id, fits: 2, fields: {city: city, company: {path: kind, constant: home}}}\n"
    )
    changes = [ElementChange("add", None, {"city": city}) for city in ("Rom", "Bonn", "Graz")]
    written = load(text, "m.yaml").write({}, {"addresses": changes}, {"id": 1})
    assert written.doc["a"] == [{"kind": "home", "city": "Rom"}, {"kind": "home", "city": "Bonn"}]
    assert written.left_out == {"addresses": "no more of these fit there"}


def test_write_takes_a_listed_value_when_it_looks_empty() -> None:
    made = load(HEAD + "fields:\n  loyalty_tier: {path: t, values: {none: null, gold: G}}\n", "m.yaml")
    written = made.write({"loyalty_tier": "none"}, {}, {"id": 1, "t": "G"})
    assert written.doc == {"id": 1, "t": None}
    assert made.read(written.doc).records[0].fields == {"loyalty_tier": "none"}


def test_write_keeps_the_other_elements_when_one_is_selected_as_the_only_place() -> None:
    made = load(HEAD + "fields:\n  addresses: {each: 'a[type=billing]', fits: first, fields: {city: city}}\n", "m.yaml")
    doc = {"id": 1, "a": [{"type": "shipping", "city": "Bonn"}]}
    added = made.write({}, {"addresses": [ElementChange("add", None, {"city": "Rom"})]}, doc)
    assert (added.doc["a"], added.paths) == ([{"type": "shipping", "city": "Bonn"}, {"type": "billing", "city": "Rom"}], ("a",))
    assert [one.values for one in made.read(added.doc).records[0].lists["addresses"]] == [{"city": "Rom"}]
    assert [one.path for one in made.read(added.doc).drift] == ["a[type=shipping]"]
    assert made.write({}, {"addresses": [ElementChange("remove", "0")]}, added.doc).doc == doc


def test_write_keeps_a_list_when_only_the_first_was_expected() -> None:
    doc = {**TILL_DOC, "address": [{"line_1": "Weg 1"}, {"line_1": "Weg 2"}]}
    written = TILL_MAP.write({}, {"addresses": [ElementChange("update", None, {"line1": "Weg 2", "city": "Rom"})]}, doc)
    assert written.doc["address"] == [{"line_1": "Weg 1"}, {"line_1": "Weg 2", "locality": "Rom"}]


def test_write_names_the_other_record_when_a_reference_is_given() -> None:
    text = (
        HEAD.replace("entity: customer", "entity: variant")
        + "fields: {sku: sku}\nrefs: {product: {path: p.id, stream: products}}\n"
    )
    written = load(text, "m.yaml").write({"sku": "S-1", "product": "5"}, {}, None)
    assert (written.doc, written.paths) == ({"sku": "S-1", "p": {"id": "5"}}, ("sku", "p.id"))


DRAFTS = """
mapping: 1
connector: till
stream: products
entity: product
identity: id
fields:
  title: name
  status: {path: hidden, values: {active: false, archived: true}, values_write: {draft: true}}
"""


@pytest.mark.parametrize(
    ("ours", "there", "shown"), [("active", False, "active"), ("draft", True, "archived"), ("archived", True, "archived")]
)
def test_write_takes_the_nearest_value_when_theirs_cannot_show_ours(ours: str, there: bool, shown: str) -> None:  # noqa: FBT001 - a case
    mapping = load(DRAFTS, "m.yaml")
    doc = {"id": "1", "name": "Tee", "hidden": not there}
    written = mapping.write({"status": ours}, {}, doc)
    assert (written.doc["hidden"], written.left_out) == (there, {})
    assert mapping.read(written.doc).records[0].fields["status"] == mapping.render("status", ours) == shown
    assert mapping.write({"status": ours}, {}, written.doc).paths == ()


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("{active: true}", "`active` is written already"),
        ("{draft: maybe}", "`maybe` is not among `values`"),
    ],
)
def test_load_is_refused_when_a_value_could_not_be_read_back(wrong: str, says: str) -> None:
    (error,) = check(DRAFTS.replace("{draft: true}", wrong), "m.yaml")
    assert says in f"{error.message} {error.fix}"
    assert (error.place.line, error.place.column > 1) == (9, True)
