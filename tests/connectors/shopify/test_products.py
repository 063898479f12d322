"""Products and variants."""

from __future__ import annotations

import pytest

from hub.sdk import AnswerKind
from tests.connectors.shopify.account import Account, edit, stocked


def test_document_has_all_variants_when_they_need_more_pages() -> None:
    account = Account()
    gid, variants = account.fake.add_product("Shirt", [{"sku": f"S-{n}"} for n in range(150)])
    doc = account.one("products", gid)
    assert [variant["id"] for variant in doc["variants"]] == variants
    assert doc["variants"][149]["product"] == {"id": gid}
    assert account.one("variants", variants[149]) == doc["variants"][149]


def test_variant_edit_and_stock_movement_move_the_product() -> None:
    account = Account()
    variant, location, _ = stocked(account)
    at = account.wait(60)
    assert account.docs("products", at) == []
    account.fake.edit_price(variant, "24.50")
    (doc,) = account.docs("products", at)
    assert doc["variants"][0]["price"] == "24.50"
    later = account.wait(60)
    account.fake.order(variant, location, 1)
    assert len(account.docs("products", later)) == 1


def test_update_changes_texts_and_answers_whole() -> None:
    account = Account()
    gid, _ = account.fake.add_product("Shirt", [{"sku": "S"}], vendor="Acme")
    (answer,) = account.update("products", gid, title="Jacket", tags=["winter", "sale"], status="DRAFT")
    assert answer.doc == account.one("products", gid)
    held = account.fake.product(gid)
    assert held is not None
    assert (held["title"], held["tags"], held["status"], held["vendor"]) == ("Jacket", ["sale", "winter"], "DRAFT", "Acme")


def test_update_is_refused_and_blamed_when_title_is_blank() -> None:
    account = Account()
    gid, _ = account.fake.add_product("Shirt")
    (answer,) = account.update("products", gid, title=" ")
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "title")


def test_variant_update_writes_sku_and_tracking_through_the_inventory_item() -> None:
    account = Account()
    _, (variant,) = account.fake.add_product("Shirt", [{"sku": "S", "price": "5", "barcode": "123"}])
    item = account.one("variants", variant)["inventoryItem"]["id"]
    tracked = {"id": item, "tracked": False}
    change = edit(
        account.one("variants", variant), "sku", "price", "inventoryItem.tracked", sku="T", price="9.9", inventoryItem=tracked
    )
    (answer,) = account.send("variants", change)
    (sent,) = account.requests[-1]["variables"]["variants"]
    assert sent == {"id": variant, "price": "9.9", "inventoryItem": {"sku": "T", "tracked": False}}
    assert answer.doc is not None
    assert (answer.doc["sku"], answer.doc["price"], answer.doc["inventoryItem"]) == ("T", "9.90", tracked)
    held = account.fake.variant(variant)
    assert held is not None
    assert held["barcode"] == "123"


@pytest.mark.parametrize(("price", "blames"), [("-1", "price"), ("", "price")])
def test_variant_update_is_refused_and_blamed_when_price_is_none(price: str, blames: str) -> None:
    account = Account()
    _, (variant,) = account.fake.add_product("Shirt", [{"price": "5"}])
    (answer,) = account.update("variants", variant, price=price)
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, blames)
    held = account.fake.variant(variant)
    assert held is not None
    assert held["price"] == "5.00"


def test_compare_at_price_can_be_taken_away() -> None:
    account = Account()
    _, (variant,) = account.fake.add_product("Shirt", [{"price": "5", "compareAtPrice": "8"}])
    assert account.one("variants", variant)["compareAtPrice"] == "8.00"
    (answer,) = account.update("variants", variant, compareAtPrice=None)
    assert answer.doc is not None
    assert answer.doc["compareAtPrice"] is None


def test_variant_is_not_there_when_its_product_was_deleted() -> None:
    account = Account()
    variant, location, level = stocked(account)
    account.fake.delete_product(account.one("variants", variant)["product"]["id"])
    assert account.docs("variants") == account.docs("products") == account.docs("inventory") == []
    assert account.requests
    assert level not in account.fake.state.levels
    assert account.docs("locations")[0]["id"] == location
