"""Variants: SKU (not unique there), price, custom fields such as a barcode. Price and SKU are written, nothing is created.

Money is an integer with always two decimal places, for JPY too. Where the channel's prices include tax, `priceWithTax` is what
was entered and `price` is computed; elsewhere it is the other way round. Only the entered one can be written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final

from connectors.vendure.answers import answer
from connectors.vendure.client import Account, Client, Fault
from connectors.vendure.lists import ListStream
from hub.model.values import Doc
from hub.sdk import Answer, AnswerKind, Call, Change, Safe, Sink

FIELDS: Final = (
    "id createdAt updatedAt productId languageCode sku name enabled trackInventory price priceWithTax currencyCode "
    "prices { currencyCode price } @custom"
)
UPDATE: Final = f"""
mutation Update($input: [UpdateProductVariantInput!]!) {{
  updateProductVariants(input: $input) {{ {FIELDS} }}
}}"""
_PRICES: Final = ("price", "priceWithTax")
_SAME: Final = ("sku", "enabled", "customFields")


def is_tracked(variant: Doc, account: Account) -> bool:
    """Say whether stock of the variant is counted at all; INHERIT means the global setting."""
    flag = variant["trackInventory"]
    return flag == "TRUE" or (flag == "INHERIT" and account.tracks_inventory)


def read_variant(item: Doc, account: Account) -> Doc:
    """Return the stream's document: the variant, and `tracked` with INHERIT resolved."""
    return {**item, "tracked": is_tracked(item, account)}


class Variants(ListStream):
    """`productVariants`. An order moves neither a variant nor its `updatedAt`; an admin's stock or price change does."""

    name: ClassVar[str] = "variants"
    root: ClassVar[str] = "productVariants"
    kind: ClassVar[str] = "ProductVariant"
    fields: ClassVar[str] = FIELDS

    def documents(self, item: Doc, account: Account) -> Sequence[Doc]:
        """Return the variant with `tracked` resolved."""
        return [read_variant(item, account)]


class VariantSink(Sink[Client]):
    """Writes `sku`, `enabled`, custom fields and the entered price (`priceWithTax` or `price`) of a variant."""

    name: ClassVar[str] = "variants"
    update: ClassVar[Safe | None] = Safe.PLAIN
    archive: ClassVar[Mapping[str, Any]] = {"active": False}

    def calls(self, change: Change) -> Sequence[Call]:
        """Return the one call, or none where only parts changed that cannot be written."""
        patch = change.patch()
        given: Doc = {name: patch[name] for name in _SAME if name in patch}
        prices = {name: patch[name] for name in _PRICES if name in patch}
        if not given and not prices:
            return []
        return [Call("updateProductVariants", {"input": given, "prices": prices, "currency": change.after.get("currencyCode")})]

    def send(self, client: Client, call: Call, key: str, external_id: str | None) -> Answer:
        """Write; the answer carries the whole variant."""
        _ = key
        account = client.account()
        entered = "priceWithTax" if account.prices_include_tax else "price"
        prices: dict[str, Any] = call.body["prices"]
        computed = [name for name in prices if name != entered]
        if computed:
            return Answer(
                AnswerKind.REFUSED, blames=computed[0], reason="Prices of this channel are entered the other way (gross or net)."
            )
        if prices and call.body["currency"] != account.currency:
            return Answer(AnswerKind.REFUSED, blames="currencyCode", reason="Only the channel's own currency can be written.")
        given = {**call.body["input"], "id": external_id}
        if prices:
            given["price"] = prices[entered]
        told = client.tell(account.select("ProductVariant", UPDATE), {"input": [given]})
        return answer(told) if isinstance(told, Fault) else answer(read_variant(told, account))

    def find(self, client: Client, change: Change) -> Sequence[Doc]:
        """Return nothing: this sink never creates."""
        _ = client, change
        return ()
