"""Money in minor units: exact arithmetic, nothing rounded away.

Currencies have 0, 2, 3 or 4 digits (ISO 4217). Whoever splits an amount gives every cent to somebody; whoever adds never mixes
currencies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Final

from hub.model.values import Doc

_WITHOUT: Final = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_THREE: Final = "BHD IQD JOD KWD LYD OMR TND"
_FOUR: Final = "CLF UYW"
EXPONENTS: Final[dict[str, int]] = {
    **dict.fromkeys(_WITHOUT.split(), 0),
    **dict.fromkeys(_THREE.split(), 3),
    **dict.fromkeys(_FOUR.split(), 4),
}
"""Currencies whose minor unit is not a hundredth (ISO 4217, list one); every other code has two digits."""


def exponent(currency: str) -> int:
    """Return how many digits the minor unit of an ISO 4217 code has."""
    return EXPONENTS.get(currency, 2)


def shown(amount: int, currency: str) -> str:
    """Return an amount as people read it: `12.34 EUR`, `500 JPY`."""
    digits = exponent(currency)
    return f"{Decimal(amount).scaleb(-digits):.{digits}f} {currency}"


def prorate(amount: int, weights: Sequence[int]) -> list[int]:
    """Split an amount by weights so that the parts add up to it exactly (largest remainders, earlier ones first).

    Weights are not negative; where all are 0 they count as equal. No weights: only 0 can be split.
    """
    if not weights:
        if amount:
            message = "there is nobody to give it to"
            raise ValueError(message)
        return []
    if any(weight < 0 for weight in weights):
        message = "a weight cannot be negative"
        raise ValueError(message)
    total = sum(weights)
    if total == 0:
        weights, total = [1] * len(weights), len(weights)
    sign, size = (-1, -amount) if amount < 0 else (1, amount)
    parts = [size * weight // total for weight in weights]
    rests = sorted(range(len(weights)), key=lambda at: (-(size * weights[at] % total), at))
    for at in rests[: size - sum(parts)]:
        parts[at] += 1
    return [sign * part for part in parts]


def tax_in(gross: int, rate: Fraction) -> int:
    """Return the tax inside a gross amount, in minor units, rounded half to even. `rate`: 19 % is Fraction(19, 100)."""
    return _rounded(gross * rate / (1 + rate))


def tax_on(net: int, rate: Fraction) -> int:
    """Return the tax on a net amount, in minor units, rounded half to even."""
    return _rounded(net * rate)


def _rounded(value: Fraction) -> int:
    return int((Decimal(value.numerator) / Decimal(value.denominator)).quantize(Decimal(1), ROUND_HALF_EVEN))


def total_of(amounts: Iterable[Doc | None]) -> dict[str, int]:
    """Add amounts up: currency -> minor units. What is empty adds nothing."""
    sums: dict[str, int] = {}
    for money in amounts:
        if money is not None:
            sums[money["currency"]] = sums.get(money["currency"], 0) + money["amount"]
    return sums
