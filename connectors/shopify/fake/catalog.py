"""Products, variants and their prices in the simulated shop."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from connectors.shopify.client import gid
from connectors.shopify.fake.relay import connection, matcher
from connectors.shopify.fake.shop import API, Shop, known, problem, refused, text
from connectors.shopify.fake.state import Product, Variant
from hub.model.values import Doc

_FIELDS: Final = ("title", "descriptionHtml", "handle", "vendor", "productType", "status")
_ATTRIBUTES: Final = {"price": "price", "compareAtPrice": "compare_at", "barcode": "barcode", "sku": "sku", "tracked": "tracked"}


class Catalog(Shop):
    """The part of the shop that knows goods."""

    def add_product(
        self, title: str, variants: Sequence[Mapping[str, Any]] = ({},), actor: str = "staff", **fields: Any
    ) -> tuple[str, list[str]]:
        """Staff add a product. Variants: sku, barcode, price, compareAtPrice, title, tracked. Returns its id and theirs."""
        row = Product(*self._born(), fields={"title": title, "handle": _handle(title), "status": "ACTIVE"})
        row.fields.update({name: fields[name] for name in _FIELDS if name in fields})
        row.tags = sorted(set(fields.get("tags", ())))
        for wanted in variants:
            self._new_variant(row, wanted)
        self._touch(row)
        self.state.products[row.number] = row
        self.note(actor, "create", "product", gid("Product", row.number), **self._product_facts(row))
        for number in row.variants:
            self.note(actor, "create", "variant", gid("ProductVariant", number), **_variant_facts(self.state.variants[number]))
        self._send("products/create", self._product_hook(row))
        return gid("Product", row.number), [gid("ProductVariant", number) for number in row.variants]

    def add_variant(self, product_id: str, wanted: Mapping[str, Any], actor: str = "staff") -> str:
        """Staff add a variant to a product, see `add_product`. Returns its id."""
        row = self._row("Product", product_id, self.state.products)
        variant = self._new_variant(row, wanted)
        external_id = gid("ProductVariant", variant.number)
        self.note(actor, "create", "variant", external_id, **_variant_facts(variant))
        self._product_touched(row)
        return external_id

    def _new_variant(self, row: Product, wanted: Mapping[str, Any]) -> Variant:
        variant = Variant(*self._born(), product=row.number, item=self._id(), position=len(row.variants) + 1)
        variant.title = wanted.get("title") or "Default Title"
        _set(variant, {name: value for name, value in wanted.items() if name in _ATTRIBUTES})
        self._touch(variant)
        row.variants.append(variant.number)
        self.state.variants[variant.number] = variant
        self.state.items[variant.item] = variant.number
        return variant

    def edit_product(self, external_id: str, actor: str = "staff", **fields: Any) -> None:
        """Staff edit title, descriptionHtml, handle, vendor, productType, status or tags."""
        row = self._row("Product", external_id, self.state.products)
        before = self._product_facts(row)
        row.fields.update({name: fields[name] for name in _FIELDS if name in fields})
        if "tags" in fields:
            row.tags = sorted(set(fields["tags"] or ()))
        changes = {name: value for name, value in self._product_facts(row).items() if before[name] != value}
        if changes:
            self.note(actor, "update", "product", external_id, **changes)
            self._product_touched(row)

    def edit_variant(self, external_id: str, actor: str = "staff", **fields: Any) -> None:
        """Staff edit price, compareAtPrice, barcode, sku or tracked. Prices are decimal text. Raises ValueError for no price."""
        row = self._row("ProductVariant", external_id, self.state.variants)
        before = _variant_facts(row)
        _set(row, fields)
        changes = {name: value for name, value in _variant_facts(row).items() if before[name] != value}
        if changes:
            self._touch(row)
            self.note(actor, "update", "variant", external_id, **changes)
            self._product_touched(self.state.products[row.product])

    def edit_price(self, external_id: str, price: str, actor: str = "staff") -> None:
        """Staff set a price, decimal text in the shop's currency."""
        self.edit_variant(external_id, actor, price=price)

    def delete_product(self, external_id: str, actor: str = "staff") -> None:
        """Staff delete a product with its variants and their stock."""
        row = self._row("Product", external_id, self.state.products)
        items = {self.state.variants.pop(number).item for number in row.variants}
        for item in items:
            del self.state.items[item]
        self.state.levels = {pair: level for pair, level in self.state.levels.items() if pair[0] not in items}
        del self.state.products[row.number]
        self.note(actor, "delete", "product", external_id)
        self._send("products/delete", {"id": row.number})

    def product(self, external_id: str) -> Doc | None:
        """Return a product's fields, tags and variant ids; None if there is none."""
        row = known("Product", external_id, self.state.products)
        return row and {"id": external_id, **self._product_facts(row), "updatedAt": text(row.updated)}

    def variant(self, external_id: str) -> Doc | None:
        """Return a variant's price, compareAtPrice, barcode, sku, tracked; None if there is none."""
        row = known("ProductVariant", external_id, self.state.variants)
        return row and {"id": external_id, **_variant_facts(row), "updatedAt": text(row.updated)}

    def products(self) -> list[Doc]:
        """Return all products, oldest first."""
        return [{"id": gid("Product", number), **self._product_facts(row)} for number, row in self.state.products.items()]

    def _row(self, kind: str, external_id: str, rows: dict[int, Any]) -> Any:
        row = known(kind, external_id, rows)
        if row is None:
            raise KeyError(external_id)
        return row

    def _product_touched(self, row: Product) -> None:
        # A change of a variant or of its stock counts as a change of the product (shopify.dev, Product.updatedAt).
        self._touch(row)
        self._send("products/update", self._product_hook(row))

    def _product_facts(self, row: Product) -> Doc:
        return {
            **{name: row.fields.get(name, "") for name in _FIELDS},
            "tags": list(row.tags),
            "variants": [gid("ProductVariant", number) for number in row.variants],
        }

    # What the API shows.

    def _product_view(self, row: Product) -> Doc:
        return {
            "__typename": "Product",
            "id": gid("Product", row.number),
            **{name: row.fields.get(name, "") for name in _FIELDS},
            "tags": row.tags,
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "variants": lambda _info, first=None, after=None, sortKey="POSITION": self._variant_page(  # noqa: N803, ARG005 - schema's name
                [self.state.variants[number] for number in row.variants], first, after
            ),
        }

    def _variant_page(self, rows: Sequence[Variant], first: int | None, after: str | None) -> Doc:
        return connection([([row.position, row.number], row) for row in rows], self._variant_view, first=first, after=after)

    def _variant_view(self, row: Variant) -> Doc:
        return {
            "__typename": "ProductVariant",
            "id": gid("ProductVariant", row.number),
            "title": row.title,
            "sku": row.sku,
            "barcode": row.barcode,
            "price": row.price,
            "compareAtPrice": row.compare_at,
            "position": row.position,
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "product": lambda _info: self._product_view(self.state.products[row.product]),
            "inventoryItem": lambda _info: self._item_view(row),
        }

    def _item_view(self, row: Variant) -> Doc:
        """Return the bare inventory item; the part of the shop that knows stock adds the levels."""
        return {
            "__typename": "InventoryItem",
            "id": gid("InventoryItem", row.item),
            "sku": row.sku,
            "tracked": row.tracked,
            "createdAt": text(row.created),
            "updatedAt": text(row.updated),
            "variants": lambda _info, first=None, after=None: self._variant_page([row], first, after),
        }

    def _query_product(self, _info: Any, id: str) -> Doc | None:  # noqa: A002 - the argument's name in the schema
        row = known("Product", id, self.state.products)
        return row and self._product_view(row)

    def _query_products(self, _info: Any, **args: Any) -> Doc:
        matches = matcher(args.get("query"))
        found = [(self._listed(row), row) for row in self.state.products.values()]
        rows = [
            ([{"UPDATED_AT": at, "CREATED_AT": row.created}.get(args["sortKey"], 0), row.number], row)
            for at, row in found
            if at is not None and matches({"updated_at": at, "id": str(row.number)})
        ]
        return connection(rows, self._product_view, first=args.get("first"), after=args.get("after"))

    def _query_variants(self, _info: Any, **args: Any) -> Doc:
        rows = [([row.number], row) for row in self.state.variants.values()]
        return connection(rows, self._variant_view, first=args.get("first"), after=args.get("after"))

    # What the API accepts.

    def _product_update(self, _info: Any, product: Mapping[str, Any]) -> Doc:
        row = known("Product", product.get("id") or "", self.state.products)
        if row is None:
            return refused(problem("Product does not exist", "id"), product=None)
        if "title" in product and not (product["title"] or "").strip():
            return refused(problem("Title can't be blank", "title"), product=None)
        self.edit_product(product["id"], API, **{name: value for name, value in product.items() if name != "id"})
        return {"product": self._product_view(row), "userErrors": []}

    def _variants_update(self, _info: Any, **args: Any) -> Doc:
        product = known("Product", args["productId"], self.state.products)
        if product is None:
            return refused(problem("Product does not exist", "productId", code="PRODUCT_DOES_NOT_EXIST"), productVariants=None)
        problems = [each for index, wanted in enumerate(args["variants"]) for each in self._wrong(product, index, wanted)]
        if problems:
            return refused(*problems, productVariants=None)
        for wanted in args["variants"]:
            self.edit_variant(wanted["id"], API, **_flat(wanted))
        rows = [known("ProductVariant", wanted["id"], self.state.variants) for wanted in args["variants"]]
        shown = [self._variant_view(row) for row in rows]
        return {"product": self._product_view(product), "productVariants": shown, "userErrors": []}

    def _wrong(self, product: Product, index: int, wanted: Mapping[str, Any]) -> list[Doc]:
        row = known("ProductVariant", wanted.get("id") or "", self.state.variants)
        if row is None or row.product != product.number:
            where = ("variants", str(index), "id")
            return [problem("Product variant does not exist", *where, code="PRODUCT_VARIANT_DOES_NOT_EXIST")]
        if "price" in wanted and _price(wanted["price"]) is None:
            return [problem("Price can't be blank", "variants", str(index), "price", code="INVALID_VALUE")]
        if "price" in wanted and Decimal(wanted["price"]) < 0:
            where = ("variants", str(index), "price")
            return [problem("Price must be greater than or equal to 0", *where, code="NEGATIVE_PRICE_VALUE")]
        return []

    # What the webhooks say.

    def _product_hook(self, row: Product) -> Doc:
        variants = [self.state.variants[number] for number in row.variants]
        return {
            "admin_graphql_api_id": gid("Product", row.number),
            "body_html": row.fields.get("descriptionHtml", ""),
            "created_at": text(row.created),
            "handle": row.fields["handle"],
            "id": row.number,
            "product_type": row.fields.get("productType", ""),
            "title": row.fields["title"],
            "updated_at": text(row.updated),
            "vendor": row.fields.get("vendor", ""),
            "status": row.fields["status"].lower(),
            "tags": ", ".join(row.tags),
            "variants": [_variant_hook(variant) for variant in variants[:100]],
            "variant_gids": [
                {"admin_graphql_api_id": gid("ProductVariant", variant.number), "updated_at": text(variant.updated)}
                for variant in sorted(variants, key=lambda variant: -variant.updated)
            ],
        }


def _flat(wanted: Mapping[str, Any]) -> Doc:
    return {**{name: value for name, value in wanted.items() if name in _ATTRIBUTES}, **(wanted.get("inventoryItem") or {})}


def _set(row: Variant, fields: Mapping[str, Any]) -> None:
    for name, attribute in _ATTRIBUTES.items():
        if name in fields:
            value = fields[name]
            setattr(row, attribute, _price(value) if name in ("price", "compareAtPrice") else value)
    if row.price is None:
        message = "a variant has a price"
        raise ValueError(message)


def _price(value: object) -> str | None:
    """Return decimal text with two digits, as the API shows prices; None for none or no number."""
    try:
        return None if value in (None, "") else f"{Decimal(str(value)):.2f}"
    except InvalidOperation:
        return None


def _variant_facts(row: Variant) -> Doc:
    return {name: getattr(row, attribute) for name, attribute in _ATTRIBUTES.items()}


def _variant_hook(row: Variant) -> Doc:
    return {
        "admin_graphql_api_id": gid("ProductVariant", row.number),
        "barcode": row.barcode,
        "compare_at_price": row.compare_at,
        "created_at": text(row.created),
        "id": row.number,
        "position": row.position,
        "price": row.price,
        "product_id": row.product,
        "sku": row.sku,
        "title": row.title,
        "updated_at": text(row.updated),
        "inventory_item_id": row.item,
    }


def _handle(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
