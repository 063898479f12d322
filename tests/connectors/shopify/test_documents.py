"""Every document the connector sends, and the schema the fake serves, held against the vendor's published schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    build_schema,
    parse,
    validate,
)

from connectors.shopify import order_queries, queries
from connectors.shopify.fake.engine import cost
from connectors.shopify.fake.schema import SDL
from tests.connectors.shopify.contracts import needs_contracts, vendor_schema

DOCUMENTS = {
    name: value
    for name, value in (vars(queries) | vars(order_queries)).items()
    if isinstance(value, str) and value.lstrip().startswith(("query ", "mutation ")) and name.isupper()
}
WORST = {"first": 250, "ids": ["gid://shopify/Customer/1"] * 50, "input": {}, "variants": [{}]}
PAGES = {"CUSTOMERS": 50, "PRODUCTS": 7, "VARIANTS_PAGE": 100, "LOCATIONS": 100, "LOCATION_IDS": 250, "LEVELS": 150, "ORDERS": 3}
IDS = {"PRODUCTS_BY_ID": 7, "ORDERS_BY_ID": 3} | dict.fromkeys(("REFUNDS_BY_ID", "FULFILLMENTS_BY_ID", "RETURNS_BY_ID"), 20)


@needs_contracts
@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_is_valid_against_the_vendors_schema(name: str) -> None:
    assert validate(vendor_schema(), parse(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", DOCUMENTS)
def test_document_costs_at_most_what_one_query_may(name: str) -> None:
    ids = ["gid://shopify/Product/1"] * IDS.get(name, 50)
    assert 0 < cost(parse(DOCUMENTS[name]), {"first": PAGES.get(name, 0), "ids": ids}) <= 1000


@needs_contracts
def test_fake_schema_is_part_of_the_vendors() -> None:
    ours, theirs = build_schema(SDL), vendor_schema()
    kinds = (GraphQLObjectType, GraphQLInterfaceType, GraphQLInputObjectType)
    mine = {name: kind for name, kind in ours.type_map.items() if not name.startswith("__")}
    lost = [name for name in mine if name not in theirs.type_map]
    fields = [
        f"{name}.{field}: {_shape(mine[name], field)}"
        for name, kind in mine.items()
        if isinstance(kind, kinds) and name not in lost
        for field in kind.fields
        if _shape(kind, field) != _part(theirs.type_map[name], field, _shape(kind, field))
    ]
    words = [
        f"{name}.{word}"
        for name, kind in mine.items()
        if isinstance(kind, GraphQLEnumType) and name not in lost
        for word in kind.values
        if word not in _words(theirs.type_map[name])
    ]
    assert lost + fields + words == []


@needs_contracts
def test_fake_schema_needs_every_input_that_the_vendor_needs() -> None:
    ours, theirs = build_schema(SDL), vendor_schema()
    missing = [
        f"{name}.{field}"
        for name, kind in ours.type_map.items()
        if isinstance(kind, GraphQLInputObjectType)
        for field, value in _fields(theirs.type_map[name]).items()
        if str(value.type).endswith("!") and value.default_value is None and field not in kind.fields
    ]
    assert missing == []


def _fields(kind: Any) -> dict[str, Any]:
    return dict(kind.fields)


def _words(kind: Any) -> set[str]:
    return set(kind.values)


def _shape(kind: Any, field: str) -> dict[str, str]:
    """Return type and arguments of a field as text, with nullability and defaults."""
    found = kind.fields[field]
    arguments = {name: f"{value.type} = {value.default_value}" for name, value in getattr(found, "args", {}).items()}
    return {"type": str(found.type), **arguments}


def _part(kind: Any, field: str, wanted: dict[str, str]) -> dict[str, str]:
    """Return what the vendor says about the same arguments, and about required ones that ours lacks."""
    theirs = _shape(kind, field) if field in kind.fields else {}
    return {name: text for name, text in theirs.items() if name in wanted or "! = Undefined" in text}


def test_documents_are_plain_text() -> None:
    assert json.loads(json.dumps(DOCUMENTS)) == DOCUMENTS
    assert len(DOCUMENTS) >= 39
