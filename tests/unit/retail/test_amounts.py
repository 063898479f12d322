"""Money adds up: a hundred thousand random orders, their discounts, taxes and partial refunds, in six currencies."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.model.entity import Entity, Golden
from hub.model.money import exponent, prorate, shown, tax_in
from hub.model.record import EntityType
from hub.retail.amounts import OrderSum, left_to_refund, misfits, reckon, refund_of

CURRENCIES = ("EUR", "USD", "JPY", "KRW", "KWD", "TND")
RATES = (Fraction(0), Fraction(7, 100), Fraction(19, 100), Fraction(81, 1000), Fraction(255, 1000))
ORDERS = 100_000


def random_order(chance: random.Random) -> tuple[OrderSum, bool]:
    """Return an order as somebody may have placed it, and whether its prices hold the tax."""
    highest = 10 ** (exponent(chance.choice(CURRENCIES)) + 3)
    lines = [(chance.randint(1, 9), chance.randint(0, highest), chance.choice(RATES)) for _ in range(chance.randint(1, 6))]
    goods = sum(quantity * price for quantity, price, _ in lines)
    included = chance.random() < 0.5
    discount = chance.randint(0, goods)
    shipping = chance.choice((0, chance.randint(0, highest)))
    rate = chance.choice(RATES)
    return reckon(lines, discount=discount, shipping=shipping, shipping_rate=rate, tax_included=included), included


def adds_up(order: OrderSum, *, included: bool) -> bool:
    """Say whether every cent of an order is accounted for."""
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    tax = 0 if included else order.tax
    shared = sum(one.discount for one in order.lines) == order.discount
    fair = all(0 <= line.discount <= line.quantity * line.unit_price for line in order.lines)
    return shared and fair and order.total == goods - order.discount + order.shipping + tax


def refund_all(chance: random.Random) -> tuple[int, list[int]]:
    """Return what a line came to, and what went back for it in random pieces until nothing was left."""
    quantity, total = chance.randint(1, 12), chance.randint(0, 10_000_000)
    back: list[int] = []
    before = 0
    while before < quantity:
        units = chance.randint(1, quantity - before)
        back.append(refund_of(total, quantity, before, units))
        before += units
    return total, back


def test_reckon_adds_up_to_the_cent_when_a_hundred_thousand_orders_are_placed() -> None:
    chance = random.Random(20261122)
    placed = (random_order(chance) for _ in range(ORDERS))
    assert [order for order, included in placed if not adds_up(order, included=included)] == []


def test_refund_of_pieces_comes_to_what_was_paid_and_never_beyond_when_everything_comes_back() -> None:
    chance = random.Random(7)
    made = (refund_all(chance) for _ in range(ORDERS))
    assert [total for total, back in made if left_to_refund(total, back) or min(back) < 0] == []


@given(st.integers(-(10**15), 10**15), st.lists(st.integers(0, 10**9), min_size=1, max_size=50))
def test_prorate_gives_every_cent_to_somebody(amount: int, weights: list[int]) -> None:
    parts = prorate(amount, weights)
    total = sum(weights) or len(weights)
    fair = [Fraction(amount * (weight if sum(weights) else 1), total) for weight in weights]
    assert (sum(parts), all(abs(part - share) < 1 for part, share in zip(parts, fair, strict=True))) == (amount, True)


def test_prorate_refuses_when_there_is_nobody_to_give_it_to() -> None:
    with pytest.raises(ValueError, match="nobody"):
        prorate(1, [])


@pytest.mark.parametrize(("before", "units"), [(0, 4), (3, 1), (-1, 1), (0, -1)])
def test_refund_of_refuses_when_more_units_come_back_than_were_sold(before: int, units: int) -> None:
    with pytest.raises(ValueError, match="units"):
        refund_of(900, 3, before, units)


SHOWN = [(1234, "EUR", "12.34 EUR"), (-5, "USD", "-0.05 USD"), (500, "JPY", "500 JPY"), (1, "KWD", "0.001 KWD")]


@pytest.mark.parametrize(("amount", "currency", "text"), SHOWN)
def test_shown_has_the_digits_of_its_currency(amount: int, currency: str, text: str) -> None:
    assert shown(amount, currency) == text


def test_tax_in_is_half_to_even_when_it_falls_between_two_cents() -> None:
    assert [tax_in(gross, Fraction(1, 1)) for gross in (1, 3, 5)] == [0, 2, 2]


def order_of(**fields: object) -> Entity:
    """Return an order that says these things; `lines`: what each line comes to."""
    lines = fields.pop("lines", ())
    values = {path: {"amount": value, "currency": "EUR"} for path, value in fields.items()}
    values |= {f"lines/{n}": {"total": {"amount": value, "currency": "EUR"}} for n, value in enumerate(lines)}  # type: ignore[var-annotated, arg-type]
    return Entity(1, EntityType.ORDER, {path: Golden(value, 0, 1, 1) for path, value in values.items()})


def test_misfits_says_nothing_when_an_order_adds_up() -> None:
    assert misfits(order_of(total=1490, shipping_total=490, lines=(300, 700), paid_total=1490, refunded_total=1490)) == []


def test_misfits_says_nothing_when_a_tip_is_part_of_the_total() -> None:
    assert misfits(order_of(total=1100, tip_total=100, lines=(300, 700), paid_total=1100)) == []


def test_misfits_says_by_how_much_when_an_order_does_not_add_up() -> None:
    assert misfits(order_of(total=1500, shipping_total=490, lines=(300, 700), paid_total=1500, refunded_total=1501)) == [
        "its lines come to 14.90 EUR, its total is 15.00 EUR",
        "15.01 EUR went back of 15.00 EUR paid",
    ]
