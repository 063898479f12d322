"""What a development store answered (Admin GraphQL 2026-04), asked again of the fake."""

from __future__ import annotations

import re
from typing import Any

import pytest

from connectors.shopify.fake.state import Level, Location, Product, Variant
from hub.model.values import Doc
from tests.connectors.shopify.account import Account
from tests.connectors.shopify.contracts import needs_contracts, recorded

pytestmark = needs_contracts
FILE = "inventory-quantity-contracts-2026-04.json"
ITEM, LOCATION = 53469430055218, 106318430514
GROUP = """
  inventoryAdjustmentGroup {
    createdAt reason referenceDocumentUri
    changes { name delta quantityAfterChange item { id } location { id name } }
  }
  userErrors { field message code }
"""
SET = f"""mutation Set($input: InventorySetQuantitiesInput!, $idempotencyKey: String!) {{
  inventorySetQuantities(input: $input) @idempotent(key: $idempotencyKey) {{ {GROUP} }}
}}"""
ADJUST = f"""mutation Adjust($input: InventoryAdjustQuantitiesInput!, $idempotencyKey: String!) {{
  inventoryAdjustQuantities(input: $input) @idempotent(key: $idempotencyKey) {{ {GROUP} }}
}}"""
UNKEYED = re.compile(r"@idempotent\(key: \$idempotencyKey\)|, \$idempotencyKey: String!")


def _account() -> Account:
    """Return the store of the recording: one item, nothing in stock."""
    account, at = Account(), 0
    state = account.fake.state
    state.products[1] = Product(1, at, fields={"title": "x", "handle": "x", "status": "ACTIVE"}, variants=[2])
    state.variants[2] = Variant(2, at, product=1, item=ITEM)
    state.items[ITEM] = 2
    state.locations[LOCATION] = Location(LOCATION, at, name="Shop location")
    state.levels[ITEM, LOCATION] = Level(3, at, item=ITEM, location=LOCATION)
    return account


def _ask(account: Account, document: str, pair: Doc) -> Doc:
    variables = {"idempotencyKey": "key of the recording that was not kept", **pair["variables"]}
    return account.fake.execute(document, variables)


def _without_times(answer: Any) -> Any:
    group = next(iter(answer["data"].values()))["inventoryAdjustmentGroup"]
    for name in ("id", "createdAt"):
        group.pop(name, None)
    return answer["data"]


def test_set_and_adjust_answer_as_recorded_when_expected_value_stands() -> None:
    account, pairs = _account(), recorded(FILE)
    for document, name in ((SET, "inventorySetQuantities"), (ADJUST, "inventoryAdjustQuantities")):
        answer = _ask(account, document, pairs[name])
        cost = pairs[name]["response"]["extensions"]["cost"]
        assert _without_times(answer) == _without_times(pairs[name]["response"])
        assert answer["extensions"]["cost"].keys() == cost.keys()
        assert answer["extensions"]["cost"]["requestedQueryCost"] == cost["requestedQueryCost"]
        assert answer["extensions"]["cost"]["throttleStatus"].keys() == cost["throttleStatus"].keys()
    assert account.fake.level(f"gid://shopify/InventoryItem/{ITEM}", f"gid://shopify/Location/{LOCATION}")["available"] == 7


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (UNKEYED.sub("", SET), "missingSetIdempotency"),
        (UNKEYED.sub("", ADJUST), "missingAdjustIdempotency"),
        (SET, "missingSetChangeFromQuantity"),
        (ADJUST, "missingAdjustChangeFromQuantity"),
    ],
)
def test_mutation_fails_as_recorded_when_something_required_is_missing(document: str, name: str) -> None:
    answer, said = _ask(_account(), document, recorded(FILE)[name]), recorded(FILE)[name]["response"]
    shown = [(error["message"], error["extensions"]["code"], error["path"]) for error in answer["errors"]]
    assert shown == [(error["message"], error["extensions"]["code"], error["path"]) for error in said["errors"]]
    assert answer["data"] == said["data"]
    assert answer["extensions"]["cost"]["actualQueryCost"] == said["extensions"]["cost"]["actualQueryCost"]


def test_mutation_is_an_invalid_variable_when_it_has_the_shape_of_before_2026_04() -> None:
    answer, said = _ask(_account(), SET, recorded(FILE)["legacySetShape"]), recorded(FILE)["legacySetShape"]["response"]
    assert [error["extensions"]["code"] for error in answer["errors"]] == [said["errors"][0]["extensions"]["code"]]
    assert "data" not in answer


@pytest.mark.parametrize(
    ("document", "name"),
    [
        (SET, "setUnknownInventoryItem"),
        (SET, "setUnknownLocation"),
        (ADJUST, "adjustUnknownInventoryItem"),
        (ADJUST, "adjustUnknownLocation"),
    ],
)
def test_mutation_is_refused_as_recorded_when_an_id_is_unknown(document: str, name: str) -> None:
    pair = recorded(FILE)["unknownIdValidation"][name]
    assert _ask(_account(), document, pair)["data"] == pair["response"]["data"]


def test_adjust_names_both_ids_as_recorded_when_both_are_unknown() -> None:
    pair = recorded("inventory-existence-validation.json")["adjustUnknownInventoryItem"]
    answer = _account().fake.execute(pair["query"], pair["variables"])
    assert answer["data"] == pair["response"]["data"]
    assert answer["extensions"]["cost"]["requestedQueryCost"] == pair["response"]["extensions"]["cost"]["requestedQueryCost"]
    assert answer["extensions"]["cost"]["actualQueryCost"] == pair["response"]["extensions"]["cost"]["actualQueryCost"]


def test_create_customer_answers_as_recorded() -> None:
    pair = recorded("customer-merge-parity.json")["precondition"]["createOne"]
    document = """mutation($input: CustomerInput!) { customerCreate(input: $input) {
      customer { firstName lastName note tags defaultEmailAddress { emailAddress } defaultPhoneNumber { phoneNumber }
                 addressesV2(first: 1) { nodes { id } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }
      userErrors { field message } } }"""
    answer = Account().fake.execute(document, pair["variables"])["data"]["customerCreate"]
    said = pair["response"]["data"]["customerCreate"]
    assert answer["customer"] == {name: said["customer"][name] for name in answer["customer"]}
    assert answer["userErrors"] == said["userErrors"]


def test_level_shows_the_recorded_shape() -> None:
    read = recorded(FILE)["downstreamRead"]["data"]["inventoryItem"]["inventoryLevels"]["nodes"][0]
    document = """query($id: ID!) { inventoryItem(id: $id) { inventoryLevels(first: 1) { nodes {
      id location { id name } quantities(names: ["available", "on_hand"]) { name quantity updatedAt } } } } }"""
    answer = _account().fake.execute(document, {"id": f"gid://shopify/InventoryItem/{ITEM}"})
    (level,) = answer["data"]["inventoryItem"]["inventoryLevels"]["nodes"]
    assert re.sub(r"\d+", "n", level["id"]) == re.sub(r"\d+", "n", read["id"])
    assert level["location"] == read["location"]
    assert [each.keys() for each in level["quantities"]] == [each.keys() for each in read["quantities"]]
    assert [each["updatedAt"] for each in level["quantities"] if each["name"] == "on_hand"] == [None]
