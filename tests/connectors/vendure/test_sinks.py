from __future__ import annotations

from typing import Any

import pytest

from connectors.vendure import CONNECTOR
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Operation
from tests.connectors.vendure.shop import Shop, bodies, shop

CUSTOMERS, VARIANTS, INVENTORY = (CONNECTOR.sinks[name] for name in ("customers", "variants", "inventory"))
HOME = {
    "id": "1",
    "fullName": "Ada Ek",
    "streetLine1": "1 Lane",
    "city": "Lund",
    "postalCode": "22100",
    "country": {"code": "SE"},
}
WORK = {
    "id": "2",
    "fullName": "Ada Ek",
    "streetLine1": "2 Quay",
    "city": "Ystad",
    "postalCode": "27100",
    "country": {"code": "SE"},
}


def update(after: Doc, *paths: str, before: Doc | None = None) -> Change:
    return Change(Operation.UPDATE, "7", before or {}, after, paths)


def create(**fields: Any) -> Change:
    return Change(Operation.CREATE, None, None, fields, tuple(fields), marker="hub-1")


def adjust(**how: Any) -> Change:
    after = {"level": "1:1", "quantity": "on_hand", "absolute": 55, "expected": 60, "delta": -5, **how}
    return Change(Operation.ADJUST, "1:1", None, after, ())


def sent(live: Shop, sink: str, change: Change, external_id: str | None = "7") -> Answer:
    client = live.client()
    return [CONNECTOR.sinks[sink].send(client, call, "key", external_id) for call in CONNECTOR.sinks[sink].calls(change)][-1]


# Customers


def test_create_carries_marker_and_required_names_when_they_are_not_known() -> None:
    first, *rest = CUSTOMERS.calls(create(emailAddress="a@b.example", customFields={"loyaltyTier": "gold"}, addresses=[]))
    custom = {"loyaltyTier": "gold", "externalRef": "hub-1"}
    assert first == Call(
        "createCustomer", {"input": {"firstName": "", "lastName": "", "emailAddress": "a@b.example", "customFields": custom}}
    )
    assert rest == []


def test_create_adds_the_addresses_after_the_customer() -> None:
    calls = CUSTOMERS.calls(
        create(emailAddress="a@b.example", addresses=[{"streetLine1": "1 Lane", "countryCode": "SE", "line2": None}])
    )
    assert [call.name for call in calls] == ["createCustomer", "createCustomerAddress"]
    assert calls[1].body == {"input": {"streetLine1": "1 Lane", "countryCode": "SE"}}


def test_create_returns_the_whole_customer_when_it_is_done() -> None:
    answer = sent(shop("create_customer"), "customers", create(emailAddress="Nils.Ny@shop.example"), None)
    assert (answer.kind, answer.external_id) == (AnswerKind.DONE, "61")
    assert answer.doc is not None
    assert (answer.doc["emailAddress"], answer.doc["customFields"]["externalRef"], answer.doc["addresses"]) == (
        "nils.ny@shop.example",
        "hub-1",
        [],
    )


@pytest.mark.parametrize(
    ("recording", "blames"),
    [("create_customer_email_taken", "emailAddress"), ("create_customer_marker_taken", "customFields.externalRef")],
)
def test_create_clashes_when_something_unique_is_taken(recording: str, blames: str) -> None:
    answer = sent(shop(recording), "customers", create(emailAddress="a@b.example"), None)
    assert (answer.kind, answer.blames) == (AnswerKind.CLASH, blames)


def test_create_is_refused_when_there_is_no_email() -> None:
    answer = sent(Shop(*bodies("account")), "customers", create(firstName="A"), None)
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "emailAddress")


def test_create_leaves_the_marker_out_when_the_shop_has_no_field_for_it() -> None:
    account = bodies("account")[0]
    account["data"]["globalSettings"]["serverConfig"]["entityCustomFields"] = []
    live = Shop(account, *bodies("create_customer"))
    sent(live, "customers", create(emailAddress="a@b.example"), None)
    assert live.asked[1]["variables"]["input"] == {"firstName": "", "lastName": "", "emailAddress": "a@b.example"}
    assert "customFields" not in live.asked[1]["query"]


def test_update_sends_only_what_changed_and_never_the_login() -> None:
    change = update({"firstName": None, "lastName": "L", "emailAddress": "new@b.example"}, "firstName", "emailAddress")
    assert CUSTOMERS.calls(change) == [Call("updateCustomer", {"input": {"firstName": ""}})]


def test_update_writes_nothing_when_only_the_login_changed() -> None:
    assert CUSTOMERS.calls(update({"emailAddress": "new@b.example"}, "emailAddress")) == []


def test_update_sends_one_custom_field_when_only_that_changed() -> None:
    change = update({"customFields": {"loyaltyTier": "gold", "other": 1}}, "customFields.loyaltyTier")
    assert CUSTOMERS.calls(change) == [Call("updateCustomer", {"input": {"customFields": {"loyaltyTier": "gold"}}})]


def test_update_orders_address_steps_before_the_customer() -> None:
    after = {
        "lastName": "L",
        "addresses": [{**HOME, "city": "Malmö", "countryCode": "SE"}, {"streetLine1": "3 Hill", "countryCode": "SE"}],
    }
    calls = CUSTOMERS.calls(update(after, "addresses", "lastName", before={"addresses": [HOME, WORK]}))
    assert calls == [
        Call("updateCustomerAddress", {"input": {"id": "1", "city": "Malmö"}}),
        Call("createCustomerAddress", {"input": {"streetLine1": "3 Hill", "countryCode": "SE"}}),
        Call("deleteCustomerAddress", {"id": "2"}),
        Call("updateCustomer", {"input": {"lastName": "L"}}),
    ]


def test_update_moves_an_address_when_its_country_changes() -> None:
    after = {"addresses": [{**HOME, "countryCode": "DK"}]}
    calls = CUSTOMERS.calls(update(after, "addresses", before={"addresses": [HOME]}))
    assert calls == [Call("updateCustomerAddress", {"input": {"id": "1", "countryCode": "DK"}})]


def test_update_names_the_customer_when_the_call_is_sent() -> None:
    live = shop("update_customer")
    answer = sent(live, "customers", update({"firstName": "Brunhilde"}, "firstName"), "2")
    assert live.asked[1]["variables"] == {"input": {"id": "2", "firstName": "Brunhilde"}}
    assert answer.doc is not None
    assert answer.doc["firstName"] == "Brunhilde"


def test_update_is_gone_when_the_customer_was_deleted() -> None:
    assert sent(shop("update_customer_gone"), "customers", update({"firstName": "X"}, "firstName")).kind is AnswerKind.GONE


def test_address_is_blamed_when_its_country_is_refused() -> None:
    live = Shop(*bodies("create_address_bad_country"))
    answer = sent(live, "customers", update({"addresses": [{"streetLine1": "1", "countryCode": "XX"}]}, "addresses"))
    assert (answer.kind, answer.blames) == (AnswerKind.REFUSED, "addresses")
    assert live.asked[0]["variables"]["customer"] == "7"


def test_address_removal_is_done_when_it_was_gone_already() -> None:
    gone = {
        "errors": [{"message": "", "path": ["deleteCustomerAddress"], "extensions": {"code": "ENTITY_NOT_FOUND"}}],
        "data": None,
    }
    answer = sent(Shop(gone), "customers", update({"addresses": []}, "addresses", before={"addresses": [HOME]}))
    assert (answer.kind, answer.external_id, answer.doc) == (AnswerKind.DONE, "7", None)


@pytest.mark.parametrize(("result", "kind"), [("DELETED", AnswerKind.DONE), ("NOT_DELETED", AnswerKind.REFUSED)])
def test_delete_says_what_vendure_did(result: str, kind: AnswerKind) -> None:
    live = Shop({"data": {"deleteCustomer": {"result": result}}})
    assert sent(live, "customers", Change(Operation.DELETE, "7", {}, {}, ())).kind is kind
    assert live.asked[0]["variables"] == {"id": "7"}


def test_find_asks_by_marker_when_the_shop_has_one() -> None:
    live = shop("find_customer")
    found = CUSTOMERS.find(live.client(), create(emailAddress="Nils.Ny@shop.example"))
    assert [doc["id"] for doc in found] == ["61"]
    assert live.asked[1]["variables"]["options"]["filter"] == {"externalRef": {"eq": "hub-1"}}


def test_find_asks_by_email_when_the_shop_has_no_marker() -> None:
    account = bodies("account")[0]
    account["data"]["globalSettings"]["serverConfig"]["entityCustomFields"] = []
    live = Shop(account, *bodies("find_customer"))
    CUSTOMERS.find(live.client(), create(emailAddress="Nils.Ny@shop.example"))
    assert live.asked[1]["variables"]["options"]["filter"] == {"emailAddress": {"eq": "nils.ny@shop.example"}}


# Variants


def test_variant_writes_the_price_as_it_is_entered_there() -> None:
    live = shop("update_variant")
    answer = sent(live, "variants", update({"priceWithTax": 2090, "currencyCode": "EUR"}, "priceWithTax"), "1")
    assert live.asked[1]["variables"] == {"input": [{"id": "1", "price": 2090}]}
    assert answer.doc is not None
    assert (answer.doc["priceWithTax"], answer.doc["tracked"]) == (2090, True)


def test_variant_writes_sku_and_custom_fields_when_they_changed() -> None:
    after = {"sku": "N-1", "customFields": {"barcode": "4006381333931"}, "currencyCode": "EUR"}
    live = shop("update_variant")
    sent(live, "variants", update(after, "sku", "customFields.barcode"), "1")
    assert live.asked[1]["variables"] == {"input": [{"id": "1", "sku": "N-1", "customFields": {"barcode": "4006381333931"}}]}


@pytest.mark.parametrize(
    ("after", "path", "blames"),
    [
        ({"price": 1000, "currencyCode": "EUR"}, "price", "price"),
        ({"priceWithTax": 1000, "currencyCode": "USD"}, "priceWithTax", "currencyCode"),
    ],
)
def test_variant_is_refused_when_the_price_is_not_the_entered_one(after: Doc, path: str, blames: str) -> None:
    live = Shop(*bodies("account"))
    answer = sent(live, "variants", update(after, path), "1")
    assert (answer.kind, answer.blames, len(live.asked)) == (AnswerKind.REFUSED, blames, 1)


def test_variant_writes_nothing_when_only_its_name_changed() -> None:
    assert VARIANTS.calls(update({"name": "N"}, "name")) == []


# Inventory


def test_adjust_sets_one_location_and_tells_what_was_logged() -> None:
    live = shop("adjust")
    answer = sent(live, "inventory", adjust(), "1:1")
    assert live.asked[2]["variables"]["input"] == [{"id": "1", "stockLevels": [{"stockLocationId": "1", "stockOnHand": 55}]}]
    assert answer.doc is not None
    assert (answer.external_id, answer.doc["id"], answer.doc["stockOnHand"]) == ("1:1", "1:1", 55)
    assert answer.doc["written"] == {"onHand": 55, "seen": 60, "logged": -5, "between": 0}


@pytest.mark.parametrize(
    ("logged", "written"),
    [
        ([-3], {"onHand": 55, "seen": 60, "logged": -3, "between": -2}),  # two were handed over between look and write
        ([], {"onHand": 55, "seen": 60, "logged": 0, "between": -5}),  # five were: nothing was left to log
        ([-3, 4], {"onHand": 55, "seen": 60, "logged": None, "between": None}),  # a clerk wrote too
    ],
)
def test_adjust_tells_what_others_moved_when_they_did(logged: list[int], written: Doc) -> None:
    script = bodies("account", "adjust")
    items = [{"id": str(n), "quantity": quantity} for n, quantity in enumerate(logged)]
    script[2]["data"]["updateProductVariants"][0]["stockMovements"]["items"] = items
    answer = sent(Shop(*script), "inventory", adjust(), "1:1")
    assert answer.doc is not None
    assert answer.doc["written"] == written


def test_adjust_is_stale_and_writes_nothing_when_another_figure_is_there() -> None:
    live = Shop(*bodies("account", "adjust")[:2])
    answer = sent(live, "inventory", adjust(expected=61), "1:1")
    assert (answer.kind, len(live.asked)) == (AnswerKind.STALE, 2)
    assert answer.doc is not None
    assert answer.doc["stockOnHand"] == 60


def test_adjust_adds_what_is_allocated_when_the_figure_is_what_can_be_sold() -> None:
    script = bodies("account", "adjust")
    script[1]["data"]["productVariant"]["stockLevels"][0]["stockAllocated"] = 4
    live = Shop(*script)
    assert sent(live, "inventory", adjust(quantity="available", absolute=51, expected=56), "1:1").kind is AnswerKind.DONE
    assert live.asked[2]["variables"]["input"][0]["stockLevels"][0]["stockOnHand"] == 55


def test_adjust_is_refused_when_there_is_only_a_delta() -> None:
    assert sent(Shop(), "inventory", adjust(absolute=None), "1:1").kind is AnswerKind.REFUSED
    assert INVENTORY.delivers_deltas is False


def test_adjust_is_refused_when_the_location_does_not_exist() -> None:
    answer = sent(shop("adjust_no_location"), "inventory", adjust(level="1:99", expected=None), "1:99")
    assert answer.kind is AnswerKind.REFUSED


def test_adjust_is_gone_when_the_variant_was_deleted() -> None:
    live = Shop(*bodies("account"), {"data": {"productVariant": None}})
    assert sent(live, "inventory", adjust(), "1:1").kind is AnswerKind.GONE
