"""Every GraphQL document of the connector against the schema that Vendure publishes (3.5.4, trimmed)."""

from __future__ import annotations

import pytest
from graphql import build_schema, parse, validate

from connectors.vendure import CONNECTOR, addresses, client, customers, inventory, orders, variants
from connectors.vendure.lists import ListStream
from tests.connectors.vendure.shop import SCHEMA, recorded

LEFT_OUT = """
extend type Query { globalSettings: GlobalSettings! }
type GlobalSettings { trackInventory: Boolean! serverConfig: ServerConfig! }
type ServerConfig { entityCustomFields: [EntityCustomFields!]! }
type EntityCustomFields { entityName: String! customFields: [CustomField!]! }
interface CustomField { name: String! type: String! list: Boolean! }
extend type Mutation { deleteCustomerAddress(id: ID!): Success! }
"""
"""What the connector uses and the trimmed file does not have; seen on the live server."""
BARE = client.Account("c", "EUR", prices_include_tax=True, tracks_inventory=True)
STREAMS = [stream for stream in CONNECTOR.streams.values() if isinstance(stream, ListStream)]
DOCUMENTS = {
    "login": client.LOGIN,
    "me": client.ME,
    "account": client.ACCOUNT,
    "create": BARE.select("Customer", customers.CREATE),
    "update": BARE.select("Customer", customers.UPDATE),
    "delete": customers.DELETE,
    "variant": BARE.select("ProductVariant", variants.UPDATE),
    "look": inventory.LOOK,
    "set": inventory.SET,
    "orders": BARE.select("Order", orders.QUERY),
    **addresses.DOCUMENTS,
    **{stream.name: BARE.select(stream.kind, stream.query(counted=True)) for stream in STREAMS},
    **{f"{stream.name} by id": BARE.select(stream.kind, stream.query(counted=False)) for stream in STREAMS},
}


@pytest.mark.skipif(not SCHEMA.exists(), reason="Vendure's published schema is not part of this repository")
@pytest.mark.parametrize("name", DOCUMENTS)
def test_validate_finds_nothing_when_the_document_is_ours(name: str) -> None:
    schema = build_schema(SCHEMA.read_text("utf-8") + LEFT_OUT)
    assert validate(schema, parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_parse_succeeds_when_the_document_is_ours(name: str) -> None:
    assert len(parse(DOCUMENTS[name]).definitions) == 1


def test_select_asks_for_custom_fields_when_the_shop_has_plain_ones() -> None:
    facts = recorded("account")[0]["body"]["data"]
    told = facts["globalSettings"]["serverConfig"]["entityCustomFields"]
    told.append({"entityName": "Product", "customFields": [{"name": "maker", "type": "relation", "list": False}]})
    account = client.read_account(facts)
    assert account.select("Customer", "id @custom") == "id customFields { loyaltyTier externalRef }"
    assert account.select("Product", "id @custom") == "id "
