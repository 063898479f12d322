from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from hub.errors import RecordRefused
from hub.mapping import load
from hub.mapping.rules import ident
from hub.model.record import Drift, DriftKind, Element, Ref
from tests.unit.mapping.examples import CATALOG, CATALOG_DOC, SETTINGS, SHOP, SHOP_DOC, TILL, TILL_DOC

HEAD = "mapping: 1\nconnector: shop\nstream: customers\nentity: customer\nidentity: id\n"
SHOP_MAP, TILL_MAP, CATALOG_MAP = load(SHOP, "shop.yaml"), load(TILL, "till.yaml"), load(CATALOG, "catalog.yaml")


def test_read_gives_canonical_values_when_a_customer_is_whole() -> None:
    reading = SHOP_MAP.read(SHOP_DOC, SETTINGS)
    (record,) = reading.records
    assert (reading.drift, reading.skipped) == ([], None)
    assert (record.external_id, record.birth, record.version) == ("7", "2023-01-01T01:00:00+01:00", None)
    assert (record.changed_at, record.created_at) == (1_714_521_600_000_000, 1_672_531_200_000_000)
    assert record.field_times == {"consent.email_marketing": 1_704_067_200_000_000}
    assert record.fields == {
        "given_name": "Anna",
        "family_name": "Berg",
        "company": "BERG AG",
        "email": "anna@example.com",
        "email_verified": True,
        "phone": "+4930123456",
        "birth_date": "1990-02-28",
        "note": None,
        "locale": "de",
        "loyalty_tier": "gold",
        "member_since": "2023-01-01T00:00:00Z",
        "consent.email_marketing": "granted",
        "custom.size": "M",
        "custom.fit": "slim",
    }
    assert record.lists["tags"] == [Element("vip", {"value": "vip"}), Element("new", {"value": "new"})]
    assert record.lists["addresses"] == [
        Element("11", {"line1": "Weg 1", "city": "Berlin", "postal_code": "10115", "country_code": "DE", "phone": None}),
        Element("12", {"line1": "Rue 2", "city": "Paris", "postal_code": "75001", "country_code": "FR", "phone": None}),
    ]


@pytest.mark.parametrize(
    ("empty", "doc", "partial", "expected"),
    [
        ("[null]", {}, False, {}),
        ("[null]", {"n": None}, False, {"note": None}),
        ("[null]", {"n": ""}, False, {"note": ""}),
        ('[null, ""]', {"n": ""}, False, {"note": None}),
        ('[null, "-"]', {"n": "-"}, False, {"note": None}),
        ("[null, 0]", {"n": 0}, False, {"note": None}),
        ('[""]', {"n": None}, False, {}),
        ("[null, missing]", {}, False, {"note": None}),
        ("[null, missing]", {}, True, {}),
        ("[null, missing]", {"n": None}, True, {"note": None}),
        ('[null, "missing"]', {}, False, {}),
        ('[null, "missing"]', {"n": "missing"}, False, {"note": None}),
    ],
)
def test_read_tells_absent_from_empty_when_the_stream_says_how(empty: str, doc: Any, *, partial: bool, expected: Any) -> None:
    made = load(f"{HEAD}empty: {empty}\nfields:\n  note: n\n", "m.yaml")
    assert made.read({"id": 1, **doc}, partial=partial).records[0].fields == expected


@pytest.mark.parametrize(
    ("doc", "expected"),
    [
        ({}, {}),
        ({"a": None}, {"note": None}),
        ({"a": {}}, {}),
        ({"a": {"b": None}}, {"note": None}),
        ({"a": []}, {}),
        ({"a": 5}, {}),
    ],
)
def test_read_follows_a_parent_when_it_is_null_or_missing(doc: Any, expected: Any) -> None:
    made = load(HEAD + "fields:\n  note: a.b\n", "m.yaml")
    assert made.read({"id": 1, **doc}).records[0].fields == expected


def test_read_reports_drift_when_keys_or_values_are_new() -> None:
    doc = deepcopy(SHOP_DOC) | {"shoe": 42, "tier": "PLATINUM", "birthday": "soon", "verified_email": "yes"}
    doc["addresses"][0]["lat"] = 1.5
    doc["email_consent"]["level"] = "x"
    doc["meta"].append({"id": 9, "key": "hat", "value": "L"})
    reading = SHOP_MAP.read(doc, SETTINGS)
    assert {(one.path, one.kind) for one in reading.drift} == {
        ("shoe", DriftKind.UNKNOWN_FIELD),
        ("tier", DriftKind.UNKNOWN_VALUE),
        ("birthday", DriftKind.BAD_VALUE),
        ("verified_email", DriftKind.BAD_VALUE),
        ("addresses.lat", DriftKind.UNKNOWN_FIELD),
        ("email_consent.level", DriftKind.UNKNOWN_FIELD),
        ("meta[key=hat]", DriftKind.UNKNOWN_FIELD),
    }
    assert {"loyalty_tier", "birth_date", "email_verified"}.isdisjoint(reading.records[0].fields)


def test_read_says_nothing_when_a_value_is_the_vendors_default() -> None:
    doc = SHOP_DOC | {"email_consent": {"state": "not_subscribed"}}
    reading = SHOP_MAP.read(doc, SETTINGS)
    assert "consent.email_marketing" not in reading.records[0].fields
    assert reading.drift == []


@pytest.mark.parametrize("bad", [{}, {"id": None}, {"id": ""}, {"id": True}, {"id": []}])
def test_read_refuses_when_there_is_no_id(bad: Any) -> None:
    doc = {key: value for key, value in SHOP_DOC.items() if key != "id"} | bad
    with pytest.raises(RecordRefused) as raised:
        SHOP_MAP.read(doc)
    assert raised.value.path == "id"


def test_read_refuses_when_a_line_rejects_the_value() -> None:
    with pytest.raises(RecordRefused) as raised:
        CATALOG_MAP.read(CATALOG_DOC | {"status": "GONE"}, SETTINGS)
    assert raised.value.path == "status"
    assert "GONE" not in str(raised.value)


def test_read_tells_a_tombstone_and_a_skip_when_the_document_does() -> None:
    assert TILL_MAP.read(TILL_DOC | {"is_deleted": True}).records[0].deleted is True
    assert TILL_MAP.read(TILL_DOC).records[0].deleted is False
    skipped = TILL_MAP.read(TILL_DOC | {"kind": "COMPANY"})
    assert (skipped.records, skipped.skipped) == ([], "`kind` is not 'PERSON'")


def test_read_splits_a_name_and_counts_versions_when_the_till_speaks() -> None:
    record = TILL_MAP.read(TILL_DOC).records[0]
    assert (record.version, record.birth) == (4, "u-1")
    assert record.fields["given_name"] == "Anna Maria"
    assert record.fields["family_name"] == "Berg"
    assert record.fields["email_verified"] is True
    assert record.lists["addresses"] == [Element("0", {"line1": "Weg 1", "city": "Berlin", "postal_code": "10115"})]


@pytest.mark.parametrize(("doc", "partial", "expected"), [({}, False, []), ({}, True, None), ({"address": None}, False, [])])
def test_read_tells_an_empty_list_from_none_when_it_is_missing(doc: Any, *, partial: bool, expected: Any) -> None:
    base = {key: value for key, value in TILL_DOC.items() if key != "address"}
    assert TILL_MAP.read(base | doc, partial=partial).records[0].lists.get("addresses") == expected


@pytest.mark.parametrize(("empty", "doc", "expected"), [
    ("[]", {"t": None, "a": None}, {}), ("[]", {"t": [], "a": []}, {"tags": [], "addresses": []}),
    ("[missing]", {}, {"tags": [], "addresses": []}),
    ("[null]", {"t": None}, {"tags": []}), ("[0]", {"t": 0, "a": False}, {"tags": []}),
])  # fmt: skip
def test_read_takes_a_list_for_empty_when_the_stream_says_so(empty: str, doc: Any, expected: Any) -> None:
    made = load(f"{HEAD}empty: {empty}\nfields:\n  tags: {{set: t}}\n  addresses: {{each: a, fields: {{city: c}}}}\n", "m.yaml")
    assert made.read({"id": 1, **doc}).records[0].lists == expected


def test_read_leaves_a_list_out_when_one_element_cannot_be_read() -> None:
    reading = SHOP_MAP.read(SHOP_DOC | {"addresses": [*SHOP_DOC["addresses"], "Weg 3"]}, SETTINGS)
    assert "addresses" not in reading.records[0].lists
    assert reading.drift == [Drift("customers", "addresses", DriftKind.BAD_VALUE)]


def test_read_gives_parts_their_own_records_when_a_product_holds_them() -> None:
    reading = CATALOG_MAP.read(CATALOG_DOC, SETTINGS)
    product, shirt, level, other = reading.records
    assert reading.drift == []
    assert (product.stream, product.external_id, product.changed_at) == ("products", "5", 1_714_521_600_250_000)
    assert (shirt.stream, shirt.external_id, shirt.version, shirt.refs) == (
        "variants",
        "51",
        3,
        {"product": Ref("products", "5")},
    )
    assert shirt.fields["price"] == {"amount": 1230, "currency": "EUR"}
    assert shirt.fields["compare_at_price"] == {"amount": 1500, "currency": "EUR"}
    assert (level.stream, level.external_id, level.fields) == ("levels", "51:gid://shop/Location/9", {"on_hand": 4})
    assert level.refs == {"variant": Ref("variants", "51"), "location": Ref("locations", "9")}
    assert other.fields["price"] == {"amount": 950, "currency": "EUR"}
    assert other.fields["compare_at_price"] is None


def test_read_leaves_the_parent_out_when_a_part_comes_alone() -> None:
    (record, _) = CATALOG_MAP.parts["variants"].read(CATALOG_DOC["variants"][0], SETTINGS).records
    assert (record.external_id, record.refs) == ("51", {})


@pytest.mark.parametrize(
    ("raw", "expected"),
    [({"id": 5}, Ref("products", "5")), ({"id": 0}, None), ({"id": "0"}, None), ({"id": ""}, None), (None, None)],
)
def test_read_takes_zero_as_none_when_it_is_a_reference(raw: Any, expected: Ref | None) -> None:
    text = HEAD.replace("entity: customer", "entity: variant") + "fields: {}\nrefs: {product: {path: p.id, stream: products}}\n"
    assert load(text, "m.yaml").read({"id": 1, "p": raw}).records[0].refs == {"product": expected}


def test_read_keeps_code_out_when_a_path_looks_like_code() -> None:
    made = load(HEAD + 'fields:\n  note: "x\', M); raise SystemExit  # \\\\"\n', "m.yaml")
    assert made.read({"id": 1, "x', M); raise SystemExit  # \\": "fine"}).records[0].fields == {"note": "fine"}


@pytest.mark.parametrize(("value", "known"), [(1, True), ("1", False), (True, False), (1.0, False), ([], False), ({}, False)])
def test_read_tells_types_apart_when_values_are_listed(value: Any, *, known: bool) -> None:
    reading = TILL_MAP.read(TILL_DOC | {"checked": value})
    assert ("email_verified" in reading.records[0].fields) is known
    assert bool(reading.drift) is not known


def test_read_leaves_a_reference_out_when_it_is_no_id() -> None:
    text = HEAD.replace("entity: customer", "entity: variant") + "fields: {}\nrefs: {product: {path: p, stream: products}}\n"
    reading = load(text, "m.yaml").read({"id": 1, "p": {"x": 1}})
    assert reading.records[0].refs == {}
    assert reading.drift == [Drift("customers", "p", DriftKind.BAD_VALUE)]


def test_read_skips_nothing_when_a_partial_document_does_not_say() -> None:
    doc = {"id": "C1", "email_address": "anna@example.com"}
    assert TILL_MAP.read(doc, partial=True).records[0].fields == {"email": "anna@example.com"}
    assert TILL_MAP.read(doc).skipped is not None


def test_read_refuses_when_the_document_is_no_object() -> None:
    with pytest.raises(RecordRefused):
        SHOP_MAP.read([])  # type: ignore[arg-type]


def test_streams_names_all_when_parts_have_parts() -> None:
    assert list(CATALOG_MAP.streams) == ["products", "variants", "levels"]


def test_read_knows_everything_when_all_is_ignored() -> None:
    made = load(HEAD + 'fields:\n  note: n\nignored: ["*"]\n', "m.yaml")
    assert made.read({"id": 1, "whatever": {"x": 1}}).drift == []


@pytest.mark.parametrize("number", ["\x00", "a\x00b", " ", "", None, True, 1.5, []])
def test_record_is_refused_when_its_id_is_none_that_every_store_can_keep(number: Any) -> None:
    with pytest.raises(RecordRefused):
        ident(number, "id")
