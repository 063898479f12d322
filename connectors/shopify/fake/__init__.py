"""A simulated Shopify shop: GraphQL executed against a schema, with Shopify's costs, errors, search lag and webhooks.

In: an `httpx.Request` (`respond`) or what people do (`add_customer`, `edit_price`, `order`, ...). Out: an `httpx.Response`,
signed webhooks, and a journal of everything that happened. Needs graphql-core, imported with the first request.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

import httpx

from connectors.shopify.client import gid, number
from connectors.shopify.fake.acts import Acts
from connectors.shopify.fake.customers import Customers
from connectors.shopify.fake.hooks import Hooks
from connectors.shopify.fake.order_state import Order
from connectors.shopify.fake.shop import SECRET, TOKEN
from connectors.shopify.queries import API_VERSION
from hub.model.values import SECOND, Doc, Micros

__all__ = ["SECRET", "TOKEN", "ShopifyFake"]
MOST_PER_QUERY: Final = 1000
_PATH: Final = f"/admin/api/{API_VERSION}/graphql.json"
_SCOPES: Final = {
    "customer": "read_customers",
    "customers": "read_customers",
    "customerByIdentifier": "read_customers",
    "product": "read_products",
    "products": "read_products",
    "productVariants": "read_products",
    "location": "read_locations",
    "locations": "read_locations",
    "inventoryItem": "read_inventory",
    "order": "read_orders",
    "orders": "read_orders",
    "refund": "read_orders",
    "fulfillment": "read_orders",
    "return": "read_returns",
    "refundCreate": "write_orders",
    "orderCancel": "write_orders",
    "fulfillmentCreate": "write_merchant_managed_fulfillment_orders",
    "productUpdate": "write_products",
    "productVariantsBulkUpdate": "write_products",
    "inventoryAdjustQuantities": "write_inventory",
    "inventorySetQuantities": "write_inventory",
}


class ShopifyFake(Customers, Acts, Hooks):
    """One shop. `capacity` and `restore_per_s`: the leaky bucket in points (Standard plan: 2000 and 100)."""

    def __init__(
        self, now: Callable[[], Micros], *, capacity: float = 2000.0, restore_per_s: float = 100.0, **settings: Any
    ) -> None:
        super().__init__(now, **settings)
        self.capacity = capacity
        self.restore_per_s = restore_per_s
        self.state.points = capacity
        self.state.points_at = now()
        self._roots: dict[str, Callable[..., Any]] = {}

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request to the GraphQL endpoint."""
        if request.method != "POST" or request.url.path != _PATH:
            return _answer(404, {"errors": "Not Found"})
        if request.headers.get("x-shopify-access-token") != self.token:
            return _answer(401, {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"})
        try:
            asked = json.loads(request.content)
            query, variables = asked["query"], asked.get("variables") or {}
        except (ValueError, KeyError, TypeError):
            return _answer(400, {"errors": {"query": "Required parameter missing or invalid"}})
        return _answer(200, self.execute(query, variables))

    def execute(self, query: str, variables: Doc) -> Doc:
        """Run a document and return the body of the answer."""
        from connectors.shopify.fake import engine

        document = engine.prepare(query)
        if isinstance(document, tuple):
            return {"errors": list(document)}
        asked = engine.cost(document, variables)
        over = self._over(asked)
        if over is not None:
            return {"errors": [over], "extensions": self._extensions(asked, None)}
        body = engine.run(document, self._resolvers(), variables)
        used = engine.cost(document, variables, body.get("data") or {}) if body.get("data") else min(asked, engine.MUTATION_COST)
        self.state.points -= used
        return {**body, "extensions": self._extensions(asked, used)}

    def _over(self, asked: int) -> Doc | None:
        now = self.now()
        refill = (now - self.state.points_at) / SECOND * self.restore_per_s
        self.state.points = min(self.capacity, self.state.points + max(0.0, refill))
        self.state.points_at = now
        if asked > MOST_PER_QUERY:
            message = f"Query cost is {asked}, which exceeds the single query max cost limit ({MOST_PER_QUERY})."
            return {"message": message, "extensions": {"code": "MAX_COST_EXCEEDED", "cost": asked, "maxCost": MOST_PER_QUERY}}
        if asked > self.state.points:
            return {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return None

    def _extensions(self, asked: int, used: int | None) -> Doc:
        status = {
            "maximumAvailable": self.capacity,
            "currentlyAvailable": int(self.state.points),
            "restoreRate": self.restore_per_s,
        }
        return {"cost": {"requestedQueryCost": asked, "actualQueryCost": used, "throttleStatus": status}}

    def _resolvers(self) -> dict[str, Callable[..., Any]]:
        if not self._roots:
            self._roots = {name: self._guarded(name, resolve) for name, resolve in self._all_resolvers().items()}
        return self._roots

    def _all_resolvers(self) -> dict[str, Callable[..., Any]]:
        return {
            "shop": self._query_shop,
            "nodes": self._query_nodes,
            "customer": self._query_customer,
            "customerByIdentifier": self._query_customer_by_identifier,
            "customers": self._query_customers,
            "product": self._query_product,
            "products": self._query_products,
            "productVariants": self._query_variants,
            "location": self._query_location,
            "locations": self._query_locations,
            "inventoryItem": self._query_item,
            "webhookSubscriptions": self._query_hooks,
            "webhookSubscriptionCreate": self._hook_create,
            "webhookSubscriptionDelete": self._hook_delete,
            "order": self._query_order,
            "orders": self._query_orders,
            "refund": self._query_refund,
            "fulfillment": self._query_fulfillment,
            "return": self._query_return,
            "refundCreate": self._refund_create,
            "orderCancel": self._order_cancel,
            "fulfillmentCreate": self._fulfillment_create,
            "customerCreate": self._customer_create,
            "customerUpdate": self._customer_update,
            "customerDelete": self._customer_delete,
            "customerEmailMarketingConsentUpdate": self._email_consent,
            "customerSmsMarketingConsentUpdate": self._sms_consent,
            "customerAddressCreate": self._address_create,
            "customerAddressUpdate": self._address_update,
            "customerAddressDelete": self._address_delete,
            "productUpdate": self._product_update,
            "productVariantsBulkUpdate": self._variants_update,
            "inventoryAdjustQuantities": self._keyed(self._adjust, "changes", "InventoryChangeInput"),
            "inventorySetQuantities": self._keyed(self._set_quantities, "quantities", "InventoryQuantityInput"),
        }

    def _guarded(self, name: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
        from connectors.shopify.fake import engine

        scope = _SCOPES.get(name, "write_customers" if name.startswith("customer") else None)

        def guarded(info: Any, **args: Any) -> Any:
            if scope is not None and self.scopes is not None and scope not in self.scopes:
                raise engine.denied(name, scope)
            try:
                return resolve(info, **args)
            except ValueError as error:
                raise engine.invalid(str(error)) from error

        return guarded

    @staticmethod
    def _keyed(act: Callable[..., Any], lines: str, kind: str) -> Callable[..., Any]:
        """Hold an inventory mutation to what is required since 2026-04: the key first, then changeFromQuantity."""
        from connectors.shopify.fake import engine

        def keyed(info: Any, input: Any) -> Any:  # noqa: A002 - the argument's name in the schema
            key = engine.idempotency_key(info)
            engine.demand(input[lines], kind)
            return act(info, input, key)

        return keyed

    def _query_shop(self, _info: Any) -> Doc:
        address = f"{self.shop}.myshopify.com"
        return {"id": "gid://shopify/Shop/1", "name": self.shop, "myshopifyDomain": address, "currencyCode": self.currency}

    def _query_nodes(self, info: Any, ids: list[str]) -> list[Doc | None]:
        return [self._node(info, each) for each in ids]

    def _buyer(self, row: Order) -> Doc | None:
        return self._query_customer(None, gid("Customer", row.customer)) if row.customer else None

    def _node(self, info: Any, external_id: str) -> Doc | None:
        if "/ProductVariant/" in external_id:
            row = self.state.variants.get(int(number(external_id)))
            return self._variant_view(row) if row else None
        queries = {
            "Customer": self._query_customer,
            "Product": self._query_product,
            "Location": self._query_location,
            "InventoryItem": self._query_item,
            "Order": self._query_order,
            "OrderTransaction": self._query_transaction,
            "Refund": self._query_refund,
            "Fulfillment": self._query_fulfillment,
            "Return": self._query_return,
        }
        query = queries.get(external_id.split("/")[-2] if external_id.startswith("gid://shopify/") else "")
        return query(info, external_id) if query else None


def _answer(status: int, body: Doc) -> httpx.Response:
    return httpx.Response(status, json=body, headers={"x-shopify-api-version": API_VERSION})
