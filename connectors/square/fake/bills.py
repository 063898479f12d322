"""What a sale comes to in the simulated account, line by line. Pure; money in minor units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from hub.model.values import Doc


def bill(lines: Sequence[Doc], *, currency: str, discount: int = 0, tax_percent: str = "", shipping: int = 0) -> Doc:
    """Return the money part of an order. A line is `{uid, name, variation_name, catalog_object_id, quantity, price}`.

    The discount is taken off the whole order and spread over its lines; the tax is included in the prices, as in Europe.
    """

    def money(amount: int) -> Doc:
        return {"amount": amount, "currency": currency}

    gross = [line["price"] * line["quantity"] for line in lines]
    off = spread(discount, gross)
    taxes = [_included(whole - less, tax_percent) for whole, less in zip(gross, off, strict=True)]
    rows = [_row(line, money, whole, less, tax) for line, whole, less, tax in zip(lines, gross, off, taxes, strict=True)]
    total = sum(gross) - discount + shipping
    doc: Doc = {"line_items": rows, "total_money": money(total), "total_tax_money": money(sum(taxes))}
    doc |= {"total_discount_money": money(discount), "total_tip_money": money(0), "total_service_charge_money": money(shipping)}
    amounts = {"total_money": money(total), "tax_money": money(sum(taxes)), "discount_money": money(discount)}
    doc["net_amounts"] = amounts | {"tip_money": money(0), "service_charge_money": money(shipping)}
    if discount:
        whole = {"uid": "discount", "name": "Courtesy", "type": "FIXED_AMOUNT", "scope": "ORDER"}
        doc["discounts"] = [whole | {"amount_money": money(discount), "applied_money": money(discount)}]
    if tax_percent:
        tax = {"uid": "vat", "name": "VAT", "type": "INCLUSIVE", "scope": "ORDER", "percentage": tax_percent}
        doc["taxes"] = [tax | {"applied_money": money(sum(taxes))}]
    if shipping:
        charge = {"uid": "shipping", "name": "Shipping", "amount_money": money(shipping), "applied_money": money(shipping)}
        charge |= {"total_money": money(shipping), "total_tax_money": money(0), "calculation_phase": "TOTAL_PHASE"}
        doc["service_charges"] = [charge | {"taxable": False}]
    return doc


def spread(amount: int, over: Sequence[int]) -> list[int]:
    """Share out an amount in proportion; the shares add up to it."""
    whole, given, passed, shares = sum(over), 0, 0, []
    for part in over:
        passed += part
        upto = amount * passed // whole if whole else 0
        shares.append(upto - given)
        given = upto
    return shares


def _included(amount: int, percent: str) -> int:
    rate = Decimal(percent or 0)
    return int((amount * rate / (100 + rate)).quantize(Decimal(1), ROUND_HALF_EVEN))


def _row(line: Doc, money: Any, gross: int, off: int, tax: int) -> Doc:
    row = {name: value for name, value in line.items() if name != "price"}
    row |= {"quantity": str(line["quantity"]), "item_type": "ITEM", "base_price_money": money(line["price"])}
    row |= {"variation_total_price_money": money(gross), "gross_sales_money": money(gross), "total_tax_money": money(tax)}
    return row | {"total_discount_money": money(off), "total_money": money(gross - off)}
