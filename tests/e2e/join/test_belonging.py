"""What belongs where: changed mappings, deletions, brakes, records that wait. Through the real connectors."""

from __future__ import annotations

from pathlib import Path

import pytest

from hub.model.delivery import Delivery
from hub.model.review import ReviewKind
from hub.ops.office import Running
from hub.ops.operate import approve_all
from hub.ops.reviews import resolve_review
from tests.e2e.join.test_customers import NOTHING, linked, shop_doc, till_doc
from tests.retailer import CONFIG, ROOT, Retailer


def deliveries(retailer: Retailer) -> list[Delivery]:
    return retailer.hub.writer.submit(lambda unit: unit.open_deliveries()).result()


def swapped(folder: Path) -> Path:
    """A mapping folder in which the shop's first and last names have changed places."""
    text = (ROOT / "mappings/shopify/customers.yaml").read_text(encoding="utf-8")
    text = text.replace("firstName", "\0").replace("lastName", "firstName").replace("\0", "lastName")
    (folder / "shopify").mkdir()
    (folder / "shopify/customers.yaml").write_text(text, encoding="utf-8")
    return folder


def test_changed_mapping_waits_for_a_yes_and_is_no_edit_when_its_lines_read_otherwise(retailer: Retailer, tmp_path: Path) -> None:
    linked(retailer)
    edits = retailer.edits()
    more = tmp_path / "mappings"
    more.mkdir()
    retailer.restart(swapped(more))
    retailer.poll(2)
    assert retailer.writes() == NOTHING
    assert [(d.brake, d.state.value, d.connection) for d in deliveries(retailer)] == [("mapping", "asking", "till")]
    assert retailer.edits() == edits
    approve_all(retailer.hub)
    retailer.settle()
    assert (till_doc(retailer)["given_name"], till_doc(retailer)["family_name"]) == ("Ley", "Ada")
    assert (shop_doc(retailer)["firstName"], shop_doc(retailer)["lastName"]) == ("Ada", "Ley")


def test_changed_mapping_waits_for_a_yes_when_another_change_was_on_its_way_there(retailer: Retailer, tmp_path: Path) -> None:
    shop_id, _ = linked(retailer)
    retailer.hub.writer.submit(lambda unit: unit.set_flag("writes_stopped", "kim")).result()
    retailer.shop.edit_customer(shop_id, phone="+33123450001")
    retailer.poll()
    assert [d.brake for d in deliveries(retailer)] == [""]
    more = tmp_path / "mappings"
    more.mkdir()
    retailer.restart(swapped(more))
    retailer.hub.writer.submit(lambda unit: unit.set_flag("writes_stopped", None)).result()
    retailer.poll(2)
    assert retailer.writes() == NOTHING
    assert [(d.brake, d.state.value, d.connection) for d in deliveries(retailer)] == [("mapping", "asking", "till")]


@pytest.fixture
def strict(tmp_path: Path) -> Retailer:
    text = CONFIG.replace("customer: {create: always}", "customer: {create: always, delete: delete}")
    return Retailer(tmp_path, text + "\ndeletes_from: {customer: till}\n")


def test_deletion_reaches_the_shop_when_the_till_ends_customers(strict: Retailer) -> None:
    _, till_id = linked(strict)
    strict.till.delete_customer(till_id)
    strict.deliver_webhooks()
    strict.settle()
    assert strict.at_shop() == {}
    assert strict.writes() == {"shop": ["customerDelete"], "till": []}
    strict.close()


def test_deletion_stays_where_it_is_when_another_connection_ends_customers(strict: Retailer) -> None:
    shop_id, _ = linked(strict)
    strict.shop.delete_customer(shop_id)
    strict.deliver_webhooks()
    strict.settle()
    assert list(strict.at_till()) == ["ada@x.example"]
    assert strict.writes() == NOTHING
    strict.close()


def test_deletes_wait_for_a_yes_when_too_many_go_at_once(tmp_path: Path) -> None:
    text = CONFIG.replace("customer: {create: always}", "customer: {create: always, delete: delete}")
    strict = Retailer(tmp_path, text + "\ndeletes_from: {customer: till}\nbrakes: {missing: 100%}\n")
    for n in range(12):
        strict.shop.add_customer(firstName="Ada", lastName=f"Ley{n}", email=f"ada{n}@x.example")
    strict.settle()
    strict.writes()
    for till_id in list(strict.till.customer_ids())[:8]:
        strict.till.delete_customer(till_id)
    strict.deliver_webhooks()
    strict.settle()
    done = len(strict.writes()["shop"])
    assert done <= 5
    assert [(d.brake, d.state.value) for d in deliveries(strict)] == [("deletes", "asking")] * (8 - done)
    approve_all(strict.hub)
    strict.settle()
    assert len(strict.at_shop()) == 4
    strict.close()


def test_deletions_are_asked_about_first_when_a_large_share_of_a_stream_is_gone(strict: Retailer) -> None:
    for n in range(12):
        strict.shop.add_customer(firstName="Ada", lastName=f"Ley{n}", email=f"ada{n}@x.example")
    strict.settle(patient=True)
    for till_id in list(strict.till.customer_ids())[:8]:
        strict.till.delete_customer(till_id)
    strict.deliver_webhooks()
    strict.settle(patient=True)
    [question] = strict.reviews()
    before = len(strict.at_shop())
    resolve_review(Running(strict.hub), question.id, "yes")
    strict.settle(patient=True)
    assert (question.kind, before, len(strict.at_shop())) == (ReviewKind.VANISHED, 7, 4)  # five at once are no landslide
    strict.close()


def test_prices_wait_for_a_yes_when_too_many_change_at_once(retailer: Retailer) -> None:
    variants = [{"title": str(n), "sku": f"TEE-{n}", "price": "10.00"} for n in range(20)]
    _, gids = retailer.shop.add_product("Tee", variants)
    retailer.settle()
    retailer.writes()
    for gid in gids[:12]:
        retailer.shop.edit_price(gid, "1.00")
    retailer.poll()
    assert retailer.writes() == NOTHING
    assert {(d.brake, d.state.value) for d in deliveries(retailer)} == {("prices", "asking")}
    approve_all(retailer.hub)
    retailer.settle()
    assert len(retailer.writes()["till"]) == 12


def test_product_is_archived_at_the_till_when_the_shop_ends_products(tmp_path: Path) -> None:
    text = CONFIG.replace("product: {create: always}", "product: {create: always, delete: archive}")
    shops = Retailer(tmp_path, text + "\ndeletes_from: {product: shop}\n")
    product, _ = shops.shop.add_product("Tee", [{"title": "S", "sku": "TEE-S", "price": "19.90"}], status="ACTIVE")
    shops.settle()
    shops.writes()
    shops.shop.delete_product(product)
    shops.deliver_webhooks()
    shops.poll(2)
    (item_id,) = shops.till.item_ids()
    assert (shops.till.object(item_id) or {})["item_data"]["is_archived"] is True
    assert len(shops.writes()["till"]) == 1
    assert shops.dead_letters() == []
    shops.close()
