"""Shopify: customers, products with variants, prices, stock per location, over the Admin GraphQL API 2026-07.

In: settings and an `Http`. Out: documents in Shopify's own words, one shape per stream; answers of writes; hints of webhooks.
The fake beside it is a simulated shop with the same API.
"""

from connectors.shopify.connector import Shopify
from connectors.shopify.fake import ShopifyFake

CONNECTOR = Shopify()
FAKE = ShopifyFake

__all__ = ["CONNECTOR", "FAKE"]
