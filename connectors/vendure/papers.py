"""An order of Vendure as the document of the stream `orders`: what the API shows, and what follows from several of its parts.

Beside Vendure's own fields (amounts with tax, always hundredths) a document has

    taxIncluded      true: it is the amounts with tax that are read
    changedAt        the latest time in it: payments, refunds and fulfilments move their own, not the order's
    paymentState     unpaid, authorized, partially_paid, paid, partially_refunded, refunded, voided
    fulfilmentState  unfulfilled, partially_fulfilled, fulfilled: by what is shipped or delivered
    taxTotal, discountTotal, paidTotal, refundedTotal
    lines            with `discount`, `sku`, `title`, `variantId` and currency; surcharges (`surcharge:ID`) are lines of one
    payments, refunds, fulfillments   each with `orderId`; refunds stand in payments there

Seen on 3.7.3: cancelling sets quantities and totals to 0 and leaves payments alone; a cancelled shipping line keeps its price and
gets a discount, which is why discounts of shipping are not told among those of the goods.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Final

from hub.clock import micros
from hub.model.values import Doc

FIELDS: Final = """
id createdAt updatedAt orderPlacedAt code state type currencyCode
customer { id emailAddress phoneNumber }
subTotalWithTax shippingWithTax total totalWithTax
taxSummary { description taxRate taxTotal }
shippingAddress { fullName streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
lines {
  id quantity orderPlacedQuantity unitPriceWithTax linePriceWithTax proratedLinePriceWithTax lineTax
  productVariant { id sku name }
}
surcharges { id description sku price priceWithTax }
shippingLines { id discountedPriceWithTax shippingMethod { name } discounts { adjustmentSource } }
discounts { adjustmentSource description amountWithTax }
payments {
  id createdAt updatedAt method state amount transactionId
  refunds { id createdAt updatedAt state total reason method transactionId lines { orderLineId quantity } }
}
fulfillments { id createdAt updatedAt state method trackingCode lines { orderLineId quantity } }
@custom
"""
HANDED_OVER: Final = ("Shipped", "Delivered")


def read_order(item: Doc) -> Doc:
    """Return the document of an order as the query with `FIELDS` showed it."""
    payments, fulfillments = item.get("payments") or [], item.get("fulfillments") or []
    refunds = [refund for payment in payments for refund in payment["refunds"]]
    discounts = _discounts(item)
    same = {"orderId": item["id"], "currencyCode": item["currencyCode"]}
    mixed = ("payments", "fulfillments", "lines", "surcharges", "shippingLines", "taxSummary", "discounts")
    return {
        **{name: value for name, value in item.items() if name not in mixed},
        "taxIncluded": True,
        "changedAt": _latest(item, *payments, *refunds, *fulfillments),
        "paymentState": payment_state(item["totalWithTax"], payments, refunds),
        "fulfilmentState": fulfilment_state(item["lines"], fulfillments),
        "taxTotal": item["totalWithTax"] - item["total"],
        "discountTotal": sum(discount["amount"] for discount in discounts),
        "paidTotal": _sum(payments, "amount"),
        "refundedTotal": _sum(refunds, "total"),
        "lines": [*(_line(line, same) for line in item["lines"]), *(_surcharge(one, same) for one in item["surcharges"])],
        "discounts": discounts,
        "taxes": [_tax(tax, same) for tax in item["taxSummary"]],
        "shippingLines": [_shipping(line, same) for line in item["shippingLines"]],
        "payments": [{**_without(payment, "refunds"), **same} for payment in payments],
        "refunds": [{**refund, **same} for refund in refunds],
        "fulfillments": [{**fulfillment, **same} for fulfillment in fulfillments],
    }


def payment_state(total: int, payments: list[Doc], refunds: list[Doc]) -> str:
    """Return how far an order is paid. `total`: cents with tax. What is only asked to be refunded does not count yet."""
    paid, back = _sum(payments, "amount"), _sum(refunds, "total")
    states = {payment["state"] for payment in payments}
    if back:
        return "refunded" if back >= paid else "partially_refunded"
    if paid:
        return "paid" if paid >= total else "partially_paid"
    if "Authorized" in states:
        return "authorized"
    return "voided" if "Cancelled" in states else "unpaid"


def fulfilment_state(lines: list[Doc], fulfillments: list[Doc]) -> str:
    """Return how much of an order was handed over. A line that was cancelled (quantity 0) asks for nothing."""
    left = {line["id"]: line["quantity"] for line in lines}
    handed = [piece for one in fulfillments if one["state"] in HANDED_OVER for piece in one["lines"]]
    for piece in handed:
        left[piece["orderLineId"]] = left.get(piece["orderLineId"], 0) - piece["quantity"]
    if not any(piece["quantity"] for piece in handed):
        return "unfulfilled"
    return "partially_fulfilled" if any(count > 0 for count in left.values()) else "fulfilled"


def _sum(rows: list[Doc], name: str) -> int:
    return sum(row[name] for row in rows if row["state"] == "Settled")


def _latest(order: Doc, *papers: Doc) -> str:
    times: list[str] = [order["updatedAt"], order["orderPlacedAt"], *(paper["updatedAt"] for paper in papers)]
    return max(times, key=micros)


def _without(doc: Doc, name: str) -> Doc:
    return {key: value for key, value in doc.items() if key != name}


def _line(line: Doc, same: Doc) -> Doc:
    variant: dict[str, Any] = line["productVariant"]
    return {
        **_without(line, "productVariant"),
        "currencyCode": same["currencyCode"],
        "discount": line["linePriceWithTax"] - line["proratedLinePriceWithTax"],
        "variantId": variant["id"],
        "sku": variant["sku"],
        "title": variant["name"],
    }


def _surcharge(one: Doc, same: Doc) -> Doc:
    """Return a charge that is no goods (a fee, a correction after a change of the order) as a line, so that lines add up."""
    return {
        "id": f"surcharge:{one['id']}",
        "quantity": 1,
        "unitPriceWithTax": one["priceWithTax"],
        "linePriceWithTax": one["priceWithTax"],
        "proratedLinePriceWithTax": one["priceWithTax"],
        "lineTax": one["priceWithTax"] - one["price"],
        "currencyCode": same["currencyCode"],
        "discount": 0,
        "sku": one["sku"],
        "title": one["description"],
    }


def _discounts(item: Doc) -> list[Doc]:
    of_shipping = {one["adjustmentSource"] for line in item["shippingLines"] for one in line["discounts"]}
    return [
        {
            "adjustmentSource": one["adjustmentSource"],
            "description": one["description"],
            "amount": -one["amountWithTax"],
            "currencyCode": item["currencyCode"],
        }
        for one in item["discounts"]
        if one["adjustmentSource"] not in of_shipping
    ]


def _tax(tax: Doc, same: Doc) -> Doc:
    """Vendure writes percent; the hub's rate is a share."""
    rate = (Decimal(str(tax["taxRate"])) / 100).normalize()
    return {
        "description": tax["description"],
        "rate": f"{rate:f}",
        "taxTotal": tax["taxTotal"],
        "currencyCode": same["currencyCode"],
    }


def _shipping(line: Doc, same: Doc) -> Doc:
    return {
        "id": line["id"],
        "title": line["shippingMethod"]["name"],
        "amount": line["discountedPriceWithTax"],
        "currencyCode": same["currencyCode"],
    }
