"""Documents of sales as their streams show them: Square's own, with what else is said of them laid beside it. Pure.

Facts (vendor's contract): orders taken at a till carry no `version`; the customer stands on the order or on its payment; a line's
`total_money` includes its tax whatever the tax's type; a `uid` is unique only within its order; a return is an order of its own,
whose `returns` name the order of the sale unless the return is not linked to one; a refund's `order_id` names that return.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from hub.model.values import Doc

DETAILS: Final = {"PICKUP": "pickup_details", "SHIPMENT": "shipment_details", "DELIVERY": "delivery_details"}
ENDS: Final = {
    "PICKUP": ("PICKED_UP", ("picked_up_at",)),
    "SHIPMENT": ("SHIPPED", ("shipped_at",)),
    "DELIVERY": ("DELIVERED", ("delivered_at", "completed_at")),
}
"""What COMPLETED means for each type of fulfilment, and where its time stands."""
NUMBERS: Final = (re.compile(r"#[\w-]+"), re.compile(r"(?<!\S)(?=[\w-]*\d)[\w-]{3,}(?!\S)"))
"""A number in what a cashier typed: a word that starts with `#`, else one of at least three characters with a digit in it."""


def is_sale(order: Doc) -> bool:
    """Say whether something was sold in it; an order that only takes goods back is a return."""
    return bool(order.get("line_items")) or not order.get("returns")


def sale(order: Doc) -> Doc:
    """Return an order as a document of `orders`."""
    doc = order | {"tax_included": True, "customer_id": _customer(order)}
    doc["taxes"] = [tax | _rate(tax) for tax in order.get("taxes") or ()]
    doc["fulfillments"] = [fulfilment(order, each) for each in order.get("fulfillments") or ()]
    doc |= _recipient(doc["fulfillments"]) | _paid(order) | _fulfilled(doc["fulfillments"])
    return doc | ({"canceled_at": order["closed_at"]} if order.get("state") == "CANCELED" and order.get("closed_at") else {})


def fulfilment(order: Doc, one: Doc) -> Doc:
    """Return a fulfilment with its order, its own state, and the details of its type."""
    kind = str(one.get("type"))
    details: Doc = one.get(DETAILS.get(kind, "")) or {}
    done, times = ENDS.get(kind, ("COMPLETED", ()))
    at = next((details[name] for name in times if details.get(name)), None)
    stage = done if one.get("state") == "COMPLETED" else one.get("state")
    doc = one | {"order_id": order["id"], "location_id": order.get("location_id"), "updated_at": order.get("updated_at")}
    return doc | {"stage": stage, "details": details, "fulfilled_at": at}


def taken_back(order: Doc) -> Doc:
    """Return an order that takes goods back as a document of `returns`: `sold` says from which sale, `pieces` what."""
    return order | {"sold": _sold(order), "pieces": _pieces(order)}


def refund(one: Doc, order: Doc | None, payment: Doc | None) -> Doc:
    """Return a refund with `sold`, the sale it belongs to (an id, or what the cashier typed), and `pieces`.

    `order`: the one that the refund names; `payment`: the one that it pays back.
    """
    found = _sold(order) if order is not None else None
    found = found or (payment or {}).get("order_id") or number_in(one.get("reason"))
    return one | {"sold": found, "pieces": _pieces(order or {})}


def number_in(text: Any) -> str | None:
    """Return the number that stands in a text; None: there is none."""
    found = [pattern.search(text) for pattern in NUMBERS] if isinstance(text, str) else []
    return next((match.group() for match in found if match), None)


def linked(order: Doc) -> str | None:
    """Return the id of the sale from which goods come back; None: not said."""
    return next((str(each["source_order_id"]) for each in order.get("returns") or () if each.get("source_order_id")), None)


def _sold(order: Doc) -> str | None:
    if not order.get("returns"):
        return str(order["id"])  # a refund of the sale itself
    reference = order.get("reference_id")
    return linked(order) or (str(reference) if reference else None)


def _pieces(order: Doc) -> list[Doc]:
    """Return what comes back of lines that were sold; an amount that a cashier typed is no goods."""
    lines = [line for each in order.get("returns") or () for line in each.get("return_line_items") or ()]
    return [line for line in lines if line.get("source_line_item_uid")]


def _customer(order: Doc) -> Any:
    told = [order.get("customer_id"), *(tender.get("customer_id") for tender in order.get("tenders") or ())]
    return next(filter(None, told), None)


def _rate(tax: Doc) -> Doc:
    """Square writes percent (`7.25`); a rate is a share (`0.0725`)."""
    text = str(tax.get("percentage") or "")
    if not re.fullmatch(r"\d+(\.\d+)?", text):
        return {}
    return {"rate": format((Decimal(text) / 100).normalize(), "f")}


def _recipient(fulfilments: list[Doc]) -> Doc:
    """Say to whom and where the first fulfilment goes."""
    first = fulfilments[0] if fulfilments else {}
    person: Doc = first.get("details", {}).get("recipient") or {}
    place = person.get("address") if first.get("type") != "PICKUP" else None
    ship_to = place | {"name": person.get("display_name")} if place else None
    return {"recipient": person, "ship_to": ship_to}


def _paid(order: Doc) -> Doc:
    """Say how much of an order is paid, where it says what is still due. Refunds stand in documents of their own."""
    due, total = (order.get(name, {}).get("amount") for name in ("net_amount_due_money", "total_money"))
    if due is None or total is None or order.get("state") in ("CANCELED", "DRAFT"):
        return {}
    return {"payment_state": "paid" if due <= 0 else "unpaid" if due >= total else "partially_paid"}


def _fulfilled(fulfilments: list[Doc]) -> Doc:
    live = [each["state"] == "COMPLETED" for each in fulfilments if each.get("state") not in ("CANCELED", "FAILED")]
    if not live:
        return {}
    return {"fulfilment_state": "fulfilled" if all(live) else "partially_fulfilled" if any(live) else "unfulfilled"}
