"""Products, read only. `updatedAt` moves with the product itself, never with its variants.

Texts are those of the channel's default language.
"""

from __future__ import annotations

from typing import ClassVar

from connectors.vendure.lists import ListStream


class Products(ListStream):
    """`products`, disabled ones too; deleted ones vanish."""

    name: ClassVar[str] = "products"
    root: ClassVar[str] = "products"
    kind: ClassVar[str] = "Product"
    fields: ClassVar[str] = "id createdAt updatedAt languageCode enabled name slug description @custom"
