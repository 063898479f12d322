"""Products with their variants inside, and variants on their own.

Product document: `{id, title, descriptionHtml, handle, vendor, productType, status, tags, createdAt, updatedAt, variants:
[...]}`.
Variant document (the same inside a product and alone): `{id, title, sku, barcode, price, compareAtPrice, position, createdAt,
updatedAt, product: {id}, inventoryItem: {id, tracked}}`; prices are decimal text in the shop's currency.

A change of a variant, and a stock movement, move the product's `updatedAt` too (shopify.dev, Product.updatedAt), so variants need
no poll of their own; the stream `variants` is for reading single ones back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.shopify import queries
from connectors.shopify.client import ShopifyClient, refusal
from connectors.shopify.paging import page, rest, since
from hub.model.values import Doc
from hub.sdk.base import Answer, AnswerKind, Call, Change, Cursor, Operation, Page, Safe, Sink, Stream

_PRODUCT: Final = ("title", "descriptionHtml", "handle", "vendor", "productType", "status", "tags")
_VARIANT: Final = ("price", "compareAtPrice", "barcode")
_BLAMES: Final = {name: name for name in (*_PRODUCT, *_VARIANT, "sku")} | {"tracked": "inventoryItem.tracked"}


def document(client: ShopifyClient, node: Doc) -> Doc:
    """Return a product node in the stream's shape, with all its variants."""
    variants = rest(client, node["variants"], queries.PRODUCT_VARIANTS, "product", "variants", node["id"])
    return {**node, "variants": variants}


class Products(Stream[ShopifyClient]):
    """Products by time of change, each with all its variants."""

    name: ClassVar[str] = "products"
    overlap_s: ClassVar[float] = 60.0  # the search index shows a change late; the record itself is read fresh
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = 7

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of at most 7 products (about 850 points)."""
        found = client.read(queries.PRODUCTS, first=7, after=cursor.token, query=since(cursor.since))["products"]
        return page(found, [document(client, node) for node in found["nodes"]])

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id."""
        found = client.read(queries.PRODUCTS_BY_ID, ids=list(ids))["nodes"] if ids else []
        return [document(client, node) for node in found if node]


class Variants(Stream[ShopifyClient]):
    """Single variants. The list has no order by time and no filter by it, so a poll always reads everything."""

    name: ClassVar[str] = "variants"
    incremental: ClassVar[bool] = False
    visible_after_s: ClassVar[float] = 1.0

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of at most 100 variants, by id."""
        found = client.read(queries.VARIANTS_PAGE, first=100, after=cursor.token)["productVariants"]
        return page(found, list(found["nodes"]))

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id."""
        found = client.read(queries.VARIANTS_BY_ID, ids=list(ids))["nodes"] if ids else []
        return [node for node in found if node]


class ProductSink(Sink[ShopifyClient]):
    """Changes what a product is called and how it is described. Products are not created here."""

    name: ClassVar[str] = "products"
    update: ClassVar[Safe | None] = Safe.PLAIN
    archive: ClassVar[Mapping[str, Any]] = {"status": "archived"}

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call of an update; an empty update has none."""
        patch = change.patch()
        fields = {name: patch[name] for name in _PRODUCT if name in patch}
        return [Call("productUpdate", {"product": fields})] if fields and change.operation is Operation.UPDATE else []

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no idempotency here
        """Make the call; the answer carries the whole product."""
        payload = client.write(queries.PRODUCT_UPDATE, product={"id": external_id, **call.body["product"]})
        refused = refusal(payload, _BLAMES)
        return refused or Answer(AnswerKind.DONE, doc=document(client, payload["product"]), external_id=external_id)

    def find(self, client: ShopifyClient, change: Change) -> Sequence[Doc]:  # noqa: ARG002 - the contract of every sink
        """Nothing is created here, so there is nothing to look up."""
        return []


class VariantSink(Sink[ShopifyClient]):
    """Changes price, compare-at price, barcode, SKU and tracking of a variant."""

    name: ClassVar[str] = "variants"
    update: ClassVar[Safe | None] = Safe.PLAIN

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call of an update. The product's id is part of the address, so it is taken from the document."""
        patch = change.patch()
        fields: Doc = {name: patch[name] for name in _VARIANT if name in patch}
        item = {"sku": patch["sku"]} if "sku" in patch else {}
        if "tracked" in (patch.get("inventoryItem") or {}):
            item["tracked"] = patch["inventoryItem"]["tracked"]
        if item:
            fields["inventoryItem"] = item
        if not fields or change.operation is not Operation.UPDATE:
            return []
        product = ((change.before or {}).get("product") or change.after["product"])["id"]
        return [Call("productVariantsBulkUpdate", {"productId": product, "variants": [fields]})]

    def send(self, client: ShopifyClient, call: Call, key: str, external_id: str | None) -> Answer:  # noqa: ARG002 - no idempotency here
        """Make the call; the answer carries the whole variant."""
        variants = [{"id": external_id, **fields} for fields in call.body["variants"]]
        payload = client.write(queries.VARIANTS_UPDATE, productId=call.body["productId"], variants=variants)
        refused = refusal(payload, _BLAMES)
        return refused or Answer(AnswerKind.DONE, doc=payload["productVariants"][0], external_id=external_id)

    def find(self, client: ShopifyClient, change: Change) -> Sequence[Doc]:  # noqa: ARG002 - the contract of every sink
        """Nothing is created here, so there is nothing to look up."""
        return []
