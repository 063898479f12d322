"""Finds the vendor contracts beside the repository: SYNCLINE_SHARED, else `../shared`. They are not part of it."""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from graphql import GraphQLSchema, build_schema

_ROOT = Path(__file__).resolve().parents[3]
SHARED = Path(os.environ.get("SYNCLINE_SHARED") or _ROOT.parent / "shared") / "specs"

needs_contracts = pytest.mark.skipif(
    not (SHARED / "shopify").is_dir(), reason="the vendor contracts (../shared or SYNCLINE_SHARED) are not here"
)

# The published SDL at hand leaves out deprecated fields. This one is in 2026-07 and deprecated from 2026-10
# (shopify.dev/changelog: "SMS marketing consent now available on the CustomerPhoneNumber object").
_DEPRECATED = "extend type CustomerPhoneNumber { marketingState: CustomerSmsMarketingState! }"
# It also leaves out who implements `ReturnLineItemType`. Recorded: a return's lines have a `fulfillmentLineItem`
# (shopify.dev/docs/api/admin-graphql/2026-07/objects/ReturnLineItem).


@cache
def vendor_schema() -> GraphQLSchema:
    text = (SHARED / "shopify" / "admin-2026-07.graphql").read_text("utf-8")
    lines = text.partition("\ninterface ReturnLineItemType implements Node {")[2].partition("\n}")[0]
    returned = f"type ReturnLineItem implements ReturnLineItemType & Node {{{lines} fulfillmentLineItem: FulfillmentLineItem! }}"
    return build_schema(text + _DEPRECATED + returned)


@cache
def recorded(name: str) -> dict[str, Any]:
    """Return the recorded pairs of the file whose path ends with `name`."""
    recordings = json.loads((SHARED / "shopify" / "recorded-2026-04.json").read_text("utf-8"))["recordings"]
    found: dict[str, Any] = next(one["recorded"] for one in recordings if one["file"].endswith(name))
    return found


@cache
def webhook_topics() -> dict[str, Any]:
    topics = json.loads((SHARED / "shopify" / "webhooks-2026-07.json").read_text("utf-8"))["topics"]
    return {topic["topic"]: topic for topic in topics}


def signature_vector() -> dict[str, Any]:
    vectors = json.loads((SHARED / "webhook-signatures.json").read_text("utf-8"))["vectors"]
    found: dict[str, Any] = next(
        one for one in vectors if one["vendor"] == "shopify" and "X-Shopify-Hmac-SHA256" in one["headers"]
    )
    return found
