"""The shipped mapping files on what the live server showed, and what a canonical change becomes at the sink."""

from __future__ import annotations

import pytest

from connectors.vendure import CONNECTOR
from hub.mapping import ElementChange, Mapping, load
from hub.model.values import Doc
from hub.sdk import Call, Change, Cursor, Operation
from tests.connectors.vendure.shop import REPO, shop
from tests.laws import check_laws


def mapping(name: str) -> Mapping:
    path = REPO / "mappings" / "vendure" / f"{name}.yaml"
    return load(path.read_text("utf-8"), path.name)


def shown(name: str) -> list[Doc]:
    return list(CONNECTOR.streams[name].page(shop(f"{name}_page").client(page_size="3"), Cursor()).docs)


def calls(name: str, before: Doc, **change: object) -> list[Call]:
    lists = {key: value for key, value in change.items() if isinstance(value, list)}
    fields = {key: value for key, value in change.items() if key not in lists}
    written = mapping(name).write(fields, lists, before)
    assert written.left_out == {}
    return list(CONNECTOR.sinks[name].calls(Change(Operation.UPDATE, before["id"], before, written.doc, written.paths)))


@pytest.mark.parametrize("name", CONNECTOR.streams)
def test_mapping_keeps_the_laws_on_what_the_live_server_shows(name: str) -> None:
    check_laws(mapping(name), shown(name))


@pytest.mark.parametrize("name", CONNECTOR.streams)
def test_mapping_knows_every_path_that_the_live_server_shows(name: str) -> None:
    drift = [drift for doc in shown(name) for drift in mapping(name).read(doc).drift]
    assert drift == []


def test_mapping_knows_a_guest_who_has_no_user() -> None:
    reading = mapping("customers").read({**shown("customers")[1], "user": None})
    assert (reading.drift, reading.records[0].fields["email"]) == ([], "bruno.novak@shop.example")


def test_read_gives_a_customer_with_tier_and_address() -> None:
    record = mapping("customers").read(shown("customers")[1]).records[0]
    assert record.fields["email"] == "bruno.novak@shop.example"
    assert (record.fields["given_name"], record.fields["loyalty_tier"]) == ("Bruno", "bronze")
    assert [one.values["country_code"] for one in record.lists["addresses"]] == ["FR"]


def test_read_gives_gross_prices_in_hundredths() -> None:
    assert mapping("variants").read(shown("variants")[0]).records[0].fields["price"] == {"amount": 1990, "currency": "EUR"}


def test_read_skips_a_level_when_stock_is_not_tracked() -> None:
    level = {**shown("inventory")[0], "tracked": False}
    assert mapping("inventory").read(level).records == []


def test_written_price_and_barcode_become_one_update() -> None:
    price = {"amount": 2090, "currency": "EUR"}
    (call,) = calls("variants", shown("variants")[0], price=price, barcode="4006381333931", active=False)
    assert call.body["prices"] == {"priceWithTax": 2090}
    assert call.body["input"] == {"enabled": False, "customFields": {"barcode": "4006381333931"}}


def test_written_tier_and_cleared_phone_become_one_update() -> None:
    (call,) = calls("customers", shown("customers")[1], loyalty_tier="gold", phone=None, given_name="Bo")
    assert call.body == {"input": {"firstName": "Bo", "phoneNumber": "", "customFields": {"loyaltyTier": "gold"}}}


def test_written_addresses_become_steps() -> None:
    before = shown("customers")[1]
    address = before["addresses"][0]["id"]
    moved = ElementChange("update", address, {"city": "Köln", "country_code": "DE"})
    values = {"given_name": "Bo", "family_name": "Ek", "line1": "9 Neu", "postal_code": "50667", "country_code": "DE"}
    steps = calls("customers", before, addresses=[moved, ElementChange("add", None, values)])
    assert steps == [
        Call("updateCustomerAddress", {"input": {"id": address, "city": "Köln", "countryCode": "DE"}}),
        Call(
            "createCustomerAddress",
            {"input": {"fullName": "Bo Ek", "streetLine1": "9 Neu", "postalCode": "50667", "countryCode": "DE"}},
        ),
    ]


def test_removed_address_becomes_one_step() -> None:
    before = shown("customers")[1]
    address = before["addresses"][0]["id"]
    steps = calls("customers", before, addresses=[ElementChange("remove", address)])
    assert steps == [Call("deleteCustomerAddress", {"id": address})]
