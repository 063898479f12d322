"""The catalogue goes from the shop to the till: items, variations, prices. The shop owns prices."""

from __future__ import annotations

from hub.model.values import Doc
from tests.e2e.join.test_customers import NOTHING, assert_quiet
from tests.retailer import Retailer, answer_with, lose_answer, passes

SIZES = [
    {"title": "S", "sku": "TEE-S", "barcode": "4006381333931", "price": "19.90"},
    {"title": "M", "sku": "TEE-M", "barcode": "4006381333948", "price": "19.90"},
    {"title": "L", "sku": "TEE-L", "barcode": "4006381333955", "price": "21.50"},
]


def at_till(retailer: Retailer) -> dict[str, Doc]:
    """Return the variations at the till by SKU."""
    items = [retailer.till.object(each) for each in retailer.till.item_ids()]
    data = [
        each["item_variation_data"] | {"id": each["id"]} for item in items if item for each in item["item_data"]["variations"]
    ]
    return {each.get("sku", each["id"]): each for each in data}


def item(retailer: Retailer) -> Doc:
    """Return the only item at the till."""
    (item_id,) = retailer.till.item_ids()
    found = retailer.till.object(item_id)
    assert found
    return found


def test_product_appears_at_the_till_when_it_has_several_variants(retailer: Retailer) -> None:
    retailer.shop.add_product("Tee", SIZES, descriptionHtml="<p>Soft</p>", vendor="Ours", status="ACTIVE")
    retailer.settle()
    assert item(retailer)["item_data"]["name"] == "Tee"
    assert item(retailer)["item_data"]["description_html"] == "<p>Soft</p>"
    shown = [(one["sku"], one["upc"], one["price_money"], one["name"]) for one in at_till(retailer).values()]
    assert shown == [
        ("TEE-S", "4006381333931", {"amount": 1990, "currency": "EUR"}, "S"),
        ("TEE-M", "4006381333948", {"amount": 1990, "currency": "EUR"}, "M"),
        ("TEE-L", "4006381333955", {"amount": 2150, "currency": "EUR"}, "L"),
    ]
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 4}
    assert_quiet(retailer)


def test_products_meet_when_both_sides_have_them(retailer: Retailer) -> None:
    retailer.shop.add_product("Tee", SIZES)
    retailer.till.add_item("T-Shirt", [{"sku": "TEE-S", "price_minor": 500}, {"sku": "tee-m", "price_minor": 500}])
    retailer.settle()
    assert len(retailer.till.item_ids()) == len(retailer.shop.products()) == 1
    assert [(one["sku"], one["price_money"]["amount"]) for one in at_till(retailer).values()] == [
        ("TEE-S", 1990),
        ("TEE-M", 1990),
        ("TEE-L", 2150),
    ]
    assert item(retailer)["item_data"]["name"] == "Tee"
    assert_quiet(retailer)


def test_price_reaches_the_till_when_changed_at_the_shop(retailer: Retailer) -> None:
    _, variants = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.writes()
    retailer.shop.edit_price(variants[1], "17.45")
    retailer.poll()
    assert at_till(retailer)["TEE-M"]["price_money"] == {"amount": 1745, "currency": "EUR"}
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 1}
    assert_quiet(retailer)


def test_price_is_put_back_and_recorded_when_changed_at_the_till(retailer: Retailer) -> None:
    _, variants = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.writes()
    retailer.till.edit_price(at_till(retailer)["TEE-M"]["id"], 100)
    retailer.poll()
    assert at_till(retailer)["TEE-M"]["price_money"]["amount"] == 1990
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 1}
    assert (retailer.shop.variant(variants[1]) or {})["price"] == "19.90"
    assert ["price", "lost", "owner"] in [[row[0], row[4], row[5]] for row in retailer.edits()]
    assert_quiet(retailer)


def test_variant_is_added_when_the_product_is_known(retailer: Retailer) -> None:
    product, _ = retailer.shop.add_product("Tee", SIZES[:1])
    retailer.settle()
    retailer.writes()
    retailer.shop.add_variant(product, {"title": "M", "sku": "TEE-M", "price": "20"})
    retailer.poll()
    assert [(one["sku"], one["price_money"]["amount"]) for one in at_till(retailer).values()] == [
        ("TEE-S", 1990),
        ("TEE-M", 2000),
    ]
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 1}
    assert_quiet(retailer)


def test_item_is_archived_when_the_shop_archives_it(retailer: Retailer) -> None:
    product, _ = retailer.shop.add_product("Tee", SIZES, status="ACTIVE")
    retailer.settle()
    retailer.writes()
    retailer.shop.edit_product(product, status="ARCHIVED")
    retailer.poll()
    assert item(retailer)["item_data"]["is_archived"] is True
    assert len(retailer.writes()["till"]) == 1
    assert len(at_till(retailer)) == 3
    assert_quiet(retailer)


def test_title_goes_both_ways_when_edited_at_the_till(retailer: Retailer) -> None:
    product, _ = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.writes()
    retailer.till.edit_item(retailer.till.item_ids()[0], name="Tee shirt")
    retailer.poll()
    assert (retailer.shop.product(product) or {})["title"] == "Tee shirt"
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 1, "till": 0}
    assert_quiet(retailer)


def test_title_and_price_both_arrive_when_edited_at_once(retailer: Retailer) -> None:
    product, variants = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.writes()
    retailer.shop.edit_product(product, title="Tee shirt")
    for variant in variants:
        retailer.shop.edit_price(variant, "9.99")
    retailer.poll()
    assert item(retailer)["item_data"]["name"] == "Tee shirt"
    assert {one["price_money"]["amount"] for one in at_till(retailer).values()} == {999}
    assert len(retailer.writes()["till"]) <= 8
    assert_quiet(retailer)


def test_products_are_made_once_when_answers_are_lost(retailer: Retailer) -> None:
    retailer.wires["till"].breaks = [lose_answer, lose_answer, passes, lose_answer, answer_with(500), lose_answer]
    retailer.shop.add_product("Tee", SIZES)
    retailer.shop.add_product("Cap", [{"sku": "CAP", "price": "5"}])
    retailer.settle()
    assert sorted(at_till(retailer)) == ["CAP", "TEE-L", "TEE-M", "TEE-S"]
    assert len(retailer.till.item_ids()) == 2
    assert_quiet(retailer)


def test_deleted_variation_is_not_made_again(retailer: Retailer) -> None:
    product, variants = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.writes()
    retailer.till.delete_object(at_till(retailer)["TEE-M"]["id"])
    retailer.poll()
    retailer.shop.edit_price(variants[1], "5")
    retailer.shop.edit_product(product, title="Shirt")
    retailer.poll()
    assert sorted(at_till(retailer)) == ["TEE-L", "TEE-S"]
    assert_quiet(retailer)


def test_item_is_not_made_again_when_deleted_at_the_till(retailer: Retailer) -> None:
    product, _ = retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.till.delete_object(retailer.till.item_ids()[0])
    retailer.poll()
    retailer.writes()
    retailer.shop.edit_product(product, title="Shirt")
    retailer.poll()
    assert retailer.till.item_ids() == []
    assert retailer.writes() == NOTHING
    assert_quiet(retailer)


def test_product_without_sku_arrives_once(retailer: Retailer) -> None:
    retailer.shop.add_product("Gift", [{"price": "10"}])
    retailer.shop.add_product("Gift", [{"price": "20"}])
    retailer.settle()
    assert sorted(one["price_money"]["amount"] for one in at_till(retailer).values()) == [1000, 2000]
    assert len(retailer.till.item_ids()) == 2
    assert_quiet(retailer)


def test_fifty_products_arrive_when_first_synced(retailer: Retailer) -> None:
    for n in range(50):
        sizes = [{"sku": f"P{n}-{size}", "price": f"{n + 1}.50"} for size in range(n % 4 + 1)]
        retailer.shop.add_product(f"Product {n}", sizes)
    retailer.settle()
    assert len(retailer.till.item_ids()) == 50
    assert len(at_till(retailer)) == sum(n % 4 + 1 for n in range(50))
    assert_quiet(retailer)


def test_removed_variant_is_asked_for_and_its_link_ends(retailer: Retailer) -> None:
    retailer.shop.add_product("Tee", SIZES)
    retailer.settle()
    retailer.till.delete_object(at_till(retailer)["TEE-M"]["id"])
    retailer.poll()
    assert retailer.happened().count("deleted there") == 1
    retailer.till.delete_object(retailer.till.item_ids()[0])
    retailer.poll()
    assert retailer.happened().count("deleted there") == 4
    assert_quiet(retailer)


def test_draft_is_put_away_at_the_till_and_stays_a_draft_when_the_till_cannot_show_one(retailer: Retailer) -> None:
    product, _ = retailer.shop.add_product("Tee", SIZES, status="ACTIVE")
    retailer.settle()
    retailer.writes()
    retailer.shop.edit_product(product, status="DRAFT")
    retailer.poll(2)
    assert item(retailer)["item_data"]["is_archived"] is True
    assert (retailer.shop.product(product) or {})["status"] == "DRAFT"
    assert {name: len(calls) for name, calls in retailer.writes().items()} == {"shop": 0, "till": 1}
    assert_quiet(retailer)
