from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hub.mapping import ElementChange, Mapping, check, load
from hub.model.record import Drift, DriftKind, Record
from hub.model.values import Doc
from hub.sdk import AnswerKind, Change, Operation
from tests.connectors.square.account import Account, create, update
from tests.connectors.square.contract import ABSENT, contract

FOLDER = Path(__file__).parents[3] / "mappings" / "square"
FILES = ("customers", "products", "inventory", "locations")
ADDRESS = {"address_line_1": "1 Main St", "locality": "Oakland", "postal_code": "94608", "country": "US"}


def _mapping(name: str) -> Mapping:
    return load((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml")


def _shop() -> Account:
    account = Account()
    location = account.fake.add_location("Main", address=ADDRESS, phone_number="+1 510-555-0101")
    account.fake.add_customer(
        given_name="Anna", family_name="Ek", email_address="Anna@Example.com", phone_number="+1 510 555 0199", address=ADDRESS
    )
    _, (variation, _) = account.fake.add_item("Mug", [{"sku": "M1", "upc": "0123456789012", "price_minor": 950}, {}])
    account.fake.receive_stock(variation, location, 7)
    return account


def _read(account: Account, stream: str) -> list[Record]:
    (doc,) = account.read_all(stream)
    reading = _mapping(stream).read(doc)
    assert reading.drift == []
    return reading.records


def test_note_can_show_what_was_bought_when_the_mapping_says_so() -> None:
    text = (FOLDER / "customers.yaml").read_text("utf-8")
    line = "  # summary.context: {path: note, yields: true}\n"
    assert line in text
    swapped = text.replace("  note:        note\n", "").replace(line, line.replace("# ", ""))
    written = load(swapped, "customers.yaml").write({"summary.context": "Order 1001"}, {}, {"id": "C7", "version": 1})
    assert (written.doc["note"], written.left_out) == ("Order 1001", {})


@pytest.mark.parametrize("name", FILES)
def test_file_loads_without_errors(name: str) -> None:
    assert check((FOLDER / f"{name}.yaml").read_text("utf-8"), f"{name}.yaml") == []


@pytest.mark.parametrize("name", FILES)
def test_write_changes_nothing_when_record_is_written_back(name: str) -> None:
    mapping = _mapping(name)
    (doc,) = _shop().read_all(name)
    record = mapping.read(doc).records[0]
    writable = {path: value for path, value in record.fields.items() if mapping.fields[path].writable}
    written = mapping.write(writable, onto=doc)
    assert (written.doc, written.paths) == (doc, ())


def test_read_customer_gives_canonical_values() -> None:
    account = _shop()
    (record,) = _read(account, "customers")
    fields = {path: value for path, value in record.fields.items() if value is not None}
    assert fields == {"given_name": "Anna", "family_name": "Ek", "email": "anna@example.com", "phone": "+15105550199"}
    assert (record.version, record.external_id, record.birth) == (0, account.fake.customer_ids()[0], "2026-03-01T09:00:00.000Z")
    assert [element.values for element in record.lists["addresses"]] == [
        {"line1": "1 Main St", "line2": None, "city": "Oakland", "region": None, "postal_code": "94608", "country_code": "US"}
    ]


@pytest.mark.parametrize(("unsubscribed", "consent"), [(True, {"consent.email_marketing": "withdrawn"}), (False, {})])
def test_read_customer_tells_opt_out_only(unsubscribed: bool, consent: Doc) -> None:  # noqa: FBT001 - a row of a table
    account = _shop()
    account.fake.unsubscribe(account.fake.customer_ids()[0], unsubscribed=unsubscribed)
    (record,) = _read(account, "customers")
    assert {path: value for path, value in record.fields.items() if path.startswith("consent.")} == consent


def test_write_customer_reaches_the_till_when_golden_values_change() -> None:
    account = _shop()
    mapping = _mapping("customers")
    (before,) = account.read_all("customers")
    addresses = [ElementChange("update", "0", {"city": "Berkeley", "postal_code": None})]
    written = mapping.write({"given_name": "Anne", "phone": None, "note": "vip"}, {"addresses": addresses}, onto=before)
    answer = account.deliver("customers", update(before, written.doc, *written.paths))
    assert (answer.kind, written.left_out) == (AnswerKind.DONE, {})
    assert mapping.read(answer.doc or {}).records[0].fields == mapping.read(written.doc).records[0].fields
    kept = account.fake.customer(account.fake.customer_ids()[0]) or {}
    assert (kept["given_name"], kept["note"], "phone_number" in kept) == ("Anne", "vip", False)
    assert kept["address"] == {"address_line_1": "1 Main St", "locality": "Berkeley", "country": "US"}


def test_write_customer_creates_one_when_there_is_none() -> None:
    account = Account()
    mapping = _mapping("customers")
    addresses = [ElementChange("add", None, {"line1": "Storgatan 1", "country_code": "SE"})]
    written = mapping.write({"given_name": "Bo", "email": "bo@example.com"}, {"addresses": addresses})
    answer = account.deliver("customers", create(written.doc, marker="hub-1"))
    (record,) = mapping.read(answer.doc or {}).records
    assert (record.fields["given_name"], record.fields["email"]) == ("Bo", "bo@example.com")
    assert record.lists["addresses"][0].values["line1"] == "Storgatan 1"


def test_write_customer_leaves_consent_out() -> None:
    (doc,) = _shop().read_all("customers")
    written = _mapping("customers").write({"consent.email_marketing": "withdrawn"}, onto=doc)
    assert (written.paths, list(written.left_out)) == ((), ["consent.email_marketing"])


def test_read_product_gives_variants_as_records_of_their_own() -> None:
    account = _shop()
    product, first, second = _read(account, "products")
    assert (product.fields, product.stream) == ({"title": "Mug", "description": None, "status": "active"}, "products")
    assert {name: first.fields[name] for name in ("sku", "barcode", "price", "tracked")} == {
        "sku": "M1",
        "barcode": "0123456789012",
        "price": {"amount": 950, "currency": "USD"},
        "tracked": True,
    }
    assert (second.fields["sku"], second.fields["price"]) == (None, None)
    assert {(one.stream, one.refs["product"].external_id if one.refs["product"] else "") for one in (first, second)} == {
        ("variants", product.external_id)
    }


def test_read_product_is_deleted_when_item_was_deleted() -> None:
    account = _shop()
    account.fake.delete_object(account.fake.item_ids()[0])
    (doc,) = account.read_all("products", since=account.at)
    reading = _mapping("products").read(doc)
    assert ([record.deleted for record in reading.records], reading.drift) == ([True], [])


def test_write_price_reaches_the_till_when_part_is_written() -> None:
    account = _shop()
    mapping = _mapping("products").parts["variants"]
    before = next(doc for doc in account.read_all("variants") if doc["item_variation_data"].get("sku") == "M1")
    written = mapping.write({"price": {"amount": 1099, "currency": "USD"}, "barcode": None}, onto=before)
    answer = account.deliver("variants", update(before, written.doc, *written.paths))
    assert answer.kind is AnswerKind.DONE
    data = (account.fake.object(before["id"]) or {})["item_variation_data"]
    assert (data["price_money"], "upc" in data, data["sku"]) == ({"amount": 1099, "currency": "USD"}, False, "M1")


def test_write_creates_item_and_variant_when_catalogue_comes_from_a_shop() -> None:
    account = Account()
    products = _mapping("products")
    item = account.deliver("products", create(products.write({"title": "Plate", "description": "<p>Blue</p>"}).doc))
    assert [record.stream for record in products.read(item.doc or {}).records] == ["products"]
    price = {"amount": 1500, "currency": "USD"}
    part = products.parts["variants"].write({"sku": "P-1", "title": "Large", "price": price, "product": item.external_id})
    variant = account.deliver("variants", create(part.doc, marker="hub-2"), "key-2")
    (doc,) = account.read_all("products")
    product, record = products.read(doc).records
    assert (product.fields["title"], product.fields["description"]) == ("Plate", "<p>Blue</p>")
    assert (record.external_id, record.fields["sku"], record.fields["price"]) == (variant.external_id, "P-1", price)
    assert products.read(doc).drift == []


def test_write_archives_item_when_status_changes() -> None:
    account = _shop()
    (before,) = account.read_all("products")
    written = _mapping("products").write({"status": "archived"}, onto=before)
    answer = account.deliver("products", update(before, written.doc, *written.paths))
    assert _mapping("products").read(answer.doc or {}).records[0].fields["status"] == "archived"


def test_read_level_names_variant_and_location() -> None:
    account = _shop()
    (record,) = _read(account, "inventory")
    variant, location = record.refs["variant"], record.refs["location"]
    assert variant is not None
    assert location is not None
    assert (record.external_id, record.fields) == (f"{variant.external_id}:{location.external_id}", {"on_hand": 7})
    assert (variant.stream, location.stream) == ("variants", "locations")
    change = Change(
        Operation.ADJUST, record.external_id, None, {"level": record.external_id, "delta": 1, "occurred_at": account.now()}, ()
    )
    assert _mapping("inventory").read(account.deliver("inventory", change).doc or {}).records[0].fields == {"on_hand": 8}


def test_read_level_is_skipped_when_state_is_not_stock() -> None:
    (doc,) = _shop().read_all("inventory")
    reading = _mapping("inventory").read(doc | {"state": "WASTE"})
    assert (reading.records, bool(reading.skipped)) == ([], True)


def test_read_location_gives_canonical_values() -> None:
    (record,) = _read(_shop(), "locations")
    assert record.fields == {
        "name": "Main",
        "active": True,
        "line1": "1 Main St",
        "city": "Oakland",
        "postal_code": "94608",
        "country_code": "US",
        "phone": "+15105550101",
    }


SHAPES = {
    "customers": ("Customer", {"address": "Address", "preferences": "CustomerPreferences"}),
    "products": ("CatalogObject", {"item_data": "CatalogItem"}),
    "inventory": ("InventoryCount", {}),
    "locations": ("Location", {"address": "Address"}),
}
PARTS = {"products": {"item_variation_data": "CatalogItemVariation"}}
OTHER_TYPES = "_data"  # a CatalogObject has one such key per type; ours is item_data


@pytest.mark.skipif(contract() is None, reason=ABSENT)
@pytest.mark.parametrize("name", FILES)
def test_every_property_of_the_contract_is_mapped_or_ignored(name: str) -> None:
    judge = contract()
    assert judge is not None
    schema, nested = SHAPES[name]
    doc: Doc = dict.fromkeys(_properties(judge, schema), "x")
    doc |= {key: dict.fromkeys(_properties(judge, inner), "x") for key, inner in nested.items()}
    doc |= {key: value for key, value in {"id": "X", "state": "IN_STOCK"}.items() if key in doc}
    for key, inner in PARTS.get(name, {}).items():
        doc["item_data"]["variations"] = [
            dict.fromkeys(_properties(judge, schema), "x") | {key: dict.fromkeys(_properties(judge, inner), "x")}
        ]
    unknown = [drift.path for drift in _drift(name, doc) if drift.kind is DriftKind.UNKNOWN_FIELD]
    assert [path for path in unknown if not path.endswith(OTHER_TYPES)] == []


def _properties(judge: Any, schema: str) -> list[str]:
    return list(judge.components["schemas"][schema]["properties"])


def _drift(name: str, doc: Doc) -> list[Drift]:
    return _mapping(name).read(doc).drift
