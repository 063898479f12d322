"""The GraphQL documents about orders, as constants; see `connectors.shopify.queries` for the rest and for what a query may cost.

Amounts are read in the shop's own currency (`shopMoney`). A list that is no connection (transactions, refunds, fulfillments) is
read without `first`, which only cuts it off (schema: "Truncate the array result to this size").
"""

from __future__ import annotations

from typing import Final

LINES: Final = 10
"""Lines read with an order; the rest is read in further pages."""
PIECES: Final = 5
"""Pieces read with a refund, a fulfilment or a return; the rest is read in further pages."""

SUM: Final = "fragment Sum on MoneyBag { shopMoney { amount currencyCode } }"

ORDER_LINE: Final = """
fragment OrderLine on LineItem {
  id sku name quantity variant { id } originalUnitPriceSet { ...Sum } originalTotalSet { ...Sum }
  discountAllocations { allocatedAmountSet { ...Sum } } taxLines { priceSet { ...Sum } }
}
"""
PAYMENT: Final = """
fragment Payment on OrderTransaction {
  id kind status gateway paymentId createdAt processedAt order { id } amountSet { ...Sum }
}
"""
REFUND_PIECE: Final = """
fragment RefundPiece on RefundLineItem {
  id quantity restocked subtotalSet { ...Sum } location { id } lineItem { id sku }
}
"""
REFUND: Final = f"""
fragment Refund on Refund {{
  id note createdAt processedAt updatedAt order {{ id }} totalRefundedSet {{ ...Sum }}
  transactions(first: 10) {{ nodes {{ id status }} }}
  refundLineItems(first: {PIECES}) {{ nodes {{ ...RefundPiece }} pageInfo {{ hasNextPage endCursor }} }}
}}
{REFUND_PIECE}"""
FULFILLMENT_PIECE: Final = "fragment FulfillmentPiece on FulfillmentLineItem { id quantity lineItem { id sku } }"
FULFILLMENT: Final = f"""
fragment Fulfillment on Fulfillment {{
  id name status displayStatus createdAt updatedAt order {{ id }} location {{ id }} trackingInfo {{ company number url }}
  fulfillmentLineItems(first: {PIECES}) {{ nodes {{ ...FulfillmentPiece }} pageInfo {{ hasNextPage endCursor }} }}
}}
{FULFILLMENT_PIECE}"""
RETURN_PIECE: Final = """
fragment ReturnPiece on ReturnLineItemType {
  id quantity returnReasonNote returnReasonDefinition { handle }
  ... on ReturnLineItem { fulfillmentLineItem { lineItem { id sku } } }
}
"""
RETURN: Final = f"""
fragment Return on Return {{
  id name status createdAt order {{ id }}
  returnLineItems(first: {PIECES}) {{ nodes {{ ...ReturnPiece }} pageInfo {{ hasNextPage endCursor }} }}
}}
{RETURN_PIECE}"""
SHIPPING: Final = "fragment Shipping on ShippingLine { id title discountedPriceSet { ...Sum } }"

ORDER: Final = f"""
fragment Order on Order {{
  id name createdAt updatedAt processedAt cancelledAt cancelReason closed sourceName note tags email phone taxesIncluded
  displayFinancialStatus displayFulfillmentStatus discountCodes customer {{ id }} retailLocation {{ id }}
  shippingAddress {{ name address1 address2 city provinceCode zip countryCodeV2 }}
  subtotalPriceSet {{ ...Sum }} totalDiscountsSet {{ ...Sum }} totalTaxSet {{ ...Sum }} totalPriceSet {{ ...Sum }}
  totalReceivedSet {{ ...Sum }} totalRefundedSet {{ ...Sum }}
  taxLines {{ title rate priceSet {{ ...Sum }} }}
  shippingLines(first: 2) {{ nodes {{ ...Shipping }} pageInfo {{ hasNextPage endCursor }} }}
  lineItems(first: {LINES}) {{ nodes {{ ...OrderLine }} pageInfo {{ hasNextPage endCursor }} }}
  transactions {{ ...Payment }}
  refunds {{ ...Refund }}
  fulfillments {{ ...Fulfillment }}
  returns(first: 2) {{ nodes {{ ...Return }} pageInfo {{ hasNextPage endCursor }} }}
}}
{SUM}{SHIPPING}{ORDER_LINE}{PAYMENT}{REFUND}{FULFILLMENT}{RETURN}"""

ORDERS: Final = f"""
query Orders($first: Int!, $after: String, $query: String) {{
  orders(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ ...Order }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{ORDER}"""

ORDERS_BY_ID: Final = f"query OrdersById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Order }} }} {ORDER}"
PAYMENTS_BY_ID: Final = f"query PaymentsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Payment }} }} {PAYMENT}{SUM}"
REFUNDS_BY_ID: Final = f"query RefundsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Refund }} }} {REFUND}{SUM}"
FULFILLMENTS_BY_ID: Final = f"query FulfillmentsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Fulfillment }} }} {FULFILLMENT}"
RETURNS_BY_ID: Final = f"query ReturnsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Return }} }} {RETURN}"


def _more(root: str, field: str, fragment: str, text: str, first: int = 50) -> str:
    """Return the query for the further nodes of a connection."""
    name = f"{root.capitalize()}{field[0].upper()}{field[1:]}"
    page = f"{field}(first: {first}, after: $after) {{ nodes {{ ...{fragment} }} pageInfo {{ hasNextPage endCursor }} }}"
    return f"query {name}($id: ID!, $after: String) {{ {root}(id: $id) {{ {page} }} }} {text}"


ORDER_LINES: Final = _more("order", "lineItems", "OrderLine", ORDER_LINE + SUM)
ORDER_SHIPPING: Final = _more("order", "shippingLines", "Shipping", SHIPPING + SUM)
ORDER_RETURNS: Final = _more("order", "returns", "Return", RETURN, first=20)
REFUND_PIECES: Final = _more("refund", "refundLineItems", "RefundPiece", REFUND_PIECE + SUM)
FULFILLMENT_PIECES: Final = _more("fulfillment", "fulfillmentLineItems", "FulfillmentPiece", FULFILLMENT_PIECE)
RETURN_PIECES: Final = _more("return", "returnLineItems", "ReturnPiece", RETURN_PIECE)

# What has to be known of an order before money of it goes back: which payment still holds how much, and which units were sent.
REFUNDABLE: Final = f"""
query Refundable($id: ID!) {{
  order(id: $id) {{
    id currencyCode
    transactions {{ id kind status gateway manualPaymentGateway amountSet {{ ...Sum }} parentTransaction {{ id }} }}
    lineItems(first: 100) {{ nodes {{ id sku quantity unfulfilledQuantity }} }}
    refunds {{ ...Refund }}
  }}
}}
{REFUND}{SUM}"""

# `@idempotent` is required for refunds from 2026-04 (shopify.dev/changelog/concurrency-protection-features).
REFUND_CREATE: Final = f"""
mutation RefundCreate($input: RefundInput!, $key: String!) {{
  refundCreate(input: $input) @idempotent(key: $key) {{ refund {{ ...Refund }} userErrors {{ field message }} }}
}}
{REFUND}{SUM}"""

# What has to be known of an order before it is cancelled or sent: whether that is done, and what waits where.
ORDER_WORK: Final = """
query OrderWork($id: ID!) {
  order(id: $id) {
    id cancelledAt displayFulfillmentStatus
    fulfillmentOrders(first: 10) {
      nodes {
        id status assignedLocation { name location { id } }
        lineItems(first: 50) { nodes { id remainingQuantity } }
      }
    }
  }
}
"""
ORDER_CANCEL: Final = """
mutation OrderCancel(
  $id: ID!, $reason: OrderCancelReason!, $refund: OrderCancelRefundMethodInput!, $restock: Boolean!, $notify: Boolean
  $note: String
) {
  orderCancel(
    orderId: $id, reason: $reason, refundMethod: $refund, restock: $restock, notifyCustomer: $notify, staffNote: $note
  ) {
    job { id } orderCancelUserErrors { code field message }
  }
}
"""
FULFILLMENT_CREATE: Final = """
mutation FulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) { fulfillment { id } userErrors { field message } }
}
"""
