"""Shopify's mapping files on documents of the simulated shop."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.mapping import ElementChange, Mapping, check, load
from hub.model.record import Record, Ref
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.shopify.account import Account, edit, stocked

FOLDER = Path(__file__).resolve().parents[3] / "mappings" / "shopify"
FILES = ("customers", "inventory", "locations", "orders", "products")
SETTINGS = {"currency": "EUR", "country": "FR"}
PERSON = {
    "firstName": "Ada",
    "lastName": "Lovelace",
    "email": "ada@example.com",
    "phone": "+33612345678",
    "note": "vip",
    "tags": ["a", "b"],
    "addresses": [{"address1": "Rue A 1", "city": "Lyon", "zip": "69001", "countryCode": "FR", "phone": "+33612345678"}],
}


def _mapping(stream: str) -> Mapping:
    file = FOLDER / f"{stream}.yaml"
    return load(file.read_text("utf-8"), file.name)


def _read(stream: str, doc: Doc) -> list[Record]:
    reading = _mapping(stream).read(doc, SETTINGS)
    assert reading.drift == []
    return reading.records


def _customer(**fields: Any) -> Record:
    account = Account()
    (record,) = _read("customers", account.one("customers", account.fake.add_customer(**{**PERSON, **fields})))
    return record


@pytest.mark.parametrize("stream", FILES)
def test_file_has_no_error(stream: str) -> None:
    file = FOLDER / f"{stream}.yaml"
    assert [str(error) for error in check(file.read_text("utf-8"), file.name)] == []
    assert (_mapping(stream).connector, _mapping(stream).stream) == ("shopify", stream)


def test_customer_is_read_whole() -> None:
    record = _customer()
    assert record.fields == {
        "given_name": "Ada",
        "family_name": "Lovelace",
        "email": "ada@example.com",
        "email_verified": False,
        "phone": "+33612345678",
        "locale": "en",
        "note": "vip",
    }
    assert [element.values["value"] for element in record.lists["tags"]] == ["a", "b"]
    (address,) = record.lists["addresses"]
    assert (address.values["line1"], address.values["country_code"], address.values["region"]) == ("Rue A 1", "FR", None)
    assert address.remote_id is not None
    assert "CustomerAddress" in address.remote_id
    assert record.changed_at == record.created_at


@pytest.mark.parametrize(
    ("state", "expected"),
    [("SUBSCRIBED", "granted"), ("UNSUBSCRIBED", "withdrawn"), ("NOT_SUBSCRIBED", None), ("PENDING", None)],
)
def test_consent_is_a_statement_only_when_somebody_made_one(state: str, expected: str | None) -> None:
    record = _customer(email_consent=state, sms_consent=state)
    assert record.fields.get("consent.email_marketing") == expected
    assert record.fields.get("consent.sms_marketing") == expected
    assert ("consent.email_marketing" in record.fields) == (expected is not None)


def test_customer_without_address_or_number_has_them_empty() -> None:
    record = _customer(email=None, phone=None, addresses=[])
    assert (record.fields["email"], record.fields["phone"]) == (None, None)
    assert "consent.email_marketing" not in record.fields
    assert record.lists["addresses"] == []


def test_written_customer_reaches_the_shop_and_reads_the_same() -> None:
    account, mapping = Account(), _mapping("customers")
    before = account.one("customers", account.fake.add_customer(**PERSON))
    changes = {"given_name": "Grace", "phone": "+33698765432", "note": None, "consent.email_marketing": "granted"}
    written = mapping.write(changes, onto=before, connection_settings=SETTINGS)
    assert written.left_out == {}
    answers = account.send("customers", edit(before, *written.paths, **written.doc))
    assert {answer.kind for answer in answers} == {AnswerKind.DONE}
    (record,) = _read("customers", account.one("customers", before["id"]))
    assert {name: record.fields[name] for name in changes} == changes


def test_written_lists_reach_the_shop_as_address_steps_and_tags() -> None:
    account, mapping = Account(), _mapping("customers")
    gid = account.fake.add_customer(**PERSON)
    first, second = (account.fake.add_address(gid, address1=street, zip="1", countryCode="FR") for street in ("Rue B", "Rue C"))
    before = account.one("customers", gid)
    lists = {
        "addresses": [
            ElementChange("update", first, {"city": "Paris"}),
            ElementChange("remove", second),
            ElementChange("add", None, {"line1": "Main St", "region": "ON", "postal_code": "K1", "country_code": "CA"}),
        ],
        "tags": [ElementChange("add", None, {"value": "c"}), ElementChange("remove", None, {"value": "a"})],
    }
    written = mapping.write({}, lists, onto=before, connection_settings=SETTINGS)
    change = edit(before, *written.paths, **written.doc)
    assert account.names("customers", change) == [
        "customerAddressDelete",
        "customerAddressUpdate",
        "customerAddressCreate",
        "customerUpdate",
    ]
    assert {answer.kind for answer in account.send("customers", change)} == {AnswerKind.DONE}
    (record,) = _read("customers", account.one("customers", gid))
    shown = [(element.values["line1"], element.values["city"], element.values["region"]) for element in record.lists["addresses"]]
    assert shown == [("Rue A 1", "Lyon", None), ("Rue B", "Paris", None), ("Main St", None, "ON")]
    assert [element.values["value"] for element in record.lists["tags"]] == ["b", "c"]


def test_created_customer_reads_the_same() -> None:
    account, mapping = Account(), _mapping("customers")
    changes = {"given_name": "Grace", "email": "grace@example.com", "consent.email_marketing": "withdrawn"}
    written = mapping.write(changes, connection_settings=SETTINGS)
    (answer,) = account.send("customers", Change(Operation.CREATE, None, None, written.doc, written.paths))
    assert answer.doc is not None
    (record,) = _read("customers", answer.doc)
    assert {name: record.fields[name] for name in changes} == changes


def test_product_brings_its_variants() -> None:
    account = Account()
    variants = [{"sku": "S", "price": "19.9", "compareAtPrice": "25"}, {"sku": "M"}]
    gid, ids = account.fake.add_product("Shirt", variants, vendor="Acme", tags=["sale"])
    product, small, medium = _read("products", account.one("products", gid))
    assert (product.fields["title"], product.fields["brand"], product.fields["status"]) == ("Shirt", "Acme", "active")
    assert (small.external_id, medium.external_id) == tuple(ids)
    assert small.stream == "variants"
    assert small.refs == {"product": Ref("products", gid)}
    assert small.fields["price"] == {"amount": 1990, "currency": "EUR"}
    assert small.fields["compare_at_price"] == {"amount": 2500, "currency": "EUR"}
    assert medium.fields["compare_at_price"] is None


def test_written_price_reaches_the_shop_through_the_part() -> None:
    account = Account()
    gid, (variant,) = account.fake.add_product("Shirt", [{"sku": "S", "price": "19.90"}])
    part = _mapping("products").parts["variants"]
    before = account.one("variants", variant)
    price = {"amount": 2450, "currency": "EUR"}
    written = part.write({"price": price, "sku": "S-2"}, onto=before, connection_settings=SETTINGS)
    (answer,) = account.send("variants", edit(before, *written.paths, **written.doc))
    assert answer.doc is not None
    (record,) = part.read(answer.doc, SETTINGS).records
    assert (record.fields["price"], record.fields["sku"]) == (price, "S-2")
    assert account.one("products", gid)["variants"][0]["price"] == "24.50"


def test_level_tells_what_is_there_and_what_is_not_for_sale() -> None:
    account = Account()
    variant, location, level = stocked(account, 10)
    account.fake.order(variant, location, 4)
    (record,) = _read("inventory", account.one("inventory", level))
    assert record.external_id == level
    assert record.fields == {"on_hand": 10, "available": 6, "reserved": 4}
    assert record.refs == {"variant": Ref("variants", variant), "location": Ref("locations", location)}


def test_level_of_an_untracked_variant_is_skipped() -> None:
    account = Account()
    _, _, level = stocked(account, 10, tracked=False)
    reading = _mapping("inventory").read(account.one("inventory", level), SETTINGS)
    assert (reading.records, bool(reading.skipped)) == ([], True)


def test_location_is_read() -> None:
    account = Account()
    gid = account.fake.add_location("Store", city="Lyon", countryCode="FR", zip="69001")
    (record,) = _read("locations", account.one("locations", gid))
    assert record.fields == {
        "name": "Store",
        "active": True,
        "line1": None,
        "city": "Lyon",
        "postal_code": "69001",
        "country_code": "FR",
        "phone": None,
    }
