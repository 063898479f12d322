"""Orders with their payments, refunds, fulfilments and returns inside, and each of these alone.

Order document: Shopify's order (see `order_queries.ORDER`) with connections as plain lists, and beside it what Shopify does not
say in one word: `status` (CANCELLED, CLOSED or OPEN), `shippingTotal`, per line `discount`, `tax` and `total` (each `{amount,
currencyCode}`; what an order's discounts took off stands in its lines, so `total` is what the customer pays for the line), and
`discounts` (`[{code}]`, from `discountCodes`). Amounts are those before returns.
`transactions` are the payments only: money that goes back is in `refunds`, change given in a store is neither.
Payment: `outcome` is its kind and status, such as CAPTURE_SUCCESS. Refund: `status` is FAILURE, PENDING or SUCCESS, from its
transactions; `location` is where its units were put back. Return: each line has `lineItem`, null where nobody knows what it is.
Each part names its order as `{id}`, so that it reads the same alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final

from connectors.shopify import order_queries as queries
from connectors.shopify.client import ShopifyClient
from connectors.shopify.paging import page, rest, since
from hub.model.values import Doc
from hub.sdk.base import Cursor, Page, Stream, VersionKind

PAGE: Final = 3
"""Orders in one page: about 700 points at most, far less for most orders."""
PAYMENTS: Final = ("SALE", "CAPTURE", "AUTHORIZATION", "EMV_AUTHORIZATION", "VOID")
_DROPPED: Final = ("discountAllocations", "taxLines", "originalTotalSet")


def document(client: ShopifyClient, node: Doc) -> Doc:
    """Return an order node in the stream's shape, with everything in it."""
    ident = node["id"]
    lines = rest(client, node["lineItems"], queries.ORDER_LINES, "order", "lineItems", ident)
    shipping = rest(client, node["shippingLines"], queries.ORDER_SHIPPING, "order", "shippingLines", ident)
    returns = rest(client, node["returns"], queries.ORDER_RETURNS, "order", "returns", ident)
    currency = node["totalPriceSet"]["shopMoney"]["currencyCode"]
    return {
        **{name: value for name, value in node.items() if name != "discountCodes"},
        "status": "CANCELLED" if node["cancelledAt"] else "CLOSED" if node["closed"] else "OPEN",
        "discounts": [{"code": code} for code in node["discountCodes"]],
        "shippingLines": shipping,
        "shippingTotal": _sum((each["discountedPriceSet"] for each in shipping), currency),
        "lineItems": [_line(each, currency) for each in lines],
        "transactions": payments(client, node["transactions"]),
        "refunds": [refund(client, each) for each in node["refunds"]],
        "fulfillments": [fulfillment(client, each) for each in node["fulfillments"]],
        "returns": [returned(client, each) for each in returns],
    }


def _line(node: Doc, currency: str) -> Doc:
    discount = _sum((each["allocatedAmountSet"] for each in node["discountAllocations"]), currency)
    whole = Decimal(node["originalTotalSet"]["shopMoney"]["amount"])
    return {
        **{name: value for name, value in node.items() if name not in _DROPPED},
        "discount": discount,
        "tax": _sum((each["priceSet"] for each in node["taxLines"]), currency),
        "total": {"amount": str(whole - Decimal(discount["amount"])), "currencyCode": currency},
    }


def _sum(bags: Iterable[Doc], currency: str) -> Doc:
    return {"amount": str(sum((Decimal(each["shopMoney"]["amount"]) for each in bags), Decimal(0))), "currencyCode": currency}


def payments(client: ShopifyClient, nodes: Iterable[Doc]) -> list[Doc]:  # noqa: ARG001 - the same call for every kind of part
    """Return the transactions that are payments, in the stream's shape."""
    return [{**node, "outcome": f"{node['kind']}_{node['status']}"} for node in nodes if node["kind"] in PAYMENTS]


def refund(client: ShopifyClient, node: Doc) -> Doc:
    """Return a refund node in the stream's shape, with all its pieces."""
    pieces = rest(client, node["refundLineItems"], queries.REFUND_PIECES, "refund", "refundLineItems", node["id"])
    states = {each["status"] for each in node["transactions"]["nodes"]}
    open_, failed = states & {"PENDING", "AWAITING_RESPONSE"}, states & {"FAILURE", "ERROR"}
    return {
        **{name: value for name, value in node.items() if name != "transactions"},
        "status": "FAILURE" if failed else "PENDING" if open_ else "SUCCESS",
        "location": next((each["location"] for each in pieces if each["location"]), None),
        "refundLineItems": pieces,
    }


def fulfillment(client: ShopifyClient, node: Doc) -> Doc:
    """Return a fulfilment node in the stream's shape, with all its pieces. Where no `displayStatus` is shown, `status` serves."""
    document_, field = queries.FULFILLMENT_PIECES, "fulfillmentLineItems"
    pieces = rest(client, node[field], document_, "fulfillment", field, node["id"])
    return {**node, "displayStatus": node["displayStatus"] or node["status"], field: pieces}


def returned(client: ShopifyClient, node: Doc) -> Doc:
    """Return a return node in the stream's shape, with all its pieces."""
    pieces = rest(client, node["returnLineItems"], queries.RETURN_PIECES, "return", "returnLineItems", node["id"])
    return {**node, "returnLineItems": [_returned_line(each) for each in pieces]}


def _returned_line(node: Doc) -> Doc:
    sent = node.get("fulfillmentLineItem")
    return {
        **{name: value for name, value in node.items() if name != "fulfillmentLineItem"},
        "lineItem": sent and sent["lineItem"],
    }


class Orders(Stream[ShopifyClient]):
    """Orders by time of change, each with everything that hangs on it.

    A token without the scope `read_all_orders` sees the last 60 days only, so an order that is not listed is not deleted.
    """

    name: ClassVar[str] = "orders"
    lists_all: ClassVar[bool] = False
    overlap_s: ClassVar[float] = 60.0  # the search index shows a change late; the record itself is read fresh
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = PAGE

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return one page of a few orders."""
        found = client.read(queries.ORDERS, first=PAGE, after=cursor.token, query=since(cursor.since))["orders"]
        return page(found, [document(client, node) for node in found["nodes"]])

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id."""
        found = client.read(queries.ORDERS_BY_ID, ids=list(ids))["nodes"] if ids else []
        return [document(client, node) for node in found if node]


@dataclass(frozen=True, slots=True)
class Shape:
    """How nodes of a part become documents."""

    of: Callable[[ShopifyClient, Iterable[Doc]], list[Doc]]


class Part(Stream[ShopifyClient]):
    """What hangs on orders, alone: for reading single ones back. Orders bring them all; a page is what a page of orders holds."""

    lists_all: ClassVar[bool] = False
    overlap_s: ClassVar[float] = 60.0
    visible_after_s: ClassVar[float] = 1.0
    fetch_limit: ClassVar[int] = 20
    query: ClassVar[str]
    shape: ClassVar[Shape]

    def page(self, client: ShopifyClient, cursor: Cursor) -> Page:
        """Return the parts in a page of orders."""
        found = Orders().page(client, cursor)
        return Page([part for order in found.docs for part in order[self.name]], found.token)

    def fetch(self, client: ShopifyClient, ids: Sequence[str]) -> Sequence[Doc]:
        """Read by id."""
        found = client.read(self.query, ids=list(ids))["nodes"] if ids else []
        return self.shape.of(client, [node for node in found if node])


class Transactions(Part):
    """Payments. They never change but for their status, and have no time of change."""

    name: ClassVar[str] = "transactions"
    version: ClassVar[VersionKind] = VersionKind.NONE
    query: ClassVar[str] = queries.PAYMENTS_BY_ID
    shape: ClassVar[Shape] = Shape(payments)


class Refunds(Part):
    """Refunds by themselves."""

    name: ClassVar[str] = "refunds"
    query: ClassVar[str] = queries.REFUNDS_BY_ID
    shape: ClassVar[Shape] = Shape(lambda client, nodes: [refund(client, node) for node in nodes])


class Fulfillments(Part):
    """Fulfilments by themselves."""

    name: ClassVar[str] = "fulfillments"
    query: ClassVar[str] = queries.FULFILLMENTS_BY_ID
    shape: ClassVar[Shape] = Shape(lambda client, nodes: [fulfillment(client, node) for node in nodes])


class Returns(Part):
    """Returns by themselves; Shopify says no time of change."""

    name: ClassVar[str] = "returns"
    version: ClassVar[VersionKind] = VersionKind.NONE
    query: ClassVar[str] = queries.RETURNS_BY_ID
    shape: ClassVar[Shape] = Shape(lambda client, nodes: [returned(client, node) for node in nodes])
