"""What an order comes to, to the cent: discounts and taxes shared out, refunds prorated, never more back than was paid. Pure.

Amounts are minor units of one currency. A rate is a share: 19 % is Fraction(19, 100).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from hub.model.entity import Entity
from hub.model.money import prorate, shown, tax_in, tax_on
from hub.model.values import Value

OTHERS: Final = ("shipping_total", "tip_total", "tax_total", "paid_total", "refunded_total", "subtotal")
"""What an order says of its money beside its total."""


@dataclass(frozen=True, slots=True)
class LineSum:
    """One line reckoned up. `total`: what the customer pays for it; where prices are net it is without `tax`."""

    quantity: int
    unit_price: int
    discount: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True)
class OrderSum:
    """An order reckoned up: `total` = sum of line totals + shipping (+ all tax where prices are net)."""

    lines: tuple[LineSum, ...]
    shipping: int
    discount: int
    tax: int
    total: int


def reckon(
    lines: Sequence[tuple[int, int, Fraction]],
    *,
    discount: int = 0,
    shipping: int = 0,
    shipping_rate: Fraction,
    tax_included: bool,
) -> OrderSum:
    """Reckon up an order. `lines`: (quantity, unit price, tax rate); `discount` on the whole order is shared out by value.

    Raises ValueError for a discount beyond the goods, and for quantities or prices below 0.
    """
    values = [quantity * price for quantity, price, _ in lines]
    if any(quantity < 0 or price < 0 for quantity, price, _ in lines) or not 0 <= discount <= sum(values):
        message = "an order has no negative lines, and no discount beyond its goods"
        raise ValueError(message)
    tax_of = tax_in if tax_included else tax_on
    found = []
    for (quantity, price, rate), value, off in zip(lines, values, prorate(discount, values), strict=True):
        found.append(LineSum(quantity, price, off, tax_of(value - off, rate), value - off))
    tax = sum(line.tax for line in found) + tax_of(shipping, shipping_rate)
    total = sum(line.total for line in found) + shipping + (0 if tax_included else tax)
    return OrderSum(tuple(found), shipping, discount, tax, total)


def refund_of(total: int, quantity: int, before: int, units: int) -> int:
    """Return what goes back for `units` of a line of `quantity` units worth `total`, when `before` units went back already.

    However a line is returned in pieces, the pieces add up to `total` exactly. Raises ValueError for more units than are left.
    """
    if units < 0 or before < 0 or before + units > quantity:
        message = "more units come back than were sold"
        raise ValueError(message)
    return sum(prorate(total, [1] * quantity)[before : before + units])


def left_to_refund(paid: int, refunds: Iterable[int]) -> int:
    """Return what can still go back; below 0 where more went back than was paid."""
    return paid - sum(refunds)


def misfits(order: Entity) -> list[str]:
    """Say, in words, where the totals of an order do not add up as it tells them; empty where they do or nothing can be said."""
    total = _money(order, "total")
    if total is None:
        return []
    amount, currency = total
    rows = [golden.value for path, golden in order.golden.items() if path.startswith("lines/") and golden.value]
    lines = [_money_of(row, "total") for row in rows]
    others = [_money(order, path) for path in OTHERS]
    if any(other is not None and other[1] != currency for other in others):
        return ["its amounts are in more than one currency"]
    found = []
    sums = [line for line in lines if line is not None]
    if sums and len(sums) == len(lines):
        included = order.golden.get("tax_included")
        tax = 0 if included is None or included.value is not False else _amount(order, "tax_total")
        more = _amount(order, "shipping_total") + _amount(order, "tip_total")
        expected = sum(value for value, _ in sums) + more + tax - _unshared(order)
        if expected != amount:
            found.append(f"its lines come to {shown(expected, currency)}, its total is {shown(amount, currency)}")
    paid, refunded = _money(order, "paid_total"), _money(order, "refunded_total")
    if paid is not None and refunded is not None and refunded[0] > paid[0]:
        found.append(f"{shown(refunded[0], currency)} went back of {shown(paid[0], currency)} paid")
    return found


def _unshared(order: Entity) -> int:
    """Discounts of the whole order that its lines do not carry."""
    given = [_money_of(golden.value, "amount") for path, golden in order.golden.items() if path.startswith("discounts/")]
    carried = [_money_of(golden.value, "discount") for path, golden in order.golden.items() if path.startswith("lines/")]
    return max(0, sum(one[0] for one in given if one) - sum(one[0] for one in carried if one))


def _amount(order: Entity, path: str) -> int:
    found = _money(order, path)
    return found[0] if found is not None else 0


def _money(order: Entity, path: str) -> tuple[int, str] | None:
    golden = order.golden.get(path)
    return _pair(golden.value) if golden is not None else None


def _money_of(element: Value, name: str) -> tuple[int, str] | None:
    return _pair(element.get(name)) if isinstance(element, dict) else None


def _pair(value: Value) -> tuple[int, str] | None:
    return (value["amount"], value["currency"]) if isinstance(value, dict) and "amount" in value else None
