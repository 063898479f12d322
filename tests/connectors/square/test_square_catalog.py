from __future__ import annotations

import copy

import pytest

from connectors.square import CONNECTOR
from connectors.square.catalog import FIRST
from hub.model.values import Doc
from hub.sdk import AnswerKind, Cursor
from tests.connectors.square.account import START, Account, create, delete, update

RED: Doc = {"sku": "MUG-R", "upc": "0123456789012", "price_minor": 950, "name": "Red"}
BLUE: Doc = {"sku": "MUG-B", "price_minor": 990, "name": "Blue"}


def _mug(account: Account) -> tuple[str, list[str]]:
    return account.fake.add_item("Mug", [RED, BLUE], description_html="<p>Big <b>mug</b></p>")


def _variant(item_id: str, sku: str = "MUG-G", amount: int | None = 1000) -> Doc:
    price = {"price_money": {"amount": amount, "currency": "USD"}} if amount is not None else {}
    return {"item_variation_data": {"item_id": item_id, "name": "Green", "sku": sku, **price}}


def test_page_nests_variations_with_versions_of_their_own_when_item_is_read() -> None:
    account = Account()
    item, (red, blue) = _mug(account)
    account.wait(5)
    account.fake.edit_price(red, 899)
    (doc,) = account.read_all("products")
    shown = {each["id"]: each for each in doc["item_data"]["variations"]}
    assert list(shown) == [red, blue]
    assert shown[red]["version"] == doc["version"] > shown[blue]["version"]
    assert (doc["id"], doc["item_data"]["is_archived"]) == (item, False)
    assert shown[red]["item_variation_data"]["price_money"] == {"amount": 899, "currency": "USD"}


def test_page_reads_every_item_once_when_times_are_equal() -> None:
    account = Account()
    made = [account.fake.add_item(f"Item {i}", [{}])[0] for i in range(201)]
    assert sorted(doc["id"] for doc in account.read_all("products")) == sorted(made)
    assert len(account.requests) == 3


@pytest.mark.parametrize("items_follow", [True, False])
def test_page_shows_item_when_only_a_variation_changed_since(items_follow: bool) -> None:  # noqa: FBT001 - a row of a table
    account = Account()
    account.fake.catalog.items_follow = items_follow
    item, (red, _) = _mug(account)
    account.fake.add_item("Bowl", [{}])
    account.wait(60)
    account.fake.edit_price(red, 899)
    assert {doc["id"] for doc in account.read_all("products", since=account.at)} == {item}


def test_page_includes_item_when_it_changed_exactly_at_since() -> None:
    account = Account()
    item, _ = _mug(account)
    assert [doc["id"] for doc in account.read_all("products", since=START)] == [item]


def test_page_shows_tombstone_without_variations_when_item_was_deleted() -> None:
    account = Account()
    item, _ = _mug(account)
    account.wait(60)
    account.fake.delete_object(item)
    (doc,) = account.read_all("products", since=account.at)
    assert (doc["id"], doc["is_deleted"], doc["item_data"]["variations"]) == (item, True, [])
    assert account.read_all("products") == []
    assert account.fetch("products", item) == []


def test_page_shows_item_without_variation_when_that_was_deleted() -> None:
    account = Account()
    item, (red, blue) = _mug(account)
    account.wait(60)
    account.fake.delete_object(red)
    docs = account.read_all("products", since=account.at)
    assert {doc["id"]: [each["id"] for each in doc["item_data"]["variations"]] for doc in docs} == {item: [blue]}


def test_page_is_refused_when_cursor_belongs_to_another_query() -> None:
    account = Account()
    for i in range(101):
        account.fake.add_item(f"Item {i}", [{}])
    token = CONNECTOR.streams["products"].page(account.client, Cursor()).token
    status, body = account.ask("/v2/catalog/search", {"object_types": ["ITEM_VARIATION"], "limit": 100, "cursor": token})
    assert (status, body["errors"][0]["code"]) == (400, "INVALID_CURSOR")


def test_search_ignores_limit_when_it_is_above_a_thousand() -> None:
    account = Account()
    for i in range(101):
        account.fake.add_item(f"Item {i}", [{}])
    assert len(account.ask("/v2/catalog/search", {"object_types": ["ITEM"], "limit": 1001})[1]["objects"]) == 100


def test_update_keeps_variations_when_an_item_is_renamed() -> None:
    account = Account()
    item, variations = _mug(account)
    before = account.fetch("products", item)[0]
    after = copy.deepcopy(before)
    after["item_data"]["name"] = "Cup"
    account.wait(5)
    answer = account.deliver("products", update(before, after, "item_data.name"))
    assert answer.doc == account.fetch("products", item)[0]
    assert answer.doc is not None
    assert [each["id"] for each in answer.doc["item_data"]["variations"]] == variations
    assert answer.doc["item_data"]["variations"] == before["item_data"]["variations"]


def test_update_keeps_order_in_categories_when_an_item_is_renamed() -> None:
    account = Account()
    categories = [{"id": "CATEGORY", "ordinal": 3}]
    item, _ = account.fake.add_item("Mug", [RED], categories=categories)
    before = account.fetch("products", item)[0]
    after = copy.deepcopy(before)
    after["item_data"]["name"] = "Cup"
    answer = account.deliver("products", update(before, after, "item_data.name"))
    assert (answer.doc or {})["item_data"] == before["item_data"] | {"name": "Cup"}


def test_update_changes_all_descriptions_when_html_changes() -> None:
    account = Account()
    before = account.fetch("products", _mug(account)[0])[0]
    after = copy.deepcopy(before)
    after["item_data"]["description_html"] = "<p>Small</p>"
    data = (account.deliver("products", update(before, after, "item_data.description_html")).doc or {})["item_data"]
    assert (data["description_html"], data["description"], data["description_plaintext"]) == ("<p>Small</p>", "Small", "Small")


def test_update_removes_all_descriptions_when_html_is_cleared() -> None:
    account = Account()
    before = account.fetch("products", _mug(account)[0])[0]
    after = copy.deepcopy(before)
    after["item_data"]["description_html"] = None
    data = (account.deliver("products", update(before, after, "item_data.description_html")).doc or {})["item_data"]
    assert [name for name in data if name.startswith("description")] == []


def test_upsert_removes_variation_when_it_is_left_out() -> None:
    account = Account()
    item, (red, blue) = _mug(account)
    before = account.fetch("products", item)[0]
    after = copy.deepcopy(before)
    after["item_data"]["variations"].pop(0)
    account.deliver("products", update(before, after, "item_data.variations"))
    assert (account.fake.object(red), (account.fake.object(blue) or {})["id"]) == (None, blue)


def test_update_is_stale_when_a_variation_was_changed_meanwhile() -> None:
    account = Account()
    item, (red, _) = _mug(account)
    before = account.fetch("products", item)[0]
    account.wait(5)
    account.fake.edit_price(red, 1)
    after = copy.deepcopy(before)
    after["item_data"]["name"] = "Cup"
    assert account.deliver("products", update(before, after, "item_data.name")).kind is AnswerKind.STALE
    assert (account.fake.object(item) or {})["item_data"]["name"] == "Mug"


def test_update_sets_price_when_variation_is_current() -> None:
    account = Account()
    _, (red, _) = _mug(account)
    before = account.fetch("variants", red)[0]
    after = copy.deepcopy(before)
    after["item_variation_data"]["price_money"]["amount"] = 1200
    answer = account.deliver("variants", update(before, after, "item_variation_data.price_money.amount"))
    assert answer.doc == account.fake.object(red)
    assert answer.doc is not None
    assert answer.doc["item_variation_data"] == before["item_variation_data"] | {
        "price_money": {"amount": 1200, "currency": "USD"}
    }


def test_update_asks_for_price_at_the_till_when_it_is_removed() -> None:
    account = Account()
    _, (red, _) = _mug(account)
    before = account.fetch("variants", red)[0]
    after = copy.deepcopy(before)
    after["item_variation_data"]["price_money"] = None
    data = (account.deliver("variants", update(before, after, "item_variation_data.price_money")).doc or {})[
        "item_variation_data"
    ]
    assert (data["pricing_type"], "price_money" in data) == ("VARIABLE_PRICING", False)


def test_update_blames_currency_when_it_is_not_the_sellers() -> None:
    account = Account()
    _, (red, _) = _mug(account)
    before = account.fetch("variants", red)[0]
    after = copy.deepcopy(before)
    after["item_variation_data"]["price_money"] = {"amount": 1, "currency": "EUR"}
    answer = account.deliver("variants", update(before, after, "item_variation_data.price_money"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "item_variation_data.price_money.currency")


def test_upsert_is_refused_when_version_is_missing() -> None:
    account = Account()
    _, (red, _) = _mug(account)
    obj = {name: value for name, value in (account.fake.object(red) or {}).items() if name != "version"}
    status, body = account.ask("/v2/catalog/object", {"idempotency_key": "k", "object": obj})
    assert (status, body["errors"][0]["code"]) == (400, "VERSION_MISMATCH")


def test_create_makes_item_with_variations_when_they_are_given() -> None:
    account = Account()
    variations = [_variant("", "P-1"), _variant("", "P-2", None)]
    new = {"item_data": {"name": "Plate", "variations": variations}}
    answers = [account.deliver("products", create(new)) for _ in range(2)]
    assert answers[0] == answers[1]
    data = (answers[0].doc or {})["item_data"]
    shown = [(each["item_variation_data"]["sku"], each["item_variation_data"]["pricing_type"]) for each in data["variations"]]
    assert shown == [("P-1", "FIXED_PRICING"), ("P-2", "VARIABLE_PRICING")]
    assert account.fake.item_ids() == [answers[0].external_id]


def test_create_hides_first_variation_until_a_real_one_takes_it_over() -> None:
    account = Account()
    made = account.deliver("products", create({"item_data": {"name": "Plate"}}))
    item = made.external_id or ""
    data = (made.doc or {})["item_data"]
    assert (data["variations"], data["first_variation"]["item_variation_data"]["user_data"]) == ([], FIRST)
    assert account.read_all("variants") == []
    first, again = (account.deliver("variants", create(_variant(item), marker="hub-9"), "key-2") for _ in range(2))
    assert first == again
    assert first.external_id == data["first_variation"]["id"]
    after = account.fetch("products", item)[0]["item_data"]
    assert ("first_variation" in after, [each["id"] for each in after["variations"]]) == (False, [first.external_id])


def test_update_keeps_first_variation_when_item_has_no_other() -> None:
    account = Account()
    before = account.deliver("products", create({"item_data": {"name": "Plate"}})).doc or {}
    after = copy.deepcopy(before)
    after["item_data"]["name"] = "Dish"
    answer = account.deliver("products", update(before, after, "item_data.name"), "key-2")
    assert (answer.kind, (answer.doc or {})["item_data"]["first_variation"]) == (
        AnswerKind.DONE,
        before["item_data"]["first_variation"],
    )


def test_create_adds_second_variation_when_item_has_one() -> None:
    account = Account()
    item, before = _mug(account)
    change = create(_variant(item), marker="hub-9")
    made = account.deliver("variants", change)
    assert [each["id"] for each in account.fetch("products", item)[0]["item_data"]["variations"]] == [*before, made.external_id]
    assert CONNECTOR.sinks["variants"].find(account.client, change) == [made.doc]


def test_create_blames_item_when_it_does_not_exist() -> None:
    answer = Account().deliver("variants", create(_variant("NOITEM")))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "item_variation_data.item_id")


def test_create_is_refused_when_key_is_longer_than_128() -> None:
    account = Account()
    status, body = account.ask("/v2/catalog/object", {"idempotency_key": "k" * 129, "object": {"type": "ITEM", "id": "#1"}})
    assert (status, body["errors"][0]["code"]) == (400, "VALUE_TOO_LONG")


def test_upsert_is_refused_when_item_has_no_variation() -> None:
    account = Account()
    obj = {"type": "ITEM", "id": "#1", "item_data": {"name": "Plate"}}
    status, body = account.ask("/v2/catalog/object", {"idempotency_key": "k", "object": obj})
    assert (status, body["errors"][0]["field"]) == (400, "object.item_data.variations")
    assert account.fake.item_ids() == []


def test_delete_takes_variations_along_when_item_goes() -> None:
    account = Account()
    item, variations = _mug(account)
    doc = account.fetch("products", item)[0]
    assert [account.deliver("products", delete(doc)).kind for _ in range(2)] == [AnswerKind.DONE, AnswerKind.GONE]
    assert account.fetch("variants", *variations) == []


@pytest.mark.parametrize("wait_s", [0, 5])
def test_versions_grow_when_changes_come_fast(wait_s: float) -> None:
    account = Account()
    _, (red, _) = _mug(account)
    before = account.fetch("variants", red)[0]["version"]
    account.wait(wait_s)
    account.fake.edit_price(red, 1)
    assert account.fetch("variants", red)[0]["version"] > before
