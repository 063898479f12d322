"""A stateful simulator of a Square seller account, and of the people who work with it.

In: HTTP requests (`respond`), and what people do at the till (`ring_up`, `edit_customer`, ...; `sell` moves units only). Out:
answers, signed webhooks, and a journal of every change with who made it. Checked against the vendor's published contract by the
tests.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Sequence
from typing import Any, Final

import httpx

from connectors.square.fake.catalog import Catalog
from connectors.square.fake.core import API, MERCHANT, Failure, State, bad, read_time
from connectors.square.fake.counter import Counter
from connectors.square.fake.customers import Customers
from connectors.square.fake.locations import Locations
from connectors.square.fake.subscriptions import Subscriptions
from hub.model.values import Doc, Micros

TOKEN: Final = "EAAAfake-square-token"  # noqa: S105 - the simulator's own
SIGNATURE_KEY: Final = "fake-signature-key"


class SquareFake(Counter):
    """One seller account. `throttled`: how many of the next requests are answered RATE_LIMITED."""

    def __init__(
        self,
        now: Callable[[], Micros],
        *,
        webhook_url: str = "",
        token: str = TOKEN,
        signature_key: str = SIGNATURE_KEY,
        country: str = "US",
        currency: str = "USD",
        search_lag_s: float = 0.0,
        name: str = "Fake Seller",
    ) -> None:
        super().__init__(now, webhook_url=webhook_url, country=country, currency=currency, signature_key=signature_key)
        self.token = token
        self.name = name
        self.throttled = 0
        self.customers = Customers(self.core, search_lag_s)
        self.catalog = Catalog(self.core)
        self.locations = Locations(self.core)
        self.subscriptions = Subscriptions(self.core)

    def respond(self, request: httpx.Request) -> httpx.Response:
        """Answer one request."""
        try:
            self._admit(request)
            return httpx.Response(200, json=self._route(request))
        except Failure as failure:
            return httpx.Response(failure.status, json=failure.body())

    def _admit(self, request: httpx.Request) -> None:
        if self.throttled:
            self.throttled -= 1
            raise Failure(429, "RATE_LIMITED", "Too many requests.", category="RATE_LIMIT_ERROR")
        if request.headers.get("authorization") != f"Bearer {self.token}":
            raise Failure(401, "UNAUTHORIZED", "This request could not be authorized.", category="AUTHENTICATION_ERROR")

    def _route(self, request: httpx.Request) -> Doc:
        version, noun, *parts = request.url.path.strip("/").split("/")
        nouns: dict[str, Any] = {
            "customers": self.customers,
            "catalog": self.catalog,
            "inventory": self.inventory,
            "locations": self.locations,
            "orders": self.orders,
            "payments": self.payments,
            "refunds": self.refunds,
            "webhooks": self.subscriptions,
        }
        if (request.method, version, noun, parts) == ("GET", "v2", "merchants", ["me"]):
            return {"merchant": self._merchant()}
        if version != "v2" or noun not in nouns:
            raise Failure(404, "NOT_FOUND", "Resource not found.")
        answer: Doc = nouns[noun].route(request.method, parts, _body(request), dict(request.url.params))
        return answer

    def _merchant(self) -> Doc:
        return {
            "id": MERCHANT,
            "business_name": self.name,
            "country": self.core.country,
            "currency": self.core.currency,
            "status": "ACTIVE",
        }

    # ---- people at the till and in the back office

    def add_customer(self, *, actor: str = "cashier", **fields: Any) -> str:
        """Add a customer as a person would; return the id."""
        return str(self.customers.create(fields, actor, source="DIRECTORY")["id"])

    def edit_customer(self, customer_id: str, *, actor: str = "cashier", **fields: Any) -> None:
        """Change fields; None removes one."""
        self.customers.update(customer_id, fields, actor)

    def delete_customer(self, customer_id: str, *, actor: str = "cashier") -> None:
        """Delete a customer."""
        self.customers.delete(customer_id, actor)

    def unsubscribe(self, customer_id: str, *, actor: str = "customer", unsubscribed: bool = True) -> None:
        """Opt a customer out of marketing mail, as the link in a mail does."""
        self.customers.unsubscribe(customer_id, actor, unsubscribed=unsubscribed)

    def add_location(self, name: str, *, actor: str = "owner", **fields: Any) -> str:
        """Open a location; return the id."""
        return str(self.locations.create({"name": name, **fields}, actor)["id"])

    def edit_location(self, location_id: str, *, actor: str = "owner", **fields: Any) -> None:
        """Change a location; None removes a field."""
        self.locations.update(location_id, fields, actor)

    def add_item(self, name: str, variations: Sequence[Doc], *, actor: str = "owner", **item_data: Any) -> tuple[str, list[str]]:
        """Add an item; return its id and those of its variations.

        A variation is `{sku, upc, price_minor, currency, name}`, all optional; without a price it is asked for at the till.
        """
        children = [
            {"type": "ITEM_VARIATION", "id": f"#{i}", "item_variation_data": self._priced(v)} for i, v in enumerate(variations)
        ]
        data = {"name": name, **item_data, "variations": children}
        made = self.catalog.upsert({"type": "ITEM", "id": "#item", "item_data": data}, actor)["catalog_object"]
        return made["id"], [child["id"] for child in made["item_data"]["variations"]]

    def edit_item(self, item_id: str, *, actor: str = "owner", **item_data: Any) -> None:
        """Change an item's own data; None removes."""
        doc = self._object(item_id)
        if "description_html" in item_data:
            item_data |= {"description": None}
        doc["item_data"] |= item_data
        self.catalog.upsert(doc, actor)

    def add_variation(self, item_id: str, variation: Doc, *, actor: str = "owner") -> str:
        """Add a variation to an item; return its id."""
        data = self._priced(variation) | {"item_id": item_id}
        made = self.catalog.upsert({"type": "ITEM_VARIATION", "id": "#new", "item_variation_data": data}, actor)
        return str(made["catalog_object"]["id"])

    def edit_variation(self, variation_id: str, *, actor: str = "owner", **data: Any) -> None:
        """Change a variation's data; None removes."""
        doc = self._object(variation_id)
        doc["item_variation_data"] |= data
        self.catalog.upsert(doc, actor)

    def edit_price(self, variation_id: str, minor: int, *, actor: str = "owner") -> None:
        """Set a fixed price, in minor units of the account's currency."""
        price = {"amount": minor, "currency": self.core.currency}
        self.edit_variation(variation_id, actor=actor, pricing_type="FIXED_PRICING", price_money=price)

    def delete_object(self, object_id: str, *, actor: str = "owner") -> None:
        """Delete an item (with its variations) or a variation."""
        self.catalog.delete(object_id, actor)

    def sell(
        self, variation_id: str, location_id: str, quantity: int, *, actor: str = "till", occurred_at: Micros | None = None
    ) -> None:
        """Sell units at the till. `occurred_at` in the past: sold offline, arriving only now."""
        self._move(variation_id, location_id, quantity, ("IN_STOCK", "SOLD"), actor, "sale", occurred_at)

    def receive_stock(
        self, variation_id: str, location_id: str, quantity: int, *, actor: str = "stockroom", occurred_at: Micros | None = None
    ) -> None:
        """Receive units."""
        self._move(variation_id, location_id, quantity, ("NONE", "IN_STOCK"), actor, "receipt", occurred_at)

    def waste_stock(self, variation_id: str, location_id: str, quantity: int, *, actor: str = "stockroom") -> None:
        """Write units off."""
        self._move(variation_id, location_id, quantity, ("IN_STOCK", "WASTE"), actor, "waste", None)

    def count_stock(self, variation_id: str, location_id: str, quantity: int, *, actor: str = "stockroom") -> None:
        """Count the shelf."""
        detail = {**self._place(variation_id, location_id, quantity, None), "state": "IN_STOCK"}
        change = {"type": "PHYSICAL_COUNT", "physical_count": detail}
        self.inventory.change([change], actor, skip_unchanged=False, kind="count")

    # ---- readers and backups

    def customer(self, customer_id: str) -> Doc | None:
        """Return a customer as it is; None: not there."""
        return self.customers.current(customer_id)

    def customer_ids(self) -> list[str]:
        """Return the ids of the live customers, oldest first."""
        return [each for each, states in self.core.state.customers.items() if states[-1][1] is not None]

    def object(self, object_id: str) -> Doc | None:
        """Return an item (with its variations) or a variation as it is; None: not there."""
        return self.catalog.find(object_id)

    def order(self, order_id: str) -> Doc:
        """Return an order, a return too, as it is."""
        return copy.deepcopy(self.orders.expect(order_id))

    def item_ids(self) -> list[str]:
        """Return the ids of the live items, oldest first."""
        return [each for each, doc in self.core.state.items.items() if not doc["is_deleted"]]

    def level(self, variation_id: str, location_id: str) -> int | None:
        """Return the units in stock; None: never counted or adjusted."""
        count = self.inventory.count(variation_id, location_id)
        return int(count["quantity"]) if count else None

    def snapshot(self) -> State:
        """Take a backup."""
        return copy.deepcopy(self.core.state)

    def restore(self, snapshot: State) -> None:
        """Put the account back to a backup. The journal goes on, and ids drawn since are not drawn again."""
        self.core.state = copy.deepcopy(snapshot)
        self.note("owner", "restored", "account", MERCHANT)

    def _priced(self, variation: Doc) -> Doc:
        data: Doc = {"name": variation.get("name", "Regular"), "track_inventory": True}
        data |= {name: variation[name] for name in ("sku", "upc", "user_data") if variation.get(name)}
        if variation.get("price_minor") is None:
            return data | {"pricing_type": "VARIABLE_PRICING"}
        price = {"amount": variation["price_minor"], "currency": variation.get("currency", self.core.currency)}
        return data | {"pricing_type": "FIXED_PRICING", "price_money": price}

    def _object(self, object_id: str) -> Doc:
        doc = self.catalog.find(object_id)
        if doc is None:
            message = f"no such catalog object: {object_id}"
            raise KeyError(message)
        return doc


def _body(request: httpx.Request) -> Doc:
    if not request.content:
        return {}
    try:
        body = json.loads(request.content)
    except ValueError:
        raise bad("EXPECTED_JSON_BODY", "Expected a JSON body.") from None
    if not isinstance(body, dict):
        raise bad("EXPECTED_JSON_BODY", "Expected a JSON object.")
    return body


__all__ = ["API", "SIGNATURE_KEY", "TOKEN", "SquareFake", "read_time"]
